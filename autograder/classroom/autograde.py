"""What the course adds to `nbgrader autograde`: no marks for a check that did not answer.

nbgrader gives a test cell full marks when it put out nothing, and none when anything was written to
stderr. Both are wrong for a cell that holds a check: one that was skipped, or silenced, has shown
nothing; and one whose answer is right may well have logged something.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.notebooks.cells import grade_id, is_test

NO_RESULT = (
    "This test cell shows no result of its check, so it gets no marks. It was skipped, silenced or "
    "stopped. The instructor can run it by hand to see."
)


class RequireResult(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Fails a test cell of ours that shows no result; drops stderr from the others."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Looks at one executed cell; cells that are no exercise's test stay as they are."""
        from autograder.exercises import EXERCISES  # PyTorch, only when something is graded
        from autograder.notebooks.results import result_of

        exercise = EXERCISES.get(grade_id(cell).removeprefix("test_"))
        if exercise is None or not is_test(cell) or cell.cell_type != "code":
            return cell, resources
        result = result_of(cell)
        if result is not None and result.exercise == exercise.name:
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
        elif not any(output.output_type == "error" for output in cell.outputs):
            cell.outputs = [new_output("error", ename="NoResult", evalue="", traceback=[NO_RESULT])]
        return cell, resources
