"""The command `autograder`. What a command needs is imported when it runs: `--help` is quick."""

from __future__ import annotations

from typing import Annotated

import typer

from autograder import __version__
from autograder.commands.check import check
from autograder.commands.demo import demo
from autograder.commands.doctor import doctor
from autograder.commands.grade import grade
from autograder.commands.release import release

app = typer.Typer(
    help="Grades the course's notebooks against PyTorch, and names the mistake.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"autograder {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Grades the course's notebooks against PyTorch, and names the mistake."""


for command in (check, grade, doctor, demo, release):
    app.command()(command)
