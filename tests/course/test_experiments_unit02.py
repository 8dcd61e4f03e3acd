"""The measurements of the second lecture."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from course import figures
from course.experiments.depth import deep_net, gradient_sizes, signals
from course.experiments.training import dead_share, digits, train
from course.widgets import NeuronExplorer

DATA = digits(200)


def test_the_split_is_repeatable_and_complete() -> None:
    again = digits(200)
    assert torch.equal(DATA.x, again.x)
    assert (len(DATA.x), len(DATA.x_unseen)) == (200, 1597)
    assert not torch.equal(digits(200, seed=1).x, DATA.x)


def test_small_first_weights_let_the_gradient_die_and_kaiming_does_not() -> None:
    sizes = {}
    for first in ("small (0.01)", "Kaiming"):
        torch.manual_seed(0)
        sizes[first] = gradient_sizes(deep_net(8, 32, "ReLU", first), DATA.x, DATA.y)
    assert len(sizes["Kaiming"]) == 9
    assert sizes["small (0.01)"][0] < 1e-4 * sizes["Kaiming"][0]


def test_signals_are_those_of_the_activations() -> None:
    torch.manual_seed(0)
    found = signals(deep_net(3, 16, "sigmoid", "Xavier"), DATA.x)
    assert [tuple(signal.shape) for signal in found] == [(200, 16)] * 3
    assert all(0 < float(signal.min()) < float(signal.max()) < 1 for signal in found)


def test_an_activation_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError):
        deep_net(2, 8, "cosine", "Xavier")


def test_training_learns_and_is_repeatable() -> None:
    def run():
        torch.manual_seed(0)
        net = deep_net(1, 16, "ReLU", "Kaiming")
        return train(net, DATA, lambda p: torch.optim.SGD(p, 0.3), 25)

    history, again = run(), run()
    assert history == again
    assert history.right[-1] > 0.8 > history.right[0]
    assert len(history.unseen_loss) == 25


def test_the_share_of_the_dead() -> None:
    net = nn.Sequential(nn.Linear(64, 4), nn.ReLU())
    nn.init.zeros_(net[0].weight)
    net[0].bias.data = torch.tensor([-1.0, 1.0, -1.0, -1.0])
    assert dead_share(net, DATA.x) == 0.75


PLACES = {"a": (1.0, 1.5), "b": (3.0, 1.5)}


def test_a_graph_shows_values_and_gradients() -> None:
    values = {"a": 3, "b": 6}
    figure = figures.computation_graph(PLACES, [("a", "b", "x")], values, {"a": 2, "b": 1})
    texts = {text.get_text() for text in figure.axes[0].texts}
    assert {"a", "b", "3", "6", "2", "1", "x"} <= texts
    bare = figures.computation_graph(PLACES, [("a", "b", "x")], values)
    assert "x" not in {text.get_text() for text in bare.axes[0].texts}


def test_no_slope_in_a_graph_lies_on_a_line_or_on_another_text(misplaced) -> None:
    places = {"a": (0.7, 2.2), "b": (0.7, 0.8), "c": (2.9, 1.4), "d": (5.2, 2.9), "e": (7.4, 1.4)}
    edges = [("a", "c", "b = 1.2"), ("b", "c", "a = 0.5"), ("c", "d", "1 − d² = 0.712"),
             ("c", "e", "d = 0.537"), ("d", "e", "c = 0.6")]  # fmt: skip
    values = dict.fromkeys(places, 0.1234)
    figure = figures.computation_graph(places, edges, values, values, size=(8.2, 3.7))
    assert misplaced(figure) == []
    ax = figure.axes[0]
    slopes = {edge[2] for edge in edges}
    for text in ax.texts:
        if text.get_text() not in slopes:
            continue
        box = text.get_window_extent()
        for start, end, _ in edges:
            line = np.linspace(places[start], places[end], 200)
            inside = [box.contains(*point) for point in ax.transData.transform(line)]
            assert not any(inside), (text.get_text(), start, end)


def test_a_graph_with_an_edge_to_nowhere_is_refused() -> None:
    with pytest.raises(KeyError):
        figures.computation_graph(PLACES, [("a", "c", "")], {"a": 3, "b": 6})


def test_the_neuron_explorer_follows_its_controls() -> None:
    points = np.random.default_rng(0).normal(size=(30, 2))
    explorer = NeuronExplorer(points, points[:, 1] > 0)
    before = explorer.result.value
    explorer.sliders["weight 1"].value, explorer.sliders["weight 2"].value = 0.0, 2.0
    assert explorer.result.value != before
    assert "100.0%" in explorer.result.value
    picture = explorer.png
    explorer.activation.value = "ReLU"
    assert explorer.png != picture
    bundle = explorer._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["image/png"] == explorer.png


def test_the_neuron_explorer_names_its_axes_and_its_classes() -> None:
    points = np.random.default_rng(0).normal(size=(30, 2))
    explorer = NeuronExplorer(
        points, points[:, 1] > 0, features=("radius", "texture"), classes=("bad", "good")
    )
    ax, bar = explorer._figure().axes
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("radius", "texture")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["bad", "good", "z = 0"]
    bad, good = ax.lines[:2]
    assert (bad.get_ydata() <= 0).all()
    assert (good.get_ydata() > 0).all()
    assert bar.get_ylabel() == "the neuron's answer"
    assert "radius and texture" in explorer.picture.value


def test_the_neuron_explorer_refuses_what_its_sliders_cannot_show() -> None:
    with pytest.raises(ValueError, match="not all in -4 to 4"):
        NeuronExplorer(np.zeros((2, 2)), np.zeros(2), w1=9)
