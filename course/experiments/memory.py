"""How long does a recurrent network remember? Recall of the latest marked symbol.

At each step the network sees one of ``n_symbols`` symbols and a mark, on or off. At each step it
has to name the symbol that came with the latest mark. Between two marks everything it sees is a
distraction, drawn from the same symbols. The delay is the number of steps since the mark.
"""

from typing import Literal

import torch
from torch import nn

from course.experiments.initialisation import set_forget_bias

__all__ = ["Kind", "RecallNetwork", "marked_symbols", "recall_by_delay", "train_recall"]

Kind = Literal["rnn", "lstm", "gru"]


def marked_symbols(
    steps: int, sequences: int, n_symbols: int, mark_chance: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw sequences of the task. The first step is always marked.

    Returns:
        ``x`` (T, N, n_symbols + 1) float32: one-hot symbol, then the mark (0 or 1);
        ``target`` (T, N) int64: the symbol at the latest mark so far.

    """
    symbol = torch.randint(0, n_symbols, (steps, sequences), generator=generator)
    marked = torch.rand(steps, sequences, generator=generator) < mark_chance
    marked[0] = True
    latest = torch.where(marked, torch.arange(steps)[:, None], 0).cummax(0).values
    x = torch.cat(
        [nn.functional.one_hot(symbol, n_symbols).float(), marked[..., None].float()], dim=-1
    )
    return x, symbol.gather(0, latest)


class RecallNetwork(nn.Module):
    """``nn.RNN``, ``nn.LSTM`` or ``nn.GRU`` with a linear read-out."""

    def __init__(self, kind: Kind, n_symbols: int, hidden: int):
        super().__init__()
        layer = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind]
        self.recurrent: nn.RNNBase = layer(n_symbols + 1, hidden)
        self.read_out = nn.Linear(hidden, n_symbols)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map x (T, N, n_symbols + 1) to logits (T, N, n_symbols)."""
        h, _ = self.recurrent(x)  # (T, N, H)
        logits: torch.Tensor = self.read_out(h)
        return logits


def train_recall(
    kind: Kind,
    hidden: int,
    seed: int,
    *,
    forget_bias: float | None = None,
    n_symbols: int = 8,
    mark_chance: float = 0.1,
    steps: int = 60,
    updates: int = 400,
    learning_rate: float = 1e-2,
) -> RecallNetwork:
    """Train one network on freshly drawn sequences, 32 at a time, with Adam.

    Args:
        kind: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        hidden: the number of hidden units H.
        seed: fixes the weights and the data.
        forget_bias: for an LSTM, see ``set_forget_bias``; ``None`` leaves PyTorch's choice.
        n_symbols: symbols of the task.
        mark_chance: how likely a step is to carry a mark.
        steps: length T of a training sequence.
        updates: number of weight updates.
        learning_rate: Adam's.

    """
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = RecallNetwork(kind, n_symbols, hidden)
    if forget_bias is not None and isinstance(network.recurrent, nn.LSTM):
        set_forget_bias(network.recurrent, forget_bias)
    optimiser = torch.optim.Adam(network.parameters(), lr=learning_rate)
    for _ in range(updates):
        x, target = marked_symbols(steps, 32, n_symbols, mark_chance, generator)
        loss = nn.functional.cross_entropy(network(x).flatten(0, 1), target.flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
    return network


@torch.no_grad()
def recall_by_delay(
    network: RecallNetwork, steps: int = 60, sequences: int = 1000, seed: int = 1000
) -> torch.Tensor:
    """Accuracy at each delay, on sequences with a single mark, at their first step.

    Returns:
        (steps,) float32: entry d is the share of ``sequences`` recalled d steps after the mark.

    """
    generator = torch.Generator().manual_seed(seed)
    n_symbols = network.read_out.out_features
    x, target = marked_symbols(steps, sequences, n_symbols, 0.0, generator)
    return (network(x).argmax(-1) == target).float().mean(dim=1)
