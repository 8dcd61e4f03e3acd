"""Answers to `confusion_matrix`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "confusion_matrix"


@bank.right(EXERCISE)
def loop(y: Any, y_hat: Any, n_classes: int) -> Any:
    counts = np.zeros((n_classes, n_classes), dtype=int)
    for true, said in zip(y, y_hat, strict=True):
        counts[true, said] += 1
    return counts


@bank.right(EXERCISE)
def add_at(y: Any, y_hat: Any, n_classes: int) -> Any:
    counts = np.zeros((n_classes, n_classes))
    np.add.at(counts, (y, y_hat), 1)
    return counts


@bank.right(EXERCISE)
def bincount(y: Any, y_hat: Any, n_classes: int) -> Any:
    flat = np.bincount(y * n_classes + y_hat, minlength=n_classes**2)
    return flat.reshape(n_classes, n_classes)


@bank.right(EXERCISE)
def one_hot_product(y: Any, y_hat: Any, n_classes: int) -> Any:
    eye = np.eye(n_classes, dtype=np.int32)
    return eye[y].T @ eye[y_hat]


@bank.wrong(EXERCISE, "transposed")
def predicted_rows(y: Any, y_hat: Any, n_classes: int) -> Any:
    """Rows predicted, columns true."""
    return loop(y_hat, y, n_classes)


@bank.wrong(EXERCISE, "repeats_counted_once")
def fancy_plus(y: Any, y_hat: Any, n_classes: int) -> Any:
    """`+=` at repeated places."""
    counts = np.zeros((n_classes, n_classes), dtype=int)
    counts[y, y_hat] += 1
    return counts


@bank.wrong(EXERCISE, "shares_for_counts")
def normalised(y: Any, y_hat: Any, n_classes: int) -> Any:
    """Divides each row by its sum."""
    counts = loop(y, y_hat, n_classes)
    return counts / np.maximum(counts.sum(1, keepdims=True), 1)


@bank.wrong(EXERCISE, "shares_for_counts")
def normalised_without_a_guard(y: Any, y_hat: Any, n_classes: int) -> Any:
    """The same, where a class that never comes makes NaN."""
    counts = loop(y, y_hat, n_classes)
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(1, keepdims=True)


@bank.wrong(EXERCISE, "shares_of_everything")
def divided_by_n(y: Any, y_hat: Any, n_classes: int) -> Any:
    """Divides by N."""
    return loop(y, y_hat, n_classes) / len(y)


@bank.wrong(EXERCISE, "only_right_ones")
def diagonal(y: Any, y_hat: Any, n_classes: int) -> Any:
    """Counts hits."""
    return np.diag([((y == c) & (y_hat == c)).sum() for c in range(n_classes)])


@bank.wrong(EXERCISE, "only_mistakes")
def mistakes(y: Any, y_hat: Any, n_classes: int) -> Any:
    """Counts misses."""
    counts = loop(y, y_hat, n_classes)
    np.fill_diagonal(counts, 0)
    return counts


@bank.wrong(EXERCISE, "one_too_many")
def from_ones(y: Any, y_hat: Any, n_classes: int) -> Any:
    """Starts from ones."""
    return loop(y, y_hat, n_classes) + np.ones((n_classes, n_classes), dtype=int)


@bank.wrong(EXERCISE, "last_row_left_out")
def range_too_short(y: Any, y_hat: Any, n_classes: int) -> Any:
    """`range(len(y) - 1)`."""
    counts = np.zeros((n_classes, n_classes), dtype=int)
    for i in range(len(y) - 1):
        counts[y[i], y_hat[i]] += 1
    return counts


@bank.wrong(EXERCISE, "labels_from_one")
def one_based(y: Any, y_hat: Any, n_classes: int) -> Any:
    """Thinks that classes start at 1."""
    counts = np.zeros((n_classes, n_classes), dtype=int)
    for true, said in zip(y, y_hat, strict=True):
        counts[true - 1, said - 1] += 1
    return counts


@bank.wrong(EXERCISE, "labels_against_themselves")
def same_twice(y: Any, y_hat: Any, n_classes: int) -> Any:
    """Uses y for both."""
    return loop(y, y, n_classes)


@bank.wrong(EXERCISE, "wrong_shape")
def classes_seen(y: Any, y_hat: Any, n_classes: int) -> Any:
    """Takes the number of classes from the labels."""
    return loop(np.minimum(y, y.max()), np.minimum(y_hat, y.max()), int(y.max()) + 1)


@bank.wrong(EXERCISE, "wrong_type")
def nested_lists(y: Any, y_hat: Any, n_classes: int) -> Any:
    """A list of lists."""
    return loop(y, y_hat, n_classes).tolist()


@bank.wrong(EXERCISE, "nothing_returned")
def no_return(y: Any, y_hat: Any, n_classes: int) -> Any:
    """Forgets to return."""
    loop(y, y_hat, n_classes)


@bank.wrong(EXERCISE, "forbidden_call")
def scikit_learn(y: Any, y_hat: Any, n_classes: int) -> Any:
    """Lets scikit-learn do it."""
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(y, y_hat, labels=range(n_classes))
