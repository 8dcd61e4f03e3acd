"""Seconds a submission of each whole assignment: `autograder grade` and plain `nbgrader autograde`.

All notebooks of an assignment, solved as `source/` solves them, in one class for each side; whole
commands, gradebook written, both sides in one run, each without its start-up. What trains networks
costs what training costs.

    python benchmarks/assignments.py [--students 12] [--plain 2] [ASSIGNMENT ...]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from classes import ROOT, be_plain, check_marks, environment, prepare


def run(folder: Path, *words: str) -> float:
    """Seconds of a whole command in `folder`. Raises RuntimeError where it fails."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return time.perf_counter() - start


def measure(scratch: Path, assignment: str, students: int, plain: int) -> str:
    """One line of the table."""
    ours, theirs = scratch / f"{assignment}-grade", scratch / f"{assignment}-plain"
    prepare(ours, assignment, students)
    grade = ("autograder", "grade", assignment, "--seed=1", "--force")
    two = [f"--student=student{number:04d}" for number in range(2)]
    run(ours, *grade, *two)  # what is read from the disk is read here
    first = run(ours, *grade, *two)
    whole = run(ours, *grade)
    check_marks(ours, assignment, students)
    prepare(theirs, assignment, plain)
    be_plain(theirs)
    autograde = ("nbgrader", "autograde", assignment, "--force")
    one = run(theirs, *autograde, "--student=student0000")
    nbgrader = (run(theirs, *autograde) - one) / (plain - 1)
    check_marks(theirs, assignment, plain)
    each = (whole - first) / (students - 2)
    return f"| {assignment} | {first:.1f} | {each:.2f} | {nbgrader:.1f} | {nbgrader / each:.0f} |"


def main() -> None:
    """Measures every assignment that is asked for, and prints the table."""
    names = sorted(path.name for path in (ROOT / "source").iterdir() if path.is_dir())
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("assignments", nargs="*", default=names, metavar="ASSIGNMENT")
    parser.add_argument("--students", type=int, default=12, help="the class")
    parser.add_argument("--plain", type=int, default=2, help="submissions for nbgrader")
    asked = parser.parse_args()
    if asked.students < 4 or asked.plain < 2:
        parser.error("--students is 4 or more, --plain 2 or more")
    unknown = sorted(set(asked.assignments) - set(names))
    if unknown:
        parser.error(f"no such assignment: {', '.join(unknown)}; there are {', '.join(names)}")
    print("| assignment | a class of two, s | each further one, s | nbgrader, s each | times |")
    print("|---|--:|--:|--:|--:|")
    scratch = Path(tempfile.mkdtemp(prefix="assignments-"))
    try:
        for assignment in asked.assignments:
            print(measure(scratch, assignment, asked.students, asked.plain), flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
