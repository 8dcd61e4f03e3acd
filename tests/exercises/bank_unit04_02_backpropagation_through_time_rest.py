"""Answers to truncated_bptt, the two ways to clip, and jacobian_norms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit04_02_backpropagation_through_time_parts import (
    bptt,
    in_windows,
    slope,
    step_back,
    walk,
    zeros,
)

bank = Bank()
wrong, right = bank.wrong, bank.right

# --- truncated_bptt -------------------------------------------------------------------------------

windows = in_windows()


def divided(by: Callable[[int, int], int]) -> Callable[..., Any]:
    return lambda *i: tuple(g / by(len(i[0]), i[-1]) for g in windows(*i))


def masked(keep: Callable[[int, int], range]) -> Callable[..., Any]:
    def truncated(dh: Tensor, *rest: Any) -> Any:
        kept = torch.zeros_like(dh)
        for t in keep(len(dh), rest[-1]):
            kept[t] = dh[t]
        return windows(kept, *rest)

    return truncated


def sliding(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor, k: int) -> Any:
    totals = zeros(U, W)
    for t in range(len(x)):
        carried = dh[t]
        for s in range(t, max(-1, t - k), -1):
            before = h[s - 1] if s else h0
            _, carried, *shares = step_back(carried, x[s], before, h[s], U, W)
            totals = [a + b for a, b in zip(totals, shares, strict=True)]
    return tuple(totals)


def dropped_too_soon(
    dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor, k: int
) -> Any:
    totals, carried = zeros(U, W), torch.zeros_like(h0)
    for t in reversed(range(len(x))):
        if t % k == 0:
            carried = torch.zeros_like(h0)
        before = h[t - 1] if t else h0
        _, carried, *shares = step_back(dh[t] + carried, x[t], before, h[t], U, W)
        totals = [a + b for a, b in zip(totals, shares, strict=True)]
    return tuple(totals)


def last_k(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor, k: int) -> Any:
    first = max(0, len(x) - k)
    start = h[first - 1] if first else h0
    return bptt(dh[first:], x[first:], start, h[first:], U, W)[2:]


bank.wrong_ones(
    "truncated_bptt",
    ("dropped_too_soon", "boundary_one_step_late", "Zeroes the carry before the step, not after.",
     dropped_too_soon),
    ("last_k", "last_steps_only", "k steps back from the end, and that is all.",
     last_k),
    ("from_own_first", "windows_start_one_step_late", "h[first] for h[first - 1].",
     in_windows(begin=lambda t, h0, h: h[t] if t else h0)),
    ("from_own_first_always", "windows_start_one_step_late", "h[first], in the first one too.",
     in_windows(begin=lambda t, h0, h: h[t])),
    ("whole", "never_cut", "Ignores k.", lambda *i: bptt(*i[:-1])[2:]),
    ("every_step", "cut_at_every_step", "Each step by itself.",
     in_windows(lambda T, k: range(T))),
    ("one_early", "boundary_one_step_early", "(t + 1) % k.",
     in_windows(lambda T, k: [0, *range(k - 1 or 1, T, k)])),
    ("one_late", "boundary_one_step_late", "Windows from 0 to k, both included.",
     in_windows(lambda T, k: [0, *range(k + 1, T, k)])),
    ("too_long", "windows_too_long", "k + 1 steps.",
     in_windows(lambda T, k: range(0, T, k + 1))),
    ("from_the_end", "counted_from_the_end", "Walks back and counts.",
     in_windows(lambda T, k: sorted({0, *range(T - k, 0, -k)}))),
    ("k_windows", "k_windows", "torch.chunk(k).",
     in_windows(lambda T, k: range(0, T, -(-T // k)))),
    ("sliding", "sliding_windows", "Every loss goes k steps back.", sliding),
    ("last_only", "last_window_only", "Starts a new sum in each window.",
     masked(lambda T, k: range((T - 1) // k * k, T))),
    ("first_only", "first_window_only", "The return is inside the loop.",
     masked(lambda T, k: range(min(T, k)))),
    ("short_dropped", "short_window_dropped", "range(T // k).",
     masked(lambda T, k: range(T // k * k))),
    ("window_ends", "upstream_only_at_window_ends", "A loss at the end of each window.",
     masked(lambda T, k: sorted({*range(k - 1, T, k), T - 1}))),
    ("from_h0", "windows_start_from_h0", "h0 for each window.",
     in_windows(begin=lambda t, h0, h: h0)),
    ("from_zeros", "windows_start_from_zeros", "Resets the state.",
     in_windows(begin=lambda t, h0, h: h[0] * 0 if t else h0)),
    ("mean_windows", "mean_over_windows", "Averages.", divided(lambda T, k: -(-T // k))),
    ("mean_time", "mean_over_time", "Averages.", divided(lambda T, k: T)),
    ("by_k", "divided_by_k", "Averages.", divided(lambda T, k: k)),
    ("flat_carry", "tanh_slope_missing", "No slope.",
     in_windows(inner=walk(lambda *i: step_back(*i, steep=torch.ones_like)))),
    ("wraps", "dw_wraps_around", "h[first - 1] in the first window.",
     in_windows(begin=lambda t, h0, h: h[t - 1])),
    ("w_turned", "dw_transposed", "dW.T.",
     lambda *i: (lambda U, W, b: (U, W.T, b))(*windows(*i))),
    ("swapped", "weights_swapped", "dW, dU.",
     lambda *i: (lambda U, W, b: (W, U, b))(*windows(*i))),
    ("five", "wrong_type", "Returns all five.", lambda *i: bptt(*i[:-1])),
)  # fmt: skip


def _carry_zeroed(
    dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor, k: int
) -> Any:
    carried, totals = torch.zeros_like(h0), zeros(U, W)
    for t in reversed(range(len(x))):
        before = h[t - 1] if t else h0
        _, carried, *shares = step_back(dh[t] + carried, x[t], before, h[t], U, W)
        totals = [a + b for a, b in zip(totals, shares, strict=True)]
        if t % k == 0:
            carried = torch.zeros_like(h0)
    return tuple(totals)


def _by_split(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor, k: int) -> Any:
    start, parts = h0, []
    for d, i, s in zip(dh.split(k), x.split(k), h.split(k), strict=True):
        parts.append(bptt(d, i, start, s, U, W)[2:])
        start = s[-1]
    return tuple(torch.stack(shares).sum(0) for shares in zip(*parts, strict=True))


bank.right_ones("truncated_bptt", windows=windows, carry_zeroed=_carry_zeroed, by_split=_by_split,
                list_returned=lambda *i: list(windows(*i)))  # fmt: skip

# --- clipping -------------------------------------------------------------------------------------


def length(grads: Any) -> Tensor:
    return torch.cat([g.flatten() for g in grads.values()]).norm()


def scaled(factor: Callable[[Tensor, float], Any]) -> Callable[..., Any]:
    def clip(grads: Any, max_norm: float) -> Any:
        norm = length(grads)
        return {k: g * factor(norm, max_norm) for k, g in grads.items()}, norm

    return clip


def with_norm(measure: Callable[[Any], Tensor]) -> Callable[..., Any]:
    def clip(grads: Any, max_norm: float) -> Any:
        norm = measure(grads)
        return {k: g * (max_norm / norm).clamp(max=1) for k, g in grads.items()}, norm

    return clip


right_clip = scaled(lambda norm, limit: (limit / norm).clamp(max=1))


@wrong("clip_grad_norm", "input_changed")
def clips_in_place(grads: Any, max_norm: float) -> Any:
    """As PyTorch does."""
    norm = length(grads)
    for grad in grads.values():
        grad *= (max_norm / norm).clamp(max=1)
    return grads, norm


@wrong("clip_grad_norm", "same_dict")
def grads_themselves(grads: Any, max_norm: float) -> Any:
    """Nothing to clip, so nothing to make."""
    norm = length(grads)
    return (grads, norm) if norm <= max_norm else right_clip(grads, max_norm)


@wrong("clip_grad_norm", "norm_after_clipping")
def measures_late(grads: Any, max_norm: float) -> Any:
    """Measures what it returns."""
    clipped, _ = right_clip(grads, max_norm)
    return clipped, length(clipped)


bank.wrong_ones(
    "clip_grad_norm",
    ("per_tensor", "clipped_per_tensor", "A loop with one norm for each.",
     lambda g, m: ({k: v * (m / v.norm()).clamp(max=1) for k, v in g.items()}, length(g))),
    ("always", "clipped_always", "No if.", scaled(lambda norm, limit: limit / norm)),
    ("when_small", "clipped_when_small", "clamp(min=1).",
     scaled(lambda norm, limit: (limit / norm).clamp(min=1))),
    ("never", "never_clipped", "Measures and stops.", scaled(lambda norm, limit: 1.0)),
    ("no_root", "root_forgotten", "Sum of squares.", with_norm(lambda g: length(g) ** 2)),
    ("sum_of_norms", "sum_of_norms", "Adds the norms.",
     with_norm(lambda g: torch.stack([v.norm() for v in g.values()]).sum())),
    ("largest", "largest_entry", "max.",
     with_norm(lambda g: torch.stack([v.abs().max() for v in g.values()]).max())),
    ("last", "one_tensor_only", "= in the loop.",
     with_norm(lambda g: list(g.values())[-1].norm())),
    ("absolute", "absolute_values", "abs.",
     with_norm(lambda g: torch.stack([v.abs().sum() for v in g.values()]).sum())),
    ("mean", "root_of_mean", "mean().",
     with_norm(lambda g: torch.cat([v.flatten() for v in g.values()]).square().mean().sqrt())),
    ("spectral", "spectral_norm", "linalg.norm(g, 2).",
     with_norm(lambda g: torch.stack([torch.linalg.norm(v, 2) for v in g.values()]).norm())),
    ("upside_down", "factor_upside_down", "norm / max_norm.",
     scaled(lambda norm, limit: (norm / limit).clamp(min=1))),
    ("by_value", "clipped_by_value", "clamp.",
     lambda g, m: ({k: v.clamp(-m, m) for k, v in g.items()}, length(g))),
    ("unit", "clipped_to_one", "Normalises.",
     scaled(lambda norm, limit: torch.where(norm > limit, 1 / norm, 1.0))),
    ("factor", "factor_returned", "Returns the factor.",
     lambda g, m: (right_clip(g, m)[0], (m / length(g)).clamp(max=1))),
    ("limit", "limit_returned", "Returns max_norm.", lambda g, m: (right_clip(g, m)[0], m)),
    ("turned_round", "wrong_type", "norm first.", lambda g, m: right_clip(g, m)[::-1]),
    ("dict_alone", "wrong_type", "No norm.", lambda g, m: right_clip(g, m)[0]),
    ("list", "wrong_type", "A list of tensors.",
     lambda g, m: (list(right_clip(g, m)[0].values()), length(g))),
    ("known_names", "missing_key", "Expects dU, dW, db.",
     lambda g, m: ({k: g[k] for k in ("dU", "dW", "db")}, length(g))),
)  # fmt: skip


def _loop(grads: Any, max_norm: float) -> Any:
    total = sum((g**2).sum() for g in grads.values())
    norm = total**0.5
    factor = torch.minimum(max_norm / (norm + 1e-6), torch.ones_like(norm))
    return {k: factor * g for k, g in reversed(grads.items())}, norm


def _as_float(grads: Any, max_norm: float) -> Any:
    norm = length(grads)
    if norm.device.type == "meta":
        return dict(grads), norm
    factor = min(1.0, max_norm / float(norm))
    return {k: g * factor for k, g in grads.items()}, float(norm)


bank.right_ones("clip_grad_norm", clamped=right_clip, loop_with_epsilon=_loop, as_float=_as_float,
                of_norms=with_norm(lambda g: torch.stack([v.norm() for v in g.values()]).norm()),
                )  # fmt: skip


def each(change: Callable[[Tensor, float], Any]) -> Callable[..., Any]:
    return lambda grads, limit: {k: change(g, limit) for k, g in grads.items()}


@wrong("clip_grad_value", "same_dict")
def grads_themselves_too(grads: Any, limit: float) -> Any:
    """Nothing to clip, so nothing to make."""
    if max(float(g.abs().max()) for g in grads.values()) <= limit:
        return grads
    return each(lambda g, c: g.clamp(-c, c))(grads, limit)


@wrong("clip_grad_value", "input_changed")
def clamps_in_place(grads: Any, limit: float) -> Any:
    """clamp_."""
    return {k: g.clamp_(-limit, limit) for k, g in grads.items()}


bank.wrong_ones(
    "clip_grad_value",
    ("above", "only_from_above", "clamp(max=).", each(lambda g, c: g.clamp(max=c))),
    ("below", "only_from_below", "clamp(min=).", each(lambda g, c: g.clamp(min=-c))),
    ("positive", "clipped_at_zero", "clamp(0, limit).", each(lambda g, c: g.clamp(0, c))),
    ("abs", "sign_lost", "abs.", each(lambda g, c: g.abs().clamp(max=c))),
    ("no_sign", "sign_lost_where_clipped", "where.",
     each(lambda g, c: torch.where(g.abs() > c, c, g))),
    ("zeroed", "large_entries_zeroed", "A mask.", each(lambda g, c: g * (g.abs() <= c))),
    ("signs", "signs_only", "sign.", each(lambda g, c: g.sign() * c)),
    ("nothing", "never_clipped", "Copies.", each(lambda g, c: g.clone())),
    ("by_norm", "clipped_by_norm", "The exercise before.", lambda g, c: right_clip(g, c)[0]),
    ("one", "clipped_at_one", "clamp(-1, 1).", each(lambda g, c: g.clamp(-1, 1))),
    ("squash", "squashed", "tanh.", each(lambda g, c: c * torch.tanh(g / c))),
    ("units", "divided_by_limit", "g / limit.", each(lambda g, c: (g / c).clamp(-1, 1))),
    ("list", "wrong_type", "A list.", lambda g, c: [v.clamp(-c, c) for v in g.values()]),
    ("flat", "wrong_shape", "Flattens.", each(lambda g, c: g.flatten().clamp(-c, c))),
)  # fmt: skip
bank.right_ones(
    "clip_grad_value",
    clamp=each(lambda g, c: g.clamp(-c, c)),
    clip=each(lambda g, c: torch.clip(g, min=-c, max=c)),
    where=each(lambda g, c: torch.where(g > c, c, torch.where(g < -c, -c, g))),
    minimum=each(lambda g, c: g.sign() * g.abs().clamp(max=c)),
)

# --- jacobian_norms -------------------------------------------------------------------------------


def chained(
    factor: Callable[[Tensor, Tensor, int], Tensor] = lambda h, W, t: (
        slope(h[t + 1])[:, None] * W.T
    ),
    size: Callable[[Tensor], Tensor] = lambda J: torch.linalg.matrix_norm(J, 2),
    turn: bool = False,
) -> Callable[..., Any]:
    def norms(h: Tensor, W: Tensor) -> Any:
        J = torch.eye(len(W), dtype=W.dtype, device=W.device)
        found = [size(J)]
        for t in reversed(range(len(h) - 1)):
            J = factor(h, W, t) @ J if turn else J @ factor(h, W, t)
            found.append(size(J))
        return torch.stack(found[::-1])

    return norms


def steeper(change: Callable[[Tensor], Tensor]) -> Callable[..., Any]:
    return chained(lambda h, W, t: change(h[t + 1])[:, None] * W.T)


bank.wrong_ones(
    "jacobian_norms",
    ("no_slope", "tanh_slope_missing", "Powers of W.", steeper(torch.ones_like)),
    ("one_minus", "one_minus_h", "1 - h.", steeper(lambda h: 1 - h)),
    ("gate", "slope_of_sigmoid", "h (1 - h).", steeper(lambda h: h * (1 - h))),
    ("earlier", "slope_of_earlier_state", "h[t].",
     chained(lambda h, W, t: slope(h[t])[:, None] * W.T)),
    ("w_turned", "w_transposed", "W.", chained(lambda h, W, t: slope(h[t + 1])[:, None] * W)),
    ("other_side", "slope_on_wrong_side", "W.T * slope.",
     chained(lambda h, W, t: W.T * slope(h[t + 1]))),
    ("other_order", "order_reversed", "factor @ J.", chained(turn=True)),
    ("frobenius", "frobenius_norm", "J.norm().", chained(size=lambda J: J.norm())),
    ("frobenius_not_turned", "frobenius_norm", "linalg.norm, and appends in a backward loop.",
     lambda h, W: chained(size=lambda J: torch.linalg.norm(J))(h, W).flip(0)),
    ("largest", "largest_entry", "abs().max().", chained(size=lambda J: J.abs().max())),
    ("radius", "spectral_radius", "eigvals.",
     chained(size=lambda J: torch.linalg.eigvals(J).abs().max())),
    ("smallest", "smallest_singular_value", "svdvals(J)[-1].",
     chained(size=lambda J: torch.linalg.svdvals(J)[-1])),
    ("nuclear", "nuclear_norm", "'nuc'.",
     chained(size=lambda J: torch.linalg.matrix_norm(J, "nuc"))),
    ("squared", "squared", "J.T @ J's eigenvalue.",
     chained(size=lambda J: torch.linalg.matrix_norm(J.T @ J, 2))),
    ("not_turned", "outputs_reversed", "Appends in a backward loop.",
     lambda h, W: chained()(h, W).flip(0)),
    ("without_last", "last_left_out", "Starts with the first factor.",
     lambda h, W: chained()(h, W)[:-1]),
    ("eye_on_cpu", "wrong_device", "torch.eye(H).",
     lambda h, W: chained()(h, W) * torch.eye(len(h), dtype=h.dtype).diagonal()),
)  # fmt: skip


def _from_the_left(h: Tensor, W: Tensor) -> Any:
    """The transposed Jacobians, row vectors."""
    G = torch.eye(len(W), dtype=W.dtype, device=W.device)
    norms = h.new_ones(len(h))
    for t in range(len(h) - 2, -1, -1):
        G = W @ (slope(h[t + 1])[:, None] * G)
        norms[t] = torch.linalg.svdvals(G)[0]
    return norms


def _by_bptt(h: Tensor, W: Tensor) -> Any:
    """Every unit's gradient, carried back as a batch."""
    carried, norms = torch.diag(torch.ones_like(W[0])), [torch.ones_like(W[0, 0])]
    for t in range(len(h) - 1, 0, -1):
        carried = (carried * (1 - h[t] ** 2)) @ W.mT
        norms.insert(0, torch.linalg.norm(carried, ord=2))
    return torch.stack(norms)


bank.right_ones(
    "jacobian_norms", chained=chained(), from_the_left=_from_the_left, by_bptt=_by_bptt,
    with_diag=chained(lambda h, W, t: torch.diag(slope(h[t + 1])) @ W.T),
    singular_values=chained(size=lambda J: torch.linalg.svd(J).S.max()),
)  # fmt: skip
