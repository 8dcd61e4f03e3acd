"""What the exercises on the plain RNN share: PyTorch's RNN as oracle, the draws, the guards.

The course's U (D, H) and W (H, H) are laid out as `torch.nn.RNN` wants them, and its own kernels
do the arithmetic: https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Sizes
from autograder.checking.guard import Guard
from autograder.checking.values import Inputs

_RECURRENT = re.compile(r"(^|_)(lstm|gru|rnn)(_|$)")
_BACKWARD = re.compile(r"backward|(^|_)vjp")
_KERNELS = {schema.name.split("::")[-1] for schema in torch._C._jit_get_all_schemas()}

_NAMES = (
    "torch.nn.RNN",
    "torch.nn.RNNBase",
    "torch.nn.RNNCell",
    "torch.nn.RNNCellBase",
    "torch.nn.GRU",
    "torch.nn.GRUCell",
    "torch.nn.LSTM",
    "torch.nn.LSTMCell",
    *(f"torch.{kind}{end}" for kind in ("rnn_tanh", "rnn_relu", "gru", "lstm")
      for end in ("", "_cell")),
    *(f"torch._VF.{kind}{end}" for kind in ("rnn_tanh", "rnn_relu", "gru", "lstm")
      for end in ("", "_cell")),
    *(f"torch.ops.aten.{kind}{end}" for kind in ("rnn_tanh", "rnn_relu", "gru", "lstm")
      for end in ("", "_cell")),
    "torch.ops.aten.mkldnn_rnn_layer",
)  # fmt: skip
_MODULES = ("torch.nn.modules.rnn", "torch.ao", "torch._decomp", "torch._refs")
_OPERATORS = frozenset(name for name in _KERNELS if _RECURRENT.search(name))

GUARD = Guard(
    names=_NAMES,
    modules=_MODULES,
    operators=_OPERATORS,
    says="PyTorch's own recurrent layers may not be called here: the RNN is what you write.",
)
#: Where weights are laid out for nn.RNN, an answer may well look at one; only the grader is closed.
GUARD_LAYOUT = Guard(modules=("torch.ao",), says="Lay the weights out yourself.")
GUARD_BACKWARD = Guard(
    names=(
        *_NAMES,
        "torch.autograd.grad",
        "torch.autograd.backward",
        "torch.autograd.Function",
        "torch.vmap",
    ),
    modules=(
        *_MODULES,
        "torch.autograd.functional",
        "torch.autograd.forward_ad",
        "torch.func",
        "torch._functorch",
    ),
    operators=_OPERATORS
    | frozenset(name for name in _KERNELS if _BACKWARD.search(name))
    | {"backward", "grad", "requires_grad_", "_make_dual", "clip_grad_norm_"},
    says="Here you walk back through the RNN yourself: autograd, torch.func and PyTorch's own "
    "recurrent layers may not be called.",
)
GUARD_CLIP = Guard(
    names=(
        *(f"torch.nn.utils.{name}" for name in ("clip_grad_norm_", "clip_grad_norm")),
        *(f"torch.nn.utils.{name}" for name in ("clip_grad_value_", "get_total_norm")),
        "torch.nn.utils.clip_grads_with_norm_",
    ),
    modules=("torch.nn.utils.clip_grad", "torch.ao", "torch._decomp", "torch._refs"),
    operators=frozenset({"_foreach_norm", "_foreach_clamp_min_", "_foreach_clamp_max_"}),
    says="PyTorch's own clipping may not be called here: it is what you write.",
)

# --- PyTorch's answers ----------------------------------------------------------------------------


def torch_step(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """PyTorch's h_t (N, H): the kernel behind `torch.nn.RNNCell`."""
    return torch.rnn_tanh_cell(x_t, h_prev, U.mT, W.mT, b, torch.zeros_like(b))


def torch_layer(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """PyTorch's states at every step, h (T, N, H): the kernel behind `torch.nn.RNN`."""
    weights = [U.mT, W.mT, b, torch.zeros_like(b)]
    h, _ = torch.rnn_tanh(x, h0[None], weights, True, 1, 0.0, True, False, False)
    return h


def torch_concat(x_t: Tensor, h_prev: Tensor, V: Tensor, b: Tensor) -> Tensor:
    """PyTorch's h_t (N, H) for the stacked weights V (D + H, H), rows of x first."""
    D = x_t.shape[1]  # features
    return torch_step(x_t, h_prev, V[:D], V[D:], b)


def before_tanh(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """What PyTorch's kernel squashes, (N, H)."""
    linear = torch.nn.functional.linear
    return linear(x_t, U.mT, b) + linear(h_prev, W.mT)


def state_dict(U: Tensor, W: Tensor, b: Tensor) -> dict[str, Tensor]:
    """The state of a `torch.nn.RNN(D, H)` with these weights; b stands in the first bias."""
    D, H = U.shape
    rnn = torch.nn.RNN(D, H, dtype=U.dtype)
    new = {"weight_ih_l0": U.mT, "weight_hh_l0": W.mT, "bias_ih_l0": b}
    rnn.load_state_dict({**new, "bias_hh_l0": torch.zeros_like(b)})
    return dict(rnn.state_dict())


# --- what is drawn --------------------------------------------------------------------------------


def spec(letters: str, sizes: tuple[int, ...], **rest: Any) -> CaseSpec:
    """A case: sizes by the `letters` in order."""
    return CaseSpec(dict(zip(letters, sizes, strict=True)), **rest)


def words(*names: str) -> Callable[[Inputs, tuple[int, ...]], str]:
    """A `place` of an output: what each of its axes counts, where the axis' letter says another."""
    return lambda inputs, index: ", ".join(
        f"{name} {i}" for name, i in zip(names, index, strict=True)
    )


def normal(g: torch.Generator, *shape: int) -> Tensor:
    """Standard normal float64 numbers of this shape."""
    return torch.randn(*shape, dtype=torch.float64, generator=g)


def draw_weights(sizes: Sizes, g: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """U (D, H), W (H, H), b (H,), of a size that leaves most states unsaturated."""
    D, H = sizes["D"], sizes["H"]
    return normal(g, D, H) / D**0.5, 1.1 * normal(g, H, H) / H**0.5, 0.6 * normal(g, H)
