"""Unit 4, notebook 01_rnn_cell: one step, its concatenated form, the layer, PyTorch's weights."""

from __future__ import annotations

import torch

from autograder.checking.exercise import Exercise, Output, Sizes
from autograder.checking.values import Inputs
from autograder.exercises import _rnn, _rnn_wrong_cell, _rnn_wrong_layer, _rnn_wrong_layout
from autograder.exercises._rnn import draw_weights, normal, spec, words

ASSIGNMENT, NOTEBOOK = "04_rnn", "01_rnn_cell"
FLOAT32 = torch.float32

#: Every size another; D > H too; one of everything equal, where transposed and swapped weights
#: still fit; one unit and one row; single precision; and arguments of some thousands.
STEP_CASES = (
    spec("NDH", (3, 4, 5)),
    spec("NDH", (2, 6, 3)),
    spec("NDH", (4, 4, 4)),
    spec("NDH", (1, 3, 1)),
    spec("NDH", (3, 2, 5), dtype=FLOAT32),
    spec("NDH", (4, 5, 3), scale=5000.0),
)


def _draw_step(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    N, D, H = (sizes[letter] for letter in "NDH")
    U, W, b = draw_weights(sizes, g)
    return {"x_t": scale * normal(g, N, D), "h_prev": normal(g, N, H), "U": U, "W": W, "b": b}


RNN_CELL = Exercise(
    name="rnn_cell",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=4,
    arguments=("x_t", "h_prev", "U", "W", "b"),
    outputs=(Output("h_t", ("N", "H")),),
    cases=STEP_CASES,
    draw=_draw_step,
    oracle=_rnn.torch_step,
    misconceptions=_rnn_wrong_cell.CELL,
    guard=_rnn.GUARD,
)

#: The last two: one unit, where W is a number; one feature.
LAYOUT_CASES = (
    spec("DH", (4, 5)),
    spec("DH", (6, 3)),
    spec("DH", (4, 4)),
    spec("DH", (2, 5), dtype=FLOAT32),
    spec("DH", (3, 1)),
    spec("DH", (1, 4)),
)


def _draw_stack(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    U, W, _ = draw_weights(sizes, g)
    return {"U": U, "W": W}


STACK_WEIGHTS = Exercise(
    name="stack_weights",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=2,
    arguments=("U", "W"),
    outputs=(Output("V", ("D + H", "H"), place=words("row", "unit")),),
    cases=LAYOUT_CASES,
    draw=_draw_stack,
    oracle=lambda U, W: torch.vstack([U, W]),
    misconceptions=_rnn_wrong_layout.STACK,
    guard=_rnn.GUARD,
)


def _draw_concat(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    step = _draw_step(sizes, scale, g)
    V = torch.vstack([step["U"], step["W"]])
    return {"x_t": step["x_t"], "h_prev": step["h_prev"], "V": V, "b": step["b"]}


RNN_CELL_CONCAT = Exercise(
    name="rnn_cell_concat",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("x_t", "h_prev", "V", "b"),
    outputs=(Output("h_t", ("N", "H")),),
    cases=STEP_CASES,
    draw=_draw_concat,
    oracle=_rnn.torch_concat,
    misconceptions=_rnn_wrong_cell.CONCAT,
    guard=_rnn.GUARD,
)


def _draw_forward(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    T, N, D, H = (sizes[letter] for letter in "TNDH")
    U, W, b = draw_weights(sizes, g)
    return {"x": scale * normal(g, T, N, D), "h0": normal(g, N, H), "U": U, "W": W, "b": b}


RNN_FORWARD = Exercise(
    name="rnn_forward",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=4,
    arguments=("x", "h0", "U", "W", "b"),
    outputs=(Output("h", ("T", "N", "H")),),
    cases=(
        spec("TNDH", (5, 3, 4, 2)),
        spec("TNDH", (4, 2, 3, 6)),
        spec("TNDH", (3, 3, 3, 3)),
        spec("TNDH", (1, 4, 3, 5)),
        spec("TNDH", (6, 1, 2, 1)),
        spec("TNDH", (4, 2, 5, 3), dtype=FLOAT32),
    ),
    draw=_draw_forward,
    oracle=_rnn.torch_layer,
    misconceptions=_rnn_wrong_layer.LAYER,
    guard=_rnn.GUARD,
)


def _draw_layout(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    U, W, b = draw_weights(sizes, g)
    return {"U": U, "W": W, "b": b}


RNN_TO_TORCH = Exercise(
    name="rnn_to_torch",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("U", "W", "b"),
    outputs=(
        Output("weight_ih_l0", ("H", "D"), view=_rnn_wrong_layout.entry("weight_ih_l0")),
        Output("weight_hh_l0", ("H", "H"), view=_rnn_wrong_layout.entry("weight_hh_l0")),
        Output("bias_ih_l0 + bias_hh_l0", ("H",), view=_rnn_wrong_layout.both_biases),
    ),
    cases=LAYOUT_CASES,
    draw=_draw_layout,
    oracle=_rnn.state_dict,
    misconceptions=_rnn_wrong_layout.TO_TORCH,
    guard=_rnn.GUARD_LAYOUT,
)

EXERCISES = (RNN_CELL, STACK_WEIGHTS, RNN_CELL_CONCAT, RNN_FORWARD, RNN_TO_TORCH)
