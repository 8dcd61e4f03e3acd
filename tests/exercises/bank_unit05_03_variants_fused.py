"""Answers to lstm_cell_fused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
sigmoid, tanh = torch.sigmoid, torch.tanh
Step = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Any]


def _sums(x: Tensor, h: Tensor, V: Tensor, b: Tensor) -> Tensor:
    return torch.cat([x, h], 1) @ V + b


def _states(i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """The rest of the step, the gates not yet squashed."""
    new = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(new), new


def _named(order: str) -> Step:
    """The four blocks given these names, from the left."""

    def step(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
        z = dict(zip(order, _sums(x, h, V, b).chunk(4, 1), strict=True))
        return _states(z["i"], z["f"], z["g"], z["o"], c)

    return step


def _split(split: Callable[[Tensor], Any]) -> Step:
    return lambda x, h, c, V, b: _states(*split(_sums(x, h, V, b)), c)


def _rest(rest: Callable[..., Any]) -> Step:
    """Right sums; `rest(i, f, g, o, c, h)` does what follows."""
    return lambda x, h, c, V, b: rest(*_sums(x, h, V, b).chunk(4, 1), c, h)


def _hx(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    return _states(*(torch.cat([h, x], 1) @ V + b).chunk(4, 1), c)


def _hx_by_slices(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    H = h.shape[1]
    return _states(*(h @ V[:H] + x @ V[H:] + b).chunk(4, 1), c)


def _coupled(i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor, h: Tensor) -> Any:
    f = sigmoid(f)
    new = f * c + (1 - f) * tanh(g)
    return sigmoid(o) * tanh(new), new


def _kept_tanh(i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor, h: Tensor) -> Any:
    new = tanh(sigmoid(f) * c + sigmoid(i) * tanh(g))
    return sigmoid(o) * new, new


def _in_place(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    i, f, g, o = _sums(x, h, V, b).chunk(4, 1)
    c *= sigmoid(f)
    c += sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def _single(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    i, f, g, o = (torch.cat([x, h], 1).float() @ V.float() + b.float()).chunk(4, 1)
    return _states(i, f, g, o, c.float())


def _on_the_cpu(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    both = torch.zeros(len(x), len(V), dtype=x.dtype)
    both[:, : x.shape[1]], both[:, x.shape[1] :] = x, h
    return _states(*(both @ V + b).chunk(4, 1), c)


def _bias_after(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    i, f, g, o = (torch.cat([x, h], 1) @ V).chunk(4, 1)
    b_i, b_f, b_g, b_o = b.chunk(4)
    new = (sigmoid(f) + b_f) * c + (sigmoid(i) + b_i) * (tanh(g) + b_g)
    return (sigmoid(o) + b_o) * tanh(new), new


def _cut_along_the_batch(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    i, f, g, o = _sums(x, h, V, b).chunk(4)
    return _states(i, f, g, o, c)


bank.wrong_ones(
    "lstm_cell_fused",
    ("joined_as_h_x", "rows_exchanged", "Puts the state first, as Colah's blog does.", _hx),
    ("sliced_as_h_x", "rows_exchanged", "Slices V, the state's rows first.", _hx_by_slices),
    ("order_of_the_slides", "gates_in_another_order", "f, i, C̄, o, as on the slides.",
     _named("figo")),
    ("candidate_last", "gates_in_another_order", "The three gates, then g, as Keras's old code.",
     _named("ifog")),
    ("output_before_candidate", "gates_in_another_order", "f, i, o, g.", _named("fiog")),
    ("candidate_first", "gates_in_another_order", "The order i, g, f, o of another library.",
     _named("igfo")),
    ("alphabet", "gates_in_another_order", "In the alphabet's order.", _named("fgio")),
    ("no_bias", "bias_missing", "Takes the slides' form, which has no bias.",
     lambda x, h, c, V, b: _states(*(torch.cat([x, h], 1) @ V).chunk(4, 1), c)),
    ("two_biases", "bias_twice", "Adds it for the input and for the state, as PyTorch's two.",
     lambda x, h, c, V, b: _states(*(_sums(x, h, V, b) + b).chunk(4, 1), c)),
    ("minus_bias", "bias_subtracted", "Takes b for a threshold.",
     lambda x, h, c, V, b: _states(*(torch.cat([x, h], 1) @ V - b).chunk(4, 1), c)),
    ("bias_at_the_end", "bias_outside", "Adds each block of b to its gate.", _bias_after),
    ("view_as_units_of_four", "gates_interleaved", "Views the sums as (N, H, 4).",
     _split(lambda z: z.view(len(z), -1, 4).unbind(2))),
    ("every_fourth", "gates_interleaved", "Takes every fourth column.",
     _split(lambda z: [z[:, k::4] for k in range(4)])),
    ("view_as_four_first", "cut_across_rows", "Views the sums as (4, N, H).",
     _split(lambda z: z.reshape(4, len(z), -1))),
    ("sigmoid_on_all", "sigmoid_on_candidate", "One sigmoid over the whole 4H.",
     _rest(lambda i, f, g, o, c, h: (
         sigmoid(o) * tanh(sigmoid(f) * c + sigmoid(i) * sigmoid(g)),
         sigmoid(f) * c + sigmoid(i) * sigmoid(g)))),
    ("sigmoid_then_tanh", "sigmoid_before_tanh", "One sigmoid over 4H, then tanh on g.",
     _rest(lambda i, f, g, o, c, h: _states(i, f, sigmoid(g), o, c))),
    ("tanh_on_all", "tanh_on_all_gates", "One tanh over the whole 4H.",
     _rest(lambda i, f, g, o, c, h: (
         tanh(o) * tanh(tanh(f) * c + tanh(i) * tanh(g)), tanh(f) * c + tanh(i) * tanh(g)))),
    ("no_tanh_at_the_end", "no_tanh_on_cell", "Shows the cell as it is.",
     _rest(lambda i, f, g, o, c, h: (
         sigmoid(o) * (sigmoid(f) * c + sigmoid(i) * tanh(g)),
         sigmoid(f) * c + sigmoid(i) * tanh(g)))),
    ("tanh_in_the_cell", "tanh_stored_in_cell", "Squashes the cell before it is kept.",
     _rest(_kept_tanh)),
    ("coupled_already", "input_gate_coupled", "Thinks of i as what is not kept.", _rest(_coupled)),
    ("old_cell_shown", "hidden_from_previous_cell", "Shows c_prev.",
     _rest(lambda i, f, g, o, c, h: (sigmoid(o) * tanh(c), _states(i, f, g, o, c)[1]))),
    ("returned_c_h", "outputs_swapped", "Returns the cell first.",
     _rest(lambda i, f, g, o, c, h: _states(i, f, g, o, c)[::-1])),
    ("returned_h_h", "hidden_returned_as_cell", "Returns h twice.",
     _rest(lambda i, f, g, o, c, h: (_states(i, f, g, o, c)[0],) * 2)),
    ("states_swapped", "previous_states_swapped", "Takes the arguments in the other order.",
     lambda x, h, c, V, b: _states(*_sums(x, c, V, b).chunk(4, 1), h)),
    ("gates_see_the_cell", "cell_fed_to_gates", "Joins x_t and c_prev.",
     lambda x, h, c, V, b: _states(*_sums(x, c, V, b).chunk(4, 1), c)),
    ("chunk_along_the_batch", "wrong_number_of_values", "Forgets that chunk cuts axis 0.",
     _cut_along_the_batch),
    ("into_c_prev", "input_changed", "Saves memory: c_prev *= f.", _in_place),
    ("single_precision", "wrong_dtype", "Computes in float32 for speed.", _single),
    ("buffer_on_the_cpu", "wrong_device", "Fills a buffer made with torch.zeros.", _on_the_cpu),
    ("only_h", "wrong_type", "Returns h alone.",
     lambda x, h, c, V, b: _states(*_sums(x, h, V, b).chunk(4, 1), c)[0]),
)  # fmt: skip


def by_slices(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    H, z = h.shape[1], torch.cat((x, h), dim=-1).matmul(V).add(b)
    i, f, g, o = (z[:, k * H : (k + 1) * H] for k in range(4))
    return [o.sigmoid() * (new := f.sigmoid() * c + i.sigmoid() * g.tanh()).tanh(), new]


def two_products(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    D = x.shape[1]
    return _states(*(x @ V[:D] + h @ V[D:] + b).split(h.shape[1], dim=1), c)


def by_einsum(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    cut = V.unflatten(1, (4, -1))
    z = torch.einsum("nd,dkh->knh", torch.cat([x, h], 1), cut) + b.view(4, 1, -1)
    print("gates", z.shape)
    return _states(*z, c)


def with_an_input_of_one(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    both = torch.cat([x, h, torch.ones_like(h[:, :1])], 1)
    z = torch.nn.functional.linear(both, torch.cat([V, b[None]]).T)
    return _states(*z.tensor_split(4, 1), c)


def one_sigmoid_for_three(x: Tensor, h: Tensor, c: Tensor, V: Tensor, b: Tensor) -> Any:
    z, H = _sums(x, h, V, b), h.shape[1]
    gates = sigmoid(z)
    i, f, o = gates[:, :H], gates[:, H : 2 * H], gates[:, 3 * H :]
    new = torch.addcmul(f * c, i, tanh(z[:, 2 * H : 3 * H]))
    return (o * tanh(new)).contiguous(), new


bank.right_ones(
    "lstm_cell_fused",
    by_slices=by_slices,
    two_products=two_products,
    by_einsum=by_einsum,
    with_an_input_of_one=with_an_input_of_one,
    one_sigmoid_for_three=one_sigmoid_for_three,
)
