"""The penalty for a late submission: nbgrader's own plugin decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from nbgrader.api import Assignment, Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from autograder.judging.database import GradingProblem


class LatePenalties:
    """What nbgrader's AssignLatePenalties does, on rows that are not committed yet.

    `config` is nbgrader's: `AssignLatePenalties.plugin_class` and the plugin's own settings.
    """

    def __init__(self, config: Config | None = None) -> None:
        self._config = config
        self._step: Any = None

    def assign(self, connection: Connection, assignment: str, notebooks: list[str]) -> None:
        """Sets the penalty of those submitted notebooks that are late.

        `assignment` and `notebooks` are ids. Raises GradingProblem where the plugin fails.
        """
        chosen = select(Assignment.duedate).where(Assignment.id == assignment)
        duedate = connection.execute(chosen).scalar()
        if duedate is None or not notebooks:
            return
        penalties = []
        for row in _scores(connection, notebooks):
            due = duedate + (row.extension or timedelta())
            seconds = (row.timestamp - due).total_seconds()
            if seconds > 0:
                penalty = self._penalty(row, seconds)
                penalties.append({"b_id": row.id, "late_submission_penalty": penalty})
        if penalties:
            table = SubmittedNotebook.__table__
            statement = update(table).where(table.c.id == bindparam("b_id"))
            connection.execute(statement, penalties)

    def _penalty(self, row: Any, seconds: float) -> float | None:
        try:
            step = self._prepared()
            penalty = step.plugin_inst.late_submission_penalty(row.student_id, row.score, seconds)
            if penalty is None:
                return None
            return float(step._check_late_penalty(SimpleNamespace(score=row.score), penalty))
        except SQLAlchemyError:
            raise
        except Exception as error:
            raise GradingProblem(
                f"nbgrader's plugin for late submissions failed for {row.student_id!r}: "
                f"{type(error).__name__}: {error}. Nothing of this submission was written. See "
                "AssignLatePenalties.plugin_class in nbgrader_config.py."
            ) from error

    def _prepared(self) -> Any:
        if self._step is None:
            from nbgrader.preprocessors import AssignLatePenalties  # slow, and seldom needed

            self._step = AssignLatePenalties(config=self._config)
            self._step.init_plugin()
        return self._step


def _scores(connection: Connection, notebooks: list[str]) -> Sequence[Any]:
    """Submitted notebooks with a time of handing in, and what a person and the judge gave."""
    columns = (
        SubmittedNotebook.id,
        SubmittedAssignment.student_id,
        SubmittedAssignment.timestamp,
        SubmittedAssignment.extension,
    )
    chosen = (
        select(*columns, func.coalesce(func.sum(Grade.score), 0.0).label("score"))
        .select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .where(SubmittedNotebook.id.in_(notebooks), SubmittedAssignment.timestamp.is_not(None))
        .group_by(*columns)
    )
    return connection.execute(chosen).all()
