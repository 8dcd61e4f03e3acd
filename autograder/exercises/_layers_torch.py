"""PyTorch's own layers, and the ways in which their gradients are perturbed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception

Gradients = tuple[Tensor, ...]


def gradients(
    forward: Callable[..., Tensor], dy: Tensor, inputs: Sequence[Tensor]
) -> tuple[Tensor, ...]:
    """What autograd gives for `forward(*inputs)`, for each input, with `dy` at the output."""
    leaves = [value.detach().clone().requires_grad_() for value in inputs]
    found = torch.autograd.grad(forward(*leaves), leaves, dy, allow_unused=True)
    return tuple(
        torch.zeros_like(leaf) if grad is None else grad
        for leaf, grad in zip(leaves, found, strict=True)
    )


def wrong(name: str, says: str, look: str, answer: Callable[..., Any]) -> Misconception:
    """A misconception in one line."""
    return Misconception(name, says, look, answer)


def changed(
    oracle: Callable[..., Gradients], place: int, change: Callable[..., Tensor]
) -> Callable[..., Gradients]:
    """The oracle's gradients with one of them as `change(gradient, *inputs)` leaves it."""

    def answer(*inputs: Any) -> Gradients:
        found = list(oracle(*inputs))
        found[place] = change(found[place], *inputs)
        return tuple(found)

    return answer


def reordered(oracle: Callable[..., Gradients], order: Sequence[int]) -> Callable[..., Gradients]:
    """The oracle's gradients in another order."""

    def answer(*inputs: Any) -> Gradients:
        found = oracle(*inputs)
        return tuple(found[place] for place in order)

    return answer
