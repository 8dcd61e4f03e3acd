"""The same small data set given to an MLP, a CNN, an RNN and an LSTM of about the same size.

Two data sets: scikit-learn's digits, which a recurrent network reads row by row, and names in six
languages, of which the MLP gets every place and the CNN every few letters in a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course.experiments.images import framed_digits
from course.experiments.recurrent import name_batch
from course.sequences import names

__all__ = ["KINDS", "Task", "digits_task", "names_task", "network", "score"]

KINDS = ("MLP", "CNN", "RNN", "LSTM")
_LONGEST = 16  # letters of a name
#: Widths that come to about the same number of parameters.
_WIDTHS: Mapping[tuple[str, str], int] = {
    ("digits", "MLP"): 80,
    ("digits", "CNN"): 18,
    ("digits", "RNN"): 68,
    ("digits", "LSTM"): 34,
    ("names", "MLP"): 20,
    ("names", "CNN"): 40,
    ("names", "RNN"): 78,
    ("names", "LSTM"): 36,
}


@dataclass(frozen=True)
class Task:
    """Examples as sequences x (N, T, D) of so many real steps (N,), answers y; and unseen ones."""

    name: str
    x: Tensor
    lengths: Tensor
    y: Tensor
    x_unseen: Tensor
    lengths_unseen: Tensor
    y_unseen: Tensor

    @property
    def classes(self) -> int:
        """How many answers there are."""
        return int(self.y.max()) + 1


def digits_task(n_train: int = 600, seed: int = 0) -> Task:
    """Digits, 8 rows of 8 pixels; a row is a step."""
    data = framed_digits(0, n_train, seed)
    full, unseen = (torch.full((len(y),), 8) for y in (data.y, data.y_unseen))
    return Task("digits", data.x[:, 0], full, data.y, data.x_unseen[:, 0], unseen, data.y_unseen)


def names_task(n_train: int = 1440) -> Task:
    """Names of countries and languages, a one-hot letter a step, zeros behind the last."""
    x, lengths, y = name_batch(names())
    x = nn.functional.pad(x.transpose(0, 1), (0, 0, 0, _LONGEST - len(x)))  # (N, 16, 27)
    a, b = slice(None, n_train), slice(n_train, None)
    return Task("names", x[a], lengths[a], y[a], x[b], lengths[b], y[b])


class _Convolution(nn.Module):
    """Two layers of small kernels, then each map's largest answer wherever it is."""

    def __init__(self, task: Task, width: int):
        super().__init__()
        self.on_pictures = task.name == "digits"
        layer = nn.Conv2d if self.on_pictures else nn.Conv1d
        first = 1 if self.on_pictures else task.x.shape[2]
        maps = 2 * width if self.on_pictures else width
        self.body = nn.Sequential(
            layer(first, width, 3, padding=1),
            nn.ReLU(),
            layer(width, maps, 3, padding=1),
            nn.ReLU(),
        )
        # a picture keeps four places of each map, a name none
        self.read_out = nn.Linear(4 * maps if self.on_pictures else maps, task.classes)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Scores (N, classes)."""
        if self.on_pictures:
            maps = nn.functional.adaptive_max_pool2d(self.body(x[:, None]), 2).flatten(1)
        else:
            maps = self.body(x.transpose(1, 2)).amax(2)
        scores: Tensor = self.read_out(maps)
        return scores


class _Recurrence(nn.Module):
    """One recurrent layer, read at each row's own last step."""

    def __init__(self, task: Task, kind: str, width: int):
        super().__init__()
        layer = {"RNN": nn.RNN, "LSTM": nn.LSTM}[kind]
        self.recurrent = layer(task.x.shape[2], width)
        self.read_out = nn.Linear(width, task.classes)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Scores (N, classes)."""
        h, _ = self.recurrent(x.transpose(0, 1))  # (T, N, H)
        scores: Tensor = self.read_out(h[lengths - 1, torch.arange(len(lengths))])
        return scores


class _Dense(nn.Module):
    """All steps side by side, one hidden layer."""

    def __init__(self, task: Task, width: int):
        super().__init__()
        n_in = task.x[0].numel()
        self.body = nn.Sequential(nn.Linear(n_in, width), nn.ReLU(), nn.Linear(width, task.classes))

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Scores (N, classes)."""
        scores: Tensor = self.body(x.flatten(1))
        return scores


def network(task: Task, kind: str) -> nn.Module:
    """Make a fresh network of a kind (one of `KINDS`) for a task. Raises KeyError for another."""
    width = _WIDTHS[task.name, kind]
    if kind == "MLP":
        return _Dense(task, width)
    return _Convolution(task, width) if kind == "CNN" else _Recurrence(task, kind, width)


def score(
    task: Task, kind: str, seed: int, updates: int = 150, learning_rate: float = 1e-2
) -> float:
    """Train one network with Adam, 64 examples an update; the share of unseen answers right."""
    torch.manual_seed(seed)
    net = network(task, kind)
    optimiser = torch.optim.Adam(net.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, learning_rate, total_steps=updates)
    for _ in range(updates):
        rows = torch.randint(len(task.y), (64,))
        loss = nn.functional.cross_entropy(net(task.x[rows], task.lengths[rows]), task.y[rows])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        said = net(task.x_unseen, task.lengths_unseen).argmax(1)
        return float((said == task.y_unseen).float().mean())
