"""Answers to the two forms of one step, and to stack_weights."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong, right = bank.wrong, bank.right

# --- rnn_cell -------------------------------------------------------------------------------------


@wrong("rnn_cell", "input_changed")
def adds_in_place(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """Reuses h_prev's memory for the result."""
    return h_prev.copy_(torch.tanh(x_t @ U + h_prev @ W + b))


@wrong("rnn_cell", "wrong_dtype")
def always_double(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """Computes in double to be safe, and forgets the way back."""
    return torch.tanh((x_t @ U + h_prev @ W + b).double())


@wrong("rnn_cell", "wrong_device")
def by_numpy(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """NumPy's tanh, because it is known from unit 2."""
    import numpy as np

    return torch.from_numpy(np.tanh((x_t @ U + h_prev @ W + b).numpy()))


@wrong("rnn_cell", "number_function_on_tensor")
def tanh_of_math(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """tanh is in math too."""
    return math.tanh(x_t @ U + h_prev @ W + b)


@wrong("rnn_cell", "nothing_returned")
def forgets_to_return(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """The last line is an assignment."""
    h_prev = torch.tanh(x_t @ U + h_prev @ W + b)


@wrong("rnn_cell", "tanh_overflows")
def tanh_as_defined(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """Writes tanh out, as a mathematics book does."""
    up, down = torch.exp(x_t @ U + h_prev @ W + b), torch.exp(-(x_t @ U + h_prev @ W + b))
    return (up - down) / (up + down)


bank.wrong_ones(
    "rnn_cell",
    ("sigmoid", "sigmoid_for_tanh", "The gates of the LSTM have one.",
     lambda x, h, U, W, b: torch.sigmoid(x @ U + h @ W + b)),
    ("linear", "no_activation", "Stops after the sum.", lambda x, h, U, W, b: x @ U + h @ W + b),
    ("relu", "relu_for_tanh", "As in the MLP.",
     lambda x, h, U, W, b: (x @ U + h @ W + b).clamp(min=0)),
    ("softmax", "softmax_for_tanh", "Takes the state for a prediction.",
     lambda x, h, U, W, b: torch.softmax(x @ U + h @ W + b, dim=1)),
    ("tanh_twice", "squashed_twice", "A tanh in a helper and one outside.",
     lambda x, h, U, W, b: (x @ U + h @ W + b).tanh().tanh()),
    ("without_bias", "no_bias", "The slides show none.",
     lambda x, h, U, W, b: torch.tanh(x @ U + h @ W)),
    ("bias_outside", "bias_after_tanh", "A bracket in the wrong place.",
     lambda x, h, U, W, b: torch.tanh(x @ U + h @ W) + b),
    ("bias_minus", "bias_subtracted", "A threshold, as in old books.",
     lambda x, h, U, W, b: torch.tanh(x @ U + h @ W - b)),
    ("two_biases", "bias_twice", "One bias for each product, as in PyTorch.",
     lambda x, h, U, W, b: torch.tanh((x @ U + b) + (h @ W + b))),
    ("only_input", "state_ignored", "A dense layer.",
     lambda x, h, U, W, b: torch.tanh(x @ U + b)),
    ("only_state", "input_ignored", "The loop will add the input, one thinks.",
     lambda x, h, U, W, b: torch.tanh(h @ W + b)),
    ("state_outside", "state_added_after_tanh", "A bracket that closes too early.",
     lambda x, h, U, W, b: torch.tanh(x @ U + b) + h @ W),
    ("residual", "state_kept", "As in a ResNet.",
     lambda x, h, U, W, b: h + torch.tanh(x @ U + h @ W + b)),
    ("squashed_each", "squashed_apart", "Each share is squashed.",
     lambda x, h, U, W, b: torch.tanh(x @ U) + torch.tanh(h @ W) + b),
    ("squashed_each_bias_in_state", "squashed_apart", "Two small layers, added.",
     lambda x, h, U, W, b: torch.tanh(x @ U) + torch.tanh(h @ W + b)),
    ("squashed_each_bias_in_input", "squashed_apart", "Two small layers, added.",
     lambda x, h, U, W, b: torch.tanh(x @ U + b) + torch.tanh(h @ W)),
    ("swapped", "weights_swapped", "W for the input, U for the state.",
     lambda x, h, U, W, b: torch.tanh(x @ W + h @ U + b)),
    ("w_turned", "w_transposed", "PyTorch transposes, so one does.",
     lambda x, h, U, W, b: torch.tanh(x @ U + h @ W.T + b)),
    ("u_turned", "u_transposed", "PyTorch transposes, so one does.",
     lambda x, h, U, W, b: torch.tanh(x @ U.T + h @ W + b)),
    ("both_turned", "u_and_w_transposed", "PyTorch transposes, so one does.",
     lambda x, h, U, W, b: torch.tanh(x @ U.T + h @ W.T + b)),
    ("star", "element_wise_product", "The slides write a star.",
     lambda x, h, U, W, b: torch.tanh(x * U + h * W + b)),
    ("columns", "sizes_do_not_fit", "Column vectors, as in a book on linear algebra.",
     lambda x, h, U, W, b: torch.tanh(U.T @ x + W.T @ h + b)),
    ("in_a_list", "wrong_type", "Returns a list.",
     lambda x, h, U, W, b: [torch.tanh(x @ U + h @ W + b)]),
    ("turned_round", "wrong_shape", "Units first.",
     lambda x, h, U, W, b: torch.tanh(x @ U + h @ W + b).T),
)  # fmt: skip


@right("rnn_cell")
def row_by_row(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    return torch.stack([torch.tanh(x @ U + h @ W + b) for x, h in zip(x_t, h_prev, strict=True)])


@right("rnn_cell")
def unit_by_unit(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    h_t = torch.zeros_like(h_prev)
    for j in range(len(b)):
        h_t[:, j] = torch.tanh((x_t * U[:, j]).sum(1) + (h_prev * W[:, j]).sum(1) + b[j])
    return h_t


@right("rnn_cell")
def noisy_and_modular(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    print("shapes", x_t.shape, h_prev.shape)
    return torch.nn.functional.linear(x_t, U.T, b).add(h_prev.matmul(W)).tanh()


bank.right_ones(
    "rnn_cell",
    concatenated=lambda x, h, U, W, b: torch.tanh(torch.cat([x, h], 1) @ torch.cat([U, W]) + b),
    einsum=lambda x, h, U, W, b: torch.tanh(
        torch.einsum("nd,dh->nh", x, U) + torch.einsum("ng,gh->nh", h, W) + b),
    by_sigmoid=lambda x, h, U, W, b: 2 * torch.sigmoid(2 * (x @ U + h @ W + b)) - 1,
    columns_turned_back=lambda x, h, U, W, b: torch.tanh(U.T @ x.T + W.T @ h.T + b[:, None]).T,
    addmm=lambda x, h, U, W, b: torch.addmm(torch.addmm(b, x, U), h, W).tanh(),
)  # fmt: skip

# --- stack_weights --------------------------------------------------------------------------------

bank.wrong_ones(
    "stack_weights",
    ("state_above", "state_first", "The state is the older of the two.",
     lambda U, W: torch.cat([W, U])),
    ("w_turned", "w_transposed", "For the product with a row.",
     lambda U, W: torch.cat([U, W.T])),
    ("turned", "v_transposed", "As PyTorch keeps it.", lambda U, W: torch.cat([U, W]).T),
    ("columns", "side_by_side", "dim=1.", lambda U, W: torch.cat([U, W], dim=1)),
    ("stack", "stacked_not_joined", "The exercise is called so.",
     lambda U, W: torch.stack([U, W])),
    ("sum", "added_not_joined", "The products are added, so the matrices are.",
     lambda U, W: U + W),
    ("product", "multiplied_not_joined", "One matrix from two.", lambda U, W: U @ W),
    ("u_alone", "state_part_left_out", "A slip.", lambda U, W: U),
    ("w_twice", "state_part_twice", "Same shapes when D = H.", lambda U, W: torch.cat([W, W])),
    ("half_filled", "state_part_zero", "Fills V and stops half way.",
     lambda U, W: torch.cat([U, W * 0])),
    ("upside_down", "rows_reversed", "Flips it.", lambda U, W: torch.cat([U, W]).flip(0)),
    ("reshaped", "wrong_shape", "One long row.", lambda U, W: torch.cat([U, W]).flatten()),
    ("list_of_two", "wrong_type", "Brackets are joining too, one thinks.", lambda U, W: [U, W]),
    ("float64", "wrong_device", "Makes zeros and fills them, on the CPU.",
     lambda U, W: _filled(torch.zeros(len(U) + len(W), len(W), dtype=U.dtype), U, W)),
)  # fmt: skip


def _filled(V: Tensor, U: Tensor, W: Tensor) -> Tensor:
    V[: len(U)], V[len(U) :] = U, W
    return V


bank.right_ones(
    "stack_weights",
    cat=lambda U, W: torch.cat((U, W)),
    vstack=lambda U, W: torch.vstack((U, W)),
    filled=lambda U, W: _filled(U.new_empty(len(U) + len(W), U.shape[1]), U, W),
    turned_twice=lambda U, W: torch.hstack([U.T, W.T]).T,
    row_by_row=lambda U, W: torch.stack([*U, *W]),
)

# --- rnn_cell_concat ------------------------------------------------------------------------------

bank.wrong_ones(
    "rnn_cell_concat",
    ("joined_without_dim", "joined_along_another_axis", "cat without dim.",
     lambda x, h, V, b: torch.tanh(torch.cat([x, h]) @ V + b)),
    ("state_before", "state_first", "Joins in the other order.",
     lambda x, h, V, b: torch.tanh(torch.cat([h, x], 1) @ V + b)),
    ("linear", "no_activation", "Stops after the sum.",
     lambda x, h, V, b: torch.cat([x, h], 1) @ V + b),
    ("sigmoid", "sigmoid_for_tanh", "The LSTM's gates.",
     lambda x, h, V, b: torch.sigmoid(torch.cat([x, h], 1) @ V + b)),
    ("without_bias", "no_bias", "Forgets b.",
     lambda x, h, V, b: torch.tanh(torch.cat([x, h], 1) @ V)),
    ("bias_outside", "bias_after_tanh", "A bracket.",
     lambda x, h, V, b: torch.tanh(torch.cat([x, h], 1) @ V) + b),
    ("input_alone", "state_ignored", "Cuts V and forgets half of it.",
     lambda x, h, V, b: torch.tanh(x @ V[: x.shape[1]] + b)),
    ("w_turned", "w_transposed", "Cuts V and turns W.",
     lambda x, h, V, b: torch.tanh(x @ V[: x.shape[1]] + h @ V[x.shape[1] :].T + b)),
    ("cut_at_h", "split_after_units", "Cuts V after as many rows as it has columns.",
     lambda x, h, V, b: torch.tanh(x @ V[: V.shape[1]] + h @ V[V.shape[1] :] + b)),
    ("added", "added_not_joined", "Adds what should stand side by side.",
     lambda x, h, V, b: torch.tanh((x + h) @ V[: x.shape[1]] + b)),
    ("joined_output", "input_joined_to_output", "Joins what comes out.",
     lambda x, h, V, b: torch.cat([x, torch.tanh(torch.cat([x, h], 1) @ V + b)], 1)),
    ("joined_below", "sizes_do_not_fit", "dim=0: twice as many examples.",
     lambda x, h, V, b: torch.tanh(torch.cat([x, h.new_zeros(len(h), x.shape[1])]) @ V + b)),
    ("v_turned", "sizes_do_not_fit", "As PyTorch would keep it.",
     lambda x, h, V, b: torch.tanh(torch.cat([x, h], 1) @ V.T + b)),
    ("ones_on_cpu", "wrong_device", "Appends a 1 for the bias.",
     lambda x, h, V, b: torch.tanh(
         torch.cat([x, h, torch.ones(len(x), 1, dtype=x.dtype)], 1) @ torch.vstack([V, b]))),
)  # fmt: skip

bank.right_ones(
    "rnn_cell_concat",
    joined=lambda x, h, V, b: torch.tanh(torch.cat([x, h], dim=-1) @ V + b),
    hstack=lambda x, h, V, b: torch.hstack((x, h)).matmul(V).add(b).tanh(),
    taken_apart=lambda x, h, V, b: torch.tanh(x @ V[: x.shape[1]] + h @ V[x.shape[1] :] + b),
    from_the_end=lambda x, h, V, b: torch.tanh(x @ V[: -len(b)] + h @ V[-len(b) :] + b),
    one_for_the_bias=lambda x, h, V, b: torch.tanh(
        torch.cat([x, h, x.new_ones(len(x), 1)], 1) @ torch.vstack([V, b])
    ),
)
