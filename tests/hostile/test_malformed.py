"""Broken, odd and honest submissions, and odd student ids, through the real command."""

from __future__ import annotations

import json

import nbformat
import pytest

from tests.hostile.hostile_class import (
    HONEST,
    SECRET,
    Attack,
    GradedClass,
    Submission,
    graded_class,
)
from tests.hostile.malformed import FILES, HONEST_WAYS, MALFORMED, VIEWER

pytestmark = [pytest.mark.nbgrader, pytest.mark.xdist_group("hostile-malformed")]
ATTACKS = (*MALFORMED, *FILES, *VIEWER, *HONEST_WAYS)
ODD_NAMES = ("=1+1", "a\nb", "'; drop table student; --", "..x", "-rf", "x" * 200, "<script>")
ODD_BUT_FINE = ("o.neil+2", "zoë", "x y")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    return graded_class(tmp_path_factory.mktemp("hostile") / "malformed", ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_it_gets_the_mark_that_its_answers_earn(course: GradedClass, attack: Attack) -> None:
    assert course.mark(attack.name) == attack.expected, course.incidents(attack.name)
    assert attack.incident in course.incidents(attack.name)


@pytest.mark.parametrize("attack", HONEST_WAYS, ids=lambda attack: attack.name)
def test_honest_ways_make_no_stir(course: GradedClass, attack: Attack) -> None:
    assert course.incidents(attack.name) == ""


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_what_is_written_is_a_notebook_that_holds_no_secret(
    course: GradedClass, attack: Attack
) -> None:
    for name, data in course.autograded(attack.name).items():
        if name.endswith(".ipynb"):
            nbformat.validate(nbformat.reads(data.decode(), as_version=4))
        assert SECRET.encode() not in data.replace(b'secret = \\"' + SECRET.encode(), b""), name


@pytest.mark.parametrize("attack", VIEWER, ids=lambda attack: attack.name)
def test_nothing_that_a_browser_runs_is_left_in_outputs(
    course: GradedClass, attack: Attack
) -> None:
    for book in ("checks", "plain"):
        notebook = json.loads(course.autograded(attack.name)[f"{book}.ipynb"])
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                continue
            for output in cell.get("outputs", ()):
                for mime, value in output.get("data", {}).items():
                    assert mime in ("text/plain", "text/html", "image/png", "text/markdown")
                    if mime == "text/html":
                        low = value.lower()
                        for bad in ("<script", "onerror", "onload", "javascript:", "<iframe",
                                    "position", "<style", "<meta", "<base", "<form"):  # fmt: skip
                            assert bad not in low
            if cell["cell_type"] == "markdown" and "pwned" in cell["source"]:
                assert "```text" in cell["source"]


@pytest.mark.parametrize("student", HONEST)
def test_the_honest_are_judged_as_without_the_others(
    course: GradedClass, honest: GradedClass, student: str
) -> None:
    assert course.verdict(student) == honest.verdict(student)
    assert course.autograded(student) == honest.autograded(student)


def test_odd_names_are_refused_and_said(course: GradedClass) -> None:
    for name in (*ODD_NAMES, *ODD_BUT_FINE):
        course.hand_in(name, Submission(course.release, ("square",)))
    said = course.grade()
    for name in ODD_BUT_FINE:
        assert course.mark(name) == 3
    for name in ODD_NAMES:
        assert not (course.root / "autograded" / name).exists()
    assert said.count("is no student id") == len(ODD_NAMES)
    assert f"{len(ODD_BUT_FINE)} submissions graded" in said
