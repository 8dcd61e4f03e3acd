"""Unit 5, notebook 04_language_model: a text in lanes, a loss, bits, writing, and open gates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output, Sizes
from autograder.checking.values import Inputs, Value
from autograder.exercises import (
    _language_model_gates,
    _language_model_generating,
    _language_model_loss,
    _language_model_streams,
    _language_model_training,
    _lstm,
)
from autograder.exercises._language_model_streams import joined

FLOAT32 = torch.float32


def _exercise(
    name: str,
    points: float,
    arguments: str,
    outputs: tuple[Output, ...],
    cases: tuple[CaseSpec, ...],
    draw: Callable[[Sizes, float, torch.Generator], Inputs],
    oracle: Callable[..., Value],
    misconceptions: tuple[Misconception, ...] = (),
    **rest: Any,
) -> Exercise:
    rest.setdefault("guard", _lstm.GUARD)
    return Exercise(
        name=name,
        assignment="05_lstm",
        notebook="04_language_model",
        points=points,
        arguments=tuple(arguments.split()),
        outputs=outputs,
        cases=cases,
        draw=draw,
        oracle=oracle,
        misconceptions=misconceptions,
        **rest,
    )


EXERCISES = (
    _exercise(
        "encode",
        2,
        "text vocab",
        (
            Output("ids", ("L",), weight=3.0, view=_language_model_streams.known_ids,
                   cases=_language_model_streams.KNOWN_CASES),
            Output("unknown characters", (), view=_language_model_streams.refused,
                   cases=_language_model_streams.UNKNOWN_CASES),
        ),
        _language_model_streams.ENCODE_CASES,
        _language_model_streams.draw_text,
        _language_model_streams.torch_encode,
        _language_model_streams.ENCODE,
        driver="keyed",
    ),
    _exercise(
        "stream_batches",
        3,
        "ids batch_size steps",
        (
            Output("x", ("T", "N"), weight=1.5, view=joined(0)),
            Output("y", ("T", "N"), weight=1.5, view=joined(1)),
            Output("steps of each window", ("window",), view=_language_model_streams.lengths),
        ),
        _language_model_streams.STREAM_CASES,
        _language_model_streams.draw_stream,
        _language_model_streams.torch_stream,
        _language_model_streams.STREAM,
        driver="collect",
    ),
    _exercise(
        "lstm_lm_loss",
        4,
        "x y state model",
        (
            Output("loss", (), number=True, view=_language_model_loss.part(0)),
            Output("h", ("N", "H"), view=_language_model_loss.part(1, 0)),
            Output("c", ("N", "H"), view=_language_model_loss.part(1, 1)),
            Output("gradients", ("P",), view=_language_model_loss.gradients,
                   place=_language_model_loss.weight_at),
        ),
        _language_model_loss.CASES,
        _language_model_loss.draw,
        _language_model_loss.oracle,
        _language_model_loss.LOSS,
        driver="learn",
    ),
    _exercise(
        "bits_per_character",
        1,
        "loss",
        (Output("bits", (), number=True),),
        (
            CaseSpec({"N": 5, "V": 7}),
            CaseSpec({"N": 1, "V": 4}),
            CaseSpec({"N": 6, "V": 3}, scale=0.1),
            CaseSpec({"N": 1, "V": 9}, scale=3.0),
            CaseSpec({"N": 4, "V": 6}, FLOAT32),
        ),
        _language_model_loss.draw_loss,
        _language_model_loss.torch_bits,
        _language_model_loss.BITS,
    ),
    _exercise(
        "generate",
        2,
        "start length model temperature generator",
        (),
        _language_model_generating.CASES,
        _language_model_generating.draw,
        _language_model_generating.torch_generate,
        properties=_language_model_generating.PROPERTIES,
    ),
    _exercise(
        "capture_gates",
        2,
        "ids model",
        tuple(Output(name, ("T", "H"), (name,)) for name in _language_model_gates.NAMES),
        _language_model_gates.CASES,
        _language_model_gates.draw,
        _language_model_gates.torch_gates,
        _language_model_gates.CAPTURE,
    ),
    _exercise(
        "train_language_model",
        3,
        "ids n_symbols updates seed",
        (),
        (
            CaseSpec(
                {"L": _language_model_training.LENGTH, "V": _language_model_training.LETTERS + 1},
                FLOAT32,
                title=f"a call with {_language_model_training.LENGTH:,} characters, then three of "
                f"{_language_model_training.FEW} updates",
            ),
        ),
        _language_model_training.draw,
        _language_model_training.torch_trained,
        properties=_language_model_training.PROPERTIES,
        guard=_language_model_training.GUARD,
        driver="train_model",
        seconds=10.0,
        on_cpu=True,  # the first weights, which are given, are made there
        drawn=("ids", "n_symbols", "updates", "seed", "few"),
        repeats=False,
    ),
)  # fmt: skip
