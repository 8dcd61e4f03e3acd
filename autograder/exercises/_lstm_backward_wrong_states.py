"""Known wrong answers on the way back through H_t = O_t tanh(C_t) and C_t = f_t C_{t-1} + I_t C̄_t.

`HIDDEN_SITES` and `STATE_SITES` are also mistakes of the whole cell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._layers_torch import changed, reordered, wrong
from autograder.exercises._lstm_backward import (
    Gradients,
    torch_cell_state_backward,
    torch_hidden_backward,
)
from autograder.exercises._lstm_backward_graph import (
    Sites,
    cell_nodes,
    hidden_nodes,
    of_part,
    slope_at,
)

Entry = tuple[str, str, str, Sites]

_OTHER = "In a product each factor's gradient is what arrives, times the *other* factor."
_TANH = "The slope of tanh at a place where its value is a, is 1 - a * a."
_READ = "H_t = O_t * tanh(C_t): two factors, and a tanh on the second one."

HIDDEN_SITES: tuple[Entry, ...] = (
    ("tanh_slope_missing_at_cell",
     "The slope of the tanh on C_t is missing on the way from H_t back to C_t.",
     f"C_t went through a tanh on its way into H_t. {_TANH}",
     {"slope_cell": lambda v: torch.ones_like(v["c_t"])}),
    ("one_minus_cell_squared",
     "The slope is taken as 1 - C_t squared; it is 1 - tanh(C_t) squared.",
     f"{_TANH} a is the value after the tanh.",
     {"slope_cell": lambda v: 1 - v["c_t"] ** 2}),
    ("one_minus_hidden_squared",
     "The slope is taken as 1 - H_t squared; that would be right in a plain RNN.",
     "In the LSTM the tanh's own value is tanh(C_t); H_t has the output gate on it already.",
     {"slope_cell": lambda v: 1 - v["h_t"] ** 2}),
    ("tanh_slope_without_square",
     "The slope of the tanh on C_t is taken as 1 - tanh(C_t), without the square.",
     _TANH, {"slope_cell": lambda v: 1 - v["tanh"]}),
    ("tanh_slope_squared_as_a_whole",
     "The slope of the tanh on C_t is taken as (1 - tanh(C_t)) squared.",
     _TANH, {"slope_cell": lambda v: (1 - v["tanh"]) ** 2}),
    ("slope_of_activated_value",
     "tanh was applied once more before its slope at C_t was taken.",
     "tanh(C_t) is the value after the tanh already: square it as it is.",
     {"slope_cell": lambda v: slope_at(torch.tanh, v["tanh"])}),
    ("sigmoid_slope_at_cell",
     "The tanh on C_t was given a sigmoid's slope.",
     f"a * (1 - a) belongs to a sigmoid. {_TANH}",
     {"slope_cell": lambda v: v["tanh"] - v["tanh"] ** 2}),
    ("sigmoid_slope_at_cell",
     "The tanh on C_t was given a sigmoid's slope.",
     f"a * (1 - a) belongs to a sigmoid. {_TANH}",
     {"slope_cell": lambda v: slope_at(torch.sigmoid, v["c_t"])}),
    ("cell_gradient_without_output_gate",
     "On the way from H_t back to C_t the output gate is missing.",
     f"{_READ} {_OTHER}", {"dtanh": lambda v: torch.ones_like(v["o"])}),
    ("output_gate_gradient_without_tanh",
     "do_t is made with C_t; it should be made with tanh(C_t).",
     f"{_READ} {_OTHER}", {"do": lambda v: v["c_t"]}),
    ("output_gate_gradient_unmultiplied",
     "do_t is dh_t as it arrived: the other factor is missing.",
     f"{_READ} {_OTHER}", {"do": lambda v: torch.ones_like(v["o"])}),
    ("output_gate_gradient_with_hidden_state",
     "do_t is made with H_t, which has the output gate on it already.",
     f"{_READ} {_OTHER}", {"do": lambda v: v["h_t"]}),
    ("output_gate_gradient_with_itself",
     "do_t is made with o_t itself.", _OTHER, {"do": lambda v: v["o"]}),
)  # fmt: skip

_hidden = of_part(hidden_nodes, ("o", "c_t"), "h_t")
_TOO_EARLY = (
    "Here only the products are walked back. The slope of the squashing belongs to the gate's own "
    "step, which comes next."
)


def _each(oracle: Callable[..., Gradients], change: Callable[..., Tensor]
          ) -> Callable[..., Gradients]:  # fmt: skip
    """Every gradient changed in the same way."""
    return lambda *inputs: tuple(change(grad) for grad in oracle(*inputs))


def _returned(oracle: Callable[..., Gradients]) -> tuple[Misconception, ...]:
    """Ways to spoil all gradients alike."""
    return (
        wrong("sign_flipped", "Every gradient has the wrong sign.",
              "A gradient is not yet a step: nothing is subtracted here.",
              _each(oracle, torch.neg)),
        wrong("averaged_over_batch", "The gradients are divided by the number of rows.",
              "Any mean belongs to the loss, and what arrives carries it already.",
              _each(oracle, lambda grad: grad / len(grad))),
        wrong("summed_over_batch", "The gradients are added up over the batch.",
              "States belong to one row each: their gradients are (N, H), as they are.",
              _each(oracle, lambda grad: grad.sum(0))),
    )  # fmt: skip


HIDDEN: tuple[Misconception, ...] = (
    *(wrong(name, says, look, _hidden(sites)) for name, says, look, sites in HIDDEN_SITES),
    wrong("outputs_swapped", "do_t and dc_t have changed places.",
          "Return the gradients in the order of the arguments: (do_t, dc_t).",
          reordered(torch_hidden_backward, (1, 0))),
    wrong("sigmoid_slope_too_early", "do_t has the slope of the output gate's sigmoid on it.",
          _TOO_EARLY,
          changed(torch_hidden_backward, 0,
                  lambda do, dh, o, c: do * slope_at(torch.sigmoid, o.logit()))),
    wrong("upstream_unused", "dh_t is not used: these are slopes, not gradients.",
          "A gradient is what arrives, times the slope on the way.",
          lambda dh, o, c: torch_hidden_backward(torch.ones_like(dh), o, c)),
    wrong("gradient_of_tanh_returned", "dc_t is without the slope of tanh, and do_t has it.",
          "The tanh stands on C_t: its slope belongs to C_t's gradient.",
          _hidden({"do": lambda v: v["tanh"] * slope_at(torch.tanh, v["c_t"]),
                   "slope_cell": lambda v: torch.ones_like(v["o"])})),
    *_returned(torch_hidden_backward),
)  # fmt: skip

# --- the cell state -------------------------------------------------------------------------------

_CONVEYOR = f"C_t = f_t * C_{{t-1}} + I_t * C̄_t. {_OTHER}"


def _ones(v: Any) -> Tensor:
    return torch.ones_like(v["c_prev"])


STATE_SITES: tuple[Entry, ...] = (
    ("forget_gradient_with_new_cell",
     "df_t is made with C_t; the forget gate multiplied C_{t-1}, the old cell state.",
     _CONVEYOR, {"df": lambda v: v["c_t"]}),
    ("previous_cell_without_forget_gate",
     "dc_prev is without f_t: the gradient goes back along the conveyor unchanged.",
     _CONVEYOR, {"dc_prev": _ones}),
    ("previous_cell_through_input_gate",
     "dc_prev is made with i_t; it should be made with f_t.",
     _CONVEYOR, {"dc_prev": lambda v: v["i"]}),
    ("candidate_gradient_without_input_gate",
     "dc_bar is without i_t.", _CONVEYOR, {"dc_bar": _ones}),
    ("candidate_gradient_through_forget_gate",
     "dc_bar is made with f_t; it should be made with i_t.",
     _CONVEYOR, {"dc_bar": lambda v: v["f"]}),
    ("input_gradient_without_candidate",
     "di_t is without C̄_t.", _CONVEYOR, {"di": _ones}),
    ("input_gradient_with_old_cell",
     "di_t is made with C_{t-1}; the input gate multiplied the candidate.",
     _CONVEYOR, {"di": lambda v: v["c_prev"]}),
    ("input_gradient_with_new_cell",
     "di_t is made with C_t; the input gate multiplied the candidate.",
     _CONVEYOR, {"di": lambda v: v["c_t"]}),
    ("forget_gradient_without_cell",
     "df_t is without C_{t-1}.", _CONVEYOR, {"df": _ones}),
    ("forget_gradient_with_candidate",
     "df_t is made with C̄_t; the forget gate multiplied C_{t-1}.",
     _CONVEYOR, {"df": lambda v: v["c_bar"]}),
    ("forget_input_exchanged",
     "f_t and i_t have changed places: df_t is made with C̄_t, and di_t with C_{t-1}.",
     _CONVEYOR, {"df": lambda v: v["c_bar"], "di": lambda v: v["c_prev"]}),
    ("gates_exchanged_on_the_cells",
     "dc_prev is made with i_t, and dc_bar with f_t: the two gates have changed places.",
     _CONVEYOR, {"dc_prev": lambda v: v["i"], "dc_bar": lambda v: v["f"]}),
    ("own_factor_for_the_other",
     "Each gradient is made with the factor itself: df_t with f_t, di_t with i_t, and so on.",
     _OTHER, {"df": lambda v: v["f"], "dc_prev": lambda v: v["c_prev"],
              "di": lambda v: v["i"], "dc_bar": lambda v: v["c_bar"]}),
    ("previous_cell_through_coupled_gate",
     "dc_prev is made with 1 - i_t; it should be made with f_t.",
     _CONVEYOR, {"dc_prev": lambda v: 1 - v["i"]}),
)  # fmt: skip

_state = of_part(cell_nodes, ("f", "c_prev", "i", "c_bar"), "c_t")
_ORDER = (
    "Return the gradients in the order of the forward pass's arguments: f_t, c_prev, i_t, c_bar."
)


def _sloped(places: str) -> Callable[..., Gradients]:
    """The right gradients, those of some values with their squashing's slope on them already."""

    def answer(dc: Tensor, f: Tensor, c_prev: Tensor, i: Tensor, c_bar: Tensor) -> Gradients:
        slopes = {"f": slope_at(torch.sigmoid, f.logit()), "i": slope_at(torch.sigmoid, i.logit()),
                  "c": slope_at(torch.tanh, c_bar.atanh())}  # fmt: skip
        found = zip("fpic", torch_cell_state_backward(dc, f, c_prev, i, c_bar), strict=True)
        return tuple(grad * slopes[key] if key in places else grad for key, grad in found)

    return answer


CELL_STATE: tuple[Misconception, ...] = (
    *(wrong(name, says, look, _state(sites)) for name, says, look, sites in STATE_SITES),
    *(wrong("outputs_out_of_order", f"The gradients stand in another order: {order}.", _ORDER,
            reordered(torch_cell_state_backward, places))
      for order, places in (
          ("df_t, di_t, dc_bar, dc_prev", (0, 2, 3, 1)),
           ("dc_prev, df_t, di_t, dc_bar", (1, 0, 2, 3)),
          ("df_t, di_t, dc_prev, dc_bar", (0, 2, 1, 3)),
           ("dc_bar, di_t, dc_prev, df_t", (3, 2, 1, 0)),
          ("df_t, dc_prev, dc_bar, di_t", (0, 1, 3, 2)),
           ("di_t, dc_bar, df_t, dc_prev", (2, 3, 0, 1)))),
    wrong("slope_too_early", "df_t, di_t and dc_bar have the slopes of their squashing on them.",
          _TOO_EARLY, _sloped("fic")),
    wrong("slope_too_early", "df_t and di_t have a sigmoid's slope on them.", _TOO_EARLY,
    _sloped("fi")),
    wrong("slope_too_early", "dc_bar has the slope of its tanh on it.", _TOO_EARLY, _sloped("c")),
    wrong("tanh_slope_at_the_conveyor", "A tanh's slope at C_t is on everything.",
          "dc_t has arrived at C_t already. On the conveyor itself there is no tanh.",
          lambda dc, f, c_prev, i, c_bar: torch_cell_state_backward(
              dc * slope_at(torch.tanh, i * c_bar + f * c_prev), f, c_prev, i, c_bar)),
    wrong("upstream_unused", "dc_t is not used: these are slopes, not gradients.",
          "A gradient is what arrives, times the slope on the way.",
          lambda dc, *inputs: torch_cell_state_backward(torch.ones_like(dc), *inputs)),
    *_returned(torch_cell_state_backward),
)  # fmt: skip
