"""What the judge found in one submission: plain data, the same for the same submission."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Incident:
    """Something a person should know of: tampering, a cell that had to be killed, a refused file.

    `kind` is a stable name (`points_changed`, `cell_killed`, `file_refused` …), `where` a cell or a
    file, `says` a sentence. `for_instructor` marks what the instructor has to mend, such as a test
    that asks for something that cannot cross from the sandbox.
    """

    kind: str
    where: str
    says: str
    for_instructor: bool = False


@dataclass(frozen=True)
class CellMark:
    """One graded cell. `auto_score` is None where a person has to mark it.

    `result` is the plain data of a check's result (`Result.to_dict()`), or None.
    """

    grade_id: str
    auto_score: float | None
    max_score: float
    result: dict[str, Any] | None = None


@dataclass(frozen=True)
class NotebookVerdict:
    """One notebook: its marks, nbgrader's automatic comments, and the autograded notebook's text.

    `comments` maps the grade id of each solution and task cell to `"No response."` or None.
    `text` is empty where the notebook was missing or unreadable: every auto score is then 0.
    """

    name: str
    marks: tuple[CellMark, ...]
    comments: dict[str, str | None] = field(default_factory=dict)
    text: str = ""
    incidents: tuple[Incident, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """One student's submission for an assignment.

    `seed` is the one its checks were drawn from, `submission` the SHA-256 of what was handed in.
    """

    student: str
    assignment: str
    seed: int
    notebooks: tuple[NotebookVerdict, ...]
    incidents: tuple[Incident, ...] = ()
    submission: str = ""

    @property
    def score(self) -> float:
        """Points given automatically."""
        return sum(mark.auto_score or 0.0 for book in self.notebooks for mark in book.marks)

    @property
    def max_score(self) -> float:
        """Points there are in the cells that are marked automatically."""
        return sum(
            mark.max_score
            for book in self.notebooks
            for mark in book.marks
            if mark.auto_score is not None
        )

    def to_json(self) -> str:
        """The verdict as JSON, the same bytes for the same verdict; notebooks by their hash."""
        data = asdict(self)
        for book in data["notebooks"]:
            book["sha256"] = hashlib.sha256(book.pop("text").encode()).hexdigest()
        data["score"], data["max_score"] = self.score, self.max_score
        return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @property
    def all_incidents(self) -> tuple[Incident, ...]:
        """Those of the submission, then those of each notebook."""
        return (*self.incidents, *(found for book in self.notebooks for found in book.incidents))
