"""What `from autograder import check` finds in a sandbox: no check, no oracle, a polite word."""

from __future__ import annotations

import sys
import types
from typing import Any

SAYS = "Not checked here: while a notebook is marked, only its graded cells are checked."


class AbsentResult:
    """Stands in for a result."""

    passed = False
    score = max_score = 0.0
    diagnoses: tuple[str, ...] = ()
    seed = 0

    def __repr__(self) -> str:
        return SAYS


class AbsentChecks:
    """Stands in for `check`: any name is a check, and none of them looks at anything."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *arguments, **named: AbsentResult()

    def __repr__(self) -> str:
        return "<check: while a notebook is marked, only its graded cells are checked>"


def install() -> None:
    """Puts the stand-in where `autograder.check` is looked for."""
    package: Any = sys.modules["autograder"]
    package.check = AbsentChecks()
    package.Result = AbsentResult
    empty = types.ModuleType("autograder.exercises")
    empty.__dict__["EXERCISES"] = {}
    sys.modules["autograder.exercises"] = empty
