"""Graded notebooks in the terminal: a table each, then what to do about what is not right."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.checking.result import Result
from autograder.checking.text_view import SEVERAL, points, points_worth, to_text
from autograder.commands.terminal import plain
from autograder.notebooks.cells import WrittenAnswers
from autograder.notebooks.grading import GradedNotebook, Outcome, Settings

STYLES = {"PASSED": "bold green", "NOT STARTED": "dim"}
ELSE = "bold yellow"
NOTES_SHOWN = 6


def show(console: Console, notebook: GradedNotebook, details: bool = False) -> None:
    """Prints the notebook's table, every diagnosis, and the cells that failed.

    With `details` also the numbers: yours beside the expected ones.
    """
    console.print()
    console.print(Text(plain(str(notebook.path)), "bold"))
    console.print(_table(notebook))
    for outcome in notebook.outcomes:
        _show_findings(console, outcome, details)
    _show_notes(console, notebook)
    if notebook.written.count:
        console.print(_by_hand(notebook.written))


def show_total(console: Console, notebooks: Sequence[GradedNotebook], settings: Settings) -> None:
    """Prints the total, and how to have the same cases again."""
    got = points(sum(notebook.score for notebook in notebooks))
    of = points(sum(notebook.max_score for notebook in notebooks))
    passed = sum(outcome.passed for notebook in notebooks for outcome in notebook.outcomes)
    count = sum(len(notebook.outcomes) for notebook in notebooks)
    console.print()
    console.print(
        Text.assemble((f"{got} of {of} points", "bold"), f", {passed} of {count} exercises passed.")
    )
    again = f"`--seed {settings.seed}` draws the same cases again"
    numbers = "" if passed == count else "; `--details` shows yours beside the expected numbers"
    console.print(f"Seed {settings.seed}: {again}{numbers}.")


def _table(notebook: GradedNotebook) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_footer=True, pad_edge=False)
    table.add_column("Exercise", "Total", no_wrap=True)
    total = f"{points(notebook.score)} of {points(notebook.max_score)}"
    table.add_column("Points", total, justify="right", no_wrap=True)
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Diagnosis", overflow="fold")
    for outcome in notebook.outcomes:
        table.add_row(
            outcome.exercise,
            f"{points(outcome.score)} of {points(outcome.max_score)}",
            Text(outcome.verdict, STYLES.get(outcome.verdict, ELSE)),
            ", ".join(_diagnoses(outcome)),
        )
    return table


def _diagnoses(outcome: Outcome) -> tuple[str, ...]:
    result = outcome.result
    return () if result is None or result.not_started else result.diagnoses


def _show_findings(console: Console, outcome: Outcome, details: bool) -> None:
    """What to do about an answer that is not right."""
    if outcome.passed or (outcome.result is not None and outcome.result.not_started):
        return
    console.print(Text(plain(f"{outcome.exercise}: {outcome.verdict.lower()}"), ELSE))
    if outcome.result is None:
        _paragraph(console, outcome.says, 2)
    elif details:
        body = to_text(outcome.result).partition("\n")[2]
        console.print(Text(plain(body)), soft_wrap=True)
    else:
        _show_sentences(console, outcome.result)
    console.print()


def _show_sentences(console: Console, result: Result) -> None:
    if len(result.findings) > 1:
        _paragraph(console, SEVERAL, 2)
    for finding in result.findings:
        _paragraph(console, f"[{finding.name}] {finding.says}", 2)
        if finding.look:
            _paragraph(console, finding.look, 4)
    for line in result.outputs:
        if len(result.outputs) > 1:
            word = "right" if line.passed else "wrong"
            credit = f"{line.name}: {word}, {points_worth(line.points)}. {line.says}"
            _paragraph(console, credit.rstrip(), 2)
        elif line.says:
            _paragraph(console, line.says, 2)


def _paragraph(console: Console, text: str, indent: int) -> None:
    console.print(Padding(Text(plain(text)), (0, 0, 0, indent)))


def _show_notes(console: Console, notebook: GradedNotebook) -> None:
    if not notebook.notes:
        return
    console.print("Cells that did not run to their end:")
    for note in notebook.notes[:NOTES_SHOWN]:
        _paragraph(console, f"{note.cell} {note.says}", 2)
    more = len(notebook.notes) - NOTES_SHOWN
    if more > 0:
        _paragraph(console, f"and {more} more", 2)
    console.print()


def _by_hand(written: WrittenAnswers) -> str:
    worth = points_worth(written.points)
    if written.count == 1:
        return f"1 written answer worth {worth} is marked by a person."
    return f"{written.count} written answers worth {worth} are marked by a person."
