"""The lectures, run from top to bottom in JupyterLab."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.jupyterlab_server import JupyterLab
from tests.browser.notebook_page import RAN, NotebookPage
from tests.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NewPage = Callable[[int, int], Page]

#: What an error in a cell is shown as.
ERROR = '[data-mime-type="application/vnd.jupyter.error"]'
#: What a cell wrote to stderr.
WARNING = '[data-mime-type="application/vnd.jupyter.stderr"]'
LECTURES = sorted(path.stem for path in (ROOT / "course").glob("*.ipynb"))
START = "00_start_here"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("lecture", LECTURES)
def test_a_lecture_runs(
    lecture: str,
    student: JupyterLab,
    new_page: NewPage,
    artifacts: Path,
    complaints: list[str],
) -> None:
    path = f"course/{lecture}.ipynb"
    notebook = NotebookPage(new_page(1280, 1600), student, path)
    notebook.run_all(240)
    if os.environ.get("PAGES"):  # `make pages`: to be looked at, half a second a screenful
        notebook.slices(artifacts, f"lecture-{lecture[:2]}")

    shown = notebook.panel.locator(".jp-Cell-outputWrapper")
    assert shown.locator(ERROR).all_text_contents() == []
    assert shown.locator(WARNING).all_text_contents() == []
    prompts = notebook.panel.locator(".jp-CodeCell .jp-InputPrompt").all_text_contents()
    assert [text for text in prompts if not RAN.fullmatch(text)] == [], "cells that did not run"
    alternatives = shown.locator("figure img").evaluate_all("all => all.map(img => img.alt.trim())")
    assert all(alternatives), "a figure has no text for those who do not see it"
    if lecture != START:
        assert len(alternatives) >= 8
        assert shown.locator("figure").count() == shown.locator("figure figcaption").count()
        _assert_widget_answers(notebook)
    assert complaints == []


def _assert_widget_answers(notebook: NotebookPage) -> None:
    """Move the first slider of the lecture's widget with the keyboard: its picture follows.

    The numbers need not: a step to and fro may round to the same ones.
    """
    widget = notebook.panel.locator(".jupyter-widgets.widget-vbox").first
    widget.scroll_into_view_if_needed()
    picture = widget.locator("img")
    expect(picture).to_be_visible()
    before = picture.get_attribute("alt")
    assert before
    widget.get_by_role("slider").first.press("ArrowLeft")
    expect(picture).not_to_have_attribute("alt", before)
