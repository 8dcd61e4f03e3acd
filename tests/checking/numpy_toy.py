"""Small NumPy exercises of the tests' own: one compared, one judged by properties."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output
from autograder.checking.guard import Guard
from autograder.checking.handle import LocalHandle
from autograder.checking.properties import Property, Trial
from autograder.checking.recipes import Formula, Seeded
from autograder.checking.result import Result
from autograder.checking.run import run_check
from autograder.checking.values import Inputs

SIZES = ({"N": 12, "D": 5}, {"N": 1, "D": 4}, {"N": 3, "D": 2})


def _draw(sizes: Any, scale: float, g: torch.Generator) -> Inputs:
    return {"x": torch.randn(sizes["N"], sizes["D"], dtype=torch.float64, generator=g), "k": 2.5}


#: `center(x, k) -> (y, norm)`: k x minus its column means, and one number.
CENTER = Exercise(
    name="center",
    assignment="00_toy",
    notebook="01_toy",
    points=4,
    arguments=("x", "k"),
    outputs=(Output("y", ("N", "D"), (0,)), Output("norm", (), (1,))),
    cases=tuple(map(CaseSpec, SIZES)),
    draw=_draw,
    oracle=lambda x, k: (k * (x - x.mean(0)), torch.linalg.norm(x)),
    misconceptions=(
        Misconception("by_row", "rows", "look", lambda x, k: (k * (x - x.mean(1, keepdim=True)),
                                                              torch.linalg.norm(x))),
    ),
    guard=Guard(modules=("torch",), says="NumPy only."),
    library="numpy",
)  # fmt: skip


def _rows(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        if sorted(trial.value.tolist()) != sorted(trial.inputs["x"].tolist()):
            return "A row is missing, or there twice."
    return None


def _mixed(trials: Sequence[Trial]) -> str | None:
    same = all(torch.equal(trial.value, trial.inputs["x"]) for trial in trials)
    return "The rows stand as they came." if same else None


def _in_form(trials: Sequence[Trial]) -> str | None:
    good = all(
        isinstance(trial.value, Tensor) and trial.value.shape == trial.inputs["x"].shape
        for trial in trials
    )
    return None if good else "An array of x's shape is asked for."


def _draw_rows(sizes: Any, scale: float, g: torch.Generator) -> Inputs:
    return {
        "x": torch.randn(sizes["N"], sizes["D"], dtype=torch.float64, generator=g),
        "rng": Seeded(int(torch.randint(2**31, (1,), generator=g))),
    }


def _shuffled(x: Tensor, rng: Seeded) -> Tensor:
    return x[torch.from_numpy(rng.make("numpy").permutation(len(x)))]


#: `shuffle(x, rng)`: the rows of x in another order.
SHUFFLE = Exercise(
    name="shuffle",
    assignment="00_toy",
    notebook="01_toy",
    points=3,
    arguments=("x", "rng"),
    outputs=(),
    cases=tuple(map(CaseSpec, SIZES)),
    draw=_draw_rows,
    oracle=_shuffled,
    misconceptions=(),
    properties=(
        Property("form", "wrong_form", "The form is wrong.", "look", _in_form, needed=True),
        Property("each row once", "rows_lost", "Rows are lost.", "look", _rows),
        Property("another order", "not_shuffled", "Nothing was shuffled.", "look", _mixed),
    ),
    library="numpy",
)

#: `slope(f, x)`: the sum of f's gradient, given a function that crosses as its formula.
SLOPE = Exercise(
    name="slope",
    assignment="00_toy",
    notebook="01_toy",
    points=1,
    arguments=("f", "x"),
    outputs=(Output("value", ()),),
    cases=tuple(map(CaseSpec, SIZES)),
    draw=lambda sizes, scale, g: {
        "f": Formula("np.sum(a * np.tanh(x))", {"a": [1.5] * sizes["D"]}),
        "x": torch.randn(sizes["D"], dtype=torch.float64, generator=g),
    },
    oracle=lambda f, x: f.make("torch")(x),
    misconceptions=(),
    library="numpy",
)


def run(exercise: Exercise, answer: Callable[..., Any], seed: int = 7) -> Result:
    return run_check(exercise, LocalHandle(answer, exercise.calling), seed)
