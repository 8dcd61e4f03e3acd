"""Which probabilities known mistakes draw from, as perturbations of PyTorch's softmax and topk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

Probabilities = Callable[[Tensor, float, "int | None"], Tensor]


@dataclass(frozen=True)
class Drawn:
    """A known mistake: its name, sentences for the student, and the (N, V) it draws from."""

    name: str
    says: str
    look: str
    model: Probabilities


def exact(logits: Tensor, temperature: float, top_k: int | None) -> Tensor:
    """The probabilities (N, V) that are asked for."""
    return (_kept(logits, top_k) / temperature).softmax(-1)


def _kept(logits: Tensor, k: int | None, out: float = float("-inf")) -> Tensor:
    """The k largest logits of each row; `out` in place of the others."""
    if k is None:
        return logits
    k = max(0, min(k, logits.shape[1]))
    values, places = logits.topk(k, -1)
    return torch.full_like(logits, out).scatter(-1, places, values)


def _best(logits: Tensor) -> Tensor:
    return functional.one_hot(logits.argmax(-1), logits.shape[1]).double()


def _normed(weights: Tensor) -> Tensor:
    return weights / weights.sum(-1, keepdim=True)


def _positions(logits: Tensor, t: float, k: int | None) -> Tensor:
    """Ranks for ids: the probability of the largest stands at 0, and so on."""
    return exact(logits, t, k) if k is None else exact(logits, t, k).sort(-1, descending=True)[0]


def _cut_of_row_0(logits: Tensor, t: float, k: int | None) -> Tensor:
    if k is None:
        return exact(logits, t, k)
    kept = logits >= logits[0].topk(k)[0][-1]
    return (logits.masked_fill(~kept, float("-inf")) / t).softmax(-1).nan_to_num(1.0)


def _ids_of_row_0(logits: Tensor, t: float, k: int | None) -> Tensor:
    if k is None:
        return exact(logits, t, k)
    places = logits[0].topk(k)[1]
    kept = torch.full_like(logits, float("-inf"))
    kept[:, places] = logits[:, places]
    return (kept / t).softmax(-1)


_AWAY = "What is cut off needs the probability 0: a logit of minus infinity."
_DIVIDE = "logits / temperature: below 1 the differences grow, above 1 they shrink."

MODELS: tuple[Drawn, ...] = (
    Drawn("always_the_likeliest", "The likeliest id is taken each time; none is drawn.",
          "`argmax` never surprises. Draw in proportion to the probabilities: `torch.multinomial`.",
          lambda x, t, k: _best(x)),
    Drawn("always_the_likeliest_of_top_k", "With top_k the likeliest id is taken each time.",
          "Draw among the k that are left.",
          lambda x, t, k: exact(x, t, k) if k is None else _best(x)),
    Drawn("temperature_multiplied", "The logits are multiplied by the temperature.", _DIVIDE,
          lambda x, t, k: exact(x, 1 / t, k)),
    Drawn("temperature_ignored", "The temperature makes no difference.",
          f"{_DIVIDE} It has to act before the softmax: `multinomial` does not mind a factor.",
          lambda x, t, k: exact(x, 1.0, k)),
    Drawn("temperature_twice", "The logits are divided by the temperature twice.",
          "Once is enough.", lambda x, t, k: exact(x, t * t, k)),
    Drawn("temperature_ignored_with_top_k", "With top_k the temperature makes no difference.",
          "The logits that are left are divided by it, too.",
          lambda x, t, k: exact(x, t if k is None else 1.0, k)),
    Drawn("softmax_twice", "The softmax is taken twice.",
          "`torch.multinomial` takes probabilities as they are.",
          lambda x, t, k: exact(x, t, k).softmax(-1)),
    Drawn("softmax_twice", "The softmax is taken before the temperature, and again after it.",
          "The temperature divides the logits.",
          lambda x, t, k: (_kept(x.softmax(-1), k) / t).softmax(-1)),
    Drawn("logits_as_probabilities", "The logits themselves are used as probabilities.",
          "A softmax makes probabilities of logits.",
          lambda x, t, k: _normed((_kept(x, k, 0.0) / t).clamp(min=1e-12))),
    Drawn("logits_as_probabilities", "The logits' magnitudes are used as probabilities.",
          "A softmax makes probabilities of logits.",
          lambda x, t, k: _normed((_kept(x, k, 0.0) / t).abs())),
    Drawn("logits_as_probabilities", "The logits, shifted, are used as probabilities.",
          "A softmax makes probabilities of logits.",
          lambda x, t, k: _normed(_kept(x - x.amin(-1, keepdim=True), k, 0.0) + 1e-12)),
    Drawn("all_alike", "All ids come equally often.",
          "Draw in proportion to the probabilities.",
          lambda x, t, k: torch.full_like(x, 1 / x.shape[1])),
    Drawn("sign_flipped", "The least likely ids come most often.",
          "softmax(logits / temperature): is there a minus sign too many?",
          lambda x, t, k: (-_kept(x, k, float("inf")) / t).softmax(-1)),
    Drawn("softmax_over_rows", "The softmax is taken over the batch.",
          "Over the last axis: a row's probabilities add up to 1.",
          lambda x, t, k: _normed((_kept(x, k) / t).softmax(0).nan_to_num(0))),
    Drawn("row_0_for_all", "Every row is drawn from the probabilities of row 0.",
          "Row i is drawn from logits[i].",
          lambda x, t, k: exact(x, t, k)[:1].expand_as(x)),
    Drawn("top_k_ignored", "top_k makes no difference: ids outside of the k largest are drawn.",
          "Only the k largest logits of each row stay.",
          lambda x, t, k: exact(x, t, None)),
    Drawn("top_k_keeps_the_smallest", "The k smallest logits are kept.",
          "`torch.topk` gives the largest; a sort goes upwards unless it is told otherwise.",
          lambda x, t, k: exact(x, t, k) if k is None else
          (-_kept(-x, k) / t).masked_fill(_kept(-x, k).isinf(), float("-inf")).softmax(-1)),
    Drawn("one_too_many_kept", "k + 1 ids are kept.",
          "Is the (k + 1)-th largest cut off, too? Python counts from 0.",
          lambda x, t, k: exact(x, t, k if k is None else k + 1)),
    Drawn("one_too_few_kept", "k - 1 ids are kept.",
          "The k-th largest stays: cut what is smaller than it, not what equals it.",
          lambda x, t, k: exact(x, t, k if k is None else max(k - 1, 1))),
    Drawn("cut_to_zero", "What top_k cuts off is set to 0, and e⁰ is 1: it is drawn again.", _AWAY,
          lambda x, t, k: (_kept(x, k, 0.0) / t).softmax(-1)),
    Drawn("cut_to_minus_one", "What top_k cuts off is set to -1: it is still drawn.", _AWAY,
          lambda x, t, k: (_kept(x, k, -1.0) / t).softmax(-1)),
    Drawn("cut_to_one", "What top_k cuts off is set to 1: it is still drawn.", _AWAY,
          lambda x, t, k: (_kept(x, k, 1.0) / t).softmax(-1)),
    Drawn("ranks_for_ids", "With top_k you return a place among the k largest, not an id.",
          "`torch.topk` gives values and their indices: look the drawn place up in the indices.",
          _positions),
    Drawn("ranks_for_ids", "You return a place among the largest, not an id.",
          "`torch.topk` gives values and their indices: look the drawn place up in the indices.",
          lambda x, t, k: exact(x, t, k).sort(-1, descending=True)[0]),
    Drawn("alike_among_top_k", "With top_k the k ids come equally often.",
          "Their logits still count.",
          lambda x, t, k: exact(x, t, k) if k is None else _normed((exact(x, t, k) > 0).double())),
    Drawn("cut_of_row_0_for_all", "What top_k cuts off is decided by row 0 for all rows.",
          "Each row has k largest logits of its own: `dim=-1`.", _cut_of_row_0),
    Drawn("cut_of_row_0_for_all", "The ids that row 0 keeps are kept in all rows.",
          "Each row has k largest logits of its own: `dim=-1`.", _ids_of_row_0),
)  # fmt: skip
