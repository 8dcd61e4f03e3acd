"""A submission as it was handed in, made into notebooks that are well formed, whatever it was."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import parse_utc

from autograder.judging.files import FilesRead, hides_module, read_files
from autograder.judging.limits import Limits
from autograder.judging.plan import AssignmentPlan
from autograder.judging.verdict import Incident

CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
COPY = re.compile(r"( ?\(\d+\)|-Copy\d+| - Copy|_final|_v?\d+)$", re.IGNORECASE)
TIMESTAMP = "timestamp.txt"
LANGUAGE = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3", "file_extension": ".py"},
}
MOST_METADATA = 50_000
MOST_ATTACHMENT = 4 * 2**20
DEEPEST = 60


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    `notebooks` holds each notebook of the plan, None where it is missing or unreadable; `files` the
    others, by their path. `digest` is the SHA-256 of all that was read.
    """

    notebooks: dict[str, NotebookNode | None]
    files: dict[str, bytes]
    timestamp: str | None
    incidents: tuple[Incident, ...]
    digest: str


class UnreadableError(Exception):
    """Why a file is not a notebook; a sentence."""


def load_submission(folder: Path, plan: AssignmentPlan, limits: Limits) -> Submission:
    """Reads the submission in `folder`. Never raises for what a student handed in."""
    read = read_files(folder, limits)
    incidents = list(read.incidents)
    contents = dict(read.contents)
    stamp = contents.pop(TIMESTAMP, b"")[:100].decode("utf-8", "replace").strip() or None
    if stamp is not None and when(stamp) is None:
        says = "It holds no time, so what was handed in counts as on time."
        incidents.append(Incident("timestamp_unreadable", TIMESTAMP, says))
    notebooks: dict[str, NotebookNode | None] = {}
    for book in plan.notebooks:
        found = _find(book.name, contents, incidents)
        notebooks[book.name] = None
        if found is not None:
            try:
                notebooks[book.name] = read_notebook_bytes(contents[found], limits)
            except UnreadableError as problem:
                incidents.append(Incident("notebook_unreadable", found, str(problem)))
    files = _helper_files(contents, plan, incidents)
    return Submission(notebooks, files, stamp, tuple(incidents), digest_of(read))


def digest_of(read: FilesRead) -> str:
    """The SHA-256 of all files of a submission and their names."""
    digest = hashlib.sha256()
    for name, data in read.contents.items():
        digest.update(f"{len(name)} {name} {len(data)} ".encode() + data)
    return digest.hexdigest()


def read_timestamp(folder: Path) -> str | None:
    """What a submission's timestamp.txt says, if it is an ordinary file."""
    path = folder / TIMESTAMP
    if path.is_symlink() or not path.is_file():
        return None
    try:
        with path.open("rb") as file:  # however large it is
            return file.read(100).decode("utf-8", "replace").strip() or None
    except OSError:
        return None


def when(timestamp: str | None) -> datetime | None:
    """A timestamp as nbgrader reads it; None where it is none."""
    try:
        return parse_utc(timestamp)
    except (ValueError, OverflowError, TypeError):
        return None


def _find(name: str, contents: dict[str, bytes], incidents: list[Incident]) -> str | None:
    """The file of a notebook: its own name, or the only one that is nearly that."""
    wanted = f"{name}.ipynb"
    if wanted in contents:
        return wanted
    near = [
        path
        for path in contents
        if path.lower().endswith(".ipynb")
        and "/" not in path
        and COPY.sub("", path[: -len(".ipynb")]).lower() == name.lower()
    ]
    if len(near) == 1:
        says = f"There is no {wanted}; this file was taken for it."
        incidents.append(Incident("notebook_renamed", near[0], says))
        return near[0]
    several = f" ({', '.join(near)} could be it: which?)" if near else ""
    says = f"It is missing, so its questions get no points{several}."
    incidents.append(Incident("notebook_missing", wanted, says))
    return None


def _helper_files(
    contents: dict[str, bytes], plan: AssignmentPlan, incidents: list[Incident]
) -> dict[str, bytes]:
    own = {name for name, _ in plan.files}
    files = {}
    for path, data in contents.items():
        if PurePosixPath(path).suffix.lower() == ".ipynb":
            continue
        if path not in own and hides_module(path):
            says = "This file was left out: its name hides a module that the notebooks import."
            incidents.append(Incident("file_refused", path, says))
            continue
        files[path] = data
    return files


def read_notebook_bytes(data: bytes, limits: Limits) -> NotebookNode:
    """A well formed notebook of nbformat 4.5, without outputs. Raises UnreadableError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        says = f"Byte {error.start} of it is not UTF-8, the encoding of notebooks."
        raise UnreadableError(says) from None
    if not text.strip():
        raise UnreadableError("The file is empty.")
    try:
        raw = json.loads(text)
    except RecursionError:
        raise UnreadableError("It is nested too deeply to be a notebook.") from None
    except ValueError as error:
        says = f"It is not a whole notebook: its JSON breaks off or is damaged ({error})."
        raise UnreadableError(says[:300]) from None
    if type(raw) is not dict:
        raise UnreadableError("It holds JSON, but no notebook.")
    cells = raw.get("cells")
    if cells is None and type(raw.get("worksheets")) is list:
        cells = _old_cells(raw["worksheets"])
    if type(cells) is not list:
        raise UnreadableError("It holds no cells.")
    if len(cells) > limits.cells:
        raise UnreadableError(f"It has {len(cells)} cells; more than {limits.cells} are not run.")
    return _notebook(raw, cells)


def _old_cells(worksheets: list[Any]) -> list[Any]:
    """The cells of a notebook of nbformat 3, in the words of 4."""
    found = []
    for sheet in worksheets:
        inner = sheet.get("cells") if type(sheet) is dict else None
        for cell in inner if type(inner) is list else []:
            if type(cell) is not dict:
                continue
            kind, level = cell.get("cell_type"), cell.get("level")
            source = cell.get("input" if kind == "code" else "source")
            if kind == "heading":
                marks = "#" * (level if type(level) is int and 0 < level < 7 else 1)
                kind, source = "markdown", f"{marks} {_text(source)}"
            found.append({"cell_type": kind, "source": source, "metadata": cell.get("metadata")})
    return found


def _notebook(raw: dict[str, Any], cells: list[Any]) -> NotebookNode:
    used: set[str] = set()
    made = []
    for index, cell in enumerate(cells):
        if type(cell) is dict:
            made.append(_cell(cell, index, used))
    metadata = NotebookNode()
    given = raw.get("metadata")
    for key, ours in LANGUAGE.items():  # what it says chooses how a viewer colours every cell
        if type(given) is dict and type(given.get(key)) is dict:
            metadata[key] = nbformat.from_dict(ours)
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=metadata, cells=made)


def _cell(cell: dict[str, Any], index: int, used: set[str]) -> NotebookNode:
    kind = cell.get("cell_type")
    if kind not in ("code", "markdown", "raw"):
        kind = "raw"
    metadata = _plain(cell.get("metadata"))
    made = NotebookNode(
        id=_cell_id(cell.get("id"), index, used),
        cell_type=kind,
        metadata=nbformat.from_dict(metadata if type(metadata) is dict else {}),
        source=_text(cell.get("source")),
    )
    if kind == "code":
        made.outputs, made.execution_count = [], None
    else:
        attachments = _attachments(cell.get("attachments"))
        if attachments:
            made.attachments = attachments
    tags = made.metadata.get("tags")
    if tags is not None:
        good = [t for t in tags if type(t) is str] if type(tags) is list else []
        made.metadata.tags = list(dict.fromkeys(good))
    for key in ("name", "format", "collapsed", "scrolled", "jupyter", "execution", "deletable"):
        if key in made.metadata and key != "deletable":
            del made.metadata[key]
    return made


def _cell_id(given: Any, index: int, used: set[str]) -> str:
    wanted = given if type(given) is str and CELL_ID.fullmatch(given) else f"cell-{index}"
    name, number = wanted, 1
    while name in used:
        number += 1
        name = f"{wanted[:50]}-{number}"
    used.add(name)
    return name


def _text(source: Any) -> str:
    """A cell's text, whatever stands where it should be."""
    if type(source) is list:
        source = "".join(line for line in source if type(line) is str)
    if type(source) is not str:
        return ""
    return _clean(source)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def _plain(value: Any, depth: int = DEEPEST) -> Any:
    """Metadata without what JSON of a notebook cannot hold; None where it is too large."""
    if depth == DEEPEST and value is not None:
        try:
            if len(json.dumps(value)) > MOST_METADATA:
                return None
        except (ValueError, RecursionError):
            return None
    if depth <= 0:
        return None
    if type(value) is dict:
        return {_clean(str(key)): _plain(item, depth - 1) for key, item in value.items()}
    if type(value) is list:
        return [_plain(item, depth - 1) for item in value]
    if type(value) is float and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if type(value) is str:
        return _clean(value)
    return value


def _attachments(given: Any) -> NotebookNode:
    """Pictures inside a text cell: names to MIME types to base64, within a size."""
    kept = NotebookNode()
    left = MOST_ATTACHMENT
    for name, bundle in given.items() if type(given) is dict else ():
        if type(bundle) is not dict:
            continue
        good = {
            _clean(m): d for m, d in bundle.items() if type(d) is str and m.startswith("image/")
        }
        left -= sum(map(len, good.values()))
        if good and left >= 0:
            kept[_clean(name)] = nbformat.from_dict(good)
    return kept
