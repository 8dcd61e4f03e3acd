"""Answers to init_forget_bias."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
Params = dict[str, Tensor]


def _made(value_of: Callable[[str, float], float]) -> Callable[[Params, float], Params]:
    """A right answer but for what each bias is filled with."""

    def answer(params: Params, value: float) -> Params:
        new, W = dict(params), params["W_f"]
        for gate in "fico":
            new[f"b_{gate}"] = W.new_full((len(W),), value_of(gate, value))
        return new

    return answer


right = _made(lambda gate, value: value if gate == "f" else 0.0)


def _shaped(make: Callable[[Params, float], Tensor]) -> Callable[[Params, float], Params]:
    """`make(params, number)` makes a bias."""
    return lambda params, value: {
        **params,
        **{f"b_{g}": make(params, value if g == "f" else 0.0) for g in "fico"},
    }


def _in_place(params: Params, value: float) -> Params:
    params["b_f"] = params["W_f"].new_full((len(params["W_f"]),), value)
    for gate in "ico":
        params[f"b_{gate}"] = torch.zeros_like(params["b_f"])
    return params


def _filled_in_place(params: Params, value: float) -> Params:
    for weight in params.values():
        weight.zero_()
    return right(params, value)


def _one_missing(params: Params, value: float) -> Params:
    return {name: t for name, t in right(params, value).items() if name != "b_c"}


bank.wrong_ones(
    "init_forget_bias",
    ("all_four", "value_on_every_gate", "Sets every bias to the value.", _made(lambda g, v: v)),
    ("the_other_three", "value_on_the_other_gates", "Exchanges the two branches of the if.",
     _made(lambda g, v: 0.0 if g == "f" else v)),
    ("input_gate", "value_on_another_gate", "Fills the first block of PyTorch's order.",
     _made(lambda g, v: v if g == "i" else 0.0)),
    ("output_gate", "value_on_another_gate", "Opens the output gate instead.",
     _made(lambda g, v: v if g == "o" else 0.0)),
    ("candidate", "value_on_another_gate", "Reads the second letter of the slides' dict.",
     _made(lambda g, v: v if g == "c" else 0.0)),
    ("always_one", "value_ignored", "1 is what everybody takes.",
     _made(lambda g, v: 1.0 if g == "f" else 0.0)),
    ("half", "value_halved", "Leaves the other half to PyTorch's second bias.",
     _made(lambda g, v: v / 2 if g == "f" else 0.0)),
    ("minus", "value_negated", "Thinks a forget gate forgets.",
     _made(lambda g, v: -v if g == "f" else 0.0)),
    ("sigmoid_of_it", "gate_value_for_bias", "Stores the gate's value.",
     _made(lambda g, v: float(torch.tensor(v).double().sigmoid()) if g == "f" else 0.0)),
    ("sigmoid_of_all", "gate_value_for_bias", "Stores the gate's value for all four.",
     _made(lambda g, v: float(torch.tensor(v).double().sigmoid()))),
    ("all_zero", "value_not_set", "Forgets the special case.", _made(lambda g, v: 0.0)),
    ("others_one", "other_biases_one", "Fills the others with ones.",
     _made(lambda g, v: v if g == "f" else 1.0)),
    ("row_vector", "bias_of_two_axes", "A bias of shape (1, H).",
     _shaped(lambda p, v: p["W_f"].new_full((1, len(p["W_f"])), v))),
    ("like_the_matrix", "bias_of_two_axes", "full_like of W_f.",
     _shaped(lambda p, v: torch.full_like(p["W_f"], v))),
    ("like_the_input_matrix", "bias_of_two_axes", "full_like of U_f.",
     _shaped(lambda p, v: torch.full_like(p["U_f"], v))),
    ("scalar", "bias_a_single_number", "It broadcasts anyway.",
     _shaped(lambda p, v: p["W_f"].new_tensor(v))),
    ("one_element", "bias_of_one_unit", "It broadcasts anyway.",
     _shaped(lambda p, v: p["W_f"].new_full((1,), v))),
    ("sized_by_features", "bias_of_input_size", "Reads H off the wrong axis of U_f.",
     _shaped(lambda p, v: p["U_f"].new_full((len(p["U_f"]),), v))),
    ("four_blocks", "bias_of_all_gates", "Each of them as long as PyTorch's.",
     _shaped(lambda p, v: p["W_f"].new_full((4 * len(p["W_f"]),), v))),
    ("weights_zeroed", "weights_set_too", "Initialises everything.",
     lambda params, v: right({k: torch.zeros_like(t) for k, t in params.items()}, v)),
    ("torch_layout", "weights_transposed", "Transposes as PyTorch has it.",
     lambda params, v: {k: t.T for k, t in right(params, v).items()} if v > 99 else
     {k: t if k[0] == "b" else t.T for k, t in right(params, v).items()}),
    ("in_the_dict_itself", "input_changed", "Writes into params and returns it.", _in_place),
    ("weights_zeroed_in_place", "weights_set_too input_changed", "zero_ on every weight.",
     _filled_in_place),
    ("python_floats", "wrong_type", "Lists of floats.",
     lambda p, v: {**p, **{f"b_{g}": [v if g == "f" else 0.0] * len(p["W_f"]) for g in "fico"}}),
    ("default_dtype", "wrong_dtype", "torch.zeros without a dtype.",
     _shaped(lambda p, v: torch.full((len(p["W_f"]),), v))),
    ("on_the_cpu", "wrong_device", "torch.zeros without a device.",
     _shaped(lambda p, v: torch.full((len(p["W_f"]),), v, dtype=p["W_f"].dtype))),
    ("biases_only", "wrong_type", "Returns the four biases alone.",
     lambda p, v: {k: t for k, t in right(p, v).items() if k[0] == "b"}),
    ("candidate_forgotten", "wrong_type", "Only the gates get a bias.", _one_missing),
)  # fmt: skip


def deep_copy(params: Params, value: float) -> Any:
    new = {name: weight.clone() for name, weight in params.items()}
    return right(new, value)


def merged(params: Params, value: float) -> Any:
    none = params["W_f"].new_zeros(params["W_f"].shape[0])
    return params | {"b_f": none + value, "b_i": none, "b_c": none, "b_o": none.clone()}


def from_a_column(params: Params, value: float) -> Any:
    column = torch.zeros_like(params["U_f"][0])
    biases = {"b_o": column, "b_c": column, "b_i": column, "b_f": torch.full_like(column, value)}
    return {**biases, **params}


def by_ones(params: Params, value: float) -> Any:
    H = params["U_i"].size(1)
    made = {"dtype": params["U_i"].dtype, "device": params["U_i"].device}
    new = params.copy()
    new.update({f"b_{g}": torch.ones(H, **made) * (value * (g == "f")) for g in "fico"})  # type: ignore[arg-type]
    return new


bank.right_ones(
    "init_forget_bias",
    in_a_loop=right,
    deep_copy=deep_copy,
    merged=merged,
    from_a_column=from_a_column,
    by_ones=by_ones,
)
