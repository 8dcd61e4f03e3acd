"""An instructor in formgrader: generate, preview, autograde, mark by hand, feedback."""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import FrameLocator, Page, Response, expect

from autograder.exercises import of_notebook
from tests.browser.assignment import NOTEBOOK, solve
from tests.browser.jupyterlab_server import JupyterLab, copy_course, serving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NewPage = Callable[[int, int], Page]
CODE = sum(exercise.points for exercise in of_notebook("05_lstm", "01_gates"))
WRITTEN = 3  # points of the answer that a person marks


@pytest.fixture
def instructor(
    root: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JupyterLab]:
    """JupyterLab on a class: the course's `source/`, its settings, and one submission."""
    class_folder = tmp_path / "class"
    (class_folder / "source" / NOTEBOOK).parent.mkdir(parents=True)
    shutil.copy(root / "source" / NOTEBOOK, class_folder / "source" / NOTEBOOK)
    copy_course(root, class_folder)
    solve(root, class_folder / "submitted" / "ada_perfect" / NOTEBOOK)
    with serving(class_folder, tmp_path_factory.mktemp("instructor-home")) as lab:
        yield lab


def test_formgrader_from_generate_to_a_score(
    instructor: JupyterLab, new_page: NewPage, artifacts: Path
) -> None:
    page = new_page(1600, 900)
    page.goto(instructor.page(""))
    page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Formgrader$")).click()
    formgrader = page.frame_locator('iframe[src*="formgrader"]')
    assignment = formgrader.locator("#main-table tr", has_text="05_lstm")

    expect(assignment.locator(".status")).to_have_text("draft")
    assignment.locator(".assign a").click()
    _confirm(formgrader, "Successfully created")
    released = instructor.root / "release" / NOTEBOOK
    assert "NotImplementedError" in released.read_text()
    assert "BEGIN SOLUTION" not in released.read_text()

    assignment.locator(".preview a").click()
    expect(page.locator(".jp-DirListing-itemText", has_text="01_gates.ipynb")).to_be_visible()
    page.screenshot(path=artifacts / "instructor-1-generated.png")

    assignment.locator(".num-submissions a").click()
    submission = formgrader.locator("#main-table tr", has_text="ada_perfect")
    expect(submission.locator(".status")).to_have_text("needs autograding")
    submission.locator(".autograde a").click()
    _confirm(formgrader, "Successfully autograded")
    expect(submission.locator(".score")).to_have_text(f"{CODE:g} / {CODE + WRITTEN:g}")
    expect(submission.locator(".status")).to_have_text("needs manual grading")
    page.screenshot(path=artifacts / "instructor-2-autograded.png")

    _mark_by_hand(page, formgrader)
    page.screenshot(path=artifacts / "instructor-3-marked.png")
    with Gradebook(f"sqlite:///{instructor.root / 'gradebook.db'}") as gradebook:
        (book,) = gradebook.find_submission("05_lstm", "ada_perfect").notebooks
        assert (book.score, book.needs_manual_grade) == (CODE + 1.5, False)
        assert [c.manual_comment for c in book.comments if c.manual_comment] == ["And why?"]


def _mark_by_hand(page: Page, formgrader: FrameLocator) -> None:
    """As the instructor's guide has it: the way there, a mark, a comment; leaving a field saves."""
    formgrader.get_by_text("Manual Grading").first.click()
    for link in ("05_lstm", "01_gates"):
        formgrader.locator("#main-table a:visible", has_text=link).click()
    with page.expect_response(lambda answer: "/formgrader/api/comments?" in answer.url):
        formgrader.locator("#main-table a:visible", has_text="Submission #1").click()
    cell = formgrader.locator(".nbgrader_cell", has_text="Student's answer").filter(
        has=formgrader.locator("input.score")
    )
    # What is typed before formgrader has fetched marks and comments is lost; then this turns pink.
    expect(cell.locator("input.score")).to_have_class(re.compile("needs_manual_grade"))
    for field, text, kind in (
        (cell.locator("input.score"), "1.5", "grade"),
        (cell.locator("textarea"), "And why?", "comment"),
    ):
        with page.expect_response(functools.partial(_has_saved, kind)) as saved:
            field.fill(text)
            field.press("Tab")
        assert saved.value.ok


def _has_saved(kind: str, answer: Response) -> bool:
    """Whether it is formgrader's answer to that; JupyterLab saves things of its own meanwhile."""
    return answer.request.method == "PUT" and f"/formgrader/api/{kind}/" in answer.url


def _confirm(formgrader: FrameLocator, message: str) -> None:
    """Wait for formgrader's word that all went well, and press OK."""
    dialog = formgrader.locator(".modal-dialog")
    expect(dialog).to_contain_text(message)
    dialog.get_by_role("button", name="OK").click()
    expect(dialog).to_have_count(0)
