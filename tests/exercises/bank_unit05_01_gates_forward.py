"""Wrong answers to lstm_forward: time, states, and what is returned."""

from __future__ import annotations

from typing import Any

import torch
from answer_bank import Bank
from bank_unit05_01_gates_parts import Params, before_squashing, four_gates, step
from torch import Tensor

bank = Bank()
wrong = bank.wrong
Pair = tuple[Tensor, Tensor]

KEPT: dict[str, Tensor] = {}  # states that an answer keeps from one call to the next


def _run(x: Tensor, h: Tensor, c: Tensor, params: Params, cell: Any = step) -> Pair:
    """The right loop, around any cell."""
    hs, cs = [], []
    for x_t in x:
        h, c = cell(x_t, h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def states_not_carried(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Calls the cell with h0 and c0 at every step."""
    hs, cs = [], []
    for x_t in x:
        h, c = step(x_t, h0, c0, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def cell_not_carried(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Hands on h but not c."""
    h, hs, cs = h0, [], []
    for t in range(x.shape[0]):
        h, c = step(x[t], h, c0, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def hidden_not_carried(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Computes the gates of all steps at once, all of them from h0."""
    f, i, c_bar, o = four_gates(x, h0, params)  # (T, N, H) each
    c, cs = c0, []
    for t in range(len(x)):
        c = f[t] * c + i[t] * c_bar[t]
        cs.append(c)
    C = torch.stack(cs)
    return o * torch.tanh(C), C


@wrong("lstm_forward")
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


@wrong("lstm_forward")
def read_from_the_end(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Flips the sequence and not the results."""
    return _run(x.flip(0), h0, c0, params)


@wrong("lstm_forward")
def results_from_the_end(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Puts each new state in front of the list."""
    h, c = h0, c0
    hs: list[Tensor] = []
    cs: list[Tensor] = []
    for x_t in x:
        h, c = step(x_t, h, c, params)
        hs.insert(0, h)
        cs.insert(0, c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def batch_taken_for_time(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Expects (N, T, D) and walks over the second axis."""
    h, c = h0, c0
    hs, cs = [], []
    for t in range(x.shape[1]):
        h, c = step(x[:, t], h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs, dim=1), torch.stack(cs, dim=1)


@wrong("lstm_forward")
def batch_first_results(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Walks over time rightly and returns (N, T, H)."""
    h, c = _run(x, h0, c0, params)
    return h.transpose(0, 1), c.transpose(0, 1)


@wrong("lstm_forward")
def kept_before_the_step(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Appends first, then steps: h0 comes out first and the last state is lost."""
    hs, cs = [], []
    h, c = h0, c0
    for x_t in x:
        hs.append(h)
        cs.append(c)
        h, c = step(x_t, h, c, params)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def initial_states_kept_too(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Lists begin with h0 and c0: T + 1 states."""
    hs, cs = [h0], [c0]
    for x_t in x:
        h, c = step(x_t, hs[-1], cs[-1], params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def last_state_everywhere(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Writes each step into one tensor, which the list holds T times."""
    h, c = h0.clone(), c0.clone()
    hs, cs = [], []
    for x_t in x:
        h[:], c[:] = step(x_t, h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def starts_at_one(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Counts from 1 as the slides do: row 0 stays empty."""
    T, N, _ = x.shape
    hs, cs = h0.new_zeros(T, N, h0.shape[1]), c0.new_zeros(T, N, c0.shape[1])
    h, c = h0, c0
    for t in range(1, T):
        h, c = step(x[t], h, c, params)
        hs[t], cs[t] = h, c
    return hs, cs


@wrong("lstm_forward")
def first_step_is_the_start(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Puts h0 and c0 into row 0 and steps from there."""
    hs = torch.stack([h0] * len(x))
    cs = torch.stack([c0] * len(x))
    for t in range(1, len(x)):
        hs[t], cs[t] = step(x[t], hs[t - 1], cs[t - 1], params)
    return hs, cs


@wrong("lstm_forward")
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


@wrong("lstm_forward")
def last_step_missing(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Leaves the last step out of the lists: T - 1 states."""
    return _run(x[:-1], h0, c0, params)


@wrong("lstm_forward")
def previous_row_of_zeros(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Reads h[t - 1], which at t = 0 is the last row, still zeros."""
    T, H = len(x), h0.shape[1]
    h = x.new_zeros(T, x.shape[1], H)
    c = x.new_zeros(T, x.shape[1], H)
    for t in range(T):
        h[t], c[t] = step(x[t], h[t - 1].clone(), c[t - 1].clone(), params)
    return h, c


@wrong("lstm_forward")
def starts_from_nothing(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Begins with zeros, as nn.LSTM does when it is given no state."""
    return _run(x, torch.zeros_like(h0), torch.zeros_like(c0), params)


@wrong("lstm_forward")
def cell_starts_from_nothing(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Takes h0 and begins the cell with zeros."""
    return _run(x, h0, torch.zeros_like(c0), params)


@wrong("lstm_forward")
def hidden_starts_from_nothing(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Takes c0 and begins the hidden state with zeros."""
    return _run(x, torch.zeros_like(h0), c0, params)


@wrong("lstm_forward")
def starts_exchanged(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """h, c = c0, h0."""
    return _run(x, c0, h0, params)


@wrong("lstm_forward")
def both_start_from_h0(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """h = c = h0."""
    h = c = h0
    return _run(x, h, c, params)


@wrong("lstm_forward")
def states_exchanged_at_each_step(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """c, h = cell(…): the pair is unpacked the other way round and handed on so."""
    h, c = h0, c0
    hs, cs = [], []
    for x_t in x:
        c, h = step(x_t, h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def cell_states_first(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Returns c, h."""
    h, c = _run(x, h0, c0, params)
    return c, h


@wrong("lstm_forward")
def cell_states_twice(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Appends c to both lists."""
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h, c = step(x_t, h, c, params)
        hs.append(c)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def hidden_states_only(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """Returns the outputs and keeps the cell to itself."""
    return _run(x, h0, c0, params)[0]


@wrong("lstm_forward")
def last_states_only(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Returns the last h and c."""
    h, c = h0, c0
    for x_t in x:
        h, c = step(x_t, h, c, params)
    return h, c


@wrong("lstm_forward")
def as_torch_returns_it(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """output, (h_n, c_n), as nn.LSTM does."""
    h, c = _run(x, h0, c0, params)
    return h, (h[-1], c[-1])


@wrong("lstm_forward")
def all_hidden_last_cell(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Keeps a list of h and only the last c."""
    h, c, hs = h0, c0, []
    for x_t in x:
        h, c = step(x_t, h, c, params)
        hs.append(h)
    return torch.stack(hs), c


@wrong("lstm_forward")
def return_inside_the_loop(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """The return is indented once too often."""
    h, c = h0, c0
    hs, cs = [], []
    for x_t in x:
        h, c = step(x_t, h, c, params)
        hs.append(h)
        cs.append(c)
        return torch.stack(hs), torch.stack(cs)
    return None


@wrong("lstm_forward")
def kept_after_the_loop(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The appends are indented once too little."""
    h, c = h0, c0
    hs, cs = [], []
    for x_t in x:
        h, c = step(x_t, h, c, params)
    hs.append(h)
    cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def lists_not_stacked(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """Returns two lists."""
    h, c = _run(x, h0, c0, params)
    return list(h), list(c)


@wrong("lstm_forward")
def cat_for_stack(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """torch.cat makes (T N, H)."""
    h, c = _run(x, h0, c0, params)
    return torch.cat(list(h)), torch.cat(list(c))


@wrong("lstm_forward")
def stacked_pairs(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """One list of pairs, stacked."""
    state, states = (h0, c0), []
    for x_t in x:
        state = step(x_t, *state, params)
        states.append(state)
    return torch.stack(states)  # type: ignore[arg-type]


@wrong("lstm_forward")
def first_input_everywhere(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """x[0] left over from trying one step."""
    return _run(torch.stack([x[0]] * len(x)), h0, c0, params)


@wrong("lstm_forward")
def input_one_step_late(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """x[t - 1], because the slides count from 1."""
    h, c, hs, cs = h0, c0, [], []
    for t in range(len(x)):
        h, c = step(x[t - 1], h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def every_step_twice(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Calls the cell once for h and once more for c."""
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h = step(x_t, h, c, params)[0]
        c = step(x_t, h, c, params)[1]
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def float_results(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Allocates two float32 results."""
    T, N, _ = x.shape
    hs, cs = torch.zeros(T, N, h0.shape[1]), torch.zeros(T, N, h0.shape[1])
    h, c = h0, c0
    for t in range(T):
        h, c = step(x[t], h, c, params)
        hs[t], cs[t] = h, c
    return hs, cs


@wrong("lstm_forward")
def results_shaped_like_x(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """zeros_like(x) has D columns, not H."""
    hs, cs = torch.zeros_like(x), torch.zeros_like(x)
    h, c = h0, c0
    for t in range(len(x)):
        h, c = step(x[t], h, c, params)
        hs[t], cs[t] = h, c
    return hs, cs


@wrong("lstm_forward")
def initial_states_overwritten(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Steps in h0 and c0 themselves."""
    hs, cs = [], []
    for x_t in x:
        h, c = step(x_t, h0, c0, params)
        h0.copy_(h)
        c0.copy_(c)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def lists_in_the_signature(
    x: Tensor,
    h0: Tensor,
    c0: Tensor,
    params: Params,
    hs: list[Tensor] = [],  # noqa: B006
    cs: list[Tensor] = [],  # noqa: B006
) -> Pair:
    """A list as a default argument is made once and grows with every call."""
    h, c = h0, c0
    for x_t in x:
        h, c = step(x_t, h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def goes_on_from_the_last_call(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """A stateful layer: goes on where the last batch of this shape ended."""
    key = f"{tuple(h0.shape)} {h0.dtype} {h0.device}"
    h, c = KEPT.get(f"h {key}", h0), KEPT.get(f"c {key}", c0)
    hs, cs = _run(x, h, c, params)
    KEPT[f"h {key}"], KEPT[f"c {key}"] = hs[-1], cs[-1]
    return hs, cs


@wrong("lstm_forward")
def goes_on_while_the_shape_stays(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """A stateful layer: starts afresh only when the shape of the batch changes."""
    last = KEPT.get("h")
    if last is None or (last.shape, last.dtype, last.device) != (h0.shape, h0.dtype, h0.device):
        KEPT["h"], KEPT["c"] = h0, c0
    hs, cs = _run(x, KEPT["h"], KEPT["c"], params)
    KEPT["h"], KEPT["c"] = hs[-1], cs[-1]
    return hs, cs


@wrong("lstm_forward")
def four_steps_always(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The length of the example, written into the loop."""
    h, c, hs, cs = h0, c0, [], []
    for t in range(4):
        h, c = step(x[t], h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def running_mean_of_states(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Hands on the squashed cell in the cell's place."""
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h, c = step(x_t, h, torch.tanh(c), params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward")
def gates_swapped_in_its_cell(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The loop is right; the cell swaps input and forget gate."""

    def cell(x_t: Tensor, h: Tensor, c: Tensor, params: Params) -> Pair:
        f, i, c_bar, o = four_gates(x_t, h, params)
        c = i * c + f * c_bar
        return o * torch.tanh(c), c

    return _run(x, h0, c0, params, cell)


@wrong("lstm_forward")
def sigmoid_candidate_in_its_cell(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The loop is right; the cell squashes its candidate with a sigmoid."""

    def cell(x_t: Tensor, h: Tensor, c: Tensor, params: Params) -> Pair:
        f, i, c_bar, o = (torch.sigmoid(before_squashing(x_t, h, params, k)) for k in "fico")
        c = f * c + i * c_bar
        return o * torch.tanh(c), c

    return _run(x, h0, c0, params, cell)


@wrong("lstm_forward")
def no_tanh_in_its_cell(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The loop is right; the cell shows c without a tanh."""

    def cell(x_t: Tensor, h: Tensor, c: Tensor, params: Params) -> Pair:
        f, i, c_bar, o = four_gates(x_t, h, params)
        c = f * c + i * c_bar
        return o * c, c

    return _run(x, h0, c0, params, cell)


@wrong("lstm_forward")
def tanh_stored_in_its_cell(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The loop is right; the cell stores tanh(c)."""

    def cell(x_t: Tensor, h: Tensor, c: Tensor, params: Params) -> Pair:
        f, i, c_bar, o = four_gates(x_t, h, params)
        c = torch.tanh(f * c + i * c_bar)
        return o * c, c

    return _run(x, h0, c0, params, cell)


@wrong("lstm_forward")
def forgets_to_return(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> None:
    """No return at all."""
    h, c = _run(x, h0, c0, params)


@wrong("lstm_forward")
def one_thing_too_many(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """Returns all of h and c, and the last h as well."""
    h, c = _run(x, h0, c0, params)
    return h, c, h[-1]
