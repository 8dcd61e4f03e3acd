"""Known wrong answers to the five architectures, as perturbations of PyTorch's networks."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.exercises._architectures import (
    TORCH,
    Params,
    linear_read,
    no_state,
    own_last,
    tanh_cell,
)
from autograder.exercises._architectures_nets import (
    ANY,
    RECURRENT,
    Answer,
    after,
    altered,
    each,
    first_only,
    many_to_many,
    many_to_one,
    one_to_many,
    one_to_one,
    over_the_batch,
    state_sized_by_time,
)
from autograder.exercises._architectures_wrong_tokens import WRONG_STEPS, sorted_order


def _more(answer: Answer, *rows: tuple[str, str, str]) -> tuple[Misconception, ...]:
    """One wrong answer under its name and sentences."""
    return tuple(Misconception(*row, answer) for row in rows)


# --- one to one -----------------------------------------------------------------------------------


def _two_steps(again: Callable[[Tensor], Tensor]) -> Answer:
    def answer(x: Tensor, params: Params) -> Tensor:
        h = tanh_cell(x, no_state(len(x), params), params)
        return linear_read(tanh_cell(again(x), h, params), params)

    return answer


def _row_after_row(x: Tensor, params: Params) -> Tensor:
    h = TORCH.states(x[:, None], no_state(1, params), params)[:, 0]
    return linear_read(h, params)


def _started_with_ones(x: Tensor, params: Params) -> Tensor:
    h = tanh_cell(x, no_state(len(x), params) + 1, params)
    return linear_read(h, params)


_ALONE = "One input, one output, no recurrence: W has nothing to multiply."
ONE_TO_ONE: tuple[Misconception, ...] = (
    *each(one_to_one, ANY),
    Misconception("two_steps", "There is a second step.", _ALONE, _two_steps(lambda x: x)),
    Misconception("two_steps", "There is a second step, without an input.", _ALONE,
                  _two_steps(torch.zeros_like)),
    Misconception("rows_read_as_a_sequence", "The rows of the batch are read one after the other, "
                  "as if they were time steps.", _ALONE, _row_after_row),
    Misconception("started_with_ones", "The state before the step is ones.",
                  "A state that holds nothing is zeros.", _started_with_ones),
    Misconception("time_axis_kept", "A time axis of size 1 is still there.",
                  "What is asked for is (N, O).", after(one_to_one(), lambda y: y[None])),
)  # fmt: skip

# --- one to many ----------------------------------------------------------------------------------


def _stepped_late(x: Tensor, steps: int, params: Params) -> Tensor:
    """The outputs from the second state on."""
    return one_to_many()(x, steps + 1, params)[1:]


def _stepped_early(x: Tensor, steps: int, params: Params) -> Tensor:
    """The outputs of the states before each step, the empty one first."""
    states = TORCH.states(first_only(x, steps), no_state(len(x), params), params)
    return linear_read(torch.cat([no_state(len(x), params)[None], states[:-1]]), params)


def _bias_at_first(x: Tensor, steps: int, params: Params) -> Tensor:
    states = [tanh_cell(x, no_state(len(x), params), params)]
    bare = altered(params, b=torch.zeros_like(params["b"]))
    for _ in range(steps - 1):
        states.append(tanh_cell(torch.zeros_like(x), states[-1], bare))
    return linear_read(torch.stack(states), params)


def _bias_later(x: Tensor, steps: int, params: Params) -> Tensor:
    bare = altered(params, b=torch.zeros_like(params["b"]))
    states = [tanh_cell(x, no_state(len(x), params), bare)]
    for _ in range(steps - 1):
        states.append(tanh_cell(torch.zeros_like(x), states[-1], params))
    return linear_read(torch.stack(states), params)


def _linear_start(x: Tensor, steps: int, params: Params) -> Tensor:
    """The first state without its tanh."""
    states = [functional.linear(x, params["U"].mT, params["b"])]
    for _ in range(steps - 1):
        states.append(tanh_cell(torch.zeros_like(x), states[-1], params))
    return linear_read(torch.stack(states), params)


def _x_as_a_state(x: Tensor, steps: int, params: Params) -> Tensor:
    """Take x U for the state before the first step."""
    start = functional.linear(x, params["U"].mT)
    return linear_read(TORCH.states(x.new_zeros(steps, *x.shape), start, params), params)


def _output_fed_back(x: Tensor, steps: int, params: Params) -> Tensor:
    """Reads its own output; raises where that does not fit the input weights."""
    h, inputs, found = no_state(len(x), params), x, []
    for _ in range(steps):
        h = tanh_cell(inputs, h, params)
        found.append(linear_read(h, params))
        inputs = found[-1]
    return torch.stack(found)


def _no_recurrence(x: Tensor, steps: int, params: Params) -> Tensor:
    return one_to_one()(x, params).expand(steps, -1, -1)


_ONCE = "x enters at the first step only; from then on there is h W + b inside the tanh."
_KEEP = "Was one tensor written into at every step? Keep a new one for each."
_STEPS = "Step, then read: the first output is read from the state that has just seen x."
ONE_TO_MANY: tuple[Misconception, ...] = (
    *each(one_to_many, RECURRENT),
    Misconception("x_at_every_step", "x is fed at every step.", _ONCE,
                  one_to_many(inputs=lambda x, steps: x.expand(steps, -1, -1))),
    Misconception("bias_at_the_first_step_only", "b is added at the first step only.", _ONCE,
                  _bias_at_first),
    Misconception("bias_not_at_the_first_step", "b is not added at the first step.", _ONCE,
                  _bias_later),
    Misconception("first_state_without_tanh", "The first state has no tanh.",
                  "The first step is a step like the others, from a state of zeros.",
                  _linear_start),
    Misconception("x_for_a_state", "x U is taken for the state before the first step.",
                  "Before the first step the state is zeros; x U goes into its tanh, with b.",
                  _x_as_a_state),
    Misconception("own_output_fed_back", "The output is the next step's input.", _ONCE,
                  _output_fed_back),
    Misconception("state_not_carried", "Every step starts from zeros.", _ONCE,
                  one_to_many(carry=False)),
    Misconception("one_output_repeated", "All steps give the first step's output.", _ONCE,
                  _no_recurrence),
    Misconception("outputs_one_step_late", "The outputs begin with the second state.", _STEPS,
                  _stepped_late),
    Misconception("outputs_before_the_step", "The first output is read before x was seen.", _STEPS,
                  _stepped_early),
    *_more(lambda x, steps, params: one_to_many()(x, steps + 1, params),
           ("one_step_too_many", "There are steps + 1 outputs.",
            "The step that reads x counts, too.")),
    *_more(lambda x, steps, params: one_to_many()(x, steps, params)[:-1],
           ("one_step_too_few", "There are steps - 1 outputs.",
            "The step that reads x gives an output, too.")),
    *_more(lambda x, steps, params: one_to_many()(x, steps - 1, params),
           ("one_step_too_few", "There are steps - 1 outputs, so none where steps is 1.",
            "The step that reads x gives an output, too.")),
    Misconception("last_output_only", "Only the last step's output comes back.",
                  "An output at every step: keep them all.",
                  after(one_to_many(), lambda y: y[-1])),
    Misconception("last_output_repeated", "All steps give the last step's output.", _KEEP,
                  after(one_to_many(), lambda y: y[-1:].expand_as(y))),
    Misconception("batch_first", "The outputs are (N, steps, O).", "Time comes first.",
                  after(one_to_many(), lambda y: y.transpose(0, 1))),
    Misconception("outputs_reversed", "The outputs are in reversed order.",
                  "The first output comes first.", after(one_to_many(), lambda y: y.flip(0))),
)  # fmt: skip

# --- many to one ----------------------------------------------------------------------------------


def _reversed_source(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
    return many_to_one()(x.flip(0), lengths, params)


def _over_rows(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
    """A loop over the batch, read as if time had been looped over."""
    states = over_the_batch(1)(x, params)
    return linear_read(own_last(states, lengths), params)


def _rows_of_time(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
    states = state_sized_by_time(x, params)
    return linear_read(own_last(states[:, : len(lengths)], lengths), params)


def _padding_silenced(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
    """Inputs in the padding are zeros; every row is read at the last step."""
    inside = torch.arange(len(x))[:, None] < lengths  # (T, N)
    silent = torch.where(inside[..., None], x, torch.zeros_like(x))
    return many_to_one(last=lambda states, lengths: states[-1])(silent, lengths, params)


def _each_step(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
    return many_to_many()(x, params)


_CARRIED = "The state goes from step to step: h_t is made of h_{t-1}."
MANY_TO_ONE: tuple[Misconception, ...] = (
    *each(many_to_one, RECURRENT),
    *(Misconception(name, says, look, many_to_one(last=last))
      for name, says, look, last in WRONG_STEPS),
    Misconception("rows_in_sorted_order", "The rows come back in order of their lengths.",
                  "If you sorted the rows, put them back: row n of the answer is row n of x.",
                  lambda x, lengths, params: sorted_order(many_to_one()(x, lengths, params),
                                                          lengths)),
    Misconception("state_not_carried", "Every step starts from zeros.", _CARRIED,
                  many_to_one(carry=False)),
    Misconception("time_reversed", "The sequence is read from its end.", "Start at x[0].",
                  _reversed_source),
    Misconception("time_and_batch_swapped", "The loop runs over the batch.",
                  "x is (T, N, D): x[t] is the whole batch at step t.", _over_rows),
    Misconception("state_sized_by_time", "The first state has T rows; the batch has N.",
                  "x is (T, N, D): its first axis is time.", _rows_of_time),
    Misconception("padding_silenced_only", "The padding's inputs are set to 0, and every row is "
                  "read at the last step.", "Without an input the state still goes on: "
                  "h becomes tanh(h W + b). Read each row at its own end.", _padding_silenced),
    Misconception("every_output_returned", "An output comes back for every step.",
                  "One output for each row: that of its own last step.", _each_step),
)  # fmt: skip

# --- many to many, aligned ------------------------------------------------------------------------


def _states_before(x: Tensor, params: Params) -> Tensor:
    start = no_state(x.shape[1], params)
    states = TORCH.states(x, start, params)
    return linear_read(torch.cat([start[None], states[:-1]]), params)


def _output_for_state(x: Tensor, params: Params) -> Tensor:
    """The output is handed on in the state's place; raises where it does not fit."""
    h, found = no_state(x.shape[1], params), []
    for x_t in x:
        h = linear_read(tanh_cell(x_t, h, params), params)
        found.append(h)
    return torch.stack(found)


def _output_added(x: Tensor, params: Params) -> Tensor:
    """The output of the step before is the next input's share."""
    h, y, found = no_state(x.shape[1], params), None, []
    for x_t in x:
        h = tanh_cell(x_t if y is None else y, h, params)
        y = linear_read(h, params)
        found.append(y)
    return torch.stack(found)


MANY_TO_MANY: tuple[Misconception, ...] = (
    *each(many_to_many, RECURRENT),
    Misconception("state_not_carried", "Every step starts from zeros.", _CARRIED,
                  many_to_many(carry=False)),
    Misconception("time_reversed", "The sequence is read from its end.", "Start at x[0].",
                  lambda x, params: many_to_many()(x.flip(0), params)),
    Misconception("time_reversed", "The sequence is read from its end, though the outputs are "
                  "kept in their places.", "Start at x[0].",
                  lambda x, params: many_to_many()(x.flip(0), params).flip(0)),
    Misconception("outputs_reversed", "The outputs are in reversed order.",
                  "The first output comes first.", after(many_to_many(), lambda y: y.flip(0))),
    Misconception("outputs_before_the_step", "Each output is read before its input was seen.",
                  "Step, then read: output t has seen x[t].", _states_before),
    Misconception("last_output_only", "Only the last step's output comes back.",
                  "An output for every input: keep them all.",
                  after(many_to_many(), lambda y: y[-1])),
    Misconception("last_output_repeated", "All steps give the last step's output.", _KEEP,
                  after(many_to_many(), lambda y: y[-1:].expand_as(y))),
    Misconception("output_carried_for_the_state", "The output goes to the next step in the "
                  "state's place.", _CARRIED, _output_for_state),
    Misconception("own_output_fed_back", "The output is the next step's input; x is read once.",
                  "Aligned: step t reads x[t].", _output_added),
    Misconception("batch_first", "The outputs are (N, T, O).", "Time comes first.",
                  after(many_to_many(), lambda y: y.transpose(0, 1))),
    *(Misconception("time_and_batch_swapped", "The loop runs over the batch.",
                    "x is (T, N, D): x[t] is the whole batch at step t.",
                    lambda x, params, join=join: linear_read(over_the_batch(join)(x, params),
                                                             params)) for join in (0, 1)),
    Misconception("state_sized_by_time", "The first state has T rows; the batch has N.",
                  "x is (T, N, D): its first axis is time.",
                  lambda x, params: linear_read(state_sized_by_time(x, params), params)),
    Misconception("averaged", "The outputs are averaged over time.",
                  "An output for every input: keep them all.",
                  after(many_to_many(), lambda y: y.mean(0))),
)  # fmt: skip
