"""Wrong and right answers to the exercises of unit 2's first notebook."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tests.exercises.answer_bank import Answer, Bank
from tests.exercises.bank_unit02_01_autograd_values import bank as right_values
from tests.exercises.bank_unit02_01_autograd_values_wrong import bank as wrong_values

bank = Bank()


def peel(grad: Any, shape: Any) -> Any:
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


def all_at_once(grad: Any, shape: Any) -> Any:
    extra = grad.ndim - len(shape)
    padded = (1,) * extra + tuple(shape)
    axes = tuple(i for i, (big, small) in enumerate(zip(grad.shape, padded, strict=True))
                 if big != small)  # fmt: skip
    return grad.sum(axis=axes, keepdims=True).reshape(shape)


def leading_only(grad: Any, shape: Any) -> Any:
    return grad.sum(axis=tuple(range(grad.ndim - len(shape))))


def first_copies(grad: Any, shape: Any) -> Any:
    grad = grad[(0,) * (grad.ndim - len(shape))]
    return np.array(grad[tuple(slice(0, n) for n in shape)])


def averaged(grad: Any, shape: Any) -> Any:
    return peel(grad, shape) * np.prod(shape) / grad.size


bank.right_ones(
    "unbroadcast",
    peel=peel,
    all_at_once=all_at_once,
    einsum_like=lambda grad, shape: all_at_once(np.array(grad, order="F"), list(shape)),
    numbers_for_scalars=lambda grad, shape: float(grad.sum()) if shape == () else peel(grad, shape),
)
bank.wrong_ones(
    "unbroadcast",
    ("mean", "mean_for_sum", "A mean.", averaged),
    ("first", "one_copy_for_all", "Takes one copy.", first_copies),
    ("leading", "wrong_shape", "Forgets the axes of size 1.", leading_only),
    ("leading_then_first", "axes_of_size_one_not_summed", "Sums in front, slices the rest.",
     lambda grad, shape: leading_only(grad, shape)[tuple(slice(0, n) for n in shape)]),
    ("inner", "leading_axes_not_summed", "Takes the first in front, sums the rest.",
     lambda grad, shape: peel(np.array(grad[(0,) * (grad.ndim - len(shape))]), shape)),
    ("everything", "everything_everywhere", "Sums all.",
     lambda grad, shape: np.full(shape, grad.sum())),
    ("untouched", "wrong_shape", "Returns it as it came.", lambda grad, shape: grad.copy()),
    ("keeps_axes", "wrong_shape", "keepdims everywhere.",
     lambda grad, shape: grad.sum(tuple(range(grad.ndim - len(shape))), keepdims=True)),
    ("drops_axes", "wrong_shape", "No keepdims.",
     lambda grad, shape: np.squeeze(peel(grad, shape))),
    ("minus", "sign_changed", "A sign.", lambda grad, shape: -peel(grad, shape)),
    ("counts", "ones_for_the_gradient", "Counts the copies.",
     lambda grad, shape: peel(np.ones_like(grad), shape)),
    ("reshapes", "raised", "reshape.", lambda grad, shape: grad.reshape(shape)),
    ("torch", "forbidden_call", "Lets PyTorch do it.",
     lambda grad, shape: torch.from_numpy(grad).sum_to_size(shape).numpy()),
)  # fmt: skip

WRONG: list[Answer] = [*wrong_values.wrong_answers, *bank.wrong_answers]
RIGHT: list[Answer] = [*right_values.right_answers, *bank.right_answers]
