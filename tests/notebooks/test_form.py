"""Every notebook in git is in the form the course keeps; a problem names its cell."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import nbformat
import pytest

from autograder.exercises import of_notebook
from autograder.notebooks.audit import audit_assignment, audit_form
from autograder.notebooks.cells import is_test, is_written
from tests.conftest import ROOT

SOURCES = sorted(ROOT.glob("source/*/*.ipynb"))
LECTURES = sorted(ROOT.glob("course/*.ipynb"))
HOURS = {"four": 4, "two": 2, "two and a half": 2.5, "three": 3, "three and a half": 3.5}


def _read(path: Path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def _none(problems) -> None:
    if problems:
        pytest.fail("\n".join(map(str, problems)), pytrace=False)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES + LECTURES, ids=_name)
def test_a_notebook_is_in_form(path) -> None:
    notebook = _read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    _none(audit_form(notebook))


@pytest.mark.parametrize("path", SOURCES + LECTURES, ids=_name)
def test_the_minutes_of_the_title_are_those_of_the_metadata(path) -> None:
    notebook = _read(path)
    said = re.search(r"\*\*Time\.?\*\* (?:about )?([\w ]+?) ?(minutes|hours)\b",
                     notebook.cells[0].source, re.IGNORECASE)  # fmt: skip
    assert said, "the first cell does not say how long the notebook takes"
    assert notebook.metadata["course"]["minutes"] == (
        int(said[1]) if said[2] == "minutes" else 60 * HOURS[said[1]]
    )


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_grade_ids_and_points_agree_with_the_definitions(path) -> None:
    exercises = of_notebook(path.parent.name, path.stem)
    assert exercises, f"no exercise is defined for {_name(path)}"
    _none(audit_assignment(_read(path), exercises))


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_an_assignment_has_a_written_answer_hints_and_a_check_a_student_may_run(path) -> None:
    notebook = _read(path)
    if path.parent.name != "06_closing":  # whose one written answer is the capstone's model card
        assert any(is_written(cell) for cell in notebook.cells)
    by_id = {cell.id: cell for cell in notebook.cells}
    for exercise in of_notebook(path.parent.name, path.stem):
        slug = exercise.name.replace("_", "-")
        wanted = {f"about-{slug}", f"check-{slug}", f"learnt-{slug}", f"test_{exercise.name}"}
        assert not wanted - set(by_id), f"missing cells: {sorted(wanted - set(by_id))}"
        about = by_id[f"about-{slug}"].source
        assert [f"Hint {n}:" in about for n in (1, 2, 3)] == [True] * 3, exercise.name
        assert "Difficulty" in about
        assert "minutes" in about
        assert "| shape |" in about
        assert by_id[f"check-{slug}"].source == f"check.{exercise.name}({exercise.name})"
        assert "What did you just learn?" in by_id[f"learnt-{slug}"].source
        points = f"{exercise.points:g} point" + "s" * (exercise.points != 1)
        assert points in about, f"about-{slug} does not say {points}"
        test = by_id[f"test_{exercise.name}"]
        assert is_test(test)
        assert "### BEGIN HIDDEN TESTS" in test.source


@pytest.mark.parametrize("path", LECTURES, ids=_name)
def test_every_figure_of_a_lecture_has_alt_text_and_a_takeaway(path) -> None:
    for cell in _read(path).cells:
        calls = cell.source.count("figures.show(") if cell.cell_type == "code" else 0
        assert cell.source.count("alt=") >= calls, cell.id
        assert cell.source.count("takeaway=") >= calls, cell.id


@pytest.mark.parametrize("path", SOURCES + LECTURES, ids=_name)
def test_code_fits_the_page_and_plots_have_the_style_of_the_course(path) -> None:
    cells = [cell for cell in _read(path).cells if cell.cell_type == "code"]
    wide = [cell.id for cell in cells if any(len(line) > 104 for line in cell.source.split("\n"))]
    assert not wide, "lines of more than 104 characters, which a page 1280 wide cuts off"
    text = "\n".join(cell.source for cell in cells)
    assert "matplotlib" not in text or "use_style()" in text


# --- the audit itself finds what it should ------------------------------------------------------


@pytest.fixture
def notebook():
    """A notebook in form: two exercises, made from their definitions."""
    cells = [nbformat.v4.new_markdown_cell("# Title", id="title")]
    cells.append(nbformat.v4.new_code_cell("from autograder import check", id="setup"))
    for exercise in EXERCISES:
        for name, is_graded in ((exercise.name, False), (f"test_{exercise.name}", True)):
            about = {"grade": is_graded, "grade_id": name, "locked": is_graded}
            about |= {"schema_version": 3, "solution": not is_graded, "task": False}
            about |= {"points": exercise.points} if is_graded else {}
            cells.append(nbformat.v4.new_code_cell("...", id=name, metadata={"nbgrader": about}))
    cells.append(nbformat.v4.new_markdown_cell("## End", id="closing"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def test_the_notebook_of_these_tests_is_in_form(notebook) -> None:
    assert _says(notebook) == []


EXERCISES = of_notebook("05_lstm", "01_gates")[1:3]


def _cell(notebook, name):
    return next(cell for cell in notebook.cells if cell.id == name)


def _says(notebook) -> list[str]:
    return [str(p) for p in audit_form(notebook) + audit_assignment(notebook, EXERCISES)]


def test_points_that_differ_are_named(notebook) -> None:
    _cell(notebook, "test_candidate").metadata.nbgrader.points = 1000
    assert _says(notebook) == ["cell 'test_candidate': worth 1000 points here, 2 in its definition"]


def test_a_missing_test_cell_is_named(notebook) -> None:
    notebook.cells.remove(_cell(notebook, "test_candidate"))
    assert _says(notebook) == ["cell 'test_candidate': no test cell with this grade_id"]


def test_a_missing_solution_cell_is_named(notebook) -> None:
    notebook.cells.remove(_cell(notebook, "candidate"))
    assert _says(notebook) == ["cell 'candidate': no solution cell with this grade_id"]


def test_a_duplicated_cell_is_named(notebook) -> None:
    notebook.cells.append(copy.deepcopy(_cell(notebook, "test_candidate")))
    assert "cell 'test_candidate': 2 cells have this grade_id" in _says(notebook)
    assert "cell 'test_candidate': 2 cells have this id" in _says(notebook)


def test_outputs_left_in_are_named(notebook) -> None:
    cell = _cell(notebook, "setup")
    cell.outputs = [nbformat.v4.new_output("stream", text="hello")]
    cell.execution_count = 3
    assert _says(notebook) == [
        "cell 'setup': outputs were left in",
        "cell 'setup': an execution count was left in",
    ]


def test_an_unknown_exercise_is_named(notebook) -> None:
    cell = _cell(notebook, "candidate")
    cell.metadata.nbgrader.grade_id = cell.id = "candidat"
    says = _says(notebook)
    assert "cell 'candidat': no exercise of this name is defined for this notebook" in says
    assert "cell 'candidate': no solution cell with this grade_id" in says


def test_a_foreign_kernel_a_second_title_and_a_random_id_are_named(notebook) -> None:
    notebook.metadata.kernelspec.name = "conda-env-mine"
    _cell(notebook, "closing").source = "# Again"
    _cell(notebook, "setup").id = "3fa9c2d1"
    assert _says(notebook) == [
        "cell '(metadata)': the kernel is 'conda-env-mine'; it should be 'python3'",
        "cell '3fa9c2d1': its id was made by a machine: give it a name that means something",
        "cell '(notebook)': 2 headings of level 1; there should be one",
    ]
