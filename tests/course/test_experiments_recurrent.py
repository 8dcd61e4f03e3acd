"""Plain RNNs on names, brackets and numbers."""

from collections import Counter

import numpy as np
import pytest
import torch

from course.experiments.recurrent import (
    LETTERS,
    WORDS,
    RecurrentNetwork,
    bag_accuracy,
    depth_batch,
    name_accuracy,
    name_batch,
    number_batch,
    recalled_after,
    say,
    shuffled,
    train_bag,
    train_depth,
    train_names,
    train_numbers,
)
from course.sequences import LANGUAGES, Name, depth, names, number_words


def test_a_batch_of_names_is_one_hot_and_zero_past_each_end() -> None:
    x, lengths, y = name_batch([Name("peru", "fi"), Name("ruotsi", "fi"), Name("a b", "tr")])
    assert x.shape == (6, 3, len(LETTERS))
    assert lengths.tolist() == [4, 6, 3]
    assert [LANGUAGES[place] for place in y] == ["fi", "fi", "tr"]
    for row, text in enumerate(("peru", "ruotsi", "a b")):
        assert "".join(LETTERS[place] for place in x[: len(text), row].argmax(-1)) == text
        assert x[:, row].sum(-1).tolist() == [1.0] * len(text) + [0.0] * (6 - len(text))


def test_shuffling_keeps_the_letters_and_the_language() -> None:
    chosen = names(per_language=10)
    mixed = shuffled(chosen)
    for name, other in zip(chosen, mixed, strict=True):
        assert Counter(name.text) == Counter(other.text)
        assert name.language == other.language
    assert [name.text for name in chosen] != [name.text for name in mixed]


def test_each_sequence_is_read_at_its_own_end() -> None:
    torch.manual_seed(0)
    network = RecurrentNetwork(4, 5, 3).double()
    x = torch.randn(6, 4, 4, dtype=torch.float64)
    lengths = [3, 6, 1, 4]
    got = network.at_own_end(x, torch.tensor(lengths))
    for row, length in enumerate(lengths):
        alone = network(x[:length, row : row + 1])[-1, 0]
        torch.testing.assert_close(got[row], alone)


def test_the_order_helps_the_rnn_and_is_nothing_to_the_bag() -> None:
    collected = names(per_language=150)
    training, unseen = collected[:720], collected[720:]
    bag = train_bag(training, seed=0, updates=60)
    assert bag_accuracy(bag, unseen) == bag_accuracy(bag, shuffled(unseen))
    rnn = train_names(training, seed=0, hidden=32, updates=120)
    assert name_accuracy(rnn, unseen) > 0.4
    assert name_accuracy(rnn, unseen) > name_accuracy(rnn, shuffled(unseen)) + 0.1


def test_depth_batch_agrees_with_the_texts() -> None:
    x, y, texts = depth_batch(5, 12, np.random.default_rng(0))
    assert x.shape == (12, 5, 2)
    assert y.shape == (12, 5)
    for row, text in enumerate(texts):
        assert y[:, row].tolist() == depth(text)
        assert "".join("()"[place] for place in x[:, row].argmax(-1)) == text


def test_a_short_training_learns_to_count_brackets() -> None:
    network = train_depth(seed=0, updates=120, length=8)
    x, y, _ = depth_batch(100, 8, np.random.default_rng(1))
    with torch.no_grad():
        assert float((network(x).argmax(-1) == y).float().mean()) > 0.9


def test_a_number_goes_in_at_the_first_step_only() -> None:
    x, y = number_batch([342, 7])
    assert x.shape == (6, 2, 30)
    assert x[1:].abs().sum() == 0
    assert x[0, 0].nonzero().flatten().tolist() == [3, 14, 22]
    assert [WORDS[word] for word in y[:, 1]] == ["seven", *["<end>"] * 5]


def test_numbers_that_were_learnt_are_said() -> None:
    numbers = [5, 30, 342, 871, 100, 619]
    network = train_numbers(numbers, seed=0, hidden=32, updates=150)
    assert say(network, numbers) == [" ".join(number_words(n)) for n in numbers]


def test_a_short_delay_is_learnt_and_a_long_one_is_not() -> None:
    assert recalled_after(1, seed=0, updates=150) > 0.9
    assert recalled_after(30, seed=0, updates=40) == pytest.approx(1 / 8, abs=0.06)
