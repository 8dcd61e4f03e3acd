"""Reads what a student handed in: each file once, through no link, within limits."""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.judging.limits import Limits
from autograder.judging.verdict import Incident

DEEPEST = 8
LONGEST_NAME = 200
IGNORED = {".ipynb_checkpoints", "__pycache__", ".DS_Store", ".git", ".virtual_documents"}
#: Files by which Python or pytest is steered from a folder.
STEERING = {"sitecustomize.py", "usercustomize.py", "conftest.py", "pyvenv.cfg", "autograder.py"}
OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class FilesRead:
    """The files of a submission by their path below its folder, and what was refused."""

    contents: dict[str, bytes] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)


def read_files(folder: Path, limits: Limits) -> FilesRead:
    """Reads all files below `folder`, in order of their names. Never raises for what lies there."""
    read = FilesRead()
    try:
        descriptor = os.open(folder, OPEN | os.O_DIRECTORY)
    except OSError as error:
        says = "The submission's folder is a link or no folder, and was not followed."
        read.incidents.append(Incident("folder_refused", folder.name, f"{says} ({error.strerror})"))
        return read
    try:
        _Reader(read, limits).read_folder(descriptor, "", 0)
    finally:
        os.close(descriptor)
    return read


class _Reader:
    def __init__(self, read: FilesRead, limits: Limits) -> None:
        self._read, self._limits = read, limits
        self._left = limits.submission_bytes
        self._files = limits.files

    def read_folder(self, descriptor: int, above: str, depth: int) -> None:
        for name in sorted(_names(descriptor, 4 * self._limits.files)):
            if name in IGNORED:
                continue
            path = f"{above}{name}"
            problem = _name_problem(name)
            if problem:
                self._refuse(path, problem)
                continue
            if self._files <= 0:
                self._refuse(path, f"there are more than {self._limits.files} files")
                return
            self._files -= 1
            try:
                entry = os.open(name, OPEN, dir_fd=descriptor)
            except OSError as error:
                self._refuse(path, _unopened(error))
                continue
            try:
                self._read_entry(entry, path, depth)
            finally:
                os.close(entry)

    def _read_entry(self, entry: int, path: str, depth: int) -> None:
        about = os.fstat(entry)
        if stat.S_ISDIR(about.st_mode):
            if depth >= DEEPEST:
                self._refuse(path, f"it lies more than {DEEPEST} folders deep")
            else:
                self.read_folder(entry, f"{path}/", depth + 1)
        elif not stat.S_ISREG(about.st_mode):
            self._refuse(path, "it is no ordinary file")
        elif about.st_nlink != 1:
            self._refuse(path, "it is a hard link: the same file may lie elsewhere")
        else:
            self._read_file(entry, path)

    def _read_file(self, entry: int, path: str) -> None:
        most = self._limits.notebook_bytes if path.endswith(".ipynb") else self._left
        data = bytearray()
        while len(data) <= min(most, self._left):
            piece = os.read(entry, 2**20)
            if not piece:
                break
            data += piece
        if len(data) > most:
            self._refuse(path, f"it is larger than {most // 2**20} MiB")
        elif len(data) > self._left:
            total = self._limits.submission_bytes // 2**20
            self._refuse(path, f"the submission is larger than {total} MiB")
        else:
            self._left -= len(data)
            self._read.contents[path] = bytes(data)

    def _refuse(self, path: str, why: str) -> None:
        shown = path.encode("utf-8", "backslashreplace").decode()
        shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in shown)[:LONGEST_NAME]
        if len(self._read.incidents) < 50:
            says = f"This file was left out: {why}."
            self._read.incidents.append(Incident("file_refused", shown, says))


def _names(descriptor: int, most: int) -> Iterator[str]:
    with os.scandir(descriptor) as entries:
        for number, entry in enumerate(entries):
            if number >= most:
                return
            yield entry.name


def _name_problem(name: str) -> str:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not text"
    if not name.isprintable():
        return "its name holds characters that cannot be shown"
    return "its name is too long" if len(name) > LONGEST_NAME else ""


def _unopened(error: OSError) -> str:
    if error.errno == 40:  # ELOOP, which O_NOFOLLOW gives
        return "it is a link to another place"
    return f"it cannot be read ({error.strerror})"


def hides_module(path: str) -> bool:
    """Whether a helper file would stand in the way of a module that grading relies on."""
    name, _, rest = path.partition("/")
    if path.endswith(".pth") or name in STEERING:
        return True
    stem = name if rest else name.removesuffix(".py")
    if not rest and stem == name:
        return False
    if stem in sys.stdlib_module_names or stem in sys.builtin_module_names:
        return True
    try:
        found = importlib.util.find_spec(stem) if stem.isidentifier() else None
    except (ImportError, ValueError):
        return True
    return found is not None and found.origin is not None and "-packages" in found.origin
