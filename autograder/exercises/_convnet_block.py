"""`ResidualBlock`: PyTorch's own, known wrong ones, and what is compared.

How a student names the block's layers is free, and so is whether its convolutions have a bias.
Weights of equal shape are given equal values, so that their order is free too.
The block is that of He et al., *Deep residual learning for image recognition* (2015).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from autograder.checking.compare import UnreadableError
from autograder.checking.drivers import module
from autograder.checking.exercise import Misconception, Output, Sizes
from autograder.checking.values import Inputs, Value

AXES = ("N", "channel", "row", "column")
Way = Callable[[Any, Tensor], Tensor]


def draw_block(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """x, a gradient dy of its output and an x_new for evaluation, all (N, C, H, W)."""
    shape = [sizes[letter] for letter in "NCHW"]

    def normal() -> Tensor:
        return torch.randn(shape, dtype=torch.float64, generator=g)

    seed = int(torch.randint(2**31, (1,), generator=g))
    x, dy, x_new = normal(), normal(), normal()
    return {
        "sizes": [sizes["C"]], "x": x, "dy": dy, "seed": seed, "scale": 1.0, "x_new": x_new,
    }  # fmt: skip


def listed(shapes: list[list[int]]) -> str:
    return ", ".join(str(tuple(shape)) for shape in shapes) or "none at all"


def _check_block(inputs: Inputs, value: Value) -> list[list[int]]:
    """The parameters' shapes, where they are those of a residual block."""
    shapes = value.get("shapes") if isinstance(value, Mapping) else None
    if not isinstance(shapes, list):
        raise UnreadableError("wrong_parameters", "No parameters came back.")
    (C,) = inputs["sizes"]
    kernels, small = shapes.count([C, C, 3, 3]), shapes.count([C])
    norms = value.get("buffers", []).count([C]) // 2
    others = [shape for shape in shapes if shape not in ([C, C, 3, 3], [C])]
    seen = f" `parameters()` finds {listed(shapes)}."
    if kernels == 2 and [C, C, 1, 1] in others:
        says = "There is a 1 × 1 convolution too many: the skip carries x as it is."
        raise UnreadableError("projection_on_the_skip", says + seen)
    if kernels == 1 and not others:
        says = "There is one 3 × 3 convolution; the block has two, each with weights of its own."
        raise UnreadableError("convolution_shared", says + seen)
    if kernels != 2 or others:
        says = (
            f"Two convolutions with weights {(C, C, 3, 3)} are asked for, each with a batch norm "
            "over its channels, as attributes of the module."
        )
        raise UnreadableError("wrong_parameters", says + seen)
    if norms < 2:
        raise UnreadableError(*_NORMS[min(small, 4) // 4 if norms == 0 else 2])
    if small not in (4, 5, 6):
        says = "Each batch norm has a scale and a shift for every channel."
        raise UnreadableError("wrong_parameters", says + seen)
    return shapes


_NORMS = (
    ("no_batch_norm", "There is no batch norm in the block; one follows each convolution."),
    (
        "no_running_statistics",
        "What normalises here keeps no running mean and variance: `nn.BatchNorm2d` does.",
    ),
    (
        "batch_norm_shared",
        "There is one batch norm; each convolution is followed by one of its own.",
    ),
)


def _part(name: str) -> Callable[[Inputs, Value], Tensor]:
    """The value's part of this name, where the parameters are right."""

    def view(inputs: Inputs, value: Value) -> Tensor:
        _check_block(inputs, value)
        part = value.get(name)
        if name == "dx" and not isinstance(part, Tensor):
            says = "No gradient reaches x: something on the way cuts it off, such as `.detach()`."
            raise UnreadableError("gradient_cut", says)
        found: Tensor = part
        return found

    return view


def _summed(dims: int) -> Callable[[Inputs, Value], Tensor]:
    """The sum of the gradients of all parameters with so many axes."""

    def view(inputs: Inputs, value: Value) -> Tensor:
        shapes = _check_block(inputs, value)
        grads = value.get("grads")
        if not isinstance(grads, list) or not all(isinstance(grad, Tensor) for grad in grads):
            raise UnreadableError(
                "layer_without_gradient",
                "No gradient reaches some layer: it is made but not used, or something cuts the "
                "gradient off, such as `.detach()` or `torch.no_grad()`.",
            )
        chosen = [g for g, s in zip(grads, shapes, strict=True) if len(s) == dims]
        return torch.stack(chosen).sum(0)

    return view


BLOCK_OUTPUTS = (
    Output("y", AXES, weight=3.0, view=_part("y")),
    Output("y in evaluation", AXES, weight=2.0, view=_part("y_new")),
    Output("dx", AXES, weight=1.0, view=_part("dx")),
    Output("gradient of the kernels", ("channel", "channel in", "row", "column"),
           weight=1.0, view=_summed(4)),
    Output("gradient of the batch norms", ("channel",), weight=1.0, view=_summed(1)),
)  # fmt: skip


def driven(make: Callable[..., nn.Module], *names: str) -> Callable[..., Value]:
    """What `make`'s module gives, called as an exercise's answer is."""
    wanted = ("sizes", "x", "dy", "seed", "scale", *names)

    def answer(*values: Any) -> Value:
        return module(make, dict(zip(wanted, values, strict=True)))

    return answer


# --- the residual block -------------------------------------------------------------------------


class _Block(nn.Module):
    """Two convolutions and two batch norms, put together in one way or another."""

    def __init__(self, channels: int, way: Way, bias: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=bias)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=bias)
        self.norm_a, self.norm_b = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.way = way

    def forward(self, x: Tensor) -> Tensor:
        return self.way(self, x)


def _first(b: _Block, x: Tensor) -> Tensor:
    inner: Tensor = b.norm_a(b.conv1(x)).relu()
    return inner


def _branch(b: _Block, x: Tensor) -> Tensor:
    branch: Tensor = b.norm_b(b.conv2(_first(b, x)))
    return branch


def _answer(way: Way, bias: bool = False) -> Callable[..., Value]:
    return driven(lambda channels: _Block(channels, way, bias), "x_new")


def _with_batch_statistics(b: _Block, x: Tensor) -> Tensor:
    b.train()
    return (_branch(b, x) + x).relu()


def _with_running_statistics(b: _Block, x: Tensor) -> Tensor:
    b.eval()
    return (_branch(b, x) + x).relu()


def _skip_from_the_middle(b: _Block, x: Tensor) -> Tensor:
    inner = _first(b, x)
    found: Tensor = (b.norm_b(b.conv2(inner)) + inner).relu()
    return found


residual_block = _answer(lambda b, x: (_branch(b, x) + x).relu())


def _block(name: str, says: str, look: str, way: Way) -> tuple[Misconception, ...]:
    """A wrong block without biases in its convolutions, and with them where that matters."""
    biases = (False, True) if name in _BIASED else (False,)
    return tuple(Misconception(name, says, look, _answer(way, bias)) for bias in biases)


#: Elsewhere a batch norm takes a convolution's bias out again.
_BIASED = (
    "relu_before_the_norm",
    "norm_before_the_convolution",
    "running_statistics_in_training",
)


_ORDER = "conv, norm, ReLU, conv, norm; then the sum with x; then ReLU."
_BLOCKS = (
    ("skip_missing", "x does not reach the end: the skip is missing.",
     "The block's output is what the layers make of x, plus x.", lambda b, x: _branch(b, x).relu()),
    ("relu_before_the_sum", "The second ReLU comes before the sum; x is added after it.",
     _ORDER, lambda b, x: _branch(b, x).relu() + x),
    ("relu_before_and_after_the_sum", "There is a ReLU just before the sum.",
     "What the layers add may be negative. " + _ORDER,
     lambda b, x: (_branch(b, x).relu() + x).relu()),
    ("last_relu_missing", "The ReLU after the sum is missing.", _ORDER,
     lambda b, x: _branch(b, x) + x),
    ("relu_between_missing", "There is no ReLU between the two convolutions.", _ORDER,
     lambda b, x: (b.norm_b(b.conv2(b.norm_a(b.conv1(x)))) + x).relu()),
    ("relu_before_the_norm", "The first ReLU comes before its batch norm.", _ORDER,
     lambda b, x: (b.norm_b(b.conv2(b.norm_a(b.conv1(x).relu()))) + x).relu()),
    ("norm_after_the_sum", "The second batch norm comes after the sum: x does not pass as it is.",
     _ORDER, lambda b, x: b.norm_b(b.conv2(_first(b, x)) + x).relu()),
    ("norm_before_the_convolution", "Norm and ReLU come before the convolutions.",
     "That is a later design (He et al., 2016). Here: " + _ORDER,
     lambda b, x: b.conv2(b.norm_b(b.conv1(b.norm_a(x).relu())).relu()) + x),
    ("relu_on_the_skip", "The skip passes through a ReLU.", "x is added as it came.",
     lambda b, x: (_branch(b, x) + x.relu()).relu()),
    ("skip_from_the_middle", "What is added is not x; it already went through a layer.",
     "Keep x under a name that nothing else takes.", _skip_from_the_middle),
    ("skip_multiplied", "x is multiplied on, where it should be added.",
     "A sum lets the gradient through unchanged.", lambda b, x: (_branch(b, x) * x).relu()),
    ("skip_subtracted", "x is subtracted, where it should be added.",
     "With all kernels zero the block gives ReLU(x).", lambda b, x: (_branch(b, x) - x).relu()),
    ("norm_used_twice", "One batch norm stands after both convolutions; the other is never used.",
     "Each keeps its own running statistics. Which one follows the second convolution?",
     lambda b, x: (b.norm_a(b.conv2(_first(b, x))) + x).relu()),
    ("skip_without_gradient", "The values are right; no gradient passes through the skip.",
     "`.detach()`, `.data`, `.clone()`: only the last lets gradients through.",
     lambda b, x: (_branch(b, x) + x.detach()).relu()),
    ("branch_without_gradient", "The values are right; no gradient passes through the layers.",
     "`.detach()` and `.data` cut the way back to the convolutions.",
     lambda b, x: (_branch(b, x).detach() + x).relu()),
    ("batch_statistics_in_evaluation", "In evaluation mode it still normalises by the batch.",
     "`nn.BatchNorm2d` switches by itself with `net.eval()`; let it.", _with_batch_statistics),
    ("running_statistics_in_training", "In training mode it normalises by running statistics.",
     "`nn.BatchNorm2d` switches by itself with `net.train()`; let it.", _with_running_statistics),
)  # fmt: skip
BLOCKS = tuple(one for row in _BLOCKS for one in _block(*row))
