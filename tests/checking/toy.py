"""A small exercise of the tests' own: `scale(x, k) -> (y, total)`, y = k x and the sum of y."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output
from autograder.checking.guard import Guard
from autograder.checking.handle import LocalHandle
from autograder.checking.result import Result
from autograder.checking.run import run_check

SIZES = ({"N": 3, "H": 2}, {"N": 1, "H": 4}, {"N": 5, "H": 1})


def oracle(x: Tensor, k: float) -> tuple[Tensor, Tensor]:
    y = torch.mul(x, k)
    return y, y.sum(0)


TOY = Exercise(
    name="scale",
    assignment="00_toy",
    notebook="01_toy",
    points=4,
    arguments=("x", "k"),
    outputs=(Output("y", ("N", "H"), (0,)), Output("total", ("H",), (1,))),
    cases=(*map(CaseSpec, SIZES), CaseSpec(SIZES[0], dtype=torch.float32)),
    draw=lambda sizes, scale, g: {
        "x": torch.randn(sizes["N"], sizes["H"], dtype=torch.float64, generator=g),
        "k": 2.5,
    },
    oracle=oracle,
    misconceptions=(
        Misconception("mean_for_sum", "mean", "look", lambda x, k: (x * k, (x * k).mean(0))),
        Misconception("not_scaled", "unscaled", "look", lambda x, k: (x, x.sum(0))),
        Misconception("swapped", "swapped", "look", lambda x, k: oracle(x, k)[::-1]),
    ),
    guard=Guard(
        names=("torch.einsum",),
        modules=("torch.autograd",),
        operators=frozenset({"einsum", "backward", "grad", "requires_grad_"}),
        says="No einsum here.",
    ),
)


def right(x: Tensor, k: float) -> tuple[Tensor, Tensor]:
    return k * x, (k * x).sum(0)


def run(answer: Callable[..., Any], seed: int = 7, **changes: Any) -> Result:
    exercise = dataclasses.replace(TOY, **changes)
    return run_check(exercise, LocalHandle(answer, exercise.calling), seed)
