"""Signals and gradients through deep networks at their first step."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

__all__ = ["ACTIVATIONS", "FIRST_WEIGHTS", "deep_net", "gradient_sizes", "signals"]

ACTIVATIONS: Mapping[str, type[nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "ReLU": nn.ReLU,
}
FIRST_WEIGHTS: Mapping[str, Callable[[Tensor], object]] = {
    "small (0.01)": lambda weight: nn.init.normal_(weight, 0.0, 0.01),
    "Xavier": nn.init.xavier_normal_,
    "Kaiming": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    "large (1)": lambda weight: nn.init.normal_(weight, 0.0, 1.0),
}


def deep_net(depth: int, width: int, activation: str, first: str, n_in: int = 64) -> nn.Sequential:
    """Make `depth` linear layers of `width` units with an activation each, and ten outputs.

    activation is a name in ACTIVATIONS, first one in FIRST_WEIGHTS; biases start at 0.
    Raises KeyError for another name. Uses PyTorch's global generator.
    """
    layers: list[nn.Module] = []
    for number in range(depth):
        layers += [nn.Linear(width if number else n_in, width), ACTIVATIONS[activation]()]
    layers.append(nn.Linear(width, 10))
    net = nn.Sequential(*layers)
    for layer in net:
        if isinstance(layer, nn.Linear):
            FIRST_WEIGHTS[first](layer.weight)
            nn.init.zeros_(layer.bias)
    return net


def gradient_sizes(net: nn.Sequential, x: Tensor, y: Tensor) -> list[float]:
    """Root mean square of the gradient of each linear layer's weights, from the first on.

    x is (N, D), y (N,) whole numbers; the loss is cross-entropy.
    """
    net.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    linear = [layer for layer in net if isinstance(layer, nn.Linear)]
    return [float(layer.weight.grad.square().mean().sqrt()) for layer in linear]  # type: ignore[union-attr]


def signals(net: nn.Sequential, x: Tensor) -> list[Tensor]:
    """What comes out of each activation for x (N, D): one (N, width) for each."""
    found = []
    with torch.no_grad():
        for layer in net:
            x = layer(x)
            if not isinstance(layer, nn.Linear):
                found.append(x)
    return found
