"""The exercises of the course, one module for each assignment notebook.

A module lists its definitions in `EXERCISES`; this package finds them. Modules whose name starts
with an underscore hold what several notebooks share.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from autograder.checking.exercise import Exercise


def _collect() -> Mapping[str, Exercise]:
    """Every exercise by name, in the order of the course. Raises ValueError for a name twice."""
    found: dict[str, Exercise] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        if module.startswith("_"):
            continue
        for exercise in importlib.import_module(f"{__name__}.{module}").EXERCISES:
            if exercise.name in found:
                raise ValueError(f"two exercises are called {exercise.name!r}")
            found[exercise.name] = exercise
    return found


EXERCISES: Mapping[str, Exercise] = _collect()


def of_notebook(assignment: str, notebook: str) -> tuple[Exercise, ...]:
    """The exercises of one assignment notebook, in its order."""
    return tuple(
        exercise
        for exercise in EXERCISES.values()
        if (exercise.assignment, exercise.notebook) == (assignment, notebook)
    )
