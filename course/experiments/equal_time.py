"""A plain RNN, a GRU and an LSTM on the same text, each trained for the same number of seconds.

Equal updates would flatter the slowest cell, equal numbers of units the one with most weights. Here
each network gets the same time on the same processor, which is what a reader of a paper has.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course.experiments.initialisation import set_forget_bias

__all__ = ["KINDS", "Race", "Recurrent", "bigram_bits", "race", "train_for"]

KINDS: Mapping[str, type[nn.RNN | nn.GRU | nn.LSTM]] = {
    "RNN": nn.RNN,
    "GRU": nn.GRU,
    "LSTM": nn.LSTM,
}


class Recurrent(nn.Module):
    """Embedding, one recurrent layer of a kind, and a linear read-out."""

    def __init__(self, kind: str, n_symbols: int, embedding: int, hidden: int):
        super().__init__()
        self.embedding = nn.Embedding(n_symbols, embedding)
        self.recurrent = KINDS[kind](embedding, hidden)
        self.read_out = nn.Linear(hidden, n_symbols)
        if isinstance(self.recurrent, nn.LSTM):
            set_forget_bias(self.recurrent, 1.0)

    def forward(self, x: Tensor, state: object = None) -> tuple[Tensor, object]:
        """Map ids (T, N) and a state to logits (T, N, n_symbols) and the next state."""
        h, state = self.recurrent(self.embedding(x), state)
        return self.read_out(h), state

    def bits(self, ids: Tensor, lanes: int = 40) -> float:
        """Bits per character on a text (L,), read in lanes from zero states."""
        length = (len(ids) - 1) // lanes
        x, y = (ids[k : k + lanes * length].view(lanes, length).T for k in (0, 1))
        with torch.no_grad():
            logits, _ = self(x)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        return float(loss) / math.log(2)


@dataclass(frozen=True)
class Race:
    """How one network fared: its held-out bits after so many seconds of training."""

    kind: str
    seconds: list[float]
    bits: list[float]
    updates: int
    weights: int


def _detached(state: object) -> object:
    if isinstance(state, Tensor):
        return state.detach()
    return tuple(part.detach() for part in state)  # type: ignore[attr-defined]


def _update(
    model: Recurrent, optimiser: torch.optim.Optimizer, x: Tensor, y: Tensor, state: object
) -> object:
    """One update from a window x, y (T, N); the state it ends in, cut from its history."""
    logits, state = model(x, state)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return _detached(state)


def train_for(
    kind: str,
    seconds: float,
    train_ids: Tensor,
    held_out_ids: Tensor,
    n_symbols: int,
    *,
    hidden: int = 96,
    embedding: int = 24,
    lanes: int = 32,
    steps: int = 48,
    learning_rate: float = 1.5e-2,
    marks: int = 5,
    seed: int = 0,
) -> Race:
    """Train one kind of network for a time, looking at the held-out text now and then.

    Args:
        kind: a key of `KINDS`.
        seconds: how long it may train. Looking at the held-out text does not count.
        train_ids: the text (L,), int64, read in lanes; the state is carried between windows.
        held_out_ids: text that is only measured.
        n_symbols: size of the alphabet.
        hidden: units H.
        embedding: length of a character's vector.
        lanes: rows N of a batch.
        steps: length T of a window; the gradient is cut between windows.
        learning_rate: at the start; it falls to nothing as the time runs out.
        marks: how often the held-out text is measured.
        seed: fixes the first weights. How many updates fit into the time depends on the machine.

    Raises:
        KeyError: there is no such kind.
        ValueError: the text does not fill one window of every lane.

    """
    length = (len(train_ids) - 1) // lanes
    if length < steps:
        raise ValueError(f"train_for: {len(train_ids)} characters do not fill {lanes} lanes")
    torch.manual_seed(seed)
    model = Recurrent(kind, n_symbols, embedding, hidden)
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)
    x, y = (train_ids[k : k + lanes * length].view(lanes, length).T for k in (0, 1))
    spent, updates, start, state = 0.0, 0, 0, None
    seen: list[tuple[float, float]] = []
    while spent < seconds:
        began = time.perf_counter()
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * max(0.02, 1 - spent / seconds)
        window = slice(start, start + steps)
        state = _update(model, optimiser, x[window], y[window], state)
        start, updates = start + steps, updates + 1
        if start + steps > length:
            start, state = 0, None
        spent += time.perf_counter() - began
        if spent >= seconds * (len(seen) + 1) / marks:
            seen.append((spent, model.bits(held_out_ids)))
    weights = sum(p.numel() for p in model.parameters())
    return Race(kind, [s for s, _ in seen], [b for _, b in seen], updates, weights)


def race(
    seconds: float, train_ids: Tensor, held_out_ids: Tensor, n_symbols: int, seeds: int = 1
) -> dict[str, list[Race]]:
    """`train_for` for every kind and seed, the kinds taking turns; by kind, one entry a seed."""
    runs: dict[str, list[Race]] = {kind: [] for kind in KINDS}
    for seed in range(seeds):
        for kind, mine in runs.items():
            mine.append(train_for(kind, seconds, train_ids, held_out_ids, n_symbols, seed=seed))
    return runs


def bigram_bits(train_ids: Tensor, ids: Tensor, n_symbols: int) -> float:
    """Bits per character when each is guessed from the one before it, by counts in `train_ids`.

    A tenth is added to every count, so that a pair never met still gets a probability.
    """
    pairs = train_ids[:-1] * n_symbols + train_ids[1:]
    counts = torch.bincount(pairs, minlength=n_symbols**2).view(n_symbols, n_symbols).double() + 0.1
    probability = counts / counts.sum(1, keepdim=True)
    return float(-probability[ids[:-1], ids[1:]].log2().mean())
