"""Each spoilt training fails in the way its name says."""

import math
from itertools import pairwise

import pytest

from course.experiments.troubles import TROUBLES, trouble

GUESSING = math.log(10)


@pytest.fixture(scope="module")
def histories():
    return {name: trouble(name) for name in TROUBLES}


def test_a_sound_training_falls_on_both_sides(histories) -> None:
    sound = histories["sound"]
    assert sound.loss[-1] < 0.3
    assert sound.unseen_loss[-1] < sound.loss[-1] + 0.1


def test_too_small_a_rate_creeps(histories) -> None:
    slow = histories["rate too small"].loss
    assert all(later < earlier for earlier, later in pairwise(slow))
    assert slow[-1] > 0.8 * GUESSING


@pytest.mark.parametrize("name", ["rate too large", "signal lost on the way"])
def test_two_causes_end_at_guessing(histories, name: str) -> None:
    assert histories[name].loss[-1] == pytest.approx(GUESSING, abs=0.1)
    assert histories[name].unseen_right[-1] < 0.2


def test_by_heart_means_a_gap_that_grows(histories) -> None:
    learnt = histories["learnt by heart"]
    assert learnt.loss[-1] < 0.01
    assert learnt.unseen_loss[-1] > min(learnt.unseen_loss) + 0.02


def test_another_preparation_spoils_only_the_unseen_side(histories) -> None:
    sound, other = histories["sound"], histories["unseen data prepared otherwise"]
    assert other.loss == sound.loss
    assert other.unseen_loss[-1] > 3 * sound.unseen_loss[-1]
