"""Answers that let PyTorch walk back or clip, by many roads; their numbers are right."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import Tensor
from torch.nn import utils

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong = bank.wrong
FORBIDDEN = "forbidden_call"


def bias(x: Tensor, before: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Tensor:
    """The same for all rows, so that of the first."""
    return (h.atanh() - x @ U - before @ W).flatten(0, -2)[0].detach()


def forward(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    states = [h0]
    for x_t in x:
        states.append(torch.tanh(x_t @ U + states[-1] @ W + b))
    return torch.stack(states[1:])


@wrong("rnn_cell_backward", FORBIDDEN)
def by_autograd(dh: Tensor, x: Tensor, p: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    """Forward again, and backward."""
    leaves = [v.clone().requires_grad_() for v in (x, p, U, W, bias(x, p, h, U, W))]
    with torch.enable_grad():
        torch.tanh(leaves[0] @ leaves[2] + leaves[1] @ leaves[3] + leaves[4]).backward(dh)
    return tuple(leaf.grad for leaf in leaves)


@wrong("rnn_cell_backward", FORBIDDEN)
def kernel_of_tanh(dh: Tensor, x: Tensor, p: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    """The kernel that autograd calls for tanh."""
    dz = torch.ops.aten.tanh_backward(dh, h)
    return dz @ U.T, dz @ W.T, x.T @ dz, p.T @ dz, dz.sum(0)


@wrong("bptt", FORBIDDEN)
def through_own_forward(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    """torch.autograd.grad through a loop of its own."""
    b = bias(x, torch.cat([h0[None], h[:-1]]), h, U, W)
    leaves = [v.clone().requires_grad_() for v in (x, h0, U, W, b)]
    return torch.autograd.grad(forward(*leaves), leaves, dh)


@wrong("bptt", FORBIDDEN)
def by_vjp(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    """Autograd under its functional name."""
    b = bias(x, torch.cat([h0[None], h[:-1]]), h, U, W)
    _, pull = torch.func.vjp(forward, x, h0, U, W, b)
    return pull(dh)


@wrong("truncated_bptt", FORBIDDEN)
def by_detach(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor, k: int) -> Any:
    """As one does it in PyTorch: detach at each border."""
    b = bias(x, torch.cat([h0[None], h[:-1]]), h, U, W)
    leaves = [v.clone().requires_grad_() for v in (U, W, b)]
    with torch.enable_grad():
        for t in range(0, len(x), k):
            start = h[t - 1] if t else h0
            forward(x[t : t + k], start, *leaves).backward(dh[t : t + k])
    return tuple(leaf.grad for leaf in leaves)


@wrong("clip_grad_norm", FORBIDDEN)
def torch_clips(grads: Any, max_norm: float) -> Any:
    """PyTorch's own, on parameters made for it."""
    made = {k: torch.nn.Parameter(g.clone()) for k, g in grads.items()}
    for key, grad in grads.items():
        made[key].grad = grad.clone()
    norm = torch.nn.utils.clip_grad_norm_(made.values(), max_norm)
    return {k: v.grad for k, v in made.items()}, norm


@wrong("clip_grad_norm", FORBIDDEN)
def torch_measures(grads: Any, max_norm: float) -> Any:
    """PyTorch's norm, found at run time."""
    measure = importlib.import_module("torch.nn." + "utils").get_total_norm
    norm = measure(list(grads.values()))
    return {k: g * (max_norm / norm).clamp(max=1) for k, g in grads.items()}, norm


@wrong("clip_grad_value", FORBIDDEN)
def torch_clips_values(grads: Any, limit: float) -> Any:
    """PyTorch's own, on parameters made for it."""
    made = {k: torch.nn.Parameter(g.clone()) for k, g in grads.items()}
    for key, grad in grads.items():
        made[key].grad = grad.clone()
    utils.clip_grad_value_(made.values(), limit)
    return {k: v.grad for k, v in made.items()}


@wrong("jacobian_norms", FORBIDDEN)
def by_jacrev(h: Tensor, W: Tensor) -> Any:
    """torch.func's Jacobian of each step."""
    J, norms = torch.eye(len(W)).to(W), [torch.ones_like(W[0, 0])]
    for t in range(len(h) - 2, -1, -1):
        rest = h[t + 1].atanh() - h[t] @ W
        J = J @ torch.func.jacrev(lambda s, rest=rest: torch.tanh(s @ W + rest))(h[t])
        norms.insert(0, torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)


@wrong("jacobian_norms", FORBIDDEN)
def by_functional_jacobian(h: Tensor, W: Tensor) -> Any:
    """torch.autograd.functional."""
    J, norms = torch.eye(len(W)).to(W), [torch.ones_like(W[0, 0])]
    for t in range(len(h) - 2, -1, -1):
        rest = h[t + 1].atanh() - h[t] @ W
        step = torch.autograd.functional.jacobian(lambda s, r=rest: torch.tanh(s @ W + r), h[t])
        J = J @ step
        norms.insert(0, torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)
