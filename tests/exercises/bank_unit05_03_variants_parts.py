"""A right layer of the slides' LSTM, out of which the bank's answers are put together."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.exercises.bank_unit05_01_gates_parts import Params, step

Three = tuple[Tensor, Tensor, Tensor]


def layer(x: Tensor, h: Tensor, c: Tensor, params: Params) -> Three:
    """x (T, N, D), h, c (N, H) -> h (T, N, H), h_last, c_last (N, H)."""
    seen = []
    for x_t in x:
        h, c = step(x_t, h, c, params)
        seen.append(h)
    return torch.stack(seen), h, c


def cells(x: Tensor, h: Tensor, c: Tensor, params: Params) -> tuple[Tensor, Tensor]:
    """The same layer's h and c at every step, both (T, N, H)."""
    hs, cs = [], []
    for x_t in x:
        h, c = step(x_t, h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)
