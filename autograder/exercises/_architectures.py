"""What the exercises on architectures share: the guards, the draws, PyTorch's own networks.

PyTorch's `rnn_tanh_cell` kernel (the one behind `torch.nn.RNNCell`) does the recurrent arithmetic:
https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import CaseSpec, Sizes
from autograder.checking.guard import Guard
from autograder.checking.values import Inputs

Params = Mapping[str, Tensor]
Cell = Callable[[Tensor, Tensor, Params], Tensor]
Read = Callable[[Tensor, Params], Tensor]

# --- what may not be called -----------------------------------------------------------------------

_RECURRENT = """
    rnn_tanh rnn_tanh_cell rnn_relu rnn_relu_cell lstm lstm_cell gru gru_cell quantized_lstm
    quantized_lstm_cell quantized_gru quantized_gru_cell quantized_rnn_tanh_cell mkldnn_rnn_layer
    mkldnn_rnn_layer_backward _thnn_fused_lstm_cell _thnn_fused_gru_cell _cudnn_rnn _lstm_mps
    miopen_rnn
"""
_EMBEDDINGS = """
    embedding embedding_bag embedding_renorm_ embedding_backward embedding_dense_backward
    embedding_sparse_backward _embedding_bag _embedding_bag_forward_only _embedding_bag_backward
    _embedding_bag_dense_backward _embedding_bag_sparse_backward
"""
_LOSSES = """
    cross_entropy cross_entropy_loss linear_cross_entropy nll_loss nll_loss_nd nll_loss_forward
    nll_loss_backward nll_loss2d nll_loss2d_forward nll_loss2d_backward multi_margin_loss
    binary_cross_entropy binary_cross_entropy_with_logits kl_div
    _log_softmax_backward_data _softmax_backward_data
"""
_FUNCTIONS = """
    nn.functional.embedding nn.functional.embedding_bag nn.functional.cross_entropy
    nn.functional.nll_loss nn.functional.linear_cross_entropy nn.functional.kl_div
    nn.functional.binary_cross_entropy nn.functional.binary_cross_entropy_with_logits
    nn.RNNBase nn.RNN nn.LSTM nn.GRU nn.RNNCellBase nn.RNNCell nn.LSTMCell nn.GRUCell
    nn.Embedding nn.EmbeddingBag nn.CrossEntropyLoss nn.NLLLoss nn.KLDivLoss
    nn.LinearCrossEntropyLoss nn.AdaptiveLogSoftmaxWithLoss
    rnn_tanh rnn_tanh_cell rnn_relu rnn_relu_cell lstm lstm_cell gru gru_cell embedding
    embedding_bag kl_div
"""
_KERNELS = (*_RECURRENT.split(), *_EMBEDDINGS.split(), *_LOSSES.split())
_NAMES = (
    *(f"torch.{name}" for name in _FUNCTIONS.split()),
    *(f"torch._VF.{name}" for name in ("rnn_tanh", "rnn_tanh_cell", "rnn_relu", "lstm", "gru")),
    *(f"torch.ops.aten.{name}" for name in _KERNELS),
)
_MODULES = ("torch.ao", "torch._decomp", "torch._refs", "torch._inductor")
GUARD = Guard(
    names=_NAMES,
    modules=_MODULES,
    operators=frozenset(_KERNELS),
    says="PyTorch's own recurrent layers, embeddings and cross-entropy may not be called here: "
    "they are what you write.",
)
_AUTOGRAD = "requires_grad_ backward grad _make_dual _unpack_dual"
_TRANSFORMS = "vjp jvp grad grad_and_value jacrev jacfwd hessian linearize"
#: Not all of `torch.autograd` and `torch.func`: `torch.no_grad` and `torch.vmap` lie there, too.
BACKWARD_GUARD = Guard(
    names=(
        *_NAMES,
        "torch.autograd.grad",
        "torch.autograd.backward",
        "torch.autograd.Function",
        "torch.Tensor.backward",
        "torch.Tensor.requires_grad_",
        *(f"torch.func.{name}" for name in _TRANSFORMS.split()),
    ),
    modules=(*_MODULES, "torch.autograd.functional", "torch.autograd.forward_ad"),
    operators=frozenset((*_KERNELS, *_AUTOGRAD.split())),
    says="A gradient is written by hand here: no autograd, no torch.func, and none of PyTorch's "
    "own embeddings and losses.",
)

# --- what is drawn --------------------------------------------------------------------------------

WEIGHTS = ("U", "W", "b", "V", "d")


#: What a flag means, for a message.
FLAGS = {
    "spare": "the table's last row not asked for",
    "short": "all rows shorter than T",
    "holes": "a mask with gaps",
    "none": "nothing counts",
    "all": "everything counts",
    "lifted": "logits around 1000",
    "ruled_out": "some logits -inf",
    "wild": "padding that holds inf",
}


def spec(letters: str, sizes: Sequence[int], kind: torch.dtype = torch.float64,
         scale: float = 1.0, **flags: int) -> CaseSpec:  # fmt: skip
    """One case: a size for every letter, and flags that a draw looks for."""
    named = dict(zip(letters.split(), sizes, strict=True))
    words = [FLAGS[flag] for flag in flags if flag in FLAGS]
    if letters == "V D":
        words.append("ids is a single number, of shape ()")
    listed = [*(f"{letter}={size}" for letter, size in named.items()), *words]
    title = ", ".join([*listed, str(kind).removeprefix("torch.")]) if words else ""
    return CaseSpec({**named, **flags}, kind, scale, title)


def draw_normal(g: torch.Generator, *shape: int) -> Tensor:
    """Standard normal float64 numbers of this shape."""
    return torch.randn(*shape, dtype=torch.float64, generator=g)


def draw_ids(V: int, shape: Sequence[int], g: torch.Generator) -> Tensor:
    """Ids below V; where there is room: 0 and V - 1 are among them, one id twice, one never."""
    ids = torch.randint(0, V, tuple(shape), generator=g)
    if ids.numel() >= 4:
        flat = ids.view(-1)
        flat[flat == 1] = 0
        places = torch.randperm(len(flat), generator=g)[:4]
        flat[places] = torch.tensor([0, V - 1, V - 1, 0])
    return ids


def draw_lengths(T: int, N: int, least: int, g: torch.Generator) -> Tensor:
    """Lengths (N,) from `least` to T, the longest T, in neither rising nor falling order."""
    lengths = torch.randint(least, T + 1, (N,), generator=g)
    if N >= 2 and T >= 2:
        lengths[-1] = T
        lengths[0] = int(torch.randint(min(least + 1, T - 1), T, (), generator=g))
    if N >= 3:
        lengths[1] = least
    return lengths


def draw_row_lengths(sizes: Sizes, g: torch.Generator) -> Tensor:
    """Lengths of a batch.

    Flags: `short`, padding goes on behind the longest row; `least`, the shortest length, if not 1.
    """
    longest = sizes["T"] - sizes.get("short", 0)
    return draw_lengths(longest, sizes["N"], sizes.get("least", 1), g)


def draw_params(D: int, H: int, O: int, g: torch.Generator) -> dict[str, Tensor]:  # noqa: E741
    """U (D, H), W (H, H), b (H,), V (H, O), d (O,), in an order of their own each time."""
    shapes = {"U": (D, H), "W": (H, H), "b": (H,), "V": (H, O), "d": (O,)}
    order = torch.randperm(len(WEIGHTS), generator=g).tolist()
    # Small enough that a state without its tanh does not explode: its float32 would mean nothing.
    return {name: 0.6 * draw_normal(g, *shapes[name]) for name in (WEIGHTS[i] for i in order)}


def draw_network(sizes: Sizes, g: torch.Generator) -> dict[str, Tensor]:
    """The weights of one network."""
    return draw_params(sizes["D"], sizes["H"], sizes["O"], g)


def draw_vector(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """One input (N, D) for each row, and the weights."""
    return {"x": draw_normal(g, sizes["N"], sizes["D"]), "params": draw_network(sizes, g)}


def draw_vector_and_steps(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """One input (N, D) for each row, how many steps to write, and the weights."""
    x = draw_normal(g, sizes["N"], sizes["D"])
    return {"x": x, "steps": sizes["steps"], "params": draw_network(sizes, g)}


def draw_sequence(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A batch of sequences (T, N, D), and the weights."""
    x = draw_normal(g, sizes["T"], sizes["N"], sizes["D"])
    return {"x": x, "params": draw_network(sizes, g)}


def draw_padded_sequence(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A batch of sequences (T, N, D), each row's length, and the weights."""
    x = draw_normal(g, sizes["T"], sizes["N"], sizes["D"])
    return {"x": x, "lengths": draw_row_lengths(sizes, g), "params": draw_network(sizes, g)}


def draw_translation(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A batch of sequences (T, N, D), how many steps to write, an encoder and a decoder."""
    D, H, O = sizes["D"], sizes["H"], sizes["O"]  # noqa: E741
    return {
        "x": draw_normal(g, sizes["T"], sizes["N"], D),
        "steps": sizes["steps"],
        "encoder": draw_params(D, H, O, g),
        "decoder": draw_params(O, H, O, g),
    }


# --- PyTorch's own answers ------------------------------------------------------------------------


def tanh_cell(x_t: Tensor, h: Tensor, params: Params) -> Tensor:
    """PyTorch's next state (N, H)."""
    U, W, b = params["U"], params["W"], params["b"]
    # Its kernel wants two biases.
    return torch.rnn_tanh_cell(x_t, h, U.mT, W.mT, b, torch.zeros_like(b))


def linear_read(h: Tensor, params: Params) -> Tensor:
    """PyTorch's output (..., O) of states (..., H)."""
    return functional.linear(h, params["V"].mT, params["d"])


@dataclass(frozen=True)
class Net:
    """How a network steps and how its state is read; at the defaults: as PyTorch does."""

    cell: Cell = tanh_cell
    read: Read = linear_read

    def states(self, inputs: Tensor, h: Tensor, params: Params, *, carry: bool = True) -> Tensor:
        """The states (T, N, H) after each of the inputs (T, N, D), from h (N, H) on."""
        found = []
        for x_t in inputs:
            new = self.cell(x_t, h, params)
            found.append(new)
            h = new if carry else h
        return torch.stack(found)


TORCH = Net()


def no_state(rows: int, params: Params) -> Tensor:
    """A state of zeros (rows, H)."""
    return params["U"].new_zeros(rows, params["U"].shape[1])


def own_last(states: Tensor, lengths: Tensor) -> Tensor:
    """Each row's own last entry (N, ...) of states (T, N, ...), as PyTorch unpads them."""
    rows = torch.nn.utils.rnn.unpad_sequence(states.clone(), lengths)  # it transposes in place
    return torch.stack([row[-1] for row in rows])
