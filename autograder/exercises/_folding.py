"""What must hold of the folds of a cross-validation; scikit-learn's own as an example."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from autograder.checking.properties import Property, Trial
from autograder.checking.recipes import Seeded
from autograder.checking.values import Value
from autograder.exercises._splitting import evenly_spaced


def scikit_learn_folds(n: int, k: int, rng: Seeded) -> list[tuple[Tensor, Tensor]]:
    """`sklearn.model_selection.KFold` of n rows, shuffled: k pairs (train_idx, val_idx)."""
    from sklearn.model_selection import KFold

    folds = KFold(k, shuffle=True, random_state=rng.seed % 2**32).split([[0]] * n)
    return [(torch.from_numpy(train), torch.from_numpy(held)) for train, held in folds]


def _indices(value: Value) -> list[int] | None:
    """Row numbers from an array or a list of them, or None where it is none."""
    if isinstance(value, Tensor):
        whole = not value.is_floating_point() and not value.is_complex()
        good = value.dim() == 1 and whole and value.dtype != torch.bool
        return [int(i) for i in value] if good else None
    if isinstance(value, list | tuple) and all(type(i) is int for i in value):
        return list(value)
    if isinstance(value, list | tuple) and all(
        isinstance(i, Tensor) and i.dim() == 0 for i in value
    ):
        return [int(i) for i in value]
    return None


def _pairs(trial: Trial) -> list[tuple[list[int], list[int]]]:
    pairs = []
    for train, held in trial.value:
        first, second = _indices(train), _indices(held)
        pairs.append((first or [], second or []))
    return pairs


def _form(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        n, k = trial.inputs["n"], trial.inputs["k"]
        if trial.value is None:
            return "Nothing came back. Is a `return` missing?"
        if len(trial.value) != k:
            return f"{k} pairs are asked for; yours are {len(trial.value)}."
        for pair in trial.value:
            if not isinstance(pair, list | tuple) or len(pair) != 2:
                return "Each is a pair: (train_idx, val_idx)."
            indices = [_indices(part) for part in pair]
            if indices[0] is None or indices[1] is None:
                return "Each part is an array of row numbers, whole numbers along one axis."
            if not set(indices[0]) | set(indices[1]) <= set(range(n)):
                return f"A row number lies outside 0 … {n - 1}."
    return None


def _swapped(trials: Sequence[Trial]) -> str | None:
    trial = trials[0]
    held = all(len(train) * 2 < trial.inputs["n"] < 2 * len(val) for train, val in _pairs(trial))
    return "In every pair the first part is the small one." if held else None


def _not_covering(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        held = sorted(i for _, val in _pairs(trial) for i in val)
        if held != list(range(trial.inputs["n"])):
            twice = len(held) != len(set(held))
            return "A row is held out twice." if twice else "A row is never held out."
    return None


def _leaking(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        for train, val in _pairs(trial):
            if set(train) & set(val):
                return "A row is in the training and in the validation part of one fold."
    return None


def _wasting(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        for train, val in _pairs(trial):
            rest = trial.inputs["n"] - len(set(val))
            if len(set(train) - set(val)) < rest:
                return "There are rows that are in neither part of a fold."
            if len(train) > len(set(train)):
                return "A row is there twice in one training part."
    return None


def _uneven(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        sizes = [len(val) for _, val in _pairs(trial)]
        if max(sizes) - min(sizes) > 1:
            return f"{trial.inputs['n']} rows in {trial.inputs['k']} folds of {sizes}."
    return None


def _unshuffled(trials: Sequence[Trial]) -> str | None:
    """Whether each fold is a run of neighbours, or every k-th row, in all cases."""
    for trial in trials:
        if trial.inputs["n"] == trial.inputs["k"]:
            continue
        if not all(evenly_spaced(val, trial.inputs["n"]) for _, val in _pairs(trial)):
            return None
    return "Every fold is a run of neighbours, or every k-th row."


def _always_the_same(trials: Sequence[Trial]) -> str | None:
    first, second = ([sorted(val) for _, val in _pairs(trial)] for trial in trials[:2])
    return "Two different generators gave the same folds." if first == second else None


PROPERTIES = (
    Property(
        "k pairs",
        "wrong_form",
        "What came back is not k pairs of row numbers.",
        "A list (or a generator) of k pairs (train_idx, val_idx), each an array of whole numbers.",
        _form,
        needed=True,
    ),
    Property(
        "training part first",
        "train_and_validation_swapped",
        "The two parts of each pair are exchanged.",
        "First the rows to train on, the k - 1 other folds; then the fold that is held out.",
        _swapped,
        needed=True,
    ),
    Property(
        "each row held out once",
        "rows_not_held_out_once",
        "The validation parts together are not each row once.",
        "One permutation, cut into k pieces: each piece is held out in its turn.",
        _not_covering,
        weight=2.0,
    ),
    Property(
        "nothing held out is trained on",
        "validation_rows_in_training",
        "Rows that are held out are trained on as well, so they measure nothing.",
        "The training part is every row except the fold's own.",
        _leaking,
        weight=2.0,
    ),
    Property(
        "all other rows are trained on",
        "training_rows_lost",
        "A training part is not all the rows that are not held out, each once.",
        "Join the k - 1 other pieces.",
        _wasting,
    ),
    Property(
        "even folds",
        "uneven_folds",
        "The folds' sizes differ by more than one.",
        "n rows in k folds: the first n % k folds get one more. `np.array_split` does that.",
        _uneven,
    ),
    Property(
        "shuffled",
        "not_shuffled",
        "The rows were not shuffled before they were cut.",
        "Data often come sorted. `rng.permutation(n)` gives an order.",
        _unshuffled,
    ),
    Property(
        "the generator decides",
        "generator_ignored",
        "The folds do not depend on the generator that is passed in.",
        "Use `rng` itself, not a generator or a seed of your own.",
        _always_the_same,
    ),
)
