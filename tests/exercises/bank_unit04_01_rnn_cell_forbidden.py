"""Answers that let PyTorch's own RNN do the work, by many roads; their numbers are right."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import RNN as Recurrent  # noqa: N811

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong = bank.wrong
FORBIDDEN = "forbidden_call"
FUSED = torch.rnn_tanh_cell


def _loaded(module: Any, U: Tensor, W: Tensor, b: Tensor) -> Any:
    end = "_l0" if hasattr(module, "weight_ih_l0") else ""
    weights = {f"weight_ih{end}": U.T, f"weight_hh{end}": W.T, f"bias_ih{end}": b}
    module.load_state_dict({**weights, f"bias_hh{end}": torch.zeros_like(b)})
    return module.to(U)


@wrong("rnn_cell", FORBIDDEN)
def module_cell(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """The obvious way."""
    return _loaded(nn.RNNCell(*U.shape, dtype=U.dtype), U, W, b)(x_t, h_prev).detach()


@wrong("rnn_cell", FORBIDDEN)
def kernel(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """The function behind the module, under another name."""
    return FUSED(x_t, h_prev, U.T, W.T, b, 0 * b)


@wrong("rnn_cell", FORBIDDEN)
def by_string(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """A name put together at run time."""
    return getattr(torch, "rnn_" + "tanh_cell")(x_t, h_prev, U.T, W.T, b, 0 * b)


@wrong("rnn_cell", FORBIDDEN)
def operator(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """The operator itself."""
    return torch.ops.aten.rnn_tanh_cell(x_t, h_prev, U.T, W.T, b, 0 * b)


@wrong("rnn_cell_concat", FORBIDDEN)
def cut_and_called(x_t: Tensor, h_prev: Tensor, V: Tensor, b: Tensor) -> Any:
    """Cuts V and calls the kernel."""
    D = x_t.shape[1]
    return eval("torch.rnn_tanh_cell")(x_t, h_prev, V[:D].T, V[D:].T, b, 0 * b)


@wrong("rnn_forward", FORBIDDEN)
def module(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """The obvious way."""
    return _loaded(nn.RNN(*U.shape, dtype=U.dtype), U, W, b)(x, h0[None])[0].detach()


@wrong("rnn_forward", FORBIDDEN)
def renamed(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """Imported under another name."""
    return _loaded(Recurrent(*U.shape, dtype=U.dtype), U, W, b)(x, h0[None])[0].detach()


@wrong("rnn_forward", FORBIDDEN)
def hidden_kernel(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """torch._VF, found by its name."""
    vf = importlib.import_module("torch" + "._VF")
    weights = [U.T, W.T, b, 0 * b]
    return vf.rnn_tanh(x, h0[None], weights, True, 1, 0.0, False, False, False)[0]


@wrong("rnn_forward", FORBIDDEN)
def by_the_grader(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Any:
    """Asks the grader."""
    from autograder.exercises._rnn import torch_layer

    return torch_layer(x, h0, U, W, b)
