"""The made-up languages of `train_language_model`: their entropy, and what can be learnt."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from autograder.exercises import _language_model_training as training

SIZES = {"L": training.LENGTH, "V": training.LETTERS + 1}


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def bits_of_one_who_knows(words: list[list[int]], text: list[int]) -> float:
    """Bits per character of guessing by how many words go on in each way; text is whole words."""
    endings = [(*word, 0) for word in words]
    total, begun = 0.0, ()
    for id_ in text:
        possible = [word for word in endings if word[: len(begun)] == begun]
        begun = (*begun, id_)
        total -= math.log2(sum(word[: len(begun)] == begun for word in possible) / len(possible))
        begun = () if id_ == 0 else begun
    return total / len(text)


@pytest.mark.parametrize("seed", range(40))
def test_a_language_has_words_of_its_own(seed) -> None:
    words = training.language(generator(seed))
    shortest, longest = training.WORD_LENGTHS
    assert len({tuple(word) for word in words}) == training.WORDS
    assert all(shortest <= len(word) <= longest for word in words)
    assert {id_ for word in words for id_ in word} == set(range(1, training.LETTERS + 1))


@pytest.mark.parametrize("seed", range(5))
def test_the_entropy_is_what_one_who_knows_the_language_needs(seed) -> None:
    words, g = training.language(generator(seed)), generator(100 + seed)
    chosen = torch.randint(len(words), (4000,), generator=g).tolist()
    text = [id_ for word in chosen for id_ in (*words[word], 0)]
    assert bits_of_one_who_knows(words, text) == pytest.approx(training.entropy(words), rel=0.02)


def test_two_words_of_three_and_four_letters() -> None:
    assert training.entropy([[1, 2, 3], [1, 2, 3, 4]]) == pytest.approx(2 / 9)


def drawn(seed: int) -> tuple[Tensor, training.Unseen]:
    ids = training.draw(SIZES, 1.0, generator(seed))["ids"]
    return ids, training.unseen_after(ids)


@pytest.mark.parametrize("seed", range(6))
def test_there_is_much_between_pairs_and_the_entropy_and_pytorch_learns_it(seed) -> None:
    ids, unseen = drawn(seed)
    pairs = training.pair_bits(ids, unseen.ids, SIZES["V"])
    assert pairs > unseen.entropy + 0.7
    assert training.count_bits(ids, SIZES["V"]) > pairs
    model = training._trained(ids, SIZES["V"], training.UPDATES, seed)
    left = (training.bits(model, unseen.ids) - unseen.entropy) / (pairs - unseen.entropy)
    assert -0.1 < left < training.GOOD


def test_a_text_is_as_long_as_asked_and_goes_on_unseen() -> None:
    ids, unseen = drawn(3)
    assert ids.shape == (training.LENGTH,)
    assert unseen.ids.shape == (training.UNSEEN,)
    again, same = drawn(3)
    assert torch.equal(ids, again)
    assert torch.equal(unseen.ids, same.ids)
    with pytest.raises(KeyError):
        training.unseen_after(ids + 1)
