"""`autograder check`: grades notebooks for the person who wrote them."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.status import Status
from rich.text import Text

from autograder.commands.terminal import FAILED, PASSED, UNUSABLE, complain, err, out

if TYPE_CHECKING:
    from autograder.notebooks.grading import Settings

SEED_LIMIT = 2**31
DEVICES = ("cpu", "cuda")


def _known_device(device: str | None) -> str | None:
    if device is not None and device.split(":")[0] not in DEVICES:
        raise typer.BadParameter(f"{device!r} is not known here: use cpu or cuda.")
    return device


def _tell(status: Status, path: Path, what: str) -> None:
    status.update(Text(f"{path}: {what}"))


def check(
    notebooks: Annotated[
        list[Path],
        typer.Argument(help="The notebooks to grade (.ipynb). They are read, never written to."),
    ],
    seed: Annotated[
        int | None,
        typer.Option(
            help="Draw the same cases as the run that showed this seed.",
            metavar="INT",
            show_default="random",
            min=0,
            max=SEED_LIMIT - 1,
        ),
    ] = None,
    timeout: Annotated[
        int,
        typer.Option(
            help="How long a cell, or the check of one exercise, may take.",
            metavar="SECONDS",
            min=1,
        ),
    ] = 60,
    device: Annotated[
        str | None,
        typer.Option(
            help="Check on one device only.",
            metavar="cpu|cuda",
            show_default="CPU, and CUDA where there is one",
            callback=_known_device,
        ),
    ] = None,
    details: Annotated[
        bool, typer.Option("--details", help="Show the numbers too: yours beside the expected.")
    ] = False,
) -> None:
    """Grade your own notebooks, and see what is right, what is not, and why.

    Each notebook is run in a fresh kernel on this machine, in its own folder, as JupyterLab would
    run it: this is for your own work, or for notebooks that you trust. Exit code 0: all passed;
    1: something did not; 2: a notebook could not be graded.
    """
    from autograder.checking.devices import choose_devices
    from autograder.notebooks.grading import Settings

    try:
        choose_devices(device)
    except ValueError as problem:
        complain(str(problem))
        raise typer.Exit(UNUSABLE) from None
    settings = Settings(secrets.randbelow(SEED_LIMIT) if seed is None else seed, timeout, device)
    raise typer.Exit(_grade_all(notebooks, settings, details))


def _grade_all(notebooks: Sequence[Path], settings: Settings, details: bool) -> int:
    """Grades and shows one notebook after the other; the command's exit code."""
    from autograder.commands.check_view import show, show_total
    from autograder.notebooks.grading import grade_notebook
    from autograder.notebooks.reading import UnusableNotebook

    graded, unusable = [], 0
    for path in notebooks:
        try:
            with err().status(str(path)) as status:
                watch = functools.partial(_tell, status, path)
                graded.append(grade_notebook(path, settings, watch))
        except UnusableNotebook as problem:
            complain(str(problem))
            unusable += 1
        else:
            show(out(), graded[-1], details)
    if graded:
        show_total(out(), graded, settings)
    if unusable:
        return UNUSABLE
    return PASSED if all(notebook.passed for notebook in graded) else FAILED
