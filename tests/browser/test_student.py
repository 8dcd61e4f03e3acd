"""A student in JupyterLab: a wrong answer, its diagnosis, the right answer, Validate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autograder.exercises import of_notebook
from tests.browser.assignment import NOTEBOOK, gate, solve
from tests.browser.jupyterlab_server import JupyterLab
from tests.browser.notebook_page import NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RELEASED = f"release/{NOTEBOOK}"
NewPage = Callable[[int, int], Page]


def test_a_wrong_gate_is_named_then_fixed(
    student: JupyterLab, new_page: NewPage, artifacts: Path, complaints: list[str]
) -> None:
    page = new_page(1090, 900)
    notebook = NotebookPage(page, student, RELEASED)
    page.keyboard.press("Control+B")  # the file browser away: the notebook is 1000 pixels wide
    notebook.run("setup")

    notebook.answer("forget_gate", gate("tanh", "f"))
    notebook.run("forget_gate")
    notebook.run("check-forget-gate")
    shown = notebook.output("check-forget-gate")
    expect(shown).to_contain_text("NOT YET")
    expect(shown).to_contain_text("diagnosis: tanh_for_sigmoid")
    notebook.picture(artifacts / "student-1-diagnosis.png", "forget_gate", "check-forget-gate")

    notebook.replace_word("forget_gate", "tanh", "sigmoid")
    notebook.run("forget_gate")
    notebook.run("check-forget-gate")
    expect(shown).to_contain_text("PASSED")
    expect(shown).to_contain_text("2 of 2 points")
    expect(shown).not_to_contain_text("diagnosis")
    notebook.picture(artifacts / "student-2-passed.png", "forget_gate", "check-forget-gate")

    notebook.run("input_gate")
    notebook.run("check-input-gate")
    expect(notebook.output("check-input-gate")).to_contain_text("NOT STARTED")
    notebook.picture(artifacts / "student-3-not-started.png", "input_gate", "check-input-gate")

    notebook.answer("input_gate", gate("tanh", "i"))
    dialog = notebook.validate()
    expect(dialog).to_contain_text("Validation Results")
    failed = dialog.get_by_text("The following cell failed:")
    # Of the exercises and the written answer, one is done.
    expect(failed).to_have_count(len(of_notebook("05_lstm", "01_gates")))
    expect(dialog).not_to_contain_text("check.forget_gate")
    expect(dialog).to_contain_text("[tanh_for_sigmoid]")
    expect(dialog).to_contain_text("[not_started]")
    page.screenshot(path=artifacts / "student-4-validate.png")
    assert complaints == []


def test_validate_is_content_with_a_solved_notebook(
    root: Path, student: JupyterLab, new_page: NewPage, artifacts: Path, complaints: list[str]
) -> None:
    solve(root, student.root / RELEASED)
    page = new_page(1280, 900)
    dialog = NotebookPage(page, student, RELEASED).validate()
    expect(dialog).to_contain_text("Success! Your notebook passes all the tests.")
    expect(dialog).not_to_contain_text("failed")
    page.screenshot(path=artifacts / "student-5-validate-success.png")
    assert complaints == []
