"""`autograder release`: `release/` made anew from `source/`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.commands.terminal import UNUSABLE, complain, err, out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograder.classroom.course_folder import CourseFolder


def release(
    assignments: Annotated[
        list[str] | None,
        typer.Argument(help="Such as 05_lstm.", show_default="all that source/ has"),
    ] = None,
) -> None:
    """Make release/ from source/, and tell the gradebook of these assignments.

    Run it inside the course's own folder, once on the machine that grades and after each change of
    source/. release/ changes only where nbgrader was content with the whole assignment. Exit code
    2: it could not be done.
    """
    from autograder.classroom.course_folder import ClassroomProblem, CourseFolder, find_course

    try:
        checkout = find_course(Path.cwd())
        for assignment in _chosen(checkout, assignments or []):
            with tempfile.TemporaryDirectory(prefix="release-") as folder:
                trial = CourseFolder(Path(folder))
                with err().status(assignment):
                    trial.copy_source(checkout, assignment)
                    trial.release(assignment)
                    made = trial.root / "release" / assignment
                    _into_gradebook(CourseFolder(checkout), assignment, made)
            out().print(f"release/{assignment} is made from source/{assignment}")
    except ClassroomProblem as problem:
        complain(str(problem))
        raise typer.Exit(UNUSABLE) from None


def _chosen(checkout: Path, asked: list[str]) -> Iterable[str]:
    """The assignments to release. Raises ClassroomProblem for one that `source/` has not."""
    from autograder.classroom.course_folder import ClassroomProblem

    there = sorted({path.parent.name for path in (checkout / "source").glob("*/*.ipynb")})
    unknown = [name for name in asked if name not in there]
    if unknown:
        raise ClassroomProblem(
            f"{checkout / 'source'} has no {', '.join(unknown)}. It has: {', '.join(there)}."
        )
    return asked or there


def _into_gradebook(course: CourseFolder, assignment: str, made: Path) -> None:
    """Has nbgrader take the assignment into the gradebook; whatever comes of it, release/ stands.

    Raises ClassroomProblem where the gradebook refuses, as it does once answers to an older version
    with other cells were graded.
    """
    from autograder.classroom.course_folder import ClassroomProblem

    target = course.root / "release" / assignment
    try:
        course.release(assignment)
    except ClassroomProblem as problem:
        raise ClassroomProblem(
            f"release/{assignment} is up to date, but the gradebook did not take it in. If answers "
            "to an older version were graded, their marks are in gradebook.db: keep that file, but "
            f"move it elsewhere, and run this again to start a new one.\n{problem}"
        ) from None
    finally:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(made, target)
