"""One claim of a paper, made small: deep ReLU networks under two kinds of first weights.

He et al. (2015), *Delving deep into rectifiers*: a ReLU network of 22 layers with weights learns
from Xavier's first weights and from theirs, from theirs sooner; one of 30 layers learns from theirs
only. They had convolutions and a million photographs; here are dense layers and 1,200 digits.

The networks of all seeds are trained side by side, one batched product for a layer of all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from course.experiments.training import Digits

__all__ = ["FIRST", "OPTIMISERS", "Descent", "descend"]

#: Variance of the first weights, from the numbers of inputs and outputs.
FIRST: Mapping[str, Callable[[int, int], float]] = {
    "Xavier": lambda n_in, n_out: 2 / (n_in + n_out),
    "Kaiming": lambda n_in, n_out: 2 / n_in,
}
OPTIMISERS: Mapping[str, Callable[[list[Tensor], float], torch.optim.Optimizer]] = {
    "SGD, momentum 0.9": lambda weights, rate: torch.optim.SGD(weights, rate, momentum=0.9),
    "Adam": lambda weights, rate: torch.optim.Adam(weights, rate),
}


@dataclass(frozen=True)
class Descent:
    """The training loss before training and after each epoch (epochs + 1, seeds); digits read."""

    losses: Tensor
    read: Tensor


def descend(
    data: Digits,
    layers: int,
    first: str,
    optimiser: str,
    rate: float,
    *,
    seeds: int = 3,
    epochs: int = 12,
    width: int = 64,
    batch: int = 64,
) -> Descent:
    """Train ReLU networks with so many layers of weights, one for each seed.

    first is a key of `FIRST`, optimiser of `OPTIMISERS`. Raises KeyError for another, ValueError
    for fewer than two layers.
    """
    if layers < 2:
        raise ValueError(f"descend: layers={layers}; a hidden layer and the read-out are two")
    generator = torch.Generator().manual_seed(layers)
    sizes = [data.x.shape[1], *[width] * (layers - 1), 10]
    weights, biases = [], []
    for n_in, n_out in pairwise(sizes):
        spread = FIRST[first](n_in, n_out) ** 0.5
        weights.append(torch.randn(seeds, n_in, n_out, generator=generator) * spread)
        biases.append(torch.zeros(seeds, 1, n_out))
    parameters = [p.requires_grad_() for p in (*weights, *biases)]
    walker = OPTIMISERS[optimiser](parameters, rate)
    losses = [_losses(_scores(data.x, weights, biases), data.y)]
    for _ in range(epochs):
        order = torch.stack(
            [torch.randperm(len(data.x), generator=generator) for _ in range(seeds)]
        )
        for rows in order.split(batch, 1):  # (seeds, batch)
            loss = _losses(_scores(data.x[rows], weights, biases), data.y[rows]).sum()
            walker.zero_grad()
            loss.backward()
            walker.step()
        losses.append(_losses(_scores(data.x, weights, biases), data.y))
    said = _scores(data.x_unseen, weights, biases).argmax(-1)
    return Descent(torch.stack(losses).detach(), (said == data.y_unseen).float().mean(1))


def _scores(x: Tensor, weights: list[Tensor], biases: list[Tensor]) -> Tensor:
    """Scores (S, N, 10) for x (N, D), the same for all networks, or (S, N, D)."""
    signal = x.expand(len(weights[0]), *x.shape[-2:])
    for number, (w, b) in enumerate(zip(weights, biases, strict=True)):
        signal = torch.baddbmm(b, signal.relu() if number else signal, w)
    return signal


def _losses(scores: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy of each network, (S,), for scores (S, N, 10) and y (N,) or (S, N)."""
    y = y.expand(scores.shape[:2])
    return nn.functional.cross_entropy(scores.mT, y, reduction="none").mean(1)
