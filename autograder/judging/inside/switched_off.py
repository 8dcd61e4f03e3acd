"""Takes operators out of PyTorch for the rest of a process's life: what is to be written is gone.

Tracing and reading happen in the student's process, where they can be patched away. An operator
whose kernel was replaced in PyTorch's dispatcher before the first student line is gone for every
thread, alias, mode and language above it, and there is no way back.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import torch

from autograder.checking.guard import Absent
from autograder.judging.inside.kernels import replace_kernels

SAYS = (
    "this PyTorch function is what the notebook asks you to write, so it is switched off while the "
    "notebook is marked"
)
COMPOSITE = "CompositeImplicitAutograd"
#: One kernel for all backends that have none of their own, those that no tensor here lies on too.
SHARED = ("CompositeExplicitAutograd", "CompositeExplicitAutogradNonFunctional")
KEYS: tuple[str, ...] = ("CPU", "AutogradCPU")
#: Other kinds of tensors, whose kernels would do the same work; those of `Meta` are in Python.
LAYOUTS: tuple[str, ...] = (
    "Meta", "MkldnnCPU", "QuantizedCPU", "SparseCPU", "SparseCsrCPU", "NestedTensorCPU",
)  # fmt: skip
if torch.backends.cuda.is_built():
    KEYS += ("CUDA", "AutogradCUDA")
    LAYOUTS += ("QuantizedCUDA", "SparseCUDA", "SparseCsrCUDA", "NestedTensorCUDA")


def warm_up_switches() -> None:
    """Finds out once a process what each sandbox will ask."""
    for names in overloads().values():
        for full in names:
            _keys(full)


@functools.cache
def overloads() -> dict[str, list[str]]:
    """The overloads, `aten::mm.out`, of every operator by its name, in all libraries."""
    found: dict[str, list[str]] = {}
    for full in torch._C._dispatch_get_all_op_names():
        found.setdefault(full.partition("::")[2].split(".")[0], []).append(full)
    return found


def switch_off(operators: Iterable[str]) -> Absent:
    """Makes every overload of these operators raise RuntimeError, for good, and tell its name."""
    known = overloads()
    asked = frozenset(operators)
    absent = Absent(asked.intersection(known), asked.difference(known))
    refusals = {operator: _refusal(operator, absent.called) for operator in absent.operators}
    replace_kernels(
        (full, key, refusals[operator])
        for operator in sorted(absent.operators)
        for full in known[operator]
        for key in _keys(full)
    )
    return absent


def _refusal(operator: str, called: Counter[str]) -> Callable[..., Any]:
    """What stands in an operator's place."""

    def refuse(*_: Any, **__: Any) -> Any:
        called[operator] += 1
        raise RuntimeError(SAYS)

    return refuse


@functools.cache
def _keys(full: str) -> tuple[str, ...]:
    """The dispatch keys at which an overload's kernels are."""
    has = torch._C._dispatch_has_kernel_for_dispatch_key
    if has(full, COMPOSITE):
        return (COMPOSITE,)
    return KEYS + tuple(key for key in (*SHARED, *LAYOUTS) if has(full, key))
