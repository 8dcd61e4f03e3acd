"""Receptive fields and numbers of parameters: PyTorch's own layers are asked, rightly and wrongly.

A receptive field is as wide as what one output spreads to when the layers are walked backwards
(`conv_transpose1d`); parameters are counted in layers that were made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from autograder.checking.exercise import Misconception, Sizes
from autograder.checking.values import Inputs

Pairs = Sequence[tuple[int, int]]
Layer = Mapping[str, Any]


def _whole(low: int, high: int, g: torch.Generator) -> int:
    return int(torch.randint(low, high + 1, (1,), generator=g))


# --- receptive fields ---------------------------------------------------------------------------


def draw_chain(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """L layers (kernel, stride), kernels up to K; the first of several has stride 2 or 3."""
    L, K = sizes["L"], sizes["K"]
    layers = [(_whole(2, K, g), _whole(1, 3, g)) for _ in range(L)]
    if L > 1:
        layers[0] = (layers[0][0], _whole(2, 3, g))
        layers[-1] = (layers[-1][0], 2)
    if L > 3:
        layers[2] = (1, 2)  # a layer that looks at one place, and skips some
    return {"layers": layers}


def field_of(layers: Pairs) -> Tensor:
    """How many inputs one output sees, from the first to the last."""
    spread = torch.ones(1, 1, 1, dtype=torch.float64)
    for kernel, stride in reversed(layers):
        spread = functional.conv_transpose1d(spread, spread.new_ones(1, 1, kernel), stride=stride)
    return torch.tensor(float(spread.shape[-1]), dtype=torch.float64)


def _number(value: float) -> Tensor:
    return torch.tensor(float(value), dtype=torch.float64)


def _jumps(layers: Pairs) -> list[int]:
    """How many inputs lie between neighbours before each layer, and after the last."""
    return [math.prod(stride for _, stride in layers[:place]) for place in range(len(layers) + 1)]


def _of_strides(change: Callable[[list[int]], list[int]]) -> Callable[[Pairs], Tensor]:
    def answer(layers: Pairs) -> Tensor:
        strides = change([stride for _, stride in layers])
        return field_of([(layer[0], stride) for layer, stride in zip(layers, strides, strict=True)])

    return answer


def _summed(width: Callable[[int], int], jumps: Callable[[Pairs], list[int]], start: int) -> Any:
    def answer(layers: Pairs) -> Tensor:
        pairs = zip(layers, jumps(layers), strict=False)
        return _number(start + sum(width(kernel) * jump for (kernel, _), jump in pairs))

    return answer


def _less(kernel: int) -> int:
    return kernel - 1


def _itself(kernel: int) -> int:
    return kernel


FIELDS = (
    Misconception(
        "stride_ignored", "The strides make no difference in your answer.",
        "After a stride of 2, one step of the next layer is two inputs wide.",
        _of_strides(lambda strides: [1] * len(strides)),
    ),
    Misconception(
        "stride_before_its_own_layer", "A layer's stride already widens that layer's own kernel.",
        "A stride spaces the outputs out; the kernel itself looks at neighbours.",
        _summed(_less, lambda layers: _jumps(layers)[1:], 1),
    ),
    Misconception(
        "own_stride_only", "Each kernel is widened by its own stride, and by no other.",
        "What widens a kernel are all the strides that come before it, multiplied.",
        _summed(_less, lambda layers: [stride for _, stride in layers], 1),
    ),
    Misconception(
        "strides_not_multiplied", "Only the stride of the layer just before counts.",
        "Strides add up by multiplication: 2 after 2 makes steps of 4 inputs.",
        _summed(_less, lambda layers: [1, *(stride for _, stride in layers)], 1),
    ),
    Misconception(
        "strides_added", "The strides were added; they multiply.",
        "Two layers of stride 3: is a step 6 inputs, or 9?",
        _summed(_less, lambda layers: [1 + sum(s for _, s in layers[:n])
                                       for n in range(len(layers))], 1),
    ),
    Misconception(
        "one_not_subtracted", "A kernel of size k adds k places; k − 1 of them are new.",
        "Two kernels of 3 in a row: draw them. Is it 6 or 5?",
        _summed(_itself, _jumps, 0),
    ),
    Misconception(
        "one_not_subtracted", "A kernel of size k adds k places; k − 1 of them are new.",
        "A single layer with kernel 3 sees 3 inputs.",
        _summed(_itself, _jumps, 1),
    ),
    Misconception(
        "first_place_missing", "Your answer is one too small.",
        "No layer at all still sees one place: where do you start counting?",
        _summed(_less, _jumps, 0),
    ),
    Misconception(
        "kernels_multiplied", "The kernels were multiplied.",
        "Neighbouring windows overlap. Two kernels of 3 in a row: draw them.",
        lambda layers: _number(math.prod(kernel for kernel, _ in layers)),
    ),
    Misconception(
        "kernels_added", "The kernels were simply added.",
        "Neighbouring windows overlap, and strides matter. Draw two kernels of 3 in a row.",
        lambda layers: _number(sum(kernel for kernel, _ in layers)),
    ),
    Misconception(
        "layers_reversed", "The layers were walked in the other direction.",
        "`layers[0]` is next to the input: its stride widens all the others.",
        lambda layers: field_of(list(reversed(layers))),
    ),
    Misconception(
        "kernel_and_stride_swapped", "Kernel and stride have changed places.",
        "Each layer is (kernel, stride), in this order.",
        lambda layers: field_of([(stride, kernel) for kernel, stride in layers]),
    ),
    Misconception(
        "step_returned", "That is how far apart two neighbouring outputs look, not how much "
        "one output sees.", "Two numbers are carried along; the other one is asked for.",
        lambda layers: _number(_jumps(layers)[-1]),
    ),
    Misconception(
        "last_layer_missing", "The last layer is missing.",
        "Every layer widens the field, the last one too.",
        lambda layers: field_of(layers[:-1]),
    ),
)  # fmt: skip

# --- numbers of parameters ----------------------------------------------------------------------


def draw_layers(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A little network of `L` layers' worth: C channels at most, kernels up to K."""
    L, K = sizes["L"], sizes["K"]
    layers: list[dict[str, Any]] = []
    channels = _whole(1, 4, g)
    for number in range(L):
        out = channels + _whole(1, 5, g)
        high = _whole(1, K - 1, g)
        kernel = (high, high + 1) if number % 2 else (high + 1, high)
        bias = number % 2 == 0
        layers.append({"type": "conv", "in": channels, "out": out, "kernel": kernel, "bias": bias})
        if L > 1:
            layers.append({"type": "batchnorm", "channels": out})
            layers.append({"type": "pool", "kernel": (_whole(2, 3, g), 2)})
        channels = out
    if L > 1:
        wide = channels * _whole(2, 4, g)
        layers.append({"type": "linear", "in": wide, "out": 12, "bias": True})
        layers.append({"type": "linear", "in": 12, "out": _whole(2, 9, g), "bias": False})
    return {"layers": layers}


def make_layer(layer: Layer) -> nn.Module:
    """PyTorch's layer of a description, on no device at all: it has shapes, and no numbers."""
    with torch.device("meta"):
        kind = layer["type"]
        if kind == "conv":
            return nn.Conv2d(layer["in"], layer["out"], layer["kernel"], bias=layer["bias"])
        if kind == "linear":
            return nn.Linear(layer["in"], layer["out"], bias=layer["bias"])
        if layer["type"] == "batchnorm":
            return nn.BatchNorm2d(layer["channels"])
        return nn.MaxPool2d(layer["kernel"])


def _learnable(layer: Layer) -> int:
    return sum(parameter.numel() for parameter in make_layer(layer).parameters())


def count_parameters(layers: Sequence[Layer]) -> Tensor:
    """How many learnable numbers the layers hold."""
    return _number(sum(map(_learnable, layers)))


def _each(count: Callable[[Layer], int]) -> Callable[[Sequence[Layer]], Tensor]:
    return lambda layers: _number(sum(map(count, layers)))


def _changed(kinds: str, change: Callable[[Layer], Mapping[str, Any]]) -> Any:
    """The count where layers of these kinds are taken for slightly other ones."""
    return _each(lambda one: _learnable(
        {**one, **change(one)} if one["type"] in kinds.split() else one))  # fmt: skip


def _added(kinds: str, more: Callable[[Layer], int]) -> Any:
    """The count with something more for each layer of these kinds."""
    return _each(lambda one: _learnable(one) + (more(one) if one["type"] in kinds.split() else 0))


def _biases(layer: Layer, each: int) -> int:
    return layer["out"] * (each - 1) if layer["bias"] else 0


COUNTS = (
    Misconception(
        "biases_missing", "No bias was counted.", "A layer whose `bias` is True has one for each "
        "output.", _changed("conv linear", lambda one: {"bias": False}),
    ),
    Misconception(
        "bias_of_conv_missing", "The convolutions' biases were not counted.",
        "Look at `bias` of the conv layers, too: one number for each output channel.",
        _changed("conv", lambda one: {"bias": False}),
    ),
    Misconception(
        "bias_of_linear_missing", "The linear layers' biases were not counted.",
        "Look at `bias` of the linear layers, too: one number for each output.",
        _changed("linear", lambda one: {"bias": False}),
    ),
    Misconception(
        "bias_always_counted", "A bias was counted where there is none.",
        "A layer says whether it has one: `layer[\"bias\"]`.",
        _changed("conv linear", lambda one: {"bias": True}),
    ),
    Misconception(
        "one_bias_for_a_layer", "One bias was counted for a whole layer.",
        "Every output has a bias of its own.",
        _added("conv linear", lambda one: 1 - one["out"] if one["bias"] else 0),
    ),
    *(
        Misconception(
            "one_bias_for_a_layer", f"One bias was counted for a whole {kind} layer.",
            "Every output has a bias of its own.",
            _added(kind, lambda one: 1 - one["out"] if one["bias"] else 0),
        )
        for kind in ("conv", "linear")
    ),
    Misconception(
        "one_bias_for_a_layer", "One bias was counted for each layer, also for those without.",
        "Every output has a bias of its own, where the layer's `bias` is True.",
        _added("conv linear", lambda one: 1 - (one["out"] if one["bias"] else 0)),
    ),
    Misconception(
        "bias_for_each_kernel", "A convolution's bias was counted for every pair of channels.",
        "One number is added to each output channel, however many inputs it has.",
        _added("conv", lambda one: _biases(one, one["in"])),
    ),
    Misconception(
        "bias_for_each_input", "One bias was counted for each input; each output has one.",
        "The bias is added to what comes out.",
        _added("conv linear", lambda one: (one["in"] - one["out"]) * one["bias"]),
    ),
    Misconception(
        "kernel_rows_squared", "A kernel was taken for a square with its number of rows.",
        "`kernel` is (rows, columns), and the two may differ.",
        _changed("conv", lambda one: {"kernel": (one["kernel"][0],) * 2}),
    ),
    Misconception(
        "kernel_columns_squared", "A kernel was taken for a square with its number of columns.",
        "`kernel` is (rows, columns), and the two may differ.",
        _changed("conv", lambda one: {"kernel": (one["kernel"][1],) * 2}),
    ),
    Misconception(
        "one_side_of_the_kernel", "Only one side of the kernel was counted.",
        "A kernel of 3 × 5 holds 15 numbers.",
        _changed("conv", lambda one: {"kernel": (one["kernel"][0], 1)}),
    ),
    Misconception(
        "input_channels_missing", "The input channels make no difference to your convolutions.",
        "One filter looks at all input channels, with a kernel for each.",
        _changed("conv", lambda one: {"in": 1}),
    ),
    Misconception(
        "output_channels_missing", "The output channels make no difference to your convolutions.",
        "Each output channel has a filter of its own, and a bias.",
        _changed("conv", lambda one: {"out": 1}),
    ),
    Misconception(
        "channels_added", "A convolution's input and output channels were added; they multiply.",
        "For every output channel a kernel for every input channel.",
        _added("conv", lambda one: math.prod(one["kernel"])
               * (one["in"] + one["out"] - one["in"] * one["out"])),
    ),
    Misconception(
        "running_statistics_counted", "The running mean and variance were counted.",
        "Nothing learns them by gradient: they are measured on the way.",
        _added("batchnorm", lambda one: 2 * one["channels"]),
    ),
    Misconception(
        "all_buffers_counted", "What batch norm measures and counts was counted as well.",
        "Only what the optimiser changes is learnable.",
        _added("batchnorm", lambda one: 2 * one["channels"] + 1),
    ),
    Misconception(
        "batch_norm_ignored", "Batch norm was left out.",
        "It scales and shifts each channel with numbers that are learnt.",
        _changed("batchnorm", lambda one: {"type": "pool", "kernel": 1}),
    ),
    Misconception(
        "scale_or_shift_missing", "Batch norm was counted with one number for each channel.",
        "There is a scale, γ, and there is a shift, β.",
        _added("batchnorm", lambda one: -one["channels"]),
    ),
    Misconception(
        "pooling_counted", "Pooling was counted with the size of its kernel.",
        "What does it learn?", _added("pool", lambda one: math.prod(one["kernel"])),
    ),
    Misconception(
        "last_layer_only", "Only the last layer was counted.",
        "Is it `total = …` in the loop, or `total += …`?",
        lambda layers: count_parameters(layers[-1:]),
    ),
    Misconception(
        "first_layer_only", "Only the first layer was counted.",
        "Does the `return` stand inside the loop?",
        lambda layers: count_parameters(layers[:1]),
    ),
)  # fmt: skip
