"""Seconds a submission of each whole assignment: `autograder grade` and plain `nbgrader autograde`.

All notebooks of an assignment, solved as `source/` solves them, in one class for each side; whole
commands, gradebook written, both sides in one run. What trains networks costs what training costs.

    python benchmarks/assignments.py [--students 8] [--plain 1] [ASSIGNMENT ...]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from throughput import PLAIN

ROOT = Path(__file__).resolve().parents[1]


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


def run(folder: Path, *words: str) -> float:
    """Seconds of a whole command in `folder`. Raises RuntimeError where it fails."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": path}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return time.perf_counter() - start


def prepare(folder: Path, assignment: str, students: int) -> None:
    """A course folder in which so many students have handed in the solved assignment."""
    folder.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "source" / assignment, folder / "source" / assignment)
    run(folder, "nbgrader", "generate_assignment", assignment)
    for released in sorted((folder / "release" / assignment).glob("*.ipynb")):
        text = solved(released, folder / "source" / assignment / released.name)
        for number in range(students):
            place = folder / "submitted" / f"student{number:03d}" / assignment
            place.mkdir(parents=True, exist_ok=True)
            (place / released.name).write_text(text, encoding="utf-8")


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


def measure(scratch: Path, assignment: str, students: int, plain: int) -> str:
    """One line of the table."""
    ours, theirs = scratch / f"{assignment}-grade", scratch / f"{assignment}-plain"
    prepare(ours, assignment, students)
    grade = ("autograder", "grade", assignment, "--seed=1", "--force")
    run(ours, *grade, "--student=student000")  # what is read from the disk is read here
    first = run(ours, *grade, "--student=student000")
    whole = run(ours, *grade)
    check_marks(ours, assignment, students)
    prepare(theirs, assignment, plain)
    with (theirs / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"{PLAIN}c.ExecutePreprocessor.timeout = 300\n")
    nbgrader = run(theirs, "nbgrader", "autograde", assignment) / plain
    check_marks(theirs, assignment, plain)
    each = (whole - first) / (students - 1)
    return f"| {assignment} | {first:.1f} | {each:.2f} | {nbgrader:.1f} | {nbgrader / each:.0f} |"


def main() -> None:
    """Measures every assignment that is asked for, and prints the table."""
    names = sorted(path.name for path in (ROOT / "source").iterdir() if path.is_dir())
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("assignments", nargs="*", default=names, metavar="ASSIGNMENT")
    parser.add_argument("--students", type=int, default=8, help="the class")
    parser.add_argument("--plain", type=int, default=1, help="submissions for nbgrader")
    asked = parser.parse_args()
    if asked.students < 2 or asked.plain < 1:
        parser.error("--students is 2 or more, --plain 1 or more")
    unknown = sorted(set(asked.assignments) - set(names))
    if unknown:
        parser.error(f"no such assignment: {', '.join(unknown)}; there are {', '.join(names)}")
    print("| assignment | a class of one, s | each further one, s | nbgrader, s each | times |")
    print("|---|--:|--:|--:|--:|")
    scratch = Path(tempfile.mkdtemp(prefix="assignments-"))
    try:
        for assignment in asked.assignments:
            print(measure(scratch, assignment, asked.students, asked.plain), flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
