"""`autograder grade`: a class, judged in sandboxes, its marks in nbgrader's gradebook."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from autograder.commands.terminal import FAILED, UNUSABLE, complain, out

if TYPE_CHECKING:
    from autograder.judging.grading import Course, Order

INTERRUPTED = 130
Walls = Literal["bubblewrap", "none"]


Students = Annotated[
    list[str] | None, typer.Option(help="Only this student; may be given several times.")
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Judges at work.", show_default="one for each core")
]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0, max=2**31 - 1, help="Seed of the cases.", show_default="the one used before"
    ),
]
Isolated = Annotated[
    Walls,
    typer.Option(help="The walls around student code. `none`: only for code you wrote yourself."),
]
Seconds = Annotated[float, typer.Option(min=0.1, help="Seconds that one may run.")]


def _amount(says: str) -> Any:
    return typer.Option(min=1, help=says)


def grade(
    assignment: Annotated[str, typer.Argument(help="The assignment's name, such as 05_lstm.")],
    student: Students = None,
    workers: Workers = None,
    seed: Seed = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what is graded.")] = False,
    isolation: Isolated = "bubblewrap",
    cell_seconds: Seconds = 60,
    call_seconds: Seconds = 20,
    submission_seconds: Seconds = 300,
    memory: Annotated[int, _amount("MiB that a submission may use.")] = 2048,
    processes: Annotated[int, _amount("Processes and threads it may have.")] = 64,
    disk: Annotated[int, _amount("MiB that it may write.")] = 256,
    output: Annotated[int, _amount("KiB that a cell may put out.")] = 1024,
) -> None:
    """Grade what was handed in for an assignment, in sandboxes, all cores at work.

    Run it in the course's folder, beside nbgrader_config.py. Marks go into nbgrader's gradebook,
    marked notebooks into autograded/, what was found into verdicts/. Stopped at any moment, it
    loses nothing: run it again and it does the rest. Exit codes: 0 all is graded; 1 some
    submission is not; 2 it could not start; 130 interrupted.
    """
    from autograder.judging.grading import Order
    from autograder.judging.isolation import NoIsolationError
    from autograder.judging.limits import MIB, Limits
    from autograder.judging.planning import GradingProblem

    limits = Limits(
        cell_seconds=cell_seconds,
        call_seconds=call_seconds,
        submission_seconds=submission_seconds,
        memory=memory * MIB,
        processes=processes,
        disk=disk * MIB,
        output=output * 1024,
    )
    order = Order(
        assignment=assignment,
        students=tuple(student or ()),
        workers=workers or len(os.sched_getaffinity(0)),
        seed=seed,
        force=force,
        isolation=isolation,
        limits=limits,
    )
    try:
        raise typer.Exit(_grade(open_course(Path.cwd()), order))
    except (GradingProblem, NoIsolationError) as problem:
        complain(str(problem))
        raise typer.Exit(UNUSABLE) from None
    except KeyboardInterrupt:
        complain("Interrupted. What was graded is kept; run the same command again for the rest.")
        sys.stdout.flush()
        os._exit(INTERRUPTED)  # judges at work are killed with this process


def _grade(course: Course, order: Order) -> int:
    from autograder.commands.grade_view import GradeView
    from autograder.judging.grading import grade as grade_class

    with GradeView(out(), order) as view:
        grade_class(course, order, view.begin, view.add)
    view.summarise(course)
    return FAILED if view.failed else 0


def open_course(folder: Path) -> Course:
    """The course in `folder`, as its nbgrader_config.py has it. Raises GradingProblem."""
    from nbgrader.apps import NbGrader
    from nbgrader.coursedir import CourseDirectory

    from autograder.judging.grading import Course
    from autograder.judging.planning import GradingProblem

    if not (folder / "nbgrader_config.py").is_file():
        raise GradingProblem(
            f"{folder} is no course folder: it holds no nbgrader_config.py. Go to the folder that "
            "has source/ and submitted/ in it."
        )
    application: Any = NbGrader()
    application.log_level = "ERROR"
    application.initialize([])
    coursedir = CourseDirectory(parent=application)
    return Course(coursedir, application.config)
