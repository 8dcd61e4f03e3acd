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
COMPOSITE, EXPLICIT = "CompositeImplicitAutograd", "CompositeExplicitAutograd"
KEYS = ("CPU", "CUDA", "Meta", "AutogradCPU", "AutogradCUDA")
#: Other kinds of tensors on the CPU, whose kernels would do the same work.
LAYOUTS = ("MkldnnCPU", "QuantizedCPU", "SparseCPU", "SparseCsrCPU", "NestedTensorCPU")
#: Where PyTorch keeps its operators: `aten`, and the libraries below it.
SPACES = ("aten", "mkldnn", "mkldnn_prepacked", "onednn", "quantized", "_quantized")


@functools.cache
def overloads() -> dict[str, list[str]]:
    """The overloads, `aten::mm.out`, of every operator of `SPACES` by its name."""
    found: dict[str, list[str]] = {}
    for full in torch._C._dispatch_get_all_op_names():
        space, _, name = full.partition("::")
        if space in SPACES:
            found.setdefault(name.split(".")[0], []).append(full)
    return found


def switch_off(operators: Iterable[str]) -> None:
    """Makes every overload of these operators raise RuntimeError, for good."""
    known = overloads()
    names = [name for operator in operators for name in known.get(operator, ())]
    if not names:
        return

    def refuse(*_: Any, **__: Any) -> Any:
        raise RuntimeError(SAYS)

    has = torch._C._dispatch_has_kernel_for_dispatch_key
    libraries: dict[str, Any] = {
        space: torch._C._dispatch_library("IMPL", space, "", __file__, 0) for space in SPACES
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns of kernels replaced
        for full in sorted(names):
            space, _, name = full.partition("::")
            every = has(full, EXPLICIT)
            layouts = tuple(key for key in LAYOUTS if every or has(full, key))
            for key in (COMPOSITE,) if has(full, COMPOSITE) else KEYS + layouts:
                libraries[space].impl(name, key, refuse)
    for library in libraries.values():
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))  # it must never be given back
