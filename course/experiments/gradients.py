"""How far back does the gradient reach? Measured with autograd, on any input."""

from typing import Literal

import torch
from torch import nn

from course.experiments.initialisation import set_forget_bias

__all__ = ["gradient_of_layer", "gradient_through_time", "per_step_factor"]


def gradient_through_time(
    kind: Literal["rnn", "lstm"],
    x: torch.Tensor,
    hidden: int,
    seed: int,
    forget_bias: float | None = None,
) -> torch.Tensor:
    """Measure how much h_t of an untrained network matters to the last state h_T.

    The loss is h_T times a random unit vector: its gradient has length 1 at the last step, and
    how that length changes on the way back is all the network's doing. The derivative by h_t leaves
    out what c_t hands on to c_{t+1}: from the last step to the one before, an LSTM's gradient
    comes through the four layers only.

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
    return _lengths(cell, x)


def gradient_of_layer(layer: nn.RNNBase, x: torch.Tensor, seed: int) -> torch.Tensor:
    """Measure the same for a layer that exists already, trained or not.

    Args:
        layer: an ``nn.RNN`` or ``nn.LSTM`` of one layer and one direction; it is left as it was.
        x: inputs, (T, N, D).
        seed: fixes the random unit vector.

    Returns:
        (T,) float64, as ``gradient_through_time``.

    Raises:
        ValueError: the layer is of another kind.

    """
    kinds: dict[str, type[nn.RNNCell | nn.LSTMCell]] = {
        "RNN_TANH": nn.RNNCell,
        "LSTM": nn.LSTMCell,
    }
    if layer.mode not in kinds or layer.num_layers != 1 or layer.bidirectional or layer.proj_size:
        raise ValueError("gradient_of_layer: needs an nn.RNN or nn.LSTM, one layer, one direction")
    cell = kinds[layer.mode](layer.input_size, layer.hidden_size, dtype=torch.float64)
    with torch.no_grad():
        for name, parameter in cell.named_parameters():
            parameter.copy_(getattr(layer, f"{name}_l0", torch.zeros_like(parameter)))
    torch.manual_seed(seed)
    return _lengths(cell, x)


def _lengths(cell: nn.RNNCell | nn.LSTMCell, x: torch.Tensor) -> torch.Tensor:
    """Draw the unit vector, read x (T, N, D) from a zero state, return (T,) gradient lengths."""
    vector = torch.randn(cell.hidden_size, dtype=torch.float64)
    direction = nn.functional.normalize(vector, dim=0)  # (H,)
    h = c = torch.zeros(x.shape[1], cell.hidden_size, dtype=torch.float64)
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
        last: where to start; the first step back, from T to T - 1, is special (see
            ``gradient_through_time``), so leave out the last few.

    Raises:
        ValueError: ``first`` is not before ``last``.

    """
    if not 0 <= first < last < len(norms):
        raise ValueError(f"per_step_factor: needs 0 <= {first} < {last} < {len(norms)}")
    return float((norms[first] / norms[last]) ** (1 / (last - first)))
