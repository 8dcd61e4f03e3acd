"""What must hold of first weights: shape, centre, spread, and a generator that decides.

Xavier: Glorot and Bengio (2010); Kaiming: He et al. (2015); `torch.nn.init`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from autograder.checking.exercise import Sizes
from autograder.checking.properties import Known, Property, Trial
from autograder.checking.recipes import Seeded
from autograder.checking.values import Inputs, describe

#: Of this many weights on, mean and variance are judged.
ENOUGH = 10_000
#: Standard errors that a right answer may be off: it is, once in millions.
ERRORS = 6.0


def draw(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """The two fans and a generator."""
    rng = Seeded(int(torch.randint(2**31, (1,), generator=g)))
    return {"fan_in": sizes["fan_in"], "fan_out": sizes["fan_out"], "rng": rng}


def _xavier(fan_in: int, fan_out: int, rng: Seeded) -> Tensor:
    weight = torch.empty(fan_in, fan_out, dtype=torch.float64)
    return nn.init.xavier_uniform_(weight, generator=rng.make("torch"))


def _kaiming(fan_in: int, fan_out: int, rng: Seeded) -> Tensor:
    weight = torch.empty(fan_out, fan_in, dtype=torch.float64)  # PyTorch's layout
    filled = nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=rng.make("torch"))
    return filled.T


ORACLES: Mapping[str, Callable[..., Tensor]] = {"xavier_init": _xavier, "kaiming_init": _kaiming}


def _form(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        wanted, value = (trial.inputs["fan_in"], trial.inputs["fan_out"]), trial.value
        if value is None:
            return "Nothing came back. Is a `return` missing?"
        if not isinstance(value, Tensor) or not value.is_floating_point():
            return f"Yours is {describe(value, 'numpy')}."
        if tuple(value.shape) != wanted:
            turned = " That is its transpose." if tuple(value.shape) == wanted[::-1] else ""
            return f"It should have shape {wanted}; yours has {tuple(value.shape)}.{turned}"
        if not bool(value.isfinite().all()):
            return "It holds NaN or infinity."
    return None


def _large(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.value.numel() >= ENOUGH]


def _all_alike(trials: Sequence[Trial]) -> str | Known | None:
    """A draw from an interval hardly ever repeats: even float32 has millions of numbers there."""
    for trial in _large(trials):
        if bool((trial.value.std(0) == 0).any() or (trial.value.std(1) == 0).any()):
            return "There are rows or columns whose weights are all the same."
        different = trial.value.unique().numel()
        if different < trial.value.numel() / 2:
            return Known(
                "few_values",
                "The weights take only a few different values.",
                "Draw them from a normal or a uniform distribution.",
                f"{trial.value.numel()} weights have {different} different values.",
            )
    return None


def _off_centre(trials: Sequence[Trial]) -> str | Known | None:
    """The mean of n weights has the standard error sd / sqrt(n), their skewness sqrt(6 / n)."""
    for trial in _large(trials):
        value, n = trial.value.double(), trial.value.numel()
        centred = (value - value.mean()) / value.std()
        if abs(float(value.mean())) > ERRORS * float(value.std()) / math.sqrt(n):
            return f"The mean of {n} weights is {float(value.mean()):.3g}."
        if abs(float(centred.pow(3).mean())) > ERRORS * math.sqrt(6 / n):
            return Known(
                "lopsided",
                "The weights are not spread alike on both sides of 0.",
                "A normal draw around 0, or a uniform one from -a … a.",
                f"The largest of {n} weights is {float(value.max()):.3g}, the smallest "
                f"{float(value.min()):.3g}.",
            )
    return None


Target = Callable[[int, int], float]
Row = tuple[str, str, str, Target]


def _near(variance: float, target: float, n: int) -> bool:
    """A normal sample's variance has the relative standard error sqrt(2 / n); others' is less."""
    return abs(variance / target - 1) <= ERRORS * math.sqrt(2 / n)


def _spread(
    target: Target, known: Sequence[Row]
) -> Callable[[Sequence[Trial]], str | Known | None]:
    def fails(trials: Sequence[Trial]) -> str | Known | None:
        seen = []
        for trial in _large(trials):
            fans = trial.inputs["fan_in"], trial.inputs["fan_out"]
            value = trial.value.double()
            seen.append((float(value.var()), fans, value.numel()))
        if all(_near(variance, target(*fans), n) for variance, fans, n in seen):
            return None
        variance, fans, _ = seen[0]
        says = (
            f"With {fans[0]} inputs and {fans[1]} outputs the variance is {variance:.3g}; "
            f"{target(*fans):.3g} was asked for."
        )
        for name, sentence, look, other in known:
            if all(_near(variance, other(*fans), n) for variance, fans, n in seen):
                return Known(name, sentence, look, says)
        return says

    return fails


def _always_the_same(trials: Sequence[Trial]) -> str | None:
    same = torch.equal(trials[0].value, trials[1].value)
    return "Two different generators gave the same weights." if same else None


def _mistakes(target: Target) -> list[Row]:
    """What happens to the variance in every initialiser."""
    return [
        (
            "variance_for_deviation",
            "The variance was given where a standard deviation is wanted.",
            "`rng.normal(0, s, …)` takes the standard deviation: the root of the variance.",
            lambda i, o: target(i, o) ** 2,
        ),
        (
            "deviation_for_limit",
            "The standard deviation was used as the limit of a uniform draw.",
            "A uniform draw from -a … a has the variance a² / 3.",
            lambda i, o: target(i, o) / 3,
        ),
        (
            "limit_for_deviation",
            "The limit of a uniform draw was used as a standard deviation.",
            "A uniform draw from -a … a has the variance a² / 3; a normal one is told its root.",
            lambda i, o: target(i, o) * 3,
        ),
        (
            "factor_two_missing",
            "The variance is half of what it should be.",
            "There is a 2 above the fraction bar.",
            lambda i, o: target(i, o) / 2,
        ),
        (
            "factor_two_doubled",
            "The variance is twice what it should be.",
            "One factor 2 is enough.",
            lambda i, o: target(i, o) * 2,
        ),
        (
            "not_scaled",
            "The weights have variance 1, whatever the layer's size.",
            "The more inputs are added up, the smaller each weight has to be.",
            lambda i, o: 1.0,
        ),
        (
            "one_size_for_all",
            "The weights have the standard deviation 0.01, whatever the layer's size.",
            "The more inputs are added up, the smaller each weight has to be.",
            lambda i, o: 1e-4,
        ),
    ]


def _xavier_variance(i: int, o: int) -> float:
    return 2 / (i + o)


def _kaiming_variance(i: int, o: int) -> float:
    return 2 / i


FANS: Mapping[str, list[Row]] = {
    "xavier_init": [
        ("fan_in_alone", "Only fan_in is used.", "Xavier looks both ways: fan_in + fan_out.",
         lambda i, o: 1 / i),
        ("fan_out_alone", "Only fan_out is used.", "Xavier looks both ways: fan_in + fan_out.",
         lambda i, o: 1 / o),
        ("kaiming_for_xavier", "This is Kaiming's variance, 2 / fan_in.",
         "Xavier's is 2 / (fan_in + fan_out).", _kaiming_variance),
        ("fans_multiplied", "The fans are multiplied.", "Xavier's variance has their sum.",
         lambda i, o: 2 / (i * o)),
    ],
    "kaiming_init": [
        ("fan_out_for_fan_in", "fan_out is used where fan_in belongs.",
         "Each unit adds up fan_in numbers: they decide how large the sum gets.",
         lambda i, o: 2 / o),
        ("xavier_for_kaiming", "This is Xavier's variance, 2 / (fan_in + fan_out).",
         "Kaiming's is 2 / fan_in: the ReLU halves what passes.", _xavier_variance),
    ],
}  # fmt: skip


def _properties(name: str, target: Target) -> tuple[Property, ...]:
    return (
        Property(
            "its form",
            "wrong_form",
            "What came back is no matrix of weights of the right shape.",
            "An array of shape (fan_in, fan_out).",
            _form,
            needed=True,
        ),
        Property(
            "all different",
            "weights_alike",
            "Weights are the same all along a row or a column.",
            "Units that start alike stay alike: draw every weight.",
            _all_alike,
            needed=True,
        ),
        Property(
            "mean 0",
            "not_centred",
            "The weights are not centred on 0.",
            "As many below 0 as above: a normal draw around 0, or a uniform one from -a … a.",
            _off_centre,
        ),
        Property(
            "variance",
            "wrong_spread",
            "The variance of the weights is not what was asked for.",
            "Measure it: `W.var()` beside the formula.",
            _spread(target, [*FANS[name], *_mistakes(target)]),
            weight=3.0,
        ),
        Property(
            "the generator decides",
            "generator_ignored",
            "The weights do not depend on the generator that is passed in.",
            "Use `rng` itself, not a generator or a seed of your own.",
            _always_the_same,
        ),
    )


PROPERTIES: Mapping[str, tuple[Property, ...]] = {
    "xavier_init": _properties("xavier_init", _xavier_variance),
    "kaiming_init": _properties("kaiming_init", _kaiming_variance),
}
