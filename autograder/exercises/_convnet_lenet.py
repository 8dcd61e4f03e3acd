"""`LeNet`: PyTorch's own, known wrong ones, and what is compared.

The network is a small relative of that of LeCun et al., *Gradient-based learning applied to
document recognition* (1998), for pictures of 8 x 8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from autograder.checking.compare import UnreadableError
from autograder.checking.exercise import Misconception, Output, Sizes
from autograder.checking.values import Inputs, Value
from autograder.exercises._convnet_block import Way, driven, listed


def draw_pictures(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Pictures x (N, 1, 8, 8), a gradient dy (N, M) of the logits."""
    N, M = sizes["N"], sizes["M"]
    return {
        "sizes": [M],
        "x": torch.randn(N, 1, 8, 8, dtype=torch.float64, generator=g),
        "dy": torch.randn(N, M, dtype=torch.float64, generator=g),
        "seed": int(torch.randint(2**31, (1,), generator=g)),
        "scale": 0.2,
    }


def lenet_shapes(n_classes: int) -> dict[str, list[int]]:
    """The names and shapes of LeNet's parameters, as the notebook fixes them."""
    return {
        "conv1.weight": [16, 1, 3, 3], "conv1.bias": [16],
        "conv2.weight": [32, 16, 3, 3], "conv2.bias": [32],
        "fc1.weight": [64, 128], "fc1.bias": [64],
        "fc2.weight": [n_classes, 64], "fc2.bias": [n_classes],
    }  # fmt: skip


class _LeNet(nn.Module):
    """LeNet's layers, put together in one way or another."""

    def __init__(self, n_classes: int, way: Way) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.fc1, self.fc2 = nn.Linear(128, 64), nn.Linear(64, n_classes)
        self.way = way

    def forward(self, x: Tensor) -> Tensor:
        return self.way(self, x)


def _check_lenet(inputs: Inputs, value: Value) -> list[str]:
    """The parameters' names, where they and their shapes are LeNet's."""
    names = value.get("names") if isinstance(value, Mapping) else None
    if not isinstance(names, list):
        raise UnreadableError("wrong_parameters", "No parameters came back.")
    found = dict(zip(names, value["shapes"], strict=True))
    wanted = lenet_shapes(*inputs["sizes"])
    missing = [name for name in wanted if name not in found]
    if sorted(found.values()) == sorted(wanted.values()) and missing:
        yours = ", ".join(f"`{name}`" for name in names)
        raise UnreadableError(
            "wrong_names",
            "The layers are right and are called something else than `conv1`, `conv2`, `fc1`, "
            f"`fc2`: the parameters are {yours}.",
        )
    layer = missing[0].split(".")[0] if missing else ""
    if missing and f"{layer}.weight" in found:
        says = f"`{layer}` has no bias. All four layers have one."
        raise UnreadableError("wrong_parameters", says)
    if missing:
        raise UnreadableError(
            "wrong_parameters",
            f"`{missing[0]}` is missing: `parameters()` finds {listed(list(found.values()))}. It "
            "sees layers that are attributes of the module, made in `__init__`, not in `forward`.",
        )
    for name, shape in wanted.items():
        if found[name] != shape:
            says = f"`{name}` should have shape {tuple(shape)}; yours has {tuple(found[name])}."
            raise UnreadableError("wrong_parameters", says)
    if len(found) > len(wanted):
        more = next(name for name in names if name not in wanted)
        raise UnreadableError("wrong_parameters", f"`{more}` is a parameter too many.")
    return names


def _logits(inputs: Inputs, value: Value) -> Tensor:
    _check_lenet(inputs, value)
    y: Tensor = value.get("y")
    return y


def _gradient(name: str) -> Callable[[Inputs, Value], Tensor]:
    def view(inputs: Inputs, value: Value) -> Tensor:
        place = _check_lenet(inputs, value).index(name)
        grads = value.get("grads")
        grad = grads[place] if isinstance(grads, list) else None
        if not isinstance(grad, Tensor):
            raise UnreadableError(
                "gradient_cut",
                f"No gradient reaches `{name}`: something on the way cuts it off, such as "
                "`.detach()`, `.data`, `torch.no_grad()`, `.numpy()`, or the layer is not used.",
            )
        return grad

    return view


LENET_OUTPUTS = (
    Output("logits", ("N", "class"), weight=4.0, view=_logits),
    Output("gradient of conv1.weight", ("channel", "channel in", "row", "column"),
           view=_gradient("conv1.weight")),
    Output("gradient of fc2.bias", ("class",), view=_gradient("fc2.bias")),
)  # fmt: skip


def _stages(
    act: Callable[[Tensor], Tensor] = torch.relu,
    pool: Callable[[Tensor], Tensor] = lambda z: functional.max_pool2d(z, 2),
    flat: Callable[[Tensor], Tensor] = lambda z: z.flatten(1),
    **others: Callable[[Tensor], Tensor],
) -> Way:
    """LeNet's way from pictures to logits, with its stages exchanged."""
    act1, act2, act3 = (others.get(f"act{n}", act) for n in (1, 2, 3))

    def way(net: Any, x: Tensor) -> Tensor:
        x = others.get("start", _as_it_is)(x)
        z = pool(act2(net.conv2(pool(act1(net.conv1(x))))))
        logits: Tensor = net.fc2(act3(net.fc1(flat(z))))
        return others.get("end", _as_it_is)(logits)

    return way


def _as_it_is(z: Tensor) -> Tensor:
    return z


def _net(**stages: Callable[[Tensor], Tensor]) -> Callable[..., Value]:
    way = _stages(**stages)
    return driven(lambda n_classes: _LeNet(n_classes, way))


lenet = _net()

_WAY = "conv1, ReLU, pool, conv2, ReLU, pool, flatten, fc1, ReLU, fc2."
_LENETS = (
    ("softmax_at_the_end", "It ends in a softmax; it should return the logits.",
     "`F.cross_entropy` has the softmax inside it.", {"end": lambda z: z.softmax(1)}),
    ("log_softmax_at_the_end", "It ends in a log-softmax; it should return the logits.",
     "`F.cross_entropy` has it inside.", {"end": lambda z: z.log_softmax(1)}),
    ("sigmoid_at_the_end", "It ends in a sigmoid; it should return the logits.",
     "Scores for several classes, of any size.", {"end": torch.sigmoid}),
    ("relu_on_the_logits", "The logits went through a ReLU.",
     "A class must be able to get a negative score.", {"end": torch.relu}),
    ("no_activation", "There is no ReLU anywhere.", _WAY, {"act": _as_it_is}),
    ("relu_after_conv1_missing", "The ReLU after conv1 is missing.", _WAY, {"act1": _as_it_is}),
    ("relu_after_conv2_missing", "The ReLU after conv2 is missing.", _WAY, {"act2": _as_it_is}),
    ("relu_after_fc1_missing", "The ReLU after fc1 is missing.", _WAY, {"act3": _as_it_is}),
    ("relu_after_the_convolutions_missing", "There is no ReLU after either convolution.", _WAY,
     {"act1": _as_it_is, "act2": _as_it_is}),
    ("tanh_for_relu", "It uses tanh, as LeNet did in 1998; a ReLU is asked for.", _WAY,
     {"act": torch.tanh}),
    ("sigmoid_for_relu", "It uses sigmoids; a ReLU is asked for.", _WAY, {"act": torch.sigmoid}),
    ("average_pooling", "It pools by the mean; the maximum is asked for.", _WAY,
     {"pool": lambda z: functional.avg_pool2d(z, 2)}),
    ("stride_for_pooling", "It keeps every second place and throws the others away.",
     "Pooling takes the largest of each 2 × 2.", {"pool": lambda z: z[..., ::2, ::2]}),
    ("channels_last", "It flattens with the channels last.",
     "`flatten(1)` of (N, C, H, W): C first, as it stands.",
     {"flat": lambda z: z.permute(0, 2, 3, 1).flatten(1)}),
    ("rows_mixed", "The pictures of a batch are mixed when they are flattened.",
     "Flatten from axis 1 on: axis 0 counts the pictures.",
     {"flat": lambda z: z.flatten().view(128, -1).mT}),
    ("picture_transposed", "The pictures were turned: rows and columns have changed places.",
     "x is (N, 1, rows, columns) and stays so.", {"start": lambda x: x.mT}),
)  # fmt: skip
LENETS = tuple(
    Misconception(name, says, look, _net(**stages)) for name, says, look, stages in _LENETS
)
