"""Answers to `xavier_init` and `kaiming_init`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()
VARIANCE: dict[str, Callable[[int, int], float]] = {
    "xavier_init": lambda i, o: 2 / (i + o),
    "kaiming_init": lambda i, o: 2 / i,
}


def each(*diagnosis: str) -> Callable[[Any], Any]:
    """Keeps what a factory makes of each initialiser's variance; right where nothing is told."""

    def register(factory: Any) -> Any:
        for exercise, variance in VARIANCE.items():
            answer = factory(variance)
            answer.__name__, answer.__doc__ = factory.__name__, factory.__doc__
            keep = bank.wrong(exercise, *diagnosis) if diagnosis else bank.right(exercise)
            keep(answer)
        return factory

    return register


@each()
def normal(variance: Any) -> Any:
    return lambda fan_in, fan_out, rng: rng.normal(
        0, np.sqrt(variance(fan_in, fan_out)), (fan_in, fan_out)
    )


@each()
def uniform(variance: Any) -> Any:
    def init(fan_in: int, fan_out: int, rng: Any) -> Any:
        limit = np.sqrt(3 * variance(fan_in, fan_out))
        return rng.uniform(-limit, limit, size=(fan_in, fan_out))

    return init


@each()
def scaled_afterwards(variance: Any) -> Any:
    def init(fan_in: int, fan_out: int, rng: Any) -> Any:
        return rng.standard_normal((fan_out, fan_in)).T * variance(fan_in, fan_out) ** 0.5

    return init


@each()
def row_by_row(variance: Any) -> Any:
    def init(fan_in: int, fan_out: int, rng: Any) -> Any:
        spread = np.sqrt(variance(fan_in, fan_out))
        return np.stack([rng.normal(scale=spread, size=fan_out) for _ in range(fan_in)])

    return init


@each()
def single_precision(variance: Any) -> Any:
    return lambda i, o, rng: (
        rng.standard_normal((i, o), dtype=np.float32) * np.float32(variance(i, o) ** 0.5)
    )


@each()
def cut_at_two_deviations(variance: Any) -> Any:
    """A truncated normal draw, as Keras has it: its deviation is 0.8796 of the whole one's."""

    def init(i: int, o: int, rng: Any) -> Any:
        z = rng.standard_normal((i, o))
        while (far := np.abs(z) > 2).any():
            z[far] = rng.standard_normal(far.sum())
        return z * np.sqrt(variance(i, o)) / 0.87962566103423978

    return init


@each("variance_for_deviation")
def no_root(variance: Any) -> Any:
    """Passes the variance as the standard deviation."""
    return lambda i, o, rng: rng.normal(0, variance(i, o), (i, o))


@each("deviation_for_limit")
def narrow_uniform(variance: Any) -> Any:
    """Uses the standard deviation as the limit."""

    def init(i: int, o: int, rng: Any) -> Any:
        limit = np.sqrt(variance(i, o))
        return rng.uniform(-limit, limit, (i, o))

    return init


@each("not_centred")
def positive_uniform(variance: Any) -> Any:
    """Only positive weights, of the right variance."""
    return lambda i, o, rng: rng.random((i, o)) * np.sqrt(12 * variance(i, o))


@each("lopsided")
def exponential(variance: Any) -> Any:
    """Any distribution will do, if mean and variance are right."""
    return lambda i, o, rng: (rng.exponential(1, (i, o)) - 1) * np.sqrt(variance(i, o))


@each("few_values")
def signs(variance: Any) -> Any:
    """One size, and a coin for the sign."""
    return lambda i, o, rng: rng.choice([-1.0, 1.0], (i, o)) * np.sqrt(variance(i, o))


@each("limit_for_deviation")
def wide_normal(variance: Any) -> Any:
    """Mixes the formulas of the normal and the uniform draw."""
    return lambda i, o, rng: rng.normal(0, np.sqrt(3 * variance(i, o)), (i, o))


@each("factor_two_doubled")
def four_above_the_bar(variance: Any) -> Any:
    """Takes the 2 twice."""
    return lambda i, o, rng: rng.normal(0, np.sqrt(2 * variance(i, o)), (i, o))


@each("not_scaled")
def standard_normal(variance: Any) -> Any:
    """Forgets the scale."""
    return lambda i, o, rng: rng.standard_normal((i, o))


@each("one_size_for_all")
def small_numbers(variance: Any) -> Any:
    """0.01, as in old tutorials."""
    return lambda i, o, rng: 0.01 * rng.standard_normal((i, o))


@each("wrong_form")
def transposed(variance: Any) -> Any:
    """PyTorch's layout."""
    return lambda i, o, rng: rng.normal(0, np.sqrt(variance(i, o)), (o, i))


@each("weights_alike")
def zeros(variance: Any) -> Any:
    """All zeros."""
    return lambda i, o, rng: np.zeros((i, o))


@each("weights_alike")
def one_row_repeated(variance: Any) -> Any:
    """Draws one row and repeats it."""
    return lambda i, o, rng: np.tile(rng.normal(0, np.sqrt(variance(i, o)), o), (i, 1))


@each("generator_ignored")
def own_seed(variance: Any) -> Any:
    """A seed of its own."""
    return lambda i, o, rng: np.random.default_rng(0).normal(0, np.sqrt(variance(i, o)), (i, o))


@each("generator_ignored")
def global_generator(variance: Any) -> Any:
    """The global generator."""
    return lambda i, o, rng: np.random.normal(0, np.sqrt(variance(i, o)), (i, o))


@bank.wrong("xavier_init", "fan_in_alone")
def fan_in_alone(fan_in: int, fan_out: int, rng: Any) -> Any:
    """1 / fan_in, the older rule."""
    return rng.normal(0, np.sqrt(1 / fan_in), (fan_in, fan_out))


@bank.wrong("xavier_init", "kaiming_for_xavier")
def kaiming(fan_in: int, fan_out: int, rng: Any) -> Any:
    """The other rule."""
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))


@bank.wrong("xavier_init", "factor_two_missing")
def one_above_the_bar(fan_in: int, fan_out: int, rng: Any) -> Any:
    """1 / (fan_in + fan_out)."""
    return rng.normal(0, np.sqrt(1 / (fan_in + fan_out)), (fan_in, fan_out))


@bank.wrong("kaiming_init", "fan_out_for_fan_in")
def fan_out(fan_in: int, fan_out: int, rng: Any) -> Any:
    """Counts the wrong side."""
    return rng.normal(0, np.sqrt(2 / fan_out), (fan_in, fan_out))


@bank.wrong("kaiming_init", "xavier_for_kaiming")
def xavier(fan_in: int, fan_out: int, rng: Any) -> Any:
    """The other rule."""
    return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), (fan_in, fan_out))


@bank.wrong("kaiming_init", "factor_two_missing")
def no_two(fan_in: int, fan_out: int, rng: Any) -> Any:
    """1 / fan_in."""
    return rng.normal(0, np.sqrt(1 / fan_in), (fan_in, fan_out))


@each("forbidden_call")
def by_torch(variance: Any) -> Any:
    """Lets PyTorch do it."""

    def init(i: int, o: int, rng: Any) -> Any:
        import torch

        return torch.nn.init.xavier_normal_(torch.empty(i, o)).numpy()

    return init


@each("not_started")
def stub(variance: Any) -> Any:
    """Nothing yet."""

    def init(i: int, o: int, rng: Any) -> Any:
        raise NotImplementedError("write this")

    return init
