"""Right answers to lstm_cell."""

from __future__ import annotations

import sys
import warnings
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params, four_gates

bank = Bank()
right = bank.right
Pair = tuple[Tensor, Tensor]


class State(NamedTuple):
    """The two states by name."""

    h: Tensor
    c: Tensor


class OneStep(nn.Module):
    """A cell as a module, with the slides' weights."""

    def __init__(self, params: Params):
        super().__init__()
        self.weights = nn.ParameterDict({k: nn.Parameter(v) for k, v in params.items()})

    def forward(self, x_t: Tensor, h: Tensor, c: Tensor) -> Pair:
        f_t, i_t, c_bar, o_t = four_gates(x_t, h, self.weights)  # type: ignore[arg-type]
        c_t = f_t * c + i_t * c_bar
        return o_t * torch.tanh(c_t), c_t


@right("lstm_cell")
def cell_of_six_lines(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    f_t = torch.sigmoid(x_t @ params["U_f"] + h_prev @ params["W_f"])
    i_t = torch.sigmoid(x_t @ params["U_i"] + h_prev @ params["W_i"])
    c_bar = torch.tanh(x_t @ params["U_c"] + h_prev @ params["W_c"])
    o_t = torch.sigmoid(x_t @ params["U_o"] + h_prev @ params["W_o"])
    c_t = f_t * c_prev + i_t * c_bar
    h_t = o_t * torch.tanh(c_t)
    return h_t, c_t


@right("lstm_cell")
def cell_fused(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """One product of [x, h] with an (D+H, 4H) matrix."""
    V = torch.cat(
        [torch.cat([params[f"U_{k}"] for k in "fioc"], dim=1),
         torch.cat([params[f"W_{k}"] for k in "fioc"], dim=1)]
    )  # fmt: skip
    H = c_prev.shape[-1]
    z = torch.hstack([x_t, h_prev]) @ V
    f_t, i_t, o_t = z[:, : 3 * H].sigmoid().split(H, dim=1)
    c_t = c_prev * f_t + z[:, 3 * H :].tanh() * i_t
    return torch.tanh(c_t) * o_t, c_t


@right("lstm_cell")
def cell_returns_a_list(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = torch.addcmul(f_t * c_prev, i_t, c_bar)
    return [o_t * c_t.tanh(), c_t]


@right("lstm_cell")
def cell_returns_a_named_tuple(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> State:
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return State(c=c_t, h=o_t * torch.tanh(c_t))


@right("lstm_cell")
def cell_in_einsum(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    U = torch.stack([params[f"U_{k}"] for k in "icfo"])  # (4, D, H)
    W = torch.stack([params[f"W_{k}"] for k in "icfo"])  # (4, H, H)
    z = torch.einsum("nd,gdh->gnh", x_t, U) + torch.einsum("nk,gkh->gnh", h_prev, W)
    i_t, c_bar, f_t, o_t = z[0].sigmoid(), z[1].tanh(), z[2].sigmoid(), z[3].sigmoid()
    c_t = torch.einsum("nh,nh->nh", f_t, c_prev) + i_t * c_bar
    return o_t * c_t.tanh(), c_t


@right("lstm_cell")
def cell_row_by_row(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    h_t, c_t = torch.empty_like(h_prev), torch.empty_like(c_prev)
    for n in range(len(x_t)):
        f, i, c_bar, o = four_gates(x_t[n], h_prev[n], params)
        c_t[n] = f * c_prev[n] + i * c_bar
        h_t[n] = o * torch.tanh(c_t[n])
    return h_t, c_t


@right("lstm_cell")
def cell_with_linear(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    def gate(k: str) -> Tensor:
        return F.linear(x_t, params["U_" + k].mT) + F.linear(h_prev, params["W_" + k].mT)

    c_t = gate("f").sigmoid_() * c_prev + gate("i").sigmoid_() * gate("c").tanh_()
    return gate("o").sigmoid_().mul_(torch.tanh(c_t)), c_t


@right("lstm_cell")
def cell_as_a_module(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """The result requires grad."""
    return OneStep(params)(x_t, h_prev, c_prev)


@right("lstm_cell")
def cell_with_copied_weights(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    mine = dict(params)
    U_c = mine.pop("U_c").clone().requires_grad_(True)
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, {**mine, "U_c": U_c})
    c_t = c_prev.clone()
    c_t.mul_(f_t.detach()).add_((i_t * c_bar).detach())
    return o_t * torch.tanh(c_t), c_t


@right("lstm_cell")
def cell_that_talks(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    warnings.warn("no bias", RuntimeWarning, stacklevel=1)
    print("keys:", sorted(params), file=sys.stderr)
    for key, value in params.items():
        print(key, tuple(value.shape))
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@right("lstm_cell")
def cell_in_columns(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Columns throughout, turned back at the end: both results are non-contiguous."""
    x, h, c = x_t.T, h_prev.T, c_prev.T
    f, i, g, o = (params[f"U_{k}"].T @ x + params[f"W_{k}"].T @ h for k in "fico")
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return (torch.sigmoid(o) * torch.tanh(c)).T, c.T


@right("lstm_cell")
def LSTMCell(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:  # noqa: N802
    """Its own cell, under the name PyTorch gives its one (nn.LSTMCell)."""
    lstm = {key: weight.contiguous() for key, weight in params.items()}
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, lstm)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t
