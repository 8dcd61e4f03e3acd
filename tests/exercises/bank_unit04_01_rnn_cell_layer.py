"""Answers to rnn_forward and rnn_to_torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong, right = bank.wrong, bank.right


def step(x_t: Tensor, h: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return torch.tanh(x_t @ U + h @ W + b)


def states(x: Any, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> list[Tensor]:
    found, h = [], h0
    for x_t in x:
        h = step(x_t, h, U, W, b)
        found.append(h)
    return found


def after(change: Callable[[Tensor], Any]) -> Callable[..., Any]:
    """The right states, changed."""
    return lambda *inputs: change(torch.stack(states(*inputs)))


@wrong("rnn_forward", "last_step_repeated")
def same_memory(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """Writes each state into one tensor, and keeps that tensor T times."""
    h, found = h0.clone(), []
    for x_t in x:
        h.copy_(step(x_t, h, U, W, b))
        found.append(h)
    return torch.stack(found)


@wrong("rnn_forward", "input_changed")
def starts_in_h0(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """Uses h0 as its working memory."""
    found = []
    for x_t in x:
        h0[:] = step(x_t, h0, U, W, b)
        found.append(h0.clone())
    return torch.stack(found)


@wrong("rnn_forward", "first_step_only")
def returns_inside(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """The return is indented too far."""
    found = []
    for x_t in x:
        found.append(step(x_t, h0, U, W, b))
        return torch.stack(found)


@wrong("rnn_forward", "batch_read_as_time")
def over_the_batch(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """Takes the first axis for the batch."""
    return torch.stack(states(x.transpose(0, 1), h0, U, W, b))


@wrong("rnn_forward", "wrong_dtype")
def filled_zeros(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """torch.zeros is float32."""
    h, state = torch.zeros(len(x), *h0.shape), h0
    for t, x_t in enumerate(x):
        state = step(x_t, state, U, W, b)
        h[t] = state
    return h


@wrong("rnn_forward", "wrong_device")
def zeros_on_the_cpu(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """The dtype is right, the device is not thought of."""
    h, state = torch.zeros(len(x), *h0.shape, dtype=x.dtype), h0
    for t, x_t in enumerate(x):
        state = step(x_t, state, U, W, b)
        h[t] = state
    return h


@wrong("rnn_forward", "wrong_device")
def ones_on_the_cpu_from_the_second_step(
    x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor
) -> Any:
    """Adds up with a 1 of its own, once there is something to add to."""
    states = [step(x[0], h0, U, W, b)]
    for x_t in x[1:]:
        one = torch.ones(len(x_t), 1, dtype=x.dtype)
        states.append((x_t @ U + states[-1] @ W + one @ b[None]).tanh())
    return torch.stack(states)


@bank.wrong_with_memory("rnn_forward", "not_repeatable")
def stateful() -> Callable[..., Any]:
    """Goes on where the last call stopped, as a stateful layer of Keras does."""
    kept: dict[Any, Tensor] = {}

    def rnn_forward(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
        key = (x.shape, float(x.sum())) if x.device.type == "cpu" else x.shape
        found = states(x, kept.get(key, h0), U, W, b)
        kept[key] = found[-1]
        return torch.stack(found)

    return rnn_forward


@wrong("rnn_forward", "bias_grows")
def bias_collects(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """Adds b to a running bias."""
    found, h, total = [], h0, torch.zeros_like(b)
    for x_t in x:
        total = total + b
        h = step(x_t, h, U, W, total)
        found.append(h)
    return torch.stack(found)


bank.wrong_ones(
    "rnn_forward",
    ("no_carry", "state_not_carried", "Every step from h0.",
     lambda x, h0, U, W, b: torch.stack([step(x_t, h0, U, W, b) for x_t in x])),
    ("no_loop", "state_not_carried", "All steps in one product.",
     lambda x, h0, U, W, b: torch.tanh(x @ U + h0 @ W + b)),
    ("zero_start", "initial_state_ignored", "nn.RNN starts from zeros when it is given none.",
     lambda x, h0, U, W, b: torch.stack(states(x, torch.zeros_like(h0), U, W, b))),
    ("backwards", "time_reversed", "Recursion from the end.",
     lambda x, h0, U, W, b: torch.stack(states(x.flip(0), h0, U, W, b))),
    ("backwards_in_place", "time_reversed", "The backward half of a bidirectional RNN.",
     lambda x, h0, U, W, b: torch.stack(states(x.flip(0), h0, U, W, b)[::-1])),
    ("put_in_front", "outputs_reversed", "insert(0, ...).", after(lambda h: h.flip(0))),
    ("keeps_before", "states_before_each_step", "Appends first, steps then.",
     lambda *i: torch.stack([i[1], *states(*i)[:-1]])),
    ("keeps_h0_too", "initial_state_included", "The list starts with h0.",
     lambda *i: torch.stack([i[1], *states(*i)])),
    ("last_state", "last_step_only", "Returns the variable, not the list.",
     lambda *i: states(*i)[-1]),
    ("stacked_by_batch", "batch_first", "torch.stack(dim=1).",
     lambda *i: torch.stack(states(*i), dim=1)),
    ("cat", "concatenated_not_stacked", "torch.cat.", lambda *i: torch.cat(states(*i))),
    ("list", "wrong_type", "Returns the list.", states),
    ("from_one", "first_step_left_out", "range(1, T).",
     lambda x, *rest: torch.stack(states(x[1:], *rest))),
    ("to_t_minus_one", "last_step_left_out", "range(T - 1).",
     lambda x, *rest: torch.stack(states(x[:-1], *rest))),
    ("first_input", "first_input_repeated", "x[0] in place of x[t].",
     lambda x, *rest: torch.stack(states([x[0]] * len(x), *rest))),
    ("late_inputs", "input_one_step_late", "x[t - 1].",
     lambda x, *rest: torch.stack(states([x[t - 1] for t in range(len(x))], *rest))),
    ("sums", "states_summed", "state + step.", after(lambda h: h.cumsum(0))),
    ("sigmoid", "sigmoid_for_tanh", "As in a gate.", lambda x, h0, U, W, b: _with_step(
        lambda x_t, h: torch.sigmoid(x_t @ U + h @ W + b), x, h0)),
    ("linear", "no_activation", "No tanh.", lambda x, h0, U, W, b: _with_step(
        lambda x_t, h: x_t @ U + h @ W + b, x, h0)),
    ("without_bias", "no_bias", "No bias.", lambda x, h0, U, W, b: _with_step(
        lambda x_t, h: torch.tanh(x_t @ U + h @ W), x, h0)),
    ("swapped", "weights_swapped", "U and W.", lambda x, h0, U, W, b: _with_step(
        lambda x_t, h: torch.tanh(x_t @ W + h @ U + b), x, h0)),
    ("w_turned", "w_transposed", "W.T.", lambda x, h0, U, W, b: _with_step(
        lambda x_t, h: torch.tanh(x_t @ U + h @ W.T + b), x, h0)),
    ("tanh_outside_too", "state_squashed_again", "A tanh in the loop and one in the cell.",
     lambda x, h0, U, W, b: _carrying(torch.tanh, x, h0, U, W, b)),
)  # fmt: skip


def _with_step(one: Callable[[Tensor, Tensor], Tensor], x: Tensor, h0: Tensor) -> Tensor:
    found = [h0]
    for x_t in x:
        found.append(one(x_t, found[-1]))
    return torch.stack(found[1:])


def _carrying(change: Callable[[Tensor], Tensor], x: Tensor, h: Tensor, *w: Tensor) -> Tensor:
    found = []
    for x_t in x:
        found.append(step(x_t, h, *w))
        h = change(found[-1])
    return torch.stack(found)


def _filled(x: Tensor, h0: Tensor, *weights: Tensor) -> Tensor:
    h = x.new_zeros(len(x), *h0.shape)
    for t in range(len(x)):
        h[t] = step(x[t], h[t - 1] if t else h0, *weights)
    return h


def _recursive(x: Tensor, h0: Tensor, *weights: Tensor) -> Tensor:
    if len(x) == 1:
        return step(x[0], h0, *weights)[None]
    before = _recursive(x[:-1], h0, *weights)
    return torch.cat([before, step(x[-1], before[-1], *weights)[None]])


def _one_product(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    shares = x @ U + b
    return _with_step(lambda share, h: torch.tanh(share + h @ W), shares, h0)


def _joined(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    V = torch.cat([U, W])
    return _with_step(lambda x_t, h: torch.tanh(torch.cat([x_t, h], 1) @ V + b), x, h0)


bank.right_ones(
    "rnn_forward", filled=_filled, recursive=_recursive, one_product=_one_product, joined=_joined,
    strided=lambda *i: torch.stack(states(*i), dim=1).transpose(0, 1),
)  # fmt: skip

# --- rnn_to_torch ---------------------------------------------------------------------------------


def made(ih: Any, hh: Any, first: Any, second: Any, end: str = "_l0") -> dict[str, Any]:
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return {name + end: v for name, v in zip(names, (ih, hh, first, second), strict=True)}


bank.wrong_ones(
    "rnn_to_torch",
    ("as_they_are", "not_transposed", "Copies.", lambda U, W, b: made(U, W, b, 0 * b)),
    ("w_as_it_is", "w_not_transposed", "It fits.", lambda U, W, b: made(U.T, W, b, 0 * b)),
    ("u_as_it_is", "u_not_transposed", "One .T forgotten.",
     lambda U, W, b: made(U, W.T, b, 0 * b)),
    ("reshaped", "reshaped_not_transposed", "Makes the shape fit.",
     lambda U, W, b: made(U.reshape(len(b), -1), W.T, b, 0 * b)),
    ("swapped", "weights_swapped", "hh is hidden, so U?",
     lambda U, W, b: made(W.T, U.T, b, 0 * b)),
    ("both_b", "bias_twice", "Two biases, and b for each.", lambda U, W, b: made(U.T, W.T, b, b)),
    ("no_b", "bias_left_out", "Zeros for both.",
     lambda U, W, b: made(U.T, W.T, 0 * b, 0 * b)),
    ("half_b", "bias_halved", "Halves one and leaves the other.",
     lambda U, W, b: made(U.T, W.T, b / 2, 0 * b)),
    ("one_bias", "wrong_keys", "We have one bias.",
     lambda U, W, b: {"weight_ih_l0": U.T, "weight_hh_l0": W.T, "bias_ih_l0": b}),
    ("cell_names", "wrong_keys", "RNNCell's names.",
     lambda U, W, b: made(U.T, W.T, b, 0 * b, "")),
    ("our_names", "wrong_keys", "Our letters.", lambda U, W, b: {"U": U.T, "W": W.T, "b": b}),
    ("one_key_more", "wrong_keys", "Leaves b in the dict too.",
     lambda U, W, b: {**made(U.T, W.T, b, 0 * b), "b": b}),
    ("tuple", "wrong_type", "In PyTorch's order.", lambda U, W, b: (U.T, W.T, b, 0 * b)),
    ("zero_number", "wrong_type", "0 for no bias.", lambda U, W, b: made(U.T, W.T, b, 0)),
    ("bias_as_row", "wrong_shape", "A row for each bias.",
     lambda U, W, b: made(U.T, W.T, b[None], 0 * b[None])),
    ("zeros_on_cpu", "wrong_device", "torch.zeros.",
     lambda U, W, b: made(U.T, W.T, b, torch.zeros(len(b), dtype=b.dtype))),
)  # fmt: skip


def _from_a_module(U: Tensor, W: Tensor, b: Tensor) -> Any:
    state = nn.RNN(*U.shape).state_dict()
    state["weight_ih_l0"], state["weight_hh_l0"] = U.T, W.T
    state["bias_ih_l0"], state["bias_hh_l0"] = torch.zeros_like(b), b
    return state


bank.right_ones(
    "rnn_to_torch",
    first_bias=lambda U, W, b: made(U.T, W.T, b, torch.zeros_like(b)),
    second_bias=lambda U, W, b: made(U.mT.contiguous(), W.t(), 0 * b, b.clone()),
    halves=lambda U, W, b: made(U.T, W.T, b / 2, b / 2),
    uneven=lambda U, W, b: made(U.T, W.T, 3 * b - 1, 1 - 2 * b),
    from_a_module=_from_a_module,
)
