"""`autograder release`: release/ is made anew, and never lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from typer.testing import Result

pytestmark = pytest.mark.nbgrader
Run = Callable[..., Result]
NAME = "05_lstm/01_gates.ipynb"


@pytest.fixture
def course(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course folder with the sources and an older release."""
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    (tmp_path / "source" / "05_lstm").mkdir(parents=True)
    shutil.copy(root / "source" / NAME, tmp_path / "source" / NAME)
    (tmp_path / "release" / "05_lstm").mkdir(parents=True)
    (tmp_path / "release" / NAME).write_text("older")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_release_is_made_and_the_gradebook_knows_it(course: Path, root: Path, run: Run) -> None:
    found = run("release")
    assert found.exit_code == 0, found.output
    assert (course / "release" / NAME).read_bytes() == (root / "release" / NAME).read_bytes()
    assert (course / "gradebook.db").stat().st_size > 0


def test_a_source_that_nbgrader_refuses_leaves_release_as_it_was(course: Path, run: Run) -> None:
    notebook = nbformat.read(course / "source" / NAME, as_version=4)
    twin = next(cell for cell in notebook.cells if cell.id == "test_candidate")
    notebook.cells.append(nbformat.from_dict({**twin, "id": "twin"}))
    nbformat.write(notebook, course / "source" / NAME)
    found = run("release")
    assert found.exit_code == 2
    assert "test_candidate" in found.output
    assert (course / "release" / NAME).read_text() == "older"


def test_one_assignment_can_be_named(course: Path, run: Run) -> None:
    """And the course need not have the assignment of the demo."""
    (course / "source" / "05_lstm").rename(course / "source" / "a")
    shutil.copytree(course / "source" / "a", course / "source" / "b")
    found = run("release", "b")
    assert found.exit_code == 0, found.output
    assert {path.name for path in (course / "release").iterdir()} == {"05_lstm", "b"}
    assert (course / "release" / NAME).read_text() == "older"


def test_an_assignment_that_source_lacks_is_named_beside_those_it_has(
    course: Path, run: Run
) -> None:
    found = run("release", "05_lstn")
    assert found.exit_code == 2
    assert "has no 05_lstn. It has: 05_lstm." in " ".join(found.output.split())


def test_outside_a_checkout_it_says_so(tmp_path: Path, monkeypatch, run: Run) -> None:
    monkeypatch.chdir(tmp_path)
    found = run("release")
    assert found.exit_code == 2
    assert "course's own folder" in found.output
