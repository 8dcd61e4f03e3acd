"""Where numbers of finite length give way: overflow, underflow, and differences that drown."""

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["difference_errors", "fate"]

Array = NDArray[np.float64]


def difference_errors(
    f: Callable[[Array], Array], slope: float, at: float, steps: Array, dtype: DTypeLike
) -> tuple[Array, Array]:
    """Errors of one-sided and two-sided difference quotients of f, computed in `dtype`.

    slope is f's true one at the place `at`; steps are the widths h. Returns two arrays of the
    shape of steps: |quotient - slope| for each width, one-sided first.
    """
    x, h = np.asarray(at, dtype), steps.astype(dtype)
    up, down = f(x + h), f(x - h)
    one = (up - f(x)) / h
    two = (up - down) / (2 * h)
    return np.abs(one.astype(float) - slope), np.abs(two.astype(float) - slope)


def fate(
    function: Callable[[Array], Array], inputs: Array, truth: Array, harmless: float = 0.0
) -> list[str]:
    """What becomes of each input: `right`, `wrong`, `zero`, `inf` or `nan`.

    function maps inputs, (N,) or (N, D), to (N,) in their dtype; truth (N,) is what it should
    give, float64. Right is within one per cent, or no further off than `harmless`; zero is a true
    number that came out as 0.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = np.asarray(function(inputs), dtype=float)
    words = []
    for value, true in zip(found, truth, strict=True):
        if np.isnan(value):
            words.append("nan")
        elif np.isinf(value) and np.isfinite(true):
            words.append("inf")
        elif value == true or abs(value - true) <= max(0.01 * abs(true), harmless):
            words.append("right")
        else:
            words.append("zero" if value == 0 else "wrong")
    return words
