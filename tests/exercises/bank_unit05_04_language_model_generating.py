"""Answers to `generate`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_04_language_model_parts import (
    Model,
    Pair,
    logits_of,
    nothing,
    run,
    step,
    torch_lstm,
)

bank = Bank()
wrong, right = bank.wrong, bank.right
G = "generate"


def _probabilities(h: Tensor, model: Model, t: float) -> Tensor:
    return torch.softmax(logits_of(h, model) / t, -1)


def _draw(p: Tensor, generator: Any) -> Tensor:
    return torch.multinomial(p, 1, generator=generator)[:, 0]


def _write(start: Tensor, length: int, model: Model, t: float, generator: Any, **rest: Any) -> Any:
    """The right answer with parts exchanged."""
    p_of = rest.get("p", _probabilities)
    read = rest.get("read", lambda start: start)
    then = rest.get("then", lambda h, c: (h, c))
    letters = rest.get("letters", {})
    feed = rest.get("feed", lambda id_, start: id_)
    shown = rest.get("shown", lambda h, c: h)
    draw = rest.get("draw", _draw)
    h, c = nothing(model)
    for id_ in read(start):
        now = step(model["E"][id_][None], h, c, model, **letters)
        h, c = now["h"], now["c"]
    h, c = then(h, c)
    ids = []
    for _ in range(length):
        id_ = draw(p_of(shown(h, c), model, t), generator)
        ids.append(id_)
        for again in (one[None] for one in feed(id_, start)):
            before = rest.get("before", lambda h, c: (h, c))(h, c)
            now = step(model["E"][again], *before, model, **letters)
            h, c = now["h"], now["c"]
    return torch.cat(ids)


def _with(**rest: Any) -> Any:
    return lambda start, length, model, temperature, generator: _write(
        start, length, model, temperature, generator, **rest
    )


@right(G)
def plainly(start: Tensor, length: int, model: Model, temperature: float, generator: Any) -> Any:
    return _write(start, length, model, temperature, generator)


@right(G)
def whole_text_again(
    start: Tensor, length: int, model: Model, temperature: float, generator: Any
) -> Any:
    """Reads everything anew for each id: slow and right."""
    ids = start.clone()
    for _ in range(length):
        h, _ = run(ids[:, None], nothing(model), model)
        p = torch.softmax(logits_of(h[-1, 0], model) / temperature, 0)
        ids = torch.cat([ids, torch.multinomial(p, 1, generator=generator)])
    return ids[len(start) :]


@right(G)
def vectors(start: Tensor, length: int, model: Model, temperature: float, generator: Any) -> Any:
    """Without an axis for the batch; ids in a tensor filled in."""
    h = c = model["d"].new_zeros(model["V"].shape[0])
    for e in model["E"][start]:
        now = step(e, h, c, model)
        h, c = now["h"], now["c"]
    out = start.new_zeros(length)
    for k in range(length):
        out[k] = torch.multinomial((logits_of(h, model) / temperature).softmax(0), 1,
                                   generator=generator)[0]  # fmt: skip
        now = step(model["E"][out[k]], h, c, model)
        h, c = now["h"], now["c"]
    return out


@right(G)
def gumbel(start: Tensor, length: int, model: Model, temperature: float, generator: Any) -> Any:
    """Adds noise and takes the largest."""

    def draw(p: Tensor, generator: Any) -> Tensor:
        u = torch.rand(p.shape, generator=generator, dtype=torch.float64, device=p.device)
        return (p.double().log() - (-u.log()).log()).argmax(-1)

    return _write(start, length, model, temperature, generator, draw=draw)


@right(G)
def inverse_distribution(
    start: Tensor, length: int, model: Model, temperature: float, generator: Any
) -> Any:
    """Counts how many partial sums lie below one random number."""

    def draw(p: Tensor, generator: Any) -> Tensor:
        u = torch.rand(1, 1, generator=generator, dtype=torch.float64, device=p.device)
        return (p.double().cumsum(-1) < u).sum(-1).clamp(max=p.shape[-1] - 1)

    print("writing", length)
    return _write(start, length, model, temperature, generator, draw=draw)


@right(G)
def int32_ids(start: Tensor, length: int, model: Model, temperature: float, generator: Any) -> Any:
    return plainly(start, length, model, temperature, generator).int()


def _zeros(h: Tensor, c: Tensor) -> Pair:
    return torch.zeros_like(h), torch.zeros_like(c)


def _swap(p: Any) -> Any:
    return _with(p=lambda h, model, t: p(logits_of(h, model), t))


bank.wrong_ones(
    G,
    ("times_temperature", "temperature_multiplied", "Hotter means larger logits.",
     _swap(lambda z, t: (z * t).softmax(-1))),
    ("no_temperature", "temperature_ignored", "Forgets it.", _swap(lambda z, t: z.softmax(-1))),
    ("probabilities_divided", "temperature_ignored", "Divides after the softmax.",
     _swap(lambda z, t: z.softmax(-1) / t)),
    ("divided_twice", "temperature_twice", "In two places.",
     _swap(lambda z, t: (z / t / t).softmax(-1))),
    ("likeliest", "always_the_likeliest", "argmax.", _with(draw=lambda p, g: p.argmax(-1))),
    ("top_two", "unlikely_ids_left_out", "top_k = 2, as unit 4's sample can.",
     _swap(lambda z, t: (z / t).masked_fill(z < z.topk(2).values[..., -1:], -9e9).softmax(-1))),
    ("top_three", "unlikely_ids_left_out", "top_k = 3.",
     _swap(lambda z, t: (z / t).masked_fill(z < z.topk(3).values[..., -1:], -9e9).softmax(-1))),
    ("uniform", "all_alike", "randint.", _swap(lambda z, t: torch.ones_like(z))),
    ("two_softmaxes", "softmax_twice", "One in the model, one here.",
     _swap(lambda z, t: (z / t).softmax(-1).softmax(-1))),
    ("softmax_before_temperature", "softmax_twice", "Probabilities over t, then a softmax.",
     _swap(lambda z, t: (z.softmax(-1) / t).softmax(-1))),
    ("minus", "sign_flipped", "exp(-E / T).", _swap(lambda z, t: (-z / t).softmax(-1))),
    ("clamped_logits", "logits_as_probabilities", "multinomial wanted no negative numbers.",
     _swap(lambda z, t: (z / t).clamp(min=1e-9))),
    ("absolute_logits", "logits_as_probabilities", "abs().", _swap(lambda z, t: (z / t).abs())),
    ("nothing_read", "start_not_read", "Begins from zeros.", _with(read=lambda start: start[:0])),
    ("last_read", "last_of_start_only", "start[-1] is enough.",
     _with(read=lambda start: start[-1:])),
    ("first_read", "first_of_start_only", "start[0] is the start.",
     _with(read=lambda start: start[:1])),
    ("read_backwards", "start_reversed", "flip.", _with(read=lambda start: start.flip(0))),
    ("last_read_again", "last_of_start_twice", "The first step of the loop feeds start[-1].",
     _with(read=lambda start: torch.cat([start, start[-1:]]))),
    ("start_again_and_again", "own_ids_not_read", "Feeds start[-1] at every step.",
     _with(feed=lambda id_, start: start[-1:])),
    ("never_steps", "own_ids_not_read", "All draws from one distribution.",
     _with(feed=lambda id_, start: start[:0])),
    ("fed_twice", "own_ids_read_twice", "At the end of one round and the start of the next.",
     _with(feed=lambda id_, start: torch.cat([id_, id_]))),
    ("no_memory", "state_reset", "Calls the model on one character at a time.",
     _with(read=lambda start: start[-1:], before=_zeros)),
    ("reset_after_start", "state_reset_after_start", "Zeros h and c before it writes.",
     lambda start, length, model, t, g: _reset_after_start(start, length, model, t, g)),
    ("c_shown", "cell_read_out", "c @ V.", _with(shown=lambda h, c: c)),
    ("gates_mixed", "input_forget_swapped", "i for f.", _with(letters={"f": "i", "i": "f"})),
    ("no_d", "read_out_bias_missing", "h @ V.",
     _with(p=lambda h, model, t: (h @ model["V"] / t).softmax(-1))),
    ("slides_have_no_bias", "lstm_biases_missing", "No b.",
     lambda start, length, model, t, g: _write(
         start, length,
         {n: torch.zeros_like(w) if n.startswith("b_") else w for n, w in model.items()}, t, g)),
    ("with_start", "start_included", "The whole text.",
     lambda start, length, model, t, g: torch.cat([start, plainly(start, length, model, t, g)])),
    ("length_of_all", "start_counted", "length is the length of the text.",
     lambda start, length, model, t, g: torch.cat(
         [start, plainly(start, length, model, t, g)])[:length]),
    ("one_more", "wrong_form", "range(length + 1).",
     lambda start, length, model, t, g: plainly(start, length + 1, model, t, g)),
    ("one_less", "wrong_form", "The first draw is not kept.",
     lambda start, length, model, t, g: plainly(start, length, model, t, g)[1:]),
    ("column", "extra_axis", "stack of (1,).",
     lambda start, length, model, t, g: plainly(start, length, model, t, g)[:, None]),
    ("row", "extra_axis", "A batch of one.",
     lambda start, length, model, t, g: plainly(start, length, model, t, g)[None]),
    ("list_of_ints", "wrong_form", "tolist.",
     lambda start, length, model, t, g: [int(k) for k in plainly(start, length, model, t, g)]
     if start.device.type != "meta" else []),
    ("floats", "wrong_form", "Floats.",
     lambda start, length, model, t, g: plainly(start, length, model, t, g).double()),
    ("from_one", "wrong_form", "Ids from 1.",
     lambda start, length, model, t, g: plainly(start, length, model, t, g) + 1),
    ("none", "wrong_form", "Prints the text.",
     lambda start, length, model, t, g: print(plainly(start, length, model, t, g).shape)),
    ("own_seed", "generator_ignored", "A seed of its own.",
     lambda start, length, model, t, g: plainly(
         start, length, model, t, torch.Generator().manual_seed(0))),
    ("reseeded", "generator_ignored", "Seeds what it is given.",
     lambda start, length, model, t, g: plainly(start, length, model, t, g.manual_seed(1))),
    ("global_numbers", "not_repeatable", "Forgets to pass it on.",
     lambda start, length, model, t, g: plainly(start, length, model, t, None)),
)  # fmt: skip


def _reset_after_start(start: Tensor, length: int, model: Model, t: float, g: Any) -> Tensor:
    h, _ = run(start[:, None], nothing(model), model)
    h, ids, state = h[-1], [], nothing(model)
    for _ in range(length):
        ids.append(_draw(_probabilities(h, model, t), g))
        now = step(model["E"][ids[-1]], *state, model)
        h = now["h"]
        state = now["h"], now["c"]
    return torch.cat(ids)


@wrong(G, "input_changed")
def appends_to_the_table(
    start: Tensor, length: int, model: Model, temperature: float, generator: Any
) -> Any:
    """Divides the read-out's weights once and for all."""
    model["V"] /= temperature
    model["d"] /= temperature
    return _write(start, length, model, 1.0, generator)


@wrong(G, "wrong_device")
def zeros_on_the_cpu(
    start: Tensor, length: int, model: Model, temperature: float, generator: Any
) -> Any:
    """States made without a device."""
    H = model["V"].shape[0]
    h = c = torch.zeros(1, H, dtype=model["d"].dtype)
    ids: list[Tensor] = []
    for k in range(len(start) + length):
        id_ = start[k : k + 1] if k < len(start) else ids[-1]
        now = step(model["E"][id_], h, c, model)
        h, c = now["h"], now["c"]
        if len(start) - 1 <= k < len(start) + length - 1:
            ids.append(_draw(_probabilities(h, model, temperature), generator))
    return torch.cat(ids)


@wrong(G, "forbidden_call")
def kernel_each_step(
    start: Tensor, length: int, model: Model, temperature: float, generator: Any
) -> Any:
    """PyTorch's LSTM reads, step by step."""
    _, h_last, c_last = torch_lstm(start[:, None], nothing(model), model)
    ids = []
    for _ in range(length):
        p = functional.softmax(logits_of(h_last[0], model) / temperature, -1)
        ids.append(_draw(p, generator))
        _, h_last, c_last = torch_lstm(ids[-1][None], (h_last[0], c_last[0]), model)
    return torch.cat(ids)
