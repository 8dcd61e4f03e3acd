"""Answers to `standardise`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.exercises.answer_bank import Bank

bank = Bank()
Array = NDArray[np.float64]
EXERCISE = "standardise"


def guarded(spread: Array) -> Array:
    return np.where(spread < 1e-12, 1.0, spread)


@bank.right(EXERCISE)
def plain(X_train: Array, X_test: Array) -> Any:
    mean, spread = X_train.mean(axis=0), guarded(X_train.std(axis=0))
    return (X_train - mean) / spread, (X_test - mean) / spread


@bank.right(EXERCISE)
def column_by_column(X_train: Array, X_test: Array) -> Any:
    train, test = X_train.copy(), X_test.copy()
    for j in range(X_train.shape[1]):
        mean, spread = X_train[:, j].mean(), X_train[:, j].std()
        train[:, j] -= mean
        test[:, j] -= mean
        if np.ptp(X_train[:, j]) > 0:
            train[:, j] /= spread
            test[:, j] /= spread
    return [train, test]


@bank.right(EXERCISE)
def from_sums(X_train: Array, X_test: Array) -> Any:
    n = len(X_train)
    mean = X_train.sum(0) / n
    centred = X_train - mean
    spread = np.sqrt((centred**2).sum(0) / n)
    spread[spread < 1e-12] = 1
    return centred / spread, (X_test - mean) / spread


@bank.right(EXERCISE)
def with_divide(X_train: Array, X_test: Array) -> Any:
    mean, spread = np.mean(X_train, 0), np.std(X_train, 0)
    out = [
        np.divide(part - mean, spread, out=part - mean, where=spread > 1e-12 * np.abs(mean))
        for part in (X_train, X_test)
    ]
    print("means", mean)
    return out[0], np.asfortranarray(out[1])


def by(mean: Any, spread: Any, *parts: Array) -> Any:
    return tuple((part - mean) / spread for part in parts)


@bank.wrong(EXERCISE, "own_statistics_for_the_test_part")
def each_on_its_own(X_train: Array, X_test: Array) -> Any:
    """Standardises the two parts one after the other."""
    return plain(X_train, X_train)[0], plain(X_test, X_test)[0]


@bank.wrong(EXERCISE, "test_rows_in_the_statistics")
def all_rows(X_train: Array, X_test: Array) -> Any:
    """Measures on everything there is."""
    both = np.concatenate([X_train, X_test])
    return by(both.mean(0), guarded(both.std(0)), X_train, X_test)


@bank.wrong(EXERCISE, "test_part_left_as_it_was")
def only_train(X_train: Array, X_test: Array) -> Any:
    """Forgets the test part."""
    return plain(X_train, X_train)[0], X_test


@bank.wrong(EXERCISE, "spread_of_a_sample")
def ddof(X_train: Array, X_test: Array) -> Any:
    """Divides by N - 1, as pandas does."""
    spread = X_train.std(0, ddof=1)
    return by(X_train.mean(0), guarded(spread), X_train, X_test)


@bank.wrong(EXERCISE, "not_centred")
def only_scaled(X_train: Array, X_test: Array) -> Any:
    """Forgets the mean."""
    return by(0, guarded(X_train.std(0)), X_train, X_test)


@bank.wrong(EXERCISE, "not_scaled")
def only_centred(X_train: Array, X_test: Array) -> Any:
    """Forgets the spread."""
    return by(X_train.mean(0), 1, X_train, X_test)


@bank.wrong(EXERCISE, "variance_for_spread")
def by_variance(X_train: Array, X_test: Array) -> Any:
    """Forgets the root."""
    return by(X_train.mean(0), guarded(X_train.var(0)), X_train, X_test)


@bank.wrong(EXERCISE, "constant_column_divided_by_zero")
def unguarded(X_train: Array, X_test: Array) -> Any:
    """Never met a constant column."""
    return by(X_train.mean(0), X_train.std(0), X_train, X_test)


@bank.wrong(EXERCISE, "rounding_taken_for_spread")
def exactly_zero(X_train: Array, X_test: Array) -> Any:
    """Trusts that equal numbers have a spread of exactly 0."""
    spread = X_train.std(0)
    return by(X_train.mean(0), np.where(spread == 0, 1, spread), X_train, X_test)


@bank.wrong(EXERCISE, "rounding_taken_for_spread")
def exactly_zero_by_column(X_train: Array, X_test: Array) -> Any:
    """The same, a column at a time, and by hand."""
    train, test = X_train.copy(), X_test.copy()
    for j in range(X_train.shape[1]):
        mean = sum(X_train[:, j]) / len(X_train)
        spread = (sum((X_train[:, j] - mean) ** 2) / len(X_train)) ** 0.5 or 1.0
        train[:, j], test[:, j] = (train[:, j] - mean) / spread, (test[:, j] - mean) / spread
    return train, test


@bank.wrong(EXERCISE, "own_statistics_for_the_test_part")
def each_on_its_own_exactly_zero(X_train: Array, X_test: Array) -> Any:
    """Standardises each part by itself, with the spread compared with 0."""
    return tuple(exactly_zero(X, X)[0] for X in (X_train, X_test))


@bank.wrong(EXERCISE, "test_part_not_centred", "input_changed")
def parts_in_place(X_train: Array, X_test: Array) -> Any:
    """`-=`, and the second mean is that of what was centred already."""
    X_train -= X_train.mean(0)
    X_test -= X_train.mean(0)
    spread = guarded(X_train.std(0))
    return X_train / spread, X_test / spread


@bank.wrong(EXERCISE, "own_mean_for_the_test_part")
def own_mean(X_train: Array, X_test: Array) -> Any:
    """The test part minus its own mean, over the training spread."""
    spread = guarded(X_train.std(0))
    return (X_train - X_train.mean(0)) / spread, (X_test - X_test.mean(0)) / spread


@bank.wrong(EXERCISE, "constant_column_blown_up")
def epsilon(X_train: Array, X_test: Array) -> Any:
    """Adds something small, as batch norm does."""
    return by(X_train.mean(0), X_train.std(0) + 1e-8, X_train, X_test)


@bank.wrong(EXERCISE, "constant_column_wiped")
def nan_to_zero(X_train: Array, X_test: Array) -> Any:
    """Divides by 0 and wipes what comes of it."""
    flat = X_train.std(0) == 0
    train, test = plain(X_train, X_test)
    return train, np.where(flat, 0, test)


@bank.wrong(EXERCISE, "constant_column_not_centred")
def skips_constant_columns(X_train: Array, X_test: Array) -> Any:
    """Leaves a constant column alone."""
    flat = X_train.std(0) == 0
    train, test = plain(X_train, X_test)
    return np.where(flat, X_train, train), np.where(flat, X_test, test)


@bank.wrong(EXERCISE, "rows_for_columns")
def axis_one(X_train: Array, X_test: Array) -> Any:
    """The wrong axis."""
    return tuple(
        (X - X.mean(1, keepdims=True)) / guarded(X.std(1, keepdims=True)) for X in (X_train, X_test)
    )


@bank.wrong(EXERCISE, "one_scale_for_all")
def no_axis(X_train: Array, X_test: Array) -> Any:
    """No axis at all."""
    return by(X_train.mean(), guarded(X_train.std()), X_train, X_test)


@bank.wrong(EXERCISE, "range_for_spread")
def min_max(X_train: Array, X_test: Array) -> Any:
    """Another kind of scaling."""
    low, high = X_train.min(0), X_train.max(0)
    return by(low, guarded(high - low), X_train, X_test)


@bank.wrong(EXERCISE, "input_changed")
def in_place(X_train: Array, X_test: Array) -> Any:
    """`-=` on the caller's arrays."""
    mean, spread = X_train.mean(0), guarded(X_train.std(0))
    X_train -= mean
    X_test -= mean
    return X_train / spread, X_test / spread


@bank.wrong(EXERCISE, "wrong_type")
def only_one(X_train: Array, X_test: Array) -> Any:
    """Returns one part."""
    return plain(X_train, X_test)[1]


@bank.wrong(EXERCISE, "forbidden_call")
def scikit_learn(X_train: Array, X_test: Array) -> Any:
    """Lets scikit-learn do it."""
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_test)
