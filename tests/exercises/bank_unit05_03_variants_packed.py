"""Answers to packed_lstm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params, step
from tests.exercises.bank_unit05_03_variants_parts import Three, cells, layer

bank = Bank()
Packed = Callable[[Tensor, Tensor, Params], Any]


def _zeros(x: Tensor, params: Params) -> Tensor:
    return x.new_zeros(x.shape[1], params["W_f"].shape[0])


def _run(x: Tensor, params: Params) -> tuple[Tensor, Tensor]:
    """h and c over the padding too."""
    return cells(x, _zeros(x, params), _zeros(x, params), params)


def _masked(h: Tensor, lengths: Tensor) -> Tensor:
    steps = torch.arange(len(h), device=h.device)[:, None]
    return h * (steps < lengths)[..., None]


def _at(states: Tensor, steps: Tensor) -> Tensor:
    return states[steps, torch.arange(states.shape[1], device=states.device)]


def right(x: Tensor, lengths: Tensor, params: Params) -> Three:
    h = c = _zeros(x, params)
    seen = []
    for t, x_t in enumerate(x):
        new_h, new_c = step(x_t, h, c, params)
        reading = (t < lengths)[:, None]
        h, c = torch.where(reading, new_h, h), torch.where(reading, new_c, c)
        seen.append(torch.where(reading, new_h, torch.zeros_like(new_h)))
    return torch.stack(seen), h, c


def _then(change: Callable[..., Any]) -> Packed:
    return lambda *a: change(*right(*a))


def _lasts(h_last: Callable[..., Tensor], c_last: Callable[..., Tensor]) -> Packed:
    """h is right; the last states are read from the padded run, (states, lengths)."""

    def answer(x: Tensor, lengths: Tensor, params: Params) -> Any:
        h, c = _run(x, params)
        return _masked(h, lengths), h_last(h, lengths), c_last(c, lengths)

    return answer


def _end(states: Tensor, lengths: Tensor) -> Tensor:
    return _at(states, lengths - 1)


def _not_zeroed(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h, c = _run(x, params)
    return h, _end(h, lengths), _end(c, lengths)


def _held(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h = c = _zeros(x, params)
    seen = []
    for t, x_t in enumerate(x):
        new_h, new_c = step(x_t, h, c, params)
        reading = (t < lengths)[:, None]
        h, c = torch.where(reading, new_h, h), torch.where(reading, new_c, c)
        seen.append(h)
    return torch.stack(seen), h, c


def _last_of_masked(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h, c = _run(x, params)
    h = _masked(h, lengths)
    return h, h[-1], _end(c, lengths)


def _last_of_both(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h, c = _run(x, params)
    h = _masked(h, lengths)
    return h, h[-1], c[-1]


def _states_masked(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h = c = _zeros(x, params)
    seen = []
    for t, x_t in enumerate(x):
        h, c = step(x_t, h, c, params)
        reading = (t < lengths)[:, None]
        h, c = h * reading, c * reading
        seen.append(h)
    return torch.stack(seen), h, c


def _input_masked(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h, c = _run(_masked(x, lengths), params)
    return h, h[-1], c[-1]


def _input_and_output_masked(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h, c = _run(_masked(x, lengths), params)
    return _masked(h, lengths), h[-1], c[-1]


def _at_most(x: Tensor, lengths: Tensor, params: Params) -> Any:
    return right(x, (lengths + 1).clamp(max=len(x)), params)


def _sorted(x: Tensor, lengths: Tensor, params: Params) -> Any:
    order = lengths.argsort(descending=True, stable=True)
    return right(x[:, order], lengths[order], params)


def _lasts_sorted(x: Tensor, lengths: Tensor, params: Params) -> Any:
    order = lengths.argsort(descending=True, stable=True)
    h, h_last, c_last = right(x[:, order], lengths[order], params)
    return h[:, order.argsort()], h_last, c_last


def _sorted_twice(x: Tensor, lengths: Tensor, params: Params) -> Any:
    order = lengths.argsort(descending=True, stable=True)
    h, h_last, c_last = right(x[:, order], lengths[order], params)
    return h[:, order], h_last[order], c_last[order]


def _lengths_sorted(x: Tensor, lengths: Tensor, params: Params) -> Any:
    return right(x, lengths.sort(descending=True).values, params)


def _cut(x: Tensor, lengths: Tensor, params: Params) -> Any:
    return right(x[: int(lengths.max())], lengths, params)


def _joined(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h, h_last, c_last = right(x, lengths, params)
    read = torch.arange(len(x), device=x.device)[:, None] < lengths
    return h[read], h_last, c_last


def _with_nan(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h, h_last, c_last = right(x, lengths, params)
    past = torch.arange(len(x), device=x.device)[:, None] >= lengths
    return h.masked_fill(past[..., None], float("nan")), h_last, c_last


def _lengths_counted_down(x: Tensor, lengths: Tensor, params: Params) -> Any:
    left, h, seen = lengths, _zeros(x, params), []
    c = h
    for x_t in x:
        new_h, new_c = step(x_t, h, c, params)
        reading = (left > 0)[:, None]
        h, c = torch.where(reading, new_h, h), torch.where(reading, new_c, c)
        seen.append(new_h * reading)
        left -= 1
    return torch.stack(seen), h, c


def _padding_cleared(x: Tensor, lengths: Tensor, params: Params) -> Any:
    for row, length in enumerate(lengths.tolist()):
        x[length:, row] = 0
    return right(x, lengths, params)


def _from_cpu_zeros(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h = torch.zeros(x.shape[1], len(params["W_f"]), dtype=x.dtype)
    h, c = cells(x, h, h, params)
    return _masked(h, lengths), _end(h, lengths), _end(c, lengths)


def _in_single(x: Tensor, lengths: Tensor, params: Params) -> Any:
    found = right(x.float(), lengths, {k: w.float() for k, w in params.items()})
    return found


def _one_kept(which: str) -> Packed:
    def answer(x: Tensor, lengths: Tensor, params: Params) -> Any:
        h = c = _zeros(x, params)
        seen = []
        for t, x_t in enumerate(x):
            new_h, new_c = step(x_t, h, c, params)
            reading = (t < lengths)[:, None]
            h = torch.where(reading, new_h, h) if which == "h" else new_h
            c = torch.where(reading, new_c, c) if which == "c" else new_c
            seen.append(new_h * reading)
        return torch.stack(seen), h, c

    return answer


bank.wrong_ones(
    "packed_lstm",
    ("lengths_unused", "padding_read", "Runs over everything.",
     lambda x, n, p: (_run(x, p)[0], _run(x, p)[0][-1], _run(x, p)[1][-1])),
    ("both_at_T", "last_of_the_padding", "Masks h, takes the loop's last states.",
     _lasts(lambda s, n: s[-1], lambda s, n: s[-1])),
    ("cell_at_T", "last_of_the_padding", "Gathers h only.", _lasts(_end, lambda s, n: s[-1])),
    ("hidden_at_T", "last_of_the_padding", "Gathers c only.", _lasts(lambda s, n: s[-1], _end)),
    ("not_masked", "hidden_not_zeroed", "Gathers, and forgets the zeros.", _not_zeroed),
    ("frozen", "hidden_held", "Stores the frozen state.", _held),
    ("last_of_masked", "last_row_of_h", "h[-1] after masking.", _last_of_masked),
    ("last_of_both", "last_row_of_h", "h[-1] after masking, c[-1] before.", _last_of_both),
    ("only_h_kept", "cell_goes_on", "where on h, none on c.", _one_kept("h")),
    ("only_c_kept", "hidden_goes_on", "where on c, none on h.", _one_kept("c")),
    ("states_masked", "states_zeroed", "Masks the states in the loop.", _states_masked),
    ("x_masked", "inputs_zeroed", "Zero in, nothing out.", _input_masked),
    ("x_and_h_masked", "inputs_zeroed", "Zero in, zero out.", _input_and_output_masked),
    ("less_or_equal", "one_step_too_many", "t <= lengths.", _at_most),
    ("one_less", "one_step_too_few", "t < lengths - 1.", lambda x, n, p: right(x, n - 1, p)),
    ("gathered_one_late", "last_one_step_late", "states[lengths], clamped.",
     _lasts(*[lambda s, n: _at(s, n.clamp(max=len(s) - 1))] * 2)),
    ("h_gathered_one_late", "last_one_step_late", "states[lengths], clamped, for h alone.",
     _lasts(lambda s, n: _at(s, n.clamp(max=len(s) - 1)), _end)),
    ("gathered_one_early", "last_one_step_early", "states[lengths - 2].",
     _lasts(*[lambda s, n: _at(s, n - 2)] * 2)),
    ("longest_for_all", "one_length_for_all", "max of the lengths.",
     lambda x, n, p: right(x, n.max().expand_as(n), p)),
    ("shortest_for_all", "one_length_for_all", "min of the lengths.",
     lambda x, n, p: right(x, n.min().expand_as(n), p)),
    ("first_for_all", "one_length_for_all", "lengths[0].",
     lambda x, n, p: right(x, n[0].expand_as(n), p)),
    ("last_of_the_longest", "last_of_one_length", "states[max - 1].",
     _lasts(*[lambda s, n: s[int(n.max()) - 1]] * 2)),
    ("sorted_rows", "sorted_order", "Sorts as pack_padded_sequence does.", _sorted),
    ("sorted_lasts", "sorted_order", "Puts only h back.", _lasts_sorted),
    ("sorted_again", "sorted_twice", "Indexes with order again.", _sorted_twice),
    ("sorted_lengths", "lengths_only_sorted", "Sorts the lengths alone.", _lengths_sorted),
    ("cut", "cut_to_the_longest", "As pad_packed_sequence does by default.", _cut),
    ("lasts_swapped", "last_swapped", "c_last before h_last.", _then(lambda h, a, c: (h, c, a))),
    ("hidden_twice", "cell_is_hidden", "h_last twice.", _then(lambda h, a, c: (h, a, a))),
    ("cell_twice", "hidden_is_cell", "c_last twice.", _then(lambda h, a, c: (h, c, c))),
    ("layer_axis", "axis_of_layers", "As nn.LSTM.", _then(lambda h, a, c: (h, a[None], c[None]))),
    ("batch_in_front", "batch_first", "batch_first.",
     _then(lambda h, a, c: (h.transpose(0, 1), a, c))),
    ("without_padding", "steps_joined", "As the packed data.", _joined),
    ("not_a_number", "padding_not_a_number", "Marks the padding.", _with_nan),
    ("lengths_used_up", "input_changed", "left -= 1 on lengths itself.", _lengths_counted_down),
    ("padding_cleared", "input_changed", "Writes zeros into x.", _padding_cleared),
    ("cpu_zeros", "wrong_device", "torch.zeros without a device.", _from_cpu_zeros),
    ("single_precision", "wrong_dtype", "float() for speed.", _in_single),
    ("as_torch_returns", "wrong_type", "h, (h_last, c_last).",
     _then(lambda h, a, c: (h, (a, c)))),
    ("hidden_only", "wrong_type", "h alone.", lambda *a: right(*a)[0]),
)  # fmt: skip


def gathered(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h, c = _run(x, params)
    return _masked(h, lengths), _end(h, lengths), _end(c, lengths)


def row_by_row(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h = x.new_zeros(*x.shape[:2], params["W_f"].shape[0])
    lasts = []
    for n, length in enumerate(lengths.tolist()):
        start = h.new_zeros(1, h.shape[2])
        own, h_n, c_n = layer(x[:length, n : n + 1], start, start, params)
        h[:length, n] = own[:, 0]
        lasts.append((h_n[0], c_n[0]))
    return [h, torch.stack([a for a, _ in lasts]), torch.stack([b for _, b in lasts])]


def sorted_and_put_back(x: Tensor, lengths: Tensor, params: Params) -> Any:
    order = lengths.argsort(descending=True)
    back = order.argsort()
    h, h_last, c_last = right(x[:, order], lengths[order], params)
    return h[:, back], h_last[back], c_last[back]


def with_arithmetic(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h = c = _zeros(x, params)
    seen = []
    for t in range(x.shape[0]):
        keep = (lengths > t).to(x.dtype).unsqueeze(1)
        h_new, c_new = step(x[t], h, c, params)
        h, c = keep * h_new + (1 - keep) * h, keep * c_new + (1 - keep) * c
        seen.append(keep * h_new)
    print("steps", len(seen))
    return torch.stack(seen), h, c


def by_gather(x: Tensor, lengths: Tensor, params: Params) -> Any:
    h, c = _run(x, params)
    index = (lengths - 1)[None, :, None].expand(1, *h.shape[1:])
    past = torch.arange(len(x), device=x.device)[:, None, None] >= lengths[None, :, None]
    return h.masked_fill(past, 0), h.gather(0, index)[0], c.gather(0, index).squeeze(0)


bank.right_ones(
    "packed_lstm",
    with_where=right,
    gathered=gathered,
    row_by_row=row_by_row,
    sorted_and_put_back=sorted_and_put_back,
    with_arithmetic=with_arithmetic,
    by_gather=by_gather,
)
