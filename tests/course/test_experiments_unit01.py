"""The measurements of the first lecture."""

from __future__ import annotations

import numpy as np
import pytest

from course.experiments.descent import loss_surface, walk
from course.experiments.fitting import bias_and_variance, degree_curves
from course.experiments.floats import difference_errors, fate
from course.widgets import DescentExplorer

RNG = np.random.default_rng(0)
X = RNG.normal(size=40)
Y = 40 * X + 150 + RNG.normal(0, 20, 40)


def test_the_surface_is_lowest_at_the_least_squares_line() -> None:
    slope, bias = np.polyfit(X, Y, 1)
    slopes = np.array([slope - 5, slope, slope + 5])
    surface = loss_surface(X, Y, slopes, np.array([bias - 5, bias]))
    assert surface.shape == (2, 3)
    assert surface.argmin() == 4


def test_a_walk_with_all_rows_arrives_and_its_losses_fall() -> None:
    places, losses = walk(X, Y, 0.3, 60)
    assert places.shape == (61, 2)
    assert (np.diff(losses) <= 1e-9).all()
    assert places[-1] == pytest.approx(np.polyfit(X, Y, 1), rel=1e-6)


def test_a_walk_with_few_rows_is_noisy_and_repeatable() -> None:
    first, again, other = (walk(X, Y, 0.1, 30, 2, seed=seed)[1] for seed in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).any()
    assert (np.diff(first) > 0).any()


def test_too_long_steps_run_away() -> None:
    assert walk(X, Y, 1.5, 30)[1][-1] > 1e6


def test_a_batch_larger_than_the_data_is_refused() -> None:
    with pytest.raises(ValueError, match="batch_size is 41; there are 40 points"):
        walk(X, Y, 0.1, 1, 41)


def test_two_sided_differences_are_better_until_rounding_drowns_them() -> None:
    steps = np.logspace(-14, -1, 27)
    one, two = difference_errors(np.sin, np.cos(1.0), 1.0, steps, np.float64)
    assert two.min() < one.min() / 100
    assert two[0] > 1e3 * two.min()
    assert two[-1] > 1e3 * two.min()


@pytest.mark.parametrize(
    ("function", "value", "true", "word"),
    [
        (np.exp, 100.0, np.exp(100.0), "inf"),
        (np.exp, -120.0, np.exp(-120.0), "zero"),
        (np.exp, 1.0, np.e, "right"),
        (lambda x: np.exp(x) / (1 + np.exp(x)), 100.0, 1.0, "nan"),
        (lambda x: (x + 1e9) - 1e9, 1.0, 1.0, "wrong"),
    ],
)
def test_the_fate_of_a_number(function, value, true, word) -> None:
    found = fate(function, np.array([value], dtype=np.float32), np.array([true]))
    assert found == [word] or (word == "wrong" and found == ["zero"])


def test_what_is_off_by_less_than_does_harm_is_right() -> None:
    drowned, truth = np.array([0.0], dtype=np.float32), np.array([-1e-9])
    assert fate(lambda x: x, drowned, truth) == ["zero"]
    assert fate(lambda x: x, drowned, truth, harmless=1e-6) == ["right"]


def test_training_error_falls_with_the_degree_and_unseen_error_turns() -> None:
    curves = degree_curves(range(12))
    assert (np.diff(curves.train) < 1e-6).all()
    best = int(curves.unseen.argmin())
    assert 2 <= best <= 6
    assert curves.unseen[-1] > 2 * curves.unseen[best]


def test_a_degree_needs_more_points_than_weights() -> None:
    with pytest.raises(ValueError, match="8 points do not fit a degree of 9"):
        degree_curves([9], n=8)


def test_bias_falls_and_variance_grows_with_the_degree() -> None:
    bias, variance, fits = bias_and_variance([0, 3, 9])
    assert bias[0] > 10 * bias[1]
    assert variance[2] > 10 * variance[1]
    assert fits[9].shape == (15, 101)


def test_the_explorer_draws_anew_when_a_slider_moves() -> None:
    explorer = DescentExplorer(X, Y)
    before, picture = explorer.result.value, explorer.png
    explorer.rate.value = 0.9
    assert explorer.result.value != before
    assert explorer.png != picture
    assert "learning rate 0.90" in explorer.picture.value


def test_the_explorer_shows_a_picture_where_there_are_no_widgets() -> None:
    explorer = DescentExplorer(X, Y, 0.5, 3)
    bundle = explorer._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["image/png"] == explorer.png


def test_the_explorer_refuses_what_its_sliders_cannot_show() -> None:
    with pytest.raises(ValueError, match="steps=50 not in 1 to 40"):
        DescentExplorer(X, Y, steps=50)
