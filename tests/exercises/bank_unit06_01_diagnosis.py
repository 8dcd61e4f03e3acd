"""Wrong and right answers to the exercises of unit 6's first notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit06_01_diagnosis_briefs,
    bank_unit06_01_diagnosis_map,
    bank_unit06_01_diagnosis_runs,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit06_01_diagnosis_runs,
        bank_unit06_01_diagnosis_briefs,
        bank_unit06_01_diagnosis_map,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
