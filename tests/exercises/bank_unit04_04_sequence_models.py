"""Wrong and right answers to the six exercises of unit 4's last notebook, in the order of it."""

from __future__ import annotations

from tests.exercises import (
    bank_unit04_04_sequence_models_beam,
    bank_unit04_04_sequence_models_greedy,
    bank_unit04_04_sequence_models_layers,
    bank_unit04_04_sequence_models_sampling,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit04_04_sequence_models_layers,
        bank_unit04_04_sequence_models_sampling,
        bank_unit04_04_sequence_models_greedy,
        bank_unit04_04_sequence_models_beam,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
