"""Known wrong answers of the two exercises that map the slides' weights to PyTorch's and back."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._lstm import WEIGHTS, Params, lay_out, take_apart

_ORDER = "PyTorch stacks the gates as i, f, g, o; its g is the slides' candidate C̄."
_TURN = "PyTorch keeps weight_ih as (4H, D) and multiplies by its transpose; U_* is (D, H)."

#: Other orders of the gates: (name, order, what it is).
_ORDERS = (
    ("order_f_i_c_o", ("f", "i", "c", "o"), "f, i, C̄, o, as the course lists them"),
    ("order_f_c_i_o", ("f", "c", "i", "o"), "f, C̄, i, o, as the slides list them"),
    ("order_i_f_o_c", ("i", "f", "o", "c"), "i, f, o, C̄: candidate and output exchanged"),
    ("order_c_f_i_o", ("c", "f", "i", "o"), "C̄, f, i, o: the alphabet's"),
    ("order_i_c_f_o", ("i", "c", "f", "o"), "i, C̄, f, o: candidate and forget exchanged"),
)


def _side_by_side(params: Params) -> tuple[Tensor, Tensor]:
    """The four weights beside one another, (D, 4H) and (H, 4H): not turned."""
    ih, hh = lay_out(params)
    return ih.mT.contiguous(), hh.mT.contiguous()


def _reshaped(params: Params) -> tuple[Tensor, Tensor]:
    ih, hh = _side_by_side(params)
    return ih.reshape(ih.shape[1], -1), hh.reshape(hh.shape[1], -1)


def _blocks_reshaped(params: Params) -> tuple[Tensor, Tensor]:
    """Each block reshaped to (H, D), then stacked."""
    ih, hh = (
        torch.cat([params[f"{k}_{g}"].reshape(params[f"{k}_{g}"].mT.shape) for g in "ifco"])
        for k in ("U", "W")
    )
    return ih, hh


def _stacked_as_they_are(params: Params) -> tuple[Tensor, Tensor]:
    """Stacked downwards without a transpose: (4D, H) and (4H, H)."""
    ih, hh = (
        torch.cat([params[f"{kind}_{letter}"] for letter in "ifco"], 0) for kind in ("U", "W")
    )
    return ih, hh


def _state_unturned(params: Params) -> tuple[Tensor, Tensor]:
    """Only the U_* are transposed: the W_* fit without it."""
    return lay_out(params)[0], _stacked_as_they_are(params)[1]


def _interleaved(params: Params) -> tuple[Tensor, Tensor]:
    """Row 0 of every gate, then row 1 of every gate …"""
    ih, hh = (w.unflatten(0, (4, -1)).transpose(0, 1).flatten(0, 1) for w in lay_out(params))
    return ih, hh


def _in_the_dicts_order(params: Params) -> tuple[Tensor, Tensor]:
    """The four U_* and the four W_* as the dict lists them."""
    ih, hh = (torch.cat([w.mT for n, w in params.items() if n[0] == kind]) for kind in "UW")
    return ih, hh


TO_TORCH: tuple[Misconception, ...] = (
    *(
        Misconception(
            name,
            f"The gates are stacked in the order {what}.",
            _ORDER,
            lambda params, _order=order: lay_out(params, _order),
        )
        for name, order, what in _ORDERS
    ),
    Misconception(
        "not_transposed", "The weights stand side by side, not transposed.", _TURN, _side_by_side
    ),
    Misconception(
        "reshaped_for_transposed",
        "The shape is right, but it came from reshape: the numbers are in other places.",
        "`reshape` keeps the order of the numbers in memory; `.T` exchanges rows and columns.",
        _reshaped,
    ),
    Misconception(
        "reshaped_for_transposed",
        "The shape is right, but it came from reshape: the numbers are in other places.",
        "`reshape` keeps the order of the numbers in memory; `.T` exchanges rows and columns.",
        _blocks_reshaped,
    ),
    *(
        Misconception(
            name,
            f"Both tensors are made from the {what}.",
            "weight_ih is made from the U_*, weight_hh from the W_*.",
            lambda params, _which=which: (lay_out(params)[_which],) * 2,
        )
        for name, what, which in (
            ("input_weights_twice", "U_*", 0),
            ("hidden_weights_twice", "W_*", 1),
        )
    ),
    *(
        Misconception(
            "one_block_repeated",
            f"One gate fills all four blocks: {letter}.",
            "Each block holds its own gate: i, f, g, o.",
            lambda params, _letter=letter: lay_out(params, (_letter,) * 4),
        )
        for letter in "ifco"
    ),
    Misconception(
        "keys_by_position",
        "The gates are stacked in the order in which the dict lists them; it is not promised.",
        "Take each weight by its name, in PyTorch's order i, f, g, o.",
        _in_the_dicts_order,
    ),
    Misconception(
        "rows_reversed",
        "The rows stand in reversed order.",
        _ORDER,
        lambda params: tuple(w.flip(0) for w in lay_out(params)),
    ),
    Misconception(
        "stacked_untransposed",
        "The weights are stacked downwards without being transposed.",
        _TURN,
        _stacked_as_they_are,
    ),
    Misconception(
        "stacked_untransposed",
        "The W_* are stacked downwards without being transposed.",
        "Square as they are, they fit either way: PyTorch keeps weight_hh turned, too.",
        _state_unturned,
    ),
    Misconception(
        "gates_interleaved",
        "The rows of the four gates alternate; each gate should be one block of H rows.",
        _ORDER,
        _interleaved,
    ),
    Misconception(
        "outputs_swapped",
        "weight_ih and weight_hh have changed places.",
        "weight_ih multiplies the input: it is made from the U_*.",
        lambda params: lay_out(params)[::-1],
    ),
)


def _unturned(weight_ih: Tensor, weight_hh: Tensor) -> dict[str, Tensor]:
    return {name: w.mT for name, w in take_apart(weight_ih, weight_hh).items()}


def _state_left_unturned(weight_ih: Tensor, weight_hh: Tensor) -> dict[str, Tensor]:
    right = take_apart(weight_ih, weight_hh)
    return {name: w.mT if name[0] == "W" else w for name, w in right.items()}


def _read_reshaped(weight_ih: Tensor, weight_hh: Tensor) -> dict[str, Tensor]:
    return {name: w.mT.reshape(w.shape) for name, w in take_apart(weight_ih, weight_hh).items()}


def _read_interleaved(weight_ih: Tensor, weight_hh: Tensor) -> dict[str, Tensor]:
    ih, hh = (w.unflatten(0, (-1, 4)).transpose(0, 1).flatten(0, 1) for w in (weight_ih, weight_hh))
    return take_apart(ih, hh)


def _kinds_swapped(weight_ih: Tensor, weight_hh: Tensor) -> dict[str, Tensor]:
    right = take_apart(weight_ih, weight_hh)
    return {name: right[f"{'W' if name[0] == 'U' else 'U'}{name[1:]}"] for name in WEIGHTS}


TO_SLIDES: tuple[Misconception, ...] = (
    *(
        Misconception(
            name,
            f"The blocks are read in the order {what}.",
            _ORDER,
            lambda weight_ih, weight_hh, _order=order: take_apart(weight_ih, weight_hh, _order),
        )
        for name, order, what in _ORDERS
    ),
    Misconception(
        "not_transposed", "The blocks are right, but not transposed back.", _TURN, _unturned
    ),
    Misconception(
        "not_transposed",
        "The blocks of weight_hh are right, but not transposed back.",
        "Square as they are, they fit either way: PyTorch keeps weight_hh turned, too.",
        _state_left_unturned,
    ),
    Misconception(
        "reshaped_for_transposed",
        "The shapes are right, but they came from reshape: the numbers are in other places.",
        "`reshape` keeps the order of the numbers in memory; `.T` exchanges rows and columns.",
        _read_reshaped,
    ),
    Misconception(
        "gates_interleaved",
        "Every fourth row was taken for a gate; each gate is one block of H rows.",
        _ORDER,
        _read_interleaved,
    ),
    *(
        Misconception(
            "one_block_repeated",
            f"All four gates were read from one block: number {block}, counted from 0.",
            "Each gate is a block of its own: rows 0 to H, H to 2H, 2H to 3H, 3H to 4H.",
            lambda weight_ih, weight_hh, _block=block: take_apart(
                weight_ih.chunk(4)[_block].repeat(4, 1), weight_hh.chunk(4)[_block].repeat(4, 1)
            ),
        )
        for block in range(4)
    ),
    *(
        Misconception(
            name,
            f"Everything was read from {what}.",
            "The U_* come from weight_ih, the W_* from weight_hh.",
            answer,
        )
        for name, what, answer in (
            ("input_weights_twice", "weight_ih", lambda ih, hh: take_apart(ih, ih)),
            ("hidden_weights_twice", "weight_hh", lambda ih, hh: take_apart(hh, hh)),
        )
    ),
    Misconception(
        "weights_swapped",
        "U_* and W_* have changed places.",
        "weight_ih multiplies the input: it holds the U_*. weight_hh holds the W_*.",
        _kinds_swapped,
    ),
)
