"""What the course holds, read from its notebooks, and how far a student has come in it."""

import html
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.notebooks.cells import grade_id, grading_data, is_test, is_written
from autograder.notebooks.results import result_of

__all__ = ["Assignment", "Task", "Unit", "survey", "syllabus"]

_HEADS = ("unit", "you read", "you write", "time", "points")
# A notebook would set both at the right.
_LEFT_TH, _LEFT_TD = (f'<{tag} style="text-align:left;vertical-align:top">' for tag in ("th", "td"))
_UNTOUCHED = "YOUR ANSWER HERE"


@dataclass(frozen=True)
class Task:
    """An exercise or a written answer: its name, what it is worth, and how it stands.

    earned is what the last check saved in the notebook gave, in points; None where none was run,
    and for a written answer, which a person marks. begun: a check was run, or something written.
    """

    name: str
    points: float
    earned: float | None
    written: bool
    begun: bool

    @property
    def passed(self) -> bool:
        """Whether the last check gave all its points."""
        return self.earned is not None and self.earned >= self.points


@dataclass(frozen=True)
class Assignment:
    """A notebook to solve: where it is, what it is called, how long it takes, what it asks."""

    path: Path
    title: str
    minutes: int
    tasks: tuple[Task, ...]

    @property
    def points(self) -> float:
        """What the notebook is worth."""
        return sum(task.points for task in self.tasks)


@dataclass(frozen=True)
class Unit:
    """A lecture and the notebooks that go with it."""

    number: int
    title: str
    path: Path
    minutes: int
    assignments: tuple[Assignment, ...]

    @property
    def points(self) -> float:
        """What the unit's notebooks are worth together."""
        return sum(each.points for each in self.assignments)

    @property
    def earned(self) -> float:
        """What the last checks gave, over all the unit's exercises."""
        return sum(task.earned or 0 for each in self.assignments for task in each.tasks)


def survey(course: Path) -> tuple[Unit, ...]:
    """Read every unit of the course whose lectures are in the folder `course`.

    A unit's notebooks are looked for beside that folder, in `05_lstm/` (where nbgrader's *fetch*
    puts them) and then in `release/05_lstm/`. Minutes come from the notebooks' metadata
    (`course.minutes`), points from nbgrader's, results from the outputs that were saved.

    Raises:
        FileNotFoundError: there is no lecture in the folder.

    """
    lectures = sorted(course.glob("[0-9][0-9]_*.ipynb"))
    if not lectures:
        raise FileNotFoundError(f"There is no lecture (such as 01_….ipynb) in {course}.")
    units = []
    for path in lectures:
        number = int(path.name[:2])
        if number == 0:
            continue
        notebook = nbformat.read(path, as_version=4)
        assignments = tuple(map(_assignment, _notebooks(course.absolute().parent, number)))
        units.append(Unit(number, _title(notebook), path, _minutes(notebook), assignments))
    return tuple(units)


def _notebooks(root: Path, number: int) -> list[Path]:
    """A unit's notebooks: the student's own folder goes before the release."""
    for folder in (root, root / "release"):
        found = sorted(folder.glob(f"{number:02}_*/[0-9][0-9]_*.ipynb"))
        if found:
            return found
    return []


def _title(notebook: nbformat.NotebookNode) -> str:
    first: str = notebook.cells[0].source.partition("\n")[0]
    return first.removeprefix("# ").strip()


def _minutes(notebook: nbformat.NotebookNode) -> int:
    data: Any = notebook.metadata.get("course", {})
    return int(data.get("minutes", 0))


def _assignment(path: Path) -> Assignment:
    notebook = nbformat.read(path, as_version=4)
    return Assignment(path, _title(notebook), _minutes(notebook), tuple(_tasks(notebook)))


def _tasks(notebook: nbformat.NotebookNode) -> Iterator[Task]:
    """The notebook's graded cells in order, each with the result that was run last."""
    latest = {}
    for cell in sorted(notebook.cells, key=lambda cell: cell.get("execution_count") or 0):
        result = result_of(cell)
        if result is not None:
            latest[result.exercise] = result
    for cell in notebook.cells:
        if not (is_test(cell) or is_written(cell)):
            continue
        name, points = grade_id(cell).removeprefix("test_"), float(grading_data(cell)["points"])
        if is_written(cell):
            yield Task(name, points, None, True, _UNTOUCHED not in cell.source)
            continue
        result = latest.get(name)
        share = result.score / result.max_score if result and result.max_score else 0.0
        yield Task(name, points, points * share if result else None, False, result is not None)


def syllabus(units: tuple[Unit, ...]) -> str:
    """The units as an HTML table: what is read and what is written, minutes, points.

    Links are relative to the folder of the lectures.
    """
    rows = [
        f"<tr><td>{unit.number}</td><td>{_link(unit.path, unit.title, unit.path.parent)}"
        f"<br>{unit.minutes} minutes</td><td>"
        + "<br>".join(
            f"{_link(each.path, each.title, unit.path.parent)}: {each.minutes} minutes, "
            f"{each.points:g} points"
            for each in unit.assignments
        )
        + f"</td><td>{_hours(unit)}</td><td>{unit.points:g}</td></tr>"
        for unit in units
    ]
    hours = sum(unit.minutes + sum(each.minutes for each in unit.assignments) for unit in units)
    total = f"<tr><th></th><th></th><th>all units</th><th>{hours / 60:.0f} h</th>"
    total += f"<th>{sum(unit.points for unit in units):g}</th></tr>"
    heads = "".join(f"<th>{head}</th>" for head in _HEADS)
    table = f"<table><tr>{heads}</tr>{''.join(rows)}{total}</table>"
    return table.replace("<th>", _LEFT_TH).replace("<td>", _LEFT_TD)


def _link(path: Path, title: str, start: Path) -> str:
    address = Path(os.path.relpath(path, start)).as_posix()
    return f'<a href="{html.escape(address)}">{html.escape(title)}</a>'


def _hours(unit: Unit) -> str:
    """A unit's minutes together, to the half hour."""
    halves = round((unit.minutes + sum(each.minutes for each in unit.assignments)) / 30)
    return f"{halves / 2:g}\N{NO-BREAK SPACE}h"
