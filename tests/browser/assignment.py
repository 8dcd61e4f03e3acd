"""The assignment as a student hands it in."""

from __future__ import annotations

from pathlib import Path

import nbformat

NOTEBOOK = "05_lstm/01_gates.ipynb"


def solve(root: Path, target: Path) -> None:
    """Write the released notebook to `target` with every answer of `source/` filled in."""
    source = nbformat.read(root / "source" / NOTEBOOK, as_version=4)
    answers = {cell.id: cell.source for cell in source.cells if "nbgrader" in cell.metadata}
    notebook = nbformat.read(root / "release" / NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[cell.id]
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)


def gate(activation: str, letter: str) -> str:
    """The line a student types for a gate."""
    return f"return torch.{activation}(x_t @ U_{letter} + h_prev @ W_{letter})"
