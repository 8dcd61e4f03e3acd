"""How much a submission may use. Sizes are in bytes, times in seconds of wall-clock time."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """The limits of one submission; each can be set on the command line."""

    cell_seconds: float = 60.0
    #: Twice what a check in the student's notebook allows: machines differ, judges share one.
    call_seconds: float = 20.0
    submission_seconds: float = 300.0
    #: All processes of the sandbox together, what the warm process shares with them included.
    memory: int = 2048 * MIB
    processes: int = 64
    #: The sandbox's /tmp and working folder together.
    disk: int = 256 * MIB
    #: What one cell may put out before the rest is cut.
    output: int = 1 * MIB
    #: What all cells of a notebook may put out together.
    notebook_output: int = 32 * MIB
    #: How often a sandbox is filled anew after a cell killed it.
    refills: int = 5
    #: One notebook file, and all files of a submission together.
    notebook_bytes: int = 32 * MIB
    submission_bytes: int = 128 * MIB
    cells: int = 2_000
    files: int = 1_000
