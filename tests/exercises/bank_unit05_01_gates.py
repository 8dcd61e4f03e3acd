"""Wrong and right answers to the ten exercises of unit 5's first notebook, in the order of it."""

from __future__ import annotations

from tests.exercises import (
    bank_unit05_01_gates_by_hand,
    bank_unit05_01_gates_cell,
    bank_unit05_01_gates_cell_right,
    bank_unit05_01_gates_cell_wiring,
    bank_unit05_01_gates_each,
    bank_unit05_01_gates_each_right,
    bank_unit05_01_gates_forbidden,
    bank_unit05_01_gates_forward,
    bank_unit05_01_gates_forward_returned,
    bank_unit05_01_gates_forward_right,
    bank_unit05_01_gates_states,
    bank_unit05_01_gates_to_slides,
    bank_unit05_01_gates_to_torch,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit05_01_gates_each,
        bank_unit05_01_gates_by_hand,
        bank_unit05_01_gates_each_right,
        bank_unit05_01_gates_states,
        bank_unit05_01_gates_cell,
        bank_unit05_01_gates_cell_wiring,
        bank_unit05_01_gates_cell_right,
        bank_unit05_01_gates_forward,
        bank_unit05_01_gates_forward_returned,
        bank_unit05_01_gates_forward_right,
        bank_unit05_01_gates_to_torch,
        bank_unit05_01_gates_to_slides,
        bank_unit05_01_gates_forbidden,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
