"""Every wrong answer of every bank is rejected and named; every right one gets full marks."""

from __future__ import annotations

import functools
import importlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from autograder import check
from autograder.checking.result import Result
from autograder.exercises import EXERCISES, of_notebook
from tests.exercises.answer_bank import Answer

SEED, ANOTHER_SEED = 20, 4057
#: What the bank must hold for each exercise, at least.
LEAST_WRONG, LEAST_RIGHT = 8, 4
#: Their answers train for seconds: one right answer is enough at the second seed.
TRAINING = ("train", "train_model", "capstone")
#: Diagnoses that say where an answer goes wrong and not what was misunderstood.
UNNAMED = {"different", "not_finite", "raised"}
NOTEBOOKS = sorted(
    {(e.assignment, e.notebook) for e in EXERCISES.values()} - {("00_start_here",) * 2}
)


def _bank(assignment: str, notebook: str) -> tuple[list[Answer], list[Answer]]:
    module = f"tests.exercises.bank_unit{assignment[:2]}_{notebook}"
    bank = importlib.import_module(module)
    return bank.WRONG, bank.RIGHT


def _exercises() -> list[Any]:
    """Each exercise with its wrong and right answers; those of a notebook go to one worker."""
    return [
        pytest.param(
            *(
                [answer for answer in answers if answer.exercise == name]
                for answers in _bank(*book)
            ),
            id=name,
            marks=pytest.mark.xdist_group(f"bank_{book[0]}_{book[1]}"),
        )
        for book in NOTEBOOKS
        for name in (e.name for e in of_notebook(*book))
    ]


EVERY_EXERCISE = pytest.mark.parametrize(("wrong", "right"), _exercises())
EVERY_NOTEBOOK = pytest.mark.parametrize(
    ("assignment", "notebook"),
    [
        pytest.param(*name, marks=pytest.mark.xdist_group(f"bank_{name[0]}_{name[1]}"))
        for name in NOTEBOOKS
    ],
)


@functools.cache
def found(answer: Answer, seed: int = SEED) -> Result:
    """What the answer's check finds."""
    result: Result = getattr(check, answer.exercise)(answer.function, seed=seed)
    return result


def test_every_bank_belongs_to_a_notebook() -> None:
    files = {path.name for path in Path(__file__).parent.glob("bank_unit*.py")}
    assert {f"bank_unit{a[:2]}_{n}.py" for a, n in NOTEBOOKS} <= files


@EVERY_EXERCISE
def test_every_wrong_answer_is_rejected_and_named(wrong: list[Answer], right: list[Answer]) -> None:
    misjudged = [
        f"{answer.id}: {found(answer)}"
        for answer in wrong
        if found(answer).passed
        or found(answer).score >= found(answer).max_score
        or found(answer).diagnoses != answer.diagnosis
    ]
    assert not misjudged, "\n".join(misjudged)


@EVERY_EXERCISE
@pytest.mark.parametrize("seed", [SEED, ANOTHER_SEED])
def test_every_right_answer_gets_full_marks(
    wrong: list[Answer], right: list[Answer], seed: int
) -> None:
    training = bool(right) and EXERCISES[right[0].exercise].driver in TRAINING
    refused = [
        f"{answer.id}: {found(answer, seed)}"
        for answer in (right[:1] if training and seed == ANOTHER_SEED else right)
        if not found(answer, seed).passed
        or found(answer, seed).score != pytest.approx(EXERCISES[answer.exercise].points)
    ]
    assert not refused, "\n".join(refused)


@EVERY_NOTEBOOK
def test_nineteen_of_twenty_wrong_answers_are_named(assignment: str, notebook: str) -> None:
    wrong = _bank(assignment, notebook)[0]
    unnamed = [answer.id for answer in wrong if not set(found(answer).diagnoses) - UNNAMED]
    named = 1 - len(unnamed) / len(wrong)
    assert named >= 0.95, f"named: {named:.1%}; not named: {', '.join(unnamed)}"


@EVERY_NOTEBOOK
def test_forbidden_calls_score_nothing(assignment: str, notebook: str) -> None:
    forbidden = [a for a in _bank(assignment, notebook)[0] if a.diagnosis == ("forbidden_call",)]
    assert forbidden
    assert {answer.id: found(answer).score for answer in forbidden if found(answer).score} == {}


@EVERY_NOTEBOOK
def test_bank_holds_enough_of_each_exercise(assignment: str, notebook: str) -> None:
    wrong, right = (Counter(a.exercise for a in answers) for answers in _bank(assignment, notebook))
    names = {
        e.name for e in EXERCISES.values() if (e.assignment, e.notebook) == (assignment, notebook)
    }
    assert set(wrong) == set(right) == names
    assert {name: wrong[name] for name in names if wrong[name] < LEAST_WRONG} == {}
    assert {name: right[name] for name in names if right[name] < LEAST_RIGHT} == {}


@EVERY_NOTEBOOK
def test_every_answer_has_a_name_and_a_reason_of_its_own(assignment: str, notebook: str) -> None:
    wrong, right = _bank(assignment, notebook)
    for answers in (wrong, right):
        assert [name for name, n in Counter(answer.id for answer in answers).items() if n > 1] == []
    assert [answer.id for answer in wrong if not answer.why] == []
