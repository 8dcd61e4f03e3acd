"""Answers to `capture_gates`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_04_language_model_parts import (
    Model,
    nothing,
    run,
    step,
    torch_lstm,
)

bank = Bank()
wrong, right = bank.wrong, bank.right
C = "capture_gates"
NAMES = ("f", "i", "o", "c_bar", "c", "h")


def capture(ids: Tensor, model: Model, **rest: Any) -> Any:
    """The right answer with parts exchanged."""
    (h, c), kept = nothing(model), []
    letters, carry = (
        rest.get("letters", {}),
        rest.get("carry", lambda now, h, c: (now["h"], now["c"])),
    )
    for e in model["E"][ids]:
        now = step(e[None], h, c, model, **letters)
        kept.append(rest.get("keep", lambda now, h, c: now)(now, h, c))
        h, c = carry(now, h, c)
    return {name: torch.cat([one[name] for one in kept]) for name in NAMES}


@right(C)
def plainly(ids: Tensor, model: Model) -> Any:
    return capture(ids, model)


@right(C)
def more_than_asked(ids: Tensor, model: Model) -> Any:
    """The sums, too, under names of their own."""
    found = capture(ids, model)
    print("kept", len(found))
    return {"steps": len(ids), **dict(reversed(found.items())), "f_again": found["f"]}


@right(C)
def states_first_then_gates(ids: Tensor, model: Model) -> Any:
    """First h and c of all steps, then all gates at once."""
    h, c = run(ids[:, None], nothing(model), model)
    before = torch.cat([torch.zeros_like(h[:1]), h[:-1]])[:, 0]
    e = model["E"][ids]

    def total(g: str) -> Tensor:
        return e @ model[f"U_{g}"] + before @ model[f"W_{g}"] + model[f"b_{g}"]

    gates = {g: torch.sigmoid(total(g)) for g in "fio"}
    return {**gates, "c_bar": torch.tanh(total("c")), "c": c[:, 0], "h": h[:, 0]}


@right(C)
def vectors_filled_in(ids: Tensor, model: Model) -> Any:
    H = model["V"].shape[0]
    found = {name: model["d"].new_zeros(len(ids), H) for name in NAMES}
    h = c = model["d"].new_zeros(H)
    for t, e in enumerate(model["E"][ids]):
        now = step(e, h, c, model)
        h, c = now["h"], now["c"]
        for name in NAMES:
            found[name][t] = now[name]
    return found


@right(C)
def not_contiguous(ids: Tensor, model: Model) -> Any:
    return {name: value.T.contiguous().T for name, value in capture(ids, model).items()}


def _then(change: Any) -> Any:
    return lambda ids, model: change(capture(ids, model))


def _each(change: Any) -> Any:
    return _then(lambda found: {name: change(value) for name, value in found.items()})


def _named(**names: str) -> Any:
    return _then(lambda found: {name: found[names.get(name, name)] for name in found})


def _kept(**names: str) -> Any:
    return lambda ids, model: capture(
        ids, model, keep=lambda now, h, c: {**now, **{a: now[b] for a, b in names.items()}}
    )


def _late(v: Tensor) -> Tensor:
    return torch.cat([torch.zeros_like(v[:1]), v[:-1]])


bank.wrong_ones(
    C,
    ("f_under_i", "f_and_i_swapped", "i, f = ...", _named(f="i", i="f")),
    ("f_under_o", "f_and_o_swapped", "o, f = ...", _named(f="o", o="f")),
    ("i_under_o", "i_and_o_swapped", "o, i = ...", _named(i="o", o="i")),
    ("torch_order", "o_and_c_bar_swapped", "i, f, g, o read as i, f, o, g.",
     _named(o="c_bar", c_bar="o")),
    ("i_under_c_bar", "i_and_c_bar_swapped", "Mixed up.", _named(i="c_bar", c_bar="i")),
    ("f_under_c_bar", "f_and_c_bar_swapped", "Mixed up.", _named(f="c_bar", c_bar="f")),
    ("c_under_h", "c_and_h_swapped", "(c, h).", _named(c="h", h="c")),
    ("candidate_is_c", "c_bar_and_c_swapped", "c_bar for c.", _named(c_bar="c", c="c_bar")),
    ("c_for_h", "cell_under_h", "c twice.", _named(h="c")),
    ("h_for_c", "hidden_under_c", "h twice.", _named(c="h")),
    ("c_for_c_bar", "cell_under_c_bar", "c for c_bar.", _named(c_bar="c")),
    ("c_bar_for_c", "candidate_under_c", "c_bar for c.", _named(c="c_bar")),
    ("weights_i_f", "weights_of_f_and_i_exchanged", "U_i makes f.",
     lambda ids, model: capture(ids, model, letters={"f": "i", "i": "f"})),
    ("weights_o_c", "weights_of_c_and_o_exchanged", "PyTorch's order misread.",
     lambda ids, model: capture(ids, model, letters={"c": "o", "o": "c"})),
    ("weights_f_o", "weights_of_f_and_o_exchanged", "U_o makes f.",
     lambda ids, model: capture(ids, model, letters={"f": "o", "o": "f"})),
    ("sums", "sums_captured", "Keeps them before the activation.",
     _kept(f="z_f", i="z_i", o="z_o", c_bar="z_c")),
    ("tanh_c", "squashed_cell_kept", "tanh(c), as in h.",
     _then(lambda v: {**v, "c": v["c"].tanh()})),
    ("sigmoid_twice", "gates_through_sigmoid_twice", "Once more, when it is kept.",
     _then(lambda v: {n: w.sigmoid() if n in "fio" else w for n, w in v.items()})),
    ("let_in", "written_part_kept", "i * c_bar is what counts.",
     _then(lambda v: {**v, "c_bar": v["i"] * v["c_bar"]})),
    ("before", "states_before_the_step", "Keeps h and c before it steps.",
     _then(lambda v: {**v, "h": _late(v["h"]), "c": _late(v["c"])})),
    ("with_zeros", "initial_states_included", "hs = [h0].",
     _then(lambda v: {**v, **{n: torch.cat([v[n][:1] * 0, v[n]]) for n in "ch"}})),
    ("turned", "transposed", "stack(dim=1).", _each(lambda v: v.T)),
    ("batch_kept", "batch_axis_kept", "stack of (1, H).", _each(lambda v: v[:, None])),
    ("last_row", "last_step_only", "Overwrites.", _each(lambda v: v[-1])),
    ("last_rows", "last_step_only", "Appends after the loop.", _each(lambda v: v[-1:])),
    ("first_row", "first_step_only", "return in the loop.", _each(lambda v: v[:1])),
    ("same_row", "last_step_repeated", "One tensor, appended T times.",
     _each(lambda v: v[-1:].repeat(len(v), 1))),
    ("without_last", "last_id_not_read", "x = ids[:-1].", _each(lambda v: v[:-1])),
    ("means", "mean_over_units", "A curve for each gate.", _each(lambda v: v.mean(1))),
    ("backwards", "reversed", "insert(0, ...).", _each(lambda v: v.flip(0))),
    ("no_bias", "lstm_biases_missing", "The slides have none.",
     lambda ids, model: capture(
         ids, {n: w * 0 if n.startswith("b_") else w for n, w in model.items()})),
    ("reset", "states_not_carried", "Zeros at every character.",
     lambda ids, model: capture(ids, model, carry=lambda now, h, c: (h, c))),
    ("c_stays", "cell_not_carried", "Never assigns c.",
     lambda ids, model: capture(ids, model, carry=lambda now, h, c: (now["h"], c))),
    ("h_stays", "hidden_not_carried", "Never assigns h.",
     lambda ids, model: capture(ids, model, carry=lambda now, h, c: (h, now["c"]))),
    ("gates_only", "wrong_type", "Leaves out the states.",
     _then(lambda v: {n: v[n] for n in NAMES[:4]})),
    ("named_g", "wrong_type", "PyTorch's name for the candidate.",
     _then(lambda v: {"g" if n == "c_bar" else n: w for n, w in v.items()})),
    ("a_tuple", "wrong_type", "Six tensors.", _then(lambda v: tuple(v.values()))),
    ("lists", "wrong_type", "Lists of rows.", _each(lambda v: list(v))),
    ("single_precision", "wrong_dtype", "float().", _each(lambda v: v.float())),
    ("nothing_returned", "nothing_returned", "Forgets to return.",
     lambda ids, model: capture(ids, model) and None),
    ("wrong_width", "sizes_do_not_fit", "zeros of D for a state.",
     lambda ids, model: step(model["E"][ids], model["E"][ids], model["E"][ids], model)),
)  # fmt: skip


@wrong(C, "wrong_device")
def table_on_the_cpu(ids: Tensor, model: Model) -> Any:
    """Fills tables made without a device."""
    found = capture(ids, model)
    tables = {}
    for name, value in found.items():
        tables[name] = torch.zeros(value.shape, dtype=value.dtype)
        tables[name][:] = value
    return tables


@wrong(C, "input_changed")
def adds_the_biases_up(ids: Tensor, model: Model) -> Any:
    """Puts its own weights beside the model's."""
    found = capture(ids, model)
    model["state"] = found["h"][-1]
    return found


@wrong(C, "forbidden_call")
def kernel_for_the_states(ids: Tensor, model: Model) -> Any:
    """h and c from PyTorch, the gates by hand."""
    h, state, cs = [], nothing(model), []
    for id_ in ids.split(1):
        _, a, b = torch_lstm(id_[None], state, model)
        state = a[0], b[0]
        h.append(a[0])
        cs.append(b[0])
    found = capture(ids, model)
    return {**found, "h": torch.cat(h), "c": torch.cat(cs)}
