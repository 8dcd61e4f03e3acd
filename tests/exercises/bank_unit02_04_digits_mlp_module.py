"""Answers to `TorchMLP`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "TorchMLP"


class Base(nn.Module):
    """Two layers that each answer puts together in its own way."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__()
        self.first = nn.Linear(n_in, n_hidden)
        self.second = nn.Linear(n_hidden, n_out)


@bank.right(EXERCISE)
class TwoLayers(Base):
    def forward(self, x: Tensor) -> Tensor:
        return self.second(functional.relu(self.first(x)))


@bank.right(EXERCISE)
class InSequence(nn.Module):
    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_in, n_hidden), nn.ReLU(), nn.Linear(n_hidden, n_out))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


@bank.right(EXERCISE)
class OwnParameters(nn.Module):
    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__()
        self.W2 = nn.Parameter(torch.randn(n_hidden, n_out))
        self.b2 = nn.Parameter(torch.zeros(n_out))
        self.W1 = nn.Parameter(torch.randn(n_in, n_hidden))
        self.b1 = nn.Parameter(torch.zeros(n_hidden))

    def forward(self, x: Tensor) -> Tensor:
        return torch.clamp(x @ self.W1 + self.b1, min=0) @ self.W2 + self.b2


@bank.right(EXERCISE)
class LastLayerFirst(nn.Module):
    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__()
        self.out = nn.Linear(n_hidden, n_out)
        self.hidden = nn.ModuleList([nn.Linear(n_in, n_hidden)])
        nn.init.kaiming_normal_(self.hidden[0].weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.hidden[0](x).relu())


def wrong(*diagnosis: str) -> Any:
    return bank.wrong(EXERCISE, *diagnosis)


@wrong("no_activation")
class Linear(Base):
    """Two linear layers in a row."""

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x))


@wrong("sigmoid_for_relu")
class Sigmoid(Base):
    """A sigmoid."""

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x).sigmoid())


@wrong("tanh_for_relu")
class Tanh(Base):
    """A tanh."""

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x).tanh())


@wrong("softmax_at_the_end")
class Probabilities(Base):
    """Returns probabilities."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.softmax(self.second(functional.relu(self.first(x))), dim=-1)


@wrong("log_softmax_at_the_end")
class LogProbabilities(Base):
    """Returns log-probabilities."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.log_softmax(self.second(functional.relu(self.first(x))), dim=-1)


@wrong("relu_on_the_logits")
class TwoRelus(Base):
    """A ReLU after each layer."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.second(functional.relu(self.first(x))))


@wrong("wrong_parameters", "not_repeatable")
class PlainList(nn.Module):
    """Layers in a plain list: nobody finds their parameters."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__()
        self.layers = [nn.Linear(n_in, n_hidden), nn.Linear(n_hidden, n_out)]

    def forward(self, x: Tensor) -> Tensor:
        layers = [layer.to(x.device, x.dtype) for layer in self.layers]
        return layers[1](functional.relu(layers[0](x)))


@wrong("wrong_parameters")
class PlainestList(nn.Module):
    """Layers in a plain list, as they were made."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__()
        self.layers = [nn.Linear(n_in, n_hidden), nn.ReLU(), nn.Linear(n_hidden, n_out)]

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


@wrong("wrong_parameters")
class PlainTensors(nn.Module):
    """Tensors that are no parameters."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__()
        self.W1, self.b1 = torch.randn(n_in, n_hidden), torch.zeros(n_hidden)
        self.W2, self.b2 = torch.randn(n_hidden, n_out), torch.zeros(n_out)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x @ self.W1 + self.b1) @ self.W2 + self.b2


@wrong("wrong_parameters")
class NoBiases(nn.Module):
    """`bias=False`."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__()
        self.first = nn.Linear(n_in, n_hidden, bias=False)
        self.second = nn.Linear(n_hidden, n_out, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(functional.relu(self.first(x)))


@wrong("wrong_parameters")
class ThreeLayers(Base):
    """One layer more than asked for."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__(n_in, n_hidden, n_out)
        self.third = nn.Linear(n_hidden, n_hidden)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(functional.relu(self.third(functional.relu(self.first(x)))))


@wrong("gradient_cut")
class Detached(Base):
    """Cuts the graph in the middle."""

    def forward(self, x: Tensor) -> Tensor:
        return self.second(functional.relu(self.first(x)).detach())


@wrong("gradient_cut")
class WithoutGradients(Base):
    """Forward under no_grad."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            return self.second(functional.relu(self.first(x)))


@wrong("wrong_device")
class MakesAMask(Base):
    """A new tensor on the CPU in forward."""

    def forward(self, x: Tensor) -> Tensor:
        zero = torch.zeros(self.first.out_features, dtype=x.dtype)
        return self.second(torch.maximum(self.first(x), zero))


@wrong("not_repeatable")
class LiveDropout(Base):
    """Dropout that nobody asked for."""

    def forward(self, x: Tensor) -> Tensor:
        return self.second(functional.dropout(functional.relu(self.first(x)), 0.5))


@wrong("raised")
class NotAModule:
    """A plain class."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        self.sizes = n_in, n_hidden, n_out


@wrong("not_started")
class Stub(nn.Module):
    """Nothing yet."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__()
        raise NotImplementedError("write this")
