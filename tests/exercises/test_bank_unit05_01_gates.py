"""The numbers that the course's table of known mistakes gives for the LSTM's cell."""

from __future__ import annotations

import pytest
import torch

from tests.exercises.bank_unit05_01_gates import WRONG

#: C_t and H_t of known mistakes, to about three places, at f, i, o, C̄, C_{t-1} = .9, .2, .7, .5, 2.
LINES = {
    "input_and_forget_swapped": (0.850, 0.484),
    "forget_and_output_swapped": (1.500, 0.815),
    "input_and_output_swapped": (2.150, 0.195),
    "tanh_on_the_forget_gate": (2.051, 0.677),
    "tanh_on_the_input_gate": (1.359, 0.613),
    "tanh_on_the_output_gate": (1.900, 0.660),
    "sigmoid_for_all_four": (1.927, 0.671),
    "cell_shown_without_tanh": (1.900, 1.330),
    "cell_shown_through_a_sigmoid": (1.900, 0.609),
    "tanh_kept_in_the_cell": (0.956, 0.669),
    "shows_the_old_cell": (1.900, 0.675),
    "shows_the_candidate": (1.900, 0.324),
    "input_is_what_is_not_kept": (1.850, 0.666),
    "candidate_and_output_blocks_exchanged": (1.938, 0.608),
}


@pytest.mark.parametrize("name", LINES)
def test_known_mistake_gives_its_known_numbers(name: str) -> None:
    (answer,) = (a for a in WRONG if (a.exercise, a.name) == ("lstm_cell", name))
    given = {"U_f": 0.9, "U_i": 0.2, "U_o": 0.7}
    params = {key: torch.tensor([[value]]).logit() for key, value in given.items()}
    params["U_c"] = torch.tensor([[0.5]]).atanh()
    params |= {f"W_{gate}": torch.zeros(1, 1) for gate in "fico"}
    h_t, c_t = answer.function(torch.ones(1, 1), torch.zeros(1, 1), torch.tensor([[2.0]]), params)
    assert (c_t.item(), h_t.item()) == pytest.approx(LINES[name], abs=1e-3)
