"""Answers to torch_to_slides, wrong and right."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params

bank = Bank()
wrong, right = bank.wrong, bank.right


@wrong("torch_to_slides", "order_f_i_c_o")
def cut_in_slides_order(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Reads the blocks as f, i, c, o."""
    params = {}
    for k, U, W in zip("fico", weight_ih.chunk(4), weight_hh.chunk(4), strict=True):
        params[f"U_{k}"], params[f"W_{k}"] = U.T, W.T
    return params


@wrong("torch_to_slides", "order_i_f_o_c")
def cut_with_sigmoids_first(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Reads the blocks as i, f, o, c."""
    params = {f"U_{k}": U.T for k, U in zip("ifoc", weight_ih.chunk(4), strict=True)}
    return params | {f"W_{k}": W.T for k, W in zip("ifoc", weight_hh.chunk(4), strict=True)}


@wrong("torch_to_slides", "order_c_f_i_o")
def cut_in_alphabetical_order(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Reads the blocks as c, f, i, o."""
    params = {f"U_{k}": U.T for k, U in zip("cfio", weight_ih.chunk(4), strict=True)}
    return params | {f"W_{k}": W.T for k, W in zip("cfio", weight_hh.chunk(4), strict=True)}


@wrong("torch_to_slides", "not_transposed")
def not_transposed(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Cuts and names, without the transpose."""
    params = {}
    for k, U, W in zip("ifco", weight_ih.chunk(4), weight_hh.chunk(4), strict=True):
        params[f"U_{k}"], params[f"W_{k}"] = U, W
    return params


@wrong("torch_to_slides", "not_transposed")
def state_not_transposed(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Transposes U, whose shape demands it, and not W."""
    params = {}
    for k, U, W in zip("ifco", weight_ih.chunk(4), weight_hh.chunk(4), strict=True):
        params[f"U_{k}"], params[f"W_{k}"] = U.T, W
    return params


@wrong("torch_to_slides", "reshaped_for_transposed")
def reshaped(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Reshapes the blocks to the wanted shape."""
    H, D = weight_hh.shape[1], weight_ih.shape[1]
    params = {}
    for n, k in enumerate("ifco"):
        params[f"U_{k}"] = weight_ih[n * H : (n + 1) * H].reshape(D, H)
        params[f"W_{k}"] = weight_hh[n * H : (n + 1) * H].reshape(H, H)
    return params


@wrong("torch_to_slides", "wrong_type")
def torch_letters(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Keeps PyTorch's letter g."""
    params = {f"U_{k}": U.T for k, U in zip("ifgo", weight_ih.chunk(4), strict=True)}
    return params | {f"W_{k}": W.T for k, W in zip("ifgo", weight_hh.chunk(4), strict=True)}


@wrong("torch_to_slides", "gates_interleaved")
def interleaved(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Takes every fourth row."""
    params = {f"U_{k}": weight_ih[n::4].T for n, k in enumerate("ifco")}
    return params | {f"W_{k}": weight_hh[n::4].T for n, k in enumerate("ifco")}


@wrong("torch_to_slides", "weights_swapped")
def letters_exchanged(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """U from weight_hh and W from weight_ih: h is for hidden, or for H?"""
    params = {f"U_{k}": U.T for k, U in zip("ifco", weight_hh.chunk(4), strict=True)}
    return params | {f"W_{k}": W.T for k, W in zip("ifco", weight_ih.chunk(4), strict=True)}


@wrong("torch_to_slides", "wrong_type")
def tuple_of_eight(weight_ih: Tensor, weight_hh: Tensor) -> Any:
    """Returns the matrices without their names."""
    return tuple(w.T for weights in (weight_ih, weight_hh) for w in weights.chunk(4))


@wrong("torch_to_slides", "wrong_type")
def input_weights_named_only(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Forgets the second tensor."""
    return {f"U_{k}": U.T for k, U in zip("ifco", weight_ih.chunk(4), strict=True)}


@wrong("torch_to_slides", "wrong_type")
def keys_without_underscore(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Keys spelt another way."""
    params = {f"U{k}": U.T for k, U in zip("ifco", weight_ih.chunk(4), strict=True)}
    return params | {f"W{k}": W.T for k, W in zip("ifco", weight_hh.chunk(4), strict=True)}


@wrong("torch_to_slides", "wrong_number_of_values")
def split_for_chunk(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """split(4) makes blocks of four rows, not four blocks."""
    U_i, U_f, U_c, U_o = weight_ih.split(4)
    W_i, W_f, W_c, W_o = weight_hh.split(4)
    return {
        "U_i": U_i.T, "U_f": U_f.T, "U_c": U_c.T, "U_o": U_o.T,
        "W_i": W_i.T, "W_f": W_f.T, "W_c": W_c.T, "W_o": W_o.T,
    }  # fmt: skip


@wrong("torch_to_slides", "wrong_shape")
def cut_by_features(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Takes weight_ih's columns, D, for H."""
    H = weight_ih.shape[1]
    params = {}
    for n, k in enumerate("ifco"):
        params[f"U_{k}"] = weight_ih[n * H : (n + 1) * H].T
        params[f"W_{k}"] = weight_hh[n * H : (n + 1) * H].T
    return params


@wrong("torch_to_slides", "wrong_shape")
def cut_along_columns(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Cuts beside one another what lies below one another."""
    params = {}
    for k, U, W in zip("ifco", weight_ih.chunk(4, 1), weight_hh.chunk(4, 1), strict=False):
        params[f"U_{k}"], params[f"W_{k}"] = U.T, W.T
    return params


@wrong("torch_to_slides", "input_changed")
def turned_in_place(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """t_ turns the weights of the model itself."""
    U, W = weight_ih.t_().chunk(4, dim=1), weight_hh.t_().chunk(4, dim=1)
    params = {f"U_{k}": u for k, u in zip("ifco", U, strict=True)}
    return params | {f"W_{k}": w for k, w in zip("ifco", W, strict=True)}


@wrong("torch_to_slides", "one_block_repeated")
def same_block_four_times(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """The index of the block is never raised."""
    H = weight_hh.shape[1]
    n = 0
    params = {}
    for k in "ifco":
        params["U_" + k] = weight_ih[n : n + H].T
        params["W_" + k] = weight_hh[n : n + H].T
    return params


@wrong("torch_to_slides", "wrong_type")
def arrays_in_a_dict(weight_ih: Tensor, weight_hh: Tensor) -> Any:
    """NumPy arrays under the right names."""
    params = {f"U_{k}": U.T.numpy() for k, U in zip("ifco", weight_ih.chunk(4), strict=True)}
    return params | {f"W_{k}": W.T.numpy() for k, W in zip("ifco", weight_hh.chunk(4), strict=True)}


@wrong("torch_to_slides", "wrong_type")
def last_block_only(weight_ih: Tensor, weight_hh: Tensor) -> Any:
    """Makes a new dict in each turn of the loop."""
    params = {}
    for k, U, W in zip("ifco", weight_ih.chunk(4), weight_hh.chunk(4), strict=True):
        params = {f"U_{k}": U.T, f"W_{k}": W.T}
    return params


@right("torch_to_slides")
def chunked(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Views of the weights."""
    params = {}
    for k, U, W in zip("ifco", weight_ih.chunk(4), weight_hh.chunk(4), strict=True):
        params[f"U_{k}"], params[f"W_{k}"] = U.T, W.T
    return params


@right("torch_to_slides")
def eight_lines(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    U_i, U_f, U_c, U_o = torch.tensor_split(weight_ih.T, 4, dim=1)
    W_i, W_f, W_c, W_o = torch.tensor_split(weight_hh.T, 4, dim=1)
    return {
        "U_f": U_f, "U_i": U_i, "U_c": U_c, "U_o": U_o,
        "W_f": W_f, "W_i": W_i, "W_c": W_c, "W_o": W_o,
    }  # fmt: skip


@right("torch_to_slides")
def sliced_and_copied(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    H = weight_ih.shape[0] // 4
    params = {}
    for n, k in enumerate("ifco"):
        params["U_" + k] = weight_ih[n * H : n * H + H].t().contiguous()
        params["W_" + k] = weight_hh[n * H : n * H + H].t().clone()
    return params


@right("torch_to_slides")
def viewed_by_gate(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    U = weight_ih.unflatten(0, (4, -1)).transpose(1, 2)
    W = weight_hh.reshape(4, weight_hh.shape[1], -1).mT
    print(U.shape, W.shape)
    return {
        f"{m}_{k}": w for m, ws in (("U", U), ("W", W)) for k, w in zip("ifco", ws, strict=True)
    }


@right("torch_to_slides")
def split_by_size(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    H = weight_hh.size(1)
    gates = ["i", "f", "g", "o"]
    params = {}
    for letter, weight in {"U": weight_ih, "W": weight_hh}.items():
        for gate, block in zip(gates, weight.split(H), strict=True):
            params[f"{letter}_{gate}"] = torch.einsum("hd->dh", block)
    return {key.replace("g", "c"): value for key, value in params.items()}


@right("torch_to_slides")
def parameters_and_more(weight_ih: Tensor, weight_hh: Tensor) -> Any:
    """A ParameterDict: its values require grad."""
    found = {f"U_{k}": U.T for k, U in zip("ifco", weight_ih.chunk(4), strict=True)}
    found |= {f"W_{k}": W.T for k, W in zip("ifco", weight_hh.chunk(4), strict=True)}
    return {key: torch.nn.Parameter(value.clone()) for key, value in found.items()}
