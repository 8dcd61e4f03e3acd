"""Wrong and right answers to the three exercises of unit 3's second notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit03_02_backward_fold,
    bank_unit03_02_backward_forbidden,
    bank_unit03_02_backward_gradients,
    bank_unit03_02_backward_transpose,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit03_02_backward_gradients,
        bank_unit03_02_backward_fold,
        bank_unit03_02_backward_transpose,
        bank_unit03_02_backward_forbidden,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
