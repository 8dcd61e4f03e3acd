"""Answers to embedding and embedding_backward."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong, right = bank.wrong, bank.right
LOOK, BACK = "embedding", "embedding_backward"


def flat(dout: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    return dout.reshape(-1, dout.shape[-1]), ids.reshape(-1)


def added(dout: Tensor, ids: Tensor, V: int) -> Tensor:
    rows, places = flat(dout, ids)
    return dout.new_zeros(V, dout.shape[-1]).index_add(0, places, rows)


bank.wrong_ones(
    LOOK,
    ("minus_one", "ids_counted_from_one", "Words are numbered from 1.",
     lambda ids, E: E[ids - 1]),
    ("zero_is_padding", "id_zero_dropped", "Id 0 is always padding.",
     lambda ids, E: E[ids] * (ids != 0)[..., None]),
    ("columns", "columns_for_rows", "Thinks of E as (D, V).", lambda ids, E: E[:, ids]),
    ("columns_of_transposed", "columns_for_rows", "Transposes once too often.",
     lambda ids, E: E.T[ids]),
    ("batch_first", "time_and_batch_swapped", "Likes (N, T, D).",
     lambda ids, E: E[ids.transpose(0, 1)] if ids.dim() > 1 else E[ids]),
    ("stays_flat", "positions_flattened", "Flattens for index_select, forgets to go back.",
     lambda ids, E: E.index_select(0, ids.flatten())),
    ("transformer", "scaled", "Has read 'Attention is all you need'.",
     lambda ids, E: E[ids] * E.shape[1] ** 0.5),
    ("unit_rows", "rows_normalised", "Wants all words to be equally long.",
     lambda ids, E: E[ids] / E[ids].norm(dim=-1, keepdim=True)),
    ("half_way", "one_hot_returned", "Stops at one-hot.",
     lambda ids, E: functional.one_hot(ids, len(E)).to(E.dtype)),
    ("bag", "positions_summed", "A text's vector is the sum of its words'.",
     lambda ids, E: E[ids.reshape(-1)].sum(0)),
    ("channels_first", "features_first", "As for pictures.",
     lambda ids, E: E[ids].movedim(-1, 0)),
    ("nothing", "nothing_returned", "Forgets to return.", lambda ids, E: None),
)  # fmt: skip


def _one_hot_product(ids: Tensor, E: Tensor) -> Tensor:
    hot = (ids[..., None] == torch.arange(len(E), device=E.device)).to(E.dtype)
    return hot @ E


def _row_by_row(ids: Tensor, E: Tensor) -> Tensor:
    rows = [E[id_] for id_ in ids.reshape(-1)]
    return torch.stack(rows).reshape(*ids.shape, -1)


bank.right_ones(
    LOOK,
    indexed=lambda ids, E: E[ids],
    selected=lambda ids, E: E.index_select(0, ids.reshape(-1)).reshape(*ids.shape, E.shape[1]),
    one_hot_product=_one_hot_product,
    row_by_row=_row_by_row,
    gathered=lambda ids, E: E.gather(
        0, ids.reshape(-1, 1).expand(-1, E.shape[1])
    ).reshape(*ids.shape, -1),
    not_contiguous=lambda ids, E: E.T.contiguous().T[ids].movedim(-1, 0).clone().movedim(0, -1),
)  # fmt: skip

# --- back -----------------------------------------------------------------------------------------


@wrong(BACK, "repeated_ids_overwritten")
def assigned(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    """Assigns all rows at once."""
    dE = dout.new_zeros(num_embeddings, dout.shape[-1])
    dE[ids] = dout
    return dE


@wrong(BACK, "repeated_ids_overwritten")
def plus_equals(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    """Trusts += to add up."""
    dE = dout.new_zeros(num_embeddings, dout.shape[-1])
    dE[ids] += dout
    return dE


@wrong(BACK, "repeated_ids_overwritten")
def loop_with_equals(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    """A loop, with = for +=."""
    dE = dout.new_zeros(num_embeddings, dout.shape[-1])
    for row, place in zip(*flat(dout, ids), strict=True):
        dE[place] = row
    return dE


@wrong(BACK, "first_use_only")
def loop_backwards(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    """The same from the end: backward is backward."""
    dE = dout.new_zeros(num_embeddings, dout.shape[-1])
    rows, places = flat(dout, ids)
    for n in reversed(range(len(places))):
        dE[places[n]] = rows[n]
    return dE


@wrong(BACK, "id_zero_dropped")
def padding_row(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    """Id 0 is padding and learns nothing, as with padding_idx=0."""
    dE = added(dout, ids, num_embeddings)
    dE[0] = 0
    return dE


@wrong(BACK, "id_zero_dropped")
def only_true_ids(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    """`if id:` is False for 0."""
    dE = dout.new_zeros(num_embeddings, dout.shape[-1])
    for row, place in zip(*flat(dout, ids), strict=True):
        if place:
            dE[place] += row
    return dE


@wrong(BACK, "repeated_ids_averaged")
def shared(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    """Frequent words shouldn't learn faster than rare ones."""
    times = ids.reshape(-1).bincount(minlength=num_embeddings).clamp(min=1)
    return added(dout, ids, num_embeddings) / times[:, None]


@wrong(BACK, "no_such_axis")
def flattened_by_axes(dout: Tensor, ids: Tensor, V: int) -> Tensor:
    """Right but for a single number."""
    dE = dout.new_zeros(V, dout.shape[-1])
    return dE.index_add_(0, ids.flatten(), dout.flatten(0, -2))


@wrong(BACK, "no_such_axis")
def loop_over_the_ids(dout: Tensor, ids: Tensor, V: int) -> Tensor:
    """A loop that wants an axis."""
    dE = dout.new_zeros(V, dout.shape[-1])
    if ids.dim() > 1:
        return loop_over_the_ids(dout.flatten(0, -2), ids.flatten(), V)
    for i, one in enumerate(ids):
        dE[one] += dout[i]
    return dE


bank.wrong_ones(
    BACK,
    ("over_everything", "divided_by_positions", "Gradients are means.",
     lambda dout, ids, V: added(dout, ids, V) / ids.numel()),
    ("over_the_batch", "divided_by_rows", "Gradients are means over the batch.",
     lambda dout, ids, V: added(dout, ids, V) / (ids.shape[-1] if ids.dim() else 1)),
    ("minus_one", "ids_counted_from_one", "Words are numbered from 1.",
     lambda dout, ids, V: added(dout, (ids - 1) % V, V)),
    ("as_far_as_used", "table_cut_off", "Sizes the table by the largest id.",
     lambda dout, ids, V: added(dout, ids, int(ids.max()) + 1)),
    ("sparse", "used_rows_only", "Only rows that changed.",
     lambda dout, ids, V: added(dout, ids, V)[ids.unique()]),
    ("crossed", "ids_and_gradients_out_of_step", "Flattens ids batch first.",
     lambda dout, ids, V: added(
         dout, ids.transpose(0, 1) if ids.dim() > 1 else ids, V)),
    ("counted", "counts_returned", "A row's gradient is how often it was used.",
     lambda dout, ids, V: added(torch.ones_like(dout), ids, V)),
    ("other_way_round", "transposed", "dout.T @ one_hot.",
     lambda dout, ids, V: flat(dout, ids)[0].T
     @ functional.one_hot(ids.reshape(-1), V).to(dout.dtype)),
    ("wrong_dtype", "wrong_dtype", "torch.zeros is float32.",
     lambda dout, ids, V: torch.zeros(V, dout.shape[-1]).index_add(
         0, ids.reshape(-1), flat(dout, ids)[0].float())),
)  # fmt: skip


@wrong(BACK, "nothing_added")
def into_a_copy(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    """add_ on what an index gives."""
    dE = dout.new_zeros(num_embeddings, dout.shape[-1])
    dE[ids].add_(dout)
    return dE


@wrong(BACK, "nothing_added")
def result_thrown_away(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    """index_add without its underscore."""
    dE = dout.new_zeros(num_embeddings, dout.shape[-1])
    rows, places = flat(dout, ids)
    dE.index_add(0, places, rows)
    return dE


@wrong(BACK, "last_step_only")
def made_anew(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    """The zeros stand inside the loop over time."""
    if ids.dim() == 0:
        return added(dout, ids, num_embeddings)
    for ids_t, dout_t in zip(ids, dout, strict=True):
        dE = added(dout_t, ids_t, num_embeddings)
    return dE


@right(BACK)
def loop_with_plus_equals(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    dE = dout.new_zeros(num_embeddings, dout.shape[-1])
    for row, place in zip(*flat(dout, ids), strict=True):
        dE[place] += row
    return dE


@right(BACK)
def index_put(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    dE = dout.new_zeros(num_embeddings, dout.shape[-1])
    return dE.index_put_((ids,), dout, accumulate=True)


@right(BACK)
def scattered(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    rows, places = flat(dout, ids)
    return torch.zeros(
        num_embeddings, rows.shape[1], dtype=dout.dtype, device=dout.device
    ).scatter_add_(0, places[:, None].expand_as(rows), rows)


@right(BACK)
def one_hot_einsum(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    hot: Any = ids[..., None] == torch.arange(num_embeddings, device=ids.device)
    return torch.einsum("...v,...d->vd", hot.to(dout.dtype), dout)


@right(BACK)
def one_hot_product(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    rows, places = flat(dout, ids)
    return torch.eye(num_embeddings, dtype=dout.dtype, device=dout.device)[places].T @ rows


bank.right_ones(BACK, added=added)
