"""Wrong and right answers to the exercises of unit 4's first notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit04_01_rnn_cell_forbidden,
    bank_unit04_01_rnn_cell_layer,
    bank_unit04_01_rnn_cell_steps,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit04_01_rnn_cell_steps,
        bank_unit04_01_rnn_cell_layer,
        bank_unit04_01_rnn_cell_forbidden,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
