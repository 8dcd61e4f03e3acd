"""Answers to encoder_decoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit04_03_architectures_parts import (
    READS,
    RECURRENT_STEPS,
    Params,
    Read,
    Step,
    empty,
    read,
    states,
    step,
)

bank = Bank()
wrong, right = bank.wrong, bank.right
EXERCISE = "encoder_decoder"


def translating(
    step: Step = step,
    read: Read = read,
    carry_source: bool = True,
    meet: Callable[[Tensor], Tensor] = lambda h: h[-1],
    begin: Callable[..., Any] | None = None,
    feed: Callable[[Tensor, Tensor], Tensor] = lambda y, h: y,
    carry: bool = True,
) -> Callable[..., Tensor]:
    def answer(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
        h = meet(states(x, empty(x.shape[1], encoder), encoder, step, carry_source))
        y = x.new_zeros(x.shape[1], len(decoder["U"]))
        if begin is not None:
            y = begin(x, h, encoder, decoder)
        found = []
        for _ in range(steps):
            new = step(y, h, decoder)
            found.append(read(new, decoder))
            y, h = feed(found[-1], new), new if carry else h
        return torch.stack(found)

    return answer


def greedy(y: Tensor, h: Tensor) -> Tensor:
    return torch.eye(y.shape[1], dtype=y.dtype, device=y.device)[y.argmax(-1)]


bank.wrong_ones(
    EXERCISE,
    *((name, diagnosis, why, translating(way)) for name, diagnosis, why, way in RECURRENT_STEPS),
    *((name, diagnosis, why, translating(read=way)) for name, diagnosis, why, way in READS),
    ("tanh_at_the_end", "output_activated", "A tanh around all of it.",
     lambda *a: translating()(*a).tanh()),
    ("softmax_at_the_end", "output_softmaxed", "Probabilities at the end.",
     lambda *a: translating()(*a).softmax(-1)),
    ("always_zeros", "own_output_not_fed_back", "The zero input at every step.",
     translating(feed=lambda y, h: torch.zeros_like(y))),
    ("softmax_back", "softmax_fed_back", "Feeds probabilities.",
     translating(feed=lambda y, h: y.softmax(-1))),
    ("tanh_back", "tanh_fed_back", "Squashes what it feeds.",
     translating(feed=lambda y, h: y.tanh())),
    ("greedy", "likeliest_token_fed_back", "Feeds the likeliest token.",
     translating(feed=greedy)),
    ("state_back", "state_fed_back", "The hidden state for the output.",
     translating(feed=lambda y, h: h)),
    ("fresh_decoder", "starts_from_zeros", "Every network starts from zeros.",
     translating(meet=lambda h: torch.zeros_like(h[-1]))),
    ("first_state", "starts_from_the_first_state", "h[0].", translating(meet=lambda h: h[0])),
    ("mean_state", "starts_from_the_average", "h.mean(0).",
     translating(meet=lambda h: h.mean(0))),
    ("last_x", "begins_with_the_last_input", "The last word is the first input.",
     translating(begin=lambda x, h, e, d: x[-1])),
    ("encoder_says", "begins_with_the_last_output", "The encoder's output is the first input.",
     translating(begin=lambda x, h, e, d: read(h, e))),
    ("decoder_says", "begins_with_the_last_output", "The same with the decoder's V.",
     translating(begin=lambda x, h, e, d: read(h, d))),
    ("state_goes_in", "begins_with_the_encoders_state", "What is handed over is an input.",
     translating(begin=lambda x, h, e, d: h)),
    ("ones", "begins_with_ones", "ones_like for a start token.",
     translating(begin=lambda x, h, e, d: x.new_ones(len(h), len(d["U"])))),
    ("same_state", "decoder_state_not_carried", "s is never replaced.",
     translating(carry=False)),
    ("encoder_forgets", "encoder_state_not_carried", "The encoder's h is never replaced.",
     translating(carry_source=False)),
    ("sutskever", "source_reversed", "Reversing the source helps.",
     lambda x, *rest: translating()(x.flip(0), *rest)),
    ("stops_early", "last_input_not_read", "range(T - 1).",
     lambda x, *rest: translating()(x[:-1] if len(x) > 1 else x, *rest)),
    ("one_network", "encoder_used_twice", "encoder for decoder, by copy and paste.",
     lambda x, steps, e, d: translating()(x, steps, e, e)),
    ("other_network", "decoder_used_twice", "decoder for encoder.",
     lambda x, steps, e, d: translating()(x, steps, d, d)),
    ("exchanged", "encoder_and_decoder_swapped", "In the wrong order.",
     lambda x, steps, e, d: translating()(x, steps, d, e)),
    ("encoders_v", "encoders_output_weights", "V and d of the encoder.",
     lambda x, steps, e, d: translating()(x, steps, e, {**d, "V": e["V"], "d": e["d"]})),
    *((f"only_encoders_{name}", "weights_mixed", "Copied from the encoder's lines.",
       lambda x, steps, e, d, name=name: translating()(x, steps, e, {**d, name: e[name]}))
      for name in ("W", "b", "V")),
    ("decoders_w", "weights_mixed", "The wrong dict.",
     lambda x, steps, e, d: translating()(x, steps, {**e, "W": d["W"]}, d)),
    ("t_steps", "as_many_steps_as_inputs", "for _ in x.",
     lambda x, steps, e, d: translating()(x, len(x), e, d)),
    ("only_reads", "aligned", "The encoder's outputs.",
     lambda x, steps, e, d: read(states(x, empty(x.shape[1], e), e), e)),
    ("last_one", "last_output_only", "Returns y.", lambda *a: translating()(*a)[-1]),
    ("last_one_everywhere", "last_output_repeated", "Fills the result after the loop.",
     lambda *a: translating()(*a)[-1].expand(a[1], -1, -1)),
    ("second_axis", "batch_first", "torch.stack(outputs, 1).",
     lambda *a: translating()(*a).transpose(0, 1)),
    ("inserted", "outputs_reversed", "insert(0, y).", lambda *a: translating()(*a).flip(0)),
)  # fmt: skip


@wrong(EXERCISE, "read_before_the_step")
def says_first(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    """The encoder's state is the first thing to be read."""
    h, found = states(x, empty(x.shape[1], encoder), encoder)[-1], []
    for _ in range(steps):
        y = read(h, decoder)
        found.append(y)
        h = step(y, h, decoder)
    return torch.stack(found)


@wrong(EXERCISE, "begins_with_the_encoders_state")
def handed_over_as_input(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    """The code of the sentence is the decoder's x; its state starts from zeros."""
    y = states(x, empty(x.shape[1], encoder), encoder)[-1]
    h, found = empty(x.shape[1], decoder), []
    for _ in range(steps):
        h = step(y, h, decoder)
        y = read(h, decoder)
        found.append(y)
    return torch.stack(found)


@wrong(EXERCISE, "zero_input_counted")
def keeps_what_goes_in(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    """Appends before the step."""
    h, found = states(x, empty(x.shape[1], encoder), encoder)[-1], []
    y = x.new_zeros(x.shape[1], len(decoder["U"]))
    for _ in range(steps):
        found.append(y)
        h = step(y, h, decoder)
        y = read(h, decoder)
    return torch.stack(found)


@wrong(EXERCISE, "wrong_dtype")
def plain_zeros(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    """Computes in float64 throughout."""
    e, d = ({k: v.double() for k, v in p.items()} for p in (encoder, decoder))
    return translating()(x.double(), steps, e, d)


@right(EXERCISE)
def two_loops(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    h = x.new_zeros(x.shape[1], len(encoder["b"]))
    for x_t in x:
        h = torch.tanh(x_t @ encoder["U"] + h @ encoder["W"] + encoder["b"])
    y, found = x.new_zeros(len(h), len(decoder["d"])), []
    for _ in range(steps):
        h = torch.tanh(y @ decoder["U"] + h @ decoder["W"] + decoder["b"])
        y = h @ decoder["V"] + decoder["d"]
        found.append(y)
    return torch.stack(found)


@right(EXERCISE)
def first_step_apart(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    h = states(x, empty(x.shape[1], encoder), encoder)[-1]
    h = torch.tanh(h @ decoder["W"] + decoder["b"])  # zeros times U add nothing
    found = [read(h, decoder)]
    for _ in range(1, steps):
        h = step(found[-1], h, decoder)
        found.append(read(h, decoder))
    return torch.stack(found)


@right(EXERCISE)
def merged_weights(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    """Feeds the state back through V U: the same sums in another order."""
    h = states(x, empty(x.shape[1], encoder), encoder)[-1]
    loop = decoder["W"] + decoder["V"] @ decoder["U"]
    shift = decoder["b"] + decoder["d"] @ decoder["U"]
    h = torch.tanh(h @ decoder["W"] + decoder["b"])
    found = [h]
    for _ in range(steps - 1):
        h = torch.tanh(h @ loop + shift)
        found.append(h)
    return torch.stack(found) @ decoder["V"] + decoder["d"]


@right(EXERCISE)
def written_into_zeros(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    h = empty(x.shape[1], encoder)
    for t in range(len(x)):
        h = step(x[t], h, encoder)
    y = x.new_zeros(steps + 1, x.shape[1], len(decoder["U"]))
    for k in range(steps):
        h = step(y[k], h, decoder)
        y[k + 1] = read(h, decoder)
    return y[1:]


bank.right_ones(EXERCISE, in_pieces=translating())
