"""Unit 1, notebook 02_classification: logits, their losses, and a gradient nobody derived."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import (
    CaseSpec,
    Exercise,
    Misconception,
    Output,
    Sizes,
    Tolerance,
)
from autograder.checking.guard import Guard
from autograder.checking.recipes import Formula
from autograder.checking.values import Inputs
from autograder.exercises import _classifying

ASSIGNMENT, NOTEBOOK = "01_machine_learning", "02_classification"
GUARD = Guard(
    modules=("torch", "sklearn", "scipy"),
    says="This one is written in NumPy: PyTorch is what it is compared with.",
)
#: Logs of sums of a few numbers, one of them near 1: right orders differ by some 1e-16.
EXACT = {torch.float64: Tolerance(rtol=1e-9, atol=1e-12)}
#: A difference quotient magnifies the rounding of f by 1 / h, a thousand times and more.
NUDGED = {torch.float64: Tolerance(rtol=1e-6, atol=1e-8)}


def _normal(g: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=g)


def _specs(letters: str, *sizes: tuple[int, ...]) -> tuple[CaseSpec, ...]:
    return tuple(CaseSpec(dict(zip(letters, row, strict=True))) for row in sizes)


def _exercise(name: str, points: float, arguments: str, outputs: tuple[Output, ...],
              cases: tuple[CaseSpec, ...], draw: Callable[[Sizes, float, torch.Generator], Inputs],
              oracle: Callable[..., Any], misconceptions: tuple[Misconception, ...],
              tolerances: Any = None, **rest: Any) -> Exercise:  # fmt: skip
    return Exercise(
        name=name,
        assignment=ASSIGNMENT,
        notebook=NOTEBOOK,
        points=points,
        arguments=tuple(arguments.split()),
        outputs=outputs,
        cases=cases,
        draw=draw,
        oracle=oracle,
        misconceptions=misconceptions,
        guard=GUARD,
        library="numpy",
        tolerances=tolerances or EXACT,
        **rest,
    )


def _some(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Z (N, C); at a large scale with ±1000 in it."""
    z = scale * _normal(g, sizes["N"], sizes["C"])
    if scale > 10:
        z[0, 0], z[-1, -1] = 1000.0, -1000.0
    return {"z": z}


def _binary(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    N = sizes["N"]
    z, y = scale * _normal(g, N), torch.randint(2, (N,), generator=g)
    if scale > 10:
        z[0], z[-1] = 1000.0, -1000.0  # sure, and wrong in one of them
        y[0], y[-1] = 0, 0
    return {"z": z, "y": y}


def _rows_apart(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Logits whose rows lie, at a large scale, more than 745 apart, where exp underflows."""
    N, C = sizes["N"], sizes["C"]
    z = _normal(g, N, C) + 2 * _normal(g, N, 1)
    if scale > 100:
        z = z + torch.linspace(-900.0, 900.0, N, dtype=torch.float64)[:, None]
        z[0] = z[0] + torch.linspace(0.0, 40.0, C, dtype=torch.float64)
        z[1, 0] = z[1, 0] + 1500.0  # two thirds of it are still more than exp can take
    elif scale > 10:
        z = z + 1000.0  # large, but near one another: no probability is 0
    return {"z": z}


def _three_axes(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    if "T" in sizes:
        return {"z": _normal(g, sizes["T"], sizes["N"], sizes["C"])}
    return _rows_apart(sizes, scale, g)


def _labelled(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    y = torch.randint(sizes["C"], (sizes["N"],), generator=g)
    z = _rows_apart(sizes, scale, g)["z"]
    if scale > 100:
        y[0], y[1] = 0, 1  # the unlikeliest, so that the loss is large
    return {"z": z, "y": y}


LARGE = (CaseSpec({"N": 5, "C": 3}, scale=400.0),)
SHIFTED = (CaseSpec({"N": 4, "C": 5}, scale=20.0),)
TABLE = _specs("NC", (3, 5), (6, 2), (4, 4), (1, 3))
FORMULAS = (
    "np.sum(np.sin(x) * a) * np.sum(x)",
    "np.sum(np.exp(x * 0.7)) + np.prod(x)",
    "np.sum(np.tanh(x @ m)) * np.sum(x * x)",
    "np.sum(np.cos(x @ m) @ n) + np.sum(x) ** 3",
)


def _function(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A function of x (D,), or of x (N, D), that couples all entries; h large enough to be seen."""
    D, kind = sizes["D"], sizes["kind"]
    constants: dict[str, Any] = {
        "a": _normal(g, D).tolist(),
        "m": _normal(g, D, 3).tolist(),
        "n": _normal(g, 3).tolist(),
    }
    x = _normal(g, sizes["N"], D) if kind >= 2 else 0.5 + _normal(g, D)
    h = 10 ** (-1.0 - 1.5 * float(torch.rand((), dtype=torch.float64, generator=g)))
    return {"f": Formula(FORMULAS[kind], constants), "x": x, "h": h}


def _two(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Two arrays near each other, with entries of very different size."""
    N, D = sizes["N"], sizes["D"]
    a = scale * _normal(g, N, D) * torch.logspace(0, -3, D, dtype=torch.float64)
    b = a + 0.1 * scale * _normal(g, N, D)
    # So that the largest of b - a and of a - b differ, and so do the sizes of a and b.
    b.flatten()[:1] += 0.5 * scale
    b = (-1.3 if N == 5 else 1.3) * b
    if N == 3:
        # The largest |a| + |b|, the largest |b| and the largest |a - b| are not in one place.
        a[0, 0], b[0, 0] = 10.0, 6.0
        a[-1, -1], b[-1, -1] = 1.0, 8.0
    return {"a": a, "b": b}


EXERCISES = (
    _exercise("sigmoid", 2, "z", (Output("sigmoid", ("N", "C")),), (*TABLE, *LARGE), _some,
              torch.sigmoid, _classifying.SIGMOID),
    _exercise("bce_with_logits", 4, "z y", (Output("loss", ()),),
              (*_specs("ND", (7, 2), (4, 3), (12, 5), (1, 2)),
               CaseSpec({"N": 6, "D": 2}, scale=300.0)),
              _binary, _classifying.torch_bce, _classifying.BCE),
    _exercise("log_softmax", 3, "z", (Output("log_softmax", ("N", "C")),),
              (*TABLE, *LARGE, *SHIFTED, CaseSpec({"T": 2, "N": 3, "C": 4})), _three_axes,
              _classifying.torch_log_softmax, _classifying.LOG_SOFTMAX),
    _exercise("softmax_cross_entropy", 4, "z y",
              (Output("loss", (), (0,)), Output("dz", ("N", "C"), (1,))),
              (*_specs("NC", (5, 3), (3, 6), (4, 4), (1, 3)), *LARGE, *SHIFTED), _labelled,
              _classifying.torch_cross_entropy, _classifying.CROSS_ENTROPY),
    _exercise("numerical_gradient", 3, "f x h", (Output("gradient", ("N", "D")),),
              tuple(CaseSpec({"kind": kind, "N": N, "D": D},
                             title=f"x of shape {(N, D) if kind >= 2 else (D,)}")
                    for kind, N, D in ((0, 1, 4), (1, 1, 5), (2, 3, 4), (3, 2, 5), (0, 1, 1))),
              _function, _classifying.torch_difference, _classifying.NUMERICAL_GRADIENT, NUDGED,
              reference="the equation"),
    _exercise("relative_error", 2, "a b", (Output("error", ()),),
              (*_specs("ND", (3, 4), (5, 2), (1, 3)), CaseSpec({"N": 2, "D": 3}, scale=1e-9)),
              _two, _classifying.torch_relative_error, _classifying.RELATIVE_ERROR,
              reference="the equation"),
)  # fmt: skip
