"""Known wrong answers of the stacked and the bidirectional LSTM, as perturbations of PyTorch's."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._lstm import Params
from autograder.exercises._lstm_wrong_layer import torch_layer
from autograder.exercises._variants import Three, torch_bidirectional, torch_stacked

Layers = Sequence[Params]
Stacked = Callable[[Tensor, Tensor, Tensor, Layers], Any]
Directions = Callable[[Tensor, Tensor, Tensor, Params, Params], Any]

# --- stacked ----------------------------------------------------------------------------------


def _given(change: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]) -> Stacked:
    """PyTorch's layers, started from `change(h0, c0)`."""
    return lambda x, h0, c0, layers: torch_stacked(x, *change(h0, c0), layers)


def _then(change: Callable[[Tensor, Tensor, Tensor], Any]) -> Stacked:
    """PyTorch's three results, changed afterwards."""
    return lambda x, h0, c0, layers: change(*torch_stacked(x, h0, c0, layers))


def _repeated(states: Tensor) -> Tensor:
    return states[:1].expand_as(states).contiguous()


def _first_only(states: Tensor) -> Tensor:
    return torch.cat([states[:1], torch.zeros_like(states[1:])])


def _one_by_one(
    x: Tensor, h0: Tensor, c0: Tensor, layers: Layers, reads: Callable[[Tensor, Three], Tensor]
) -> list[Three]:
    """Each layer by itself; what the next one reads is reads(x, results of the one below)."""
    found, given = [], x
    for level, params in enumerate(layers):
        own = slice(level, level + 1)
        found.append(torch_stacked(given, h0[own], c0[own], [params]))
        given = reads(x, found[-1])
    return found


def _reading(reads: Callable[[Tensor, Three], Tensor]) -> Stacked:
    def answer(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Three:
        found = _one_by_one(x, h0, c0, layers, reads)
        h_last, c_last = (torch.cat([one[k] for one in found]) for k in (1, 2))
        return found[-1][0], h_last, c_last

    return answer


def _cells_below(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Three:
    """Each layer reads the cell states of the one below."""
    given, hs, cs = x, [], []
    for level, params in enumerate(layers):
        h, c = torch_layer(given, h0[level], c0[level], params)
        hs.append(h[-1])
        cs.append(c[-1])
        given = c
    return h, torch.stack(hs), torch.stack(cs)


def _read_late(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Three:
    """Each layer reads what the one below said a step ago; at the first step, its h0."""
    given, hs, cs = x, [], []
    for level, params in enumerate(layers):
        own = slice(level, level + 1)
        h, h_last, c_last = torch_stacked(given, h0[own], c0[own], [params])
        given = torch.cat([h0[own], h[:-1]])
        hs.append(h_last)
        cs.append(c_last)
    return h, torch.cat(hs), torch.cat(cs)


def _all_levels(join: Callable[[list[Tensor]], Any]) -> Stacked:
    """The hidden states of all layers, joined."""

    def answer(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Any:
        found = _one_by_one(x, h0, c0, layers, lambda _, below: below[0])
        h_last, c_last = (torch.cat([one[k] for one in found]) for k in (1, 2))
        return join([one[0] for one in found]), h_last, c_last

    return answer


def _passed_upwards(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Three:
    """Each layer starts from the states the one below ended with."""
    h, c, given, hs, cs = h0[:1], c0[:1], x, [], []
    for params in layers:
        given, h, c = torch_stacked(given, h, c, [params])
        hs.append(h)
        cs.append(c)
    return given, torch.cat(hs), torch.cat(cs)


def _fused_as(order: str) -> Stacked:
    """Blocks that stand in `order` are read as i, f, c, o."""

    def answer(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Three:
        read = [
            {f"{k}_{gate}": params[f"{k}_{there}"] for k in "UW"
             for gate, there in zip("ifco", order, strict=True)}
            for params in layers
        ]  # fmt: skip
        return torch_stacked(x, h0, c0, read)

    return answer


def _first_states(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Three:
    """h_last and c_last of the first step."""
    h = torch_stacked(x, h0, c0, layers)[0]
    _, h_first, c_first = torch_stacked(x[:1], h0, c0, layers)
    return h, h_first, c_first


def _not_carried(x: Tensor, h0: Tensor, c0: Tensor, layers: Layers) -> Three:
    """Each step starts from h0 and c0."""
    steps = [torch_stacked(x_t[None], h0, c0, layers) for x_t in x]
    return torch.cat([step[0] for step in steps]), steps[-1][1], steps[-1][2]


_STARTS = "Layer l starts from h0[l] and c0[l], (N, H) each."
_ENDS = "h_last and c_last hold the last step's states of every layer: (L, N, H)."
_READS = "The lowest layer reads x; each layer above reads the hidden states of the one below."
STACKED: tuple[Misconception, ...] = tuple(
    Misconception(name, says, look, answer)
    for name, says, look, answer in (
        ("every_layer_reads_x", "Every layer reads x.", _READS, _reading(lambda x, below: x)),
        ("cells_read_by_the_layer_above", "The layers above read the cell states of those below.",
         _READS, _cells_below),
        ("layer_below_read_late", "The layers above read the layer below as it was a step ago.",
         "Within a step go upwards: layer 1 reads the h that layer 0 has just made.", _read_late),
        ("residual_added", "Each layer's input is added to its output.", _READS,
         _reading(lambda x, below: below[0] + x)),
        ("one_start_for_all_layers", "All layers start from h0[0] and c0[0].", _STARTS,
         _given(lambda h0, c0: (_repeated(h0), _repeated(c0)))),
        ("one_start_for_all_layers", "All layers start from h0[0].", _STARTS,
         _given(lambda h0, c0: (_repeated(h0), c0))),
        ("one_start_for_all_layers", "All layers start from c0[0].", _STARTS,
         _given(lambda h0, c0: (h0, _repeated(c0)))),
        ("starts_in_reverse", "The layers take h0 and c0 from the top down.", _STARTS,
         _given(lambda h0, c0: (h0.flip(0), c0.flip(0)))),
        ("initial_states_swapped", "h0 and c0 have changed places.", _STARTS,
         _given(lambda h0, c0: (c0, h0))),
        ("initial_states_ignored", "h0 and c0 are ignored: the layers start from zeros.", _STARTS,
         _given(lambda h0, c0: (torch.zeros_like(h0), torch.zeros_like(c0)))),
        ("upper_layers_start_from_zeros", "All layers but the first start from zeros.", _STARTS,
         _given(lambda h0, c0: (_first_only(h0), _first_only(c0)))),
        ("initial_hidden_ignored", "h0 is ignored.", _STARTS,
         _given(lambda h0, c0: (torch.zeros_like(h0), c0))),
        ("initial_cell_ignored", "c0 is ignored.", _STARTS,
         _given(lambda h0, c0: (h0, torch.zeros_like(c0)))),
        ("states_passed_upwards", "Each layer starts where the one below it ended.", _STARTS,
         _passed_upwards),
        ("states_not_carried", "No state goes on from one step to the next.",
         "Within a layer, step t starts from the states of step t - 1.", _not_carried),
        ("layers_in_reverse", "The layers are run from the last of the list to the first.",
         "layers[0] reads x.",
         lambda x, h0, c0, layers: torch_stacked(x, h0, c0, list(layers)[::-1])),
        *(("fused_in_another_order", "One gate's weights stand where another's are read: is "
           f"{', '.join(order)} the order of the blocks in your `fuse`?",
           "lstm_cell_fused reads the blocks as i, f, c, o.", _fused_as("".join(order)))
          for order in itertools.permutations("ifco") if order != tuple("ifco")),
        ("one_weight_for_all_layers", "All layers use the weights of layers[0].",
         "Each layer has weights of its own.",
         lambda x, h0, c0, layers: torch_stacked(x, h0, c0, [layers[0]] * len(layers))),
        ("first_layer_only", "Only the first layer is run.",
         "Is the `return` inside the loop over the layers? Does each layer's result go on?",
         lambda x, h0, c0, layers: torch_stacked(x, h0[:1], c0[:1], layers[:1])),
        ("top_layer_missing", "The top layer's hidden states are not returned: yours are those "
         "of layers[0].", "h is what the last layer gives.",
         _all_levels(lambda hs: hs[0])),
        ("all_layers_returned", "h holds the hidden states of all layers, one after the other.",
         "h is what the last layer gives, (T, N, H).", _all_levels(torch.stack)),
        ("all_layers_returned", "h holds the hidden states of all layers side by side.",
         "h is what the last layer gives, (T, N, H).", _all_levels(lambda hs: torch.cat(hs, -1))),
        ("all_layers_added", "h is the sum of all layers' hidden states.",
         "h is what the last layer gives.", _all_levels(sum)),
        *(("last_of_top_layer_only", "h_last and c_last hold the states of the top layer only.",
           _ENDS, _then(lambda h, hs, cs, cut=cut: (h, hs[cut], cs[cut])))  # type: ignore[misc]
          for cut in (-1, slice(-1, None))),
        ("last_of_top_layer_repeated", "Every layer's entry of h_last and c_last is the top one's.",
         _ENDS, _then(lambda h, hs, cs: (h, hs[-1:].expand_as(hs), cs[-1:].expand_as(cs)))),
        ("last_in_reverse", "h_last and c_last begin with the top layer.", _ENDS,
         _then(lambda h, hs, cs: (h, hs.flip(0), cs.flip(0)))),
        ("last_swapped", "h_last and c_last have changed places.", "Return h, h_last, c_last.",
         _then(lambda h, hs, cs: (h, cs, hs))),
        ("cell_is_hidden", "c_last holds hidden states.", _ENDS,
         _then(lambda h, hs, cs: (h, hs, hs))),
        ("hidden_is_cell", "h_last holds cell states.", _ENDS,
         _then(lambda h, hs, cs: (h, cs, cs))),
        ("initial_returned_as_last", "h_last and c_last are h0 and c0.", _ENDS,
         lambda x, h0, c0, layers: (torch_stacked(x, h0, c0, layers)[0], h0, c0)),
        ("first_step_as_last", "h_last and c_last are the states after the first step.", _ENDS,
         _first_states),
        ("layers_stacked_inside", "h_last and c_last are (N, L, H); they should be (L, N, H).",
         "`torch.stack(states)` makes the new axis in front.",
         _then(lambda h, hs, cs: (h, hs.transpose(0, 1), cs.transpose(0, 1)))),
        ("layers_concatenated", "h_last and c_last are (L N, H); they should be (L, N, H).",
         "`torch.stack` makes a new axis; `torch.cat` does not.",
         _then(lambda h, hs, cs: (h, hs.flatten(0, 1), cs.flatten(0, 1)))),
        ("last_step_only", "h holds the last step only.", "h is (T, N, H): every step.",
         _then(lambda h, hs, cs: (h[-1], hs, cs))),
        ("last_step_only", "h holds the last step only.", "h is (T, N, H): every step.",
         _then(lambda h, hs, cs: (h[-1:], hs, cs))),
        ("batch_first", "h is (N, T, H); sequences are time-major: (T, N, H).",
         "`torch.stack(states)` makes the new axis in front: time.",
         _then(lambda h, hs, cs: (h.transpose(0, 1), hs, cs))),
        ("outputs_reversed", "h is in reversed order of time.", "h[0] belongs to the first step.",
         _then(lambda h, hs, cs: (h.flip(0), hs, cs))),
    )
)  # fmt: skip

# --- bidirectional ----------------------------------------------------------------------------


def _in(h0: Tensor) -> Tensor:
    """Both rows exchanged."""
    return h0.flip(0)


def _halves(join: Callable[[Tensor, Tensor], Any]) -> Directions:
    """PyTorch's two halves (T, N, H), joined in another way."""
    return lambda *a: join(*torch_bidirectional(*a).chunk(2, -1))


def _from(change: Callable[[Tensor], Tensor], which: str = "hc") -> Directions:
    """PyTorch's layer, started from changed states."""

    def answer(x: Tensor, h0: Tensor, c0: Tensor, forward: Params, backward: Params) -> Tensor:
        h0, c0 = (change(s) if k in which else s for k, s in (("h", h0), ("c", c0)))
        return torch_bidirectional(x, h0, c0, forward, backward)

    return answer


def _backward_on(change: Callable[[Tensor], Tensor], back: bool) -> Directions:
    """The backward direction is a forward pass over change(x), turned back where `back`."""

    def answer(x: Tensor, h0: Tensor, c0: Tensor, forward: Params, backward: Params) -> Tensor:
        ahead = torch_layer(x, h0[0], c0[0], forward)[0]
        behind = torch_layer(change(x), h0[1], c0[1], backward)[0]
        return torch.cat([ahead, change(behind) if back else behind], -1)

    return answer


def _one_after_the_other(
    x: Tensor, h0: Tensor, c0: Tensor, forward: Params, backward: Params
) -> Tensor:
    """The backward direction reads what the forward one has made."""
    ahead = torch_layer(x, h0[0], c0[0], forward)[0]
    behind = torch_layer(ahead.flip(0), h0[1], c0[1], backward)[0].flip(0)
    return torch.cat([ahead, behind], -1)


def _carried_over(x: Tensor, h0: Tensor, c0: Tensor, forward: Params, backward: Params) -> Tensor:
    """The backward direction starts where the forward one ended."""
    _, h, c = torch_stacked(x, h0[:1], c0[:1], [forward])
    return torch_bidirectional(x, torch.cat([h0[:1], h]), torch.cat([c0[:1], c]), forward, backward)


def _cells(x: Tensor, h0: Tensor, c0: Tensor, forward: Params, backward: Params) -> Tensor:
    ahead = torch_layer(x, h0[0], c0[0], forward)[1]
    return torch.cat([ahead, torch_layer(x.flip(0), h0[1], c0[1], backward)[1].flip(0)], -1)


_BACK = "Flip x in time, run, then flip what comes out: h[t] must belong to x[t] in both halves."
_JOIN = "h is (T, N, 2H): the forward direction's H units, then the backward one's."
_ROWS = "h0[0] and c0[0] are the forward direction's, h0[1] and c0[1] the backward one's."
BIDIRECTIONAL: tuple[Misconception, ...] = tuple(
    Misconception(name, says, look, answer)
    for name, says, look, answer in (
        ("backward_not_turned_back", "The backward half is not turned back: its h[0] belongs to "
         "the last step.", _BACK, _halves(lambda f, b: torch.cat([f, b.flip(0)], -1))),
        ("backward_runs_forward", "The backward direction reads x from its beginning.", _BACK,
         _backward_on(lambda x: x, False)),
        ("backward_runs_forward", "The backward direction reads x from its beginning, and its "
         "states are flipped.", _BACK,
         lambda *a: _flip_half(_backward_on(lambda x: x, False)(*a))),
        ("all_turned_back", "Both halves are flipped in time.", _BACK,
         _halves(lambda f, b: torch.cat([f, b], -1).flip(0))),
        ("all_turned_back", "The forward half is flipped in time and the backward one is not.",
         _BACK, _halves(lambda f, b: torch.cat([f.flip(0), b], -1))),
        *(("wrong_axis_flipped", f"The backward direction flips {what}, not time.",
           "x is (T, N, D): time is axis 0.",
           _backward_on(lambda x, axis=axis: x.flip(axis), back))  # type: ignore[misc]
          for axis, what in ((1, "the batch"), (2, "the features")) for back in (True, False)),
        ("starts_exchanged", "The two directions have each other's h0 and c0.", _ROWS, _from(_in)),
        ("starts_exchanged", "The two directions have each other's h0.", _ROWS, _from(_in, "h")),
        ("starts_exchanged", "The two directions have each other's c0.", _ROWS, _from(_in, "c")),
        *(("one_start_for_both", f"Both directions start from {what}.", _ROWS,
           _from(lambda s, row=row: s[row : row + 1].expand_as(s).contiguous(), which))  # type: ignore[misc]
          for row, which, what in ((0, "hc", "h0[0] and c0[0]"), (1, "hc", "h0[1] and c0[1]"),
                                   (0, "h", "h0[0]"), (0, "c", "c0[0]"))),
        ("initial_states_ignored", "h0 and c0 are ignored: both directions start from zeros.",
         _ROWS, _from(torch.zeros_like)),
        ("initial_hidden_ignored", "h0 is ignored.", _ROWS, _from(torch.zeros_like, "h")),
        ("initial_cell_ignored", "c0 is ignored.", _ROWS, _from(torch.zeros_like, "c")),
        ("backward_start_ignored", "The backward direction starts from zeros.", _ROWS,
         _from(lambda s: torch.cat([s[:1], torch.zeros_like(s[1:])]))),
        ("initial_states_swapped", "h0 and c0 have changed places.", _ROWS,
         lambda x, h0, c0, f, b: torch_bidirectional(x, c0, h0, f, b)),
        ("carried_over", "The backward direction starts from the forward one's last states.",
         _ROWS, _carried_over),
        ("directions_exchanged", "The backward half stands first.", _JOIN,
         _halves(lambda f, b: torch.cat([b, f], -1))),
        ("weights_exchanged", "The two directions have each other's weights.",
         "`forward` reads x from its beginning, `backward` from its end.",
         lambda x, h0, c0, f, b: torch_bidirectional(x, h0, c0, b, f)),
        ("one_weight_for_both", "Both directions use `forward`.",
         "Each direction has weights of its own.",
         lambda x, h0, c0, f, b: torch_bidirectional(x, h0, c0, f, f)),
        ("one_weight_for_both", "Both directions use `backward`.",
         "Each direction has weights of its own.",
         lambda x, h0, c0, f, b: torch_bidirectional(x, h0, c0, b, b)),
        ("halves_added", "The two directions are added; they should stand side by side.", _JOIN,
         _halves(torch.add)),
        ("halves_averaged", "The two directions are averaged; they should stand side by side.",
         _JOIN, _halves(lambda f, b: f.lerp(b, 0.5))),
        ("halves_multiplied", "The two directions are multiplied; they should stand side by side.",
         _JOIN, _halves(torch.mul)),
        *(("joined_along_another_axis", f"The two directions are joined along {what}.", _JOIN,
           _halves(lambda f, b, axis=axis: torch.cat([f, b], axis)))  # type: ignore[misc]
          for axis, what in ((0, "time"), (1, "the batch"))),
        *(("stacked_not_joined", "The two directions are stacked on an axis of their own.", _JOIN,
           _halves(lambda f, b, axis=axis: torch.stack([f, b], axis)))  # type: ignore[misc]
          for axis in (0, 1, 2, 3)),
        ("units_interleaved", "The units of the two directions alternate.", _JOIN,
         _halves(lambda f, b: torch.stack([f, b], -1).flatten(-2))),
        ("one_direction_only", "Only the forward direction comes back.", _JOIN,
         _halves(lambda f, b: f)),
        ("one_direction_only", "Only the backward direction comes back.", _JOIN,
         _halves(lambda f, b: b)),
        ("directions_chained", "The backward direction reads what the forward one has made.",
         "Both directions read x.", _one_after_the_other),
        ("cells_returned", "The cell states come back; the hidden states are asked for.", _JOIN,
         _cells),
        *(("last_step_only", "Only one step comes back.", "h is (T, N, 2H): every step.", answer)
          for answer in (
              lambda *a: torch_bidirectional(*a)[-1],
              _halves(lambda f, b: torch.cat([f[-1], b[0]], -1)),
          )),
        ("batch_first", "h is (N, T, 2H); sequences are time-major: (T, N, 2H).",
         "Is time moved to the second axis somewhere?",
         lambda *a: torch_bidirectional(*a).transpose(0, 1)),
    )
)  # fmt: skip


def _flip_half(h: Tensor) -> Tensor:
    """The backward half flipped in time."""
    ahead, behind = h.chunk(2, -1)
    return torch.cat([ahead, behind.flip(0)], -1)
