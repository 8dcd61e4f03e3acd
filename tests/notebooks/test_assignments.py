"""Every assignment: solved it gets every automatic point, untouched none, through both graders."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.exercises import EXERCISES
from tests.conftest import ROOT
from tests.warm_commands import run_command

ASSIGNMENTS = sorted(path.name for path in (ROOT / "source").iterdir() if path.is_dir())
EVERY = pytest.mark.parametrize(
    "assignment",
    [pytest.param(a, marks=pytest.mark.xdist_group(f"assignment-{a}")) for a in ASSIGNMENTS],
)
#: What to do where `release/` lags behind.
REMEDY = "run `make release` and commit what it makes"
#: All points of an assignment, written answers included, as the course lists them.
POINTS = {
    "01_machine_learning": 60,
    "02_deep_learning": 90,
    "03_cnn": 90,
    "04_rnn": 90,
    "05_lstm": 110,
    "06_closing": 40,
}


def _run(course: Path, *command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = run_command(command[0], command[1:], course, environment)
    assert done.returncode == 0, done.stdout + done.stderr


def _solve(released: Path, source: Path) -> nbformat.NotebookNode:
    """The released notebook with the solutions of the source in its answer cells."""
    notebook = nbformat.read(released, as_version=4)
    solutions = {cell.id: cell.source for cell in nbformat.read(source, as_version=4).cells}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            cell.source = solutions[cell.id]
    return notebook


@pytest.fixture(scope="module")
def course(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder of one assignment with a solved and an untouched submission, not graded."""
    assignment = request.param
    course = tmp_path_factory.mktemp(assignment)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    shutil.copytree(ROOT / "source" / assignment, course / "source" / assignment)
    _run(course, "nbgrader", "generate_assignment", assignment)
    for released in sorted((course / "release" / assignment).glob("*.ipynb")):
        source = course / "source" / assignment / released.name
        for student, notebook in (
            ("blank", nbformat.read(released, as_version=4)),
            ("solved", _solve(released, source)),
        ):
            folder = course / "submitted" / student / assignment
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, folder / released.name)
    return course


def _marks(course: Path, assignment: str, student: str) -> dict[str, float]:
    """Automatic points of each exercise."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        submission = gradebook.find_submission(assignment, student)
        return {
            grade.name.removeprefix("test_"): grade.auto_score
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.name.startswith("test_")
        }


def _expected(assignment: str) -> dict[str, float]:
    return {e.name: e.points for e in EXERCISES.values() if e.assignment == assignment}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("course", "grader"),
    [
        pytest.param(a, grader, marks=pytest.mark.xdist_group(f"assignment-{a}"))
        for a in ASSIGNMENTS
        for grader in ("autograder grade", "nbgrader autograde")
    ],
    indirect=["course"],
)
def test_solved_gets_every_point_and_untouched_none(course: Path, grader: str) -> None:
    assignment = next((course / "source").iterdir()).name
    again = ["--force"] if (course / "autograded").exists() else []
    # For two students one warm process will do.
    one = ["--workers=1"] if grader == "autograder grade" else []
    _run(course, *grader.split(), assignment, *again, *one)
    assert _marks(course, assignment, "solved") == pytest.approx(_expected(assignment))
    blank = _marks(course, assignment, "blank")
    assert set(blank) == set(_expected(assignment))
    assert set(blank.values()) == {0}


@EVERY
def test_the_points_are_those_of_the_course(assignment: str) -> None:
    points = [
        cell.metadata.nbgrader.points
        for path in sorted((ROOT / "source" / assignment).glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    ]
    assert sum(points) == POINTS[assignment]


@pytest.mark.parametrize(
    "course",
    [pytest.param(a, marks=pytest.mark.xdist_group(f"assignment-{a}")) for a in ASSIGNMENTS],
    indirect=True,
)
def test_release_is_what_source_gives_now(course: Path) -> None:
    assignment = next((course / "source").iterdir()).name
    fresh, committed = course / "release" / assignment, ROOT / "release" / assignment
    names = {path.name for path in fresh.iterdir()}
    assert names == {path.name for path in committed.iterdir() if path.suffix}, REMEDY
    for name in sorted(names):
        if (fresh / name).read_bytes() != (committed / name).read_bytes():
            ours, theirs = _whole(committed / name), _whole(fresh / name)
            stale = [k for k in {**ours, **theirs} if ours.get(k) != theirs.get(k)]
            pytest.fail(f"release/{assignment}/{name} is stale in cells {stale}: {REMEDY}")


def _whole(path: Path) -> dict[str, dict]:
    return {cell.id: dict(cell) for cell in nbformat.read(path, as_version=4).cells}
