"""What a check found, as plain data, and how it shows itself."""

from __future__ import annotations

import math
import os
import sys
from dataclasses import asdict, dataclass
from typing import Any

from autograder.checking.compare import Patch

#: The plain data of a result, kept in the notebook beside its picture.
MIME = "application/vnd.autograder.result+json"


def _strict(value: Any) -> Any:
    """The same data with lists for tuples, and "nan", "inf", "-inf" where JSON has no number."""
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


@dataclass(frozen=True)
class Finding:
    """One thing to tell the student: its diagnosis name, a sentence, where to look."""

    name: str
    says: str
    look: str = ""


@dataclass(frozen=True)
class OutputLine:
    """How one output fared over all cases.

    `looked_at` is False where something before it went wrong, so that nobody knows.
    """

    name: str
    passed: bool
    points: float
    says: str = ""
    case: str = ""
    patch: Patch | None = None
    looked_at: bool = True


@dataclass(frozen=True)
class DeviceLine:
    """How the solution fared on one device: `passed` is None where it was not tried."""

    device: str
    passed: bool | None
    says: str


@dataclass(frozen=True)
class Result:
    """What a check found. `passed`, `score`, `max_score`, `diagnoses` and `seed` never change name.

    `score` and `max_score` are in points. `diagnoses` names the misconceptions, empty when passed.
    Shown in a notebook it is a picture for a person, and as `text/plain` the number that nbgrader
    reads as partial credit; `str(result)` is the same as the picture, for a terminal.
    """

    exercise: str
    signature: str
    passed: bool
    score: float
    max_score: float
    seed: int
    findings: tuple[Finding, ...] = ()
    outputs: tuple[OutputLine, ...] = ()
    devices: tuple[DeviceLine, ...] = ()
    cases: int = 0
    printed: str = ""

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """The names of what went wrong, each once."""
        return tuple(dict.fromkeys(finding.name for finding in self.findings))

    @property
    def not_started(self) -> bool:
        """Whether the answer is still the stub."""
        return self.diagnoses == ("not_started",)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, strict JSON: the fields and `diagnoses`; NaN and infinity as strings."""
        data: dict[str, Any] = _strict({**asdict(self), "diagnoses": self.diagnoses})
        return data

    def __str__(self) -> str:
        from autograder.checking.text_view import to_text

        return to_text(self)

    def __repr__(self) -> str:
        return f"{round(self.score, 4)}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        from autograder.checking.html_view import to_html

        if not self.passed and os.environ.get("NBGRADER_EXECUTION") == "validate":
            # nbgrader's Validate button shows a failed cell's stderr and nothing else of it.
            print(self, file=sys.stderr)
        return {"text/plain": repr(self), "text/html": to_html(self), MIME: self.to_dict()}
