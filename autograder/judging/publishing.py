"""Writes what was judged into the course folder: `autograded/` for nbgrader, `verdicts/` for us."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from autograder.judging.judge import Judged

READ_ONLY = 0o444
VERDICTS = "verdicts"


def publish(judged: Judged, autograded: Path, verdicts: Path) -> None:
    """Puts the autograded notebooks and files into `autograded`, the verdict beside the others.

    Each appears whole or not at all: it is written under another name first. The verdict keeps
    such a name until `settle`, when its marks are in the gradebook. Raises OSError.
    """
    partial = autograded.parent / f".{autograded.name}.{secrets.token_hex(4)}.partial"
    partial.mkdir(parents=True)
    try:
        for name, data in judged.files.items():
            _write(partial / name, data)
        if judged.timestamp is not None:
            _write(partial / "timestamp.txt", judged.timestamp.encode())
        for book in judged.verdict.notebooks:
            if book.text:
                _write(partial / f"{book.name}.ipynb", book.text.encode())
        old = partial.with_suffix(".old")
        if autograded.exists():
            autograded.rename(old)
        partial.rename(autograded)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    write_whole(_pending(verdicts, judged.verdict.student), judged.verdict.to_json())


def settle(verdicts: Path, student: str) -> None:
    """Gives the verdict its name: its marks are in the gradebook."""
    os.replace(_pending(verdicts, student), verdicts / f"{student}.json")


def is_pending(verdicts: Path, student: str) -> bool:
    """Whether a run was killed between a student's verdict and the gradebook."""
    return _pending(verdicts, student).exists()


def _pending(verdicts: Path, student: str) -> Path:
    return verdicts / f".{student}.json.pending"


def write_whole(path: Path, text: str) -> None:
    """Writes a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


def sweep(autograded: Path, assignment: str) -> None:
    """Removes what a killed run left half written."""
    for pattern in ("partial", "old"):
        for left in autograded.glob(f"*/.{assignment}.*.{pattern}"):
            shutil.rmtree(left, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(READ_ONLY)
