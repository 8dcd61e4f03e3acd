"""Unit 4, notebook 03_architectures: tokens, masks and lengths, and the five architectures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from autograder.checking.exercise import (
    TOLERANCES,
    CaseSpec,
    Exercise,
    Misconception,
    Output,
    Sizes,
    Tolerance,
)
from autograder.checking.guard import Guard
from autograder.checking.values import Inputs
from autograder.exercises import (
    _architectures,
    _architectures_nets,
    _architectures_wrong_loss,
    _architectures_wrong_nets,
    _architectures_wrong_tokens,
    _architectures_wrong_translation,
)
from autograder.exercises._architectures import spec
from autograder.exercises._rnn import words

ASSIGNMENT, NOTEBOOK = "04_rnn", "03_architectures"
FLOAT32 = torch.float32


def _exercise(name: str, points: float, arguments: str, outputs: tuple[Output, ...],
              cases: tuple[CaseSpec, ...],
              draw: Callable[[Sizes, float, torch.Generator], Inputs], oracle: Callable[..., Any],
              misconceptions: tuple[Misconception, ...],
              guard: Guard = _architectures.GUARD,
              tolerances: Mapping[torch.dtype, Tolerance] = TOLERANCES) -> Exercise:  # fmt: skip
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
        tolerances=tolerances,
    )


#: Ids of two axes, of one, of three, of none; a table wider than long, and one of one column.
LOOKUP_CASES = (
    spec("T N V D", (4, 3, 7, 5)),
    spec("T N V D", (5, 2, 4, 6), FLOAT32),
    spec("N V D", (6, 4, 5), spare=1),
    spec("K T N V D", (2, 5, 3, 6, 4)),
    spec("V D", (5, 3)),
    spec("T N V D", (1, 4, 5, 2)),
    spec("T N V D", (6, 1, 3, 1)),
    spec("T N V D", (4, 4, 4, 4), spare=1),
)
#: The last ones: nothing counts; everything does; logits a thousand apart; all above a thousand;
#: some -inf; padding that holds infinities.
LOSS_CASES = (
    spec("T N C", (4, 3, 5)),
    spec("T N C", (5, 2, 6), FLOAT32),
    spec("T N C", (6, 4, 3), short=2),
    spec("T N C", (5, 3, 4), holes=1),
    spec("T N C", (1, 3, 4)),
    spec("T N C", (4, 1, 2), short=1),
    spec("T N C", (3, 2, 4), none=1),
    spec("T N C", (2, 3, 4), all=1),
    spec("T N C", (4, 3, 5), scale=1000.0),
    spec("T N C", (3, 2, 5), lifted=1),
    spec("T N C", (4, 3, 6), ruled_out=1),
    spec("T N C", (5, 3, 4), wild=1),
)
#: PyTorch makes float32 of `1 / count`, a whole number's reciprocal: no mistake, though 6e-8 off.
LOSS_TOLERANCES = {**TOLERANCES, torch.float64: Tolerance(rtol=1e-6, atol=1e-7)}
LAST_CASES = (
    spec("T N H", (5, 4, 3)),
    spec("T N H", (7, 3, 4), short=2, least=2),
    spec("T N H", (4, 4, 4)),
    spec("T N H", (1, 3, 2)),
    spec("T N H", (5, 1, 2), short=2),
    spec("T N H", (4, 3, 1)),
    spec("T N H", (6, 3, 5), FLOAT32),
)
VECTOR_CASES = (
    spec("N D H O", (3, 4, 5, 2)),
    spec("N D H O", (2, 6, 3, 4)),
    spec("N D H O", (3, 3, 3, 3)),
    spec("N D H O", (1, 3, 2, 4)),
    spec("N D H O", (4, 2, 1, 3)),
    spec("N D H O", (5, 2, 4, 3), FLOAT32),
)
WRITING_CASES = (
    spec("N D H O steps", (3, 4, 6, 2, 5)),
    spec("N D H O steps", (2, 5, 3, 5, 4)),
    spec("N D H O steps", (3, 3, 3, 3, 3)),
    spec("N D H O steps", (1, 3, 2, 4, 4)),
    spec("N D H O steps", (4, 2, 1, 3, 3)),
    spec("N D H O steps", (2, 4, 3, 5, 1)),
    spec("N D H O steps", (4, 2, 5, 3, 6), FLOAT32),
)
READING_CASES = (
    spec("T N D H O", (5, 3, 4, 6, 2)),
    spec("T N D H O", (4, 2, 5, 3, 6)),
    spec("T N D H O", (3, 3, 3, 3, 3)),
    spec("T N D H O", (1, 4, 3, 5, 2)),
    spec("T N D H O", (6, 1, 2, 1, 3)),
    spec("T N D H O", (4, 3, 2, 5, 3), FLOAT32),
)
PADDED_CASES = (
    *READING_CASES,
    spec("T N D H O", (7, 4, 2, 5, 3), short=2, least=2),
)
TRANSLATION_CASES = (
    spec("T N D H O steps", (5, 3, 4, 6, 2, 7)),
    spec("T N D H O steps", (4, 2, 5, 3, 6, 3)),
    spec("T N D H O steps", (3, 3, 3, 3, 3, 3)),
    spec("T N D H O steps", (1, 4, 3, 5, 2, 3)),
    spec("T N D H O steps", (6, 1, 2, 1, 3, 4)),
    spec("T N D H O steps", (4, 3, 2, 5, 2, 1)),
    spec("T N D H O steps", (4, 3, 2, 5, 3, 6), FLOAT32),
)
_ONE = (Output("y", ("N", "O"), place=words("batch row", "output")),)
_ALIGNED = (Output("y", ("T", "N", "O"), place=words("time step", "batch row", "output")),)
_WRITTEN = (Output("y", ("steps", "N", "O"), place=words("step", "batch row", "output")),)
_TOKENS, _LOSS = _architectures_wrong_tokens, _architectures_wrong_loss
_NETS, _WRONG = _architectures_nets, _architectures_wrong_nets
_BOTH = _architectures_wrong_translation.ENCODER_DECODER

EXERCISES = (
    _exercise("embedding", 1, "ids E", (Output("vectors", ("T", "N", "D")),), LOOKUP_CASES,
              _TOKENS.draw_lookup, _TOKENS.torch_embedding, _TOKENS.EMBEDDING),
    _exercise("embedding_backward", 3, "dout ids num_embeddings",
              (Output("dE", ("V", "D"), place=words("id", "feature")),), LOOKUP_CASES,
              _TOKENS.draw_lookup_back, _TOKENS.torch_embedding_backward,
              _TOKENS.EMBEDDING_BACKWARD, _architectures.BACKWARD_GUARD),
    _exercise("masked_cross_entropy", 4, "logits targets mask",
              (Output("loss", (), (0,), number=True), Output("dlogits", ("T", "N", "C"), (1,))),
              LOSS_CASES, _LOSS.draw_loss, _LOSS.torch_masked_cross_entropy,
              _LOSS.MASKED_CROSS_ENTROPY, _architectures.BACKWARD_GUARD, LOSS_TOLERANCES),
    _exercise("last_hidden", 2, "h lengths", (Output("h_last", ("N", "H")),), LAST_CASES,
              _TOKENS.draw_states, _TOKENS.torch_last_hidden, _TOKENS.LAST_HIDDEN),
    _exercise("one_to_one", 1, "x params", _ONE, VECTOR_CASES,
              _architectures.draw_vector, _NETS.one_to_one(), _WRONG.ONE_TO_ONE),
    _exercise("one_to_many", 3, "x steps params", _WRITTEN, WRITING_CASES,
              _architectures.draw_vector_and_steps, _NETS.one_to_many(), _WRONG.ONE_TO_MANY),
    _exercise("many_to_one", 3, "x lengths params", _ONE,
              PADDED_CASES, _architectures.draw_padded_sequence, _NETS.many_to_one(),
              _WRONG.MANY_TO_ONE),
    _exercise("many_to_many", 2, "x params", _ALIGNED,
              READING_CASES, _architectures.draw_sequence, _NETS.many_to_many(),
              _WRONG.MANY_TO_MANY),
    _exercise("encoder_decoder", 4, "x steps encoder decoder", _WRITTEN, TRANSLATION_CASES,
              _architectures.draw_translation, _NETS.encoder_decoder(), _BOTH),
)  # fmt: skip
