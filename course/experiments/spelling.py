"""A plain RNN that spells names letter by letter, and how daring it is allowed to be."""

import math
import random
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from course.experiments.recurrent import LETTERS, RecurrentNetwork, train

__all__ = ["next_scores", "shares", "spell", "train_speller"]

_END = len(LETTERS)  # one place after the letters: the sign that begins and ends a name
_PADDING = -100  # a place after the end of a name: it does not count


def train_speller(
    texts: Sequence[str], seed: int, hidden: int = 64, updates: int = 300
) -> RecurrentNetwork:
    """Train an RNN to name the next letter of each text, given all letters before it.

    It reads the true letters while it is trained (teacher forcing), 48 texts at a time.
    """
    torch.manual_seed(seed)
    longest = max(map(len, texts)) + 1
    x = torch.zeros(longest, len(texts), _END + 1)
    y = torch.full((longest, len(texts)), _PADDING)
    for column, text in enumerate(texts):
        places = [_END, *(LETTERS.index(letter) for letter in text), _END]
        for step, (before, after) in enumerate(pairwise(places)):
            x[step, column, before] = 1.0
            y[step, column] = after
    network = RecurrentNetwork(_END + 1, hidden, _END + 1)

    def loss_of() -> Tensor:
        rows = torch.randint(len(texts), (48,))
        scores, wanted = network(x[:, rows]).flatten(0, 1), y[:, rows].flatten()
        return nn.functional.cross_entropy(scores, wanted, ignore_index=_PADDING)

    train(network, loss_of, updates, learning_rate=1e-2)
    return network


@torch.no_grad()
def next_scores(network: RecurrentNetwork, text: str) -> list[float]:
    """Score every letter, and last the end, as what comes after a text."""
    places = torch.tensor([_END, *(LETTERS.index(letter) for letter in text)])
    x = nn.functional.one_hot(places, _END + 1).float()
    scores: list[float] = network(x[:, None])[-1, 0].tolist()
    return scores


def shares(scores: Sequence[float], temperature: float) -> list[float]:
    """Turn scores into chances at a temperature: each in proportion to exp(score / temperature).

    Raises:
        ValueError: the temperature is not above 0.

    """
    if temperature <= 0:
        raise ValueError(f"shares: temperature={temperature} must be above 0")
    highest = max(scores)
    weights = [math.exp((score - highest) / temperature) for score in scores]
    return [weight / sum(weights) for weight in weights]


def spell(
    network: RecurrentNetwork, temperature: float, rng: random.Random, longest: int = 16
) -> str:
    """Draw one name, letter by letter; each letter drawn is read at the next step."""
    text = ""
    while len(text) < longest:
        chances = shares(next_scores(network, text), temperature)
        (place,) = rng.choices(range(_END + 1), chances)
        if place == _END:
            break
        text += LETTERS[place]
    return text
