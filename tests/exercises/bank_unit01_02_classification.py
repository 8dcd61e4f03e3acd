"""Wrong and right answers to the exercises of unit 1's second notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit01_02_classification_checking,
    bank_unit01_02_classification_losses,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (bank_unit01_02_classification_losses, bank_unit01_02_classification_checking)
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
