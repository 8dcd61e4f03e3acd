"""Unit 3, notebook 03_pooling_and_normalisation: two pools, both ways, and batch norm of images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output, Sizes
from autograder.checking.guard import Guard
from autograder.checking.values import Inputs
from autograder.exercises import _batch_norm2d, _pooling
from autograder.exercises._layers_norm import batch_norm
from autograder.exercises._pooling_wrong_backward import AVG_POOL_BACKWARD, MAX_POOL_BACKWARD
from autograder.exercises._pooling_wrong_forward import AVG_POOL, MAX_POOL

ASSIGNMENT, NOTEBOOK = "03_cnn", "03_pooling_and_normalisation"


def _exercise(name: str, points: float, arguments: str, outputs: tuple[Output, ...],
              cases: tuple[CaseSpec, ...],
              draw: Callable[[Sizes, float, torch.Generator], Inputs], oracle: Callable[..., Any],
              misconceptions: tuple[Misconception, ...], guard: Guard) -> Exercise:  # fmt: skip
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
        guard=guard,
    )


_Y = (Output("y", _pooling.IMAGE_AXES),)
_DX = (Output("dx", _pooling.IMAGE_AXES),)
EXERCISES = (
    _exercise("max_pool2d", 3, "x kernel stride padding", _Y, _pooling.POOL_CASES,
              _pooling.draw_pool, _pooling.max_pool, MAX_POOL, _pooling.GUARD),
    _exercise("max_pool2d_backward", 5, "dy x kernel stride padding", _DX, _pooling.POOL_CASES,
              _pooling.draw_pool_back, _pooling.max_pool_backward, MAX_POOL_BACKWARD,
              _pooling.BACKWARD_GUARD),
    _exercise("avg_pool2d", 2, "x kernel stride padding", _Y, _pooling.POOL_CASES,
              _pooling.draw_pool, _pooling.avg_pool, AVG_POOL, _pooling.GUARD),
    _exercise("avg_pool2d_backward", 3, "dy x kernel stride padding", _DX, _pooling.POOL_CASES,
              _pooling.draw_pool_back, _pooling.avg_pool_backward, AVG_POOL_BACKWARD,
              _pooling.BACKWARD_GUARD),
    _exercise("batch_norm2d", 4,
              "x gamma beta running_mean running_var momentum eps training",
              (Output("y", _pooling.IMAGE_AXES, (0,), weight=2.0),
               Output("running_mean", ("channel",), (1,)),
               Output("running_var", ("channel",), (2,))),
              _batch_norm2d.BATCH_CASES, _batch_norm2d.draw_batch, batch_norm,
              _batch_norm2d.BATCH_NORM, _pooling.GUARD),
)  # fmt: skip
