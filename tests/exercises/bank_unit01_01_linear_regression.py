"""Wrong and right answers to the exercises of unit 1's first notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit01_01_linear_regression_fitting,
    bank_unit01_01_linear_regression_line,
    bank_unit01_01_linear_regression_stepping,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit01_01_linear_regression_line,
        bank_unit01_01_linear_regression_fitting,
        bank_unit01_01_linear_regression_stepping,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
