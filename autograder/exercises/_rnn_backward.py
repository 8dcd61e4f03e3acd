"""Going back through the RNN: autograd through PyTorch's kernels, and graphs to be perturbed.

Backward exercises are given the states and not the bias. The oracle finds the bias again from the
least saturated states, and lets autograd walk through `torch.rnn_tanh`. Known mistakes are graphs
in which a slope, a connection or a road back has been exchanged; autograd walks those too.
https://docs.pytorch.org/docs/stable/autograd.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Sizes
from autograder.checking.values import Inputs
from autograder.exercises._layers_torch import gradients
from autograder.exercises._rnn import draw_weights, normal, torch_layer, torch_step

Gradients = tuple[Tensor, ...]
#: (dx, dh0, dU, dW, db) in this order everywhere.
DX, DH0, DU, DW, DB = range(5)


def find_bias(x: Tensor, previous: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Tensor:
    """The b (H,) behind states h (..., H), from each unit's least saturated state."""
    rows, before, after = x.flatten(0, -2), previous.flatten(0, -2), h.flatten(0, -2)
    linear = torch.nn.functional.linear
    rest = after.atanh() - linear(rows, U.mT) - linear(before, W.mT)
    return rest.gather(0, after.abs().argmin(0, keepdim=True))[0]


def in_double(answer: Callable[..., Any]) -> Callable[..., Any]:
    """`answer` in float64, its tensors in the dtype that came in."""

    def precise(*inputs: Any) -> Any:
        kind = next(value.dtype for value in inputs if isinstance(value, Tensor))
        found = answer(*(v.double() if isinstance(v, Tensor) else v for v in inputs))
        if isinstance(found, Tensor):
            return found.to(kind)
        return tuple(value.to(kind) for value in found)

    return precise


def before_each_step(h0: Tensor, h: Tensor) -> Tensor:
    """The state that each step starts from, (T, N, H)."""
    return torch.cat([h0[None], h[:-1]])


@in_double
def torch_step_back(
    dh_t: Tensor, x_t: Tensor, h_prev: Tensor, h_t: Tensor, U: Tensor, W: Tensor
) -> Gradients:
    """Autograd's (dx_t, dh_prev, dU, dW, db) through `torch.rnn_tanh_cell`."""
    b = find_bias(x_t, h_prev, h_t, U, W)
    return gradients(torch_step, dh_t, (x_t, h_prev, U, W, b))


@in_double
def torch_back(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Gradients:
    """Autograd's (dx, dh0, dU, dW, db) through `torch.rnn_tanh`."""
    b = find_bias(x, before_each_step(h0, h), h, U, W)
    return gradients(torch_layer, dh, (x, h0, U, W, b))


@in_double
def torch_truncated(
    dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor, k: int
) -> Gradients:
    """Autograd's (dU, dW, db) through `torch.rnn_tanh`, window after window of k steps."""
    starts = before_each_step(h0, h)
    b = find_bias(x, starts, h, U, W)
    windows = [
        gradients(torch_layer, dh[t : t + k], (x[t : t + k], starts[t], U, W, b))[DU:]
        for t in range(0, len(x), k)
    ]
    return tuple(sum(shares[1:], shares[0]) for shares in zip(*windows, strict=True))


@in_double
def torch_jacobian_norms(h: Tensor, W: Tensor) -> Tensor:
    """Spectral norms of autograd's Jacobians of the last state with respect to each, (T,)."""
    return torch.stack([torch.linalg.matrix_norm(J, 2) for J in jacobians(h, W)])


def jacobians(h: Tensor, W: Tensor) -> list[Tensor]:
    """Autograd's Jacobian (H, H) of h's last state with respect to each, through PyTorch's step."""
    T, H = h.shape
    unit = torch.eye(H, dtype=h.dtype)
    states = [h[:1].detach().requires_grad_()]
    for t in range(1, T):
        pushed = (h[t].atanh() - h[t - 1] @ W)[None]  # what else came in, so that h[t] comes out
        states.append(torch_step(pushed, states[-1], unit, W, h.new_zeros(H)))
    rows = [
        torch.autograd.grad(states[-1][0, j], states, retain_graph=True, allow_unused=True)
        for j in range(H)
    ]
    return [torch.cat([row[t] for row in rows]) for t in range(T)]


# --- what is drawn --------------------------------------------------------------------------------


def draw_step_back(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws one step and what arrives at its state; h_t is what PyTorch computes."""
    N, D, H = (sizes[letter] for letter in "NDH")
    U, W, b = draw_weights(sizes, g)
    x_t, h_prev = normal(g, N, D), normal(g, N, H).tanh()
    h_t = torch_step(x_t, h_prev, U, W, b)
    return {"dh_t": normal(g, N, H), "x_t": x_t, "h_prev": h_prev, "h_t": h_t, "U": U, "W": W}


def draw_back(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws a sequence and what arrives at each state; h is what PyTorch computes."""
    T, N, D, H = (sizes[letter] for letter in "TNDH")
    U, W, b = draw_weights(sizes, g)
    x, h0 = normal(g, T, N, D), normal(g, N, H).tanh()
    h = torch_layer(x, h0, U, W, b)
    return {"dh": normal(g, T, N, H), "x": x, "h0": h0, "h": h, "U": U, "W": W}


def draw_truncated(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """As `draw_back`, and the length k of a window."""
    return {**draw_back(sizes, scale, g), "k": sizes["k"]}


def draw_one_sequence(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws the states (T, H) of one sequence, and W."""
    whole = draw_back({**sizes, "N": 1, "D": 3}, scale, g)
    return {"h": whole["h"][:, 0].contiguous(), "W": whole["W"]}


# --- graphs to be perturbed -----------------------------------------------------------------------


def slope_of_tanh(h: Tensor) -> Tensor:
    """How steep tanh is where its value is h, as autograd's kernel has it."""
    return torch.ops.aten.tanh_backward(torch.ones_like(h), h)


@dataclass(frozen=True)
class Road:
    """How the gradient travels in a graph that is not quite the RNN's.

    slope: tanh's, from the states; on_carry whether it also acts on what goes on to earlier steps.
    feeds(t): the earlier steps (-1 is h0) whose state step t is taken to depend on. through: the
    matrix on that road, from W. previous: what each step is taken to start from, for dW. order: the
    steps, as one can be computed after the other.
    """

    slope: Callable[[Tensor], Tensor] = slope_of_tanh
    on_carry: bool = True
    feeds: Callable[[int], Collection[int]] = lambda t: (t - 1,)
    through: Callable[[Tensor], Tensor] = lambda W: W
    previous: Callable[[Tensor, Tensor], Tensor] = before_each_step
    order: Callable[[int], Sequence[int]] = range

    def walk(self, dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Gradients:
        """Autograd's (dx, dh0, dU, dW, db) along this road."""
        slopes, starts = self.slope(h).detach(), self.previous(h0, h).detach()
        road = self.through(W).detach()
        linear = torch.nn.functional.linear

        def forward(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
            nodes = {-1: h0}
            for t in self.order(len(x)):
                own = slopes[t] * (linear(x[t], U.mT, b) + linear(starts[t], W.mT))
                weight = slopes[t] if self.on_carry else torch.ones_like(slopes[t])
                for source in self.feeds(t):
                    if source in nodes:
                        own = own + weight * linear(nodes[source], road.mT)
                nodes[t] = own
            return torch.stack([nodes[t] for t in range(len(x))])

        return gradients(forward, dh, (x, h0, U, W, W.new_zeros(W.shape[0])))

    def step(
        self, dh_t: Tensor, x_t: Tensor, h_prev: Tensor, h_t: Tensor, U: Tensor, W: Tensor
    ) -> Gradients:
        """The same for a sequence of one step."""
        dx, *rest = self.walk(dh_t[None], x_t[None], h_prev, h_t[None], U, W)
        return (dx[0], *rest)

    def truncated(self, *inputs: Any) -> Gradients:
        """(dU, dW, db) along this road, cut every k steps, counted from the first."""
        *given, k = inputs
        cut = dataclasses.replace(
            self, feeds=lambda t: [s for s in self.feeds(t) if s >= 0 and s // k == t // k]
        )
        return cut.walk(*given)[DU:]
