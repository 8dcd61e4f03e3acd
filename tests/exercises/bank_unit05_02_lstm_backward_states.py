"""Answers to hidden_state_backward and cell_state_backward."""

from __future__ import annotations

from typing import Any

import numpy
import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
tanh, sigmoid = torch.tanh, torch.sigmoid

bank.wrong_ones(
    "hidden_state_backward",
    ("no_slope", "tanh_slope_missing_at_cell", "Treats the tanh as if it were not there.",
     lambda dh, o, c: (dh * tanh(c), dh * o)),
    ("square_of_the_cell", "one_minus_cell_squared", "Remembers 1 - y squared, and takes c for y.",
     lambda dh, o, c: (dh * tanh(c), dh * o * (1 - c**2))),
    ("square_of_the_hidden_state", "one_minus_hidden_squared", "The plain RNN's rule.",
     lambda dh, o, c: (dh * tanh(c), dh * o * (1 - (o * tanh(c)) ** 2))),
    ("square_forgotten", "tanh_slope_without_square", "1 - tanh.",
     lambda dh, o, c: (dh * tanh(c), dh * o * (1 - tanh(c)))),
    ("square_outside", "tanh_slope_squared_as_a_whole", "Brackets in the wrong place.",
     lambda dh, o, c: (dh * tanh(c), dh * o * (1 - tanh(c)) ** 2)),
    ("tanh_twice", "slope_of_activated_value", "Calls a tanh_backward that applies tanh again.",
     lambda dh, o, c: (dh * tanh(c), dh * o * (1 - tanh(tanh(c)) ** 2))),
    ("sigmoid_rule", "sigmoid_slope_at_cell", "y (1 - y) for the tanh.",
     lambda dh, o, c: (dh * tanh(c), dh * o * tanh(c) * (1 - tanh(c)))),
    ("sigmoid_rule_at_c", "sigmoid_slope_at_cell", "The slope of a sigmoid at c.",
     lambda dh, o, c: (dh * tanh(c), dh * o * sigmoid(c) * (1 - sigmoid(c)))),
    ("no_output_gate", "cell_gradient_without_output_gate", "Forgets the other factor.",
     lambda dh, o, c: (dh * tanh(c), dh * (1 - tanh(c) ** 2))),
    ("do_with_raw_cell", "output_gate_gradient_without_tanh", "The tanh is missing in do.",
     lambda dh, o, c: (dh * c, dh * o * (1 - tanh(c) ** 2))),
    ("do_as_it_came", "output_gate_gradient_unmultiplied", "Copies dh.",
     lambda dh, o, c: (dh.clone(), dh * o * (1 - tanh(c) ** 2))),
    ("do_with_h", "output_gate_gradient_with_hidden_state", "Multiplies with h_t.",
     lambda dh, o, c: (dh * o * tanh(c), dh * o * (1 - tanh(c) ** 2))),
    ("do_with_o", "output_gate_gradient_with_itself", "The factor itself for the other one.",
     lambda dh, o, c: (dh * o, dh * o * (1 - tanh(c) ** 2))),
    ("turned_round", "outputs_swapped", "Returns the cell first.",
     lambda dh, o, c: (dh * o * (1 - tanh(c) ** 2), dh * tanh(c))),
    ("gates_slope_too", "sigmoid_slope_too_early", "Goes on through the gate's sigmoid.",
     lambda dh, o, c: (dh * tanh(c) * o * (1 - o), dh * o * (1 - tanh(c) ** 2))),
    ("slopes_only", "upstream_unused", "Differentiates, and forgets the chain rule.",
     lambda dh, o, c: (tanh(c), o * (1 - tanh(c) ** 2))),
    ("minus", "sign_flipped", "Goes downhill at once.",
     lambda dh, o, c: (-dh * tanh(c), -dh * o * (1 - tanh(c) ** 2))),
    ("mean_over_rows", "averaged_over_batch", "Divides by N.",
     lambda dh, o, c: (dh * tanh(c) / len(c), dh * o * (1 - tanh(c) ** 2) / len(c))),
    ("slope_on_the_gate", "gradient_of_tanh_returned", "The slope lands on the wrong gradient.",
     lambda dh, o, c: (dh * tanh(c) * (1 - tanh(c) ** 2), dh * o)),
    ("two_mistakes", "one_minus_cell_squared output_gate_gradient_without_tanh",
     "c for tanh(c) in both.",
     lambda dh, o, c: (dh * c, dh * o * (1 - c**2))),
    ("one_gradient", "wrong_type", "Returns only the cell's.",
     lambda dh, o, c: dh * o * (1 - tanh(c) ** 2)),
    ("by_numpy", "wrong_type", "Falls back on NumPy.",
     lambda dh, o, c: (numpy.asarray(dh * tanh(c)), numpy.asarray(dh * o * (1 - tanh(c) ** 2)))),
    ("single", "wrong_dtype", "Converts to float32.",
     lambda dh, o, c: tuple(g.float() for g in (dh * tanh(c), dh * o * (1 - tanh(c) ** 2)))),
)  # fmt: skip


@bank.wrong("hidden_state_backward", "input_changed")
def in_place(dh_t: Tensor, o_t: Tensor, c_t: Tensor) -> Any:
    """Saves memory: c_t.tanh_() overwrites the input."""
    do = dh_t * c_t.tanh_()
    return do, dh_t * o_t * (1 - c_t**2)


bank.right_ones(
    "hidden_state_backward",
    factored=lambda dh, o, c: (dh * tanh(c), (1 - tanh(c)) * (1 + tanh(c)) * o * dh),
    by_cosh=lambda dh, o, c: (tanh(c) * dh, dh * o / torch.cosh(c) ** 2),
    from_exponentials=lambda dh, o, c: (
        dh * (2 * sigmoid(2 * c) - 1), dh * o * 4 * sigmoid(2 * c) * (1 - sigmoid(2 * c))),
    as_a_list=lambda dh, o, c: [dh * tanh(c), dh.mul(o).mul(1 - tanh(c).square())],
    einsum=lambda dh, o, c: (torch.einsum("nh,nh->nh", dh, tanh(c)),
                             torch.einsum("nh,nh,nh->nh", dh, o, 1 - tanh(c) ** 2)),
)  # fmt: skip

bank.wrong_ones(
    "cell_state_backward",
    ("new_cell_for_old", "forget_gradient_with_new_cell", "The c at hand is c_t.",
     lambda dc, f, cp, i, g: (dc * (f * cp + i * g), dc * f, dc * g, dc * i)),
    ("conveyor_for_free", "previous_cell_without_forget_gate", "The conveyor passes everything.",
     lambda dc, f, cp, i, g: (dc * cp, dc.clone(), dc * g, dc * i)),
    ("conveyor_by_i", "previous_cell_through_input_gate", "i for f.",
     lambda dc, f, cp, i, g: (dc * cp, dc * i, dc * g, dc * i)),
    ("candidate_for_free", "candidate_gradient_without_input_gate", "Forgets i.",
     lambda dc, f, cp, i, g: (dc * cp, dc * f, dc * g, dc * 1)),
    ("candidate_by_f", "candidate_gradient_through_forget_gate", "f for i.",
     lambda dc, f, cp, i, g: (dc * cp, dc * f, dc * g, dc * f)),
    ("input_for_free", "input_gradient_without_candidate", "Forgets the candidate.",
     lambda dc, f, cp, i, g: (dc * cp, dc * f, dc + 0, dc * i)),
    ("input_by_old", "input_gradient_with_old_cell", "c_prev in both gates.",
     lambda dc, f, cp, i, g: (dc * cp, dc * f, dc * cp, dc * i)),
    ("forget_for_free", "forget_gradient_without_cell", "Forgets c_prev.",
     lambda dc, f, cp, i, g: (dc + 0, dc * f, dc * g, dc * i)),
    ("forget_by_candidate", "forget_gradient_with_candidate", "The candidate in both gates.",
     lambda dc, f, cp, i, g: (dc * g, dc * f, dc * g, dc * i)),
    ("gates_crossed", "forget_input_exchanged", "Pairs f with the candidate.",
     lambda dc, f, cp, i, g: (dc * g, dc * f, dc * cp, dc * i)),
    ("cells_crossed", "gates_exchanged_on_the_cells", "Pairs c_prev with i.",
     lambda dc, f, cp, i, g: (dc * cp, dc * i, dc * g, dc * f)),
    ("itself", "own_factor_for_the_other", "Each with itself.",
     lambda dc, f, cp, i, g: (dc * f, dc * cp, dc * i, dc * g)),
    ("coupled", "previous_cell_through_coupled_gate", "Thinks of the coupled LSTM.",
     lambda dc, f, cp, i, g: (dc * cp, dc * (1 - i), dc * g, dc * i)),
    ("gates_first", "outputs_out_of_order", "f, i, candidate, then c_prev.",
     lambda dc, f, cp, i, g: (dc * cp, dc * g, dc * i, dc * f)),
    ("cell_first", "outputs_out_of_order", "c_prev first.",
     lambda dc, f, cp, i, g: (dc * f, dc * cp, dc * g, dc * i)),
    ("through_the_layers", "slope_too_early", "All three squashings are walked back at once.",
     lambda dc, f, cp, i, g: (
         dc * cp * f * (1 - f), dc * f, dc * g * i * (1 - i), dc * i * (1 - g**2))),
    ("through_the_sigmoids", "slope_too_early", "The two sigmoids are walked back too.",
     lambda dc, f, cp, i, g: (dc * cp * f * (1 - f), dc * f, dc * g * i * (1 - i), dc * i)),
    ("through_the_tanh", "slope_too_early", "The candidate's tanh is walked back too.",
     lambda dc, f, cp, i, g: (dc * cp, dc * f, dc * g, dc * i * (1 - g**2))),
    ("slope_on_the_conveyor", "tanh_slope_at_the_conveyor", "Takes dc_t for the gradient at the "
     "tanh.",
     lambda dc, f, cp, i, g: tuple(
         dc * (1 - tanh(f * cp + i * g) ** 2) * other for other in (cp, f, g, i))),
    ("only_slopes", "upstream_unused", "Forgets the chain rule.",
     lambda dc, f, cp, i, g: (cp.clone(), f.clone(), g.clone(), i.clone())),
    ("minus", "sign_flipped", "Goes downhill at once.",
     lambda dc, f, cp, i, g: (-dc * cp, -dc * f, -dc * g, -dc * i)),
    ("rows_added", "summed_over_batch", "Adds up over the batch, as for a bias.",
     lambda dc, f, cp, i, g: tuple((dc * other).sum(0) for other in (cp, f, g, i))),
    ("matrix_products", "sizes_do_not_fit", "@ for *.",
     lambda dc, f, cp, i, g: (dc @ cp, dc @ f, dc @ g, dc @ i)),
)  # fmt: skip
bank.right_ones(
    "cell_state_backward",
    plain=lambda dc, f, cp, i, g: (dc * cp, f * dc, dc * g, i * dc),
    as_a_list=lambda dc, f, cp, i, g: [dc * other for other in (cp, f, g, i)],
    stacked=lambda dc, f, cp, i, g: (torch.stack([cp, f, g, i]) * dc).unbind(0),
    by_diagonals=lambda dc, f, cp, i, g: tuple(
        torch.stack([row @ torch.diag(o) for row, o in zip(dc, other, strict=True)])
        for other in (cp, f, g, i)
    ),
)
