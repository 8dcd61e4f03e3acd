"""Answers to last_hidden."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong, right = bank.wrong, bank.right
EXERCISE = "last_hidden"


def rows(h: Tensor) -> Tensor:
    return torch.arange(h.shape[1], device=h.device)


def inside(h: Tensor, lengths: Tensor) -> Tensor:
    return (torch.arange(len(h), device=h.device)[:, None] < lengths)[..., None]


bank.wrong_ones(
    EXERCISE,
    ("minus_one", "last_column", "-1 is the last one.", lambda h, lengths: h[-1]),
    ("longest", "longest_length_for_all", "The batch ends where the longest row does.",
     lambda h, lengths: h[lengths.max() - 1]),
    ("shortest", "shortest_length_for_all", "Where all rows are still there.",
     lambda h, lengths: h[lengths.min() - 1]),
    ("first", "first_step", "Takes the wrong end.", lambda h, lengths: h[0]),
    ("no_minus_one", "off_by_one", "The step is the length.",
     lambda h, lengths: h[lengths, rows(h)]),
    ("clamped", "off_by_one", "Clamps after an IndexError.",
     lambda h, lengths: h[lengths.clamp(max=len(h) - 1), rows(h)]),
    ("minus_two", "one_step_early", "Subtracts one too many.",
     lambda h, lengths: h[lengths - 2, rows(h)]),
    ("from_the_end", "negative_index", "Counts from the end.",
     lambda h, lengths: h[-lengths, rows(h)]),
    ("as_packed", "rows_in_sorted_order", "Sorts as for packing, doesn't put back.",
     lambda h, lengths: h[lengths - 1, rows(h)][lengths.argsort(descending=True, stable=True)]),
    ("mean", "averaged", "A sentence is the mean of its words.",
     lambda h, lengths: (h * inside(h, lengths)).sum(0) / lengths[:, None]),
    ("sum", "summed", "Or their sum.", lambda h, lengths: (h * inside(h, lengths)).sum(0)),
    ("mean_of_all", "averaged_over_the_padding_too", "h.mean(0).",
     lambda h, lengths: h.mean(0)),
    ("pooled", "largest_over_time", "Pools over time.",
     lambda h, lengths: h.masked_fill(~inside(h, lengths), -torch.inf).amax(0)),
    ("all_pairs", "every_pair", "Indexes time alone.", lambda h, lengths: h[lengths - 1]),
    ("batch_first", "batch_first", "h[n, t].", lambda h, lengths: h[rows(h), lengths - 1]),
    ("kept_axis", "time_axis_kept", "gather, and no squeeze.",
     lambda h, lengths: h.gather(0, (lengths - 1)[None, :, None].expand(1, -1, h.shape[2]))),
)  # fmt: skip


@wrong(EXERCISE, "last_column")
def looped_over(h: Tensor, lengths: Tensor) -> Tensor:
    """Overwrites at every step."""
    for h_t in h:
        state = h_t
    return state


@right(EXERCISE)
def in_a_loop(h: Tensor, lengths: Tensor) -> Tensor:
    return torch.stack([h[length - 1, n] for n, length in enumerate(lengths)])


@right(EXERCISE)
def in_a_loop_of_ints(h: Tensor, lengths: Tensor) -> Tensor:
    return torch.stack([h[: int(length), n][-1] for n, length in enumerate(lengths)])


@right(EXERCISE)
def kept_while_inside(h: Tensor, lengths: Tensor) -> Tensor:
    state = torch.zeros_like(h[0])
    for t, h_t in enumerate(h):
        state = torch.where((t < lengths)[:, None], h_t, state)
    return state


@right(EXERCISE)
def by_a_mask(h: Tensor, lengths: Tensor) -> Tensor:
    last = torch.arange(len(h), device=h.device)[:, None] == lengths - 1
    return (h * last[..., None]).sum(0)


bank.right_ones(
    EXERCISE,
    indexed=lambda h, lengths: h[lengths - 1, rows(h)],
    gathered=lambda h, lengths: h.gather(
        0, (lengths - 1)[None, :, None].expand(1, -1, h.shape[2]))[0],
    batch_first_then_indexed=lambda h, lengths: h.transpose(0, 1)[rows(h), lengths - 1],
    unpadded=lambda h, lengths: torch.stack([row[-1] for row in torch.nn.utils.rnn.unpad_sequence(
        h.clone(), lengths)]),
)  # fmt: skip
