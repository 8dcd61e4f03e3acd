"""Cells for the commands' tests to put into notebooks."""

from __future__ import annotations

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

RIGHT = {
    "forget_gate": "import torch\n\ndef forget_gate(x_t, h_prev, U_f, W_f):\n"
    "    return torch.sigmoid(x_t @ U_f + h_prev @ W_f)",
    "hidden_state": "def hidden_state(o_t, c_t):\n    return o_t * c_t.tanh()",
}


def grading(name: str, **rest: object) -> dict[str, object]:
    """The metadata of a cell that nbgrader knows as `name`."""
    plain = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": {**plain, "grade_id": name, **rest}}


def solution(name: str, source: str) -> nbformat.NotebookNode:
    return new_code_cell(source, id=name.replace("_", "-"), metadata=grading(name, solution=True))


def written(name: str, points: int) -> nbformat.NotebookNode:
    metadata = grading(name, solution=True, grade=True, points=points)
    return new_markdown_cell("my answer", metadata=metadata)


def words(text: str) -> str:
    """Text without line breaks and borders, to find a sentence wherever it was wrapped."""
    return " ".join(text.replace("│", " ").split())
