"""Wrong and right answers to the exercises of unit 2's last notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit02_04_digits_mlp_loss,
    bank_unit02_04_digits_mlp_module,
    bank_unit02_04_digits_mlp_training,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit02_04_digits_mlp_loss,
        bank_unit02_04_digits_mlp_training,
        bank_unit02_04_digits_mlp_module,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
