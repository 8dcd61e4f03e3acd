"""The maps of where formulas give way."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from course.figures.fates import FATES, fate_bars, fate_planes
from course.figures.style import COLOURS

Z = np.linspace(-2, 2, 5)
WORDS = ["inf", "right", "right", "nan", "nan"]


def _colour(word: str) -> str:
    return COLOURS[FATES[word][0]].lower()


def test_a_bar_has_a_piece_for_each_fate_where_it_holds(misplaced) -> None:
    figure = fate_bars(Z, {"f(z)": WORDS, "g(z)": ["right"] * 5})
    pieces = [
        (round(p.get_x(), 6), round(p.get_width(), 6), to_hex(p.get_facecolor()))
        for p in figure.axes[0].patches
    ]
    assert pieces == [
        (-2.0, 1.0, _colour("inf")),
        (-1.0, 2.0, _colour("right")),
        (1.0, 1.0, _colour("nan")),
        (-2.0, 4.0, _colour("right")),
    ]
    assert misplaced(figure) == []


def test_only_the_fates_that_occur_are_in_the_legend() -> None:
    figure = fate_bars(Z, {"f(z)": WORDS})
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["right", "inf", "nan"]


def test_a_plane_has_its_first_input_along_the_first_axis(misplaced) -> None:
    ticks = np.array([0.0, 1.0, 2.0])
    words = ["inf", "right", "right"] * 3  # infinite where the first input is 0
    figure = fate_planes(ticks, {"f": words, "g": ["right"] * 9}, ("first", "second"))
    codes = figure.axes[0].collections[0].get_array().reshape(3, 3)
    assert (codes[:, 0] == list(FATES).index("inf")).all()
    assert (codes[:, 1:] == list(FATES).index("right")).all()
    assert figure.axes[0].get_xlabel() == "first"
    assert misplaced(figure) == []


def test_fates_are_told_apart_without_colour() -> None:
    hatched = [hatch for word, (_, hatch) in FATES.items() if word not in ("right", "nan")]
    assert len(set(hatched)) == len(hatched)
    assert all(hatched)


def test_what_is_no_fate_or_too_short_is_refused() -> None:
    with pytest.raises(KeyError, match="odd"):
        fate_bars(Z, {"f": ["odd"] * 5})
    with pytest.raises(KeyError, match="odd"):
        fate_planes(Z[:1], {"f": ["odd"]}, ("a", "b"))
    with pytest.raises(ValueError, match="4 fates for 5 inputs"):
        fate_bars(Z, {"f": WORDS[:4]})
