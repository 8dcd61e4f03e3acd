"""A course of one assignment, two notebooks and plain asserts: nothing slow is imported."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from traitlets.config import Config

from autograder.judging.verdict import CellMark, NotebookVerdict, Verdict
from tests.warm_commands import run_command

ASSIGNMENT, COURSE = "tiny", "a course"
DUE = datetime(2024, 5, 1, 12, 0)
CONFIG = f"""
c = get_config()
c.CourseDirectory.course_id = {COURSE!r}
c.LateSubmissionPlugin.penalty_method = "zero"
c.ExecutePreprocessor.timeout = 60
"""
LATE_CONFIG = Config({"LateSubmissionPlugin": {"penalty_method": "zero"}})
POINTS = {
    "first": {"test_double": 2.0, "why": 3.0},
    "second": {"test_triple": 1.5, "essay": 4.0},
}
COMMENTED = {"first": ("double", "why"), "second": ("triple", "essay")}
TRIPLE = "triple = lambda x: 3 * x"
SOLVED = {
    "double": "%matplotlib inline\nfrom math import pi as π\ndef double(x):\n    return 2 * x\n",
    "why": "Because 2.",
    "triple": f"%%time\n{TRIPLE}\n",
}


def _graded(cell: nbformat.NotebookNode, **data: object) -> nbformat.NotebookNode:
    grading = {"grade": False, "solution": False, "locked": False, "task": False, **data}
    cell.metadata["nbgrader"] = {"grade_id": cell.id, "schema_version": 3, **grading}
    return cell


def _solution(source: str) -> str:
    return f"### BEGIN SOLUTION\n{source}\n### END SOLUTION\n"


def first() -> nbformat.NotebookNode:
    test = "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(5) == TEN\n"
    test += "### END HIDDEN TESTS"
    cells = [
        new_markdown_cell("# Doubling", id="title"),
        new_code_cell("import math", id="setup"),
        _graded(new_code_cell(_solution(SOLVED["double"]), id="double"), solution=True),
        _graded(new_code_cell("TEN = 10", id="a_limit"), locked=True),
        _graded(new_code_cell(test, id="test_double"), grade=True, locked=True, points=2),
        new_code_cell("print(double(1))", id="try_it"),
        _graded(
            new_markdown_cell(_solution("Because."), id="why"), grade=True, solution=True, points=3
        ),
    ]
    return _notebook(cells)


def second() -> nbformat.NotebookNode:
    cells = [
        _graded(new_code_cell(f"%%time\n{_solution(TRIPLE)}", id="triple"), solution=True),
        _graded(
            new_code_cell("assert triple(2) == 6", id="test_triple"),
            grade=True,
            locked=True,
            points=1.5,
        ),
        _graded(new_markdown_cell("Write an essay.", id="essay"), task=True, locked=True, points=4),
    ]
    return _notebook(cells)


def _notebook(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def write_source(course: Path) -> None:
    """The instructor's files."""
    folder = course / "source" / ASSIGNMENT
    (folder / "data").mkdir(parents=True)
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "old.txt").write_text("old")
    (folder / "data" / "numbers.csv").write_text("1,2\n")
    (folder / "made.py").write_text("answer = 42\n")
    nbformat.write(first(), folder / "first.ipynb")
    nbformat.write(second(), folder / "second.ipynb")
    (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")


def nbgrader(course: Path, *arguments: str) -> None:
    """Runs one of nbgrader's own commands in that course."""
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": beside}  # nbgrader calls `alembic` by name
    done = run_command("nbgrader", arguments, course, environment)
    assert done.returncode == 0, done.stderr


def generate(course: Path, db_url: str) -> None:
    """The assignment into a gradebook, by nbgrader itself, with a due date."""
    database = f"--CourseDirectory.db_url={db_url}"
    nbgrader(course, "generate_assignment", ASSIGNMENT, "--force", database)
    with Gradebook(db_url, COURSE) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=DUE)


def submit(
    course: Path, student: str, names: tuple[str, ...], solved: bool, timestamp: str = ""
) -> None:
    """A student's notebooks into `submitted/`: as released, or with all solved."""
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        notebook = nbformat.read(course / "release" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
        for cell in notebook.cells:
            cell.source = SOLVED.get(cell.id, cell.source) if solved else cell.source
        nbformat.write(notebook, folder / f"{name}.ipynb")
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp)


def notebook_verdict(name: str, *, solved: bool) -> NotebookVerdict:
    """A notebook that was handed in, all of it solved or all as released."""
    automatic = {key for key in POINTS[name] if key.startswith("test_")}
    marks = []
    for key, points in POINTS[name].items():
        score = (points if key in automatic else None) if solved or key == "essay" else 0.0
        marks.append(CellMark(key, score, points))
    said = dict.fromkeys(COMMENTED[name], None if solved else "No response.")
    said |= {"essay": None} if name == "second" else {}
    return NotebookVerdict(name, tuple(marks), said, text="{}")


def missing_verdict(name: str) -> NotebookVerdict:
    """A notebook that was not handed in."""
    return NotebookVerdict(name, tuple(CellMark(k, 0.0, p) for k, p in POINTS[name].items()))


def verdict(student: str, *, solved: bool = True, missing: tuple[str, ...] = ()) -> Verdict:
    """A verdict on both notebooks."""
    books = (
        missing_verdict(name) if name in missing else notebook_verdict(name, solved=solved)
        for name in POINTS
    )
    return Verdict(student, ASSIGNMENT, 0, tuple(books))
