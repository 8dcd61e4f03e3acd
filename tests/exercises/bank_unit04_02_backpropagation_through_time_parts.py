"""The way back through an RNN, in pieces that can be exchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

Slope = Callable[[Tensor], Tensor]


def slope(h: Tensor) -> Tensor:
    return 1 - h * h


def step_back(
    dh_t: Tensor, x_t: Tensor, h_prev: Tensor, h_t: Tensor, U: Tensor, W: Tensor,
    steep: Slope = slope,
) -> tuple[Tensor, ...]:  # fmt: skip
    dz = dh_t * steep(h_t)
    return dz @ U.T, dz @ W.T, x_t.T @ dz, h_prev.T @ dz, dz.sum(0)


def zeros(U: Tensor, W: Tensor) -> list[Tensor]:
    return [torch.zeros_like(U), torch.zeros_like(W), torch.zeros_like(W[0])]


def walk(
    step: Callable[..., Any] = step_back,
    before: Callable[[int, Tensor, Tensor], Tensor] = lambda t, h0, h: h[t - 1] if t else h0,
    carry: Callable[[Tensor, Tensor], Tensor] = lambda new, old: new,
    collect: Callable[[Tensor, Tensor], Tensor] = lambda total, share: total + share,
    order: Callable[[int], Iterable[int]] = lambda T: range(T - 1, -1, -1),
    arrives: Callable[[Tensor, Tensor, int], Tensor] = lambda dh, carried, t: dh[t] + carried,
) -> Callable[..., Any]:
    """An answer to bptt with one of its parts exchanged."""

    def bptt(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
        dx, carried, totals = torch.zeros_like(x), torch.zeros_like(h0), zeros(U, W)
        for t in order(len(x)):
            there = arrives(dh, carried, t)
            dx[t], new, *shares = step(there, x[t], before(t, h0, h), h[t], U, W)
            carried = carry(new, carried)
            totals = [collect(a, b) for a, b in zip(totals, shares, strict=True)]
        return (dx, carried, *totals)

    return bptt


bptt = walk()


def in_windows(
    starts: Callable[[int, int], Iterable[int]] = lambda T, k: range(0, T, k),
    begin: Callable[[int, Tensor, Tensor], Tensor] = lambda t, h0, h: h[t - 1] if t else h0,
    inner: Callable[..., Any] = bptt,
) -> Callable[..., Any]:
    """An answer to truncated_bptt: `starts(T, k)` are the windows' first steps, ascending."""

    def truncated(
        dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor, k: int
    ) -> Any:
        totals, firsts = zeros(U, W), list(starts(len(x), k))
        for first, end in zip(firsts, [*firsts[1:], len(x)], strict=True):
            w = slice(first, end)
            shares = inner(dh[w], x[w], begin(first, h0, h), h[w], U, W)[2:]
            totals = [a + b for a, b in zip(totals, shares, strict=True)]
        return tuple(totals)

    return truncated
