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


def test_again_calls_twice_on_what_is_left_of_a_generator() -> None:
    def draw(x, generator):
        x += 1
        return x + torch.rand(3, generator=generator)

    given = {"x": torch.zeros(3), "generator": torch.Generator().manual_seed(4)}
    one, two = drivers.again(draw, given)
    both = torch.rand(2, 3, generator=torch.Generator().manual_seed(4))
    assert torch.equal(one, 1 + both[0])
    assert torch.equal(two, 1 + both[1])


def test_fresh_tells_a_dict_that_is_given_back_from_a_new_one() -> None:
    given = {"grads": {"W": 1}, "limit": 2}
    assert drivers.fresh(lambda grads, limit: (grads, limit), given) == (drivers.SAME_DICT, 2)
    assert drivers.fresh(lambda grads, limit: grads, given) == drivers.SAME_DICT
    assert drivers.fresh(lambda grads, limit: (dict(grads), 3), given) == ({"W": 1}, 3)
    grads = {"W": torch.ones(2)}
    assert drivers.fresh(lambda one: [one["W"].mul_(1), one][1], {"grads": grads}) is grads


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


def test_learn_gives_the_gradients_of_the_loss_by_the_model_and_none_where_it_is_cut_off() -> None:
    model = {"w": torch.tensor([3.0, 4.0]), "unused": torch.ones(2)}
    found = drivers.learn(lambda x, m: (x * (m["w"] ** 2).sum(), "state"), {"x": 2, "model": model})
    assert found["returned"][1] == "state"
    assert [found["grads"][name].tolist() for name in model] == [[12.0, 16.0], [0.0, 0.0]]
    for cut in (lambda x, m: (m["w"].sum().item(), x), lambda x, m: (m["w"].sum().detach(), x)):
        assert drivers.learn(cut, {"x": 2, "model": dict(model)})["grads"] is None
    assert drivers.learn(lambda x, m: None, {"x": 2, "model": model}) is None


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


class Norm(nn.Module):
    """Adds to x what a convolution and a batch norm make of it."""

    def __init__(self, channels, bias=False):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 1, bias=bias)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        return self.norm(self.conv(x)) + x


def _given(**more):
    generator = torch.Generator().manual_seed(1)
    x, dy, x_new = (torch.randn(3, 2, 4, 5, generator=generator).double() for _ in range(3))
    return {"sizes": [2], "x": x, "dy": dy, "seed": 5, "scale": 1.0, "x_new": x_new, **more}


def test_module_with_a_second_input_gives_dx_and_what_evaluation_gives() -> None:
    given = _given()
    out = drivers.module(Norm, dict(given))
    assert out["names"] == ["conv.weight", "norm.weight", "norm.bias"]
    assert out["buffers"] == [[2], [2], []]
    weight = drivers.fill([torch.empty(2, 2, 1, 1)], 5, 1.0)[0].double()
    gamma = drivers.fill([torch.empty(2)], 5, 1.0)[0].double()
    z, z_new = (nn.functional.conv2d(given[name], weight) for name in ("x", "x_new"))
    var, mean = torch.var_mean(z, (0, 2, 3), correction=1)
    want = nn.functional.batch_norm(z_new, mean, var, gamma, gamma) + given["x_new"]
    assert torch.allclose(out["y_new"], want, atol=1e-6), "the statistics of x alone"
    x = given["x"].clone().requires_grad_()
    z = nn.functional.conv2d(x, weight)
    y = nn.functional.batch_norm(z, None, None, gamma, gamma, training=True) + x
    assert torch.allclose(out["y"], y, atol=1e-6)
    assert torch.allclose(out["dx"], torch.autograd.grad(y, x, given["dy"])[0], atol=1e-6)


def test_a_bias_before_a_batch_norm_changes_nothing_in_training_or_evaluation() -> None:
    without, with_bias = (
        drivers.module(lambda n, bias=bias: Norm(n, bias), _given()) for bias in (False, True)
    )
    for name in ("y", "y_new", "dx"):
        assert torch.allclose(without[name], with_bias[name], atol=1e-6), name


def test_module_shows_what_a_network_does_to_its_input() -> None:
    class InPlace(nn.Module):
        def forward(self, x):
            return x.mul_(2)

    given = _given()
    before = given["x"].clone()
    drivers.module(lambda n: InPlace(), given)
    assert torch.equal(given["x"], 2 * before)


def test_train_tries_a_seed_on_few_rows_twice_and_then_another() -> None:
    calls = []

    def solution(X, y, seed):
        calls.append((len(X), len(y), seed))
        return {"w": torch.full((2,), float(seed))}

    given = {"X": torch.ones(9, 2), "y": torch.ones(9), "seed": 3, "few": 4}
    found = drivers.train(solution, given)
    assert calls == [(9, 9, 3), (4, 4, 3), (4, 4, 3), (4, 4, 4)]
    assert found["state"]["w"].tolist() == [3, 3]
    assert [one["w"][0].item() for one in found["again"]] == [3, 3, 4]


def test_train_finds_that_nothing_was_seeded() -> None:
    given = {"X": torch.ones(9, 2), "y": torch.ones(9), "seed": 3, "few": 4}
    first, again, _ = drivers.train(lambda X, y, seed: {"w": torch.rand(2)}, given)["again"]
    assert not torch.equal(first["w"], again["w"])


def test_train_calls_once_what_returns_no_dict() -> None:
    found = drivers.train(lambda X, y, seed: None, {"X": [], "y": [], "seed": 3, "few": 4})
    assert found == {"state": None, "again": []}


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
    assert (out["shapes"], out["y"], out["grads"]) == ([[4, 4], [4]], None, None)


def test_module_lets_other_errors_through() -> None:
    given = {"sizes": [4, 2], "x": torch.ones(3, 5), "dy": None, "seed": 5, "scale": 1.0}
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        drivers.module(nn.Linear, given)
