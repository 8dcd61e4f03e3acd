"""Takes operators out of PyTorch for the rest of a process's life: what is to be written is gone.

Tracing and reading happen in the student's process, where they can be patched away. An operator
whose kernel was replaced in PyTorch's dispatcher before the first student line is gone for every
thread, alias, mode and language above it, and there is no way back: the registration has no owner
that Python could find and undo (https://docs.pytorch.org/docs/stable/library.html).
"""

from __future__ import annotations

import ctypes
import functools
import warnings
from collections.abc import Iterable
from typing import Any

import torch

SAYS = (
    "this PyTorch function is what the notebook asks you to write, so it is switched off while the "
    "notebook is marked"
)
COMPOSITE = "CompositeImplicitAutograd"
KEYS = ("CPU", "CUDA", "Meta", "AutogradCPU", "AutogradCUDA")


@functools.cache
def overloads() -> dict[str, list[str]]:
    """The overloads of every aten operator by its name."""
    found: dict[str, list[str]] = {}
    for full in torch._C._dispatch_get_all_op_names():
        space, _, name = full.partition("::")
        if space == "aten":
            found.setdefault(name.split(".")[0], []).append(name)
    return found


def switch_off(operators: Iterable[str]) -> None:
    """Makes every overload of these aten operators raise RuntimeError, for good."""
    known = overloads()
    names = [name for operator in operators for name in known.get(operator, ())]
    if not names:
        return

    def refuse(*_: Any, **__: Any) -> Any:
        raise RuntimeError(SAYS)

    library: Any = torch._C._dispatch_library("IMPL", "aten", "", __file__, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns of kernels replaced
        for name in sorted(names):
            whole = torch._C._dispatch_has_kernel_for_dispatch_key(f"aten::{name}", COMPOSITE)
            for key in (COMPOSITE,) if whole else KEYS:
                library.impl(name, key, refuse)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))  # it must never be given back
