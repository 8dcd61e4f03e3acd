"""`autograder demo`: the class, its mistakes, and the whole way through nbgrader."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from typer.testing import Result

from autograder.classroom.students import (
    STUDENTS,
    Edit,
    StaleEdit,
    Student,
    exchange,
    solutions,
    submission,
)
from autograder.exercises import of_notebook
from autograder.notebooks.cells import grade_id
from tests.commands.cells import words

Run = Callable[..., Result]
EXERCISES = of_notebook("05_lstm", "01_gates")
CODE = sum(exercise.points for exercise in EXERCISES)


@pytest.fixture
def source(root: Path) -> nbformat.NotebookNode:
    return nbformat.read(root / "source" / "05_lstm" / "01_gates.ipynb", 4)


@pytest.fixture
def release(root: Path) -> nbformat.NotebookNode:
    return nbformat.read(root / "release" / "05_lstm" / "01_gates.ipynb", 4)


@pytest.mark.nbgrader
def test_a_class_is_released_graded_and_given_feedback(
    root: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "source")  # a folder below the course's own
    folder = tmp_path / "a class"
    found = run("demo", "--into", folder)
    assert found.exit_code == 0, found.output
    with (folder / "grades.csv").open(encoding="utf-8") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert sorted(scores) == [student.name for student in STUDENTS]
    assert scores["ada_perfect"] == scores["fay_warns"] == CODE
    assert scores["ben_blank"] == 0
    assert all(0 < scores[name] < CODE for name in ("cem_tanh", "dora_swapped", "emil_unsquashed"))
    said = words(found.stdout)
    assert "tanh_for_sigmoid: forget_gate" in said
    assert "input_forget_swapped: cell_state" in said
    assert "no_tanh_on_cell: hidden_state" in said
    assert f"not_started: {len(EXERCISES)} exercises" in said
    for student in STUDENTS:
        page = folder / "feedback" / student.name / "05_lstm" / "01_gates.html"
        assert str(page) in found.stdout
        assert page.stat().st_size > 10_000


@pytest.mark.nbgrader
def test_where_nbgrader_fails_its_log_says_why(
    root: Path,
    source: nbformat.NotebookNode,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "source" / "05_lstm").mkdir(parents=True)
    shutil.copy(root / "nbgrader_config.py", checkout)
    twice = next(cell for cell in source.cells if grade_id(cell) == "test_forget_gate")
    source.cells.append(nbformat.from_dict({**twice, "id": "again"}))
    nbformat.write(source, checkout / "source" / "05_lstm" / "01_gates.ipynb")
    monkeypatch.chdir(checkout)
    found = run("demo", "--into", tmp_path / "class")
    assert found.exit_code == 2
    assert "`nbgrader generate_assignment` failed" in words(found.stderr)
    assert "Duplicate grade id: test_forget_gate" in words(found.stderr)
    assert str(tmp_path / "class" / "nbgrader.log") in found.stderr.replace("\n", "")


def test_outside_the_course_there_is_no_demo(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run("demo", "--into", tmp_path / "class")
    assert found.exit_code == 2
    assert "This needs the course's own folder" in words(found.stderr)
    assert not (tmp_path / "class").exists()


def test_what_lies_in_a_folder_is_not_touched(
    root: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    mine = tmp_path / "thesis.txt"
    mine.write_text("mine")
    for folder, says in ((tmp_path, "is not empty"), (mine, "is a file")):
        found = run("demo", "--into", folder)
        assert found.exit_code == 2
        assert says in words(found.stderr)
    assert [p.read_text() for p in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("student", STUDENTS, ids=lambda student: student.name)
def test_everyone_hands_in_python_without_marks_of_the_solution(
    student: Student, source: nbformat.NotebookNode, release: nbformat.NotebookNode
) -> None:
    handed_in = submission(student, source, release)
    nbformat.validate(handed_in)
    answers = {grade_id(cell): cell.source for cell in handed_in.cells if grade_id(cell)}
    for name, text in answers.items():
        assert "BEGIN" not in text
        if name in solutions(source):
            compile(text, name, "exec")
            assert ("NotImplementedError" in text) == (student.name == "ben_blank")
    changed = {name for name in solutions(source) if solutions(source)[name] not in answers[name]}
    expected = {edit.exercise for edit in student.edits or ()}
    if student.attacks is not None:
        assert "forget_gate" not in changed
        assert any("os._exit" in cell.source for cell in handed_in.cells)
    elif student.edits is not None:
        assert changed - {"forget_gate"} == expected - {"forget_gate"}


def test_submissions_leave_source_and_release_as_they_are(
    source: nbformat.NotebookNode, release: nbformat.NotebookNode
) -> None:
    before = nbformat.writes(source), nbformat.writes(release)
    for student in STUDENTS:
        submission(student, source, release)
    assert before == (nbformat.writes(source), nbformat.writes(release))


def test_an_edit_that_no_longer_fits_says_so(
    source: nbformat.NotebookNode, release: nbformat.NotebookNode
) -> None:
    with pytest.raises(StaleEdit, match=r"forget_gate does not fit.*students\.py"):
        Edit("forget_gate", "no such text", "").apply("return 1")
    with pytest.raises(StaleEdit, match="changes nothing"):
        Edit("forget_gate", "return", "return").apply("return 1")
    gone = Student("gus_gone", "", (Edit("no_such_exercise", "a", "b"),))
    with pytest.raises(StaleEdit, match="no solution cell called no_such_exercise"):
        submission(gone, source, release)


def test_names_change_places_whole() -> None:
    edit = exchange("cell_state", "f_t", "i_t")
    assert edit.apply("f_t + i_t + f_tt") == "i_t + f_t + f_tt"
