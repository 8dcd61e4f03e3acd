"""Known wrong answers to encoder and decoder, as perturbations of PyTorch's networks."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.exercises._architectures import (
    TORCH,
    Net,
    Params,
    linear_read,
    no_state,
    tanh_cell,
)
from autograder.exercises._architectures_nets import (
    RECURRENT,
    Answer,
    after,
    altered,
    each,
    encoder_decoder,
    many_to_many,
)


def _fits(inputs: Tensor, decoder: Params) -> Tensor:
    """What the decoder is to read; raises where its width is not that of U."""
    if inputs.shape[-1] != len(decoder["U"]):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
    return inputs


def _with_one_set(which: str) -> Answer:
    """One network for both halves."""

    def answer(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
        both = {"encoder": encoder, "decoder": decoder}[which]
        _fits(x, both)
        return encoder_decoder()(x, steps, both, both)

    return answer


def _exchanged(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    _fits(x, decoder)
    return encoder_decoder()(x, steps, decoder, encoder)


def _reads_with_encoder(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    mixed = altered(decoder, V=encoder["V"], d=encoder["d"])
    return encoder_decoder()(x, steps, encoder, mixed)


def _with_encoders(name: str) -> Answer:
    """One weight of the decoder is the encoder's."""
    return lambda x, steps, encoder, decoder: encoder_decoder()(
        x, steps, encoder, altered(decoder, **{name: encoder[name]})
    )


def _with_decoders(name: str) -> Answer:
    """One weight of the encoder is the decoder's."""
    return lambda x, steps, encoder, decoder: encoder_decoder()(
        x, steps, altered(encoder, **{name: decoder[name]}), decoder
    )


def _read_first(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    """The first output is read from the encoder's state, before the decoder has stepped."""
    h = TORCH.states(x, no_state(x.shape[1], encoder), encoder)[-1]
    found = [linear_read(h, decoder)]
    for _ in range(steps - 1):
        h = tanh_cell(found[-1], h, decoder)
        found.append(linear_read(h, decoder))
    return torch.stack(found)


def _outputs_as_long_as_x(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    return encoder_decoder()(x, len(x), encoder, decoder)


def _greedy(y: Tensor, h: Tensor) -> Tensor:
    return functional.one_hot(y.argmax(-1), y.shape[-1]).to(y.dtype)


def _aligned(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    return many_to_many()(x, encoder)


def _state_as_input(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
    """The encoder's state goes in as the first input; the decoder's own state starts as zeros."""
    y = TORCH.states(x, no_state(x.shape[1], encoder), encoder)[-1]
    h, found = torch.zeros_like(y), []
    for _ in range(steps):
        h = tanh_cell(_fits(y, decoder), h, decoder)
        y = linear_read(h, decoder)
        found.append(y)
    return torch.stack(found)


_STATE_AS_INPUT = (
    _state_as_input,
    encoder_decoder(begin=lambda x, h, encoder, decoder: _fits(h, decoder)),
)
_FEED = "The decoder's input is its own previous output y = h V + d, as it is; at first zeros."
_MEET = "The decoder's first state is the encoder's last."
_WHICH = "The encoder's U, W, b read x; the decoder's U, W, b, V, d write."


def _plain(net: Net) -> Answer:
    return encoder_decoder(net)


ENCODER_DECODER: tuple[Misconception, ...] = (
    *each(_plain, RECURRENT),
    *(Misconception("output_" + name, f"The output goes through a {function} before it comes "
                    "back; what is fed back has not.",
                    "The output is h V + d, with nothing behind it.",
                    after(encoder_decoder(), change))
      for name, function, change in (("activated", "tanh", torch.tanh),
                                     ("softmaxed", "softmax", lambda y: y.softmax(-1)))),
    Misconception("own_output_not_fed_back", "The decoder's input is zeros at every step.", _FEED,
                  encoder_decoder(feed=lambda y, h: torch.zeros_like(y))),
    Misconception("softmax_fed_back", "What is fed back is the softmax of the output.", _FEED,
                  encoder_decoder(feed=lambda y, h: y.softmax(-1))),
    Misconception("tanh_fed_back", "What is fed back is the tanh of the output.", _FEED,
                  encoder_decoder(feed=lambda y, h: y.tanh())),
    Misconception("likeliest_token_fed_back", "What is fed back is one-hot: the largest output.",
                  _FEED, encoder_decoder(feed=_greedy)),
    Misconception("state_fed_back", "What is fed back is the state, not the output.", _FEED,
                  encoder_decoder(feed=lambda y, h: h)),
    Misconception("starts_from_zeros", "The decoder starts from a state of zeros: it has heard "
                  "nothing of x.", _MEET,
                  encoder_decoder(meet=lambda states, decoder: torch.zeros_like(states[-1]))),
    Misconception("starts_from_the_first_state", "The decoder starts from the encoder's first "
                  "state.", _MEET, encoder_decoder(meet=lambda states, decoder: states[0])),
    Misconception("starts_from_the_average", "The decoder starts from the average of the "
                  "encoder's states.", _MEET,
                  encoder_decoder(meet=lambda states, decoder: states.mean(0))),
    Misconception("begins_with_the_last_input", "The decoder's first input is the last of x.",
                  _FEED, encoder_decoder(begin=lambda x, h, encoder, decoder:
                                         _fits(x[-1], decoder))),
    Misconception("begins_with_the_last_output", "The decoder's first input is read from the "
                  "encoder's last state.", _FEED,
                  encoder_decoder(begin=lambda x, h, encoder, decoder: linear_read(h, encoder))),
    Misconception("begins_with_the_last_output", "The decoder's first input is read from the "
                  "encoder's last state.", _FEED,
                  encoder_decoder(begin=lambda x, h, encoder, decoder: linear_read(h, decoder))),
    *(Misconception("begins_with_the_encoders_state", "The encoder's last state is the decoder's "
                    "first input.", "The decoder's first *state* is the encoder's last; its first "
                    "input is zeros.", answer) for answer in _STATE_AS_INPUT),
    Misconception("begins_with_ones", "The decoder's first input is ones.", _FEED,
                  encoder_decoder(begin=lambda x, h, encoder, decoder:
                                  x.new_ones(len(h), len(decoder["U"])))),
    Misconception("read_before_the_step", "The first output is read from the encoder's state, "
                  "before the decoder has made a step.",
                  "Step, then read: the decoder's first step has zeros for its input.",
                  _read_first),
    Misconception("decoder_state_not_carried", "Every step of the decoder starts from the "
                  "encoder's last state.", _MEET + " From then on it carries its own.",
                  encoder_decoder(carry=False)),
    Misconception("encoder_state_not_carried", "Every step of the encoder starts from zeros.",
                  "The state goes from step to step: h_t is made of h_{t-1}.",
                  encoder_decoder(carry_source=False)),
    Misconception("source_reversed", "The encoder reads x from its end.",
                  "Some translators do that on purpose. Here it starts at x[0].",
                  encoder_decoder(source=lambda x: x.flip(0))),
    Misconception("last_input_not_read", "The encoder stops one step early.",
                  "All of x is read before anything is written.",
                  encoder_decoder(source=lambda x: x[:-1] if len(x) > 1 else x)),
    Misconception("encoder_used_twice", "The decoder has the encoder's weights.", _WHICH,
                  _with_one_set("encoder")),
    Misconception("decoder_used_twice", "The encoder has the decoder's weights.", _WHICH,
                  _with_one_set("decoder")),
    Misconception("encoder_and_decoder_swapped", "The encoder and the decoder have changed "
                  "places.", _WHICH, _exchanged),
    Misconception("encoders_output_weights", "The output is read with the encoder's V and d.",
                  _WHICH, _reads_with_encoder),
    *(Misconception("weights_mixed", f"The decoder uses the encoder's {name}.", _WHICH,
                    _with_encoders(name)) for name in "WbVd"),
    *(Misconception("weights_mixed", f"The encoder uses the decoder's {name}.", _WHICH,
                    _with_decoders(name)) for name in "Wb"),
    Misconception("as_many_steps_as_inputs", "There are T outputs.",
                  "The decoder writes `steps` outputs, however long x is.", _outputs_as_long_as_x),
    Misconception("aligned", "The encoder's outputs come back: one for each input.",
                  "First read everything, then write, with another network.", _aligned),
    Misconception("last_output_only", "Only the last step's output comes back.",
                  "An output at every step: keep them all.",
                  after(encoder_decoder(), lambda y: y[-1])),
    Misconception("last_output_repeated", "All steps give the last step's output.",
                  "Was one tensor written into at every step? Keep a new one for each.",
                  after(encoder_decoder(), lambda y: y[-1:].expand_as(y))),
    Misconception("batch_first", "The outputs are (N, steps, O).", "Time comes first.",
                  after(encoder_decoder(), lambda y: y.transpose(0, 1))),
    Misconception("outputs_reversed", "The outputs are in reversed order.",
                  "The first output comes first.",
                  after(encoder_decoder(), lambda y: y.flip(0))),
    Misconception("zero_input_counted", "The zero input is returned as the first output.",
                  "An output is what the decoder writes: steps of them.",
                  lambda x, steps, encoder, decoder: torch.cat(
                      [x.new_zeros(1, x.shape[1], len(decoder["d"])),
                       encoder_decoder()(x, steps, encoder, decoder)[: steps - 1]])),
)  # fmt: skip
