"""Right answers to lstm_forward."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from functools import reduce
from typing import Any

import torch
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params, four_gates, step

bank = Bank()
right = bank.right
Pair = tuple[Tensor, Tensor]


@right("lstm_forward")
def two_lists(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    h, c = h0, c0
    hs, cs = [], []
    for x_t in x:
        h, c = step(x_t, h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


@right("lstm_forward")
def filled_in(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    T, N, H = x.shape[0], *h0.shape
    h, c = x.new_empty(T, N, H), x.new_empty(T, N, H)
    for t in range(T):
        before = (h0, c0) if t == 0 else (h[t - 1], c[t - 1])
        h[t], c[t] = step(x[t], *before, params)
    return h, c


@right("lstm_forward")
def one_longer_and_cut(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """The results are views that begin behind h0 and c0."""
    hs = torch.cat([h0[None], x.new_zeros(len(x), *h0.shape)])
    cs = torch.cat([c0[None], x.new_zeros(len(x), *c0.shape)])
    for t, x_t in enumerate(x, start=1):
        hs[t], cs[t] = step(x_t, hs[t - 1], cs[t - 1], params)
    return hs[1:], cs[1:]


@right("lstm_forward")
def input_products_at_once(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    U = torch.cat([params[f"U_{k}"] for k in "fioc"], dim=1)
    W = torch.cat([params[f"W_{k}"] for k in "fioc"], dim=1)
    from_input = torch.einsum("tnd,dk->tnk", x, U)
    H, h, c, out = h0.shape[1], h0, c0, []
    for z in from_input.unbind():
        z = z + h @ W
        f, i, o = torch.sigmoid(z[:, : 3 * H]).chunk(3, dim=-1)
        c = f * c + i * torch.tanh(z[:, 3 * H :])
        h = o * torch.tanh(c)
        out.append(torch.stack([h, c]))
    h_all, c_all = torch.stack(out, dim=1)
    return h_all, c_all


@right("lstm_forward")
def returns_a_list(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    states = [(h0, c0)]
    for t in range(x.size(0)):
        states.append(step(x[t], *states[t], params))
    return [torch.stack(list(s)) for s in zip(*states[1:], strict=True)]


@right("lstm_forward")
def batch_first_inside(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Both results are non-contiguous."""
    x = x.permute(1, 0, 2)
    h, c, hs, cs = h0, c0, [], []
    for t in range(x.shape[1]):
        h, c = step(x[:, t], h, c, params)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs, dim=1).transpose(0, 1), torch.stack(cs, dim=1).transpose(0, 1)


@right("lstm_forward")
def accumulated(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    states = itertools.accumulate(x, lambda s, x_t: step(x_t, *s, params), initial=(h0, c0))
    hs, cs = zip(*itertools.islice(states, 1, None), strict=True)
    return torch.stack(hs), torch.stack(cs)


@right("lstm_forward")
def reduced(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    def further(states: list[Pair], x_t: Tensor) -> list[Pair]:
        return [*states, step(x_t, *states[-1], params)]

    states = reduce(further, x, [(h0, c0)])[1:]
    return torch.stack([s[0] for s in states]), torch.stack([s[1] for s in states])


def _steps(x: Tensor, h: Tensor, c: Tensor, params: Params) -> Iterator[Pair]:
    for t, x_t in enumerate(x):
        h, c = step(x_t, h, c, params)
        print(f"\rstep {t + 1} of {len(x)}", end="", file=sys.stderr)
        yield h, c


@right("lstm_forward")
def generated(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """A generator with a progress line."""
    hs, cs = map(torch.stack, zip(*_steps(x, h0, c0, params), strict=True))
    return hs, cs


@right("lstm_forward")
def recursive(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    h, c = step(x[0], h0, c0, params)
    if len(x) == 1:
        return h.unsqueeze(0), c.unsqueeze(0)
    hs, cs = recursive(x[1:], h, c, params)
    return torch.cat([h[None], hs]), torch.cat([c[None], cs])


@right("lstm_forward")
def own_tensors_in_place(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    h, c = h0.clone(), c0.clone()
    hs, cs = [], []
    for x_t in x:
        f, i, c_bar, o = four_gates(x_t, h, params)
        c.mul_(f).add_(i * c_bar)
        h.copy_(o * torch.tanh(c))
        hs.append(h.clone())
        cs.append(c.clone())
    return torch.stack(hs), torch.stack(cs)


@right("lstm_forward")
def with_gradients(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    learnt = {key: nn.Parameter(value) for key, value in params.items()}
    return two_lists(x, h0, c0, dict(learnt))


@right("lstm_forward")
def row_by_row_of_the_batch(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    rows = [two_lists(x[:, n], h0[n], c0[n], params) for n in range(x.shape[1])]
    return torch.stack([h for h, _ in rows], 1), torch.stack([c for _, c in rows], 1)


@right("lstm_forward")
def in_double_and_back(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    p = {key: value.double() for key, value in params.items()}
    h, c = two_lists(x.double(), h0.double(), c0.double(), p)
    return h.to(x.dtype), c.type_as(x)
