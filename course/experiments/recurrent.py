"""Plain RNNs trained for a few seconds on four of the five architectural types.

Names go from many to one, brackets from many to many, numbers from one to many. A bag of letters,
from one to one, is what the names are compared with.
"""

import random
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from course.sequences import LANGUAGES, Name, brackets, depth, number_words

__all__ = [
    "LETTERS",
    "WORDS",
    "RecurrentNetwork",
    "bag_accuracy",
    "depth_batch",
    "name_accuracy",
    "name_batch",
    "number_batch",
    "recalled_after",
    "say",
    "shuffled",
    "train",
    "train_bag",
    "train_depth",
    "train_names",
    "train_numbers",
]

LETTERS = " abcdefghijklmnopqrstuvwxyz"
"""The characters of a name, in the order of their one-hot vectors."""

WORDS = (*sorted({word for n in range(1000) for word in number_words(n)}), "<end>")
"""All words that numbers below 1000 are said with, and a sign for the end."""


class RecurrentNetwork(nn.Module):
    """One layer of ``nn.RNN`` and a linear read-out at every step."""

    def __init__(self, n_in: int, hidden: int, n_out: int):
        super().__init__()
        self.recurrent = nn.RNN(n_in, hidden)
        self.read_out = nn.Linear(hidden, n_out)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (T, N, n_in) to a score of every answer at every step, (T, N, n_out)."""
        h, _ = self.recurrent(x)
        scores: Tensor = self.read_out(h)
        return scores

    def at_own_end(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Map x (T, N, n_in) to scores (N, n_out), each sequence read at its own last step."""
        packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
        _, h_last = self.recurrent(packed)  # (1, N, H)
        scores: Tensor = self.read_out(h_last[0])
        return scores


def train(
    network: nn.Module,
    loss_of: Callable[[], Tensor],
    updates: int,
    learning_rate: float = 5e-3,
    max_norm: float = 1.0,
) -> list[float]:
    """Train with Adam, gradients clipped, on the loss that `loss_of` draws; its value each time."""
    optimiser = torch.optim.Adam(network.parameters(), lr=learning_rate)
    losses = []
    for _ in range(updates):
        optimiser.zero_grad()
        loss = loss_of()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), max_norm)
        optimiser.step()
        losses.append(loss.item())
    return losses


def name_batch(chosen: Sequence[Name]) -> tuple[Tensor, Tensor, Tensor]:
    """Lay names side by side, filled up with zeros.

    Returns:
        x (T, N, 27) one-hot letters, float32; the lengths (N,) and the languages (N,), int64.

    """
    lengths = torch.tensor([len(name.text) for name in chosen])
    x = torch.zeros(int(lengths.max()), len(chosen), len(LETTERS))
    for column, name in enumerate(chosen):
        for step, letter in enumerate(name.text):
            x[step, column, LETTERS.index(letter)] = 1.0
    return x, lengths, torch.tensor([LANGUAGES.index(name.language) for name in chosen])


def shuffled(chosen: Sequence[Name], seed: int = 0) -> list[Name]:
    """Shuffle the letters within each name: the same letters, the order gone."""
    order = random.Random(seed)
    return [Name("".join(order.sample(n.text, len(n.text))), n.language) for n in chosen]


def train_names(
    chosen: Sequence[Name], seed: int, hidden: int = 64, updates: int = 240
) -> RecurrentNetwork:
    """Train an RNN to tell the language of a name, read at the name's own last letter."""
    torch.manual_seed(seed)
    x, lengths, y = name_batch(chosen)
    network = RecurrentNetwork(len(LETTERS), hidden, len(LANGUAGES))

    def loss_of() -> Tensor:
        rows = torch.randint(len(y), (96,))
        scores = network.at_own_end(x[:, rows], lengths[rows])
        return nn.functional.cross_entropy(scores, y[rows])

    train(network, loss_of, updates)
    return network


def train_bag(chosen: Sequence[Name], seed: int, hidden: int = 64, updates: int = 240) -> nn.Module:
    """Train an MLP to tell the language from how often each letter occurs."""
    torch.manual_seed(seed)
    x, _, y = name_batch(chosen)
    counts = x.sum(0)  # (N, 27)
    network = nn.Sequential(nn.Linear(len(LETTERS), hidden), nn.Tanh(), nn.Linear(hidden, 6))

    def loss_of() -> Tensor:
        rows = torch.randint(len(y), (96,))
        return nn.functional.cross_entropy(network(counts[rows]), y[rows])

    train(network, loss_of, updates)
    return network


@torch.no_grad()
def name_accuracy(network: RecurrentNetwork, chosen: Sequence[Name]) -> float:
    """Share of names whose language the RNN tells, each read at its own last letter."""
    x, lengths, y = name_batch(chosen)
    return float((network.at_own_end(x, lengths).argmax(-1) == y).float().mean())


@torch.no_grad()
def bag_accuracy(network: nn.Module, chosen: Sequence[Name]) -> float:
    """Share of names whose language the MLP tells from the letters alone."""
    x, _, y = name_batch(chosen)
    return float((network(x.sum(0)).argmax(-1) == y).float().mean())


def depth_batch(
    sequences: int, length: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor, list[str]]:
    """Draw brackets: x (T, N, 2) one-hot, the depth at every step (T, N) int64, the texts."""
    texts = [brackets(length, rng) for _ in range(sequences)]
    opens = torch.tensor([[character == "(" for character in text] for text in texts]).T
    return torch.stack([opens, ~opens], -1).float(), torch.tensor([*map(depth, texts)]).T, texts


def train_depth(
    seed: int, hidden: int = 24, updates: int = 300, length: int = 20
) -> RecurrentNetwork:
    """Train an RNN to say at every bracket how many are open (0 to 8)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = RecurrentNetwork(2, hidden, 9)

    def loss_of() -> Tensor:
        x, y, _ = depth_batch(32, length, rng)
        return nn.functional.cross_entropy(network(x).flatten(0, 1), y.flatten())

    train(network, loss_of, updates, learning_rate=1e-2)
    return network


def number_batch(numbers: Sequence[int], steps: int = 6) -> tuple[Tensor, Tensor]:
    """Give each number at the first step only, and ask for its words at every step.

    Returns:
        x (steps, N, 30): three one-hot digits at step 0, then zeros; y (steps, N) int64, places
        in ``WORDS``, the sign for the end after the last word.

    """
    x = torch.zeros(steps, len(numbers), 30)
    y = torch.full((steps, len(numbers)), WORDS.index("<end>"))
    for column, n in enumerate(numbers):
        for place, digit in enumerate(f"{n:03}"):
            x[0, column, 10 * place + int(digit)] = 1.0
        for step, word in enumerate(number_words(n)):
            y[step, column] = WORDS.index(word)
    return x, y


def train_numbers(
    numbers: Sequence[int], seed: int, hidden: int = 64, updates: int = 600
) -> RecurrentNetwork:
    """Train an RNN to say a number in words."""
    torch.manual_seed(seed)
    x, y = number_batch(numbers)
    network = RecurrentNetwork(30, hidden, len(WORDS))

    def loss_of() -> Tensor:
        rows = torch.randint(len(numbers), (64,))
        return nn.functional.cross_entropy(network(x[:, rows]).flatten(0, 1), y[:, rows].flatten())

    train(network, loss_of, updates, learning_rate=1e-2)
    return network


@torch.no_grad()
def say(network: RecurrentNetwork, numbers: Sequence[int]) -> list[str]:
    """Read the words a trained network says for each number, up to its sign for the end."""
    x, _ = number_batch(numbers)
    said = network(x).argmax(-1).T.tolist()
    return [" ".join(WORDS[word] for word in row).split(" <end>")[0] for row in said]


def recalled_after(delay: int, seed: int, hidden: int = 32, updates: int = 300) -> float:
    """Train an RNN to name, after `delay` more random symbols, the first of eight it saw.

    Returns:
        the share of 1,000 new sequences that it gets right; guessing is right 1 time in 8.

    """
    torch.manual_seed(seed)
    network = RecurrentNetwork(8, hidden, 8)

    def draw(sequences: int) -> tuple[Tensor, Tensor]:
        symbols = torch.randint(8, (delay + 1, sequences))
        return nn.functional.one_hot(symbols, 8).float(), symbols[0]

    def loss_of() -> Tensor:
        x, y = draw(64)
        return nn.functional.cross_entropy(network(x)[-1], y)

    train(network, loss_of, updates)
    with torch.no_grad():
        x, y = draw(1000)
        return float((network(x)[-1].argmax(-1) == y).float().mean())
