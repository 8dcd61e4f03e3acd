"""What answers about the five architectures are made of: one right way, with places for slips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

Params = Mapping[str, Tensor]
Step = Callable[[Tensor, Tensor, Params], Tensor]
Read = Callable[[Tensor, Params], Tensor]


def before(x: Tensor, h: Tensor, p: Params) -> Tensor:
    return x @ p["U"] + h @ p["W"] + p["b"]


def step(x: Tensor, h: Tensor, p: Params) -> Tensor:
    return torch.tanh(before(x, h, p))


def read(h: Tensor, p: Params) -> Tensor:
    return h @ p["V"] + p["d"]


def empty(rows: int, p: Params) -> Tensor:
    return p["W"].new_zeros(rows, len(p["W"]))


def states(x: Any, h: Tensor, p: Params, step: Step = step, carry: bool = True) -> Tensor:
    found = []
    for x_t in x:
        new = step(x_t, h, p)
        found.append(new)
        h = new if carry else h
    return torch.stack(found)


def once(x: Tensor, steps: int) -> list[Tensor]:
    return [x, *[torch.zeros_like(x)] * (steps - 1)]


#: Slips in a step, by the diagnosis that all recurrent architectures share.
STEPS: tuple[tuple[str, str, str, Step], ...] = (
    ("no_b", "bias_forgotten", "U and W are all there is.",
     lambda x, h, p: torch.tanh(x @ p["U"] + h @ p["W"])),
    ("linear", "no_activation", "Forgets the tanh.", before),
    ("sigmoid", "sigmoid_for_tanh", "Squashing is squashing.",
     lambda x, h, p: before(x, h, p).sigmoid()),
    ("relu", "relu_for_tanh", "As in every other network.",
     lambda x, h, p: before(x, h, p).relu()),
    ("b_outside", "bias_after_tanh", "A bracket in the wrong place.",
     lambda x, h, p: torch.tanh(x @ p["U"] + h @ p["W"]) + p["b"]),
    ("u_for_w", "input_and_state_weights_swapped", "Mixes up the letters.",
     lambda x, h, p: torch.tanh(x @ p["W"] + h @ p["U"] + p["b"])),
)  # fmt: skip
RECURRENT_STEPS: tuple[tuple[str, str, str, Step], ...] = (
    *STEPS,
    ("w_transposed", "state_weights_transposed", "As in nn.Linear.",
     lambda x, h, p: torch.tanh(x @ p["U"] + h @ p["W"].T + p["b"])),
    ("no_w", "state_not_multiplied", "Adds the old state as it is.",
     lambda x, h, p: torch.tanh(x @ p["U"] + h + p["b"])),
    ("b_twice", "bias_added_twice", "b_ih and b_hh, as in PyTorch.",
     lambda x, h, p: torch.tanh(x @ p["U"] + p["b"] + h @ p["W"] + p["b"])),
)  # fmt: skip
READS: tuple[tuple[str, str, str, Read], ...] = (
    ("no_d", "output_bias_forgotten", "h V.", lambda h, p: h @ p["V"]),
    ("state", "hidden_returned", "Forgets the output layer.", lambda h, p: h),
    ("tanh_read", "output_activated", "Every layer has an activation.",
     lambda h, p: read(h, p).tanh()),
    ("softmax_read", "output_softmaxed", "Wants probabilities.",
     lambda h, p: read(h, p).softmax(-1)),
)  # fmt: skip
