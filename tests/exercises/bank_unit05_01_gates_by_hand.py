"""Wrong answers to the four gates, each written for its own gate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params

bank = Bank()
wrong = bank.wrong

# What is left over in a notebook from cells run earlier.
LEFT_OVER: Params = {"U_i": torch.full((6, 10), 0.1), "W_i": torch.full((10, 10), -0.1)}


@wrong("forget_gate", "tanh_for_sigmoid")
def tanh_gate(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Takes the RNN's squashing function along."""
    return torch.tanh(x_t @ U_f + h_prev @ W_f)


@wrong("forget_gate", "complement")
def one_minus(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Believes that a forget gate of 1 forgets everything."""
    return 1 - torch.sigmoid(x_t @ U_f + h_prev @ W_f)


@wrong("forget_gate", "complement")
def sign_lost_in_the_exponent(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Writes the sigmoid from memory, without its minus."""
    z = torch.matmul(x_t, U_f) + torch.matmul(h_prev, W_f)
    return 1 / (1 + torch.exp(z))


@wrong("forget_gate", "activation_overflow")
def exponentials_overflow(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Writes the sigmoid as e / (1 + e), which is inf / inf for a large sum."""
    e = (x_t @ U_f + h_prev @ W_f).exp()
    return e / (1 + e)


@wrong("forget_gate", "gate_rounded")
def rounded_to_open_or_shut(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """A gate is open or shut, so it is rounded."""
    return torch.sigmoid(x_t @ U_f + h_prev @ W_f).round()


@wrong("forget_gate", "softmax_for_sigmoid")
def softmax_over_units(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Between 0 and 1, so softmax."""
    return torch.softmax(x_t @ U_f + h_prev @ W_f, dim=1)


@wrong("forget_gate", "relu_for_sigmoid")
def relu_gate(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """The activation every other layer has."""
    return torch.relu(x_t @ U_f + h_prev @ W_f)


@wrong("forget_gate", "hard_activation")
def clamped(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Between 0 and 1, so cut off at 0 and 1."""
    return (x_t @ U_f + h_prev @ W_f).clamp(0, 1)


@wrong("forget_gate", "hard_activation")
def hard_sigmoid(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """The sigmoid that completion offered."""
    return F.hardsigmoid(x_t @ U_f + h_prev @ W_f)


@wrong("forget_gate", "activation_rescaled")
def tanh_moved_up(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Makes a sigmoid out of tanh and forgets to halve the argument."""
    return 0.5 * torch.tanh(x_t @ U_f + h_prev @ W_f) + 0.5


@wrong("forget_gate", "logarithm_of_activation")
def log_sigmoid(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """The numerically stable one, it said."""
    return F.logsigmoid(x_t @ U_f + h_prev @ W_f)


@wrong("forget_gate", "wrong_type")
def one_tuple(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Any:
    """A comma left behind when the return line was shortened."""
    f_t = torch.sigmoid(x_t @ U_f + h_prev @ W_f)
    return (f_t,)


@wrong("forget_gate", "different")
def state_added_before_its_weights(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """A bracket set wrongly: the input's share goes through W_f as well."""
    return torch.sigmoid((x_t @ U_f + h_prev) @ W_f)


@wrong("forget_gate", "previous_weights_transposed")
def column_form_turned_back(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """W h in columns, turned back into rows: W_f ends up transposed."""
    return torch.sigmoid(x_t @ U_f + (W_f @ h_prev.T).T)


@wrong("forget_gate", "wrong_shape")
def summed_to_one_number(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """One number says how much to keep."""
    return torch.sigmoid(torch.sum(x_t @ U_f + h_prev @ W_f))


@wrong("forget_gate", "joined_along_the_wrong_axis")
def concatenated_below(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """torch.cat without a dim stacks rows."""
    return torch.sigmoid(torch.cat([x_t, h_prev]) @ torch.cat([U_f, W_f]))


@wrong("forget_gate", "elementwise_for_matrix_product")
def one_star_element_wise(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Mends the first star and forgets the second."""
    return torch.sigmoid(x_t @ U_f + h_prev * W_f)


@wrong("forget_gate", "wrong_device")
def bias_on_the_cpu(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Adds a bias of zeros, made on the CPU."""
    b_f = torch.zeros(U_f.shape[1], dtype=U_f.dtype)
    return torch.sigmoid(x_t @ U_f + h_prev @ W_f + b_f)


@wrong("forget_gate", "wrong_device")
def through_numpy_and_back(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Right on the CPU; NumPy cannot read a GPU's memory."""
    z = (x_t @ U_f + h_prev @ W_f).numpy()
    return torch.from_numpy(1 / (1 + np.exp(-np.clip(z, -500, 500))))


@wrong("forget_gate", "not_repeatable")
def weights_of_its_own(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Two linear layers, as in every tutorial: they bring new random weights."""
    D, H = U_f.shape
    on_input = nn.Linear(D, H, bias=False, dtype=x_t.dtype, device=x_t.device)
    on_state = nn.Linear(H, H, bias=False, dtype=x_t.dtype, device=x_t.device)
    return torch.sigmoid(on_input(x_t) + on_state(h_prev))


@wrong("forget_gate", "previous_weights_transposed")
def shapes_summed_in_einsum(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Puts W's second index on h: einsum accepts it, W_f is read transposed."""
    return torch.sigmoid(
        torch.einsum("nd,dh->nh", x_t, U_f) + torch.einsum("nh,kh->nk", h_prev, W_f)
    )


@wrong("forget_gate", "not_started")
def stub_line_not_deleted(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    """Writes the answer above the line that raises, and leaves that line."""
    f_t = torch.sigmoid(x_t @ U_f + h_prev @ W_f)  # noqa: F841
    raise NotImplementedError("write your answer in place of this line")


@wrong("forget_gate", "wrong_signature")
def three_arguments(x_t: Tensor, h_prev: Tensor, U_f: Tensor) -> Tensor:
    """Has changed the signature."""
    return torch.sigmoid(x_t @ U_f + h_prev)


@wrong("input_gate", "unknown_name")
def names_not_changed(x_t: Tensor, h_prev: Tensor, U_i: Tensor, W_i: Tensor) -> Tensor:
    """The forget gate's line, copied with its names."""
    return torch.sigmoid(x_t @ U_f + h_prev @ W_f)  # type: ignore[name-defined] # noqa: F821


@wrong("input_gate", "sizes_do_not_fit")
def left_over_weights(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    """Reads weights that an earlier cell left in the notebook."""
    return torch.sigmoid(x_t @ LEFT_OVER["U_i"] + h_prev @ LEFT_OVER["W_i"])


@wrong("input_gate", "complement")
def what_the_forget_gate_leaves(x_t: Tensor, h_prev: Tensor, U_i: Tensor, W_i: Tensor) -> Tensor:
    """Writes where the old is dropped: one minus a gate."""
    forget = torch.sigmoid(x_t @ U_i + h_prev @ W_i)
    return 1.0 - forget


@wrong("input_gate", "different")
def last_row_left_out(x_t: Tensor, h_prev: Tensor, U_i: Tensor, W_i: Tensor) -> Tensor:
    """A loop over the rows that ends one early."""
    N = x_t.shape[0]
    i_t = torch.zeros_like(h_prev)
    for n in range(N - 1):
        i_t[n] = torch.sigmoid(x_t[n] @ U_i + h_prev[n] @ W_i)
    return i_t


@wrong("input_gate", "different")
def first_state_for_all_rows(x_t: Tensor, h_prev: Tensor, U_i: Tensor, W_i: Tensor) -> Tensor:
    """Indexes the state as if it were (1, N, H), as in nn.LSTM: the first row, broadcast."""
    return torch.sigmoid(x_t @ U_i + h_prev[0] @ W_i)


@wrong("input_gate", "tanh_for_sigmoid")
def tanh_input(x_t: Tensor, h_prev: Tensor, U_i: Tensor, W_i: Tensor) -> Tensor:
    """What comes in may be negative."""
    return (x_t @ U_i + h_prev @ W_i).tanh()


@wrong("input_gate", "sizes_do_not_fit")
def same_state_for_both(x_t: Tensor, h_prev: Tensor, U_i: Tensor, W_i: Tensor) -> Tensor:
    """The state typed where the input belongs."""
    return torch.sigmoid(h_prev @ U_i + h_prev @ W_i)


@wrong("candidate", "sigmoid_for_tanh")
def sigmoid_candidate(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """The gates' line, pasted a third time."""
    return torch.sigmoid(x_t @ U_c + h_prev @ W_c)


@wrong("candidate", "relu_for_tanh")
def relu_candidate(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """Nobody uses tanh any more."""
    return F.relu(x_t @ U_c + h_prev @ W_c)


@wrong("candidate", "activation_rescaled")
def sigmoid_stretched(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """Makes tanh out of the sigmoid and forgets to double the argument."""
    return 2 * torch.sigmoid(x_t @ U_c + h_prev @ W_c) - 1


@wrong("candidate", "both_activations")
def tanh_of_a_sigmoid(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """Keeps the gate's sigmoid and puts the tanh around it."""
    return torch.tanh(torch.sigmoid(x_t @ U_c + h_prev @ W_c))


@wrong("candidate", "activation_overflow")
def exponentials_overflow_in_tanh(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """tanh from its definition: inf / inf for a large sum."""
    z = x_t @ U_c + h_prev @ W_c
    up, down = torch.exp(z), torch.exp(-z)
    return (up - down) / (up + down)


@wrong("candidate", "tan_for_tanh")
def tangent(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """An h lost."""
    return torch.tan(x_t @ U_c + h_prev @ W_c)


@wrong("candidate", "arc_tangent")
def arc_tangent(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """Another S-shaped curve."""
    return torch.atan(x_t @ U_c + h_prev @ W_c)


@wrong("candidate", "hard_activation")
def clipped_at_one(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """Between -1 and 1, so cut off there."""
    return torch.clip(x_t @ U_c + h_prev @ W_c, -1, 1)


@wrong("candidate", "different")
def gated_already(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """Multiplies the input gate in at once."""
    z = x_t @ U_c + h_prev @ W_c
    return torch.sigmoid(z) * torch.tanh(z)


@wrong("candidate", "different")
def reset_as_in_a_gru(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """Remembers the GRU's reset gate."""
    r = torch.sigmoid(x_t @ U_c + h_prev @ W_c)
    return torch.tanh(x_t @ U_c + (r * h_prev) @ W_c)


@wrong("candidate", "number_function_on_tensor")
def math_tanh(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Any:
    """tanh from the wrong module."""
    return math.tanh(x_t @ U_c + h_prev @ W_c)


@wrong("candidate", "wrong_type")
def numpy_tanh_of_detached(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Any:
    """Does the exercise in NumPy."""
    x, h, U, W = (np.asarray(a) for a in (x_t, h_prev, U_c, W_c))
    return np.tanh(x @ U + h @ W)


@wrong("candidate", "wrong_type")
def list_of_rows(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Any:
    """Appends row by row and returns the list."""
    rows = []
    for x_n, h_n in zip(x_t, h_prev, strict=True):
        rows.append(torch.tanh(x_n @ U_c + h_n @ W_c))
    return rows


@wrong("candidate", "wrong_dtype")
def buffer_of_default_dtype(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """Allocates the result with torch.zeros, which is float32."""
    N, H = h_prev.shape
    out = torch.zeros(N, H)
    out[:] = torch.tanh(x_t @ U_c + h_prev @ W_c)
    return out


@wrong("candidate", "activation_rescaled")
def mean_of_the_shares(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    """Half from the input, half from the state."""
    return torch.tanh((x_t @ U_c + h_prev @ W_c) / 2)


@wrong("output_gate", "tanh_for_sigmoid")
def tanh_output(x_t: Tensor, h_prev: Tensor, U_o: Tensor, W_o: Tensor) -> Tensor:
    """Confuses the gate with the tanh that stands beside it in the figure."""
    return torch.tanh(x_t @ U_o + h_prev @ W_o)


@wrong("output_gate", "different")
def shown_already(x_t: Tensor, h_prev: Tensor, U_o: Tensor, W_o: Tensor) -> Tensor:
    """Applies the gate to the old state at once."""
    return torch.sigmoid(x_t @ U_o + h_prev @ W_o) * torch.tanh(h_prev)


@wrong("output_gate", "softmax_for_sigmoid")
def softmax_output(x_t: Tensor, h_prev: Tensor, U_o: Tensor, W_o: Tensor) -> Tensor:
    """Output means softmax."""
    return (x_t @ U_o + h_prev @ W_o).softmax(-1)


@wrong("output_gate", "unknown_name")
def only_one_name_changed(x_t: Tensor, h_prev: Tensor, U_o: Tensor, W_o: Tensor) -> Tensor:
    """Changes the first weight's name and not the second."""
    return torch.sigmoid(x_t @ U_o + h_prev @ W_f)  # type: ignore[name-defined] # noqa: F821


@wrong("output_gate", "complement")
def shut_for_open(x_t: Tensor, h_prev: Tensor, U_o: Tensor, W_o: Tensor) -> Tensor:
    """Sign of the whole sum turned."""
    return torch.sigmoid(-(x_t @ U_o) - h_prev @ W_o)
