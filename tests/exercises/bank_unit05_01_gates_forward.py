"""Wrong answers to lstm_forward: walking through time and handing on the states."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import (
    Params,
    before_squashing,
    four_gates,
    run,
    step,
)

bank = Bank()
wrong = bank.wrong
Pair = tuple[Tensor, Tensor]


@wrong("lstm_forward", "states_not_carried")
def states_not_carried(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Calls the cell with h0 and c0 at every step."""
    hs, cs = [], []
    for x_t in x:
        h, c = step(x_t, h0, c0, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "cell_not_carried")
def cell_not_carried(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Hands on h but not c."""
    h, hs, cs = h0, [], []
    for t in range(x.shape[0]):
        h, c = step(x[t], h, c0, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "hidden_not_carried")
def hidden_not_carried(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Computes the gates of all steps at once, all of them from h0."""
    f, i, c_bar, o = four_gates(x, h0, params)  # (T, N, H) each
    c, cs = c0, []
    for t in range(len(x)):
        c = f[t] * c + i[t] * c_bar[t]
        cs.append(c)
    C = torch.stack(cs)
    return o * torch.tanh(C), C


@wrong("lstm_forward", "time_reversed")
def backwards_in_time(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Starts at the end and keeps the results in their places."""
    T = len(x)
    hs: list[Any] = [None] * T
    cs: list[Any] = [None] * T
    h, c = h0, c0
    for t in reversed(range(T)):
        h, c = step(x[t], h, c, params)
        hs[t], cs[t] = h, c
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "time_reversed")
def read_from_the_end(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Flips the sequence and not the results."""
    return run(x.flip(0), h0, c0, params)


@wrong("lstm_forward", "batch_read_as_time")
def batch_taken_for_time(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Expects (N, T, D) and walks over the second axis."""
    h, c = h0, c0
    hs, cs = [], []
    for t in range(x.shape[1]):
        h, c = step(x[:, t], h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs, dim=1), torch.stack(cs, dim=1)


@wrong("lstm_forward", "states_before_each_step")
def kept_before_the_step(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Appends first, then steps: h0 comes out first and the last state is lost."""
    hs, cs = [], []
    h, c = h0, c0
    for x_t in x:
        hs.append(h)
        cs.append(c)
        h, c = step(x_t, h, c, params)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "first_step_skipped")
def starts_at_one(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Counts from 1 as the slides do: row 0 stays empty."""
    T, N, _ = x.shape
    hs, cs = h0.new_zeros(T, N, h0.shape[1]), c0.new_zeros(T, N, c0.shape[1])
    h, c = h0, c0
    for t in range(1, T):
        h, c = step(x[t], h, c, params)
        hs[t], cs[t] = h, c
    return hs, cs


@wrong("lstm_forward", "first_step_skipped")
def first_step_is_the_start(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Puts h0 and c0 into row 0 and steps from there."""
    hs = torch.stack([h0] * len(x))
    cs = torch.stack([c0] * len(x))
    for t in range(1, len(x)):
        hs[t], cs[t] = step(x[t], hs[t - 1], cs[t - 1], params)
    return hs, cs


@wrong("lstm_forward", "last_step_skipped")
def stops_one_early(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """range(T - 1): the last row stays empty."""
    T = x.shape[0]
    hs = torch.zeros(T, *h0.shape, dtype=x.dtype, device=x.device)
    cs = torch.zeros_like(hs)
    h, c = h0, c0
    for t in range(T - 1):
        h, c = step(x[t], h, c, params)
        hs[t], cs[t] = h, c
    return hs, cs


@wrong("lstm_forward", "last_step_skipped")
def last_step_missing(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Leaves the last step out of the lists: T - 1 states."""
    return run(x[:-1], h0, c0, params)


@wrong("lstm_forward", "initial_states_ignored")
def previous_row_of_zeros(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Reads h[t - 1], which at t = 0 is the last row, still zeros."""
    T, H = len(x), h0.shape[1]
    h = x.new_zeros(T, x.shape[1], H)
    c = x.new_zeros(T, x.shape[1], H)
    for t in range(T):
        h[t], c[t] = step(x[t], h[t - 1].clone(), c[t - 1].clone(), params)
    return h, c


@wrong("lstm_forward", "initial_states_ignored")
def starts_from_nothing(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Begins with zeros, as nn.LSTM does when it is given no state."""
    return run(x, torch.zeros_like(h0), torch.zeros_like(c0), params)


@wrong("lstm_forward", "initial_cell_ignored")
def cell_starts_from_nothing(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Takes h0 and begins the cell with zeros."""
    return run(x, h0, torch.zeros_like(c0), params)


@wrong("lstm_forward", "initial_hidden_ignored")
def hidden_starts_from_nothing(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Takes c0 and begins the hidden state with zeros."""
    return run(x, torch.zeros_like(h0), c0, params)


@wrong("lstm_forward", "initial_states_swapped")
def starts_exchanged(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """h, c = c0, h0."""
    return run(x, c0, h0, params)


@wrong("lstm_forward", "initial_cell_is_h0")
def both_start_from_h0(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """h = c = h0."""
    h = c = h0
    return run(x, h, c, params)


@wrong("lstm_forward", "states_swapped_at_each_step")
def states_exchanged_at_each_step(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """c, h = cell(…): the pair is unpacked the other way round and handed on so."""
    h, c = h0, c0
    hs, cs = [], []
    for x_t in x:
        c, h = step(x_t, h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "first_input_repeated")
def first_input_everywhere(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """x[0] left over from trying one step."""
    return run(torch.stack([x[0]] * len(x)), h0, c0, params)


@wrong("lstm_forward", "input_one_step_late")
def input_one_step_late(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """x[t - 1], because the slides count from 1."""
    h, c, hs, cs = h0, c0, [], []
    for t in range(len(x)):
        h, c = step(x[t - 1], h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "different")
def every_step_twice(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Calls the cell once for h and once more for c."""
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h = step(x_t, h, c, params)[0]
        c = step(x_t, h, c, params)[1]
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "index_too_large")
def four_steps_always(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The length of the example, written into the loop."""
    h, c, hs, cs = h0, c0, [], []
    for t in range(4):
        h, c = step(x[t], h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "different")
def squashed_cell_handed_on(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Hands on the squashed cell in the cell's place."""
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h, c = step(x_t, h, torch.tanh(c), params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "input_forget_swapped")
def gates_swapped_in_its_cell(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The loop is right; the cell swaps input and forget gate."""

    def cell(x_t: Tensor, h: Tensor, c: Tensor, params: Params) -> Pair:
        f, i, c_bar, o = four_gates(x_t, h, params)
        c = i * c + f * c_bar
        return o * torch.tanh(c), c

    return run(x, h0, c0, params, cell)


@wrong("lstm_forward", "sigmoid_on_candidate")
def sigmoid_candidate_in_its_cell(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The loop is right; the cell squashes its candidate with a sigmoid."""

    def cell(x_t: Tensor, h: Tensor, c: Tensor, params: Params) -> Pair:
        f, i, c_bar, o = (torch.sigmoid(before_squashing(x_t, h, params, k)) for k in "fico")
        c = f * c + i * c_bar
        return o * torch.tanh(c), c

    return run(x, h0, c0, params, cell)


@wrong("lstm_forward", "no_tanh_on_cell")
def no_tanh_in_its_cell(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The loop is right; the cell shows c without a tanh."""

    def cell(x_t: Tensor, h: Tensor, c: Tensor, params: Params) -> Pair:
        f, i, c_bar, o = four_gates(x_t, h, params)
        c = f * c + i * c_bar
        return o * c, c

    return run(x, h0, c0, params, cell)


@wrong("lstm_forward", "tanh_stored_in_cell")
def tanh_stored_in_its_cell(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The loop is right; the cell stores tanh(c)."""

    def cell(x_t: Tensor, h: Tensor, c: Tensor, params: Params) -> Pair:
        f, i, c_bar, o = four_gates(x_t, h, params)
        c = torch.tanh(f * c + i * c_bar)
        return o * c, c

    return run(x, h0, c0, params, cell)
