"""Correct pieces of an LSTM, out of which the bank's answers are put together."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Params = dict[str, Tensor]


def before_squashing(x_t: Tensor, h_prev: Tensor, params: Params, gate: str) -> Tensor:
    """The sum of a gate's two products; gate is one of f, i, c, o -> (N, H)."""
    return x_t @ params[f"U_{gate}"] + h_prev @ params[f"W_{gate}"]


def four_gates(
    x_t: Tensor, h_prev: Tensor, params: Params
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """f_t, i_t, c_bar, o_t, each (N, H)."""
    f_t = torch.sigmoid(before_squashing(x_t, h_prev, params, "f"))
    i_t = torch.sigmoid(before_squashing(x_t, h_prev, params, "i"))
    c_bar = torch.tanh(before_squashing(x_t, h_prev, params, "c"))
    o_t = torch.sigmoid(before_squashing(x_t, h_prev, params, "o"))
    return f_t, i_t, c_bar, o_t


def step(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> tuple[Tensor, Tensor]:
    """One right step: h_t and c_t, each (N, H)."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


def run(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    params: Params,
    cell: Callable[[Tensor, Tensor, Tensor, Params], tuple[Tensor, Tensor]] = step,
) -> tuple[Tensor, Tensor]:
    """The right loop over time, around any cell: h and c, each (T, N, H)."""
    hs, cs = [], []
    for x_t in x:
        h, c = cell(x_t, h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)
