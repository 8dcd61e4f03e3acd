"""Known wrong answers of the RNN over a sequence, as perturbations of PyTorch's step."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.exercises._layers_torch import wrong
from autograder.exercises._rnn import torch_layer, torch_step
from autograder.exercises._rnn_wrong_cell import ABOUT_THE_STEP, ABOUT_THE_WEIGHTS, Step

Layer = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]


def _through_time(
    step: Step, carry: Callable[[Tensor, Tensor], Tensor] = lambda new, first: new
) -> Layer:
    """`step` at every time; `carry(new, h0)` is what goes on to the next."""

    def answer(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
        state, seen = h0, []
        for x_t in x:
            new = step(x_t, state, U, W, b)
            seen.append(new)
            state = carry(new, h0)
        return torch.stack(seen)

    return answer


def _each(change: Callable[[Tensor], Tensor]) -> Layer:
    """The right states, changed afterwards."""
    return lambda *inputs: change(torch_layer(*inputs))


def _on(change: Callable[[Tensor], Tensor]) -> Layer:
    """The right states for another x."""
    return lambda x, *rest: torch_layer(change(x), *rest)


def _before_each_step(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return torch.cat([h0[None], torch_layer(x, h0, U, W, b)[:-1]])


def _with_initial_state(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return torch.cat([h0[None], torch_layer(x, h0, U, W, b)])


def _batch_as_time(join: int) -> Layer:
    """A loop over axis 1; a state of one row is stretched as PyTorch's + would stretch it."""

    def answer(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
        state, seen = h0, []
        for x_n in x.unbind(1):  # (T, D)
            rows = max(len(x_n), len(state))
            x_n, state = (t.expand(rows, -1) if len(t) == 1 else t for t in (x_n, state))
            state = torch_step(x_n, state, U, W, b)
            seen.append(state)
        return torch.stack(seen, join)

    return answer


def _batch_as_time_indexed(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """T read from axis 1: so many steps are made of x[0], x[1] ..."""
    return torch_layer(x[: x.shape[1]], h0, U, W, b) if len(x) >= x.shape[1] else x[len(x)]


def _first_left_out(fill: Callable[[Tensor], Tensor]) -> Layer:
    """Starts at x[1]; `fill(h0)` stands in the first place."""

    def answer(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
        rest = torch_layer(x[1:], h0, U, W, b) if len(x) > 1 else x.new_zeros(0, *h0.shape)
        return torch.cat([fill(h0)[None], rest])

    return answer


def _first_dropped(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    if len(x) == 1:
        raise RuntimeError("stack expects a non-empty TensorList")
    return torch_layer(x[1:], h0, U, W, b)


def _last_dropped(h: Tensor) -> Tensor:
    if len(h) == 1:
        raise RuntimeError("stack expects a non-empty TensorList")
    return h[:-1]


def _twice(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return torch_step(x_t, torch_step(x_t, h_prev, U, W, b), U, W, b)


def _biases_grow(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    state, seen = h0, []
    for t, x_t in enumerate(x):
        state = torch_step(x_t, state, U, W, b * (t + 1))
        seen.append(state)
    return torch.stack(seen)


_ORDER = "One step takes x[t] and the state of step t - 1, and its state goes on to step t + 1."
_STACK = "`torch.stack(states)` stacks along a new first axis, which is time."
_START = "Step through all of x: `for x_t in x`, or `range(T)`."

LAYER = (
    wrong("state_not_carried", "Every step starts from h0: the state is not carried on.", _ORDER,
          _through_time(torch_step, lambda new, first: first)),
    wrong("state_carried_once", "The state is carried on from h0, but then starts from zeros.",
          _ORDER, _through_time(torch_step, lambda new, first: torch.zeros_like(first))),
    wrong("initial_state_ignored", "h0 is ignored: the first step starts from zeros.",
          "The first step's h_prev is h0.",
          lambda x, h0, *rest: torch_layer(x, torch.zeros_like(h0), *rest)),
    wrong("initial_state_added", "h0 is added at every step; only the first one starts there.",
          _ORDER, _through_time(torch_step, lambda new, first: new + first)),
    wrong("time_reversed", "The sequence is read from its end.", "Start at x[0].",
          _on(lambda x: x.flip(0))),
    wrong("time_reversed", "The sequence is read from its end, though the states are kept in their "
          "places.", "Start at x[0].", lambda x, *rest: torch_layer(x.flip(0), *rest).flip(0)),
    wrong("outputs_reversed", "The states are right, in reversed order.",
          "h[0] belongs to the first step: append, do not put in front.",
          _each(lambda h: h.flip(0))),
    wrong("states_before_each_step", "The states are one step late: h[0] is h0.",
          "Step first, then keep: h[t] is the state after x[t] was read.", _before_each_step),
    wrong("initial_state_included", "h0 is kept too: T + 1 states where there are T steps.",
          "Keep what a step returns, not what it starts from.", _with_initial_state),
    wrong("last_step_only", "Only the last step's state is returned.",
          "Keep every step's state and `torch.stack` them: (T, N, H).", _each(lambda h: h[-1])),
    wrong("last_step_only", "Only the last step's state is kept.",
          "Keep every step's state: append inside the loop, not after it.",
          _each(lambda h: h[-1:])),
    wrong("last_step_repeated", "All T entries hold the last step's state.",
          "Was one tensor written into at every step? Keep a new one for each.",
          _each(lambda h: h[-1:].expand_as(h))),
    wrong("batch_first", "Your states are (N, T, H); sequences are time-major here: (T, N, H).",
          _STACK, _each(lambda h: h.transpose(0, 1))),
    *(wrong("batch_read_as_time", "The loop runs over the batch; it should run over time.",
            "x is (T, N, D): x[t] is the whole batch at step t.", answer)
      for answer in (_batch_as_time(0), _batch_as_time(1), _batch_as_time_indexed)),
    *(wrong("first_step_left_out", "x[0] is never read: the first step is left out.",
            "Python counts from 0: step through x from its beginning.", answer)
      for answer in (_first_left_out(torch.zeros_like), _first_left_out(lambda h0: h0),
                     _first_dropped)),
    wrong("last_step_left_out", "The last step is left out.", _START, _each(_last_dropped)),
    wrong("last_step_left_out", "The last step is left out: zeros stand in its place.", _START,
          _each(lambda h: torch.cat([h[:-1], torch.zeros_like(h[-1:])]))),
    *(wrong("first_step_only", "Only the first step is made.",
            "Is the `return` inside the loop? Move it to the left.", _each(change))
      for change in (lambda h: h[:1], lambda h: h[0])),
    wrong("first_input_repeated", "Every step reads x[0].", "Step t reads x[t].",
          _on(lambda x: x[:1].expand_as(x))),
    wrong("input_one_step_late", "Step t reads x[t - 1]: the inputs are one step late.",
          "Python counts from 0: the first step reads x[0].", _on(lambda x: x.roll(1, 0))),
    wrong("every_step_twice", "Every input is read twice: the cell is called twice at each step.",
          "Call rnn_cell once a step, keep its result, and hand it on.", _through_time(_twice)),
    wrong("state_squashed_again", "The state goes on to the next step through another tanh.",
          "Hand on what rnn_cell returns, as it is.",
          _through_time(torch_step, lambda new, first: new.tanh())),
    wrong("bias_grows", "The bias grows from step to step.",
          "Is b changed inside the loop? The same b is used at every step.", _biases_grow),
    wrong("states_summed", "Each entry is the sum of all states so far.",
          "h[t] is the state after step t, by itself.", _each(lambda h: h.cumsum(0))),
    wrong("concatenated_not_stacked",
          "The steps are concatenated into (T N, H); they should be stacked into (T, N, H).",
          "`torch.stack` makes the new axis for time; `torch.cat` does not.",
          _each(lambda h: h.flatten(0, 1))),
    *(wrong(name, says, f"{look} (In the cell.)", _through_time(answer))
      for name, says, look, answer in (*ABOUT_THE_STEP, *ABOUT_THE_WEIGHTS)
      if name not in ("tanh_overflows",)),
)  # fmt: skip
