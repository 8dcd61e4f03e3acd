"""The character model and the numbers it is judged by."""

import math

import pytest
import torch

from course.experiments.characters import (
    Alphabet,
    CharacterModel,
    TrainingCurve,
    held_out_bits,
    train_character_model,
    unigram_bits,
)


def test_alphabet_numbers_characters_in_order() -> None:
    alphabet = Alphabet("hello wörld")
    assert len(alphabet) == 9
    ids = alphabet.ids("hellö")
    assert ids.dtype == torch.int64
    assert ids.tolist() == [sorted(set("hello wörld")).index(c) for c in "hellö"]
    assert alphabet.ids("").shape == (0,)


def test_alphabet_names_a_character_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="'z'"):
        Alphabet("abc").ids("abz")


def test_unigram_bits_of_known_frequencies() -> None:
    train = torch.tensor([0] * 31 + [1] * 15 + [2] * 15)  # with one added: 1/2, 1/4, 1/4
    assert unigram_bits(train, torch.tensor([0]), 3) == pytest.approx(1.0)
    assert unigram_bits(train, torch.tensor([0, 0, 1, 2]), 3) == pytest.approx(1.5)


def test_unigram_bits_of_a_character_never_met_are_finite() -> None:
    assert unigram_bits(torch.tensor([0, 0]), torch.tensor([1]), 2) == pytest.approx(2.0)


def test_a_model_that_knows_nothing_needs_the_uniform_bits() -> None:
    model = CharacterModel(8, 4, 4)
    with torch.no_grad():
        model.read_out.weight.zero_()
        model.read_out.bias.zero_()
    ids = torch.arange(200) % 8
    assert held_out_bits(model, ids, lanes=5) == pytest.approx(math.log2(8))


def test_training_learns_a_pattern_and_repeats_itself() -> None:
    alphabet = Alphabet("abcd")
    ids = alphabet.ids("abcd" * 60)
    settings = {"hidden": 12, "embedding": 4, "updates": 60, "window": 12, "batch": 8}
    model, curve = train_character_model(ids, 4, learning_rate=3e-2, **settings)
    again, _ = train_character_model(ids, 4, learning_rate=3e-2, **settings)
    assert curve.bits[0] > 1.0
    assert curve.bits[-1] < 0.2
    assert len(curve.updates) == len(curve.bits)
    assert curve.updates[-1] == 60
    assert held_out_bits(model, ids, lanes=4) == held_out_bits(again, ids, lanes=4)


def test_a_text_shorter_than_a_window_is_refused() -> None:
    with pytest.raises(ValueError, match="windows of 80"):
        train_character_model(torch.zeros(80, dtype=torch.int64), 2)


def test_a_text_too_short_to_be_read_in_lanes_is_refused() -> None:
    with pytest.raises(ValueError, match="50 characters do not fill 50 lanes"):
        held_out_bits(CharacterModel(2, 2, 2), torch.zeros(50, dtype=torch.int64))


def test_the_curve_averages_equal_stretches() -> None:
    curve = TrainingCurve.of([4.0, 2.0, 3.0, 1.0, 9.0], points=2)
    assert curve.updates == [2, 4]
    assert curve.bits == [3.0, 2.0]
    assert TrainingCurve.of([5.0, 7.0]).bits == [5.0, 7.0]
