"""Unit 5, notebook 03_variants: fused, GRU, peepholes, coupled; deeper, both ways, packed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output, Sizes
from autograder.checking.values import Inputs, Value
from autograder.exercises import (
    _lstm,
    _variants,
    _variants_wrong_cells,
    _variants_wrong_fused,
    _variants_wrong_gru,
    _variants_wrong_layers,
    _variants_wrong_packed,
)

ASSIGNMENT, NOTEBOOK = "05_lstm", "03_variants"
FLOAT32 = torch.float32
STATES = (Output("h_t", ("N", "H"), (0,)), Output("c_t", ("N", "H"), (1,)))


def _exercise(
    name: str,
    points: float,
    arguments: tuple[str, ...],
    outputs: tuple[Output, ...],
    cases: tuple[CaseSpec, ...],
    draw: Callable[[Sizes, float, torch.Generator], Inputs],
    oracle: Callable[..., Value],
    misconceptions: tuple[Misconception, ...],
) -> Exercise:
    return Exercise(
        name=name,
        assignment=ASSIGNMENT,
        notebook=NOTEBOOK,
        points=points,
        arguments=arguments,
        outputs=outputs,
        cases=cases,
        draw=draw,
        oracle=oracle,
        misconceptions=misconceptions,
        guard=_variants.GUARD,
    )


def _step(N: int, D: int, H: int, **rest: Any) -> CaseSpec:
    return CaseSpec({"N": N, "D": D, "H": H}, **rest)


#: Every size another; D > H too; all equal, where transposed and swapped weights still fit; all 1
#: but D; single precision; and inputs of some thousands.
STEPS = (
    _step(3, 4, 5),
    _step(2, 6, 3),
    _step(4, 4, 4),
    _step(1, 3, 1),
    _step(3, 2, 5, dtype=FLOAT32),
    _step(6, 5, 4, scale=5000.0),
)

LSTM_CELL_FUSED = _exercise(
    "lstm_cell_fused",
    3,
    ("x_t", "h_prev", "c_prev", "V", "b"),
    STATES,
    STEPS,
    _variants.draw_fused,
    _variants.torch_fused,
    _variants_wrong_fused.FUSED,
)

INIT_FORGET_BIAS = _exercise(
    "init_forget_bias",
    2,
    ("params", "value"),
    (
        Output("b_f", ("H",), ("b_f",), weight=8),
        *(Output(f"b_{g}", ("H",), (f"b_{g}",), weight=4) for g in "ico"),
        *(
            Output(name, ("D" if name[0] == "U" else "H", "H"), (name,), weight=0.5)
            for name in _lstm.WEIGHTS
        ),
    ),
    (_step(1, 4, 5), _step(1, 6, 3, scale=-1.0), _step(1, 4, 4), _step(1, 3, 1),
     _step(1, 2, 5, dtype=FLOAT32)),
    _variants.draw_biases,
    _variants.torch_biases,
    _variants_wrong_fused.BIASES,
)  # fmt: skip

GRU_CELL = _exercise(
    "gru_cell",
    4,
    ("x_t", "h_prev", "params"),
    (Output("h_t", ("N", "H")),),
    STEPS,
    _variants.draw_gru,
    _variants.torch_gru,
    _variants_wrong_gru.GRU,
)

PEEPHOLE_LSTM_CELL = _exercise(
    "peephole_lstm_cell",
    3,
    ("x_t", "h_prev", "c_prev", "params"),
    STATES,
    STEPS,
    _variants.draw_peephole,
    _variants.torch_peephole,
    _variants_wrong_cells.PEEPHOLE,
)

COUPLED_LSTM_CELL = _exercise(
    "coupled_lstm_cell",
    3,
    ("x_t", "h_prev", "c_prev", "params"),
    STATES,
    STEPS,
    _variants.draw_coupled,
    _variants.torch_coupled,
    _variants_wrong_cells.COUPLED,
)


def _sequence(T: int, N: int, D: int, H: int, L: int = 0, **rest: Any) -> CaseSpec:
    sizes = {"T": T, "N": N, "D": D, "H": H} | ({"L": L} if L else {})
    return CaseSpec(sizes, **rest)


STACKED_LSTM = _exercise(
    "stacked_lstm",
    4,
    ("x", "h0", "c0", "layers"),
    (
        Output("h", ("T", "N", "H"), (0,), weight=2),
        Output("h_last", ("layer", "N", "H"), (1,)),
        Output("c_last", ("layer", "N", "H"), (2,)),
    ),
    (
        _sequence(6, 4, 3, 5, 2),
        _sequence(4, 2, 5, 3, 3),
        _sequence(4, 4, 4, 4, 2),
        _sequence(1, 2, 3, 4, 3),
        _sequence(5, 1, 2, 1, 2),
        _sequence(4, 3, 2, 5, 1),
        _sequence(4, 3, 5, 2, 2, dtype=FLOAT32),
    ),
    _variants.draw_stacked,
    _variants.torch_stacked,
    _variants_wrong_layers.STACKED,
)

BIDIRECTIONAL_LSTM = _exercise(
    "bidirectional_lstm",
    4,
    ("x", "h0", "c0", "forward", "backward"),
    (Output("h", ("T", "N", "2H")),),
    (
        _sequence(5, 3, 4, 2),
        _sequence(4, 2, 3, 6),
        _sequence(4, 4, 4, 4),
        _sequence(1, 4, 3, 5),
        _sequence(6, 1, 2, 1),
        _sequence(4, 2, 5, 3, dtype=FLOAT32),
    ),
    _variants.draw_bidirectional,
    _variants.torch_bidirectional,
    _variants_wrong_layers.BIDIRECTIONAL,
)

PACKED_LSTM = _exercise(
    "packed_lstm",
    4,
    ("x", "lengths", "params"),
    (
        Output("h", ("T", "N", "H"), (0,), weight=2),
        Output("h_last", ("N", "H"), (1,)),
        Output("c_last", ("N", "H"), (2,)),
    ),
    (
        _sequence(6, 4, 3, 5),
        _sequence(5, 3, 4, 2),
        _sequence(4, 4, 4, 4),
        _sequence(1, 2, 3, 4),
        _sequence(5, 1, 2, 1),
        _sequence(4, 3, 5, 2, dtype=FLOAT32),
        CaseSpec({"T": 7, "N": 3, "D": 4, "H": 5, "short": 2}),
    ),
    _variants.draw_packed,
    _variants.torch_packed,
    _variants_wrong_packed.PACKED,
)

EXERCISES = (
    LSTM_CELL_FUSED,
    INIT_FORGET_BIAS,
    GRU_CELL,
    PEEPHOLE_LSTM_CELL,
    COUPLED_LSTM_CELL,
    STACKED_LSTM,
    BIDIRECTIONAL_LSTM,
    PACKED_LSTM,
)
