"""Unit 2, notebook 03_optimisers: two first weights, and four ways to follow a gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from autograder.checking.exercise import CaseSpec, Exercise, Misconception
from autograder.checking.guard import Guard
from autograder.exercises import _first_weights, _optimiser_wrong
from autograder.exercises._optimiser_walks import OUTPUTS, Walk, draw, torch_walk

ASSIGNMENT, NOTEBOOK = "02_deep_learning", "03_optimisers"
GUARD = Guard(
    modules=("torch", "sklearn", "scipy"),
    says="This one is written in NumPy: PyTorch is what it is compared with.",
)

# --- first weights ------------------------------------------------------------------------------


def _initialiser(name: str) -> Exercise:
    return Exercise(
        name=name,
        assignment=ASSIGNMENT,
        notebook=NOTEBOOK,
        points=2,
        arguments=("fan_in", "fan_out", "rng"),
        outputs=(),
        #: The first two differ in nothing but their generator; large ones, for the statistics.
        cases=tuple(
            CaseSpec({"fan_in": fan_in, "fan_out": fan_out})
            for fan_in, fan_out in ((400, 150), (400, 150), (90, 700), (250, 251), (3, 1))
        ),
        draw=_first_weights.draw,
        oracle=_first_weights.ORACLES[name],
        misconceptions=(),
        properties=_first_weights.PROPERTIES[name],
        guard=GUARD,
        library="numpy",
    )


# --- optimisers ---------------------------------------------------------------------------------

Hyper = Mapping[str, float]


def _named(hyper: Hyper) -> str:
    given = ", ".join(f"{name}={value:g}" for name, value in hyper.items())
    return given or "no hyperparameters given"


def _optimiser(
    name: str,
    points: float,
    oracle: Callable[..., Walk],
    hypers: tuple[Hyper, ...],
    misconceptions: tuple[Misconception, ...],
) -> Exercise:
    sizes = ((12, 4, 3), (9, 2, 5), (15, 3, 2), (1, 5, 4))
    return Exercise(
        name=name,
        assignment=ASSIGNMENT,
        notebook=NOTEBOOK,
        points=points,
        arguments=("params", "grads", "state", "lr"),
        outputs=OUTPUTS,
        #: S steps on a matrix (D, M), a vector (M,) and a number; `case` picks the hyperparameters.
        cases=tuple(
            CaseSpec(
                {"S": S, "D": D, "M": M, "case": 2 + index % len(hypers)},
                title=f"{S} step{'s' * (S > 1)}, params of shapes ({D}, {M}), ({M},) and (), "
                + _named(hypers[index % len(hypers)]),
            )
            for index, (S, D, M) in enumerate(sizes)
        ),
        draw=draw(hypers),
        oracle=oracle,
        misconceptions=misconceptions,
        guard=GUARD,
        library="numpy",
        driver="optimise",
        drawn=("params", "grads", "lr", "hyper"),
    )


def _betas(hyper: Hyper) -> tuple[float, float]:
    return hyper.get("beta1", 0.9), hyper.get("beta2", 0.999)


ADAM_HYPERS: tuple[Hyper, ...] = (
    {},
    {"beta1": 0.8, "beta2": 0.95, "eps": 1e-2},
    {"beta1": 0.7},
    {"eps": 0.1},
)
EXERCISES = (
    _initialiser("xavier_init"),
    _initialiser("kaiming_init"),
    _optimiser(
        "momentum_step",
        3,
        torch_walk(
            lambda leaves, lr, hyper: torch.optim.SGD(leaves, lr, hyper.get("momentum", 0.0))
        ),
        ({"momentum": 0.9}, {}, {"momentum": 0.6}),
        _optimiser_wrong.MOMENTUM,
    ),
    _optimiser(
        "rmsprop_step",
        3,
        torch_walk(
            lambda leaves, lr, hyper: torch.optim.RMSprop(
                leaves, lr, hyper.get("alpha", 0.99), hyper.get("eps", 1e-8)
            )
        ),
        ({}, {"alpha": 0.8, "eps": 1e-2}, {"alpha": 0.9}),
        _optimiser_wrong.RMSPROP,
    ),
    _optimiser(
        "adam_step",
        4,
        torch_walk(
            lambda leaves, lr, hyper: torch.optim.Adam(
                leaves, lr, _betas(hyper), hyper.get("eps", 1e-8)
            )
        ),
        ADAM_HYPERS,
        _optimiser_wrong.ADAM,
    ),
    _optimiser(
        "adamw_step",
        4,
        torch_walk(
            lambda leaves, lr, hyper: torch.optim.AdamW(
                leaves, lr, _betas(hyper), hyper.get("eps", 1e-8), hyper.get("weight_decay", 0.01)
            )
        ),
        ({}, {"beta1": 0.8, "beta2": 0.95, "weight_decay": 0.3}, {"eps": 0.1, "weight_decay": 0.1}),
        _optimiser_wrong.ADAMW,
    ),
)
