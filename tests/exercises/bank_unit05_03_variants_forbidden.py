"""Answers that let PyTorch's own recurrent layers do the work; their numbers are right."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params

bank = Bank()
wrong = bank.wrong
FUSED = torch.lstm_cell


def _torch_weights(params: Params) -> list[Tensor]:
    return [torch.cat([params[f"{kind}_{g}"] for g in "ifco"], 1).T for kind in "UW"]


@wrong("lstm_cell_fused", "forbidden_call")
def cell_of_torch(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, V: Tensor, b: Tensor) -> Any:
    """V and b are nearly in torch's form."""
    D = x_t.shape[1]
    return FUSED(x_t, (h_prev, c_prev), V[:D].T, V[D:].T, b, torch.zeros_like(b))


@wrong("gru_cell", "forbidden_call")
def gru_of_torch(x_t: Tensor, h_prev: Tensor, params: Params) -> Any:
    """torch.gru_cell with the weights put together."""
    ih = torch.cat([params[f"U_{g}"] for g in "rzn"], 1).T
    hh = torch.cat([params[f"W_{g}"] for g in "rzn"], 1).T
    none = torch.zeros_like(params["b_r"])
    b_ih = torch.cat([params["b_r"], params["b_z"], params["b_in"]])
    return torch.gru_cell(x_t, h_prev, ih, hh, b_ih, torch.cat([none, none, params["b_hn"]]))


@wrong("gru_cell", "forbidden_call")
def gru_by_name(x_t: Tensor, h_prev: Tensor, params: Params) -> Any:
    """Found by a name put together, and called with the states as a layer's."""
    gru = getattr(torch.ops.aten, "g" + "ru_cell")
    weights = [torch.cat([params[f"{k}_{g}"] for g in "rzn"], 1).T for k in "UW"]
    none = torch.zeros_like(params["b_r"])
    b_ih = torch.cat([params["b_r"], params["b_z"], params["b_in"]])
    return gru(x_t, h_prev, *weights, b_ih, torch.cat([none, none, params["b_hn"]]))


@wrong("gru_cell", "forbidden_call")
def gru_module(x_t: Tensor, h_prev: Tensor, params: Params) -> Any:
    """nn.GRUCell from its module."""
    rnn = importlib.import_module("torch.nn.modules.rnn")
    cell = rnn.GRUCell(x_t.shape[1], h_prev.shape[1], dtype=x_t.dtype)
    none = torch.zeros_like(params["b_r"])
    with torch.no_grad():
        cell.weight_ih.copy_(torch.cat([params[f"U_{g}"] for g in "rzn"], 1).T)
        cell.weight_hh.copy_(torch.cat([params[f"W_{g}"] for g in "rzn"], 1).T)
        cell.bias_ih.copy_(torch.cat([params["b_r"], params["b_z"], params["b_in"]]))
        cell.bias_hh.copy_(torch.cat([none, none, params["b_hn"]]))
        return cell(x_t, h_prev)


@wrong("coupled_lstm_cell", "forbidden_call")
def coupled_by_negation(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """The forget gate's weights are the input gate's, negated."""
    whole = {**params, "U_f": -params["U_i"], "W_f": -params["W_i"]}
    return torch.lstm_cell(x_t, (h_prev, c_prev), *_torch_weights(whole))


@wrong("peephole_lstm_cell", "forbidden_call")
def peepholes_as_inputs(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """torch's cell twice, the cell states among its inputs."""
    ih, hh = _torch_weights(params)
    H = h_prev.shape[1]
    old, new = ih.new_zeros(4 * H, H), ih.new_zeros(4 * H, H)
    old[:H], old[H : 2 * H] = torch.diag(params["P_i"]), torch.diag(params["P_f"])
    new[3 * H :] = torch.diag(params["P_o"])
    ih = torch.cat([ih, old, new], 1)
    states = h_prev, c_prev
    c_t = torch.lstm_cell(torch.cat([x_t, c_prev, c_prev], 1), states, ih, hh)[1]
    return torch.lstm_cell(torch.cat([x_t, c_prev, c_t], 1), states, ih, hh)


@wrong("stacked_lstm", "forbidden_call")
def kernel_of_the_stack(x: Tensor, h0: Tensor, c0: Tensor, layers: list[Params]) -> Any:
    """torch._VF.lstm with L layers."""
    flat = [weight for params in layers for weight in _torch_weights(params)]
    return torch._VF.lstm(x, (h0, c0), flat, False, len(layers), 0.0, False, False, False)


@wrong("bidirectional_lstm", "forbidden_call")
def module_both_ways(x: Tensor, h0: Tensor, c0: Tensor, forward: Params, backward: Params) -> Any:
    """nn.LSTM(bidirectional=True)."""
    both = nn.LSTM(x.shape[2], h0.shape[2], bidirectional=True, bias=False, dtype=x.dtype)
    names = "weight_ih_l0", "weight_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse"
    weights = [*_torch_weights(forward), *_torch_weights(backward)]
    both.load_state_dict(dict(zip(names, weights, strict=True)))
    with torch.no_grad():
        return both(x, (h0, c0))[0]


@wrong("packed_lstm", "forbidden_call")
def module_on_a_packed_batch(x: Tensor, lengths: Tensor, params: Params) -> Any:
    """nn.LSTM and pack_padded_sequence, as one does outside a course."""
    one = nn.LSTM(x.shape[2], len(params["W_f"]), bias=False, dtype=x.dtype)
    weights = zip(("weight_ih_l0", "weight_hh_l0"), _torch_weights(params), strict=True)
    one.load_state_dict(dict(weights))
    with torch.no_grad():
        packed, (h, c) = one(pack_padded_sequence(x, lengths, enforce_sorted=False))
    return pad_packed_sequence(packed, total_length=len(x))[0], h[0], c[0]
