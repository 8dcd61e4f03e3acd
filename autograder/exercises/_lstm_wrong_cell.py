"""Known wrong answers of the whole LSTM step, as perturbations of PyTorch's cell.

The first fourteen of `CELL` are the course's table of misconceptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._lstm import Params, torch_cell, torch_gate
from autograder.exercises._lstm_wrong_gates import before_activation
from autograder.exercises._lstm_wrong_weights import (
    LETTERS,
    OWN_WEIGHTS,
    CellAnswer,
    Entry,
    Pair,
    borrowed_weights,
    exchange,
    swapped_weights,
    weights_by_position,
    with_weights,
)

RAW = "raw"  # in place of a letter: no activation at all


def _gates(
    x_t: Tensor, h_prev: Tensor, params: Params, slots: Mapping[str, str]
) -> dict[str, Tensor]:
    """The four gate values (N, H) by letter; `slots` may give one another's activation, or none."""
    values = {}
    for g in "fico":
        inputs = x_t, h_prev, params[f"U_{g}"], params[f"W_{g}"]
        slot = slots.get(g, g)
        values[g] = before_activation(*inputs) if slot == RAW else torch_gate(slot, *inputs)
    return values


States = Callable[[Mapping[str, Tensor], Tensor], Pair]


def _with_states(states: States, slots: Mapping[str, str] | None = None) -> CellAnswer:
    """A cell whose gates are PyTorch's, and whose new states come from `states(gates, c_prev)`."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
        return states(_gates(x_t, h_prev, params, slots or {}), c_prev)

    return answer


def _new_cell(g: Mapping[str, Tensor], c_prev: Tensor) -> Tensor:
    return torch.addcmul(torch.mul(g["i"], g["c"]), g["f"], c_prev)


def _usual(g: Mapping[str, Tensor], c_prev: Tensor) -> Pair:
    c = _new_cell(g, c_prev)
    return torch.mul(c.tanh(), g["o"]), c


def _cell_becomes(rule: Callable[[Mapping[str, Tensor], Tensor], Tensor]) -> States:
    """Another rule for the new cell; the hidden state is then read from that cell as usual."""

    def states(g: Mapping[str, Tensor], c_prev: Tensor) -> Pair:
        c = rule(g, c_prev)
        return torch.mul(c.tanh(), g["o"]), c

    return states


def _hidden_becomes(rule: Callable[[Mapping[str, Tensor], Tensor, Tensor], Tensor]) -> States:
    """Another rule `rule(gates, c, c_prev)` for the hidden state; the cell is right."""

    def states(g: Mapping[str, Tensor], c_prev: Tensor) -> Pair:
        c = _new_cell(g, c_prev)
        return rule(g, c, c_prev), c

    return states


def _stored_tanh(g: Mapping[str, Tensor], c_prev: Tensor) -> Pair:
    c = _new_cell(g, c_prev).tanh()
    return torch.mul(c, g["o"]), c


def _swapped(pair: Pair) -> Pair:
    return pair[1], pair[0]


def _matrix_products(g: Mapping[str, Tensor], c_prev: Tensor) -> Pair:
    c = g["f"].mm(c_prev).add(g["i"].mm(g["c"]))
    return g["o"].mm(c.tanh()), c


def _returned(second: Callable[..., Tensor]) -> States:
    """The right hidden state, and beside it `second(gates, h, c, c_prev)` in place of the cell."""

    def states(g: Mapping[str, Tensor], c_prev: Tensor) -> Pair:
        h, c = _usual(g, c_prev)
        return h, second(g, h, c, c_prev)

    return states


_GATE = "f, i and o go through a sigmoid, only the candidate through tanh."
_CELL = "C_t = f_t * C_{t-1} + I_t * C̄_t, element by element."
_HIDDEN = "H_t = O_t * tanh(C_t), element by element, with the new C_t."


def _one_gate_sees_the_cell() -> list[Entry]:
    """One of the four looks at c_prev in place of h_prev."""

    def answer(gate: str) -> CellAnswer:
        def states(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
            g = _gates(x_t, h_prev, params, {})
            g[gate] = torch_gate(gate, x_t, c_prev, params[f"U_{gate}"], params[f"W_{gate}"])
            return _usual(g, c_prev)

        return states

    return [
        (
            "cell_fed_to_gates",
            f"The {what} looks at c_prev; it should look at h_prev.",
            "h_prev goes into the gates; c_prev goes along the conveyor, into C_t.",
            answer(gate),
        )
        for gate, what in LETTERS.items()
    ]


CELL: tuple[Misconception, ...] = tuple(
    Misconception(name, says, look, answer)
    for name, says, look, answer in (
        (
            "input_forget_swapped",
            "The forget gate and the input gate have changed places.",
            "f_t multiplies the old cell C_{t-1}, I_t the candidate. " + OWN_WEIGHTS,
            with_weights(exchange("i", "f")),
        ),
        (
            "forget_output_swapped",
            "The forget gate and the output gate have changed places.",
            OWN_WEIGHTS,
            with_weights(exchange("f", "o")),
        ),
        (
            "input_output_swapped",
            "The input gate and the output gate have changed places.",
            OWN_WEIGHTS,
            with_weights(exchange("i", "o")),
        ),
        (
            "tanh_on_forget",
            "The forget gate goes through tanh; it should go through a sigmoid.",
            _GATE,
            _with_states(_usual, {"f": "c"}),
        ),
        (
            "tanh_on_input",
            "The input gate goes through tanh; it should go through a sigmoid.",
            _GATE,
            _with_states(_usual, {"i": "c"}),
        ),
        (
            "tanh_on_output",
            "The output gate goes through tanh; it should go through a sigmoid.",
            _GATE,
            _with_states(_usual, {"o": "c"}),
        ),
        (
            "sigmoid_on_candidate",
            "The candidate goes through a sigmoid; it should go through tanh.",
            _GATE,
            _with_states(_usual, {"c": "f"}),
        ),
        (
            "no_tanh_on_cell",
            "The hidden state is made from C_t itself; its tanh is missing.",
            _HIDDEN,
            _with_states(_hidden_becomes(lambda g, c, _: torch.mul(c, g["o"]))),
        ),
        (
            "sigmoid_on_cell",
            "The hidden state is made from sigmoid(C_t); it should be tanh(C_t).",
            _HIDDEN,
            _with_states(_hidden_becomes(lambda g, c, _: torch.mul(c.sigmoid(), g["o"]))),
        ),
        (
            "tanh_stored_in_cell",
            "You return tanh(C_t) as the cell state; the cell state itself carries no tanh.",
            "tanh belongs to the hidden state only. In the cell it would squash the memory at "
            "every step.",
            _with_states(_stored_tanh),
        ),
        (
            "hidden_from_previous_cell",
            "The hidden state is made from C_{t-1}; it should be made from the new C_t.",
            _HIDDEN,
            _with_states(_hidden_becomes(lambda g, c, c_prev: torch.mul(c_prev.tanh(), g["o"]))),
        ),
        (
            "hidden_from_candidate",
            "The hidden state is made from the candidate; it should be made from C_t.",
            _HIDDEN,
            _with_states(_hidden_becomes(lambda g, c, _: torch.mul(g["c"].tanh(), g["o"]))),
        ),
        (
            "input_gate_coupled",
            "The candidate is let in by 1 - f_t; the slides' LSTM has an input gate of its own.",
            _CELL + " (The coupled form is a variant you meet later.)",
            _with_states(_cell_becomes(lambda g, c: torch.lerp(g["c"], c, g["f"]))),
        ),
        (
            "candidate_output_swapped",
            "The candidate and the output gate have changed places.",
            "PyTorch's order is i, f, g, o, and its g is the candidate C̄. " + OWN_WEIGHTS,
            with_weights(exchange("c", "o")),
        ),
        (
            "outputs_swapped",
            "You return (c_t, h_t); the order is (h_t, c_t).",
            "Look at the last line of your function.",
            lambda *a: _swapped(torch_cell(*a)),
        ),
        (
            "cell_returned_as_hidden",
            "The first thing you return is C_t; it should be H_t.",
            _HIDDEN,
            _with_states(_hidden_becomes(lambda g, c, _: c)),
        ),
        (
            "carry_missing",
            "The old cell state does not reach the new one: f_t * C_{t-1} is missing.",
            _CELL,
            _with_states(_cell_becomes(lambda g, c: torch.mul(g["i"], g["c"]))),
        ),
        (
            "new_content_missing",
            "Nothing new enters the cell: I_t * C̄_t is missing.",
            _CELL,
            _with_states(_cell_becomes(lambda g, c: torch.mul(g["f"], c))),
        ),
        (
            "forget_gate_unused",
            "The old cell state is kept whole: the forget gate is not used.",
            _CELL,
            _with_states(_cell_becomes(lambda g, c: torch.addcmul(c, g["i"], g["c"]))),
        ),
        (
            "input_gate_unused",
            "The candidate enters the cell whole: the input gate is not used.",
            _CELL,
            _with_states(_cell_becomes(lambda g, c: torch.addcmul(g["c"], g["f"], c))),
        ),
        (
            "forget_gate_complemented",
            "The old cell state is kept by 1 - f_t; it should be kept by f_t.",
            "f_t = 1 keeps everything: its name says forget, its value says how much to keep.",
            _with_states(
                _cell_becomes(lambda g, c: torch.addcmul(torch.mul(g["i"], g["c"]), 1 - g["f"], c))
            ),
        ),
        (
            "output_gate_unused",
            "The hidden state is tanh(C_t): the output gate is not used.",
            _HIDDEN,
            _with_states(_hidden_becomes(lambda g, c, _: c.tanh())),
        ),
        (
            "tanh_over_the_product",
            "The tanh covers the whole product O_t * C_t; it belongs on C_t alone.",
            _HIDDEN,
            _with_states(_hidden_becomes(lambda g, c, _: torch.mul(c, g["o"]).tanh())),
        ),
        (
            "one_weight_for_all_gates",
            "All four gates are computed with U_f and W_f.",
            "Each gate has weights of its own: U_f, U_i, U_c, U_o and W_f, W_i, W_c, W_o.",
            with_weights(lambda p: {name: p[f"{name[0]}_f"] for name in p}),
        ),
        (
            "previous_weights_transposed",
            "The weights W_* are transposed.",
            "h_prev (N, H) stands left, W_* (H, H) right, as it is.",
            with_weights(lambda p: {n: w.mT if n[0] == "W" else w for n, w in p.items()}),
        ),
        (
            "previous_state_missing",
            "The previous state h_prev does not reach the gates.",
            "Each gate adds two products: x_t @ U_* and h_prev @ W_*.",
            lambda x, h, c, p: torch_cell(x, torch.zeros_like(h), c, p),
        ),
        (
            "input_missing",
            "The input x_t does not reach the gates.",
            "Each gate adds two products: x_t @ U_* and h_prev @ W_*.",
            lambda x, h, c, p: torch_cell(torch.zeros_like(x), h, c, p),
        ),
        (
            "previous_states_swapped",
            "h_prev and c_prev have changed places.",
            "h_prev goes into the gates; c_prev goes along the conveyor, into C_t.",
            lambda x, h, c, p: torch_cell(x, c, h, p),
        ),
        (
            "cell_fed_to_gates",
            "The gates look at c_prev; they should look at h_prev.",
            "h_prev goes into the gates; c_prev goes along the conveyor, into C_t.",
            lambda x, h, c, p: torch_cell(x, c, c, p),
        ),
        (
            "tanh_on_all_gates",
            "All four go through tanh; only the candidate should.",
            _GATE,
            _with_states(_usual, {"f": "c", "i": "c", "o": "c"}),
        ),
        (
            "no_activation_on_candidate",
            "The candidate has no tanh.",
            _GATE,
            _with_states(_usual, {"c": RAW}),
        ),
        (
            "no_activation",
            "The gates and the candidate have no activation at all.",
            _GATE,
            _with_states(_usual, dict.fromkeys("fico", RAW)),
        ),
        (
            "tanh_on_candidate_again",
            "The candidate goes through tanh twice.",
            _CELL,
            _with_states(lambda g, c: _usual({**g, "c": g["c"].tanh()}, c)),
        ),
        (
            "sigmoid_on_gates_again",
            "The gates go through a sigmoid twice.",
            _GATE,
            _with_states(lambda g, c: _usual({**g, **{k: g[k].sigmoid() for k in "fio"}}, c)),
        ),
        (
            "bias_added",
            "1 is added before the forget gate's sigmoid: a bias. The slides' equations have none.",
            "A bias of 1 on the forget gate can help training (lecture, section 7). Not here.",
            _with_states(lambda g, c: _usual({**g, "f": (g["f"] + 1).sigmoid()}, c), {"f": RAW}),
        ),
        (
            "forget_gate_over_the_sum",
            "The forget gate multiplies the whole sum; it belongs on C_{t-1} alone.",
            _CELL,
            _with_states(
                _cell_becomes(lambda g, c: torch.mul(g["f"], torch.addcmul(c, g["i"], g["c"])))
            ),
        ),
        (
            "terms_subtracted",
            "The new content is subtracted from the cell; it should be added.",
            _CELL,
            _with_states(lambda g, c: _usual({**g, "c": -g["c"]}, c)),
        ),
        (
            "gates_paired_together",
            "The gates multiply each other, and so do C_{t-1} and the candidate.",
            "Are the arguments of your cell_state in its order: f_t, c_prev, i_t, c_bar?",
            _with_states(_cell_becomes(lambda g, c: torch.addcmul(g["f"] * g["i"], c, g["c"]))),
        ),
        (
            "tanh_on_output_gate",
            "The tanh is on the output gate; it belongs on C_t.",
            "Are the arguments of your hidden_state in its order: o_t, c_t?",
            _with_states(_hidden_becomes(lambda g, c, _: torch.mul(g["o"].tanh(), c))),
        ),
        (
            "matrix_product_for_elementwise",
            "You used the matrix product between gates and states: those stars are element-wise.",
            _CELL + " `*` in PyTorch.",
            _with_states(_matrix_products),
        ),
        (
            "hidden_returned_as_cell",
            "The second thing you return is H_t; it should be C_t.",
            "Look at the last line of your function.",
            _with_states(_returned(lambda g, h, c, c_prev: h)),
        ),
        (
            "previous_cell_returned",
            "The second thing you return is the old cell state; it should be the new one.",
            "Look at the last line of your function.",
            _with_states(_returned(lambda g, h, c, c_prev: c_prev)),
        ),
        (
            "candidate_returned_as_cell",
            "The second thing you return is the candidate; it should be C_t.",
            "Look at the last line of your function.",
            _with_states(_returned(lambda g, h, c, c_prev: g["c"])),
        ),
        (
            "hidden_used_as_cell",
            "The forget gate multiplies h_prev; it should multiply c_prev.",
            "h_prev goes into the gates; c_prev goes along the conveyor, into C_t.",
            lambda x, h, c, p: torch_cell(x, h, h, p),
        ),
        (
            "previous_states_ignored",
            "h_prev and c_prev are not used: the step starts from zeros.",
            "The states you are given are where the step before left off.",
            lambda x, h, c, p: torch_cell(x, torch.zeros_like(h), torch.zeros_like(c), p),
        ),
        *_one_gate_sees_the_cell(),
        *swapped_weights(),
        *borrowed_weights(),
        *weights_by_position(),
    )
)
