"""Known wrong answers on the way back through a whole LSTM step, and what they share through time.

`CELL_SITES` go wrong inside a step: the same mistakes are known through time.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._layers_torch import wrong
from autograder.exercises._lstm import WEIGHTS
from autograder.exercises._lstm_backward import WithWeights, torch_cell_backward
from autograder.exercises._lstm_backward_graph import Seen, Sites, of_cell, slope_at
from autograder.exercises._lstm_backward_wrong_gate import LETTERS, SIGMOID, TANH, gate_sites
from autograder.exercises._lstm_backward_wrong_states import HIDDEN_SITES, STATE_SITES, Entry

Answer = Callable[..., WithWeights]
Late = tuple[str, str, str, Callable[[Answer], Answer]]  # name, says, look, answer from an oracle

_OWN = "Was a line copied and one letter left as it was? Each gate has its own U and W."
_ALL_FOUR = "x_t and h_prev went into all four layers, so four gradients come back and are added."
_TURN = "h_prev stood left of W_g in the forward pass. Going back, W_g is transposed."
_PREVIOUS = "W_f, W_i, W_c and W_o were multiplied with h_prev, the state of the step before."


def _one(v: Mapping[str, Tensor]) -> Tensor:
    return torch.ones_like(v["f"])


def _sloped(gates: str, slope: Callable[[Mapping[str, Tensor], str], Tensor]) -> Sites:
    """Another slope at several gates at once; `slope(values, letter)`."""

    def of(letter: str) -> Seen:
        return lambda v: slope(v, letter)

    return {f"slope_{g}": of(g) for g in gates}


def _given(name: str) -> Seen:
    """The value of this name."""
    return lambda v: v[name]


def _turned_round(name: str) -> Seen:
    return lambda v: v[name].mT


def _nothing(name: str) -> Seen:
    return lambda v: torch.zeros_like(v[name])


def _slope_of(letter: str) -> Seen:
    """The slope of another gate."""
    return lambda v: slope_at(torch.sigmoid, v[f"z_{letter}"])


def _value(v: Mapping[str, Tensor], g: str) -> Tensor:
    return v["c_bar" if g == "c" else g]


def _own_again(v: Mapping[str, Tensor], g: str) -> Tensor:
    return slope_at(torch.tanh if g == "c" else torch.sigmoid, _value(v, g))


def _by_gate() -> list[Entry]:
    """Mistakes of one gate, each with the gate in its name."""
    found: list[Entry] = []
    for letter, what in LETTERS.items():
        found += gate_sites(letter, f" of the {what}", f"_on_{what.replace(' ', '_')}")
    return found


def _slopes_missing() -> list[Entry]:
    """Every choice of two or more slopes that are missing, so that no other is named with them."""
    places = {**LETTERS, "cell": "tanh on C_t"}
    names = {"fio": "sigmoid_slopes_missing", "fico": "slopes_of_the_layers_missing",
             "ccell": "tanh_slopes_missing", "ficocell": "every_slope_missing"}  # fmt: skip
    chosen = [c for size in range(2, 6) for c in itertools.combinations(places, size)]
    return [
        (names.get("".join(c), "slopes_missing"),
         f"These slopes are missing: {', '.join(places[place] for place in c)}.",
         f"{SIGMOID} {TANH}", {f"slope_{place}": _one for place in c})
        for c in chosen
    ]  # fmt: skip


#: What several gates have in common.
_TOGETHER: tuple[Entry, ...] = (
    *_slopes_missing(),
    ("slopes_of_activated_values", "The squashings were applied once more before their slopes "
     "were taken.",
     f"The gates have been through their squashing already. {SIGMOID}",
     _sloped("fico", _own_again)),
    ("slopes_of_activated_values", "The sigmoids were applied once more before their slopes were "
     "taken.",
     f"The gates have been through their sigmoid already. {SIGMOID}", _sloped("fio", _own_again)),
    ("tanh_slopes_at_the_gates", "The three gates were given a tanh's slope.", SIGMOID,
     _sloped("fio", lambda v, g: 1 - v[g] ** 2)),
    ("slopes_from_the_arguments", "The slopes' formulas were given what stood before the "
     "squashing, not the values after it.", f"{SIGMOID} {TANH}",
     _sloped("fico",
         lambda v, g: 1 - v["z_c"] ** 2 if g == "c" else v[f"z_{g}"] - v[f"z_{g}"] ** 2)),
    ("hidden_road_dropped", "What arrives at h_t never gets into the cell: "
     "only dc_t goes on from C_t.",
     "C_t has two readers, h_t and the next step. Both gradients arrive there, and they are added.",
     {"slope_cell": lambda v: torch.zeros_like(v["f"])}),
    ("cell_slope_from_old_cell", "The slope of tanh is taken at c_prev; H_t was made from the new "
     "C_t.",
     TANH, {"slope_cell": lambda v: slope_at(torch.tanh, v["c_prev"])}),
    ("output_gate_gradient_with_old_cell", "do_t is made with tanh(c_prev); H_t was made from the "
     "new C_t.",
     "H_t = O_t * tanh(C_t).", {"do": lambda v: v["c_prev"].tanh()}),
    ("dW_with_new_hidden_state", "The gradients of the W_* are made with h_t.", _PREVIOUS,
     {f"dW_{g}": _given("h_t") for g in LETTERS}),
    *(("dW_with_cell_state", f"The gradients of the W_* are made with the cell state {what}.",
    _PREVIOUS,
       {f"dW_{g}": _given(name) for g in LETTERS})
      for name, what in (("c_prev", "C_{t-1}"), ("c_t", "C_t"))),
    ("W_not_transposed", "dh_prev is made with the W_* as they are, not transposed.", _TURN,
     {f"dh_{g}": _turned_round(f"W_{g}") for g in LETTERS}),
)  # fmt: skip


def _one_gate_of_four() -> list[Entry]:
    """What goes wrong at one gate's products."""
    found: list[Entry] = []
    for g, what in LETTERS.items():
        name = what.replace(" ", "_")
        others = [other for other in LETTERS if other != g]
        found += [
            (f"dW_with_new_hidden_state_on_{name}", f"The gradient of W_{g} is made with h_t.",
             _PREVIOUS, {f"dW_{g}": _given("h_t")}),
            (f"W_not_transposed_on_{name}",
             f"In dh_prev the {what}'s share is made with W_{g} as it is, not transposed.", _TURN,
             {f"dh_{g}": _turned_round(f"W_{g}")}),
        ]  # fmt: skip
        for kind, d in (("U", "dx"), ("W", "dh")):
            to = "dx_t" if d == "dx" else "dh_prev"
            found += [
                (f"{to}_misses_{name}", f"{to} lacks the {what}'s share.", _ALL_FOUR,
                 {f"{d}_{g}": _nothing(f"{kind}_{g}")}),
                (f"{to}_from_{name}_only", f"{to} comes from the {what} alone.", _ALL_FOUR,
                 {f"{d}_{o}": _nothing(f"{kind}_{o}") for o in others}),
            ]  # fmt: skip
            found += [
                (f"{to}_with_weights_of_another_gate",
                 f"In {to} the {what}'s share is made with {kind}_{o}.", _OWN,
                 {f"{d}_{g}": _given(f"{kind}_{o}")})
                for o in others
            ]  # fmt: skip
        both = {f"{d}_{g}": _nothing(f"{k}_{g}") for k, d in (("U", "dx"), ("W", "dh"))}
        found.append((f"dx_and_dh_miss_{name}", f"dx_t and dh_prev both lack the {what}'s share.",
                      _ALL_FOUR, both))  # fmt: skip
    found += [
        ("slope_of_another_gate", f"The {LETTERS[g]} was given the slope of the {LETTERS[o]}.",
         _OWN,
         {f"slope_{g}": _slope_of(o)})
        for g in "fio" for o in "fio" if o != g
    ]  # fmt: skip
    return found


CELL_SITES: tuple[Entry, ...] = (
    *HIDDEN_SITES,
    *STATE_SITES,
    *_TOGETHER,
    *_by_gate(),
    *_one_gate_of_four(),
)

# --- what is done to gradients that are right -----------------------------------------------------


def weights_as(change: Callable[..., Mapping[str, Tensor]]) -> Callable[[Answer], Answer]:
    """The oracle's, with the weights' gradients as `change(grads, *inputs)` makes them."""

    def spoil(oracle: Answer) -> Answer:
        def answer(*inputs: Any) -> WithWeights:
            *states, grads = oracle(*inputs)
            return (*states, change(grads, *inputs))  # type: ignore[return-value]

        return answer

    return spoil


def states_as(change: Callable[..., Sequence[Tensor]]) -> Callable[[Answer], Answer]:
    """The oracle's, with the first three as `change(dx, dh, dc, *inputs)` makes them."""

    def spoil(oracle: Answer) -> Answer:
        def answer(*inputs: Any) -> WithWeights:
            *states, grads = oracle(*inputs)
            return (*change(*states, *inputs), grads)  # type: ignore[return-value]

        return answer

    return spoil


def _renamed(names: Mapping[str, str]) -> Callable[[Answer], Answer]:
    """The weights' gradients under one another's names."""
    return weights_as(lambda grads, *_: {name: grads[names.get(name, name)] for name in grads})


def _pairs() -> list[tuple[str, str]]:
    return [(a, b) for number, a in enumerate("fico") for b in "fico"[number + 1 :]]


def _turned(kinds: str) -> Callable[[Answer], Answer]:
    return weights_as(lambda grads, *_: {n: g.mT if n[0] in kinds else g for n, g in grads.items()})


_SHAPE = "A gradient has the shape of what it belongs to, with its axes in the same order."
_MEAN = "Any mean belongs to the loss, and what arrives carries it already."

LATE: tuple[Late, ...] = (
    *((f"gate_gradients_exchanged_{a}_{b}",
       f"The gradients of the {LETTERS[a]} and of the {LETTERS[b]} changed places in the dict.",
       "PyTorch's order i, f, g, o is not the course's. Go by the names.",
       _renamed({f"{k}_{x}": f"{k}_{y}" for k in "UW" for x, y in ((a, b), (b, a))}))
      for a, b in _pairs()),
    ("gate_gradients_in_a_circle", "Three gates' gradients have changed places in the dict.",
     "Write each gradient beside its own name.",
     _renamed({f"{k}_{x}": f"{k}_{y}" for k in "UW" for x, y in ("io", "ci", "oc")})),
    ("gate_gradients_in_a_circle", "Three gates' gradients have changed places in the dict.",
     "Write each gradient beside its own name.",
     _renamed({f"{k}_{x}": f"{k}_{y}" for k in "UW" for x, y in ("ic", "co", "oi")})),
    ("keys_by_position", "The gradients are put under the keys of params by position; its order "
     "is not promised.",
     'Write each gradient beside its own name: "U_f": ...',
     weights_as(lambda grads, *_: dict(zip(grads, (grads[n] for n in WEIGHTS), strict=True)))),
    ("U_W_gradients_exchanged", "The gradients of the U_* and of the W_* have changed places.",
     "U_* is (D, H) and stood with x_t; W_* is (H, H) and stood with h_prev.",
     _renamed({f"{k}_{g}": f"{m}_{g}" for g in "fico" for k, m in ("UW", "WU")})),
    ("weight_gradients_transposed", "All weights' gradients have rows and columns exchanged.",
     _SHAPE,
     _turned("UW")),
    ("dW_transposed", "The gradients of the W_* have rows and columns exchanged.", _SHAPE,
     _turned("W")),
    ("dU_transposed", "The gradients of the U_* have rows and columns exchanged.", _SHAPE,
     _turned("U")),
    ("averaged_over_batch", "The weights' gradients are divided by the number of rows.", _MEAN,
     weights_as(lambda grads, *inputs: {n: g / inputs[0].shape[-2] for n, g in grads.items()})),
    ("sign_flipped", "Every gradient has the wrong sign.",
     "A gradient is not yet a step: nothing is subtracted here.",
     lambda oracle: weights_as(lambda grads, *_: {n: -g for n, g in grads.items()})(
         states_as(lambda dx, dh, dc, *_: (-dx, -dh, -dc))(oracle))),
    ("one_gate_repeated", "All gates' gradients are those of the last one, the output gate.",
     "In a loop over the gates: does the dict get a new entry each time?",
     _renamed({f"{k}_{g}": f"{k}_o" for k in "UW" for g in "fic"})),
    ("still_zero", "This gradient is all zeros.", "Has it been worked out yet, and is it returned?",
     lambda oracle: weights_as(
         lambda grads, *_: {n: torch.zeros_like(g) for n, g in grads.items()})(
         states_as(lambda *found: [torch.zeros_like(g) for g in found[:3]])(oracle))),
    ("weights_returned_for_gradients",
     "The dict holds the weights themselves, not their gradients.",
     "Make a new dict for the gradients.", weights_as(lambda grads, *inputs: inputs[-1])),
    ("weights_after_a_step", "The dict holds weights minus gradients: a step of gradient descent.",
     "Return the gradients; the step is the optimiser's.",
     weights_as(lambda grads, *inputs: {n: inputs[-1][n] - g for n, g in grads.items()})),
)  # fmt: skip

# --- the step -------------------------------------------------------------------------------------


def _previous_cell_from(dh_counts: bool, dc_counts: bool) -> Answer:
    """dc_prev from one of the two roads alone; the rest is right."""

    def answer(dh_t: Tensor, dc_t: Tensor, *inputs: Any) -> WithWeights:
        dx, dh, _, grads = torch_cell_backward(dh_t, dc_t, *inputs)
        part = torch_cell_backward(dh_t * dh_counts, dc_t * dc_counts, *inputs)
        return dx, dh, part[2], grads

    return answer


def _past_the_forget_gate(dh_passes: bool) -> Answer:
    """dc_prev with only one of the two roads through the forget gate."""

    def answer(dh_t: Tensor, dc_t: Tensor, *inputs: Any) -> WithWeights:
        dx, dh, _, grads = torch_cell_backward(dh_t, dc_t, *inputs)
        passing = torch_cell_backward(dh_t * dh_passes, dc_t * (not dh_passes), *inputs)[2]
        unchanged = of_cell({"dc_prev": _one})
        other = unchanged(dh_t * (not dh_passes), dc_t * dh_passes, *inputs)[2]
        return dx, dh, passing + other, grads

    return answer


def _upstream(change: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]) -> Answer:
    """PyTorch's, with other gradients arriving."""
    return lambda dh_t, dc_t, *inputs: torch_cell_backward(*change(dh_t, dc_t), *inputs)


def _per_row(dh_t: Tensor, dc_t: Tensor, *inputs: Any) -> WithWeights:
    dx, dh, dc, grads = torch_cell_backward(dh_t, dc_t, *inputs)
    only = torch.eye(len(dh_t)).to(dh_t)[:, :, None]  # (N, N, 1)
    rows = [torch_cell_backward(row * dh_t, row * dc_t, *inputs)[3] for row in only]
    return dx, dh, dc, {name: torch.stack([row[name] for row in rows]) for name in grads}


#: What cell_state_backward returns, in its order, and the factor that makes each.
_FACTORS = {"df": "c_prev", "dc_prev": "f", "di": "c_bar", "dc_bar": "i"}
#: Orders that look like another mistake, which is named instead.
_ANOTHERS = (
    "di dc_prev df dc_bar",
    "df dc_bar di dc_prev",
    "dc_prev df dc_bar di",
    "dc_bar dc_prev di df",
)


def _unpacked() -> list[Entry]:
    """cell_state_backward is right, and what it returns is unpacked in another order."""
    orders = [" ".join(names) for names in itertools.permutations(_FACTORS)]
    return [
        ("cell_state_unpacked_in_another_order",
         f"What cell_state_backward returns is unpacked in another order: {order}.",
         "It returns df_t, dc_prev, di_t, dc_bar, the order of the forward pass's arguments.",
         {name: _given(factor) for name, factor in zip(order.split(), _FACTORS.values(),
                                                       strict=True)})
        for order in orders
        if order not in (*_ANOTHERS, " ".join(_FACTORS))
    ]  # fmt: skip


def _joined_wrongly() -> list[Entry]:
    """Right pieces, given or unpacked in another order."""
    return [
        *_unpacked(),
        ("gates_paired_together", "cell_state_backward is given f_t, i_t, c_prev, c_bar: the two "
         "gates stand together, and i_t takes c_prev's place.",
         "Its order is that of the forward pass: f_t, c_prev, i_t, c_bar.",
         {"df": _given("i"), "dc_bar": _given("c_prev")}),
        ("candidate_and_output_gate_swapped", "The candidate and o_t have changed places: each "
         "stands where the other should.",
         "Does your helper return f, i, c_bar, o, c_t? Unpack it in the order it returns.",
         {"dtanh": _given("c_bar"), "di": _given("o"),
          "slope_c": lambda v: 1 - v["o"] ** 2,
          "slope_o": lambda v: v["c_bar"] - v["c_bar"] ** 2}),
    ]  # fmt: skip


_TWO = (
    "C_t has two readers, h_t and the next step. Both gradients arrive there, and they are added."
)
_FOUR = "Return (dx_t, dh_prev, dc_prev, grads)."

CELL: tuple[Misconception, ...] = (
    *(wrong(name, says, look, of_cell(sites)) for name, says, look, sites in CELL_SITES),
    *(wrong(name, says, look, of_cell(sites)) for name, says, look, sites in _joined_wrongly()),
    *(wrong(name, says, look, spoil(torch_cell_backward)) for name, says, look, spoil in LATE),
    wrong("upstream_dc_dropped",
    "dc_t is not used: what arrives at C_t from the next step is lost.", _TWO,
          _upstream(lambda dh, dc: (dh, torch.zeros_like(dc)))),
    wrong("upstream_dc_through_tanh", "dc_t goes through the slope of tanh; it arrives at C_t "
    "itself.",
          f"{_TWO} Only what comes through h_t passes the tanh.", of_cell({}, ("h_t", "tanh"))),
    wrong("upstream_dc_through_output_gate", "dc_t is added to dh_t before O_t and the tanh are "
    "walked back.",
          f"{_TWO} Only what comes through h_t passes O_t and the tanh.",
          of_cell({}, ("h_t", "h_t"))),
    wrong("upstream_dc_subtracted", "dc_t is subtracted; the two gradients at C_t are added.", _TWO,
          _upstream(lambda dh, dc: (dh, -dc))),
    wrong("upstream_swapped",
    "dh_t and dc_t have changed places: are your arguments in this order?", _TWO,
          _upstream(lambda dh, dc: (dc, dh))),
    wrong("previous_cell_from_next_step_only", "dc_prev is made from dc_t alone, without what "
    "came through h_t.",
          _TWO, _previous_cell_from(False, True)),
    wrong("previous_cell_from_hidden_state_only", "dc_prev is made without dc_t.", _TWO,
          _previous_cell_from(True, False)),
    *(wrong("half_of_it_past_the_forget_gate", f"In dc_prev {what} is not multiplied with f_t.",
            "First add up what arrives at C_t; the sum goes back along the conveyor, through f_t.",
            _past_the_forget_gate(dh_passes))
      for dh_passes, what in ((True, "dc_t"), (False, "what came through h_t"))),
    wrong("dh_prev_with_upstream", "dh_t itself is added to dh_prev: there is no such road.",
          "h_prev got into h_t through the four layers only.",
          lambda *a: states_as(
              lambda dx, dh, dc, dh_t, *_: (dx, dh + dh_t, dc))(torch_cell_backward)(*a)),
    wrong("dh_prev_dc_prev_swapped", "dh_prev and dc_prev have changed places.", _FOUR,
          states_as(lambda dx, dh, dc, *_: (dx, dc, dh))(torch_cell_backward)),
    wrong("dx_returned_after_the_states", "dx_t stands third.", _FOUR,
          states_as(lambda dx, dh, dc, *_: (dh, dc, dx))(torch_cell_backward)),
    wrong("dx_dh_prev_swapped", "dx_t and dh_prev have changed places.", _FOUR,
          states_as(lambda dx, dh, dc, *_: (dh, dx, dc))(torch_cell_backward)),
    wrong("cell_gradient_returned_whole", "dc_prev is dc_t as it came in.",
          "The gradient at C_t goes back along the conveyor, and passes f_t.",
          states_as(lambda dx, dh, dc, dh_t, dc_t, *_: (dx, dh, dc_t))(torch_cell_backward)),
    wrong("batch_not_summed", "The weights' gradients have an axis for the batch.",
          "One U serves all rows, so what each row says is added. A matrix product does that.",
          _per_row),
)  # fmt: skip
