"""Properties of a text, and the units that follow them."""

import numpy as np
import pytest
import torch

from course.experiments.units import (
    busiest_paragraph,
    chance_level,
    choose_unit,
    correlations,
    text_signals,
    top_places,
)


def test_signals_of_a_small_text() -> None:
    text = 'a "b c" (d)\n  e'
    signals = text_signals(text)
    assert signals["position in line"].tolist() == [*range(12), 0, 1, 2]
    assert "".join(np.where(signals["inside quotes"] > 0, list(text), ".")) == '.."b c.........'
    assert "".join(np.where(signals["inside brackets"] > 0, list(text), ".")) == "........(d....."
    assert signals["indented line"].tolist() == [0] * 12 + [1] * 3
    assert signals["position in word"].tolist() == [1, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def test_quotes_and_brackets_are_forgotten_at_an_empty_line() -> None:
    signals = text_signals('"( open\n\nnext')
    assert signals["inside quotes"][-4:].tolist() == [0, 0, 0, 0]
    assert signals["inside brackets"][-4:].tolist() == [0, 0, 0, 0]
    assert signals["inside quotes"][:7].tolist() == [1] * 7


def test_correlations_agree_with_numpy() -> None:
    rng = np.random.default_rng(0)
    cells, signal = rng.normal(size=(50, 3)), rng.normal(size=50)
    expected = [np.corrcoef(cells[:, unit], signal)[0, 1] for unit in range(3)]
    np.testing.assert_allclose(correlations(torch.from_numpy(cells), signal), expected)
    both = correlations(torch.from_numpy(cells), np.stack([signal, -2 * signal]))
    np.testing.assert_allclose(both, np.stack([expected, np.negative(expected)]))


def test_what_never_changes_has_no_correlation() -> None:
    cells = torch.stack([torch.ones(4), torch.arange(4.0)], dim=1)
    np.testing.assert_allclose(correlations(cells, np.arange(4.0)), [0, 1])
    np.testing.assert_allclose(correlations(cells, np.ones(4)), [0, 0])


def test_the_unit_is_chosen_on_the_first_half_only() -> None:
    text = 'aa "bb" cc "dd" ' * 10
    quoted = torch.from_numpy(text_signals(text)["inside quotes"])
    noise = torch.randn(len(text), generator=torch.Generator().manual_seed(0))
    lucky = torch.where(torch.arange(len(text)) < len(text) // 2, -quoted, quoted)
    cells = torch.stack([noise, quoted + 0.5 * noise, lucky.double()], dim=1)
    choice = choose_unit(cells, text, "inside quotes")
    assert choice.unit == 2
    assert choice.chosen_on == pytest.approx(-1)
    assert choice.confirmed_on == pytest.approx(1)


def test_choose_unit_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="3 rows of cells, 4 characters"):
        choose_unit(torch.zeros(3, 2), "text", "inside quotes")
    with pytest.raises(KeyError):
        choose_unit(torch.zeros(4, 2), "text", "mood")


def test_the_chance_level_is_what_unrelated_noise_reaches() -> None:
    noise = torch.randn(400, 20, generator=torch.Generator().manual_seed(0))
    signal = np.random.default_rng(0).normal(size=400)
    level = chance_level(noise, signal)
    assert 1.5 / 20 < level < 5 / 20  # one unit deviates by about 1 / sqrt(400)
    assert level < chance_level(noise, np.arange(400.0) // 200)  # a slow signal is lucky more often


def test_the_chance_level_leaves_out_the_signal_where_it_belongs() -> None:
    signal = np.random.default_rng(1).normal(size=300)
    cells = torch.from_numpy(signal)[:, None]
    assert correlations(cells, signal)[0] == pytest.approx(1)
    assert chance_level(cells, signal) < 0.3


def test_the_chance_level_needs_room_to_shift() -> None:
    with pytest.raises(ValueError, match="100 shifts of a signal of 100 values"):
        chance_level(torch.zeros(100, 2), np.zeros(100))


def test_top_places_are_the_largest_and_keep_their_distance() -> None:
    values = torch.tensor([9.0, 0, 0, 5, 6, 0, 0, 0, 4, 0, 3])
    assert top_places(values, count=3, apart=3) == [4, 8]
    assert top_places(values, count=3, apart=2) == [4, 8, 10]
    assert top_places(values, count=1, apart=1) == [4]


def test_busiest_paragraph_is_in_the_second_half_and_has_most_quotes() -> None:
    filler = "words without quotation " * 3
    text = f'{"x" * 5} "a" "b" "c" {filler}\n\n' + f"{filler}\n\n" * 3
    text += f'one "a" {filler}\n\ntwo "a" "b" {filler}\n\n{filler}\n'
    place = busiest_paragraph(text, "inside quotes", shortest=50, longest=150)
    assert text[place].startswith("two")
    assert place.start >= len(text) // 2


def test_busiest_paragraph_says_when_none_fits() -> None:
    with pytest.raises(ValueError, match="none of 200 to 420"):
        busiest_paragraph("short\n\nlines\n", "inside quotes")
