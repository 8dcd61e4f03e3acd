"""What the start page says of the course, and of the student's way through it."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
import torch
from nbformat.v4 import new_output

from autograder import check
from autograder.exercises import of_notebook
from course.figures import progress_map
from course.progress import Unit, survey, syllabus
from tests.conftest import ROOT

GATES = "05_lstm/01_gates.ipynb"


def forget_gate(x_t, h_prev, U_f, W_f):
    return torch.sigmoid(x_t @ U_f + h_prev @ W_f)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Unit 5 alone, as a student has it: its lecture in course/, its notebooks in release/."""
    (tmp_path / "course").mkdir()
    shutil.copy(ROOT / "course/05_long_short_term_memory.ipynb", tmp_path / "course")
    shutil.copytree(ROOT / "release/05_lstm", tmp_path / "release/05_lstm")
    return tmp_path


def _gates(units: tuple[Unit, ...]):
    return {task.name: task for task in units[0].assignments[0].tasks}


def _run(path: Path, cell_id: str, result, count: int) -> None:
    """Save a check's result under a cell, as JupyterLab does."""
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == cell_id)
    data = result._repr_mimebundle_()
    cell.outputs, cell.execution_count = [new_output("display_data", data)], count
    nbformat.write(notebook, path)


def test_the_whole_course_is_there_with_its_minutes_and_points() -> None:
    units = survey(ROOT / "course")
    assert [unit.number for unit in units] == list(range(1, len(units) + 1))
    assert {unit.number: unit.points for unit in units[:5]} == {1: 60, 2: 90, 3: 90, 4: 90, 5: 110}
    for unit in units:
        assert 60 <= unit.minutes <= 120
        for each in unit.assignments:
            assert 30 <= each.minutes <= 240
            asked = [task.name for task in each.tasks if not task.written]
            defined = of_notebook(each.path.parent.name, each.path.stem)
            assert asked == [exercise.name for exercise in defined]


def test_nothing_is_begun_in_the_release() -> None:
    units = survey(ROOT / "course")
    tasks = [task for unit in units for each in unit.assignments for task in each.tasks]
    assert not any(task.begun or task.passed for task in tasks)
    assert sum(unit.earned for unit in units) == 0


def test_a_saved_check_counts_and_the_last_run_goes_before(folder: Path) -> None:
    path = folder / "release" / GATES
    _run(path, "check-forget-gate", check.forget_gate(forget_gate, seed=1), count=7)
    gates = _gates(survey(folder / "course"))
    assert gates["forget_gate"].passed
    assert not gates["input_gate"].begun
    _run(path, "test_forget_gate", check.forget_gate(lambda *a: a[0], seed=1), count=9)
    assert _gates(survey(folder / "course"))["forget_gate"].earned == 0


def test_a_written_answer_is_begun_once_something_is_written(folder: Path) -> None:
    path = folder / "release" / GATES
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if "YOUR ANSWER HERE" in cell.source)
    cell.source = "Because the cell state is added to."
    nbformat.write(notebook, path)
    begun = [task for task in _gates(survey(folder / "course")).values() if task.begun]
    assert [(task.written, task.earned) for task in begun] == [(True, None)]


def test_a_fetched_assignment_goes_before_the_release(folder: Path) -> None:
    shutil.copytree(folder / "release/05_lstm", folder / "05_lstm")
    _run(folder / GATES, "check-forget-gate", check.forget_gate(forget_gate, seed=1), count=1)
    (unit,) = survey(folder / "course")
    assert unit.assignments[0].path == folder / GATES
    assert unit.earned == unit.assignments[0].tasks[0].points


def test_a_lecture_without_its_notebooks_stands_alone(folder: Path) -> None:
    shutil.rmtree(folder / "release")
    (unit,) = survey(folder / "course")
    assert (unit.assignments, unit.points) == ((), 0)
    progress_map((unit,))


def test_a_folder_without_lectures_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path))):
        survey(tmp_path)


def test_the_syllabus_links_to_what_is_there() -> None:
    units = survey(ROOT / "course")
    table = syllabus(units)
    links = re.findall(r'href="([^"]+)"', table)
    assert len(links) == sum(1 + len(unit.assignments) for unit in units)
    for link in links:
        assert (ROOT / "course" / link).is_file()
    assert f"<th>{sum(unit.points for unit in units):g}</th>" in re.sub(
        r" style=\"[^\"]*\"", "", table
    )


def test_the_map_has_a_sign_for_every_task(folder: Path) -> None:
    units = survey(folder / "course")
    tasks = sum(len(each.tasks) for each in units[0].assignments)
    axes = progress_map(units).axes[0]
    assert len(axes.patches) == tasks + 4  # and four in the legend
    assert "0 of 110 points" in [text.get_text() for text in axes.texts]
    with pytest.raises(ValueError, match="no unit"):
        progress_map(())
