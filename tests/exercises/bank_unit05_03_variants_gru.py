"""Answers to gru_cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
Params = dict[str, Tensor]
Step = Callable[[Tensor, Tensor, Params], Any]
sigmoid, tanh = torch.sigmoid, torch.tanh


def _gate(g: str, x: Tensor, h: Tensor, p: Params) -> Tensor:
    return sigmoid(x @ p[f"U_{g}"] + h @ p[f"W_{g}"] + p[f"b_{g}"])


def right(x: Tensor, h: Tensor, p: Params) -> Any:
    r, z = _gate("r", x, h, p), _gate("z", x, h, p)
    n = tanh(x @ p["U_n"] + p["b_in"] + r * (h @ p["W_n"] + p["b_hn"]))
    return (1 - z) * n + z * h


def _new(new: Callable[[Tensor, Tensor, Tensor, Params], Tensor]) -> Step:
    """n = new(x, h, r, params); the rest is right."""

    def step(x: Tensor, h: Tensor, p: Params) -> Any:
        r, z = _gate("r", x, h, p), _gate("z", x, h, p)
        return (1 - z) * new(x, h, r, p) + z * h

    return step


def _mix(mix: Callable[[Tensor, Tensor, Tensor], Any]) -> Step:
    """h_t = mix(n, z, h); the rest is right."""

    def step(x: Tensor, h: Tensor, p: Params) -> Any:
        r, z = _gate("r", x, h, p), _gate("z", x, h, p)
        n = tanh(x @ p["U_n"] + p["b_in"] + r * (h @ p["W_n"] + p["b_hn"]))
        return mix(n, z, h)

    return step


def _params(change: Callable[[Params], Params]) -> Step:
    return lambda x, h, p: right(x, h, {**p, **change(p)})


def _zero(*names: str) -> Step:
    return _params(lambda p: {name: torch.zeros_like(p[name]) for name in names})


def _crossed(x: Tensor, h: Tensor, p: Params) -> Any:
    z, r = _gate("r", x, h, p), _gate("z", x, h, p)
    n = tanh(x @ p["U_n"] + p["b_in"] + r * (h @ p["W_n"] + p["b_hn"]))
    return (1 - z) * n + z * h


def _tanh_gates(x: Tensor, h: Tensor, p: Params) -> Any:
    r, z = (tanh(x @ p[f"U_{g}"] + h @ p[f"W_{g}"] + p[f"b_{g}"]) for g in "rz")
    n = tanh(x @ p["U_n"] + p["b_in"] + r * (h @ p["W_n"] + p["b_hn"]))
    return (1 - z) * n + z * h


def _by_position(x: Tensor, h: Tensor, p: Params) -> Any:
    names = ("U_r", "U_z", "U_n", "W_r", "W_z", "W_n", "b_r", "b_z", "b_in", "b_hn")
    return right(x, h, dict(zip(names, p.values(), strict=True)))


def _in_place(x: Tensor, h: Tensor, p: Params) -> Any:
    new = right(x, h, p)
    h.copy_(new)
    return new


def _biases_made(x: Tensor, h: Tensor, p: Params) -> Any:
    p["b_n"] = p["b_in"] + p["b_hn"]
    return right(x, h, p)


def _numpy(x: Tensor, h: Tensor, p: Params) -> Any:
    return torch.from_numpy(right(x, h, p).numpy())


bank.wrong_ones(
    "gru_cell",
    ("paper_of_2014", "reset_before_product", "r * h first, then W_n.",
     _new(lambda x, h, r, p: tanh(x @ p["U_n"] + p["b_in"] + (r * h) @ p["W_n"] + p["b_hn"]))),
    ("paper_with_reset_bias", "reset_before_product", "r * h first; r on the bias too.",
     _new(lambda x, h, r, p: tanh(
         x @ p["U_n"] + p["b_in"] + (r * h) @ p["W_n"] + r * p["b_hn"]))),
    ("other_way_round", "update_complemented", "z lets the new in, as in many books.",
     _mix(lambda n, z, h: z * n + (1 - z) * h)),
    ("gates_crossed", "reset_update_swapped", "Takes r for z.", _crossed),
    ("hidden_bias_first", "hidden_bias_outside", "Collects the biases at the front.",
     _new(lambda x, h, r, p: tanh(x @ p["U_n"] + p["b_in"] + p["b_hn"] + r * (h @ p["W_n"])))),
    ("both_biases_reset", "input_bias_inside", "Collects the biases in the bracket.",
     _new(lambda x, h, r, p: tanh(x @ p["U_n"] + r * (h @ p["W_n"] + p["b_hn"] + p["b_in"])))),
    ("biases_exchanged", "new_biases_swapped", "Reads h for hidden state, in for inside.",
     _new(lambda x, h, r, p: tanh(x @ p["U_n"] + p["b_hn"] + r * (h @ p["W_n"] + p["b_in"])))),
    ("all_reset", "reset_on_the_whole", "Brackets in the wrong place.",
     _new(lambda x, h, r, p: tanh(
         r * (x @ p["U_n"] + p["b_in"] + h @ p["W_n"] + p["b_hn"])))),
    ("input_reset", "reset_on_the_input", "r on the wrong term.",
     _new(lambda x, h, r, p: tanh(
         r * (x @ p["U_n"] + p["b_in"]) + h @ p["W_n"] + p["b_hn"]))),
    ("reset_after_tanh", "reset_on_new", "r outside the tanh.",
     _new(lambda x, h, r, p: r * tanh(
         x @ p["U_n"] + p["b_in"] + h @ p["W_n"] + p["b_hn"]))),
    ("reset_forgotten", "reset_unused", "Computes r and does not use it.",
     _new(lambda x, h, r, p: tanh(x @ p["U_n"] + p["b_in"] + h @ p["W_n"] + p["b_hn"]))),
    ("one_minus_r", "reset_complemented", "Takes reset at its word.",
     _new(lambda x, h, r, p: tanh(
         x @ p["U_n"] + p["b_in"] + (1 - r) * (h @ p["W_n"] + p["b_hn"])))),
    ("reset_as_term", "reset_added", "+ for *.",
     _new(lambda x, h, r, p: tanh(
         x @ p["U_n"] + p["b_in"] + r + (h @ p["W_n"] + p["b_hn"])))),
    ("no_state", "state_missing_in_new", "n from the input only.",
     _new(lambda x, h, r, p: tanh(x @ p["U_n"] + p["b_in"]))),
    ("sigmoid_new", "sigmoid_on_new", "Three sigmoids.",
     _new(lambda x, h, r, p: sigmoid(
         x @ p["U_n"] + p["b_in"] + r * (h @ p["W_n"] + p["b_hn"])))),
    ("bare_new", "no_activation_on_new", "Forgets the tanh.",
     _new(lambda x, h, r, p: x @ p["U_n"] + p["b_in"] + r * (h @ p["W_n"] + p["b_hn"]))),
    ("three_tanhs", "tanh_on_gates", "tanh everywhere.", _tanh_gates),
    ("new_returned", "update_missing", "Returns n.", _mix(lambda n, z, h: n)),
    ("no_old", "old_state_missing", "Forgets the second term.", _mix(lambda n, z, h: (1 - z) * n)),
    ("no_new", "new_state_missing", "Forgets the first term.", _mix(lambda n, z, h: z * h)),
    ("n_whole", "complement_missing", "n + z h.", _mix(lambda n, z, h: n + z * h)),
    ("h_whole", "old_state_whole", "(1 - z) n + h.", _mix(lambda n, z, h: (1 - z) * n + h)),
    ("tanh_again", "tanh_on_the_mixture", "Squashes at the end, as the LSTM does.",
     _mix(lambda n, z, h: tanh((1 - z) * n + z * h))),
    ("minus", "terms_subtracted", "A sign.", _mix(lambda n, z, h: (1 - z) * n - z * h)),
    ("no_b_r", "bias_missing", "Forgets b_r.", _zero("b_r")),
    ("no_b_z", "bias_missing", "Forgets b_z.", _zero("b_z")),
    ("no_b_in", "bias_missing", "Forgets b_in.", _zero("b_in")),
    ("no_b_hn", "bias_missing", "Forgets b_hn.", _zero("b_hn")),
    ("no_bias", "all_biases_missing", "The slides have none.", _zero("b_r", "b_z", "b_in", "b_hn")),
    ("no_bias_in_gates", "gate_biases_missing", "Gates as on the slides.", _zero("b_r", "b_z")),
    ("no_bias_in_new", "new_biases_missing", "Looks for b_n.", _zero("b_in", "b_hn")),
    ("gate_biases_crossed", "gate_biases_swapped", "Copies a line.",
     _params(lambda p: {"b_r": p["b_z"], "b_z": p["b_r"]})),
    ("u_and_w_crossed", "weights_swapped", "h with U and x with W.",
     _params(lambda p: {f"{a}_{g}": p[f"{b}_{g}"] for g in "rzn" for a, b in ("UW", "WU")})),
    ("w_transposed", "previous_weights_transposed", "PyTorch's layout.",
     _params(lambda p: {f"W_{g}": p[f"W_{g}"].T for g in "rzn"})),
    ("copied_line", "weights_of_another_gate", "z with r's U.",
     _params(lambda p: {"U_z": p["U_r"]})),
    ("copied_line_of_n", "weights_of_another_gate", "n with z's W.",
     _params(lambda p: {"W_n": p["W_z"]})),
    ("dict_by_position", "keys_by_position", "Unpacks params.values().", _by_position),
    ("x_forgotten", "input_missing", "Only the state.",
     lambda x, h, p: right(torch.zeros_like(x), h, p)),
    ("h_forgotten", "previous_state_ignored", "Starts from zeros.",
     lambda x, h, p: right(x, torch.zeros_like(h), p)),
    ("state_overwritten", "input_changed", "Updates h_prev in place.", _in_place),
    ("adds_a_key", "input_changed", "Keeps the sum of the biases in params.", _biases_made),
    ("through_numpy", "wrong_device", "Ends in NumPy.", _numpy),
    ("returns_a_pair", "wrong_type", "As if there were a cell state.",
     lambda x, h, p: (right(x, h, p),) * 2),
)  # fmt: skip


def stacked_weights(x: Tensor, h: Tensor, p: Params) -> Any:
    a = x @ torch.cat([p["U_r"], p["U_z"], p["U_n"]], 1)
    s = h @ torch.cat([p["W_r"], p["W_z"], p["W_n"]], 1)
    (a_r, a_z, a_n), (s_r, s_z, s_n) = a.chunk(3, 1), s.chunk(3, 1)
    r, z = (a_r + s_r + p["b_r"]).sigmoid(), (a_z + s_z + p["b_z"]).sigmoid()
    n = (a_n + p["b_in"] + r * (s_n + p["b_hn"])).tanh()
    return n + z * (h - n)


def bias_multiplied_out(x: Tensor, h: Tensor, p: Params) -> Any:
    r, z = _gate("r", x, h, p), _gate("z", x, h, p)
    n = tanh(x @ p["U_n"] + p["b_in"] + r * (h @ p["W_n"]) + r * p["b_hn"])
    return z * h + n - z * n


def row_by_row(x: Tensor, h: Tensor, p: Params) -> Any:
    return torch.stack([right(a[None], b[None], p)[0] for a, b in zip(x, h, strict=True)])


def by_lerp(x: Tensor, h: Tensor, p: Params) -> Any:
    print("one step")
    linear = torch.nn.functional.linear
    r, z = (
        torch.sigmoid(linear(x, p[f"U_{g}"].T, p[f"b_{g}"]) + linear(h, p[f"W_{g}"].T))
        for g in "rz"
    )
    n = torch.tanh(linear(x, p["U_n"].T, p["b_in"]) + r * linear(h, p["W_n"].T, p["b_hn"]))
    return torch.lerp(n, h, z)


bank.right_ones(
    "gru_cell",
    four_lines=right,
    stacked_weights=stacked_weights,
    bias_multiplied_out=bias_multiplied_out,
    row_by_row=row_by_row,
    by_lerp=by_lerp,
)
