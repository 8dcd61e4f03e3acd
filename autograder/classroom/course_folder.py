"""A course folder, and nbgrader's commands run in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from autograder.classroom.students import STUDENTS, submission
from autograder.notebooks.reading import read_notebook

ASSIGNMENT, NOTEBOOK = "05_lstm", "01_gates"
CONFIG = "nbgrader_config.py"
LOG, GRADES, GRADEBOOK = "nbgrader.log", "grades.csv", "gradebook.db"
STEP_SECONDS = 1800
#: The demo shows the same cases each time.
SEED = 5
#: How many of the last lines of the log a failure shows, and which others.
TAIL = 8
CAUSE = re.compile(r"\s*[\w.]+(Error|Exception): ")


class ClassroomProblem(Exception):  # noqa: N818  (what it says is what is wrong)
    """Why the demo cannot go on; its message is a paragraph for the person who started it."""


def find_course(start: Path, holding: str = "*/*.ipynb") -> Path:
    """The nearest folder from `start` upward whose `source/` holds such a notebook.

    Raises ClassroomProblem where there is none.
    """
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file() and any((folder / "source").glob(holding)):
            return folder
    raise ClassroomProblem(
        f"This needs the course's own folder (with {CONFIG} and source/{holding}), and "
        f"neither {start} nor a folder above it is one. Go there first: the solutions are not part "
        "of what pip installs."
    )


def find_checkout(start: Path) -> Path:
    """As `find_course`, where the notebook is there that the demo's class solves."""
    return find_course(start, f"{ASSIGNMENT}/{NOTEBOOK}.ipynb")


def prepare(folder: Path) -> None:
    """Makes `folder`, or takes it where it is empty. Raises ClassroomProblem where it is not."""
    if folder.exists() and not folder.is_dir():
        raise ClassroomProblem(f"{folder} is a file; the demo needs a folder that is new or empty.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        full = any(folder.iterdir())
    except OSError as error:
        raise ClassroomProblem(f"{folder} cannot be used: {error.strerror}.") from None
    if full:
        raise ClassroomProblem(
            f"{folder} is not empty, and the demo does not touch what is in it. Name a folder that "
            "is new or empty."
        )


class CourseFolder:
    """A course folder with nbgrader's layout; each method is one step of a course's life."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.log = self.root / LOG
        self.database = f"sqlite:///{self.root / GRADEBOOK}"

    def copy_source(self, checkout: Path, assignment: str) -> None:
        """An assignment's notebooks and nbgrader's settings, from the course's own folder."""
        shutil.copy(checkout / CONFIG, self.root / CONFIG)
        shutil.copytree(
            checkout / "source" / assignment,
            self.root / "source" / assignment,
            ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__"),
        )

    def copy_notebook(self, checkout: Path) -> None:
        """The one notebook that the demo's class solves, and nbgrader's settings."""
        shutil.copy(checkout / CONFIG, self.root / CONFIG)
        target = _source(self.root)
        target.parent.mkdir(parents=True)
        shutil.copy(_source(checkout), target)

    def release(self, assignment: str = ASSIGNMENT) -> None:
        """`nbgrader generate_assignment`: the notebooks that students get."""
        self._nbgrader("generate_assignment", "--force", assignment)

    def hand_in(self) -> None:
        """Everyone's notebook into `submitted/`. Raises StaleEdit."""
        source = read_notebook(_source(self.root))
        release = read_notebook(self.root / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")
        for student in STUDENTS:
            folder = self.root / "submitted" / student.name / ASSIGNMENT
            folder.mkdir(parents=True)
            handed_in = submission(student, source, release)
            nbformat.write(handed_in, folder / f"{NOTEBOOK}.ipynb")

    def grade(self) -> None:
        """`autograder grade`: every submission judged, in a sandbox."""
        self._run("autograder", "grade", ASSIGNMENT, f"--seed={SEED}")

    def verdict(self, student: str) -> Path:
        """Where what was found in a student's submission lies."""
        return self.root / "verdicts" / ASSIGNMENT / f"{student}.json"

    def export(self) -> None:
        """`nbgrader export`: the marks as a table for a spreadsheet."""
        self._nbgrader("export", f"--to={self.root / GRADES}")

    def give_feedback(self) -> None:
        """`nbgrader generate_feedback`: a page for each student."""
        self._nbgrader("generate_feedback", ASSIGNMENT)

    def autograded(self, student: str) -> Path:
        """Where a student's marked notebook lies."""
        return self.root / "autograded" / student / ASSIGNMENT / f"{NOTEBOOK}.ipynb"

    def feedback(self, student: str) -> Path:
        """Where a student's feedback page lies."""
        return self.root / "feedback" / student / ASSIGNMENT / f"{NOTEBOOK}.html"

    def _nbgrader(self, command: str, *arguments: str) -> None:
        """Runs one of nbgrader's commands here; what it says goes to the log.

        Folder and gradebook are named outright: a setting in someone's home folder must not lead
        the demo into a real gradebook.
        """
        self._run(
            "nbgrader",
            command,
            *arguments,
            f"--CourseDirectory.root={self.root}",
            f"--CourseDirectory.db_url={self.database}",
        )

    def _run(self, program: str, command: str, *arguments: str) -> None:
        call = [sys.executable, "-m", program, command, *arguments]
        here = str(Path(sys.executable).parent)  # nbgrader calls `alembic` by name
        environment = {
            "OMP_NUM_THREADS": "1",  # for tensors this small, threads only wait for each other
            **os.environ,
            "PATH": os.pathsep.join([here, os.environ.get("PATH", "")]),
        }
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"\n$ {program} {command} {' '.join(arguments)}\n")
            log.flush()
            try:
                code = subprocess.run(
                    call,
                    cwd=self.root,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    timeout=STEP_SECONDS,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                code = -1
                log.write(f"stopped after {STEP_SECONDS} s\n")
        if code != 0:
            raise ClassroomProblem(self._failure(f"{program} {command}"))

    def _failure(self, command: str) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        causes = list(dict.fromkeys(line.strip() for line in lines if CAUSE.match(line)))
        shown = "\n".join(f"    {line[:200]}" for line in [*causes, "...", *lines[-TAIL:]])
        return f"`{command}` failed. What its log says:\n{shown}\nAll of it: {self.log}"


def _source(root: Path) -> Path:
    return root / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
