"""One notebook through the whole judge, with a plan made by hand."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.judging import judge
from autograder.judging.judge import Job, Terms, judge_submission, with_student
from autograder.judging.limits import Limits
from autograder.judging.plan import AssignmentPlan, NotebookPlan, SourceCell
from autograder.judging.sandbox import Warm

pytestmark = pytest.mark.xdist_group("sandbox")


def asked(grade_id: str, source: str, **kinds: object) -> SourceCell:
    given = {"locked": False, "grade": False, "solution": False, "task": False, "points": None}
    return SourceCell(grade_id, "code", source, None, **(given | kinds))  # type: ignore[arg-type]


SOLUTION = {"solution": True}
TEST = {"grade": True, "locked": True}
PLAN = NotebookPlan(
    "book",
    (
        asked("double", "def double(x):\n    raise NotImplementedError", **SOLUTION),
        asked(
            "test_double", "assert double(2) == 4\nassert double(SECRET) == 14", points=2, **TEST
        ),
        asked("triple", "def triple(x):\n    raise NotImplementedError", **SOLUTION),
        asked("test_triple", "0.5 if triple(2) == 6 else 0", points=1, **TEST),
        asked("die", "def die():\n    raise NotImplementedError", **SOLUTION),
        asked("test_die", "assert die() is None", points=4, **TEST),
    ),
    ("SECRET = 7",),
    frozenset({"double", "triple", "die"}),
)
ASSIGNMENT = AssignmentPlan("tiny", (PLAN, NotebookPlan("absent", PLAN.cells[:2])))
ANSWERS = {
    "double": "def double(x):\n    return 2 * x",
    "triple": "def triple(x):\n    return x + x + x\nprint(open('data.txt').read())",
    "die": "import os\ndef die(): os._exit(3)",
}


def hand_in(folder: Path, answers: dict[str, str], tests: bool = True) -> Path:
    cells = [new_markdown_cell("# Mine", id="mine")]
    for cell in PLAN.cells:
        if cell.grade and not tests:
            continue
        written = new_code_cell(answers.get(cell.grade_id, cell.source), id=cell.grade_id)
        flags = {"grade": cell.grade, "solution": cell.solution, "locked": cell.locked}
        flags |= {"grade_id": cell.grade_id, "schema_version": 3, "task": False, "points": 1000}
        written.metadata["nbgrader"] = flags
        cells.append(written)
    folder.mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells), folder / "book.ipynb")
    (folder / "data.txt").write_text("beside it")
    return folder


def job(folder: Path) -> Job:
    return Job("ada", folder, ASSIGNMENT, Terms(1, Limits(call_seconds=3)))


def marks(judged: object) -> dict[str, float | None]:
    book = judged.verdict.notebooks[0]  # type: ignore[attr-defined]
    return {mark.grade_id: mark.auto_score for mark in book.marks}


def test_a_submission(warm: Warm, tmp_path: Path) -> None:
    judged = judge_submission(job(hand_in(tmp_path / "s", ANSWERS)), warm)
    assert marks(judged) == {"test_double": 2.0, "test_triple": 0.5, "test_die": 0.0}
    book, absent = judged.verdict.notebooks
    assert {mark.grade_id: mark.max_score for mark in book.marks} == {
        "test_double": 2, "test_triple": 1, "test_die": 4,
    }  # fmt: skip
    assert [mark.auto_score for mark in absent.marks] == [0.0]
    assert absent.text == ""
    assert "cell_died" in {found.kind for found in judged.verdict.all_incidents}
    cells = {cell.id: cell for cell in nbformat.reads(book.text, 4).cells}
    assert cells["triple"].outputs[0].text == "beside it\n"
    assert "SECRET" in cells["test_double"].source
    assert judged.files == {"data.txt": b"beside it"}


def test_the_same_submission_has_the_same_verdict(warm: Warm, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "s", ANSWERS)
    first = judge_submission(job(folder), warm).verdict
    second = judge_submission(job(folder), warm).verdict
    assert first.to_json() == second.to_json()
    assert json.loads(first.to_json())["score"] == 2.5
    other = with_student(first, "ben")
    assert other.to_json() == first.to_json().replace('"ada"', '"ben"')


def test_tests_that_were_taken_out_are_put_back(warm: Warm, tmp_path: Path) -> None:
    judged = judge_submission(job(hand_in(tmp_path / "s", ANSWERS, tests=False)), warm)
    assert marks(judged) == {"test_double": 2.0, "test_triple": 0.5, "test_die": 0.0}
    assert judged.verdict.notebooks[0].incidents


def test_points_that_differ_from_the_definition_are_said(warm: Warm, tmp_path: Path) -> None:
    """Changed in `source/` alone, they would take a third from every right answer."""
    answer = "import numpy as np\ndef mse(X, w, b, y):\n    return np.mean((X @ w + b - y) ** 2)"
    cells = (asked("mse", "", **SOLUTION), asked("test_mse", "check.mse(mse)", points=3, **TEST))
    plan = replace(PLAN, cells=cells, context=(), student_names=frozenset({"mse"}))
    folder = tmp_path / "s"
    folder.mkdir()
    written = new_code_cell(answer, id="mse")
    written.metadata["nbgrader"] = {**SOLUTION, "grade": False, "locked": False, "task": False}
    written.metadata["nbgrader"] |= {"grade_id": "mse", "schema_version": 3}
    nbformat.write(new_notebook(cells=[written]), folder / "book.ipynb")
    given = replace(job(folder), plan=AssignmentPlan("tiny", (plan,)))
    judged = judge_submission(given, warm)
    assert marks(judged) == {"test_mse": 2.0}
    (said,) = [i for i in judged.verdict.all_incidents if i.kind == "points_disagree"]
    assert said.for_instructor
    assert "worth 3, but its check gives 2 of 2" in said.says


def test_an_untouched_notebook_has_no_points(warm: Warm, tmp_path: Path) -> None:
    judged = judge_submission(job(hand_in(tmp_path / "s", {})), warm)
    assert set(marks(judged).values()) == {0.0}


def test_what_is_no_notebook(warm: Warm, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "s", ANSWERS)
    (folder / "book.ipynb").write_text("{")
    judged = judge_submission(job(folder), warm)
    assert judged.verdict.score == 0
    assert judged.verdict.incidents


def test_all_cells_together_have_a_limit_of_output(warm: Warm, tmp_path: Path) -> None:
    loud = {name: f"{ANSWERS[name]}\nprint({name!r}, 'x' * 6000)" for name in ("double", "triple")}
    limits = Limits(notebook_output=8000)
    folder = hand_in(tmp_path / "s", ANSWERS | loud)
    judged = judge_submission(replace(job(folder), terms=Terms(seed=1, limits=limits)), warm)
    book = nbformat.reads(judged.verdict.notebooks[0].text, as_version=4)
    kept = [len(c.outputs[0].text) for c in book.cells if c.id in loud and c.outputs]
    assert sum(kept) <= 8000
    assert kept[0] > 6000
    assert marks(judged)["test_triple"] == 0.5


def test_what_takes_too_long_to_make_safe_is_shown_plain(
    warm: Warm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> tuple[str, ...]:
        time.sleep(5)
        raise AssertionError("nobody stopped it")

    monkeypatch.setattr(judge, "make_safe", slow)
    monkeypatch.setattr(judge, "CLEANING_SECONDS", 0.05)
    folder = hand_in(tmp_path / "s", ANSWERS | {"double": ANSWERS["double"] + "\nprint('seen')"})
    judged = judge_submission(job(folder), warm)
    book = judged.verdict.notebooks[0]
    assert marks(judged)["test_double"] == 2
    cells = {cell.id: cell for cell in nbformat.reads(book.text, as_version=4).cells}
    assert cells["double"].outputs == []
    assert cells["mine"].source.startswith("*This text is shown as it was typed")
    assert [found.kind for found in book.incidents].count("output_cleaned") == 1


def test_a_forged_frame_is_an_incident(warm: Warm, tmp_path: Path) -> None:
    forged = (
        "import os, socket\n"
        "def double(x):\n"
        "    for number in range(3, 40):\n"
        "        try:\n"
        "            os.write(number, b'\\xff' * 64)\n"
        "        except OSError:\n"
        "            pass\n"
        "    return 2 * x"
    )
    judged = judge_submission(job(hand_in(tmp_path / "s", ANSWERS | {"double": forged})), warm)
    found = judged.verdict.notebooks[0].incidents
    assert ("cell_protocol", "test_double") in {(one.kind, one.where) for one in found}
    assert marks(judged)["test_double"] == 0


def test_a_time_that_is_none_is_an_incident(warm: Warm, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "s", ANSWERS)
    (folder / "timestamp.txt").write_text("yesterday, I promise")
    judged = judge_submission(job(folder), warm)
    assert judged.handed_in is None
    assert "timestamp_unreadable" in {found.kind for found in judged.verdict.incidents}
