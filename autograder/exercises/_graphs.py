"""Scalar expression graphs: drawn at random, and evaluated by PyTorch, rightly or not.

A program is a list of steps `[operation, *operands]`; see `autograder.checking.drivers.graph`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from autograder.checking.drivers import OPERATIONS

Step = list[Any]
Operation = Callable[..., Any]
LARGEST, SMALLEST = 20.0, 0.2


def _number(g: torch.Generator, low: float, high: float) -> float:
    return round(low + (high - low) * float(torch.rand((), dtype=torch.float64, generator=g)), 6)


def _pick(g: torch.Generator, n: int) -> int:
    return int(torch.randint(n, (1,), generator=g))


def _evaluate(operation: str, operands: list[float]) -> float:
    """The step's value in plain numbers, or NaN where it has none."""
    functions: Mapping[str, Callable[..., float]] = {
        "exp": math.exp,
        "log": math.log,
        "tanh": math.tanh,
        "relu": lambda a: max(a, 0.0),
    }
    try:
        value = functions.get(operation, OPERATIONS[operation])(*operands)
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan
    return value if isinstance(value, float) else math.nan


def _tame(operation: str, operands: list[float], value: float) -> bool:
    """Whether a step stays away from poles, corners and large numbers."""
    if not math.isfinite(value) or not 1e-3 < abs(value) < LARGEST:
        return operation == "relu" and operands[0] < -SMALLEST
    last = operands[-1]
    limits = {
        "div": abs(last) > SMALLEST,
        "log": last > SMALLEST,
        "relu": abs(last) > SMALLEST,
        "pow": operands[0] > SMALLEST,
    }
    return limits.get(operation, True)


BINARY, UNARY = ("add", "sub", "mul", "div", "pow"), ("neg", "exp", "log", "tanh", "relu")


def random_program(
    g: torch.Generator, n_leaves: int, n_steps: int
) -> tuple[list[float], list[Step]]:
    """Leaves, and a program that uses its nodes again and again; the last steps join them."""
    leaves = [_number(g, 0.3, 1.6) * (1 if _pick(g, 2) else -1) for _ in range(n_leaves)]
    values = list(leaves)
    program: list[Step] = []
    while len(program) < n_steps:
        operation = (*BINARY, *BINARY, *UNARY)[_pick(g, 15)]
        operands: list[Any] = [_pick(g, len(values))]
        if operation in BINARY:
            second: Any = [_number(g, 0.5, 2.5)] if _pick(g, 3) == 0 else _pick(g, len(values))
            operands = [second, operands[0]] if _pick(g, 2) else [operands[0], second]
        numbers = [one[0] if isinstance(one, list) else values[one] for one in operands]
        value = _evaluate(operation, numbers)
        if _tame(operation, numbers, value):
            program.append([operation, *operands])
            values.append(value)
    for node in range(len(values) - 1):  # so that every node takes part
        program.append(["add" if node % 2 else "sub", len(leaves) + len(program) - 1, node])
    return leaves, program


def fixed(text: str) -> list[Step]:
    """A program from its lines: `mul 0 1` is the product of the first two nodes.

    `#2` is a plain whole number, `#0.5` a plain float.
    """
    return [
        [words[0], *([_plain(w[1:])] if w[0] == "#" else int(w) for w in words[1:])]
        for words in (line.split() for line in text.strip().splitlines())
    ]


def _plain(text: str) -> float:
    return float(text) if "." in text else int(text)


# --- evaluated ----------------------------------------------------------------------------------

TORCH: Mapping[str, Operation] = {
    **OPERATIONS,
    "exp": torch.exp,
    "log": torch.log,
    "tanh": torch.tanh,
    "relu": torch.relu,
}


def evaluate(
    leaves: list[float], program: list[Step], operations: Mapping[str, Operation] = TORCH
) -> dict[str, Tensor]:
    """The values of all nodes and the leaves' gradients, with these operations on tensors.

    Built anew from leaves whose gradients were set to 0, the expression gives the same ones again;
    built once more, it adds them to those.
    """
    start = [torch.tensor(leaf, dtype=torch.float64, requires_grad=True) for leaf in leaves]
    nodes: list[Tensor] = list(start)
    for operation, *operands in program:
        chosen = [
            torch.tensor(one[0], dtype=torch.float64) if isinstance(one, list) else nodes[one]
            for one in operands
        ]
        nodes.append(operations[operation](*chosen))
    found: list[Tensor | None] = [None] * len(start)
    if nodes[-1].requires_grad:
        found = list(torch.autograd.grad(nodes[-1], start, allow_unused=True))
    grads = [torch.zeros((), dtype=torch.float64) if grad is None else grad for grad in found]
    return {
        "values": torch.stack([node.detach() for node in nodes]),
        "grads": torch.stack(grads),
        "again": torch.stack(grads),
        "added": 2 * torch.stack(grads),
    }


def with_operations(**changes: Operation) -> Callable[..., dict[str, Tensor]]:
    """An answer whose operations are changed."""
    return lambda leaves, program: evaluate(leaves, program, {**TORCH, **changes})


def with_slope(operation: Operation, slope: Callable[..., tuple[Tensor | float, ...]]) -> Operation:
    """`operation` forward; backward, the upstream gradient times `slope(*operands)`."""

    class Sloped(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *operands: Tensor) -> Tensor:
            ctx.save_for_backward(*operands)
            value: Tensor = operation(*operands)
            return value

        @staticmethod
        def backward(ctx: Any, *upstream: Tensor) -> Any:
            return tuple(upstream[0] * part for part in slope(*ctx.saved_tensors))

    return lambda *operands: Sloped.apply(*operands)


def once_only(operation: Operation) -> Operation:
    """The operation, of whose two operands only one passes a gradient where they are the same."""
    return lambda a, b: operation(a, b.detach()) if a is b else operation(a, b)
