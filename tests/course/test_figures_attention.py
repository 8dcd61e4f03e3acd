"""The drawing of one step of attention, and the map of its weights."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from course.figures.attention import attention_heatmap, attention_step


def words(fig: Figure) -> list[str]:
    return [text.get_text() for text in fig.findobj(Text)]


@pytest.mark.parametrize(
    "tokens",
    [
        ["A", "B"],
        ["3", "march", "2", "0", "2", "4"],
        ["friday", "1", "3", "november", "2", "0", "2", "6"],
    ],
)
def test_a_step_shows_its_tokens_scores_and_weights(tokens, misplaced) -> None:
    count = len(tokens)
    weights = np.full(count, 1 / count)
    scores = np.linspace(-2, 2, count)
    fig = attention_step(tokens, scores.tolist(), weights.tolist(), "7")
    assert misplaced(fig) == []
    texts = words(fig)
    assert set(tokens) <= set(texts)
    assert "−2.0" in texts
    assert texts.count(f"{1 / count:.2f}") == count
    assert "“7”" in texts


def test_a_bar_is_as_high_as_its_weight() -> None:
    fig = attention_step(["A", "B"], [1.0, 0.0], [0.75, 0.25], "A")
    bars = [p for p in fig.findobj(Rectangle) if p.get_linewidth() == 0.9]
    heights = [bar.get_height() for bar in bars]
    assert heights == pytest.approx([7, 5.25, 7, 1.75])


@pytest.mark.parametrize(
    ("tokens", "scores", "weights", "says"),
    [
        (["A"], [1.0], [1.0], "1 tokens"),
        (["A", "B"], [1.0], [0.5, 0.5], "1 scores"),
        (["A"] * 9, [0.0] * 9, [1 / 9] * 9, "9 tokens"),
        (["A", "B"], [1.0, 0.0], [0.5, 0.6], "sum to 1.100"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tokens, scores, weights, says) -> None:
    with pytest.raises(ValueError, match=says):
        attention_step(tokens, scores, weights, "A")


def test_the_map_has_a_row_a_character_with_its_largest_weight(misplaced) -> None:
    weights = np.array([[0.1, 0.9, 0.0], [0.5, 0.2, 0.3]])
    fig = attention_heatmap(["3", "march", "2"], "03", weights)
    assert misplaced(fig) == []
    ax = fig.axes[0]
    assert ax.images[0].get_array().shape == (2, 3)
    assert [text.get_text() for text in ax.texts] == ["0.90", "0.50"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["3", "march", "2"]


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\), not \(3, 2\)"):
        attention_heatmap(["a", "b"], "abc", np.ones((2, 3)))
