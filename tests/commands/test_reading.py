"""What is said about files that are no notebooks, or hold no exercise."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from typer.testing import Result

from autograder.notebooks.cells import is_run, is_test, solution_ids, written_answers
from autograder.notebooks.reading import UnusableNotebook, read_notebook
from tests.commands.cells import grading, solution, words, written

NOT_NOTEBOOKS = {
    "empty": (b"  \n", "is empty"),
    "text": (b"<<<<<<< HEAD\n{", "is not a notebook"),
    "binary": (b"\x89PNG\r\n\x1a\n\xff\xfe", "is not a notebook"),
    "deep": (b"[" * 200_000, "is not a notebook"),
    "list": (b"[1, 2]", "is JSON, but not a Jupyter notebook"),
    "other": (b'{"cells": []}', "does not say which notebook format"),
    "bool": (b'{"nbformat": true}', "does not say which notebook format"),
    "old": (b'{"nbformat": 3, "worksheets": []}', "notebook format 3, which is too old"),
    "new": (b'{"nbformat": 9, "cells": []}', "notebook format 9, which is newer"),
    "bare": (b'{"nbformat": 4, "nbformat_minor": 5}', "is not a valid notebook"),
    "cells": (
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": 7}]}',
        "is not a valid notebook",
    ),
}


@pytest.mark.parametrize("kind", NOT_NOTEBOOKS)
def test_a_file_that_is_no_notebook(tmp_path: Path, run: Callable[..., Result], kind: str) -> None:
    content, says = NOT_NOTEBOOKS[kind]
    path = tmp_path / "given.ipynb"
    path.write_bytes(content)
    found = run("check", path)
    assert found.exit_code == 2
    assert "given.ipynb" in words(found.stderr).replace(" ", "")
    assert says in words(found.stderr)
    assert found.stdout == ""
    assert path.read_bytes() == content


def test_no_file_and_a_folder(tmp_path: Path, run: Callable[..., Result]) -> None:
    found = run("check", tmp_path / "none.ipynb", tmp_path)
    assert found.exit_code == 2
    assert "There is no file" in words(found.stderr)
    assert "is a folder" in words(found.stderr)


def test_a_notebook_without_exercises(
    save: Callable[..., Path], run: Callable[..., Result]
) -> None:
    found = run("check", save("mine.ipynb", new_code_cell("1 + 1"), solution("not_ours", "pass")))
    assert found.exit_code == 2
    assert "one of the notebooks of release/" in words(found.stderr)


def test_a_notebook_as_editors_save_it_is_read(tmp_path: Path) -> None:
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"nbgrader": "not what nbgrader writes"},
        "outputs": [],
        "source": ["a = 1\n", "a"],
    }
    data = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}
    path = tmp_path / "saved.ipynb"
    path.write_text("\ufeff" + json.dumps(data), encoding="utf-8")
    notebook = read_notebook(path)
    assert notebook.cells[0].source == "a = 1\na"
    assert list(solution_ids(notebook)) == []
    assert written_answers(notebook).count == 0


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnusableNotebook, match="cannot be read"):
        read_notebook(tmp_path / ("long" * 100))


def test_the_course_s_own_notebook_is_understood(root: Path) -> None:
    notebook = nbformat.read(root / "source" / "05_lstm" / "01_gates.ipynb", 4)
    answers = written_answers(notebook)
    assert answers.count >= 1
    assert answers.points > 0
    assert "forget_gate" in list(solution_ids(notebook))
    for cell in notebook.cells:
        assert not (is_test(cell) and is_run(cell))


def test_tests_solutions_and_written_answers_are_told_apart() -> None:
    test = new_code_cell(metadata=grading("test_a", grade=True, locked=True, points=2))
    stub = solution("a", "pass")
    manual = written("why", 4)
    plot = new_code_cell(metadata={"tags": ["skip-execution"]})
    notebook = nbformat.v4.new_notebook(cells=[test, stub, manual, plot])
    assert [is_test(cell) for cell in notebook.cells] == [True, False, False, False]
    assert [is_run(cell) for cell in notebook.cells] == [False, True, False, False]
    assert (written_answers(notebook).count, written_answers(notebook).points) == (1, 4)
