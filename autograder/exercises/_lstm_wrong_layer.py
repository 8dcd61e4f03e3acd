"""Known wrong answers of the LSTM over a sequence, as perturbations of PyTorch's cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._lstm import Params, torch_cell
from autograder.exercises._lstm_wrong_cell import CELL
from autograder.exercises._lstm_wrong_weights import CellAnswer, Pair

LayerAnswer = Callable[[Tensor, Tensor, Tensor, Params], Any]


def torch_layer(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """PyTorch's hidden and cell states at every step, both (T, N, H)."""
    return _through_time(torch_cell)(x, h0, c0, params)


def _through_time(
    cell: CellAnswer, carry: Callable[[Pair, Pair], Pair] = lambda new, first: new
) -> Callable[[Tensor, Tensor, Tensor, Params], Pair]:
    """`cell` at every step; `carry(new, first)` is what goes on to the next step."""

    def answer(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
        state, seen = (h0, c0), []
        for x_t in x:
            new = cell(x_t, *state, params)
            seen.append(new)
            state = carry(new, (h0, c0))
        return torch.stack([h for h, _ in seen]), torch.stack([c for _, c in seen])

    return answer


def _before_each_step(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    h, c = torch_layer(x, h0, c0, params)
    return torch.cat([h0[None], h[:-1]]), torch.cat([c0[None], c[:-1]])


def _with_initial_states(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    h, c = torch_layer(x, h0, c0, params)
    return torch.cat([h0[None], h]), torch.cat([c0[None], c])


def _batch_as_time(join: int) -> LayerAnswer:
    """A loop over axis 1; a state of one row is stretched as PyTorch's + would stretch it."""

    def answer(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
        h, c, seen = h0, c0, []
        for x_n in x.unbind(1):  # (T, D)
            rows = max(len(x_n), len(h))
            x_n, h, c = (t.expand(rows, -1) if len(t) == 1 else t for t in (x_n, h, c))
            h, c = torch_cell(x_n, h, c, params)
            seen.append((h, c))
        hs, cs = zip(*seen, strict=True)
        return torch.stack(hs, join), torch.stack(cs, join)

    return answer


def _first_row_empty(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    if len(x) == 1:
        return torch.zeros_like(h0)[None], torch.zeros_like(c0)[None]
    h, c = torch_layer(x[1:], h0, c0, params)
    return torch.cat([torch.zeros_like(h0)[None], h]), torch.cat([torch.zeros_like(c0)[None], c])


def _first_row_initial(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    if len(x) == 1:
        return h0[None], c0[None]
    h, c = torch_layer(x[1:], h0, c0, params)
    return torch.cat([h0[None], h]), torch.cat([c0[None], c])


def _last_row_empty(states: Tensor) -> Tensor:
    return torch.cat([states[:-1], torch.zeros_like(states[-1:])])


def _nothing_to_stack(states: Tensor) -> Tensor:
    if len(states) == 1:
        raise RuntimeError("stack expects a non-empty TensorList")
    return states[:-1]


def _cell_thrown_away(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    h, _ = _through_time(torch_cell, lambda new, first: (new[0], first[1]))(x, h0, c0, params)
    return h, c0.expand_as(h)


def _twice(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    return torch_cell(x_t, *torch_cell(x_t, h_prev, c_prev, params), params)


def _each(change: Callable[[Tensor], Tensor]) -> LayerAnswer:
    """The right states, each changed afterwards."""
    return lambda *a: tuple(change(states) for states in torch_layer(*a))


def _each_of(pair: Pair, axis: int) -> Pair:
    """Both states flipped along an axis."""
    return pair[0].flip(axis), pair[1].flip(axis)


def _swapped(pair: Pair) -> Pair:
    return pair[1], pair[0]


_ORDER = "One step takes x[t] and the states of step t - 1, and its states go on to step t + 1."

#: What has another meaning, or a name of its own, in the layer.
_ABOUT_ONE_STEP = {
    "outputs_swapped",
    "cell_returned_as_hidden",
    "hidden_returned_as_cell",
    "previous_cell_returned",
    "previous_states_swapped",
    "previous_states_ignored",
}

LAYER: tuple[Misconception, ...] = (
    Misconception(
        "hidden_not_carried",
        "Every step starts from h0: the hidden state is not carried on.",
        _ORDER,
        _through_time(torch_cell, lambda new, first: (first[0], new[1])),
    ),
    Misconception(
        "cell_not_carried",
        "Every step starts from c0: the cell state is not carried on.",
        _ORDER,
        _through_time(torch_cell, lambda new, first: (new[0], first[1])),
    ),
    Misconception(
        "states_not_carried",
        "Every step starts from h0 and c0: no state is carried on.",
        _ORDER,
        _through_time(torch_cell, lambda new, first: first),
    ),
    Misconception(
        "states_swapped_between_steps",
        "h and c change places from one step to the next.",
        "lstm_cell returns (h_t, c_t) and takes h_prev before c_prev.",
        _through_time(torch_cell, lambda new, first: (new[1], new[0])),
    ),
    Misconception(
        "initial_hidden_ignored",
        "h0 is ignored: the first step starts from zeros.",
        "The first step's h_prev is h0.",
        lambda x, h0, c0, params: torch_layer(x, torch.zeros_like(h0), c0, params),
    ),
    Misconception(
        "initial_cell_ignored",
        "c0 is ignored: the first step starts from zeros.",
        "The first step's c_prev is c0.",
        lambda x, h0, c0, params: torch_layer(x, h0, torch.zeros_like(c0), params),
    ),
    Misconception(
        "initial_states_ignored",
        "h0 and c0 are ignored: the first step starts from zeros.",
        "The first step's h_prev is h0 and its c_prev is c0.",
        lambda x, h0, c0, params: torch_layer(
            x, torch.zeros_like(h0), torch.zeros_like(c0), params
        ),
    ),
    Misconception(
        "time_reversed",
        "The sequence is read from its end.",
        "Start at x[0].",
        lambda x, h0, c0, params: torch_layer(x.flip(0), h0, c0, params),
    ),
    Misconception(
        "time_reversed",
        "The sequence is read from its end, though the states are kept in their places.",
        "Start at x[0].",
        lambda x, h0, c0, params: _each_of(torch_layer(x.flip(0), h0, c0, params), 0),
    ),
    Misconception(
        "outputs_reversed",
        "The states are right, in reversed order.",
        "h[0] belongs to the first step: append, do not put in front.",
        _each(lambda states: states.flip(0)),
    ),
    Misconception(
        "states_before_each_step",
        "The states are one step late: h[0] is h0.",
        "Step first, then keep: h[t] is the state after x[t] was read.",
        _before_each_step,
    ),
    Misconception(
        "initial_states_included",
        "h0 and c0 are kept too: T + 1 states where there are T steps.",
        "Keep what lstm_cell returns, not what it starts from.",
        _with_initial_states,
    ),
    Misconception(
        "last_step_only",
        "Only the last step's states are returned.",
        "Keep every step's states and `torch.stack` them: (T, N, H).",
        _each(lambda states: states[-1]),
    ),
    Misconception(
        "last_step_only",
        "Only the last step's states are kept.",
        "Keep every step's states: append inside the loop, not after it.",
        _each(lambda states: states[-1:]),
    ),
    Misconception(
        "last_step_repeated",
        "All T entries hold the last step's state.",
        "Was one tensor written into at every step? Keep a new one for each.",
        _each(lambda states: states[-1:].expand_as(states)),
    ),
    Misconception(
        "batch_first",
        "Your states are (N, T, H); sequences are time-major here: (T, N, H).",
        "`torch.stack(states)` stacks along the first axis, which is time.",
        _each(lambda states: states.transpose(0, 1)),
    ),
    *(
        Misconception(
            "batch_read_as_time",
            "The loop runs over the batch; it should run over time.",
            "x is (T, N, D): x[t] is the whole batch at step t.",
            _batch_as_time(join),
        )
        for join in (0, 1)
    ),
    *(
        Misconception(
            "first_step_skipped",
            "x[0] is never read: the first step is left out.",
            "Python counts from 0: step through x from its beginning, and keep T states.",
            answer,
        )
        for answer in (_first_row_empty, _first_row_initial)
    ),
    *(
        Misconception(
            "last_step_skipped",
            "The last step is left out.",
            "Step through all of x: `for x_t in x`, or `range(T)`.",
            _each(change),
        )
        for change in (_last_row_empty, _nothing_to_stack)
    ),
    Misconception(
        "first_step_only",
        "Only the first step is made.",
        "Is the `return` inside the loop? Move it to the left.",
        _each(lambda states: states[:1]),
    ),
    Misconception(
        "first_step_only",
        "Only the first step is made.",
        "Is the `return` inside the loop? Move it to the left.",
        _each(lambda states: states[0]),
    ),
    Misconception(
        "first_input_repeated",
        "Every step reads x[0].",
        "Step t reads x[t].",
        lambda x, h0, c0, params: torch_layer(x[:1].expand_as(x), h0, c0, params),
    ),
    Misconception(
        "input_one_step_late",
        "Step t reads x[t - 1]: the inputs are one step late.",
        "Python counts from 0: the first step reads x[0].",
        lambda x, h0, c0, params: torch_layer(x.roll(1, 0), h0, c0, params),
    ),
    Misconception(
        "every_step_twice",
        "Every input is read twice: the cell is called twice at each step.",
        "Call lstm_cell once a step and keep both of its results.",
        _through_time(_twice),
    ),
    Misconception(
        "cell_never_updated",
        "The cell state stays c0: lstm_cell's second result goes nowhere.",
        "Each step's new c_t goes on to the next step and is kept, as h_t is.",
        _cell_thrown_away,
    ),
    Misconception(
        "squashed_cell_carried",
        "The cell state goes on to the next step through a tanh.",
        "Hand on c_t as lstm_cell returns it.",
        _through_time(torch_cell, lambda new, first: (new[0], new[1].tanh())),
    ),
    Misconception(
        "initial_cell_is_h0",
        "The cell state starts from h0; it should start from c0.",
        "The first step's h_prev is h0 and its c_prev is c0.",
        lambda x, h0, c0, params: torch_layer(x, h0, h0, params),
    ),
    Misconception(
        "states_swapped_at_each_step",
        "h and c are unpacked in the wrong order at every step.",
        "lstm_cell returns (h_t, c_t): the hidden state first.",
        lambda *a: _swapped(_through_time(torch_cell, lambda new, first: (new[1], new[0]))(*a)),
    ),
    Misconception(
        "concatenated_not_stacked",
        "The steps are concatenated into (T N, H); they should be stacked into (T, N, H).",
        "`torch.stack` makes the new axis for time; `torch.cat` does not.",
        _each(lambda states: states.flatten(0, 1)),
    ),
    *(
        Misconception(m.name, m.says, f"{m.look} (In the cell.)", _through_time(m.answer))
        for m in CELL
        if m.name not in _ABOUT_ONE_STEP
    ),
    Misconception(
        "outputs_swapped",
        "You return (c, h); the order is (h, c).",
        "Look at the last line of your function.",
        lambda *a: _swapped(torch_layer(*a)),
    ),
    Misconception(
        "cell_returned_as_hidden",
        "The first thing you return holds the cell states; it should hold the hidden states.",
        "lstm_cell returns (h_t, c_t) in this order.",
        lambda *a: (torch_layer(*a)[1],) * 2,
    ),
    Misconception(
        "hidden_returned_as_cell",
        "The second thing you return holds the hidden states; it should hold the cell states.",
        "lstm_cell returns (h_t, c_t) in this order.",
        lambda *a: (torch_layer(*a)[0],) * 2,
    ),
    Misconception(
        "initial_states_swapped",
        "h0 and c0 have changed places.",
        "lstm_cell takes h_prev before c_prev.",
        lambda x, h0, c0, params: torch_layer(x, c0, h0, params),
    ),
)
