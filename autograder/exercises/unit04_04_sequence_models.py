"""Unit 4, notebook 04_sequence_models: stacking, two directions, drawing, searching, perplexity."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.compare import UnreadableError
from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output, Sizes
from autograder.checking.values import Inputs, Value, follow
from autograder.exercises import (
    _sequence,
    _sequence_sampling,
    _sequence_search,
    _sequence_search_wrong,
    _sequence_wrong_layers,
)
from autograder.exercises._rnn import words
from autograder.exercises._sequence import sequence
from autograder.exercises._sequence_search import greedy_spec

ASSIGNMENT, NOTEBOOK = "04_rnn", "04_sequence_models"
FLOAT32 = torch.float32

#: Every size another; D < H; everything equal, where every layer could read x; one step; one row
#: and one unit; one layer; single precision.
STACKED_RNN = Exercise(
    name="stacked_rnn",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("x", "h0", "layers"),
    outputs=(
        Output("h", ("T", "N", "H"), (0,), weight=2.0),
        Output("h_last", ("L", "N", "H"), (1,), place=words("layer", "batch row", "unit")),
    ),
    cases=(
        sequence(6, 4, 5, 3, 2),
        sequence(4, 2, 3, 6, 3),
        sequence(5, 3, 3, 3, 3),
        sequence(1, 3, 2, 4, 2),
        sequence(4, 1, 2, 1, 3),
        sequence(5, 2, 4, 3, 1),
        sequence(4, 3, 2, 5, 2, dtype=FLOAT32),
    ),
    draw=_sequence.draw_stacked,
    oracle=_sequence.torch_stacked,
    misconceptions=_sequence_wrong_layers.STACKED,
    guard=_sequence.GUARD,
)

BIDIRECTIONAL_RNN = Exercise(
    name="bidirectional_rnn",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("x", "h0", "forward", "backward"),
    outputs=(Output("h", ("T", "N", "2H")),),
    cases=(
        sequence(5, 3, 4, 2),
        sequence(4, 2, 3, 6),
        sequence(4, 4, 4, 4),
        sequence(1, 3, 2, 4),
        sequence(6, 1, 2, 1),
        sequence(4, 3, 5, 2, dtype=FLOAT32),
    ),
    draw=_sequence.draw_bidirectional,
    oracle=_sequence.torch_bidirectional,
    misconceptions=_sequence_wrong_layers.BIDIRECTIONAL,
    guard=_sequence.GUARD,
)

SAMPLE = Exercise(
    name="sample",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=4,
    arguments=("logits", "temperature", "top_k", "generator"),
    outputs=(),
    cases=_sequence_sampling.CASES,
    draw=_sequence_sampling.draw,
    oracle=_sequence_sampling.torch_sample,
    misconceptions=(),
    properties=_sequence_sampling.PROPERTIES,
    guard=_sequence.GUARD,
    driver="again",
)


def _ids(inputs: Inputs, value: Value) -> Tensor:
    return _sequence_search.read_ids(value)


def _ids_of_pair(inputs: Inputs, value: Value) -> Tensor:
    ids = follow(value, (0,))
    if _is_number(ids) and not _is_number(follow(value, (1,))):
        says = "You return (score, ids); the order is (ids, score)."
        raise UnreadableError("outputs_swapped", says)
    return _sequence_search.read_ids(ids)


def _is_number(value: Value) -> bool:
    return value.dim() == 0 if isinstance(value, Tensor) else isinstance(value, int | float)


#: In order: an end in the middle; cut by max_len; an end at once; an end at the last step allowed;
#: one step only; single precision.
GREEDY_DECODE = Exercise(
    name="greedy_decode",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=2,
    arguments=("log_probs", "start", "end", "max_len"),
    outputs=(Output("ids", ("S",), view=_ids),),
    cases=(
        greedy_spec(7, 6, 3),
        greedy_spec(6, 5),
        greedy_spec(5, 4, 1),
        greedy_spec(8, 4, 4),
        greedy_spec(3, 1),
        greedy_spec(9, 7, 5, dtype=FLOAT32),
        greedy_spec(5, 6, dtype=FLOAT32),
    ),
    draw=_sequence_search.draw_greedy,
    oracle=_sequence_search_wrong.greedy,
    misconceptions=_sequence_search_wrong.GREEDY,
    guard=_sequence.GUARD,
    reference="the reference",
)

BEAM_SEARCH = Exercise(
    name="beam_search",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=4,
    arguments=("log_probs", "start", "end", "max_len", "width"),
    outputs=(
        Output("ids", ("S",), (0,), weight=3.0, view=_ids_of_pair),
        Output("score", (), (1,), number=True),
    ),
    cases=(
        *(CaseSpec({"V": V, "max_len": m, "width": w}) for V, m, w in _sequence_search.SHOWN),
        CaseSpec({"V": 5, "max_len": 4, "width": 1}),
        CaseSpec({"V": 4, "max_len": 1, "width": 3}),
        CaseSpec({"V": 3, "max_len": 4, "width": 200}),
        CaseSpec({"V": 6, "max_len": 4, "width": 4}, FLOAT32),
    ),
    draw=_sequence_search.draw_search,
    oracle=_sequence_search_wrong.searched,
    misconceptions=_sequence_search_wrong.BEAM,
    guard=_sequence.GUARD,
    reference="the reference",
)

# --- perplexity -----------------------------------------------------------------------------------


def _draw_loss(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A mean cross-entropy over N rows of V classes: a tensor, or a float where N is 1."""
    N, V = sizes["N"], sizes["V"]
    logits = scale * _sequence.draw_normal(g, N, V)
    loss = functional.cross_entropy(logits, torch.randint(V, (N,), generator=g))
    return {"loss": float(loss) if N == 1 else loss}


def _torch_perplexity(loss: float | Tensor) -> Tensor:
    kept = loss if isinstance(loss, Tensor) else torch.tensor(loss, dtype=torch.float64)
    return kept.exp()


def _of_number(name: str, says: str, look: str, change: object) -> Misconception:
    def answer(loss: float | Tensor) -> Tensor:
        kept = loss if isinstance(loss, Tensor) else torch.tensor(loss, dtype=torch.float64)
        value: Tensor = change(kept)  # type: ignore[operator]
        return value

    return Misconception(name, says, look, answer)


def _tensors_only(loss: float | Tensor) -> Tensor:
    return torch.exp(loss)  # type: ignore[arg-type]


_NATS = "The loss is a mean of natural logarithms: what undoes ln?"
PERPLEXITY = Exercise(
    name="perplexity",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=1,
    arguments=("loss",),
    outputs=(Output("perplexity", (), number=True),),
    cases=(
        CaseSpec({"N": 5, "V": 7}),
        CaseSpec({"N": 1, "V": 4}),
        CaseSpec({"N": 6, "V": 3}, scale=0.1),
        CaseSpec({"N": 1, "V": 9}, scale=3.0),
        CaseSpec({"N": 4, "V": 6}, FLOAT32),
    ),
    draw=_draw_loss,
    oracle=_torch_perplexity,
    misconceptions=(
        _of_number("power_of_two", "2 is raised to the loss.",
                   f"{_NATS} Powers of 2 belong to bits.", torch.exp2),
        _of_number("inverted", "This is 1 / perplexity: the mean probability.",
                   "The sign: a larger loss is a larger perplexity.", lambda loss: (-loss).exp()),
        _of_number("loss_itself", "This is the loss itself.",
                   "Perplexity is a number of equally likely choices, 1 at the least.",
                   lambda loss: loss.clone()),
        _of_number("logarithm", "The logarithm of the loss is taken.", _NATS, torch.log),
        _of_number("bits", "This is the loss in bits, loss / ln 2.",
                   "Perplexity counts choices, not bits.", lambda loss: loss * math.log2(math.e)),
        _of_number("exponential_of_bits", "The loss is changed into bits, and e raised to that.",
                   "Either e to the nats, or 2 to the bits.",
                   lambda loss: (loss * math.log2(math.e)).exp()),
        _of_number("power_of_ten", "10 is raised to the loss.", _NATS,
                   lambda loss: torch.pow(10.0, loss)),
        _of_number("one_subtracted", "The perplexity is one too small.",
                   "A loss of 0 is one choice.", torch.expm1),
        _of_number("negated", "The perplexity is negative.", "A number of choices is not.",
                   lambda loss: -loss.exp()),
        _of_number("squared", "The loss is squared.", _NATS, lambda loss: loss**2),
        _of_number("rounded", "The perplexity is rounded.", "2.7 choices are 2.7 choices.",
                   lambda loss: loss.exp().round()),
        Misconception(
            "tensors_only", "Your answer takes tensors only; a loss may be a plain float, too.",
            "`math.exp` takes both.", _tensors_only,
        ),
        _of_number("through_a_softmax", "This is 1, whatever the loss.",
                   "A softmax of one number is always 1: only the exponential is needed.",
                   lambda loss: torch.ones_like(loss)),
    ),
    guard=_sequence.GUARD,
)  # fmt: skip

EXERCISES = (
    STACKED_RNN, BIDIRECTIONAL_RNN, SAMPLE, GREEDY_DECODE, BEAM_SEARCH, PERPLEXITY,
)  # fmt: skip
