"""A network that spells, and temperature."""

import math
import random

import pytest

from course.experiments.recurrent import LETTERS
from course.experiments.spelling import next_scores, shares, spell, train_speller


def test_shares_follow_the_formula_and_add_up() -> None:
    got = shares([0.0, 1.0, -2.0], temperature=0.5)
    assert sum(got) == pytest.approx(1)
    assert got[1] / got[0] == pytest.approx(math.exp(2))
    assert got[2] / got[0] == pytest.approx(math.exp(-4))


def test_a_low_temperature_takes_the_best_and_a_high_one_evens_out() -> None:
    scores = [1.0, 3.0, 2.0]
    assert shares(scores, 0.01)[1] == pytest.approx(1)
    assert shares(scores, 1e6) == pytest.approx([1 / 3] * 3, abs=1e-5)
    assert shares([1000.0, 0.0], 1.0) == pytest.approx([1, 0])


@pytest.mark.parametrize("temperature", [0, -1.0])
def test_no_temperature_is_refused(temperature: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        shares([0.0], temperature)


def test_a_learnt_name_is_spelt() -> None:
    network = train_speller(["peru", "kuuba"], seed=0, hidden=24, updates=120)
    spelt = {spell(network, 0.2, random.Random(seed)) for seed in range(12)}
    assert spelt == {"peru", "kuuba"}
    scores = next_scores(network, "per")
    assert len(scores) == len(LETTERS) + 1
    assert LETTERS[scores.index(max(scores))] == "u"


def test_spelling_is_repeated_by_its_seed_and_ends() -> None:
    network = train_speller(["peru"], seed=0, hidden=8, updates=1)
    first = spell(network, 3.0, random.Random(1), longest=5)
    assert first == spell(network, 3.0, random.Random(1), longest=5)
    assert len(first) <= 5
