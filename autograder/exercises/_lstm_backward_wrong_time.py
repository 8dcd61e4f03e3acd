"""Known wrong answers on the way back through time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._layers_torch import wrong
from autograder.exercises._lstm_backward import WithWeights, torch_layer_backward
from autograder.exercises._lstm_backward_graph import through_time
from autograder.exercises._lstm_backward_wrong_cell import CELL_SITES, LATE, Answer, states_as

_LOOP = "Each step hands dh_prev and dc_prev to the step before it, where they arrive."
_ADD = "The same weights serve every step, so what the steps say about them is added."
_ARRIVES = "At h_t arrives dh[t] from outside, and what step t + 1 handed back. Both."
_BEFORE = "Step t started from the states after step t - 1; the first one from h0 and c0."
_RETURN = "Return (dx, dh0, dc0, grads)."


def _backwards(T: int) -> Iterable[int]:
    return reversed(range(T))


def _shifted(by: int) -> Callable[[Tensor], Tensor]:
    return lambda dh: dh.roll(by, 0)


def _only_last(dh: Tensor) -> Tensor:
    return torch.cat([torch.zeros_like(dh[:-1]), dh[-1:]])


def _last_twice(dh: Tensor) -> Tensor:
    return torch.cat([dh[:-1], 2 * dh[-1:]])


def _mean_over(*axes: int) -> Answer:
    def answer(dh: Tensor, *inputs: Any) -> WithWeights:
        dx, dh0, dc0, grads = torch_layer_backward(dh, *inputs)
        count = math.prod(dh.shape[axis] for axis in axes)
        return dx, dh0, dc0, {name: grad / count for name, grad in grads.items()}

    return answer


def _not_summed(dh: Tensor, *inputs: Any) -> WithWeights:
    def only(s: int) -> Answer:
        return through_time(live=lambda t, T: t == s)

    steps = [only(s)(dh, *inputs) for s in range(len(dh))]
    dx, dh0, dc0, grads = steps[0]
    return dx, dh0, dc0, {name: torch.stack([step[3][name] for step in steps]) for name in grads}


def _wrapped(hs: Tensor, cs: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Python's index -1 for the states before the first step."""
    return torch.cat([h[-1:], hs[1:]]), torch.cat([c[-1:], cs[1:]])


def _first_is(change: Callable[[Tensor], Tensor]) -> Callable[..., tuple[Tensor, Tensor]]:
    return lambda hs, cs, h, c: (
        torch.cat([change(hs[:1]), hs[1:]]),
        torch.cat([change(cs[:1]), cs[1:]]),
    )


def _all_first(states: Tensor) -> Tensor:
    return states[:1].expand_as(states)


def _initial_from_zeros(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Any) -> WithWeights:
    return torch_layer_backward(dh, x, torch.zeros_like(h0), torch.zeros_like(c0), params)


def _nothing_on_the_conveyor(dh: Tensor, *inputs: Any) -> WithWeights:
    dx, dh0, dc0, grads = through_time(carry=lambda h, c, *_: (h, c.detach()))(dh, *inputs)
    return dx, dh0, torch.zeros_like(dc0), grads


_AT_TIME: tuple[tuple[str, str, str, Answer], ...] = (
    ("dh_carry_dropped", "What a step hands back to h is lost: no dh_prev reaches the step before.",
     f"{_LOOP} (At T = 1 this cannot be seen.)",
     through_time(carry=lambda h, c, *_: (h.detach(), c))),
    ("dc_carry_dropped", "What a step hands back to c is lost: no dc_prev reaches the step before.",
     f"{_LOOP} (At T = 1 this cannot be seen.)",
     through_time(carry=lambda h, c, *_: (h, c.detach()))),
    ("nothing_carried", "No step hands anything back: every step is walked back by itself.",
     f"{_LOOP} (At T = 1 this cannot be seen.)",
     through_time(carry=lambda h, c, *_: (h.detach(), c.detach()))),
    ("carries_swapped", "dh_prev and dc_prev change places between the steps.",
     "lstm_cell_backward takes dh_t before dc_t, and returns dh_prev before dc_prev.",
     through_time(carry=lambda h, c, *_: (c, h))),
    ("upstream_dc_through_tanh", "What step t + 1 hands back to C_t goes through the slope of "
     "tanh; it arrives at C_t itself.",
     "Inside a step only what comes through h_t passes the tanh. (At T = 1 this cannot be seen.)",
     through_time(carry=lambda h, c, *_: (h, c.tanh()))),
    ("upstream_dc_through_output_gate", "What step t + 1 hands back to C_t is added to what "
     "arrives at h_t, and goes through O_t and the tanh.",
     "The two arrive at two states. (At T = 1 this cannot be seen.)",
     through_time(carry=lambda h, *_: (h, h))),
    ("previous_cell_from_next_step_only", "dc_prev is made without what came through h_t, so "
     "nothing ever gets onto the conveyor: dc0 is all zeros.",
     "In a step both gradients at C_t are added first; their sum goes back through f_t.",
     _nothing_on_the_conveyor),
    ("dh_carry_accumulates", "dh_prev is added to what was handed back before; it should replace "
     "it.",
     "What arrives at h_t from the right comes from step t + 1 alone.",
     through_time(carry=lambda h, c, h_road, c_road: (h + h_road, c))),
    ("dc_carry_accumulates", "dc_prev is added to what was handed back before; it should replace "
     "it.",
     "What arrives at C_t from the right comes from step t + 1 alone.",
     through_time(carry=lambda h, c, h_road, c_road: (h, c + c_road))),
    ("both_carries_accumulate", "dh_prev and dc_prev are added to what was handed back before.",
     "What arrives from the right comes from step t + 1 alone.",
     through_time(carry=lambda h, c, h_road, c_road: (h + h_road, c + c_road))),
    ("upstream_only_at_last_step", "Only dh[T - 1] is used; the other steps' dh[t] are lost.",
     _ARRIVES, through_time(upstream=_only_last)),
    ("last_upstream_repeated", "Every step is given dh[T - 1].", _ARRIVES,
     through_time(upstream=lambda dh: dh[-1:].expand_as(dh))),
    ("last_upstream_counted_twice", "dh[T - 1] arrives twice at the last step.",
     "Behind the last step there is no other: start with zeros, then add dh[T - 1].",
     through_time(upstream=_last_twice)),
    ("upstream_of_another_step", "Step t is given dh[t + 1].", _ARRIVES,
     through_time(upstream=_shifted(-1))),
    ("upstream_of_another_step", "Step t is given dh[t - 1].", _ARRIVES,
     through_time(upstream=_shifted(1))),
    ("upstream_reversed", "dh is read in the wrong direction.", _ARRIVES,
     through_time(upstream=lambda dh: dh.flip(0))),
    ("upstream_summed", "Every step is given the sum of dh over time.", _ARRIVES,
     through_time(upstream=lambda dh: dh.sum(0, keepdim=True).expand_as(dh))),
    ("time_walked_forwards", "The steps are walked back in the order 0, 1, 2; the last one comes "
     "first.",
     _LOOP, through_time(order=_backwards)),
    ("time_walked_forwards_and_kept_apart", "The steps are walked in the order 0, 1, 2, and "
     "nothing is carried.",
     _LOOP, through_time(order=_backwards, carry=lambda h, c, *_: (h.detach(), c.detach()))),
    ("last_step_skipped", "The last step is left out.",
     "range(T - 1, -1, -1) runs from T - 1 to 0.",
     through_time(order=lambda T: range(T - 1))),
    ("first_step_skipped", "The loop stops before it has been through the first step.",
     "range(T - 1, -1, -1) runs from T - 1 to 0; range(T - 1, 0, -1) stops at 1.",
     through_time(order=lambda T: range(1, T))),
    ("only_the_last_step", "Only the last step is walked back.", _LOOP,
     through_time(order=lambda T: range(T - 1, T))),
    ("grads_overwritten", "The weights' gradients are those of the first step alone: overwritten "
     "each time.",
     f"{_ADD} In the loop: `+=`. (At T = 1 this cannot be seen.)",
     through_time(live=lambda t, T: t == 0)),
    ("grads_of_last_step_only", "The weights' gradients are those of the last step alone.",
     f"{_ADD} (At T = 1 this cannot be seen.)", through_time(live=lambda t, T: t == T - 1)),
    ("grads_miss_the_last_step", "The weights' gradients lack the last step.", _ADD,
     through_time(live=lambda t, T: t < T - 1)),
    ("grads_miss_the_first_step", "The weights' gradients lack the first step.", _ADD,
     through_time(live=lambda t, T: t > 0)),
    ("grads_not_summed_over_time", "The weights' gradients have an axis for time.", _ADD,
     _not_summed),
    ("averaged_over_time", "The weights' gradients are divided by the number of steps.",
     "A mean over time belongs to the loss, and dh carries it already.", _mean_over(0)),
    ("averaged_over_time_and_batch", "The weights' gradients are divided by T and by N.",
     "A mean belongs to the loss, and dh carries it already.", _mean_over(0, 1)),
    ("upstream_at_the_cell_too", "dh[t] arrives at C_t as well as at h_t.",
     "From outside nothing arrives at C_t: what it gets through h_t, the cell's step works out.",
     through_time(seen=lambda nodes: nodes["h_t"] + nodes["c_t"])),
    ("dx_in_reversed_order", "dx is right, in reversed order.",
     "The loop runs from the last step to the first, and appends in this order.",
     states_as(lambda dx, dh0, dc0, *_: (dx.flip(0), dh0, dc0))(torch_layer_backward)),
    ("dx_last_step_only", "dx holds one step's gradient at all steps.",
     "Make a new tensor for each step.",
     states_as(lambda dx, dh0, dc0, *_: (dx[:1].expand_as(dx), dh0, dc0))(torch_layer_backward)),
    ("dh0_dc0_swapped", "dh0 and dc0 have changed places.", _RETURN,
     states_as(lambda dx, dh0, dc0, *_: (dx, dc0, dh0))(torch_layer_backward)),
    ("dh0_is_upstream", "dh0 is dh[0]: that arrives at h after the first step, not before it.",
     _BEFORE, states_as(lambda dx, dh0, dc0, dh, *_: (dx, dh[0], dc0))(torch_layer_backward)),
    ("dh0_with_upstream", "dh[0] is added to dh0: it has been used at the first step already.",
     _BEFORE, states_as(lambda dx, dh0, dc0, dh, *_: (dx, dh0 + dh[0], dc0))(torch_layer_backward)),
    ("states_after_for_states_before", "Step t is walked back from h[t] and c[t], the states "
     "after it.",
     _BEFORE, through_time(before=lambda hs, cs, h, c: (h, c))),
    ("states_after_for_states_before", "Step t is walked back with h[t] for h_prev.", _BEFORE,
     through_time(before=lambda hs, cs, h, c: (h, cs))),
    ("states_after_for_states_before", "Step t is walked back with c[t] for c_prev.", _BEFORE,
     through_time(before=lambda hs, cs, h, c: (hs, c))),
    ("last_states_for_initial_states", "The first step is walked back from h[-1] and c[-1].",
     f"{_BEFORE} At t = 0 the index t - 1 is -1, and that is the last one.",
     through_time(before=_wrapped)),
    ("initial_states_at_every_step", "Every step is walked back from h0 and c0.", _BEFORE,
     through_time(before=lambda hs, cs, h, c: (_all_first(hs), _all_first(cs)))),
    ("first_step_from_zeros", "The first step is walked back from zeros.", _BEFORE,
     through_time(before=_first_is(torch.zeros_like))),
    ("initial_states_ignored", "h0 and c0 are not used: the sequence starts from zeros.", _BEFORE,
     _initial_from_zeros),
)  # fmt: skip


#: Parts of the names of what is known in the cell, and so detailed that it is left out here.
_DETAILS = (
    "another_gate",
    "_only",
    "half_a",
    "slope_squared",
    "transposed_on",
    "state_on",
    "one_gate",
)

TIME: tuple[Misconception, ...] = (
    *(wrong(name, says, look, answer) for name, says, look, answer in _AT_TIME),
    *(wrong(name, says, look, spoil(torch_layer_backward)) for name, says, look, spoil in LATE),
    *(wrong(name, says, look, through_time(sites)) for name, says, look, sites in CELL_SITES
      if not any(detail in name for detail in _DETAILS)),
)  # fmt: skip
