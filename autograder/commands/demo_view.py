"""The demo's class in the terminal: marks, diagnoses, and where the files lie."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.checking.text_view import points
from autograder.classroom.course_folder import GRADEBOOK, GRADES, LOG, CourseFolder
from autograder.classroom.marks import Mark
from autograder.commands.terminal import plain

NOT_STARTED = "not_started"
NAMED = 3  # exercises named beside a diagnosis before the rest is counted


def show_marks(console: Console, course: CourseFolder, marks: Sequence[Mark]) -> None:
    """Prints the class's marks, then where feedback and gradebook are."""
    console.print()
    console.print(_table(marks))
    for mark in marks:
        if mark.caught:
            console.print(Text(f"What {mark.student.name} was caught doing", "bold"))
            for says in mark.caught:
                console.print(Text(f"  {plain(says)}"))
    console.print()
    console.print(Text("Feedback", "bold"))
    for mark in marks:
        console.print(f"  {course.feedback(mark.student.name)}", soft_wrap=True)
    console.print(Text("Also there", "bold"))
    for name in (GRADES, GRADEBOOK, LOG):
        console.print(f"  {course.root / name}", soft_wrap=True)


def _table(marks: Sequence[Mark]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Student", no_wrap=True)
    table.add_column("Code", justify="right", no_wrap=True)
    table.add_column("Written", justify="right", no_wrap=True)
    table.add_column("Diagnoses", overflow="fold")
    for mark in marks:
        style = "green" if mark.code == mark.max_code else "yellow"
        got = "to mark" if mark.written is None else points(mark.written)
        table.add_row(
            Text.assemble((mark.student.name, "bold"), f"\n  {mark.student.story}"),
            Text(f"{points(mark.code)} of {points(mark.max_code)}", style),
            f"{got}\nof {points(mark.max_written)}",
            Text("\n".join(_diagnoses(mark))),
        )
    return table


def _diagnoses(mark: Mark) -> list[str]:
    """`tanh_for_sigmoid: forget_gate`, a line each."""
    lines = []
    for name, exercises in mark.diagnoses.items():
        shown = ", ".join(exercises[:NAMED])
        more = f" and {len(exercises) - NAMED} more" if len(exercises) > NAMED else ""
        where = f"{len(exercises)} exercises" if name == NOT_STARTED and more else shown + more
        lines.append(plain(f"{name}: {where}"))
    return lines or ["none"]
