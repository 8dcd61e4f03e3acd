"""Nothing that a student wrote runs in an instructor's browser; what is honest stays."""

from __future__ import annotations

from html.parser import HTMLParser

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from autograder.judging.viewing import clean_html, make_safe, safe_output

FORBIDDEN = {"script", "iframe", "object", "embed", "form", "base", "meta", "link", "input", "svg",
             "style", "math", "button", "textarea", "applet", "frame", "template"}  # fmt: skip
PIECES = [
    "<", ">", "</", "/>", '"', "'", "`", "=", " ", "&", ";", "\x00", "<!--", "-->", "<![CDATA[",
    "script", "img", "a", "svg", "iframe", "table", "td", "style", "math", "b", "p", "onerror",
    "onload", "href", "src", "srcdoc", "xlink:href", "javascript:", "data:text/html,", "alert(1)",
    "&#x6a;avascript:", "JaVaScRiPt:", "\t", "\n", "expression(", "url(", "//evil.test/x",
]  # fmt: skip


class Page(HTMLParser):
    """Collects what a browser would see as dangerous."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.bad: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN:
            self.bad.append(tag)
        for name, value in attrs:
            link = "".join((value or "").split()).lower().replace("\x00", "")
            if name.startswith("on") or name in ("srcdoc", "formaction", "ping"):
                self.bad.append(f"{tag} {name}")
            if link.startswith(("javascript:", "vbscript:", "data:text")):
                self.bad.append(f"{tag} {name}={link}")
            if name == "src" and not link.startswith("data:image/"):
                self.bad.append(f"{tag} fetches {link}")


@settings(derandomize=True, deadline=None, max_examples=600)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join))
def test_nothing_made_of_dangerous_pieces_survives(text) -> None:
    assert Page(clean_html(text)).bad == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        '<a href="java\tscript:alert(1)">x</a>',
        '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        '<form action="https://evil.test"><input name=p></form>',
        '<meta http-equiv=refresh content="0;url=https://evil.test">',
        '<img src="https://evil.test/pixel.png">',
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    ],
)
def test_known_vectors_are_taken_out(text) -> None:
    assert Page(clean_html(text)).bad == []


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold</b>",
        "<table><tr><td>1</td></tr></table>",
        "<p>a &lt; b</p>",
        '<img src="data:image/png;base64,iVBORw0KGgo=">',
        "<h2>title</h2><ul><li>one</li></ul>",
    ],
)
def test_honest_html_stays(text) -> None:
    assert clean_html(text).replace("<tbody>", "").replace("</tbody>", "") == text


def _output(**data: str) -> NotebookNode:
    mimes = {"html": "text/html", "svg": "image/svg+xml", "js": "application/javascript",
             "png": "image/png", "plain": "text/plain", "latex": "text/latex"}  # fmt: skip
    named = {mimes[name]: value for name, value in data.items()}
    return nbformat.v4.new_output("display_data", data=named)


def test_scripts_are_dropped_and_text_and_pictures_kept() -> None:
    assert safe_output(_output(js="alert(1)")) is None
    kept = safe_output(_output(png="iVBORw0KGgo=", plain="<Figure>", js="alert(1)"))
    assert kept is not None
    assert set(kept.data) == {"image/png", "text/plain"}


def test_svg_runs_nothing() -> None:
    kept = safe_output(_output(svg="<svg><script>alert(1)</script></svg>", plain="x"))
    assert kept is None or "<script" not in str(kept.data)


def test_a_text_cell_that_could_run_is_shown_as_typed() -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Fine, with **bold** and $x^2$"),
            nbformat.v4.new_markdown_cell("<script>alert(1)</script>"),
        ]
    )
    notes = make_safe(notebook)
    assert len(notes) == 1
    assert notebook.cells[0].source == "# Fine, with **bold** and $x^2$"
    assert notebook.cells[1].source != "<script>alert(1)</script>"
    assert "alert(1)" in notebook.cells[1].source  # still there for a person to read


def test_the_instructors_own_text_is_trusted() -> None:
    text = "<details><summary>Hint</summary>\n\n<i onclick='x'>open</i>\n\n</details>"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    assert make_safe(notebook, trusted={text}) == ()
    assert notebook.cells[0].source == text


UNCLOSED = [
    '<details open ontoggle="alert(1)" x=',
    "<iframe src='javascript:alert(1)' x=",
    '<div onmouseover="alert(1)"',
]


@pytest.mark.parametrize("text", UNCLOSED)
def test_a_tag_that_is_left_open_is_shown_as_typed(text) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    assert len(make_safe(notebook)) == 1
    assert notebook.cells[0].source != text


@pytest.mark.parametrize("text", UNCLOSED)
def test_a_markdown_output_with_an_open_tag_is_left_out(text) -> None:
    output = nbformat.v4.new_output("display_data", data={"text/markdown": text})
    kept = safe_output(output)
    assert kept is None or "text/markdown" not in kept.data
