"""Grading a notebook on the machine of the person who wrote it."""

from __future__ import annotations

import asyncio
import copy
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.checking.devices import VARIABLE
from autograder.checking.exercise import Exercise
from autograder.checking.result import Result
from autograder.checking.text_view import verdict
from autograder.exercises import EXERCISES
from autograder.notebooks.cells import (
    WrittenAnswers,
    is_run,
    name_of,
    solution_ids,
    written_answers,
)
from autograder.notebooks.kernel import Ending, Kernel
from autograder.notebooks.reading import UnusableNotebook, read_notebook
from autograder.notebooks.results import result_of

NOTE_WIDTH = 160
Watch = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """One exercise of a graded notebook: its result, or why there is none."""

    exercise: str
    score: float
    max_score: float
    verdict: str
    result: Result | None = None
    says: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.result is not None and self.result.passed


@dataclass(frozen=True)
class Note:
    """A cell that did not run to its end."""

    cell: str
    says: str


@dataclass(frozen=True)
class GradedNotebook:
    """All that was found in one notebook."""

    path: Path
    outcomes: tuple[Outcome, ...]
    notes: tuple[Note, ...]
    written: WrittenAnswers

    @property
    def passed(self) -> bool:
        """Whether every exercise passed."""
        return all(outcome.passed for outcome in self.outcomes)

    @property
    def score(self) -> float:
        """Points got."""
        return sum(outcome.score for outcome in self.outcomes)

    @property
    def max_score(self) -> float:
        """Points there are, without those of written answers."""
        return sum(outcome.max_score for outcome in self.outcomes)


@dataclass(frozen=True)
class Settings:
    """How to grade: the checks' seed, seconds for each cell, and one device or all there are."""

    seed: int
    timeout: int = 60
    device: str | None = None


def exercises_of(notebook: NotebookNode) -> tuple[Exercise, ...]:
    """The exercises that the notebook's solution cells are named after, in the course's order."""
    there = set(solution_ids(notebook))
    return tuple(exercise for name, exercise in EXERCISES.items() if name in there)


def grade_notebook(
    path: Path, settings: Settings, watch: Watch = lambda what: None
) -> GradedNotebook:
    """Runs the notebook in a kernel, then the check of each of its exercises.

    `watch` is told what is running. The file is only read. Raises UnusableNotebook.
    """
    notebook = read_notebook(path)
    exercises = exercises_of(notebook)
    if not exercises:
        raise UnusableNotebook(
            f"{path} holds no exercise of this course: no cell of it is named after one. Is it "
            "one of the notebooks of release/, or a copy of one?"
        )
    return asyncio.run(_grade(path, notebook, exercises, settings, watch))


async def _grade(
    path: Path,
    notebook: NotebookNode,
    exercises: tuple[Exercise, ...],
    settings: Settings,
    watch: Watch,
) -> GradedNotebook:
    folder = path.resolve().parent
    variables = {VARIABLE: settings.device} if settings.device else {}
    cells = copy.deepcopy(notebook)
    notes, outcomes = [], []
    watch("starting the kernel")
    async with Kernel(cells, folder, settings.timeout, variables) as kernel:
        for index, cell in enumerate(notebook.cells):
            if is_run(cell):
                name = name_of(cell, index)
                watch(f"cell {name}")
                ending = await kernel.run(index, f"cell {name}")
                if ending.kind != "done":
                    notes.append(Note(name, _describe(ending)))
        for exercise in exercises:
            watch(f"checking {exercise.name}")
            outcomes.append(await _check(kernel, exercise, settings))
    return GradedNotebook(path, tuple(outcomes), tuple(notes), written_answers(notebook))


def _describe(ending: Ending) -> str:
    if ending.kind == "timed out":
        return f"{ending.message} and was interrupted"
    first = ending.message.strip().splitlines()[0] if ending.message.strip() else ""
    says = f"raised {ending.error}: {first}" if first else f"raised {ending.error}"
    return textwrap.shorten(says, NOTE_WIDTH, placeholder=" …")


async def _check(kernel: Kernel, exercise: Exercise, settings: Settings) -> Outcome:
    """Runs one check in the kernel, against whatever the exercise's name stands for there."""
    name = exercise.name
    # By __import__, because the notebook may have put something else behind the name `check`.
    source = f"__import__('autograder').check.{name}({name}, seed={settings.seed})"
    cell, ending = await kernel.run_source(source, f"the check of {name}")
    result = result_of(cell) if ending.kind == "done" else None
    if result is not None:
        return Outcome(name, result.score, result.max_score, verdict(result), result)
    word, says = _why_none(name, ending)
    return Outcome(name, 0.0, exercise.points, word, says=says)


def _why_none(name: str, ending: Ending) -> tuple[str, str]:
    """A verdict and a sentence for a check that gave no result. Raises UnusableNotebook."""
    if ending.kind == "timed out":
        says = (
            f"Calling {name} {ending.message}. Is there a loop in it, or in a "
            "function it calls, that never ends?"
        )
        return "DID NOT END", says
    if ending.error == "NameError":
        says = (
            f"After the notebook ran there was no function called {name}. Does the cell that "
            "defines it raise an error, or was the function renamed?"
        )
        return "NOT FOUND", says
    if ending.error == "TypeError":
        return "NOT A FUNCTION", ending.message
    if ending.error == "ValueError":
        raise UnusableNotebook(ending.message)
    return "NO RESULT", f"The check gave no result ({ending.error or 'no output'})."
