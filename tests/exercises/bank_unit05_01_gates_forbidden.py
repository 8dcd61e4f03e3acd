"""Answers that let PyTorch's own LSTM do the work, by many roads; their numbers are right."""

from __future__ import annotations

import functools
import importlib
import warnings
from typing import Any

import torch
import torch.nn as neural
from torch import Tensor, nn
from torch.nn import LSTM as Recurrent  # noqa: N811

from tests.exercises.answer_bank import Bank, Function
from tests.exercises.bank_unit05_01_gates_parts import Params, step

bank = Bank()
wrong = bank.wrong
Pair = tuple[Tensor, Tensor]

FUSED = torch.lstm_cell
FUSED_WITHOUT_BIAS = functools.partial(torch.lstm_cell, b_ih=None, b_hh=None)
READY_MADE = {
    (D, H, dtype): neural.LSTMCell(D, H, bias=False, dtype=dtype)
    for D in range(1, 13)
    for H in range(1, 13)
    for dtype in (torch.float32, torch.float64)
}


def _torch_weights(params: Params) -> Pair:
    U = torch.cat([params[f"U_{k}"] for k in "ifco"], dim=1)
    W = torch.cat([params[f"W_{k}"] for k in "ifco"], dim=1)
    return U.T, W.T


def _load(module: Any, params: Params) -> Any:
    weight_ih, weight_hh = _torch_weights(params)
    suffix = "_l0" if hasattr(module, "weight_ih_l0") else ""
    module.load_state_dict({f"weight_ih{suffix}": weight_ih, f"weight_hh{suffix}": weight_hh})
    return module.to(weight_ih)


@wrong("lstm_cell", "forbidden_call")
def module_of_torch(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """The obvious way."""
    cell = nn.LSTMCell(x_t.shape[1], h_prev.shape[1], bias=False, dtype=x_t.dtype)
    return _load(cell, params)(x_t, (h_prev, c_prev))


@wrong("lstm_cell", "forbidden_call")
def fused_function(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """The function behind the module."""
    weight_ih, weight_hh = _torch_weights(params)
    return torch.lstm_cell(x_t, (h_prev, c_prev), weight_ih, weight_hh)


@wrong("lstm_cell", "forbidden_call")
def fused_function_under_another_name(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Any:
    """An alias made in another cell of the notebook."""
    return FUSED(x_t, [h_prev, c_prev], *_torch_weights(params))


@wrong("lstm_cell", "forbidden_call")
def partly_applied(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """functools.partial made in another cell."""
    weight_ih, weight_hh = _torch_weights(params)
    return FUSED_WITHOUT_BIAS(x_t, (h_prev, c_prev), weight_ih, weight_hh)


@wrong("lstm_cell", "forbidden_call")
def found_by_getattr(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """A name put together from two strings."""
    make = getattr(nn, "LST" + "MCell")
    cell = make(x_t.shape[1], h_prev.shape[1], bias=False, dtype=x_t.dtype)
    return _load(cell, params)(x_t, (h_prev, c_prev))


@wrong("lstm_cell", "forbidden_call")
def made_outside(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """A module made in another cell of the notebook."""
    cell = READY_MADE[x_t.shape[1], h_prev.shape[1], x_t.dtype]
    h, c = _load(cell, params)(x_t, (h_prev, c_prev))
    return h.detach(), c.detach()


def _assistant(x_t: Tensor, state: Pair, weights: Pair) -> Any:
    return torch.ops.aten.lstm_cell.default(x_t, list(state), *weights)


@wrong("lstm_cell", "forbidden_call")
def through_an_assistant(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """A helper two calls away, and torch.ops."""
    return _assistant(x_t, (h_prev, c_prev), _torch_weights(params))


@wrong("lstm_cell", "forbidden_call")
def imported_inside(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """An import inside the function, under another name."""
    import torch.nn as q

    cell = q.LSTMCell(x_t.shape[1], h_prev.shape[1], bias=False).to(x_t)
    return _load(cell, params)(x_t, (h_prev, c_prev))


@wrong("lstm_cell", "forbidden_call")
def evaluated_from_a_string(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """eval of a string."""
    return eval("torch.lstm" + "_cell(x_t, (h_prev, c_prev), *_torch_weights(params))")


@functools.cache
def _scripted() -> Any:
    """A scripted step, compiled at its first use."""
    code = """
    def fused(x, h, c, weight_ih, weight_hh):
        return torch.lstm_cell(x, [h, c], weight_ih, weight_hh)
    """
    return torch.jit.CompilationUnit(code.replace("\n    ", "\n")).fused


@wrong("lstm_cell", "forbidden_call")
def scripted(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """Compiled by TorchScript, where no source shows it."""
    return _scripted()(x_t, h_prev, c_prev, *_torch_weights(params))


@wrong("lstm_cell", "forbidden_call")
def compared_with_torch(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """Right by itself, and asserts that it is."""
    h, c = step(x_t, h_prev, c_prev, params)
    theirs, _ = torch.lstm_cell(x_t, (h_prev, c_prev), *_torch_weights(params))
    if not x_t.is_meta:
        assert torch.allclose(h, theirs, atol=1e-5)
    return h, c


@wrong("lstm_cell", "forbidden_call")
def tried_and_caught(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """Falls back on its own cell where torch's may not be used."""
    try:
        fused = vars(torch)["lstm_cell"]
        return fused(x_t, (h_prev, c_prev), *_torch_weights(params))
    except Exception:
        return step(x_t, h_prev, c_prev, params)


@wrong("lstm_cell", "forbidden_call")
def layer_of_one_step(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """nn.LSTM over a sequence of length 1, by its alias."""
    layer = Recurrent(x_t.shape[1], h_prev.shape[1], bias=False, dtype=x_t.dtype)
    _, (h, c) = _load(layer, params)(x_t[None], (h_prev[None], c_prev[None]))
    return h[0], c[0]


class _MyCell(nn.LSTMCell):
    """A subclass with nothing of its own."""


@wrong("lstm_cell", "forbidden_call")
def subclassed(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """A class of its own, which inherits everything."""
    cell = _MyCell(x_t.shape[1], h_prev.shape[1], bias=False, dtype=x_t.dtype)
    return _load(cell, params)(x_t, (h_prev, c_prev))


@bank.wrong_with_memory("lstm_cell", "forbidden_call")
def scripted_whole() -> Any:
    """A TorchScript function as the answer itself: it has no source to read."""

    def cell(
        x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: dict[str, Tensor]
    ) -> tuple[Tensor, Tensor]:
        U = torch.cat([params["U_i"], params["U_f"], params["U_c"], params["U_o"]], 1)
        W = torch.cat([params["W_i"], params["W_f"], params["W_c"], params["W_o"]], 1)
        return torch.lstm_cell(x_t, [h_prev, c_prev], U.t(), W.t())

    with warnings.catch_warnings(action="ignore"):  # TorchScript is deprecated
        return torch.jit.script(cell)


@wrong("lstm_cell", "forbidden_call")
def looked_up_among_subclasses(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """Finds the class without naming it."""
    make = next(k for k in nn.RNNCellBase.__subclasses__() if k.__name__.startswith("L"))
    cell = make(x_t.shape[1], h_prev.shape[1], bias=False, dtype=x_t.dtype)  # type: ignore[call-arg]
    return _load(cell, params)(x_t, (h_prev, c_prev))


@wrong("lstm_cell", "forbidden_call")
def from_the_quantisation_package(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Any:
    """torch.ao has an LSTM too, written in Python."""
    from torch.ao.nn.quantizable import LSTM

    made_like = {"dtype": x_t.dtype, "device": x_t.device}
    layer = LSTM(x_t.shape[1], h_prev.shape[1], bias=False, **made_like)  # type: ignore[arg-type]
    cell = layer.layers[0].layer_fw.cell
    weight_ih, weight_hh = _torch_weights(params)
    with torch.no_grad():
        cell.igates.weight.copy_(weight_ih)
        cell.hgates.weight.copy_(weight_hh)
    _, (h, c) = layer(x_t[None], (h_prev[None], c_prev[None]))
    return h[0], c[0]


@wrong("lstm_cell", "forbidden_call")
def from_the_decompositions(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """torch._decomp has its cell in Python, for the compiler."""
    from torch._decomp.decompositions import lstm_cell

    weight_ih, weight_hh = _torch_weights(params)
    return lstm_cell(x_t @ weight_ih.T, h_prev, c_prev, weight_hh, None, None, 1)[-2:]


@wrong("lstm_cell", "forbidden_call")
def layer_for_the_processor(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """The kernel that nn.LSTM takes on a CPU, in single precision."""
    weight_ih, weight_hh = (w.float().contiguous() for w in _torch_weights(params))
    zeros = weight_ih.new_zeros(len(weight_ih))
    weights = weight_ih, weight_hh, zeros, zeros
    states = h_prev.float()[None], c_prev.float()[None]
    size = h_prev.shape[1]
    flags = False, [], 2, size, 1, False, False, False, False
    _, h, c, _ = torch.mkldnn_rnn_layer(x_t.float()[None], *weights, *states, *flags)
    return h[0].to(x_t), c[0].to(x_t)


@wrong("lstm_forward", "forbidden_call")
def kernel_of_the_layer(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """torch._VF.lstm, step by step to have every c."""
    weights = list(_torch_weights(params))
    h, c, hs, cs = h0[None], c0[None], [], []
    for x_t in x:
        _, h, c = torch._VF.lstm(x_t[None], (h, c), weights, False, 1, 0.0, False, False, False)
        hs.append(h[0])
        cs.append(c[0])
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "forbidden_call")
def operator_of_the_layer(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """torch.ops.aten.lstm for h, its own loop for c."""
    lstm = torch.ops.aten.lstm.input
    state, weights = [h0[None], c0[None]], list(_torch_weights(params))
    h, _, _ = lstm(x, state, weights, False, 1, 0.0, False, False, False)
    cs, c, before = [], c0, h0
    for x_t, h_t in zip(x, h, strict=True):
        _, c = step(x_t, before, c, params)
        cs.append(c)
        before = h_t
    return h, torch.stack(cs)


@wrong("lstm_forward", "forbidden_call")
def cells_of_torch_in_a_loop(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """The loop is its own, the cell is torch's."""
    rnn = importlib.import_module("torch.nn.modules.rnn")
    cell = _load(rnn.LSTMCell(x.shape[2], h0.shape[1], bias=False, dtype=x.dtype), params)
    hs, cs, state = [], [], (h0, c0)
    for x_t in x:
        state = cell(x_t, state)
        hs.append(state[0])
        cs.append(state[1])
    return torch.stack(hs), torch.stack(cs)


@wrong("lstm_forward", "forbidden_call")
def kept_in_a_default(
    x: Tensor, h0: Tensor, c0: Tensor, params: Params, cell: Function = torch.lstm_cell
) -> Any:
    """torch's cell as a default argument."""
    weights = _torch_weights(params)
    states = [(h0, c0)]
    for x_t in x:
        states.append(cell(x_t, states[-1], *weights))
    return tuple(torch.stack(list(s)) for s in zip(*states[1:], strict=True))


@wrong("forget_gate", "forbidden_call")
def gate_of_a_cell(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Any:
    """An LSTM whose cell holds 1 and is offered 0: its new cell is the forget gate."""
    H = h_prev.shape[1]
    cell = nn.LSTMCell(x_t.shape[1], H, bias=False, dtype=x_t.dtype)
    with torch.no_grad():
        cell.weight_ih.zero_()[H : 2 * H] = U_f.T
        cell.weight_hh.zero_()[H : 2 * H] = W_f.T
        return cell(x_t, (h_prev, torch.ones_like(h_prev)))[1]


@wrong("output_gate", "forbidden_call")
def gate_of_a_fused_cell(x_t: Tensor, h_prev: Tensor, U_o: Tensor, W_o: Tensor) -> Any:
    """h over tanh(c), where c is 1."""
    zeros_U, zeros_W = torch.zeros_like(U_o), torch.zeros_like(W_o)
    weight_ih = torch.cat([zeros_U, zeros_U, zeros_U, U_o], dim=1).T
    weight_hh = torch.cat([zeros_W, zeros_W, zeros_W, W_o], dim=1).T
    h, c = FUSED(x_t, (h_prev, torch.ones_like(h_prev)), weight_ih, weight_hh)
    return h / torch.tanh(c)
