"""Answers to slides_to_torch and torch_to_slides, wrong and right."""

from __future__ import annotations

from typing import Any

import torch
from answer_bank import Bank
from bank_unit05_01_gates_parts import Params
from torch import Tensor

bank = Bank()
wrong, right = bank.wrong, bank.right
Pair = tuple[Tensor, Tensor]


def _blocks(params: Params, matrix: str, order: str) -> list[Tensor]:
    """The four U_* or W_*, each transposed."""
    return [params[f"{matrix}_{k}"].T for k in order]


def _stacked(params: Params, order: str) -> Pair:
    return torch.cat(_blocks(params, "U", order)), torch.cat(_blocks(params, "W", order))


@wrong("slides_to_torch")
def slides_order(params: Params) -> Pair:
    """The slides' order, f, i, c, o."""
    return _stacked(params, "fico")


@wrong("slides_to_torch")
def sorted_keys(params: Params) -> Pair:
    """The keys in alphabetical order."""
    U = [params[key].T for key in sorted(params) if key.startswith("U")]
    W = [params[key].T for key in sorted(params) if key.startswith("W")]
    return torch.vstack(U), torch.vstack(W)


@wrong("slides_to_torch")
def sigmoids_first(params: Params) -> Pair:
    """The three gates, then the candidate."""
    return _stacked(params, "ifoc")


@wrong("slides_to_torch")
def tensorflow_order(params: Params) -> Pair:
    """i, j, f, o: what an older library does."""
    return _stacked(params, "icfo")


@wrong("slides_to_torch")
def order_right_in_one_only(params: Params) -> Pair:
    """Mends the order of the input's weights and forgets the state's."""
    weight_ih = torch.cat(_blocks(params, "U", "ifco"))
    weight_hh = torch.cat(_blocks(params, "W", "fico"))
    return weight_ih, weight_hh


@wrong("slides_to_torch")
def side_by_side(params: Params) -> Pair:
    """Four matrices side by side, without the transpose."""
    return (
        torch.cat([params[f"U_{k}"] for k in "ifco"], dim=1),
        torch.cat([params[f"W_{k}"] for k in "ifco"], dim=1),
    )


@wrong("slides_to_torch")
def below_one_another(params: Params) -> Pair:
    """Four matrices below one another, without the transpose: right in shape for the W only."""
    return (
        torch.cat([params[f"U_{k}"] for k in "ifco"]),
        torch.cat([params[f"W_{k}"] for k in "ifco"]),
    )


@wrong("slides_to_torch")
def state_blocks_not_transposed(params: Params) -> Pair:
    """Transposes where the shape demands it, and only there."""
    return (
        torch.cat(_blocks(params, "U", "ifco")),
        torch.cat([params[f"W_{k}"] for k in "ifco"], dim=0),
    )


@wrong("slides_to_torch")
def reshaped_whole(params: Params) -> Pair:
    """Reshapes to the wanted shape."""
    D, H = params["U_f"].shape
    U = torch.cat([params[f"U_{k}"] for k in "ifco"], dim=1)
    W = torch.cat([params[f"W_{k}"] for k in "ifco"], dim=1)
    return U.reshape(4 * H, D), W.reshape(4 * H, H)


@wrong("slides_to_torch")
def reshaped_block_by_block(params: Params) -> Pair:
    """Reshapes each block to (H, D)."""
    D, H = params["U_f"].shape
    U = [params[f"U_{k}"].reshape(H, D) for k in "ifco"]
    W = [params[f"W_{k}"].reshape(H, H) for k in "ifco"]
    return torch.cat(U), torch.cat(W)


@wrong("slides_to_torch")
def stacked_and_flattened(params: Params) -> Pair:
    """Stacks into (D, 4, H) and views as (4H, D)."""
    D, H = params["U_f"].shape
    U = torch.stack([params[f"U_{k}"] for k in "ifco"], dim=1)
    W = torch.stack([params[f"W_{k}"] for k in "ifco"], dim=1)
    return U.view(4 * H, D), W.view(4 * H, H)


@wrong("slides_to_torch")
def units_before_gates(params: Params) -> Pair:
    """Interleaves: the four gates of unit 0, then of unit 1."""
    U = torch.stack(_blocks(params, "U", "ifco"), dim=1)  # (H, 4, D)
    W = torch.stack(_blocks(params, "W", "ifco"), dim=1)
    return U.flatten(0, 1), W.flatten(0, 1)


@wrong("slides_to_torch")
def hidden_weights_first(params: Params) -> Pair:
    """Returns weight_hh, weight_ih."""
    weight_ih, weight_hh = _stacked(params, "ifco")
    return weight_hh, weight_ih


@wrong("slides_to_torch")
def one_axis_too_many(params: Params) -> Pair:
    """torch.stack makes (4, H, D)."""
    return torch.stack(_blocks(params, "U", "ifco")), torch.stack(_blocks(params, "W", "ifco"))


@wrong("slides_to_torch")
def state_dict_of_torch(params: Params) -> Any:
    """Returns what load_state_dict takes."""
    weight_ih, weight_hh = _stacked(params, "ifco")
    return {"weight_ih_l0": weight_ih, "weight_hh_l0": weight_hh}


@wrong("slides_to_torch")
def biases_too(params: Params) -> Any:
    """Returns the four tensors of nn.LSTM."""
    weight_ih, weight_hh = _stacked(params, "ifco")
    zeros = weight_ih.new_zeros(len(weight_ih))
    return weight_ih, weight_hh, zeros, zeros


@wrong("slides_to_torch")
def input_weights_only(params: Params) -> Any:
    """Returns half of it."""
    return _stacked(params, "ifco")[0]


@wrong("slides_to_torch")
def letter_g(params: Params) -> Pair:
    """Looks for PyTorch's letter in the slides' dict."""
    return _stacked(params, "ifgo")


@wrong("slides_to_torch")
def keys_renamed_in_place(params: Params) -> Pair:
    """Renames c to g in the dict it was given."""
    for matrix in "UW":
        params[f"{matrix}_g"] = params.pop(f"{matrix}_c")
    return _stacked(params, "ifgo")


@wrong("slides_to_torch")
def both_in_one(params: Params) -> Tensor:
    """[x, h] weights in one matrix."""
    weight_ih, weight_hh = _stacked(params, "ifco")
    return torch.cat([weight_ih, weight_hh], dim=1)


@wrong("slides_to_torch")
def input_weights_twice(params: Params) -> Any:
    """Copies the line and forgets to change U into W."""
    weight_ih = torch.cat([params[f"U_{k}"] for k in "ifco"], 1).T
    weight_hh = torch.cat([params[f"U_{k}"] for k in "ifco"], 1).T
    return weight_ih, weight_hh


@wrong("slides_to_torch")
def forget_block_twice(params: Params) -> Pair:
    """A slip while typing eight names."""
    return _stacked(params, "ffco")


@wrong("slides_to_torch")
def rows_turned_over(params: Params) -> Pair:
    """Turns by 90 degrees with rot90 in place of a transpose."""
    turned = {key: torch.rot90(value) for key, value in params.items()}
    return (
        torch.cat([turned[f"U_{k}"] for k in "ifco"]),
        torch.cat([turned[f"W_{k}"] for k in "ifco"]),
    )


@wrong("slides_to_torch")
def mapped_and_dropped(params: Params) -> None:
    """Assigns and does not return."""
    weight_ih, weight_hh = _stacked(params, "ifco")


@right("slides_to_torch")
def each_block_transposed(params: Params) -> Pair:
    return _stacked(params, "ifco")


@right("slides_to_torch")
def whole_transposed(params: Params) -> Pair:
    """Both results are non-contiguous."""
    weight_ih = torch.cat([params["U_i"], params["U_f"], params["U_c"], params["U_o"]], dim=1).T
    weight_hh = torch.cat([params["W_i"], params["W_f"], params["W_c"], params["W_o"]], dim=1).T
    return weight_ih, weight_hh


@right("slides_to_torch")
def contiguous_parameters(params: Params) -> Any:
    """A list of two parameters that require grad."""
    return [torch.nn.Parameter(w.contiguous().clone()) for w in _stacked(params, "ifco")]


@right("slides_to_torch")
def filled_by_slices(params: Params) -> Pair:
    D, H = params["U_f"].shape
    weight_ih = params["U_f"].new_empty(4 * H, D)
    weight_hh = params["W_f"].new_empty(4 * H, H)
    for n, k in enumerate(["i", "f", "c", "o"]):
        weight_ih[n * H : (n + 1) * H, :] = params[f"U_{k}"].T
        weight_hh[n * H : (n + 1) * H, :] = params[f"W_{k}"].T
    return weight_ih, weight_hh


@right("slides_to_torch")
def einsum_of_stacks(params: Params) -> Pair:
    U = torch.stack([params[f"U_{k}"] for k in "ifco"])
    W = torch.stack([params[f"W_{k}"] for k in "ifco"])
    return torch.einsum("gdh->ghd", U).flatten(0, 1), W.permute(0, 2, 1).reshape(-1, W.size(1))


@right("slides_to_torch")
def row_after_row(params: Params) -> Pair:
    print("gates: i f g o")
    rows = {
        matrix: [row for k in "ifco" for row in params[f"{matrix}_{k}"].unbind(dim=1)]
        for matrix in "UW"
    }
    return torch.stack(rows["U"]), torch.stack(rows["W"])


@wrong("torch_to_slides")
def cut_in_slides_order(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Reads the blocks as f, i, c, o."""
    params = {}
    for k, U, W in zip("fico", weight_ih.chunk(4), weight_hh.chunk(4), strict=True):
        params[f"U_{k}"], params[f"W_{k}"] = U.T, W.T
    return params


@wrong("torch_to_slides")
def cut_with_sigmoids_first(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Reads the blocks as i, f, o, c."""
    params = {f"U_{k}": U.T for k, U in zip("ifoc", weight_ih.chunk(4), strict=True)}
    return params | {f"W_{k}": W.T for k, W in zip("ifoc", weight_hh.chunk(4), strict=True)}


@wrong("torch_to_slides")
def cut_in_alphabetical_order(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Reads the blocks as c, f, i, o."""
    params = {f"U_{k}": U.T for k, U in zip("cfio", weight_ih.chunk(4), strict=True)}
    return params | {f"W_{k}": W.T for k, W in zip("cfio", weight_hh.chunk(4), strict=True)}


@wrong("torch_to_slides")
def not_transposed(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Cuts and names, without the transpose."""
    params = {}
    for k, U, W in zip("ifco", weight_ih.chunk(4), weight_hh.chunk(4), strict=True):
        params[f"U_{k}"], params[f"W_{k}"] = U, W
    return params


@wrong("torch_to_slides")
def state_not_transposed(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Transposes U, whose shape demands it, and not W."""
    params = {}
    for k, U, W in zip("ifco", weight_ih.chunk(4), weight_hh.chunk(4), strict=True):
        params[f"U_{k}"], params[f"W_{k}"] = U.T, W
    return params


@wrong("torch_to_slides")
def reshaped(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Reshapes the blocks to the wanted shape."""
    H, D = weight_hh.shape[1], weight_ih.shape[1]
    params = {}
    for n, k in enumerate("ifco"):
        params[f"U_{k}"] = weight_ih[n * H : (n + 1) * H].reshape(D, H)
        params[f"W_{k}"] = weight_hh[n * H : (n + 1) * H].reshape(H, H)
    return params


@wrong("torch_to_slides")
def torch_letters(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Keeps PyTorch's letter g."""
    params = {f"U_{k}": U.T for k, U in zip("ifgo", weight_ih.chunk(4), strict=True)}
    return params | {f"W_{k}": W.T for k, W in zip("ifgo", weight_hh.chunk(4), strict=True)}


@wrong("torch_to_slides")
def interleaved(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Takes every fourth row."""
    params = {f"U_{k}": weight_ih[n::4].T for n, k in enumerate("ifco")}
    return params | {f"W_{k}": weight_hh[n::4].T for n, k in enumerate("ifco")}


@wrong("torch_to_slides")
def letters_exchanged(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """U from weight_hh and W from weight_ih: h is for hidden, or for H?"""
    params = {f"U_{k}": U.T for k, U in zip("ifco", weight_hh.chunk(4), strict=True)}
    return params | {f"W_{k}": W.T for k, W in zip("ifco", weight_ih.chunk(4), strict=True)}


@wrong("torch_to_slides")
def tuple_of_eight(weight_ih: Tensor, weight_hh: Tensor) -> Any:
    """Returns the matrices without their names."""
    return tuple(w.T for weights in (weight_ih, weight_hh) for w in weights.chunk(4))


@wrong("torch_to_slides")
def input_weights_named_only(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Forgets the second tensor."""
    return {f"U_{k}": U.T for k, U in zip("ifco", weight_ih.chunk(4), strict=True)}


@wrong("torch_to_slides")
def keys_without_underscore(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Keys spelt another way."""
    params = {f"U{k}": U.T for k, U in zip("ifco", weight_ih.chunk(4), strict=True)}
    return params | {f"W{k}": W.T for k, W in zip("ifco", weight_hh.chunk(4), strict=True)}


@wrong("torch_to_slides")
def split_for_chunk(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """split(4) makes blocks of four rows, not four blocks."""
    U_i, U_f, U_c, U_o = weight_ih.split(4)
    W_i, W_f, W_c, W_o = weight_hh.split(4)
    return {
        "U_i": U_i.T, "U_f": U_f.T, "U_c": U_c.T, "U_o": U_o.T,
        "W_i": W_i.T, "W_f": W_f.T, "W_c": W_c.T, "W_o": W_o.T,
    }  # fmt: skip


@wrong("torch_to_slides")
def cut_by_features(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Takes weight_ih's columns, D, for H."""
    H = weight_ih.shape[1]
    params = {}
    for n, k in enumerate("ifco"):
        params[f"U_{k}"] = weight_ih[n * H : (n + 1) * H].T
        params[f"W_{k}"] = weight_hh[n * H : (n + 1) * H].T
    return params


@wrong("torch_to_slides")
def cut_along_columns(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """Cuts beside one another what lies below one another."""
    params = {}
    for k, U, W in zip("ifco", weight_ih.chunk(4, 1), weight_hh.chunk(4, 1), strict=True):
        params[f"U_{k}"], params[f"W_{k}"] = U.T, W.T
    return params


@wrong("torch_to_slides")
def turned_in_place(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """t_ turns the weights of the model itself."""
    U, W = weight_ih.t_().chunk(4, dim=1), weight_hh.t_().chunk(4, dim=1)
    params = {f"U_{k}": u for k, u in zip("ifco", U, strict=True)}
    return params | {f"W_{k}": w for k, w in zip("ifco", W, strict=True)}


@wrong("torch_to_slides")
def same_block_four_times(weight_ih: Tensor, weight_hh: Tensor) -> Params:
    """The index of the block is never raised."""
    H = weight_hh.shape[1]
    n = 0
    params = {}
    for k in "ifco":
        params["U_" + k] = weight_ih[n : n + H].T
        params["W_" + k] = weight_hh[n : n + H].T
    return params


@wrong("torch_to_slides")
def arrays_in_a_dict(weight_ih: Tensor, weight_hh: Tensor) -> Any:
    """NumPy arrays under the right names."""
    params = {f"U_{k}": U.T.numpy() for k, U in zip("ifco", weight_ih.chunk(4), strict=True)}
    return params | {
        f"W_{k}": W.T.numpy() for k, W in zip("ifco", weight_hh.chunk(4), strict=True)
    }


@wrong("torch_to_slides")
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
    return dict(U_f=U_f, U_i=U_i, U_c=U_c, U_o=U_o, W_f=W_f, W_i=W_i, W_c=W_c, W_o=W_o)


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
    return {f"{m}_{k}": w for m, ws in (("U", U), ("W", W)) for k, w in zip("ifco", ws, strict=True)}


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
