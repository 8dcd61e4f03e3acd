"""Makes an autograded notebook harmless in every viewer, before it is written."""

from __future__ import annotations

import base64
import binascii
import functools
import html
import re
from collections import Counter
from collections.abc import Container
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import nh3
from nbformat import NotebookNode

from autograder.judging.outputs import new_output
from autograder.notebooks.cells import name_of

PICTURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
MOST_PICTURE = 8 * 2**20
TEXT = ("text/plain", "text/markdown", "text/latex")
STYLES = {
    "color", "background-color", "font-weight", "font-style", "font-size", "font-family",
    "text-align", "text-decoration", "vertical-align", "padding", "padding-left", "padding-right",
    "margin-left", "margin-right", "border", "border-collapse", "width", "white-space",
    "list-style-type", "max-width",
}  # fmt: skip
#: Colours and the like of a terminal, which viewers draw; every other control character goes.
CONTROL = re.compile(r"\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
#: In mathematics: what can make links, load code or style the page.
TEX = re.compile(
    r"\\(href|url|require|html\w*|class|cssId|style|unicode|include\w*|data|script|mmlToken|"
    r"csname|bbox)\b"
)
#: What Markdown makes headings of, which have ids.
HEADING = re.compile(r"[#=]|^\W*-", re.MULTILINE)
#: Rendering takes time that grows with the square of the length, or of how many of these there are.
DEEPEST = 2_000
VOID = {"br", "hr", "img", "wbr", "col", "input", "meta", "link"}
MOST_TEXT, MOST_MATHS = 100_000, 300
MATHS = re.compile(r"\\begin|\\\\[(\[]|\$\$|^\[", re.MULTILINE)
#: Text without any of these characters has nothing that a viewer could run.
ACTIVE = re.compile(r"[<\[\]&]|\\[a-zA-Z]|:")
SHOWN_AS_TEXT = "*This text is shown as it was typed: parts of it could have run in a browser.*"
METADATA = {"nbgrader", "tags", "deletable", "editable"}
#: Links within the page, to other sites, and to files that a browser shows as text or saves. Not
#: `plot.html`: formgrader serves what was handed in from its own address. Nor `http:plot.html`,
#: which browsers take for the same.
LINK = re.compile(
    r"#.*|https?://[^/\\].*|mailto:.*|(?![/\\])[^:?#\\]+\.(ipynb|txt|csv|py|md)(#.*)?", re.I
)
#: What the renderer of Markdown writes itself, and the coloured boxes of Jupyter's own tutorials.
CLASS = re.compile(r"highlight|[a-z]{1,2}\d?|language-.*|alert(-\w+)?")
#: Ids of formgrader's page beside those of the graded cells' boxes.
PAGE_IDS = frozenset({"notebook", "notebook-container", "statusmessage", "toc"})


def make_safe(
    notebook: NotebookNode, keep: Container[int] = (), trusted: Container[str] = ()
) -> tuple[str, ...]:
    """Makes every cell harmless, in place; what was changed, a short sentence each.

    `keep` holds the indices of cells whose outputs are the judge's own, `trusted` the texts of the
    instructor's cells.
    """
    notes: list[str] = []
    kept = ("kernelspec", "language_info")
    notebook.metadata = NotebookNode({k: v for k, v in notebook.metadata.items() if k in kept})
    ids = _page_ids(notebook)
    for index, cell in enumerate(notebook.cells):
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k in METADATA})
        name = name_of(cell, index)
        if cell.cell_type != "code":
            _keep_pictures(cell)
            ours = cell.source in trusted and _rendered(cell.source, cell.get("attachments"))
            if not ours and not _is_harmless(cell, ids):
                cell.source = _as_code(cell.source)
                cell.cell_type = "markdown"
                notes.append(f"{name}: its text could have run in a browser; it is shown as typed.")
        elif index not in keep:
            made = [safe_output(output) for output in cell.outputs]
            if any(one is None for one in made):
                notes.append(f"{name}: an output that is no text and no picture was left out.")
            cell.outputs = [one for one in made if one is not None]
    return tuple(notes)


def make_plain(
    notebook: NotebookNode, keep: Container[int] = (), trusted: Container[str] = ()
) -> None:
    """Shows every text as it was typed and leaves out every output; in place, quickly."""
    for index, cell in enumerate(notebook.cells):
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k in METADATA})
        if cell.cell_type == "code":
            cell.outputs = cell.outputs if index in keep else []
        elif cell.source not in trusted and not cell.source.startswith(SHOWN_AS_TEXT):
            cell.source, cell.cell_type = _as_code(cell.source), "markdown"
        cell.pop("attachments", None)


def safe_output(output: NotebookNode) -> NotebookNode | None:
    """The output without what a viewer could run; None where nothing is left."""
    kind = output.output_type
    if kind == "stream":
        return new_output("stream", name=output.name, text=_text(output.text))
    if kind == "error":
        lines = [_text(line) for line in output.traceback]
        return new_output(
            "error", ename=_text(output.ename), evalue=_text(output.evalue), traceback=lines
        )
    data = safe_data(output.data)
    if not data:
        return None
    if kind == "execute_result":
        return new_output(kind, data=data, execution_count=output.execution_count)
    return new_output("display_data", data=data)


def safe_data(data: dict[str, str]) -> dict[str, str]:
    """The forms of a rich output that are harmless, or can be made so."""
    safe = {}
    for mime, value in data.items():
        if mime in PICTURES:
            if _is_picture(mime, value):
                safe[mime] = value
        elif mime == "text/html":
            safe[mime] = TEX.sub(r"⧵\1", clean_html(value))  # viewers set the mathematics in it
        elif mime == "image/svg+xml":
            if len(value) <= MOST_PICTURE:
                coded = base64.b64encode(value.encode()).decode()
                safe.setdefault("text/html", f'<img src="data:image/svg+xml;base64,{coded}">')
        elif mime in TEXT and (mime == "text/plain" or _is_harmless_text(value)):
            safe[mime] = _text(value)
    return safe


class _Depth(HTMLParser):
    """How deep a page's elements may lie in each other: those that were begun and not ended."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: Counter[str] = Counter()
        self.deepest = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open[tag] += 1
            self.deepest = max(self.deepest, self.open.total())

    def handle_endtag(self, tag: str) -> None:
        if self.open[tag]:
            self.open[tag] -= 1


def _is_shallow(text: str) -> bool:
    """Whether cleaning takes time that grows with the length, not with its square."""
    depth = _Depth()
    try:
        depth.feed(text)
    except AssertionError:  # so Python's parser says that it knows no such declaration
        return False
    return depth.deepest <= DEEPEST


def clean_html(text: str) -> str:
    """HTML without scripts, frames, forms, handlers, outside styles and misleading layers.

    Empty where elements lie in each other so deeply that no honest output would.
    """
    if not _is_shallow(text):
        return ""
    return nh3.clean(
        text,
        tags=_tags(),
        attributes=_attributes(),
        clean_content_tags={"script", "style", "title", "noscript", "template"},
        url_schemes={"http", "https", "mailto", "data"},
        attribute_filter=_filter,
        link_rel="noopener noreferrer",
        strip_comments=True,
        filter_style_properties=STYLES,
    )


@functools.cache
def _tags() -> set[str]:
    return set(nh3.ALLOWED_TAGS) | {
        "img",
        "font",
        "center",
        "u",
        "figure",
        "figcaption",
        "input",
    } - {"input"}


@functools.cache
def _attributes() -> dict[str, set[str]]:
    allowed = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
    allowed.setdefault("*", set()).update({"style", "title", "align", "lang", "dir", "role"})
    allowed.setdefault("img", set()).update({"src", "alt", "width", "height"})
    allowed.setdefault("font", set()).update({"color", "size", "face"})
    allowed.setdefault("table", set()).update({"border"})
    allowed.setdefault("a", set()).discard("rel")
    return allowed


def _filter(tag: str, name: str, value: str) -> str | None:
    """Pictures from the page itself only, for one from elsewhere tells who looks; plain links."""
    address = "".join(value.split()).lower()
    if tag == "img" and name == "src":
        good = address.startswith(tuple(f"data:{mime};base64," for mime in PICTURES))
        return value if good else None
    if name in ("href", "src", "cite") and LINK.fullmatch(unquote(address)) is None:
        return None
    return value


class _Marks(HTMLParser):
    """The tags and attributes of a page, as a list to compare."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[str, tuple[str, ...]]] = []
        self.ids: set[str] = set()
        self.classes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ours = {"rel", "id", "class", "style"}
        names = tuple(sorted(name for name, _ in attrs if name not in ours))
        self.seen.append((tag, names))
        for name, value in attrs:
            if name == "style" and not _is_plain_style(value or ""):
                self.seen.append(("style", (value or "",)))
            elif name == "id":
                self.ids.add(value or "")
            elif name == "class":
                self.classes.update((value or "").split())


def _is_plain_style(style: str) -> bool:
    """Whether a style says nothing but what outputs may say."""
    if re.search(r"url|expression|@|\\|/\*", style, re.IGNORECASE):
        return False
    said = (part.split(":")[0].strip().lower() for part in style.split(";"))
    return all(name in STYLES or not name for name in said)


def _page_ids(notebook: NotebookNode) -> frozenset[str]:
    """The ids by which formgrader finds the boxes for points and comments."""
    grading = (cell.metadata.get("nbgrader") or {} for cell in notebook.cells)
    names = [data["grade_id"] for data in grading if data.get("grade_id")]
    parts = ("", "-comment", "_extra_credit")
    return PAGE_IDS.union(f"{name}{part}" for name in names for part in parts)


def _is_harmless(cell: NotebookNode, ids: frozenset[str]) -> bool:
    if cell.cell_type == "raw":
        return ACTIVE.search(cell.source) is None or "<" not in cell.source
    if cell.get("attachments"):
        return _is_harmless_text.__wrapped__(cell.source, ids, cell.attachments)
    return _is_harmless_text(cell.source, ids)


@functools.lru_cache(maxsize=4096)  # most cells of a class are the instructor's, word for word
def _is_harmless_text(
    text: str, ids: frozenset[str] = frozenset(), attachments: Any = None
) -> bool:
    """Whether Markdown, as it is rendered, holds nothing that cleaning would take away.

    Nor may it take the place of what has one of `ids` on the page, or look like a part of it.
    """
    if ACTIVE.search(text) is None and HEADING.search(text) is None:
        return True
    rendered = _rendered(text, attachments)
    if not rendered or TEX.search(text) or TEX.search(html.unescape(rendered)):
        return not text.strip()
    # The renderer's own headings and maths are not the student's marks.
    rendered = re.sub(r'<a class="anchor-link"[^>]*>(?:¶|&#182;)</a>', "", rendered)
    # On the page an end of the page's own follows: it would end a tag that was left open.
    rendered += "</div>"
    before, after = _Marks(), _Marks()
    try:
        for marks, page in ((before, rendered), (after, clean_html(rendered))):
            marks.feed(page)
            marks.close()
    except AssertionError:  # so Python's parser says that it knows no such declaration
        return False
    if before.ids & ids or not all(map(CLASS.fullmatch, before.classes)):
        return False
    return before.seen == after.seen and "<!" not in rendered and "<?" not in rendered


def _rendered(text: str, attachments: Any = None) -> str:
    """Markdown as viewers render it; empty where they cannot, as where an attachment is missing."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    if len(text) > MOST_TEXT or len(MATHS.findall(text)) > MOST_MATHS:
        return ""
    renderer = IPythonRenderer(escape=False, attachments=attachments or {})
    try:
        return MarkdownWithMath(renderer=renderer).render(text)
    except Exception:  # the renderer's own, of any kind
        return ""


def _as_code(text: str) -> str:
    """The text as Markdown that shows it letter by letter."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{SHOWN_AS_TEXT}\n\n{fence}text\n{_text(text)}\n{fence}"


def _keep_pictures(cell: NotebookNode) -> None:
    """Attachments that are pictures; the others go."""
    if "attachments" in cell:
        kept = {
            html.escape(name): {m: d for m, d in bundle.items() if _is_picture(m, d)}
            for name, bundle in cell.attachments.items()
        }
        cell.attachments = NotebookNode({name: NotebookNode(b) for name, b in kept.items() if b})


def _is_picture(mime: str, value: Any) -> bool:
    if mime not in PICTURES or not isinstance(value, str) or len(value) > MOST_PICTURE:
        return False
    try:
        start = base64.b64decode("".join(value.split())[:64] + "=" * 0, validate=True)
    except (binascii.Error, ValueError):
        return False
    return (
        start.startswith(PICTURES[mime]) and re.fullmatch(r"[A-Za-z0-9+/=\s]*", value) is not None
    )


def _text(text: str) -> str:
    return CONTROL.sub("", text).encode("utf-8", "replace").decode()
