"""Wrong and right answers to the seven exercises of unit 5's fourth notebook, in its order."""

from __future__ import annotations

from tests.exercises import (
    bank_unit05_04_language_model_gates,
    bank_unit05_04_language_model_generating,
    bank_unit05_04_language_model_loss,
    bank_unit05_04_language_model_streams,
    bank_unit05_04_language_model_training,
)

_BANKS = [
    module.bank
    for module in (
        bank_unit05_04_language_model_streams,
        bank_unit05_04_language_model_loss,
        bank_unit05_04_language_model_generating,
        bank_unit05_04_language_model_gates,
        bank_unit05_04_language_model_training,
    )
]
WRONG = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT = [answer for bank in _BANKS for answer in bank.right_answers]
