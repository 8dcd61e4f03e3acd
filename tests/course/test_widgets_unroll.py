"""The explorer that steps a network through a word."""

import base64

import numpy as np
import pytest

from course.widgets import UnrollExplorer

ANSWERS = ["vowel", "consonant"]


def _read(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Answer by the latest letter; the state is the place."""
    places = np.linspace(-1, 1, len(text))
    vowel = np.array([0.75 if letter in "aeiou" else 0.25 for letter in text])
    return np.stack([places] * 3, 1), np.stack([vowel, 1 - vowel], 1)


@pytest.fixture
def explorer() -> UnrollExplorer:
    return UnrollExplorer(_read, ["ruotsi", "peru", "saksan"], ANSWERS)


def test_it_starts_at_the_end_of_the_first_word(explorer: UnrollExplorer) -> None:
    assert (explorer.step.value, explorer.step.max) == (6, 6)
    assert "“ruotsi”: vowel 75%" in explorer.result.value


def test_a_step_back_changes_numbers_picture_and_text(explorer: UnrollExplorer) -> None:
    before = explorer.picture.value
    explorer.step.value = 1
    assert "after 1 of 6 letters, “r·····”: consonant 75%" in explorer.result.value
    assert "vowel 25%, consonant 75%" in explorer.picture.value
    assert explorer.picture.value != before


@pytest.mark.parametrize("word", ["peru", "saksan"])
def test_another_word_begins_at_its_own_end(explorer: UnrollExplorer, word: str) -> None:
    explorer.text.value = word
    assert (explorer.step.value, explorer.step.max) == (len(word), len(word))
    assert f"“{word}”" in explorer.result.value
    explorer.text.value = "ruotsi"
    assert "after 6 of 6 letters, “ruotsi”" in explorer.result.value


def test_a_reader_without_widgets_gets_the_same_picture(explorer: UnrollExplorer) -> None:
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    picture = base64.b64decode(bundle["image/png"])
    assert picture.startswith(b"\x89PNG")
    assert base64.b64encode(picture).decode() in explorer.picture.value


@pytest.mark.parametrize("texts", [[], ["peru", ""]])
def test_a_word_without_letters_is_refused(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="UnrollExplorer"):
        UnrollExplorer(_read, texts, ANSWERS)
