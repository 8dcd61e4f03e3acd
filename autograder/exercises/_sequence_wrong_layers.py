"""Known wrong answers of stacked and bidirectional RNNs, as rearrangements of PyTorch's layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._sequence import Layer, torch_bidirectional, torch_layer, torch_stacked
from autograder.exercises._sequence_wrong_cell import CELL, LayerAnswer

Layers = Sequence[Layer]
Pair = tuple[Tensor, Tensor]


def _stacked_with(layer_answer: LayerAnswer) -> Callable[[Tensor, Tensor, Layers], Pair]:
    """Every layer answered by `layer_answer`, one on top of the other."""

    def answer(x: Tensor, h0: Tensor, layers: Layers) -> Pair:
        last = []
        for start, layer in zip(h0, layers, strict=True):
            x = layer_answer(x, start, layer)
            last.append(x[-1])
        return x, torch.stack(tuple(last))

    return answer


def _every_layer(x: Tensor, h0: Tensor, layers: Layers) -> Tensor:
    """The states of every layer, (L, T, N, H)."""
    found = []
    for start, layer in zip(h0, layers, strict=True):
        x = torch_layer(x, start, layer)
        found.append(x)
    return torch.stack(found)


def _all_read_x(x: Tensor, h0: Tensor, layers: Layers) -> Pair:
    h = [torch_layer(x, start, layer) for start, layer in zip(h0, layers, strict=True)]
    return h[-1], torch.stack([states[-1] for states in h])


def _carried_upwards(x: Tensor, h0: Tensor, layers: Layers) -> Pair:
    """Each layer starts from the last state of the layer below it."""
    state, last = h0[0], []
    for layer in layers:
        x = torch_layer(x, state, layer)
        state = x[-1]
        last.append(state)
    return x, torch.stack(tuple(last))


def _layer_below_late(x: Tensor, h0: Tensor, layers: Layers) -> Pair:
    """Each layer reads what the layer below had before this step."""
    last = []
    for start, layer in zip(h0, layers, strict=True):
        h = torch_layer(x, start, layer)
        last.append(h[-1])
        x = torch.cat([start[None], h[:-1]])
    return h, torch.stack(tuple(last))


def _residual(x: Tensor, h0: Tensor, layers: Layers) -> Pair:
    h = torch_layer(x, h0[0], layers[0])
    last = [h[-1]]
    for start, layer in zip(h0[1:], layers[1:], strict=True):
        above = torch_layer(h, start, layer)
        last.append(above[-1])
        h = h + above
    return h, torch.stack(tuple(last))


def _first_weights(x: Tensor, h0: Tensor, layers: Layers) -> Pair:
    return torch_stacked(x, h0, [layers[0]] * len(layers))


def _with(change: Callable[[Tensor, Tensor], Any]) -> Callable[[Tensor, Tensor, Layers], Any]:
    return lambda x, h0, layers: change(*torch_stacked(x, h0, layers))


def _top_left_out(x: Tensor, h0: Tensor, layers: Layers) -> Pair:
    return torch_stacked(x, h0[: len(layers) - 1], layers[:-1])


def _bottom_alone(x: Tensor, h0: Tensor, layers: Layers) -> Pair:
    """The input is never replaced by the layer's states: all but one layer has no effect on h."""
    return torch_layer(x, h0[0], layers[0]), _every_layer(x, h0, layers)[:, -1]


STACKED = (
    Misconception(
        "every_layer_reads_x", "Every layer reads x; only the first one should.",
        "Layer 1 reads the states of layer 0: what a layer returns is the next one's input.",
        _all_read_x,
    ),
    Misconception(
        "first_initial_state_for_all", "Every layer starts from h0[0].",
        "Layer l starts from h0[l].",
        lambda x, h0, layers: torch_stacked(x, h0[:1].expand_as(h0).contiguous(), layers),
    ),
    Misconception(
        "initial_states_reversed", "The initial states are given out from the top.",
        "h0[0] is the state of the first layer, the one that reads x.",
        lambda x, h0, layers: torch_stacked(x, h0.flip(0), layers),
    ),
    Misconception(
        "state_carried_to_the_next_layer",
        "A layer starts from the last state of the layer below it.",
        "Layer l starts from h0[l]. Is one name used for the states of all layers?",
        _carried_upwards,
    ),
    Misconception(
        "layer_below_one_step_late",
        "A layer reads what the layer below had at the step before.",
        "At step t the lower layer steps first; the one above it reads the new state.",
        _layer_below_late,
    ),
    Misconception(
        "first_layer_s_weights_for_all", "Every layer uses the weights of the first.",
        "Layer l has its own U, W and b: layers[l].", _first_weights,
    ),
    Misconception(
        "top_layer_left_out", "The top layer is left out.",
        "`range(L)` ends at L - 1 already.", _top_left_out,
    ),
    Misconception(
        "states_of_the_first_layer", "h holds the states of the first layer; it should be the top.",
        "Does each layer read what the one below it returned? h is what the last one returned.",
        _bottom_alone,
    ),
    Misconception(
        "layers_reversed", "The layers are stacked upside down.",
        "layers[0] reads x; layers[-1] gives h.",
        lambda x, h0, layers: torch_stacked(x, h0, list(layers)[::-1]),
    ),
    Misconception(
        "input_added_to_output", "A layer's input is added to its output.",
        "Here the states go up as they are; there are no skip connections.", _residual,
    ),
    Misconception(
        "last_state_of_the_top_only", "h_last holds the top layer's last state only.",
        "One last state for each layer: (L, N, H).", _with(lambda h, last: (h, h[-1])),
    ),
    Misconception(
        "last_state_of_the_top_only", "h_last holds the top layer's last state only.",
        "One last state for each layer: (L, N, H).", _with(lambda h, last: (h, h[-1:])),
    ),
    Misconception(
        "top_state_for_every_layer", "Every entry of h_last is the top layer's state.",
        "h_last[l] is layer l's last state: keep it when that layer is done.",
        _with(lambda h, last: (h, last[-1:].expand_as(last))),
    ),
    Misconception(
        "last_states_reversed", "The last states are in the order from top to bottom.",
        "h_last[0] is the first layer's, the one that reads x.",
        _with(lambda h, last: (h, last.flip(0))),
    ),
    Misconception(
        "last_steps_for_last_layers",
        "h_last holds the last steps of the top layer; it should hold one state for each layer.",
        "Index by layer, not by time.", _with(lambda h, last: (h, h[-len(last):])),
    ),
    Misconception(
        "first_states_for_last", "h_last holds each layer's state after the first step.",
        "After the last step: `h[-1]`.",
        lambda x, h0, layers: (torch_stacked(x, h0, layers)[0], _every_layer(x, h0, layers)[:, 0]),
    ),
    Misconception(
        "initial_for_last", "h_last is h0: it is returned as it came.",
        "Keep each layer's state after the last step.",
        lambda x, h0, layers: (torch_stacked(x, h0, layers)[0], h0),
    ),
    Misconception(
        "states_of_all_layers", "h holds the states of all layers; the top layer's are asked for.",
        "h (T, N, H) is what the last layer returned.",
        lambda x, h0, layers: (_every_layer(x, h0, layers), torch_stacked(x, h0, layers)[1]),
    ),
    Misconception(
        "states_of_all_layers", "h holds the states of all layers; the top layer's are asked for.",
        "h (T, N, H) is what the last layer returned.",
        lambda x, h0, layers: (
            torch.cat(list(_every_layer(x, h0, layers)), -1), torch_stacked(x, h0, layers)[1]
        ),
    ),
    Misconception(
        "outputs_swapped", "You return (h_last, h); the order is (h, h_last).",
        "Look at the last line of your function.", _with(lambda h, last: (last, h)),
    ),
    Misconception(
        "time_reversed", "The sequence is read from its end.", "Start at x[0].",
        lambda x, h0, layers: torch_stacked(x.flip(0), h0, layers),
    ),
    Misconception(
        "batch_first", "h is (N, T, H); sequences are time-major here: (T, N, H).",
        "`torch.stack(states)` stacks along the first axis, which is time.",
        _with(lambda h, last: (h.transpose(0, 1), last)),
    ),
    *(
        Misconception(name, says, f"{look} (In the step of a layer.)", _stacked_with(answer))
        for name, says, look, answer in CELL
    ),
)  # fmt: skip


# --- two directions -------------------------------------------------------------------------------

Both = Callable[[Tensor, Tensor, Layer, Layer], Any]


def _halves(change: Callable[[Tensor, Tensor], Tensor]) -> Both:
    """What is made of the forward and the backward states, both (T, N, H) in the order of x."""
    return lambda *inputs: change(*torch_bidirectional(*inputs).chunk(2, -1))


def _joined(change: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]) -> Both:
    return _halves(lambda f, b: torch.cat(change(f, b), -1))


def _both_with(layer_answer: LayerAnswer) -> Both:
    def answer(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Tensor:
        behind = layer_answer(x.flip(0), h0[1], backward).flip(0)
        return torch.cat([layer_answer(x, h0[0], forward), behind], -1)

    return answer


def _behind(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Tensor:
    """The backward layer reads x from its beginning."""
    return torch.cat([torch_layer(x, h0[0], forward), torch_layer(x, h0[1], backward)], -1)


def _turned(axis: int) -> Both:
    """The batch or the features are reversed where time should be."""

    def answer(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Tensor:
        behind = torch_layer(x.flip(axis), h0[1], backward).flip(axis)
        return torch.cat([torch_layer(x, h0[0], forward), behind], -1)

    return answer


def _reads_the_forward_states(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Tensor:
    h = torch_layer(x, h0[0], forward)
    return torch.cat([h, torch_layer(h.flip(0), h0[1], backward).flip(0)], -1)


def _starts_where_forward_ended(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Tensor:
    h = torch_layer(x, h0[0], forward)
    return torch.cat([h, torch_layer(x.flip(0), h[-1], backward).flip(0)], -1)


BIDIRECTIONAL = (
    Misconception(
        "backward_states_not_turned_back",
        "The backward states are in the order in which they were made: the last step first.",
        "After reading from the end, turn the states round again: entry t is about x[t].",
        _joined(lambda f, b: (f, b.flip(0))),
    ),
    Misconception(
        "backward_reads_forwards", "Both directions read x from its beginning.",
        "The backward layer starts at x[T - 1] and ends at x[0].", _behind,
    ),
    Misconception(
        "only_the_states_turned",
        "The backward layer reads x from its beginning; only its states are turned round.",
        "Turn its input round as well, and before.",
        lambda x, h0, f, b: torch.cat(
            [torch_layer(x, h0[0], f), torch_layer(x, h0[1], b).flip(0)], -1
        ),
    ),
    Misconception(
        "initial_states_exchanged", "The two rows of h0 have changed places.",
        "h0[0] starts the forward layer, h0[1] the backward one.",
        lambda x, h0, f, b: torch_bidirectional(x, h0.flip(0), f, b),
    ),
    Misconception(
        "first_initial_state_for_both", "Both directions start from h0[0].",
        "h0[0] starts the forward layer, h0[1] the backward one.",
        lambda x, h0, f, b: torch_bidirectional(x, h0[:1].expand_as(h0).contiguous(), f, b),
    ),
    Misconception(
        "backward_starts_from_the_forward_end",
        "The backward layer starts from the forward layer's last state.",
        "It starts from h0[1].", _starts_where_forward_ended,
    ),
    Misconception(
        "backward_reads_the_forward_states",
        "The backward layer reads the forward layer's states; it should read x.",
        "The two directions know nothing of each other.", _reads_the_forward_states,
    ),
    Misconception(
        "weights_exchanged", "The forward layer's weights serve backwards and the other way round.",
        "`forward` reads x from x[0] on.",
        lambda x, h0, f, b: torch_bidirectional(x, h0, b, f),
    ),
    Misconception(
        "forward_weights_for_both", "Both directions use the weights of `forward`.",
        "The second direction has weights of its own: `backward`.",
        lambda x, h0, f, b: torch_bidirectional(x, h0, f, f),
    ),
    Misconception(
        "backward_weights_for_both", "Both directions use the weights of `backward`.",
        "The first direction has weights of its own: `forward`.",
        lambda x, h0, f, b: torch_bidirectional(x, h0, b, b),
    ),
    Misconception(
        "halves_exchanged", "The backward states come first.",
        "Forward states, then backward states, along the last axis.",
        _joined(lambda f, b: (b, f)),
    ),
    Misconception(
        "summed_not_concatenated", "The two directions are added; they should stand side by side.",
        "(T, N, 2H): `torch.cat` along the last axis.", _halves(lambda f, b: f + b),
    ),
    Misconception(
        "averaged_not_concatenated",
        "The two directions are averaged; they should stand side by side.",
        "(T, N, 2H): `torch.cat` along the last axis.", _halves(lambda f, b: (f + b) / 2),
    ),
    Misconception(
        "joined_along_time", "The two directions are joined along time: (2T, N, H).",
        "Along the last axis: (T, N, 2H).", _halves(lambda f, b: torch.cat([f, b], 0)),
    ),
    Misconception(
        "joined_along_the_batch", "The two directions are joined along the batch: (T, 2N, H).",
        "Along the last axis: (T, N, 2H).", _halves(lambda f, b: torch.cat([f, b], 1)),
    ),
    Misconception(
        "stacked_not_concatenated", "The two directions are stacked along a new axis.",
        "`torch.cat` along the last axis, which is there already: (T, N, 2H).",
        _halves(lambda f, b: torch.stack([f, b])),
    ),
    Misconception(
        "stacked_not_concatenated", "The two directions are stacked along a new axis.",
        "`torch.cat` along the last axis, which is there already: (T, N, 2H).",
        _halves(lambda f, b: torch.stack([f, b], -1)),
    ),
    Misconception(
        "units_interleaved", "Forward and backward units alternate.",
        "First all H forward units, then all H backward units.",
        _halves(lambda f, b: torch.stack([f, b], -1).flatten(-2)),
    ),
    Misconception(
        "forward_only", "Only the forward states are returned.",
        "Put the backward states beside them: (T, N, 2H).", _halves(lambda f, b: f),
    ),
    Misconception(
        "last_states_only", "Only the last state of each direction is returned.",
        "Every step's states: (T, N, 2H).",
        _halves(lambda f, b: torch.cat([f[-1], b[0]], -1)),
    ),
    Misconception(
        "batch_turned_for_time", "The batch is reversed where time should be.",
        "Time is the first axis: `x.flip(0)`.", _turned(1),
    ),
    Misconception(
        "features_turned_for_time", "The features are reversed where time should be.",
        "Time is the first axis: `x.flip(0)`.",
        lambda x, h0, f, b: torch.cat(
            [torch_layer(x, h0[0], f), torch_layer(x.flip(-1), h0[1], b).flip(-1)], -1
        ),
    ),
    Misconception(
        "batch_first", "Your states are (N, T, 2H); sequences are time-major here: (T, N, 2H).",
        "`torch.stack(states)` stacks along the first axis, which is time.",
        lambda *inputs: torch_bidirectional(*inputs).transpose(0, 1),
    ),
    *(
        Misconception(name, says, f"{look} (In the step of a layer.)", _both_with(answer))
        for name, says, look, answer in CELL
    ),
)  # fmt: skip
