"""Answers to bidirectional_lstm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params, step
from tests.exercises.bank_unit05_03_variants_parts import cells, layer

bank = Bank()
Both = Callable[[Tensor, Tensor, Tensor, Params, Params], Any]


def _halves(x: Tensor, h0: Tensor, c0: Tensor, f: Params, b: Params) -> tuple[Tensor, Tensor]:
    return layer(x, h0[0], c0[0], f)[0], layer(x.flip(0), h0[1], c0[1], b)[0].flip(0)


def right(x: Tensor, h0: Tensor, c0: Tensor, f: Params, b: Params) -> Tensor:
    return torch.cat(_halves(x, h0, c0, f, b), -1)


def _join(join: Callable[[Tensor, Tensor], Any]) -> Both:
    return lambda *a: join(*_halves(*a))


def _backward(run: Callable[[Tensor, Tensor, Tensor, Params], Tensor]) -> Both:
    """The backward half is run(x, h0[1], c0[1], backward)."""
    return lambda x, h0, c0, f, b: torch.cat(
        [layer(x, h0[0], c0[0], f)[0], run(x, h0[1], c0[1], b)], -1
    )


def _started(change: Callable[[Tensor, Tensor], tuple[Any, Any]]) -> Both:
    return lambda x, h0, c0, f, b: right(x, *change(h0, c0), f, b)


def _row(s: Tensor, row: int) -> Tensor:
    return s[row : row + 1].expand_as(s)


def _chained(x: Tensor, h0: Tensor, c0: Tensor, f: Params, b: Params) -> Any:
    ahead = layer(x, h0[0], c0[0], f)[0]
    return torch.cat([ahead, layer(ahead.flip(0), h0[1], c0[1], b)[0].flip(0)], -1)


def _goes_on(x: Tensor, h0: Tensor, c0: Tensor, f: Params, b: Params) -> Any:
    ahead, h, c = layer(x, h0[0], c0[0], f)
    return torch.cat([ahead, layer(x.flip(0), h, c, b)[0].flip(0)], -1)


def _cells_joined(x: Tensor, h0: Tensor, c0: Tensor, f: Params, b: Params) -> Any:
    back = cells(x.flip(0), h0[1], c0[1], b)[1].flip(0)
    return torch.cat([cells(x, h0[0], c0[0], f)[1], back], -1)


def _cpu_index(x: Tensor, h0: Tensor, c0: Tensor, f: Params, b: Params) -> Any:
    out = torch.zeros(*x.shape[:2], 2 * h0.shape[2], dtype=x.dtype)
    out[..., : h0.shape[2]], out[..., h0.shape[2] :] = _halves(x, h0, c0, f, b)
    return out


def _in_place(x: Tensor, h0: Tensor, c0: Tensor, f: Params, b: Params) -> Any:
    ahead = layer(x, h0[0], c0[0], f)[0]
    x.copy_(x.flip(0))
    return torch.cat([ahead, layer(x, h0[1], c0[1], b)[0].flip(0)], -1)


bank.wrong_ones(
    "bidirectional_lstm",
    ("one_flip", "backward_not_turned_back", "Forgets the second flip.",
     _backward(lambda x, h, c, p: layer(x.flip(0), h, c, p)[0])),
    ("no_flip", "backward_runs_forward", "No flip at all.",
     _backward(lambda x, h, c, p: layer(x, h, c, p)[0])),
    ("flip_at_the_end", "backward_runs_forward", "Only the second flip.",
     _backward(lambda x, h, c, p: layer(x, h, c, p)[0].flip(0))),
    ("flips_after_joining", "all_turned_back", "Flips the whole.",
     lambda *a: right(*a).flip(0)),
    ("flips_the_forward_half", "all_turned_back", "Flips the wrong half.",
     _join(lambda f, b: torch.cat([f.flip(0), b], -1))),
    ("flips_the_batch", "wrong_axis_flipped", "flip(1), twice.",
     _backward(lambda x, h, c, p: layer(x.flip(1), h, c, p)[0].flip(1))),
    ("flips_the_batch_once", "wrong_axis_flipped", "flip(1), once.",
     _backward(lambda x, h, c, p: layer(x.flip(1), h, c, p)[0])),
    ("flips_the_features", "wrong_axis_flipped", "flip(-1), twice.",
     _backward(lambda x, h, c, p: layer(x.flip(-1), h, c, p)[0].flip(-1))),
    ("rows_crossed", "starts_exchanged", "h0[1] forwards.",
     _started(lambda h, c: (h.flip(0), c.flip(0)))),
    ("hidden_rows_crossed", "starts_exchanged", "h0 only.", _started(lambda h, c: (h.flip(0), c))),
    ("cell_rows_crossed", "starts_exchanged", "c0 only.", _started(lambda h, c: (h, c.flip(0)))),
    ("row_zero", "one_start_for_both", "Row 0 twice.",
     _started(lambda h, c: (_row(h, 0), _row(c, 0)))),
    ("cell_row_zero", "one_start_for_both", "c0[0] twice.", _started(lambda h, c: (h, _row(c, 0)))),
    ("from_zeros", "initial_states_ignored", "Starts from zeros.",
     _started(lambda h, c: (torch.zeros_like(h), torch.zeros_like(c)))),
    ("backward_from_zeros", "backward_start_ignored", "Nothing comes before the end.",
     _backward(lambda x, h, c, p: layer(
         x.flip(0), torch.zeros_like(h), torch.zeros_like(c), p)[0].flip(0))),
    ("h0_and_c0", "initial_states_swapped", "Two arguments crossed.",
     _started(lambda h, c: (c, h))),
    ("goes_on", "carried_over", "Starts back where forwards ended.", _goes_on),
    ("backward_first", "directions_exchanged", "cat in the other order.",
     _join(lambda f, b: torch.cat([b, f], -1))),
    ("weights_crossed", "weights_exchanged", "Two arguments crossed.",
     lambda x, h0, c0, f, b: right(x, h0, c0, b, f)),
    ("forward_twice", "one_weight_for_both", "A line copied.",
     lambda x, h0, c0, f, b: right(x, h0, c0, f, f)),
    ("backward_twice", "one_weight_for_both", "A line copied.",
     lambda x, h0, c0, f, b: right(x, h0, c0, b, b)),
    ("added", "halves_added", "Sums the two.", _join(lambda f, b: f + b)),
    ("averaged", "halves_averaged", "Their mean.", _join(lambda f, b: (f + b) / 2)),
    ("multiplied", "halves_multiplied", "Their product.", _join(lambda f, b: f * b)),
    ("joined_in_time", "joined_along_another_axis", "cat without dim.",
     _join(lambda f, b: torch.cat([f, b]))),
    ("joined_in_batch", "joined_along_another_axis", "dim=1.",
     _join(lambda f, b: torch.cat([f, b], 1))),
    ("stacked", "stacked_not_joined", "stack for cat.", _join(lambda f, b: torch.stack([f, b]))),
    ("stacked_last", "stacked_not_joined", "stack(…, -1).",
     _join(lambda f, b: torch.stack([f, b], -1))),
    ("interleaved", "units_interleaved", "stack and flatten.",
     _join(lambda f, b: torch.stack([f, b], -1).flatten(2))),
    ("forward_only", "one_direction_only", "Forgets to join.", _join(lambda f, b: f)),
    ("chained", "directions_chained", "Reads h, not x.", _chained),
    ("cells", "cells_returned", "Joins the cells.", _cells_joined),
    ("last_step", "last_step_only", "out[-1].", lambda *a: right(*a)[-1]),
    ("ends_of_both", "last_step_only", "The last of each direction, as a classifier wants it.",
     _join(lambda f, b: torch.cat([f[-1], b[0]], -1))),
    ("batch_in_front", "batch_first", "batch_first by habit.",
     lambda *a: right(*a).transpose(0, 1)),
    ("pair", "wrong_type", "Returns the two halves.", _join(lambda f, b: (f, b))),
    ("x_turned_in_place", "input_changed", "Turns x itself.", _in_place),
    ("cpu_buffer", "wrong_device", "torch.zeros without a device.", _cpu_index),
)  # fmt: skip


def from_the_end(x: Tensor, h0: Tensor, c0: Tensor, f: Params, b: Params) -> Any:
    h, c = h0[1], c0[1]
    back: list[Any] = [None] * len(x)
    for t in range(len(x) - 1, -1, -1):
        h, c = step(x[t], h, c, b)
        back[t] = h
    return torch.cat([layer(x, h0[0], c0[0], f)[0], torch.stack(back)], dim=2)


def step_by_step(x: Tensor, h0: Tensor, c0: Tensor, f: Params, b: Params) -> Any:
    ahead, behind = _halves(x, h0, c0, f, b)
    return torch.stack([torch.cat(pair, 1) for pair in zip(ahead, behind, strict=True)])


def by_index(x: Tensor, h0: Tensor, c0: Tensor, f: Params, b: Params) -> Any:
    order = torch.arange(len(x) - 1, -1, -1, device=x.device)
    back = layer(x[order], h0[1], c0[1], b)[0][order]
    return torch.concat((layer(x, h0[0], c0[0], f)[0], back), -1)


def into_a_buffer(x: Tensor, h0: Tensor, c0: Tensor, f: Params, b: Params) -> Any:
    H = h0.shape[-1]
    out = x.new_zeros(x.shape[0], x.shape[1], 2 * H)
    out[..., :H], out[..., H:] = _halves(x, h0, c0, f, b)
    print(out.shape)
    return out


bank.right_ones(
    "bidirectional_lstm",
    two_flips=right,
    from_the_end=from_the_end,
    step_by_step=step_by_step,
    by_index=by_index,
    into_a_buffer=into_a_buffer,
)
