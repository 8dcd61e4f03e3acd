"""A size is a whole number: an int is right, a float of the same value is not."""

from __future__ import annotations

import pytest
import torch

from autograder.checking.calling import Calling
from autograder.checking.compare import Patch
from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output
from autograder.checking.handle import LocalHandle
from autograder.checking.run import run_check

HALF = Exercise(
    name="half",
    assignment="00_toy",
    notebook="01_toy",
    points=2,
    arguments=("n", "pair", "nothing"),
    outputs=(Output("half", (), number=True),),
    cases=(CaseSpec({"n": 3}), CaseSpec({"n": 1}, dtype=torch.float32)),
    draw=lambda sizes, scale, g: {"n": 2 * sizes["n"], "pair": (1, 2), "nothing": None},
    oracle=lambda n, pair, nothing: torch.tensor(n // 2),
    misconceptions=(
        Misconception("doubled", "doubled", "look", lambda n, pair, nothing: torch.tensor(2 * n)),
    ),
)


def _run(answer):
    return run_check(HALF, LocalHandle(answer, Calling(HALF.arguments)), 3)


@pytest.mark.parametrize(
    "answer",
    [
        lambda n, pair, nothing: n // 2,
        lambda n, pair, nothing: n // pair[1],
        lambda n, pair, nothing: torch.tensor(n // 2),
        lambda n, pair, nothing: torch.tensor(n // 2, dtype=torch.int32),
    ],
    ids=["int", "of the pair", "tensor", "int32"],
)
def test_whole_numbers_are_right(answer) -> None:
    result = _run(answer)
    assert result.passed, str(result)


@pytest.mark.parametrize(
    ("answer", "diagnosis"),
    [
        (lambda n, pair, nothing: n / 2, "float_for_int"),
        (lambda n, pair, nothing: torch.tensor(n) / 2, "float_for_int"),
        (lambda n, pair, nothing: n * 2.0, "doubled"),
        (lambda n, pair, nothing: n // 2 + 1, "different"),
        (lambda n, pair, nothing: [n // 2], "wrong_type"),
        (lambda n, pair, nothing: str(n // 2), "wrong_type"),
    ],
    ids=["float", "float tensor", "a known mistake", "another number", "list", "text"],
)
def test_anything_else_is_told(answer, diagnosis) -> None:
    result = _run(answer)
    assert result.score == 0
    assert result.diagnoses == (diagnosis,)


def test_pairs_and_none_arrive_as_they_are() -> None:
    seen = []

    def answer(n, pair, nothing):
        seen.append((pair, nothing))
        return n // 2

    assert _run(answer).passed
    assert set(seen) == {((1, 2), None)}


def test_whole_numbers_are_shown_in_full() -> None:
    patch = Patch(((1004.0,),), ((1006.0,),), ((True,),), "")
    assert patch.digits(3) == 4
    assert Patch(((0.5,),), ((1006.0,),), ((True,),), "").digits(3) == 3
    assert Patch(((float("nan"),),), ((1006.0,),), ((True,),), "").digits(3) == 3
