"""The gradebook's rows of submissions: what it has, what verdicts make of it, and writing that.

The rows are those that nbgrader's Autograde, SaveAutoGrades and AssignLatePenalties leave.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nbgrader.api import (
    BaseCell,
    Comment,
    Course,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
    new_uuid,
)
from sqlalchemy import Connection, bindparam, insert, select, update

from autograder.judging.verdict import NotebookVerdict, Verdict

Row = dict[str, Any]


@dataclass(frozen=True)
class Book:
    """A notebook's ids in the gradebook; `grades`, `points` and `comments` go by grade id."""

    id: str
    grades: dict[str, str]
    points: dict[str, float]
    tasks: frozenset[str]
    comments: dict[str, str]

    @property
    def cells(self) -> set[str]:
        """The ids of its cells."""
        return {*self.grades.values(), *self.comments.values()}


def find_books(connection: Connection, assignment: str) -> dict[str, Book]:
    """The notebooks of the assignment with that id, by name."""

    def cells(model: Any, notebook: str, value: Any) -> dict[str, Any]:
        found = select(model.name, value).where(model.notebook_id == notebook)
        return {row[0]: row[1] for row in connection.execute(found)}

    books = {}
    notebooks = select(Notebook.name, Notebook.id).where(Notebook.assignment_id == assignment)
    for name, key in connection.execute(notebooks).all():
        grades, tasks, solutions = (
            cells(model, key, model.id) for model in (GradeCell, TaskCell, SolutionCell)
        )
        points = [cells(model, key, model.max_score) for model in (GradeCell, TaskCell)]
        books[name] = Book(
            id=key,
            grades={**grades, **tasks},
            points={**points[0], **points[1]},
            tasks=frozenset(tasks),
            comments={**solutions, **tasks},
        )
    return books


def find_cells(connection: Connection, notebooks: list[str]) -> set[str]:
    """The ids of all cells of those notebooks."""
    cells = select(BaseCell.id).where(BaseCell.notebook_id.in_(notebooks))
    return set(connection.execute(cells).scalars())


@dataclass(frozen=True)
class Present:
    """What the gradebook has of some students: submissions by student, the others by their keys."""

    students: set[str]
    submissions: dict[str, str]
    #: (submission, notebook) to the submitted notebook.
    notebooks: dict[tuple[str, str], str]
    #: (submitted notebook, cell) of each grade to the score a person gave.
    grades: dict[tuple[str, str], float | None]
    comments: set[tuple[str, str]]


def find_present(connection: Connection, assignment: str, names: list[str]) -> Present:
    """What the gradebook has of these students' submissions for the assignment with that id."""
    students = select(Student.id).where(Student.id.in_(names))
    submissions = select(SubmittedAssignment.student_id, SubmittedAssignment.id).where(
        SubmittedAssignment.assignment_id == assignment, SubmittedAssignment.student_id.in_(names)
    )
    known = set(connection.execute(students).scalars())
    ids = {row[0]: row[1] for row in connection.execute(submissions)} if known else {}
    if not ids:
        return Present(known, {}, {}, {}, set())
    columns = (SubmittedNotebook.assignment_id, SubmittedNotebook.notebook_id, SubmittedNotebook.id)
    notebooks = select(*columns).where(SubmittedNotebook.assignment_id.in_(ids.values()))
    books = {(row[0], row[1]): row[2] for row in connection.execute(notebooks)}
    # Locked: nobody may give a score between this look and the write.
    grades = (
        select(Grade.notebook_id, Grade.cell_id, Grade.manual_score)
        .where(Grade.notebook_id.in_(books.values()))
        .with_for_update()
    )
    comments = select(Comment.notebook_id, Comment.cell_id).where(
        Comment.notebook_id.in_(books.values())
    )
    return Present(
        known,
        ids,
        books,
        {(row[0], row[1]): row[2] for row in connection.execute(grades)},
        {(row[0], row[1]) for row in connection.execute(comments)},
    )


@dataclass
class Changes:
    """Rows to insert, then rows to update (with their keys as `b_…`), of one transaction."""

    students: list[Row] = field(default_factory=list)
    submissions: list[Row] = field(default_factory=list)
    notebooks: list[Row] = field(default_factory=list)
    grades: list[Row] = field(default_factory=list)
    comments: list[Row] = field(default_factory=list)
    new_timestamps: list[Row] = field(default_factory=list)
    new_penalties: list[Row] = field(default_factory=list)
    new_grades: list[Row] = field(default_factory=list)
    new_comments: list[Row] = field(default_factory=list)
    #: The submitted notebooks that were there to be judged, whose penalty is set anew.
    judged: list[str] = field(default_factory=list)

    def add(
        self,
        assignment: str,
        books: dict[str, Book],
        present: Present,
        verdict: Verdict,
        timestamp: datetime | None,
    ) -> None:
        """Takes in one verdict; `timestamp` in UTC, without a zone."""
        student = verdict.student
        if student not in present.students:
            self.students.append({"id": student})
        submission = present.submissions.get(student)
        if submission is None:
            submission = new_uuid()
            row = {"id": submission, "assignment_id": assignment, "student_id": student}
            self.submissions.append({**row, "timestamp": timestamp})
        elif timestamp is not None:
            self.new_timestamps.append({"b_id": submission, "timestamp": timestamp})
        for notebook in verdict.notebooks:
            self._add_notebook(submission, books[notebook.name], present, notebook)

    def _add_notebook(
        self, submission: str, book: Book, present: Present, notebook: NotebookVerdict
    ) -> None:
        submitted = present.notebooks.get((submission, book.id))
        if submitted is None:
            submitted = new_uuid()
            row = {"id": submitted, "assignment_id": submission, "notebook_id": book.id}
            self.notebooks.append({**row, "flagged": False})
        elif notebook.text:
            self.new_penalties.append({"b_id": submitted, "late_submission_penalty": None})
        if notebook.text:
            self.judged.append(submitted)
        for cell, grade in _grades(book, present, notebook, submitted):
            key = {"notebook_id": submitted, "cell_id": cell}
            if (submitted, cell) not in present.grades:
                self.grades.append({"id": new_uuid(), **key, **(grade or UNMARKED)})
            elif grade is not None:
                self.new_grades.append({"b_notebook": submitted, "b_cell": cell, **grade})
        said = notebook.comments if notebook.text else {}
        for name, cell in book.comments.items():
            comment = {"auto_comment": said.get(name)}
            key = {"notebook_id": submitted, "cell_id": cell}
            if (submitted, cell) not in present.comments:
                self.comments.append({"id": new_uuid(), **key, **comment})
            elif name in said:
                self.new_comments.append({"b_notebook": submitted, "b_cell": cell, **comment})

    def apply(self, connection: Connection) -> None:
        """Writes them."""
        inserted = (
            (Student, self.students),
            (SubmittedAssignment, self.submissions),
            (SubmittedNotebook, self.notebooks),
            (Grade, self.grades),
            (Comment, self.comments),
        )
        updated = (
            (_where_id(SubmittedAssignment), self.new_timestamps),
            (_where_id(SubmittedNotebook), self.new_penalties),
            (_where_cell(Grade), self.new_grades),
            (_where_cell(Comment), self.new_comments),
        )
        steps = [(insert(model.__table__), rows) for model, rows in inserted]
        for statement, rows in (*steps, *updated):
            if rows:
                connection.execute(statement, rows)


#: A grade that nothing but nbgrader's own default was said of.
UNMARKED: Row = {"auto_score": None, "needs_manual_grade": True}


def _grades(
    book: Book, present: Present, notebook: NotebookVerdict, submitted: str
) -> Iterator[tuple[str, Row | None]]:
    """Each graded cell's id, and what is said of its grade; None leaves the grade as it is.

    A missing notebook gets 0 for all it has, without asking a person. A task, which only a person
    marks, is never touched otherwise.
    """
    if not notebook.text:
        for cell in book.grades.values():
            yield cell, {"auto_score": 0.0, "needs_manual_grade": False}
        return
    marks = {mark.grade_id: mark.auto_score for mark in notebook.marks}
    for name, cell in book.grades.items():
        if name not in marks or name in book.tasks:
            yield cell, None
            continue
        score = marks[name]
        person = score is None or present.grades.get((submitted, cell)) is not None
        yield cell, {"auto_score": score, "needs_manual_grade": person}


def _where_id(model: Any) -> Any:
    table = model.__table__
    return update(table).where(table.c.id == bindparam("b_id"))


def _where_cell(model: Any) -> Any:
    table = model.__table__
    return update(table).where(
        table.c.notebook_id == bindparam("b_notebook"), table.c.cell_id == bindparam("b_cell")
    )


def add_courses(connection: Connection, courses: set[str]) -> None:
    """Makes the courses that are not there yet."""
    found = connection.execute(select(Course.id).where(Course.id.in_(courses))).scalars()
    missing = [{"id": course} for course in sorted(courses - set(found))]
    if missing:
        connection.execute(insert(Course.__table__), missing)
