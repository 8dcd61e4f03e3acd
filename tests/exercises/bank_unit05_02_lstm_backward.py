"""Wrong and right answers to the six exercises of unit 5's second notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit05_02_lstm_backward_cell,
    bank_unit05_02_lstm_backward_forbidden,
    bank_unit05_02_lstm_backward_gate,
    bank_unit05_02_lstm_backward_right,
    bank_unit05_02_lstm_backward_states,
    bank_unit05_02_lstm_backward_time,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit05_02_lstm_backward_states,
        bank_unit05_02_lstm_backward_gate,
        bank_unit05_02_lstm_backward_cell,
        bank_unit05_02_lstm_backward_time,
        bank_unit05_02_lstm_backward_right,
        bank_unit05_02_lstm_backward_forbidden,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
