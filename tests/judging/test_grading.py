"""`autograder grade`: the same verdicts however it is run, and as nbgrader would have marked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from tests.hostile.forging import FORGING
from tests.hostile.hostile_class import (
    ASSIGNMENT,
    HONEST,
    SEED,
    GradedClass,
    Submission,
    graded_class,
)
from tests.judging.gradebook_rows import rows

pytestmark = [pytest.mark.nbgrader, pytest.mark.xdist_group("hostile-grading")]
PLAIN = """
from nbgrader.converters.autograde import Autograde
c.Autograde.autograde_preprocessors = list(Autograde.autograde_preprocessors.default_args[0])
"""
ATTACKERS = FORGING[:3]
#: Who is marked by plain nbgrader too, a cold kernel for each notebook: some right, and nothing.
THREE_WAYS = ("bo", "cy")


def verdicts(course: GradedClass) -> dict[str, bytes]:
    folder = course.root / "verdicts" / ASSIGNMENT
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("[!.]*.json"))}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    return graded_class(tmp_path_factory.mktemp("grading") / "class", ATTACKERS)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_verdicts_do_not_depend_on_workers_or_repetition(course: GradedClass, workers: int) -> None:
    before, marked = verdicts(course), course.autograded("ada")
    assert set(before) == {*HONEST, *(attack.name for attack in ATTACKERS)}
    said = course.grade("--force", f"--workers={workers}")
    assert f"{len(before)} submissions graded" in said
    assert verdicts(course) == before
    assert course.autograded("ada") == marked


def test_verdicts_do_not_depend_on_order_or_company(course: GradedClass) -> None:
    before = verdicts(course)
    last, *_, middle, _, first = before  # by name: attackers and honest students mixed
    for student in (first, middle, last):
        course.grade("--force", f"--student={student}", "--workers=1")
        assert verdicts(course) == before


def test_another_seed_draws_other_cases(course: GradedClass) -> None:
    before = course.verdict("bo")
    course._run("autograder", "grade", ASSIGNMENT, "--student=bo", "--force", "--seed=12")
    assert course.verdict("bo") != before
    assert course.mark("bo") == 8
    course.grade("--force", "--student=bo")
    assert course.verdict("bo") == before


def test_what_is_done_is_left_alone(course: GradedClass) -> None:
    said = course.grade()
    assert f"0 submissions graded ({len(verdicts(course))} were graded before)" in said


def test_a_newer_hand_in_is_graded_again(course: GradedClass) -> None:
    folder = course.root / "submitted" / "cy" / ASSIGNMENT
    (folder / "timestamp.txt").write_text("2026-03-01 10:00:00 UTC")
    said = course.grade()
    assert "1 submission graded" in said
    assert course.mark("cy") == 0


def test_another_file_is_graded_again_whatever_its_time(course: GradedClass) -> None:
    folder = course.root / "submitted" / "cy" / ASSIGNMENT
    (folder / "notes.txt").write_text("handed in once more, by a way that writes no time")
    assert "1 submission graded" in course.grade()
    assert "0 submissions graded" in course.grade()


def test_killed_before_the_gradebook_was_written_it_is_graded_again(course: GradedClass) -> None:
    said = course.root / "verdicts" / ASSIGNMENT
    (said / "cy.json").rename(said / ".cy.json.pending")
    assert "1 submission graded" in course.grade()
    assert (said / "cy.json").exists()


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT])
def test_interrupted_at_any_moment_nothing_is_lost(
    course: GradedClass, tmp_path: Path, kind: signal.Signals
) -> None:
    again = GradedClass(tmp_path / "again")
    names = [f"student{number:02d}" for number in range(10)]
    for name in names:
        again.hand_in(name, Submission(again.release, ("square", "candidate")))
    words = [sys.executable, "-m", "autograder", "grade", ASSIGNMENT, f"--seed={SEED}"]
    process = subprocess.Popen(
        words, cwd=again.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    give_up = time.monotonic() + 60
    while len(verdicts(again)) < 3 and time.monotonic() < give_up:
        time.sleep(0.01)
    process.send_signal(kind)
    said = process.communicate(timeout=30)[0]
    first = verdicts(again)
    assert 3 <= len(first) < len(names)
    if kind == signal.SIGINT:
        assert process.returncode == 130
        assert "Interrupted" in said
        assert "Traceback" not in said
    wait_until_gone(again.root)
    stamps = {name: (again.root / "autograded" / name).stat().st_mtime_ns for name in first}
    again.grade()
    assert sorted(verdicts(again)) == names
    assert all(again.mark(name) == 5 for name in names)
    kept = [(again.root / "autograded" / name).stat().st_mtime_ns == stamps[name] for name in first]
    assert kept.count(False) <= 1  # one may have been written and not yet entered
    assert not list(again.root.glob("autograded/*/.*"))


def wait_until_gone(root: Path) -> None:
    """The judges and sandboxes of a killed run end by themselves."""
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        if not any(_below(entry, root) for entry in Path("/proc").iterdir()):
            return
        time.sleep(0.05)
    raise AssertionError("a judge outlived its run")


def _below(entry: Path, root: Path) -> bool:
    try:
        return entry.name.isdecimal() and os.readlink(entry / "cwd") == str(root)
    except OSError:
        return False


@pytest.fixture(scope="module")
def honest_three_ways(tmp_path_factory: pytest.TempPathFactory) -> dict[str, GradedClass]:
    """The same honest class by `autograder grade`, nbgrader judged, and nbgrader as it ships."""
    courses = {}
    for way in ("grade", "judged", "plain"):
        course = GradedClass(tmp_path_factory.mktemp("three") / way)
        for name in THREE_WAYS:
            course.hand_in(name, Submission(course.release, HONEST[name]))
        half = Submission(course.release, ("square",))
        del half.books["checks"]
        course.hand_in("half", half)
        if way == "plain":
            with (course.root / "nbgrader_config.py").open("a") as config:
                config.write(PLAIN)
        if way == "grade":
            course.grade()
        else:
            course._run("nbgrader", "autograde", ASSIGNMENT)
        courses[way] = course
    return courses


@pytest.mark.parametrize("way", ["grade", "judged"])
def test_the_gradebook_is_nbgraders_row_for_row(
    honest_three_ways: dict[str, GradedClass], way: str
) -> None:
    ours, theirs = (
        rows(f"sqlite:///{honest_three_ways[name].root / 'gradebook.db'}")
        for name in (way, "plain")
    )
    assert sum(map(len, theirs.values())) > 60
    assert ours == theirs


@pytest.mark.parametrize("way", ["grade", "judged"])
@pytest.mark.parametrize("book", ["checks", "plain"])
@pytest.mark.parametrize("student", THREE_WAYS)
def test_autograded_notebooks_are_nbgraders_cell_for_cell(
    honest_three_ways: dict[str, GradedClass], way: str, book: str, student: str
) -> None:
    ours, theirs = (
        nbformat.reads(
            honest_three_ways[name].autograded(student)[f"{book}.ipynb"].decode(), as_version=4
        )
        for name in (way, "plain")
    )
    assert [c.source for c in ours.cells] == [c.source for c in theirs.cells]
    for mine, other in zip(ours.cells, theirs.cells, strict=True):
        assert mine.metadata.get("nbgrader") == other.metadata.get("nbgrader")
        assert mine.cell_type == other.cell_type
        failed = [
            any(o.output_type == "error" for o in c.get("outputs", ())) for c in (mine, other)
        ]
        assert failed[0] == failed[1]


def test_files_are_written_as_nbgrader_writes_them(
    honest_three_ways: dict[str, GradedClass],
) -> None:
    modes = {}
    for way, course in honest_three_ways.items():
        folder = course.root / "autograded" / "bo" / ASSIGNMENT
        modes[way] = {p.name: oct(p.stat().st_mode) for p in folder.iterdir()}
    assert modes["grade"] == modes["judged"] == modes["plain"]


def test_without_bubblewrap_it_refuses_in_one_sentence(course: GradedClass, tmp_path: Path) -> None:
    for program in ("python3", "env"):
        (tmp_path / program).symlink_to(sys.executable if program == "python3" else "/usr/bin/env")
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", ASSIGNMENT],
        cwd=course.root,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "bubblewrap, which is not on this machine: install it" in " ".join(done.stderr.split())


def test_without_walls_only_when_told(course: GradedClass) -> None:
    before = verdicts(course)
    course.grade("--force", "--student=ada", "--isolation=none")
    assert course.mark("ada") == 13
    assert verdicts(course) == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing"], "nothing"),
        ([ASSIGNMENT, "--student=nobody"], "nobody"),
    ],
)
def test_what_cannot_be_done_is_said(course: GradedClass, words: list[str], says: str) -> None:
    said = course._run("autograder", "grade", *words, expect=2)
    assert says in said
    assert "Traceback" not in said


def test_elsewhere_it_says_where_to_go(course: GradedClass, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", ASSIGNMENT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "no course folder" in " ".join(done.stderr.split())
