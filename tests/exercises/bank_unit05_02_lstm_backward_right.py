"""Right answers to lstm_cell_backward and lstm_backward, written in many ways."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_02_lstm_backward_parts import Params, loop, right_cell, states

bank = Bank()
right = bank.right

ORDER = ("i", "f", "c", "o")


def fused(params: Params) -> tuple[Tensor, Tensor]:
    """All weights side by side, in PyTorch's order."""
    return (torch.cat([params[f"U_{g}"] for g in ORDER], 1),
            torch.cat([params[f"W_{g}"] for g in ORDER], 1))  # fmt: skip


def concatenated(
    dh: Tensor, dc: Tensor, x: Tensor, h: Tensor, c: Tensor, params: Params
) -> tuple[Tensor, Tensor, Tensor, Params]:
    """One product for all four gates, forward and back."""
    U, W = fused(params)
    weights, both = torch.cat([U, W]), torch.cat([x, h], 1)  # (D + H, 4H), (N, D + H)
    i, f, g, o = (both @ weights).chunk(4, 1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    a = torch.tanh(f * c + i * g)
    dc = dc + dh * o * (1 - a * a)
    dz = torch.cat(
        [dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g), dh * a * o * (1 - o)], 1
    )
    d_both, d_weights = dz @ weights.T, both.T @ dz
    D = x.shape[1]
    grads = {}
    for place, letter in enumerate(ORDER):
        block = d_weights.chunk(4, 1)[place]
        grads[f"U_{letter}"], grads[f"W_{letter}"] = block[:D], block[D:]
    return d_both[:, :D], d_both[:, D:], dc * f, grads


def row_by_row(
    dh: Tensor, dc: Tensor, x: Tensor, h: Tensor, c: Tensor, params: Params
) -> tuple[Tensor, Tensor, Tensor, Params]:
    """A loop over the batch."""
    rows = [
        right_cell(dh[n : n + 1], dc[n : n + 1], x[n : n + 1], h[n : n + 1], c[n : n + 1], params)
        for n in range(len(x))
    ]
    states = (torch.cat([row[place] for row in rows]) for place in range(3))
    dx, dh_prev, dc_prev = states
    return dx, dh_prev, dc_prev, {name: sum(row[3][name] for row in rows) for name in params}


@right("lstm_cell_backward")
def plain(*inputs: Any) -> Any:
    """As the notebook does it."""
    return right_cell(*inputs)


@right("lstm_cell_backward")
def one_product(*inputs: Any) -> Any:
    """The concatenated form."""
    return concatenated(*inputs)


@right("lstm_cell_backward")
def over_the_rows(*inputs: Any) -> Any:
    """One row at a time."""
    return row_by_row(*inputs)


@right("lstm_cell_backward")
def chatty_list(*inputs: Any) -> Any:
    """Prints, and returns a list with the weights in the alphabet's order."""
    *states, grads = right_cell(*inputs)
    print("norms", [float(g.norm()) if g.device.type != "meta" else "?" for g in states])
    return [*states, dict(sorted(grads.items()))]


@right("lstm_cell_backward")
def views(*inputs: Any) -> Any:
    """Gradients that are views of a transposed memory."""
    dx, dh, dc, grads = right_cell(*inputs)
    return dx.T.contiguous().T, dh, dc, {n: g.T.contiguous().T for n, g in grads.items()}


@right("lstm_cell_backward")
def einsums(dh: Tensor, dc: Tensor, x: Tensor, h: Tensor, c: Tensor, params: Params) -> Any:
    """einsum for every product."""
    U, W = fused(params)
    U, W = (w.unflatten(1, (4, -1)) for w in (U, W))  # (D, 4, H), (H, 4, H)
    z = torch.einsum("nd,dgh->gnh", x, U) + torch.einsum("nk,kgh->gnh", h, W)
    i, f, o = z[0].sigmoid(), z[1].sigmoid(), z[3].sigmoid()
    g = z[2].tanh()
    a = torch.tanh(f * c + i * g)
    dc = dc + dh * o / torch.cosh(f * c + i * g) ** 2
    dz = torch.stack(
        [
            dc * g * i * (1 - i),
            dc * c * f * (1 - f),
            dc * i * (1 - g) * (1 + g),
            dh * a * o * (1 - o),
        ]
    )
    dU, dW = torch.einsum("nd,gnh->gdh", x, dz), torch.einsum("nk,gnh->gkh", h, dz)
    grads = {f"U_{k}": dU[place] for place, k in enumerate(ORDER)}
    grads |= {f"W_{k}": dW[place] for place, k in enumerate(ORDER)}
    dx, dh_prev = torch.einsum("gnh,dgh->nd", dz, U), torch.einsum("gnh,kgh->nk", dz, W)
    return dx, dh_prev, dc * f, grads


@right("lstm_backward")
def plain_loop(*inputs: Any) -> Any:
    """As the notebook does it."""
    return loop()(*inputs)


@right("lstm_backward")
def loop_of_fused_cells(*inputs: Any) -> Any:
    """The concatenated cell."""
    return loop(step=concatenated)(*inputs)


@right("lstm_backward")
def weights_at_the_end(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """Keeps every dz; one product over time and batch for each weight."""
    hs, cs = states(x, h0, c0, params)
    dh_carry, dc_carry, dxs, steps = torch.zeros_like(h0), torch.zeros_like(c0), [], []
    for t in range(len(x) - 1, -1, -1):
        dx, dh_carry, dc_carry, new = concatenated(
            dh[t] + dh_carry, dc_carry, x[t], hs[t], cs[t], params
        )
        dxs.insert(0, dx)
        steps.append(new)
    grads = {name: torch.stack([new[name] for new in steps]).sum(0) for name in params}
    return torch.stack(dxs), dh_carry, dc_carry, grads


@right("lstm_backward")
def recursive(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """Walks forward on the way down and back on the way up."""

    def walk(t: int, h: Tensor, c: Tensor) -> Any:
        if t == len(x):
            return [], torch.zeros_like(h0), torch.zeros_like(c0), None
        hs, cs = states(x[t : t + 1], h, c, params)
        later, dh_next, dc_next, total = walk(t + 1, hs[1], cs[1])
        dx, dh_prev, dc_prev, new = right_cell(dh[t] + dh_next, dc_next, x[t], h, c, params)
        total = new if total is None else {n: total[n] + new[n] for n in params}
        return [dx, *later], dh_prev, dc_prev, total

    dxs, dh0, dc0, grads = walk(0, h0, c0)
    return torch.stack(dxs), dh0, dc0, grads


@right("lstm_backward")
def in_place_on_its_own(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """Copies dh first, then adds into the copy; grads with +=."""
    dh, (hs, cs) = dh.clone(), states(x, h0, c0, params)
    grads = {name: torch.zeros_like(w) for name, w in params.items()}
    dx, dc, dh0 = x.new_empty(x.shape), torch.zeros_like(c0), h0
    for t in reversed(range(len(x))):
        dx[t], back, dc, new = right_cell(dh[t], dc, x[t], hs[t], cs[t], params)
        if t:
            dh[t - 1] += back
        else:
            dh0 = back
        for name in grads:
            grads[name] += new[name]
    return dx, dh0, dc, grads


@right("lstm_backward")
def in_double(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """Works in float64 and gives back what came in."""
    wide = {name: w.double() for name, w in params.items()}
    *out, grads = loop()(dh.double(), x.double(), h0.double(), c0.double(), wide)
    return [*(g.to(x.dtype) for g in out), {n: g.to(x.dtype) for n, g in grads.items()}]
