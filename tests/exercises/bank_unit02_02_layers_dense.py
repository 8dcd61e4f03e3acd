"""Answers to the linear layer and the activations."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tests.exercises.answer_bank import Bank

bank = Bank()


def in_place(dy: Any, x: Any) -> Any:
    dy *= x > 0
    return dy.copy()


def stub(*_: Any) -> Any:
    raise NotImplementedError("write this")


bank.right_ones(
    "linear_forward",
    matmul=lambda x, w, b: x @ w + b,
    einsum=lambda x, w, b: np.einsum("nd,dm->nm", x, w) + b,
    rows=lambda x, w, b: np.stack([row.dot(w) + b for row in x]),
    fortran=lambda x, w, b: np.asfortranarray(np.add(np.matmul(x, w), b[None])),
)
bank.wrong_ones(
    "linear_forward",
    ("no_bias", "bias_missing", "Forgets b.", lambda x, w, b: x @ w),
    ("minus", "bias_subtracted", "A sign.", lambda x, w, b: x @ w - b),
    ("bias_per_product", "bias_twice", "Adds b twice.", lambda x, w, b: x @ w + b + b),
    ("activated", "relu_applied", "Adds a ReLU.", lambda x, w, b: np.maximum(x @ w + b, 0)),
    ("averaged", "mean_over_features", "A mean for the sum.",
     lambda x, w, b: x @ w / x.shape[1] + b),
    ("bias_shared", "bias_scaled_by_rows", "Spreads b over the rows.",
     lambda x, w, b: x @ w + b / len(x)),
    ("elementwise", "elementwise_sizes_differ", "A star for an at.", lambda x, w, b: x * w + b),
    ("pytorch_layout", "weights_transposed", "Transposes w.", lambda x, w, b: x @ w.T + b),
    ("summed", "wrong_shape", "Adds everything up.", lambda x, w, b: (x @ w + b).sum(1)),
    ("turned", "wrong_shape", "Returns it lying on its side.", lambda x, w, b: (x @ w + b).T),
    ("torch", "forbidden_call", "Lets PyTorch do it.",
     lambda x, w, b: (torch.tensor(x) @ torch.tensor(w)).numpy() + b),
    ("stub", "not_started", "Nothing yet.", stub),
)  # fmt: skip


def linear_backward(dy: Any, x: Any, w: Any) -> Any:
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)


def changed(**parts: Any) -> Any:
    """The right three with some of them exchanged."""

    def answer(dy: Any, x: Any, w: Any) -> Any:
        right = dict(zip(("dx", "dw", "db"), linear_backward(dy, x, w), strict=True))
        right.update({name: make(dy, x, w) for name, make in parts.items()})
        return tuple(right.values())

    return answer


bank.right_ones(
    "linear_backward",
    plain=linear_backward,
    einsum=lambda dy, x, w: (
        np.einsum("nm,dm->nd", dy, w),
        np.einsum("nd,nm->dm", x, dy),
        np.einsum("nm->m", dy),
    ),
    row_by_row=lambda dy, x, w: [
        np.stack([w @ row for row in dy]),
        sum(np.outer(a, g) for a, g in zip(x, dy, strict=True)),
        np.add.reduce(dy),
    ],
    with_ones=lambda dy, x, w: (dy @ w.T, (dy.T @ x).T, np.ones(len(dy)) @ dy),
)
bank.wrong_ones(
    "linear_backward",
    ("db_mean", "db_averaged", "A mean.", changed(db=lambda dy, x, w: dy.mean(0))),
    ("dw_mean", "dw_averaged", "Divides by N.", changed(dw=lambda dy, x, w: x.T @ dy / len(dy))),
    ("both_mean", "averaged", "Divides both.",
     changed(dw=lambda dy, x, w: x.T @ dy / len(dy), db=lambda dy, x, w: dy.mean(0))),
    ("db_axis", "db_over_the_wrong_axis", "Adds along the rows.",
     changed(db=lambda dy, x, w: dy.sum(1))),
    ("dw_turned", "dw_transposed", "dy and x the other way round.",
     changed(dw=lambda dy, x, w: dy.T @ x)),
    ("sign", "negated", "Descends already.",
     lambda dy, x, w: tuple(-part for part in linear_backward(dy, x, w))),
    ("one_row", "db_of_one_row", "Takes the first row.", changed(db=lambda dy, x, w: dy[0])),
    ("spread", "dx_is_dy_summed", "Forgets w.",
     changed(dx=lambda dy, x, w: np.repeat(dy.sum(1, keepdims=True), x.shape[1], 1))),
    ("w_first", "order_changed", "Another order.",
     lambda dy, x, w: (x.T @ dy, dy @ w.T, dy.sum(0))),
    ("only_two", "wrong_type", "Forgets db.", lambda dy, x, w: (dy @ w.T, x.T @ dy)),
    ("kept_axis", "wrong_shape", "keepdims.",
     changed(db=lambda dy, x, w: dy.sum(0, keepdims=True))),
    ("w_untransposed", "dx_with_w_untransposed", "Forgets the transpose.",
     changed(dx=lambda dy, x, w: dy @ w)),
)  # fmt: skip

bank.right_ones(
    "relu_backward",
    mask=lambda dy, x: dy * (x > 0),
    where=lambda dy, x: np.where(x > 0, dy, 0),
    assigned=lambda dy, x: np.where(x <= 0, 0.0, dy.copy()),
    sign=lambda dy, x: dy * np.maximum(np.sign(x), 0),
)
bank.wrong_ones(
    "relu_backward",
    ("on_dy", "mask_on_the_gradient", "Masks dy by dy.", lambda dy, x: dy * (dy > 0)),
    ("at_zero", "open_at_zero", "Takes 0 in.", lambda dy, x: dy * (x >= 0)),
    ("no_mask", "mask_missing", "Passes all.", lambda dy, x: dy.copy()),
    ("other_side", "mask_reversed", "The other half.", lambda dy, x: dy * (x <= 0)),
    ("twice", "relu_of_the_gradient", "A ReLU on top.",
     lambda dy, x: np.maximum(dy * (x > 0), 0)),
    ("no_dy", "mask_alone", "Forgets dy.", lambda dy, x: (x > 0).astype(float)),
    ("times_x", "input_for_slope", "The value for the slope.", lambda dy, x: dy * np.maximum(x, 0)),
    ("minus", "negated", "A sign.", lambda dy, x: -dy * (x > 0)),
    ("half", "half_at_zero", "Takes the middle.", lambda dy, x: dy * np.heaviside(x, 0.5)),
    ("boolean", "mask_alone", "Returns the mask itself.", lambda dy, x: x > 0),
    ("writes_into_dy", "input_changed", "Writes into dy.", in_place),
    ("nothing", "nothing_returned", "Forgets to return.", lambda dy, x: None),
    ("torch", "forbidden_call", "Lets PyTorch do it.",
     lambda dy, x: torch.where(torch.tensor(x) > 0, torch.tensor(dy), 0.0).numpy()),
)  # fmt: skip

bank.right_ones(
    "tanh_backward",
    plain=lambda dy, y: dy * (1 - y**2),
    factors=lambda dy, y: dy * (1 - y) * (1 + y),
    subtracted=lambda dy, y: dy - dy * np.square(y),
    via_cosh=lambda dy, y: dy / np.cosh(np.arctanh(y)) ** 2,
)
bank.wrong_ones(
    "tanh_backward",
    ("again", "activated_again", "tanh of y.", lambda dy, y: dy * (1 - np.tanh(y) ** 2)),
    ("no_brackets", "brackets_missing", "dy * 1 - y².", lambda dy, y: dy * 1 - y**2),
    ("no_square", "square_missing", "Forgets the square.", lambda dy, y: dy * (1 - y)),
    ("input", "input_for_output", "1 - z².", lambda dy, y: dy * (1 - np.arctanh(y) ** 2)),
    ("sigmoid", "sigmoid_for_tanh", "The other slope.", lambda dy, y: dy * y * (1 - y)),
    ("no_slope", "slope_missing", "Passes all.", lambda dy, y: dy.copy()),
    ("no_dy", "slope_alone", "Forgets dy.", lambda dy, y: 1 - y**2),
    ("plus", "plus_for_minus", "1 + y².", lambda dy, y: dy * (1 + y**2)),
    ("minus", "negated", "y² - 1.", lambda dy, y: dy * (y**2 - 1)),
    ("times_y", "activated", "The value for the slope.", lambda dy, y: dy * y),
    ("root", "slope_rooted", "A root too many.", lambda dy, y: dy * np.sqrt(1 - y**2)),
)  # fmt: skip

bank.right_ones(
    "sigmoid_backward",
    plain=lambda dy, y: dy * y * (1 - y),
    squared=lambda dy, y: dy * (y - y**2),
    quarter=lambda dy, y: dy * (0.25 - (y - 0.5) ** 2),
    np_functions=lambda dy, y: np.multiply(np.multiply(dy, y), np.subtract(1, y)),
)
bank.wrong_ones(
    "sigmoid_backward",
    ("again", "activated_again", "A sigmoid of y.",
     lambda dy, y: dy / (1 + np.exp(-y)) * (1 - 1 / (1 + np.exp(-y)))),
    ("tanh", "tanh_for_sigmoid", "The other slope.", lambda dy, y: dy * (1 - y**2)),
    ("times_y", "one_minus_missing", "Half of it.", lambda dy, y: dy * y),
    ("times_rest", "output_missing", "The other half.", lambda dy, y: dy * (1 - y)),
    ("no_slope", "slope_missing", "Passes all.", lambda dy, y: dy.copy()),
    ("no_dy", "slope_alone", "Forgets dy.", lambda dy, y: y * (1 - y)),
    ("plus", "plus_for_minus", "y (1 + y).", lambda dy, y: dy * y * (1 + y)),
    ("minus", "negated", "y² - y.", lambda dy, y: dy * (y**2 - y)),
    ("squared", "slope_squared", "Squares it.", lambda dy, y: dy * (y * (1 - y)) ** 2),
    ("input", "input_for_output", "z (1 - z).",
     lambda dy, y: dy * np.log(y / (1 - y)) * (1 - np.log(y / (1 - y)))),
)  # fmt: skip
