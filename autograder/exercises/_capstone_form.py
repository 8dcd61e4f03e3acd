"""Whether a capstone gives back a function that answers, for every row and for each row alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checking.project_drivers import ALONE
from autograder.checking.properties import Known, Trial
from autograder.checking.values import describe
from autograder.exercises._capstone_data import CLASSES, NEW
from course import projects

SHAPES: Mapping[str, tuple[int, ...]] = {
    "digits": (NEW,),
    "names": (NEW,),
    "spaces": (NEW, projects.WINDOW),
}
Found = Mapping[str, Any]
#: So many answers of a thousand may tip over where the same sums are added in another order.
TIPPED = 2


def form_fails(trials: Sequence[Trial]) -> str | Known | None:
    """What is wrong with the form of what came back, where no project's is right."""
    problems = [
        form_of(project, found) for trial in trials for project, found in trial.value.items()
    ]
    return None if None in problems else problems[0]


def form_of(project: str, found: Found) -> str | Known | None:
    """What is wrong with the form of one project's answers."""
    if "predict" in found:
        return _no_function(found["predict"])
    answers, shape = found["answers"], SHAPES[project]
    if answers is None:
        return "The function that you return returns nothing itself."
    if not isinstance(answers, Tensor):
        return f"Your function answered with a {describe(answers)}; a tensor is asked for."
    seen = f"For `x_new` of {NEW} rows it answered with a {describe(answers)}."
    scores = (*shape, CLASSES[project])
    if tuple(answers.shape) in (scores, (shape[0], scores[-1], *shape[1:])):
        says = "Scores of every class came back, not answers."
        return Known("scores_returned", says, "The answer is the place of the largest: `argmax`. "
                     "A network gives scores; return a function that asks it.", seen)  # fmt: skip
    if tuple(answers.shape) != shape:
        says = "There is not one answer for each row" + (" and letter." if len(shape) > 1 else ".")
        return Known("wrong_shape", says, f"{shape} is asked for here.", seen)
    return _wrong_labels(project, answers.double())


def _no_function(back: Any) -> str | Known:
    if back is None:
        return "Nothing came back. Is a `return` missing?"
    look = "Define it inside: `def predict(x_new): …`, and return `predict`, without brackets."
    says = "Something other than a function came back."
    return Known("no_function", says, look, f"What came back is a {describe(back)}.")


def _wrong_labels(project: str, answers: Tensor) -> str | Known | None:
    if not bool(answers.isfinite().all()):
        return "There are NaNs or infinities among the answers: did the training run away?"
    least, most = float(answers.min()), float(answers.max())
    whole = bool((answers == answers.round()).all())
    if whole and least >= 0 and most < CLASSES[project]:
        return None
    says = f"Answers are whole numbers from 0 to {CLASSES[project] - 1}, as in `y`."
    look = "`argmax` over the scores of the classes gives them."
    return Known("unknown_label", says, look, f"Yours lie between {least:g} and {most:g}.")


# --- the rows for themselves --------------------------------------------------------------------


def rows_mixed(project: str, found: Found) -> str | Known | None:
    """Whether an answer depends on when it is asked for, or on the other rows."""
    answers = found["answers"]
    again, turned, alone = found["again"], found["turned"], found["alone"]
    if not _same(answers, again, 0):
        share = _share(answers, again)
        return Known("still_training", "The same rows, asked twice, get different answers.",
                     "Dropout is for training. Say `net.eval()` before the function answers.",
                     f"{share:.1%} of the answers were others the second time.")  # fmt: skip
    if isinstance(alone, str):
        return Known("one_row_fails", "For one row alone your function raises an error.",
                     "`squeeze()` takes every axis of size 1 away, that of the rows, too; batch "
                     "norm in training needs several rows: `net.eval()`.", alone)  # fmt: skip
    if not all(isinstance(one, Tensor) and one.numel() for one in alone):
        return "For one row alone no answer came."
    single = torch.cat([one.reshape(1, *answers.shape[1:]) for one in alone])
    if not _same(answers[:ALONE], single, TIPPED):
        share = _share(answers[:ALONE], single)
        return f"{share:.0%} of the answers to {ALONE} rows were others when each was asked alone."
    if not _same(answers, turned.flip(0), TIPPED):
        share = _share(answers, turned.flip(0))
        return f"{share:.0%} of the answers were others when the rows came in another order."
    return None


def _share(a: Tensor, b: Any) -> float:
    """How many answers differ; all where there is nothing to compare."""
    if not isinstance(b, Tensor) or a.shape != b.shape:
        return 1.0
    return float((a.double() != b.double()).double().mean())


def _same(a: Tensor, b: Any, tipped: int) -> bool:
    return _share(a, b) <= tipped / 1000


# --- seeds and ablation -------------------------------------------------------------------------


def seed_fails(project: str, found: Found) -> str | Known | None:
    """Whether the same seed gives other answers, or another seed the same ones."""
    first, again, other, _ = found["few"]
    if not isinstance(first, Tensor):
        return "Trained on few rows, it gave no function that answers."
    if not _same(first, again, TIPPED):
        share = _share(first, again)
        return f"Trained twice with the same seed, it gave {share:.1%} other answers."
    if _says_one_thing(first):
        return None  # too few rows for it to learn anything by: nothing to be told from that
    if _same(first, other, 0):
        return Known("seed_unused", "The seed makes no difference.",
                     "First weights, order of the rows, dropout: all that is random should come "
                     "from `seed`.", "Two different seeds gave the same answers.")  # fmt: skip
    return None


def switch_fails(project: str, found: Found) -> str | None:
    """Whether the ablated model answers as the whole one does."""
    first, *_, ablated = found["few"]
    if not isinstance(ablated, Tensor):
        return "With `ablated=True` it gave no function that answers."
    if not isinstance(first, Tensor) or not _same(first, ablated, 0) or _says_one_thing(first):
        return None
    return "With `ablated=True` and the same seed every answer is the same."


def _says_one_thing(answers: Tensor) -> bool:
    return bool((answers == answers.flatten()[0]).all())
