"""Grades a class: which submissions there are, which are done, and what becomes of the others."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.judging.files import read_files
from autograder.judging.gradebook import GradebookWriter
from autograder.judging.isolation import Isolation, need_bubblewrap
from autograder.judging.judge import Job, Judged, Terms
from autograder.judging.limits import Limits
from autograder.judging.loading import digest_of, read_timestamp, when
from autograder.judging.planning import GradingProblem, read_plan
from autograder.judging.pool import Failure, judge_job, local_pool
from autograder.judging.publishing import (
    VERDICTS,
    is_pending,
    publish,
    settle,
    sweep,
    write_whole,
)
from autograder.judging.verdict import Verdict

STUDENT = re.compile(r"\w[\w .@+-]*", re.UNICODE)
LONGEST_ID = 128
#: Jobs in the pool for each worker: enough to keep it busy, few enough to keep memory flat.
AHEAD = 2
TRIES = 2
SEED_LIMIT = 2**31


@dataclass(frozen=True)
class Class:
    """The submissions of an assignment: those to grade, those done, those that cannot be named."""

    waiting: tuple[str, ...]
    done: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True)
class Order:
    """What `autograder grade` was asked to do."""

    assignment: str
    students: tuple[str, ...] = ()
    workers: int = 1
    seed: int | None = None
    force: bool = False
    isolation: Isolation = "bubblewrap"
    limits: Limits = field(default_factory=Limits)


class Course:
    """A course folder as nbgrader's configuration has it."""

    def __init__(self, coursedir: CourseDirectory, config: Config | None = None) -> None:
        self.coursedir = coursedir
        self.config = config
        self.root = Path(coursedir.root)

    def submitted(self, student: str, assignment: str) -> Path:
        """Where a student's submission lies."""
        return self._path(self.coursedir.submitted_directory, student, assignment)

    def autograded(self, student: str, assignment: str) -> Path:
        """Where it goes when it is marked."""
        return self._path(self.coursedir.autograded_directory, student, assignment)

    def verdicts(self, assignment: str) -> Path:
        """The folder of an assignment's verdicts."""
        return self.root / VERDICTS / assignment

    def handed_in(self, assignment: str) -> Iterator[str]:
        """The names of the folders in `submitted/` that hold the assignment, in order."""
        folder = self.root / self.coursedir.submitted_directory
        if folder.is_dir():
            for entry in sorted(folder.iterdir(), key=lambda path: path.name):
                place = self.submitted(entry.name, assignment)
                if place.is_dir() or place.is_symlink():
                    yield entry.name

    def _path(self, step: str, student: str, assignment: str) -> Path:
        return self.root / self.coursedir.format_path(step, student, assignment)


def is_student_id(name: str) -> bool:
    """Whether a folder's name can be a student: no path, no formula, nothing unprintable."""
    plain = STUDENT.fullmatch(name) is not None and ".." not in name
    return plain and len(name) <= LONGEST_ID and name == name.strip()


def find_class(course: Course, order: Order, done: set[str]) -> Class:
    """Who is to be graded. Raises GradingProblem where nobody handed in, or a name is unknown."""
    there = list(course.handed_in(order.assignment))
    unknown = [student for student in order.students if student not in there]
    if unknown:
        raise GradingProblem(
            f"No submission of {order.assignment} by {', '.join(map(repr, unknown))} in "
            f"{course.root / course.coursedir.submitted_directory}."
        )
    if not there:
        where = course.submitted("<student>", order.assignment)
        raise GradingProblem(f"Nobody has handed in {order.assignment}: nothing is at {where}.")
    asked = [name for name in there if not order.students or name in order.students]
    named = [name for name in asked if is_student_id(name)]
    finished = {
        name
        for name in named
        if name in done and not order.force and not _changed(course, name, order)
    }
    return Class(
        waiting=tuple(name for name in named if name not in finished),
        done=tuple(name for name in named if name in finished),
        refused=tuple(name for name in asked if not is_student_id(name)),
    )


def _changed(course: Course, student: str, order: Order) -> bool:
    """Whether something else lies there than what was marked, or its marks may not be written."""
    verdicts = course.verdicts(order.assignment)
    if is_pending(verdicts, student) or _newer(course, student, order.assignment):
        return True
    try:
        verdict = json.loads((verdicts / f"{student}.json").read_text(encoding="utf-8"))
        marked = verdict["submission"]
    except (OSError, ValueError, KeyError, TypeError):  # marked by `nbgrader autograde`
        return False
    there = read_files(course.submitted(student, order.assignment), order.limits)
    return bool(marked != digest_of(there))


def _newer(course: Course, student: str, assignment: str) -> bool:
    """Whether what was handed in is newer than what was marked, or nothing was: nbgrader's rule."""
    marked = course.autograded(student, assignment)
    if not marked.is_dir():
        return True
    new, old = (
        when(read_timestamp(folder)) for folder in (course.submitted(student, assignment), marked)
    )
    return new is not None and (old is None or new > old)


def run_seed(course: Course, order: Order) -> int:
    """The seed of an assignment's checks: the one asked for, the one used before, or a new one."""
    path = course.verdicts(order.assignment) / ".run.json"
    if order.seed is not None:
        seed = order.seed
    else:
        try:
            seed = int(json.loads(path.read_text(encoding="utf-8"))["seed"])
        except (OSError, ValueError, KeyError, TypeError):
            seed = secrets.randbelow(SEED_LIMIT)
    write_whole(path, json.dumps({"seed": seed}) + "\n")
    return seed


Watch = Callable[[Verdict | Failure], None]


def grade(course: Course, order: Order, begun: Callable[[Class], None], watch: Watch) -> None:
    """Grades what waits. `begun` is told who that is, `watch` each verdict once it is written.

    Interrupted at any moment, by whatever, it loses nothing: a second run does the rest.
    Raises GradingProblem, NoIsolationError.
    """
    if order.isolation == "bubblewrap":
        need_bubblewrap()
    plan = read_plan(course.coursedir, order.assignment)

    def open_writer() -> GradebookWriter:
        url, course_id = course.coursedir.db_url, course.coursedir.course_id
        return GradebookWriter(url, course_id, plan, config=course.config)

    with open_writer() as writer:
        members = find_class(course, order, writer.done())
    terms = Terms(run_seed(course, order), order.limits)
    sweep(course.root / course.coursedir.autograded_directory, order.assignment)
    begun(members)
    jobs = [
        Job(name, course.submitted(name, order.assignment), plan, terms) for name in members.waiting
    ]
    with contextlib.ExitStack() as stack:
        again: GradebookWriter | None = None
        for outcome in judge_all(jobs, order):
            if isinstance(outcome, Failure):
                watch(outcome)
                continue
            if again is None:  # after the judges were forked: the gradebook is not theirs
                again = stack.enter_context(open_writer())
            autograded = course.autograded(outcome.verdict.student, order.assignment)
            publish(outcome, autograded, course.verdicts(order.assignment))
            again.write(outcome.verdict, outcome.handed_in)
            settle(course.verdicts(order.assignment), outcome.verdict.student)
            watch(outcome.verdict)


def judge_all(
    jobs: list[Job], order: Order, make_pool: Callable[[int], Executor] = local_pool
) -> Iterator[Judged | Failure]:
    """The verdicts as they come. A judge that dies takes only its own submissions' turn with it."""
    waiting = deque((job, 1) for job in jobs)
    workers = max(1, min(order.workers, len(jobs)))
    while waiting:
        pool = make_pool(workers)
        running: dict[Future[Any], tuple[Job, int]] = {}
        ended = False
        try:
            while waiting or running:
                while waiting and len(running) < AHEAD * workers:
                    job, tries = waiting.popleft()
                    running[pool.submit(judge_job, job, order.isolation)] = job, tries
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    job, tries = running.pop(future)
                    try:
                        yield future.result()
                    except BrokenProcessPool:
                        running[future] = job, tries
                        raise
            ended = True
        except BrokenProcessPool:
            for job, tries in running.values():
                if tries < TRIES:
                    waiting.append((job, tries + 1))
                else:
                    yield Failure(job.student, "the judge was killed while it was judged, twice")
            workers = 1  # so that what kills a judge is found out
        finally:
            pool.shutdown(wait=ended, cancel_futures=True)  # when interrupted, at once
