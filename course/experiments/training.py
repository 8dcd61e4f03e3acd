"""Small networks trained on scikit-learn's digits, with what is worth watching on the way."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

__all__ = ["Digits", "History", "dead_share", "digits", "train"]

MakeOptimiser = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]


@dataclass(frozen=True)
class Digits:
    """Pictures (N, 64), centred, float32, with their labels (N,): training and unseen."""

    x: Tensor
    y: Tensor
    x_unseen: Tensor
    y_unseen: Tensor


def digits(n_train: int = 1200, seed: int = 0) -> Digits:
    """Split scikit-learn's 1,797 digits at random (Alpaydin and Kaynak, 1998)."""
    data = load_digits()
    x = torch.tensor(data.data / 16, dtype=torch.float32)
    x, y = x - x.mean(), torch.tensor(data.target)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    train, unseen = order[:n_train], order[n_train:]
    return Digits(x[train], y[train], x[unseen], y[unseen])


@dataclass
class History:
    """After each epoch: the loss and the accuracy on training and on unseen digits."""

    loss: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    unseen_loss: list[float] = field(default_factory=list)
    unseen_right: list[float] = field(default_factory=list)


def train(
    net: nn.Module, data: Digits, make: MakeOptimiser, epochs: int, batch: int = 64, seed: int = 0
) -> History:
    """Train `net` with the optimiser that `make` gives for its parameters; what each epoch left."""
    optimiser, history = make(net.parameters()), History()
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)  # dropout draws from the global generator
    for _ in range(epochs):
        net.train()
        for rows in torch.randperm(len(data.x), generator=generator).split(batch):
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(data.x[rows]), data.y[rows]).backward()
            optimiser.step()
        net.eval()
        with torch.no_grad():
            for x, y, losses, rights in (
                (data.x, data.y, history.loss, history.right),
                (data.x_unseen, data.y_unseen, history.unseen_loss, history.unseen_right),
            ):
                scores = net(x)
                losses.append(float(nn.functional.cross_entropy(scores, y)))
                rights.append(float((scores.argmax(1) == y).float().mean()))
    return history


def dead_share(net: nn.Sequential, x: Tensor) -> float:
    """Share of the ReLU units that are 0 for every row of x (N, D)."""
    dead = total = 0
    with torch.no_grad():
        for layer in net:
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                dead += int((x == 0).all(0).sum())
                total += x.shape[1]
    return dead / total if total else 0.0
