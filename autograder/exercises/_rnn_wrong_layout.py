"""Where the RNN's weights stand, in one piece and in PyTorch's; known ways to misplace them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from autograder.checking.compare import UnreadableError
from autograder.checking.exercise import Misconception
from autograder.checking.values import Inputs, Value, describe
from autograder.exercises._layers_torch import wrong
from autograder.exercises._rnn import state_dict

BIASES = ("bias_ih_l0", "bias_hh_l0")

# --- stack_weights --------------------------------------------------------------------------------

_ORDER = "V needs its rows in the order in which x_t and h_prev are joined: x_t first."


def _blocks_alternate(U: Tensor, W: Tensor) -> Tensor:
    shared = min(len(U), len(W))
    pairs = torch.stack([U[:shared], W[:shared]], 1).flatten(0, 1)
    return torch.cat([pairs, U[shared:], W[shared:]])


STACK = (
    wrong("state_first", "W stands above U.", _ORDER, lambda U, W: torch.vstack([W, U])),
    wrong("w_transposed", "W is transposed.", "Nothing needs a transpose here.",
          lambda U, W: torch.vstack([U, W.mT])),
    wrong("u_transposed", "U is transposed.", "Nothing needs a transpose here.",
          lambda U, W: torch.vstack([U.mT, W])),
    wrong("u_and_w_transposed", "Both U and W are transposed.", "Nothing needs a transpose here.",
          lambda U, W: torch.vstack([U.mT, W.mT])),
    wrong("v_transposed", "V is transposed: it should have D + H rows and H columns.",
          "`[x_t, h_prev]` is (N, D + H), so V has to have D + H rows.",
          lambda U, W: torch.vstack([U, W]).mT),
    wrong("side_by_side", "U and W stand side by side; U should stand above W.",
          "Join along the rows, axis 0. Side by side they only fit where D = H.",
          lambda U, W: torch.hstack([U, W])),
    wrong("stacked_not_joined", "U and W lie behind one another, in a new axis.",
          "`torch.stack` makes a new axis and needs equal shapes; `torch.cat` joins.",
          lambda U, W: torch.stack([U, W])),
    wrong("added_not_joined", "U and W are added; they should stand one above the other.",
          "V has D + H rows.", lambda U, W: U + W),
    wrong("multiplied_not_joined", "U and W are multiplied; they should stand one above the other.",
          "V has D + H rows. Nothing is computed here, only put together.", lambda U, W: U @ W),
    wrong("state_part_left_out", "V holds U alone.", "V has D + H rows: W's are missing.",
          lambda U, W: U),
    wrong("state_part_twice", "V holds W twice and U not at all.", "U's D rows come first.",
          lambda U, W: torch.vstack([W, W])),
    wrong("state_part_zero", "The rows of W are all zero.", "Was nothing written there?",
          lambda U, W: torch.vstack([U, torch.zeros_like(W)])),
    wrong("rows_alternate", "The rows of U and W alternate.", _ORDER, _blocks_alternate),
    wrong("rows_reversed", "V is upside down.", _ORDER, lambda U, W: torch.vstack([U, W]).flip(0)),
)  # fmt: skip

# --- rnn_to_torch ---------------------------------------------------------------------------------


def entry(key: str) -> Callable[[Inputs, Value], Tensor]:
    """A view of one tensor of a state_dict."""

    def view(inputs: Inputs, value: Value) -> Tensor:
        return _one(value, key)

    return view


def both_biases(inputs: Inputs, value: Value) -> Tensor:
    """The sum of PyTorch's two biases, (H,), of a state_dict that nn.RNN loads.

    Raises UnreadableError where nn.RNN would not load it: another set of keys, another shape.
    """
    weights = inputs["U"]
    rnn = torch.nn.RNN(*weights.shape, dtype=weights.dtype)
    wanted = set(rnn.state_dict())
    first, second = (_one(value, key) for key in BIASES)
    if set(value) != wanted:
        more = ", ".join(f"`{key}`" for key in sorted(map(str, set(value) - wanted)))
        raise UnreadableError("wrong_keys", f"nn.RNN does not know {more}: four keys, no others.")
    for key, bias in zip(BIASES, (first, second), strict=True):
        shape = rnn.state_dict()[key].shape
        if bias.shape != shape:
            says = f"`{key}` should have shape {tuple(shape)}; yours has {tuple(bias.shape)}."
            raise UnreadableError("wrong_shape", says)
        if bias.dtype != weights.dtype:
            says = f"`{key}` should be of the same dtype as b; yours is {bias.dtype}."
            raise UnreadableError("wrong_dtype", says)
        if bias.device.type != "cpu" and bias.device != first.device:
            raise UnreadableError("wrong_device", "The two biases lie on different devices.")
    return first + second


def _one(value: Value, key: str) -> Tensor:
    if not isinstance(value, Mapping):
        says = f"What you return should be a dict of four tensors; yours is {describe(value)}."
        raise UnreadableError("wrong_type", says)
    if key not in value:
        keys = ", ".join(f"`{k}`" for k in value) or "none at all"
        raise UnreadableError("wrong_keys", f"nn.RNN misses `{key}`. Your keys are {keys}.")
    if not isinstance(value[key], Tensor):
        says = f"`{key}` should be a tensor; yours is {describe(value[key])}."
        raise UnreadableError("wrong_type", says)
    return value[key]


def _with(**change: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable[..., dict[str, Any]]:
    """PyTorch's state, some entries made of U, W, b in another way."""

    def answer(U: Tensor, W: Tensor, b: Tensor) -> dict[str, Any]:
        made = {f"{key}_l0": how(U, W, b) for key, how in change.items()}
        return state_dict(U, W, b) | made

    return answer


def _bias(name: str, says: str, first: float, second: float) -> Misconception:
    look = "nn.RNN adds its two biases. What must they add up to?"
    return wrong(name, says, look,
                 _with(bias_ih=lambda U, W, b: first * b,
                       bias_hh=lambda U, W, b: second * b))  # fmt: skip


_COLUMNS = "PyTorch computes `x @ weight_ih.T + h @ weight_hh.T`: its weights are ours, transposed."

TO_TORCH = (
    wrong("not_transposed", "U and W go over as they are; PyTorch keeps them transposed.", _COLUMNS,
          _with(weight_ih=lambda U, W, b: U, weight_hh=lambda U, W, b: W)),
    wrong("w_not_transposed", "W goes over as it is: it fits, and its rows are columns.", _COLUMNS,
          _with(weight_hh=lambda U, W, b: W)),
    wrong("u_not_transposed", "U goes over as it is; PyTorch keeps it transposed.", _COLUMNS,
          _with(weight_ih=lambda U, W, b: U)),
    wrong("reshaped_not_transposed", "U is reshaped; it should be transposed.",
          "The same shape, other places: `.T` turns rows into columns, `reshape` does not.",
          _with(weight_ih=lambda U, W, b: U.reshape(U.shape[1], U.shape[0]))),
    wrong("weights_swapped", "U and W have changed places.",
          "ih is from input to hidden, hh from hidden to hidden.",
          _with(weight_ih=lambda U, W, b: W.mT, weight_hh=lambda U, W, b: U.mT)),
    wrong("weights_swapped", "U and W have changed places, and they are not transposed either.",
          "ih is from input to hidden, hh from hidden to hidden.",
          _with(weight_ih=lambda U, W, b: W, weight_hh=lambda U, W, b: U)),
    _bias("bias_twice", "Both of PyTorch's biases are b: together they are 2 b.", 1, 1),
    _bias("bias_left_out", "The two biases add up to nothing: b is gone.", 0, 0),
    _bias("bias_halved", "The two biases add up to half of b.", 0.5, 0),
    _bias("bias_negated", "The two biases add up to -b.", -1, 0),
    wrong("bias_left_out_and_not_transposed", "b is gone, and nothing is transposed.",
          f"{_COLUMNS} And b has to go somewhere.",
          _with(weight_ih=lambda U, W, b: U, weight_hh=lambda U, W, b: W,
                bias_ih=lambda U, W, b: 0 * b)),
    wrong("weights_negated", "The weights have changed their sign.", _COLUMNS,
          _with(weight_ih=lambda U, W, b: -U.mT, weight_hh=lambda U, W, b: -W.mT)),
)  # fmt: skip
