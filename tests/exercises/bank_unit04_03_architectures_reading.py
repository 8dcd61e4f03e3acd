"""Answers to many_to_one and many_to_many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit04_03_architectures_last import inside, rows
from tests.exercises.bank_unit04_03_architectures_parts import (
    READS,
    RECURRENT_STEPS,
    Params,
    Read,
    Step,
    empty,
    read,
    states,
    step,
)

bank = Bank()
wrong, right = bank.wrong, bank.right
ONE, MANY = "many_to_one", "many_to_many"


def own_last(h: Tensor, lengths: Tensor) -> Tensor:
    return h[lengths - 1, rows(h)]


def answering(
    step: Step = step,
    read: Read = read,
    last: Callable[[Tensor, Tensor], Tensor] = own_last,
    carry: bool = True,
) -> Callable[..., Tensor]:
    def answer(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
        h = states(x, empty(x.shape[1], params), params, step, carry)
        return read(last(h, lengths), params)

    return answer


def tagging(step: Step = step, read: Read = read, carry: bool = True) -> Callable[..., Tensor]:
    def answer(x: Tensor, params: Params) -> Tensor:
        return read(states(x, empty(x.shape[1], params), params, step, carry), params)

    return answer


# --- many to one ----------------------------------------------------------------------------------

bank.wrong_ones(
    ONE, *((name, diagnosis, why, answering(way)) for name, diagnosis, why, way in RECURRENT_STEPS)
)
bank.wrong_ones(
    ONE, *((name, diagnosis, why, answering(read=way)) for name, diagnosis, why, way in READS)
)
bank.wrong_ones(
    ONE,
    ("minus_one", "last_column", "h[-1].", answering(last=lambda h, lengths: h[-1])),
    ("longest", "longest_length_for_all", "Cuts the batch at its longest row, then h[-1].",
     lambda x, lengths, p: answering(last=lambda h, lengths: h[-1])(
         x[: int(lengths.max())], lengths, p)),
    ("shortest", "shortest_length_for_all", "Cuts the batch at its shortest row.",
     lambda x, lengths, p: answering(last=lambda h, lengths: h[-1])(
         x[: int(lengths.min())], lengths, p)),
    ("first", "first_step", "h[0].", answering(last=lambda h, lengths: h[0])),
    ("no_minus_one", "off_by_one", "The step is the length.",
     answering(last=lambda h, lengths: h[lengths, rows(h)])),
    ("zero_state_first", "one_step_early", "Keeps the state before each step, h0 first, "
     "and subtracts 1 all the same; takes lengths - 2 for it.",
     answering(last=lambda h, lengths: h[lengths - 2, rows(h)])),
    ("from_the_end", "negative_index", "h[-lengths].",
     answering(last=lambda h, lengths: h[-lengths, rows(h)])),
    ("as_packed", "rows_in_sorted_order", "Sorts and does not put back.",
     lambda x, lengths, p: answering()(x, lengths, p)[
         lengths.argsort(descending=True, stable=True)]),
    ("mean_state", "averaged", "The mean of the states.",
     answering(last=lambda h, lengths: (h * inside(h, lengths)).sum(0) / lengths[:, None])),
    ("sum_state", "summed", "Their sum.",
     answering(last=lambda h, lengths: (h * inside(h, lengths)).sum(0))),
    ("mean_of_all", "averaged_over_the_padding_too", "h.mean(0).",
     answering(last=lambda h, lengths: h.mean(0))),
    ("padding_silenced", "padding_silenced_only", "Zeros are no input, so nothing happens.",
     lambda x, lengths, p: answering(last=lambda h, lengths: h[-1])(
         x * inside(x, lengths), lengths, p)),
    ("not_carried", "state_not_carried", "h is never replaced.", answering(carry=False)),
    ("from_the_back", "time_reversed", "x.flip(0).",
     lambda x, lengths, p: answering()(x.flip(0), lengths, p)),
    ("everything", "every_output_returned", "An output for every step.",
     lambda x, lengths, p: tagging()(x, p)),
)  # fmt: skip


@wrong(ONE, "time_and_batch_swapped")
def batch_first(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
    """Reads (N, T, D)."""
    h = states(x.transpose(0, 1), empty(len(x), params), params)  # rows first
    return read(h[rows(x), lengths - 1], params)


@wrong(ONE, "state_sized_by_time")
def zeros_of_len_x(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
    """len(x) is the batch size, isn't it?"""
    h, found = empty(len(x), params), []
    for x_t in x:
        h = step(x_t, h, params)
        found.append(h)
    return read(torch.stack(found)[lengths - 1, torch.arange(len(lengths))], params)


@right(ONE)
def frozen_at_the_end(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
    h = empty(x.shape[1], params)
    for t, x_t in enumerate(x):
        h = torch.where((t < lengths)[:, None], step(x_t, h, params), h)
    return read(h, params)


@right(ONE)
def row_by_row(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
    found = []
    for n, length in enumerate(lengths):
        h = empty(1, params)
        for x_t in x[:length, n]:
            h = step(x_t[None], h, params)
        found.append(read(h, params)[0])
    return torch.stack(found)


@right(ONE)
def outputs_then_rows(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
    return own_last(tagging()(x, params), lengths)


@right(ONE)
def input_products_first(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
    h, found = empty(x.shape[1], params), []
    for share in torch.einsum("tnd,dh->tnh", x, params["U"]) + params["b"]:
        h = torch.tanh(torch.matmul(h, params["W"]) + share)
        found.append(h)
    return read(own_last(torch.stack(found), lengths), params)


bank.right_ones(ONE, in_pieces=answering())

# --- many to many ---------------------------------------------------------------------------------

bank.wrong_ones(
    MANY, *((name, diagnosis, why, tagging(way)) for name, diagnosis, why, way in RECURRENT_STEPS)
)
bank.wrong_ones(
    MANY, *((name, diagnosis, why, tagging(read=way)) for name, diagnosis, why, way in READS)
)
bank.wrong_ones(
    MANY,
    ("not_carried", "state_not_carried", "h is never replaced.", tagging(carry=False)),
    ("from_the_back", "time_reversed", "x.flip(0).", lambda x, p: tagging()(x.flip(0), p)),
    ("right_to_left", "time_reversed", "Reads from the end, keeps the places.",
     lambda x, p: tagging()(x.flip(0), p).flip(0)),
    ("inserted", "outputs_reversed", "insert(0, y).", lambda x, p: tagging()(x, p).flip(0)),
    ("last_one", "last_output_only", "Returns y.", lambda x, p: tagging()(x, p)[-1]),
    ("mean", "averaged", "The mean of the outputs.", lambda x, p: tagging()(x, p).mean(0)),
    ("second_axis", "batch_first", "torch.stack(outputs, 1).",
     lambda x, p: tagging()(x, p).transpose(0, 1)),
    ("loops_over_axis_1", "time_and_batch_swapped", "Reads (N, T, D).",
     lambda x, p: tagging()(x.transpose(0, 1), p)),
    ("loops_over_axis_1_and_puts_back", "time_and_batch_swapped", "The same, stacked along 1.",
     lambda x, p: tagging()(x.transpose(0, 1), p).transpose(0, 1)),
)  # fmt: skip


@wrong(MANY, "state_sized_by_time")
def first_axis_is_batch(x: Tensor, params: Params) -> Tensor:
    """len(x) is the batch size, isn't it?"""
    h, found = empty(len(x), params), []
    for x_t in x:
        h = step(x_t, h, params)
        found.append(read(h, params))
    return torch.stack(found)


@wrong(MANY, "outputs_before_the_step")
def reads_first(x: Tensor, params: Params) -> Tensor:
    """Reads, then steps."""
    h, found = empty(x.shape[1], params), []
    for x_t in x:
        found.append(read(h, params))
        h = step(x_t, h, params)
    return torch.stack(found)


@wrong(MANY, "output_carried_for_the_state")
def one_name(x: Tensor, params: Params) -> Tensor:
    """One name for state and output."""
    h, found = empty(x.shape[1], params), []
    for x_t in x:
        h = read(step(x_t, h, params), params)
        found.append(h)
    return torch.stack(found)


@wrong(MANY, "own_output_fed_back")
def as_decoder(x: Tensor, params: Params) -> Tensor:
    """Reads x[0], then itself."""
    h, y, found = empty(x.shape[1], params), x[0], []
    for _ in x:
        h = step(y, h, params)
        y = read(h, params)
        found.append(y)
    return torch.stack(found)


@wrong(MANY, "last_output_repeated")
def one_buffer(x: Tensor, params: Params) -> Tensor:
    """Appends one tensor again and again, and writes into it."""
    h, y, found = empty(x.shape[1], params), x.new_zeros(x.shape[1], len(params["d"])), []
    for x_t in x:
        h = step(x_t, h, params)
        y[:] = read(h, params)
        found.append(y)
    return torch.stack(found)


@wrong(MANY, "not_repeatable")
def numb(x: Tensor, params: Params) -> Tensor:
    """Adds a little noise."""
    return tagging()(x, params) + 1e-12 * torch.rand_like(x[0, 0, 0])


@wrong(MANY, "input_changed")
def in_place(x: Tensor, params: Params) -> Tensor:
    """Saves memory with +=, on the weights it was given."""
    params["d"] += 0.25
    params["b"] -= 0.0
    y = tagging()(x, params)
    return y - 0.25


@right(MANY)
def output_in_the_loop(x: Tensor, params: Params) -> Tensor:
    h, found = empty(x.shape[1], params), []
    for t in range(len(x)):
        h = step(x[t], h, params)
        found.append(read(h, params)[None])
    return torch.cat(found)


@right(MANY)
def written_into_zeros(x: Tensor, params: Params) -> Tensor:
    T, N, _ = x.shape
    y, h = x.new_zeros(T, N, len(params["d"])), x.new_zeros(N, len(params["b"]))
    for t in range(T):
        h = step(x[t], h, params)
        y[t] = read(h, params)
    return y


@right(MANY)
def concatenated_weights(x: Tensor, params: Params) -> Tensor:
    both: Any = torch.cat([params["U"], params["W"]])
    h, found = empty(x.shape[1], params), []
    for x_t in x:
        h = (torch.cat([x_t, h], -1) @ both + params["b"]).tanh()
        found.append(h)
    return torch.einsum("tnh,ho->tno", torch.stack(found), params["V"]) + params["d"]


@right(MANY)
def batch_first_inside(x: Tensor, params: Params) -> Tensor:
    rows_first = x.permute(1, 0, 2)
    h, found = empty(x.shape[1], params), []
    for t in range(x.shape[0]):
        h = step(rows_first[:, t], h, params)
        found.append(read(h, params))
    return torch.stack(found, 1).permute(1, 0, 2)


bank.right_ones(MANY, in_pieces=tagging())
