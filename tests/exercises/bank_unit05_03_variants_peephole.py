"""Answers to peephole_lstm_cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def _looking(see: Callable[[Tensor, Tensor, Tensor], Sequence[Tensor]]) -> Step:
    """f, i and o look at `see(h, c, new c)`; of the new c only o can know."""

    def step(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
        seen = see(h, c, c)
        f = sigmoid(_sum("f", x, h, p) + p["P_f"] * seen[0])
        i = sigmoid(_sum("i", x, h, p) + p["P_i"] * seen[1])
        new = f * c + i * tanh(_sum("c", x, h, p))
        o = sigmoid(_sum("o", x, h, p) + p["P_o"] * see(h, c, new)[2])
        return o * tanh(new), new

    return step


right = _looking(lambda h, c, new: (c, c, new))


def _candidate(extra: str) -> Step:
    def step(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
        f = sigmoid(_sum("f", x, h, p) + p["P_f"] * c)
        i = sigmoid(_sum("i", x, h, p) + p["P_i"] * c)
        new = f * c + i * tanh(_sum("c", x, h, p) + p[extra] * c)
        o = sigmoid(_sum("o", x, h, p) + p["P_o"] * new)
        return o * tanh(new), new

    return step


def _params(change: Callable[[Params], Params]) -> Step:
    return lambda x, h, c, p: right(x, h, c, {**p, **change(p)})


def _joined(join: Callable[[Tensor, Tensor], Tensor]) -> Step:
    """What stands in a gate, of its sum and of P * c."""

    def step(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
        f = join(_sum("f", x, h, p), p["P_f"] * c)
        i = join(_sum("i", x, h, p), p["P_i"] * c)
        new = f * c + i * tanh(_sum("c", x, h, p))
        return join(_sum("o", x, h, p), p["P_o"] * new) * tanh(new), new

    return step


def _two_passes(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    f, i = sigmoid(_sum("f", x, h, p)), sigmoid(_sum("i", x, h, p))
    first = f * c + i * tanh(_sum("c", x, h, p))
    f = sigmoid(_sum("f", x, h, p) + p["P_f"] * first)
    i = sigmoid(_sum("i", x, h, p) + p["P_i"] * first)
    new = f * c + i * tanh(_sum("c", x, h, p))
    o = sigmoid(_sum("o", x, h, p) + p["P_o"] * new)
    return o * tanh(new), new


def _at_product(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    f = sigmoid(_sum("f", x, h, p) + c @ p["P_f"])
    i = sigmoid(_sum("i", x, h, p) + c @ p["P_i"])
    new = f * c + i * tanh(_sum("c", x, h, p))
    o = sigmoid(_sum("o", x, h, p) + new @ p["P_o"])
    return o * tanh(new), new


def _at_in_f(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    f = sigmoid(_sum("f", x, h, p) + c @ p["P_f"])
    i = sigmoid(_sum("i", x, h, p) + p["P_i"] * c)
    new = f * c + i * tanh(_sum("c", x, h, p))
    return sigmoid(_sum("o", x, h, p) + p["P_o"] * new) * tanh(new), new


def _state(rest: Callable[..., Any]) -> Step:
    """Right gates; `rest(f, i, g, o's sum, P_o, c)` does the states."""

    def step(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
        f = sigmoid(_sum("f", x, h, p) + p["P_f"] * c)
        i = sigmoid(_sum("i", x, h, p) + p["P_i"] * c)
        return rest(f, i, tanh(_sum("c", x, h, p)), _sum("o", x, h, p), p["P_o"], c)

    return step


def _shown_raw(f: Tensor, i: Tensor, g: Tensor, o: Tensor, P: Tensor, c: Tensor) -> Any:
    new = f * c + i * g
    return sigmoid(o + P * new) * new, new


def _swapped_gates(f: Tensor, i: Tensor, g: Tensor, o: Tensor, P: Tensor, c: Tensor) -> Any:
    new = f * c + (1 - f) * g
    return sigmoid(o + P * new) * tanh(new), new


def _kept_tanh(f: Tensor, i: Tensor, g: Tensor, o: Tensor, P: Tensor, c: Tensor) -> Any:
    new = tanh(f * c + i * g)
    return sigmoid(o + P * new) * new, new


def _in_place(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    new_h, new_c = right(x, h, c, p)
    c.copy_(new_c)
    return new_h, new_c


def _zeros_on_cpu(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    start = torch.zeros(c.shape, dtype=c.dtype)
    return right(x, h + start, c, p)


_G = "fio"
bank.wrong_ones(
    "peephole_lstm_cell",
    ("all_look_back", "output_looks_back", "Computes the four gates first.",
     _looking(lambda h, c, new: (c, c, c))),
    ("two_passes", "gates_look_ahead", "Makes a first c_t for f and i to look at.", _two_passes),
    ("candidate_with_p_i", "peephole_on_candidate", "The candidate with i's.", _candidate("P_i")),
    ("candidate_with_p_f", "peephole_on_candidate", "The candidate with f's.", _candidate("P_f")),
    ("candidate_with_p_o", "peephole_on_candidate", "The candidate with o's.", _candidate("P_o")),
    *((f"no_peephole_{g}", "peephole_missing", f"Forgets P_{g}.",
       _params(lambda p, g=g: {f"P_{g}": torch.zeros_like(p[f"P_{g}"])})) for g in _G),
    ("no_peephole_at_all", "peepholes_missing", "The slides' cell.",
     _params(lambda p: {f"P_{g}": torch.zeros_like(p[f"P_{g}"]) for g in _G})),
    ("only_the_output", "peepholes_missing", "Only o has one.",
     _params(lambda p: {f"P_{g}": torch.zeros_like(p[f"P_{g}"]) for g in "fi"})),
    ("f_and_i_exchanged", "peepholes_exchanged", "Two names crossed.",
     _params(lambda p: {"P_f": p["P_i"], "P_i": p["P_f"]})),
    ("line_copied", "peepholes_exchanged", "P_f in i's line.",
     _params(lambda p: {"P_i": p["P_f"]})),
    ("one_for_all", "one_peephole_for_all", "P_f everywhere.",
     _params(lambda p: {"P_i": p["P_f"], "P_o": p["P_f"]})),
    ("looks_at_h", "looks_at_hidden", "P * h_prev.", _looking(lambda h, c, new: (h, h, h))),
    ("f_and_i_look_at_h", "looks_at_hidden", "P * h_prev in two gates.",
     _looking(lambda h, c, new: (h, h, new))),
    ("o_looks_at_h", "looks_at_hidden", "P_o * h_prev.", _looking(lambda h, c, new: (c, c, h))),
    ("o_looks_through_tanh", "looks_through_tanh", "o looks at tanh(c_t), which it has at hand.",
     _looking(lambda h, c, new: (c, c, tanh(new)))),
    ("all_through_tanh", "looks_through_tanh", "tanh of every c.",
     _looking(lambda h, c, new: (tanh(c), tanh(c), tanh(new)))),
    ("o_looks_at_both", "looks_at_both", "c_prev and c_t.",
     _looking(lambda h, c, new: (c, c, c + new))),
    ("minus", "peephole_subtracted", "A sign.",
     _params(lambda p: {f"P_{g}": -p[f"P_{g}"] for g in _G})),
    ("as_a_bias", "peephole_without_cell", "Adds P itself.",
     _looking(lambda h, c, new: (torch.ones_like(c),) * 3)),
    ("outside", "peephole_outside", "Closes the bracket too early.",
     _joined(lambda z, look: sigmoid(z) + look)),
    ("factor", "peephole_as_factor", "Multiplies the gate.",
     _joined(lambda z, look: sigmoid(z) * look)),
    ("at_product", "matrix_product_with_peephole", "c @ P.", _at_product),
    ("at_product_in_f", "matrix_product_with_peephole", "c @ P in one gate.", _at_in_f),
    ("tanh_gates", "tanh_on_all_gates", "tanh for all.", _joined(lambda z, look: tanh(z + look))),
    ("shown_without_tanh", "no_tanh_on_cell", "o * c_t.", _state(_shown_raw)),
    ("coupled", "input_gate_coupled", "1 - f for i.", _state(_swapped_gates)),
    ("tanh_kept", "tanh_stored_in_cell", "Squashes the cell.", _state(_kept_tanh)),
    ("cell_first", "outputs_swapped", "Returns c, h.", lambda *a: right(*a)[::-1]),
    ("hidden_twice", "hidden_returned_as_cell", "Returns h, h.", lambda *a: (right(*a)[0],) * 2),
    ("weights_crossed", "weights_swapped", "h with U, x with W.",
     _params(lambda p: {f"{a}_{g}": p[f"{b}_{g}"] for g in "fico" for a, b in ("UW", "WU")})),
    ("w_transposed", "previous_weights_transposed", "PyTorch's layout.",
     _params(lambda p: {f"W_{g}": p[f"W_{g}"].T for g in "fico"})),
    ("copied_gate", "weights_of_another_gate", "o with f's U.",
     _params(lambda p: {"U_o": p["U_f"]})),
    ("old_cell_overwritten", "input_changed", "Writes c_t into c_prev.", _in_place),
    ("on_the_cpu", "wrong_device", "Adds zeros made with torch.zeros.", _zeros_on_cpu),
    ("hidden_only", "wrong_type", "Returns h alone.", lambda *a: right(*a)[0]),
)  # fmt: skip


def with_diagonals(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    P = {g: torch.diag(p[f"P_{g}"]) for g in _G}
    f = (_sum("f", x, h, p) + c @ P["f"]).sigmoid()
    i = (_sum("i", x, h, p) + c @ P["i"]).sigmoid()
    new = torch.addcmul(f * c, i, _sum("c", x, h, p).tanh())
    return [(_sum("o", x, h, p) + new @ P["o"]).sigmoid() * new.tanh(), new]


def fused_first(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    V = torch.cat([torch.cat([p[f"{k}_{g}"] for g in "ifco"], 1) for k in "UW"])
    z_i, z_f, z_c, z_o = (torch.cat([x, h], 1) @ V).chunk(4, 1)
    new = sigmoid(z_f + c * p["P_f"]) * c + sigmoid(z_i + c * p["P_i"]) * tanh(z_c)
    return sigmoid(z_o + new * p["P_o"]) * tanh(new), new


def with_expanded_rows(x: Tensor, h: Tensor, c: Tensor, p: Params) -> Any:
    print(sorted(p))
    P = {g: p[f"P_{g}"].expand_as(c) for g in _G}
    f = torch.sigmoid(torch.addcmul(_sum("f", x, h, p), P["f"], c))
    i = torch.sigmoid(torch.addcmul(_sum("i", x, h, p), P["i"], c))
    new = f * c + i * _sum("c", x, h, p).tanh()
    return torch.sigmoid(torch.addcmul(_sum("o", x, h, p), P["o"], new)) * new.tanh(), new


bank.right_ones(
    "peephole_lstm_cell",
    in_order=right,
    with_diagonals=with_diagonals,
    fused_first=fused_first,
    with_expanded_rows=with_expanded_rows,
)
