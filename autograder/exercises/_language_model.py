"""What the exercises on a character model share: its weights, and PyTorch's LSTM that runs them.

A model is a dict: `E` (V, D), the LSTM's `U_*` (D, H), `W_*` (H, H) and `b_*` (H,), and the
read-out `V` (H, V), `d` (V,). A bias is the weight of an input that is always 1: with a column of
ones beside `E` and a row `b` below `U`, the slides' form without biases does the arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import CaseSpec, Sizes
from autograder.checking.recipes import Seeded
from autograder.exercises._lstm import WEIGHTS, Params, draw_normal, lay_out
from autograder.exercises._lstm_wrong_weights import Pair

Model = Mapping[str, Tensor]
Layer = Callable[[Tensor, Tensor, Tensor, Params], Pair]

#: The letters of the gates in the slides' names of weights.
GATES = ("f", "i", "c", "o")


def spec(letters: str, *row: int, dtype: torch.dtype = torch.float64) -> CaseSpec:
    """A case of these sizes, one letter each."""
    return CaseSpec(dict(zip(letters, row, strict=True)), dtype)


def draw_model(sizes: Sizes, g: torch.Generator) -> dict[str, Tensor]:
    """All weights of a model, in an order of their own each time; no gate's are like another's."""
    V, D, H = (sizes[letter] for letter in "VDH")
    shapes: dict[str, tuple[int, ...]] = {"E": (V, D), "V": (H, V), "d": (V,)}
    shapes |= {name: (D if name[0] == "U" else H, H) for name in WEIGHTS}
    shapes |= {f"b_{gate}": (H,) for gate in GATES}
    names = list(shapes)
    order = torch.randperm(len(names), generator=g).tolist()
    return {names[i]: draw_normal(g, *shapes[names[i]]) for i in order}


def draw_ids(V: int, g: torch.Generator, *shape: int) -> Tensor:
    """Ids from 0 to V - 1, int64: 0 among them, and one of them more than once if there is room."""
    ids = torch.randint(V, shape, generator=g)
    flat = ids.view(-1)
    if len(flat) > 2:
        places = torch.randperm(len(flat), generator=g)
        flat[places[0]], flat[places[1]] = 0, flat[places[2]]
    return ids


def draw_seed(g: torch.Generator) -> Seeded:
    """A generator of its own for each case."""
    return Seeded(int(torch.randint(2**31, (1,), generator=g)))


def fold(model: Model, biases: bool = True) -> tuple[Tensor, dict[str, Tensor]]:
    """E with a column of ones, and the slides' weights with each b as the last row of its U."""
    E = model["E"]
    params = {name: value for name, value in model.items() if name in WEIGHTS}
    for gate in GATES:
        b = model[f"b_{gate}"][None]
        row = b if biases else torch.zeros_like(b)
        params[f"U_{gate}"] = torch.cat([model[f"U_{gate}"], row])
    return torch.cat([E, E.new_ones(len(E), 1)], 1), params


def torch_lstm(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """PyTorch's own LSTM, the kernel behind `torch.nn.LSTM`: h and c of every step, (T, N, H)."""
    weights, h, c, seen = list(lay_out(params)), h0[None], c0[None], []
    for x_t in x.split(1):  # step by step: it returns the cell state of the last step alone
        h, _, c = torch.lstm(x_t, (h, c), weights, False, 1, 0.0, False, False, False)
        seen.append((h[0], c[0]))
    return torch.stack([h for h, _ in seen]), torch.stack([c for _, c in seen])


def hidden(
    x: Tensor, state: Pair, model: Model, layer: Layer = torch_lstm, biases: bool = True
) -> Pair:
    """The hidden and cell states (T, N, H) while x (T, N) is read, from `state`, (N, H) each."""
    E, params = fold(model, biases)
    return layer(functional.embedding(x, E), *state, params)


def swept(x: Tensor, model: Model, biases: bool = True) -> Tensor:
    """The hidden states (T, N, H) while x (T, N) is read from zeros: PyTorch's LSTM in one go."""
    E, params = fold(model, biases)
    start = tuple(state[None] for state in zeros(model, x.shape[1]))
    weights = list(lay_out(params))
    return torch.lstm(
        functional.embedding(x, E), start, weights, False, 1, 0.0, False, False, False
    )[0]


def read_out(h: Tensor, model: Model) -> Tensor:
    """The logits (..., V) of hidden states (..., H)."""
    return functional.linear(h, model["V"].mT, model["d"])


def zeros(model: Model, rows: int) -> Pair:
    """States (rows, H) of an LSTM that has read nothing."""
    empty = model["W_f"].new_zeros(rows, len(model["W_f"]))
    return empty, empty.clone()
