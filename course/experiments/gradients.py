"""How far back does the gradient reach? Measured with autograd, on any input."""

from typing import Literal

import torch
from torch import nn

from course.experiments.initialisation import set_forget_bias

__all__ = ["gradient_through_time", "per_step_factor"]


def gradient_through_time(
    kind: Literal["rnn", "lstm"],
    x: torch.Tensor,
    hidden: int,
    seed: int,
    forget_bias: float | None = None,
) -> torch.Tensor:
    """Measure how much h_t of an untrained network matters to the last state h_T.

    The loss is h_T times a random unit vector: its gradient has length 1 at the last step, and
    how that length changes on the way back is all the network's doing.

    Args:
        kind: ``"rnn"`` or ``"lstm"``.
        x: inputs, (T, N, D).
        hidden: the number of hidden units H.
        seed: fixes the weights and the random unit vector.
        forget_bias: see ``set_forget_bias``; ``None`` leaves PyTorch's initialisation.

    Returns:
        (T,) float64: entry t is the length of dloss/dh_t, geometric mean over the N sequences.
        float64, because 1e-20 squared is 0 in float32.

    """
    torch.manual_seed(seed)
    cell = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell}[kind](x.shape[-1], hidden, dtype=torch.float64)
    if forget_bias is not None and isinstance(cell, nn.LSTMCell):
        set_forget_bias(cell, forget_bias)
    direction = nn.functional.normalize(torch.randn(hidden, dtype=torch.float64), dim=0)  # (H,)
    h = c = torch.zeros(x.shape[1], hidden, dtype=torch.float64)
    states = []
    for x_t in x.double():
        if isinstance(cell, nn.LSTMCell):
            h, c = cell(x_t, (h, c))
        else:
            h = cell(x_t, h)
        states.append(h)
    gradients = torch.autograd.grad((h @ direction).sum(), states)  # T times (N, H)
    return torch.stack(gradients).norm(dim=-1).log().mean(dim=-1).exp()


def per_step_factor(norms: torch.Tensor, first: int, last: int) -> float:
    """Return the factor the gradient is multiplied by per step on its way back.

    Args:
        norms: (T,) as from ``gradient_through_time``.
        first: where to stop (0-based step).
        last: where to start; the step from T to T - 1 is special, so leave out the last few.

    Raises:
        ValueError: ``first`` is not before ``last``.

    """
    if not 0 <= first < last < len(norms):
        raise ValueError(f"per_step_factor: needs 0 <= {first} < {last} < {len(norms)}")
    return float((norms[first] / norms[last]) ** (1 / (last - first)))
