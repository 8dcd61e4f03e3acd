"""What the exercises on variants share: PyTorch's kernels as oracles, the cases' inputs, the guard.

A variant that PyTorch has no kernel for is reached through the LSTM's: a peephole is one more input
with a diagonal matrix of weights, and the coupled gate follows from 1 - sigmoid(z) = sigmoid(-z).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from autograder.checking.exercise import Sizes
from autograder.checking.values import Inputs
from autograder.exercises import _lstm
from autograder.exercises._lstm import Params, draw_normal

Pair = tuple[Tensor, Tensor]
Three = tuple[Tensor, Tensor, Tensor]
#: PyTorch's order of the GRU's gates: reset, update, new.
GRU_ORDER = ("r", "z", "n")
GRU_BIASES = ("b_r", "b_z", "b_in", "b_hn")

GUARD = dataclasses.replace(
    _lstm.GUARD,
    names=(
        *_lstm.GUARD.names,
        "torch.gru",
        "torch.gru_cell",
        "torch._VF.gru",
        "torch._VF.gru_cell",
        "torch.ops.aten.gru",
        "torch.ops.aten.gru_cell",
    ),
    operators=_lstm.GUARD.operators | {"_thnn_fused_gru_cell"},
    says="PyTorch's own recurrent layers may not be called here: they are what you write.",
)


# --- one step ---------------------------------------------------------------------------------


def torch_fused(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, V: Tensor, b: Tensor) -> Pair:
    """PyTorch's (h_t, c_t), both (N, H), for V (D+H, 4H) with rows [x, h], and b (4H,)."""
    D = x_t.shape[1]
    biases = b, torch.zeros_like(b)
    h_t, c_t = torch.lstm_cell(x_t, (h_prev, c_prev), V[:D].mT, V[D:].mT, *biases)
    return h_t, c_t


def torch_biases(params: Params, value: float) -> dict[str, Tensor]:
    """The weights, and the four blocks of a bias of PyTorch's in which the forget gate's is set."""
    H = len(params["W_f"])
    chosen = torch.tensor([0.0, value, 0.0, 0.0]).to(params["W_f"])
    blocks = torch.kron(chosen, chosen.new_ones(H)).chunk(4)
    return {**params, **{f"b_{g}": b for g, b in zip(_lstm.TORCH_ORDER, blocks, strict=True)}}


def torch_gru(x_t: Tensor, h_prev: Tensor, params: Params) -> Tensor:
    """PyTorch's h_t (N, H) for a GRU with these weights."""
    ih = torch.cat([params[f"U_{gate}"] for gate in GRU_ORDER], 1).mT
    hh = torch.cat([params[f"W_{gate}"] for gate in GRU_ORDER], 1).mT
    none = torch.zeros_like(params["b_r"])
    b_ih = torch.cat([params["b_r"], params["b_z"], params["b_in"]])
    b_hh = torch.cat([none, none, params["b_hn"]])
    return torch.gru_cell(x_t, h_prev, ih, hh, b_ih, b_hh)


#: What a gate (or the candidate, "c") looks at through a peephole: (gate, P's name, what).
Looks = Iterable[tuple[str, str, Tensor]]
Cell = Callable[[Tensor, Tensor, Tensor, Params], Pair]


def looking(cell: Cell, x_t: Tensor, h_prev: Tensor, c_prev: Tensor, p: Params, at: Looks) -> Pair:
    """`cell` without peepholes, its gates given what they look at as further inputs."""
    weights = {name: p[name] for name in _lstm.WEIGHTS}
    inputs = [x_t]
    for gate, name, seen in at:
        inputs.append(seen)
        for other in "fico":
            diagonal = torch.diag(p[name]) if other == gate else torch.zeros_like(p["W_f"])
            weights[f"U_{other}"] = torch.cat([weights[f"U_{other}"], diagonal])
    return cell(torch.cat(inputs, 1), h_prev, c_prev, weights)


def peephole_over(cell: Cell) -> Cell:
    """A cell of the slides with three peepholes; the output gate's looks at the cell's new c."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
        before = [("f", "P_f", c_prev), ("i", "P_i", c_prev)]
        _, c_t = looking(cell, x_t, h_prev, c_prev, params, before)
        return looking(cell, x_t, h_prev, c_prev, params, [*before, ("o", "P_o", c_t)])

    return answer


torch_peephole = peephole_over(_lstm.torch_cell)


def coupled_over(cell: Cell) -> Cell:
    """A cell of the slides whose forget gate has the input gate's weights, negated."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
        forget = {"U_f": -params["U_i"], "W_f": -params["W_i"]}
        return cell(x_t, h_prev, c_prev, {**params, **forget})

    return answer


torch_coupled = coupled_over(_lstm.torch_cell)

# --- layers -----------------------------------------------------------------------------------


def _kernel(x: Tensor, h0: Tensor, c0: Tensor, weights: Sequence[Params], both: bool) -> Three:
    """PyTorch's LSTM kernel; `weights` one dict a layer, or one a direction where `both`.

    Raises RuntimeError where the widths do not fit; the kernel itself does not see it in float32.
    """
    widths = [x.shape[-1], *(params["U_f"].shape[1] for params in weights)]
    wanted = [widths[0 if both else level] for level in range(len(weights))]
    if wanted != [params["U_f"].shape[0] for params in weights]:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
    flat = [tensor for params in weights for tensor in _lstm.lay_out(params)]
    depth = 1 if both else len(weights)
    h, h_last, c_last = torch._VF.lstm(x, (h0, c0), flat, False, depth, 0.0, False, both, False)
    return h, h_last, c_last


def torch_stacked(x: Tensor, h0: Tensor, c0: Tensor, layers: Sequence[Params]) -> Three:
    """PyTorch's h (T, N, H) of the top layer, h_last and c_last (L, N, H)."""
    return _kernel(x, h0, c0, layers, False)


def torch_bidirectional(
    x: Tensor, h0: Tensor, c0: Tensor, forward: Params, backward: Params
) -> Tensor:
    """PyTorch's h (T, N, 2H) of both directions."""
    return _kernel(x, h0, c0, (forward, backward), True)[0]


def torch_packed(x: Tensor, lengths: Tensor, params: Params) -> Three:
    """PyTorch's h (T, N, H), zero past each length, and h_last, c_last (N, H), from zeros."""
    packed = pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False)
    order = packed.sorted_indices
    zeros = x.new_zeros(1, x.shape[1], len(params["W_f"]))
    data, h_last, c_last = torch._VF.lstm(
        packed.data, packed.batch_sizes, (zeros, zeros), _lstm.lay_out(params), False, 1, 0.0,
        False, False,
    )  # fmt: skip
    ran = PackedSequence(data, packed.batch_sizes, order, packed.unsorted_indices)
    h, _ = pad_packed_sequence(ran, total_length=len(x))
    back = torch.as_tensor(packed.unsorted_indices)
    return h, h_last[0].index_select(0, back), c_last[0].index_select(0, back)


# --- what is drawn ----------------------------------------------------------------------------


def shuffled(named: Mapping[str, Tensor], g: torch.Generator) -> dict[str, Tensor]:
    """The same dict in another order of its keys."""
    names = list(named)
    return {names[i]: named[names[i]] for i in torch.randperm(len(names), generator=g).tolist()}


def draw_step(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """x_t (N, D), h_prev (N, H), c_prev (N, H), none of them zero."""
    N, D, H = sizes["N"], sizes["D"], sizes["H"]
    x_t = scale * draw_normal(g, N, D)
    return {"x_t": x_t, "h_prev": draw_normal(g, N, H), "c_prev": draw_normal(g, N, H)}


def draw_fused(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A step, V (D+H, 4H) and b (4H,)."""
    D, H = sizes["D"], sizes["H"]
    step = draw_step(sizes, scale, g)
    return {**step, "V": draw_normal(g, D + H, 4 * H), "b": draw_normal(g, 4 * H)}


def draw_biases(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """The slides' eight weights, and a value that is neither 0, 1 nor 2."""
    value = 0.25 + 0.5 * int(torch.randint(0, 8, (), generator=g))
    return {"params": _lstm.draw_params(sizes, g), "value": value * scale}


def draw_gru(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A step without a cell, and the GRU's six weights and four biases."""
    D, H = sizes["D"], sizes["H"]
    params = {f"U_{gate}": draw_normal(g, D, H) for gate in GRU_ORDER}
    params |= {f"W_{gate}": draw_normal(g, H, H) for gate in GRU_ORDER}
    biases = {name: draw_normal(g, H) for name in GRU_BIASES}
    step = draw_step(sizes, scale, g)
    params = shuffled(params, g) | shuffled(biases, g)
    return {"x_t": step["x_t"], "h_prev": step["h_prev"], "params": params}


def draw_peephole(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A step, the slides' eight weights, and P_f, P_i, P_o (H,)."""
    params = _lstm.draw_params(sizes, g)
    params |= {f"P_{gate}": draw_normal(g, sizes["H"]) for gate in "fio"}
    return {**draw_step(sizes, scale, g), "params": shuffled(params, g)}


def draw_coupled(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A step and the slides' weights without the forget gate's."""
    params = _lstm.draw_params(sizes, g)
    params = {name: tensor for name, tensor in params.items() if not name.endswith("_f")}
    return {**draw_step(sizes, scale, g), "params": params}


def _draw_states(sizes: Sizes, rows: int, scale: float, g: torch.Generator) -> Inputs:
    T, N, D, H = (sizes[letter] for letter in "TNDH")
    x = scale * draw_normal(g, T, N, D)
    return {"x": x, "h0": draw_normal(g, rows, N, H), "c0": draw_normal(g, rows, N, H)}


def draw_stacked(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """The sequence x (T, N, D), h0 and c0 (L, N, H), and L dicts of weights."""
    states = _draw_states(sizes, sizes["L"], scale, g)
    widths = [sizes["D"], *[sizes["H"]] * (sizes["L"] - 1)]
    layers = [_lstm.draw_params({**sizes, "D": width}, g) for width in widths]
    return {**states, "layers": layers}


def draw_bidirectional(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """The sequence x (T, N, D), h0 and c0 (2, N, H), and the weights of the two directions."""
    states = _draw_states(sizes, 2, scale, g)
    forward, backward = _lstm.draw_params(sizes, g), _lstm.draw_params(sizes, g)
    return {**states, "forward": forward, "backward": backward}


def draw_packed(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A padded x (T, N, D), no zeros in its padding, lengths (N,) from 1 to T, and the weights.

    Of three rows and more the first is the shortest and none of its neighbours is in order; where
    `short` is among the sizes, the longest is shorter than T.
    """
    T, N = sizes["T"], sizes["N"]
    longest = T - sizes.get("short", 0)
    lengths = torch.randint(1, longest + 1, (N,), generator=g)
    if N > 2:
        lengths[0], lengths[1], lengths[2] = 1, longest, (longest + 1) // 2
    elif N == 2:
        lengths[0], lengths[1] = max(1, longest - 2), longest
    x = scale * draw_normal(g, T, N, sizes["D"])
    return {"x": x, "lengths": lengths, "params": _lstm.draw_params(sizes, g)}
