"""What nbgrader's metadata says about the cells of a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

SKIP_TAG = "skip-execution"


@dataclass(frozen=True)
class WrittenAnswers:
    """The cells of a notebook that a person marks."""

    count: int
    points: float


def grading_data(cell: NotebookNode) -> Mapping[str, Any]:
    """The cell's nbgrader metadata; empty where it has none, or something else in its place."""
    data = cell.get("metadata", {}).get("nbgrader")
    return data if isinstance(data, Mapping) else {}


def grade_id(cell: NotebookNode) -> str:
    """The name nbgrader knows the cell by, or an empty string."""
    return str(grading_data(cell).get("grade_id", ""))


def is_solution(cell: NotebookNode) -> bool:
    """Whether a student writes in this cell."""
    return grading_data(cell).get("solution") is True


def is_test(cell: NotebookNode) -> bool:
    """Whether this is a graded test cell: one with points that the student does not write."""
    data = grading_data(cell)
    return data.get("grade") is True and data.get("solution") is not True


def is_written(cell: NotebookNode) -> bool:
    """Whether a student writes here and a person marks it."""
    data = grading_data(cell)
    return data.get("grade") is True and data.get("solution") is True


def is_coded(cell: NotebookNode) -> bool:
    """Whether a student writes code here that a test cell marks."""
    return cell.cell_type == "code" and is_solution(cell) and not is_written(cell)


def is_run(cell: NotebookNode) -> bool:
    """Whether the cell is run before the checks.

    Test cells are not: a student may have edited them. Cells tagged `skip-execution` train or draw.
    """
    tags = cell.get("metadata", {}).get("tags") or ()
    return cell.cell_type == "code" and not is_test(cell) and SKIP_TAG not in tags


def solution_ids(notebook: NotebookNode) -> Iterator[str]:
    """The grade ids of the cells that a student writes in, in the notebook's order."""
    return (grade_id(cell) for cell in notebook.cells if is_solution(cell))


def written_answers(notebook: NotebookNode) -> WrittenAnswers:
    """How many answers a person marks, and for how many points together."""
    worth = [
        grading_data(cell).get("points")
        for cell in notebook.cells
        if is_written(cell) or grading_data(cell).get("task") is True
    ]
    return WrittenAnswers(len(worth), sum(p for p in worth if isinstance(p, int | float)))


def name_of(cell: NotebookNode, index: int) -> str:
    """How a person finds the cell: its grade id, else its id, else its place from 1 on."""
    return grade_id(cell) or str(cell.get("id", "")) or f"number {index + 1}"
