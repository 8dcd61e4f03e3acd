"""Answers to one_to_one and one_to_many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit04_03_architectures_parts import (
    READS,
    RECURRENT_STEPS,
    STEPS,
    Params,
    Read,
    Step,
    empty,
    once,
    read,
    states,
    step,
)

bank = Bank()
wrong, right = bank.wrong, bank.right
ONE, MANY = "one_to_one", "one_to_many"


def single(step: Step = step, read: Read = read) -> Callable[..., Tensor]:
    return lambda x, params: read(step(x, empty(len(x), params), params), params)


def writing(
    step: Step = step, read: Read = read, inputs: Callable[..., Any] = once, carry: bool = True
) -> Callable[..., Tensor]:
    def answer(x: Tensor, steps: int, params: Params) -> Tensor:
        found = states(inputs(x, steps), empty(len(x), params), params, step, carry)
        return read(found, params)

    return answer


# --- one to one -----------------------------------------------------------------------------------

bank.wrong_ones(ONE, *((name, diagnosis, why, single(way)) for name, diagnosis, why, way in STEPS))
bank.wrong_ones(
    ONE, *((name, diagnosis, why, single(read=way)) for name, diagnosis, why, way in READS)
)


@wrong(ONE, "two_steps")
def twice(x: Tensor, params: Params) -> Tensor:
    """There is a W, so it must be used."""
    h = step(x, step(x, empty(len(x), params), params), params)
    return read(h, params)


@wrong(ONE, "two_steps")
def second_layer(x: Tensor, params: Params) -> Tensor:
    """W as a second hidden layer."""
    h = torch.tanh(x @ params["U"] + params["b"])
    return read(torch.tanh(h @ params["W"] + params["b"]), params)


@wrong(ONE, "rows_read_as_a_sequence")
def loops_over_rows(x: Tensor, params: Params) -> Tensor:
    """`for x_t in x`, as everywhere else."""
    h, found = params["b"] * 0, []
    for x_t in x:
        h = step(x_t, h, params)
        found.append(h)
    return read(torch.stack(found), params)


@wrong(ONE, "started_with_ones")
def from_ones(x: Tensor, params: Params) -> Tensor:
    """new_ones for new_zeros."""
    return read(step(x, empty(len(x), params) + 1, params), params)


@wrong(ONE, "time_axis_kept")
def as_sequence_of_one(x: Tensor, params: Params) -> Tensor:
    """Calls the layer with T = 1."""
    return writing()(x, 1, params)


@right(ONE)
def two_lines(x: Tensor, params: Params) -> Tensor:
    h = torch.tanh(x @ params["U"] + params["b"])
    return h @ params["V"] + params["d"]


@right(ONE)
def with_einsum(x: Tensor, params: Params) -> Tensor:
    U, b, V, d = (params[name] for name in "UbVd")
    return torch.einsum("nh,ho->no", torch.tanh(torch.einsum("nd,dh->nh", x, U) + b), V) + d


@right(ONE)
def with_addmm(x: Tensor, params: Params) -> Tensor:
    return torch.addmm(params["d"], torch.addmm(params["b"], x, params["U"]).tanh(), params["V"])


@right(ONE)
def by_exponentials(x: Tensor, params: Params) -> Tensor:
    print("a print is no mistake")
    z = torch.sigmoid(2 * (x @ params["U"] + params["b"]))
    return (2 * z - 1) @ params["V"] + params["d"]


bank.right_ones(ONE, from_an_empty_state=single())

# --- one to many ----------------------------------------------------------------------------------

bank.wrong_ones(
    MANY, *((name, diagnosis, why, writing(way)) for name, diagnosis, why, way in RECURRENT_STEPS)
)
bank.wrong_ones(
    MANY, *((name, diagnosis, why, writing(read=way)) for name, diagnosis, why, way in READS)
)
bank.wrong_ones(
    MANY,
    ("x_again", "x_at_every_step", "So that it is not forgotten.",
     writing(inputs=lambda x, steps: [x] * steps)),
    ("not_carried", "state_not_carried", "h is never replaced.", writing(carry=False)),
    ("expanded", "one_output_repeated", "Says the same thing steps times.",
     lambda x, steps, p: single()(x, p).expand(steps, -1, -1)),
    ("x_again_not_carried", "one_output_repeated", "x every step, from zeros each time.",
     writing(inputs=lambda x, steps: [x] * steps, carry=False)),
    ("one_more", "one_step_too_many", "One for x, and steps more.",
     lambda x, steps, p: writing()(x, steps + 1, p)),
    ("last_one", "last_output_only", "Returns y.", lambda x, steps, p: writing()(x, steps, p)[-1]),
    ("last_one_everywhere", "last_output_repeated", "Fills the result after the loop.",
     lambda x, steps, p: writing()(x, steps, p)[-1].expand(steps, -1, -1)),
    ("second_axis", "batch_first", "torch.stack(outputs, 1).",
     lambda x, steps, p: writing()(x, steps, p).transpose(0, 1)),
    ("inserted", "outputs_reversed", "insert(0, y).",
     lambda x, steps, p: writing()(x, steps, p).flip(0)),
    ("without_first", "outputs_one_step_late", "Reads inside the loop, after stepping on.",
     lambda x, steps, p: writing()(x, steps + 1, p)[1:]),
)  # fmt: skip


@wrong(MANY, "x_for_a_state")
def starts_from_x(x: Tensor, steps: int, params: Params) -> Tensor:
    """Makes the first state of x, and steps from there."""
    found, h = [], x @ params["U"]
    for _ in range(steps):
        h = torch.tanh(h @ params["W"] + params["b"])
        found.append(read(h, params))
    return torch.stack(found)


@wrong(MANY, "one_step_too_few")
def range_one_less(x: Tensor, steps: int, params: Params) -> Tensor:
    """One step was made before the loop, so the loop is shorter; but it reads."""
    h, found = step(x, empty(len(x), params), params), []
    for _ in range(steps - 1):
        found.append(read(h, params))
        h = step(torch.zeros_like(x), h, params)
    return torch.stack(found)


@wrong(MANY, "one_step_too_few")
def last_one_cut_off(x: Tensor, steps: int, params: Params) -> Tensor:
    """Cuts the last one off, as for targets."""
    return writing()(x, steps, params)[:-1]


@wrong(MANY, "bias_at_the_first_step_only")
def only_w(x: Tensor, steps: int, params: Params) -> Tensor:
    """Without an input there's no bias."""
    h = torch.tanh(x @ params["U"] + params["b"])
    found = [h]
    for _ in range(steps - 1):
        h = torch.tanh(h @ params["W"])
        found.append(h)
    return read(torch.stack(found), params)


@wrong(MANY, "bias_not_at_the_first_step")
def bare_start(x: Tensor, steps: int, params: Params) -> Tensor:
    """The first state is tanh(x U)."""
    h = torch.tanh(x @ params["U"])
    found = [h]
    for _ in range(steps - 1):
        h = torch.tanh(h @ params["W"] + params["b"])
        found.append(h)
    return read(torch.stack(found), params)


@wrong(MANY, "first_state_without_tanh")
def projected(x: Tensor, steps: int, params: Params) -> Tensor:
    """x is projected to h0, and h0 is read."""
    h = x @ params["U"] + params["b"]
    found = [h]
    for _ in range(steps - 1):
        h = torch.tanh(h @ params["W"] + params["b"])
        found.append(h)
    return read(torch.stack(found), params)


@wrong(MANY, "own_output_fed_back")
def as_decoder(x: Tensor, steps: int, params: Params) -> Tensor:
    """Reads its own output, as a decoder does."""
    h, y, found = empty(len(x), params), x, []
    for _ in range(steps):
        h = step(y, h, params)
        y = read(h, params)
        found.append(y)
    return torch.stack(found)


@wrong(MANY, "outputs_before_the_step")
def reads_first(x: Tensor, steps: int, params: Params) -> Tensor:
    """Reads, then steps."""
    h, found = empty(len(x), params), []
    for x_t in once(x, steps):
        found.append(read(h, params))
        h = step(x_t, h, params)
    return torch.stack(found)


@wrong(MANY, "wrong_type")
def list_returned(x: Tensor, steps: int, params: Params) -> Any:
    """Forgets to stack."""
    return list(writing()(x, steps, params))


@right(MANY)
def loop_without_x(x: Tensor, steps: int, params: Params) -> Tensor:
    h = torch.tanh(x @ params["U"] + params["b"])
    found = [h @ params["V"] + params["d"]]
    while len(found) < steps:
        h = torch.tanh(h @ params["W"] + params["b"])
        found.append(h @ params["V"] + params["d"])
    return torch.stack(found)


@right(MANY)
def written_into_zeros(x: Tensor, steps: int, params: Params) -> Tensor:
    y = x.new_zeros(steps, len(x), len(params["d"]))
    h = empty(len(x), params)
    for t in range(steps):
        share = x @ params["U"] if t == 0 else 0
        h = torch.tanh(share + h @ params["W"] + params["b"])
        y[t] = read(h, params)
    return y


@right(MANY)
def recursive(x: Tensor, steps: int, params: Params) -> Tensor:
    def on(h: Tensor, left: int) -> list[Tensor]:
        if left == 0:
            return []
        return [read(h, params), *on(torch.tanh(h @ params["W"] + params["b"]), left - 1)]

    return torch.stack(on(torch.tanh(x @ params["U"] + params["b"]), steps))


@right(MANY)
def concatenated_weights(x: Tensor, steps: int, params: Params) -> Tensor:
    both = torch.cat([params["U"], params["W"]])
    h, found = empty(len(x), params), []
    for x_t in once(x, steps):
        h = torch.tanh(torch.cat([x_t, h], 1) @ both + params["b"])
        found.append(h)
    return torch.stack(found) @ params["V"] + params["d"]


bank.right_ones(
    MANY,
    zeros_fed=writing(),
    other_layout=lambda x, steps, p: writing()(x, steps, p).transpose(0, 2).contiguous().transpose(
        0, 2),
)  # fmt: skip
