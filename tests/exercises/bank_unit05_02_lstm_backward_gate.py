"""Answers to gate_backward and candidate_backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
Slope = Callable[..., Tensor]
Four = tuple[Tensor, ...]


def _four(dz: Tensor, x: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Four:
    return dz @ U.T, dz @ W.T, x.T @ dz, h.T @ dz


def sloped(slope: Slope) -> Callable[..., Four]:
    """Right but for the slope, made from the gate's value and from what stood before it."""

    def answer(d: Tensor, gate: Tensor, x: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Four:
        return _four(d * slope(gate, x @ U + h @ W), x, h, U, W)

    return answer


def finished(end: Callable[..., Any], slope: Slope) -> Callable[..., Any]:
    """What `end(dz, x, h, U, W)` makes of the right dz."""
    return lambda d, gate, x, h, U, W: end(d * slope(gate, None), x, h, U, W)


def _one_row(dz: Tensor, x: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Four:
    dU = dW = None
    for n in range(len(x)):
        dU, dW = torch.outer(x[n], dz[n]), torch.outer(h[n], dz[n])
    assert dU is not None
    assert dW is not None
    return dz @ U.T, dz @ W.T, dU, dW


def _by_rows(dz: Tensor, x: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Four:
    dU, dW = torch.zeros_like(U), torch.zeros_like(W)
    for n in range(len(x)):
        dU += torch.outer(x[n], dz[n])
        dW += torch.outer(h[n], dz[n])
    return dz @ U.T, dz @ W.T, dU, dW


def _concatenated(dz: Tensor, x: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Four:
    both, weights = torch.cat([x, h], 1), torch.cat([U, W])
    d_both, d_weights = dz @ weights.T, both.T @ dz
    D = x.shape[1]
    return d_both[:, :D], d_both[:, D:], d_weights[:D], d_weights[D:]


def _einsums(dz: Tensor, x: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Four:
    return (
        torch.einsum("nh,dh->nd", dz, U),
        torch.einsum("nk,hk->nh", dz, W),
        torch.einsum("nd,nh->dh", x, dz),
        torch.einsum("nk,nh->kh", h, dz),
    )


for name, right, value in (
    ("gate_backward", lambda s, z: s * (1 - s), torch.sigmoid),
    ("candidate_backward", lambda a, z: 1 - a**2, torch.tanh),
):
    own, other = ("sigmoid", "tanh") if name[0] == "g" else ("tanh", "sigmoid")
    bank.wrong_ones(
        name,
        ("no_slope", f"{own}_slope_missing", "Goes straight to the products.",
         sloped(lambda s, z: torch.ones_like(s))),
        ("squashed_again", "slope_of_activated_value", "Takes the value for the argument.",
         sloped(lambda s, z, _v=value, _r=right: _r(_v(s), z))),
        ("the_other_rule", f"{other}_slope", "Mixes up the two slopes.",
         sloped((lambda s, z: 1 - s**2) if own == "sigmoid" else (lambda s, z: s * (1 - s)))),
        ("slope_twice", "slope_squared", "The slope is in the helper already.",
         sloped(lambda s, z, _r=right: _r(s, z) ** 2)),
        ("argument_for_value", "slope_from_the_argument", "The formula with z.",
         sloped(lambda s, z, _r=right: _r(z, z))),
        ("W_as_it_is", "weights_not_transposed_in_dh", "W is square, and no error comes.",
         finished(lambda dz, x, h, U, W: (dz @ U.T, dz @ W, x.T @ dz, h.T @ dz), right)),
        ("dW_turned", "dW_transposed", "dz.T @ h.",
         finished(lambda dz, x, h, U, W: (dz @ U.T, dz @ W.T, x.T @ dz, dz.T @ h), right)),
        ("both_turned", "weight_gradients_transposed", "PyTorch keeps (H, D).",
         finished(lambda dz, x, h, U, W: (dz @ U.T, dz @ W.T, dz.T @ x, dz.T @ h), right)),
        ("dU_turned", "dU_transposed", "dz.T @ x.",
         finished(lambda dz, x, h, U, W: (dz @ U.T, dz @ W.T, dz.T @ x, h.T @ dz), right)),
        ("weights_crossed", "weight_gradients_exchanged", "W before U.",
         finished(lambda dz, x, h, U, W: (dz @ U.T, dz @ W.T, h.T @ dz, x.T @ dz), right)),
        ("inputs_crossed", "input_gradients_exchanged", "h before x.",
         finished(lambda dz, x, h, U, W: (dz @ W.T, dz @ U.T, x.T @ dz, h.T @ dz), right)),
        ("weights_first", "weights_returned_first", "Another order.",
         finished(lambda dz, x, h, U, W: (x.T @ dz, h.T @ dz, dz @ U.T, dz @ W.T), right)),
        ("mean_of_rows", "weight_gradients_averaged", "Divides by N.",
         finished(lambda dz, x, h, U, W: (
             dz @ U.T, dz @ W.T, x.T @ dz / len(x), h.T @ dz / len(x)), right)),
        ("rows_kept", "batch_not_summed", "One outer product for each row.",
         finished(lambda dz, x, h, U, W: (
             dz @ U.T, dz @ W.T, x[:, :, None] * dz[:, None], h[:, :, None] * dz[:, None]), right)),
        ("last_row", "one_row_of_the_batch", "= for += in a loop over the rows.",
         finished(_one_row, right)),
        ("minus", "sign_flipped", "Goes downhill at once.",
         sloped(lambda s, z, _r=right: -_r(s, z))),
        ("products_missing", "products_left_out", "Stops at dz.",
         finished(lambda dz, x, h, U, W: (dz, dz.clone(), x.T @ dz, h.T @ dz), right)),
        ("U_as_it_is", "sizes_do_not_fit", "U without its transpose.",
         finished(lambda dz, x, h, U, W: (dz @ U, dz @ W.T, x.T @ dz, h.T @ dz), right)),
    )  # fmt: skip
    bank.right_ones(
        name,
        from_the_value=finished(_four, right),
        from_the_argument=sloped(lambda s, z, _r=right, _v=value: _r(_v(z), z)),
        row_by_row=finished(_by_rows, right),
        concatenated=finished(_concatenated, right),
        einsums=finished(_einsums, right),
        as_a_list=finished(lambda *a: [g.contiguous() for g in _four(*a)], right),
    )

bank.wrong_ones(
    "gate_backward",
    ("first_half", "half_a_slope", "Multiplies with the gate.", sloped(lambda s, z: s)),
    ("second_half", "half_a_slope", "Multiplies with 1 - gate.", sloped(lambda s, z: 1 - s)),
    ("weights_without_slope", "sigmoid_slope_missing", "dz for the inputs, d_gate for the weights.",
     lambda d, s, x, h, U, W: (
         d * s * (1 - s) @ U.T, d * s * (1 - s) @ W.T, x.T @ d, h.T @ d)),
    ("gate_for_state", "dW_with_the_gate", "Takes the value at hand.",
     lambda d, s, x, h, U, W: (*_four(d * s * (1 - s), x, h, U, W)[:3], s.T @ (d * s * (1 - s)))),
    ("slopes_alone", "upstream_unused", "Forgets what arrived.",
     lambda d, s, x, h, U, W: _four(s * (1 - s), x, h, U, W)),
)  # fmt: skip
bank.wrong_ones(
    "candidate_backward",
    ("square_forgotten", "tanh_slope_without_square", "1 - c_bar.", sloped(lambda a, z: 1 - a)),
    ("square_outside", "tanh_slope_squared_as_a_whole", "(1 - c_bar) squared.",
     sloped(lambda a, z: (1 - a) ** 2)),
    ("sigmoid_at_argument", "sigmoid_slope", "A sigmoid's slope at z.",
     sloped(lambda a, z: torch.sigmoid(z) * (1 - torch.sigmoid(z)))),
)  # fmt: skip
