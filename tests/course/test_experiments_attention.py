"""An encoder-decoder with and without attention."""

import pytest
import torch
from torch import nn

from course.experiments.attention import (
    ISO,
    EncoderDecoder,
    date_tokens,
    dates_for,
    gradient_to_words,
    train_copy,
    train_dates,
    waiting,
)


def _network(*, attends: bool) -> EncoderDecoder:
    torch.manual_seed(0)
    return EncoderDecoder(5, 4, 6, attends=attends)


def test_both_kinds_have_the_same_parameters_to_begin_with() -> None:
    for (name, one), (other_name, other) in zip(
        _network(attends=False).named_parameters(),
        _network(attends=True).named_parameters(),
        strict=True,
    ):
        assert name == other_name
        assert torch.equal(one, other)


def test_attention_is_pytorchs_and_leaves_padding_out() -> None:
    s, h = torch.randn(3, 2, 6), torch.randn(5, 2, 6)  # (S, N, H), (T, N, H)
    padding = torch.zeros(5, 2, dtype=torch.bool)
    padding[:2, 1] = True  # the second row is two steps shorter
    mixed, weights = _network(attends=True).mix(s, h, padding)
    assert weights.shape == (3, 2, 5)
    assert weights[:, 1, :2].abs().max() == 0
    for row, first in enumerate((0, 2)):
        own = h[first:, row]
        wanted = nn.functional.scaled_dot_product_attention(s[:, row], own, own, scale=1.0)
        torch.testing.assert_close(mixed[:, row], wanted)


def test_without_attention_the_read_out_gets_the_last_state() -> None:
    h = torch.randn(5, 2, 6)
    mixed, weights = _network(attends=False).mix(torch.randn(3, 2, 6), h, torch.zeros(5, 2) > 0)
    assert torch.equal(weights.sum(-1), torch.ones(3, 2))
    torch.testing.assert_close(mixed, h[-1].expand(3, 2, 6))


@pytest.mark.parametrize("attends", [False, True])
def test_what_it_writes_is_what_it_scores_highest_given_what_it_wrote(attends: bool) -> None:
    network = _network(attends=attends)
    x = torch.randint(1, 6, (7, 3))
    written, looked = network.write(x, 4)
    before = torch.cat([torch.zeros_like(written[:1]), written[:-1]])
    scores, weights = network(x, before)
    assert torch.equal(scores.argmax(-1), written)
    torch.testing.assert_close(weights.detach(), looked)


def test_a_date_is_cut_into_words_and_digits() -> None:
    assert date_tokens("march 3, 2024") == ["march", "3", "2", "0", "2", "4"]


def test_dates_are_padded_in_front_and_say_what_their_texts_say() -> None:
    data = dates_for(50)
    assert data.y.shape == (10, 50)
    for column, (said, iso) in enumerate(data.pairs):
        words = [data.vocabulary[place - 1] for place in data.x[:, column] if place]
        assert words == date_tokens(said)
        assert data.x[-1, column] > 0
        assert "".join(ISO[place - 1] for place in data.y[:, column]) == iso


@pytest.mark.parametrize("text", ["3 brumaire 2024", "", "1 2 3 4 5 6 7 8 9"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot read"):
        dates_for(50).ids([text])


def test_attention_learns_dates_sooner_from_the_same_batches() -> None:
    data, training, unseen = dates_for(900), slice(0, 800), slice(800, 900)
    runs = [
        train_dates(data, training, 0, attends=attends, hidden=32, updates=100)
        for attends in (False, True)
    ]
    last, looking = (data.right(run.network, unseen) for run in runs)
    assert len(runs[0].losses) == 100
    assert looking > last + 0.2
    tokens, written, weights = data.look(runs[1].network, data.pairs[800][0])
    assert weights.shape == (10, len(tokens))
    assert weights.sum(1) == pytest.approx(1, abs=1e-5)
    assert len(written) == 10


def test_a_short_row_is_copied() -> None:
    assert train_copy(2, 0, attends=False, updates=120) > 0.8


def test_times_are_positive_one_for_each_length() -> None:
    taken = waiting((4, 300), hidden=8, repeats=2)
    assert list(taken) == ["recurrence", "attention"]
    assert all(len(row) == 2 and min(row) > 0 for row in taken.values())


def test_only_attention_leaves_a_short_road_to_the_first_word() -> None:
    last, looking = (
        gradient_to_words(40, 0, attends=attends, hidden=16) for attends in (False, True)
    )
    assert last.shape == looking.shape == (40,)
    assert last[0] < 1e-4 * last[-1]
    assert looking[0] > 1e-3 * looking[-1]
