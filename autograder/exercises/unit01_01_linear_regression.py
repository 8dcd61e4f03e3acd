"""Unit 1, notebook 01_linear_regression: predict, measure, descend, or solve at one stroke."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output, Sizes
from autograder.checking.guard import Guard
from autograder.checking.recipes import Seeded
from autograder.checking.values import Inputs
from autograder.exercises import _least_squares, _minibatches
from autograder.exercises._places import in_params

ASSIGNMENT, NOTEBOOK = "01_machine_learning", "01_linear_regression"
GUARD = Guard(
    modules=("torch", "sklearn", "scipy"),
    says="This one is written in NumPy: PyTorch and scikit-learn are what it is compared with.",
)


def _normal(g: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=g)


def _number(g: torch.Generator, low: float, high: float) -> float:
    return low + (high - low) * float(torch.rand((), dtype=torch.float64, generator=g))


def _specs(letters: str, *sizes: tuple[int, ...]) -> tuple[CaseSpec, ...]:
    return tuple(CaseSpec(dict(zip(letters, row, strict=True))) for row in sizes)


def _exercise(name: str, points: float, arguments: str, outputs: tuple[Output, ...],
              cases: tuple[CaseSpec, ...], draw: Callable[[Sizes, torch.Generator], Inputs],
              oracle: Callable[..., Any], misconceptions: tuple[Misconception, ...] = (),
              **rest: Any) -> Exercise:  # fmt: skip
    return Exercise(
        name=name,
        assignment=ASSIGNMENT,
        notebook=NOTEBOOK,
        points=points,
        arguments=tuple(arguments.split()),
        outputs=outputs,
        cases=cases,
        draw=lambda sizes, scale, g: draw(sizes, g),
        oracle=oracle,
        misconceptions=misconceptions,
        guard=GUARD,
        library="numpy",
        **rest,
    )


def _line(sizes: Sizes, g: torch.Generator) -> Inputs:
    N, D = sizes["N"], sizes["D"]
    return {"X": _normal(g, N, D), "w": _normal(g, D), "b": _number(g, 1.5, 3.0)}


def _line_and_truth(sizes: Sizes, g: torch.Generator) -> Inputs:
    return {**_line(sizes, g), "y": 2 * _normal(g, sizes["N"])}


def _noisy(sizes: Sizes, g: torch.Generator) -> Inputs:
    """X off centre, y off centre; `rank` below D: a column twice another, then ones of zeros.

    X is divided by `parts`, so that what is small beside its squares elsewhere is not.
    The zeros make a pivot exactly 0, so that inverting fails on every machine and at every seed.
    """
    N, D = sizes["N"], sizes["D"]
    X = (_normal(g, N, D) + 2 * _normal(g, D)) / sizes.get("parts", 1)
    missing = D - sizes.get("rank", D)
    if missing >= 1:
        X[:, -1] = X[:, 0] * 2
    if missing >= 2:
        X[:, -missing:-1] = 0.0
    y = X @ _normal(g, D) + _number(g, 4.0, 6.0) + 0.5 * _normal(g, N)
    return {"X": X, "y": y}


def _ridged(sizes: Sizes, g: torch.Generator) -> Inputs:
    return {**_noisy(sizes, g), "lam": _number(g, 2.5, 6.0)}


def _params(sizes: Sizes, g: torch.Generator) -> Inputs:
    """A dict, a list, a tuple in turn; arrays of two, one and no axes."""
    D, M = sizes["D"], sizes["M"]

    def three() -> Any:
        arrays = {"w": _normal(g, D, M), "b": _normal(g, M), "scale": _normal(g)}
        if KINDS[sizes["kind"]] == "dict":
            return arrays
        return (list if KINDS[sizes["kind"]] == "list" else tuple)(arrays.values())

    return {"params": three(), "grads": three(), "lr": _number(g, 0.05, 0.3)}


def _batches(sizes: Sizes, g: torch.Generator) -> Inputs:
    return {
        "X": _normal(g, sizes["N"], sizes["D"]),
        "y": _normal(g, sizes["N"]),
        "batch_size": sizes["B"],
        "rng": Seeded(int(torch.randint(2**31, (1,), generator=g))),
    }


PLAIN = _specs("ND", (6, 4), (3, 5), (4, 4), (1, 3), (5, 1))
KINDS = {2: "dict", 3: "list", 4: "tuple"}
FITTED = _specs("ND", (12, 3), (20, 5), (9, 1))
PREDICTIONS = (Output("predictions", ("N",), view=_least_squares.predictions),)
EXERCISES = (
    _exercise("predict", 2, "X w b", (Output("y_hat", ("N",)),), PLAIN, _line,
              _least_squares.torch_predict, _least_squares.PREDICT),
    _exercise("mse", 2, "X w b y", (Output("loss", ()),), PLAIN, _line_and_truth,
              _least_squares.torch_mse, _least_squares.MSE),
    _exercise("mse_grad", 4, "X w b y",
              (Output("dw", ("D",), (0,), weight=2.0), Output("db", (), (1,))), PLAIN,
              _line_and_truth, _least_squares.torch_gradients, _least_squares.MSE_GRAD),
    _exercise("normal_equation", 4, "X y", PREDICTIONS,
              (*FITTED, CaseSpec({"N": 15, "D": 5, "rank": 3}),
               CaseSpec({"N": 4, "D": 6, "rank": 4}),
               CaseSpec({"N": 9, "D": 2, "parts": 100}, title="N=9, D=2, small numbers in X")),
              _noisy, _least_squares.torch_least_squares, _least_squares.NORMAL_EQUATION,
              tolerances=_least_squares.LEAST_SQUARES),
    _exercise("ridge", 4, "X y lam",
              (Output("w", ("D",), weight=2.0, view=_least_squares.only_w),
               Output("b", (), view=_least_squares.only_b)),
              (*FITTED, CaseSpec({"N": 4, "D": 6, "rank": 3}),
               CaseSpec({"N": 15, "D": 4, "rank": 3})),
              _ridged, _least_squares.torch_ridge, _least_squares.RIDGE,
              tolerances=_least_squares.LEAST_SQUARES),
    _exercise("sgd_step", 2, "params grads lr",
              (Output("params", ("P",), view=_least_squares.flat,
                      place=lambda inputs, index: in_params(inputs["params"], index[0])),),
              tuple(CaseSpec({"kind": kind, "D": D, "M": M},
                             title=f"params is a {KINDS[kind]} of arrays of shapes "
                             f"({D}, {M}), ({M},) and ()")
                    for kind, D, M in ((2, 4, 3), (3, 5, 4), (4, 2, 5), (2, 1, 1))),
              _params, _least_squares.torch_sgd, _least_squares.SGD_STEP),
    _exercise("minibatches", 4, "X y batch_size rng", (),
              tuple(CaseSpec({"N": N, "D": D, "B": B})
                    for N, D, B in ((40, 3, 8), (40, 3, 8), (23, 2, 5), (9, 4, 20), (6, 1, 1))),
              _batches, _minibatches.torch_batches, properties=_minibatches.PROPERTIES,
              driver="collect"),
)  # fmt: skip
