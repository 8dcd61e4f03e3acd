"""Answers to `parameter_count`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from torch import nn

from tests.exercises.answer_bank import Bank

bank = Bank()
COUNT = "parameter_count"
Dicts = list[dict[str, Any]]


def conv(one: dict[str, Any]) -> int:
    return int(one["out"] * (one["in"] * math.prod(one["kernel"]) + one["bias"]))


def linear(one: dict[str, Any]) -> int:
    return int(one["out"] * (one["in"] + one["bias"]))


def norm(one: dict[str, Any]) -> int:
    return int(2 * one["channels"])


def added(layers: Dicts, **others: Any) -> int:
    """The sum over the layers, with some types counted in another way."""
    ways = {"conv": conv, "linear": linear, "batchnorm": norm, "pool": lambda one: 0} | others
    return sum(ways[one["type"]](one) for one in layers)


@bank.right(COUNT)
def table_of_functions(layers: Dicts) -> int:
    return added(layers)


@bank.right(COUNT)
def ifs(layers: Dicts) -> int:
    total = 0
    for layer in layers:
        if layer["type"] == "conv":
            rows, columns = layer["kernel"]
            total += layer["in"] * layer["out"] * rows * columns
            if layer["bias"]:
                total += layer["out"]
        elif layer["type"] == "linear":
            total += layer["in"] * layer["out"] + (layer["out"] if layer["bias"] else 0)
        elif layer["type"] == "batchnorm":
            total += layer["channels"] + layer["channels"]
    return total


@bank.right(COUNT)
def matched(layers: Dicts) -> int:
    total = 0
    for layer in layers:
        match layer:
            case {"type": "conv", "in": i, "out": o, "kernel": (h, w), "bias": bias}:
                total += o * (i * h * w + bias)
            case {"type": "linear", "in": i, "out": o, "bias": bias}:
                total += o * (i + bias)
            case {"type": "batchnorm", "channels": channels}:
                total += 2 * channels
    return total


@bank.right(COUNT)
def numpy_products(layers: Dicts) -> Any:
    counts = [
        np.prod([one["in"], one["out"], *one.get("kernel", ())]) + one["out"] * one["bias"]
        if "in" in one
        else 2 * one.get("channels", 0)
        for one in layers
    ]
    return np.sum(counts)


def _no_bias(layers: Dicts, *types: str) -> Dicts:
    return [one | {"bias": False} if one["type"] in types else one for one in layers]


def _kernel(layers: Dicts, change: Any) -> Dicts:
    return [one | {"kernel": change(*one["kernel"])} if "kernel" in one else one for one in layers]


@bank.wrong(COUNT, "biases_missing")
def weights_only(layers: Dicts) -> int:
    """Counts weights."""
    return added(_no_bias(layers, "conv", "linear"))


@bank.wrong(COUNT, "bias_of_conv_missing")
def conv_weights_only(layers: Dicts) -> int:
    """A convolution is its kernels."""
    return added(_no_bias(layers, "conv"))


@bank.wrong(COUNT, "bias_of_linear_missing")
def matrices_only(layers: Dicts) -> int:
    """A linear layer is a matrix."""
    return added(_no_bias(layers, "linear"))


@bank.wrong(COUNT, "bias_always_counted")
def flag_unread(layers: Dicts) -> int:
    """Does not read `bias`."""
    return added([one | {"bias": True} for one in layers])


@bank.wrong(COUNT, "one_bias_for_a_layer")
def plus_one(layers: Dicts) -> int:
    """Adds the flag to the layer and not to each output."""
    return added(
        layers,
        conv=lambda one: one["out"] * one["in"] * math.prod(one["kernel"]) + one["bias"],
        linear=lambda one: one["out"] * one["in"] + one["bias"],
    )


@bank.wrong(COUNT, "one_bias_for_a_layer")
def plus_one_always(layers: Dicts) -> int:
    """Adds 1, whether there is a bias or not."""
    return added(_no_bias(layers, "conv", "linear")) + sum("in" in one for one in layers)


@bank.wrong(COUNT, "one_bias_for_a_layer")
def plus_one_for_conv(layers: Dicts) -> int:
    """Puts the bias outside of the bracket, for convolutions only."""
    return added(layers, conv=lambda one: (
        one["out"] * one["in"] * math.prod(one["kernel"]) + one["bias"]))  # fmt: skip


@bank.wrong(COUNT, "one_bias_for_a_layer")
def plus_one_for_linear(layers: Dicts) -> int:
    """Puts the bias outside of the bracket, for linear layers only."""
    return added(layers, linear=lambda one: one["out"] * one["in"] + one["bias"])


@bank.wrong(COUNT, "bias_for_each_kernel")
def bias_in_the_bracket(layers: Dicts) -> int:
    """`in * out * (kernel + bias)`."""
    return added(
        layers,
        conv=lambda one: one["out"] * one["in"] * (math.prod(one["kernel"]) + one["bias"]),
    )


@bank.wrong(COUNT, "bias_for_each_input")
def bias_of_the_input(layers: Dicts) -> int:
    """Takes the wrong side's size."""
    return added(
        layers,
        conv=lambda one: one["in"] * (one["out"] * math.prod(one["kernel"]) + one["bias"]),
        linear=lambda one: one["in"] * (one["out"] + one["bias"]),
    )


@bank.wrong(COUNT, "kernel_rows_squared")
def square_of_rows(layers: Dicts) -> int:
    """`kernel[0] ** 2`: all kernels so far were squares."""
    return added(_kernel(layers, lambda h, w: (h, h)))


@bank.wrong(COUNT, "kernel_columns_squared")
def square_of_columns(layers: Dicts) -> int:
    """`kernel[-1] ** 2`."""
    return added(_kernel(layers, lambda h, w: (w, w)))


@bank.wrong(COUNT, "one_side_of_the_kernel")
def one_side(layers: Dicts) -> int:
    """`kernel[0]`."""
    return added(_kernel(layers, lambda h, w: (h,)))


@bank.wrong(COUNT, "input_channels_missing")
def flat_filters(layers: Dicts) -> int:
    """Thinks a filter looks at one channel."""
    return added(layers, conv=lambda one: one["out"] * (math.prod(one["kernel"]) + one["bias"]))


@bank.wrong(COUNT, "output_channels_missing")
def one_filter(layers: Dicts) -> int:
    """Counts one filter."""
    return added(layers, conv=lambda one: one["in"] * math.prod(one["kernel"]) + one["bias"])


@bank.wrong(COUNT, "channels_added")
def plus_for_times(layers: Dicts) -> int:
    """in + out."""
    return added(
        layers,
        conv=lambda one: (
            (one["in"] + one["out"]) * math.prod(one["kernel"]) + one["out"] * one["bias"]
        ),
    )


@bank.wrong(COUNT, "running_statistics_counted")
def four_a_channel(layers: Dicts) -> int:
    """Everything in the state_dict."""
    return added(layers, batchnorm=lambda one: 4 * one["channels"])


@bank.wrong(COUNT, "all_buffers_counted")
def num_batches_tracked(layers: Dicts) -> int:
    """Really everything in the state_dict."""
    return added(layers, batchnorm=lambda one: 4 * one["channels"] + 1)


@bank.wrong(COUNT, "batch_norm_ignored")
def nothing_to_learn(layers: Dicts) -> int:
    """Batch norm only normalises."""
    return added(layers, batchnorm=lambda one: 0)


@bank.wrong(COUNT, "scale_or_shift_missing")
def only_gamma(layers: Dicts) -> int:
    """Forgets beta."""
    return added(layers, batchnorm=lambda one: one["channels"])


@bank.wrong(COUNT, "pooling_counted")
def pool_kernels(layers: Dicts) -> int:
    """A kernel is a kernel."""
    return added(layers, pool=lambda one: math.prod(one["kernel"]))


@bank.wrong(COUNT, "last_layer_only")
def assigns(layers: Dicts) -> int:
    """`total =` for `total +=`."""
    return added(layers[-1:])


@bank.wrong(COUNT, "first_layer_only")
def returns_in_the_loop(layers: Dicts) -> int:
    """`return` one level too deep."""
    for layer in layers:
        return added([layer])
    return 0


@bank.wrong(COUNT, "missing_key")
def type_unread(layers: Dicts) -> int:
    """Takes every layer for a convolution."""
    return sum(conv(one) for one in layers)


@bank.wrong(COUNT, "forbidden_call")
def makes_the_layers(layers: Dicts) -> int:
    """Lets PyTorch count."""
    total = 0
    for one in layers:
        if one["type"] == "conv":
            layer: nn.Module = nn.Conv2d(one["in"], one["out"], one["kernel"], bias=one["bias"])
        elif one["type"] == "linear":
            layer = nn.Linear(one["in"], one["out"], bias=one["bias"])
        elif one["type"] == "batchnorm":
            layer = nn.BatchNorm2d(one["channels"])
        else:
            continue
        total += sum(parameter.numel() for parameter in layer.parameters())
    return total


@bank.wrong(COUNT, "not_started")
def count_stub(layers: Dicts) -> int:
    """Nothing yet."""
    raise NotImplementedError("write this")
