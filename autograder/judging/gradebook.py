"""The one writer into nbgrader's gradebook: its rows are those `nbgrader autograde` would make.

nbgrader opens its database several times for each notebook and commits after each cell. Here a
verdict is one transaction, or several verdicts are, and cell ids are looked up once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType

from nbgrader.api import Assignment, Grade, SubmittedAssignment, SubmittedNotebook
from nbgrader.utils import parse_utc
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import IntegrityError
from traitlets.config import Config

from autograder.judging.database import (
    PATIENCE,
    GradingProblem,
    begin_writing,
    open_gradebook,
    problems,
)
from autograder.judging.late import LatePenalties
from autograder.judging.plan import AssignmentPlan
from autograder.judging.submission_rows import (
    Book,
    Changes,
    add_courses,
    find_books,
    find_cells,
    find_present,
)
from autograder.judging.verdict import NotebookVerdict, Verdict

__all__ = ["Entry", "GradebookWriter"]

#: A verdict, and when the submission was handed in: UTC where it has no zone, None where unknown.
Entry = tuple[Verdict, datetime | None]
#: nbgrader's steps open the gradebook without a course, and so make this one.
DEFAULT_COURSE = "default_course"
#: How often a transaction is begun again after another program made the same rows meanwhile.
ATTEMPTS = 3


class GradebookWriter:
    """Writes verdicts on one assignment; use it in a `with`, from one thread.

    `config` is nbgrader's: the plugin for late submissions and its settings. `patience` is how many
    seconds to wait while another program writes.
    """

    def __init__(
        self,
        db_url: str,
        course_id: str,
        plan: AssignmentPlan,
        config: Config | None = None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._db_url, self._plan, self._patience = db_url, plan, patience
        self._courses = {course_id, DEFAULT_COURSE} - {""}
        self._late = LatePenalties(config)
        self._engine: Engine | None = None
        self._assignment = ""
        self._books: dict[str, Book] = {}

    def __enter__(self) -> GradebookWriter:
        """Opens the gradebook. Raises GradingProblem, also where it has not what the plan has."""
        engine = open_gradebook(self._db_url, self._patience)
        try:
            with problems(engine.url):
                self._look_up(engine)
        except BaseException:
            engine.dispose()
            raise
        self._engine = engine
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def done(self) -> set[str]:
        """The students whose submission is marked: all its notebooks, all that is automatic.

        Raises GradingProblem.
        """
        engine = self._opened()
        automatic = [
            book.grades[cell.grade_id]
            for notebook in self._plan.notebooks
            for book in [self._books[notebook.name]]
            for cell in notebook.tests
        ]
        whole = (
            select(SubmittedAssignment.student_id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .where(SubmittedAssignment.assignment_id == self._assignment)
            .where(SubmittedNotebook.notebook_id.in_([book.id for book in self._books.values()]))
            .group_by(SubmittedAssignment.student_id)
        )
        marked = whole.join(Grade, Grade.notebook_id == SubmittedNotebook.id).where(
            Grade.cell_id.in_(automatic), Grade.auto_score.is_not(None)
        )
        with problems(engine.url), engine.connect() as connection:
            counted = whole.having(func.count(SubmittedNotebook.id) == len(self._books))
            students = set(connection.execute(counted).scalars())
            if automatic:
                counted = marked.having(func.count(Grade.id) == len(automatic))
                students &= set(connection.execute(counted).scalars())
        return students

    def write(self, verdict: Verdict, timestamp: datetime | None) -> None:
        """Writes one verdict: all of it, or nothing. As `write_all`."""
        self.write_all([(verdict, timestamp)])

    def write_all(self, entries: Sequence[Entry]) -> None:
        """Writes verdicts in one transaction: all of them, or, where this raises, none.

        What a person gave stays: scores, comments, extra credit, extensions, flags. Raises
        GradingProblem where the gradebook does not take them (they can be written again), and
        ValueError for verdicts that do not fit the plan.
        """
        self._require_fitting([verdict for verdict, _ in entries])
        if not entries:
            return
        engine = self._opened()
        with problems(engine.url):
            for attempt in range(ATTEMPTS):
                try:
                    with engine.connect() as connection:
                        self._write(connection, entries)
                    return
                except IntegrityError:  # formgrader, say, made the same student just now
                    if attempt == ATTEMPTS - 1:
                        raise

    def _opened(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("a GradebookWriter has to be opened by `with` before it is used")
        return self._engine

    def _look_up(self, engine: Engine) -> None:
        with engine.connect() as connection:
            found = select(Assignment.id).where(Assignment.name == self._plan.name)
            self._assignment = connection.execute(found).scalar() or ""
            self._books = find_books(connection, self._assignment)
        planned = {
            (notebook.name, cell.grade_id)
            for notebook in self._plan.notebooks
            for cell in notebook.cells
            if cell.grade or cell.solution or cell.task
        }
        stored = {(name, cell) for name, b in self._books.items() for cell in b.grades | b.comments}
        if {n.name for n in self._plan.notebooks} != {*self._books} or planned != stored:
            raise self._changed()

    def _changed(self) -> GradingProblem:
        return GradingProblem(
            f"The gradebook's {self._plan.name!r} is not the assignment that was read from it: it "
            "was released anew meanwhile. Grade it again; what is already marked stays."
        )

    def _require_fitting(self, verdicts: Sequence[Verdict]) -> None:
        """The last wall before the gradebook: what would be no mark never gets into it."""
        if len({verdict.student for verdict in verdicts}) != len(verdicts):
            raise ValueError("two verdicts on the same student")
        for verdict in verdicts:
            if verdict.assignment != self._plan.name:
                raise ValueError(f"a verdict on {verdict.assignment!r}, not {self._plan.name!r}")
            if sorted(n.name for n in verdict.notebooks) != sorted(self._books):
                raise ValueError(f"{verdict.student!r}: other notebooks than the assignment's")
            for notebook in verdict.notebooks:
                _require_marks(notebook, self._books[notebook.name])

    def _write(self, connection: Connection, entries: Sequence[Entry]) -> None:
        try:
            begin_writing(connection, self._patience)
            self._change(connection, entries)
            connection.commit()
        except BaseException:
            # Closed, and so rolled back: on SQLite a commit that fails leaves its transaction open.
            connection.invalidate()
            raise

    def _change(self, connection: Connection, entries: Sequence[Entry]) -> None:
        books = self._books.values()
        cells = {cell for book in books for cell in book.cells}
        if find_cells(connection, [book.id for book in books]) != cells:
            raise self._changed()
        add_courses(connection, self._courses)
        students = [verdict.student for verdict, _ in entries]
        present = find_present(connection, self._assignment, students)
        changes = Changes()
        for verdict, timestamp in entries:
            changes.add(self._assignment, self._books, present, verdict, parse_utc(timestamp))
        changes.apply(connection)
        self._late.assign(connection, self._assignment, changes.judged)


def _require_marks(notebook: NotebookVerdict, book: Book) -> None:
    names = [mark.grade_id for mark in notebook.marks]
    if len(set(names)) != len(names) or not {*names} <= {*book.grades}:
        raise ValueError(f"{notebook.name!r}: marks for other cells than the graded ones")
    if not {*notebook.comments} <= {*book.comments}:
        raise ValueError(f"{notebook.name!r}: comments on cells that take none")
    for mark in notebook.marks:
        score = mark.auto_score
        if score is not None and not 0 <= score <= book.points[mark.grade_id]:
            raise ValueError(f"{notebook.name!r}, {mark.grade_id!r}: {score!r} is no mark for it")
