"""Verdicts in the gradebook: nbgrader's rows, all or nothing, whoever else is in it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import OperationalError
from traitlets.config import Config

from autograder.judging.gradebook import GradebookWriter
from autograder.judging.planning import GradingProblem
from autograder.judging.verdict import CellMark, NotebookVerdict, Verdict
from tests.conftest import ROOT
from tests.judging.gradebook_rows import rows
from tests.judging.tiny_course import (
    ASSIGNMENT,
    COURSE,
    DUE,
    LATE_CONFIG,
    nbgrader,
    submit,
    verdict,
)

pytestmark = pytest.mark.xdist_group("gradebook")
ON_TIME, LATE = DUE - timedelta(hours=1), DUE + timedelta(hours=3)
STRANGE = [
    "=1+1",
    "o'brien",
    '"; DROP TABLE grade; --',
    "Zoë-李-🦀",
    "%s %(id)s :id ?",
    "a\nb",
    "x" * 128,
]


def _write(url: str, plan, *entries, config: Config | None = None) -> None:
    with GradebookWriter(url, COURSE, plan, config) as writer:
        writer.write_all(entries)


def _done(url: str, plan) -> set[str]:
    with GradebookWriter(url, COURSE, plan) as writer:
        return writer.done()


def _submissions(url: str) -> dict[str, tuple[float, bool, float]]:
    """By student: score, whether a person has to look, penalty; as nbgrader has it."""
    with Gradebook(url, COURSE) as gradebook:
        return {
            s.student.id: (s.score, s.needs_manual_grade, s.late_submission_penalty)
            for s in gradebook.assignment_submissions(ASSIGNMENT)
        }


# As nbgrader has it.


@pytest.fixture(scope="module")
def graded(released_course: Path, tmp_path_factory) -> Path:
    """The course, graded by `nbgrader autograde`, and again after a person and time went by."""
    course = tmp_path_factory.mktemp("graded") / "course"
    shutil.copytree(released_course, course)
    both = ("first", "second")
    submit(course, "untouched", both, solved=False)
    submit(course, "solved", both, solved=True, timestamp="2024-05-01 11:00:00 UTC")
    submit(course, "half", ("first",), solved=True)
    submit(course, "late", both, solved=True, timestamp="2024-05-01 15:00:00 UTC")
    nbgrader(course, "autograde", ASSIGNMENT)
    shutil.copyfile(course / "gradebook.db", course / "once.db")
    _person(f"sqlite:///{course}/gradebook.db")
    (course / "submitted" / "solved" / ASSIGNMENT / "second.ipynb").unlink()
    submit(course, "half", both, solved=True)
    submit(course, "untouched", both, solved=True, timestamp="2024-05-01 11:30:00 UTC")
    nbgrader(course, "autograde", ASSIGNMENT, "--force")
    return course


def _person(url: str) -> None:
    """What a person does in formgrader."""
    with Gradebook(url, COURSE) as gradebook:
        for student in ("solved", "late", "half"):
            for book, cell, score in (("first", "why", 2.5), ("second", "essay", 1.0)):
                grade = gradebook.find_grade(cell, book, ASSIGNMENT, student)
                grade.manual_score, grade.needs_manual_grade = score, False
            grade = gradebook.find_grade("test_double", "first", ASSIGNMENT, student)
            grade.extra_credit = 0.5
            comment = gradebook.find_comment("why", "first", ASSIGNMENT, student)
            comment.manual_comment = "I see."
        gradebook.find_submission_notebook("first", ASSIGNMENT, "late").flagged = True
        gradebook.find_submission(ASSIGNMENT, "late").extension = timedelta(days=1)
        gradebook.update_or_create_student("late", first_name="Ada", last_name="L")
        gradebook.db.commit()


FIRST_RUN = [
    (verdict("half", missing=("second",)), None),
    (verdict("late"), LATE),
    (verdict("solved"), ON_TIME),
    (verdict("untouched", solved=False), None),
]
SECOND_RUN = [
    (verdict("half"), None),
    (verdict("late"), LATE),
    (verdict("solved", missing=("second",)), ON_TIME),
    (verdict("untouched"), DUE - timedelta(minutes=30)),
]


@pytest.mark.nbgrader
def test_the_rows_are_nbgraders(graded, gradebook_url, plan) -> None:
    _write(gradebook_url, plan, *FIRST_RUN, config=LATE_CONFIG)
    theirs = rows(f"sqlite:///{graded}/once.db")
    assert len(theirs["grade"]) == 16
    assert rows(gradebook_url) == theirs


@pytest.mark.nbgrader
def test_the_rows_are_nbgraders_when_graded_again(graded, gradebook_url, plan) -> None:
    _write(gradebook_url, plan, *FIRST_RUN, config=LATE_CONFIG)
    _person(gradebook_url)
    _write(gradebook_url, plan, *SECOND_RUN, config=LATE_CONFIG)
    theirs = rows(f"sqlite:///{graded}/gradebook.db")
    ours = rows(gradebook_url)
    for table in (theirs, ours):  # SQLite has no type for a time span
        assert [bool(row.pop("extension")) for row in table["submitted_assignment"]].count(
            True
        ) == 1
    assert ours == theirs


@pytest.mark.nbgrader
def test_nbgrader_goes_on_where_the_judge_was(graded, plan, tmp_path) -> None:
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    shutil.copyfile(course / "once.db", course / "gradebook.db")
    nbgrader(course, "export", f"--to={tmp_path / 'theirs.csv'}")
    url = f"sqlite:///{course}/gradebook.db"
    _write(url, plan, *FIRST_RUN, config=LATE_CONFIG)
    nbgrader(course, "export", f"--to={tmp_path / 'ours.csv'}")
    assert (tmp_path / "ours.csv").read_text() == (tmp_path / "theirs.csv").read_text()


def test_rows_differ_where_a_mark_does(sqlite_url, postgres_url, plan) -> None:
    wrong = verdict("solved")
    mark = replace(wrong.notebooks[0].marks[0], auto_score=1.0)
    book = replace(wrong.notebooks[0], marks=(mark, *wrong.notebooks[0].marks[1:]))
    _write(sqlite_url, plan, (verdict("solved"), None))
    _write(postgres_url, plan, (replace(wrong, notebooks=(book, wrong.notebooks[1])), None))
    ours, theirs = rows(sqlite_url), rows(postgres_url)
    assert [name for name in ours if ours[name] != theirs[name]] == ["grade"]


def test_one_at_a_time_is_the_same(sqlite_url, postgres_url, plan) -> None:
    _write(sqlite_url, plan, *FIRST_RUN)
    with GradebookWriter(postgres_url, COURSE, plan) as writer:
        for entry in reversed(FIRST_RUN):
            writer.write(*entry)
    assert rows(sqlite_url) == rows(postgres_url)


def test_writing_twice_changes_nothing(gradebook_url, plan) -> None:
    _write(gradebook_url, plan, *FIRST_RUN, config=LATE_CONFIG)
    before = rows(gradebook_url)
    _write(gradebook_url, plan, *FIRST_RUN, config=LATE_CONFIG)
    assert rows(gradebook_url) == before


def test_another_course_is_made_as_nbgrader_makes_it(gradebook_url, plan) -> None:
    with GradebookWriter(gradebook_url, "another", plan) as writer:
        writer.write(verdict("a"), None)
    courses = {row["id"] for row in rows(gradebook_url)["course"]}
    assert courses == {COURSE, "another", "default_course"}


@pytest.mark.parametrize("course", ["", COURSE])
def test_the_course_that_nbgraders_steps_make(sqlite_url, plan, course) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM course WHERE id = 'default_course'")
    connection.close()
    with GradebookWriter(sqlite_url, course, plan) as writer:
        writer.write(verdict("a"), None)
    courses = {row["id"] for row in rows(sqlite_url)["course"]}
    assert courses == {COURSE, "default_course"}


# What a person gave.


def test_a_person_may_mark_before_anything_is_marked_anew(gradebook_url, plan) -> None:
    _write(gradebook_url, plan, (verdict("a"), None))
    with Gradebook(gradebook_url, COURSE) as gradebook:
        grade = gradebook.find_grade("test_double", "first", ASSIGNMENT, "a")
        grade.manual_score, grade.extra_credit = 0.25, 1.0
        gradebook.find_comment("double", "first", ASSIGNMENT, "a").manual_comment = "Hm."
        gradebook.db.commit()
    _write(gradebook_url, plan, (verdict("a", solved=False), None))
    with Gradebook(gradebook_url, COURSE) as gradebook:
        grade = gradebook.find_grade("test_double", "first", ASSIGNMENT, "a")
        comment = gradebook.find_comment("double", "first", ASSIGNMENT, "a")
        assert (grade.auto_score, grade.manual_score, grade.score) == (0, 0.25, 1.25)
        assert grade.needs_manual_grade
        assert (comment.auto_comment, comment.comment) == ("No response.", "Hm.")


def test_a_cell_without_a_mark_waits_for_a_person(gradebook_url, plan) -> None:
    one, two = verdict("a").notebooks
    bare = replace(one, marks=(), comments={})
    _write(gradebook_url, plan, (Verdict("a", ASSIGNMENT, 0, (bare, two)), None))
    marks = {row["cell_id"]: row for row in rows(gradebook_url)["grade"]}
    found = marks["tiny/first/test_double/GradeCell"]
    assert (found["auto_score"], found["needs_manual_grade"]) == (None, True)
    _write(gradebook_url, plan, (verdict("a"), None))
    _write(gradebook_url, plan, (Verdict("a", ASSIGNMENT, 0, (bare, two)), None))
    marks = {row["cell_id"]: row for row in rows(gradebook_url)["grade"]}
    assert marks["tiny/first/test_double/GradeCell"]["auto_score"] == 2


def test_a_cell_that_nothing_is_said_of_keeps_its_comment(gradebook_url, plan) -> None:
    one, two = verdict("a", solved=False).notebooks
    silent = replace(one, comments={"why": None})
    _write(gradebook_url, plan, (verdict("a", solved=False), None))
    _write(gradebook_url, plan, (Verdict("a", ASSIGNMENT, 0, (silent, two)), None))
    with Gradebook(gradebook_url, COURSE) as gradebook:
        said = [
            gradebook.find_comment(cell, "first", ASSIGNMENT, "a").auto_comment
            for cell in ("double", "why")
        ]
    assert said == ["No response.", None]


# Late submissions.


class Harsh(LateSubmissionPlugin):
    """A plugin as an instructor writes one."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        penalties = {"more": score + 7, "less": -3.0, "some": total_seconds_late / 3600 / 10}
        return penalties[student_id]


def test_an_instructors_plugin_and_its_bounds(gradebook_url, plan) -> None:
    config = Config({"AssignLatePenalties": {"plugin_class": Harsh}})
    entries = [(verdict(name), LATE) for name in ("more", "less", "some")]
    _write(gradebook_url, plan, *entries, (verdict("unknown"), ON_TIME), config=config)
    found = _submissions(gradebook_url)
    assert {name: value[2] for name, value in found.items()} == {
        "more": 3.5,
        "less": 0,
        "some": 0.6,
        "unknown": 0,
    }


def test_a_plugin_that_fails_writes_nothing(gradebook_url, plan) -> None:
    config = Config({"AssignLatePenalties": {"plugin_class": Harsh}})
    before = rows(gradebook_url)
    with pytest.raises(GradingProblem, match="plugin for late submissions failed for 'other'"):
        _write(
            gradebook_url, plan, (verdict("some"), LATE), (verdict("other"), LATE), config=config
        )
    assert rows(gradebook_url) == before


def test_an_extension_lifts_the_penalty(gradebook_url, plan) -> None:
    _write(gradebook_url, plan, (verdict("a"), LATE), config=LATE_CONFIG)
    assert _submissions(gradebook_url)["a"] == (3.5, True, 3.5)
    with Gradebook(gradebook_url, COURSE) as gradebook:
        gradebook.grant_extension(ASSIGNMENT, "a", hours=4)
    _write(gradebook_url, plan, (verdict("a"), LATE), config=LATE_CONFIG)
    assert _submissions(gradebook_url)["a"] == (3.5, True, 0)


def test_no_due_date_no_penalty(gradebook_url, plan) -> None:
    with Gradebook(gradebook_url, COURSE) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=None)
    _write(gradebook_url, plan, (verdict("a"), LATE), config=LATE_CONFIG)
    assert _submissions(gradebook_url)["a"][2] == 0


def test_a_time_with_a_zone_is_kept_in_utc(gradebook_url, plan) -> None:
    given = datetime(2024, 5, 1, 12, 30, 5, 123456, tzinfo=timezone(timedelta(hours=2)))
    _write(gradebook_url, plan, (verdict("a"), given))
    expected = given.astimezone(UTC).replace(tzinfo=None)
    assert rows(gradebook_url)["submitted_assignment"][0]["timestamp"] == expected
    _write(gradebook_url, plan, (verdict("a"), None))
    assert rows(gradebook_url)["submitted_assignment"][0]["timestamp"] == expected


# Who is done.


def test_who_is_done(gradebook_url, plan) -> None:
    assert _done(gradebook_url, plan) == set()
    _write(gradebook_url, plan, *FIRST_RUN)
    assert _done(gradebook_url, plan) == {"half", "late", "solved", "untouched"}


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")  # in nbgrader itself
def test_who_is_not_done(gradebook_url, plan) -> None:
    one, two = verdict("partly").notebooks
    unmarked = replace(one, marks=one.marks[1:])
    entries = [(verdict("whole"), None), (Verdict("partly", ASSIGNMENT, 0, (unmarked, two)), None)]
    _write(gradebook_url, plan, *entries)
    with Gradebook(gradebook_url, COURSE) as gradebook:
        gradebook.add_student("enrolled")
        gradebook.add_student("begun")
        gradebook.add_submission(ASSIGNMENT, "begun")
        gradebook.add_assignment("other")
        gradebook.add_submission("other", "enrolled")
    assert _done(gradebook_url, plan) == {"whole"}
    _write(gradebook_url, plan, (verdict("begun"), None), (verdict("enrolled"), None))
    assert _done(gradebook_url, plan) == {"whole", "begun", "enrolled"}


def test_an_assignment_that_only_a_person_marks(gradebook_url, plan) -> None:
    engine_free = replace(
        plan,
        notebooks=tuple(
            replace(n, cells=tuple(replace(c, cell_type="markdown") for c in n.cells))
            for n in plan.notebooks
        ),
    )
    _write(gradebook_url, plan, (verdict("a"), None))
    assert _done(gradebook_url, engine_free) == {"a"}


def test_few_queries_for_a_class(sqlite_url, plan) -> None:
    _write(sqlite_url, plan, *[(verdict(f"s{n}"), None) for n in range(50)])
    with GradebookWriter(sqlite_url, COURSE, plan) as writer:
        asked = []
        event.listen(writer._engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
        assert len(writer.done()) == 50
        assert len(asked) <= 2
        asked.clear()
        writer.write_all([(verdict(f"s{n}"), None) for n in range(40, 100)])
        assert len(asked) <= 18


# Attackers' words.


def test_strange_students_are_only_names(gradebook_url, plan) -> None:
    _write(gradebook_url, plan, *[(verdict(name), None) for name in STRANGE])
    _write(gradebook_url, plan, *[(verdict(name, solved=False), ON_TIME) for name in STRANGE[:3]])
    assert set(_submissions(gradebook_url)) == set(STRANGE)
    assert _done(gradebook_url, plan) == set(STRANGE)
    assert len(rows(gradebook_url)["grade"]) == 4 * len(STRANGE)


@pytest.mark.parametrize("name", ["\udcff", "nul\0"])
def test_a_name_no_database_holds_writes_nothing(postgres_url, plan, name) -> None:
    before = rows(postgres_url)
    with pytest.raises(GradingProblem, match="cannot be used"):
        _write(postgres_url, plan, (verdict("honest"), None), (verdict(name), None))
    assert rows(postgres_url) == before


@pytest.mark.parametrize("score", [-0.5, 2.5, float("nan"), float("inf"), 1e308])
def test_what_is_no_mark_is_refused(sqlite_url, plan, score) -> None:
    one, two = verdict("a").notebooks
    marks = (CellMark("test_double", score, score),)
    before = rows(sqlite_url)
    forged = Verdict("a", ASSIGNMENT, 0, (replace(one, marks=marks), two))
    with pytest.raises(ValueError, match="is no mark for it"):
        _write(sqlite_url, plan, (verdict("honest"), None), (forged, None))
    assert rows(sqlite_url) == before


ONE, TWO = verdict("a").notebooks


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([replace(verdict("a"), assignment="other")], "a verdict on 'other'"),
        ([replace(verdict("a"), notebooks=(ONE,))], "other notebooks"),
        ([replace(verdict("a"), notebooks=(ONE, ONE, TWO))], "other notebooks"),
        ([verdict("a"), verdict("a")], "two verdicts on the same student"),
        (
            [replace(verdict("a"), notebooks=(replace(ONE, marks=TWO.marks), TWO))],
            "marks for other cells",
        ),
        (
            [replace(verdict("a"), notebooks=(replace(ONE, marks=ONE.marks * 2), TWO))],
            "marks for other cells",
        ),
        (
            [replace(verdict("a"), notebooks=(replace(ONE, comments={"test_double": None}), TWO))],
            "comments on cells that take none",
        ),
    ],
)
def test_a_verdict_that_does_not_fit_the_plan(sqlite_url, plan, entries, says) -> None:
    before = rows(sqlite_url)
    with pytest.raises(ValueError, match=says):
        _write(sqlite_url, plan, *[(entry, None) for entry in entries])
    assert rows(sqlite_url) == before


# All or nothing.


def test_nothing_of_a_batch_stays_where_one_fails(gradebook_url, plan, monkeypatch) -> None:
    before = rows(gradebook_url)
    with GradebookWriter(gradebook_url, COURSE, plan) as writer:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(writer._late, "assign", die)
        with pytest.raises(KeyboardInterrupt):
            writer.write(verdict("a"), None)
        monkeypatch.undo()
        assert rows(gradebook_url) == before
        writer.write(verdict("a"), None)
    assert _done(gradebook_url, plan) == {"a"}


ENDLESS = """
import sys
from itertools import count
from nbgrader.coursedir import CourseDirectory
from autograder.judging.gradebook import GradebookWriter
from autograder.judging.planning import read_plan
from tests.judging.tiny_course import ASSIGNMENT, COURSE, verdict
plan = read_plan(CourseDirectory(root=sys.argv[1], db_url=sys.argv[2]), ASSIGNMENT)
with GradebookWriter(sys.argv[2], COURSE, plan) as writer:
    for number in count():
        writer.write_all([(verdict(f"{number}-{n}"), None) for n in range(3)])
        print(number, flush=True)
"""


def test_a_killed_writer_leaves_whole_submissions(released_course, gradebook_url, plan) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(released_course), gradebook_url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    with process:
        written = [process.stdout.readline() for _ in range(40)]
        process.kill()
    assert written[-1] == b"39\n"
    found = rows(gradebook_url)
    students = {row["id"] for row in found["student"]}
    assert {f"{number}-{n}" for number in range(40) for n in range(3)} <= students
    assert len(students) % 3 == 0
    assert _done(gradebook_url, plan) == students
    assert len(found["grade"]) == len(found["comment"]) == 4 * len(students)


def test_no_entries_no_change(gradebook_url, plan) -> None:
    before = rows(gradebook_url)
    _write(gradebook_url, plan)
    assert rows(gradebook_url) == before


def test_an_assignment_released_anew_meanwhile(gradebook_url, plan) -> None:
    with GradebookWriter(gradebook_url, COURSE, plan) as writer:
        with Gradebook(gradebook_url, COURSE) as gradebook:
            gradebook.add_grade_cell("more", "first", ASSIGNMENT, max_score=1, cell_type="code")
        before = rows(gradebook_url)
        with pytest.raises(GradingProblem, match="released anew meanwhile"):
            writer.write(verdict("a"), None)
    with (
        pytest.raises(GradingProblem, match="released anew meanwhile"),
        GradebookWriter(gradebook_url, COURSE, plan),
    ):
        pass
    assert rows(gradebook_url) == before


def test_a_writer_that_is_not_open(sqlite_url, plan) -> None:
    with pytest.raises(RuntimeError, match="opened by `with`"):
        GradebookWriter(sqlite_url, COURSE, plan).done()


# Somebody else in the gradebook.


def test_a_locked_sqlite_gradebook_is_waited_for(sqlite_url, plan) -> None:
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), check_same_thread=False)
    with GradebookWriter(sqlite_url, COURSE, plan) as writer:
        other.execute("BEGIN EXCLUSIVE")
        timer = threading.Timer(0.5, other.rollback)
        begun = time.monotonic()
        timer.start()
        writer.write(verdict("a"), None)
        assert time.monotonic() - begun >= 0.4
        timer.join()
        assert writer.done() == {"a"}
    other.close()


def test_a_gradebook_locked_for_long_is_a_clear_problem(sqlite_url, plan) -> None:
    with GradebookWriter(sqlite_url, COURSE, plan, patience=0.2) as writer:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradingProblem, match=r"keeps the gradebook .* locked"):
            writer.write(verdict("a"), None)
        assert writer.done() == set()
        other.rollback()
        other.close()
        writer.write(verdict("a"), None)
        assert writer.done() == {"a"}


def test_a_reader_that_stays_keeps_nothing_half_written(sqlite_url, plan) -> None:
    with GradebookWriter(sqlite_url, COURSE, plan, patience=0.2) as writer:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM student").fetchall()
        with pytest.raises(GradingProblem, match=r"keeps the gradebook .* locked"):
            writer.write(verdict("a"), None)
        assert other.execute("SELECT count(*) FROM student").fetchone() == (0,)
        other.close()
        writer.write(verdict("a"), None)


def test_a_row_locked_on_the_server_is_a_clear_problem(postgres, postgres_url, plan) -> None:
    with GradebookWriter(postgres_url, COURSE, plan, patience=0.2) as writer:
        writer.write(verdict("a"), None)
        before = rows(postgres_url)
        name = postgres_url.split("/")[3].split("?")[0]
        with postgres.connect(name) as other, other.transaction():
            other.execute("UPDATE grade SET manual_score = 1")
            with pytest.raises(GradingProblem, match=r"keeps the gradebook .* locked"):
                writer.write(verdict("a", solved=False), None)
        after = rows(postgres_url)
        assert {row["manual_score"] for row in after["grade"]} == {1}
        assert [row["auto_score"] for row in after["grade"]] == [
            row["auto_score"] for row in before["grade"]
        ]
        writer.write(verdict("a", solved=False), None)


def test_a_student_somebody_else_adds_in_the_same_moment(
    postgres, postgres_url, plan, monkeypatch
) -> None:
    from autograder.judging import gradebook as module

    look, added = module.find_present, []

    def late_look(*arguments):
        found = look(*arguments)
        if not added:
            with postgres.connect(postgres_url.split("/")[3].split("?")[0]) as other:
                other.execute("INSERT INTO student (id, email) VALUES ('a', 'a@b.c')")
            added.append(True)
        return found

    monkeypatch.setattr(module, "find_present", late_look)
    _write(postgres_url, plan, (verdict("a"), None))
    assert _done(postgres_url, plan) == {"a"}
    assert rows(postgres_url)["student"][0]["email"] == "a@b.c"


def test_nobody_gives_a_score_between_look_and_write(gradebook_url, plan, monkeypatch) -> None:
    from autograder.judging import gradebook as module

    look, refused = module.find_present, []
    brief = {"timeout": 0} if gradebook_url.startswith("sqlite") else {}

    def watched_look(*arguments):
        found = look(*arguments)
        other = create_engine(gradebook_url, connect_args=brief)
        try:
            with other.begin() as connection:
                if not brief:
                    connection.execute(text("SET LOCAL lock_timeout = 50"))
                connection.execute(text("UPDATE grade SET manual_score = 1"))
        except OperationalError as error:
            refused.append(str(error.orig))
        finally:
            other.dispose()
        return found

    _write(gradebook_url, plan, (verdict("a"), None))
    monkeypatch.setattr(module, "find_present", watched_look)
    _write(gradebook_url, plan, (verdict("a"), None))
    assert len(refused) == 1
    assert "lock" in refused[0]
    assert {row["manual_score"] for row in rows(gradebook_url)["grade"]} == {None}


def test_two_writers_at_once_wait_for_each_other(gradebook_url, plan) -> None:
    together = threading.Barrier(2)

    def work(name: str) -> None:
        with GradebookWriter(gradebook_url, COURSE, plan) as writer:
            together.wait()
            for number in range(40):
                writer.write(verdict(f"{name}{number}"), None)
                writer.write(verdict("both"), None)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, name) for name in "xy"]:
            done.result()
    assert len(_done(gradebook_url, plan)) == 81


def test_a_server_that_was_restarted_is_reached_again(postgres, postgres_url, plan) -> None:
    with GradebookWriter(postgres_url, COURSE, plan) as writer:
        writer.write(verdict("a"), None)
        with postgres.connect() as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname LIKE 'gradebook_%'"
            )
        writer.write(verdict("b"), None)
        assert writer.done() == {"a", "b"}


def test_a_gradebook_one_may_not_write(sqlite_url, plan) -> None:
    with GradebookWriter(f"sqlite:///file:{sqlite_url[10:]}?mode=ro&uri=true", COURSE, plan) as w:
        with pytest.raises(GradingProblem, match="may not write"):
            w.write(verdict("a"), None)
        assert w.done() == set()


def test_a_verdict_of_hundreds_is_quick(sqlite_url, plan) -> None:
    entries = [(verdict(f"s{n}"), None) for n in range(300)]
    begun = time.perf_counter()
    _write(sqlite_url, plan, *entries)
    assert time.perf_counter() - begun < 300 * 0.02  # measured: 0.3 ms each


def test_an_unreadable_notebook_counts_as_missing(sqlite_url, plan) -> None:
    book = NotebookVerdict("second", (), {"triple": "No response."}, text="")
    _write(sqlite_url, plan, (replace(verdict("a"), notebooks=(ONE, book)), None))
    found = [r for r in rows(sqlite_url)["grade"] if r["cell_id"].startswith("tiny/second")]
    assert {(r["auto_score"], r["needs_manual_grade"]) for r in found} == {(0.0, False)}
    said = [r["auto_comment"] for r in rows(sqlite_url)["comment"] if "triple" in r["cell_id"]]
    assert said == [None]
