"""Unit 3, notebook 02_backward: the convolution's gradients, col2im, transposed convolution."""

from __future__ import annotations

import torch

from autograder.checking.exercise import Exercise, Output
from autograder.exercises import (
    _conv_backward,
    _conv_backward_wrong,
    _conv_backward_wrong_fold,
    _conv_backward_wrong_transpose,
)
from autograder.exercises._conv_backward import spec

ASSIGNMENT, NOTEBOOK = "03_cnn", "02_backward"
FLOAT32 = torch.float32
PICTURE = ("N", "channel", "row", "column")

#: In order: every size another; padding, and rows left over by the stride; pairs; a 1 x 1 kernel
#: that leaves gaps; windows that do not overlap; everything equal, where exchanged channels and a
#: transposed kernel still fit; single precision; padding that also fits when it is exchanged.
_LETTERS = "N C O H W kh kw"
BACKWARD_CASES = (
    spec(_LETTERS, (4, 2, 3, 6, 7, 5, 1), 1, 0),
    spec(_LETTERS, (3, 2, 4, 6, 5, 3, 2), 2, 1),
    spec(_LETTERS, (2, 3, 2, 7, 8, 2, 4), (2, 3), 1),
    spec(_LETTERS, (1, 3, 2, 4, 5, 1, 1), 2, 0),
    spec(_LETTERS, (2, 3, 3, 4, 6, 2, 3), (2, 3), 0),
    spec(_LETTERS, (2, 2, 2, 4, 4, 3, 3), 1, 1),
    spec(_LETTERS, (2, 2, 3, 5, 6, 3, 2), (1, 2), (1, 0), FLOAT32),
    spec(_LETTERS, (2, 3, 2, 5, 6, 2, 3), 3, (1, 0)),
)

CONV2D_BACKWARD = Exercise(
    name="conv2d_backward",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=9,
    arguments=("dy", "x", "w", "stride", "padding"),
    outputs=(
        Output("dx", PICTURE, (0,), weight=4),
        Output("dw", ("filter", "channel", "row", "column"), (1,), weight=3),
        Output("db", ("filter",), (2,), weight=2),
    ),
    cases=BACKWARD_CASES,
    draw=_conv_backward.draw_backward,
    oracle=_conv_backward.torch_backward,
    misconceptions=_conv_backward_wrong.BACKWARD,
    guard=_conv_backward.GUARD,
)

_LETTERS = "N C H W kh kw"
COL2IM = Exercise(
    name="col2im",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=5,
    arguments=("cols", "x_shape", "kernel", "stride", "padding"),
    outputs=(Output("x", PICTURE),),
    cases=(
        spec(_LETTERS, (2, 3, 6, 7, 4, 5), 1, 0),
        spec(_LETTERS, (3, 2, 8, 7, 3, 2), 2, 1),
        spec(_LETTERS, (2, 3, 7, 8, 2, 4), (2, 3), 1),
        spec(_LETTERS, (1, 3, 4, 5, 1, 1), 2, 0),
        spec(_LETTERS, (2, 3, 4, 6, 2, 3), (2, 3), 0),
        spec(_LETTERS, (2, 2, 5, 5, 3, 3), 1, 1),
        spec(_LETTERS, (2, 2, 6, 7, 3, 2), (1, 2), (1, 0), FLOAT32),
        spec(_LETTERS, (2, 3, 5, 6, 2, 3), 3, (1, 0)),
    ),
    draw=_conv_backward.draw_cols,
    oracle=_conv_backward.torch_fold,
    misconceptions=_conv_backward_wrong_fold.FOLD,
    guard=_conv_backward.GUARD,
)

_LETTERS = "N C_in C_out H W kh kw"
CONV_TRANSPOSE2D = Exercise(
    name="conv_transpose2d",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=5,
    arguments=("x", "w", "b", "stride", "padding"),
    outputs=(Output("y", PICTURE),),
    cases=(
        spec(_LETTERS, (2, 4, 5, 6, 7, 3, 1), 1, 0, bias=1),
        spec(_LETTERS, (3, 2, 4, 3, 4, 3, 4), 2, 1, bias=1),
        spec(_LETTERS, (2, 3, 2, 4, 3, 3, 2), (2, 3), 1, bias=0),
        spec(_LETTERS, (1, 2, 3, 3, 2, 1, 1), 2, 0, bias=1),
        spec(_LETTERS, (2, 2, 2, 3, 3, 2, 2), 2, 0, bias=1),
        spec(_LETTERS, (2, 2, 2, 4, 4, 3, 3), 1, 1, bias=0),
        spec(_LETTERS, (2, 3, 2, 4, 3, 3, 2), (1, 2), (1, 0), FLOAT32, bias=1),
    ),
    draw=_conv_backward.draw_transpose,
    oracle=_conv_backward.torch_transpose,
    misconceptions=_conv_backward_wrong_transpose.TRANSPOSE,
    guard=_conv_backward.GUARD,
)

EXERCISES = (CONV2D_BACKWARD, COL2IM, CONV_TRANSPOSE2D)
