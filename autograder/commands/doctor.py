"""`autograder doctor`: what is missing on this machine, and how to get it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.commands.terminal import FAILED, err, out, plain

if TYPE_CHECKING:
    from autograder.installation.item import Item

STYLES = {"ok": "green", "optional": "dim", "off": "yellow"}


def doctor() -> None:
    """Look for what the course needs on this machine, and say how to get what is missing.

    Exit code 0: everything that the course needs is here, whatever is optional; 1: something is
    missing, too old, or does not work.
    """
    with err().status("looking around"):
        groups = _look()
    console = out()
    console.print(_table(groups))
    items = [item for group in groups.values() for item in group]
    _show_commands(console, [item for item in items if not item.fine])
    blocking = [item for item in items if item.blocks]
    if blocking:
        names = ", ".join(item.what for item in blocking)
        console.print(Text(f"The course needs these, and they are not right: {names}.", "bold red"))
        raise typer.Exit(FAILED)
    console.print(Text("Everything that the course needs is here.", "bold green"))


def _look() -> Mapping[str, Sequence[Item]]:
    """Every item, in the groups of people who need it."""
    from autograder.installation import checking, jupyter, packages, tools

    return {
        "For everyone": [
            packages.python_item(),
            *packages.package_items(),
            checking.device_item(),
            jupyter.kernel_item(),
            checking.check_item(),
        ],
        "For instructors": [
            *packages.package_items("grade"),
            *jupyter.button_items(),
            tools.bubblewrap_item(),
            tools.git_item(),
        ],
        "For developers": [packages.development_item(), tools.chromium_item()],
    }


def _table(groups: Mapping[str, Sequence[Item]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("What", no_wrap=True)
    table.add_column("Found", overflow="fold")
    table.add_column("Needed", no_wrap=True)
    table.add_column("Verdict", no_wrap=True)
    for title, items in groups.items():
        table.add_row(Text(title, "bold"))
        for item in items:
            style = STYLES.get(item.verdict, "bold red")
            verdict = Text(item.verdict, style)
            table.add_row(f"  {item.what}", plain(item.found), item.needed, verdict)
        table.add_section()
    return table


def _show_commands(console: Console, items: Sequence[Item]) -> None:
    """The command for each thing that is not right, one line each, to be copied."""
    shown = [item for item in items if item.get]
    if not shown:
        return
    console.print(Text("How to get what is not there", "bold"))
    for item in shown:
        console.print(f"  {item.what}:", soft_wrap=True)
        console.print(f"    {item.get}", soft_wrap=True)
    console.print()
