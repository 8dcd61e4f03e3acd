"""The photograph, the hand-made filters, and digits that are moved and shuffled."""

import pytest
import torch
from torch import nn

from course.experiments.images import (
    FILTERS,
    framed_digits,
    photograph,
    shift_error,
    shifted,
    shuffled,
)


def test_the_photograph_is_grey_and_has_the_size_asked_for() -> None:
    photo = photograph(50, 70)
    assert photo.shape == (1, 1, 50, 70)
    assert photo.dtype == torch.float32
    assert 0 <= float(photo.min()) < float(photo.max()) <= 1
    assert torch.equal(photo, photograph(60, 80)[..., :50, :70])


@pytest.mark.parametrize("size", [(0, 5), (328, 5), (5, 641)])
def test_a_photograph_that_is_too_large_is_refused(size) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        photograph(*size)


def test_filters_keep_or_remove_the_level_of_a_flat_picture() -> None:
    sums = {name: float(kernel.sum()) for name, kernel in FILTERS.items()}
    assert sums == pytest.approx(
        {"blur": 1, "sharpen": 1, "upright edges": 0, "level edges": 0, "outline": 0}
    )
    assert torch.equal(FILTERS["upright edges"].T, FILTERS["level edges"])


def test_a_frame_is_background_and_moves_lose_nothing() -> None:
    data = framed_digits(2, 100)
    assert data.x.shape == (100, 1, 12, 12)
    assert len(data.x_unseen) == 1697
    assert bool((data.x[..., :2, :] == data.x.min()).all())
    moved = shifted(data.x, 2)
    assert torch.equal(moved[..., 2:], data.x[..., :-2])
    assert bool((moved[..., :2] == data.x.min()).all())


def test_a_margin_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="margin"):
        framed_digits(-1)


def test_shifted_goes_right_and_down() -> None:
    x = torch.zeros(1, 1, 3, 4)
    x[0, 0, 0, 0] = 1
    assert shifted(x, 2, 1)[0, 0, 1, 2] == 1


def test_one_order_for_all_pictures_training_and_unseen() -> None:
    data = framed_digits(0, 100)
    other = shuffled(data, seed=3)
    order = torch.randperm(64, generator=torch.Generator().manual_seed(3))
    for before, after in ((data.x, other.x), (data.x_unseen, other.x_unseen)):
        assert torch.equal(after.flatten(1), before.flatten(1)[:, order])
    assert torch.equal(other.y, data.y)
    assert not torch.equal(shuffled(data, seed=4).x, other.x)


@pytest.mark.parametrize(("stride", "exact"), [(1, {0, 1, 2, 3, 4}), (2, {0, 2, 4}), (4, {0, 4})])
def test_a_convolution_is_equivariant_for_multiples_of_its_stride(stride, exact) -> None:
    torch.manual_seed(0)
    layer = nn.Conv2d(1, 3, 3, stride, padding=1, padding_mode="circular")
    x = torch.randn(1, 1, 8, 16)
    errors = [shift_error(layer, x, move, stride) for move in range(5)]
    assert {move for move, error in enumerate(errors) if error < 1e-5} == exact
    assert all(error > 0.1 for move, error in enumerate(errors) if move not in exact)
