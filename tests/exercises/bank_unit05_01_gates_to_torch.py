"""Answers to slides_to_torch, wrong and right."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params

bank = Bank()
wrong, right = bank.wrong, bank.right
Pair = tuple[Tensor, Tensor]


def _blocks(params: Params, matrix: str, order: str) -> list[Tensor]:
    """The four U_* or W_*, each transposed."""
    return [params[f"{matrix}_{k}"].T for k in order]


def _stacked(params: Params, order: str) -> Pair:
    return torch.cat(_blocks(params, "U", order)), torch.cat(_blocks(params, "W", order))


@wrong("slides_to_torch", "order_f_i_c_o")
def slides_order(params: Params) -> Pair:
    """The slides' order, f, i, c, o."""
    return _stacked(params, "fico")


@wrong("slides_to_torch", "order_c_f_i_o")
def sorted_keys(params: Params) -> Pair:
    """The keys in alphabetical order."""
    U = [params[key].T for key in sorted(params) if key.startswith("U")]
    W = [params[key].T for key in sorted(params) if key.startswith("W")]
    return torch.vstack(U), torch.vstack(W)


@wrong("slides_to_torch", "order_i_f_o_c")
def sigmoids_first(params: Params) -> Pair:
    """The three gates, then the candidate."""
    return _stacked(params, "ifoc")


@wrong("slides_to_torch", "order_i_c_f_o")
def tensorflow_order(params: Params) -> Pair:
    """i, j, f, o: what an older library does."""
    return _stacked(params, "icfo")


@wrong("slides_to_torch", "order_f_i_c_o")
def order_right_in_one_only(params: Params) -> Pair:
    """Mends the order of the input's weights and forgets the state's."""
    weight_ih = torch.cat(_blocks(params, "U", "ifco"))
    weight_hh = torch.cat(_blocks(params, "W", "fico"))
    return weight_ih, weight_hh


@wrong("slides_to_torch", "not_transposed")
def side_by_side(params: Params) -> Pair:
    """Four matrices side by side, without the transpose."""
    return (
        torch.cat([params[f"U_{k}"] for k in "ifco"], dim=1),
        torch.cat([params[f"W_{k}"] for k in "ifco"], dim=1),
    )


@wrong("slides_to_torch", "stacked_untransposed")
def below_one_another(params: Params) -> Pair:
    """Four matrices below one another, without the transpose: right in shape for the W only."""
    return (
        torch.cat([params[f"U_{k}"] for k in "ifco"]),
        torch.cat([params[f"W_{k}"] for k in "ifco"]),
    )


@wrong("slides_to_torch", "stacked_untransposed")
def state_blocks_not_transposed(params: Params) -> Pair:
    """Transposes where the shape demands it, and only there."""
    return (
        torch.cat(_blocks(params, "U", "ifco")),
        torch.cat([params[f"W_{k}"] for k in "ifco"], dim=0),
    )


@wrong("slides_to_torch", "reshaped_for_transposed")
def reshaped_whole(params: Params) -> Pair:
    """Reshapes to the wanted shape."""
    D, H = params["U_f"].shape
    U = torch.cat([params[f"U_{k}"] for k in "ifco"], dim=1)
    W = torch.cat([params[f"W_{k}"] for k in "ifco"], dim=1)
    return U.reshape(4 * H, D), W.reshape(4 * H, H)


@wrong("slides_to_torch", "reshaped_for_transposed")
def reshaped_block_by_block(params: Params) -> Pair:
    """Reshapes each block to (H, D)."""
    D, H = params["U_f"].shape
    U = [params[f"U_{k}"].reshape(H, D) for k in "ifco"]
    W = [params[f"W_{k}"].reshape(H, H) for k in "ifco"]
    return torch.cat(U), torch.cat(W)


@wrong("slides_to_torch", "reshaped_for_transposed")
def stacked_and_flattened(params: Params) -> Pair:
    """Stacks into (D, 4, H) and views as (4H, D)."""
    D, H = params["U_f"].shape
    U = torch.stack([params[f"U_{k}"] for k in "ifco"], dim=1)
    W = torch.stack([params[f"W_{k}"] for k in "ifco"], dim=1)
    return U.view(4 * H, D), W.view(4 * H, H)


@wrong("slides_to_torch", "gates_interleaved")
def units_before_gates(params: Params) -> Pair:
    """Interleaves: the four gates of unit 0, then of unit 1."""
    U = torch.stack(_blocks(params, "U", "ifco"), dim=1)  # (H, 4, D)
    W = torch.stack(_blocks(params, "W", "ifco"), dim=1)
    return U.flatten(0, 1), W.flatten(0, 1)


@wrong("slides_to_torch", "outputs_swapped")
def hidden_weights_first(params: Params) -> Pair:
    """Returns weight_hh, weight_ih."""
    weight_ih, weight_hh = _stacked(params, "ifco")
    return weight_hh, weight_ih


@wrong("slides_to_torch", "wrong_shape")
def one_axis_too_many(params: Params) -> Pair:
    """torch.stack makes (4, H, D)."""
    return torch.stack(_blocks(params, "U", "ifco")), torch.stack(_blocks(params, "W", "ifco"))


@wrong("slides_to_torch", "wrong_type")
def state_dict_of_torch(params: Params) -> Any:
    """Returns what load_state_dict takes."""
    weight_ih, weight_hh = _stacked(params, "ifco")
    return {"weight_ih_l0": weight_ih, "weight_hh_l0": weight_hh}


@wrong("slides_to_torch", "wrong_type")
def biases_too(params: Params) -> Any:
    """Returns the four tensors of nn.LSTM."""
    weight_ih, weight_hh = _stacked(params, "ifco")
    zeros = weight_ih.new_zeros(len(weight_ih))
    return weight_ih, weight_hh, zeros, zeros


@wrong("slides_to_torch", "wrong_type")
def input_weights_only(params: Params) -> Any:
    """Returns half of it."""
    return _stacked(params, "ifco")[0]


@wrong("slides_to_torch", "missing_key")
def letter_g(params: Params) -> Pair:
    """Looks for PyTorch's letter in the slides' dict."""
    return _stacked(params, "ifgo")


@wrong("slides_to_torch", "input_changed")
def keys_renamed_in_place(params: Params) -> Pair:
    """Renames c to g in the dict it was given."""
    for matrix in "UW":
        params[f"{matrix}_g"] = params.pop(f"{matrix}_c")
    return _stacked(params, "ifgo")


@wrong("slides_to_torch", "wrong_type")
def both_in_one(params: Params) -> Tensor:
    """[x, h] weights in one matrix."""
    weight_ih, weight_hh = _stacked(params, "ifco")
    return torch.cat([weight_ih, weight_hh], dim=1)


@wrong("slides_to_torch", "input_weights_twice")
def input_weights_twice(params: Params) -> Any:
    """Copies the line and forgets to change U into W."""
    weight_ih = torch.cat([params[f"U_{k}"] for k in "ifco"], 1).T
    weight_hh = torch.cat([params[f"U_{k}"] for k in "ifco"], 1).T
    return weight_ih, weight_hh


@wrong("slides_to_torch", "different")
def forget_block_twice(params: Params) -> Pair:
    """A slip while typing eight names."""
    return _stacked(params, "ffco")


@wrong("slides_to_torch", "different")
def rows_turned_over(params: Params) -> Pair:
    """Turns by 90 degrees with rot90 in place of a transpose."""
    turned = {key: torch.rot90(value) for key, value in params.items()}
    return (
        torch.cat([turned[f"U_{k}"] for k in "ifco"]),
        torch.cat([turned[f"W_{k}"] for k in "ifco"]),
    )


@wrong("slides_to_torch", "nothing_returned")
def mapped_and_dropped(params: Params) -> None:
    """Assigns and does not return."""
    weights = _stacked(params, "ifco")  # noqa: F841


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
