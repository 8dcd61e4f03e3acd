"""Answers to `train_test_split`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.exercises.answer_bank import Bank

bank = Bank()
Array = NDArray[np.float64]
EXERCISE = "train_test_split"


def cut(X: Array, y: Array, order: Any, n_test: int) -> tuple[Array, ...]:
    test, train = order[:n_test], order[n_test:]
    return X[train], X[test], y[train], y[test]


def rounded(X: Array, fraction: float) -> int:
    return round(len(X) * fraction)


@bank.right(EXERCISE)
def permutation(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    return cut(X, y, rng.permutation(len(X)), rounded(X, test_fraction))


@bank.right(EXERCISE)
def rounded_up(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    n_test = math.ceil(round(len(X) * test_fraction, 9))
    return cut(X, y, rng.permutation(len(X)), n_test)


@bank.right(EXERCISE)
def shuffled_list(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    order = list(range(len(X)))
    rng.shuffle(order)
    n_train = len(X) - int(round(len(X) * test_fraction, 9))
    train, test = order[:n_train], order[n_train:]
    return [X[train], X[test], y[train], y[test]]


@bank.right(EXERCISE)
def chosen_test_rows(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    chosen = rng.choice(len(X), rounded(X, test_fraction), replace=False)
    test = np.zeros(len(X), dtype=bool)
    test[chosen] = True
    return X[~test], X[test], y[~test], y[test]


@bank.wrong(EXERCISE, "not_shuffled", "generator_ignored")
def first_rows(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Cuts the data where they are."""
    return cut(X, y, np.arange(len(X)), rounded(X, test_fraction))


@bank.wrong(EXERCISE, "not_shuffled", "generator_ignored")
def last_rows(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Cuts at the other end."""
    return cut(X, y, np.arange(len(X))[::-1], rounded(X, test_fraction))


@bank.wrong(EXERCISE, "not_shuffled")
def random_window(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Neighbours, from a random row on."""
    order = np.roll(np.arange(len(X)), rng.integers(len(X)))
    return cut(X, y, order, rounded(X, test_fraction))


@bank.wrong(EXERCISE, "train_and_test_swapped")
def test_first(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Returns the test part first."""
    X_train, X_test, y_train, y_test = permutation(X, y, test_fraction, rng)
    return X_test, X_train, y_test, y_train


@bank.wrong(EXERCISE, "wrong_form")
def pairs(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Another order of the four."""
    X_train, X_test, y_train, y_test = permutation(X, y, test_fraction, rng)
    return X_train, y_train, X_test, y_test


@bank.wrong(EXERCISE, "rows_without_their_labels")
def two_permutations(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Shuffles X and y one after the other."""
    X, y = rng.permutation(X), rng.permutation(y)
    return cut(X, y, rng.permutation(len(X)), rounded(X, test_fraction))


@bank.wrong(EXERCISE, "rows_without_their_labels")
def labels_forgotten(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Shuffles X and leaves y."""
    n_test = rounded(X, test_fraction)
    X = X[rng.permutation(len(X))]
    return X[n_test:], X[:n_test], y[n_test:], y[:n_test]


@bank.wrong(EXERCISE, "rows_lost_or_repeated")
def with_replacement(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """`rng.integers`: rows twice, rows never."""
    order = rng.integers(len(X), size=len(X))
    return cut(X, y, order, rounded(X, test_fraction))


@bank.wrong(EXERCISE, "rows_lost_or_repeated")
def test_rows_also_trained_on(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Keeps all rows for training."""
    order = rng.permutation(len(X))
    test = order[: rounded(X, test_fraction)]
    return X[order], X[test], y[order], y[test]


@bank.wrong(EXERCISE, "wrong_sizes")
def always_a_fifth(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Ignores the fraction."""
    return cut(X, y, rng.permutation(len(X)), len(X) // 5)


@bank.wrong(EXERCISE, "wrong_sizes")
def one_row_short(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Off by one."""
    return cut(X, y, rng.permutation(len(X)), int(len(X) * test_fraction) - 1)


@bank.wrong(EXERCISE, "wrong_sizes")
def a_coin_for_each_row(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Right on average only."""
    test = rng.random(len(X)) < test_fraction
    return X[~test], X[test], y[~test], y[test]


@bank.wrong(EXERCISE, "generator_ignored")
def own_seed(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Seeds a generator of its own, so every split is the same."""
    return permutation(X, y, test_fraction, np.random.default_rng(42))


@bank.wrong(EXERCISE, "generator_ignored")
def global_generator(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Uses the global generator."""
    return cut(X, y, np.random.permutation(len(X)), rounded(X, test_fraction))


@bank.wrong(EXERCISE, "input_changed")
def in_place(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Shuffles the caller's arrays."""
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    n_test = rounded(X, test_fraction)
    return X[n_test:].copy(), X[:n_test].copy(), y[n_test:].copy(), y[:n_test].copy()


@bank.wrong(EXERCISE, "wrong_form")
def row_numbers(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Returns indices."""
    order = rng.permutation(len(X))
    n_test = rounded(X, test_fraction)
    return order[n_test:], order[:n_test]


@bank.wrong(EXERCISE, "forbidden_call")
def scikit_learn(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Lets scikit-learn do it."""
    from sklearn.model_selection import train_test_split

    return train_test_split(X, y, test_size=test_fraction, random_state=int(rng.integers(9)))


@bank.wrong(EXERCISE, "not_started")
def stub(X: Array, y: Array, test_fraction: float, rng: Any) -> Any:
    """Nothing yet."""
    raise NotImplementedError("write this")
