"""Where the first draws leave it open, an answer gets another one; else it is not asked again."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from autograder.checking.exercise import CaseSpec
from autograder.checking.handle import LocalHandle
from autograder.checking.properties import Property
from autograder.checking.result import Result
from autograder.checking.run import run_check
from autograder.exercises import EXERCISES
from tests.checking.toy import TOY

LEAST = 10.0
DRAWS = replace(
    TOY,
    outputs=(),
    misconceptions=(),
    arguments=("x",),
    cases=(CaseSpec({"N": 1, "H": 1}),) * 3,
    draw=lambda sizes, scale, g: {"x": torch.randn(3, dtype=torch.float64, generator=g)},
    properties=(
        Property(
            "one is large",
            "too_small",
            "None is large.",
            "",
            lambda trials: None if max(trial.value for trial in trials) >= LEAST else "Small.",
        ),
    ),
    repeats=False,
    enough=lambda trials: trials[-1].value >= LEAST or trials[-1].value < 0,
)


def _asked(*answers: object) -> tuple[Result, int]:
    """The result of an answer that gives these values, one a call, and how often it was called."""
    left = list(answers)

    def scale(x: torch.Tensor) -> object:
        value = left.pop(0)
        if isinstance(value, Exception):
            raise value
        return value

    result = run_check(DRAWS, LocalHandle(scale, DRAWS.calling), 3)
    return result, len(answers) - len(left)


@pytest.mark.parametrize(
    ("answers", "calls", "passed"),
    [
        ((11.0, 12.0, 13.0), 1, True),
        ((5.0, 12.0, 13.0), 2, True),
        ((5.0, 6.0, 13.0), 3, True),
        ((5.0, 6.0, 7.0), 3, False),
        ((-1.0, 12.0, 13.0), 1, False),
        (("a word", 12.0, 13.0), 1, False),
        ((ValueError("no"), 12.0, 13.0), 1, False),
        ((5.0, ValueError("no"), 13.0), 2, False),
    ],
)
def test_asked_until_it_is_settled(answers, calls: int, passed: bool) -> None:
    result, called = _asked(*answers)
    assert (called, result.passed) == (calls, passed)
    assert result.cases == calls


@pytest.mark.parametrize("name", ["train_mlp", "train_convnet"])
def test_each_training_has_digits_of_its_own(name: str) -> None:
    cases = EXERCISES[name].draw_cases(5)
    assert len(cases) == 3
    first, second, third = (case.inputs["X"] for case in cases)
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)
