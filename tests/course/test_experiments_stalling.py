"""Deep ReLU networks under two kinds of first weights."""

import math

import pytest
import torch

from course.experiments.stalling import FIRST, descend
from course.experiments.training import digits

SGD = "SGD, momentum 0.9"
DATA = digits(256)


def test_the_variances_are_those_of_pytorchs_initialisers() -> None:
    torch.manual_seed(0)
    weight = torch.empty(300, 200)  # (n_out, n_in)
    for name, fill in (
        ("Xavier", torch.nn.init.xavier_normal_),
        ("Kaiming", lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="relu")),
    ):
        assert float(fill(weight).var()) == pytest.approx(FIRST[name](200, 300), rel=0.03)


def test_a_shallow_network_learns_from_either() -> None:
    for first in FIRST:
        found = descend(DATA, 3, first, SGD, 0.05, seeds=2, epochs=6)
        assert found.losses.shape == (7, 2)
        assert found.read.min() > 0.6
        assert (found.losses[-1] < 0.6 * found.losses[0]).all()


def test_thirty_layers_stall_from_xaviers_weights_and_not_from_kaimings() -> None:
    stalled, learnt = (
        descend(digits(), 30, first, SGD, 0.005, seeds=2, epochs=5)
        for first in ("Xavier", "Kaiming")
    )
    assert stalled.losses[-1].tolist() == pytest.approx([math.log(10)] * 2, abs=0.01)
    assert learnt.losses[-1].max() < 2.2


def test_seeds_differ_and_all_of_it_can_be_repeated() -> None:
    both = descend(DATA, 4, "Kaiming", SGD, 0.02, seeds=2, epochs=1)
    again = descend(DATA, 4, "Kaiming", SGD, 0.02, seeds=2, epochs=1)
    assert torch.equal(both.losses, again.losses)
    assert both.losses[1, 0] != both.losses[1, 1]


@pytest.mark.parametrize(("first", "optimiser"), [("Glorot", SGD), ("Xavier", "Adagrad")])
def test_another_name_is_refused(first: str, optimiser: str) -> None:
    with pytest.raises(KeyError):
        descend(DATA, 3, first, optimiser, 0.1)


def test_one_layer_is_not_deep() -> None:
    with pytest.raises(ValueError, match="layers=1"):
        descend(DATA, 1, "Xavier", SGD, 0.1)
