"""Seconds of every lecture and every solved assignment, run from top to bottom, all in one run.

As many at a time as `--at-once` says, each in a fresh kernel, plots included, as `Run All` does.

    python benchmarks/notebooks.py [--at-once 2] [NOTEBOOK ...]
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]


def run(path: Path) -> float:
    """Seconds of one notebook, its kernel's start included. Raises CellExecutionError."""
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    NotebookClient(
        notebook, timeout=300, skip_cells_with_tag="", resources={"metadata": {"path": path.parent}}
    ).execute()
    return time.perf_counter() - start


def main() -> None:
    """Runs every notebook that is asked for, and prints the table."""
    every = [*sorted(ROOT.glob("course/*.ipynb")), *sorted(ROOT.glob("source/*/*.ipynb"))]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("notebooks", nargs="*", type=Path, default=every, metavar="NOTEBOOK")
    parser.add_argument("--at-once", type=int, default=2, help="so many kernels beside each other")
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # for tensors this small, threads wait for each other
    begun = time.perf_counter()
    paths = [path.resolve() for path in asked.notebooks]
    with ThreadPoolExecutor(max(1, asked.at_once)) as pool:
        seconds = list(pool.map(run, paths))
    together = time.perf_counter() - begun
    print("| notebook | s |\n|---|--:|")
    for path, each in zip(paths, seconds, strict=True):
        print(f"| {path.parent.name}/{path.stem} | {each:.0f} |")
    print(f"\n{len(paths)} notebooks, {asked.at_once} at once: {together:.0f} s together.")


if __name__ == "__main__":
    main()
