"""Answers to `receptive_field`."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import torch
from torch import nn

from tests.exercises.answer_bank import Bank

bank = Bank()
FIELD = "receptive_field"
Layers = list[tuple[int, int]]


@bank.right(FIELD)
def forward_walk(layers: Layers) -> int:
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


@bank.right(FIELD)
def backward_walk(layers: Layers) -> int:
    field = 1
    for kernel, stride in layers[::-1]:
        field = (field - 1) * stride + kernel
    return field


@bank.right(FIELD)
def recursive(layers: Layers) -> int:
    if not layers:
        return 1
    (kernel, stride), *rest = layers
    return (recursive(rest) - 1) * stride + kernel


@bank.right(FIELD)
def folded(layers: Layers) -> int:
    return functools.reduce(lambda r, one: (r - 1) * one[1] + one[0], reversed(layers), 1)


@bank.right(FIELD)
def by_numpy(layers: Layers) -> Any:
    kernels, strides = np.array(layers).T
    jumps = np.concatenate([[1], np.cumprod(strides)[:-1]])
    print("jumps", jumps)
    return 1 + np.sum((kernels - 1) * jumps)


@bank.wrong(FIELD, "stride_ignored")
def no_stride(layers: Layers) -> int:
    """Adds k - 1 for each layer, as in the first drawing of the lecture."""
    return 1 + sum(kernel - 1 for kernel, _ in layers)


@bank.wrong(FIELD, "stride_before_its_own_layer")
def jump_first(layers: Layers) -> int:
    """Swaps the two lines of the loop."""
    field, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        field += (kernel - 1) * jump
    return field


@bank.wrong(FIELD, "own_stride_only")
def without_product(layers: Layers) -> int:
    """Weighs each kernel with the stride beside it."""
    return 1 + sum((kernel - 1) * stride for kernel, stride in layers)


@bank.wrong(FIELD, "strides_not_multiplied")
def stride_of_the_layer_before(layers: Layers) -> int:
    """`jump = stride` for `jump *= stride`."""
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump = stride
    return field


@bank.wrong(FIELD, "strides_added")
def jump_plus(layers: Layers) -> int:
    """`jump += stride`."""
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump += stride
    return field


@bank.wrong(FIELD, "one_not_subtracted")
def whole_kernels(layers: Layers) -> int:
    """Forgets that windows overlap."""
    field, jump = 0, 1
    for kernel, stride in layers:
        field += kernel * jump
        jump *= stride
    return field


@bank.wrong(FIELD, "one_not_subtracted")
def whole_kernels_and_one(layers: Layers) -> int:
    """The same, starting from one."""
    return whole_kernels(layers) + 1


@bank.wrong(FIELD, "first_place_missing")
def from_zero(layers: Layers) -> int:
    """Starts counting at 0."""
    return forward_walk(layers) - 1


@bank.wrong(FIELD, "kernels_multiplied")
def product(layers: Layers) -> int:
    """Three times three is nine."""
    return math.prod(kernel for kernel, _ in layers)


@bank.wrong(FIELD, "kernels_added")
def sum_of_kernels(layers: Layers) -> int:
    """Three and three is six."""
    return sum(kernel for kernel, _ in layers)


@bank.wrong(FIELD, "layers_reversed")
def from_the_wrong_end(layers: Layers) -> int:
    """Walks from the output on with the formula for the input."""
    return forward_walk(layers[::-1])


@bank.wrong(FIELD, "kernel_and_stride_swapped")
def stride_first(layers: Layers) -> int:
    """Unpacks the pairs the other way round."""
    return forward_walk([(kernel, stride) for stride, kernel in layers])


@bank.wrong(FIELD, "step_returned")
def returns_the_jump(layers: Layers) -> int:
    """Returns the other number."""
    return math.prod(stride for _, stride in layers)


@bank.wrong(FIELD, "last_layer_missing")
def one_layer_short(layers: Layers) -> int:
    """`range(len(layers) - 1)`."""
    return forward_walk(layers[:-1])


@bank.wrong(FIELD, "wrong_type")
def both_numbers(layers: Layers) -> Any:
    """Returns field and jump."""
    return forward_walk(layers), math.prod(stride for _, stride in layers)


@bank.wrong(FIELD, "wrong_shape")
def one_number_a_layer(layers: Layers) -> Any:
    """Returns the fields of all layers."""
    return np.array([forward_walk(layers[: n + 1]) for n in range(len(layers))])


@bank.wrong(FIELD, "nothing_returned")
def no_return(layers: Layers) -> None:
    """Forgets to return."""
    forward_walk(layers)


@bank.wrong(FIELD, "input_changed")
def pops(layers: Layers) -> int:
    """Empties the list that it was given."""
    field = 1
    while layers:
        kernel, stride = layers.pop()
        field = (field - 1) * stride + kernel
    return field


@bank.wrong(FIELD, "forbidden_call")
def asks_pytorch(layers: Layers) -> int:
    """Sends one number back through the layers and looks how far it spreads."""
    x = torch.ones(1, 1, 1)
    for kernel, stride in layers[::-1]:
        x = nn.functional.conv_transpose1d(x, torch.ones(1, 1, kernel), stride=stride)
    return x.shape[-1]


@bank.wrong(FIELD, "not_started")
def field_stub(layers: Layers) -> int:
    """Nothing yet."""
    raise NotImplementedError("write this")
