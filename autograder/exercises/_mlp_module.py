"""The same network as an `nn.Module`: PyTorch's own, and known wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from autograder.checking.compare import UnreadableError
from autograder.checking.drivers import module
from autograder.checking.exercise import Misconception, Output, Sizes
from autograder.checking.values import Inputs, Value

Make = Callable[[int, int, int], nn.Module]
PARAMETERS = ("W1", "b1", "W2", "b2")


def draw(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """The sizes, an input x (N, D), a gradient dy (N, M) of the output, a seed for the weights."""
    N, D, H, M = (sizes[letter] for letter in "NDHM")
    return {
        "sizes": [D, H, M],
        "x": torch.randn(N, D, dtype=torch.float64, generator=g),
        "dy": torch.randn(N, M, dtype=torch.float64, generator=g),
        "seed": int(torch.randint(2**31, (1,), generator=g)),
        "scale": 1.0,
    }


def _shapes(inputs: Inputs) -> dict[str, list[int]]:
    D, H, M = inputs["sizes"]
    return {"W1": [D, H], "b1": [H], "W2": [H, M], "b2": [M]}


def _check_parameters(inputs: Inputs, value: Value) -> list[list[int]]:
    """The parameters' shapes, where they are those of this network; a matrix may lie either way."""
    found = value.get("shapes") if isinstance(value, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(shape, list) for shape in found):
        raise UnreadableError("wrong_parameters", "No parameters came back.")
    wanted = sorted(sorted(shape) for shape in _shapes(inputs).values())
    if sorted(sorted(shape) for shape in found) != wanted:
        listed = ", ".join(str(tuple(shape)) for shape in found) or "none at all"
        raise UnreadableError(
            "wrong_parameters",
            f"Two weight matrices and two biases are asked for; `parameters()` finds {listed}. "
            f"{_what_to_do(found)}",
        )
    return found


def _what_to_do(found: list[list[int]]) -> str:
    """Of the parameters' shapes: what is missing, or too many."""
    matrices = sum(len(shape) == 2 for shape in found)
    if matrices < 2:
        return (
            "PyTorch does not see layers in a plain list, nor plain tensors: make them attributes "
            "of the module (`self.first = nn.Linear(…)`), or use `nn.ModuleList`, `nn.Parameter`."
        )
    if matrices > 2 or len(found) > 4:
        return "There is a layer too many, or one is made and not used."
    if len(found) < 4:
        return (
            "A bias is missing: `nn.Linear` brings its own, unless `bias=False`; one of your own "
            "is an `nn.Parameter`."
        )
    return "Their sizes are others: the layers lead from n_in to n_hidden, and on to n_out."


def _output(inputs: Inputs, value: Value) -> Tensor:
    _check_parameters(inputs, value)
    y: Tensor = value.get("y")
    return y


def _gradient(name: str) -> Callable[[Inputs, Value], Tensor]:
    def view(inputs: Inputs, value: Value) -> Tensor:
        shapes = _check_parameters(inputs, value)
        place = [sorted(shape) for shape in shapes].index(sorted(_shapes(inputs)[name]))
        grads = value.get("grads")
        grad = grads[place] if isinstance(grads, list) and place < len(grads) else None
        if not isinstance(grad, Tensor):
            raise UnreadableError(
                "gradient_cut",
                f"No gradient reaches {name}: something on the way cuts it off, such as "
                "`.detach()`, `.data`, `torch.no_grad()`, `.numpy()`, or the layer is not used.",
            )
        return grad if list(grad.shape) == _shapes(inputs)[name] else grad.mT

    return view


OUTPUTS = (
    Output("y", ("N", "M"), weight=2.0, view=_output),
    Output("dW1", ("D", "H"), weight=1.0, view=_gradient("W1")),
    Output("db1", ("H",), weight=0.5, view=_gradient("b1")),
    Output("dW2", ("H", "M"), weight=1.0, view=_gradient("W2")),
    Output("db2", ("M",), weight=0.5, view=_gradient("b2")),
)


def _driven(make: Make) -> Callable[..., Value]:
    def answer(sizes: Any, x: Tensor, dy: Tensor, seed: int, scale: float) -> Value:
        given = {"sizes": sizes, "x": x, "dy": dy, "seed": seed, "scale": scale}
        return module(make, given)

    return answer


def _net(between: nn.Module, after: nn.Module | None = None, bias: bool = True) -> Make:
    def make(n_in: int, n_hidden: int, n_out: int) -> nn.Module:
        layers = [nn.Linear(n_in, n_hidden, bias), between, nn.Linear(n_hidden, n_out, bias)]
        return nn.Sequential(*layers, *([] if after is None else [after]))

    return make


torch_module = _driven(_net(nn.ReLU()))


class _Cut(nn.Module):
    """Passes values, and no gradient."""

    def forward(self, x: Tensor) -> Tensor:
        return x.detach()


def _wrong(name: str, says: str, look: str, make: Make) -> Misconception:
    return Misconception(name, says, look, _driven(make))


_HIDDEN = "Linear, ReLU, Linear: the hidden layer is max(0, x W1 + b1)."
MISCONCEPTIONS = (
    _wrong("no_activation", "There is no ReLU between the two layers: two linear layers are one.",
           _HIDDEN, _net(nn.Identity())),
    _wrong("sigmoid_for_relu", "The hidden layer uses a sigmoid; a ReLU was asked for.",
           _HIDDEN, _net(nn.Sigmoid())),
    _wrong("tanh_for_relu", "The hidden layer uses tanh; a ReLU was asked for.",
           _HIDDEN, _net(nn.Tanh())),
    _wrong("gelu_for_relu", "The hidden layer uses a GELU; a ReLU was asked for.",
           _HIDDEN, _net(nn.GELU())),
    _wrong("leaky_relu_for_relu", "The hidden layer uses a leaky ReLU; a ReLU was asked for.",
           _HIDDEN, _net(nn.LeakyReLU())),
    _wrong("relu_on_the_logits", "The second layer's output went through a ReLU, too.",
           "The logits are plain sums: a class must be able to get a negative one.",
           _net(nn.ReLU(), nn.ReLU())),
    _wrong("softmax_at_the_end", "The module ends in a softmax; it should return the logits.",
           "`F.cross_entropy` has the softmax inside it.", _net(nn.ReLU(), nn.Softmax(1))),
    _wrong("log_softmax_at_the_end", "The module ends in a log-softmax; it should return the "
           "logits.", "`F.cross_entropy` has it inside.", _net(nn.ReLU(), nn.LogSoftmax(1))),
    _wrong("sigmoid_at_the_end", "The module ends in a sigmoid; it should return the logits.",
           "Scores for several classes, of any size.", _net(nn.ReLU(), nn.Sigmoid())),
)  # fmt: skip
