"""Small networks on digits, and what is measured in them."""

import pytest
import torch
from torch import nn

from course.experiments.convnets import (
    NETS,
    DeepStack,
    footprint,
    learn_stack,
    occlusion,
    read_share,
    reader,
)
from course.experiments.images import framed_digits
from course.experiments.speed import agreement, speeds

DATA = framed_digits(0, 200)


@pytest.mark.parametrize("name", NETS)
def test_readers_learn_and_are_repeatable(name) -> None:
    net, again = (reader(name, DATA, 12, seed=1) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), again.parameters(), strict=True))
    untrained = reader(name, DATA, 0, seed=1)
    assert read_share(untrained, DATA.x_unseen, DATA.y_unseen) < 0.4
    assert read_share(net, DATA.x_unseen, DATA.y_unseen) > 0.75


def test_a_network_of_another_name_is_refused() -> None:
    with pytest.raises(KeyError):
        reader("RNN", DATA, 1, 0)


def test_occlusion_finds_the_only_pixel_that_counts() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(20, 2))
    nn.init.zeros_(net[1].weight)
    nn.init.zeros_(net[1].bias)
    net[1].weight.data[1, 2 * 5 + 3] = 8.0  # class 1 looks at row 2, column 3
    sure = occlusion(net, torch.ones(1, 4, 5), label=1, size=2, cover=0.0)
    assert sure.shape == (3, 4)
    covered = (sure < 0.6).nonzero().tolist()
    assert covered == [[1, 2], [1, 3], [2, 2], [2, 3]]


@pytest.mark.parametrize("size", [0, 5])
def test_a_square_that_does_not_fit_is_refused(size) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        occlusion(nn.Flatten(), torch.ones(1, 4, 5), 0, size, 0.0)


@pytest.mark.parametrize(("dilations", "across"), [((1, 1), 5), ((1, 2, 4), 15)])
def test_a_footprint_is_the_receptive_field(dilations, across) -> None:
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 1, 3, padding=d, dilation=d) for d in dilations]
    seen = footprint(nn.Sequential(*layers), torch.randn(2, 1, 21, 21))
    rows, columns = (seen > 0).nonzero().T
    reach = across // 2
    assert (int(rows.min()), int(rows.max())) == (10 - reach, 10 + reach)
    assert (int(columns.min()), int(columns.max())) == (10 - reach, 10 + reach)


def test_with_skips_a_step_that_does_nothing_changes_nothing() -> None:
    torch.manual_seed(0)
    net = DeepStack(3, 4, skips=True).eval()
    expected = net.last(net.first(DATA.x[:5]))
    for step in net.steps:
        nn.init.zeros_(step[2].weight)
    assert torch.equal(net(DATA.x[:5]), expected)
    net.keeps = 0.0
    assert not torch.allclose(net(DATA.x[:5]), expected)


def test_plain_depth_spreads_the_gradients_and_skips_keep_them_together() -> None:
    spreads = []
    for skips in (False, True):
        ((sizes, losses),) = learn_stack(24, skips, DATA, epochs=1, seeds=[0])
        assert (len(sizes), len(losses)) == (24, 1)
        spreads.append(max(sizes) / min(sizes))
    assert spreads[0] > 3 * spreads[1]


def test_the_three_ways_to_compute_agree_and_are_timed() -> None:
    torch.manual_seed(0)
    signal, kernels = torch.randn(300), torch.randn(4, 7)
    assert agreement(signal, kernels) < 1e-5
    taken = speeds(signal, kernels, repeats=3)
    assert list(taken) == ["loop", "matrix product", "conv2d"]
    assert all(seconds > 0 for seconds in taken.values())
