"""Answers to `LeNet`."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "LeNet"


class Base(nn.Module):
    """The layers that each answer puts together in its own way."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc1 = nn.Linear(128, 64)
        self.fc2 = nn.Linear(64, n_classes)

    def maps(self, x: Tensor) -> Tensor:
        """(N, 32, 2, 2)."""
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return F.max_pool2d(F.relu(self.conv2(x)), 2)

    def head(self, flat: Tensor) -> Tensor:
        """From (N, 128) to logits."""
        return self.fc2(F.relu(self.fc1(flat)))


@bank.right(EXERCISE)
class LeNet(Base):
    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).flatten(1))


@bank.right(EXERCISE)
class PoolsBeforeRelu(Base):
    """The maximum of ReLUs is the ReLU of the maximum."""

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        return self.head(x.reshape(x.shape[0], -1))


@bank.right(EXERCISE)
class WithModules(nn.Module):
    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.fc2 = nn.Linear(64, n_classes)
        self.fc1 = nn.Linear(32 * 2 * 2, 64)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=(3, 3), padding="same")
        self.conv1 = nn.Conv2d(1, 16, kernel_size=3, padding=(1, 1))
        self.pool, self.act, self.flat = nn.MaxPool2d(2, 2), nn.ReLU(inplace=True), nn.Flatten()

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.act(self.conv1(x)))
        x = self.pool(self.act(self.conv2(x)))
        return self.fc2(self.act(self.fc1(self.flat(x))))


@bank.right(EXERCISE)
class PoolsByHand(Base):
    def pool(self, x: Tensor) -> Tensor:
        N, C, H, W = x.shape
        return x.view(N, C, H // 2, 2, W // 2, 2).amax((3, 5))

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.conv1(x).clamp(min=0))
        x = self.pool(self.conv2(x).clamp(min=0))
        print(x.shape)
        return self.head(x.contiguous().view(len(x), 128))


def wrong(*diagnosis: str) -> Any:
    return bank.wrong(EXERCISE, *diagnosis)


@wrong("softmax_at_the_end")
class Probabilities(Base):
    """Returns probabilities."""

    def forward(self, x: Tensor) -> Tensor:
        return F.softmax(self.head(self.maps(x).flatten(1)), dim=1)


@wrong("log_softmax_at_the_end")
class LogProbabilities(Base):
    """Returns log-probabilities."""

    def forward(self, x: Tensor) -> Tensor:
        return F.log_softmax(self.head(self.maps(x).flatten(1)), dim=1)


@wrong("sigmoid_at_the_end")
class Sigmoids(Base):
    """Ten yes-or-no questions."""

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).flatten(1)).sigmoid()


@wrong("relu_on_the_logits")
class ReluEverywhere(Base):
    """A ReLU after each layer, the last one too."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.head(self.maps(x).flatten(1)))


@wrong("no_activation")
class Linear(Base):
    """No ReLU anywhere."""

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.conv2(F.max_pool2d(self.conv1(x), 2)), 2)
        return self.fc2(self.fc1(x.flatten(1)))


@wrong("relu_after_conv1_missing")
class NoFirstRelu(Base):
    """Forgets the first ReLU."""

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv2(F.max_pool2d(self.conv1(x), 2)))
        return self.head(F.max_pool2d(x, 2).flatten(1))


@wrong("relu_after_conv2_missing")
class NoSecondRelu(Base):
    """Forgets the second ReLU."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2(F.max_pool2d(F.relu(self.conv1(x)), 2))
        return self.head(F.max_pool2d(x, 2).flatten(1))


@wrong("relu_after_fc1_missing")
class NoThirdRelu(Base):
    """Thinks ReLUs belong to convolutions."""

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.fc1(self.maps(x).flatten(1)))


@wrong("relu_after_the_convolutions_missing")
class ReluForLinearOnly(Base):
    """Thinks pooling is non-linear enough."""

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.conv2(F.max_pool2d(self.conv1(x), 2)), 2)
        return self.head(x.flatten(1))


@wrong("tanh_for_relu")
class Of1998(Base):
    """The activation of the original."""

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(torch.tanh(self.conv1(x)), 2)
        x = F.max_pool2d(torch.tanh(self.conv2(x)), 2)
        return self.fc2(torch.tanh(self.fc1(x.flatten(1))))


@wrong("average_pooling")
class Averages(Base):
    """The pooling of the original, more or less."""

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(F.relu(self.conv1(x)), 2)
        x = F.avg_pool2d(F.relu(self.conv2(x)), 2)
        return self.head(x.flatten(1))


@wrong("stride_for_pooling")
class EverySecond(Base):
    """Pooling makes the picture half as large."""

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x))[:, :, ::2, ::2]
        x = F.relu(self.conv2(x))[:, :, ::2, ::2]
        return self.head(x.flatten(1))


@wrong("channels_last")
class ChannelsLast(Base):
    """Flattens as TensorFlow does."""

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).permute(0, 2, 3, 1).flatten(1))


@wrong("rows_mixed")
class FlattensTheBatch(Base):
    """Flattens everything and turns what comes out until it fits."""

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).flatten().view(128, -1).T)


@wrong("picture_transposed")
class Turned(Base):
    """Columns before rows."""

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x.transpose(2, 3)).flatten(1))


@wrong("sizes_do_not_fit")
class FlattensAll(Base):
    """`flatten()` without its 1."""

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).flatten())


@wrong("sizes_do_not_fit")
class PoolsOnce(Base):
    """Forgets the second pooling."""

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return self.head(F.relu(self.conv2(x)).flatten(1))


@wrong("wrong_parameters")
class PoolsOnceAndFits(Base):
    """Forgets the second pooling, and makes fc1 larger until it fits."""

    def __init__(self, n_classes: int) -> None:
        super().__init__(n_classes)
        self.fc1 = nn.Linear(512, 64)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return self.head(F.relu(self.conv2(x)).flatten(1))


@wrong("wrong_names")
class OtherNames(nn.Module):
    """Right, and called otherwise."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, n_classes),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


@wrong("wrong_parameters", "not_repeatable")
class LayersInForward(nn.Module):
    """Makes its layers when they are needed: nobody finds their parameters."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.n_classes = n_classes

    def forward(self, x: Tensor) -> Tensor:
        return LeNet(self.n_classes).to(x.device, x.dtype)(x)


@wrong("wrong_parameters")
class TenClasses(Base):
    """Writes 10 for n_classes."""

    def __init__(self, n_classes: int) -> None:
        super().__init__(10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).flatten(1))


@wrong("wrong_parameters")
class NoBiases(Base):
    """`bias=False`, as in the residual block."""

    def __init__(self, n_classes: int) -> None:
        super().__init__(n_classes)
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).flatten(1))


@wrong("wrong_parameters")
class LastWithoutBias(Base):
    """The last layer without a bias."""

    def __init__(self, n_classes: int) -> None:
        super().__init__(n_classes)
        self.fc2 = nn.Linear(64, n_classes, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).flatten(1))


@wrong("sizes_do_not_fit")
class FirstWithoutPadding(Base):
    """conv1 takes a border away."""

    def __init__(self, n_classes: int) -> None:
        super().__init__(n_classes)
        self.conv1 = nn.Conv2d(1, 16, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).flatten(1))


@wrong("wrong_parameters")
class MoreThanAskedFor(Base):
    """Batch norm, because it helps."""

    def __init__(self, n_classes: int) -> None:
        super().__init__(n_classes)
        self.norm = nn.BatchNorm2d(32)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(self.maps(x)).flatten(1))


@wrong("gradient_cut")
class Detached(Base):
    """Goes through `.data`."""

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).data.flatten(1))


@wrong("gradient_cut")
class WithoutGradients(Base):
    """Forward under no_grad."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            return self.head(self.maps(x).flatten(1))


@wrong("wrong_device")
class MakesAMask(Base):
    """A new tensor on the CPU in forward."""

    def forward(self, x: Tensor) -> Tensor:
        flat = torch.zeros(len(x), 128, dtype=x.dtype)
        return self.head(flat + self.maps(x).flatten(1))


@wrong("not_repeatable")
class Dropout(Base):
    """Dropout that nobody asked for."""

    def forward(self, x: Tensor) -> Tensor:
        return self.head(F.dropout(self.maps(x).flatten(1), 0.5))


@wrong("nothing_returned")
class NoReturn(Base):
    """Forgets to return."""

    def forward(self, x: Tensor) -> None:
        self.head(self.maps(x).flatten(1))


@wrong("raised")
class NotAModule:
    """A plain class."""

    def __init__(self, n_classes: int) -> None:
        self.n_classes = n_classes


@wrong("not_started")
class Stub(nn.Module):
    """Nothing yet."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        raise NotImplementedError("write this")
