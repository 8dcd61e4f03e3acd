"""Known wrong answers of the fused cell and of the biases, as perturbations of PyTorch's cell."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises import _lstm
from autograder.exercises._lstm import Params
from autograder.exercises._lstm_wrong_cell import CELL
from autograder.exercises._variants import Cell, Pair, torch_biases, torch_fused

#: The mistakes in the slides' six equations that can be made in every cell of this notebook.
EQUATIONS = frozenset(
    {
        "tanh_on_forget", "tanh_on_input", "tanh_on_output", "sigmoid_on_candidate",
        "no_tanh_on_cell", "sigmoid_on_cell", "tanh_stored_in_cell", "hidden_from_previous_cell",
        "hidden_from_candidate", "input_gate_coupled", "carry_missing", "new_content_missing",
        "forget_gate_unused", "input_gate_unused", "forget_gate_complemented",
        "output_gate_unused", "tanh_over_the_product", "tanh_on_all_gates",
        "no_activation_on_candidate", "no_activation", "forget_gate_over_the_sum",
        "terms_subtracted", "hidden_used_as_cell", "tanh_on_candidate_again",
        "sigmoid_on_gates_again", "matrix_product_for_elementwise", "gates_paired_together",
    }
)  # fmt: skip
#: The mistakes in what is returned, the cell being right.
RETURNED = frozenset(
    {
        "outputs_swapped", "cell_returned_as_hidden", "hidden_returned_as_cell",
        "previous_cell_returned", "candidate_returned_as_cell",
    }
)  # fmt: skip
#: The mistakes in what goes into the gates.
INPUTS = frozenset({"previous_states_swapped", "cell_fed_to_gates", "previous_state_missing"})


def borrowed(names: Collection[str], over: Callable[[Cell], Cell]) -> tuple[Misconception, ...]:
    """The wrong answers of the slides' cell that have these names, in another cell."""
    return tuple(
        Misconception(m.name, m.says, m.look, over(m.answer)) for m in CELL if m.name in names
    )


# --- the fused cell ---------------------------------------------------------------------------


def _fused_over(cell: Cell) -> Cell:
    """A cell of the slides with its weights out of V, and b the weights of one more input, 1."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, V: Tensor, b: Tensor) -> Pair:
        D = x_t.shape[1]
        inputs = torch.cat([x_t, torch.ones_like(x_t[:, :1])], 1)
        weights = _lstm.take_apart(torch.cat([V[:D], b[None]]).mT, V[D:].mT)
        return cell(inputs, h_prev, c_prev, weights)

    return answer  # type: ignore[return-value]


def _columns(order: str) -> Cell:
    """The four blocks of V and b read in another order."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, V: Tensor, b: Tensor) -> Pair:
        def sorted_out(whole: Tensor) -> Tensor:
            blocks = whole.chunk(4, -1)
            return torch.cat([blocks[order.index(gate)] for gate in "ifgo"], -1)

        return torch_fused(x_t, h_prev, c_prev, sorted_out(V), sorted_out(b))

    return answer  # type: ignore[return-value]


def _spread(view: Callable[[Tensor], Tensor]) -> Cell:
    """The sums (N, 4H) cut into four in another way."""

    def answer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, V: Tensor, b: Tensor) -> Pair:
        sums = view(torch.cat([x_t, h_prev], 1).mm(V).add(b))
        return _from_sums(sums, c_prev)

    return answer  # type: ignore[return-value]


def _from_sums(sums: Tensor, c_prev: Tensor) -> Pair:
    """PyTorch's states where the sums before the activations are known."""
    identity = torch.eye(sums.shape[1], dtype=sums.dtype)
    none = sums.new_zeros(sums.shape[1], c_prev.shape[1])
    h_t, c_t = torch.lstm_cell(sums, (torch.zeros_like(c_prev), c_prev), identity, none)
    return h_t, c_t


def _interleaved(sums: Tensor) -> Tensor:
    N, H = sums.shape[0], sums.shape[1] // 4
    return sums.view(N, H, 4).mT.flatten(1)


def _across_rows(sums: Tensor) -> Tensor:
    N, H = sums.shape[0], sums.shape[1] // 4
    return torch.cat(list(sums.reshape(4, N, H)), 1)


def _candidate_squashed_first(sums: Tensor) -> Tensor:
    i, f, g, o = sums.chunk(4, 1)
    return torch.cat([i, f, g.sigmoid(), o], 1)


def _bias_outside(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, V: Tensor, b: Tensor) -> Pair:
    sums = torch.cat([x_t, h_prev], 1).mm(V)
    i, f, g, o = (
        (part.tanh() if block == 2 else part.sigmoid()).add(bias)
        for block, (part, bias) in enumerate(zip(sums.chunk(4, 1), b.chunk(4), strict=True))
    )
    c_t = torch.addcmul(i.mul(g), f, c_prev)
    return c_t.tanh().mul(o), c_t


_ROWS = "V's first D rows belong to x_t, the H rows below them to h_prev."
_BLOCKS = "The columns of V stand in four blocks of H: i, f, g, o. b stands in the same order."
FUSED: tuple[Misconception, ...] = (
    Misconception(
        "rows_exchanged",
        "x_t meets the rows of V that belong to h_prev: the two are joined as [h, x].",
        _ROWS,
        lambda x, h, c, V, b: torch_fused(
            x, h, c, torch.cat([V[h.shape[1] :], V[: h.shape[1]]]), b
        ),
    ),
    *(
        Misconception(
            "gates_in_another_order",
            f"The four blocks of V are read in the order {', '.join(order)}.",
            _BLOCKS,
            _columns("".join(order)),
        )
        for order in itertools.permutations("ifgo")
        if order != tuple("ifgo")
    ),
    Misconception(
        "bias_missing",
        "b is not added.",
        "The slides' equations have no bias; the fused cell has one, b (4H,).",
        lambda x, h, c, V, b: torch_fused(x, h, c, V, torch.zeros_like(b)),
    ),
    Misconception(
        "bias_twice",
        "b is added twice.",
        "Add it once, to the whole of the product.",
        lambda x, h, c, V, b: torch_fused(x, h, c, V, 2 * b),
    ),
    Misconception(
        "bias_subtracted",
        "b is subtracted; it should be added.",
        "Look at the sign.",
        lambda x, h, c, V, b: torch_fused(x, h, c, V, -b),
    ),
    Misconception(
        "bias_outside",
        "b is added to the gates after their activation; it belongs inside.",
        "Add b to the product first, then squash.",
        _bias_outside,
    ),
    Misconception(
        "gates_interleaved",
        "Every fourth column is taken for one gate.",
        _BLOCKS + " A block is a run of H columns.",
        _spread(_interleaved),
    ),
    Misconception(
        "sigmoid_before_tanh",
        "The candidate goes through a sigmoid and then through tanh.",
        "Cut first, then squash: three blocks by a sigmoid, one by tanh.",
        _spread(_candidate_squashed_first),
    ),
    Misconception(
        "cut_across_rows",
        "The sums (N, 4H) are cut across the batch: one gate holds numbers of several rows.",
        "`reshape` counts numbers off in their order in memory. Cut along the last axis.",
        _spread(_across_rows),
    ),
    Misconception(
        "input_missing",
        "The input x_t does not reach the gates.",
        _ROWS,
        lambda x, h, c, V, b: torch_fused(torch.zeros_like(x), h, c, V, b),
    ),
    Misconception(
        "previous_states_ignored",
        "h_prev and c_prev are not used: the step starts from zeros.",
        "The states you are given are where the step before left off.",
        lambda x, h, c, V, b: torch_fused(x, torch.zeros_like(h), torch.zeros_like(c), V, b),
    ),
    *borrowed(EQUATIONS | RETURNED | INPUTS, _fused_over),
)

# --- the biases -------------------------------------------------------------------------------


def _biases(values: Callable[[str, float], float | None]) -> Callable[[Params, float], Params]:
    """PyTorch's four biases, each made a constant of `values(gate, value)`; None: as they are."""

    def answer(params: Params, value: float) -> Params:
        found = torch_biases(params, value)
        for letter in "fico":
            number = values(letter, value)
            if number is not None:
                found[f"b_{letter}"] = torch.full_like(found[f"b_{letter}"], number)
        return found

    return answer


def _misplaced(gate: str) -> Callable[[Params, float], Params]:
    return _biases(lambda g, value: value if g == gate else 0.0)


def _every(change: Callable[[Params, Tensor], Tensor]) -> Callable[[Params, float], Params]:
    """All four biases, each changed afterwards by `change(params, bias)`."""

    def answer(params: Params, value: float) -> Params:
        found = torch_biases(params, value)
        return {n: change(params, t) if n[0] == "b" else t for n, t in found.items()}

    return answer


def _weights(change: Callable[[Tensor], Tensor]) -> Callable[[Params, float], Params]:
    def answer(params: Params, value: float) -> Params:
        found = torch_biases(params, value)
        return {n: t if n[0] == "b" else change(t) for n, t in found.items()}

    return answer


_ONLY_F = "b_f is `value` in every unit; b_i, b_c and b_o are 0."
BIASES: tuple[Misconception, ...] = tuple(
    Misconception(name, says, look, answer)
    for name, says, look, answer in (
        (
            "value_on_every_gate",
            "All four biases are set to the value; only the forget gate's should be.",
            _ONLY_F,
            _biases(lambda g, value: value),
        ),
        (
            "value_on_the_other_gates",
            "The three other biases have the value, and the forget gate's is 0.",
            _ONLY_F,
            _biases(lambda g, value: 0.0 if g == "f" else value),
        ),
        *(
            (
                "value_on_another_gate",
                f"The value stands in b_{gate}; it belongs in b_f.",
                "PyTorch's order is i, f, g, o: the forget gate's is the second block.",
                _misplaced(gate),
            )
            for gate in "ico"
        ),
        (
            "value_ignored",
            "b_f is 1 whatever the value is.",
            "1 is a common choice, not the only one: use `value`.",
            _biases(lambda g, value: 1.0 if g == "f" else 0.0),
        ),
        (
            "value_halved",
            "b_f is half of the value.",
            "PyTorch's LSTM adds two biases; here there is one, and it is the whole value.",
            _biases(lambda g, value: value / 2 if g == "f" else 0.0),
        ),
        (
            "value_negated",
            "b_f is minus the value: the gate would start closed.",
            "A forget gate near 1 keeps. Which sign makes its sigmoid large?",
            _biases(lambda g, value: -value if g == "f" else 0.0),
        ),
        (
            "gate_value_for_bias",
            "b_f is sigmoid(value); the bias goes in before the sigmoid.",
            _ONLY_F,
            _biases(lambda g, value: float(torch.tensor(value).double().sigmoid())),
        ),
        (
            "gate_value_for_bias",
            "b_f is sigmoid(value); the bias goes in before the sigmoid.",
            _ONLY_F,
            _biases(lambda g, v: float(torch.tensor(v).double().sigmoid()) if g == "f" else 0.0),
        ),
        (
            "value_not_set",
            "b_f is 0, as the other biases are.",
            _ONLY_F,
            _biases(lambda g, value: 0.0),
        ),
        (
            "other_biases_one",
            "The other three biases are 1; they should be 0.",
            _ONLY_F,
            _biases(lambda g, value: None if g == "f" else 1.0),
        ),
        *(
            (
                "bias_of_two_axes",
                "The biases are matrices; a bias is (H,).",
                "One number a unit.",
                a,
            )
            for a in (
                _every(lambda p, bias: bias[None]),
                _every(lambda p, bias: bias[:, None]),
                _every(lambda p, bias: bias[:1].expand_as(p["U_f"]) + bias),
                _every(lambda p, bias: bias[:1].expand_as(p["W_f"]) + bias),
            )
        ),
        (
            "bias_a_single_number",
            "The biases are single numbers; a bias is (H,), one number a unit.",
            "H is the number of columns of W_f.",
            _every(lambda p, bias: bias[0]),
        ),
        (
            "bias_of_one_unit",
            "The biases have one element; a bias is (H,), one number a unit.",
            "H is the number of columns of W_f.",
            _every(lambda p, bias: bias[:1]),
        ),
        (
            "bias_of_input_size",
            "The biases have D elements; a bias is (H,), one number a unit.",
            "U_f is (D, H): its first size is the number of features, not of units.",
            _every(lambda p, bias: bias[:1].expand(len(p["U_f"]))),
        ),
        (
            "bias_of_all_gates",
            "The biases have 4 H elements; each gate has a bias of its own, (H,).",
            "H is the number of columns of W_f.",
            _every(lambda p, bias: bias.repeat(4)),
        ),
        (
            "weights_set_too",
            "The weights are changed; only biases are added.",
            "The eight weights are handed on as they are.",
            _weights(torch.zeros_like),
        ),
        (
            "weights_transposed",
            "The weights are transposed; they are handed on as they are.",
            "Copy them: `dict(params)`.",
            _weights(lambda weight: weight.mT),
        ),
    )
)
