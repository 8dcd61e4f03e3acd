"""Answers to `sample` and `perplexity`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong, right = bank.wrong, bank.right
SAMPLE = "sample"
AWAY = float("-inf")


def cut(logits: Tensor, k: int | None, away: float = AWAY) -> Tensor:
    if k is None:
        return logits
    kth = logits.topk(k, dim=-1).values[:, -1:]
    return logits.masked_fill(logits < kth, away)


def drawn(p: Tensor, g: torch.Generator) -> Tensor:
    return torch.multinomial(p, 1, generator=g)[:, 0]


@right(SAMPLE)
def cut_and_multinomial(logits: Tensor, temperature: float, top_k: Any, generator: Any) -> Any:
    return drawn((cut(logits, top_k) / temperature).softmax(-1), generator)


@right(SAMPLE)
def places_looked_up(logits: Tensor, temperature: float, top_k: Any, generator: Any) -> Any:
    k = logits.shape[1] if top_k is None else top_k
    values, ids = torch.topk(logits, k, dim=1)
    place = torch.multinomial(torch.softmax(values / temperature, 1), 1, generator=generator)
    return ids.gather(1, place).squeeze(1)


@right(SAMPLE)
def gumbel(logits: Tensor, temperature: float, top_k: Any, generator: Any) -> Any:
    scores = cut(logits, top_k).double() / temperature
    u = torch.rand(scores.shape, generator=generator, dtype=scores.dtype, device=scores.device)
    return (scores - (-u.log()).log()).argmax(-1)


@right(SAMPLE)
def inverse_distribution(logits: Tensor, temperature: float, top_k: Any, generator: Any) -> Any:
    p = (cut(logits, top_k) / temperature).double().softmax(-1)
    u = torch.rand(len(p), 1, generator=generator, device=p.device, dtype=p.dtype)
    ids = (p.cumsum(-1) < u).sum(-1)
    print("drawn", len(ids))
    return ids.clamp(max=p.shape[1] - 1)


@right(SAMPLE)
def row_by_row(logits: Tensor, temperature: float, top_k: Any, generator: Any) -> Any:
    ids = []
    for row in logits:
        p = torch.softmax(row / temperature, 0)
        if top_k is not None:
            keep = torch.zeros_like(p)
            keep[row.argsort(descending=True)[:top_k]] = 1
            p = p * keep
        ids.append(torch.multinomial(p, 1, generator=generator))
    return torch.cat(ids)


@right(SAMPLE)
def with_replacement(logits: Tensor, temperature: float, top_k: Any, generator: Any) -> Any:
    p = functional.softmax(cut(logits, top_k).div(temperature), dim=1)
    return torch.multinomial(p, 1, True, generator=generator).view(-1)


@right(SAMPLE)
def cut_after_the_softmax(logits: Tensor, temperature: float, top_k: Any, generator: Any) -> Any:
    """Multinomial needs no sum of 1."""
    p = torch.softmax(logits / temperature, -1)
    return drawn(p if top_k is None else p.masked_fill(cut(logits, top_k) == AWAY, 0.0), generator)


def _at(p: Any) -> Any:
    """An answer that draws from p(logits, temperature, top_k)."""
    return lambda logits, temperature, top_k, g: drawn(p(logits, temperature, top_k), g)


def _cut_below(logits: Tensor, k: int | None, shift: int) -> Tensor:
    if k is None:
        return logits
    places = logits.argsort(-1, descending=True)[:, : max(1, k + shift)]
    return torch.full_like(logits, AWAY).scatter(1, places, logits.gather(1, places))


bank.wrong_ones(
    SAMPLE,
    ("multiplied", "temperature_multiplied", "Hotter means larger numbers.",
     _at(lambda x, t, k: (cut(x, k) * t).softmax(-1))),
    ("no_temperature", "temperature_ignored", "Forgets it.",
     _at(lambda x, t, k: cut(x, k).softmax(-1))),
    ("temperature_on_probabilities", "temperature_ignored", "Divides the probabilities.",
     _at(lambda x, t, k: cut(x, k).softmax(-1) / t)),
    ("twice_divided", "temperature_twice", "In the helper, and again.",
     _at(lambda x, t, k: (cut(x / t, k) / t).softmax(-1))),
    ("temperature_only_without_top_k", "temperature_ignored_with_top_k", "Two branches.",
     _at(lambda x, t, k: (x / t).softmax(-1) if k is None else cut(x, k).softmax(-1))),
    ("two_softmaxes", "softmax_twice", "Once in the model, once here.",
     _at(lambda x, t, k: (cut(x, k) / t).softmax(-1).softmax(-1))),
    ("softmax_then_temperature", "softmax_twice", "Temperature on probabilities, then softmax.",
     _at(lambda x, t, k: (cut(x.softmax(-1), k) / t).softmax(-1))),
    ("positive_part", "logits_as_probabilities", "multinomial complained about negative numbers.",
     _at(lambda x, t, k: cut(x, k, 0.0).clamp(min=1e-12) / t)),
    ("magnitudes", "logits_as_probabilities", "abs() makes it run.",
     _at(lambda x, t, k: (cut(x, k, 0.0) / t).abs())),
    ("raw_logits", "no_probabilities", "multinomial takes scores, surely.",
     _at(lambda x, t, k: cut(x, k) / t)),
    ("argmax", "always_the_likeliest", "The best id is the best id.",
     lambda x, t, k, g: (cut(x, k) / t).softmax(-1).argmax(-1)),
    ("argmax_with_top_k", "always_the_likeliest_of_top_k", "Takes topk's first index.",
     lambda x, t, k, g: drawn((x / t).softmax(-1), g) if k is None else x.topk(k)[1][:, 0]),
    ("uniform", "all_alike", "A random id.",
     lambda x, t, k, g: torch.randint(x.shape[1], (len(x),), generator=g, device=x.device)),
    ("minus", "sign_flipped", "exp(-x / T), as in physics.",
     _at(lambda x, t, k: (-cut(x, k, -AWAY) / t).softmax(-1))),
    ("over_the_batch", "softmax_over_rows", "softmax(0).",
     _at(lambda x, t, k: cut(x, k).div(t).softmax(0).nan_to_num(0))),
    ("top_k_forgotten", "top_k_ignored", "Does not get round to it.",
     _at(lambda x, t, k: (x / t).softmax(-1))),
    ("one_more", "one_too_many_kept", "sorted[k] as threshold.",
     _at(lambda x, t, k: (_cut_below(x, k, 1) / t).softmax(-1))),
    ("one_fewer", "one_too_few_kept", "Cuts what is <= the k-th.",
     _at(lambda x, t, k: (_cut_below(x, k, -1) / t).softmax(-1))),
    ("smallest", "top_k_keeps_the_smallest", "sort() goes upwards.",
     _at(lambda x, t, k: (x if k is None else x.masked_fill(
         x > x.sort(-1)[0][:, k - 1:k], AWAY)).div(t).softmax(-1))),
    ("zeroed", "cut_to_zero", "Zero means gone.",
     _at(lambda x, t, k: (cut(x, k, 0.0) / t).softmax(-1))),
    ("minus_one", "cut_to_minus_one", "A low logit.",
     _at(lambda x, t, k: (cut(x, k, -1.0) / t).softmax(-1))),
    ("ranks", "ranks_for_ids", "Forgets to look the place up.",
     lambda x, t, k, g: drawn((x / t).softmax(-1), g) if k is None
     else drawn((x.topk(k)[0] / t).softmax(-1), g)),
    ("always_ranks", "ranks_for_ids", "k = top_k or V, and never looks the place up.",
     _at(lambda x, t, k: (x.topk(k or x.shape[1])[0] / t).softmax(-1))),
    ("top_k_of_none", "none_used", "topk, whatever top_k is.",
     _at(lambda x, t, k: (_cut_below(x, x.topk(k)[0].shape[1], 0) / t).softmax(-1))),
    ("even_top_k", "alike_among_top_k", "Any of the k.",
     lambda x, t, k, g: drawn((x / t).softmax(-1), g) if k is None
     else drawn(cut(x, k).isfinite().double(), g)),
    ("threshold_of_row_0", "cut_of_row_0_for_all", "topk(...)[0][0, -1].",
     _at(lambda x, t, k: (x if k is None else x.masked_fill(
         x < x.topk(k)[0][0, -1], AWAY)).div(t).softmax(-1).nan_to_num(1.0))),
    ("row_0", "row_0_for_all", "logits[0], N times.",
     lambda x, t, k, g: torch.multinomial(
         (cut(x, k) / t).softmax(-1)[0], len(x), True, generator=g)),
    ("one_random_number", "one_draw_for_all_rows", "One u for the whole batch.",
     lambda x, t, k, g: ((cut(x, k) / t).softmax(-1).cumsum(-1)
                         < 0.999999 * torch.rand(1, generator=g, device=x.device)).sum(-1)),
    ("column", "column_returned", "What multinomial gives.",
     lambda x, t, k, g: torch.multinomial((cut(x, k) / t).softmax(-1), 1, generator=g)),
    ("probabilities", "probabilities_returned", "Forgets to draw.",
     lambda x, t, k, g: (cut(x, k) / t).softmax(-1)),
    ("squeezed", "wrong_form", "squeeze() drops the axis of one row, too.",
     lambda x, t, k, g: torch.multinomial(
         (cut(x, k) / t).softmax(-1), 1, generator=g).squeeze()),
    ("floats", "wrong_form", "Ids in the dtype of the logits.",
     lambda x, t, k, g: drawn((cut(x, k) / t).softmax(-1), g).to(x)),
    ("a_list", "wrong_form", "Ids in a list.",
     lambda x, t, k, g: drawn((cut(x, k) / t).softmax(-1), g).tolist()),
    ("one_hot", "probabilities_returned", "One-hot ids.",
     lambda x, t, k, g: functional.one_hot(
         drawn((cut(x, k) / t).softmax(-1), g), x.shape[1])),
    ("counted_from_one", "wrong_form", "Ids from 1.",
     lambda x, t, k, g: 1 + drawn((cut(x, k) / t).softmax(-1), g)),
    ("own_seed", "generator_ignored", "A seed of its own, for repeatability.",
     lambda x, t, k, g: drawn((cut(x, k) / t).softmax(-1), torch.Generator().manual_seed(0))),
    ("reseeded", "generator_ignored", "Seeds the generator that it is given.",
     lambda x, t, k, g: drawn((cut(x, k) / t).softmax(-1), g.manual_seed(7))),
    ("seed_taken_over", "generator_not_advanced", "A generator of its own from the given seed.",
     lambda x, t, k, g: drawn((cut(x, k) / t).softmax(-1),
                              torch.Generator().manual_seed(g.initial_seed()))),
    ("wound_back", "generator_not_advanced", "Seeds the given one with its own seed.",
     lambda x, t, k, g: drawn((cut(x, k) / t).softmax(-1), g.manual_seed(g.initial_seed()))),
    ("cloned", "generator_not_advanced", "Draws from a copy, to change no input.",
     lambda x, t, k, g: drawn((cut(x, k) / t).softmax(-1), g.clone_state())),
    ("int32", "int32_for_int64", "Ids are small numbers.",
     lambda x, t, k, g: drawn((cut(x, k) / t).softmax(-1), g).int()),
    ("global_generator", "not_repeatable", "Forgets to pass the generator on.",
     lambda x, t, k, g: torch.multinomial((cut(x, k) / t).softmax(-1), 1)[:, 0]),
    ("exponential_unshifted", "no_probabilities", "softmax by hand, without the shift.",
     _at(lambda x, t, k: cut(x, k).div(t).exp() / cut(x, k).div(t).exp().sum(-1, keepdim=True))),
)  # fmt: skip


@wrong(SAMPLE, "input_changed")
def cut_in_place(logits: Tensor, temperature: float, top_k: Any, generator: Any) -> Any:
    """Writes minus infinity into the logits themselves."""
    if top_k is not None:
        logits[logits < logits.topk(top_k)[0][:, -1:]] = AWAY
    return drawn((logits / temperature).softmax(-1), generator)


@wrong(SAMPLE, "wrong_device")
def uniform_on_the_cpu(logits: Tensor, temperature: float, top_k: Any, generator: Any) -> Any:
    """Draws its random numbers on the CPU, wherever the logits are."""
    p = (cut(logits, top_k) / temperature).double().softmax(-1)
    u = torch.rand(len(p), 1, generator=generator, dtype=torch.float64)
    return (p.cumsum(-1) < u).sum(-1).clamp(max=p.shape[1] - 1)


@wrong(SAMPLE, "forbidden_call")
def loss_for_a_softmax(logits: Tensor, temperature: float, top_k: Any, generator: Any) -> Any:
    """Cross-entropy against each id in turn gives the log-probabilities."""
    scores, V = cut(logits, top_k) / temperature, logits.shape[1]
    every = torch.arange(V, device=logits.device)
    loss = [functional.cross_entropy(row.expand(V, V), every, reduction="none") for row in scores]
    return drawn((-torch.stack(loss)).exp(), generator)


# --- perplexity -----------------------------------------------------------------------------------

PERPLEXITY = "perplexity"

bank.right_ones(
    PERPLEXITY,
    by_math=lambda loss: math.exp(loss),
    by_torch=lambda loss: torch.as_tensor(loss, dtype=torch.float64).exp(),
    by_power=lambda loss: math.e**loss,
    two_to_the_bits=lambda loss: 2 ** (loss / math.log(2)),
    as_a_number=lambda loss: math.exp(float(loss)),
    inverse_of_the_mean_probability=lambda loss: 1 / math.exp(-loss),
)
bank.wrong_ones(
    PERPLEXITY,
    ("two_to_the_nats", "power_of_two", "Perplexity is 2 to the entropy.", lambda loss: 2**loss),
    ("minus", "inverted", "The loss is a negative log.", lambda loss: math.exp(-loss)),
    ("same", "loss_itself", "The loss is the perplexity.", lambda loss: loss),
    ("logarithm_again", "logarithm", "ln for exp.", lambda loss: math.log(loss)),
    ("in_bits", "bits", "Bits per token.", lambda loss: loss / math.log(2)),
    ("e_to_the_bits", "exponential_of_bits", "Converts and then forgets it.",
     lambda loss: math.exp(loss / math.log(2))),
    ("decimal", "power_of_ten", "log10.", lambda loss: 10**loss),
    ("minus_one", "one_subtracted", "expm1.", lambda loss: math.expm1(loss)),
    ("square", "squared", "loss².", lambda loss: loss**2),
    ("whole", "rounded", "A number of choices is whole.", lambda loss: round(math.exp(loss)) * 1.0),
    ("negative", "negated", "A sign.", lambda loss: -math.exp(loss)),
    ("softmax", "through_a_softmax", "softmax has an exp in it.",
     lambda loss: torch.as_tensor(loss, dtype=torch.float64).softmax(0)),
    ("tensors_only", "tensors_only", "torch.exp wants a tensor.", lambda loss: torch.exp(loss)),
    ("an_axis", "wrong_shape", "A tensor of one element.",
     lambda loss: torch.tensor([math.exp(loss)], dtype=torch.float64)),
    ("in_words", "wrong_type", "Formats it.", lambda loss: f"{math.exp(loss):.2f}"),
    ("from_numpy", "wrong_type", "np.exp of a float.", lambda loss: np.atleast_1d(np.exp(loss))),
    ("no_return", "nothing_returned", "Prints it.", lambda loss: print(math.exp(loss))),
)  # fmt: skip
