"""Is a notebook in the form the course keeps? Each problem names its cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.checking.exercise import Exercise
from autograder.notebooks.cells import grade_id, grading_data, is_coded, is_test

KERNEL = "python3"
ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
HEX_ID = re.compile(r"[0-9a-f]{8}|[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass(frozen=True)
class Problem:
    """Something wrong with a notebook: in which cell (its id, or its number), and what."""

    cell: str
    says: str

    def __str__(self) -> str:
        return f"cell {self.cell!r}: {self.says}"


def audit_form(notebook: Any) -> list[Problem]:
    """Outputs left in, ids that mean nothing or stand twice, a foreign kernel, heading levels."""
    return [
        *_kernel(notebook),
        *_ids(notebook),
        *_outputs(notebook),
        *_headings(notebook),
    ]


def audit_assignment(notebook: Any, exercises: Sequence[Exercise]) -> list[Problem]:
    """Missing, unknown or duplicated grade_ids, and points that differ from the definitions."""
    problems = list(_grade_ids(notebook))
    solutions = {grade_id(cell) for cell in notebook.cells if is_coded(cell)}
    tests = {grade_id(cell): cell for cell in notebook.cells if is_test(cell)}
    known = {exercise.name for exercise in exercises}
    for exercise in exercises:
        test_id = f"test_{exercise.name}"
        if exercise.name not in solutions:
            problems.append(Problem(exercise.name, "no solution cell with this grade_id"))
        if test_id not in tests:
            problems.append(Problem(test_id, "no test cell with this grade_id"))
            continue
        points = grading_data(tests[test_id]).get("points")
        if points != exercise.points:
            says = f"worth {points} points here, {exercise.points:g} in its definition"
            problems.append(Problem(test_id, says))
    for name in sorted(solutions - known):
        problems.append(Problem(name, "no exercise of this name is defined for this notebook"))
    for name in sorted(set(tests) - {f"test_{k}" for k in known}):
        problems.append(Problem(name, "this test cell belongs to no exercise of this notebook"))
    return problems


def _kernel(notebook: Any) -> Iterator[Problem]:
    name = notebook.metadata.get("kernelspec", {}).get("name")
    if name != KERNEL:
        yield Problem("(metadata)", f"the kernel is {name!r}; it should be {KERNEL!r}")


def _ids(notebook: Any) -> Iterator[Problem]:
    counts = Counter(cell.get("id") for cell in notebook.cells)
    for number, cell in enumerate(notebook.cells):
        name = cell.get("id")
        if not name or not ID.fullmatch(name):
            yield Problem(str(name or number), "its id is missing or malformed")
            continue
        if HEX_ID.fullmatch(name):
            yield Problem(name, "its id was made by a machine: give it a name that means something")
        if counts[name] > 1:
            yield Problem(name, f"{counts[name]} cells have this id")
        if grading_data(cell) and grade_id(cell) != name:
            yield Problem(name, f"its id differs from its grade_id {grade_id(cell)!r}")


def _outputs(notebook: Any) -> Iterator[Problem]:
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if cell.get("outputs"):
            yield Problem(cell.get("id", "?"), "outputs were left in")
        if cell.get("execution_count") is not None:
            yield Problem(cell.get("id", "?"), "an execution count was left in")


def _headings(notebook: Any) -> Iterator[Problem]:
    level, tops = 0, 0
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
        for line in re.findall(r"^(#{1,6}) ", text, flags=re.MULTILINE):
            if len(line) > level + 1:
                yield Problem(cell.get("id", "?"), f"heading level {len(line)} after {level}")
            level = len(line)
            tops += level == 1
    if tops != 1:
        yield Problem("(notebook)", f"{tops} headings of level 1; there should be one")


def _grade_ids(notebook: Any) -> Iterator[Problem]:
    counts = Counter(grade_id(cell) for cell in notebook.cells if grade_id(cell))
    for name, count in counts.items():
        if count > 1:
            yield Problem(name, f"{count} cells have this grade_id")
    for cell in notebook.cells:
        if grading_data(cell) and not grade_id(cell):
            yield Problem(cell.get("id", "?"), "nbgrader metadata without a grade_id")
