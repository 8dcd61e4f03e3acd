"""Answers to `stacked_rnn` and `bidirectional_rnn`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong, right = bank.wrong, bank.right
STACKED, BOTH = "stacked_rnn", "bidirectional_rnn"
Layer = tuple[Tensor, Tensor, Tensor]


def layer(
    x: Tensor, h: Tensor, U: Tensor, W: Tensor, b: Tensor, squash: Any = torch.tanh
) -> Tensor:
    states = []
    for x_t in x:
        h = squash(x_t @ U + h @ W + b)
        states.append(h)
    return torch.stack(states)


def stack(x: Tensor, h0: Tensor, layers: list[Layer], run: Any = layer) -> tuple[Tensor, Tensor]:
    last = []
    for h, weights in zip(h0, layers, strict=False):
        x = run(x, h, *weights)
        last.append(x[-1])
    return x, torch.stack(last)


# --- stacked_rnn --------------------------------------------------------------------------------


@right(STACKED)
def layer_by_layer(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    return stack(x, h0, layers)


@right(STACKED)
def step_by_step(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """Time outside, layers inside; a list comes back."""
    state, tops = list(h0), []
    for x_t in x:
        for number, (U, W, b) in enumerate(layers):
            state[number] = x_t = torch.tanh(x_t @ U + state[number] @ W + b)
        tops.append(x_t)
    return [torch.stack(tops), torch.stack(state)]


@right(STACKED)
def concatenated_form(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    h, last = x, h0.clone()
    for number, (U, W, b) in enumerate(layers):
        V, state, out = torch.cat([U, W]), h0[number], []
        for t in range(len(h)):
            state = (torch.cat([h[t], state], dim=1) @ V + b).tanh()
            out.append(state)
        h, last[number] = torch.stack(out), state
    print("layers:", len(layers))
    return h, last


@right(STACKED)
def filled_in_place(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    T, (L, N, H) = len(x), h0.shape
    every = x.new_zeros(L, T, N, H)
    for n, (U, W, b) in enumerate(layers):
        below = x if n == 0 else every[n - 1]
        for t in range(T):
            h = h0[n] if t == 0 else every[n, t - 1]
            every[n, t] = torch.tanh(torch.einsum("nd,dh->nh", below[t], U) + h @ W + b)
    return every[-1], every[:, -1]


@right(STACKED)
def inputs_multiplied_at_once(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    def run(x: Tensor, h: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
        out = []
        for part in x @ U + b:
            h = torch.tanh(part + h @ W)
            out.append(h)
        return torch.stack(out)

    return stack(x, h0, layers, run)


@right(STACKED)
def recursive(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    h = layer(x, h0[0], *layers[0])
    if len(layers) == 1:
        return h, h[-1:]
    top, last = recursive(h, h0[1:], layers[1:])
    return top, torch.cat([h[-1:], last])


@wrong(STACKED, "every_layer_reads_x")
def all_read_x(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """A name is forgotten: each layer is given x."""
    h = [layer(x, start, *weights) for start, weights in zip(h0, layers, strict=True)]
    return h[-1], torch.stack([states[-1] for states in h])


@wrong(STACKED, "state_carried_to_the_next_layer")
def one_name_for_the_state(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """`h` is set before the loop over layers, and not inside it."""
    h, last = h0[0], []
    for U, W, b in layers:
        x = layer(x, h, U, W, b)
        h = x[-1]
        last.append(h)
    return x, torch.stack(last)


@wrong(STACKED, "layer_below_one_step_late")
def reads_the_old_state(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """All layers step at once, from the states of the step before."""
    state, tops = list(h0), []
    for x_t in x:
        below = [x_t, *state[:-1]]
        state = [
            torch.tanh(i @ U + h @ W + b)
            for i, h, (U, W, b) in zip(below, state, layers, strict=True)
        ]
        tops.append(state[-1])
    return torch.stack(tops), torch.stack(state)


@wrong(STACKED, "wrong_type")
def no_last_states(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """The second value is forgotten."""
    return stack(x, h0, layers)[0]


@wrong(STACKED, "wrong_type")
def last_states_in_a_list(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """A list of L tensors is as good as one tensor."""
    h, last = stack(x, h0, layers)
    return h, list(last)


@wrong(STACKED, "wrong_dtype")
def single_precision(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """`torch.zeros` makes float32."""
    h, last = stack(x, h0, layers)
    kept = torch.zeros(last.shape)
    kept[:] = last
    return h, kept


@wrong(STACKED, "input_changed")
def states_written_into_h0(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """h0 has the right shape for h_last."""
    for number, weights in enumerate(layers):
        x = layer(x, h0[number], *weights)
        h0[number] = x[-1]
    return x, h0


@wrong(STACKED, "wrong_device")
def through_numpy(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """NumPy is what its writer knows."""
    rows, last = x.numpy(), []
    for start, weights in zip(h0.numpy(), layers, strict=True):
        U, W, b = (part.numpy() for part in weights)
        h, out = start, []
        for row in rows:
            h = np.tanh(row @ U + h @ W + b)
            out.append(h)
        rows = np.stack(out)
        last.append(h)
    return torch.from_numpy(rows), torch.from_numpy(np.stack(last))


bank.wrong_ones(
    STACKED,
    ("first_start", "first_initial_state_for_all", "h0[0] is the initial state, is it not?",
     lambda x, h0, layers: stack(x, h0[:1].expand_as(h0), layers)),
    ("starts_reversed", "initial_states_reversed", "Counts the layers from the top.",
     lambda x, h0, layers: stack(x, h0.flip(0), layers)),
    ("starts_from_zeros", "initial_state_ignored", "nn.RNN starts from zeros.",
     lambda x, h0, layers: stack(x, torch.zeros_like(h0), layers)),
    ("first_weights", "first_layer_s_weights_for_all", "Writes layers[0] inside the loop.",
     lambda x, h0, layers: stack(x, h0, [layers[0]] * len(layers))),
    ("one_layer_short", "top_layer_left_out", "range(L - 1).",
     lambda x, h0, layers: stack(x, h0, layers[:-1])),
    ("upside_down", "layers_reversed", "The last layer is the first to read.",
     lambda x, h0, layers: stack(x, h0, layers[::-1])),
    ("top_only", "last_state_of_the_top_only", "The last state is the top layer's last state.",
     lambda x, h0, layers: (stack(x, h0, layers)[0], stack(x, h0, layers)[0][-1])),
    ("top_only_with_an_axis", "last_state_of_the_top_only", "The same, with an axis of 1.",
     lambda x, h0, layers: (stack(x, h0, layers)[0], stack(x, h0, layers)[0][-1:])),
    ("top_for_all", "top_state_for_every_layer", "One state, stacked L times.",
     lambda x, h0, layers: (
         stack(x, h0, layers)[0], torch.stack([stack(x, h0, layers)[0][-1]] * len(layers)))),
    ("last_reversed", "last_states_reversed", "Collects from the top down.",
     lambda x, h0, layers: (stack(x, h0, layers)[0], stack(x, h0, layers)[1].flip(0))),
    ("last_steps", "last_steps_for_last_layers", "h[-L:].",
     lambda x, h0, layers: (stack(x, h0, layers)[0], stack(x, h0, layers)[0][-len(layers):])),
    ("start_returned", "initial_for_last", "Never updates h0.",
     lambda x, h0, layers: (stack(x, h0, layers)[0], h0.clone())),
    ("swapped", "outputs_swapped", "Returns the states the other way round.",
     lambda x, h0, layers: stack(x, h0, layers)[::-1]),
    ("from_the_end", "time_reversed", "Steps through x backwards.",
     lambda x, h0, layers: stack(x.flip(0), h0, layers)),
    ("rows_first", "batch_first", "Stacks along axis 1.",
     lambda x, h0, layers: (
         torch.stack(list(stack(x, h0, layers)[0]), 1), stack(x, h0, layers)[1])),
    ("bias_forgotten", "no_bias", "Forgets b.",
     lambda x, h0, layers: stack(x, h0, [(U, W, 0 * b) for U, W, b in layers])),
    ("squashed_by_sigmoid", "sigmoid_for_tanh", "The wrong squashing function.",
     lambda x, h0, layers: stack(x, h0, layers, lambda *a: layer(*a, torch.sigmoid))),
    ("relu", "relu_for_tanh", "ReLU is more modern.",
     lambda x, h0, layers: stack(x, h0, layers, lambda *a: layer(*a, torch.relu))),
    ("not_squashed", "no_activation", "Forgets tanh.",
     lambda x, h0, layers: stack(x, h0, layers, lambda *a: layer(*a, torch.clone))),
    ("turned_weights", "hidden_weights_transposed", "W as nn.RNN stores it.",
     lambda x, h0, layers: stack(x, h0, [(U, W.T, b) for U, W, b in layers])),
    ("weights_exchanged_in_the_layer", "weights_swapped", "Unpacks (W, U, b).",
     lambda x, h0, layers: stack(x, h0, [(W, U, b) for U, W, b in layers])),
    ("no_memory", "state_not_carried", "Starts each step from h0.",
     lambda x, h0, layers: stack(x, h0, layers, lambda x, h, *w: torch.cat(
         [layer(x_t[None], h, *w) for x_t in x]))),
    ("every_layer_returned", "states_of_all_layers", "Keeps all of them.",
     lambda x, h0, layers: (
         torch.stack([stack(x, h0, layers[:n + 1])[0] for n in range(len(layers))]),
         stack(x, h0, layers)[1])),
    ("late", "states_before_each_step", "Appends before it steps.",
     lambda x, h0, layers: stack(x, h0, layers, lambda x, h, *w: torch.cat(
         [h[None], layer(x, h, *w)[:-1]]))),
)  # fmt: skip


@wrong(STACKED, "forbidden_call")
def by_torch(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """nn.RNN has num_layers."""
    D, H = layers[0][0].shape
    rnn = nn.RNN(D, H, num_layers=len(layers), dtype=x.dtype, device=x.device)
    state = {}
    for n, (U, W, b) in enumerate(layers):
        state |= {f"weight_ih_l{n}": U.T, f"weight_hh_l{n}": W.T}
        state |= {f"bias_ih_l{n}": b, f"bias_hh_l{n}": 0 * b}
    rnn.load_state_dict(state)
    return rnn(x, h0)


@wrong(STACKED, "forbidden_call")
def by_the_cell(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """The cell behind it, found by name."""
    cell = getattr(torch, "rnn_tanh" + "_cell")

    def run(x: Tensor, h: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
        out = []
        for x_t in x:
            h = cell(x_t, h, U.T, W.T, b, 0 * b)
            out.append(h)
        return torch.stack(out)

    return stack(x, h0, layers, run)


@wrong(STACKED, "forbidden_call")
def by_the_operator(x: Tensor, h0: Tensor, layers: list[Layer]) -> Any:
    """The operator behind that."""
    flat = [part for U, W, b in layers for part in (U.T, W.T, b, 0 * b)]
    op = torch.ops.aten.rnn_tanh.input
    return op(x, h0, flat, True, len(layers), 0.0, False, False, False)


# --- bidirectional_rnn --------------------------------------------------------------------------


def both(x: Tensor, h0: Tensor, f: Layer, b: Layer, run: Any = layer) -> tuple[Tensor, Tensor]:
    return run(x, h0[0], *f), run(x.flip(0), h0[1], *b).flip(0)


@right(BOTH)
def flipped_twice(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Any:
    return torch.cat(both(x, h0, forward, backward), dim=-1)


@right(BOTH)
def loop_from_the_end(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Any:
    T, N, H = len(x), x.shape[1], h0.shape[2]
    out = x.new_empty(T, N, 2 * H)
    (U, W, b), h = backward, h0[1]
    for t in reversed(range(T)):
        out[t, :, H:] = h = torch.tanh(x[t] @ U + h @ W + b)
    (U, W, b), h = forward, h0[0]
    for t in range(T):
        out[t, :, :H] = h = torch.tanh(x[t] @ U + h @ W + b)
    return out


@right(BOTH)
def put_in_front(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Any:
    U, W, b = backward
    h, behind = h0[1], []
    for x_t in reversed(list(x)):
        h = torch.tanh(x_t @ U + h @ W + b)
        behind.insert(0, h)
    return torch.cat([layer(x, h0[0], *forward), torch.stack(behind)], dim=2)


@right(BOTH)
def joined_step_by_step(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Any:
    pairs = zip(*both(x, h0, forward, backward), strict=True)
    return torch.stack([torch.hstack(pair) for pair in pairs])


@right(BOTH)
def view_of_another_layout(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Any:
    h = torch.cat(both(x, h0, forward, backward), -1)
    return h.permute(2, 0, 1).contiguous().permute(1, 2, 0)


@wrong(BOTH, "input_changed")
def h0_advanced_in_place(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Any:
    """The running state is kept in h0."""
    h = both(x, h0, forward, backward)
    h0[0], h0[1] = h[0][-1], h[1][0]
    return torch.cat(h, -1)


@wrong(BOTH, "wrong_type")
def a_pair(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Any:
    """Leaves it to the reader to join the two."""
    return both(x, h0, forward, backward)


@wrong(BOTH, "nothing_returned")
def no_return(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Any:
    """Forgets the last line."""
    torch.cat(both(x, h0, forward, backward), -1)


bank.wrong_ones(
    BOTH,
    ("not_turned_back", "backward_states_not_turned_back", "Forgets the second flip.",
     lambda x, h0, f, b: torch.cat([layer(x, h0[0], *f), layer(x.flip(0), h0[1], *b)], -1)),
    ("never_turned", "backward_reads_forwards", "Forgets both flips.",
     lambda x, h0, f, b: torch.cat([layer(x, h0[0], *f), layer(x, h0[1], *b)], -1)),
    ("only_turned_back", "only_the_states_turned", "Forgets the first flip.",
     lambda x, h0, f, b: torch.cat([layer(x, h0[0], *f), layer(x, h0[1], *b).flip(0)], -1)),
    ("starts_exchanged", "initial_states_exchanged", "h0[1] first.",
     lambda x, h0, f, b: torch.cat(both(x, h0[[1, 0]], f, b), -1)),
    ("one_start", "first_initial_state_for_both", "h0[0] twice.",
     lambda x, h0, f, b: torch.cat(both(x, h0[[0, 0]], f, b), -1)),
    ("zeros", "initial_state_ignored", "Starts from zeros.",
     lambda x, h0, f, b: torch.cat(both(x, 0 * h0, f, b), -1)),
    ("goes_on", "backward_starts_from_the_forward_end", "Turns round at the end, state in hand.",
     lambda x, h0, f, b: torch.cat([
         layer(x, h0[0], *f),
         layer(x.flip(0), layer(x, h0[0], *f)[-1], *b).flip(0)], -1)),
    ("forward_twice", "forward_weights_for_both", "Copies a line and changes too little.",
     lambda x, h0, f, b: torch.cat(both(x, h0, f, f), -1)),
    ("backward_twice", "backward_weights_for_both", "The same, the other way round.",
     lambda x, h0, f, b: torch.cat(both(x, h0, b, b), -1)),
    ("layers_exchanged", "weights_exchanged", "Mixes up the arguments.",
     lambda x, h0, f, b: torch.cat(both(x, h0, b, f), -1)),
    ("backward_first", "halves_exchanged", "Backward states first.",
     lambda x, h0, f, b: torch.cat(both(x, h0, f, b)[::-1], -1)),
    ("added", "summed_not_concatenated", "Adds the two.",
     lambda x, h0, f, b: sum(both(x, h0, f, b))),
    ("averaged", "averaged_not_concatenated", "The mean of the two.",
     lambda x, h0, f, b: torch.stack(both(x, h0, f, b)).mean(0)),
    ("cat_along_time", "joined_along_time", "torch.cat without dim.",
     lambda x, h0, f, b: torch.cat(both(x, h0, f, b))),
    ("cat_along_batch", "joined_along_the_batch", "dim=1.",
     lambda x, h0, f, b: torch.cat(both(x, h0, f, b), 1)),
    ("stacked", "stacked_not_concatenated", "stack for cat.",
     lambda x, h0, f, b: torch.stack(both(x, h0, f, b))),
    ("stacked_last", "stacked_not_concatenated", "stack for cat, last axis.",
     lambda x, h0, f, b: torch.stack(both(x, h0, f, b), -1)),
    ("interleaved", "units_interleaved", "Stacks, then reshapes.",
     lambda x, h0, f, b: torch.stack(both(x, h0, f, b), -1).flatten(2)),
    ("forward_alone", "forward_only", "Returns too early.",
     lambda x, h0, f, b: both(x, h0, f, b)[0]),
    ("last_states", "last_states_only", "As a classifier would use it.",
     lambda x, h0, f, b: torch.cat([both(x, h0, f, b)[0][-1], both(x, h0, f, b)[1][0]], -1)),
    ("batch_turned", "batch_turned_for_time", "flip(1): thinks x is batch-first.",
     lambda x, h0, f, b: torch.cat(
         [layer(x, h0[0], *f), layer(x.flip(1), h0[1], *b).flip(1)], -1)),
    ("features_turned", "features_turned_for_time", "flip(-1).",
     lambda x, h0, f, b: torch.cat(
         [layer(x, h0[0], *f), layer(x.flip(-1), h0[1], *b).flip(-1)], -1)),
    ("rows_first", "batch_first", "(N, T, 2H).",
     lambda x, h0, f, b: torch.cat(both(x, h0, f, b), -1).transpose(0, 1)),
    ("reads_states", "backward_reads_the_forward_states", "Stacks the two layers.",
     lambda x, h0, f, b: torch.cat([
         layer(x, h0[0], *f), layer(layer(x, h0[0], *f).flip(0), h0[1], *b).flip(0)], -1)),
    ("bias_left_out", "no_bias", "Forgets b.",
     lambda x, h0, f, b: torch.cat(both(x, h0, (*f[:2], 0 * f[2]), (*b[:2], 0 * b[2])), -1)),
    ("sigmoids", "sigmoid_for_tanh", "The wrong squashing function.",
     lambda x, h0, f, b: torch.cat(both(x, h0, f, b, lambda *a: layer(*a, torch.sigmoid)), -1)),
    ("not_carried", "state_not_carried", "Starts each step from h0.",
     lambda x, h0, f, b: torch.cat(both(x, h0, f, b, lambda x, h, *w: torch.cat(
         [layer(x_t[None], h, *w) for x_t in x])), -1)),
)  # fmt: skip


@wrong(BOTH, "forbidden_call")
def bidirectional_by_torch(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Any:
    """nn.RNN has bidirectional=True."""
    D, H = forward[0].shape
    rnn = nn.RNN(D, H, bidirectional=True, dtype=x.dtype, device=x.device)
    for end, (U, W, b) in (("", forward), ("_reverse", backward)):
        getattr(rnn, f"weight_ih_l0{end}").data = U.T.contiguous()
        getattr(rnn, f"weight_hh_l0{end}").data = W.T.contiguous()
        getattr(rnn, f"bias_ih_l0{end}").data = b
        getattr(rnn, f"bias_hh_l0{end}").data = 0 * b
    return rnn(x, h0)[0]
