"""Wrong and right answers to the exercises of unit 2's second notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit02_02_layers_dense,
    bank_unit02_02_layers_dropout,
    bank_unit02_02_layers_norm,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit02_02_layers_dense,
        bank_unit02_02_layers_dropout,
        bank_unit02_02_layers_norm,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
