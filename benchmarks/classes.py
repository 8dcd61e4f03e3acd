"""Classes that the benchmarks grade: the solved assignment, handed in by so many students."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
#: For nbgrader's side: its own steps, and time enough for a cell that trains.
PLAIN = """
from nbgrader.converters.autograde import Autograde
c.Autograde.autograde_preprocessors = list(Autograde.autograde_preprocessors.default_args[0])
c.ExecutePreprocessor.timeout = 300
"""


def environment() -> dict[str, str]:
    """Of a command in a class's folder: this Python's programs, and one thread for each."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": path}


def solved(released: Path, source: Path) -> str:
    """The released notebook, as JSON, with the answer cells of the source, of any number of parts.

    The demo's `submission` edits one solution a cell, which is not enough for whole assignments.
    """
    notebook = nbformat.read(released, as_version=4)
    solutions = {cell.id: cell.source for cell in nbformat.read(source, as_version=4).cells}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = solutions[cell.id]
    return nbformat.writes(notebook)


def prepare(folder: Path, assignment: str, students: int) -> None:
    """A course folder in which so many students have handed in the solved assignment."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "source" / assignment, folder / "source" / assignment)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", assignment]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    for released in sorted((folder / "release" / assignment).glob("*.ipynb")):
        text = solved(released, folder / "source" / assignment / released.name)
        for number in range(students):
            place = folder / "submitted" / f"student{number:04d}" / assignment
            place.mkdir(parents=True, exist_ok=True)
            (place / released.name).write_text(text, encoding="utf-8")


def be_plain(folder: Path) -> None:
    """Takes the judge out of a class's configuration: nbgrader as it ships."""
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(PLAIN)


def check_marks(folder: Path, assignment: str, students: int) -> None:
    """Every submission has full marks for its code: what was timed was the whole work."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        marks = [
            [g for book in entry.notebooks for g in book.grades if g.cell.cell_type == "code"]
            for entry in gradebook.assignment_submissions(assignment)
        ]
        full = [one for one in marks if one and all(g.auto_score == g.max_score for g in one)]
    if len(full) != students:
        raise RuntimeError(f"{assignment}: {len(full)} of {students} submissions have full marks")
