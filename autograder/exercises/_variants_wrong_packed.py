"""Known wrong answers of the LSTM over sequences of unequal length, as perturbations of PyTorch's.

PyTorch's LSTM is run over the whole padded batch, (T, N, H), and read in the wrong places; or it is
run over the right lengths and what comes back is rearranged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._lstm import Params, torch_cell
from autograder.exercises._lstm_wrong_layer import torch_layer
from autograder.exercises._variants import Three, torch_packed

Answer = Callable[[Tensor, Tensor, Params], Any]


def _padded(x: Tensor, params: Params) -> tuple[Tensor, Tensor]:
    """PyTorch's h and c (T, N, H) over the padding too, from zeros."""
    zeros = x.new_zeros(x.shape[1], len(params["W_f"]))
    return torch_layer(x, zeros, zeros, params)


def _past(x: Tensor, lengths: Tensor) -> Tensor:
    """(T, N, 1), True in the padding."""
    return (torch.arange(len(x))[:, None] >= lengths)[..., None]


def _at(states: Tensor, steps: Tensor) -> Tensor:
    """states[steps[n], n] for every row n; raises IndexError past the end, as indexing does."""
    return states[steps, torch.arange(states.shape[1])]


Last = Callable[[Tensor, Tensor], Tensor]


def _lasts(hidden: Last, cell: Last) -> Answer:
    """The right h; h_last and c_last are read from the padded run by `last(states, lengths)`."""

    def answer(x: Tensor, lengths: Tensor, params: Params) -> Three:
        h, c = _padded(x, params)
        right = torch_packed(x, lengths, params)[0]
        return right, hidden(h, lengths), cell(c, lengths)

    return answer


def _right_end(states: Tensor, lengths: Tensor) -> Tensor:
    return _at(states, lengths - 1)


def _clamped(states: Tensor, lengths: Tensor) -> Tensor:
    return _at(states, lengths.clamp(max=len(states) - 1))


def _whole(states: Tensor, lengths: Tensor) -> Tensor:
    return states[-1]


def _then(change: Callable[[Tensor, Tensor, Tensor], Any]) -> Answer:
    return lambda *a: change(*torch_packed(*a))


def _of_lengths(change: Callable[[Tensor, int], Tensor]) -> Answer:
    """Right for other lengths."""
    return lambda x, lengths, p: torch_packed(x, change(lengths, len(x)), p)


def _one_step_short(x: Tensor, lengths: Tensor, params: Params) -> Three:
    """Right for lengths smaller by one; a row of length 0 leaves zeros."""
    shorter = lengths - 1
    h, h_last, c_last = torch_packed(x, shorter.clamp(min=1), params)
    empty = (shorter == 0)[:, None]
    return h.masked_fill(empty, 0), h_last.masked_fill(empty, 0), c_last.masked_fill(empty, 0)


def _not_zeroed(x: Tensor, lengths: Tensor, params: Params) -> Three:
    _, h_last, c_last = torch_packed(x, lengths, params)
    return _padded(x, params)[0], h_last, c_last


def _held(x: Tensor, lengths: Tensor, params: Params) -> Three:
    """The h past the end repeats the last state."""
    h, h_last, c_last = torch_packed(x, lengths, params)
    return torch.where(_past(x, lengths), h_last, h), h_last, c_last


def _padding_ignored(x: Tensor, lengths: Tensor, params: Params) -> Three:
    h, c = _padded(x, params)
    return h, h[-1], c[-1]


def _inputs_zeroed(hidden_too: bool) -> Answer:
    """The padding of x is zeroed and the LSTM runs over it; h is zeroed too, or is not."""

    def answer(x: Tensor, lengths: Tensor, params: Params) -> Three:
        past = _past(x, lengths)
        h, c = _padded(x.masked_fill(past, 0), params)
        return (h.masked_fill(past, 0) if hidden_too else h), h[-1], c[-1]

    return answer


def _states_zeroed(x: Tensor, lengths: Tensor, params: Params) -> Three:
    """Rows that have ended get states of zero."""
    h, h_last, c_last = torch_packed(x, lengths, params)
    ended = (lengths < len(x))[:, None]
    return h, h_last.masked_fill(ended, 0), c_last.masked_fill(ended, 0)


def _one_goes_on(which: str) -> Answer:
    """A row that has ended keeps one of its states; the other (h or c) goes on changing."""

    def answer(x: Tensor, lengths: Tensor, params: Params) -> Three:
        right = torch_packed(x, lengths, params)[0]
        h = c = x.new_zeros(x.shape[1], len(params["W_f"]))
        for x_t, ended in zip(x, _past(x, lengths), strict=True):
            new_h, new_c = torch_cell(x_t, h, c, params)
            h = new_h if which == "h" else torch.where(ended, h, new_h)
            c = new_c if which == "c" else torch.where(ended, c, new_c)
        return right, h, c

    return answer


def _from_h(x: Tensor, lengths: Tensor, params: Params) -> Three:
    """h_last is h's last entry, which is zero where a row has ended."""
    h, _, c_last = torch_packed(x, lengths, params)
    return h, h[-1], c_last


def _from_h_padded_cell(x: Tensor, lengths: Tensor, params: Params) -> Three:
    h = torch_packed(x, lengths, params)[0]
    return h, h[-1], _padded(x, params)[1][-1]


def _sorted(what: str) -> Answer:
    """Rows in order of their lengths, longest first: all three, or the last states only."""

    def answer(x: Tensor, lengths: Tensor, params: Params) -> Three:
        order = lengths.argsort(descending=True, stable=True)
        h, h_last, c_last = torch_packed(x, lengths, params)
        return (h[:, order] if "h" in what else h), h_last[order], c_last[order]

    return answer


def _sorted_once_more(x: Tensor, lengths: Tensor, params: Params) -> Three:
    """The order is applied again in place of its inverse."""
    order = lengths.argsort(descending=True, stable=True)
    h, h_last, c_last = torch_packed(x, lengths, params)
    return h[:, order][:, order], h_last[order][order], c_last[order][order]


def _lengths_only_sorted(x: Tensor, lengths: Tensor, params: Params) -> Three:
    return torch_packed(x, lengths.sort(descending=True).values, params)


def _from_the_end(x: Tensor, lengths: Tensor, params: Params) -> Three:
    """Reads the last steps of each row, as if the padding stood in front."""
    shifted = torch.stack(
        [x[:, n].roll(int(length), 0) for n, length in enumerate(lengths.tolist())], 1
    )
    h, h_last, c_last = torch_packed(shifted, lengths, params)
    return h, h_last, c_last


def _kept(h: Tensor, h_last: Tensor, c_last: Tensor, lengths: Tensor) -> Three:
    return h[: int(lengths.max())], h_last, c_last


def _first_row(states: Tensor, lengths: Tensor) -> Tensor:
    return states[int(lengths[0]) - 1]


def _longest(states: Tensor, lengths: Tensor) -> Tensor:
    return states[int(lengths.max()) - 1]


_LAST = "Row n ends with step lengths[n] - 1; that step's states are its h_last and c_last."
_ZERO = "h[t, n] is 0 for t >= lengths[n]."
_ORDER = "Row n of what you return belongs to row n of x."
PACKED: tuple[Misconception, ...] = tuple(
    Misconception(name, says, look, answer)
    for name, says, look, answer in (
        ("padding_read", "The lengths are not used: the LSTM runs on over the padding.",
         _LAST + " " + _ZERO, _padding_ignored),
        ("last_of_the_padding", "h_last and c_last are those of step T, padding included.", _LAST,
         _lasts(_whole, _whole)),
        ("last_of_the_padding", "c_last is that of step T, padding included.", _LAST,
         _lasts(_right_end, _whole)),
        ("last_of_the_padding", "h_last is that of step T, padding included.", _LAST,
         _lasts(_whole, _right_end)),
        ("hidden_not_zeroed", "h is not zero past the end of a row.", _ZERO, _not_zeroed),
        ("hidden_held", "h repeats a row's last state past its end; it should be 0 there.", _ZERO,
         _held),
        ("cell_goes_on", "A row that has ended keeps its h, but its c goes on changing.",
         "Both states have to be kept.", _one_goes_on("c")),
        ("hidden_goes_on", "A row that has ended keeps its c, but its h goes on changing.",
         "Both states have to be kept.", _one_goes_on("h")),
        ("last_row_of_h", "h_last is h[-1], which is 0 where a row ended earlier.", _LAST, _from_h),
        ("last_row_of_h", "h_last is h[-1], and c_last that of step T.", _LAST,
         _from_h_padded_cell),
        ("states_zeroed", "h_last and c_last are 0 for rows that end before T.", _LAST,
         _states_zeroed),
        ("inputs_zeroed", "The padding is set to zero and then read: the states go on changing.",
         "A step on an input of zeros is still a step. Keep the old states instead.",
         _inputs_zeroed(True)),
        ("inputs_zeroed", "The padding is set to zero and then read: the states go on changing.",
         "A step on an input of zeros is still a step. Keep the old states instead.",
         _inputs_zeroed(False)),
        ("one_step_too_many", "Every row is read one step too far.",
         "Steps count from 0: a row of length 3 has the steps 0, 1 and 2.",
         _of_lengths(lambda lengths, T: (lengths + 1).clamp(max=T))),
        ("one_step_too_few", "Every row is read one step too short.",
         "Steps count from 0: a row of length 3 has the steps 0, 1 and 2.",
         _one_step_short),
        *(("last_one_step_late", "h_last and c_last are those of step lengths[n], one too far.",
           _LAST, _lasts(late, late))
          for late in (_clamped, _at)),
        *(("last_one_step_late", f"{what} is that of step lengths[n], one too far.", _LAST, answer)
          for what, answer in (
              ("h_last", _lasts(_clamped, _right_end)), ("c_last", _lasts(_right_end, _clamped)),
              ("h_last", _lasts(_at, _right_end)), ("c_last", _lasts(_right_end, _at)),
          )),
        ("last_one_step_early", "h_last and c_last are those of step lengths[n] - 2.", _LAST,
         _lasts(*[lambda s, lengths: _at(s, lengths - 2)] * 2)),
        *(("one_length_for_all", f"All rows end with the {what} row.", _LAST, _of_lengths(change))
          for what, change in (
              ("longest", lambda n, T: n.max().expand_as(n)),
              ("shortest", lambda n, T: n.min().expand_as(n)),
              ("first", lambda n, T: n[:1].expand_as(n)),
          )),
        ("last_of_one_length", "All rows' last states are taken at the longest row's end.", _LAST,
         _lasts(_longest, _longest)),
        ("last_of_one_length", "All rows' last states are taken at the first row's end.", _LAST,
         _lasts(_first_row, _first_row)),
        ("sorted_order", "The rows come back sorted by length.", _ORDER, _sorted("h")),
        ("sorted_order", "h_last and c_last come back sorted by length.", _ORDER, _sorted("")),
        ("sorted_twice", "The rows are sorted a second time; they should be put back.",
         "`order.argsort()` is the inverse of an order.", _sorted_once_more),
        ("lengths_only_sorted", "The lengths are sorted and x is not.", _ORDER,
         _lengths_only_sorted),
        ("padding_in_front", "Each row's last steps are read; the padding stands at the end.",
         "Row n is x[:lengths[n], n].", _from_the_end),
        ("cut_to_the_longest", "h ends with the longest row; it should have all T steps.",
         "h is (T, N, H), as x is (T, N, D).",
         lambda x, lengths, p: _kept(*torch_packed(x, lengths, p), lengths)),
        ("last_swapped", "h_last and c_last have changed places.", "Return h, h_last, c_last.",
         _then(lambda h, hl, cl: (h, cl, hl))),
        ("cell_is_hidden", "c_last holds hidden states.", _LAST,
         _then(lambda h, hl, cl: (h, hl, hl))),
        ("hidden_is_cell", "h_last holds cell states.", _LAST,
         _then(lambda h, hl, cl: (h, cl, cl))),
        ("axis_of_layers", "h_last and c_last are (1, N, H); here they are (N, H).",
         "PyTorch keeps an axis for the layers. There is one layer here, and no such axis.",
         _then(lambda h, hl, cl: (h, hl[None], cl[None]))),
        ("batch_first", "h is (N, T, H); sequences are time-major: (T, N, H).",
         "`torch.stack(states)` makes the new axis in front: time.",
         _then(lambda h, hl, cl: (h.transpose(0, 1), hl, cl))),
        ("steps_joined", "The rows' steps stand one after the other, without padding.",
         "h is (T, N, H); past each length it holds zeros.",
         lambda x, lengths, p: (
             torch_packed(x, lengths, p)[0][~_past(x, lengths)[..., 0]],
             *torch_packed(x, lengths, p)[1:],
         )),
        ("padding_not_a_number", "h is NaN past the end of a row; it should be 0 there.", _ZERO,
         lambda x, lengths, p: (
             torch_packed(x, lengths, p)[0].masked_fill(_past(x, lengths), torch.nan),
             *torch_packed(x, lengths, p)[1:],
         )),
    )
)  # fmt: skip
