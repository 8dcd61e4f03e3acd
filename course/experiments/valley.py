"""Optimisers in one long narrow valley, where the right answer is known."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["OPTIMISERS", "Descent", "best_descent", "descend", "valley"]

Array = NDArray[np.float64]
MakeOptimiser = Callable[[Iterable[Tensor], float], torch.optim.Optimizer]

#: Name to what makes the optimiser for some parameters and a learning rate; the rest as PyTorch
#: has it, but for momentum, which is 0 there.
OPTIMISERS: dict[str, MakeOptimiser] = {
    "SGD": lambda p, lr: torch.optim.SGD(p, lr),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9),
    "RMSprop": lambda p, lr: torch.optim.RMSprop(p, lr),
    "Adam": lambda p, lr: torch.optim.Adam(p, lr),
}
_START = (-4.0, 1.0)  # along the valley, across it


@dataclass(frozen=True)
class Descent:
    """A walk: its learning rate, its places (steps + 1, 2), and the heights there (steps + 1,)."""

    rate: float
    places: Array
    heights: Array


def valley(places: Tensor, narrow: float, turn: float) -> Tensor:
    """Height (...) of the places (..., 2): (a² + narrow b²) / 2, a along the valley, b across it.

    The valley runs at an angle of `turn` (radians) to the first axis; its lowest height is 0.
    """
    cos, sin = math.cos(turn), math.sin(turn)
    along = cos * places[..., 0] + sin * places[..., 1]
    across = cos * places[..., 1] - sin * places[..., 0]
    return (along**2 + narrow * across**2) / 2


def descend(
    make: MakeOptimiser, rate: float, steps: int, narrow: float = 100.0, turn: float = 0.0
) -> Descent:
    """Walk down the valley with the optimiser that `make` gives.

    The start is 4 away from the bottom along the valley and 1 across it, however it is turned.
    Raises ValueError if `narrow` is not positive.
    """
    if narrow <= 0:
        raise ValueError(f"descend: narrow is {narrow}; a valley curves upwards, so more than 0")
    (a, b), cos, sin = _START, math.cos(turn), math.sin(turn)
    place = torch.tensor([cos * a - sin * b, sin * a + cos * b], dtype=torch.float64)
    place.requires_grad_()
    optimiser = make([place], rate)
    places, heights = [], []
    for step in range(steps + 1):
        optimiser.zero_grad()
        height = valley(place, narrow, turn)
        places.append(place.detach().numpy().copy())
        heights.append(height.item())
        if step < steps:
            height.backward()
            optimiser.step()
    return Descent(rate, np.array(places), np.array(heights))


def best_descent(
    make: MakeOptimiser,
    rates: Iterable[float],
    steps: int,
    narrow: float = 100.0,
    turn: float = 0.0,
) -> Descent:
    """Return the walk that ends lowest, of those that never climb above their start.

    A walk's end is the highest of its last ten heights: it must have come to stay. Raises
    ValueError if every rate climbs.
    """
    walks = [descend(make, rate, steps, narrow, turn) for rate in rates]
    tame = [walk for walk in walks if (walk.heights <= walk.heights[0] * (1 + 1e-9)).all()]
    if not tame:
        raise ValueError("best_descent: with each of these rates the walk climbs above its start")
    return min(tame, key=lambda walk: float(walk.heights[-10:].max()))
