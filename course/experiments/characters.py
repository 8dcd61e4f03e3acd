"""A character model of real text: an LSTM that guesses the next character, one at a time."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

from course.experiments.initialisation import set_forget_bias

__all__ = [
    "Alphabet",
    "CharacterModel",
    "TrainingCurve",
    "held_out_bits",
    "train_character_model",
    "unigram_bits",
]


class Alphabet:
    """The distinct characters of a text, sorted, and their numbers."""

    def __init__(self, text: str):
        self._codes = np.unique(_code_points(text))

    def __len__(self) -> int:
        return len(self._codes)

    def ids(self, text: str) -> torch.Tensor:
        """Number the characters: (len(text),) int64.

        Raises:
            ValueError: a character is not in the alphabet.

        """
        codes = _code_points(text)
        unknown = np.setdiff1d(codes, self._codes)
        if len(unknown):
            raise ValueError(f"Alphabet: not in the text it was made from: {chr(unknown[0])!r}")
        return torch.from_numpy(np.searchsorted(self._codes, codes))


def _code_points(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4")


class CharacterModel(nn.Module):
    """Embedding, one LSTM layer with forget bias 1, and a linear read-out."""

    def __init__(self, n_symbols: int, embedding: int, hidden: int):
        super().__init__()
        self.embedding = nn.Embedding(n_symbols, embedding)
        self.lstm = nn.LSTM(embedding, hidden)
        self.read_out = nn.Linear(hidden, n_symbols)
        set_forget_bias(self.lstm, 1.0)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Map characters (T, N) to logits (T, N, n_symbols) for the character after each."""
        h, _ = self.lstm(self.embedding(ids))  # (T, N, H)
        logits: torch.Tensor = self.read_out(h)
        return logits


@dataclass(frozen=True)
class TrainingCurve:
    """Training loss, averaged over the updates since the point before."""

    updates: list[int]
    bits: list[float]

    @classmethod
    def of(cls, bits: list[float], points: int = 40) -> "TrainingCurve":
        """Average the loss of every update, in bits, down to about so many points."""
        stride = max(1, len(bits) // points)
        updates = list(range(stride, len(bits) + 1, stride))
        return cls(updates, [sum(bits[end - stride : end]) / stride for end in updates])


def train_character_model(
    ids: torch.Tensor,
    n_symbols: int,
    *,
    hidden: int = 128,
    embedding: int = 32,
    updates: int = 1200,
    window: int = 80,
    batch: int = 32,
    learning_rate: float = 1.5e-2,
    seed: int = 0,
) -> tuple[CharacterModel, TrainingCurve]:
    """Train on windows drawn at random from a text, with Adam and a falling learning rate.

    Args:
        ids: the text, (L,) int64, L > window.
        n_symbols: size of the alphabet.
        hidden: LSTM units H.
        embedding: length of a character's vector.
        updates: number of weight updates.
        window: length T of a window, in characters.
        batch: windows per update.
        learning_rate: the highest; it rises over the first updates and falls from then on.
        seed: fixes the weights and the windows.

    Raises:
        ValueError: the text is not longer than a window.

    """
    if len(ids) <= window:
        raise ValueError(f"train_character_model: {len(ids)} characters, windows of {window}")
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = CharacterModel(n_symbols, embedding, hidden)
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)
    schedule = OneCycleLR(optimiser, learning_rate, updates, pct_start=0.1)
    offsets = torch.arange(window + 1)[:, None]  # (T + 1, 1)
    bits = []
    for _ in range(updates):
        starts = torch.randint(len(ids) - window, (batch,), generator=generator)
        piece = ids[starts + offsets]  # (T + 1, N)
        loss = nn.functional.cross_entropy(model(piece[:-1]).flatten(0, 1), piece[1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        bits.append(loss.item() * math.log2(math.e))
    return model, TrainingCurve.of(bits)


@torch.no_grad()
def held_out_bits(model: CharacterModel, ids: torch.Tensor, lanes: int = 50) -> float:
    """Average number of bits the model needs for a character of a text it has not seen.

    The text, (L,) int64, is read in ``lanes`` equal parts side by side, each from a zero state.
    Raises ValueError if it is too short for that.
    """
    length = (len(ids) - 1) // lanes
    if length < 1:
        raise ValueError(f"held_out_bits: {len(ids)} characters do not fill {lanes} lanes")
    spots = torch.arange(length)[:, None] + length * torch.arange(lanes)  # (length, lanes)
    probability = model(ids[spots]).softmax(-1).gather(-1, ids[spots + 1][..., None])
    return float(-probability.double().log2().mean())


def unigram_bits(train_ids: torch.Tensor, ids: torch.Tensor, n_symbols: int) -> float:
    """Bits per character when each character is guessed by its frequency in ``train_ids`` alone.

    One is added to every count, so that a character never met still gets a probability.
    """
    counts = torch.bincount(train_ids, minlength=n_symbols).double() + 1
    return float(-(counts / counts.sum()).log2()[ids].mean())
