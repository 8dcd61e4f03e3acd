"""One sum of products, three ways: a loop in Python, one matrix product, PyTorch's convolution.

The problem is one-dimensional, a row of pixels and a few kernels: enough to compare the three.
"""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["agreement", "speeds"]

Numbers = list[float]


def _looped(signal: Numbers, kernels: list[Numbers]) -> list[Numbers]:
    rows = []
    for kernel in kernels:
        row = []
        for start in range(len(signal) - len(kernel) + 1):
            total = 0.0
            for place, weight in enumerate(kernel, start):
                total += signal[place] * weight
            row.append(total)
        rows.append(row)
    return rows


def _ways(signal: Tensor, kernels: Tensor) -> dict[str, Callable[[], Any]]:
    """Three functions without arguments; each gives (kernels, places), maybe with a batch axis."""
    numbers, weights = signal.tolist(), kernels.tolist()
    image, size = signal[None, None, None], (1, kernels.shape[1])  # image is (1, 1, 1, n)
    return {
        "loop": lambda: _looped(numbers, weights),
        "matrix product": lambda: kernels @ nn.functional.unfold(image, size),
        "conv2d": lambda: nn.functional.conv2d(image, kernels[:, None, None]),
    }


def speeds(signal: Tensor, kernels: Tensor, repeats: int = 5) -> dict[str, float]:
    """Seconds that each way takes for signal (n,) and kernels (O, k), the best of some repeats.

    The matrix product includes copying the windows side by side (`im2col`).
    """
    found = {}
    for name, way in _ways(signal, kernels).items():
        taken = []
        for _ in range(1 if name == "loop" else repeats):
            start = time.perf_counter()
            way()
            taken.append(time.perf_counter() - start)
        found[name] = min(taken)
    return found


def agreement(signal: Tensor, kernels: Tensor) -> float:
    """Largest difference between the results of any two of the three ways."""
    shape = (len(kernels), -1)
    results = [torch.as_tensor(way()).view(shape) for way in _ways(signal, kernels).values()]
    return max(float((a - b).abs().max()) for a in results for b in results)
