"""Known wrong answers on the way back through one gate, or through the candidate.

`gate_sites` are also mistakes of the whole cell.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._layers_torch import changed, reordered, wrong
from autograder.exercises._lstm_backward import Gradients, torch_gate_backward
from autograder.exercises._lstm_backward_graph import gate_nodes, of_part, slope_at
from autograder.exercises._lstm_backward_wrong_states import Entry

LETTERS = {"f": "forget gate", "i": "input gate", "c": "candidate", "o": "output gate"}
SIGMOID = "The slope of a sigmoid at a place where its value is s, is s * (1 - s)."
TANH = "The slope of tanh at a place where its value is a, is 1 - a * a."


def gate_sites(letter: str, of: str = "", on: str = "") -> list[Entry]:
    """Mistakes at one gate's slope. of, on: `" of the forget gate"` and `"_on_forget_gate"`."""
    site, z = f"slope_{letter}", f"z_{letter}"
    value = "c_bar" if letter == "c" else letter
    own, other = (torch.tanh, torch.sigmoid) if letter == "c" else (torch.sigmoid, torch.tanh)
    kind, another = ("tanh", "sigmoid") if letter == "c" else ("sigmoid", "tanh")
    look = TANH if letter == "c" else SIGMOID
    found: list[Entry] = [
        (f"{kind}_slope_missing{on}", f"The slope of the {kind}{of} is missing.", look,
         {site: lambda v: torch.ones_like(v[z])}),
        (f"slope_of_activated_value{on}",
         f"The {kind}{of} was applied once more before its slope was taken.",
         f"The value that you have has been through the {kind} already. {look}",
         {site: lambda v: slope_at(own, v[value])}),
        (f"{another}_slope{on}", f"The {kind}{of} was given a {another}'s slope.", look,
         {site: lambda v: slope_at(other, v[value].atanh() if letter != "c" else v[z])}),
        (f"slope_squared{on}", f"The slope of the {kind}{of} is multiplied in twice.", look,
         {site: lambda v: slope_at(own, v[z]) ** 2}),
    ]  # fmt: skip
    if letter == "c":
        found += [
            (f"sigmoid_slope{on}", f"The tanh{of} was given a sigmoid's slope.", look,
             {site: lambda v: v["c_bar"] - v["c_bar"] ** 2}),
            (f"tanh_slope_without_square{on}", f"The slope of the tanh{of} lacks the square.", look,
             {site: lambda v: 1 - v["c_bar"]}),
            (f"tanh_slope_squared_as_a_whole{on}",
             f"The slope of the tanh{of} is (1 - a) squared; only a itself is squared.", look,
             {site: lambda v: (1 - v["c_bar"]) ** 2}),
        ]  # fmt: skip
        return found
    return [
        *found,
        (f"half_a_slope{on}", f"Of the sigmoid's slope{of} only the factor s is there.", look,
         {site: lambda v: v[value]}),
        (f"half_a_slope{on}", f"Of the sigmoid's slope{of} only the factor 1 - s is there.", look,
         {site: lambda v: 1 - v[value]}),
    ]  # fmt: skip


_OUTER = (
    "X_t * U is a matrix product. Going back, the gradient of each factor is a matrix product of "
    "what arrives with the other factor, transposed."
)


def _one_row(oracle: Callable[..., Gradients], row: int) -> Callable[..., Gradients]:
    """The weights' gradients of one row of the batch alone."""

    def answer(d_gate: Tensor, *inputs: Tensor) -> Gradients:
        only = torch.zeros_like(d_gate)
        only[row] = d_gate[row]
        return (*oracle(d_gate, *inputs)[:2], *oracle(only, *inputs)[2:])

    return answer


def _per_row(oracle: Callable[..., Gradients]) -> Callable[..., Gradients]:
    """The weights' gradients of every row, not added up."""

    def answer(d_gate: Tensor, *inputs: Tensor) -> Gradients:
        alone = torch.eye(len(d_gate)).to(d_gate)[:, :, None] * d_gate  # (N, N, H)
        weights = zip(*(oracle(d, *inputs)[2:] for d in alone), strict=True)
        return (*oracle(d_gate, *inputs)[:2], *(torch.stack(each) for each in weights))

    return answer


def gate_misconceptions(letter: str) -> tuple[Misconception, ...]:
    """All known mistakes of gate_backward (`letter` f, i or o) or candidate_backward (c)."""
    oracle = torch_gate_backward(letter)
    names = ("x_t", "h_prev", f"U_{letter}", f"W_{letter}")
    value = "c_bar" if letter == "c" else letter
    astray = of_part(lambda step: gate_nodes(step, letter), names, value)
    DH, DU, DW = 1, 2, 3
    sloped = (
        wrong(name, says, look, lambda d, gate, *made_from, _s=sites: astray(_s)(d, *made_from))
        for name, says, look, sites in gate_sites(letter)
    )
    shift = f"slope_{letter}"

    def before_squashing(d: Tensor, gate: Tensor, *made_from: Tensor) -> Gradients:
        """The slope's formula with the gate's argument in place of its value."""
        formula = (lambda z: 1 - z**2) if letter == "c" else (lambda z: z - z**2)
        return astray({shift: lambda v: formula(v[f"z_{letter}"])})(d, *made_from)

    return (
        *sloped,
        wrong("slope_from_the_argument",
              "The slope's formula was given what stood before the squashing, not the value after "
              "it.",
              TANH if letter == "c" else SIGMOID, before_squashing),
        wrong("weights_not_transposed_in_dh", "dh_prev is made with W as it is, not transposed.",
        _OUTER,
              changed(oracle, DH, lambda dh, d, gate, x, h, U, W:
                      astray({f"dh_{letter}": lambda v: W.mT})(d, x, h, U, W)[1])),
        wrong("dW_transposed", "dW has rows and columns exchanged.", f"{TURNED} {_OUTER}",
              changed(oracle, DW, lambda dW, *_: dW.mT)),
        wrong("dU_transposed", "dU has rows and columns exchanged.", TURNED,
              changed(oracle, DU, lambda dU, *_: dU.mT)),
        *_of_the_whole(oracle),
        wrong("dW_with_the_gate", "dW is made with the gate's own value in place of h_prev.",
              "W was multiplied with h_prev, the state of the step before.",
              lambda d, gate, x, h, U, W: (
                  *oracle(d, gate, x, h, U, W)[:3],
                  astray({f"dW_{letter}": lambda v: gate})(d, x, h, U, W)[3])),
        wrong("products_left_out", "You return the gradient before the squashing for dx_t and "
        "dh_prev: the "
              "products with U and W are missing.", _OUTER,
              lambda d, gate, x, h, U, W: (
                  2 * (_at_argument(letter, d, x, h, U, W),) + oracle(d, gate, x, h, U, W)[2:])),
    )  # fmt: skip


TURNED = "A gradient has the shape of what it belongs to, and its axes in the same order."


def _of_the_whole(oracle: Callable[..., Gradients]) -> tuple[Misconception, ...]:
    """Mistakes with gradients that are right in themselves: their order, sign and sums."""
    return (
        wrong("weight_gradients_transposed", "dU and dW have rows and columns exchanged.", TURNED,
              lambda *a: (*oracle(*a)[:2], *(grad.mT for grad in oracle(*a)[2:]))),
        wrong("weight_gradients_exchanged", "dU and dW have changed places.",
              "U stood with x_t, W with h_prev; return (dx_t, dh_prev, dU, dW).",
              reordered(oracle, (0, 1, 3, 2))),
        wrong("input_gradients_exchanged", "dx_t and dh_prev have changed places.",
              "U stood with x_t, W with h_prev; return (dx_t, dh_prev, dU, dW).",
              reordered(oracle, (1, 0, 2, 3))),
        wrong("weights_returned_first", "The weights' gradients stand first.",
              "Return (dx_t, dh_prev, dU, dW).", reordered(oracle, (2, 3, 0, 1))),
        wrong("outputs_out_of_order", "The gradients stand in the order dx_t, dU, dh_prev, dW.",
              "Return (dx_t, dh_prev, dU, dW).", reordered(oracle, (0, 2, 1, 3))),
        wrong("weight_gradients_averaged", "dU and dW are divided by the number of rows.",
              "Any mean belongs to the loss, and what arrives carries it already.",
              lambda d, *a: (*oracle(d, *a)[:2], *(grad / len(d) for grad in oracle(d, *a)[2:]))),
        wrong("batch_not_summed", "dU and dW have an axis for the batch: they are not added up "
        "over it.",
              "One U serves all rows, so what each row says is added. A matrix product does that.",
              _per_row(oracle)),
        *(wrong("one_row_of_the_batch", f"dU and dW are made from the {which} row of the batch "
        f"alone.",
                "One U serves all rows: in a loop, `+=`.", _one_row(oracle, row))
          for which, row in (("first", 0), ("last", -1))),
        wrong("sign_flipped", "Every gradient has the wrong sign.",
              "A gradient is not yet a step: nothing is subtracted here.",
              lambda *a: tuple(-grad for grad in oracle(*a))),
        wrong("upstream_unused", "What arrives is not used: these are slopes, not gradients.",
              "A gradient is what arrives, times the slope on the way.",
              lambda d, *a: oracle(torch.ones_like(d), *a)),
    )  # fmt: skip


def _at_argument(letter: str, d: Tensor, x: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Tensor:
    """Autograd's gradient at the sum of the two products."""
    return d * slope_at(torch.tanh if letter == "c" else torch.sigmoid, x.mm(U) + h.mm(W))
