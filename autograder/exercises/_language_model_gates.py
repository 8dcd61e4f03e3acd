"""The gates of an LSTM while it reads: PyTorch's cell held so that they show; the wrong answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception, Sizes
from autograder.checking.values import Inputs
from autograder.exercises import _language_model_loss, _lstm
from autograder.exercises._language_model import (
    GATES,
    Layer,
    Model,
    draw_ids,
    draw_model,
    fold,
    spec,
    torch_lstm,
    zeros,
)
from autograder.exercises._lstm_wrong_cell import CELL
from autograder.exercises._lstm_wrong_gates import before_activation
from autograder.exercises._lstm_wrong_layer import LAYER

FLOAT32 = torch.float32
NAMES = ("f", "i", "o", "c_bar", "c", "h")
#: Every size another; D > H; all alike; one step; one unit; single precision.
CASES = (
    spec("TDHV", 6, 3, 4, 5),
    spec("TDHV", 5, 6, 2, 7),
    spec("TDHV", 4, 4, 4, 4),
    spec("TDHV", 1, 2, 5, 3),
    spec("TDHV", 7, 3, 1, 4),
    spec("TDHV", 4, 2, 5, 6, dtype=FLOAT32),
)

Gates = dict[str, Tensor]
GateOf = Callable[[str, Tensor, Tensor, Tensor, Tensor], Tensor]


def draw(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Ids (T,) and a model."""
    return {"ids": draw_ids(sizes["V"], g, sizes["T"]), "model": draw_model(sizes, g)}


def _capture(
    layer: Layer = torch_lstm,
    gate: GateOf = _lstm.torch_gate,
    biases: bool = True,
    change: Callable[[Gates], Gates] = lambda gates: gates,
) -> Callable[[Tensor, Model], Any]:
    """What is read off at every step, (T, H) each, with one of its parts exchanged."""

    def answer(ids: Tensor, model: Model) -> Gates:
        E, params = fold(model, biases)
        x = functional.embedding(ids, E)  # (T, D + 1)
        start = zeros(model, 1)
        h, c = (states[:, 0] for states in layer(x[:, None], *start, params))  # (T, H)
        before = torch.cat([start[0], h[:-1]])
        found = {g: gate(g, x, before, params[f"U_{g}"], params[f"W_{g}"]) for g in GATES}
        found["c_bar"] = found.pop("c")
        return change({**found, "c": c, "h": h})

    return answer


torch_gates = _capture()


def _renamed(**names: str) -> Callable[[Gates], Gates]:
    """The gates in which `a=b` puts b under the name a."""
    return lambda gates: {name: gates[names.get(name, name)] for name in gates}


def _every(change: Callable[[Tensor], Tensor]) -> Callable[[Gates], Gates]:
    return lambda gates: {name: change(value) for name, value in gates.items()}


def _sums(letter: str, x: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Tensor:
    return before_activation(x, h, U, W)


def _exchanged(a: str, b: str) -> Callable[[Tensor, Model], Any]:
    """The weights of two gates exchanged before the model runs."""
    other = {a: b, b: a}

    def named(name: str) -> str:
        return f"{name[:2]}{other.get(name[2:], name[2:])}" if "_" in name else name

    return lambda ids, model: torch_gates(ids, {name: model[named(name)] for name in model})


def _late(gates: Gates) -> Gates:
    def before(states: Tensor) -> Tensor:
        return torch.cat([torch.zeros_like(states[:1]), states[:-1]])

    return {**gates, "c": before(gates["c"]), "h": before(gates["h"])}


def _with_start(gates: Gates) -> Gates:
    def longer(states: Tensor) -> Tensor:
        return torch.cat([torch.zeros_like(states[:1]), states])

    return {**gates, "c": longer(gates["c"]), "h": longer(gates["h"])}


def _only_rows(gates: Mapping[str, Tensor], rows: slice) -> Gates:
    return {name: value[rows] for name, value in gates.items()}


def _of_the_layer(name: str) -> tuple[Misconception, ...]:
    cells = [(m, _language_model_loss.cell_layer(m.answer)) for m in CELL if m.name == name]
    layers: list[tuple[Misconception, Layer]] = [(m, m.answer) for m in LAYER if m.name == name]
    return tuple(
        Misconception(m.name, m.says, m.look, _capture(layer=layer)) for m, layer in cells or layers
    )


def _swap(a: str, b: str, says: str) -> Misconception:
    look = "Look at which value you put under which name."
    change = _renamed(**{a: b, b: a})
    return Misconception(f"{a}_and_{b}_swapped", says, look, _capture(change=change))


_WEIGHTS = "U_f, W_f and b_f make f, and so on: look at the letters."
_KEEP = "Keep six values at every step, after the step, and stack each: (T, H)."
CAPTURE: tuple[Misconception, ...] = (
    _swap("f", "i", "The forget gate stands under i, and the input gate under f."),
    _swap("f", "o", "The forget gate stands under o, and the output gate under f."),
    _swap("i", "o", "The input gate stands under o, and the output gate under i."),
    _swap("o", "c_bar", "The output gate stands under c_bar, and the candidate under o."),
    _swap("i", "c_bar", "The input gate stands under c_bar, and the candidate under i."),
    _swap("f", "c_bar", "The forget gate stands under c_bar, and the candidate under f."),
    _swap("c", "h", "c and h have changed places."),
    _swap("c_bar", "c", "The candidate stands under c, and the cell state under c_bar."),
    *(
        Misconception(
            f"weights_of_{a}_and_{b}_exchanged",
            f"The weights of {a} make {b}, and those of {b} make {a}.",
            _WEIGHTS,
            _exchanged(a, b),
        )
        for a, b in (("f", "i"), ("f", "o"), ("i", "o"), ("c", "o"), ("i", "c"), ("f", "c"))
    ),
    *(
        Misconception(name, says, look, answer)
        for name, says, look, answer in (
            ("sums_captured", "You keep the sums that go into the gates, not the gates.",
             "A gate is the sigmoid of its sum, the candidate the tanh of it.",
             _capture(gate=_sums)),
            ("cell_under_h", "The cell state stands under h, too.", "h = o * tanh(c).",
             _capture(change=_renamed(h="c"))),
            ("hidden_under_c", "The hidden state stands under c, too.", "c is the conveyor.",
             _capture(change=_renamed(c="h"))),
            ("cell_under_c_bar", "The cell state stands under c_bar, too.",
             "c_bar is the candidate, before it is let in.",
             _capture(change=_renamed(c_bar="c"))),
            ("candidate_under_c", "The candidate stands under c, too.",
             "c is the new cell state, i * c_bar + f * c_prev.",
             _capture(change=_renamed(c="c_bar"))),
            ("squashed_cell_kept", "tanh(c) stands under c.", "c itself; the tanh is for h.",
             _capture(change=lambda g: {**g, "c": g["c"].tanh()})),
            ("gates_through_sigmoid_twice", "f, i and o go through the sigmoid twice.",
             "Once, where the gate is made.",
             _capture(change=lambda g: {n: v.sigmoid() if n in "fio" else v
                                        for n, v in g.items()})),
            ("written_part_kept", "What is let in, i * c_bar, stands under c_bar.",
             "c_bar is the candidate alone.",
             _capture(change=lambda g: {**g, "c_bar": g["i"] * g["c_bar"]})),
            ("states_before_the_step", "c and h are those from before each step.", _KEEP,
             _capture(change=_late)),
            ("initial_states_included", "c and h have T + 1 rows: the zeros come first.", _KEEP,
             _capture(change=_with_start)),
            ("transposed", "Your tensors are (H, T); they should be (T, H).",
             "`torch.stack(rows)` of T vectors of H is (T, H).", _capture(change=_every(
                 lambda v: v.mT))),
            ("batch_axis_kept", "Your tensors are (T, 1, H).",
             "A batch of one text is a text: drop its axis.",
             _capture(change=_every(lambda v: v[:, None]))),
            ("last_step_only", "Only the last step is kept.", _KEEP,
             _capture(change=lambda g: _only_rows(g, slice(-1, None)))),
            ("last_step_only", "Only the last step is kept.", _KEEP,
             _capture(change=_every(lambda v: v[-1]))),
            ("first_step_only", "Only the first step is kept.",
             "Is the `return` inside the loop?",
             _capture(change=lambda g: _only_rows(g, slice(0, 1)))),
            ("last_step_repeated", "All rows hold the last step.",
             "Was one tensor written into at every step?",
             _capture(change=_every(lambda v: v[-1:].expand_as(v)))),
            ("last_id_not_read", "The last id is not read: T - 1 rows.",
             "All T ids are read. Nothing is asked for here, so nothing is shifted.",
             _capture(change=lambda g: _only_rows(g, slice(0, -1)))),
            ("mean_over_units", "You return means over the units.", "One number for every unit.",
             _capture(change=_every(lambda v: v.mean(1)))),
            ("reversed", "The rows come in reversed order.", "Row 0 belongs to ids[0].",
             _capture(change=_every(lambda v: v.flip(0)))),
            ("lstm_biases_missing", "The gates' biases b_* are not added.",
             "x_t U + h W + b, for each of the four.", _capture(biases=False)),
        )
    ),
    *(
        one
        for name in (*_language_model_loss.OF_THE_LOOP, "hidden_from_previous_cell",
                     "no_tanh_on_cell", "forget_gate_complemented", "output_gate_unused",
                     "tanh_stored_in_cell", "input_gate_coupled",)
        for one in _of_the_layer(name)
    ),
)  # fmt: skip
