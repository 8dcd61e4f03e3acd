"""Wrong and right answers to the exercises of unit 3's third notebook."""

from __future__ import annotations

from tests.exercises import (
    bank_unit03_03_pooling_and_normalisation_backward,
    bank_unit03_03_pooling_and_normalisation_backward_right,
    bank_unit03_03_pooling_and_normalisation_forbidden,
    bank_unit03_03_pooling_and_normalisation_forward,
    bank_unit03_03_pooling_and_normalisation_norm,
    bank_unit03_03_pooling_and_normalisation_places,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit03_03_pooling_and_normalisation_forward,
        bank_unit03_03_pooling_and_normalisation_backward,
        bank_unit03_03_pooling_and_normalisation_backward_right,
        bank_unit03_03_pooling_and_normalisation_norm,
        bank_unit03_03_pooling_and_normalisation_places,
        bank_unit03_03_pooling_and_normalisation_forbidden,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
