"""A bank of answers to exercises, wrong ones and right ones, as a test suite runs them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Function = Callable[..., Any]
Register = Callable[[Function], Function]


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise.

    make: gives the function that answers; a new one at each call where the answer remembers
    something between its calls. diagnosis: for a wrong answer the names its check has to give, in
    their order; for a right one empty. why: what whoever wrote it was thinking.
    """

    exercise: str
    name: str
    make: Callable[[], Function]
    diagnosis: tuple[str, ...] = ()
    why: str = ""

    @property
    def function(self) -> Function:
        """What a check is given; with nothing remembered yet."""
        return self.make()

    @property
    def id(self) -> str:
        """The answer's name in a test report."""
        return f"{self.exercise}-{self.name}"


@dataclass
class Bank:
    """Answers in the order they were written, filled by the decorators."""

    wrong_answers: list[Answer] = field(default_factory=list)
    right_answers: list[Answer] = field(default_factory=list)

    def wrong(self, exercise: str, *diagnosis: str) -> Register:
        """Keep the decorated function as a wrong answer that is told `diagnosis`."""

        def register(function: Function) -> Function:
            why = (function.__doc__ or "").strip()
            name = function.__name__
            answer = Answer(exercise, name, lambda: function, diagnosis, why)
            self.wrong_answers.append(answer)
            return function

        return register

    def wrong_with_memory(self, exercise: str, *diagnosis: str) -> Register:
        """Keep what the decorated function makes: a wrong answer that remembers its calls."""

        def register(make: Function) -> Function:
            why = (make.__doc__ or "").strip()
            self.wrong_answers.append(Answer(exercise, make.__name__, make, diagnosis, why))
            return make

        return register

    def right(self, *exercises: str) -> Register:
        """Keep the decorated function as a right answer to each of the exercises."""

        def register(function: Function) -> Function:
            for exercise in exercises:
                answer = Answer(exercise, function.__name__, lambda: function)
                self.right_answers.append(answer)
            return function

        return register

    def wrong_ones(self, exercise: str, *rows: tuple[str, str, str, Function]) -> None:
        """Keep wrong answers in short: name, diagnosis, what its writer thought, the function."""
        for name, diagnosis, why, function in rows:
            names = tuple(diagnosis.split())
            self.wrong_answers.append(
                Answer(exercise, name, functools.partial(_itself, function), names, why)
            )

    def right_ones(self, exercise: str, **functions: Function) -> None:
        """Keep right answers in short, by their names."""
        for name, function in functions.items():
            self.right_answers.append(Answer(exercise, name, functools.partial(_itself, function)))


def _itself(function: Function) -> Function:
    return function
