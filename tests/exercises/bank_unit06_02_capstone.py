"""Wrong and right answers to the exercises of unit 6's capstone."""

from __future__ import annotations

from tests.exercises import (
    bank_unit06_02_capstone_ablation,
    bank_unit06_02_capstone_projects,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank for module in (bank_unit06_02_capstone_projects, bank_unit06_02_capstone_ablation)
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
