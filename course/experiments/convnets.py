"""Small networks that look at digits, and what can be measured in them."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from course.experiments.training import Digits

__all__ = [
    "NETS",
    "DeepStack",
    "Learning",
    "footprint",
    "learn_stack",
    "occlusion",
    "read_share",
    "reader",
]

Learning = tuple[list[float], list[float]]


def _dense(size: int) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(size * size, 64), nn.ReLU(), nn.Linear(64, 10))


def _looking(*end: nn.Module) -> nn.Sequential:
    first, second = nn.Conv2d(1, 12, 3, padding=1), nn.Conv2d(12, 32, 3, padding=1)
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), *end)


def _convolutional(size: int) -> nn.Sequential:
    return _looking(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * size * size, 10))


def _pooled(size: int) -> nn.Sequential:
    return _looking(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(32, 10))


NETS: dict[str, Callable[[int], nn.Sequential]] = {
    "MLP": _dense,
    "CNN": _convolutional,
    "CNN, pooled to one": _pooled,
}
"""Name to a function that makes the network for pictures (N, 1, size, size).

Both CNNs have two layers of 3 by 3 kernels. The first reads its feature maps place by place, the
second keeps only the largest value of each map.
"""


def reader(name: str, data: Digits, epochs: int, seed: int) -> nn.Sequential:
    """Make the network of this name in `NETS` and train it with Adam on data.x (N, 1, S, S).

    Raises KeyError for another name.
    """
    torch.manual_seed(seed)
    net = NETS[name](data.x.shape[-1])
    _learn(net, torch.optim.Adam(net.parameters(), 0.005), data, epochs, seed)
    return net


def _learn(
    net: nn.Module, optimiser: torch.optim.Optimizer, data: Digits, epochs: int, seed: int
) -> list[float]:
    """Train in batches of 60; the mean loss of each epoch's batches, as the training saw them."""
    generator, curve = torch.Generator().manual_seed(seed), []
    for _ in range(epochs):
        losses = []
        for rows in torch.randperm(len(data.x), generator=generator).split(60):
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(net(data.x[rows]), data.y[rows])
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        curve.append(float(torch.stack(losses).mean()))
    return curve


def read_share(net: nn.Module, x: Tensor, y: Tensor) -> float:
    """Share of the pictures x (N, 1, S, S) that the network reads as y (N,)."""
    net.eval()
    with torch.no_grad():
        return float((net(x).argmax(1) == y).float().mean())


def occlusion(net: nn.Module, picture: Tensor, label: int, size: int, cover: float) -> Tensor:
    """Cover a square of the picture, at each place in turn; how sure is the network then?

    picture (1, H, W), label a class, cover the value put over the square. Returns the probability
    of the label, (H - size + 1, W - size + 1), by the square's upper left corner. After Zeiler and
    Fergus (2014). Raises ValueError for a square that does not fit.
    """
    height, width = picture.shape[-2:]
    if not 1 <= size <= min(height, width):
        raise ValueError(f"occlusion: a square of {size} does not fit into {height} by {width}")
    rows, columns = height - size + 1, width - size + 1
    covered = picture.repeat(rows * columns, 1, 1, 1)
    for place in range(rows * columns):
        row, column = divmod(place, columns)
        covered[place, :, row : row + size, column : column + size] = cover
    net.eval()
    with torch.no_grad():
        return net(covered).softmax(1)[:, label].view(rows, columns)


def footprint(net: nn.Module, x: Tensor) -> Tensor:
    """Measure how much the middle output of `net` depends on each pixel of x (N, 1, H, W).

    The net gives feature maps (N, C, h, w). Returns the mean size of the gradient, (H, W).
    """
    x = x.clone().requires_grad_()
    maps = net(x)
    height, width = maps.shape[-2:]
    (slopes,) = torch.autograd.grad(maps[:, :, height // 2, width // 2].sum(), x)
    return slopes.abs().mean((0, 1))


class DeepStack(nn.Module):
    """Many equal steps (batch norm, ReLU, 3 by 3 convolution) between a first layer and a read-out.

    With skips, each step adds to what came in; without, it replaces it. Reads pictures
    (N, 1, H, W), gives logits (N, 10).
    """

    def __init__(self, depth: int, channels: int, skips: bool):
        super().__init__()
        self.keeps = 1.0 if skips else 0.0
        self.first = nn.Conv2d(1, channels, 3, padding=1)
        self.steps = nn.ModuleList(_step(channels) for _ in range(depth))
        ends = [nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveMaxPool2d(2), nn.Flatten()]
        self.last = nn.Sequential(*ends, nn.Linear(4 * channels, 10))

    def forward(self, x: Tensor) -> Tensor:
        """Read pictures."""
        maps = self.first(x)
        for step in self.steps:
            maps = self.keeps * maps + step(maps)
        return self.last(maps)

    def gradient_sizes(self, x: Tensor, y: Tensor) -> list[float]:
        """Length of the gradient of each step's kernels, first to last, for x, labels y (N,)."""
        self.zero_grad()
        nn.functional.cross_entropy(self(x), y).backward()
        kernels = [p for p in self.steps.parameters() if p.ndim == 4]
        sizes = [float(p.grad.norm()) for p in kernels if p.grad is not None]
        self.zero_grad()
        return sizes


def _step(channels: int) -> nn.Sequential:
    kernels = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
    nn.init.kaiming_normal_(kernels.weight, nonlinearity="relu")
    return nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(), kernels)


def learn_stack(
    depth: int, skips: bool, data: Digits, epochs: int, seeds: Sequence[int]
) -> list[Learning]:
    """Train a stack of 8 channels for each seed, with momentum, on data.x (N, 1, H, W).

    Returns for each seed the gradient's length at each step before training (depth,), and the
    mean training loss of each epoch (epochs,).
    """
    found = []
    for seed in seeds:
        torch.manual_seed(seed)
        net = DeepStack(depth, 8, skips)
        sizes = net.gradient_sizes(data.x[:256], data.y[:256])
        optimiser = torch.optim.SGD(net.parameters(), 0.05, momentum=0.9)
        found.append((sizes, _learn(net, optimiser, data, epochs, seed)))
    return found
