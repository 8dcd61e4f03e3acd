"""Wrong and right answers to the eight exercises on variants, in the notebook's order."""

from __future__ import annotations

from tests.exercises import (
    bank_unit05_03_variants_biases,
    bank_unit05_03_variants_both_ways,
    bank_unit05_03_variants_coupled,
    bank_unit05_03_variants_forbidden,
    bank_unit05_03_variants_fused,
    bank_unit05_03_variants_gru,
    bank_unit05_03_variants_packed,
    bank_unit05_03_variants_peephole,
    bank_unit05_03_variants_stacked,
)
from tests.exercises.answer_bank import Answer

_BANKS = [
    module.bank
    for module in (
        bank_unit05_03_variants_fused,
        bank_unit05_03_variants_biases,
        bank_unit05_03_variants_gru,
        bank_unit05_03_variants_peephole,
        bank_unit05_03_variants_coupled,
        bank_unit05_03_variants_stacked,
        bank_unit05_03_variants_both_ways,
        bank_unit05_03_variants_packed,
        bank_unit05_03_variants_forbidden,
    )
]

WRONG: list[Answer] = [answer for bank in _BANKS for answer in bank.wrong_answers]
RIGHT: list[Answer] = [answer for bank in _BANKS for answer in bank.right_answers]
