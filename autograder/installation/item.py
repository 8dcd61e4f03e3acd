"""One thing the course needs or can use, and whether this machine has it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Verdict = Literal["ok", "missing", "old", "broken", "off", "optional"]

#: Package names that conda-forge spells in another way.
CONDA_NAMES = {"torch": "pytorch", "build": "python-build"}


@dataclass(frozen=True)
class Item:
    """What was looked for, what was found, and the command that gets it where it is not right.

    `required` is False for what only instructors or developers use.
    """

    what: str
    found: str
    needed: str = ""
    verdict: Verdict = "ok"
    get: str = ""
    required: bool = True

    @property
    def fine(self) -> bool:
        """Whether nothing need be done."""
        return self.verdict == "ok"

    @property
    def blocks(self) -> bool:
        """Whether the course cannot be done without doing something here."""
        return self.required and not self.fine


def install_command(*requirements: str, reinstall: bool = False) -> str:
    """The command that gets packages here: conda's inside a conda environment, else pip's."""
    quoted = " ".join(map(shlex.quote, requirements))
    if os.environ.get("CONDA_PREFIX") == sys.prefix:
        renamed = " ".join(shlex.quote(_conda_name(r)) for r in requirements)
        again = " --force-reinstall" if reinstall else ""
        return f"conda install{again} -c conda-forge {renamed}"
    again = " --force-reinstall" if reinstall else ""
    return f"{python_command()} -m pip install{again} {quoted}"


def python_command() -> str:
    """`python` where that is this Python, else its path."""
    found = shutil.which("python")
    if found is not None and Path(found).absolute() == Path(sys.executable).absolute():
        return "python"
    return shlex.quote(sys.executable)


def _conda_name(requirement: str) -> str:
    for name, other in CONDA_NAMES.items():
        if requirement == name or requirement.startswith((f"{name}>", f"{name}=", f"{name}<")):
            return other + requirement.removeprefix(name)
    return requirement
