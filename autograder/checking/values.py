"""The plain values that cross between a check and a solution.

A value is a tensor, a number, a string, None, or a list, tuple or dict of values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.checking.calling import Library
from autograder.checking.recipes import Recipe
from autograder.checking.settle import Opaque

Value = Any
Path = tuple[int | str, ...]
Inputs = dict[str, Value]


class Given(dict[str, Value]):
    """A case's inputs on one device, in its dtype: the same for all, so nobody changes them.

    `sent` remembers how they cross to a sandbox.
    """

    sent: tuple[Any, bytes] | None = None


def map_leaves(value: Value, change: Callable[[Any], Any]) -> Value:
    """The same tree of lists, tuples and dicts with `change` applied to all that is none."""
    if isinstance(value, Mapping):
        return {key: map_leaves(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [map_leaves(item, change) for item in value]
    if isinstance(value, tuple):
        return tuple(map_leaves(item, change) for item in value)
    return change(value)


def map_tensors(value: Value, change: Callable[[Tensor], Tensor]) -> Value:
    """The same tree of lists, tuples and dicts with `change` applied to every tensor in it."""
    return map_leaves(value, lambda leaf: change(leaf) if isinstance(leaf, Tensor) else leaf)


def give(value: Value, library: Library) -> Value:
    """What a solution is given for `value`: a copy, in the arrays of `library`, recipes made.

    A generator lies where the first tensor lies: PyTorch draws on no other device with it.
    """
    device = next((str(tensor.device) for tensor in tensors(value)), "cpu")

    def made(leaf: Any) -> Any:
        if isinstance(leaf, Recipe):
            return leaf.make(library, device)
        if not isinstance(leaf, Tensor):
            return leaf
        copy = leaf.detach().clone()
        return copy.numpy() if library == "numpy" else copy

    return map_leaves(value, made)


def take(value: Value, library: Library) -> Value:
    """What a solution returned, with its arrays as tensors; arrays of the other library opaque."""

    def taken(leaf: Any) -> Any:
        if isinstance(leaf, np.ndarray):
            if library == "numpy":
                return torch.from_numpy(leaf)
            if leaf.ndim == 0:  # NumPy's numbers are settled to such arrays; a number is a number
                return leaf.item()
            return Opaque(f"numpy.ndarray of shape {leaf.shape}")
        if library == "numpy" and isinstance(leaf, Tensor):
            return Opaque(f"torch tensor of shape {tuple(leaf.shape)}")
        return leaf

    return map_leaves(value, taken)


def tensors(value: Value) -> Iterator[Tensor]:
    """Every tensor in `value`, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        yield from tensors(tuple(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors(item)


def clone(value: Value) -> Value:
    """A copy that shares no storage with `value` and carries no gradient history."""
    return map_tensors(value, lambda tensor: tensor.detach().clone())


def move(value: Value, device: str, dtype: torch.dtype | None = None) -> Value:
    """A copy on `device`; floating-point tensors also become `dtype` where one is given."""

    def moved(tensor: Tensor) -> Tensor:
        kind = dtype if dtype is not None and tensor.is_floating_point() else tensor.dtype
        return tensor.detach().to(device=device, dtype=kind, copy=True)

    return map_tensors(value, moved)


def same_bits(a: Value, b: Value) -> bool:
    """Whether two values are equal in type, shape, dtype and every element (NaN equals NaN)."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        if a.device.type == "meta":
            return True
        if torch.equal(a, b):
            return True
        return bool(torch.equal(a.nan_to_num(), b.nan_to_num())) and bool(
            torch.equal(a.isnan(), b.isnan())
        )
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same_bits(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same_bits, a, b))
    if isinstance(a, bool | int | float | complex | str) and type(a) is type(b):
        return bool(a == b or (a != a and b != b))
    if isinstance(a, Recipe):
        return isinstance(b, Opaque) or bool(a == b)  # what was made of it is no plain value
    return type(a) is type(b)  # nothing a check could compare


def describe(value: Value, library: Library = "torch") -> str:
    """What a value is, in a few words for a message: `tensor of shape (3, 5), float64`."""
    if isinstance(value, Tensor):
        word = "array" if library == "numpy" else "tensor"
        return f"{word} of shape {tuple(value.shape)}, {str(value.dtype).removeprefix('torch.')}"
    if value is None:
        return "None"
    if isinstance(value, Opaque):
        return value.text
    if isinstance(value, Mapping):
        keys = ", ".join(repr(key) for key in list(value)[:8])
        return f"dict with keys {keys}" if value else "empty dict"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__} of {len(value)}"
    if isinstance(value, bool | int | float | str):
        return f"{type(value).__name__} {str(value)[:40]!s}"
    return type(value).__name__


def follow(value: Value, path: Path) -> Value:
    """The part of `value` at `path`, e.g. `(3, "U_f")` for `value[3]["U_f"]`.

    Raises LookupError with a sentence for the student where there is no such part.
    """
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list | tuple):
                raise LookupError(f"expected a tuple, got {describe(value)}")
            if step >= len(value):
                raise LookupError(f"expected at least {step + 1} values, got {len(value)}")
        else:
            if not isinstance(value, Mapping):
                raise LookupError(f"expected a dict with the key {step!r}, got {describe(value)}")
            if step not in value:
                raise LookupError(f"the key {step!r} is missing")
        value = value[step]
    return value
