"""Unit 5, notebook 01_gates: the six equations of the slides, the cell, the layer, the mapping."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import (
    CaseSpec,
    Exercise,
    Output,
    Sizes,
)
from autograder.checking.values import Inputs
from autograder.exercises import (
    _lstm,
    _lstm_wrong_cell,
    _lstm_wrong_gates,
    _lstm_wrong_layer,
    _lstm_wrong_layout,
    _lstm_wrong_states,
)
from autograder.exercises._lstm import draw_normal, draw_params, draw_unit

ASSIGNMENT, NOTEBOOK = "05_lstm", "01_gates"
FLOAT32 = torch.float32


def _spec(N: int, D: int, H: int, **rest: Any) -> CaseSpec:
    return CaseSpec({"N": N, "D": D, "H": H}, **rest)


#: Every size another; D > H too; one of everything equal, where transposed and swapped weights
#: still fit; one of everything 1; single precision; and arguments of some thousands.
STEP_CASES = (
    _spec(3, 4, 5),
    _spec(2, 6, 3),
    _spec(4, 4, 4),
    _spec(1, 3, 1),
    _spec(3, 2, 5, dtype=FLOAT32),
    _spec(6, 5, 4, scale=5000.0),
)


def _step_states(sizes: Sizes, scale: float, g: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """x_t (N, D), h_prev (N, H) and c_prev (N, H), none of them zero."""
    N, D, H = sizes["N"], sizes["D"], sizes["H"]
    return scale * draw_normal(g, N, D), draw_normal(g, N, H), draw_normal(g, N, H)


# --- one gate -------------------------------------------------------------------------------


def _gate_exercise(name: str, letter: str, symbol: str) -> Exercise:
    def draw(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
        x_t, h_prev, _ = _step_states(sizes, scale, g)
        D, H = sizes["D"], sizes["H"]
        U, W = draw_normal(g, D, H), draw_normal(g, H, H)
        return {"x_t": x_t, "h_prev": h_prev, f"U_{letter}": U, f"W_{letter}": W}

    def oracle(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return _lstm.torch_gate(letter, x_t, h_prev, U, W)

    return Exercise(
        name=name,
        assignment=ASSIGNMENT,
        notebook=NOTEBOOK,
        points=2,
        arguments=("x_t", "h_prev", f"U_{letter}", f"W_{letter}"),
        outputs=(Output(symbol, ("N", "H")),),
        cases=STEP_CASES,
        draw=draw,
        oracle=oracle,
        misconceptions=_lstm_wrong_gates.gate_misconceptions(letter),
        guard=_lstm.GUARD,
    )


# --- the two states -------------------------------------------------------------------------


def _draw_cell_state(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    N, H = sizes["N"], sizes["H"]
    return {
        "f_t": draw_unit(g, N, H),
        "c_prev": scale * draw_normal(g, N, H),
        "i_t": draw_unit(g, N, H),
        "c_bar": 2 * draw_unit(g, N, H) - 1,
    }


CELL_STATE = Exercise(
    name="cell_state",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("f_t", "c_prev", "i_t", "c_bar"),
    outputs=(Output("c_t", ("N", "H")),),
    cases=STEP_CASES,
    draw=_draw_cell_state,
    oracle=_lstm_wrong_states.torch_cell_state,
    misconceptions=_lstm_wrong_states.CELL_STATE,
    guard=_lstm.GUARD,
)


def _draw_hidden_state(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    N, H = sizes["N"], sizes["H"]
    return {"o_t": draw_unit(g, N, H), "c_t": scale * draw_normal(g, N, H)}


HIDDEN_STATE = Exercise(
    name="hidden_state",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("o_t", "c_t"),
    outputs=(Output("h_t", ("N", "H")),),
    cases=STEP_CASES,
    draw=_draw_hidden_state,
    oracle=_lstm_wrong_states.torch_hidden_state,
    misconceptions=_lstm_wrong_states.HIDDEN_STATE,
    guard=_lstm.GUARD,
)

# --- the cell, and the layer ------------------------------------------------------------------


def _draw_lstm_cell(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    x_t, h_prev, c_prev = _step_states(sizes, scale, g)
    params = draw_params(sizes, g)
    return {"x_t": x_t, "h_prev": h_prev, "c_prev": c_prev, "params": params}


LSTM_CELL = Exercise(
    name="lstm_cell",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=4,
    arguments=("x_t", "h_prev", "c_prev", "params"),
    outputs=(Output("h_t", ("N", "H"), (0,)), Output("c_t", ("N", "H"), (1,))),
    cases=STEP_CASES,
    draw=_draw_lstm_cell,
    oracle=_lstm.torch_cell,
    misconceptions=_lstm_wrong_cell.CELL,
    guard=_lstm.GUARD,
)


def _sequence(T: int, N: int, D: int, H: int, **rest: Any) -> CaseSpec:
    return CaseSpec({"T": T, "N": N, "D": D, "H": H}, **rest)


def _draw_lstm_forward(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    T, N, D, H = (sizes[letter] for letter in "TNDH")
    return {
        "x": scale * draw_normal(g, T, N, D),
        "h0": draw_normal(g, N, H),
        "c0": draw_normal(g, N, H),
        "params": draw_params(sizes, g),
    }


LSTM_FORWARD = Exercise(
    name="lstm_forward",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=4,
    arguments=("x", "h0", "c0", "params"),
    outputs=(Output("h", ("T", "N", "H"), (0,)), Output("c", ("T", "N", "H"), (1,))),
    cases=(
        _sequence(5, 3, 4, 2),
        _sequence(4, 2, 3, 6),
        _sequence(3, 3, 3, 3),
        _sequence(1, 4, 3, 5),
        _sequence(6, 1, 2, 1),
        _sequence(4, 2, 5, 3, dtype=FLOAT32),
    ),
    draw=_draw_lstm_forward,
    oracle=_lstm_wrong_layer.torch_layer,
    misconceptions=_lstm_wrong_layer.LAYER,
    guard=_lstm.GUARD,
)

# --- the mapping to PyTorch's weights ---------------------------------------------------------

MAPPING_CASES = (
    _spec(1, 4, 5),
    _spec(1, 6, 3),
    _spec(1, 4, 4),
    _spec(1, 3, 1),
    _spec(1, 2, 5, dtype=FLOAT32),
)

SLIDES_TO_TORCH = Exercise(
    name="slides_to_torch",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("params",),
    outputs=(
        Output("weight_ih", ("4H", "D"), (0,), blocks=("i", "f", "g", "o")),
        Output("weight_hh", ("4H", "H"), (1,), blocks=("i", "f", "g", "o")),
    ),
    cases=MAPPING_CASES,
    draw=lambda sizes, scale, g: {"params": draw_params(sizes, g)},
    oracle=_lstm.lay_out,
    misconceptions=_lstm_wrong_layout.TO_TORCH,
    guard=_lstm.GUARD,
)


def _draw_torch_weights(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    D, H = sizes["D"], sizes["H"]
    return {"weight_ih": draw_normal(g, 4 * H, D), "weight_hh": draw_normal(g, 4 * H, H)}


TORCH_TO_SLIDES = Exercise(
    name="torch_to_slides",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=2,
    arguments=("weight_ih", "weight_hh"),
    outputs=tuple(
        Output(name, ("D" if name[0] == "U" else "H", "H"), (name,)) for name in _lstm.WEIGHTS
    ),
    cases=MAPPING_CASES,
    draw=_draw_torch_weights,
    oracle=_lstm.take_apart,
    misconceptions=_lstm_wrong_layout.TO_SLIDES,
    guard=_lstm.GUARD,
)

EXERCISES = (
    _gate_exercise("forget_gate", "f", "f_t"),
    _gate_exercise("input_gate", "i", "i_t"),
    _gate_exercise("candidate", "c", "c_bar"),
    _gate_exercise("output_gate", "o", "o_t"),
    CELL_STATE,
    HIDDEN_STATE,
    LSTM_CELL,
    LSTM_FORWARD,
    SLIDES_TO_TORCH,
    TORCH_TO_SLIDES,
)
