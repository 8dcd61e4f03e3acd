"""Reading a notebook file, with a sentence for everything that can be wrong with one."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4.rwbase import rejoin_lines

#: The notebook format that nbgrader and this course use.
MAJOR = 4


class UnusableNotebook(Exception):  # noqa: N818  (what it says is what is wrong)
    """A notebook that cannot be graded; its message is a paragraph for the person who gave it."""


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """The notebook in `path`, in format 4. The file is only read.

    Raises UnusableNotebook where there is no such file, or it is no notebook of format 4.
    """
    data = _parse(path, _read_bytes(path))
    major = data.get("nbformat")
    if not isinstance(major, int) or isinstance(major, bool):
        raise UnusableNotebook(
            f"{path} is JSON, but not a Jupyter notebook: it does not say which notebook format "
            "it has (`nbformat`)."
        )
    if major < MAJOR:
        raise UnusableNotebook(
            f"{path} is in notebook format {major}, which is too old. Open it in JupyterLab, "
            f"save it, and it will be in format {MAJOR}."
        )
    if major > MAJOR:
        raise UnusableNotebook(
            f"{path} is in notebook format {major}, which is newer than this grader knows "
            f"({MAJOR}). Save it in format {MAJOR}, or get a newer grader."
        )
    return _checked(path, data)


def _read_bytes(path: Path) -> bytes:
    if os.path.isdir(path):  # unlike Path.is_dir, False where the name is too long
        raise UnusableNotebook(
            f"{path} is a folder. Name the notebooks in it, for example {path / '01_gates.ipynb'}."
        )
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UnusableNotebook(
            f"There is no file {path}. Is the name spelt so, and are you in the right folder "
            f"({Path.cwd()})?"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnusableNotebook(f"{path} cannot be read: {reason}.") from None


def _parse(path: Path, raw: bytes) -> dict[str, Any]:
    if not raw.strip():
        raise UnusableNotebook(f"{path} is empty. Was it saved, or downloaded to the end?")
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise UnusableNotebook(
            f"{path} is not a notebook: a notebook is JSON text, and this is not{where}. "
            "A file that was cut short, or holds the marks of a merge, looks like this too."
        ) from None
    if not isinstance(data, dict):
        raise UnusableNotebook(f"{path} is JSON, but not a Jupyter notebook.")
    return data


def _checked(path: Path, data: dict[str, Any]) -> nbformat.NotebookNode:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a missing cell id is no concern here
        notebook = nbformat.from_dict(data)
        try:
            nbformat.validate(notebook)
        except (nbformat.ValidationError, KeyError, AttributeError, TypeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UnusableNotebook(
                f"{path} is not a valid notebook: {reason[:200]}. Opening and saving it in "
                "JupyterLab may repair it."
            ) from None
    return rejoin_lines(notebook)
