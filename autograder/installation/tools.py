"""Programs that are no Python packages."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

from autograder.installation.item import Item, python_command

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def git_item() -> Item:
    """Git, for getting the course and keeping it up to date."""
    return _item("git", ("git",), _system("git"))


def bubblewrap_item() -> Item:
    """bubblewrap, the walls of sandboxed grading; it exists on Linux only."""
    if not sys.platform.startswith("linux"):
        return Item("bubblewrap", "exists on Linux only", verdict="optional", required=False)
    return _item("bubblewrap", ("bwrap",), _system("bubblewrap"))


def chromium_item() -> Item:
    """A Chromium for the browser tests."""
    get = _system("chromium") or f"{python_command()} -m playwright install chromium"
    return _item("Chromium", CHROMIUM, get)


def _item(what: str, programs: tuple[str, ...], get: str) -> Item:
    path = next((path for path in map(shutil.which, programs) if path), None)
    if path is None:
        return Item(what, "not found", "", "optional", get, required=False)
    try:
        run = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Item(what, f"{path} does not run: {error}", "", "broken", get, required=False)
    version = re.search(r"\d+(\.\d+)+", run.stdout)
    return Item(what, version.group() if version else path, required=False)


def _system(package: str) -> str:
    """The system's own command that installs `package`, or an empty string."""
    if sys.platform == "darwin":
        return f"brew install {package}"
    for program, command in (
        ("apt-get", "sudo apt-get install"),
        ("dnf", "sudo dnf install"),
        ("pacman", "sudo pacman -S"),
        ("zypper", "sudo zypper install"),
    ):
        if shutil.which(program):
            return f"{command} {package}"
    return ""
