"""Wrong and right answers to the exercises of unit 3's first notebook, in the order of it."""

from __future__ import annotations

from tests.exercises import (
    bank_unit03_01_convolution_columns,
    bank_unit03_01_convolution_forbidden,
    bank_unit03_01_convolution_layers,
    bank_unit03_01_convolution_matrix,
    bank_unit03_01_convolution_places,
    bank_unit03_01_convolution_sequences,
    bank_unit03_01_convolution_windows,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit03_01_convolution_windows,
        bank_unit03_01_convolution_sequences,
        bank_unit03_01_convolution_layers,
        bank_unit03_01_convolution_columns,
        bank_unit03_01_convolution_matrix,
        bank_unit03_01_convolution_places,
        bank_unit03_01_convolution_forbidden,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
