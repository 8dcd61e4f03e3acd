"""Wrong and right answers to the exercises of unit 1's last notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit01_03_generalisation_counts,
    bank_unit01_03_generalisation_folds,
    bank_unit01_03_generalisation_scaling,
    bank_unit01_03_generalisation_split,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit01_03_generalisation_split,
        bank_unit01_03_generalisation_scaling,
        bank_unit01_03_generalisation_counts,
        bank_unit01_03_generalisation_folds,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
