"""The project's commands and kernels in processes that begin warm, for tests that run many of them.

What runs is what `python -m PROGRAM WORDS` runs, in a process of its own. It is forked from one
that has only imported what such programs import, so that PyTorch's and nbgrader's seconds are spent
once for each of pytest's workers and not once for each command. Two things differ: the environment
that /proc shows is the first process's, and a module that a program forgot to import may be there.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

IMPORTED = [
    "torch",
    "nbgrader.apps",
    "autograder.checking.checks",
    "autograder.exercises",
    "autograder.classroom.autograde",
    "autograder.commands.app",
    "autograder.commands.grade_view",
    "autograder.judging.grading",
    "ipykernel.kernelapp",
]


def run_command(
    program: str,
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    timeout: float = 280,
) -> subprocess.CompletedProcess[str]:
    """Runs `python -m PROGRAM WORDS` in `folder`, with nothing to read, and waits for its end.

    Raises subprocess.TimeoutExpired after `timeout` seconds; the process is then killed.
    """
    with tempfile.TemporaryDirectory(prefix="command-") as place:
        said = [Path(place) / name for name in ("stdout", "stderr")]
        process = _start(program, words, folder, environment, said)
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired([program, *words], timeout)
        out, err = (path.read_text(encoding="utf-8") for path in said)
    return subprocess.CompletedProcess([program, *words], process.exitcode, out, err)


def launch_kernel(cmd: list[str], **given: Any) -> WarmProcess:
    """Takes the place of jupyter_client's function of this name, for kernels of this Python."""
    module = cmd.index("-m")
    environment = {**given["env"], "JPY_PARENT_PID": str(os.getpid())}
    nowhere = [Path(os.devnull)] * 2
    return WarmProcess(
        _start(cmd[module + 1], cmd[module + 2 :], Path(given["cwd"]), environment, nowhere)
    )


class WarmProcess:
    """What jupyter_client asks of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, process: Any) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """Its exit status, or None while it runs."""
        return self._process.exitcode

    def wait(self) -> int | None:
        """Waits for its end; the exit status."""
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it."""
        self.send_signal(signal.SIGKILL)


def _start(
    program: str,
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    said: list[Path],
) -> Any:
    """The new process, which is in a session of its own when this returns."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    begun = context.Event()
    process = context.Process(
        target=_be_program, args=(program, list(words), folder, dict(environment), said, begun)
    )
    process.start()
    if not begun.wait(60):
        process.kill()
        raise RuntimeError(f"{program} did not begin within a minute")
    return process


def _be_program(
    program: str,
    words: list[str],
    folder: Path,
    environment: dict[str, str],
    said: list[Path],
    begun: Any,
) -> None:
    """In the new process: takes the program's streams, environment and folder, and is it."""
    os.setsid()  # a signal to its group reaches no other process
    begun.set()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(said, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w", 1), open(2, "w", 1)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # PyTorch was imported before: it reads this variable no more.
    torch.set_num_threads(int(environment.get("OMP_NUM_THREADS", torch.get_num_threads())))
    sys.argv, sys.path[0] = [program, *words], str(folder)
    status: Any = 0
    try:
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
        status = 1
    if isinstance(status, str):
        print(status, file=sys.stderr)
    threading._shutdown()  # type: ignore[attr-defined]  # as a Python that ends: threads, then this
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))
