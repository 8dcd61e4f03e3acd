"""What a result looks like: read in both themes, in a narrow window, and when not trusted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Browser, Page, expect

from tests.browser.assignment import NOTEBOOK
from tests.browser.jupyterlab_server import JupyterLab
from tests.browser.notebook_page import NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NewPage = Callable[[int, int], Page]

LOOK = Path(__file__).with_name("look.js").read_text()
RESULTS = "results.ipynb"
READABLE = 4.5  # WCAG 2.2, success criterion 1.4.3

WRONG = """
def tanh_gate(x_t, h_prev, U_f, W_f):
    return torch.tanh(x_t @ U_f + h_prev @ W_f)

def half_right(x_t, h_prev, c_prev, params):
    h_t, c_t = lstm_cell(x_t, h_prev, c_prev, params)
    return output_gate(x_t, h_prev, params["U_o"], params["W_o"]) * c_t, c_t

def stub(*arguments):
    raise NotImplementedError

def talkative(x_t, h_prev, U_o, W_o):
    print("a_long_line_without_a_space_" * 20)
    raise ValueError("a_long_message_without_a_space_" * 20)

def small_slip(f_t, c_prev, i_t, c_bar):
    return cell_state(f_t, c_prev, i_t, c_bar) + 0.001
"""
#: The cells that show a result: what they run, and words that must stand in it.
SHOWN = {
    "passed": ("check.forget_gate(forget_gate, seed=1)", ["PASSED", "2 of 2 points"]),
    "failed": ("check.forget_gate(tanh_gate, seed=1)", ["NOT YET", "tanh_for_sigmoid"]),
    "not-started": ("check.input_gate(stub, seed=1)", ["NOT STARTED", "still the stub"]),
    "half-right": ("check.lstm_cell(half_right, seed=1)", ["✗ wrong", "✓ right", "2 of 4 points"]),
    "raises": ("check.output_gate(talkative, seed=1)", ["NOT YET", "ValueError"]),
    "unnamed": ("check.cell_state(small_slip, seed=1)", ["NOT YET", "expected"]),
}


@pytest.fixture(scope="module")
def saved(root: Path, student_lab: JupyterLab, browser: Browser) -> JupyterLab:
    """The student's JupyterLab with a notebook of results of every kind, run and saved there."""
    source = nbformat.read(root / "source" / NOTEBOOK, as_version=4)
    answers = [
        cell.source
        for cell in source.cells
        if cell.id == "setup" or cell.metadata.get("nbgrader", {}).get("solution")
        if cell.cell_type == "code"
    ]
    cells = [new_code_cell("\n\n".join([*answers, WRONG]), id="answers")]
    cells += [new_code_cell(call, id=name) for name, (call, _) in SHOWN.items()]
    metadata = {"kernelspec": source.metadata.kernelspec}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), student_lab.root / RESULTS)
    page = browser.new_page()
    notebook = NotebookPage(page, student_lab, RESULTS)
    notebook.run_all(60)
    notebook.save()
    page.close()
    return student_lab


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_results_are_readable_in(
    theme: str,
    saved: JupyterLab,
    student: JupyterLab,
    new_page: NewPage,
    artifacts: Path,
    complaints: list[str],
) -> None:
    student.use_theme(f"JupyterLab {theme}")
    page = new_page(1000, 3200)
    notebook = NotebookPage(page, student, RESULTS)
    light = str(theme == "Light").lower()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", light)
    notebook.output("raises").locator("summary").click()
    faults = _faults(notebook)
    notebook.picture(artifacts / f"look-{theme.lower()}.png", "passed", "unnamed")
    assert faults == []
    assert complaints == []


def test_results_are_readable_when_the_notebook_is_not_trusted(
    saved: JupyterLab, student: JupyterLab, new_page: NewPage, artifacts: Path
) -> None:
    """As an instructor sees a submission: JupyterLab takes out of its HTML what could do harm."""
    strange = nbformat.read(student.root / RESULTS, as_version=4)
    strange.cells.append(new_markdown_cell("Changed by somebody else.", id="changed"))
    nbformat.write(strange, student.root / "strange.ipynb")
    notebook = NotebookPage(new_page(1000, 3200), student, "strange.ipynb")
    faults = _faults(notebook)
    notebook.picture(artifacts / "look-not-trusted.png", "passed", "unnamed")
    assert faults == []


def _faults(notebook: NotebookPage) -> list[str]:
    """What is wrong with the shown results: words missing, text too faint, boxes sticking out."""
    faults = []
    for name, (_, words) in SHOWN.items():
        for word in words:
            expect(notebook.output(name)).to_contain_text(word)
        seen = notebook.output(name).locator(".jp-OutputArea-output").last.evaluate(LOOK)
        assert len(seen["texts"]) >= 4, f"{name}: next to nothing was looked at"
        faults += [
            f"{name}: contrast {text['contrast']:.2f} of {text['text']!r}"
            for text in seen["texts"]
            if text["contrast"] < READABLE
        ]
        faults += [f"{name}: sticks out of its output area: {box}" for box in seen["outside"]]
    return faults
