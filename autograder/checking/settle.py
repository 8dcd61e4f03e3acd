"""Makes plain data of whatever a solution returns, or says what it is.

What comes back is the work of someone else's code: subclasses that lie, structures without end,
tensors too large to look at. Exact types only are let through; nothing of the object's own is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

MOST_ELEMENTS = 10_000_000
MOST_ITEMS = 10_000
DEEPEST = 20
ARRAY_DTYPES = frozenset(
    {
        "float16", "float32", "float64", "complex64", "complex128", "bool", "uint8", "uint16",
        "uint32", "uint64", "int8", "int16", "int32", "int64",
    }
)  # fmt: skip
DTYPES = frozenset(
    {
        torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64,
        torch.complex128, torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32,
        torch.int64,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Opaque:
    """Something that no check compares; `text` says what it was."""

    text: str


def settle(value: Any) -> Any:
    """`value` as tensors without history, arrays, numbers, strings, None, lists, tuples and dicts.

    Whatever is none of these, or too large, becomes `Opaque`. Tensors are copies: what a solution
    does to its own afterwards changes nothing.
    """
    return _settle(value, DEEPEST, [MOST_ITEMS])


def _settle(value: Any, depth: int, left: list[int]) -> Any:
    kind = type(value)
    left[0] -= 1
    if left[0] < 0 or depth < 0:
        return Opaque("a structure too large or too deep to look at")
    if value is None or kind in (bool, int, float, complex, str):
        return value
    if issubclass(kind, Tensor):
        return _settle_tensor(value, kind)
    if issubclass(kind, np.ndarray | np.generic):
        return _settle_array(value)
    if issubclass(kind, list):
        return [_settle(item, depth - 1, left) for item in _first(list.__iter__(value), left)]
    if issubclass(kind, tuple):
        return tuple(_settle(item, depth - 1, left) for item in _first(tuple.__iter__(value), left))
    if issubclass(kind, dict):
        pairs = _first(iter(dict.items(value)), left)
        plain = (pair for pair in pairs if type(pair[0]) in (str, int))
        return {key: _settle(item, depth - 1, left) for key, item in plain}
    return Opaque(str(kind.__name__))


def _first(items: Any, left: list[int]) -> Any:
    """Items, until the budget is spent: a list of ten million is not walked to its end."""
    for item in items:
        if left[0] < 0:
            return
        yield item


def _settle_tensor(value: Tensor, kind: type) -> Any:
    dispatch = "__torch_dispatch__"
    if getattr(kind, dispatch) is not getattr(Tensor, dispatch):
        return Opaque(f"{kind.__name__}, a tensor of another making")
    with torch._C.DisableTorchFunctionSubclass():
        plain = value.detach()
        if plain.dtype not in DTYPES or plain.is_nested or plain.is_quantized:
            return Opaque(f"tensor of dtype {str(plain.dtype).removeprefix('torch.')}")
        if plain.numel() > MOST_ELEMENTS:
            return Opaque(f"tensor of shape {tuple(plain.shape)}")
        try:
            dense = plain if plain.layout == torch.strided else plain.to_dense()
        except (RuntimeError, NotImplementedError):
            return Opaque(f"tensor of layout {str(plain.layout).removeprefix('torch.')}")
        return dense.as_subclass(Tensor).clone()


def _settle_array(value: Any) -> Any:
    """A NumPy array or number as a plain array of the machine's byte order."""
    kind = np.ndarray.dtype.__get__(value) if isinstance(value, np.ndarray) else value.dtype
    if kind.name not in ARRAY_DTYPES:
        return Opaque(f"NumPy array of dtype {kind.name}"[:200])
    plain = np.asarray(value).view(np.ndarray)
    if plain.size > MOST_ELEMENTS:
        return Opaque(f"numpy.ndarray of shape {plain.shape}")
    return np.array(plain, dtype=kind.name, order="C")
