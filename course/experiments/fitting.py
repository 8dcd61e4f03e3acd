"""How well polynomials of growing degree fit, and how much a fit depends on its sample."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

__all__ = ["Curves", "bias_and_variance", "degree_curves", "truth"]

Array = NDArray[np.float64]
LOW, HIGH = -1.0, 1.0


def truth(x: Array) -> Array:
    """The curve behind the points, on -1 … 1."""
    return np.asarray(np.sin(3.2 * x) + 0.3 * x)


def _sample(n: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    x = rng.uniform(LOW, HIGH, n)
    return x, truth(x) + rng.normal(0, noise, n)


@dataclass(frozen=True)
class Curves:
    """Mean squared errors for each degree, averaged over samples: (len(degrees),) each."""

    degrees: Sequence[int]
    train: Array
    unseen: Array


def degree_curves(
    degrees: Sequence[int], n: int = 15, noise: float = 0.3, samples: int = 60, seed: int = 0
) -> Curves:
    """Training and unseen error of least-squares polynomials, median over many samples.

    Each sample has n points for training and 200 unseen ones with the same noise.
    Raises ValueError where a degree has as many weights as there are points, or more.
    """
    if max(degrees) + 1 >= n:
        raise ValueError(f"degree_curves: {n} points do not fit a degree of {max(degrees)}")
    rng = np.random.default_rng(seed)
    train, unseen = (np.empty((samples, len(degrees))) for _ in range(2))
    for row in range(samples):
        x, y = _sample(n, noise, rng)
        far, there = _sample(200, noise, rng)
        for column, degree in enumerate(degrees):
            fit = Polynomial.fit(x, y, degree, domain=[LOW, HIGH])
            train[row, column] = np.mean((fit(x) - y) ** 2)
            unseen[row, column] = np.mean((fit(far) - there) ** 2)
    return Curves(degrees, np.median(train, 0), np.median(unseen, 0))


def bias_and_variance(
    degrees: Sequence[int], n: int = 30, noise: float = 0.3, samples: int = 200, seed: int = 1
) -> tuple[Array, Array, dict[int, Array]]:
    """Squared bias and variance of polynomials refitted to many samples.

    Both are averaged over a grid on 80 % of the interval, where there are points on either side:
    (len(degrees),) each. The third result holds the first 15 fits of each degree on 101 places,
    (15, 101).
    """
    rng = np.random.default_rng(seed)
    grid, inner = np.linspace(LOW, HIGH, 101), slice(10, 91)
    fits = {degree: np.empty((samples, 101)) for degree in degrees}
    for row in range(samples):
        x, y = _sample(n, noise, rng)
        for degree in degrees:
            fits[degree][row] = Polynomial.fit(x, y, degree, domain=[LOW, HIGH])(grid)
    bias = [np.mean((fits[d].mean(0) - truth(grid))[inner] ** 2) for d in degrees]
    variance = [np.mean(fits[d].var(0)[inner]) for d in degrees]
    return np.array(bias), np.array(variance), {d: fits[d][:15] for d in degrees}
