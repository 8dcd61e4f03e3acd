"""The sequences of the five tasks."""

from datetime import date

import numpy as np
import pytest

from course.sequences import (
    LANGUAGES,
    brackets,
    dates,
    depth,
    names,
    number_words,
    plain_letters,
)


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "zero"),
        (7, "seven"),
        (10, "ten"),
        (19, "nineteen"),
        (40, "forty"),
        (58, "fifty eight"),
        (100, "one hundred"),
        (101, "one hundred and one"),
        (342, "three hundred and forty two"),
        (615, "six hundred and fifteen"),
        (999, "nine hundred and ninety nine"),
    ],
)
def test_numbers_in_words(n: int, words: str) -> None:
    assert " ".join(number_words(n)) == words


def test_every_number_has_words_of_its_own() -> None:
    assert len({tuple(number_words(n)) for n in range(1000)}) == 1000


@pytest.mark.parametrize("n", [-1, 1000, 2.5])
def test_a_number_that_cannot_be_said_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match=str(n)):
        number_words(n)


def test_accents_are_taken_off() -> None:
    assert plain_letters("Ausztrália") == "ausztralia"
    assert plain_letters("Łotwa, Iğdır, Đức") == "lotwa, igdir, duc"


def test_names_are_plain_balanced_and_of_one_language_each() -> None:
    collected = names(per_language=50, seed=3)
    assert len(collected) == 50 * len(LANGUAGES)
    assert len({name.text for name in collected}) == len(collected)
    for language in LANGUAGES:
        assert sum(name.language == language for name in collected) == 50
    for name in collected:
        assert 3 <= len(name.text) <= 16
        assert set(name.text) <= set("abcdefghijklmnopqrstuvwxyz ")


def test_names_are_fixed_by_the_seed() -> None:
    assert names(per_language=20, seed=1) == names(per_language=20, seed=1)
    assert names(per_language=20, seed=1) != names(per_language=20, seed=2)


def test_more_names_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="not 100000"):
        names(("en", "fi"), per_language=100_000)


def test_brackets_never_close_too_much_and_stay_shallow() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        levels = depth(brackets(30, rng, deepest=4))
        assert len(levels) == 30
        assert min(levels) >= 0
        assert max(levels) <= 4


def test_depth_counts_what_is_open() -> None:
    assert depth("(()(") == [1, 2, 1, 2]
    assert depth("") == []


@pytest.mark.parametrize("text", ["())", "(a)", ")"])
def test_what_is_no_bracket_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="depth"):
        depth(text)


@pytest.mark.parametrize(("length", "deepest"), [(0, 3), (3, 0)])
def test_brackets_without_room_are_refused(length: int, deepest: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        brackets(length, np.random.default_rng(0), deepest)


def test_dates_are_said_and_written_alike() -> None:
    pairs = dates(60, np.random.default_rng(0))
    assert len(pairs) == 60
    for said, iso in pairs:
        day = date.fromisoformat(iso)
        assert 1950 <= day.year < 2050
        assert str(day.year) in said
        assert str(day.day) in said.replace(str(day.year), "")
        assert day.strftime("%b").lower() in said
    assert len({len(said.split()) for said, _ in pairs}) > 1, "one form only"
