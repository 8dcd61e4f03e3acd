"""Unit 5, notebook 01_gates: the six equations of the slides, the cell, the layer, the mapping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import (
    CaseSpec,
    Exercise,
    Inputs,
    Misconception,
    Output,
    Sizes,
)
from autograder.exercises import _lstm, _lstm_layout_wrong, _lstm_wrong
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
        misconceptions=_lstm_wrong.gate_misconceptions(letter),
        guard=_lstm.GUARD,
    )


# --- the two states -------------------------------------------------------------------------


def _wrong(name: str, says: str, look: str, answer: Callable[..., Any]) -> Misconception:
    return Misconception(name, says, look, answer)


def _draw_cell_state(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    N, H = sizes["N"], sizes["H"]
    return {
        "f_t": draw_unit(g, N, H),
        "c_prev": scale * draw_normal(g, N, H),
        "i_t": draw_unit(g, N, H),
        "c_bar": 2 * draw_unit(g, N, H) - 1,
    }


def _torch_cell_state(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    return _lstm.torch_states(i_t, f_t, c_prev, i_t, c_bar)[1]


_CONVEYOR = "C_t = f_t * C_{t-1} + I_t * C̄_t: four tensors of shape (N, H), element by element."

CELL_STATE = Exercise(
    name="cell_state",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("f_t", "c_prev", "i_t", "c_bar"),
    outputs=(Output("c_t", ("N", "H")),),
    cases=STEP_CASES,
    draw=_draw_cell_state,
    oracle=_torch_cell_state,
    misconceptions=tuple(
        _wrong(name, says, _CONVEYOR, answer)
        for name, says, answer in (
            (
                "input_forget_swapped",
                "The forget gate and the input gate have changed places.",
                lambda f_t, c_prev, i_t, c_bar: _torch_cell_state(i_t, c_prev, f_t, c_bar),
            ),
            (
                "carry_missing",
                "The old cell state does not reach the new one: f_t * C_{t-1} is missing.",
                lambda f_t, c_prev, i_t, c_bar: torch.mul(i_t, c_bar),
            ),
            (
                "new_content_missing",
                "Nothing new enters the cell: I_t * C̄_t is missing.",
                lambda f_t, c_prev, i_t, c_bar: torch.mul(f_t, c_prev),
            ),
            (
                "forget_gate_unused",
                "The old cell state is kept whole: f_t is not used.",
                lambda f_t, c_prev, i_t, c_bar: torch.addcmul(c_prev, i_t, c_bar),
            ),
            (
                "input_gate_unused",
                "The candidate enters the cell whole: i_t is not used.",
                lambda f_t, c_prev, i_t, c_bar: torch.addcmul(c_bar, f_t, c_prev),
            ),
            (
                "input_gate_coupled",
                "The candidate is let in by 1 - f_t; here the input gate i_t does that.",
                lambda f_t, c_prev, i_t, c_bar: torch.lerp(c_bar, c_prev, f_t),
            ),
            (
                "forget_gate_complemented",
                "The old cell state is kept by 1 - f_t; f_t itself says how much to keep.",
                lambda f_t, c_prev, i_t, c_bar: _torch_cell_state(1 - f_t, c_prev, i_t, c_bar),
            ),
            (
                "tanh_stored_in_cell",
                "You return tanh(C_t); the cell state itself carries no tanh.",
                lambda *inputs: _torch_cell_state(*inputs).tanh(),
            ),
            (
                "tanh_on_candidate_again",
                "tanh was applied to c_bar again; the candidate has been through it already.",
                lambda f_t, c_prev, i_t, c_bar: _torch_cell_state(f_t, c_prev, i_t, c_bar.tanh()),
            ),
            (
                "sigmoid_on_gates_again",
                "A sigmoid was applied to f_t and i_t again; they have been through it already.",
                lambda f_t, c_prev, i_t, c_bar: _torch_cell_state(
                    f_t.sigmoid(), c_prev, i_t.sigmoid(), c_bar
                ),
            ),
            (
                "terms_subtracted",
                "The new content is subtracted; it should be added.",
                lambda f_t, c_prev, i_t, c_bar: _torch_cell_state(f_t, c_prev, i_t, -c_bar),
            ),
            (
                "terms_multiplied",
                "The two products are multiplied; they should be added.",
                lambda f_t, c_prev, i_t, c_bar: f_t.mul(c_prev).mul(i_t).mul(c_bar),
            ),
            (
                "matrix_product_for_elementwise",
                "You used the matrix product; this star is element by element: `*` in PyTorch.",
                lambda f_t, c_prev, i_t, c_bar: f_t.mm(c_prev).add(i_t.mm(c_bar)),
            ),
        )
    ),
    guard=_lstm.GUARD,
)


def _draw_hidden_state(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    N, H = sizes["N"], sizes["H"]
    return {"o_t": draw_unit(g, N, H), "c_t": scale * draw_normal(g, N, H)}


def _torch_hidden_state(o_t: Tensor, c_t: Tensor) -> Tensor:
    """PyTorch's cell keeps c_t as it is (forget gate open, candidate 0) and reads it through o."""
    opened = torch.ones_like(o_t)
    return _lstm.torch_states(o_t, opened, c_t, opened, torch.zeros_like(c_t))[0]


_READ = "H_t = O_t * tanh(C_t), element by element."

HIDDEN_STATE = Exercise(
    name="hidden_state",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("o_t", "c_t"),
    outputs=(Output("h_t", ("N", "H")),),
    cases=STEP_CASES,
    draw=_draw_hidden_state,
    oracle=_torch_hidden_state,
    misconceptions=tuple(
        _wrong(name, says, _READ, answer)
        for name, says, answer in (
            (
                "no_tanh_on_cell",
                "The tanh on C_t is missing.",
                lambda o_t, c_t: torch.mul(o_t, c_t),
            ),
            (
                "sigmoid_on_cell",
                "C_t goes through a sigmoid; it should go through tanh.",
                lambda o_t, c_t: torch.mul(o_t, c_t.sigmoid()),
            ),
            (
                "tanh_over_the_product",
                "The tanh covers the whole product; it belongs on C_t alone.",
                lambda o_t, c_t: torch.mul(o_t, c_t).tanh(),
            ),
            (
                "tanh_on_output_gate",
                "The tanh is on o_t; it belongs on C_t.",
                lambda o_t, c_t: torch.mul(o_t.tanh(), c_t),
            ),
            (
                "tanh_on_both",
                "o_t goes through tanh too; it has been through its sigmoid already.",
                lambda o_t, c_t: torch.mul(o_t.tanh(), c_t.tanh()),
            ),
            (
                "sigmoid_on_output_gate_again",
                "A sigmoid was applied to o_t again; it has been through it already.",
                lambda o_t, c_t: _torch_hidden_state(o_t.sigmoid(), c_t),
            ),
            (
                "output_gate_unused",
                "This is tanh(C_t): the output gate is not used.",
                lambda o_t, c_t: c_t.tanh(),
            ),
            (
                "output_gate_complemented",
                "C_t is read through 1 - o_t; o_t itself says how much is shown.",
                lambda o_t, c_t: _torch_hidden_state(1 - o_t, c_t),
            ),
            (
                "gate_added",
                "o_t is added to tanh(C_t); it should multiply it.",
                lambda o_t, c_t: o_t.add(c_t.tanh()),
            ),
            (
                "matrix_product_for_elementwise",
                "You used the matrix product; this star is element by element: `*` in PyTorch.",
                lambda o_t, c_t: o_t.mm(c_t.tanh()),
            ),
        )
    ),
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
    misconceptions=_lstm_wrong.CELL,
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
    oracle=_lstm_wrong.torch_layer,
    misconceptions=_lstm_wrong.LAYER,
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
    outputs=(Output("weight_ih", ("4H", "D"), (0,)), Output("weight_hh", ("4H", "H"), (1,))),
    cases=MAPPING_CASES,
    draw=lambda sizes, scale, g: {"params": draw_params(sizes, g)},
    oracle=_lstm.lay_out,
    misconceptions=_lstm_layout_wrong.TO_TORCH,
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
    misconceptions=_lstm_layout_wrong.TO_SLIDES,
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
