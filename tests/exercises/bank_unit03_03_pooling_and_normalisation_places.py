"""Pools whose windows begin at the wrong places, or are padded with a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.exercises.answer_bank import Bank

bank = Bank()


def pair(value: Any) -> Any:
    return (value, value) if isinstance(value, int) else value


def pooled(
    reduce: Callable[[Any], Any],
    fill: float,
    start: Callable[[int, int, int], int] = lambda i, s, k: i * s,
) -> Any:
    def answer(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
        (kh, kw), (sr, sc), (pr, pc) = pair(kernel), pair(stride), pair(padding)
        N, C, H, W = x.shape
        wide = x.new_full((N, C, H + 2 * pr, W + 2 * pc), fill)
        wide[:, :, pr : pr + H, pc : pc + W] = x
        y = x.new_empty(N, C, (H + 2 * pr - kh) // sr + 1, (W + 2 * pc - kw) // sc + 1)
        for i in range(y.shape[2]):
            for j in range(y.shape[3]):
                top, left = start(i, sr, kh), start(j, sc, kw)
                y[:, :, i, j] = reduce(wide[:, :, top : top + kh, left : left + kw])
        return y

    return answer


def largest(window: Any) -> Any:
    return window.amax(dim=(2, 3))


def mean(window: Any) -> Any:
    return window.mean(dim=(2, 3))


LOW = float("-inf")
for exercise, reduce, fill in (("max_pool2d", largest, LOW), ("avg_pool2d", mean, 0.0)):
    bank.right_ones(exercise, by_places=pooled(reduce, fill))
    bank.wrong_ones(
        exercise,
        ("by_the_kernel", "stride_is_the_kernel", "i * kh.",
         pooled(reduce, fill, lambda i, s, k: i * k)),
        ("one_apart", "stride_ignored", "i : i + kh.", pooled(reduce, fill, lambda i, s, k: i)),
    )  # fmt: skip
bank.wrong_ones(
    "max_pool2d",
    ("large_number", "padded_with_a_number", "-1e9.", pooled(largest, -1e9)),
    ("two_axes", "values_and_indices", "max((2, 3)).", pooled(lambda v: v.max((2, 3)), LOW)),
    ("twice", "values_and_indices", "max(2).max(2).", pooled(lambda v: v.max(2).max(2), LOW)),
)


def share_without_axes(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    (kh, kw), (sr, sc), (pr, pc) = pair(kernel), pair(stride), pair(padding)
    N, C, H, W = x.shape
    wide = x.new_zeros(N, C, H + 2 * pr, W + 2 * pc)
    for i in range(dy.shape[2]):
        for j in range(dy.shape[3]):
            wide[:, :, i * sr : i * sr + kh, j * sc : j * sc + kw] += dy[:, :, i, j] / (kh * kw)
    return wide[:, :, pr : pr + H, pc : pc + W]


bank.wrong_ones(
    "avg_pool2d_backward",
    ("without_axes", "elementwise_sizes_differ", "dy[:, :, i, j].", share_without_axes),
)
