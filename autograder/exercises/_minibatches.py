"""What must hold of minibatches; PyTorch's DataLoader as an example."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from autograder.checking.properties import Property, Trial
from autograder.checking.recipes import Seeded

#: From so many rows on, an order that is random does not look like one that is not.
ENOUGH_ROWS = 20


def torch_batches(
    X: Tensor, y: Tensor, batch_size: int, rng: Seeded
) -> Iterator[tuple[Tensor, Tensor]]:
    """`torch.utils.data.DataLoader` with `shuffle=True`."""
    data = TensorDataset(X, y)
    loader = DataLoader(data, batch_size, shuffle=True, generator=rng.make("torch"))
    return [(X_b, y_b) for X_b, y_b in loader]  # type: ignore[return-value]


def _form(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        D = trial.inputs["X"].shape[1]
        if trial.value is None:
            return "Nothing came back. Is a `return`, or a `yield`, missing?"
        for pair in trial.value:
            if not isinstance(pair, list | tuple) or len(pair) != 2:
                return "Each item is a pair, (X_b, y_b)."
            X_b, y_b = pair
            if not all(isinstance(part, Tensor) and part.is_floating_point() for part in pair):
                return "X_b and y_b are arrays of numbers."
            if X_b.dim() != 2 or X_b.shape[1] != D:
                return f"X_b has shape {tuple(X_b.shape)}; it should have {D} columns."
            if y_b.dim() != 1 or len(y_b) != len(X_b):
                return f"y_b has shape {tuple(y_b.shape)} beside {len(X_b)} rows of X_b."
    return None


def _rows(trial: Trial) -> list[int]:
    """Which rows of X came, in their order; -1 for one that is none of them."""
    places = {tuple(row): i for i, row in enumerate(trial.inputs["X"].tolist())}
    return [places.get(tuple(row), -1) for X_b, _ in trial.value for row in X_b.tolist()]


def _batches(trial: Trial) -> list[list[int]]:
    """The same, batch by batch."""
    rows, start, cut = _rows(trial), 0, []
    for X_b, _ in trial.value:
        cut.append(rows[start : start + len(X_b)])
        start += len(X_b)
    return cut


def _lost(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        rows, n = _rows(trial), len(trial.inputs["X"])
        if -1 in rows:
            return "There are rows that are no rows of X."
        if len(rows) != len(set(rows)):
            return "A row came twice."
        if len(rows) < n:
            return f"Of {n} rows {n - len(rows)} never came."
    return None


def _sizes(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        sizes, size = [len(X_b) for X_b, _ in trial.value], trial.inputs["batch_size"]
        n = len(trial.inputs["X"])
        wanted = [size] * (n // size) + ([n % size] if n % size else [])
        if sizes != wanted:
            return f"{n} rows in batches of {size} came as {sizes[:8]}."
    return None


def _apart(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        labels = torch.cat([y_b.double() for _, y_b in trial.value])
        if not torch.equal(trial.inputs["y"][torch.tensor(_rows(trial))], labels):
            return "A row of X stands beside the y of another one."
    return None


def _unshuffled(trials: Sequence[Trial]) -> str | None:
    def in_batches(trial: Trial) -> list[list[int]]:
        rows, size = _rows(trial), trial.inputs["batch_size"]
        return [sorted(rows[i : i + size]) for i in range(0, len(rows), size)]

    several = [trial for trial in trials if len(trial.value) > 1]
    if not several:
        return None  # nothing is cut up: that is for the property of the sizes
    if all(_rows(trial) == sorted(_rows(trial)) for trial in several):
        return "The rows came as they stand in X."
    if all(_follow_on(trial) for trial in several if len(_rows(trial)) >= ENOUGH_ROWS):
        return "Nearly every row is followed by its neighbour in X."
    neighbours = all(
        all(batch == list(range(batch[0], batch[0] + len(batch))) for batch in in_batches(trial))
        for trial in several
    )
    seen = "Every batch is a run of neighbours; only the batches are shuffled."
    return seen if neighbours else None


def _follow_on(trial: Trial) -> bool:
    """Whether half of the rows or more come right after or before their neighbour in X.

    In a random order about 2 do, give or take 1.4, however many there are: half of
    `ENOUGH_ROWS` is more than 5 of those away.
    """
    rows = _rows(trial)
    steps = [abs(b - a) for a, b in itertools.pairwise(rows)]
    return sum(step == 1 for step in steps) >= len(rows) / 2


def _always_the_same(trials: Sequence[Trial]) -> str | None:
    """The first two trials differ in their generators alone.

    By chance one of their five batches of 8 of 40 rows is the same set once in ten million.
    """
    first, second = (_batches(trial) for trial in trials[:2])
    if first == second:
        return "Two different generators gave the same batches."
    size = trials[0].inputs["batch_size"]
    pairs = enumerate(zip(first, second, strict=False), 1)
    same = [i for i, (a, b) in pairs if len(a) == size and set(a) == set(b)]
    if same and _unshuffled(trials):
        return None  # whole batches that change places: that is said already
    if same:
        return f"Two different generators gave the same rows in batch {same[0]}."
    return None


PROPERTIES = (
    Property("pairs", "wrong_form", "What came is not pairs (X_b, y_b).",
             "Yield X_b (B, D) and y_b (B,).", _form, needed=True),
    Property("each row once", "rows_lost_or_repeated", "One pass is not each row once.",
             "One permutation of the row numbers, cut into pieces. The last may be short.", _lost,
             needed=True, weight=2.0),
    Property("batch sizes", "wrong_sizes", "The batches do not have the size that is asked for.",
             "All have batch_size rows, and the last one what is left.", _sizes),
    Property("rows keep their y", "rows_without_their_labels", "X and y were not shuffled alike.",
             "Use the same row numbers for X and for y.", _apart, weight=2.0),
    Property("shuffled", "not_shuffled", "The rows were not shuffled.",
             "`rng.permutation(N)` gives the row numbers in random order.", _unshuffled),
    Property("the generator decides", "generator_ignored",
             "The batches do not depend on the generator that is passed in.",
             "Use `rng` itself, not a generator or a seed of your own.", _always_the_same),
)  # fmt: skip
