"""PyTorch's devices, and whether the course's check tells a right answer from a wrong one here."""

from __future__ import annotations

import os
import time
from typing import Any

from autograder.installation.item import Item, install_command


def device_item() -> Item:
    """Which devices a check will use."""
    try:
        import torch

        from autograder.checking.devices import VARIABLE, choose_devices
    except Exception:  # torch's own line says what is wrong with it, and what to do
        return Item("devices", "PyTorch is needed to tell", verdict="missing")
    threads = torch.get_num_threads()
    found = f"CPU ({threads} thread{'s' if threads != 1 else ''})"
    if torch.cuda.is_available():
        found += f" and CUDA ({torch.cuda.get_device_name()})"
    else:
        found += "; no CUDA device, and none is needed"
    try:
        choose_devices()
    except ValueError:
        asked = os.environ.get(VARIABLE, "")
        found = f"{VARIABLE}={asked}, which is not here"
        return Item("devices", found, verdict="broken", get=f"unset {VARIABLE}")
    return Item("devices", found)


def check_item() -> Item:
    """Runs a check three times: on PyTorch's own answer, on its input times 0, and on a stub."""
    what = "the course's check"
    try:
        from autograder.checking.handle import AnswerHandle
        from autograder.checking.run import run_check
        from autograder.exercises import EXERCISES

        exercise = next(iter(EXERCISES.values()))
        start = time.perf_counter()
        right, wrong, blank = (
            run_check(exercise, AnswerHandle(answer, exercise.library), seed=0)
            for answer in (exercise.oracle, lambda *inputs: inputs[0] * 0, _stub)
        )
        seconds = (time.perf_counter() - start) / 3
    except Exception as error:  # most likely one of the lines above says what to do
        first = (str(error).splitlines() or [""])[0]
        found = f"{type(error).__name__}: {first[:120]}"
        return Item(what, found, verdict="broken")
    if right.passed and not wrong.passed and blank.not_started:
        return Item(what, f"tells right, wrong and blank apart ({seconds:.2f} s each)")
    found = "does not tell a right answer from a wrong one"
    return Item(what, found, verdict="broken", get=install_command("torch", reinstall=True))


def _stub(*inputs: Any) -> None:
    raise NotImplementedError
