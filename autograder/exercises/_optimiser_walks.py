"""Optimisers stepped over given gradients: torch.optim's own, and known wrong ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from autograder.checking.compare import UnreadableError
from autograder.checking.exercise import Output, Sizes
from autograder.checking.values import Inputs, Value, describe
from autograder.exercises._places import in_params

Params = Mapping[str, Tensor]
Walk = list[dict[str, Tensor]]
Make = Callable[[list[Tensor], float, Mapping[str, float]], torch.optim.Optimizer]


def draw(hypers: Sequence[Mapping[str, float]]) -> Callable[..., Inputs]:
    """Draws params, a gradient for each step, lr, and hyperparameters: `hypers[sizes["case"]]`."""

    def drawn(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
        shapes = {"w": (sizes["D"], sizes["M"]), "b": (sizes["M"],), "scale": ()}

        def normal() -> dict[str, Tensor]:
            return {
                name: scale * torch.randn(shape, dtype=torch.float64, generator=g)
                for name, shape in shapes.items()
            }

        return {
            "params": normal(),
            "grads": [normal() for _ in range(sizes["S"])],
            "lr": 0.05 + 0.1 * float(torch.rand((), dtype=torch.float64, generator=g)),
            "hyper": dict(hypers[sizes["case"] - 2]),
        }

    return drawn


def torch_walk(make: Make) -> Callable[..., Walk]:
    """The params after each step of an optimiser of torch.optim that is fed the gradients."""

    def oracle(
        params: Params, grads: Sequence[Params], lr: float, hyper: Mapping[str, float]
    ) -> Walk:
        leaves = {name: value.clone().requires_grad_() for name, value in params.items()}
        optimiser = make(list(leaves.values()), lr, hyper)
        path = []
        for step in grads:
            for name, leaf in leaves.items():
                leaf.grad = step[name].clone()
            optimiser.step()
            path.append({name: leaf.detach().clone() for name, leaf in leaves.items()})
        return path

    return oracle


# --- what is compared ---------------------------------------------------------------------------


def _flat(inputs: Inputs, value: Value, step: int) -> Tensor:
    """All params after one step in one row, in the order of the inputs' keys."""
    if not isinstance(value, list) or step >= len(value):
        raise UnreadableError("wrong_type", f"No params came back; yours is {describe(value)}.")
    row = []
    for name, start in inputs["params"].items():
        if name not in value[step]:
            raise UnreadableError(
                "keys_missing", f"The key {name!r} is missing in what comes back."
            )
        part = value[step][name]
        if type(part) in (int, float):
            part = torch.tensor(part, dtype=torch.float64)
        if not isinstance(part, Tensor) or part.shape != start.shape:
            raise UnreadableError(
                "wrong_shape",
                f"`params[{name!r}]` should keep its shape {tuple(start.shape)}; yours is "
                f"{describe(part, 'numpy')}.",
            )
        row.append(part.double().flatten())
    return torch.cat(row)


def _all(inputs: Inputs, value: Value) -> Tensor:
    return torch.stack([_flat(inputs, value, step) for step in range(len(inputs["grads"]))])


def _place(inputs: Inputs, index: tuple[int, ...]) -> str:
    """`step 3, params['w'][0, 2]`, steps counted from 1."""
    step = index[0] + 1 if len(index) > 1 else 1
    return f"step {step}, {in_params(inputs['params'], index[-1])}"


OUTPUTS = (
    Output(
        "the first step", ("P",), view=lambda inputs, value: _flat(inputs, value, 0), place=_place
    ),
    Output("all steps", ("S", "P"), view=_all, weight=2.0, place=_place),
)


# --- known wrong ones ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    """What someone does otherwise than torch.optim; all at their defaults do nothing otherwise."""

    first_count: int = 1
    counts: bool = True
    counts_params: bool = False
    corrects: tuple[bool, bool] = (True, True)
    multiplies_count: bool = False
    keeps_corrected: bool = False
    eps: str = "outside"
    ignores: tuple[str, ...] = ()
    shares: bool = False
    roots: bool = True
    squares: bool = True
    sizes: bool = False
    starts_full: bool = False
    swapped: bool = False
    exchanged: bool = False
    keeps: tuple[bool, bool] = (True, True)
    dampens: tuple[bool, bool] = (True, True)
    old_moments: bool = False
    decay: str = "decoupled"
    up: float = 1.0


def adaptive(
    slip: Slip, defaults: Mapping[str, float], names: Mapping[str, str] | None = None
) -> Callable[..., Walk]:
    """The walk of someone who makes this slip in an optimiser with moving averages of g and g².

    `names` says which of beta1 and beta2 a hyperparameter of another name is.
    """

    def answer(
        params: Params, grads: Sequence[Params], lr: float, hyper: Mapping[str, float]
    ) -> Walk:
        given = {(names or {}).get(name, name): value for name, value in hyper.items()}
        known = {**defaults, **{k: v for k, v in given.items() if k not in slip.ignores}}
        now = {name: value.clone() for name, value in params.items()}
        moments: dict[str, tuple[Tensor, Tensor]] = {}
        path = []
        for index, step in enumerate(grads):
            old = dict(moments)
            for place, name in enumerate(now):
                count = slip.first_count + (index if slip.counts else 0)
                count = index * len(now) + place + 1 if slip.counts_params else count
                zero = torch.zeros_like(now[name])
                first = (zero, step[name].square() if slip.starts_full else zero)
                before = old.get(list(now)[-1] if slip.shares else name, first)
                now[name], moments[name] = _slipping_step(
                    slip, known, lr, now[name], step[name], before, count
                )
            path.append({name: value.clone() for name, value in now.items()})
        return path

    return answer


def _betas(slip: Slip, known: Mapping[str, float]) -> tuple[float, float]:
    first, second = known["beta1"], known["beta2"]
    if slip.swapped:
        return second, first
    return (1 - first if first else 0.0, 1 - second) if slip.exchanged else (first, second)


def _slipping_step(
    slip: Slip,
    known: Mapping[str, float],
    lr: float,
    value: Tensor,
    grad: Tensor,
    before: tuple[Tensor, Tensor],
    count: int,
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """One param's new value and moments."""
    decay, eps, betas = known.get("weight_decay", 0.0), known["eps"], _betas(slip, known)
    if slip.decay in {"l2", "both"}:
        grad = grad + decay * value
    size = grad.abs() if slip.sizes else grad.square()
    fresh = (grad, size if slip.squares else grad)
    after = tuple(
        (old * beta if kept else 0 * old) + (1 - beta if dampened else 1.0) * new
        for old, new, beta, kept, dampened in zip(
            before, fresh, betas, slip.keeps, slip.dampens, strict=True
        )
    )
    used = before if slip.old_moments else after
    if not betas[0]:
        used = (grad, used[1])  # no average of g to be late with
    fixes = [
        (1 - (beta * count if slip.multiplies_count else beta**count)) if on else 1.0
        for beta, on in zip(betas, slip.corrects, strict=True)
    ]
    mean, square = (part / (fix or math.nan) for part, fix in zip(used, fixes, strict=True))
    moved = value - slip.up * lr * mean / _size(slip, square, eps, fixes[1])
    moved = moved + {"on_the_step": eps, "on_the_quotient": -lr * eps}.get(slip.eps, 0.0)
    kept = (mean, square) if slip.keeps_corrected else after
    return _decayed(slip.decay, value, moved, lr, decay), (kept[0], kept[1])


def _size(slip: Slip, square: Tensor, eps: float, fix: float) -> Tensor:
    """What the step is divided by."""
    if not slip.roots:
        return square + eps
    if slip.eps == "inside":
        return (square + eps).sqrt()
    if slip.eps == "uncorrected":
        return square.sqrt() + eps / math.sqrt(fix)
    return square.sqrt() + (eps if slip.eps == "outside" else 0.0)


def _decayed(kind: str, value: Tensor, moved: Tensor, lr: float, decay: float) -> Tensor:
    if kind in {"decoupled", "both"}:
        return moved - lr * decay * value
    if kind == "matrices":
        return moved - (lr * decay * value if value.dim() > 1 else 0.0)
    if kind == "without_lr":
        return moved - decay * value
    if kind == "after":
        return moved * (1 - lr * decay)
    if kind == "grows":
        return moved + lr * decay * value
    return moved


@dataclass(frozen=True)
class HeavySlip:
    """The same for momentum."""

    default: float = 0.0
    fixed: float | None = None
    shares: bool = False
    dampens: bool = False
    keeps: bool = True
    looks_ahead: bool = False
    old: bool = False
    up: float = 1.0
    on_the_velocity_only: bool = False
    squares_lr: bool = False
    squares_momentum: bool = False

    def momentum(self, hyper: Mapping[str, float]) -> float:
        """What takes the place of the momentum that is given, or not given."""
        mu = hyper.get("momentum", self.default) if self.fixed is None else self.fixed
        return mu * mu if self.squares_momentum else mu


def heavy(slip: HeavySlip) -> Callable[..., Walk]:
    """The walk of someone who makes this slip in SGD with momentum."""

    def answer(
        params: Params, grads: Sequence[Params], lr: float, hyper: Mapping[str, float]
    ) -> Walk:
        mu = slip.momentum(hyper)
        now = {name: value.clone() for name, value in params.items()}
        velocity = {name: torch.zeros_like(value) for name, value in params.items()}
        path = []
        for step in grads:
            before = dict(velocity)
            for name in now:
                old = before[list(now)[-1] if slip.shares else name]
                new = mu * old * slip.keeps + (1 - mu if slip.dampens else 1.0) * step[name]
                used = step[name] + mu * new if slip.looks_ahead else new
                used = old if slip.old else used
                rate = lr * lr if slip.squares_lr else lr
                now[name], velocity[name] = now[name] - slip.up * rate * used, new
            path.append({name: value.clone() for name, value in now.items()})
        return path

    return answer


def untouched(params: Params, grads: Sequence[Params], lr: float, hyper: Any) -> Walk:
    """The params as they were, after every step."""
    return [{name: value.clone() for name, value in params.items()} for _ in grads]
