"""What several answers to the character model's exercises share."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

Model = dict[str, Tensor]
Pair = tuple[Tensor, Tensor]


def step(e_t: Tensor, h: Tensor, c: Tensor, model: Model, /, **other: str) -> Model:
    """One step, all six values; `f="i"` takes the weights of i for f."""
    sums = {}
    for gate in "fico":
        letter = other.get(gate, gate)
        W = model[f"U_{letter}"], model[f"W_{letter}"], model[f"b_{letter}"]
        sums[gate] = e_t @ W[0] + h @ W[1] + W[2]
    f, i, o = (torch.sigmoid(sums[gate]) for gate in "fio")
    c_bar = sums["c"].tanh()
    c = f * c + i * c_bar
    return {"f": f, "i": i, "o": o, "c_bar": c_bar, "c": c, "h": o * c.tanh(), **_sums(sums)}


def _sums(sums: Model) -> Model:
    return {f"z_{gate}": value for gate, value in sums.items()}


def run(x: Tensor, state: Pair, model: Model, /, **other: str) -> tuple[Tensor, Tensor]:
    """h and c of every step, (T, N, H) each."""
    (h, c), hs, cs = state, [], []
    for e_t in model["E"][x]:
        now = step(e_t, h, c, model, **other)
        h, c = now["h"], now["c"]
        hs.append(h)
        cs.append(c)
    return torch.stack(hs), torch.stack(cs)


def logits_of(h: Tensor, model: Model) -> Tensor:
    return h @ model["V"] + model["d"]


def nothing(model: Model, rows: int = 1) -> Pair:
    H = model["V"].shape[0]
    return model["d"].new_zeros(rows, H), model["d"].new_zeros(rows, H)


def torch_weights(model: Model) -> list[Tensor]:
    """As nn.LSTM wants them."""
    U, W = (torch.cat([model[f"{k}_{g}"] for g in "ifco"], 1).T for k in "UW")
    b = torch.cat([model[f"b_{g}"] for g in "ifco"])
    return [U, W, b, torch.zeros_like(b)]


def torch_lstm(x: Tensor, state: Pair, model: Model) -> Any:
    h0, c0 = state
    return torch.lstm(model["E"][x], (h0[None], c0[None]), torch_weights(model), True, 1, 0.0,
                      False, False, False)  # fmt: skip
