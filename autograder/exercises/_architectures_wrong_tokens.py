"""PyTorch's embedding, its gradient and each row's own last state; and known wrong answers."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception, Sizes
from autograder.checking.values import Inputs
from autograder.exercises._architectures import draw_ids, draw_normal, draw_row_lengths, own_last


def _ids_of(sizes: Sizes, g: torch.Generator) -> Tensor:
    """Ids of the axes that a case has: (T, N), (K, T, N), (N,) or none.

    With the flag `spare` the last row of the table is never asked for.
    """
    shape = [sizes[axis] for axis in "KTN" if axis in sizes]
    return draw_ids(sizes["V"] - sizes.get("spare", 0), shape, g)


def draw_lookup(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draw ids, E (V, D)."""
    return {"ids": _ids_of(sizes, g), "E": draw_normal(g, sizes["V"], sizes["D"])}


def draw_lookup_back(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draw dout (..., D), ids, num_embeddings."""
    ids = _ids_of(sizes, g)
    return {
        "dout": draw_normal(g, *ids.shape, sizes["D"]),
        "ids": ids,
        "num_embeddings": sizes["V"],
    }


def draw_states(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draw h (T, N, H), lengths (N,)."""
    h = draw_normal(g, sizes["T"], sizes["N"], sizes["H"])
    return {"h": h, "lengths": draw_row_lengths(sizes, g)}


# --- looking up -----------------------------------------------------------------------------------


def torch_embedding(ids: Tensor, E: Tensor) -> Tensor:
    """`torch.nn.functional.embedding`."""
    return functional.embedding(ids, E)


def _turned(out: Tensor) -> Tensor:
    """The first two axes of positions exchanged, where there are two."""
    return out.transpose(0, 1) if out.dim() > 2 else out


def _columns(ids: Tensor, E: Tensor) -> Tensor:
    if bool((ids >= E.shape[1]).any()):
        raise IndexError("index out of range")
    return torch.movedim(functional.embedding(ids, E.mT.contiguous()), -1, 0)


def _from_one(ids: Tensor, E: Tensor) -> Tensor:
    return functional.embedding(ids, E.roll(1, 0))


def _without_row_zero(ids: Tensor, E: Tensor) -> Tensor:
    return functional.embedding(ids, torch.cat([torch.zeros_like(E[:1]), E[1:]]))


EMBEDDING: tuple[Misconception, ...] = (
    Misconception(
        "ids_counted_from_one",
        "Id 1 gets the first row of E, and id 0 the last one.",
        "Ids count from 0, as rows do.",
        _from_one,
    ),
    Misconception(
        "id_zero_dropped",
        "Id 0 gets zeros.",
        "Here 0 is an id like any other, with a row of E. Padding is the mask's affair.",
        _without_row_zero,
    ),
    Misconception(
        "columns_for_rows",
        "The ids choose columns of E.",
        "E is (V, D): one row for each id.",
        _columns,
    ),
    Misconception(
        "columns_for_rows",
        "The ids choose columns of E.",
        "E is (V, D): one row for each id.",
        lambda ids, E: torch.movedim(_columns(ids, E), 0, -1),
    ),
    Misconception(
        "time_and_batch_swapped",
        "The positions come back with their axes exchanged.",
        "The shape of ids comes first, as it is; D is added behind it.",
        lambda ids, E: _turned(torch_embedding(ids, E)),
    ),
    Misconception(
        "positions_flattened",
        "All positions lie on one axis.",
        "The shape of ids is kept: ids (T, N) give (T, N, D).",
        lambda ids, E: torch_embedding(ids, E).reshape(-1, E.shape[1]),
    ),
    Misconception(
        "scaled",
        "The rows are multiplied by the square root of D.",
        "Transformers do that. A plain embedding hands the rows out as they are.",
        lambda ids, E: torch_embedding(ids, E) * math.sqrt(E.shape[1]),
    ),
    Misconception(
        "rows_normalised",
        "The rows are scaled to length 1.",
        "A plain embedding hands the rows out as they are.",
        lambda ids, E: functional.normalize(torch_embedding(ids, E), dim=-1),
    ),
    Misconception(
        "one_hot_returned",
        "One-hot vectors of width V come back.",
        "One-hot is half of the way: a product with E is still to come. Or look the row up.",
        lambda ids, E: functional.one_hot(ids, E.shape[0]).to(E.dtype),
    ),
    Misconception(
        "positions_summed",
        "The vectors of all positions are added up.",
        "Every position keeps its own vector.",
        lambda ids, E: torch_embedding(ids, E).reshape(-1, E.shape[1]).sum(0),
    ),
    Misconception(
        "features_first",
        "The feature axis D comes first.",
        "The shape of ids comes first; D is the last axis.",
        lambda ids, E: torch.movedim(torch_embedding(ids, E), -1, 0),
    ),
)

# --- and back -------------------------------------------------------------------------------------


def torch_embedding_backward(dout: Tensor, ids: Tensor, num_embeddings: int) -> Tensor:
    """Autograd's gradient (num_embeddings, D) of the table."""
    return _autograd(dout, ids, num_embeddings)


def _autograd(dout: Tensor, ids: Tensor, V: int, *, pad: int | None = None,
              share: bool = False) -> Tensor:  # fmt: skip
    E = dout.new_zeros(V, dout.shape[-1], requires_grad=True)
    out = functional.embedding(ids, E, pad, scale_grad_by_freq=share)
    return torch.autograd.grad(out, E, dout)[0]


def _only(keep: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor, int], Tensor]:
    """The gradient where only some positions of the flattened ids are seen."""

    def answer(dout: Tensor, ids: Tensor, V: int) -> Tensor:
        kept = keep(ids.reshape(-1))
        return _autograd(dout.reshape(-1, dout.shape[-1]) * kept[:, None], ids.reshape(-1), V)

    return answer


def _last_use(ids: Tensor) -> Tensor:
    return torch.tensor([bool((ids[n + 1 :] != one).all()) for n, one in enumerate(ids)])


def _last_slice(dout: Tensor, ids: Tensor, V: int) -> Tensor:
    return _autograd(dout[-1:], ids[-1:], V) if ids.dim() else _autograd(dout, ids, V)


def _cut_off(dout: Tensor, ids: Tensor, V: int) -> Tensor:
    return _autograd(dout, ids, V)[: int(ids.max()) + 1]


def _used_rows(dout: Tensor, ids: Tensor, V: int) -> Tensor:
    return _autograd(dout, ids, V)[ids.unique()]


def _out_of_step(dout: Tensor, ids: Tensor, V: int) -> Tensor:
    crossed = ids.transpose(0, 1).reshape(ids.shape) if ids.dim() > 1 else ids
    return _autograd(dout, crossed, V)


EMBEDDING_BACKWARD: tuple[Misconception, ...] = (
    Misconception(
        "repeated_ids_overwritten",
        "An id that occurs several times keeps only the gradient of its last occurrence.",
        "All occurrences count. Assigning, and `+=` with ids that repeat, write each row once.",
        _only(_last_use),
    ),
    Misconception(
        "first_use_only",
        "An id that occurs several times keeps only the gradient of its first occurrence.",
        "All occurrences count: add them up.",
        _only(lambda ids: _last_use(ids.flip(0)).flip(0)),
    ),
    Misconception(
        "id_zero_dropped",
        "The row of id 0 gets no gradient.",
        "Here 0 is an id like any other. What is padding is the mask's affair, not the id's.",
        lambda dout, ids, V: _autograd(dout, ids, V, pad=0),
    ),
    Misconception(
        "repeated_ids_averaged",
        "The gradients of an id that occurs several times are averaged.",
        "Each occurrence adds its share to the loss, so the shares are added.",
        lambda dout, ids, V: _autograd(dout, ids, V, share=True),
    ),
    Misconception(
        "divided_by_positions",
        "The gradient is divided by the number of positions.",
        "If the loss was a mean, dout has been divided already.",
        lambda dout, ids, V: _autograd(dout, ids, V) / ids.numel(),
    ),
    Misconception(
        "divided_by_rows",
        "The gradient is divided by the size of the last axis of ids.",
        "If the loss was a mean, dout has been divided already.",
        lambda dout, ids, V: _autograd(dout, ids, V) / (ids.shape[-1] if ids.dim() else 1),
    ),
    Misconception(
        "ids_counted_from_one",
        "Each gradient lands one row too early, and that of id 0 in the last row.",
        "Ids count from 0, as rows do.",
        lambda dout, ids, V: _autograd(dout, ids, V).roll(-1, 0),
    ),
    Misconception(
        "table_cut_off",
        "The table ends at the largest id that occurs.",
        "E has num_embeddings rows; those that were not used have a gradient too: zero.",
        _cut_off,
    ),
    Misconception(
        "used_rows_only",
        "Only the rows that were used come back.",
        "dE is as large as E; rows that were not used have gradient zero.",
        _used_rows,
    ),
    Misconception(
        "ids_and_gradients_out_of_step",
        "The gradients are paired with the wrong ids.",
        "Flatten ids and dout in the same order, the last axis of dout left alone.",
        _out_of_step,
    ),
    Misconception(
        "last_step_only",
        "Only the last step's ids get their gradient.",
        "Every position of ids was looked up. Is something overwritten in a loop over time?",
        _last_slice,
    ),
    Misconception(
        "counts_returned",
        "Every row holds how often its id occurs.",
        "How often is not enough: add up the gradients that arrived at those positions.",
        lambda dout, ids, V: _autograd(torch.ones_like(dout), ids, V),
    ),
    Misconception(
        "nothing_added",
        "The table comes back as zeros.",
        "`dE[ids]` is a copy, and a function without `_` at its end returns a new tensor: keep it.",
        lambda dout, ids, V: dout.new_zeros(V, dout.shape[-1]),
    ),
    Misconception(
        "nothing_added",
        "The table comes back as zeros, but for a single id without an axis.",
        "`dE[ids]` is a copy where ids has an axis: what is added to it is lost.",
        lambda dout, ids, V: _autograd(dout, ids, V) * (ids.dim() == 0),
    ),
    Misconception(
        "transposed",
        "The gradient is (D, V).",
        "dE has the shape of E: (num_embeddings, D).",
        lambda dout, ids, V: _autograd(dout, ids, V).mT,
    ),
)

# --- each row's own last state --------------------------------------------------------------------


def torch_last_hidden(h: Tensor, lengths: Tensor) -> Tensor:
    """Each row (N, H) at its own last step, as PyTorch unpads a batch."""
    return own_last(h, lengths)


def at_own_step(h: Tensor, steps: Tensor) -> Tensor:
    """Each row of h (T, N, ...) at its own step; raises IndexError where there is none."""
    return h[steps, torch.arange(len(steps))]


def sorted_order(rows: Tensor, lengths: Tensor) -> Tensor:
    """Rows in the order in which they would be packed: the longest first."""
    return rows[torch.sort(lengths, descending=True, stable=True).indices]


def _reduced(reduce: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """What `reduce` makes of each row's own steps (length, H)."""

    def answer(h: Tensor, lengths: Tensor) -> Tensor:
        rows = torch.nn.utils.rnn.unpad_sequence(h.clone(), lengths)
        return torch.stack([reduce(row) for row in rows])

    return answer


_OWN = "Row n is read at its own last step, whatever the others do."
Last = Callable[[Tensor, Tensor], Tensor]
#: Ways to go to the wrong step; they serve `many_to_one`, too.
WRONG_STEPS: tuple[tuple[str, str, str, Last], ...] = (
    ("last_column", "Every row is read at the last step of the padded batch.", _OWN,
     lambda h, lengths: h[-1]),
    ("longest_length_for_all", "Every row is read at the last step of the longest row.", _OWN,
     lambda h, lengths: h[int(lengths.max()) - 1]),
    ("shortest_length_for_all", "Every row is read at the last step of the shortest row.", _OWN,
     lambda h, lengths: h[int(lengths.min()) - 1]),
    ("first_step", "Every row is read at the first step.", _OWN, lambda h, lengths: h[0]),
    ("off_by_one", "Each row is read one step past its end, in the padding or beyond it.",
     "Steps count from 0: which one is the last of a row of length 3?", at_own_step),
    ("off_by_one", "Each row is read one step past its end, the longest ones at the last step.",
     "Steps count from 0: which one is the last of a row of length 3?",
     lambda h, lengths: at_own_step(h, lengths.clamp(max=len(h) - 1))),
    ("one_step_early", "Each row is read one step before its last.",
     "Steps count from 0: which one is the last of a row of length 3?",
     lambda h, lengths: at_own_step(h, lengths - 2)),
    ("negative_index", "The steps are counted from the end of the padded batch.",
     "A negative index starts at the end, where the padding is. A row starts at step 0.",
     lambda h, lengths: at_own_step(h, -lengths)),
    ("rows_in_sorted_order", "The rows come back in order of their lengths.",
     "If you sorted the rows, put them back: row n of the answer is row n of the batch.",
     lambda h, lengths: sorted_order(own_last(h, lengths), lengths)),
    ("averaged", "Each row's states are averaged over its steps.",
     "One state is asked for: the one after the row's last step.", _reduced(lambda r: r.mean(0))),
    ("summed", "Each row's states are added up over its steps.",
     "One state is asked for: the one after the row's last step.", _reduced(lambda r: r.sum(0))),
    ("averaged_over_the_padding_too", "The states of all steps are averaged, padding included.",
     "One state is asked for: the one after the row's last step.", lambda h, lengths: h.mean(0)),
)  # fmt: skip

LAST_HIDDEN: tuple[Misconception, ...] = (
    *(Misconception(*row) for row in WRONG_STEPS),
    Misconception(
        "largest_over_time",
        "The largest value of every unit over a row's steps comes back.",
        "One state is asked for: the one after the row's last step.",
        _reduced(lambda r: r.amax(0)),
    ),
    Misconception(
        "every_pair",
        "Every length is combined with every row: one axis too many.",
        "Each length belongs to one row. Index time and batch together, a pair for each row.",
        lambda h, lengths: h[lengths - 1],
    ),
    Misconception(
        "batch_first",
        "h is read as if the batch came first.",
        "Sequences are time-major here: h[t, n].",
        lambda h, lengths: h[torch.arange(len(lengths)), lengths - 1],
    ),
    Misconception(
        "time_axis_kept",
        "A time axis of size 1 is still there.",
        "What is asked for is (N, H).",
        lambda h, lengths: own_last(h, lengths)[None],
    ),
)
