"""Unit 2, notebook 02_layers: dense layers, activations, dropout, normalisation, both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output, Sizes
from autograder.checking.guard import Guard
from autograder.checking.recipes import Seeded
from autograder.checking.values import Inputs
from autograder.exercises import _layers_dense, _layers_norm

ASSIGNMENT, NOTEBOOK = "02_deep_learning", "02_layers"
GUARD = Guard(
    modules=("torch", "sklearn", "scipy"),
    says="This one is written in NumPy: PyTorch is what it is compared with.",
)
ROWS = ("N", "D")


def _normal(g: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=g)


def _specs(letters: str, *sizes: tuple[int, ...]) -> tuple[CaseSpec, ...]:
    return tuple(CaseSpec(dict(zip(letters, row, strict=True))) for row in sizes)


def _exercise(name: str, points: float, arguments: str, outputs: Any, cases: Any,
              draw: Callable[[Sizes, torch.Generator], Inputs], oracle: Callable[..., Any],
              misconceptions: tuple[Misconception, ...] = (), **rest: Any) -> Exercise:  # fmt: skip
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


# --- what is drawn --------------------------------------------------------------------------------


def _dense(sizes: Sizes, g: torch.Generator) -> Inputs:
    N, D, M = (sizes[letter] for letter in "NDM")
    return {"x": _normal(g, N, D), "w": _normal(g, D, M), "b": _normal(g, M)}


def _dense_back(sizes: Sizes, g: torch.Generator) -> Inputs:
    drawn = _dense(sizes, g)
    return {"dy": _normal(g, sizes["N"], sizes["M"]), "x": drawn["x"], "w": drawn["w"]}


def _with_zeros(sizes: Sizes, g: torch.Generator) -> Inputs:
    """X with some numbers that are exactly 0, where the ReLU has its corner."""
    x = _normal(g, sizes["N"], sizes["D"])
    x.flatten()[:: max(2, x.numel() // 4)] = 0.0
    x.flatten()[1:2] += 0.5
    return {"dy": _normal(g, *x.shape), "x": x}


def _activated(
    activation: Callable[[Tensor], Tensor],
) -> Callable[[Sizes, torch.Generator], Inputs]:
    def draw(sizes: Sizes, g: torch.Generator) -> Inputs:
        shape = sizes["N"], sizes["D"]
        return {"dy": _normal(g, *shape), "y": activation(1.5 * _normal(g, *shape))}

    return draw


def _dropping(sizes: Sizes, g: torch.Generator) -> Inputs:
    N, D = sizes["N"], sizes["D"]
    return {
        "x": _normal(g, N, D) + 3.0,
        "p": sizes["percent"] / 100,
        "rng": Seeded(int(torch.randint(2**31, (1,), generator=g))),
        "training": sizes["evaluation"] == 0,
    }


def _dropping_back(sizes: Sizes, g: torch.Generator) -> Inputs:
    shape, p = (sizes["N"], sizes["D"]), sizes["percent"] / 100
    mask = (torch.rand(*shape, generator=g) >= p).double()
    mask.flatten()[:1], mask.flatten()[-1:] = 1.0, 0.0
    return {"dy": _normal(g, *shape), "mask": mask, "p": p}


def _norm(sizes: Sizes, g: torch.Generator) -> Inputs:
    N, D = sizes["N"], sizes["D"]
    x = (0.5 + torch.rand(D, dtype=torch.float64, generator=g)) * _normal(g, N, D) + _normal(g, D)
    return {"x": x, "gamma": 1 + 0.5 * _normal(g, D), "beta": _normal(g, D)}


def _eps(g: torch.Generator) -> float:
    """Large enough to be seen: between 0.05 and 0.15."""
    return 0.05 + 0.1 * float(torch.rand((), dtype=torch.float64, generator=g))


def _norm_back(sizes: Sizes, g: torch.Generator) -> Inputs:
    drawn = _norm(sizes, g)
    dy = _normal(g, sizes["N"], sizes["D"])
    return {"dy": dy, "x": drawn["x"], "gamma": drawn["gamma"], "eps": _eps(g)}


def _batch(sizes: Sizes, g: torch.Generator) -> Inputs:
    D = sizes["D"]
    return {
        **_norm(sizes, g),
        "running_mean": _normal(g, D),
        "running_var": 0.5 + torch.rand(D, dtype=torch.float64, generator=g),
        "momentum": 0.1 + 0.2 * float(torch.rand((), dtype=torch.float64, generator=g)),
        "eps": _eps(g),
        "training": sizes["evaluation"] == 0,
    }


# --- the exercises --------------------------------------------------------------------------------

PLAIN = _specs("ND", (3, 5), (6, 2), (4, 4), (1, 3), (5, 1))
DENSE = _specs("NDM", (3, 5, 2), (6, 2, 4), (4, 4, 4), (1, 3, 2), (5, 1, 3))
SEVERAL = _specs("ND", (5, 3), (7, 4), (4, 4), (3, 6), (6, 1))
_GRADS = (
    Output("dx", ROWS, (0,), weight=2.0),
    Output("dgamma", ("D",), (1,)),
    Output("dbeta", ("D",), (2,)),
)
EXERCISES = (
    _exercise("linear_forward", 1, "x w b", (Output("y", ("N", "M")),), DENSE, _dense,
              _layers_dense.linear, _layers_dense.LINEAR_FORWARD),
    _exercise("linear_backward", 3, "dy x w",
              (Output("dx", ROWS, (0,)), Output("dw", ("D", "M"), (1,)),
               Output("db", ("M",), (2,))),
              DENSE, _dense_back, _layers_dense.linear_gradients, _layers_dense.LINEAR_BACKWARD),
    _exercise("relu_backward", 2, "dy x", (Output("dx", ROWS),), PLAIN, _with_zeros,
              _layers_dense.relu_gradient, _layers_dense.RELU_BACKWARD),
    _exercise("tanh_backward", 2, "dy y", (Output("dx", ROWS),), PLAIN, _activated(torch.tanh),
              _layers_dense.tanh_gradient, _layers_dense.TANH_BACKWARD),
    _exercise("sigmoid_backward", 2, "dy y", (Output("dx", ROWS),), PLAIN,
              _activated(torch.sigmoid), _layers_dense.sigmoid_gradient,
              _layers_dense.SIGMOID_BACKWARD),
    _exercise("dropout_forward", 3, "x p rng training", (),
              tuple(CaseSpec({"N": N, "D": D, "percent": percent, "evaluation": evaluation},
                             title=f"N={N}, D={D}, p={percent / 100:g}, training={not evaluation}")
                    for N, D, percent, evaluation in (
                        (90, 80, 30, 0), (90, 80, 30, 0), (120, 70, 60, 0), (4, 6, 50, 1),
                        (50, 110, 15, 0))),
              _dropping, _layers_dense.dropout, properties=_layers_dense.DROPOUT_FORWARD),
    _exercise("dropout_backward", 2, "dy mask p", (Output("dx", ROWS),),
              tuple(CaseSpec({"N": N, "D": D, "percent": percent},
                             title=f"N={N}, D={D}, p={percent / 100:g}")
                    for N, D, percent in ((3, 5, 30), (6, 2, 60), (4, 4, 20), (1, 3, 40))),
              _dropping_back, _layers_dense.dropout_gradient, _layers_dense.DROPOUT_BACKWARD),
    _exercise("batchnorm_forward", 4, "x gamma beta running_mean running_var momentum eps training",
              (Output("y", ROWS, (0,), weight=2.0), Output("running_mean", ("D",), (1,)),
               Output("running_var", ("D",), (2,))),
              tuple(CaseSpec({"N": N, "D": D, "evaluation": evaluation},
                             title=f"N={N}, D={D}, training={not evaluation}")
                    for N, D, evaluation in ((5, 3, 0), (7, 4, 1), (4, 4, 0), (3, 6, 0), (6, 1, 0),
                                             (2, 5, 1))),
              _batch, _layers_norm.batch_norm, _layers_norm.BATCHNORM_FORWARD),
    _exercise("batchnorm_backward", 4, "dy x gamma eps", _GRADS, SEVERAL, _norm_back,
              _layers_norm.batch_norm_gradients, _layers_norm.BATCHNORM_BACKWARD),
    _exercise("layernorm_forward", 2, "x gamma beta eps", (Output("y", ROWS),),
              _specs("ND", (3, 5), (6, 2), (4, 4), (1, 3)),
              lambda sizes, g: {**_norm(sizes, g), "eps": _eps(g)}, _layers_norm.layer_norm,
              _layers_norm.LAYERNORM_FORWARD),
    _exercise("layernorm_backward", 3, "dy x gamma eps", _GRADS,
              _specs("ND", (3, 5), (6, 2), (4, 4), (1, 3)), _norm_back,
              _layers_norm.layer_norm_gradients, _layers_norm.LAYERNORM_BACKWARD),
)  # fmt: skip
