"""Answers to `ResidualBlock` that hold other layers than it has."""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_04_convnet_block import EXERCISE, Base

bank = Bank()


def wrong(*diagnosis: str) -> Any:
    return bank.wrong(EXERCISE, *diagnosis)


@wrong("convolution_shared")
class OneConvolution(nn.Module):
    """One convolution, called twice."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm2(self.conv(F.relu(self.norm1(self.conv(x))))) + x)


@wrong("batch_norm_shared")
class OneNorm(nn.Module):
    """One batch norm, called twice."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv2(F.relu(self.norm(self.conv1(x))))) + x)


@wrong("no_batch_norm")
class NoNorm(nn.Module):
    """Convolutions, ReLUs and a skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv2(F.relu(self.conv1(x))) + x)


@wrong("no_running_statistics")
class GroupNorm(Base):
    """Another norm."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.norm1, self.norm2 = (nn.GroupNorm(1, channels) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x) + x)


@wrong("projection_on_the_skip")
class Projects(Base):
    """The 1 x 1 convolution of blocks that change the number of channels."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.skip = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x) + self.skip(x))


@wrong("wrong_parameters")
class FiveByFive(Base):
    """Kernels of another size."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.conv2 = nn.Conv2d(channels, channels, 5, padding=2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x) + x)


@wrong("wrong_parameters", "not_repeatable")
class LayersInForward(nn.Module):
    """Makes its layers when they are needed."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        C = self.channels
        conv1, conv2 = (nn.Conv2d(C, C, 3, padding=1).to(x.device, x.dtype) for _ in range(2))
        norm1, norm2 = (nn.BatchNorm2d(C).to(x.device, x.dtype) for _ in range(2))
        return F.relu(norm2(conv2(F.relu(norm1(conv1(x))))) + x)


@wrong("smaller_than_the_kernel")
class NoPaddingAtAll(nn.Module):
    """Both convolutions take a border away; a small picture does not last that long."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3)
        self.conv2 = nn.Conv2d(channels, channels, 3)
        self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))) + x)


@wrong("layers_not_found")
class LayersInAList(nn.Module):
    """A plain list holds them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convs = [nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2)]
        self.norms = [nn.BatchNorm2d(channels) for _ in range(2)]

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norms[0](self.convs[0](x)))
        return F.relu(self.norms[1](self.convs[1](y)) + x)


@wrong("super_missing")
class NoSuper(nn.Module):
    """Forgets `super().__init__()`."""

    def __init__(self, channels: int) -> None:
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv1(x)
