"""Unit 5, notebook 02_lstm_backward: back through the states, a gate, the cell, and time."""

from __future__ import annotations

from typing import Any

import torch

from autograder.checking.exercise import CaseSpec, Exercise, Output
from autograder.exercises import (
    _lstm_backward,
    _lstm_backward_wrong_cell,
    _lstm_backward_wrong_gate,
    _lstm_backward_wrong_states,
    _lstm_backward_wrong_time,
)
from autograder.exercises._lstm import WEIGHTS

ASSIGNMENT, NOTEBOOK = "05_lstm", "02_lstm_backward"
FLOAT32 = torch.float32


def _spec(N: int, D: int, H: int, **rest: Any) -> CaseSpec:
    return CaseSpec({"N": N, "D": D, "H": H}, **rest)


#: Every size another; D > H too; everything equal, where transposed and exchanged gradients still
#: fit; one row, one unit; single precision.
STEP_CASES = (
    _spec(3, 4, 5),
    _spec(2, 5, 3),
    _spec(3, 3, 3),
    _spec(1, 3, 1),
    _spec(3, 2, 4, dtype=FLOAT32),
)


def _shared(name: str, points: float) -> dict[str, Any]:
    return {
        "name": name,
        "assignment": ASSIGNMENT,
        "notebook": NOTEBOOK,
        "points": points,
        "guard": _lstm_backward.GUARD,
        "tolerances": _lstm_backward.TOLERANCES,
    }


# --- the two states -------------------------------------------------------------------------------

HIDDEN_STATE_BACKWARD = Exercise(
    **_shared("hidden_state_backward", 3),
    arguments=("dh_t", "o_t", "c_t"),
    outputs=(Output("do_t", ("N", "H"), (0,)), Output("dc_t", ("N", "H"), (1,), weight=2)),
    cases=STEP_CASES,
    draw=_lstm_backward.draw_hidden_state,
    oracle=_lstm_backward.torch_hidden_backward,
    misconceptions=_lstm_backward_wrong_states.HIDDEN,
)

CELL_STATE_BACKWARD = Exercise(
    **_shared("cell_state_backward", 4),
    arguments=("dc_t", "f_t", "c_prev", "i_t", "c_bar"),
    outputs=tuple(
        Output(name, ("N", "H"), (place,))
        for place, name in enumerate(("df_t", "dc_prev", "di_t", "dc_bar"))
    ),
    cases=STEP_CASES,
    draw=_lstm_backward.draw_cell_state,
    oracle=_lstm_backward.torch_cell_state_backward,
    misconceptions=_lstm_backward_wrong_states.CELL_STATE,
)

# --- one layer ------------------------------------------------------------------------------------


def _layer_exercise(name: str, points: float, letter: str, *arguments: str) -> Exercise:
    """Back through one gate (any of the three: their formula is the same) or the candidate."""
    U, W = arguments[-2:]
    return Exercise(
        **_shared(name, points),
        arguments=arguments,
        outputs=(
            Output("dx_t", ("N", "D"), (0,)),
            Output("dh_prev", ("N", "H"), (1,)),
            Output(f"d{U}", ("D", "H"), (2,)),
            Output(f"d{W}", ("H", "H"), (3,)),
        ),
        cases=STEP_CASES,
        draw=_lstm_backward.draw_gate(letter, *arguments),
        oracle=_lstm_backward.torch_gate_backward(letter),
        misconceptions=_lstm_backward_wrong_gate.gate_misconceptions(letter),
    )


GATE_BACKWARD = _layer_exercise(
    "gate_backward", 4, "f", "d_gate", "gate", "x_t", "h_prev", "U", "W"
)
CANDIDATE_BACKWARD = _layer_exercise(
    "candidate_backward", 2, "c", "dc_bar", "c_bar", "x_t", "h_prev", "U_c", "W_c"
)

# --- the whole step, and time ---------------------------------------------------------------------


def _every_weight(place: int) -> tuple[Output, ...]:
    """The eight weights' gradients, each with credit of its own."""
    return tuple(
        Output(f"d{name}", ("D" if name[0] == "U" else "H", "H"), (place, name), weight=0.5)
        for name in WEIGHTS
    )


LSTM_CELL_BACKWARD = Exercise(
    **_shared("lstm_cell_backward", 7),
    arguments=("dh_t", "dc_t", "x_t", "h_prev", "c_prev", "params"),
    outputs=(
        Output("dx_t", ("N", "D"), (0,)),
        Output("dh_prev", ("N", "H"), (1,)),
        Output("dc_prev", ("N", "H"), (2,)),
        *_every_weight(3),
    ),
    cases=STEP_CASES,
    draw=_lstm_backward.draw_cell,
    oracle=_lstm_backward.torch_cell_backward,
    misconceptions=_lstm_backward_wrong_cell.CELL,
)


def _sequence(T: int, N: int, D: int, H: int, **rest: Any) -> CaseSpec:
    return CaseSpec({"T": T, "N": N, "D": D, "H": H}, **rest)


LSTM_BACKWARD = Exercise(
    **_shared("lstm_backward", 7),
    arguments=("dh", "x", "h0", "c0", "params"),
    outputs=(
        Output("dx", ("T", "N", "D"), (0,)),
        Output("dh0", ("N", "H"), (1,)),
        Output("dc0", ("N", "H"), (2,)),
        *_every_weight(3),
    ),
    # One step first: what is wrong there is wrong inside the cell, and is soon found.
    cases=(
        _sequence(1, 3, 2, 4),
        _sequence(5, 2, 4, 3),
        _sequence(4, 3, 2, 5),
        _sequence(3, 3, 3, 3),
        _sequence(6, 1, 2, 1),
        _sequence(4, 2, 3, 5, dtype=FLOAT32),
    ),
    draw=_lstm_backward.draw_sequence,
    oracle=_lstm_backward.torch_layer_backward,
    misconceptions=_lstm_backward_wrong_time.TIME,
)

EXERCISES = (
    HIDDEN_STATE_BACKWARD,
    CELL_STATE_BACKWARD,
    GATE_BACKWARD,
    CANDIDATE_BACKWARD,
    LSTM_CELL_BACKWARD,
    LSTM_BACKWARD,
)
