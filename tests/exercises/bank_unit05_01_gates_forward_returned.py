"""Wrong answers to lstm_forward: what is kept between steps and calls, and what is returned."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params, run, step

bank = Bank()
wrong = bank.wrong
Pair = tuple[Tensor, Tensor]


@wrong("lstm_forward", "outputs_reversed")
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


@wrong("lstm_forward", "batch_first")
def batch_first_results(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Walks over time rightly and returns (N, T, H)."""
    h, c = run(x, h0, c0, params)
    return h.transpose(0, 1), c.transpose(0, 1)


@wrong("lstm_forward", "initial_states_included")
def initial_states_kept_too(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Lists begin with h0 and c0: T + 1 states."""
    hs, cs = [h0], [c0]
    for x_t in x:
        h, c = step(x_t, hs[-1], cs[-1], params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "last_step_repeated")
def last_state_everywhere(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Writes each step into one tensor, which the list holds T times."""
    h, c = h0.clone(), c0.clone()
    hs, cs = [], []
    for x_t in x:
        h[:], c[:] = step(x_t, h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "outputs_swapped")
def cell_states_first(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Returns c, h."""
    h, c = run(x, h0, c0, params)
    return c, h


@wrong("lstm_forward", "cell_returned_as_hidden")
def cell_states_twice(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Appends c to both lists."""
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h, c = step(x_t, h, c, params)
        hs.append(c)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "wrong_type")
def hidden_states_only(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """Returns the outputs and keeps the cell to itself."""
    return run(x, h0, c0, params)[0]


@wrong("lstm_forward", "last_step_only")
def last_states_only(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Returns the last h and c."""
    h, c = h0, c0
    for x_t in x:
        h, c = step(x_t, h, c, params)
    return h, c


@wrong("lstm_forward", "wrong_type")
def as_torch_returns_it(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """output, (h_n, c_n), as nn.LSTM does."""
    h, c = run(x, h0, c0, params)
    return h, (h[-1], c[-1])


@wrong("lstm_forward", "last_step_only")
def all_hidden_last_cell(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Keeps a list of h and only the last c."""
    h, c, hs = h0, c0, []
    for x_t in x:
        h, c = step(x_t, h, c, params)
        hs.append(h)
    return torch.stack(hs), c


@wrong("lstm_forward", "first_step_only")
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


@wrong("lstm_forward", "last_step_only")
def kept_after_the_loop(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The appends are indented once too little."""
    h, c = h0, c0
    hs, cs = [], []
    for x_t in x:
        h, c = step(x_t, h, c, params)
    hs.append(h)
    cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "wrong_type")
def lists_not_stacked(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """Returns two lists."""
    h, c = run(x, h0, c0, params)
    return list(h), list(c)


@wrong("lstm_forward", "concatenated_not_stacked")
def cat_for_stack(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """torch.cat makes (T N, H)."""
    h, c = run(x, h0, c0, params)
    return torch.cat(list(h)), torch.cat(list(c))


@wrong("lstm_forward", "tuple_where_tensor")
def stacked_pairs(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """One list of pairs, stacked."""
    state, states = (h0, c0), []
    for x_t in x:
        state = step(x_t, *state, params)
        states.append(state)
    return torch.stack(states)  # type: ignore[arg-type]


@wrong("lstm_forward", "number_function_on_tensor")
def tensor_of_a_list(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """torch.tensor of a list of tensors, as np.array of a list of arrays."""
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h, c = step(x_t, h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.tensor(hs), torch.tensor(cs)


@wrong("lstm_forward", "wrong_dtype")
def float_results(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Allocates two float32 results."""
    T, N, _ = x.shape
    hs, cs = torch.zeros(T, N, h0.shape[1]), torch.zeros(T, N, h0.shape[1])
    h, c = h0, c0
    for t in range(T):
        h, c = step(x[t], h, c, params)
        hs[t], cs[t] = h, c
    return hs, cs


@wrong("lstm_forward", "elementwise_sizes_differ")
def results_shaped_like_x(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """zeros_like(x) has D columns, not H."""
    hs, cs = torch.zeros_like(x), torch.zeros_like(x)
    h, c = h0, c0
    for t in range(len(x)):
        h, c = step(x[t], h, c, params)
        hs[t], cs[t] = h, c
    return hs, cs


@wrong("lstm_forward", "input_changed")
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


@bank.wrong_with_memory("lstm_forward", "not_repeatable")
def lists_in_the_signature() -> Any:
    """A list as a default argument is made once and grows with every call."""

    def forward(
        x: Tensor,
        h0: Tensor,
        c0: Tensor,
        params: Params,
        hs: list[Tensor] = [],  # noqa: B006
        cs: list[Tensor] = [],  # noqa: B006
    ) -> Pair:
        h, c = h0, c0
        for x_t in x:
            h, c = step(x_t, h, c, params)
            hs.append(h)
            cs.append(c)
        return torch.stack(hs), torch.stack(cs)

    return forward


@bank.wrong_with_memory("lstm_forward", "not_repeatable")
def goes_on_from_the_last_call() -> Any:
    """A stateful layer: goes on where the last batch of this shape ended."""
    kept: dict[Any, Pair] = {}

    def forward(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
        key = (h0.shape, h0.dtype, h0.device)
        hs, cs = run(x, *kept.get(key, (h0, c0)), params)
        kept[key] = hs[-1], cs[-1]
        return hs, cs

    return forward


@bank.wrong_with_memory("lstm_forward", "not_repeatable")
def goes_on_while_the_shape_stays() -> Any:
    """A stateful layer: starts afresh only when the batch looks different from the last one."""
    kept: dict[str, Tensor] = {}

    def forward(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
        last = kept.get("h")
        looks = (h0.shape, h0.dtype, h0.device)
        if last is None or (last.shape, last.dtype, last.device) != looks:
            kept["h"], kept["c"] = h0, c0
        hs, cs = run(x, kept["h"], kept["c"], params)
        kept["h"], kept["c"] = hs[-1], cs[-1]
        return hs, cs

    return forward


@bank.wrong_with_memory("lstm_forward", "not_repeatable")
def goes_on_from_the_very_first_call() -> Any:
    """Takes h0 and c0 only while the global has nothing in it; another shape doesn't fit."""
    kept: dict[str, Tensor] = {}

    def forward(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
        if not kept:
            kept["h"], kept["c"] = h0, c0
        hs, cs = run(x, kept["h"], kept["c"], params)
        kept["h"], kept["c"] = hs[-1], cs[-1]
        return hs, cs

    return forward


@wrong("lstm_forward", "nothing_returned")
def forgets_to_return(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> None:
    """No return at all."""
    states = run(x, h0, c0, params)  # noqa: F841


@wrong("lstm_forward", "wrong_type")
def one_thing_too_many(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """Returns all of h and c, and the last h as well."""
    h, c = run(x, h0, c0, params)
    return h, c, h[-1]
