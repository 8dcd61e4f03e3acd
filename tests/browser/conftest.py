"""Chromium, a JupyterLab server and pages in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.jupyterlab_server import JupyterLab, copy_course, serving

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
#: How long to wait for one thing on a busy two-core machine, in milliseconds.
PATIENCE = 60_000

expect.set_options(timeout=PATIENCE)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures see whether their test failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="package")
def chromium() -> str:
    """The path of Chromium. Without one the tests are skipped; where CI is set, they fail."""
    script = Path(__file__).with_name("install_chromium.sh")
    found = subprocess.run([script, "--path"], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        missing = "There is no Chromium for the browser tests: `make chromium` gets one."
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    return found.stdout.strip()


@pytest.fixture(scope="package")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Headless Chromium, ended before tests of other folders: it holds this thread's event loop."""
    home = tmp_path_factory.mktemp("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=FLAGS, env={**os.environ, "HOME": str(home)}
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def student_lab(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    """JupyterLab on what a student has: `release/` and `course/`."""
    target = copy_course(root, tmp_path_factory.mktemp("student"), "release", "course")
    with serving(target, tmp_path_factory.mktemp("student-home")) as lab:
        yield lab


@pytest.fixture
def student(root: Path, student_lab: JupyterLab) -> Iterator[JupyterLab]:
    """The student's JupyterLab with fresh notebooks, the light theme and no kernel running."""
    copy_course(root, student_lab.root, "release", "course")
    student_lab.use_theme("JupyterLab Light")
    yield student_lab
    student_lab.end_kernels()


@pytest.fixture(scope="session")
def artifacts(root: Path) -> Path:
    """Where pictures are kept to be looked at."""
    folder = root / "test-artifacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def complaints() -> list[str]:
    """What the pages of this test wrote on the browser's console as errors."""
    return []


@pytest.fixture
def new_page(
    browser: Browser, complaints: list[str], request: pytest.FixtureRequest, artifacts: Path
) -> Iterator[Callable[[int, int], Page]]:
    """A function that opens a page of this width and height.

    When the test fails, a picture of each page and the server's log are kept in `test-artifacts/`.
    """
    contexts: list[BrowserContext] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} ({message.location['url']})")

    def page(width: int, height: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield page
    if request.node.stash.get(FAILED, False):
        name = re.sub(r"\W+", "-", request.node.name).strip("-")
        open_pages = [page for context in contexts for page in context.pages]
        for number, failed in enumerate(open_pages):
            failed.screenshot(path=artifacts / f"failed-{name}-{number}.png")
        for lab in filter(None, map(request.node.funcargs.get, ("student", "instructor"))):
            shutil.copy(lab.log, artifacts / f"failed-{name}.log")
    for context in contexts:
        context.close()
