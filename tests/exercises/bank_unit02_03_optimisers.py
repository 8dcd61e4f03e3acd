"""Wrong and right answers to the exercises of unit 2's third notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit02_03_optimisers_adam,
    bank_unit02_03_optimisers_first_weights,
    bank_unit02_03_optimisers_momentum,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit02_03_optimisers_first_weights,
        bank_unit02_03_optimisers_momentum,
        bank_unit02_03_optimisers_adam,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
