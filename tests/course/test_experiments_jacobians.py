"""How far a change reaches, clipping, and windows."""

import pytest
import torch
from torch import nn

from course.experiments.jacobians import (
    cell_of_radius,
    cliff_loss,
    contributions,
    descend,
    far_singular_values,
    trajectories,
    windowed_gradient,
)


def _noise(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


@pytest.mark.parametrize("radius", [0.5, 1.0, 1.7])
def test_a_cell_has_the_radius_asked_for(radius: float) -> None:
    cell = cell_of_radius(radius, 3, 8, seed=1)
    largest = torch.linalg.eigvals(cell.weight_hh.detach()).abs().max()
    assert float(largest) == pytest.approx(radius)


def test_singular_values_are_those_of_a_matrix_product() -> None:
    cell, x = cell_of_radius(1.1, 3, 5, seed=0), _noise(4, 3)
    got = far_singular_values(cell, x)
    assert got.shape == (4, 5)
    torch.testing.assert_close(got[-1], torch.ones(5, dtype=torch.float64))
    state = torch.zeros(5, dtype=torch.float64)
    states = []
    with torch.no_grad():
        for step in x:
            state = cell(step, state)
            states.append(state)
        product = torch.eye(5, dtype=torch.float64)
        for t in (3, 2, 1):
            product = product @ ((1 - states[t] ** 2)[:, None] * cell.weight_hh)
            torch.testing.assert_close(got[t - 1], torch.linalg.svdvals(product))


def test_a_small_radius_vanishes() -> None:
    far = far_singular_values(cell_of_radius(0.5, 3, 8, seed=0), 0.1 * _noise(30, 3))
    assert far[0, 0] < 1e-6


def test_trajectories_start_where_told_and_shrink_below_radius_one() -> None:
    starts = _noise(6, 4)
    path = trajectories(cell_of_radius(0.6, 2, 4, seed=0), starts, 40)
    assert path.shape == (41, 6, 4)
    assert torch.equal(path[0], starts)
    assert path[-1].norm() < 1e-3


def test_shares_of_all_steps_make_the_gradient_and_the_first_is_nothing() -> None:
    torch.manual_seed(0)
    lengths, off = contributions(nn.RNN(3, 6, dtype=torch.float64), _noise(7, 2, 3))
    assert lengths.shape == (7,)
    assert lengths[0] == 0
    assert bool((lengths[1:] > 0).all())
    assert off < 1e-12


def test_a_window_as_long_as_the_text_is_the_whole_gradient() -> None:
    torch.manual_seed(0)
    layer, x = nn.RNN(3, 6, dtype=torch.float64), _noise(7, 2, 3)
    (whole,) = torch.autograd.grad(layer(x)[0].square().sum(), layer.weight_hh_l0)
    for window in (7, 20):
        torch.testing.assert_close(windowed_gradient(layer, x, window), whole)
    errors = [(windowed_gradient(layer, x, k) - whole).norm() for k in (1, 3, 6)]
    assert errors[0] > errors[1] > errors[2] > 0


def test_the_wall_flings_the_free_walk_and_not_the_clipped_one() -> None:
    free, clipped = descend((5.0, -3.0), 0.5, 100), descend((5.0, -3.0), 0.5, 100, 0.3)
    assert free.places.shape == (101, 2)
    assert free.norms.max() > 5
    steps = (clipped.places[1:] - clipped.places[:-1]).norm(dim=1)
    assert steps.max() <= 0.15 + 1e-9
    assert clipped.losses[-20:].max() < 0.02 < free.losses[-1]


def test_the_loss_of_the_one_unit_cell() -> None:
    w, b = torch.zeros(1), torch.full((1,), 0.3)
    assert float(cliff_loss(w, b)) == pytest.approx((1 / (1 + 2.718281828**-0.3) - 0.7) ** 2)
