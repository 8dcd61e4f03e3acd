"""Known wrong answers of the two exercises on the states, and PyTorch's right ones."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._lstm import torch_states


def torch_cell_state(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """PyTorch's c_t (N, H) for given gates, candidate and old cell, all (N, H)."""
    return torch_states(i_t, f_t, c_prev, i_t, c_bar)[1]


def torch_hidden_state(o_t: Tensor, c_t: Tensor) -> Tensor:
    """PyTorch's cell keeps c_t as it is (forget gate open, candidate 0) and reads it through o."""
    opened = torch.ones_like(o_t)
    return torch_states(o_t, opened, c_t, opened, torch.zeros_like(c_t))[0]


_CONVEYOR = "C_t = f_t * C_{t-1} + I_t * C̄_t: four tensors of shape (N, H), element by element."
_READ = "H_t = O_t * tanh(C_t), element by element."

CELL_STATE: tuple[Misconception, ...] = tuple(
    Misconception(name, says, _CONVEYOR, answer)
    for name, says, answer in (
        (
            "input_forget_swapped",
            "The forget gate and the input gate have changed places.",
            lambda f_t, c_prev, i_t, c_bar: torch_cell_state(i_t, c_prev, f_t, c_bar),
        ),
        (
            "carry_missing",
            "The old cell state does not reach the new one: f_t * C_{t-1} is missing.",
            lambda f_t, c_prev, i_t, c_bar: torch.mul(i_t, c_bar),
        ),
        (
            "new_content_missing",
            "Nothing new enters the cell: I_t * C̄_t is missing.",
            lambda f_t, c_prev, i_t, c_bar: torch.mul(f_t, c_prev),
        ),
        (
            "forget_gate_unused",
            "The old cell state is kept whole: f_t is not used.",
            lambda f_t, c_prev, i_t, c_bar: torch.addcmul(c_prev, i_t, c_bar),
        ),
        (
            "input_gate_unused",
            "The candidate enters the cell whole: i_t is not used.",
            lambda f_t, c_prev, i_t, c_bar: torch.addcmul(c_bar, f_t, c_prev),
        ),
        (
            "input_gate_coupled",
            "The candidate is let in by 1 - f_t; here the input gate i_t does that.",
            lambda f_t, c_prev, i_t, c_bar: torch.lerp(c_bar, c_prev, f_t),
        ),
        (
            "forget_gate_complemented",
            "The old cell state is kept by 1 - f_t; f_t itself says how much to keep.",
            lambda f_t, c_prev, i_t, c_bar: torch_cell_state(1 - f_t, c_prev, i_t, c_bar),
        ),
        (
            "tanh_stored_in_cell",
            "You return tanh(C_t); the cell state itself carries no tanh.",
            lambda *inputs: torch_cell_state(*inputs).tanh(),
        ),
        (
            "tanh_on_candidate_again",
            "tanh was applied to c_bar again; the candidate has been through it already.",
            lambda f_t, c_prev, i_t, c_bar: torch_cell_state(f_t, c_prev, i_t, c_bar.tanh()),
        ),
        (
            "sigmoid_on_gates_again",
            "A sigmoid was applied to f_t and i_t again; they have been through it already.",
            lambda f_t, c_prev, i_t, c_bar: torch_cell_state(
                f_t.sigmoid(), c_prev, i_t.sigmoid(), c_bar
            ),
        ),
        (
            "terms_subtracted",
            "The new content is subtracted; it should be added.",
            lambda f_t, c_prev, i_t, c_bar: torch_cell_state(f_t, c_prev, i_t, -c_bar),
        ),
        (
            "terms_multiplied",
            "The two products are multiplied; they should be added.",
            lambda f_t, c_prev, i_t, c_bar: f_t.mul(c_prev).mul(i_t).mul(c_bar),
        ),
        (
            "matrix_product_for_elementwise",
            "You used the matrix product; this star is element by element: `*` in PyTorch.",
            lambda f_t, c_prev, i_t, c_bar: f_t.mm(c_prev).add(i_t.mm(c_bar)),
        ),
        (
            "forget_gate_coupled",
            "The old cell state is kept by 1 - i_t; here the forget gate f_t does that.",
            lambda f_t, c_prev, i_t, c_bar: torch.lerp(c_prev, c_bar, i_t),
        ),
        (
            "candidate_unused",
            "i_t itself is added to the cell; it should be i_t times the candidate c_bar.",
            lambda f_t, c_prev, i_t, c_bar: torch.addcmul(i_t, f_t, c_prev),
        ),
        (
            "sigmoid_stored_in_cell",
            "You return sigmoid(C_t); nothing squashes the cell state.",
            lambda *inputs: torch_cell_state(*inputs).sigmoid(),
        ),
        (
            "cell_clamped",
            "You cut the cell state off at -1 and 1; nothing bounds it.",
            lambda *inputs: torch_cell_state(*inputs).clamp(-1, 1),
        ),
        (
            "forget_gate_over_the_sum",
            "f_t multiplies the whole sum; it belongs on c_prev alone.",
            lambda f_t, c_prev, i_t, c_bar: torch.addcmul(c_prev, i_t, c_bar).mul(f_t),
        ),
        (
            "tanh_on_previous_cell",
            "c_prev goes through a tanh; the old cell state enters as it is.",
            lambda f_t, c_prev, i_t, c_bar: torch_cell_state(f_t, c_prev.tanh(), i_t, c_bar),
        ),
        (
            "gates_paired_together",
            "f_t multiplies i_t, and c_prev multiplies c_bar: are your arguments in this order?",
            lambda f_t, c_prev, i_t, c_bar: torch.addcmul(f_t.mul(i_t), c_prev, c_bar),
        ),
    )
)

HIDDEN_STATE: tuple[Misconception, ...] = tuple(
    Misconception(name, says, _READ, answer)
    for name, says, answer in (
        (
            "no_tanh_on_cell",
            "The tanh on C_t is missing.",
            lambda o_t, c_t: torch.mul(o_t, c_t),
        ),
        (
            "sigmoid_on_cell",
            "C_t goes through a sigmoid; it should go through tanh.",
            lambda o_t, c_t: torch.mul(o_t, c_t.sigmoid()),
        ),
        (
            "tanh_over_the_product",
            "The tanh covers the whole product; it belongs on C_t alone.",
            lambda o_t, c_t: torch.mul(o_t, c_t).tanh(),
        ),
        (
            "tanh_on_output_gate",
            "The tanh is on o_t; it belongs on C_t. Are your arguments in the order (o_t, c_t)?",
            lambda o_t, c_t: torch.mul(o_t.tanh(), c_t),
        ),
        (
            "tanh_on_both",
            "o_t goes through tanh too; it has been through its sigmoid already.",
            lambda o_t, c_t: torch.mul(o_t.tanh(), c_t.tanh()),
        ),
        (
            "sigmoid_on_output_gate_again",
            "A sigmoid was applied to o_t again; it has been through it already.",
            lambda o_t, c_t: torch_hidden_state(o_t.sigmoid(), c_t),
        ),
        (
            "output_gate_unused",
            "This is tanh(C_t): the output gate is not used.",
            lambda o_t, c_t: c_t.tanh(),
        ),
        (
            "output_gate_complemented",
            "C_t is read through 1 - o_t; o_t itself says how much is shown.",
            lambda o_t, c_t: torch_hidden_state(1 - o_t, c_t),
        ),
        (
            "gate_added",
            "o_t is added to tanh(C_t); it should multiply it.",
            lambda o_t, c_t: o_t.add(c_t.tanh()),
        ),
        (
            "matrix_product_for_elementwise",
            "You used the matrix product; this star is element by element: `*` in PyTorch.",
            lambda o_t, c_t: o_t.mm(c_t.tanh()),
        ),
        (
            "tanh_twice",
            "C_t goes through tanh twice.",
            lambda o_t, c_t: torch.mul(o_t, c_t.tanh().tanh()),
        ),
        (
            "tan_for_tanh",
            "This is the tangent, `tan`; an h is missing.",
            lambda o_t, c_t: torch.mul(o_t, c_t.tan()),
        ),
        (
            "relu_on_cell",
            "C_t goes through a ReLU; it should go through tanh.",
            lambda o_t, c_t: torch.mul(o_t, c_t.clamp(min=0)),
        ),
        (
            "softmax_on_cell",
            "C_t goes through a softmax; it should go through tanh.",
            lambda o_t, c_t: torch.mul(o_t, c_t.softmax(1)),
        ),
    )
)
