"""What the commands share in the terminal: consoles, complaints, text that is not ours."""

from __future__ import annotations

import os
import re

from rich.console import Console
from rich.text import Text

#: For what all went well; for answers that are not right; for a command that could not do its work.
PASSED, FAILED, UNUSABLE = 0, 1, 2
#: Escape sequences and control characters, but for the tab and the line's end.
CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def out() -> Console:
    """The console for what a command says. Text is shown as it is, never read as mark-up."""
    return Console(markup=False, highlight=False, emoji=False)


def err() -> Console:
    """The console for complaints and progress.

    A notebook's `!` gives a command a terminal that cannot redraw: no spinner there.
    """
    in_notebook = "JPY_PARENT_PID" in os.environ
    return Console(
        stderr=True,
        markup=False,
        highlight=False,
        emoji=False,
        force_interactive=False if in_notebook else None,
    )


def plain(text: str) -> str:
    """`text` without characters that steer a terminal: it may come from someone else's notebook."""
    return CONTROL.sub("", text)


def complain(message: str) -> None:
    """Prints one paragraph that says what is wrong."""
    err().print(Text.assemble(("Error: ", "bold red"), plain(message)), soft_wrap=False)
