"""What the LSTM exercises share: PyTorch's cell as oracle, the cases, the guard.

The slides' weights are laid out as `torch.nn.LSTM(bias=False)` wants them, and PyTorch's own
`lstm_cell` kernel (the one behind `torch.nn.LSTMCell`) does the arithmetic:
https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from autograder.checking.exercise import Sizes
from autograder.checking.guard import Guard

Params = Mapping[str, Tensor]

#: The slides' letters in PyTorch's order of gates (PyTorch calls the candidate g).
TORCH_ORDER = ("i", "f", "c", "o")
#: The eight weights of the slides, as the course lists them.
WEIGHTS = ("U_f", "U_i", "U_c", "U_o", "W_f", "W_i", "W_c", "W_o")
#: sigmoid(OPEN) and tanh(OPEN) are exactly 1.0 in float32 and float64.
OPEN = 50.0

GUARD = Guard(
    names=(
        "torch.nn.RNN",
        "torch.nn.RNNCell",
        "torch.nn.GRU",
        "torch.nn.GRUCell",
        "torch.rnn_tanh",
        "torch.rnn_tanh_cell",
        "torch.nn.LSTM",
        "torch.nn.LSTMCell",
        "torch.lstm",
        "torch.lstm_cell",
        "torch._VF.lstm",
        "torch._VF.lstm_cell",
        "torch.ops.aten.lstm",
        "torch.ops.aten.lstm_cell",
        "torch.ops.aten.mkldnn_rnn_layer",
    ),
    modules=("torch.ao", "torch._decomp", "torch._refs"),
    operators=frozenset(
        {
            "lstm",
            "lstm_cell",
            "gru",
            "gru_cell",
            "rnn_tanh",
            "rnn_tanh_cell",
            "quantized_lstm",
            "quantized_lstm_cell",
            "mkldnn_rnn_layer",
            "mkldnn_rnn_layer_backward",
            "_thnn_fused_lstm_cell",
            "_cudnn_rnn",
            "_lstm_mps",
            "miopen_rnn",
        }
    ),
    says="PyTorch's own recurrent layers may not be called here: the LSTM is what you write.",
)


def lay_out(params: Params, order: tuple[str, ...] = TORCH_ORDER) -> tuple[Tensor, Tensor]:
    """The slides' weights as (weight_ih (4H, D), weight_hh (4H, H)), gates in `order`."""
    D, H = params["U_f"].shape  # features, units
    packed = params["U_f"].new_empty(4 * H, D), params["U_f"].new_empty(4 * H, H)
    for block, letter in enumerate(order):
        rows = slice(block * H, block * H + H)
        packed[0][rows], packed[1][rows] = params[f"U_{letter}"].mT, params[f"W_{letter}"].mT
    return packed


def take_apart(
    weight_ih: Tensor, weight_hh: Tensor, order: tuple[str, ...] = TORCH_ORDER
) -> dict[str, Tensor]:
    """The eight slide weights from PyTorch's two, read with the gates in `order`."""
    ih, hh = weight_ih.chunk(4, 0), weight_hh.chunk(4, 0)
    return {
        name: (ih if name[0] == "U" else hh)[order.index(name[2])].mT.contiguous()
        for name in WEIGHTS
    }


def torch_cell(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> tuple[Tensor, Tensor]:
    """PyTorch's (h_t, c_t), both (N, H), for the slides' weights."""
    h_t, c_t = torch.lstm_cell(x_t, (h_prev, c_prev), *lay_out(params))
    return h_t, c_t


def torch_gate(letter: str, x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    """One gate (N, H) of PyTorch's cell, with the other gates and the cell set so that it shows.

    With c_prev = 1 and a candidate of 0 the new cell is f; with c_prev = 0 and a candidate of 1
    it is i; with c_prev = 0 and an open input gate it is the candidate; and with a saturated cell
    the hidden state is o.
    """
    H = U.shape[1]
    block = TORCH_ORDER.index(letter)
    ih, hh = U.new_zeros(4 * H, U.shape[0]), U.new_zeros(4 * H, W.shape[0])
    ih[block * H : block * H + H], hh[block * H : block * H + H] = U.mT, W.mT
    bias = U.new_zeros(4, H)
    for other in {"f": "", "i": "c", "c": "i", "o": "f"}[letter]:
        bias[TORCH_ORDER.index(other)] = OPEN
    cell = {"f": 1.0, "i": 0.0, "c": 0.0, "o": OPEN}[letter]
    c_prev = U.new_full((x_t.shape[0], H), cell)
    # h_prev (N, H) also sizes the new state; PyTorch wants a bias pair or none.
    h_t, c_t = torch.lstm_cell(
        x_t, (h_prev, c_prev), ih, hh, bias.flatten(), torch.zeros_like(bias).flatten()
    )
    return h_t if letter == "o" else c_t


def torch_states(
    o_t: Tensor, f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor
) -> tuple[Tensor, Tensor]:
    """PyTorch's (h_t, c_t) for given gate values: its cell is fed what those are the images of."""
    H = c_prev.shape[1]
    before = torch.cat([i_t.logit(), f_t.logit(), c_bar.atanh(), o_t.logit()], 1)  # (N, 4H)
    before = before.clamp(-OPEN, OPEN)  # a gate of exactly 1 has its logit at infinity
    nothing = c_prev.new_zeros(4 * H, H)
    identity = torch.eye(4 * H, dtype=c_prev.dtype, device=c_prev.device)
    h_t, c_t = torch.lstm_cell(before, (torch.zeros_like(c_prev), c_prev), identity, nothing)
    return h_t, c_t


def draw_normal(generator: torch.Generator, *shape: int) -> Tensor:
    """Standard normal float64 numbers of this shape."""
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def draw_unit(generator: torch.Generator, *shape: int) -> Tensor:
    """Gate values: float64, strictly inside (0, 1)."""
    return torch.rand(*shape, dtype=torch.float64, generator=generator) * 0.96 + 0.02


def draw_params(sizes: Sizes, generator: torch.Generator) -> dict[str, Tensor]:
    """The eight slide weights, U_* (D, H) and W_* (H, H), in an order of their own each time."""
    D, H = sizes["D"], sizes["H"]
    order = torch.randperm(len(WEIGHTS), generator=generator).tolist()
    names = [WEIGHTS[i] for i in order]
    return {name: draw_normal(generator, D if name[0] == "U" else H, H) for name in names}
