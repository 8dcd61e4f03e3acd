"""A small assignment, a class with attackers in it, and the real command run on both."""

from __future__ import annotations

import copy
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.conftest import ROOT
from tests.warm_commands import run_command

ASSIGNMENT = "walls"
SECRET = "SECRET-5f2c7e"
SEED = 11
Books = dict[str, NotebookNode]

GATE = """def forget_gate(x_t, h_prev, U_f, W_f):
    ### BEGIN SOLUTION
    return torch.sigmoid(x_t @ U_f + h_prev @ W_f)
    ### END SOLUTION"""
GATE_TEST = """result = check.forget_gate(forget_gate)
### BEGIN HIDDEN TESTS
result = check.forget_gate(forget_gate, seed=4711)
### END HIDDEN TESTS
result"""
CANDIDATE = GATE.replace("forget_gate", "candidate").replace("_f", "_c").replace("sigmoid", "tanh")
SQUARE = """def square(number):
    ### BEGIN SOLUTION
    return number * number
    ### END SOLUTION"""
SQUARE_TEST = """assert square(3) == 9
### BEGIN HIDDEN TESTS
secret = "SECRET-5f2c7e"
assert square(-4) == 16
assert np.allclose(square(1.5), 2.25)
### END HIDDEN TESTS"""
SCALED = """def scaled(values, factor):
    ### BEGIN SOLUTION
    return values * factor
    ### END SOLUTION"""
SCALED_TEST = """got = scaled(np.arange(3.0), 2)
assert isinstance(got, np.ndarray) and got.shape == (3,)
assert np.allclose(got, [0, 2, 4])
assert torch.equal(scaled(torch.ones(2), 3), torch.full((2,), 3.0))"""
COUNTER = """class Counter:
    ### BEGIN SOLUTION
    def __init__(self, start):
        self.count = start
    def __add__(self, other):
        return Counter(self.count + other.count)
    def __iter__(self):
        return iter(range(self.count))
    def __len__(self):
        return self.count
    ### END SOLUTION"""
COUNTER_TEST = """both = Counter(2) + Counter(3)
assert both.count == 5 and list(both) == [0, 1, 2, 3, 4] and len(both) == 5
assert isinstance(both, Counter)"""
#: Each question: notebook, answer, test, points.
QUESTIONS = {
    "forget_gate": ("checks", GATE, GATE_TEST, 2),
    "candidate": ("checks", CANDIDATE, GATE_TEST.replace("forget_gate", "candidate"), 2),
    "square": ("plain", SQUARE, SQUARE_TEST, 3),
    "scaled": ("plain", SCALED, SCALED_TEST, 3),
    "Counter": ("plain", COUNTER, COUNTER_TEST, 3),
}
TOTAL = 13.0
FIRST = {
    "checks": "import torch\nfrom autograder import check",
    "plain": "import numpy as np\nimport torch",
}
CONFIG = "\nc.CourseDirectory.root = {root!r}\n"


def source() -> Books:
    """The instructor's notebooks."""
    books = {}
    for book, first in FIRST.items():
        cells = [new_markdown_cell("# Questions", id="title"), new_code_cell(first, id="setup")]
        for name, (home, answer, test, points) in QUESTIONS.items():
            if home == book:
                cells.append(_cell(name, answer, solution=True))
                cells.append(_cell(f"test_{name}", test, grade=True, locked=True, points=points))
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        books[book] = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    return books


def _cell(name: str, text: str, points: int | None = None, **kinds: bool) -> NotebookNode:
    data = {"grade": False, "solution": False, "locked": False, "task": False, **kinds}
    data |= {"grade_id": name, "schema_version": 3, "cell_type": "code"}
    if points is not None:
        data["points"] = points
    return new_code_cell(text, id=name, metadata={"nbgrader": data})


def solution(name: str) -> str:
    """The right answer to a question, without the instructor's marks."""
    return "\n".join(line for line in QUESTIONS[name][1].splitlines() if "###" not in line)


class Submission:
    """What someone hands in: the released notebooks, answered, and files beside them."""

    def __init__(self, release: Books, answered: Sequence[str] = ()) -> None:
        self.books = copy.deepcopy(release)
        self.files: dict[str, bytes] = {}
        self.raw: dict[str, bytes] = {}
        self.in_folder: Callable[[Path], None] = lambda folder: None
        for name in answered:
            self.answer(name, solution(name))

    def cell(self, name: str) -> NotebookNode:
        """The cell of a grade id."""
        return next(
            cell
            for book in self.books.values()
            for cell in book.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id") == name
        )

    def answer(self, name: str, text: str) -> None:
        """Writes an answer."""
        self.cell(name).source = text

    def first(self, text: str, book: str = "checks") -> None:
        """Adds a cell before the questions."""
        cells = self.books[book].cells
        cells.insert(2, new_code_cell(text, id=f"extra-{len(cells)}"))

    def last(self, text: str, book: str = "checks") -> None:
        """Adds a cell after them."""
        cells = self.books[book].cells
        cells.append(new_code_cell(text, id=f"extra-{len(cells)}"))

    def write(self, folder: Path) -> None:
        """Hands it in."""
        folder.mkdir(parents=True)
        for name, book in self.books.items():
            text = self.raw.get(name, json.dumps(book).encode())
            (folder / f"{name}.ipynb").write_bytes(text)
        for name, data in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        self.in_folder(folder)


@dataclass(frozen=True)
class Attack:
    """One attacker: what is handed in, the mark it must get, and what the judge must have seen.

    `answered` are the questions answered honestly; they alone earn `mark`.
    """

    name: str
    change: Callable[[Submission], None]
    answered: tuple[str, ...] = ("forget_gate",)
    mark: float | None = None
    incident: str = ""

    @property
    def expected(self) -> float:
        """The mark it must get."""
        if self.mark is not None:
            return self.mark
        return float(sum(QUESTIONS[name][3] for name in self.answered))


HONEST: dict[str, tuple[str, ...]] = {
    "ada": tuple(QUESTIONS),
    "bo": ("forget_gate", "square", "Counter"),
    "cy": (),
    "zoe": ("candidate", "scaled"),
}


@functools.cache
def _generated() -> tempfile.TemporaryDirectory[str]:
    """A course folder in which nbgrader generated the assignment: once for all classes here."""
    return tempfile.TemporaryDirectory(prefix="generated-")


def _generate(course: GradedClass) -> None:
    """The release and the gradebook as `nbgrader generate_assignment` leaves them."""
    made = Path(_generated().name)
    if not (made / "release").exists():
        course._run("nbgrader", "generate_assignment", ASSIGNMENT)
        shutil.copytree(course.root / "release", made / "release")
        shutil.copy2(course.root / "gradebook.db", made)
    else:
        shutil.copytree(made / "release", course.root / "release")
        shutil.copy2(made / "gradebook.db", course.root)


class GradedClass:
    """A course folder, graded by `autograder grade` in a process of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True)
        config = (ROOT / "nbgrader_config.py").read_text()
        (root / "nbgrader_config.py").write_text(config + CONFIG.format(root=str(root)))
        for name, book in source().items():
            path = root / "source" / ASSIGNMENT / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(book, path)
        _generate(self)
        release = root / "release" / ASSIGNMENT
        self.release: Books = {n: nbformat.read(release / f"{n}.ipynb", 4) for n in FIRST}

    def hand_in(self, student: str, submission: Submission) -> None:
        """Puts a submission where nbgrader collects them."""
        submission.write(self.root / "submitted" / student / ASSIGNMENT)

    def grade(self, *options: str, cold: bool = False) -> str:
        """Runs the command; what it printed."""
        return self._run("autograder", "grade", ASSIGNMENT, f"--seed={SEED}", *options, cold=cold)

    def verdict(self, student: str) -> bytes:
        """A student's verdict, as it was written."""
        return (self.root / "verdicts" / ASSIGNMENT / f"{student}.json").read_bytes()

    def mark(self, student: str) -> float:
        """A student's points in nbgrader's gradebook."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            return float(gradebook.find_submission(ASSIGNMENT, student).score)

    def incidents(self, student: str) -> str:
        """All that the judge saw in a submission, as text."""
        data = json.loads(self.verdict(student))
        found = [*data["incidents"], *(i for b in data["notebooks"] for i in b["incidents"])]
        return "\n".join(f"{one['kind']} {one['where']}: {one['says']}" for one in found)

    def autograded(self, student: str) -> dict[str, bytes]:
        """The files of a student's marked submission."""
        folder = self.root / "autograded" / student / ASSIGNMENT
        return {p.name: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}

    def _run(self, program: str, *words: str, expect: int = 0, cold: bool = False) -> str:
        """Runs a command: warm, or `cold`, so that /proc shows its environment, and the secret."""
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "COURSE_PASSWORD": SECRET}
        if not cold:
            done = run_command(program, words, self.root, environment)
        else:
            done = subprocess.run(
                [sys.executable, "-m", program, *words],
                cwd=self.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=280,
                check=False,
            )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr


def graded_class(root: Path, attacks: Sequence[Attack], *options: str) -> GradedClass:
    """A class of the honest and the attackers, graded."""
    course = GradedClass(root)
    for name, answered in HONEST.items():
        course.hand_in(name, Submission(course.release, answered))
    for attack in attacks:
        submission = Submission(course.release, attack.answered)
        attack.change(submission)
        course.hand_in(attack.name, submission)
    course.grade(*options, cold=True)  # there attackers look for what is not theirs
    return course


def copy_of(course: GradedClass, root: Path) -> GradedClass:
    """The same submissions in a new course folder, not graded."""
    again = GradedClass(root)
    shutil.copytree(course.root / "submitted", root / "submitted", symlinks=True)
    return again
