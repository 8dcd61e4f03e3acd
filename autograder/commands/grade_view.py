"""What `autograder grade` shows: how far it is, and at the end what a person should know."""

from __future__ import annotations

from collections import Counter
from statistics import fmean
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from autograder.commands.terminal import err, plain

if TYPE_CHECKING:
    from autograder.judging.grading import Class, Course, Order
    from autograder.judging.pool import Failure
    from autograder.judging.verdict import Incident, Verdict

MOST_ROWS, MOST_MISTAKES = 30, 8


class _Rate(ProgressColumn):
    """Submissions a minute."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{60 * speed:.0f} a minute", style="cyan")


class GradeView:
    """Follows a run; `failed` holds the submissions that could not be judged."""

    def __init__(self, console: Console, order: Order) -> None:
        self._console, self._order = console, order
        self._verdicts: list[tuple[str, float, float]] = []
        self._mistakes: Counter[str] = Counter()  # students, not exercises
        self._by_hand = 0.0
        self._incidents: list[tuple[str, Incident]] = []
        self._refused: tuple[str, ...] = ()
        self._done = 0
        self.failed: list[Failure] = []
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            console=err(),
            transient=True,
        )
        self._task = self._progress.add_task(order.assignment, total=None)

    def __enter__(self) -> GradeView:
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def begin(self, members: Class) -> None:
        """Who is to be graded."""
        self._refused, self._done = members.refused, len(members.done)
        self._progress.update(self._task, total=len(members.waiting))

    def add(self, outcome: Verdict | Failure) -> None:
        """One more."""
        from autograder.judging.pool import Failure

        self._progress.start()  # not before: its thread must not exist when judges are forked
        self._progress.advance(self._task)
        if isinstance(outcome, Failure):
            self.failed.append(outcome)
            return
        self._verdicts.append((outcome.student, outcome.score, outcome.max_score))
        self._incidents += [(outcome.student, found) for found in outcome.all_incidents]
        marks = [mark for book in outcome.notebooks for mark in book.marks]
        waiting = sum(mark.max_score for mark in marks if mark.auto_score is None)
        self._by_hand = max(self._by_hand, waiting)
        told = {str(n) for mark in marks for n in (mark.result or {}).get("diagnoses", ())}
        self._mistakes.update(told - {"not_started"})

    def summarise(self, course: Course) -> None:
        """What was graded, what the class got wrong, and what a person should look at."""
        say = self._console.print
        before = f" ({self._done} were graded before)" if self._done else ""
        say(f"{self._order.assignment}: {_count(len(self._verdicts))} graded{before}.")
        if self._verdicts:
            most = max(total for _, _, total in self._verdicts)
            waits = f"; up to {self._by_hand:g} more wait for a person" if self._by_hand else ""
            mean = fmean(score for _, score, _ in self._verdicts)
            say(f"Mean mark {mean:.1f} of {most:g}{waits}.")
        if self._mistakes:
            names = ", ".join(
                f"{name} ({count})" for name, count in self._mistakes.most_common(MOST_MISTAKES)
            )
            say(f"Most frequent mistakes, by students who made them: {plain(names)}.")
        self._say_incidents()
        for name in self._refused:
            say(
                f"Not graded: {plain(name)!r} is no student id. Rename the folder in submitted/.",
                soft_wrap=True,
            )
        for failure in self.failed:
            say(f"Not graded: {plain(failure.student)}: {plain(failure.says)}", soft_wrap=True)
        if self._verdicts:
            say(
                f"What was found in each: {course.verdicts(self._order.assignment)}", soft_wrap=True
            )

    def _say_incidents(self) -> None:
        for mend, title in ((True, "To mend in the tests"), (False, "To look at")):
            rows = [(who, found) for who, found in self._incidents if found.for_instructor is mend]
            if not rows:
                continue
            table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
            for heading in ("student", "where", "what"):
                table.add_column(heading, overflow="fold")
            for who, found in rows[:MOST_ROWS]:
                table.add_row(plain(who), plain(found.where)[:60], plain(found.says)[:300])
            self._console.print(table)
            if len(rows) > MOST_ROWS:
                self._console.print(f"… and {len(rows) - MOST_ROWS} more, in verdicts/.")


def _count(number: int) -> str:
    return f"{number} submission{'' if number == 1 else 's'}"
