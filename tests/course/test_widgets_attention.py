"""The explorer that shows where a network looks."""

import base64

import numpy as np
import pytest

from course.widgets import AttentionExplorer


def _look(text: str) -> tuple[list[str], str, np.ndarray]:
    """Write the words' first letters backwards; look at the word that is written."""
    tokens = text.split()
    weights = np.full((len(tokens), len(tokens)), 0.1 / max(1, len(tokens) - 1))
    np.fill_diagonal(np.fliplr(weights), 0.9)
    return tokens, "".join(token[0] for token in tokens[::-1]), weights


@pytest.fixture
def explorer() -> AttentionExplorer:
    return AttentionExplorer(_look, ["monday 3 march", "friday 1 < may"[:12]])


def test_it_starts_at_the_last_character(explorer: AttentionExplorer) -> None:
    assert (explorer.step.value, explorer.step.max) == (3, 3)
    assert "character 3 of 3, “m”: looks most at “monday” (90%)" in explorer.result.value


def test_a_step_back_changes_numbers_picture_and_text(explorer: AttentionExplorer) -> None:
    before = explorer.picture.value
    explorer.step.value = 1
    assert "looks most at “march” (90%)" in explorer.result.value
    assert "weights are: monday 5%, 3 5%, march 90%" in explorer.picture.value
    assert explorer.picture.value != before


def test_another_text_keeps_the_place(explorer: AttentionExplorer) -> None:
    explorer.step.value = 2
    explorer.text.value = "friday 1 < m"
    assert "character 2 of 4, “&lt;”: looks most at “&lt;” (90%)" in explorer.result.value


def test_a_reader_without_widgets_gets_the_same_picture(explorer: AttentionExplorer) -> None:
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    picture = base64.b64decode(bundle["image/png"])
    assert picture.startswith(b"\x89PNG")
    assert base64.b64encode(picture).decode() in explorer.picture.value


@pytest.mark.parametrize("texts", [[], ["monday", ""]])
def test_a_text_without_words_is_refused(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="AttentionExplorer"):
        AttentionExplorer(_look, texts)
