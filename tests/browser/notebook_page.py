"""A notebook open in JupyterLab, worked as a person works it: with mouse and keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from playwright.sync_api import Locator, Page, Response, expect

from tests.browser.jupyterlab_server import JupyterLab

RAN = re.compile(r"\[\d+\]:")
#: Scrolls on by a screenful less a line; false when the last cell is already in sight.
SCROLL = """window => {
    const last = [...window.querySelectorAll(".jp-Cell")].at(-1).getBoundingClientRect();
    if (last.bottom <= window.getBoundingClientRect().bottom) return false;
    window.scrollTop += window.clientHeight - 20;
    return true;
}"""


def _is_save(answer: Response) -> bool:
    return answer.request.method == "PUT" and "/api/contents/" in answer.url


class NotebookPage:
    """The notebook at `path` under the server's root, open in `page`."""

    def __init__(self, page: Page, lab: JupyterLab, path: str) -> None:
        self.page = page
        notebook = nbformat.read(lab.root / path, as_version=4)
        self.places = {cell.id: place for place, cell in enumerate(notebook.cells)}
        page.goto(lab.page(path))
        self.panel = page.locator(".jp-NotebookPanel")
        expect(self.panel.locator(".jp-Notebook .jp-Cell")).to_have_count(len(notebook.cells))
        self.wait_idle()

    def wait_idle(self) -> None:
        """Wait until the kernel is there and has nothing to do."""
        status = self.page.locator("#jp-bottom-panel, #jp-main-statusbar")
        expect(status.get_by_text(re.compile(r"\| Idle$")).first).to_be_visible()

    def cell(self, cell_id: str) -> Locator:
        """The cell with this id; JupyterLab does not write ids into the page, only places."""
        place = self.places[cell_id]
        return self.panel.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{place}"]')

    def editor(self, cell_id: str) -> Locator:
        """The text of a cell as its editor shows it."""
        return self.cell(cell_id).locator(".cm-content")

    def output(self, cell_id: str) -> Locator:
        """What a cell put out."""
        return self.cell(cell_id).locator(".jp-Cell-outputWrapper")

    def run(self, cell_id: str) -> None:
        """Click into a code cell, press Shift+Enter, wait until it has run."""
        prompt = self.cell(cell_id).locator(".jp-InputPrompt")
        before = prompt.inner_text()
        self.editor(cell_id).click()
        self.page.keyboard.press("Shift+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(RAN)

    def answer(self, cell_id: str, line: str) -> None:
        """Put the cursor at the stub's last line, select its two lines, type `line` over them."""
        self.editor(cell_id).locator(".cm-line", has_text="raise NotImplementedError").click()
        for key in ("End", "Shift+ArrowUp", "Shift+Home"):
            self.page.keyboard.press(key)
        self.page.keyboard.type(line)
        expect(self.editor(cell_id)).to_contain_text(line)
        expect(self.editor(cell_id)).not_to_contain_text("YOUR CODE HERE")
        expect(self.editor(cell_id)).not_to_contain_text("NotImplementedError")

    def replace_word(self, cell_id: str, word: str, other: str) -> None:
        """Double-click `word` and type `other` over it."""
        self.editor(cell_id).get_by_text(word, exact=True).dblclick()
        self.page.keyboard.type(other)
        expect(self.editor(cell_id)).to_contain_text(other)

    def run_all(self, seconds: float) -> None:
        """Run → Run All Cells, and wait until the last code cell has run."""
        self.menu("Run", "Run All Cells")
        waiting = self.panel.locator(".jp-CodeCell .jp-InputPrompt", has_text="[*]:")
        expect(waiting.first).to_be_attached()
        expect(waiting).to_have_count(0, timeout=1000 * seconds)
        self.wait_idle()

    def menu(self, *labels: str) -> None:
        """Choose from the menu bar: a menu, then an entry."""
        bar, *entries = labels
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{bar}$")).click()
        for entry in entries:
            exact = re.compile(f"^{re.escape(entry)}$")
            self.page.locator(".lm-Menu-itemLabel", has_text=exact).click()

    def validate(self) -> Locator:
        """Press nbgrader's Validate and return the dialog it opens."""
        toolbar = self.panel.locator(".jp-NotebookPanel-toolbar")
        toolbar.get_by_text("Validate", exact=True).click()
        dialog = self.page.locator(".jp-Dialog-content")
        dialog.wait_for()
        return dialog

    def save(self) -> None:
        """Press Ctrl+S and wait until the server has the notebook."""
        with self.page.expect_response(_is_save):
            self.page.keyboard.press("Control+S")

    def slices(self, folder: Path, name: str) -> None:
        """Save the whole notebook as pictures, one screenful after another."""
        window = self.panel.locator(".jp-WindowedPanel-outer")
        window.evaluate("window => { window.scrollTop = 0 }")
        self.page.mouse.move(0, 0)  # what lies under the mouse is drawn differently
        for number in range(1, 100):
            window.screenshot(path=folder / f"{name}-{number:02}.png")
            if not window.evaluate(SCROLL):
                return
        raise AssertionError("the notebook has no end")

    def picture(self, path: Path, first: str, last: str) -> None:
        """Save the cells from `first` to `last` as they stand one above the other."""
        self.cell(first).evaluate("cell => cell.scrollIntoView({block: 'start'})")
        self.page.mouse.move(0, 0)  # what lies under the mouse is drawn differently
        boxes = [self.cell(name).bounding_box() for name in (first, last)]
        top, bottom = boxes
        assert top is not None
        assert bottom is not None
        height = bottom["y"] + bottom["height"] - top["y"]
        clip = {"x": top["x"], "y": top["y"], "width": top["width"], "height": height}
        self.page.screenshot(path=path, clip=clip)
