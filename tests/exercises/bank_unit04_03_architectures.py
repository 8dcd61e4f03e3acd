"""Wrong and right answers to the nine exercises of unit 4's third notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit04_03_architectures_forbidden,
    bank_unit04_03_architectures_last,
    bank_unit04_03_architectures_loss,
    bank_unit04_03_architectures_reading,
    bank_unit04_03_architectures_tokens,
    bank_unit04_03_architectures_translating,
    bank_unit04_03_architectures_writing,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit04_03_architectures_tokens,
        bank_unit04_03_architectures_loss,
        bank_unit04_03_architectures_last,
        bank_unit04_03_architectures_writing,
        bank_unit04_03_architectures_reading,
        bank_unit04_03_architectures_translating,
        bank_unit04_03_architectures_forbidden,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
