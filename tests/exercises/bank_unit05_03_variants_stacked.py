"""Answers to stacked_lstm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params, step
from tests.exercises.bank_unit05_03_variants_parts import Three, cells, layer

bank = Bank()
Layers = list[Params]
Stack = Callable[[Tensor, Tensor, Tensor, Layers], Any]


def right(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Three:
    h_last, c_last = [], []
    for h, c, params in zip(h0, c0, layers, strict=True):
        x, h_l, c_l = layer(x, h, c, params)
        h_last.append(h_l)
        c_last.append(c_l)
    return x, torch.stack(h_last), torch.stack(c_last)


def _then(change: Callable[[Tensor, Tensor, Tensor], Any]) -> Stack:
    return lambda *a: change(*right(*a))


def _started(change: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]) -> Stack:
    return lambda x, h0, c0, layers: right(x, *change(h0, c0), layers)


def _all_read_x(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    found = [layer(x, h, c, p) for h, c, p in zip(h0, c0, layers, strict=True)]
    return found[-1][0], torch.stack([f[1] for f in found]), torch.stack([f[2] for f in found])


def _cells_read(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    hs, cs = [], []
    for h, c, params in zip(h0, c0, layers, strict=True):
        h_all, x = cells(x, h, c, params)
        hs.append(h_all[-1])
        cs.append(x[-1])
    return h_all, torch.stack(hs), torch.stack(cs)


def _handed_up(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    h, c, hs, cs = h0[0], c0[0], [], []
    for params in layers:
        x, h, c = layer(x, h, c, params)
        hs.append(h)
        cs.append(c)
    return x, torch.stack(hs), torch.stack(cs)


def _old_states_read(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    h, c, seen = list(h0), list(c0), []
    for x_t in x:
        below = [x_t, *h[:-1]]  # taken before this step has changed any h
        for level, params in enumerate(layers):
            h[level], c[level] = step(below[level], h[level], c[level], params)
        seen.append(h[-1])
    return torch.stack(seen), torch.stack(h), torch.stack(c)


def _returned_too_early(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    hs, cs = [], []
    for h, c, params in zip(h0, c0, layers, strict=True):
        x, h, c = layer(x, h, c, params)
        hs.append(h)
        cs.append(c)
        return x, torch.stack(hs), torch.stack(cs)


def _levels(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> list[Tensor]:
    found = []
    for h, c, params in zip(h0, c0, layers, strict=True):
        x = layer(x, h, c, params)[0]
        found.append(x)
    return found


def _no_carry(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    seen = []
    for h_t in x:
        hs, cs = [], []
        for h, c, params in zip(h0, c0, layers, strict=True):
            h_t, new_c = step(h_t, h, c, params)
            hs.append(h_t)
            cs.append(new_c)
        seen.append(h_t)
    return torch.stack(seen), torch.stack(hs), torch.stack(cs)


def _into_h0(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    for number, params in enumerate(layers):
        x, h0[number], c0[number] = layer(x, h0[number], c0[number], params)
    return x, h0, c0


def _popped(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    found, number = [], 0
    while layers:
        x, *last = layer(x, h0[number], c0[number], layers.pop(0))
        found.append(last)
        number += 1
    return x, torch.stack([f[0] for f in found]), torch.stack([f[1] for f in found])


def _cpu_buffer(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    last = torch.zeros(2, *h0.shape, dtype=x.dtype)
    for number, params in enumerate(layers):
        x, last[0, number], last[1, number] = layer(x, h0[number], c0[number], params)
    return x, last[0], last[1]


bank.wrong_ones(
    "stacked_lstm",
    ("x_for_all", "every_layer_reads_x", "Forgets to hand h on.", _all_read_x),
    ("cells_upwards", "cells_read_by_the_layer_above", "Hands on the memory.", _cells_read),
    ("old_states", "layer_below_read_late", "Time outside, layers inside, the states of before.",
     _old_states_read),
    ("row_zero", "one_start_for_all_layers", "h0[0] and c0[0] for all.",
     _started(lambda h, c: (h[:1].expand_as(h), c[:1].expand_as(c)))),
    ("hidden_row_zero", "one_start_for_all_layers", "h0[0] for all.",
     _started(lambda h, c: (h[:1].expand_as(h), c))),
    ("cell_row_zero", "one_start_for_all_layers", "c0[0] for all.",
     _started(lambda h, c: (h, c[:1].expand_as(c)))),
    ("top_down_starts", "starts_in_reverse", "pop() takes from the end.",
     _started(lambda h, c: (h.flip(0), c.flip(0)))),
    ("h0_and_c0", "initial_states_swapped", "Two arguments crossed.",
     _started(lambda h, c: (c, h))),
    ("from_zeros", "initial_states_ignored", "Each layer starts from zeros.",
     _started(lambda h, c: (torch.zeros_like(h), torch.zeros_like(c)))),
    ("upper_from_zeros", "upper_layers_start_from_zeros", "h0 is for the first layer.",
     _started(lambda h, c: (
         torch.cat([h[:1], 0 * h[1:]]), torch.cat([c[:1], 0 * c[1:]])))),
    ("hidden_from_zeros", "initial_hidden_ignored", "h from zeros.",
     _started(lambda h, c: (torch.zeros_like(h), c))),
    ("cell_from_zeros", "initial_cell_ignored", "c from zeros.",
     _started(lambda h, c: (h, torch.zeros_like(c)))),
    ("handed_up", "states_passed_upwards", "One pair h, c for all layers.", _handed_up),
    ("no_carry", "states_not_carried", "Layers inside, time outside, states forgotten.", _no_carry),
    ("top_down", "layers_in_reverse", "Starts with the last layer.",
     lambda x, h0, c0, layers: right(x, h0, c0, layers[::-1])),
    *((f"fused_{order}", "fused_in_another_order", "fuse in another order of the letters.",
       lambda x, h0, c0, layers, order=order: right(x, h0, c0, [
           {f"{k}_{g}": p[f"{k}_{o}"] for k in "UW" for g, o in zip("ifco", order, strict=True)}
           for p in layers])) for order in ("fico", "fcio", "ifoc")),
    ("layer_zero_again", "one_weight_for_all_layers", "layers[0] in the loop.",
     lambda x, h0, c0, layers: right(x, h0, c0, [layers[0]] * len(layers))),
    ("return_in_the_loop", "first_layer_only", "The return is indented too far.",
     _returned_too_early),
    ("bottom_returned", "top_layer_missing", "Keeps the first h.",
     lambda *a: (_levels(*a)[0], *right(*a)[1:])),
    ("all_stacked", "all_layers_returned", "Stacks every layer's h.",
     lambda *a: (torch.stack(_levels(*a)), *right(*a)[1:])),
    ("all_side_by_side", "all_layers_returned", "Joins every layer's h.",
     lambda *a: (torch.cat(_levels(*a), -1), *right(*a)[1:])),
    ("all_added", "all_layers_added", "Adds every layer's h.",
     lambda *a: (sum(_levels(*a)), *right(*a)[1:])),
    ("top_last", "last_of_top_layer_only", "h[-1] and its cell.",
     _then(lambda h, hs, cs: (h, hs[-1], cs[-1]))),
    ("top_last_with_axis", "last_of_top_layer_only", "h[-1:] and its cell.",
     _then(lambda h, hs, cs: (h, hs[-1:], cs[-1:]))),
    ("top_first", "last_in_reverse", "Inserts at the front.",
     _then(lambda h, hs, cs: (h, hs.flip(0), cs.flip(0)))),
    ("last_two_swapped", "last_swapped", "c_last before h_last.",
     _then(lambda h, hs, cs: (h, cs, hs))),
    ("hidden_twice", "cell_is_hidden", "h_last twice.", _then(lambda h, hs, cs: (h, hs, hs))),
    ("cell_twice", "hidden_is_cell", "c_last twice.", _then(lambda h, hs, cs: (h, cs, cs))),
    ("starts_returned", "initial_returned_as_last", "Returns h0 and c0.",
     lambda x, h0, c0, layers: (right(x, h0, c0, layers)[0], h0, c0)),
    ("first_step", "first_step_as_last", "h[0] for h[-1].",
     lambda x, h0, c0, layers: (right(x, h0, c0, layers)[0], *right(x[:1], h0, c0, layers)[1:])),
    ("stacked_inside", "layers_stacked_inside", "stack(…, 1).",
     _then(lambda h, hs, cs: (h, hs.transpose(0, 1), cs.transpose(0, 1)))),
    ("concatenated", "layers_concatenated", "cat for stack.",
     _then(lambda h, hs, cs: (h, torch.cat(list(hs)), torch.cat(list(cs))))),
    ("one_step", "last_step_only", "Only h[-1].", _then(lambda h, hs, cs: (h[-1], hs, cs))),
    ("batch_in_front", "batch_first", "batch_first=True by habit.",
     _then(lambda h, hs, cs: (h.transpose(0, 1), hs, cs))),
    ("time_backwards", "outputs_reversed", "Inserts at the front.",
     _then(lambda h, hs, cs: (h.flip(0), hs, cs))),
    ("written_into_h0", "input_changed", "Uses h0 and c0 as the place for the last states.",
     _into_h0),
    ("layers_popped", "input_changed", "Empties the list.", _popped),
    ("cpu_buffer", "wrong_device", "torch.zeros without a device.", _cpu_buffer),
    ("as_torch_returns", "wrong_type", "h, (h_last, c_last).",
     _then(lambda h, hs, cs: (h, (hs, cs)))),
    ("lists_returned", "wrong_type", "Forgets to stack.",
     _then(lambda h, hs, cs: (h, list(hs), list(cs)))),
)  # fmt: skip


def time_outside(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    h, c, seen = list(h0), list(c0), []
    for below in x:
        given = below
        for number, params in enumerate(layers):
            h[number], c[number] = step(given, h[number], c[number], params)
            given = h[number]
        seen.append(given)
    return [torch.stack(seen), torch.stack(h), torch.stack(c)]


def recursive(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    h, h_l, c_l = layer(x, h0[0], c0[0], layers[0])
    if len(layers) == 1:
        return h, h_l[None], c_l[None]
    top, h_rest, c_rest = recursive(h, h0[1:], c0[1:], layers[1:])
    return top, torch.cat([h_l[None], h_rest]), torch.cat([c_l[None], c_rest])


def with_buffers(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    h_last, c_last = torch.empty_like(h0), torch.empty_like(c0)
    for number in range(len(layers)):
        x, h_last[number], c_last[number] = layer(x, h0[number], c0[number], layers[number])
    return x, h_last, c_last


def other_strides(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
    h, hs, cs = right(x, h0, c0, layers)
    print("layers:", len(layers))
    return h.transpose(0, 1).contiguous().transpose(0, 1), hs.clone(), cs


bank.right_ones(
    "stacked_lstm",
    layer_by_layer=right,
    time_outside=time_outside,
    recursive=recursive,
    with_buffers=with_buffers,
    other_strides=other_strides,
)
