"""What `autograder grade` says at the end."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.commands.grade_view import MOST_ROWS, GradeView
from autograder.commands.terminal import out
from autograder.judging.grading import Class, Order
from autograder.judging.pool import Failure
from autograder.judging.verdict import CellMark, Incident, NotebookVerdict, Verdict

COURSE = SimpleNamespace(verdicts=lambda assignment: Path("verdicts") / assignment)


def verdict(
    student: str, score: float, *told: str, incidents: tuple[Incident, ...] = ()
) -> Verdict:
    marks = (
        CellMark("test_a", score, 4.0, {"diagnoses": list(told)}),
        CellMark("test_b", 0.0, 6.0, {"diagnoses": list(told)}),
        CellMark("essay", None, 3.0),
    )
    return Verdict(student, "tiny", 1, (NotebookVerdict("book", marks, incidents=incidents),))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch):
    """A function that grades a class in a view and gives what was printed."""

    def summary(*outcomes: Verdict | Failure, **members: tuple[str, ...]) -> str:
        written = io.StringIO()
        monkeypatch.setattr(sys, "stdout", written)
        monkeypatch.setenv("COLUMNS", "120")
        console = out()
        with GradeView(console, Order("tiny")) as view:
            view.begin(Class(**({"waiting": (), "done": (), "refused": ()} | members)))
            for outcome in outcomes:
                view.add(outcome)
        view.summarise(COURSE)  # type: ignore[arg-type]
        return written.getvalue()

    return summary


def test_the_mean_and_what_waits_for_a_person(said) -> None:
    text = said(verdict("ada", 4), verdict("bo", 1), done=("cy",))
    assert "tiny: 2 submissions graded (1 were graded before)." in text
    assert "Mean mark 2.5 of 10; up to 3 more wait for a person." in text


def test_mistakes_are_counted_by_student(said) -> None:
    text = said(verdict("ada", 0, "tanh_for_sigmoid"), verdict("bo", 0, "not_started"))
    assert "tanh_for_sigmoid (1)" in text
    assert "not_started" not in text


def test_incidents_those_of_the_instructor_apart_and_not_without_end(said) -> None:
    seen = tuple(
        Incident("reached_out", f"cell{n}", "Tried to look.") for n in range(MOST_ROWS + 2)
    )
    mend = Incident("cannot_test", "test_a", "It asks for a lambda.", for_instructor=True)
    text = said(verdict("ada", 4, incidents=(*seen, mend)))
    assert text.index("To mend in the tests") < text.index("It asks for a lambda.")
    assert text.index("It asks for a lambda.") < text.index("To look at")
    assert "… and 2 more, in verdicts/." in text


def test_a_students_words_are_no_markup(said) -> None:
    text = said(
        verdict("[red]ada", 4, incidents=(Incident("x", "[link=a]cell", "\x1b[2J[bold]x"),))
    )
    assert "[red]ada" in text
    assert "[link=a]cell" in text
    assert "\x1b" not in text


def test_who_was_not_graded_and_why(said) -> None:
    text = said(Failure("bo", "the judge was killed"), refused=("../up",))
    assert "Not graded: '../up' is no student id." in text
    assert "Not graded: bo: the judge was killed" in text
    assert "Mean mark" not in text
