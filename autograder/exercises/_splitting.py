"""What must hold of a split into training and test rows; scikit-learn's own as an example."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor

from autograder.checking.properties import Property, Trial
from autograder.checking.recipes import Seeded

NAMES = ("X_train", "X_test", "y_train", "y_test")


def scikit_learn_split(
    X: Tensor, y: Tensor, test_fraction: float, rng: Seeded
) -> tuple[Tensor, ...]:
    """`sklearn.model_selection.train_test_split` of X (N, D) and y (N,)."""
    from sklearn.model_selection import train_test_split

    state = rng.seed % 2**32
    parts = train_test_split(X.numpy(), y.numpy(), test_size=test_fraction, random_state=state)
    return tuple(torch.from_numpy(part) for part in parts)


def _form(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        value = trial.value
        if value is None:
            return "Nothing came back. Is a `return` missing?"
        if not isinstance(value, list | tuple) or len(value) != 4:
            return "Four arrays are asked for: X_train, X_test, y_train, y_test."
        D = trial.inputs["X"].shape[1]
        for name, part in zip(NAMES, value, strict=True):
            if not isinstance(part, Tensor) or not part.is_floating_point():
                return f"`{name}` is no array of numbers."
            wide = part.dim() == 2 and part.shape[1] == D
            if name[0] == "X" and not wide:
                return f"`{name}` has shape {tuple(part.shape)}; it should have {D} columns."
            if name[0] == "y" and part.dim() != 1:
                return f"`{name}` has shape {tuple(part.shape)}; it should have one axis."
        if len(value[0]) != len(value[2]) or len(value[1]) != len(value[3]):
            return f"X has {len(value[0])} and {len(value[1])} rows, y {len(value[2])} and " + (
                f"{len(value[3])}: each part of X needs as many labels as rows."
            )
    return None


def _sizes(trial: Trial) -> tuple[set[int], int]:
    """The sizes that a test set may have, and the one it has."""
    wanted = len(trial.inputs["X"]) * trial.inputs["test_fraction"]
    near = round(wanted, 9)  # 0.3 * 10 is a little more than 3 in floating point
    return {math.floor(near), math.ceil(near)}, len(trial.value[1])


def _swapped(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        wanted, _ = _sizes(trial)
        if len(trial.value[0]) not in wanted or len(trial.value[1]) in wanted:
            return None
    return "The larger part came back as the test set."


def _wrong_sizes(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        wanted, found = _sizes(trial)
        if found not in wanted:
            n, share = len(trial.inputs["X"]), trial.inputs["test_fraction"]
            return f"{share:g} of {n} rows are asked for; your test set has {found}."
    return None


def rows_of(trial: Trial, part: Tensor) -> list[int]:
    """Which rows of X the rows of `part` are; -1 for one that is none of them."""
    places = {tuple(row): i for i, row in enumerate(trial.inputs["X"].tolist())}
    return [places.get(tuple(row), -1) for row in part.tolist()]


def _lost(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        found = rows_of(trial, trial.value[0]) + rows_of(trial, trial.value[1])
        if -1 in found:
            return "There are rows that are no rows of X."
        if sorted(found) != list(range(len(trial.inputs["X"]))):
            both = set(rows_of(trial, trial.value[0])) & set(rows_of(trial, trial.value[1]))
            if both:
                return f"{len(both)} rows are in the training and in the test set."
            return "A row is missing, or there twice."
    return None


def _apart(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        for X, y in ((trial.value[0], trial.value[2]), (trial.value[1], trial.value[3])):
            rows = torch.tensor(rows_of(trial, X))
            if not torch.equal(trial.inputs["y"][rows], y.double()):
                return "A row of X stands beside the label of another one."
    return None


def _unshuffled(trials: Sequence[Trial]) -> str | None:
    regular = (
        evenly_spaced(rows_of(trial, trial.value[1]), len(trial.inputs["X"])) for trial in trials
    )
    says = "The test set is always a run of neighbours, or of rows at one distance."
    return says if all(regular) else None


def evenly_spaced(rows: Sequence[int], n: int) -> bool:
    """Whether the gaps between `rows`, around the end of n rows as well, are all one but one.

    True of an end, of a window wherever it lies, and of every k-th row; of ten shuffled rows out of
    forty in one case of some seven million.
    """
    order = sorted(rows)
    gaps = Counter(b - a for a, b in itertools.pairwise([*order, *(i + n for i in order[:1])]))
    return sum(gaps.values()) - max(gaps.values(), default=0) <= 1


def _always_the_same(trials: Sequence[Trial]) -> str | None:
    first, second = (rows_of(trial, trial.value[1]) for trial in trials[:2])
    same = "Two different generators gave the same split."
    return same if sorted(first) == sorted(second) else None


PROPERTIES = (
    Property(
        "four arrays",
        "wrong_form",
        "What came back is not the four arrays that are asked for, in their order.",
        "X_train (N - M, D), X_test (M, D), y_train (N - M,), y_test (M,).",
        _form,
        needed=True,
    ),
    Property(
        "training part first",
        "train_and_test_swapped",
        "The training and the test part are exchanged.",
        "`test_fraction` is the share of the test part, which comes second.",
        _swapped,
        needed=True,
    ),
    Property(
        "sizes",
        "wrong_sizes",
        "The test part is too large or too small.",
        "It has N * test_fraction rows, rounded up or down.",
        _wrong_sizes,
    ),
    Property(
        "each row once",
        "rows_lost_or_repeated",
        "The two parts together are not each row of X once.",
        "One permutation of all row numbers, cut in two. A draw with replacement repeats rows.",
        _lost,
        needed=True,
        weight=2.0,
    ),
    Property(
        "rows keep their labels",
        "rows_without_their_labels",
        "X and y were not cut and shuffled alike.",
        "Use the same row numbers for X and for y.",
        _apart,
        weight=2.0,
    ),
    Property(
        "shuffled",
        "not_shuffled",
        "The rows were not shuffled before they were cut.",
        "Data often come sorted: by class, by date. `rng.permutation(n)` gives an order.",
        _unshuffled,
    ),
    Property(
        "the generator decides",
        "generator_ignored",
        "The split does not depend on the generator that is passed in.",
        "Use `rng` itself, not a generator or a seed of your own.",
        _always_the_same,
    ),
)
