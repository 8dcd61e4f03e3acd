"""Answers to `train_mlp`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit02_04_digits_mlp_loss import Array, Params, plain

bank = Bank()
EXERCISE = "train_mlp"


def start(rng: Any, hidden: int = 48) -> Params:
    return {
        "W1": rng.normal(0, np.sqrt(2 / 64), (64, hidden)),
        "b1": np.zeros(hidden),
        "W2": rng.normal(0, np.sqrt(2 / hidden), (hidden, 10)),
        "b2": np.zeros(10),
    }


def descend(
    params: Params, X: Array, y: Any, rng: Any, epochs: int = 25, lr: float = 0.5, size: int = 32
) -> Params:
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for first in range(0, len(X), size):
            rows = order[first : first + size]
            grads = plain(params, X[rows], y[rows])[1]
            params = {name: params[name] - lr * grads[name] for name in params}
    return params


@bank.right(EXERCISE)
def sgd(X: Array, y: Any, rng: Any) -> Any:
    return descend(start(rng), X, y, rng)


@bank.right(EXERCISE)
def wide_with_momentum(X: Array, y: Any, rng: Any) -> Any:
    params = start(rng, 80)
    velocity = {name: np.zeros_like(value) for name, value in params.items()}
    for _ in range(15):
        order = rng.permutation(len(X))
        for first in range(0, len(X), 40):
            rows = order[first : first + 40]
            grads = plain(params, X[rows], y[rows])[1]
            velocity = {name: 0.9 * velocity[name] + grads[name] for name in params}
            params = {name: params[name] - 0.1 * velocity[name] for name in params}
    return params


@bank.wrong(EXERCISE, "generator_ignored")
def shuffled_by_the_global_generator(X: Array, y: Any, rng: Any) -> Any:
    """First weights from `rng`, every order from NumPy's own generator."""
    return descend(start(rng), X, y, np.random)


@bank.wrong(EXERCISE, "first_weights_too_large")
def standard_normal_start(X: Array, y: Any, rng: Any) -> Any:
    """First weights of variance 1."""
    params = {name: rng.normal(size=value.shape) for name, value in start(rng).items()}
    return descend(params, X, y, rng, epochs=8, lr=0.1)


@bank.right(EXERCISE)
def uniform_start(X: Array, y: Any, rng: Any) -> Any:
    params = start(rng)
    params["W1"] = rng.uniform(-0.3, 0.3, (64, 48))
    print("training")
    return descend(params, X, y, rng)


@bank.right(EXERCISE)
def a_few_keys_more(X: Array, y: Any, rng: Any) -> Any:
    return {**descend(start(rng), X, y, rng), "epochs": 25}


@bank.wrong(EXERCISE, "not_trained")
def untrained(X: Array, y: Any, rng: Any) -> Any:
    """Returns the first weights."""
    return start(rng)


@bank.wrong(EXERCISE, "units_alike", "not_trained")
def from_zero(X: Array, y: Any, rng: Any) -> Any:
    """Starts from zeros: nothing breaks the symmetry."""
    zeros = {name: np.zeros_like(value) for name, value in start(rng).items()}
    return descend(zeros, X, y, rng, epochs=3)


@bank.wrong(EXERCISE, "units_alike", "not_trained")
def from_one_number(X: Array, y: Any, rng: Any) -> Any:
    """Every weight 0.01."""
    same = {name: np.full_like(value, 0.01) for name, value in start(rng).items()}
    return descend(same, X, y, rng, epochs=3)


@bank.wrong(EXERCISE, "not_trained")
def climbs(X: Array, y: Any, rng: Any) -> Any:
    """Adds the gradient."""
    return descend(start(rng), X, y, rng, epochs=2, lr=-0.01)


@bank.wrong(EXERCISE, "below_the_bar")
def stops_early(X: Array, y: Any, rng: Any) -> Any:
    """One short look at the digits."""
    return descend(start(rng), X, y, rng, epochs=2, lr=0.1)


@bank.wrong(EXERCISE, "not_trained")
def tiny_steps(X: Array, y: Any, rng: Any) -> Any:
    """A learning rate that is much too small."""
    return descend(start(rng), X, y, rng, epochs=2, lr=1e-5)


@bank.wrong(EXERCISE, "not_trained")
def rows_without_their_labels(X: Array, y: Any, rng: Any) -> Any:
    """Shuffles the pictures, not the labels."""
    return descend(start(rng), rng.permutation(X), y, rng, epochs=5)


@bank.wrong(EXERCISE, "below_the_bar")
def few_digits(X: Array, y: Any, rng: Any) -> Any:
    """Learns a hundred digits by heart."""
    return descend(start(rng), X[:100], y[:100], rng, epochs=40)


@bank.wrong(EXERCISE, "wrong_form")
def runs_away(X: Array, y: Any, rng: Any) -> Any:
    """A step so long that the weights overflow."""
    return {name: value * np.inf for name, value in start(rng).items()}


@bank.wrong(EXERCISE, "wrong_form")
def weights_in_a_tuple(X: Array, y: Any, rng: Any) -> Any:
    """Not a dict."""
    return tuple(start(rng).values())


@bank.wrong(EXERCISE, "wrong_form")
def transposed(X: Array, y: Any, rng: Any) -> Any:
    """Weights as PyTorch keeps them."""
    return {name: value.T for name, value in start(rng).items()}


@bank.wrong(EXERCISE, "wrong_form")
def nothing(X: Array, y: Any, rng: Any) -> Any:
    """Forgets to return."""
    start(rng)
