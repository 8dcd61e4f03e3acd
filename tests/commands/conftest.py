"""Notebooks for the commands to work on, and a way to run a command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_notebook
from typer.testing import CliRunner, Result

from autograder.commands import app


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Writes cells as a notebook and returns its path."""

    def write(name: str, *cells: nbformat.NotebookNode) -> Path:
        path = tmp_path / name
        nbformat.write(new_notebook(cells=list(cells)), path)
        return path

    return write


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `autograder` with arguments, in a terminal of 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")
    runner = CliRunner()

    def call(*arguments: object) -> Result:
        return runner.invoke(app, [str(a) for a in arguments], catch_exceptions=False)

    return call
