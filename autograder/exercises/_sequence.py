"""What the exercises on whole sequence models share: the guard, what is drawn, PyTorch's RNN.

PyTorch's `rnn_tanh` kernel, the one behind `torch.nn.RNN`, does the arithmetic:
https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Sizes
from autograder.checking.guard import Guard
from autograder.checking.recipes import Seeded
from autograder.checking.values import Inputs

#: U (D, H), W (H, H), b (H,).
Layer = tuple[Tensor, Tensor, Tensor]

_LAYERS = ("RNN", "RNNCell", "LSTM", "LSTMCell", "GRU", "GRUCell", "Embedding")
_KERNELS = ("rnn_tanh", "rnn_relu", "lstm", "gru")
GUARD = Guard(
    names=(
        *(f"torch.nn.{name}" for name in _LAYERS),
        *(f"torch.{name}{cell}" for name in _KERNELS for cell in ("", "_cell")),
        *(f"torch._VF.{name}{cell}" for name in _KERNELS for cell in ("", "_cell")),
        "torch.nn.RNNBase",
        "torch.nn.RNNCellBase",
        "torch.nn.functional.embedding",
        "torch.embedding",
        "torch.nn.functional.cross_entropy",
        "torch.nn.functional.nll_loss",
        "torch.autograd.grad",
        "torch.autograd.backward",
        "torch.autograd.Function",
    ),
    modules=(
        "torch.autograd.functional",
        "torch.func",
        "torch._functorch",
        "torch.ao",
        "torch._decomp",
        "torch._refs",
    ),
    operators=frozenset(
        {
            *_KERNELS,
            *(f"{name}_cell" for name in _KERNELS),
            *(f"quantized_{name}" for name in ("lstm", "lstm_cell", "gru", "gru_cell")),
            *(f"quantized_{name}_cell" for name in ("rnn_tanh", "rnn_relu")),
            "mkldnn_rnn_layer",
            "_thnn_fused_lstm_cell",
            "_thnn_fused_gru_cell",
            "_cudnn_rnn",
            "_lstm_mps",
            "miopen_rnn",
            "embedding",
            "embedding_bag",
            "_embedding_bag",
            "cross_entropy",
            "cross_entropy_loss",
            "backward",
            "grad",
            "vjp",
        }
    ),
    says="PyTorch's own recurrent layers, embeddings and losses may not be called here: you write "
    "the sequence model yourself.",
)


def draw_normal(generator: torch.Generator, *shape: int) -> Tensor:
    """Standard normal float64 numbers of this shape."""
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def draw_seed(generator: torch.Generator) -> Seeded:
    """A random generator of its own for a solution."""
    return Seeded(int(torch.randint(2**31, (1,), generator=generator)))


def draw_layer(generator: torch.Generator, D: int, H: int) -> Layer:
    """U (D, H), W (H, H), b (H,), small enough that tanh is not saturated."""
    U, W, b = draw_normal(generator, D, H), draw_normal(generator, H, H), draw_normal(generator, H)
    return 0.6 * U, 0.6 * W, 0.6 * b


def sequence(T: int, N: int, D: int, H: int, L: int | None = None, **rest: object) -> CaseSpec:
    """The case of these sizes; L layers where there are several."""
    sizes = {"T": T, "N": N, "D": D, "H": H} | ({} if L is None else {"L": L})
    return CaseSpec(sizes, **rest)  # type: ignore[arg-type]


def draw_stacked(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draw x (T, N, D), h0 (L, N, H), L layers; none of it zero."""
    T, N, D, H, L = (sizes[letter] for letter in "TNDHL")
    layers = [draw_layer(g, D if number == 0 else H, H) for number in range(L)]
    return {"x": draw_normal(g, T, N, D), "h0": draw_normal(g, L, N, H), "layers": layers}


def draw_bidirectional(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draw x (T, N, D), h0 (2, N, H), and a layer for each direction."""
    T, N, D, H = (sizes[letter] for letter in "TNDH")
    return {
        "x": draw_normal(g, T, N, D),
        "h0": draw_normal(g, 2, N, H),
        "forward": draw_layer(g, D, H),
        "backward": draw_layer(g, D, H),
    }


# --- PyTorch's layers -----------------------------------------------------------------------------


def flatten(layers: Sequence[Layer]) -> list[Tensor]:
    """Weights as PyTorch keeps them: weight_ih, weight_hh, bias_ih, bias_hh for each layer."""
    flat = []
    for U, W, b in layers:
        flat += [U.mT.contiguous(), W.mT.contiguous(), b, torch.zeros_like(b)]
    return flat


def torch_stacked(x: Tensor, h0: Tensor, layers: Sequence[Layer]) -> tuple[Tensor, Tensor]:
    """PyTorch's h (T, N, H) of the top layer and h_last (L, N, H) of every layer."""
    h, h_last = torch.rnn_tanh(x, h0, flatten(layers), True, len(layers), 0.0, False, False, False)
    return h, h_last


def torch_bidirectional(x: Tensor, h0: Tensor, forward: Layer, backward: Layer) -> Tensor:
    """PyTorch's h (T, N, 2H): forward states beside those of the reversed direction."""
    h, _ = torch.rnn_tanh(x, h0, flatten([forward, backward]), True, 1, 0.0, False, True, False)
    return h


def torch_layer(x: Tensor, h0: Tensor, layer: Layer) -> Tensor:
    """PyTorch's h (T, N, H) of one layer that starts from h0 (N, H)."""
    return torch_stacked(x, h0[None], [layer])[0]
