"""Which parts of an LSTM matter? The eight variants of Greff et al. (2017), on a task of recall.

"LSTM: A Search Space Odyssey" (https://arxiv.org/abs/1503.04069) takes one part at a time out of an
LSTM with peepholes, or adds one, and trains each variant many times. Here the same is done small,
on the lecture's task (`course.experiments.memory`): name the symbol that came with the latest mark.

The networks of all seeds are trained side by side, along a first axis S. PyTorch's own cell does
the arithmetic of a step: a variant changes what the cell is fed, so no gate is written out here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course.experiments.memory import marked_symbols

__all__ = ["VARIANTS", "Task", "compare", "train_variant"]

VARIANTS: Mapping[str, str] = {
    "V": "vanilla: gates, tanhs, peepholes",
    "NIG": "no input gate",
    "NFG": "no forget gate",
    "NOG": "no output gate",
    "NIAF": "no tanh on the candidate",
    "NOAF": "no tanh on the cell",
    "NP": "no peepholes",
    "CIFG": "input and forget gate coupled",
    "FGR": "gates see the old gates too",
}
_HELD = {"NIG": 0, "NFG": 1, "NOG": 3}  # which block of i, f, g, o is held open
_OPEN = 50.0  # sigmoid(50) is 1 in float32

State = tuple[Tensor, Tensor, Tensor]
Weights = dict[str, nn.Parameter]


@dataclass(frozen=True)
class Task:
    """Recall of the latest marked symbol, and how long and how wide the networks are trained."""

    n_symbols: int = 8
    steps: int = 20
    mark_chance: float = 0.15
    hidden: int = 6
    sequences: int = 32
    updates: int = 150
    learning_rate: float = 2e-2

    def draw(self, networks: int, sequences: int, g: torch.Generator) -> tuple[Tensor, Tensor]:
        """Fresh sequences for each network: x (T, S, N, D) float32, target (T, S, N) int64."""
        x, target = marked_symbols(
            self.steps, networks * sequences, self.n_symbols, self.mark_chance, g
        )
        apart = (networks, sequences)
        return x.unflatten(1, apart), target.unflatten(1, apart)


def _first_weights(task: Task, networks: int, g: torch.Generator) -> Weights:
    """One set of weights a network: normal, scaled by the fan-in; the forget gate's bias is 1."""
    D, H, S = task.n_symbols + 1, task.hidden, networks
    bias = torch.zeros(S, 1, 4, H)
    bias[:, :, 1] = 1.0
    drawn = {
        "cell": torch.randn(S, D + H, 4 * H, generator=g) / (D + H) ** 0.5,
        "bias": bias.flatten(2),
        "peepholes": 0.1 * torch.randn(S, 1, 3, H, generator=g),
        "old_gates": torch.randn(S, 3 * H, 4 * H, generator=g) / (3 * H) ** 0.5,
        "read_out": torch.randn(S, H, task.n_symbols, generator=g) / H**0.5,
    }
    return {name: nn.Parameter(tensor) for name, tensor in drawn.items()}


def _kernel(sums: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """PyTorch's cell for known sums (S, N, 4H) and old cell (S, N, H): h and c, both (S, N, H)."""
    flat, old = sums.flatten(0, 1), c.flatten(0, 1)
    identity, nothing = torch.eye(flat.shape[1]), flat.new_zeros(flat.shape[1], old.shape[1])
    h, new = torch.lstm_cell(flat, (torch.zeros_like(old), old), identity, nothing)
    return h.view_as(c), new.view_as(c)


def _sums(variant: str, x_t: Tensor, state: State, w: Weights) -> Tensor:
    """What goes into the four activations, (S, N, 4H), but for the output gate's peephole."""
    h, c, gates = state
    sums = torch.baddbmm(w["bias"], torch.cat([x_t, h], -1), w["cell"])
    if variant == "FGR":
        i, f, g, o = (gates @ w["old_gates"]).chunk(4, -1)
        sums = sums + torch.cat([i, f, torch.zeros_like(g), o], -1)  # the candidate sees none
    i, f, g, o = sums.chunk(4, -1)
    if variant != "NP":
        i, f = i + w["peepholes"][:, :, 0] * c, f + w["peepholes"][:, :, 1] * c
    if variant == "CIFG":
        f = -i
    blocks = [i, f, g, o]
    if variant in _HELD:
        blocks[_HELD[variant]] = torch.full_like(i, _OPEN)
    return torch.cat(blocks, -1)


def _step(variant: str, x_t: Tensor, state: State, w: Weights) -> State:
    """One step of all networks: the new h and c, and the gates i, f, o side by side."""
    old = state[1]
    sums = _sums(variant, x_t, state, w)
    _, c = _kernel(sums, old)
    i, f, g, o = sums.chunk(4, -1)
    if variant == "NIAF":
        c = c + i.sigmoid() * (g - g.tanh())
    if variant not in ("NP", "NOG"):
        o = o + w["peepholes"][:, :, 2] * c
    if variant == "NOAF":
        h = o.sigmoid() * c
    else:
        shut, kept = torch.full_like(i, -_OPEN), torch.full_like(f, _OPEN)
        h, _ = _kernel(torch.cat([shut, kept, g, o], -1), c)
    gates = torch.cat([i, f, o], -1).sigmoid() if variant == "FGR" else state[2]
    return h, c, gates


def _logits(variant: str, x: Tensor, w: Weights) -> Tensor:
    """The networks' logits (T, S, N, n_symbols) for x (T, S, N, D), from zero states."""
    S, N, H = x.shape[1], x.shape[2], w["read_out"].shape[1]
    state = x.new_zeros(S, N, H), x.new_zeros(S, N, H), x.new_zeros(S, N, 3 * H)
    shown = []
    for x_t in x:
        state = _step(variant, x_t, state, w)
        shown.append(state[0])
    return torch.stack(shown) @ w["read_out"]


def _clip(weights: Weights, largest: float) -> None:
    """Scale each network's gradient to a norm of at most `largest`, in place."""
    grads = [p.grad for p in weights.values() if p.grad is not None]
    norm = torch.stack([g.flatten(1).square().sum(1) for g in grads]).sum(0).sqrt()  # (S,)
    factor = (largest / norm.clamp(min=largest)).nan_to_num(0.0)
    for g in grads:
        g.mul_(factor.view(-1, *[1] * (g.dim() - 1)))


def train_variant(variant: str, seeds: int = 5, task: Task | None = None, seed: int = 0) -> Tensor:
    """Train one variant from several first weights; the share of wrong answers of each, (seeds,).

    Args:
        variant: a key of `VARIANTS`.
        seeds: how many networks S, each with weights and sequences of its own.
        task: the task and the training; `None` for the course's.
        seed: fixes all of it. Equal seeds give every variant the same first weights and sequences.

    Raises:
        ValueError: the variant is unknown.

    """
    if variant not in VARIANTS:
        raise ValueError(f"variant {variant!r} is none of {', '.join(VARIANTS)}")
    task = task or Task()
    generator = torch.Generator().manual_seed(seed)
    weights = _first_weights(task, seeds, generator)
    optimiser = torch.optim.Adam(weights.values(), lr=task.learning_rate)
    for _ in range(task.updates):
        x, target = task.draw(seeds, task.sequences, generator)
        logits = _logits(variant, x, weights)
        loss = nn.functional.cross_entropy(logits.flatten(0, 2), target.flatten())
        optimiser.zero_grad()
        (loss * seeds).backward()  # a mean over each network's own sequences
        _clip(weights, 1.0)
        optimiser.step()
    with torch.no_grad():
        x, target = task.draw(seeds, 200, generator)
        wrong = _logits(variant, x, weights).argmax(-1) != target
        return wrong.float().mean(dim=(0, 2))


def compare(seeds: int = 5, task: Task | None = None) -> dict[str, Tensor]:
    """`train_variant` for each of the nine, by its name."""
    return {variant: train_variant(variant, seeds, task) for variant in VARIANTS}
