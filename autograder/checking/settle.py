"""Makes plain data of whatever a solution returns, or says what it is.

What comes back is the work of someone else's code: subclasses that lie, structures without end,
tensors too large to look at. Exact types only are let through; nothing of the object's own is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

MOST_ELEMENTS = 10_000_000
MOST_ITEMS = 10_000
DEEPEST = 20
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
    """`value` as tensors without history, numbers, strings, None, lists, tuples and dicts.

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
    if issubclass(kind, list):
        return [_settle(item, depth - 1, left) for item in _first(list.__iter__(value), left)]
    if issubclass(kind, tuple):
        return tuple(_settle(item, depth - 1, left) for item in _first(tuple.__iter__(value), left))
    if issubclass(kind, dict):
        pairs = _first(iter(dict.items(value)), left)
        plain = (pair for pair in pairs if type(pair[0]) in (str, int))
        return {key: _settle(item, depth - 1, left) for key, item in plain}
    return Opaque(_name(kind, value))


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


def _name(kind: type, value: Any) -> str:
    """A type's name; for a NumPy array also its shape."""
    if kind.__module__ == "numpy" and kind.__name__ == "ndarray":
        return f"numpy.ndarray of shape {value.shape}"
    return str(kind.__name__)
