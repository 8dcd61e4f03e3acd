"""The judge: one submission in, one verdict out, and nothing else changed."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, determine_grade

from autograder.judging.limits import Limits
from autograder.judging.loading import load_submission, when
from autograder.judging.mending import mend
from autograder.judging.outputs import Collected, new_output
from autograder.judging.plan import AssignmentPlan, NotebookPlan
from autograder.judging.remote import Student
from autograder.judging.running import Clock, Run
from autograder.judging.sandbox import SandboxEnded, Warm
from autograder.judging.testing import TestSpace, forbidden_operators, run_test
from autograder.judging.verdict import CellMark, Incident, NotebookVerdict, Verdict
from autograder.judging.viewing import make_plain, make_safe
from autograder.notebooks.cells import SKIP_TAG, grade_id, name_of

NO_RESPONSE = "No response."
MOST_SEEN = 20
CLEANING_SECONDS = 20


@dataclass(frozen=True)
class Terms:
    """On what terms submissions are judged: the seed of checks that name none, and the limits."""

    seed: int
    limits: Limits = field(default_factory=Limits)
    device: str | None = None


@dataclass(frozen=True)
class Job:
    """One submission to judge. `folder` holds what the student handed in."""

    student: str
    folder: Path
    plan: AssignmentPlan
    terms: Terms


@dataclass(frozen=True)
class Judged:
    """A verdict, and what goes with it into `autograded/`: the files, and when it was handed in."""

    verdict: Verdict
    files: dict[str, bytes]
    timestamp: str | None

    @property
    def handed_in(self) -> datetime | None:
        """The timestamp as nbgrader reads it, in UTC without a zone."""
        return when(self.timestamp)


def judge_submission(job: Job, warm: Warm) -> Judged:
    """The verdict on a submission; the same for the same files, plan and terms.

    Raises NoIsolationError where no sandbox can be made, and nothing for what was handed in.
    """
    submission = load_submission(job.folder, job.plan, job.terms.limits)
    clock = Clock(job.terms.limits.submission_seconds)
    files = dict(submission.files)
    for name, path in job.plan.files:
        files[name] = path.read_bytes()
    books = []
    for plan in job.plan.notebooks:
        notebook = submission.notebooks.get(plan.name)
        if notebook is None:
            books.append(unread(plan))
        else:
            books.append(judge_notebook(notebook, plan, job.terms, warm, files, clock))
    verdict = Verdict(
        job.student,
        job.plan.name,
        job.terms.seed,
        tuple(books),
        submission.incidents,
        submission.digest,
    )
    return Judged(verdict, files, submission.timestamp)


def unread(plan: NotebookPlan) -> NotebookVerdict:
    """The verdict on a notebook that is not there: no points, nothing for a person to mark."""
    marks = (CellMark(c.grade_id, 0.0, c.points or 0.0) for c in plan.cells if c.grade or c.task)
    return NotebookVerdict(plan.name, tuple(marks))


def judge_notebook(
    notebook: NotebookNode,
    plan: NotebookPlan,
    terms: Terms,
    warm: Warm,
    files: dict[str, bytes],
    clock: Clock,
) -> NotebookVerdict:
    """Mends one notebook, runs it, and marks it. `files` lie beside it in the sandbox."""
    book, incidents = mend(notebook, plan)
    operators = forbidden_operators(plan)
    with Run(warm, terms.limits, files, clock, operators, plan.modules) as run:
        judging = _Judging(book, plan, terms, run)
        judging.run_cells()
    for cell in book.cells:
        cell.metadata.pop("execution", None)
    trusted = {cell.source for cell in plan.cells}
    changed = _make_safe(book, judging.tests, trusted)
    found = [*incidents, *judging.incidents]
    found += [Incident("output_cleaned", plan.name, says) for says in changed]
    return NotebookVerdict(
        name=plan.name,
        marks=tuple(judging.marks(found)),
        comments=_comments(book),
        text=json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True) + "\n",
        incidents=tuple(found),
    )


def _make_safe(book: NotebookNode, keep: set[int], trusted: set[str]) -> tuple[str, ...]:
    """As `make_safe`; what takes it too long is shown as it was typed, without its outputs."""
    try:
        with _alarm(CLEANING_SECONDS):
            return make_safe(book, keep, trusted)
    except TestTimeout:
        make_plain(book, keep, trusted)
        return (f"It took more than {CLEANING_SECONDS} s to make it safe to look at; it is plain.",)


class _Judging:
    """The cells of one mended notebook, one after another."""

    def __init__(self, book: NotebookNode, plan: NotebookPlan, terms: Terms, run: Run) -> None:
        self._book, self._plan, self._terms, self._run = book, plan, terms, run
        self._space = TestSpace(plan, Student(run.ask), terms.seed, terms.device)
        self._sources = {cell.grade_id: cell.source for cell in plan.tests}
        self._results: dict[str, dict[str, Any]] = {}
        self._count = 0
        self._output_left = terms.limits.notebook_output
        self._said: set[str] = set()
        self.tests: set[int] = set()
        self.incidents: list[Incident] = []

    def run_cells(self) -> None:
        """Runs all of them, filling in their outputs."""
        for index, cell in enumerate(self._book.cells):
            if cell.cell_type != "code":
                continue
            name = name_of(cell, index)
            if grade_id(cell) in self._sources:
                self.tests.add(index)
                self._run_test(cell, name)
            elif SKIP_TAG not in (cell.metadata.get("tags") or ()) and cell.source.strip():
                self._run_cell(cell, name)
            self._note_attempts(name)

    def _run_cell(self, cell: NotebookNode, name: str) -> None:
        self._count += 1
        cell.execution_count = self._count
        collected = Collected(min(2 * self._terms.limits.output, self._output_left))
        try:
            self._run.run_cell(cell.source, collected)
        except SandboxEnded as ended:
            self._say_ended(ended, name)
            says = f"This cell {ended.says}."
            collected.outputs.append(
                new_output("error", ename=ended.kind, evalue=says, traceback=[says])
            )
        collected.number(self._count)
        self._output_left -= collected.size
        cell.outputs = collected.outputs

    def _run_test(self, cell: NotebookNode, name: str) -> None:
        self._count += 1
        cell.execution_count = self._count
        self._run.begin_test()
        with _alarm(self._terms.limits.cell_seconds):
            outcome = run_test(self._sources[name], name, self._space, self._count)
        cell.outputs = outcome.outputs
        if outcome.result is not None:
            self._results[name] = outcome.result.to_dict()
        ended = outcome.ended or self._run.broken
        if ended is not None:
            self._say_ended(ended, name)
        if outcome.for_instructor:
            self.incidents.append(Incident("cannot_test", name, outcome.for_instructor, True))

    def _say_ended(self, ended: SandboxEnded, name: str) -> None:
        """One incident for each cell that ended the process, and one for all that then waited."""
        if ended.kind in ("refills", "submission_timeout"):
            if ended.kind in self._said:
                return
            self._said.add(ended.kind)
        self.incidents.append(Incident(f"cell_{ended.kind}", name, f"This cell {ended.says}."))

    def _note_attempts(self, name: str) -> None:
        for says in self._run.seen:
            if len(self._said) < MOST_SEEN and says not in self._said:
                self._said.add(says)
                self.incidents.append(Incident("reached_out", name, f"Tried to {says}."))
        self._run.seen.clear()

    def marks(self, found: list[Incident]) -> Iterator[CellMark]:
        """The marks of all graded cells, by nbgrader's own rule, in the notebook's order."""
        for cell in self._book.cells:
            data = cell.metadata.get("nbgrader", {})
            if data.get("task"):
                yield CellMark(data["grade_id"], None, float(data["points"]))
            if not data.get("grade"):
                continue
            try:
                score, most = determine_grade(cell)
            except (ValueError, KeyError) as error:
                score, most = 0.0, float(data["points"])
                says = f"Its result is no mark for it: {error}."
                found.append(Incident("cannot_mark", data["grade_id"], says, True))
            result = self._results.get(data["grade_id"])
            if result is not None and result["max_score"] != data["points"]:
                says = (
                    f"The cell is worth {data['points']:g}, but its check gives "
                    f"{result['score']:g} of {result['max_score']:g}: points stand in the "
                    "exercise's definition too."
                )
                found.append(Incident("points_disagree", data["grade_id"], says, True))
            yield CellMark(data["grade_id"], score, most, result)


def _comments(book: NotebookNode) -> dict[str, str | None]:
    """Nbgrader's automatic comment on each solution and task cell."""
    comments: dict[str, str | None] = {}
    for cell in book.cells:
        data = cell.metadata.get("nbgrader", {})
        if data.get("solution") or data.get("task"):
            same = data.get("checksum") == compute_checksum(cell) and not data.get("task")
            comments[data["grade_id"]] = NO_RESPONSE if same else None
    return comments


class TestTimeout(BaseException):
    """A test cell ran longer than a cell may."""

    __test__ = False


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Ends a test cell that runs too long, as one may on what a student's code returned."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise TestTimeout(f"this test ran longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def with_student(verdict: Verdict, student: str) -> Verdict:
    """The same verdict under another name; for comparing."""
    return replace(verdict, student=student)
