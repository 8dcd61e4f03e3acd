"""`autograder demo`: a small class, from the instructor's notebook to marks and feedback."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from autograder.commands.terminal import UNUSABLE, complain, err, out

if TYPE_CHECKING:
    from autograder.classroom.course_folder import CourseFolder


def demo(
    into: Annotated[
        Path | None,
        typer.Option(
            help="The folder to make the class in: a new one, or an empty one.",
            metavar="FOLDER",
            show_default="a new temporary folder",
        ),
    ] = None,
) -> None:
    """See the whole course at work: release, a class of seven, grading, feedback.

    Everything is done by the commands an instructor uses, in a course folder made for the purpose;
    it takes about half a minute. One of the seven attacks the grader. Run it inside the course's
    own folder, which holds the solutions. Exit code 2: it could not be done.
    """
    from autograder.classroom.course_folder import (
        ClassroomProblem,
        CourseFolder,
        find_checkout,
        prepare,
    )
    from autograder.classroom.marks import read_marks
    from autograder.classroom.students import StaleEdit
    from autograder.commands.demo_view import show_marks
    from autograder.notebooks.reading import UnusableNotebook

    console = out()
    try:
        checkout = find_checkout(Path.cwd())
        if into is None:
            into = Path(tempfile.mkdtemp(prefix="demo-class-"))
        prepare(into)
        course = CourseFolder(into)
        console.print(f"A class in {course.root}", soft_wrap=True)
        _go_through(console, course, checkout)
        show_marks(console, course, read_marks(course))
    except (ClassroomProblem, StaleEdit, UnusableNotebook) as problem:
        complain(str(problem))
        raise typer.Exit(UNUSABLE) from None


def _go_through(console: Console, course: CourseFolder, checkout: Path) -> None:
    """The life of an assignment; a line with the seconds after each step."""
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("source/ copied", lambda: course.copy_notebook(checkout)),
        ("nbgrader generate_assignment: the notebook for students", course.release),
        ("seven students hand in", course.hand_in),
        ("autograder grade: every submission judged, in a sandbox", course.grade),
        ("nbgrader export: the marks for a spreadsheet", course.export),
        ("nbgrader generate_feedback: a page for each student", course.give_feedback),
    )
    for what, step in steps:
        start = time.perf_counter()
        with err().status(what):
            step()
        console.print(f"  {time.perf_counter() - start:5.1f} s  {what}")
