"""Pictures of the closing projects."""

import pytest
import torch
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text

from course.figures import projects as pictures
from course.projects import load

REPORT = {
    "whole": [0.8, 0.9, 0.7],
    "ablated": [0.7, 0.9, 0.6],
    "difference": [0.1, 0.0, 0.1],
    "mean": 0.2 / 3,
    "standard_error": 1 / 30,
}


def words(fig: Figure) -> list[str]:
    return [text.get_text() for text in fig.findobj(Text)]


def test_sheets_stand_under_their_titles() -> None:
    x, y = load("digits")
    fig = pictures.sheets(x[:12], [str(int(digit)) for digit in y[:12]])
    assert len(fig.findobj(AxesImage)) == 12
    assert words(fig).count("6") == int((y[:12] == 6).sum())
    with pytest.raises(ValueError, match="1 titles"):
        pictures.sheets(x[:2], ["7"])


def test_a_profile_adds_up_to_a_hundred_per_cent() -> None:
    x, y = load("names")
    (picture, *_) = pictures.letter_profile(x, y, list("abcdef")).findobj(AxesImage)
    assert picture.get_array().sum(1).tolist() == pytest.approx([100] * 6)


def test_missed_and_made_up_words_lie_on_different_sides() -> None:
    x, y = (rows[:2] for rows in load("spaces"))
    said = y.clone()
    said[0] = 1 - said[0]
    axes = pictures.marked_letters(x, y, said).axes[0]
    below = [
        line for line in axes.lines if min(line.get_ydata()) > 0 and max(line.get_ydata()) < 0.6
    ]
    above = [line for line in axes.lines if max(line.get_ydata()) < 0]
    assert len(below) == int(y[0].sum())
    assert len(above) == int((1 - y[0]).sum())
    assert len(axes.lines) == y[0].numel() + int(y[1].sum())
    with pytest.raises(ValueError, match="9 pieces"):
        pictures.marked_letters(x[[0] * 9], y[[0] * 9])


def test_an_ablation_shows_each_seed_and_the_error() -> None:
    fig = pictures.ablation_pairs(REPORT, ("whole", "no gates"), "score")
    assert "no gates" in words(fig)
    left, right = fig.axes
    assert len(left.lines) == 3 + 2
    ((low, high),) = [
        (segment[0][1], segment[1][1]) for segment in right.collections[0].get_segments()
    ]
    assert (high - low) == pytest.approx(4 / 30)
    with pytest.raises(ValueError, match="2, 3 and 3"):
        pictures.ablation_pairs({**REPORT, "whole": [1, 2]}, ("a", "b"), "score")


def test_a_confusion_is_in_per_cent_of_its_row() -> None:
    y, said = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 1, 1])
    (picture,) = pictures.confusion(y, said, ["a", "b"]).findobj(AxesImage)
    assert picture.get_array().tolist() == [[50, 50], [0, 100]]
