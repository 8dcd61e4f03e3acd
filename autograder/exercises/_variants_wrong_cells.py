"""Known wrong answers of the peephole and the coupled cell, as perturbations of PyTorch's cell."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises import _lstm
from autograder.exercises._lstm import Params, torch_cell, torch_gate
from autograder.exercises._lstm_wrong_cell import CELL
from autograder.exercises._lstm_wrong_gates import before_activation
from autograder.exercises._variants import (
    Cell,
    Pair,
    coupled_over,
    looking,
    peephole_over,
    torch_coupled,
    torch_peephole,
)
from autograder.exercises._variants_wrong_fused import EQUATIONS, INPUTS, RETURNED, borrowed

Entry = tuple[str, str, str, Cell]
GATES = {"f": "forget gate", "i": "input gate", "o": "output gate"}

# --- peepholes --------------------------------------------------------------------------------


def _returning(cell: Cell) -> Cell:
    """A cell that goes wrong only in what it returns: the output gate looks at the right c."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
        _, c_t = torch_peephole(x_t, h_prev, c_prev, params)
        at = [("f", "P_f", c_prev), ("i", "P_i", c_prev), ("o", "P_o", c_t)]
        return looking(cell, x_t, h_prev, c_prev, params, at)

    return answer


def _peepholes(change: Callable[[Params], dict[str, Tensor]]) -> Cell:
    """The peephole cell with other peephole weights."""
    return lambda x, h, c, p: torch_peephole(x, h, c, {**p, **change(p)})


Sees = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]


def _seeing(sees: Sees, extra: str = "") -> Cell:
    """f, i and o look at `sees(h_prev, c_prev, c_t)`; the candidate too, through P_`extra`."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
        also = [("c", f"P_{extra}", c_prev)] if extra else []
        c_t = c_prev
        for _ in range(3):  # f and i, then c_t, then o
            seen = zip("fio", sees(h_prev, c_prev, c_t), strict=True)
            at = [*also, *((gate, f"P_{gate}", what) for gate, what in seen)]
            h_t, c_t = looking(torch_cell, x_t, h_prev, c_prev, params, at)
        return h_t, c_t

    return answer


def _late(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """A first c_t without peepholes, which then all three look at."""
    _, first = torch_cell(x_t, h_prev, c_prev, {n: params[n] for n in _lstm.WEIGHTS})
    return _seeing(lambda h, c, new: (first, first, new))(x_t, h_prev, c_prev, params)


def _blind(gates: str) -> Cell:
    return _peepholes(lambda p: {f"P_{g}": torch.zeros_like(p[f"P_{g}"]) for g in gates})


def _exchanged(a: str, b: str) -> Cell:
    return _peepholes(lambda p: {f"P_{a}": p[f"P_{b}"], f"P_{b}": p[f"P_{a}"]})


def _after(join: Callable[[Tensor, Tensor], Tensor]) -> Cell:
    """The peephole joined to the gate after its sigmoid."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
        g = {
            gate: torch_gate(gate, x_t, h_prev, params[f"U_{gate}"], params[f"W_{gate}"])
            for gate in "fico"
        }
        f, i = (join(g[gate], params[f"P_{gate}"].mul(c_prev)) for gate in "fi")
        c_t = torch.addcmul(i.mul(g["c"]), f, c_prev)
        return c_t.tanh().mul(join(g["o"], params["P_o"].mul(c_t))), c_t

    return answer


def _matrix_product(gates: str) -> Cell:
    """(N, H) @ (H,) gives one number a row, and + stretches it where it can."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
        def gate(letter: str, seen: Tensor) -> Tensor:
            z = before_activation(x_t, h_prev, params[f"U_{letter}"], params[f"W_{letter}"])
            P = params[f"P_{letter}"]
            return z + (seen.mv(P) if letter in gates else seen.mul(P))

        z_f, z_i = gate("f", c_prev), gate("i", c_prev)
        z_c = before_activation(x_t, h_prev, params["U_c"], params["W_c"])
        c_t = torch.addcmul(z_i.sigmoid().mul(z_c.tanh()), z_f.sigmoid(), c_prev)
        return c_t.tanh().mul(gate("o", c_t).sigmoid()), c_t

    return answer


_LOOKS = "f and i are computed before the new cell exists: they see c_prev. o sees c_t."
_INSIDE = "The peephole P * c is one more term of the sum, inside the sigmoid."


def _peepholes_confused() -> list[Entry]:
    """A peephole that is missing, one too many, or another gate's."""
    return [
        ("output_looks_back", "The output gate looks at c_prev; it should look at c_t.", _LOOKS,
         _seeing(lambda h, c, new: (c, c, c))),
        ("gates_look_ahead", "f and i look at a new cell state; they should look at c_prev.",
         _LOOKS, _late),
        *(("peephole_on_candidate",
           f"The candidate looks at c_prev too, through P_{extra}; it has no peephole.",
           "Only the three gates have peepholes: P_f, P_i, P_o.",
           _seeing(lambda h, c, new: (c, c, new), extra)) for extra in "ifo"),
        *(("peephole_missing", f"The {what} has no peephole: P_{gate} is not used.",
           "All three gates have one: P_f, P_i, P_o.", _blind(gate))
          for gate, what in GATES.items()),
        ("peepholes_missing", "f and i have no peephole.", "All three gates have one.",
         _blind("fi")),
        ("peepholes_missing", "None of the gates has a peephole: this is the slides' LSTM.",
         "Each gate's sum has a third term.", _blind("fio")),
        *(("peepholes_exchanged", f"P_{a} and P_{b} have changed places.",
           "Each gate has a P of its own letter.", _exchanged(a, b))
          for a, b in ("fi", "fo", "io")),
        *(("peepholes_exchanged", f"P_{b} is used for P_{a}.",
           "Each gate has a P of its own letter.",
           _peepholes(lambda p, a=a, b=b: {f"P_{a}": p[f"P_{b}"]}))  # type: ignore[misc]
          for a in "fio" for b in "fio" if a != b),
        ("one_peephole_for_all", "P_f is used for all three gates.",
         "Each gate has a P of its own letter.",
         _peepholes(lambda p: dict.fromkeys(("P_i", "P_o"), p["P_f"]))),
    ]  # fmt: skip


def _peepholes_misused() -> list[Entry]:
    """A peephole that sees something else, or joins the sum in another way."""
    return [
        ("looks_at_hidden", "The peepholes look at h_prev; they should look at the cell.", _LOOKS,
         _seeing(lambda h, c, new: (h, h, h))),
        ("looks_at_hidden", "The peepholes of f and i look at h_prev.", _LOOKS,
         _seeing(lambda h, c, new: (h, h, new))),
        ("looks_at_hidden", "The peephole of o looks at h_prev.", _LOOKS,
         _seeing(lambda h, c, new: (c, c, h))),
        ("looks_through_tanh", "The output gate looks at tanh(c_t); it should look at c_t.",
         "A peephole sees the cell as it is.", _seeing(lambda h, c, new: (c, c, new.tanh()))),
        ("looks_through_tanh", "The gates look at the tanh of the cell, not the cell.",
         "A peephole sees the cell as it is.",
         _seeing(lambda h, c, new: (c.tanh(), c.tanh(), new.tanh()))),
        ("looks_at_both", "The output gate looks at c_prev as well as at c_t.", _LOOKS,
         _seeing(lambda h, c, new: (c, c, new.add(c)))),
        ("peephole_subtracted", "The peepholes are subtracted; they should be added.", _INSIDE,
         _peepholes(lambda p: {f"P_{g}": -p[f"P_{g}"] for g in GATES})),
        ("peephole_without_cell", "P is added by itself, as a bias: it is not multiplied by c.",
         _INSIDE, _seeing(lambda h, c, new: (torch.ones_like(c),) * 3)),
        ("peephole_outside", "P * c is added after the sigmoid; it belongs inside.", _INSIDE,
         _after(torch.add)),
        ("peephole_as_factor", "P * c multiplies the gate; it is one more term of its sum.",
         _INSIDE, _after(torch.mul)),
        *(("weights_of_another_gate", f"Another gate's {kinds[0]}_{lender} is used for {gate}.",
           "Was a line copied and one letter left as it was?",
           _peepholes(lambda p, a=gate, b=lender, k=kinds: {  # type: ignore[misc]
               f"{kind}_{a}": p[f"{kind}_{b}"] for kind in k}))
          for gate in "fico" for lender in "fico" for kinds in ("U", "W", "UW", "UWP")
          if gate != lender and ("c" not in gate + lender or kinds != "UWP")),
        ("weights_swapped", "The U_* and the W_* have changed places.",
         "U_* (D, H) multiplies x_t (N, D); W_* (H, H) multiplies h_prev (N, H).",
         _peepholes(lambda p: {f"{a}_{g}": p[f"{b}_{g}"] for g in "fico"
                               for a, b in ("UW", "WU")})),
        *(("matrix_product_with_peephole", "c and P are joined by a matrix product.",
           "P is (H,), one number a unit: `P_f * c_prev`, element by element.",
           _matrix_product(gates)) for gates in ("fio", "f", "i", "o", "fi")),
    ]  # fmt: skip


PEEPHOLE: tuple[Misconception, ...] = (
    *(Misconception(*entry) for entry in (*_peepholes_confused(), *_peepholes_misused())),
    *borrowed(EQUATIONS, peephole_over),
    *borrowed(RETURNED, _returning),
    *(
        Misconception(
            m.name, m.says, m.look, peephole_over(m.answer)
        )
        for m in CELL
        if m.name in {"input_forget_swapped", "previous_weights_transposed"}
    ),
)  # fmt: skip

# --- coupled ----------------------------------------------------------------------------------

Rule = Callable[[dict[str, Tensor], Tensor], Tensor]


def _cell_becomes(rule: Rule, activation: Callable[[Tensor], Tensor] = torch.sigmoid) -> Cell:
    """The new cell is rule(gates, c_prev); the input gate may have another activation."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
        g = {
            gate: torch_gate(gate, x_t, h_prev, params[f"U_{gate}"], params[f"W_{gate}"])
            for gate in "ico"
        }
        g["z"] = before_activation(x_t, h_prev, params["U_i"], params["W_i"])
        g["i"] = activation(g["z"])
        c_t = rule(g, c_prev)
        return c_t.tanh().mul(g["o"]), c_t

    return answer


def _renamed(*pairs: str) -> Cell:
    """Weights read under another gate's letter: the first letter of a pair becomes the second."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
        changed = {f"{k}_{a}": params[f"{k}_{b}"] for a, b in map(tuple, pairs) for k in "UW"}
        return torch_coupled(x_t, h_prev, c_prev, {**params, **changed})

    return answer


_COUPLED = "f_t = 1 - i_t: what is let in takes the place of what is dropped."
COUPLED: tuple[Misconception, ...] = (
    *(Misconception(*entry) for entry in (
        ("gates_exchanged", "i keeps the old cell and 1 - i lets the candidate in.", _COUPLED,
         _cell_becomes(lambda g, c: torch.lerp(g["c"], c, g["i"]))),
        ("coupled_to_the_output_gate", "The old cell is kept by 1 - o; it should be 1 - i.",
         _COUPLED, _cell_becomes(lambda g, c: torch.addcmul(g["i"].mul(g["c"]), 1 - g["o"], c))),
        ("coupled_to_the_candidate", "The old cell is kept by 1 minus the candidate.",
         _COUPLED, _cell_becomes(lambda g, c: torch.addcmul(g["i"].mul(g["c"]), 1 - g["c"], c))),
        ("complement_missing", "The old cell is kept by i; it should be kept by 1 - i.", _COUPLED,
         _cell_becomes(lambda g, c: g["i"].mul(torch.add(c, g["c"])))),
        ("complement_on_both", "The candidate too is let in by 1 - i.", _COUPLED,
         _cell_becomes(lambda g, c: (1 - g["i"]).mul(torch.add(c, g["c"])))),
        ("complement_negated", "The old cell is kept by i - 1; it should be 1 - i.", _COUPLED,
         _cell_becomes(lambda g, c: torch.addcmul(g["i"].mul(g["c"]), g["i"] - 1, c))),
        ("complement_negated", "The old cell is kept by -i; it should be 1 - i.", _COUPLED,
         _cell_becomes(lambda g, c: torch.addcmul(g["i"].mul(g["c"]), -g["i"], c))),
        ("complement_before_sigmoid", "1 - is applied before the sigmoid: f is sigmoid(1 - z).",
         "First the gate i_t, then 1 minus its value.",
         _cell_becomes(lambda g, c: torch.addcmul(g["i"].mul(g["c"]), (1 - g["z"]).sigmoid(), c))),
        ("complement_before_sigmoid", "f is 1 minus the sum that goes into i's sigmoid.",
         "First the gate i_t, then 1 minus its value.",
         _cell_becomes(lambda g, c: torch.addcmul(g["i"].mul(g["c"]), 1 - g["z"], c))),
        ("sigmoid_on_the_complement", "f is sigmoid(1 - i); the second sigmoid is too much.",
         _COUPLED,
         _cell_becomes(lambda g, c: torch.addcmul(g["i"].mul(g["c"]), (1 - g["i"]).sigmoid(), c))),
        ("gate_squared", "The old cell is kept by 1 - i * i.", _COUPLED,
         _cell_becomes(lambda g, c: torch.addcmul(g["i"].mul(g["c"]), 1 - g["i"].square(), c))),
        ("tanh_on_input", "The input gate goes through tanh; it should go through a sigmoid.",
         "i and o go through a sigmoid, only the candidate through tanh.",
         _cell_becomes(lambda g, c: torch.lerp(c, g["c"], g["i"]), torch.tanh)),
        ("no_activation_on_input", "The input gate has no sigmoid.",
         "i and o go through a sigmoid, only the candidate through tanh.",
         _cell_becomes(lambda g, c: torch.lerp(c, g["c"], g["i"]), lambda z: z)),
        ("input_output_swapped", "The input gate and the output gate have changed places.",
         "Check that each gate is computed with its own U and W.", _renamed("io", "oi")),
        ("input_candidate_swapped", "The input gate and the candidate have each other's weights.",
         "Check that each gate is computed with its own U and W.", _renamed("ic", "ci")),
        ("candidate_output_swapped", "The candidate and the output gate have changed places.",
         "Check that each gate is computed with its own U and W.", _renamed("co", "oc")),
        *(("weights_of_another_gate", f"{b}'s weights are used for {a} as well.",
           "Was a line copied and one letter left as it was?", _renamed(a + b))
          for a in "ico" for b in "ico" if a != b),
        ("input_missing", "The input x_t does not reach the gates.",
         "Each gate adds two products: x_t @ U_* and h_prev @ W_*.",
         lambda x, h, c, p: torch_coupled(torch.zeros_like(x), h, c, p)),
    )),
    *borrowed(
        {
            "sigmoid_on_candidate", "no_tanh_on_cell", "sigmoid_on_cell", "tanh_stored_in_cell",
            "hidden_from_previous_cell", "hidden_from_candidate", "carry_missing",
            "new_content_missing", "forget_gate_unused", "input_gate_unused",
            "output_gate_unused", "tanh_over_the_product", "no_activation_on_candidate",
            "tanh_on_output", "hidden_used_as_cell", "terms_subtracted",
            "previous_weights_transposed", "weights_swapped", "tanh_on_candidate_again",
        }
        | RETURNED
        | INPUTS,
        coupled_over,
    ),
)  # fmt: skip
