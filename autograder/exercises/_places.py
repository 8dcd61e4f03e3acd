"""Where an element lies, in a student's words, where arrays were put into one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch


def in_params(params: Any, number: int) -> str:
    """The element of that number in all params one after the other: `params['w'][0, 2]`.

    params: a dict, a list or a tuple of tensors.
    """
    pairs = params.items() if isinstance(params, Mapping) else enumerate(params)
    for name, tensor in pairs:
        if number < tensor.numel():
            index = torch.unravel_index(torch.tensor(number), tensor.shape) if tensor.dim() else ()
            places = ", ".join(str(int(place)) for place in index)
            return f"`params[{name!r}]" + (f"[{places}]`" if places else "`")
        number -= tensor.numel()
    raise IndexError(number)


def letter(number: int) -> str:
    """The name of a leaf: a, b, c …"""
    return chr(ord("a") + number)
