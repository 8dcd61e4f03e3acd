"""`check`: one callable for each exercise, made from its definition."""

from __future__ import annotations

import difflib
import operator
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from autograder.checking.devices import warm_up_meta
from autograder.checking.exercise import Exercise
from autograder.checking.handle import LocalHandle
from autograder.checking.result import Result
from autograder.checking.run import run_check
from autograder.checking.text_view import points_worth

SEED_LIMIT = 2**31


class Check:
    """Checks one exercise: `check.forget_gate(forget_gate)`."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self.__name__ = exercise.name
        worth = points_worth(exercise.points)
        self.__doc__ = (
            f"Check your `{exercise.signature}` against PyTorch ({worth}).\n\n"
            f"Give it the function itself: `check.{exercise.name}({exercise.name})`.\n"
            "`seed` repeats a check on the same inputs; `device` is 'cpu' or 'cuda'."
        )

    def __call__(
        self,
        solution: Callable[..., Any],
        seed: int | None = None,
        device: str | None = None,
    ) -> Result:
        """What the check found; see `Result`.

        Raises TypeError where `solution` is not a function or `seed` not a whole number, and
        ValueError where `device` is unknown, or `seed` is out of range; never for a wrong answer.
        """
        if seed is None:
            seed = secrets.randbelow(SEED_LIMIT)
        if isinstance(seed, bool) or not hasattr(seed, "__index__"):
            raise TypeError(f"check.{self.__name__}: seed is a whole number, not {seed!r}")
        seed = operator.index(seed)
        if not 0 <= seed < SEED_LIMIT:
            raise ValueError(f"check.{self.__name__}: seed lies in 0 … {SEED_LIMIT - 1}")
        return run_check(self._exercise, self._handle(solution), seed, device)

    def __repr__(self) -> str:
        return f"<check.{self.__name__}: {self._exercise.signature}>"

    def _handle(self, solution: Any) -> LocalHandle:
        if not callable(solution):
            name = self.__name__
            raise TypeError(
                f"check.{name} takes your function itself and calls it for you: write "
                f"check.{name}({name}), without brackets after the function's name. "
                f"It was given a {type(solution).__name__}."
            )
        return LocalHandle(solution, self._exercise.calling)


class Checks:
    """All checks by name; `dir(check)` lists them."""

    def __init__(self, exercises: Mapping[str, Exercise]) -> None:
        warm_up_meta()
        self._checks = {name: Check(exercise) for name, exercise in exercises.items()}

    def __getattr__(self, name: str) -> Check:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._checks[name]
        except KeyError:
            near = difflib.get_close_matches(name, self._checks, n=1)
            hint = f" Did you mean check.{near[0]}?" if near else " dir(check) lists them."
            raise AttributeError(f"There is no exercise called {name!r}.{hint}") from None

    def __dir__(self) -> list[str]:
        return sorted(self._checks)

    def __repr__(self) -> str:
        return f"<check: {', '.join(sorted(self._checks))}>"
