"""Answers to cell_state and hidden_state, wrong and right."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong, right = bank.wrong, bank.right


@wrong("cell_state", "input_forget_swapped")
def gates_swapped(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """The input gate lets the old through, the forget gate the new."""
    return i_t * c_prev + f_t * c_bar


@wrong("cell_state", "input_gate_coupled")
def coupled(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """What isn't kept is replaced, as in a GRU."""
    return f_t * c_prev + (1 - f_t) * c_bar


@wrong("cell_state", "forget_gate_coupled")
def coupled_by_the_input(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """What is written pushes out the old."""
    return torch.lerp(c_prev, c_bar, i_t)


@wrong("cell_state", "input_gate_unused")
def no_input_gate(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Adds all of the candidate."""
    return f_t * c_prev + c_bar


@wrong("cell_state", "forget_gate_unused")
def no_forget_gate(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """The LSTM of 1997: keeps all of the old."""
    return c_prev + i_t * c_bar


@wrong("cell_state", "candidate_unused")
def no_candidate(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Adds the input gate itself."""
    return f_t * c_prev + i_t


@wrong("cell_state", "new_content_missing")
def old_part_only(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Returns before the new part is added."""
    kept = f_t * c_prev
    return kept


@wrong("cell_state", "carry_missing")
def new_part_only(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Assigns where it should add."""
    c_t = f_t * c_prev
    c_t = i_t * c_bar
    return c_t


@wrong("cell_state", "tanh_stored_in_cell")
def tanh_on_the_conveyor(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Squashes the sum, as an RNN does."""
    return torch.tanh(f_t * c_prev + i_t * c_bar)


@wrong("cell_state", "sigmoid_stored_in_cell")
def sigmoid_on_the_conveyor(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Squashes the sum with the gates' function."""
    return torch.sigmoid(f_t * c_prev + i_t * c_bar)


@wrong("cell_state", "matrix_product_for_elementwise")
def matrix_products(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """The star was a matrix product four times, so it is here."""
    return f_t @ c_prev + i_t @ c_bar


@wrong("cell_state", "wrong_shape")
def matrix_products_made_to_fit(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Transposes until the matrix product runs."""
    return f_t @ c_prev.T + i_t @ c_bar.T


@wrong("cell_state", "terms_subtracted")
def minus(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Takes the new away from the old."""
    return f_t * c_prev - i_t * c_bar


@wrong("cell_state", "terms_multiplied")
def parts_multiplied(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """A star too many."""
    return f_t * c_prev * i_t * c_bar


@wrong("cell_state", "forget_gate_over_the_sum")
def forgets_the_new_too(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Brackets the sum."""
    return f_t * (c_prev + i_t * c_bar)


@wrong("cell_state", "forget_gate_complemented")
def forget_of_one_forgets(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Takes the gate's name at its word."""
    return (1 - f_t) * c_prev + i_t * c_bar


@wrong("cell_state", "sigmoid_on_gates_again")
def gates_squashed_again(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Believes the gates arrive unsquashed."""
    return torch.sigmoid(f_t) * c_prev + torch.sigmoid(i_t) * c_bar


@wrong("cell_state", "tanh_on_candidate_again")
def candidate_squashed_again(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Believes the candidate arrives unsquashed."""
    return f_t * c_prev + i_t * torch.tanh(c_bar)


@wrong("cell_state", "tanh_on_previous_cell")
def old_state_squashed(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Puts the tanh of the hidden state on the old memory."""
    return f_t * torch.tanh(c_prev) + i_t * c_bar


@wrong("cell_state", "gates_paired_together")
def signature_reordered(f_t: Tensor, i_t: Tensor, c_prev: Tensor, c_bar: Tensor) -> Tensor:
    """Gates first seemed tidier."""
    return f_t * c_prev + i_t * c_bar


@wrong("cell_state", "input_changed")
def built_in_c_prev(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Updates the memory where it is."""
    c_prev *= f_t
    c_prev += i_t * c_bar
    return c_prev


@wrong("cell_state", "input_changed")
def built_in_the_gates(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Saves memory with mul_."""
    return f_t.mul_(c_prev).add_(i_t.mul_(c_bar))


@wrong("cell_state", "nothing_returned")
def nothing_returned(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> None:
    """Prints the answer."""
    print(f_t * c_prev + i_t * c_bar)


@wrong("cell_state", "wrong_shape")
def summed_over_units(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """An einsum that loses the units."""
    kept = torch.einsum("nh,nh->n", f_t, c_prev)
    return kept + torch.einsum("nh,nh->n", i_t, c_bar)


@wrong("cell_state", "cell_clamped")
def clamped_to_one(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    """Keeps the memory from growing."""
    return torch.clamp(f_t * c_prev + i_t * c_bar, min=-1, max=1)


@wrong("cell_state", "wrong_type")
def shown_at_once(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Any:
    """Returns a pair, because the cell does."""
    c_t = f_t * c_prev + i_t * c_bar
    return torch.tanh(c_t), c_t


@right("cell_state")
def cell_plain(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    return f_t * c_prev + i_t * c_bar


@right("cell_state")
def cell_addcmul(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    return torch.addcmul(torch.mul(f_t, c_prev), i_t, c_bar)


@right("cell_state")
def cell_einsum(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    gates, contents = torch.stack([f_t, i_t]), torch.stack([c_prev, c_bar])
    return torch.einsum("gnh,gnh->nh", gates, contents)


@right("cell_state")
def cell_lerp(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    kept = torch.lerp(torch.zeros_like(c_prev), c_prev, f_t)
    return kept + torch.lerp(torch.zeros_like(c_bar), c_bar, i_t)


@right("cell_state")
def cell_in_place_on_its_own(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    c_t = c_prev.clone()
    c_t *= f_t
    c_t += i_t * c_bar
    return c_t


@right("cell_state")
def cell_row_by_row(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    N = len(c_prev)
    return torch.stack([f_t[n] * c_prev[n] + i_t[n] * c_bar[n] for n in range(N)])


@right("cell_state")
def cell_of_gradients(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    f_t = f_t.clone().requires_grad_()
    return (f_t.T * c_prev.T + i_t.T * c_bar.T).T


@right("cell_state")
def cell_of_numbers(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    c_t = c_prev.new_zeros(c_prev.shape)
    for n in range(c_prev.shape[0]):
        for k in range(c_prev.shape[1]):
            c_t[n, k] = f_t[n, k].item() * c_prev[n, k].item() + i_t[n, k] * c_bar[n, k]
    return c_t


@wrong("hidden_state", "no_tanh_on_cell")
def no_tanh(o_t: Tensor, c_t: Tensor) -> Tensor:
    """Shows the memory as it is."""
    return o_t * c_t


@wrong("hidden_state", "sigmoid_on_cell")
def sigmoid_for_tanh(o_t: Tensor, c_t: Tensor) -> Tensor:
    """Squashes with the gates' function."""
    return o_t * torch.sigmoid(c_t)


@wrong("hidden_state", "tanh_over_the_product")
def tanh_of_the_product(o_t: Tensor, c_t: Tensor) -> Tensor:
    """Brackets the product."""
    return torch.tanh(o_t * c_t)


@wrong("hidden_state", "gate_added")
def plus(o_t: Tensor, c_t: Tensor) -> Tensor:
    """A plus for the star."""
    return o_t + torch.tanh(c_t)


@wrong("hidden_state", "sigmoid_on_output_gate_again")
def gate_squashed_again(o_t: Tensor, c_t: Tensor) -> Tensor:
    """Believes the gate arrives unsquashed."""
    return torch.sigmoid(o_t) * torch.tanh(c_t)


@wrong("hidden_state", "tanh_on_both")
def tanh_on_both(o_t: Tensor, c_t: Tensor) -> Tensor:
    """Squashes whatever there is."""
    return torch.tanh(o_t) * torch.tanh(c_t)


@wrong("hidden_state", "tanh_on_output_gate")
def tanh_on_the_gate(o_t: Tensor, c_t: Tensor) -> Tensor:
    """tanh on the wrong argument."""
    return torch.tanh(o_t) * c_t


@wrong("hidden_state", "tanh_on_output_gate")
def arguments_in_another_order(c_t: Tensor, o_t: Tensor) -> Tensor:
    """Signature turned round."""
    return o_t * torch.tanh(c_t)


@wrong("hidden_state", "matrix_product_for_elementwise")
def matrix_product(o_t: Tensor, c_t: Tensor) -> Tensor:
    """The star as a matrix product."""
    return o_t @ torch.tanh(c_t)


@wrong("hidden_state", "wrong_shape")
def matrix_product_made_to_fit(o_t: Tensor, c_t: Tensor) -> Tensor:
    """Transposes until the matrix product runs."""
    return o_t @ torch.tanh(c_t).T


@wrong("hidden_state", "input_changed")
def squashed_where_it_is(o_t: Tensor, c_t: Tensor) -> Tensor:
    """tanh_ with an underscore writes into the cell state."""
    return o_t * c_t.tanh_()


@wrong("hidden_state", "output_gate_unused")
def gate_left_out(o_t: Tensor, c_t: Tensor) -> Tensor:
    """Shows everything."""
    return torch.tanh(c_t)


@wrong("hidden_state", "output_gate_complemented")
def shut_where_open(o_t: Tensor, c_t: Tensor) -> Tensor:
    """Hides what the gate lets out."""
    return (1 - o_t) * torch.tanh(c_t)


@wrong("hidden_state", "tanh_twice")
def tanh_twice(o_t: Tensor, c_t: Tensor) -> Tensor:
    """Squashes on two lines."""
    squashed = torch.tanh(c_t)
    return o_t * torch.tanh(squashed)


@wrong("hidden_state", "tan_for_tanh")
def tan_for_tanh(o_t: Tensor, c_t: Tensor) -> Tensor:
    """An h lost."""
    return o_t * torch.tan(c_t)


@wrong("hidden_state", "relu_on_cell")
def relu_for_tanh(o_t: Tensor, c_t: Tensor) -> Tensor:
    """The activation every other layer has."""
    return o_t * torch.relu(c_t)


@wrong("hidden_state", "number_function_on_tensor")
def math_tanh_of_a_tensor(o_t: Tensor, c_t: Tensor) -> Any:
    """tanh from the wrong module."""
    return o_t * math.tanh(c_t)


@wrong("hidden_state", "wrong_type")
def both_states_returned(o_t: Tensor, c_t: Tensor) -> Any:
    """Returns the pair that the cell returns."""
    return o_t * torch.tanh(c_t), c_t


@wrong("hidden_state", "nothing_returned")
def returned_without_value(o_t: Tensor, c_t: Tensor) -> None:
    """A bare return."""
    h_t = o_t * torch.tanh(c_t)  # noqa: F841
    return


@wrong("hidden_state", "softmax_on_cell")
def softmax_shown(o_t: Tensor, c_t: Tensor) -> Tensor:
    """An output is a distribution."""
    return o_t * torch.softmax(c_t, dim=1)


@right("hidden_state")
def hidden_plain(o_t: Tensor, c_t: Tensor) -> Tensor:
    return o_t * torch.tanh(c_t)


@right("hidden_state")
def hidden_einsum(o_t: Tensor, c_t: Tensor) -> Tensor:
    return torch.einsum("nh,nh->nh", c_t.tanh(), o_t)


@right("hidden_state")
def hidden_row_by_row(o_t: Tensor, c_t: Tensor) -> Tensor:
    h_t = torch.empty_like(c_t)
    for n, (o, c) in enumerate(zip(o_t, c_t, strict=True)):
        h_t[n] = o * torch.tanh(c)
    return h_t


@right("hidden_state")
def hidden_in_place_on_its_own(o_t: Tensor, c_t: Tensor) -> Tensor:
    return c_t.clone().tanh_().mul_(o_t)


@right("hidden_state")
def hidden_by_sigmoid(o_t: Tensor, c_t: Tensor) -> Tensor:
    return o_t * (2 * torch.sigmoid(2 * c_t) - 1)


@right("hidden_state")
def hidden_non_contiguous(o_t: Tensor, c_t: Tensor) -> Tensor:
    doubled = torch.stack([o_t * torch.tanh(c_t), c_t], dim=-1)  # (N, H, 2)
    return doubled[..., 0]


@right("hidden_state")
def hidden_through_a_module(o_t: Tensor, c_t: Tensor) -> Tensor:
    print(f"{c_t.mean()=}")
    return torch.nn.Tanh()(c_t).mul(o_t)
