"""A bank of answers to exercises, wrong ones and right ones, as a test suite runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Function = Callable[..., Any]
Register = Callable[[Function], Function]


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise.

    diagnosis: for a wrong answer the names its check has to give, in their order; for a right one
    empty. why: what whoever wrote it was thinking.
    """

    exercise: str
    name: str
    function: Function
    diagnosis: tuple[str, ...] = ()
    why: str = ""

    @property
    def id(self) -> str:
        """The answer's name in a test report."""
        return f"{self.exercise}-{self.name}"


@dataclass
class Bank:
    """Answers in the order they were written, filled by the decorators `wrong` and `right`."""

    wrong_answers: list[Answer] = field(default_factory=list)
    right_answers: list[Answer] = field(default_factory=list)

    def wrong(self, exercise: str, *diagnosis: str) -> Register:
        """Keep the decorated function as a wrong answer that is told `diagnosis`."""
        return _registering(self.wrong_answers, exercise, diagnosis)

    def right(self, *exercises: str) -> Register:
        """Keep the decorated function as a right answer to each of the exercises."""

        def register(function: Function) -> Function:
            for exercise in exercises:
                _registering(self.right_answers, exercise, ())(function)
            return function

        return register


def _registering(answers: list[Answer], exercise: str, diagnosis: tuple[str, ...]) -> Register:
    def register(function: Function) -> Function:
        why = (function.__doc__ or "").strip()
        answers.append(Answer(exercise, function.__name__, function, diagnosis, why))
        return function

    return register
