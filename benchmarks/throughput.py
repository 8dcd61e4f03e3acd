"""How many submissions a minute: plain `nbgrader autograde`, `autograder grade`, and the floor.

One run measures all sides on the same solved submissions of 05_lstm, all its notebooks, whole
commands, gradebook written. The floor is the bare cells in forks of a warm process, one fork a
notebook, each exercise checked once, in the same process, as the judge checks it once: no walls,
no gradebook, nothing read or written.

    python benchmarks/throughput.py [--plain 4] [--sizes 10 100 1000] [--into FOLDER]
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
from classes import ROOT, be_plain, check_marks, environment, prepare

from autograder.notebooks.cells import SKIP_TAG

ASSIGNMENT = "05_lstm"
MIB = 2**20
#: What the floor's process has done before it forks, as the judge's warm process has.
WARM = """
import matplotlib.pyplot as plt, torch
from autograder import check
from autograder.judging.inside.quick_meta import quicken
quicken()
plt.plot([0, 1]); plt.savefig("/dev/null", format="png"); plt.close()
weight = torch.nn.Parameter(torch.ones(2, 2)); weight.grad = torch.ones(2, 2)
torch.optim.Adam([weight]).step()
x = torch.ones(2, 2, device="meta"); x = torch.sigmoid(x @ x + x)
"""


@dataclass(frozen=True)
class Measured:
    """One side: how many submissions, seconds of the whole command, peak memory in MiB."""

    side: str
    count: int
    seconds: float
    judge_mib: float = 0.0
    sandbox_mib: float = 0.0

    @property
    def each(self) -> float:
        """Seconds a submission."""
        return self.seconds / self.count


class Memory:
    """Watches the memory of a command and all below it, as shares that add up (PSS)."""

    def __init__(self, pid: int) -> None:
        self.judge = self.sandbox = 0.0
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(3.0):
            with contextlib.suppress(psutil.Error):
                root = psutil.Process(self._pid)
                sides = {False: 0.0, True: 0.0}
                for process in [root, *root.children(recursive=True)]:
                    with contextlib.suppress(psutil.Error):
                        inside = any("zygote" in word for word in process.cmdline())
                        sides[inside] += process.memory_full_info().pss / MIB
                self.judge = max(self.judge, sides[False])
                self.sandbox = max(self.sandbox, sides[True])


def timed(side: str, count: int, command: list[str], folder: Path) -> Measured:
    """Runs a whole command. Raises RuntimeError where it fails."""
    with tempfile.TemporaryFile() as log:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=log, stderr=log)
        with Memory(process.pid) as memory:
            code = process.wait()
        seconds = time.perf_counter() - start
        if code != 0:
            log.seek(0)
            raise RuntimeError(f"{side} failed:\n{log.read()[-2000:].decode()}")
    return Measured(side, count, seconds, memory.judge, memory.sandbox)


def measure_plain(folder: Path, count: int) -> Measured:
    """Nbgrader as it ships."""
    prepare(folder, ASSIGNMENT, count)
    be_plain(folder)
    command = [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT]
    measured = timed("nbgrader autograde", count, command, folder)
    check_marks(folder, ASSIGNMENT, count)
    return measured


def measure_judge(folder: Path, count: int) -> Measured:
    """The judge, all walls up."""
    prepare(folder, ASSIGNMENT, count)
    command = [sys.executable, "-m", "autograder", "grade", ASSIGNMENT, "--seed=1"]
    measured = timed("autograder grade", count, command, folder)
    check_marks(folder, ASSIGNMENT, count)
    return measured


def bare_cells(submitted: Path, source: Path) -> list[str]:
    """The code of a notebook, each graded cell with its hidden check alone."""
    tests = {
        cell.metadata.nbgrader.grade_id: cell.source.partition("### BEGIN HIDDEN TESTS")[2]
        for cell in nbformat.read(source, as_version=4).cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
    }
    assert all("seed=" in test for test in tests.values())
    return [
        tests.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
        for cell in nbformat.read(submitted, as_version=4).cells
        if cell.cell_type == "code"
        and SKIP_TAG not in cell.metadata.get("tags", ())
        and not cell.source.startswith("check.")  # a student's own check: the judge runs none
    ]


def measure_floor(folder: Path, count: int) -> Measured:
    """The bare cells in forks of a warm process, one a notebook, as many at a time as cores."""
    import torch
    from IPython.core.interactiveshell import InteractiveShell

    from autograder.checking import checks
    from autograder.checking.guard import Absent
    from autograder.checking.handle import LocalHandle
    from autograder.exercises import EXERCISES

    forbidden = frozenset().union(*(one.guard.operators for one in EXERCISES.values()))
    untraced = Absent(forbidden, forbidden)  # as in a sandbox, where what is forbidden is gone
    checks.LocalHandle = functools.partial(LocalHandle, absent=untraced)  # type: ignore[misc,assignment]
    torch.set_num_threads(1)
    prepare(folder, ASSIGNMENT, 1)
    submitted = sorted((folder / "submitted" / "student0000" / ASSIGNMENT).glob("*.ipynb"))
    books = [bare_cells(path, ROOT / "source" / ASSIGNMENT / path.name) for path in submitted]
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    shell.run_cell(WARM)

    def run(cells: list[str]) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            for cell in cells:
                if not shell.run_cell(cell).success:
                    os._exit(1)

    at_once = len(os.sched_getaffinity(0))
    start = time.perf_counter()
    running = 0
    for book in books * count:
        if running == at_once:
            _join()
            running -= 1
        if os.fork() == 0:
            run(book)
            os._exit(0)
        running += 1
    while running:
        _join()
        running -= 1
    return Measured("floor: bare cells", count, time.perf_counter() - start)


def _join() -> None:
    if os.waitstatus_to_exitcode(os.wait()[1]) != 0:
        raise RuntimeError("a cell of the floor failed")


def report(rows: list[Measured]) -> str:
    """The table, and what it comes to."""
    lines = [
        "| side | submissions | seconds | ms each | a minute | judge MiB | sandboxes MiB |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        memory = f"{row.judge_mib:.0f} | {row.sandbox_mib:.0f}" if row.judge_mib else "– | –"
        lines.append(
            f"| {row.side} | {row.count} | {row.seconds:.1f} | {1000 * row.each:.0f} | "
            f"{60 / row.each:.0f} | {memory} |"
        )
    plain, floor = rows[0], rows[1]
    judged = max(rows[2:], key=lambda row: row.count)
    lines += ["", f"{plain.each / judged.each:.0f} times nbgrader's rate; "
              f"{judged.each / floor.each:.2f} times the floor."]  # fmt: skip
    return "\n".join(lines)


def draw(rows: list[Measured], path: Path) -> None:
    """Milliseconds a submission against the size of the class, with nbgrader and the floor."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    judged = rows[2:]
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    counts = [row.count for row in judged]
    axes.plot(counts, [1000 * row.each for row in judged], "o-", color="#0072B2")
    axes.annotate("autograder grade", (counts[0], 1000 * judged[0].each), (12, 8),
                  textcoords="offset points", va="center", color="#0072B2")  # fmt: skip
    for row, style, colour in ((rows[0], "--", "#D55E00"), (rows[1], ":", "#009E73")):
        axes.axhline(1000 * row.each, linestyle=style, color=colour)
        axes.annotate(row.side, (counts[0], 1000 * row.each), (0, -14), color=colour,
                      textcoords="offset points")  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="submissions in the class",
             ylabel="milliseconds a submission")  # fmt: skip
    axes.set_ylim(100, 60_000)
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.minorticks_off()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Measures all sides; prints the table, writes it with the plot into `--into`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--plain", type=int, default=4, help="submissions for nbgrader")
    parser.add_argument("--floor", type=int, default=20, help="submissions for the floor")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--into", type=Path, default=Path(__file__).parent)
    asked = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="throughput-"))
    try:
        rows = [measure_plain(scratch / "plain", asked.plain)]
        floor: list[Any] = [measure_floor(scratch / "floor", asked.floor)]
        rows += floor
        for size in asked.sizes:
            rows.append(measure_judge(scratch / f"judge{size}", size))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    text = report(rows)
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python "
          f"{platform.python_version()}\n\n{text}")  # fmt: skip
    draw(rows, asked.into / "throughput.png")


if __name__ == "__main__":
    main()
