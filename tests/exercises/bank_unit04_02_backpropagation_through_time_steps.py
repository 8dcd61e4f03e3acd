"""Answers to rnn_cell_backward and bptt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit04_02_backpropagation_through_time_parts import (
    bptt,
    slope,
    step_back,
    walk,
    zeros,
)

bank = Bank()
wrong, right = bank.wrong, bank.right
Slope = Callable[[Tensor], Tensor]


def steep(change: Slope) -> Callable[..., Any]:
    """One step back, with another slope."""
    return lambda *inputs: step_back(*inputs, steep=change)


def instead(place: int, make: Callable[..., Any]) -> Callable[..., Any]:
    """One step back, one of its gradients made by `make(dz, dh, x, h_prev, h, U, W)`."""

    def rnn_cell_backward(*inputs: Tensor) -> Any:
        found = list(step_back(*inputs))
        found[place] = make(inputs[0] * slope(inputs[3]), *inputs)
        return tuple(found)

    return rnn_cell_backward


def ordered(*places: int) -> Callable[..., Any]:
    return lambda *inputs: tuple(step_back(*inputs)[place] for place in places)


@wrong("rnn_cell_backward", "input_changed")
def in_place(dh_t: Tensor, x_t: Tensor, h_prev: Tensor, h_t: Tensor, U: Tensor, W: Tensor) -> Any:
    """dh_t becomes dz."""
    dh_t *= 1 - h_t**2
    return dh_t @ U.T, dh_t @ W.T, x_t.T @ dh_t, h_prev.T @ dh_t, dh_t.sum(0)


@wrong("rnn_cell_backward", "last_example_only")
def loop_that_assigns(*inputs: Tensor) -> Any:
    """A loop over the examples with `=`."""
    rows, weights = inputs[:4], inputs[4:]
    for n in range(len(rows[0])):
        shares = step_back(*(row[n : n + 1] for row in rows), *weights)[2:]
    return (*step_back(*inputs)[:2], *shares)


bank.wrong_ones(
    "rnn_cell_backward",
    ("no_slope", "tanh_slope_missing", "Forgets the tanh.", steep(torch.ones_like)),
    ("one_minus", "one_minus_h", "The square is forgotten.", steep(lambda h: 1 - h)),
    ("gate_slope", "slope_of_sigmoid", "The slope that unit 2 had.",
     steep(lambda h: h * (1 - h))),
    ("square", "h_squared", "The 1 is forgotten.", steep(lambda h: h**2)),
    ("plus", "one_plus_h_squared", "A wrong sign.", steep(lambda h: 1 + h**2)),
    ("tanh_of_h", "tanh_applied_again", "1 - tanh(h) ** 2, by the book.",
     steep(lambda h: 1 - torch.tanh(h) ** 2)),
    ("slope_squared", "slope_twice", "The slope in dz and once more.",
     steep(lambda h: (1 - h**2) ** 2)),
    ("h_prev_slope", "slope_of_previous_state", "The wrong state.",
     lambda dh, x, p, h, U, W: step_back(dh, x, p, p, U, W)[:2]
     + tuple(step_back(dh * slope(p), x, p, 0 * h, U, W)[2:])),
    ("sum_again", "slope_without_bias", "1 - tanh(z)², and z is made again; b is no argument.",
     lambda dh, x, p, h, U, W: step_back(dh, x, p, torch.tanh(x @ U + p @ W), U, W)),
    ("slope_behind", "slope_after_product", "Forward: product, tanh. So here too.",
     instead(1, lambda dz, dh, x, p, h, U, W: (dh @ W.T) * slope(h))),
    ("w_as_it_is", "w_not_transposed", "It fits.",
     instead(1, lambda dz, dh, x, p, h, U, W: dz @ W)),
    ("dz_itself", "w_left_out", "dz has the right shape already.",
     instead(1, lambda dz, *rest: dz)),
    ("new_state", "dw_from_new_state", "h_t for h_prev.",
     instead(3, lambda dz, dh, x, p, h, U, W: h.T @ dz)),
    ("dw_turned", "dw_transposed", "dz.T @ h_prev.",
     instead(3, lambda dz, dh, x, p, h, U, W: dz.T @ p)),
    ("du_turned", "du_transposed", "dz.T @ x_t.",
     instead(2, lambda dz, dh, x, p, h, U, W: dz.T @ x)),
    ("db_mean", "bias_averaged", "mean(0).", instead(4, lambda dz, *rest: dz.mean(0))),
    ("db_rows", "db_not_summed", "db = dz.", instead(4, lambda dz, *rest: dz)),
    ("db_keepdim", "wrong_shape", "Keeps the axis.",
     instead(4, lambda dz, *rest: dz.sum(0, keepdim=True))),
    ("db_number", "wrong_shape", "Sums everything.", instead(4, lambda dz, *rest: dz.sum())),
    ("db_early", "db_of_upstream", "Sums dh_t.", instead(4, lambda dz, dh, *rest: dh.sum(0))),
    ("means", "averaged_over_batch", "A mean loss.",
     lambda *i: tuple(g / len(i[0]) if n > 1 else g for n, g in enumerate(step_back(*i)))),
    ("residual", "straight_on", "As in a ResNet.",
     instead(1, lambda dz, dh, x, p, h, U, W: dz @ W.T + dh)),
    ("minus", "sign_wrong", "Downhill.", lambda *i: tuple(-g for g in step_back(*i))),
    ("states_swapped", "dx_and_dh_swapped", "dh_prev first.", ordered(1, 0, 2, 3, 4)),
    ("weights_swapped", "weights_swapped", "dW first.", ordered(0, 1, 3, 2, 4)),
    ("weights_first", "weights_first", "Parameters first.", ordered(2, 3, 4, 0, 1)),
    ("four", "wrong_type", "Forgets db.", ordered(0, 1, 2, 3)),
    ("u_as_it_is", "sizes_do_not_fit", "dz @ U.",
     instead(0, lambda dz, dh, x, p, h, U, W: dz @ U)),
    ("zeros_not_written_yet", "different", "dh_prev is still to be written.",
     instead(1, lambda dz, dh, *rest: torch.zeros_like(dh))),
)  # fmt: skip


def _einsum(dh: Tensor, x: Tensor, p: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    dz = torch.einsum("nh,nh->nh", dh, 1 - h.square())
    return [
        torch.einsum("nh,dh->nd", dz, U),
        torch.einsum("nj,ij->ni", dz, W),
        torch.einsum("nd,nh->dh", x, dz),
        torch.einsum("ni,nj->ij", p, dz),
        torch.einsum("nh->h", dz),
    ]


def _one_matrix(dh: Tensor, x: Tensor, p: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    D, joined, V = x.shape[1], torch.cat([x, p], 1), torch.cat([U, W])
    dz = dh - dh * h**2
    djoined, dV = dz @ V.T, joined.T @ dz
    return djoined[:, :D], djoined[:, D:], dV[:D], dV[D:], dz.sum(0)


def _by_row(dh: Tensor, x: Tensor, p: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    dx, dp = torch.zeros_like(x), torch.zeros_like(p)
    totals = zeros(U, W)
    for n in range(len(x)):
        dz = dh[n] * (1 - h[n]) * (1 + h[n])
        dx[n], dp[n] = U @ dz, W @ dz
        shares = torch.outer(x[n], dz), torch.outer(p[n], dz), dz
        totals = [a + b for a, b in zip(totals, shares, strict=True)]
    return (dx, dp, *totals)


bank.right_ones("rnn_cell_backward", plain=step_back, einsum=_einsum, one_matrix=_one_matrix,
                by_row=_by_row, without_grad=torch.no_grad()(step_back))  # fmt: skip

# --- bptt -----------------------------------------------------------------------------------------


def changed(place: int, make: Callable[..., Any]) -> Callable[..., Any]:
    """The right five, one of them as `make(gradient, *inputs)` leaves it."""

    def answer(*inputs: Tensor) -> Any:
        found = list(bptt(*inputs))
        found[place] = make(found[place], *inputs)
        return tuple(found)

    return answer


def divided(by: Callable[[Tensor], int]) -> Callable[..., Any]:
    return lambda *i: tuple(g / by(i[0]) if n > 1 else g for n, g in enumerate(bptt(*i)))


@wrong("bptt", "input_changed")
def writes_into_dh(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    """Adds what is carried to dh itself."""
    dx, totals = torch.zeros_like(x), zeros(U, W)
    for t in range(len(x) - 1, -1, -1):
        dx[t], carried, *shares = step_back(dh[t], x[t], h[t - 1] if t else h0, h[t], U, W)
        totals = [a + b for a, b in zip(totals, shares, strict=True)]
        if t:
            dh[t - 1] += carried
    return (dx, carried, *totals)


def without_parentheses(which: int) -> Callable[..., Any]:
    """The slope on one of the two that arrive."""

    def answer(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
        ones = torch.ones_like(h)
        on = (ones, slope(h)) if which else (slope(h), ones)
        return walk(
            lambda *inputs: step_back(*inputs, steep=torch.ones_like),
            arrives=lambda dh, carried, t: dh[t] * on[0][t] + carried * on[1][t],
        )(dh, x, h0, h, U, W)

    return answer


bank.wrong_ones(
    "bptt",
    ("dh_times_slope", "parentheses_missing", "dh * slope + carry.", without_parentheses(0)),
    ("carry_times_slope", "parentheses_missing", "dh + carry * slope.", without_parentheses(1)),
)


@wrong("bptt", "wrong_device")
def zeros_on_cpu(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    """dx is made without a thought for its device."""
    dx = torch.zeros(x.shape, dtype=x.dtype)
    found = bptt(dh, x, h0, h, U, W)
    for t in range(len(x)):
        dx[t] = found[0][t]
    return (dx, *found[1:])


@wrong("bptt", "dh0_one_step_short")
def stops_at_first_state(dh: Tensor, x: Tensor, *rest: Tensor) -> Any:
    """Returns what arrived at h[0]."""
    seen: list[Tensor] = []

    def arrives(dh: Tensor, carried: Tensor, t: int) -> Tensor:
        seen.append(dh[t] + carried)
        return seen[-1]

    found = walk(arrives=arrives)(dh, x, *rest)
    return (found[0], seen[-1], *found[2:])


def _slope(change: Slope) -> Callable[..., Any]:
    return walk(lambda *inputs: step_back(*inputs, steep=change))


def _flat_carry(*inputs: Tensor) -> Any:
    dx, _, *shares = step_back(*inputs)
    return (dx, inputs[0] @ inputs[5].T, *shares)


def _turned_carry(*inputs: Tensor) -> Any:
    dx, _, *shares = step_back(*inputs)
    return (dx, (inputs[0] * slope(inputs[3])) @ inputs[5], *shares)


def _dz_carried(*inputs: Tensor) -> Any:
    dx, _, *shares = step_back(*inputs)
    return (dx, inputs[0] * slope(inputs[3]), *shares)


def _short_memory(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    dx, totals, carried = torch.zeros_like(x), zeros(U, W), torch.zeros_like(h0)
    for t in reversed(range(len(x))):
        before = h[t - 1] if t else h0
        dx[t], _, *shares = step_back(dh[t] + carried, x[t], before, h[t], U, W)
        carried = (dh[t] * slope(h[t])) @ W.T
        totals = [a + b for a, b in zip(totals, shares, strict=True)]
    return (dx, carried, *totals)


bank.wrong_ones(
    "bptt",
    ("no_carry", "gradient_not_carried", "Each step by itself.",
     walk(arrives=lambda dh, carried, t: dh[t])),
    ("only_at_t", "upstream_only_at_last", "The loss is at the end, one thinks.",
     walk(arrives=lambda dh, carried, t: dh[t] if t == len(dh) - 1 else carried)),
    ("assigns", "overwritten", "dW = in the loop.", walk(collect=lambda total, share: share)),
    ("keeps_first", "overwritten", "Collects outside the loop.",
     walk(collect=lambda total, share: total if total.any() else share)),
    ("mean_t", "mean_over_time", "A mean over time.", divided(len)),
    ("mean_n", "averaged_over_batch", "A mean over the batch.", divided(lambda dh: dh.shape[1])),
    ("mean_tn", "mean_over_time_and_batch", "A mean over both.",
     divided(lambda dh: len(dh) * dh.shape[1])),
    ("forwards", "walks_forwards", "range(T).", walk(order=range)),
    ("skips_zero", "first_step_left_out", "range(T - 1, 0, -1).",
     walk(order=lambda T: range(T - 1, 0, -1))),
    ("skips_last", "last_step_left_out", "range(T - 2, -1, -1).",
     walk(order=lambda T: range(T - 2, -1, -1))),
    ("wraps", "dw_wraps_around", "h[t - 1] at t = 0.", walk(before=lambda t, h0, h: h[t - 1])),
    ("new_state", "dw_from_new_state", "h[t].", walk(before=lambda t, h0, h: h[t])),
    ("zero_start", "h0_left_out", "Zeros before the first step.",
     walk(before=lambda t, h0, h: h[t - 1] if t else 0 * h0)),
    ("h0_always", "h0_at_every_step", "h0 in the loop.", walk(before=lambda t, h0, h: h0)),
    ("piles_up", "carry_piles_up", "carried += ...", walk(carry=lambda new, old: old + new)),
    ("flat_carry", "slope_missing_on_carry", "dh @ W.T.", walk(_flat_carry)),
    ("turned_carry", "w_not_transposed", "dz @ W.", walk(_turned_carry)),
    ("dz_carried", "w_left_out", "Carries dz.", walk(_dz_carried)),
    ("short_memory", "carried_one_step_only", "Carries dh[t] alone.", _short_memory),
    ("no_slope", "tanh_slope_missing", "No tanh.", _slope(torch.ones_like)),
    ("one_minus", "one_minus_h", "1 - h.", _slope(lambda h: 1 - h)),
    ("gate", "slope_of_sigmoid", "h (1 - h).", _slope(lambda h: h * (1 - h))),
    ("tanh_again", "tanh_applied_again", "1 - tanh(h)².", _slope(lambda h: 1 - h.tanh() ** 2)),
    ("dh0_zero", "dh0_missing", "Does not return what is left.",
     changed(1, lambda g, *rest: torch.zeros_like(g))),
    ("dx_in_loop_order", "dx_reversed", "Appends in a backward loop.",
     changed(0, lambda g, *rest: g.flip(0))),
    ("dx_by_batch", "dx_batch_first", "torch.stack(dim=1).",
     changed(0, lambda g, *rest: g.transpose(0, 1))),
    ("dw_turned", "dw_transposed", "dz.T @ h.", changed(3, lambda g, *rest: g.T)),
    ("sum_again", "slope_without_bias", "1 - tanh(z)², and z is made again; b is no argument.",
     walk(lambda dh, x, p, h, U, W: step_back(dh, x, p, torch.tanh(x @ U + p @ W), U, W))),
    ("weights_from_dh", "slope_missing_on_weights", "dz is for what is carried, one thinks.",
     walk(lambda *i: (step_back(*i)[0], step_back(*i)[1], i[1].T @ i[0], i[2].T @ i[0],
                      i[0].sum(0)))),
    ("dx_from_dh", "slope_missing_on_weights", "dh @ U.T.",
     walk(lambda *i: (i[0] @ i[4].T, *step_back(*i)[1:]))),
    ("db_early", "db_of_upstream", "dh.sum.", changed(4, lambda g, dh, *rest: dh.sum((0, 1)))),
    ("dh_reversed", "dh_reversed", "Turns dh round and walks forwards over it.",
     lambda dh, *rest: bptt(dh.flip(0), *rest)),
    ("minus", "sign_wrong", "Downhill.", lambda *i: tuple(-g for g in bptt(*i))),
    ("weights_swapped", "weights_swapped", "dW, dU.",
     lambda *i: tuple(bptt(*i)[n] for n in (0, 1, 3, 2, 4))),
    ("weights_first", "weights_first", "Parameters first.",
     lambda *i: tuple(bptt(*i)[n] for n in (2, 3, 4, 0, 1))),
    ("dx_as_list", "wrong_type", "Does not stack.", changed(0, lambda g, *rest: list(g))),
)  # fmt: skip


def _adjoint_first(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    """All dz first, then one product for each gradient."""
    dz, carried = [], torch.zeros_like(h0)
    for t in reversed(range(len(x))):
        dz.insert(0, (dh[t] + carried) * (1 - h[t] ** 2))
        carried = dz[0] @ W.mT
    dzs, before = torch.stack(dz), torch.cat([h0[None], h[:-1]])
    dU = torch.einsum("tnd,tnh->dh", x, dzs)
    return dzs @ U.T, carried, dU, torch.einsum("tni,tnj->ij", before, dzs), dzs.sum((0, 1))


def _copied(dh: Tensor, *rest: Tensor) -> Any:
    found = bptt(dh.clone(), *rest)
    print("norm of dW", found[3].norm() if dh.device.type == "cpu" else "")
    return list(found)


def _recursive(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    """The later steps first, then this one."""
    if len(x) == 0:
        return (x, torch.zeros_like(h0), *zeros(U, W))
    dx, carried, *totals = _recursive(dh[1:], x[1:], h[0], h[1:], U, W)
    first, dh0, *shares = step_back(dh[0] + carried, x[0], h0, h[0], U, W)
    sums = [a + b for a, b in zip(totals, shares, strict=True)]
    return (torch.cat([first[None], dx]), dh0, *sums)


bank.right_ones(
    "bptt", by_steps=bptt, adjoint_first=_adjoint_first, copied=_copied, recursive=_recursive,
    list_returned=lambda *i: list(bptt(*i)),
)  # fmt: skip
