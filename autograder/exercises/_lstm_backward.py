"""What the exercises on going back through the LSTM share: guard, cases, PyTorch's gradients.

The oracles are autograd's, through PyTorch's own `lstm_cell` kernel as `_lstm` reaches it:
https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Sizes, Tolerance
from autograder.checking.guard import Guard
from autograder.checking.values import Inputs
from autograder.exercises import _lstm
from autograder.exercises._layers_torch import gradients
from autograder.exercises._lstm import Params, draw_normal, draw_unit, torch_cell, torch_gate
from autograder.exercises._lstm_wrong_layer import torch_layer
from autograder.exercises._lstm_wrong_states import torch_cell_state, torch_hidden_state

Gradients = tuple[Tensor, ...]
#: dx_t, dh_prev, dc_prev and the weights' by name; through time dx, dh0, dc0 and the weights'.
WithWeights = tuple[Tensor, Tensor, Tensor, dict[str, Tensor]]

# --- the guard ------------------------------------------------------------------------------------

_KERNELS = {schema.name.split("::")[-1] for schema in torch._C._jit_get_all_schemas()}
#: Every kernel that goes back through something, and every one of a recurrent layer. Complex
#: numbers are closed because a step along i gives a derivative too.
_CLOSED = re.compile(r"backward|lstm|gru|rnn|fw_primal|make_dual|unpack_dual|as_real|as_complex")
GUARD = Guard(
    names=(
        *_lstm.GUARD.names,
        "torch.autograd.grad",
        "torch.autograd.backward",
        "torch.autograd.Function",
        "torch.view_as_real",
        "torch.complex",
    ),
    modules=(
        *_lstm.GUARD.modules,
        "torch.nn",
        "torch._C._nn",
        "torch.autograd.functional",
        "torch.autograd.forward_ad",
        "torch.func",
        "torch._functorch",
        "torch._VF",
    ),
    operators=_lstm.GUARD.operators
    | {name for name in _KERNELS if _CLOSED.search(name)}
    | {"backward", "grad", "requires_grad_", "vjp", "jvp", "imag", "complex", "set_data"},
    says="Here you go back through the LSTM yourself: autograd, torch.func, torch.nn, PyTorch's "
    "recurrent layers and its `*_backward` kernels may not be called. `@`, `*`, `.T`, "
    "`torch.sigmoid` and `torch.tanh` may.",
)

#: Narrower than elsewhere: a difference quotient comes near, but is no gradient worked out by hand.
TOLERANCES: Mapping[torch.dtype, Tolerance] = {
    torch.float64: Tolerance(rtol=1e-10, atol=1e-11),
    torch.float32: Tolerance(rtol=1e-4, atol=1e-5),
}

# --- what is drawn --------------------------------------------------------------------------------


def draw_some_params(sizes: Sizes, g: torch.Generator) -> dict[str, Tensor]:
    """The eight slide weights, smaller than `_lstm.draw_params`': no gate is shut for good."""
    return {name: 0.6 * weight for name, weight in _lstm.draw_params(sizes, g).items()}


def _rows(sizes: Sizes, g: torch.Generator, *letters: str) -> list[Tensor]:
    """Standard normal (N, size of the letter) for each letter."""
    return [draw_normal(g, sizes["N"], sizes[letter]) for letter in letters]


def draw_hidden_state(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws dh_t, o_t, c_t, each (N, H)."""
    dh_t, c_t = _rows(sizes, g, "H", "H")
    return {"dh_t": dh_t, "o_t": draw_unit(g, *c_t.shape), "c_t": c_t}


def draw_cell_state(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws dc_t, f_t, c_prev, i_t, c_bar, each (N, H)."""
    dc_t, c_prev = _rows(sizes, g, "H", "H")
    f_t, i_t, c_bar = (draw_unit(g, *dc_t.shape) for _ in range(3))
    return {"dc_t": dc_t, "f_t": f_t, "c_prev": c_prev, "i_t": i_t, "c_bar": 2 * c_bar - 1}


def draw_gate(letter: str, *names: str) -> Callable[[Sizes, float, torch.Generator], Inputs]:
    """Draws the gradient at a gate, the gate itself and what it was made from, by these names."""

    def draw(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
        d_gate, x_t, h_prev = _rows(sizes, g, "H", "D", "H")
        params = draw_some_params(sizes, g)
        made_from = x_t, h_prev, params[f"U_{letter}"], params[f"W_{letter}"]
        values = d_gate, torch_gate(letter, *made_from), *made_from
        return dict(zip(names, values, strict=True))

    return draw


def draw_cell(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws dh_t, dc_t, x_t, h_prev, c_prev, params."""
    values = _rows(sizes, g, "H", "H", "D", "H", "H")
    names = ("dh_t", "dc_t", "x_t", "h_prev", "c_prev")
    return {**dict(zip(names, values, strict=True)), "params": draw_some_params(sizes, g)}


def draw_sequence(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws dh (T, N, H), x (T, N, D), h0, c0 (N, H), params."""
    T, N, D, H = (sizes[letter] for letter in "TNDH")
    dh, x = draw_normal(g, T, N, H), draw_normal(g, T, N, D)
    h0, c0 = _rows(sizes, g, "H", "H")
    return {"dh": dh, "x": x, "h0": h0, "c0": c0, "params": draw_some_params(sizes, g)}


# --- PyTorch's gradients --------------------------------------------------------------------------


def torch_hidden_backward(dh_t: Tensor, o_t: Tensor, c_t: Tensor) -> Gradients:
    """Autograd's (do_t, dc_t)."""
    return gradients(torch_hidden_state, dh_t, (o_t, c_t))


def torch_cell_state_backward(
    dc_t: Tensor, f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor
) -> Gradients:
    """Autograd's (df_t, dc_prev, di_t, dc_bar)."""
    return gradients(torch_cell_state, dc_t, (f_t, c_prev, i_t, c_bar))


def torch_gate_backward(letter: str) -> Callable[..., Gradients]:
    """Autograd's (dx_t, dh_prev, dU, dW) of one gate, which it makes anew."""

    def answer(d_gate: Tensor, gate: Tensor, *made_from: Tensor) -> Gradients:
        return gradients(lambda *inputs: torch_gate(letter, *inputs), d_gate, made_from)

    return answer


def torch_cell_backward(
    dh_t: Tensor, dc_t: Tensor, x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> WithWeights:
    """Autograd's (dx_t, dh_prev, dc_prev, grads) through PyTorch's cell."""
    return taken(torch_cell, (dh_t, dc_t), (x_t, h_prev, c_prev), params)


def torch_layer_backward(
    dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Params
) -> WithWeights:
    """Autograd's (dx, dh0, dc0, grads) through PyTorch's cell at every step."""
    return taken(lambda *inputs: torch_layer(*inputs)[:1], (dh,), (x, h0, c0), params)


def taken(
    forward: Callable[..., Sequence[Tensor]],
    arriving: Sequence[Tensor],
    states: Sequence[Tensor],
    params: Params,
) -> WithWeights:
    """Autograd's gradients of `forward(*states, params)`, with `arriving` at what it returns.

    Zeros where nothing arrives. The weights' gradients are keyed as `params`, in its order.
    """
    leaves = [value.detach().clone().requires_grad_() for value in (*states, *params.values())]
    made = forward(*leaves[:3], dict(zip(params, leaves[3:], strict=True)))
    reached = [(value, d) for value, d in zip(made, arriving, strict=True) if value.requires_grad]
    found: Sequence[Any] = [None] * len(leaves)
    if reached:
        values, ds = zip(*reached, strict=True)
        found = torch.autograd.grad(values, leaves, ds, allow_unused=True)
    full = [
        torch.zeros_like(leaf) if grad is None else grad
        for leaf, grad in zip(leaves, found, strict=True)
    ]
    return full[0], full[1], full[2], dict(zip(params, full[3:], strict=True))
