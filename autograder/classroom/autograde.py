"""The judge as a step of `nbgrader autograde`, so that formgrader's button is judged too.

`nbgrader_config.py` puts `JudgeCells` where nbgrader runs a notebook in one kernel, tests and all.
"""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum, Integer


class JudgeCells(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Runs the student's cells in a sandbox and the instructor's tests in this process."""

    isolation = Enum(
        ("bubblewrap", "none"), "bubblewrap", help="The walls around student code; see SECURITY.md."
    ).tag(config=True)
    seed = Integer(
        None, allow_none=True, help="Seed of checks that name none; by default the run's own."
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Judges what the student handed in, not what became of it on the way here.

        Raises GradingProblem and NoIsolationError, whose messages are for the instructor.
        """
        from autograder.judging.grading import Course, Order, run_seed
        from autograder.judging.judge import Terms, judge_notebook
        from autograder.judging.loading import load_submission
        from autograder.judging.planning import read_plan
        from autograder.judging.pool import close_warm, warm_process
        from autograder.judging.running import Clock

        about = resources["nbgrader"]
        course = Course(CourseDirectory(config=self.config), self.config)
        plan = read_plan(course.coursedir, about["assignment"])
        seed = run_seed(course, Order(about["assignment"], seed=self.seed))
        terms = Terms(seed)
        folder = course.submitted(about["student"], about["assignment"])
        submission = load_submission(folder, plan, terms.limits)
        book = next(book for book in plan.notebooks if book.name == about["notebook"])
        files = dict(submission.files) | {name: Path(p).read_bytes() for name, p in plan.files}
        handed_in = submission.notebooks.get(book.name)
        atexit.register(close_warm)
        verdict = judge_notebook(
            nb if handed_in is None else handed_in,
            book,
            terms,
            warm_process("none" if self.isolation == "none" else "bubblewrap"),
            files,
            Clock(terms.limits.submission_seconds),
        )
        for found in (*submission.incidents, *verdict.incidents):
            self.log.warning("%s: %s: %s", about["student"], found.where, found.says)
        return nbformat.reads(verdict.text, as_version=4), resources
