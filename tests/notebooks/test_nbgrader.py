"""nbgrader's own commands work on the course: generate, autograde, feedback, export, validate."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.exercises import EXERCISES, of_notebook
from autograder.notebooks.cells import is_written
from tests.conftest import ROOT
from tests.warm_commands import run_command

pytestmark = [pytest.mark.nbgrader, pytest.mark.xdist_group("nbgrader")]
NOTEBOOK = "01_gates"
WRITTEN = 3  # points of the answer a person marks
CODE = sum(exercise.points for exercise in of_notebook("05_lstm", NOTEBOOK))
#: Lost by returning c for h in lstm_cell: half of it, and all of what is built on it.
LOST = EXERCISES["lstm_cell"].points / 2 + EXERCISES["lstm_forward"].points


def _nbgrader(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command("nbgrader", arguments, course, os.environ)


def _submit(course: Path, student: str, notebook) -> None:
    folder = course / "submitted" / student / "05_lstm"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{NOTEBOOK}.ipynb")


def _released(course: Path, answers: dict[str, str]):
    """The released notebook with some solution cells filled in."""
    notebook = nbformat.read(course / "release/05_lstm" / f"{NOTEBOOK}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    return notebook


def _solutions() -> dict[str, str]:
    source = nbformat.read(ROOT / "source/05_lstm" / f"{NOTEBOOK}.ipynb", as_version=4)
    return {c.id: c.source for c in source.cells if c.metadata.get("nbgrader", {}).get("solution")}


def _setup() -> str:
    source = nbformat.read(ROOT / "source/05_lstm" / f"{NOTEBOOK}.ipynb", as_version=4)
    return next(cell.source for cell in source.cells if cell.id == "setup")


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course folder with a released assignment and four graded submissions."""
    course = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    (course / "source" / "05_lstm").mkdir(parents=True)
    shutil.copy(ROOT / "source" / "05_lstm" / f"{NOTEBOOK}.ipynb", course / "source" / "05_lstm")
    made = _nbgrader(course, "generate_assignment", "05_lstm")
    assert made.returncode == 0, made.stderr
    right = _solutions()
    noisy = 'import sys, warnings\nwarnings.warn("old")\nprint("hm", file=sys.stderr)\n'
    warns = right["forget_gate"].replace(
        "    ### BEGIN", '    import warnings\n    warnings.warn("mine")\n    ### BEGIN'
    )
    half = right["lstm_cell"].replace("return hidden_state(o_t, c_t), c_t", "return c_t, c_t")
    assert half != right["lstm_cell"]
    skipped = _released(course, {})
    for cell in skipped.cells:
        if cell.id.startswith("test_"):
            cell.metadata["tags"] = ["skip-execution"]
    _submit(course, "skips", skipped)
    silence = "get_ipython().ast_node_interactivity = 'none'\n"
    _submit(course, "silences", _released(course, {"setup": silence + _setup()}))
    loud = "import os, logging\nlogging.basicConfig()\n" + _setup()
    logs = right["forget_gate"].replace(
        "    ### BEGIN", '    logging.warning("mine")\n    os.write(2, b"raw")\n    ### BEGIN'
    )
    _submit(course, "logs", _released(course, right | {"setup": loud, "forget_gate": logs}))
    _submit(course, "right", _released(course, right))
    _submit(course, "blank", _released(course, {}))
    _submit(course, "warns", _released(course, right | {"forget_gate": noisy + warns}))
    _submit(course, "half", _released(course, right | {"lstm_cell": half}))
    graded = _nbgrader(course, "autograde", "05_lstm")
    assert graded.returncode == 0, graded.stderr
    return course


def _marks(course: Path, student: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grades = gradebook.find_submission_notebook(NOTEBOOK, "05_lstm", student).grades
        return {grade.name: grade.score for grade in grades}


def test_the_solved_source_gets_every_automatic_point(course) -> None:
    marks = _marks(course, "right")
    assert marks["conveyor_answer"] == 0  # a person marks it
    assert sum(marks.values()) == CODE


def test_the_untouched_release_gets_nothing(course) -> None:
    assert set(_marks(course, "blank").values()) == {0}


def test_a_right_answer_that_warns_is_not_punished(course) -> None:
    assert sum(_marks(course, "warns").values()) == CODE


@pytest.mark.parametrize("student", ["skips", "silences"])
def test_a_check_that_shows_no_result_earns_nothing(course, student) -> None:
    assert set(_marks(course, student).values()) == {0}


def test_a_right_answer_that_logs_to_stderr_is_not_punished(course) -> None:
    assert sum(_marks(course, "logs").values()) == CODE


def test_one_output_of_two_is_worth_half(course) -> None:
    marks = _marks(course, "half")
    assert marks["test_lstm_cell"] == 2
    assert marks["test_lstm_forward"] == 0  # its hidden states feed the next steps
    assert sum(marks.values()) == CODE - LOST


def test_the_written_answer_waits_for_a_person(course) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        submission = gradebook.find_submission("05_lstm", "right")
        assert submission.needs_manual_grade
        assert submission.max_score == CODE + WRITTEN


def test_marking_uses_the_hidden_seed(course) -> None:
    path = course / "autograded/right/05_lstm" / f"{NOTEBOOK}.ipynb"
    cells = {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}
    assert "seed=50211" in cells["test_forget_gate"].source
    shown = cells["test_forget_gate"].outputs[-1].data["text/html"]
    drawn = re.search(r"seed (\d+)", shown)
    assert drawn is not None
    assert drawn[1] != "50211", "the cell's seed is mixed with the run's secret"


def test_feedback_names_the_mistake(course) -> None:
    made = _nbgrader(course, "generate_feedback", "05_lstm")
    assert made.returncode == 0, made.stderr
    page = (course / "feedback/half/05_lstm" / f"{NOTEBOOK}.html").read_text("utf-8")
    assert "cell_returned_as_hidden" in page
    assert "NOT YET" in page


def test_export_lists_the_class(course) -> None:
    made = _nbgrader(course, "export")
    assert made.returncode == 0, made.stderr
    with (course / "grades.csv").open() as file:
        rows = list(csv.DictReader(file))
    scores = {row["student_id"]: float(row["score"]) for row in rows}
    assert (scores.pop("skips"), scores.pop("silences"), scores.pop("logs")) == (0, 0, CODE)
    assert scores == {"right": CODE, "blank": 0, "warns": CODE, "half": CODE - LOST}


def test_validate_is_content_with_a_solved_notebook(course, tmp_path) -> None:
    notebook = _released(course, _solutions())
    nbformat.write(notebook, tmp_path / f"{NOTEBOOK}.ipynb")
    said = _nbgrader(tmp_path, "validate", f"{NOTEBOOK}.ipynb")
    assert "Success! Your notebook passes all the tests." in said.stdout


def test_validate_says_which_mistake(course, tmp_path) -> None:
    wrong = _solutions()["forget_gate"].replace("torch.sigmoid", "torch.tanh")
    notebook = _released(course, _solutions() | {"forget_gate": wrong})
    assert any(is_written(cell) for cell in notebook.cells)
    nbformat.write(notebook, tmp_path / f"{NOTEBOOK}.ipynb")
    said = _nbgrader(tmp_path, "validate", f"{NOTEBOOK}.ipynb")
    assert "VALIDATION FAILED" in said.stdout
    assert "[tanh_for_sigmoid]" in said.stdout
