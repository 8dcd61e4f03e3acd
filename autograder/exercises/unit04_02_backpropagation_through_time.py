"""Unit 4, notebook 02_backpropagation_through_time: one step back, all of them, cut and clipped."""

from __future__ import annotations

import torch

from autograder.checking.exercise import Exercise, Output, Tolerance
from autograder.exercises import (
    _rnn,
    _rnn_backward,
    _rnn_clipping,
    _rnn_wrong_bptt,
    _rnn_wrong_jacobian,
    _rnn_wrong_step_back,
    _rnn_wrong_truncated,
)
from autograder.exercises._rnn import spec

ASSIGNMENT, NOTEBOOK = "04_rnn", "02_backpropagation_through_time"
FLOAT32 = torch.float32

RNN_CELL_BACKWARD = Exercise(
    name="rnn_cell_backward",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=5,
    arguments=("dh_t", "x_t", "h_prev", "h_t", "U", "W"),
    outputs=(
        Output("dx_t", ("N", "D"), (0,)),
        Output("dh_prev", ("N", "H"), (1,)),
        Output("dU", ("D", "H"), (2,)),
        Output("dW", ("H", "H"), (3,)),
        Output("db", ("H",), (4,)),
    ),
    cases=(
        spec("NDH", (3, 4, 5)),
        spec("NDH", (2, 6, 3)),
        spec("NDH", (4, 4, 4)),
        spec("NDH", (1, 3, 1)),
        spec("NDH", (3, 2, 5), dtype=FLOAT32),
    ),
    draw=_rnn_backward.draw_step_back,
    oracle=_rnn_backward.torch_step_back,
    misconceptions=_rnn_wrong_step_back.STEP_BACK,
    guard=_rnn.GUARD_BACKWARD,
)

#: Every size another; D < H; all equal; one step; one row and one unit; single precision.
BPTT = Exercise(
    name="bptt",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=6,
    arguments=("dh", "x", "h0", "h", "U", "W"),
    outputs=(
        Output("dx", ("T", "N", "D"), (0,)),
        Output("dh0", ("N", "H"), (1,)),
        Output("dU", ("D", "H"), (2,)),
        Output("dW", ("H", "H"), (3,), weight=2),
        Output("db", ("H",), (4,)),
    ),
    cases=(
        spec("TNDH", (5, 3, 4, 2)),
        spec("TNDH", (4, 2, 3, 6)),
        spec("TNDH", (4, 4, 4, 4)),
        spec("TNDH", (1, 4, 3, 5)),
        spec("TNDH", (6, 1, 2, 1)),
        spec("TNDH", (4, 2, 5, 3), dtype=FLOAT32),
    ),
    draw=_rnn_backward.draw_back,
    oracle=_rnn_backward.torch_back,
    misconceptions=_rnn_wrong_bptt.BPTT,
    guard=_rnn.GUARD_BACKWARD,
)

#: A short last window twice; windows that fit; k = 1; k larger than T; one step; k = T.
TRUNCATED_BPTT = Exercise(
    name="truncated_bptt",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=4,
    arguments=("dh", "x", "h0", "h", "U", "W", "k"),
    outputs=(
        Output("dU", ("D", "H"), (0,)),
        Output("dW", ("H", "H"), (1,), weight=2),
        Output("db", ("H",), (2,)),
    ),
    cases=(
        spec("TNDHk", (7, 2, 4, 5, 3)),
        spec("TNDHk", (7, 3, 4, 2, 5)),
        spec("TNDHk", (6, 3, 5, 4, 2)),
        spec("TNDHk", (4, 2, 3, 3, 1)),
        spec("TNDHk", (3, 1, 2, 1, 6)),
        spec("TNDHk", (1, 4, 3, 5, 2)),
        spec("TNDHk", (5, 2, 3, 4, 2), dtype=FLOAT32),
        spec("TNDHk", (4, 3, 2, 3, 4)),
    ),
    draw=_rnn_backward.draw_truncated,
    oracle=_rnn_backward.torch_truncated,
    misconceptions=_rnn_wrong_truncated.TRUNCATED,
    guard=_rnn.GUARD_BACKWARD,
)

#: R rows and C columns size the tensors, K is their number, and L the limit in hundredths of the
#: norm, or of the largest entry: above it, and (over 100) below.
_CLIP_CASES = (
    _rnn_clipping.spec((4, 3, 5, 40)),
    _rnn_clipping.spec((2, 5, 3, 170)),
    _rnn_clipping.spec((3, 3, 2, 75)),
    _rnn_clipping.spec((1, 4, 1, 30)),
    _rnn_clipping.spec((2, 3, 4, 60), dtype=FLOAT32),
    _rnn_clipping.spec((3, 2, 3, 500), scale=0.01),
    _rnn_clipping.spec((3, 2, 3, 5), scale=100.0),
)
CLIP_GRAD_NORM = Exercise(
    name="clip_grad_norm",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("grads", "max_norm"),
    outputs=(
        Output(
            "clipped",
            ("P",),
            (0,),
            weight=2,
            view=_rnn_clipping.flattened(0),
            place=_rnn_clipping.entry,
        ),
        Output("norm", (), (1,), number=True),
    ),
    cases=_CLIP_CASES,
    draw=_rnn_clipping.draw_norm,
    oracle=_rnn_clipping.torch_clip_norm,
    misconceptions=_rnn_clipping.NORM,
    guard=_rnn.GUARD_CLIP,
    driver="fresh",
    # PyTorch adds 1e-6 to the norm that it divides by: both ways are right.
    tolerances={
        torch.float64: Tolerance(rtol=3e-6, atol=1e-9),
        FLOAT32: Tolerance(rtol=1e-4, atol=1e-5),
    },
)

CLIP_GRAD_VALUE = Exercise(
    name="clip_grad_value",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=2,
    arguments=("grads", "limit"),
    outputs=(Output("clipped", ("P",), view=_rnn_clipping.flattened(), place=_rnn_clipping.entry),),
    cases=_CLIP_CASES,
    draw=_rnn_clipping.draw_value,
    oracle=_rnn_clipping.torch_clip_value,
    misconceptions=_rnn_clipping.VALUE,
    guard=_rnn.GUARD_CLIP,
    driver="fresh",
)

JACOBIAN_NORMS = Exercise(
    name="jacobian_norms",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("h", "W"),
    outputs=(Output("norms", ("T",)),),
    cases=(
        spec("TH", (6, 5)),
        spec("TH", (4, 3)),
        spec("TH", (4, 4)),
        spec("TH", (1, 3)),
        spec("TH", (6, 1)),
        spec("TH", (5, 4), dtype=FLOAT32),
    ),
    draw=_rnn_backward.draw_one_sequence,
    oracle=_rnn_backward.torch_jacobian_norms,
    misconceptions=_rnn_wrong_jacobian.JACOBIAN,
    guard=_rnn.GUARD_BACKWARD,
)

EXERCISES = (
    RNN_CELL_BACKWARD,
    BPTT,
    TRUNCATED_BPTT,
    CLIP_GRAD_NORM,
    CLIP_GRAD_VALUE,
    JACOBIAN_NORMS,
)
