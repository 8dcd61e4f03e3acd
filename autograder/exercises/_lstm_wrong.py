"""Known wrong answers of the LSTM exercises, as perturbations of PyTorch's cell.

The first fourteen of `CELL` are the course's table of misconceptions of the whole cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.exercises._lstm import Params, torch_cell, torch_gate

Pair = tuple[Tensor, Tensor]


def before_activation(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    """What goes into a gate's activation (N, H)."""
    both = torch.cat([x_t, h_prev], 1), torch.cat([U, W], 0)
    return functional.linear(both[0], both[1].mT)


def _elementwise(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    return torch.mul(x_t, U).add(torch.mul(h_prev, W))


def _terms(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Pair:
    return functional.linear(x_t, U.mT), functional.linear(h_prev, W.mT)


GateAnswer = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def gate_misconceptions(letter: str) -> tuple[Misconception, ...]:
    """The wrong answers of a gate's exercise; `letter` is f, i, c or o."""
    wrong: list[tuple[str, str, str, GateAnswer]] = [
        *_wrong_activations(letter),
        *_wrong_terms(letter),
    ]
    return tuple(
        Misconception(
            name,
            says.format(U=f"U_{letter}", W=f"W_{letter}"),
            look.format(U=f"U_{letter}", W=f"W_{letter}"),
            answer,
        )
        for name, says, look, answer in wrong
    )


def _wrong_activations(letter: str) -> list[tuple[str, str, str, GateAnswer]]:
    right, other = ("tanh", "sigmoid") if letter == "c" else ("sigmoid", "tanh")
    why = (
        "The candidate is new content, which may be negative: tanh, between -1 and 1."
        if letter == "c"
        else "A gate says how much passes, from 0 to 1: a sigmoid. tanh reaches down to -1."
    )
    act = torch.tanh if letter == "c" else torch.sigmoid
    exchanged = "f" if letter == "c" else "c"
    fraction: Callable[[Tensor], Tensor] = (
        (lambda z: (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()))
        if letter == "c"
        else (lambda z: z.exp() / (1 + z.exp()))
    )
    z = before_activation
    return [
        (
            f"{other}_for_{right}",
            f"You used {other} where the equation has {right}.",
            why,
            lambda *a: torch_gate(exchanged, *a),
        ),
        (
            "no_activation",
            f"The sum is right, but {right} was not applied to it.",
            why,
            lambda *a: z(*a),
        ),
        (
            f"relu_for_{right}",
            f"You used ReLU where the equation has {right}.",
            why,
            lambda *a: z(*a).clamp(min=0),
        ),
        (
            f"softmax_for_{right}",
            f"You used softmax where the equation has {right}.",
            "Each unit opens by itself; a softmax makes the units share one whole between them.",
            lambda *a: z(*a).softmax(1),
        ),
        (
            "hard_activation",
            f"You used a piecewise linear stand-in for {right}.",
            f"Use `torch.{right}`: the exact curve.",
            lambda *a: (
                functional.hardtanh(z(*a)) if letter == "c" else functional.hardsigmoid(z(*a))
            ),
        ),
        (
            "activation_twice",
            f"{right} was applied twice.",
            "Apply it once, to the sum of the two products.",
            lambda *a: act(act(z(*a))),
        ),
        (
            "activation_per_term",
            f"{right} was applied to each product, and then they were added.",
            "Add the two products first; the activation takes the sum.",
            lambda *a: sum(map(act, _terms(*a)), torch.zeros(())),
        ),
        (
            "activation_on_input_term",
            f"{right} covers only the input's product; the state's was added outside it.",
            "Check the brackets: the activation takes the sum of both products.",
            lambda *a: act(_terms(*a)[0]).add(_terms(*a)[1]),
        ),
        (
            "activation_overflow",
            f"{right} written with exp overflows: NaN where its argument is large.",
            f"Use `torch.{right}`, which is safe for any argument.",
            lambda *a: fraction(z(*a)),
        ),
        (
            "complement",
            f"You returned 1 minus the {right}.",
            "1 is everything kept, 0 nothing: the slides' equation has no `1 -` in it.",
            lambda *a: 1 - act(z(*a)),
        ),
    ]


def _wrong_terms(letter: str) -> list[tuple[str, str, str, GateAnswer]]:
    act = torch.tanh if letter == "c" else torch.sigmoid
    nothing = torch.zeros_like

    def gate(*a: Tensor) -> Tensor:
        return torch_gate(letter, *a)

    return [
        (
            "previous_state_missing",
            "The previous state's product with {W} is missing.",
            "Two products are added: the input's with {U} and h_prev's with {W}.",
            lambda x, h, U, W: gate(x, nothing(h), U, W),
        ),
        (
            "input_missing",
            "The input's product with {U} is missing.",
            "Two products are added: x_t's with {U} and the state's with {W}.",
            lambda x, h, U, W: gate(nothing(x), h, U, W),
        ),
        (
            "previous_weights_transposed",
            "{W} is transposed.",
            "Rows are examples here: h_prev (N, H) stands left, {W} (H, H) right, as it is.",
            lambda x, h, U, W: gate(x, h, U, W.mT),
        ),
        (
            "input_weights_transposed",
            "{U} is transposed.",
            "Rows are examples here: x_t (N, D) stands left, {U} (D, H) right, as it is.",
            lambda x, h, U, W: gate(x, h, U.mT, W),
        ),
        (
            "weights_swapped",
            "{U} and {W} have changed places.",
            "{U} (D, H) multiplies the input x_t (N, D); {W} (H, H) the state h_prev (N, H).",
            lambda x, h, U, W: gate(x, h, W, U),
        ),
        (
            "elementwise_for_matrix_product",
            "You multiplied element by element where the equation has a matrix product.",
            "The slides write a star between an input and a weight matrix: that star is `@`.",
            lambda *a: act(_elementwise(*a)),
        ),
        (
            "terms_subtracted",
            "The state's product is subtracted; it should be added.",
            "The sum of the two products goes into the activation.",
            lambda x, h, U, W: gate(x, -h, U, W),
        ),
        (
            "terms_multiplied",
            "The two products are multiplied; they should be added.",
            "The sum of the two products goes into the activation.",
            lambda *a: act(torch.mul(*_terms(*a))),
        ),
    ]


def _gates(
    x_t: Tensor, h_prev: Tensor, params: Params, slots: Mapping[str, str]
) -> dict[str, Tensor]:
    """The four gate values (N, H) by letter; `slots` may give a gate another's activation."""
    return {
        g: torch_gate(slots.get(g, g), x_t, h_prev, params[f"U_{g}"], params[f"W_{g}"])
        for g in "fico"
    }


CellAnswer = Callable[[Tensor, Tensor, Tensor, Params], Pair]
States = Callable[[Mapping[str, Tensor], Tensor], Pair]


def _with_states(states: States, slots: Mapping[str, str] | None = None) -> CellAnswer:
    """A cell whose gates are PyTorch's, and whose new states come from `states(gates, c_prev)`."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
        return states(_gates(x_t, h_prev, params, slots or {}), c_prev)

    return answer


def _with_weights(change: Callable[[Params], dict[str, Tensor]]) -> CellAnswer:
    """PyTorch's cell with other weights."""
    return lambda x_t, h_prev, c_prev, params: torch_cell(x_t, h_prev, c_prev, change(params))


def _exchange(a: str, b: str) -> Callable[[Params], dict[str, Tensor]]:
    """The weights of two gates exchanged."""
    names = {f"{k}_{a}": f"{k}_{b}" for k in "UW"} | {f"{k}_{b}": f"{k}_{a}" for k in "UW"}
    return lambda params: {name: params[names.get(name, name)] for name in params}


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


def _misconception(name: str, says: str, look: str, answer: Callable[..., Any]) -> Misconception:
    return Misconception(name, says, look, answer)


_GATE = "f, i and o go through a sigmoid, only the candidate through tanh."
_NAMES = "Check that each gate is computed with its own U and W, and used in its own place."
_CELL = "C_t = f_t * C_{t-1} + I_t * C̄_t, element by element."
_HIDDEN = "H_t = O_t * tanh(C_t), element by element, with the new C_t."

CELL: tuple[Misconception, ...] = tuple(
    _misconception(name, says, look, answer)
    for name, says, look, answer in (
        (
            "input_forget_swapped",
            "The forget gate and the input gate have changed places.",
            "f_t multiplies the old cell C_{t-1}, I_t the candidate. " + _NAMES,
            _with_weights(_exchange("i", "f")),
        ),
        (
            "forget_output_swapped",
            "The forget gate and the output gate have changed places.",
            _NAMES,
            _with_weights(_exchange("f", "o")),
        ),
        (
            "input_output_swapped",
            "The input gate and the output gate have changed places.",
            _NAMES,
            _with_weights(_exchange("i", "o")),
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
            "PyTorch's order is i, f, g, o, and its g is the candidate C̄. " + _NAMES,
            _with_weights(_exchange("c", "o")),
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
            _with_weights(lambda p: {name: p[f"{name[0]}_f"] for name in p}),
        ),
        (
            "previous_weights_transposed",
            "The weights W_* are transposed.",
            "h_prev (N, H) stands left, W_* (H, H) right, as it is.",
            _with_weights(lambda p: {n: w.mT if n[0] == "W" else w for n, w in p.items()}),
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
    )
)

LayerAnswer = Callable[[Tensor, Tensor, Tensor, Params], Any]


def torch_layer(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """PyTorch's hidden and cell states at every step, both (T, N, H)."""
    return _through_time(torch_cell)(x, h0, c0, params)


def _through_time(
    cell: CellAnswer, carry: Callable[[Pair, Pair], Pair] = lambda new, first: new
) -> Callable[[Tensor, Tensor, Tensor, Params], Pair]:
    """`cell` at every step; `carry(new, first)` is what goes on to the next step."""

    def answer(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
        state, seen = (h0, c0), []
        for x_t in x:
            new = cell(x_t, *state, params)
            seen.append(new)
            state = carry(new, (h0, c0))
        return torch.stack([h for h, _ in seen]), torch.stack([c for _, c in seen])

    return answer


def _before_each_step(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    h, c = torch_layer(x, h0, c0, params)
    return torch.cat([h0[None], h[:-1]]), torch.cat([c0[None], c[:-1]])


def _with_initial_states(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    h, c = torch_layer(x, h0, c0, params)
    return torch.cat([h0[None], h]), torch.cat([c0[None], c])


def _batch_as_time(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    h, c = torch_layer(x.transpose(0, 1), h0, c0, params)
    return h.transpose(0, 1), c.transpose(0, 1)


def _each(change: Callable[[Tensor], Tensor]) -> LayerAnswer:
    """The right states, each changed afterwards."""
    return lambda *a: tuple(change(states) for states in torch_layer(*a))


_ORDER = "One step takes x[t] and the states of step t - 1, and its states go on to step t + 1."

LAYER: tuple[Misconception, ...] = (
    Misconception(
        "hidden_not_carried",
        "Every step starts from h0: the hidden state is not carried on.",
        _ORDER,
        _through_time(torch_cell, lambda new, first: (first[0], new[1])),
    ),
    Misconception(
        "cell_not_carried",
        "Every step starts from c0: the cell state is not carried on.",
        _ORDER,
        _through_time(torch_cell, lambda new, first: (new[0], first[1])),
    ),
    Misconception(
        "states_not_carried",
        "Every step starts from h0 and c0: no state is carried on.",
        _ORDER,
        _through_time(torch_cell, lambda new, first: first),
    ),
    Misconception(
        "states_swapped_between_steps",
        "h and c change places from one step to the next.",
        "lstm_cell returns (h_t, c_t) and takes h_prev before c_prev.",
        _through_time(torch_cell, lambda new, first: (new[1], new[0])),
    ),
    Misconception(
        "initial_hidden_ignored",
        "h0 is ignored: the first step starts from zeros.",
        "The first step's h_prev is h0.",
        lambda x, h0, c0, params: torch_layer(x, torch.zeros_like(h0), c0, params),
    ),
    Misconception(
        "initial_cell_ignored",
        "c0 is ignored: the first step starts from zeros.",
        "The first step's c_prev is c0.",
        lambda x, h0, c0, params: torch_layer(x, h0, torch.zeros_like(c0), params),
    ),
    Misconception(
        "initial_states_ignored",
        "h0 and c0 are ignored: the first step starts from zeros.",
        "The first step's h_prev is h0 and its c_prev is c0.",
        lambda x, h0, c0, params: torch_layer(
            x, torch.zeros_like(h0), torch.zeros_like(c0), params
        ),
    ),
    Misconception(
        "time_reversed",
        "The sequence is read from its end.",
        "Start at x[0].",
        lambda x, h0, c0, params: torch_layer(x.flip(0), h0, c0, params),
    ),
    Misconception(
        "outputs_reversed",
        "The states are right, in reversed order.",
        "h[0] belongs to the first step: append, do not put in front.",
        _each(lambda states: states.flip(0)),
    ),
    Misconception(
        "states_before_each_step",
        "The states are one step late: h[0] is h0.",
        "Step first, then keep: h[t] is the state after x[t] was read.",
        _before_each_step,
    ),
    Misconception(
        "initial_states_included",
        "h0 and c0 are kept too: T + 1 states where there are T steps.",
        "Keep what lstm_cell returns, not what it starts from.",
        _with_initial_states,
    ),
    Misconception(
        "last_step_only",
        "Only the last step's states are returned.",
        "Keep every step's states and `torch.stack` them: (T, N, H).",
        _each(lambda states: states[-1]),
    ),
    Misconception(
        "last_step_repeated",
        "All T entries hold the last step's state.",
        "Was one tensor written into at every step? Keep a new one for each.",
        _each(lambda states: states[-1:].expand_as(states)),
    ),
    Misconception(
        "batch_first",
        "Your states are (N, T, H); sequences are time-major here: (T, N, H).",
        "`torch.stack(states)` stacks along the first axis, which is time.",
        _each(lambda states: states.transpose(0, 1)),
    ),
    Misconception(
        "batch_read_as_time",
        "The loop runs over the batch; it should run over time.",
        "x is (T, N, D): x[t] is the whole batch at step t.",
        _batch_as_time,
    ),
    Misconception(
        "concatenated_not_stacked",
        "The steps are concatenated into (T N, H); they should be stacked into (T, N, H).",
        "`torch.stack` makes the new axis for time; `torch.cat` does not.",
        _each(lambda states: states.flatten(0, 1)),
    ),
    *(
        Misconception(m.name, m.says, f"{m.look} (In the cell.)", _through_time(m.answer))
        for m in CELL
        if m.name not in {"outputs_swapped", "cell_returned_as_hidden", "previous_states_swapped"}
    ),
    Misconception(
        "outputs_swapped",
        "You return (c, h); the order is (h, c).",
        "Look at the last line of your function.",
        lambda *a: _swapped(torch_layer(*a)),
    ),
    Misconception(
        "cell_returned_as_hidden",
        "The first thing you return holds the cell states; it should hold the hidden states.",
        "lstm_cell returns (h_t, c_t) in this order.",
        lambda *a: (torch_layer(*a)[1],) * 2,
    ),
    Misconception(
        "initial_states_swapped",
        "h0 and c0 have changed places.",
        "lstm_cell takes h_prev before c_prev.",
        lambda x, h0, c0, params: torch_layer(x, c0, h0, params),
    ),
)
