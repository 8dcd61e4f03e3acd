"""Small trainings on the digits that go wrong, each in a way of its own, beside a sound one."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch import nn

from course.experiments.depth import deep_net
from course.experiments.training import Digits, History, MakeOptimiser, digits, train

__all__ = ["TROUBLES", "trouble"]


def _sgd(rate: float) -> MakeOptimiser:
    return lambda parameters: torch.optim.SGD(parameters, rate)


def _adam(rate: float) -> MakeOptimiser:
    return lambda parameters: torch.optim.Adam(parameters, rate)


def _prepared_otherwise(data: Digits) -> Digits:
    """The unseen digits three times as dark, and not centred: a step of preparation differs."""
    return replace(data, x_unseen=3 * data.x_unseen + 1)


#: Name to (digits, network, optimiser, epochs).
TROUBLES: Mapping[str, tuple[Callable[[], Digits], Callable[[], nn.Module], MakeOptimiser, int]] = {
    "sound": (digits, lambda: deep_net(2, 64, "ReLU", "Kaiming"), _sgd(0.1), 15),
    "rate too small": (digits, lambda: deep_net(2, 64, "ReLU", "Kaiming"), _sgd(0.002), 15),
    "rate too large": (digits, lambda: deep_net(2, 64, "ReLU", "Kaiming"), _sgd(3.5), 15),
    "learnt by heart": (
        lambda: digits(80),
        lambda: deep_net(2, 256, "ReLU", "Kaiming"),
        _adam(3e-3),
        40,
    ),
    "signal lost on the way": (
        digits,
        lambda: deep_net(12, 64, "sigmoid", "Xavier"),
        _sgd(0.1),
        15,
    ),
    "unseen data prepared otherwise": (
        lambda: _prepared_otherwise(digits()),
        lambda: deep_net(2, 64, "ReLU", "Kaiming"),
        _sgd(0.1),
        15,
    ),
}


def trouble(name: str, seed: int = 0) -> History:
    """Train as the name says. Raises KeyError for a name that is not in `TROUBLES`."""
    data, network, make, epochs = TROUBLES[name]
    torch.manual_seed(seed)
    return train(network(), data(), make, epochs, seed=seed)
