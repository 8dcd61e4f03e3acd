"""Hostile submissions in an instructor's browser: nothing of theirs runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Browser, Page

from tests.browser.jupyterlab_server import JupyterLab, serving
from tests.hostile.hostile_class import ASSIGNMENT, GradedClass, graded_class
from tests.hostile.malformed import SCRIPTS, VIEWER

pytestmark = [pytest.mark.browser, pytest.mark.nbgrader, pytest.mark.xdist_group("browser")]
#: What an attacker's script calls, and how the page would tell.
TRAP = "window.hits = []; window.pwned = () => window.hits.push(1);"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    course = graded_class(tmp_path_factory.mktemp("viewer") / "class", VIEWER)
    course._run("nbgrader", "generate_feedback", ASSIGNMENT)
    return course


def feedback(course: GradedClass, student: str) -> Path:
    return course.root / "feedback" / student / ASSIGNMENT / "checks.html"


def hits(page: Page, path: Path) -> int:
    """Opens a page, clicks all its links that lead nowhere else, and counts what ran."""
    page.add_init_script(TRAP)
    page.route("**/*", lambda r: r.continue_() if r.request.url.startswith("file:") else r.abort())
    page.goto(path.as_uri(), wait_until="load")
    page.wait_for_timeout(300)
    for link in page.locator("a[href]").all():
        target = (link.get_attribute("href") or "").strip().lower()
        if not target.startswith(("http", "#")):
            link.click(timeout=1000, force=True)
    page.wait_for_timeout(200)
    assert page.url.split("#")[0] == path.as_uri()
    return int(page.evaluate("window.hits.length"))


@pytest.fixture
def page(browser: Browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_without_the_judge_they_do_run(course: GradedClass, page: Page) -> None:
    """So that the tests below can fail."""
    path = course.root / "autograded" / "writes_scripts" / ASSIGNMENT / "checks.ipynb"
    safe = path.read_text()
    book = json.loads(safe)
    book["cells"] += [
        {"cell_type": "markdown", "id": f"raw-{n}", "metadata": {}, "source": script}
        for n, script in enumerate(SCRIPTS[:5])  # the others would lead away
    ]
    path.chmod(0o644)
    path.write_text(json.dumps(book))
    course._run("nbgrader", "generate_feedback", ASSIGNMENT, "--force", "--student=writes_scripts")
    try:
        ran = hits(page, feedback(course, "writes_scripts"))
    finally:
        path.write_text(safe)
    course._run("nbgrader", "generate_feedback", ASSIGNMENT, "--force", "--student=writes_scripts")
    assert ran >= 2


@pytest.mark.parametrize("student", [attack.name for attack in VIEWER])
def test_nothing_of_a_student_runs_in_feedback(
    course: GradedClass, page: Page, student: str
) -> None:
    path = feedback(course, student)
    assert hits(page, path) == 0
    styles = page.evaluate(
        "[...document.querySelectorAll('.jp-OutputArea *, .jp-RenderedMarkdown *')]"
        ".filter(e => getComputedStyle(e).position === 'fixed').length"
    )
    assert styles == 0
    assert page.locator("iframe, form[action*=evil], base, object, embed").count() == 0


def test_what_a_student_typed_can_still_be_read(course: GradedClass, page: Page) -> None:
    hits(page, feedback(course, "writes_scripts"))
    shown = page.locator("body").inner_text()
    assert "<script>pwned()</script>" in shown
    assert "My answer" in shown


@pytest.fixture(scope="module")
def formgrader(
    course: GradedClass, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JupyterLab]:
    with serving(course.root, tmp_path_factory.mktemp("formgrader-home")) as lab:
        yield lab


def hits_in_formgrader(
    page: Page, formgrader: JupyterLab, course: GradedClass, student: str
) -> int:
    """Opens a submission where it is marked, clicks what runs code, and counts what ran."""
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
        book = gradebook.find_submission_notebook("checks", ASSIGNMENT, student).id
    page.add_init_script(TRAP)
    page.route("**/*", lambda r: r.continue_() if "127.0.0.1" in r.request.url else r.abort())
    address = f"{formgrader.url}/formgrader/submissions/{book}/"
    page.goto(f"{address}?token={formgrader.token}", wait_until="load")
    page.wait_for_selector("#notebook-container .nbgrader_cell input.score")
    for link in page.locator("a[href^='javascript'], a[href^='data'], a[href^='vbscript']").all():
        link.click(timeout=1000, force=True)
    page.wait_for_timeout(300)
    assert page.url.startswith(address)
    return int(page.evaluate("window.hits.length"))


def test_without_the_judge_they_run_in_formgrader_too(
    course: GradedClass, formgrader: JupyterLab, page: Page
) -> None:
    """So that the test below can fail."""
    path = course.root / "autograded" / "writes_scripts" / ASSIGNMENT / "checks.ipynb"
    safe = path.read_text()
    book = json.loads(safe)
    cell = {"cell_type": "markdown", "id": "raw-0", "metadata": {}, "source": SCRIPTS[0]}
    book["cells"].append(cell)
    path.chmod(0o644)
    path.write_text(json.dumps(book))
    try:
        assert hits_in_formgrader(page, formgrader, course, "writes_scripts") >= 1
    finally:
        path.write_text(safe)


@pytest.mark.parametrize("student", [attack.name for attack in VIEWER])
def test_nothing_of_a_student_runs_in_formgrader(
    course: GradedClass, formgrader: JupyterLab, page: Page, student: str
) -> None:
    """Where an instructor reads and marks: the page that has the right to change marks."""
    assert hits_in_formgrader(page, formgrader, course, student) == 0
