"""Wrong and right answers to the exercises of unit 4's second notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit04_02_backpropagation_through_time_forbidden,
    bank_unit04_02_backpropagation_through_time_rest,
    bank_unit04_02_backpropagation_through_time_steps,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit04_02_backpropagation_through_time_steps,
        bank_unit04_02_backpropagation_through_time_rest,
        bank_unit04_02_backpropagation_through_time_forbidden,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
