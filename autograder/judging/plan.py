"""What the instructor's side knows of an assignment before any submission is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SourceCell:
    """A cell that nbgrader knows by its grade id, as the gradebook holds it: the only truth.

    `grade` and not `solution` is a test cell; both is a written answer that a person marks;
    `locked` is a cell students cannot change. `points` is None where the cell has none.
    """

    grade_id: str
    cell_type: str
    source: str
    checksum: str | None
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float | None

    @property
    def is_test(self) -> bool:
        """Whether the judge runs this cell."""
        return self.grade and not self.solution and self.cell_type == "code"


@dataclass(frozen=True)
class NotebookPlan:
    """One notebook of an assignment.

    `cells` stand in the order of the instructor's notebook. `context` holds the sources of the
    instructor's other code cells, in order: their imports and definitions are what test cells may
    use without asking the student. `student_names` are the names that solution cells bind.
    `kernelspec` is nbgrader's, or None. `modules` are what the notebooks of the assignment begin by
    importing, by dotted names, the same for each: a warm process does so once for all submissions.
    """

    name: str
    cells: tuple[SourceCell, ...]
    context: tuple[str, ...] = ()
    student_names: frozenset[str] = frozenset()
    kernelspec: dict[str, str] | None = None
    modules: tuple[str, ...] = ()

    @property
    def tests(self) -> tuple[SourceCell, ...]:
        """The cells the judge runs."""
        return tuple(cell for cell in self.cells if cell.is_test)


@dataclass(frozen=True)
class AssignmentPlan:
    """An assignment: its notebooks, and the instructor's files that lie beside them.

    `files` maps a path relative to the assignment's folder to the instructor's own file; each
    overwrites what a student handed in under that name.
    """

    name: str
    notebooks: tuple[NotebookPlan, ...]
    files: tuple[tuple[str, Path], ...] = ()
