"""Other kernels in PyTorch's dispatcher, for the rest of a process's life.

There is no way back: the registration has no owner that Python could find and undo
(https://docs.pytorch.org/docs/stable/library.html).
"""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import torch


def replace_kernels(kernels: Iterable[tuple[str, str, Callable[..., Any]]]) -> None:
    """Puts a function in the place of each: an overload (`aten::mm.out`), a dispatch key, it."""
    libraries: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns of kernels replaced
        for full, key, function in kernels:
            space, _, name = full.partition("::")
            if space not in libraries:
                libraries[space] = torch._C._dispatch_library("IMPL", space, "", __file__, 0)
            libraries[space].impl(name, key, function)
    for library in libraries.values():
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))  # it must never be given back
