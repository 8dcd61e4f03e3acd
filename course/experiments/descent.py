"""Gradient descent on a line's two numbers, step by step, by PyTorch's own optimiser."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["loss_surface", "walk"]

Array = NDArray[np.float64]


def loss_surface(x: Array, y: Array, slopes: Array, biases: Array) -> Array:
    """Mean squared error of y = slope x + bias for every pair, (len(biases), len(slopes)).

    x and y are (N,).
    """
    heights = torch.from_numpy(biases[:, None, None] + slopes[None, :, None] * x)
    wanted = torch.from_numpy(y).expand_as(heights)
    squares = torch.nn.functional.mse_loss(heights, wanted, reduction="none")
    return np.asarray(squares.mean(-1))


def walk(
    x: Array,
    y: Array,
    lr: float,
    steps: int,
    batch_size: int | None = None,
    start: Sequence[float] = (0.0, 0.0),
    seed: int = 0,
) -> tuple[Array, Array]:
    """Walk down the mean squared error of a line with `torch.optim.SGD`.

    Args:
        x: where the points are, (N,).
        y: how high they are, (N,).
        lr: learning rate.
        steps: how many steps.
        batch_size: rows in each step, drawn at random; all rows if it is None.
        start: slope and bias at the start.
        seed: of the draws.

    Returns:
        The places, (steps + 1, 2), slope and bias; and the loss on all points there, (steps + 1,).

    Raises:
        ValueError: batch_size is not between 1 and N.

    """
    if batch_size is not None and not 1 <= batch_size <= len(x):
        raise ValueError(f"walk: batch_size is {batch_size}; there are {len(x)} points")
    data = torch.from_numpy(np.stack([x, y], 1))
    line = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([line], lr)
    generator = torch.Generator().manual_seed(seed)
    places, losses = [], []
    for step in range(steps + 1):
        places.append(line.detach().numpy().copy())
        losses.append(_loss(line, data).item())
        if step == steps:
            break
        rows = data if batch_size is None else data[_draw(len(data), batch_size, generator)]
        optimiser.zero_grad()
        _loss(line, rows).backward()
        optimiser.step()
    return np.array(places), np.array(losses)


def _loss(line: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.mse_loss(line[0] * rows[:, 0] + line[1], rows[:, 1])


def _draw(n: int, size: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randperm(n, generator=generator)[:size]
