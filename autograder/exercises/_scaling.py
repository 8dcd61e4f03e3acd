"""Columns brought to mean 0 and spread 1 by scikit-learn, and known wrong ways."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.compare import UnreadableError
from autograder.checking.exercise import Misconception
from autograder.checking.values import Inputs, Value

Pair = tuple[Tensor, Tensor]


def _scaled(fitted_on: Tensor, *shown: Tensor, **changes: Any) -> tuple[Tensor, ...]:
    """`shown`, scaled with the statistics of `fitted_on` by `sklearn`'s StandardScaler."""
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler(**changes).fit(fitted_on.numpy())
    return tuple(torch.from_numpy(scaler.transform(part.numpy())) for part in shown)


def scikit_learn_scaling(X_train: Tensor, X_test: Tensor) -> Pair:
    """Both parts with the training part's mean and standard deviation."""
    train, test = _scaled(X_train, X_train, X_test)
    return train, test


def _own_statistics(X_train: Tensor, X_test: Tensor) -> Pair:
    return _scaled(X_train, X_train)[0], _scaled(X_test, X_test)[0]


def _own_mean(X_train: Tensor, X_test: Tensor) -> Pair:
    spread = _guarded(X_train.std(0, correction=0))
    return (X_train - X_train.mean(0)) / spread, (X_test - X_test.mean(0)) / spread


def _of_everything(X_train: Tensor, X_test: Tensor) -> Pair:
    train, test = _scaled(torch.cat([X_train, X_test]), X_train, X_test)
    return train, test


def _test_statistics(X_train: Tensor, X_test: Tensor) -> Pair:
    train, test = _scaled(X_test, X_train, X_test)
    return train, test


def _by(statistics: Callable[[Tensor], tuple[Tensor, Tensor]]) -> Callable[[Tensor, Tensor], Pair]:
    """Minus one statistic of X_train and over another."""

    def answer(X_train: Tensor, X_test: Tensor) -> Pair:
        place, spread = statistics(X_train)
        return (X_train - place) / spread, (X_test - place) / spread

    return answer


#: What is smaller is the rounding of a constant column: all others have a spread of 0.1 and more.
ROUNDING = 1e-12


def _guarded(spread: Tensor) -> Tensor:
    return torch.where(spread < ROUNDING, torch.ones_like(spread), spread)


def _as_numpy_says(X: Tensor) -> Pair:
    """Mean and spread to the last bit as NumPy gives them, whose rounding is what is divided by."""
    return torch.from_numpy(X.numpy().mean(0)), torch.from_numpy(X.numpy().std(0))


def _exactly_zero(X: Tensor) -> Pair:
    mean, spread = _as_numpy_says(X)
    return mean, torch.where(spread == 0, torch.ones_like(spread), spread)


def both(inputs: Inputs, value: Value) -> Tensor:
    """The rows of X_train and then those of X_test, of what came back. Raises UnreadableError."""
    parts = value if isinstance(value, list | tuple) else ()
    columns = inputs["X_train"].shape[1:]
    if len(parts) != 2 or not all(
        isinstance(part, Tensor) and part.dim() == 2 and part.shape[1:] == columns for part in parts
    ):
        raise UnreadableError("wrong_type", "X_train and X_test are asked for, as they came in.")
    return torch.cat([part.double() for part in parts])


def in_both(inputs: Inputs, index: tuple[int, ...]) -> str:
    """Where an element of `both` lies."""
    row, column, train = *index, len(inputs["X_train"])
    part = f"X_train, row {row}" if row < train else f"X_test, row {row - train}"
    return f"{part}, feature {column}"


def _of_a_sample(X: Tensor) -> Tensor:
    """The spread with ddof 1, as NumPy gives it: NaN for a single row."""
    n = len(X)
    return X.std(0, correction=0) * (math.sqrt(n / (n - 1)) if n > 1 else math.nan)


def _only_train(X_train: Tensor, X_test: Tensor) -> Pair:
    return scikit_learn_scaling(X_train, X_test)[0], X_test


def _constant_wiped(X_train: Tensor, X_test: Tensor) -> Pair:
    train, test = scikit_learn_scaling(X_train, X_test)
    return train, torch.where(X_train.std(0, correction=0) < ROUNDING, 0.0, test)


def _constant_kept(X_train: Tensor, X_test: Tensor) -> Pair:
    train, test = scikit_learn_scaling(X_train, X_test)
    flat = X_train.std(0, correction=0) < ROUNDING
    return torch.where(flat, X_train, train), torch.where(flat, X_test, test)


def _swapped(X_train: Tensor, X_test: Tensor) -> Pair:
    return scikit_learn_scaling(X_train, X_test)[::-1]


def _padded(eps: float, X: Tensor) -> Pair:
    mean, spread = _as_numpy_says(X)
    return mean, spread + eps


def _nan_to_num(X_train: Tensor, X_test: Tensor) -> Pair:
    mean, spread = _as_numpy_says(X_train)
    return ((X_train - mean) / spread).nan_to_num(), ((X_test - mean) / spread).nan_to_num()


_TRAIN = "The test part is the future: measure mean and spread on X_train, use them on both."
MISCONCEPTIONS = (
    Misconception(
        "own_statistics_for_the_test_part",
        "X_test was standardised with its own mean and spread.",
        _TRAIN,
        _own_statistics,
    ),
    Misconception(
        "own_statistics_for_the_test_part",
        "X_test was standardised with its own mean and spread.",
        _TRAIN,
        lambda X_train, X_test: tuple(_by(_exactly_zero)(X, X)[0] for X in (X_train, X_test)),
    ),
    Misconception(
        "test_part_not_centred",
        "X_test was divided by the training spread, but the training mean was not subtracted.",
        "Measure the mean once, before anything is changed: after `X_train -= mean` it is 0.",
        lambda X_train, X_test: (
            scikit_learn_scaling(X_train, X_test)[0],
            _scaled(X_train, X_test, with_mean=False)[0],
        ),
    ),
    Misconception(
        "own_mean_for_the_test_part",
        "X_test was centred with its own mean.",
        _TRAIN,
        _own_mean,
    ),
    Misconception(
        "test_rows_in_the_statistics",
        "Mean and spread were measured on training and test rows together.",
        _TRAIN,
        _of_everything,
    ),
    Misconception(
        "statistics_of_the_test_part",
        "Mean and spread were measured on X_test.",
        _TRAIN,
        _test_statistics,
    ),
    Misconception(
        "test_part_left_as_it_was",
        "X_test came back as it was.",
        "The model has learnt on standardised columns: it needs the same ones later.",
        _only_train,
    ),
    Misconception(
        "spread_of_a_sample",
        "The spread was divided by N - 1 (ddof=1).",
        "NumPy's `std` divides by N, and so does scikit-learn.",
        _by(lambda X: (X.mean(0), _guarded(_of_a_sample(X)))),
    ),
    Misconception(
        "spread_of_a_sample",
        "The spread was divided by N - 1 (ddof=1).",
        "NumPy's `std` divides by N, and so does scikit-learn.",
        _by(lambda X: (X.mean(0), _guarded(_of_a_sample(X).nan_to_num()))),
    ),
    Misconception(
        "not_centred",
        "The columns are scaled, but the mean was not subtracted.",
        "First minus the mean, then over the standard deviation.",
        lambda X_train, X_test: tuple(_scaled(X_train, X_train, X_test, with_mean=False)),
    ),
    Misconception(
        "not_scaled",
        "The columns are centred, but not divided by their standard deviation.",
        "First minus the mean, then over the standard deviation.",
        lambda X_train, X_test: tuple(_scaled(X_train, X_train, X_test, with_std=False)),
    ),
    Misconception(
        "variance_for_spread",
        "The columns were divided by their variance.",
        "The standard deviation is its root.",
        _by(lambda X: (X.mean(0), _guarded(X.var(0, correction=0)))),
    ),
    Misconception(
        "constant_column_divided_by_zero",
        "A column that is constant in X_train was divided by its spread, which is 0.",
        "Where the spread is 0, only centre.",
        _by(_as_numpy_says),
    ),
    Misconception(
        "rounding_taken_for_spread",
        "A column that is constant in X_train was divided by its rounding error: the mean of seven "
        "times 0.1 is not quite 0.1, so the spread is not quite 0.",
        "Don't ask whether the spread is exactly 0: are the column's largest and smallest number "
        "equal, or is the spread tiny beside the mean? There, only centre.",
        _by(_exactly_zero),
    ),
    Misconception(
        "constant_column_divided_by_zero",
        "A column that is constant in X_train was divided by its spread, which is 0.",
        "Where the spread is 0, only centre.",
        _nan_to_num,
    ),
    *(
        Misconception(
            "constant_column_blown_up",
            "A column that is constant in X_train was divided by a tiny number.",
            "Something small added to the spread is no help in X_test: where it is 0, only centre.",
            _by(functools.partial(_padded, eps)),
        )
        for eps in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
    ),
    Misconception(
        "constant_column_wiped",
        "A column that is constant in X_train was set to 0 in X_test, too.",
        "Centre it with the training mean, and leave what is left.",
        _constant_wiped,
    ),
    Misconception(
        "constant_column_not_centred",
        "A column that is constant in X_train was left as it was.",
        "Where the spread is 0, do not divide; but do subtract the mean.",
        _constant_kept,
    ),
    Misconception(
        "rows_for_columns",
        "Each row was standardised; the columns are the features.",
        "A mean over the rows is `mean(axis=0)`.",
        lambda X_train, X_test: (_by_row(X_train), _by_row(X_test)),
    ),
    Misconception(
        "one_scale_for_all",
        "One mean and one spread were used for all columns together.",
        "Each column has its own: `axis=0`.",
        _by(lambda X: (X.mean(), _guarded(X.std(correction=0)))),
    ),
    Misconception(
        "range_for_spread",
        "The columns were scaled to 0 … 1 by their smallest and largest value.",
        "Minus the mean, over the standard deviation.",
        _by(lambda X: (X.amin(0), _guarded(X.amax(0) - X.amin(0)))),
    ),
    Misconception(
        "median_for_mean",
        "The median was subtracted; the mean was asked for.",
        "`mean(axis=0)`.",
        _by(lambda X: (X.quantile(0.5, 0), _guarded(X.std(0, correction=0)))),
    ),
    Misconception(
        "mean_added",
        "The mean was added.",
        "Minus the mean, over the standard deviation.",
        _by(lambda X: (-X.mean(0), _guarded(X.std(0, correction=0)))),
    ),
    Misconception(
        "parts_swapped",
        "Both parts are right, but in the wrong order.",
        "Return X_train first.",
        _swapped,
    ),
)


def _by_row(X: Tensor) -> Tensor:
    return (X - X.mean(1, keepdim=True)) / _guarded(X.std(1, correction=0, keepdim=True))
