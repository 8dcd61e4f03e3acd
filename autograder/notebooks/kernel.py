"""A kernel that runs the cells of one notebook, one by one, and survives what they do.

The kernel is an ordinary process of the person who starts it: nothing is walled off here.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any, Self

from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.notebooks.reading import UnusableNotebook

KERNEL = "python3"
STARTUP_SECONDS = 60
#: Run before the notebook's own cells, so that no cell pays for what every check must import.
PRELOAD, PRELOAD_SECONDS = "__import__('autograder').check;", 180
#: How often an interrupt is sent to a cell that ran out of time, and how long each may take.
INTERRUPTS, INTERRUPT_SECONDS = 3, 3.0


@dataclass(frozen=True)
class Ending:
    """How a cell ended: `kind` is "done", "raised" or "timed out"; the error where it raised."""

    kind: str
    error: str = ""
    message: str = ""


class _Client(NotebookClient):  # type: ignore[misc]  # nbclient has no types here
    """Keeps values and errors only: an endless `print` must not fill the memory."""

    def output(self, outs: list[Any], msg: Any, display_id: str, cell_index: int) -> Any:
        if msg["msg_type"] in ("execute_result", "error"):
            return super().output(outs, msg, display_id, cell_index)
        return None


class Kernel:
    """A running kernel with `notebook` as its cells; use with `async with`.

    `timeout` is in seconds, for each cell. `variables` are added to its environment.
    Raises UnusableNotebook where the kernel cannot be started, dies, or cannot be interrupted.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        folder: Path,
        timeout: int,
        variables: dict[str, str] | None = None,
    ) -> None:
        self._notebook = notebook
        self._folder = folder
        self._timeout = timeout
        # The debugger's remark about frozen modules is not for students.
        quiet = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        self._environment = {**os.environ, **quiet, **(variables or {})}
        self._client = _Client(
            notebook,
            kernel_name=KERNEL,
            timeout=timeout,
            allow_errors=True,
            startup_timeout=STARTUP_SECONDS,
        )
        self._client.log.disabled = True

    async def __aenter__(self) -> Self:
        try:
            await self._start()
            await self._preload()
        except NoSuchKernel:
            raise UnusableNotebook(
                f"Jupyter knows no kernel called {KERNEL!r} on this machine. Get it with: "
                f"python -m ipykernel install --sys-prefix --name {KERNEL}"
            ) from None
        except (RuntimeError, OSError) as error:
            await self._stop()
            raise UnusableNotebook(
                f"The kernel {KERNEL!r} does not start ({error}). `autograder doctor` says what "
                "is missing."
            ) from None
        except BaseException:
            await self._stop()
            raise
        return self

    async def _start(self) -> None:
        self._client.create_kernel_manager()
        await self._client.async_start_new_kernel(
            cwd=str(self._folder),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        await self._client.async_start_new_kernel_client()

    async def _preload(self) -> None:
        """Imports the checks, which also tells whether this kernel has them."""
        self._client.timeout = PRELOAD_SECONDS
        _, ending = await self.run_source(PRELOAD, "the import of the checks")
        self._client.timeout = self._timeout
        if ending.kind != "done":
            raise UnusableNotebook(
                f"The kernel {KERNEL!r} does not load the course's checks ({ending.error}: "
                f"{ending.message}). It may belong to another Python, or a file beside the "
                "notebook may carry the name of a package: `autograder doctor` says more."
            )

    async def __aexit__(self, *error: object) -> None:
        await self._stop()

    async def run(self, index: int, name: str) -> Ending:
        """Runs the notebook's cell at `index`, which a message may call `name`."""
        cell = self._notebook.cells[index]
        try:
            await self._client.async_execute_cell(cell, index)
        except CellTimeoutError:
            await self._interrupt(name)
            return Ending("timed out", message=f"did not end within {self._client.timeout} s")
        except DeadKernelError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # Ctrl-C: nbclient takes it for a death
                raise asyncio.CancelledError from None
            raise UnusableNotebook(
                f"The kernel died while it ran {name}. Something there ends Python itself "
                "(`exit`, `os._exit`, a crash in a library) or needs more memory than there is."
            ) from None
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                return Ending("raised", output.ename, output.evalue)
        return Ending("done")

    async def run_source(self, source: str, name: str) -> tuple[NotebookNode, Ending]:
        """Runs `source` as a cell appended to the notebook; the cell with its outputs."""
        self._notebook.cells.append(new_code_cell(source))
        ending = await self.run(len(self._notebook.cells) - 1, name)
        return self._notebook.cells[-1], ending

    async def _interrupt(self, name: str) -> None:
        """Stops the running cell, and returns once the kernel listens again."""
        for _ in range(INTERRUPTS):
            await self._client.km.interrupt_kernel()
            if await self._answers():
                return
        raise UnusableNotebook(
            f"{name} ran for more than {self._timeout} s and cannot be interrupted, so the rest "
            "could not be graded. Is there a loop around an `except:` that catches everything?"
        )

    async def _answers(self) -> bool:
        """Whether the kernel answers a question within INTERRUPT_SECONDS."""
        request = self._client.kc.kernel_info()
        end = asyncio.get_running_loop().time() + INTERRUPT_SECONDS
        while (left := end - asyncio.get_running_loop().time()) > 0:
            try:
                reply = await self._client.kc.get_shell_msg(timeout=left)
            except Empty:
                return False
            if reply["parent_header"].get("msg_id") == request:
                return True
        return False

    async def _stop(self) -> None:
        if self._client.kc is not None:
            self._client.kc.stop_channels()
        if self._client.km is not None and self._client.km.has_kernel:
            await self._client.km.shutdown_kernel(now=True)
