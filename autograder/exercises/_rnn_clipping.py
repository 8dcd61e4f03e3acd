"""Clipping gradients: what is drawn, PyTorch's answers, and those of known mistakes.

https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html and
https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_, clip_grad_value_, get_total_norm

from autograder.checking.compare import UnreadableError
from autograder.checking.drivers import SAME_DICT
from autograder.checking.exercise import CaseSpec, Sizes
from autograder.checking.values import Inputs, Value, describe, follow
from autograder.exercises._layers_torch import wrong
from autograder.exercises._rnn import normal

Grads = Mapping[str, Tensor]
NAMES = ("W", "b", "U", "d", "V")


def _draw(sizes: Sizes, scale: float, g: torch.Generator) -> dict[str, Tensor]:
    R, C, K = (sizes[letter] for letter in "RCK")
    order = torch.randperm(len(NAMES), generator=g).tolist()[:K]
    shapes = [(R, C), (C,), (C, R), (R,), (R, R)]
    return {NAMES[i]: scale * normal(g, *shapes[i]) for i in order}


def draw_norm(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws grads, and a largest norm of L hundredths of theirs.

    Those to be clipped have a norm above 1, so that PyTorch's 1e-6 in the divisor stays small.
    """
    grads = _draw(sizes, scale, g)
    if sizes["L"] < 100:
        grads = _scaled(grads, 1 + 1 / _total(grads))
    return {"grads": grads, "max_norm": float(_total(grads)) * sizes["L"] / 100}


def draw_value(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws grads, and a limit of L hundredths of their largest entry."""
    grads = _draw(sizes, scale, g)
    largest = max(float(value.abs().max()) for value in grads.values())
    return {"grads": grads, "limit": largest * sizes["L"] / 100}


def flattened(*path: int) -> Callable[[Inputs, Value], Tensor]:
    """A view of a dict like `grads`, at `path`: all its entries in the order of `grads`."""

    def view(inputs: Inputs, value: Value) -> Tensor:
        return _in_one_row(inputs["grads"], follow(value, path))

    return view


def entry(inputs: Inputs, index: tuple[int, ...]) -> str:
    """Where an element of that row is in the dict: ``clipped['W'][1, 2]``."""
    left = index[0]
    for key, grad in inputs["grads"].items():
        if left < grad.numel():
            places = torch.unravel_index(torch.tensor(left), grad.shape)
            return f"`clipped[{key!r}][{', '.join(str(int(i)) for i in places)}]`"
        left -= grad.numel()
    return f"index {index[0]}"


def spec(sizes: tuple[int, int, int, int], **rest: Any) -> CaseSpec:
    """K tensors of R rows and C columns, or fewer; the limit in hundredths of what is measured."""
    R, C, K, L = sizes
    kind = str(rest.get("dtype", torch.float64)).removeprefix("torch.")
    title = f"{K} tensor{'s' * (K > 1)}, the limit {L} % of their norm or largest entry, {kind}"
    return CaseSpec({"R": R, "C": C, "K": K, "L": L}, title=title, **rest)


def _in_one_row(grads: Grads, found: Value) -> Tensor:
    """Raises UnreadableError where `found` has other keys or shapes than `grads`."""
    if isinstance(found, str) and found == SAME_DICT:
        says = (
            "clipped is the dict `grads` itself, not a new one: whoever changes one changes both."
        )
        raise UnreadableError("same_dict", says)
    if not isinstance(found, Mapping):
        says = f"clipped should be a dict with the keys of grads; yours is {describe(found)}."
        raise UnreadableError("wrong_type", says)
    if set(found) != set(grads):
        keys = ", ".join(f"`{key}`" for key in found) or "none"
        wanted = ", ".join(f"`{key}`" for key in grads)
        raise UnreadableError("wrong_keys", f"clipped should have the keys {wanted}; yours {keys}")
    for key, grad in grads.items():
        entry = found[key]
        if not isinstance(entry, Tensor):
            says = f"clipped[{key!r}] should be a tensor; yours is {describe(entry)}."
            raise UnreadableError("wrong_type", says)
        if entry.shape != grad.shape:
            says = f"clipped[{key!r}] should have shape {tuple(grad.shape)}; "
            raise UnreadableError("wrong_shape", f"{says}yours has {tuple(entry.shape)}.")
        if entry.dtype != grad.dtype:
            says = f"clipped[{key!r}] should be {grad.dtype}, as in grads; yours is {entry.dtype}."
            raise UnreadableError("wrong_dtype", says)
    return torch.cat([found[key].flatten() for key in grads])


# --- PyTorch's answers ----------------------------------------------------------------------------


def _parameters(grads: Grads) -> dict[str, Tensor]:
    """Parameters that have these gradients."""
    made: dict[str, Tensor] = {}
    for key, grad in grads.items():
        made[key] = torch.nn.Parameter(torch.zeros_like(grad))
        made[key].grad = grad.clone()
    return made


def _total(grads: Grads, kind: float = 2.0) -> Tensor:
    return get_total_norm(list(grads.values()), kind)


def _scaled(grads: Grads, factor: Any) -> dict[str, Tensor]:
    return {key: grad * factor for key, grad in grads.items()}


def _clip(grads: Grads, max_norm: float, kind: float = 2.0) -> tuple[dict[str, Tensor], Tensor]:
    made = _parameters(grads)
    norm = clip_grad_norm_(list(made.values()), max_norm, kind)
    return {key: value.grad for key, value in made.items() if value.grad is not None}, norm


def torch_clip_norm(grads: Grads, max_norm: float) -> tuple[dict[str, Tensor], Tensor]:
    """`torch.nn.utils.clip_grad_norm_`'s clipped gradients, and the norm before."""
    return _clip(grads, max_norm)


def torch_clip_value(grads: Grads, limit: float) -> dict[str, Tensor]:
    """`torch.nn.utils.clip_grad_value_`'s clipped gradients."""
    made = _parameters(grads)
    clip_grad_value_(list(made.values()), limit)
    return {key: value.grad for key, value in made.items() if value.grad is not None}


# --- known mistakes -------------------------------------------------------------------------------


def _per_tensor(grads: Grads, max_norm: float) -> Any:
    clipped = {key: _clip({key: grad}, max_norm)[0][key] for key, grad in grads.items()}
    return clipped, _total(grads)


def _by(factor: Callable[[Tensor, float], Any]) -> Callable[[Grads, float], Any]:
    """All gradients times `factor(norm, max_norm)`; the right norm."""
    return lambda grads, limit: (_scaled(grads, factor(_total(grads), limit)), _total(grads))


def _norm_after(grads: Grads, max_norm: float) -> Any:
    clipped, _ = _clip(grads, max_norm)
    return clipped, _total(clipped)


def _with_total(total: Callable[[Grads], Tensor]) -> Callable[[Grads, float], Any]:
    """Everything right, but for the norm that is measured."""

    def answer(grads: Grads, max_norm: float) -> Any:
        norm = total(grads)
        return _scaled(grads, (max_norm / norm).clamp_max(1.0)), norm

    return answer


def _norms(grads: Grads) -> Tensor:
    return torch.stack([_total({"one": grad}) for grad in grads.values()])


def _spectral(grads: Grads) -> Tensor:
    each = [torch.linalg.norm(g, 2) for g in grads.values()]
    return torch.stack(each).norm()


_WHOLE = "All gradients form one long vector: one norm, the root of the sum of all squares."
_SAME = "Every gradient is multiplied by the same factor, and only if the norm is too large."

NORM = (
    wrong("clipped_per_tensor", "Each tensor is clipped for itself, which turns the step's "
          "direction.", _WHOLE, _per_tensor),
    wrong("clipped_always", "Small gradients are scaled up to the largest norm.", _SAME,
          _by(lambda norm, limit: limit / norm)),
    wrong("clipped_when_small", "Small gradients are scaled up, and large ones left alone.", _SAME,
          _by(lambda norm, limit: (limit / norm).clamp(min=1.0))),
    wrong("never_clipped", "Nothing is clipped.", _SAME, _by(lambda norm, limit: 1.0)),
    wrong("norm_after_clipping", "The norm is the one after clipping.",
          "Its use is to be watched: measure it before you change anything.", _norm_after),
    wrong("root_forgotten", "The norm is the sum of squares, without its root.", _WHOLE,
          _with_total(lambda grads: _total(grads) ** 2)),
    wrong("sum_of_norms", "The norms of the tensors are added up.",
          f"Add their squares, and take one root. {_WHOLE}",
          _with_total(lambda grads: _norms(grads).sum())),
    wrong("largest_norm_only", "The norm is that of the largest tensor.", _WHOLE,
          _with_total(lambda grads: _norms(grads).max())),
    wrong("mean_of_norms", "The norm is a mean over the tensors.", _WHOLE,
          _with_total(lambda grads: _norms(grads).mean())),
    wrong("one_tensor_only", "The norm is that of one tensor.", f"{_WHOLE} In a loop, `+=`.",
          _with_total(lambda grads: _norms(grads)[-1])),
    wrong("one_tensor_only", "The norm is that of the first tensor.", f"{_WHOLE} In a loop, `+=`.",
          _with_total(lambda grads: _norms(grads)[0])),
    wrong("absolute_values", "The norm is the sum of absolute values.", _WHOLE,
          _with_total(lambda grads: _total(grads, 1.0))),
    wrong("largest_entry", "The norm is the largest entry.", _WHOLE,
          _with_total(lambda grads: _total(grads, float("inf")))),
    wrong("root_of_mean", "The norm is the root of the mean of all squares.",
          "A sum, no mean: a larger network has a larger norm.",
          _with_total(lambda grads: _total(grads)
                      / sum(g.numel() for g in grads.values()) ** 0.5)),
    wrong("spectral_norm", "Matrices are measured by their largest singular value.",
          f"`torch.linalg.norm(W, 2)` does that. {_WHOLE}", _with_total(_spectral)),
    wrong("clipped_to_one", "Gradients that are too large get the norm 1.",
          "They get the norm max_norm.",
          _by(lambda norm, limit: 1 / norm if norm > limit else 1.0)),
    wrong("divided_by_limit", "Gradients that are too large are divided by max_norm.",
          "By which factor does the norm have to shrink?",
          _by(lambda norm, limit: 1 / limit if norm > limit else 1.0)),
    wrong("multiplied_by_limit", "Gradients that are too large are multiplied by max_norm.",
          "By which factor does the norm have to shrink?",
          _by(lambda norm, limit: limit if norm > limit else 1.0)),
    wrong("factor_upside_down", "The factor is norm / max_norm: large gradients get larger.",
          "By which factor does the norm have to shrink?",
          _by(lambda norm, limit: norm / limit if norm > limit else 1.0)),
    wrong("clipped_to_zero", "Gradients that are too large become zero.",
          "They keep their direction.", _by(lambda norm, limit: 0.0 if norm > limit else 1.0)),
    wrong("clipped_by_value", "The entries are clipped, one by one.",
          f"That is the next exercise. {_SAME}",
          lambda grads, limit: (torch_clip_value(grads, limit), _total(grads))),
    wrong("factor_returned", "The second thing that comes back is the factor, not the norm.",
          "What is asked for is the norm before clipping.",
          lambda grads, limit: (_clip(grads, limit)[0], (limit / _total(grads)).clamp(max=1))),
    wrong("limit_returned", "The second thing that comes back is max_norm.",
          "What is asked for is the norm before clipping.",
          lambda grads, limit: (_clip(grads, limit)[0], torch.tensor(limit))),
)  # fmt: skip


def _entries(change: Callable[[Tensor, float], Tensor]) -> Callable[[Grads, float], Any]:
    return lambda grads, limit: {key: change(grad, limit) for key, grad in grads.items()}


def _largest_to_limit(grads: Grads, limit: float) -> Any:
    largest = _total(grads, float("inf"))
    return _scaled(grads, (limit / largest).clamp(max=1.0))


_BOTH = "Every entry ends up between -limit and limit; those that lie there already stay."

VALUE = (
    wrong("only_from_above", "Large negative entries stay as they are.", _BOTH,
          _entries(lambda g, limit: g.clamp(max=limit))),
    wrong("only_from_below", "Large positive entries stay as they are.", _BOTH,
          _entries(lambda g, limit: g.clamp(min=-limit))),
    wrong("clipped_at_zero", "Negative entries become zero.", _BOTH,
          _entries(lambda g, limit: g.clamp(0, limit))),
    wrong("sign_lost", "Entries have lost their sign.", _BOTH,
          _entries(lambda g, limit: g.abs().clamp(max=limit))),
    wrong("sign_lost_where_clipped", "Entries that are too large lose their sign.", _BOTH,
          _entries(lambda g, limit: g.where(g.abs() <= limit, g.new_full((), limit)))),
    wrong("large_entries_zeroed", "Entries that are too large become zero.",
          f"They become limit, or -limit. {_BOTH}",
          _entries(lambda g, limit: g.where(g.abs() <= limit, torch.zeros_like(g)))),
    wrong("small_entries_zeroed", "Entries that are small become zero.", _BOTH,
          _entries(lambda g, limit: g.where(g.abs() > limit, torch.zeros_like(g)))),
    wrong("only_large_kept", "Only entries beyond the limit are kept as they are.", _BOTH,
          _entries(lambda g, limit: g.sign() * g.abs().clamp(min=limit))),
    wrong("signs_only", "Every entry is limit or -limit.", _BOTH,
          _entries(lambda g, limit: g.sign() * limit)),
    wrong("never_clipped", "Nothing is clipped.", _BOTH, _entries(lambda g, limit: g)),
    wrong("scaled_to_limit", "All gradients are scaled until the largest entry fits.",
          f"That keeps the direction, and is another method. {_BOTH}", _largest_to_limit),
    wrong("scaled_per_tensor", "Each tensor is scaled until its largest entry fits.",
          f"Entries are clipped one by one here. {_BOTH}",
          lambda grads, limit: {key: _largest_to_limit({key: g}, limit)[key]
                                for key, g in grads.items()}),
    wrong("clipped_by_norm", "The gradients are scaled to the norm `limit`.",
          "That is the exercise before this one.",
          lambda grads, limit: _scaled(grads, (limit / _total(grads)).clamp(max=1))),
    wrong("clipped_at_one", "The limit is 1, whatever is asked for.", _BOTH,
          lambda grads, limit: torch_clip_value(grads, 1.0)),
    wrong("squashed", "The entries are squashed by a tanh.",
          f"Clipping leaves small entries as they are. {_BOTH}",
          _entries(lambda g, limit: limit * (g / limit).tanh())),
    wrong("divided_by_limit", "The entries are divided by the limit.", _BOTH,
          _entries(lambda g, limit: (g / limit).clamp(-1, 1))),
)  # fmt: skip
