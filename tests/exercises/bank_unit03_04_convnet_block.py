"""Answers to `ResidualBlock`."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "ResidualBlock"


class Base(nn.Module):
    """The layers that each answer puts together in its own way."""

    def __init__(self, channels: int, bias: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=bias)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=bias)
        self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)

    def inside(self, x: Tensor) -> Tensor:
        """Up to the first ReLU."""
        return F.relu(self.norm1(self.conv1(x)))

    def branch(self, x: Tensor) -> Tensor:
        """All that x is added to."""
        return self.norm2(self.conv2(self.inside(x)))


class WithBias(Base):
    """The same with PyTorch's own default."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, bias=True)


@bank.right(EXERCISE)
class AsInThePaper(Base):
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x) + x)


@bank.right(EXERCISE)
class BiasesLeftIn(WithBias):
    def forward(self, x: Tensor) -> Tensor:
        identity = x
        out = self.branch(x)
        out = out + identity
        return torch.relu(out)


@bank.right(EXERCISE)
class InSequence(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, (3, 3), padding="same", bias=True),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, stride=1, padding=(1, 1), bias=False),
            nn.BatchNorm2d(channels, momentum=0.01),
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(x + self.body(x))


@bank.right(EXERCISE)
class LastLayerFirst(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.BatchNorm2d(channels) for _ in range(2)])
        self.out = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.into = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        nn.init.zeros_(self.norms[1].weight)
        self.skip = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.norms[0](self.into(x)).clamp(min=0)
        return torch.maximum(self.norms[1](self.out(y)) + self.skip(x), x.new_zeros(()))


@bank.right(EXERCISE)
class AddsInPlaceWhereItMay(Base):
    def forward(self, x: Tensor) -> Tensor:
        print("block", tuple(x.shape))
        out = self.branch(x)
        out += x
        return F.relu_(out)


def wrong(*diagnosis: str) -> Any:
    return bank.wrong(EXERCISE, *diagnosis)


@wrong("skip_missing")
class NoSkip(Base):
    """A plain block of two layers."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x))


@wrong("skip_missing")
class NoSkipWithBias(WithBias):
    """The same, with biases."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x))


@wrong("relu_before_the_sum")
class ReluThenSum(Base):
    """Finishes the layers, then adds."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x)) + x


@wrong("relu_before_and_after_the_sum")
class ReluTwice(WithBias):
    """A ReLU after each norm, and one at the end."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(F.relu(self.branch(x)) + x)


@wrong("last_relu_missing")
class NoLastRelu(WithBias):
    """Ends with the sum."""

    def forward(self, x: Tensor) -> Tensor:
        return self.branch(x) + x


@wrong("relu_between_missing")
class NoReluBetween(Base):
    """Two convolutions in a row."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm2(self.conv2(self.norm1(self.conv1(x)))) + x)


@wrong("relu_before_the_norm")
class ReluThenNorm(Base):
    """conv, ReLU, norm."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm2(self.conv2(self.norm1(F.relu(self.conv1(x))))) + x)


@wrong("relu_before_the_norm")
class ReluThenNormWithBias(WithBias):
    """conv, ReLU, norm, with biases that now matter."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm2(self.conv2(self.norm1(F.relu(self.conv1(x))))) + x)


@wrong("norm_after_the_sum")
class SumThenNorm(Base):
    """Normalises the skip as well."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm2(self.conv2(self.inside(x)) + x))


@wrong("norm_before_the_convolution")
class PreActivation(Base):
    """The block of the year after."""

    def forward(self, x: Tensor) -> Tensor:
        inner = self.conv1(F.relu(self.norm1(x)))
        return self.conv2(F.relu(self.norm2(inner))) + x


@wrong("relu_on_the_skip")
class ReluOnX(Base):
    """A ReLU on the way round."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x) + F.relu(x))


@wrong("skip_from_the_middle")
class OverwritesX(Base):
    """`x = …` after the first layer."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.inside(x)
        return F.relu(self.norm2(self.conv2(x)) + x)


@wrong("skip_multiplied")
class Times(Base):
    """A star for a plus."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x) * x)


@wrong("skip_subtracted")
class Minus(Base):
    """A residual is a difference, is it not?"""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x) - x)


@wrong("skip_without_gradient")
class DetachedSkip(Base):
    """Copies x with `.detach()`."""

    def forward(self, x: Tensor) -> Tensor:
        identity = x.detach().clone()
        return F.relu(self.branch(x) + identity)


@wrong("branch_without_gradient")
class DetachedBranch(Base):
    """Cuts the other way."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x).detach() + x)


@wrong("gradient_cut")
class WithoutGradients(Base):
    """Forward under no_grad."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            return F.relu(self.branch(x) + x)


@wrong("layer_without_gradient")
class UsesTheFirstTwice(Base):
    """Makes two convolutions, uses one."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm2(self.conv1(self.inside(x))) + x)


@wrong("norm_used_twice")
class UsesTheFirstNormTwice(Base):
    """Makes two batch norms, uses one."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm1(self.conv2(self.inside(x))) + x)


@wrong("batch_statistics_in_evaluation")
class AlwaysTraining(Base):
    """Calls batch norm's function with `training=True`."""

    def forward(self, x: Tensor) -> Tensor:
        self.train()
        return F.relu(self.branch(x) + x)


@wrong("running_statistics_in_training")
class AlwaysEvaluating(WithBias):
    """Switches to evaluation in forward."""

    def forward(self, x: Tensor) -> Tensor:
        self.eval()
        return F.relu(self.branch(x) + x)


@wrong("elementwise_sizes_differ")
class NoPadding(Base):
    """Forgets the padding."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x) + x)


@wrong("wrong_shape")
class Concatenates(Base):
    """Puts F(x) and x side by side, as DenseNet does."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(torch.cat([self.branch(x), x], dim=1))


@wrong("overwritten_in_place")
class AddsIntoX(Base):
    """`x += …`: the first convolution's input is gone."""

    def forward(self, x: Tensor) -> Tensor:
        x += self.branch(x)
        return F.relu(x)


@wrong("wrong_device")
class MakesZeros(Base):
    """A new tensor on the CPU in forward."""

    def forward(self, x: Tensor) -> Tensor:
        zero = torch.zeros(x.shape, dtype=x.dtype)
        return torch.maximum(self.branch(x) + x, zero)


@wrong("not_repeatable")
class Dropout(Base):
    """Dropout that nobody asked for."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(F.dropout(self.branch(x), 0.5) + x)


@wrong("nothing_returned")
class NoReturn(Base):
    """Forgets to return."""

    def forward(self, x: Tensor) -> None:
        F.relu(self.branch(x) + x)


@wrong("not_started")
class Stub(nn.Module):
    """Nothing yet."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        raise NotImplementedError("write this")
