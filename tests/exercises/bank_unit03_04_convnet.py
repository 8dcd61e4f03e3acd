"""Wrong and right answers to the exercises of unit 3's last notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit03_04_convnet_block,
    bank_unit03_04_convnet_block_layers,
    bank_unit03_04_convnet_counting,
    bank_unit03_04_convnet_fields,
    bank_unit03_04_convnet_lenet,
    bank_unit03_04_convnet_training,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit03_04_convnet_fields,
        bank_unit03_04_convnet_counting,
        bank_unit03_04_convnet_block,
        bank_unit03_04_convnet_block_layers,
        bank_unit03_04_convnet_lenet,
        bank_unit03_04_convnet_training,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
