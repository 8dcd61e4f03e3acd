"""The marks of the class: points from nbgrader's gradebook, diagnoses from the marked notebooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.classroom.course_folder import ASSIGNMENT, CourseFolder
from autograder.classroom.students import STUDENTS, Student
from autograder.notebooks.reading import read_notebook
from autograder.notebooks.results import graded_results


@dataclass(frozen=True)
class Mark:
    """One student's marks. `written` is None where a person still has to give it.

    `diagnoses` maps each diagnosis to the exercises it was made in. `caught` says what the judge
    saw that a person should look at.
    """

    student: Student
    code: float
    max_code: float
    written: float | None
    max_written: float
    diagnoses: Mapping[str, tuple[str, ...]]
    caught: tuple[str, ...] = ()


def read_marks(course: CourseFolder) -> tuple[Mark, ...]:
    """Everyone's marks, in the order of the class."""
    from nbgrader.api import Gradebook

    marks = []
    with Gradebook(course.database) as gradebook:
        for student in STUDENTS:
            entry = gradebook.find_submission(ASSIGNMENT, student.name)
            marks.append(
                Mark(
                    student=student,
                    code=entry.code_score,
                    max_code=entry.max_code_score,
                    written=None if entry.needs_manual_grade else entry.written_score,
                    max_written=entry.max_written_score,
                    diagnoses=read_diagnoses(course, student),
                    caught=read_incidents(course, student),
                )
            )
    return tuple(marks)


def read_diagnoses(course: CourseFolder, student: Student) -> Mapping[str, tuple[str, ...]]:
    """Each diagnosis in a student's marked notebook, with the exercises it was made in."""
    found: dict[str, tuple[str, ...]] = {}
    for result in graded_results(read_notebook(course.autograded(student.name))):
        for name in result.diagnoses:
            found[name] = (*found.get(name, ()), result.exercise)
    return found


def read_incidents(course: CourseFolder, student: Student) -> tuple[str, ...]:
    """What the judge saw in a student's submission beside its answers: a sentence each."""
    data = json.loads(course.verdict(student.name).read_text(encoding="utf-8"))
    found = [*data["incidents"], *(one for book in data["notebooks"] for one in book["incidents"])]
    return tuple(f"{one['where']}: {one['says']}" for one in found)
