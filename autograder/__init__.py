"""The course's autograder: compares what a student wrote with PyTorch and names the mistake.

In a notebook::

    from autograder import check

    check.forget_gate(forget_gate)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.checking.checks import Checks
    from autograder.checking.result import Result

    check: Checks

__all__ = ["Result", "check"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Loads PyTorch and the exercises when first asked for: `autograder --help` is quick."""
    if name == "check":
        from autograder.checking.checks import Checks
        from autograder.exercises import EXERCISES

        globals()["check"] = Checks(EXERCISES)
        return globals()["check"]
    if name == "Result":
        from autograder.checking.result import Result

        return Result
    raise AttributeError(f"module 'autograder' has no attribute {name!r}")
