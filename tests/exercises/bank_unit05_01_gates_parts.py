"""Correct pieces of an LSTM, out of which the bank's answers are put together."""

from __future__ import annotations

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
