"""What a submission could do to the judge and to formgrader's page; each failed before its fix."""

from __future__ import annotations

import json
import time
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.judging.limits import Limits
from autograder.judging.loading import read_notebook_bytes, read_timestamp
from autograder.judging.mending import mend
from autograder.judging.plan import NotebookPlan, SourceCell
from autograder.judging.viewing import clean_html, make_safe, safe_output

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAC"
DATA = {"grade_id": "test_square", "grade": True, "locked": True, "points": 2}


def shown(text: str, **attachments: str) -> NotebookNode:
    """A text cell made safe in a notebook with a graded cell."""
    cell = new_markdown_cell(text)
    if attachments:
        cell.attachments = {f"{n}.png": {"image/png": d} for n, d in attachments.items()}
    test = new_code_cell("assert square(2) == 4", metadata={"nbgrader": dict(DATA)})
    notebook = new_notebook(cells=[cell, test])
    make_safe(notebook)
    return notebook.cells[0]


def test_a_picture_pasted_into_an_answer_stays() -> None:
    assert shown("![plot](attachment:plot.png)", plot=PNG).source == "![plot](attachment:plot.png)"


def test_a_picture_that_is_missing_is_shown_as_typed() -> None:
    assert "```text" in shown("![plot](attachment:plot.png)").source


def test_an_output_that_asks_for_a_picture_that_is_missing_is_left_out() -> None:
    output = nbformat.v4.new_output("display_data", {"text/markdown": "![x](attachment:x.png)"})
    assert safe_output(output) is None


@pytest.mark.parametrize(
    "link", ["plot.html", "plot.svg", "http:plot.html", "//evil.test", "a.html?b.ipynb",
             "a%2Ehtml", "\\\\evil.test", "/lab", "https:/plot.html"],
)  # fmt: skip
def test_no_link_opens_what_was_handed_in(link: str) -> None:
    assert "```text" in shown(f"[my plot]({link})").source
    assert "href" not in clean_html(f'<a href="{link}">my plot</a>')


@pytest.mark.parametrize("link", ["#top", "https://example.org/a", "../b/c.ipynb", "data.csv"])
def test_honest_links_stay(link: str) -> None:
    assert shown(f"[see]({link})").source == f"[see]({link})"
    assert link in clean_html(f'<a href="{link}">see</a>')


@pytest.mark.parametrize(
    "text",
    ["# test_square", "test_square\n===", "> # test_square", '<b id="test_square">x</b>',
     '<b id="test_square-comment">x</b>', '<span class="full-credit">click</span>',
     '<div class="navbar-fixed-top">2 / 2</div>', '<div style="transform:scale(9)">2 / 2</div>'],
)  # fmt: skip
def test_no_text_stands_in_for_a_part_of_the_page(text: str) -> None:
    assert "```text" in shown(text).source


def test_headings_code_and_boxes_stay() -> None:
    text = 'A\n\n# Why\n\n```python\nx = 1\n```\n\n<div class="alert alert-info">Note</div>'
    assert shown(text).source == text


def test_mathematics_makes_no_links() -> None:
    html = r"<p>$\href{javascript:pwned()}{x}$</p>"
    output = nbformat.v4.new_output("display_data", {"text/html": html})
    assert "\\href" not in safe_output(output).data["text/html"]
    assert "```text" in shown("&#36;&#92;href{javascript:pwned()}{x}&#36;").source


@pytest.mark.parametrize("piece", ["<div>", "<ul><li>"])
def test_deep_pages_cost_no_time(piece: str) -> None:
    begun = time.process_time()
    assert clean_html(piece * 40_000) == ""
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("piece", [r"\begin{a}", r"\\["])
def test_mathematics_without_end_costs_no_time(piece: str) -> None:
    begun = time.process_time()
    shown(piece * 9_000)
    assert time.process_time() - begun < 2


def test_points_of_hundreds_of_digits_are_points_that_were_changed() -> None:
    cell = {
        "cell_type": "code",
        "source": "1",
        "metadata": {"nbgrader": DATA | {"points": 10**400}},
    }
    source = SourceCell("test_square", "code", "1", None, True, True, False, False, 2.0)
    book = read_notebook_bytes(json.dumps({"cells": [cell]}).encode(), Limits())
    assert [i.kind for i in mend(book, NotebookPlan("n", (source,)))[1]] == ["points_changed"]


def test_a_timestamp_is_read_no_further_than_one_may_go(tmp_path: Path) -> None:
    with (tmp_path / "timestamp.txt").open("wb") as file:
        file.write(b"2026-01-05 12:00:00 UTC" + b" " * 100)
        file.truncate(50 * 2**30)
    assert read_timestamp(tmp_path) == "2026-01-05 12:00:00 UTC"
