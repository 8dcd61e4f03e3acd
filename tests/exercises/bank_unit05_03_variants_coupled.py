"""Answers to coupled_lstm_cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
Params = dict[str, Tensor]
Step = Callable[[Tensor, Tensor, Tensor, Params], Any]
sigmoid, tanh = torch.sigmoid, torch.tanh


def _sum(g: str, x: Tensor, h: Tensor, p: Params) -> Tensor:
    return x @ p[f"U_{g}"] + h @ p[f"W_{g}"]


def _cell(rule: Callable[..., Tensor]) -> Step:
    """c_t = rule(i, candidate, o, c_prev, i's sum); the rest is right."""

    def step(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
        z = _sum("i", x, h, p)
        o, g = sigmoid(_sum("o", x, h, p)), tanh(_sum("c", x, h, p))
        new = rule(sigmoid(z), g, o, c, z)
        return o * tanh(new), new

    return step


right = _cell(lambda i, g, o, c, z: (1 - i) * c + i * g)


def _shown(rule: Callable[[Tensor, Tensor, Tensor], Any]) -> Step:
    """What comes back is rule(o, c_t, c_prev)."""

    def step(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
        new = right(x, h, c, p)[1]
        return rule(sigmoid(_sum("o", x, h, p)), new, c)

    return step


def _params(change: Callable[[Params], Params]) -> Step:
    return lambda x, h, c, p: right(x, h, c, {**p, **change(p)})


def _as(*pairs: str) -> Step:
    return _params(lambda p: {f"{k}_{a}": p[f"{k}_{b}"] for a, b in pairs for k in "UW"})


def _sigmoid_candidate(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    i, g, o = (sigmoid(_sum(k, x, h, p)) for k in "ico")
    new = (1 - i) * c + i * g
    return o * tanh(new), new


def _with_forget_weights(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    f = sigmoid(_sum("f", x, h, p))
    return right(x, h, f * c, p)


def _in_place(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    i, g = sigmoid(_sum("i", x, h, p)), tanh(_sum("c", x, h, p))
    c.lerp_(g, i)
    return sigmoid(_sum("o", x, h, p)) * tanh(c), c


def _adds_keys(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    p["U_f"], p["W_f"] = -p["U_i"], -p["W_i"]
    return right(x, h, c, p)


bank.wrong_ones(
    "coupled_lstm_cell",
    ("exchanged", "gates_exchanged", "i keeps.", _cell(lambda i, g, o, c, z: i * c + (1 - i) * g)),
    ("one_minus_o", "coupled_to_the_output_gate", "1 - o.",
     _cell(lambda i, g, o, c, z: (1 - o) * c + i * g)),
    ("one_minus_candidate", "coupled_to_the_candidate", "1 - c_bar.",
     _cell(lambda i, g, o, c, z: (1 - g) * c + i * g)),
    ("same_gate", "complement_missing", "f = i.", _cell(lambda i, g, o, c, z: i * c + i * g)),
    ("complement_twice", "complement_on_both", "1 - i in both places.",
     _cell(lambda i, g, o, c, z: (1 - i) * (c + g))),
    ("i_minus_one", "complement_negated", "i - 1.",
     _cell(lambda i, g, o, c, z: (i - 1) * c + i * g)),
    ("minus_i", "complement_negated", "-i, as in the weights.",
     _cell(lambda i, g, o, c, z: -i * c + i * g)),
    ("sigmoid_of_one_minus_sum", "complement_before_sigmoid", "sigmoid(1 - z).",
     _cell(lambda i, g, o, c, z: sigmoid(1 - z) * c + i * g)),
    ("one_minus_sum", "complement_before_sigmoid", "1 - z, without a sigmoid.",
     _cell(lambda i, g, o, c, z: (1 - z) * c + i * g)),
    ("sigmoid_again", "sigmoid_on_the_complement", "sigmoid(1 - i).",
     _cell(lambda i, g, o, c, z: sigmoid(1 - i) * c + i * g)),
    ("squared", "gate_squared", "1 - i ** 2, as in tanh's slope.",
     _cell(lambda i, g, o, c, z: (1 - i**2) * c + i * g)),
    ("tanh_gate", "tanh_on_input", "i through tanh.",
     _cell(lambda i, g, o, c, z: (1 - tanh(z)) * c + tanh(z) * g)),
    ("bare_gate", "no_activation_on_input", "i without a sigmoid.",
     _cell(lambda i, g, o, c, z: (1 - z) * c + z * g)),
    ("candidate_whole", "input_gate_unused", "(1 - i) c + c_bar.",
     _cell(lambda i, g, o, c, z: (1 - i) * c + g)),
    ("kept_whole", "forget_gate_unused", "No forget gate in the dict, so none is used.",
     _cell(lambda i, g, o, c, z: c + i * g)),
    ("nothing_new", "new_content_missing", "(1 - i) c only.",
     _cell(lambda i, g, o, c, z: (1 - i) * c)),
    ("nothing_old", "carry_missing", "i c_bar only.", _cell(lambda i, g, o, c, z: i * g)),
    ("subtracted", "terms_subtracted", "A sign.", _cell(lambda i, g, o, c, z: (1 - i) * c - i * g)),
    ("shown_raw", "no_tanh_on_cell", "o * c_t.", _shown(lambda o, new, c: (o * new, new))),
    ("shown_by_sigmoid", "sigmoid_on_cell", "o * sigmoid(c_t).",
     _shown(lambda o, new, c: (o * sigmoid(new), new))),
    ("shown_old", "hidden_from_previous_cell", "o * tanh(c_prev).",
     _shown(lambda o, new, c: (o * tanh(c), new))),
    ("gate_unused", "output_gate_unused", "tanh(c_t).",
     _shown(lambda o, new, c: (tanh(new), new))),
    ("cell_first", "outputs_swapped", "c, h.", _shown(lambda o, new, c: (new, o * tanh(new)))),
    ("old_returned", "previous_cell_returned", "h, c_prev.",
     _shown(lambda o, new, c: (o * tanh(new), c))),
    ("sigmoids", "sigmoid_on_candidate", "Three sigmoids in a loop.", _sigmoid_candidate),
    ("i_and_o", "input_output_swapped", "Two letters crossed.", _as("io", "oi")),
    ("i_and_c", "input_candidate_swapped", "Two letters crossed.", _as("ic", "ci")),
    ("c_and_o", "candidate_output_swapped", "Two letters crossed.", _as("co", "oc")),
    ("line_copied", "weights_of_another_gate", "A line copied.", _as("oi")),
    ("weights_crossed", "weights_swapped", "h with U, x with W.",
     _params(lambda p: {f"{a}_{g}": p[f"{b}_{g}"] for g in "ico" for a, b in ("UW", "WU")})),
    ("states_crossed", "previous_states_swapped", "h and c in the other order.",
     lambda x, h, c, p: right(x, c, h, p)),
    ("w_transposed", "previous_weights_transposed", "PyTorch's layout.",
     _params(lambda p: {f"W_{g}": p[f"W_{g}"].T for g in "ico"})),
    ("wants_a_forget_gate", "missing_key", "Looks for U_f.", _with_forget_weights),
    ("lerp_in_place", "input_changed", "lerp_ on c_prev.", _in_place),
    ("adds_forget_weights", "input_changed", "Puts U_f and W_f into params.", _adds_keys),
    ("hidden_only", "wrong_type", "Returns h alone.", lambda *a: right(*a)[0]),
)  # fmt: skip


def by_lerp(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    i, o = (torch.sigmoid(_sum(k, x, h, p)) for k in "io")
    new = torch.lerp(c, _sum("c", x, h, p).tanh(), i)
    return o * new.tanh(), new


def negated_sum(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    z = _sum("i", x, h, p)
    new = sigmoid(-z) * c + sigmoid(z) * tanh(_sum("c", x, h, p))
    return [sigmoid(_sum("o", x, h, p)) * tanh(new), new]


def copied_dict(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    q = {**p, "U_f": -p["U_i"], "W_f": -p["W_i"]}
    z = {g: _sum(g, x, h, q) for g in "fico"}
    new = z["f"].sigmoid() * c + z["i"].sigmoid() * z["c"].tanh()
    return z["o"].sigmoid() * new.tanh(), new


def joined(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    both = torch.cat([x, h], 1)
    i, g, o = (both @ torch.cat([p[f"U_{k}"], p[f"W_{k}"]]) for k in "ico")
    i = i.sigmoid()
    new = c + i * (g.tanh() - c)
    return o.sigmoid() * new.tanh(), new


bank.right_ones(
    "coupled_lstm_cell",
    in_order=right,
    by_lerp=by_lerp,
    negated_sum=negated_sum,
    copied_dict=copied_dict,
    joined=joined,
)
