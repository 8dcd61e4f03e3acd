"""Wrong answers to lstm_backward: what is right in one step and not in several, and the rest."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_02_lstm_backward_parts import GATES, cell, loop, right_cell

bank = Bank()


def _zeros(state: Tensor) -> Tensor:
    return torch.zeros_like(state)


def _wrapped(hs: Any, cs: Any, t: int) -> tuple[Tensor, Tensor]:
    return hs[1:][t - 1], cs[1:][t - 1]


def _at_both(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Any) -> Any:
    steps = list(dh)

    def step(dh_t: Tensor, dc_t: Tensor, *rest: Any) -> Any:
        return right_cell(dh_t, dc_t + steps.pop(), *rest)

    return loop(step=step)(dh, x, h0, c0, params)


bank.wrong_ones(
    "lstm_backward",
    ("h_not_handed_back", "dh_carry_dropped", "Only the conveyor is carried.",
     loop(arrives=lambda dh, t, carry: dh[t])),
    ("c_not_handed_back", "dc_carry_dropped", "Each step gets dc = 0.",
     loop(step=lambda dh, dc, *rest: right_cell(dh, _zeros(dc), *rest))),
    ("nothing_handed_back", "nothing_carried", "Each step by itself.",
     loop(step=lambda dh, dc, *rest: right_cell(dh, _zeros(dc), *rest), arrives=
         lambda dh, t, carry: dh[t])),
    ("crossed", "carries_swapped", "Unpacks dc_prev, dh_prev.",
     loop(carry=lambda dh, dc, *old: (dc, dh))),
    ("h_piles_up", "dh_carry_accumulates", "+= on the carry.",
     loop(carry=lambda dh, dc, dh_old, dc_old: (dh_old + dh, dc))),
    ("c_piles_up", "dc_carry_accumulates", "+= on the carry.",
     loop(carry=lambda dh, dc, dh_old, dc_old: (dh, dc_old + dc))),
    ("both_pile_up", "both_carries_accumulate", "+= on both.",
     loop(carry=lambda dh, dc, dh_old, dc_old: (dh_old + dh, dc_old + dc))),
    ("only_the_end", "upstream_only_at_last_step",
     "Starts with dh[-1] and never looks at dh again.",
     loop(start=lambda dh: dh[-1], arrives=lambda dh, t, carry: carry)),
    ("end_everywhere", "last_upstream_repeated", "dh[-1] at each step.",
     loop(arrives=lambda dh, t, carry: dh[-1] + carry)),
    ("end_twice", "last_upstream_counted_twice", "The carry starts with dh[-1].",
     loop(start=lambda dh: dh[-1])),
    ("one_too_early", "upstream_of_another_step", "dh[t - 1].",
     loop(arrives=lambda dh, t, carry: dh[t - 1] + carry)),
    ("one_too_late", "upstream_of_another_step", "dh[t + 1], the last one wraps.",
     loop(arrives=lambda dh, t, carry: dh[(t + 1) % len(dh)] + carry)),
    ("dh_backwards", "upstream_reversed", "Counts from the other end.",
     loop(arrives=lambda dh, t, carry: dh[len(dh) - 1 - t] + carry)),
    ("forwards", "time_walked_forwards", "for t in range(T).", loop(order=range)),
    ("last_left_out", "last_step_skipped", "range(T - 2, -1, -1).",
     loop(order=lambda T: range(T - 2, -1, -1))),
    ("first_left_out", "first_step_skipped", "range(T - 1, 0, -1).",
     loop(order=lambda T: range(T - 1, 0, -1))),
    ("overwritten", "grads_overwritten", "= for +=.", loop(add=lambda total, new: new)),
    ("first_kept", "grads_of_last_step_only", "setdefault.",
     loop(add=lambda total, new: new if total is None else total)),
    ("listed", "grads_not_summed_over_time", "Stacked, not added.",
     loop(add=lambda total, new: new[None] if total is None else torch.cat([new[None], total]))),
    ("mean_over_steps", "averaged_over_time", "Divides by T.",
     loop(end=lambda dx, dh0, dc0, g, dh: (dx, dh0, dc0, {n: w / len(dh) for n, w in g.items()}))),
    ("mean_over_rows", "averaged_over_batch", "Divides by N.",
     loop(end=
         lambda dx, dh0, dc0, g, dh: (dx, dh0, dc0, {n: w / dh.shape[1] for n, w in g.items()}))),
    ("mean_over_both", "averaged_over_time_and_batch", "Divides by T N.",
     loop(end=lambda dx, dh0, dc0, g, dh: (
         dx, dh0, dc0, {n: w / dh[..., 0].numel() for n, w in g.items()}))),
    ("at_the_cell_too", "upstream_at_the_cell_too", "Hands dh[t] to both states.",
     _at_both),
    ("appended", "dx_in_reversed_order", "Appends on the way back.",
     loop(end=lambda dx, dh0, dc0, g, dh: (dx.flip(0), dh0, dc0, g))),
    ("ends_crossed", "dh0_dc0_swapped", "dc0 first.",
     loop(end=lambda dx, dh0, dc0, g, dh: (dx, dc0, dh0, g))),
    ("ends_missing", "still_zero", "dh0 and dc0 not written.",
     loop(end=lambda dx, dh0, dc0, g, dh: (dx, _zeros(dh0), _zeros(dc0), g))),
    ("h0_from_outside", "dh0_is_upstream", "dh[0].",
     loop(end=lambda dx, dh0, dc0, g, dh: (dx, dh[0].clone(), dc0, g))),
    ("h0_and_outside", "dh0_with_upstream", "dh[0] added once more.",
     loop(end=lambda dx, dh0, dc0, g, dh: (dx, dh0 + dh[0], dc0, g))),
    ("states_after", "states_after_for_states_before", "h[t] and c[t].",
     loop(before=lambda hs, cs, t: (hs[t + 1], cs[t + 1]))),
    ("h_after", "states_after_for_states_before", "h[t].",
     loop(before=lambda hs, cs, t: (hs[t + 1], cs[t]))),
    ("c_after", "states_after_for_states_before", "c[t].",
     loop(before=lambda hs, cs, t: (hs[t], cs[t + 1]))),
    ("index_minus_one", "last_states_for_initial_states", "h[t - 1] at t = 0.",
     loop(before=_wrapped)),
    ("always_h0", "initial_states_at_every_step", "h0 and c0 each time.",
     loop(before=lambda hs, cs, t: (hs[0], cs[0]))),
    ("zeros_at_first", "first_step_from_zeros", "Zeros before the first step.",
     loop(before=lambda hs, cs, t: (hs[t], cs[t]) if t else (_zeros(hs[0]), _zeros(cs[0])))),
    ("own_cell_without_slope", "sigmoid_slope_missing_on_forget_gate", "A mistake inside the cell.",
     loop(step=cell(dz_f=lambda v: v["df"]))),
    ("own_cell_without_carry", "tanh_slope_missing_at_cell", "A mistake inside the cell.",
     loop(step=cell(by_h=lambda v: v["dh"] * v["o"]))),
    ("own_cell_with_tanh_on_both", "upstream_dc_through_tanh", "A mistake inside the cell.",
     loop(step=cell(dct=lambda v: (v["dc_in"] + v["dh"] * v["o"]) * (1 - v["tanh"] ** 2)))),
    ("own_cell_with_one_arrival", "upstream_dc_through_output_gate", "A mistake inside the cell.",
     loop(step=lambda dh, dc, *rest: right_cell(dh + dc, _zeros(dc), *rest))),
    ("own_cell_with_the_argument", "previous_cell_from_next_step_only",
     "dc_prev = dc_t * f_t, with the dc_t that came in.",
     loop(step=cell(dc_prev_=lambda v: v["dc_in"] * v["f"]))),
    ("own_cell_with_new_cell", "forget_gradient_with_new_cell", "A mistake inside the cell.",
     loop(step=cell(df=lambda v: v["dct"] * v["ct"]))),
    ("own_cell_with_new_state", "dW_with_new_hidden_state", "A mistake inside the cell.",
     loop(step=cell(**{f"dW_{g}": lambda v, _g=g: v["ht"].T @ v[f"dz_{_g}"] for g in GATES}))),
    ("own_cell_without_forget_gate", "previous_cell_without_forget_gate",
     "A mistake inside the cell.",
     loop(step=cell(dc_prev_=lambda v: v["dct"]))),
    ("own_cell_with_W_unturned", "W_not_transposed", "A mistake inside the cell.",
     loop(step=cell(dh_prev=lambda v: sum(v[f"dz_{g}"] @ v[f"W_{g}"] for g in GATES)))),
)  # fmt: skip


@bank.wrong("lstm_backward", "input_changed")
def carried_in_place(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Any) -> Any:
    """dh[t] += the carry writes into the caller's tensor."""

    def arrives(dh: Tensor, t: int, carry: Tensor) -> Tensor:
        dh[t] += carry
        return dh[t]

    return loop(arrives=arrives)(dh, x, h0, c0, params)


@bank.wrong_with_memory("lstm_backward", "not_repeatable")
def growing() -> Any:
    """A dict of totals that outlives the call."""
    totals: dict[Any, Tensor] = {}

    def lstm_backward(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Any) -> Any:
        dx, dh0, dc0, grads = loop()(dh, x, h0, c0, params)
        for name, grad in grads.items():
            key = (name, grad.shape, grad.dtype, x.device, float(x.sum()) if x.is_cpu else 0)
            totals[key] = totals.get(key, torch.zeros_like(grad)) + grad
            grads[name] = totals[key].clone()
        return dx, dh0, dc0, grads

    return lstm_backward
