"""Wrong answers to lstm_cell in which an equation is wrong: squashing, gating, updating."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params, before_squashing, four_gates

bank = Bank()
wrong = bank.wrong
Pair = tuple[Tensor, Tensor]


@wrong("lstm_cell", "input_forget_swapped")
def input_and_forget_swapped(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Pairs the gates with the contents the wrong way round."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = i_t * c_prev + f_t * c_bar
    h_t = o_t * torch.tanh(c_t)
    return h_t, c_t


@wrong("lstm_cell", "forget_output_swapped")
def forget_and_output_swapped(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Takes the gates out of the helper in another order: f and o change places."""
    o_t, i_t, c_bar, f_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "input_output_swapped")
def input_and_output_swapped(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Reads U_i as the weights of what goes out."""
    i_t = torch.sigmoid(x_t @ params["U_o"] + h_prev @ params["W_o"])
    o_t = torch.sigmoid(x_t @ params["U_i"] + h_prev @ params["W_i"])
    f_t, _, c_bar, _ = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "tanh_on_forget")
def tanh_on_the_forget_gate(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Squashes the forget gate with tanh."""
    _, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    f_t = torch.tanh(before_squashing(x_t, h_prev, params, "f"))
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "tanh_on_input")
def tanh_on_the_input_gate(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Squashes the input gate with tanh."""
    f_t, _, c_bar, o_t = four_gates(x_t, h_prev, params)
    i_t = before_squashing(x_t, h_prev, params, "i").tanh()
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "tanh_on_output")
def tanh_on_the_output_gate(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Squashes the output gate with tanh."""
    f_t, i_t, c_bar, _ = four_gates(x_t, h_prev, params)
    o_t = torch.tanh(before_squashing(x_t, h_prev, params, "o"))
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "sigmoid_on_candidate")
def sigmoid_for_all_four(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """One loop for the four of them, with a sigmoid in it."""
    gate = {}
    for letter in "fico":
        gate[letter] = torch.sigmoid(before_squashing(x_t, h_prev, params, letter))
    c_t = gate["f"] * c_prev + gate["i"] * gate["c"]
    return gate["o"] * torch.tanh(c_t), c_t


@wrong("lstm_cell", "tanh_on_all_gates")
def tanh_for_all_four(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """One loop for the four of them, with a tanh in it."""
    f, i, c_bar, o = (torch.tanh(before_squashing(x_t, h_prev, params, k)) for k in "fico")
    c_t = f * c_prev + i * c_bar
    return o * torch.tanh(c_t), c_t


@wrong("lstm_cell", "no_tanh_on_cell")
def cell_shown_without_tanh(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Multiplies the output gate and the cell."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * c_t, c_t


@wrong("lstm_cell", "sigmoid_on_cell")
def cell_shown_through_a_sigmoid(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """Squashes the cell with a sigmoid before showing it."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * c_t.sigmoid(), c_t


@wrong("lstm_cell", "tanh_stored_in_cell")
def tanh_kept_in_the_cell(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Stores the squashed cell: h is right and c isn't."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = torch.tanh(f_t * c_prev + i_t * c_bar)
    return o_t * c_t, c_t


@wrong("lstm_cell", "tanh_stored_in_cell")
def tanh_in_place(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """tanh_ squashes the cell that is returned a moment later."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    h_t = o_t * c_t.tanh_()
    return h_t, c_t


@wrong("lstm_cell", "tanh_stored_in_cell")
def tanh_kept_and_applied_again(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """Squashes the cell as an RNN would, then shows it as an LSTM does."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = torch.tanh(f_t * c_prev + i_t * c_bar)
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "hidden_from_previous_cell")
def shows_the_old_cell(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Shows the cell before it is updated."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    h_t = o_t * torch.tanh(c_prev)
    c_t = f_t * c_prev + i_t * c_bar
    return h_t, c_t


@wrong("lstm_cell", "hidden_from_candidate")
def shows_the_candidate(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Mistakes the candidate for the new cell."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    return o_t * torch.tanh(c_bar), f_t * c_prev + i_t * c_bar


@wrong("lstm_cell", "input_gate_coupled")
def input_is_what_is_not_kept(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Couples the gates."""
    f_t, _, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + (1 - f_t) * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "input_forget_swapped")
def fused_in_torch_order_read_as_slides(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """Stacks the weights in PyTorch's order i, f, g, o and cuts them in the slides' f, i, c, o."""
    U = torch.cat([params["U_i"], params["U_f"], params["U_c"], params["U_o"]], dim=1)
    W = torch.cat([params["W_i"], params["W_f"], params["W_c"], params["W_o"]], dim=1)
    f, i, c_bar, o = (x_t @ U + h_prev @ W).chunk(4, dim=1)
    c_t = torch.sigmoid(f) * c_prev + torch.sigmoid(i) * torch.tanh(c_bar)
    return torch.sigmoid(o) * torch.tanh(c_t), c_t


@wrong("lstm_cell", "candidate_output_swapped")
def candidate_and_output_blocks_exchanged(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """Stacks f, i, c, o, but cuts as if the three sigmoid gates stood together: f, i, o, c."""
    z = sum(
        a @ torch.cat([params[f"{m}_{k}"] for k in "fico"], dim=1)
        for a, m in ((x_t, "U"), (h_prev, "W"))
    )
    H = c_prev.shape[1]
    f, i, o = torch.sigmoid(z[:, : 3 * H]).chunk(3, dim=1)
    c_bar = torch.tanh(z[:, 3 * H :])
    c_t = f * c_prev + i * c_bar
    return o * torch.tanh(c_t), c_t


@wrong("lstm_cell", "input_gate_unused")
def input_gate_left_out(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Adds the whole candidate."""
    f_t, _, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "forget_gate_unused")
def forget_gate_left_out(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Keeps the whole old cell."""
    _, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "output_gate_unused")
def output_gate_left_out(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Shows the whole cell."""
    f_t, i_t, c_bar, _ = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return torch.tanh(c_t), c_t


@wrong("lstm_cell", "forget_gate_complemented")
def forget_gate_turned_round(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """A forget gate of 1 ought to forget."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = (1 - f_t) * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "no_activation_on_candidate")
def candidate_without_tanh(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Leaves the candidate unsquashed."""
    f_t, i_t, _, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * before_squashing(x_t, h_prev, params, "c")
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "no_activation")
def nothing_squashed_before_the_end(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """Leaves all four gates unsquashed."""
    f, i, c_bar, o = (before_squashing(x_t, h_prev, params, k) for k in "fico")
    c_t = f * c_prev + i * c_bar
    return o * torch.tanh(c_t), c_t


@wrong("lstm_cell", "tanh_on_candidate_again")
def tanh_on_the_candidate_twice(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """tanh when making the candidate, tanh when using it."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * torch.tanh(c_bar)
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "sigmoid_on_gates_again")
def sigmoid_on_the_gates_twice(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Squashes the three gates once more where they are used."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = torch.sigmoid(f_t) * c_prev + torch.sigmoid(i_t) * c_bar
    return torch.sigmoid(o_t) * torch.tanh(c_t), c_t


@wrong("lstm_cell", "tanh_over_the_product")
def tanh_over_gate_and_cell(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Brackets the product in the last equation."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return torch.tanh(o_t * c_t), c_t


@wrong("lstm_cell", "forget_gate_over_the_sum")
def forget_gate_over_the_sum(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Adds first and forgets afterwards."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * (c_prev + i_t * c_bar)
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "terms_subtracted")
def new_content_taken_away(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """A minus for the plus in the cell."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev - i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "carry_missing")
def new_content_only(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Assigns over the part that was kept."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev
    c_t = i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "hidden_used_as_cell")
def gated_update_of_h(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Keeps the memory in h, as a GRU does."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * h_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "bias_added")
def forget_bias_of_one(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Adds the famous forget bias, which the slides don't have."""
    _, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    f_t = torch.sigmoid(before_squashing(x_t, h_prev, params, "f") + 1.0)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "different")
def gates_peep_at_the_cell(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Peepholes without weights: the gates look at the cell too."""
    f_t, i_t, o_t = (
        torch.sigmoid(before_squashing(x_t, h_prev, params, k) + c_prev) for k in "fio"
    )
    c_bar = torch.tanh(before_squashing(x_t, h_prev, params, "c"))
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "matrix_product_for_elementwise")
def matrix_products_in_the_cell(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """Every star a matrix product."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t @ c_prev + i_t @ c_bar
    return o_t @ torch.tanh(c_t), c_t
