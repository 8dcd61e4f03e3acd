"""Optimisers in one narrow valley, and the drawing of their paths."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from course.experiments.valley import OPTIMISERS, best_descent, descend, valley
from course.figures.valley import descents

RATES = np.geomspace(1e-3, 1, 13)
TURNED = math.pi / 4


def test_the_valley_is_steep_across_and_flat_along() -> None:
    here = torch.tensor([[2.0, 0.0], [0.0, 2.0]], dtype=torch.float64)
    assert valley(here, 100.0, 0.0).tolist() == pytest.approx([2, 200])
    assert valley(here, 100.0, math.pi / 2).tolist() == pytest.approx([200, 2])


def test_sgd_multiplies_each_direction_by_its_own_factor() -> None:
    walk = descend(OPTIMISERS["SGD"], 0.01, 20)
    steps = np.arange(21)
    assert walk.places[:, 0] == pytest.approx(-4 * 0.99**steps)
    assert walk.places[1:, 1] == pytest.approx(np.zeros(20), abs=1e-12)  # 1 - 0.01 * 100
    assert walk.heights[0] == pytest.approx(58)


@pytest.mark.parametrize("name", ["SGD", "momentum"])
def test_turning_the_valley_turns_the_path_of_sgd_and_momentum(name) -> None:
    straight, turned = (descend(OPTIMISERS[name], 0.01, 30, turn=t) for t in (0.0, TURNED))
    assert turned.heights == pytest.approx(straight.heights)
    back = np.array([[1, 1], [-1, 1]]) / math.sqrt(2)
    assert turned.places @ back.T == pytest.approx(straight.places)


def test_turning_the_valley_takes_from_rmsprop_what_it_had() -> None:
    ends = {
        (name, turn): best_descent(OPTIMISERS[name], RATES, 60, turn=turn).heights[-10:].max()
        for name in ("SGD", "RMSprop")
        for turn in (0.0, TURNED)
    }
    assert ends["RMSprop", 0.0] < 1e-6 * ends["SGD", 0.0]
    assert ends["RMSprop", TURNED] > 0.1 * ends["SGD", TURNED]


def test_the_best_walk_never_climbs_above_its_start() -> None:
    walk = best_descent(OPTIMISERS["RMSprop"], (0.05, 3.0), 30)
    assert walk.rate == 0.05
    with pytest.raises(ValueError, match="climbs above its start"):
        best_descent(OPTIMISERS["SGD"], (0.5,), 10)


def test_a_valley_that_curves_downwards_is_refused() -> None:
    with pytest.raises(ValueError, match="narrow is -1"):
        descend(OPTIMISERS["SGD"], 0.1, 3, narrow=-1)


def test_the_drawing_shows_each_path_and_each_curve() -> None:
    walks = {name: descend(make, 0.01, 5) for name, make in OPTIMISERS.items()}
    paths = {name: walk.places for name, walk in walks.items()}
    curves = {name: walk.heights for name, walk in walks.items()}
    figure = descents(lambda p: (p**2).sum(-1), paths, {"here": curves, "there": curves})
    squares, panels = figure.axes[:4], figure.axes[4:]
    assert [ax.get_title() for ax in squares] == list(OPTIMISERS)
    assert np.array_equal(squares[3].lines[0].get_xydata(), paths["Adam"])
    assert [line.get_label() for line in panels[1].lines] == list(OPTIMISERS)
    assert len({line.get_linestyle() for line in panels[1].lines}) == 4
    with pytest.raises(ValueError, match="1 paths, 2 panels"):
        descents(lambda p: p[..., 0], {"a": paths["SGD"]}, {"here": curves, "there": curves})
