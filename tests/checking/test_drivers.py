"""What is done with a solution to get what a check compares."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from autograder.checking import drivers


def test_once_passes_the_inputs_in_their_order() -> None:
    assert drivers.once(lambda a, b: (b, a), {"x": 1, "y": 2}) == (2, 1)


def test_collect_runs_an_iterator_to_its_end_and_an_endless_one_not() -> None:
    assert drivers.collect(lambda n: (i for i in range(n)), {"n": 3}) == [0, 1, 2]
    assert drivers.collect(lambda n: [n, n], {"n": 3}) == [3, 3]
    assert drivers.collect(lambda n: None, {"n": 3}) is None
    endless = drivers.collect(lambda n: iter(int, 1), {"n": 3})
    assert len(endless) == drivers.MOST_ITEMS


def descend(params, grads, state, lr, power=1):
    count = state.get("count", 0) + 1
    return {k: params[k] - lr * grads[k] ** power for k in params}, {"count": count}


GIVEN = {"params": {"w": np.ones(2)}, "grads": [{"w": np.full(2, 2.0)}] * 3, "lr": 0.5, "hyper": {}}


def test_optimise_returns_the_params_after_each_step() -> None:
    path = drivers.optimise(descend, dict(GIVEN))
    assert [step["w"].tolist() for step in path] == [[0, 0], [-1, -1], [-2, -2]]
    path = drivers.optimise(descend, GIVEN | {"hyper": {"power": 2}})
    assert [step["w"].tolist() for step in path] == [[-1, -1], [-3, -3], [-5, -5]]


def test_optimise_keeps_what_a_later_step_overwrites() -> None:
    def in_place(params, grads, state, lr):
        params["w"] -= lr * grads["w"]
        return params, state

    path = drivers.optimise(in_place, GIVEN | {"params": {"w": np.ones(2)}})
    assert [step["w"].tolist() for step in path] == [[0, 0], [-1, -1], [-2, -2]]


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (lambda *_: {"w": 1}, "returns a dict"),
        (lambda *_: (1, 2, 3), "returns a tuple"),
        (lambda *_: ([1], {}), "params is a dict; your step returns a list"),
    ],
)
def test_optimise_says_what_a_step_returns(step, says) -> None:
    with pytest.raises(drivers.MisuseError, match=says):
        drivers.optimise(step, dict(GIVEN))


class Net(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.layer = nn.Linear(n_in, n_out)

    def forward(self, x):
        return self.layer(x)


def test_module_fills_the_parameters_and_gives_their_gradients() -> None:
    x, dy = torch.randn(3, 4, dtype=torch.float64), torch.ones(3, 2, dtype=torch.float64)
    given = {"sizes": [4, 2], "x": x, "dy": dy, "seed": 5, "scale": 0.1}
    out = drivers.module(Net, given)
    assert out["shapes"] == [[2, 4], [2]]
    weight, bias = drivers.fill([torch.empty(2, 4), torch.empty(2)], 5, 0.1)
    assert torch.allclose(out["y"], x @ weight.double().T + bias.double(), atol=1e-6)
    assert torch.allclose(out["grads"][1], torch.full((2,), 3.0, dtype=torch.float64))


def test_module_wants_a_module() -> None:
    with pytest.raises(drivers.MisuseError, match=r"no nn.Module; it makes a dict"):
        drivers.module(lambda *_: {}, {"sizes": [1], "x": torch.ones(1)})


class Listed(nn.Module):
    """A layer that PyTorch does not see, beside one that it does."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.first = nn.Linear(n_in, n_in)
        self.others = [nn.Linear(n_in, n_out)]

    def forward(self, x):
        return self.others[0](self.first(x))


def test_module_tells_of_layers_in_a_list_by_what_parameters_finds() -> None:
    x = torch.ones(3, 4, dtype=torch.float64)
    given = {"sizes": [4, 2], "x": x, "dy": torch.ones(3, 2), "seed": 5, "scale": 1.0}
    out = drivers.module(Listed, given)
    assert out == {"shapes": [[4, 4], [4]], "y": None, "grads": None}


def test_module_lets_other_errors_through() -> None:
    given = {"sizes": [4, 2], "x": torch.ones(3, 5), "dy": None, "seed": 5, "scale": 1.0}
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        drivers.module(nn.Linear, given)
