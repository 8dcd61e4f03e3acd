"""An encoder-decoder with and without attention: on dates, and on copying ever longer rows.

Both kinds have the same layers and the same number of parameters. Beside the decoder's own state
the read-out gets one more vector of the encoder: the last state, always, or a mixture of all
states that is weighed anew at every step.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course.sequences import dates

__all__ = [
    "ISO",
    "Dates",
    "EncoderDecoder",
    "Run",
    "date_tokens",
    "dates_for",
    "gradient_to_words",
    "train_copy",
    "train_dates",
    "waiting",
]

ISO = "0123456789-"
"""What a date in ISO 8601 is written with; an output's id is 1 + the place here."""

Draw = Callable[[], tuple[Tensor, Tensor]]


class EncoderDecoder(nn.Module):
    """One recurrent layer reads, another writes; ids in, ids out, 0 for padding and "nothing yet".

    attends: whether the read-out gets a weighted sum of all encoder states (Luong et al., 2015,
    "dot"), or the last one at every step (Cho et al., 2014). The parameters are the same.
    """

    def __init__(self, n_in: int, n_out: int, hidden: int, *, attends: bool, embedding: int = 24):
        super().__init__()
        self.attends = attends
        self.read = nn.Embedding(n_in + 1, embedding, padding_idx=0)
        self.said = nn.Embedding(n_out + 1, embedding, padding_idx=0)
        self.encoder = nn.GRU(embedding, hidden)
        self.decoder = nn.GRU(embedding, hidden)
        self.read_out = nn.Linear(2 * hidden, n_out + 1)

    def mix(self, s: Tensor, h: Tensor, hidden_from_view: Tensor) -> tuple[Tensor, Tensor]:
        """Mix the encoder's states h (T, N, H) for each decoder state s (S, N, H).

        hidden_from_view (T, N) is True at padding. Returns the mixtures (S, N, H) and their weights
        (S, N, T).
        """
        if self.attends:
            scores = torch.einsum("snh,tnh->snt", s, h).masked_fill(hidden_from_view.T, -torch.inf)
            weights = scores.softmax(-1)
        else:  # all the weight on the last state
            weights = s.new_zeros(*s.shape[:2], len(h))
            weights[..., -1] = 1.0
        return torch.einsum("snt,tnh->snh", weights, h), weights

    def forward(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """Read x (T, N), padded in front, and score what comes after each of `before` (S, N).

        Returns scores (S, N, n_out + 1) and the weights on the encoder's states (S, N, T).
        """
        h, last = self.encoder(self.read(x))
        s, _ = self.decoder(self.said(before), last)
        mixed, weights = self.mix(s, h, x == 0)
        return self.read_out(torch.cat([s, mixed], -1)), weights

    @torch.no_grad()
    def write(self, x: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """Read x (T, N) and write on its own: ids (steps, N) and weights (steps, N, T)."""
        h, state = self.encoder(self.read(x))
        ids, written, looked = torch.zeros_like(x[:1]), [], []
        for _ in range(steps):
            s, state = self.decoder(self.said(ids), state)
            mixed, weights = self.mix(s, h, x == 0)
            ids = self.read_out(torch.cat([s, mixed], -1)).argmax(-1)
            written.append(ids[0])
            looked.append(weights[0])
        return torch.stack(written), torch.stack(looked)


class Run(NamedTuple):
    """A trained network, its loss at every update, and the processor time it took, in seconds."""

    network: EncoderDecoder
    losses: list[float]
    seconds: float


def _train(network: EncoderDecoder, draw: Draw, updates: int, learning_rate: float) -> Run:
    """Train on batches x (T, N), y (S, N); the decoder reads what it should have written."""
    optimiser = torch.optim.Adam(network.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, learning_rate, total_steps=updates)
    losses, began = [], time.process_time()
    for _ in range(updates):
        x, y = draw()
        scores, _ = network(x, torch.cat([torch.zeros_like(y[:1]), y[:-1]]))
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), y.flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return Run(network, losses, time.process_time() - began)


def date_tokens(said: str) -> list[str]:
    """Cut a date as it is said into words and digits: "3 march 2024" has 6 tokens."""
    return re.findall(r"[a-z]+|[0-9]", said)


@dataclass(frozen=True)
class Dates:
    """Dates as ids: x (T, N), padded in front with 0, and y (10, N), beside their texts."""

    vocabulary: tuple[str, ...]
    pairs: list[tuple[str, str]]
    x: Tensor
    y: Tensor

    def ids(self, said: Sequence[str]) -> Tensor:
        """Ids (T, len(said)) of dates as they are said. Raises ValueError for an unknown word."""
        steps = len(self.x)
        columns = []
        for text in said:
            tokens = date_tokens(text.lower())
            unknown = [token for token in tokens if token not in self.vocabulary]
            if unknown or not 0 < len(tokens) <= steps:
                raise ValueError(f"cannot read {text!r}: {unknown or f'{len(tokens)} tokens'}")
            known = [1 + self.vocabulary.index(token) for token in tokens]
            columns.append([0] * (steps - len(known)) + known)
        return torch.tensor(columns).T

    def look(
        self, network: EncoderDecoder, said: str
    ) -> tuple[list[str], str, NDArray[np.float64]]:
        """Let a network write one date: its tokens, what is written, the weights (10, tokens)."""
        tokens = date_tokens(said.lower())
        ids, weights = network.write(self.ids([said]), len(self.y))
        written = "".join("?" if place == 0 else ISO[place - 1] for place in ids[:, 0].tolist())
        return tokens, written, weights[:, 0, -len(tokens) :].double().numpy()

    def right(self, network: EncoderDecoder, rows: slice) -> float:
        """Share of the dates in `rows` that a network writes right in all ten characters."""
        written, _ = network.write(self.x[:, rows], len(self.y))
        return float((written == self.y[:, rows]).all(0).float().mean())


def dates_for(count: int, seed: int = 4) -> Dates:
    """Draw dates, each as it is said and in ISO 8601 (`course.sequences.dates`), as ids."""
    pairs = dates(count, np.random.default_rng(seed))
    vocabulary = tuple(sorted({token for said, _ in pairs for token in date_tokens(said)}))
    steps = max(len(date_tokens(said)) for said, _ in pairs)
    y = torch.tensor([[1 + ISO.index(sign) for sign in iso] for _, iso in pairs]).T
    empty = Dates(vocabulary, pairs, torch.zeros(steps, 0, dtype=torch.int64), y)
    return Dates(vocabulary, pairs, empty.ids([said for said, _ in pairs]), y)


def train_dates(
    data: Dates,
    rows: slice,
    seed: int,
    *,
    attends: bool,
    hidden: int = 64,
    updates: int = 250,
    learning_rate: float = 1e-2,
) -> Run:
    """Train on the dates in `rows`, 64 at a time; the same batches for either kind."""
    torch.manual_seed(seed)
    network = EncoderDecoder(len(data.vocabulary), len(ISO), hidden, attends=attends)
    x, y = data.x[:, rows], data.y[:, rows]
    generator = torch.Generator().manual_seed(seed)

    def draw() -> tuple[Tensor, Tensor]:
        chosen = torch.randint(x.shape[1], (64,), generator=generator)
        return x[:, chosen], y[:, chosen]

    return _train(network, draw, updates, learning_rate)


def train_copy(
    length: int,
    seed: int,
    *,
    attends: bool,
    hidden: int = 32,
    updates: int = 200,
    learning_rate: float = 1e-2,
    symbols: int = 8,
) -> float:
    """Train to write down a row of random symbols after having read all of it.

    Returns:
        the share of symbols right in 500 new rows, written by the network on its own; guessing is
        right once in `symbols`.

    """
    torch.manual_seed(seed)
    network = EncoderDecoder(symbols, symbols, hidden, attends=attends)
    generator = torch.Generator().manual_seed(seed)

    def draw(rows: int = 32) -> tuple[Tensor, Tensor]:
        x = 1 + torch.randint(symbols, (length, rows), generator=generator)
        return x, x

    run = _train(network, draw, updates, learning_rate)
    x, y = draw(500)
    return float((run.network.write(x, length)[0] == y).float().mean())


def gradient_to_words(length: int, seed: int, *, attends: bool, hidden: int = 64) -> Tensor:
    """How much the first written symbol of an untrained network depends on each word read.

    Returns:
        (length,): the length of the loss's gradient by the vector of each word, the geometric mean
        over 32 random rows.

    """
    torch.manual_seed(seed)
    network = EncoderDecoder(8, 8, hidden, attends=attends).double()
    x = 1 + torch.randint(8, (length, 32))
    words = network.read(x).detach().requires_grad_()  # (T, N, embedding)
    h, last = network.encoder(words)
    s, _ = network.decoder(network.said(torch.zeros_like(x[:1])), last)
    mixed, _ = network.mix(s, h, x == 0)
    scores = network.read_out(torch.cat([s, mixed], -1))
    loss = nn.functional.cross_entropy(scores[0], x[0], reduction="sum")
    (gradient,) = torch.autograd.grad(loss, words)
    return gradient.norm(dim=-1).log().mean(1).exp()


def waiting(steps: Sequence[int], hidden: int = 64, repeats: int = 5) -> dict[str, list[float]]:
    """Processor time, in seconds, of a row of steps in ``nn.RNN``, and in attention of all to all.

    The best of some repeats, forward only, for each number in `steps`.
    """
    layer = nn.RNN(hidden, hidden)
    found: dict[str, list[float]] = {"recurrence": [], "attention": []}
    for count in steps:
        x = torch.randn(count, 1, hidden)
        rows = x.transpose(0, 1)  # (1, T, H)
        ways: dict[str, Callable[[], object]] = {
            "recurrence": partial(layer, x),
            "attention": partial(nn.functional.scaled_dot_product_attention, rows, rows, rows),
        }
        for name, way in ways.items():
            taken = []
            with torch.no_grad():
                for _ in range(repeats):
                    began = time.process_time()
                    way()
                    taken.append(time.process_time() - began)
            found[name].append(min(taken))
    return found
