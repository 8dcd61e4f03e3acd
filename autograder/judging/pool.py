"""A pool of judges: processes of this machine, or any other `concurrent.futures.Executor`.

A pool is handed jobs and gives back futures. `local_pool` is the default; Dask's
`Client.get_executor()` is one for those who have outgrown a machine.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import traceback
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass

from autograder.judging.isolation import Isolation, NoIsolationError
from autograder.judging.judge import Job, Judged, judge_submission
from autograder.judging.sandbox import Warm

PR_SET_PDEATHSIG = 1
_warm: dict[Isolation, Warm] = {}


@dataclass(frozen=True)
class Failure:
    """A submission that the judge itself could not deal with; nothing is written for it."""

    student: str
    says: str
    no_isolation: bool = False


def judge_job(job: Job, isolation: Isolation) -> Judged | Failure:
    """Judges one submission in this process, with its own warm process. Never raises."""
    warm = warm_process(isolation)
    try:
        return judge_submission(job, warm)
    except NoIsolationError as error:
        return Failure(job.student, str(error), no_isolation=True)
    except Exception as error:
        warm.close()
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(where.filename)}, line {where.lineno}"
        return Failure(job.student, f"{type(error).__name__}: {error} ({place})")


def warm_process(isolation: Isolation) -> Warm:
    """The warm process of this process, started when it is first used."""
    if isolation not in _warm:
        _warm[isolation] = Warm(isolation)
    return _warm[isolation]


def close_warm() -> None:
    """Ends the warm processes of this process."""
    for warm in _warm.values():
        warm.close()
    _warm.clear()


def local_pool(workers: int) -> Executor:
    """`workers` judges on this machine. They end when this process does, however it ends."""
    import torch

    import autograder.exercises  # noqa: F401  (once, before the fork, for all of them)

    torch.set_num_threads(1)
    gc.freeze()
    context = multiprocessing.get_context("fork")
    return ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(os.getpid(),))


def _begin(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
