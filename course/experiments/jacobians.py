"""What a plain RNN does to a small change over time, forwards and backwards; by autograd."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

__all__ = [
    "Walk",
    "cell_of_radius",
    "cliff_loss",
    "contributions",
    "descend",
    "far_singular_values",
    "trajectories",
    "windowed_gradient",
]


def cell_of_radius(radius: float, n_in: int, hidden: int, seed: int) -> nn.RNNCell:
    """Make a cell whose recurrent matrix has this spectral radius (largest |eigenvalue|).

    The recurrent matrix is normal noise, scaled; biases are 0; float64.
    """
    torch.manual_seed(seed)
    cell = nn.RNNCell(n_in, hidden, dtype=torch.float64)
    with torch.no_grad():
        noise = torch.randn(hidden, hidden, dtype=torch.float64)
        cell.weight_hh.copy_(radius / torch.linalg.eigvals(noise).abs().max() * noise)
        cell.bias_ih.zero_()
        cell.bias_hh.zero_()
    return cell


def far_singular_values(cell: nn.RNNCell, x: Tensor) -> Tensor:
    """Measure how a change of each h_t changes the last state h_T, in every direction.

    Args:
        cell: float64.
        x: inputs of one sequence, (T, D) float64; the first state is 0.

    Returns:
        (T, H): row t holds the singular values of the derivative of h_T by h_t, largest first;
        the last row is 1, since h_T changes as itself. One backward pass for each unit of h_T.

    """
    state = torch.zeros(cell.hidden_size, dtype=x.dtype)
    states: list[Tensor] = []
    for step in x:
        state = cell(step, state)
        states.append(state)
    units = torch.eye(cell.hidden_size, dtype=x.dtype)
    backward = torch.autograd.grad(state, states, units, is_grads_batched=True)  # T of (H, H)
    return torch.stack([torch.linalg.svdvals(each) for each in backward])


@torch.no_grad()
def trajectories(cell: nn.RNNCell, starts: Tensor, steps: int) -> Tensor:
    """Let a cell run on without input from N first states (N, H): all states, (steps + 1, N, H)."""
    silence = torch.zeros(len(starts), cell.input_size, dtype=starts.dtype)
    path = [starts]
    for _ in range(steps):
        path.append(cell(silence, path[-1]))
    return torch.stack(path)


def contributions(layer: nn.RNN, x: Tensor) -> tuple[Tensor, float]:
    """Take the recurrent gradient of a loss on the last state apart, step by step.

    Every step gets its own copy of the weights; autograd fills each copy by itself. The loss is
    the sum of the last state's units.

    Args:
        layer: an ``nn.RNN`` of one layer, tanh.
        x: (T, N, D).

    Returns:
        (T,): the length of what step t adds to the gradient of ``weight_hh_l0``; and how far the
        sum over all steps is from the gradient of the layer itself (largest difference).

    """
    cell = nn.RNNCell(layer.input_size, layer.hidden_size, dtype=x.dtype)
    with torch.no_grad():
        for name, parameter in cell.named_parameters():
            parameter.copy_(getattr(layer, f"{name}_l0"))
    copies = [copy.deepcopy(cell) for _ in x]
    state = torch.zeros(x.shape[1], layer.hidden_size, dtype=x.dtype)
    for step, own in zip(x, copies, strict=True):
        state = own(step, state)
    parts = torch.autograd.grad(state.sum(), [own.weight_hh for own in copies])
    (whole,) = torch.autograd.grad(layer(x)[0][-1].sum(), layer.get_parameter("weight_hh_l0"))
    lengths = torch.stack([part.norm() for part in parts])
    return lengths, float((torch.stack(parts).sum(0) - whole).abs().max())


def windowed_gradient(layer: nn.RNN, x: Tensor, window: int) -> Tensor:
    """Find the recurrent gradient with the backward walk cut at every `window` steps.

    The state is handed on, detached, from one window to the next. The loss is the sum of the
    squared states of all steps, so that every step has something to say.

    Args:
        layer: an ``nn.RNN`` of one layer.
        x: (T, N, D).
        window: steps that are walked back at most; T or more is the whole gradient.

    Returns:
        the gradient of ``weight_hh_l0``, (H, H).

    """
    weight, state = layer.get_parameter("weight_hh_l0"), None
    total = torch.zeros_like(weight)
    for part in x.split(window):
        output, state = layer(part, state)
        total += torch.autograd.grad(output.square().sum(), weight)[0]
        state = state.detach()
    return total


def cliff_loss(w: Tensor, b: Tensor, steps: int = 50, wanted: float = 0.7) -> Tensor:
    """Compute the squared error of a one-unit RNN after 50 steps, for every pair (w, b).

    The unit is a = w sigmoid(a) + b, from a = 0, as in figure 6 of Pascanu et al. (2013).
    """
    level = torch.zeros_like(w)
    for _ in range(steps):
        level = w * torch.sigmoid(level) + b
    return (torch.sigmoid(level) - wanted) ** 2


@dataclass(frozen=True)
class Walk:
    """Places (w, b) of a descent, (steps + 1, 2); the loss there, and the gradient's length."""

    places: Tensor
    losses: Tensor
    norms: Tensor


def descend(
    start: Sequence[float], rate: float, steps: int, max_norm: float = float("inf")
) -> Walk:
    """Walk down ``cliff_loss`` by gradient descent, gradients clipped to a length."""
    place = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([place], rate)
    places, losses, norms = [], [], []
    for _ in range(steps + 1):
        optimiser.zero_grad()
        loss = cliff_loss(place[0], place[1])
        loss.backward()
        places.append(place.detach().clone())
        losses.append(loss.detach())
        norms.append(nn.utils.clip_grad_norm_([place], max_norm))
        optimiser.step()
    return Walk(torch.stack(places), torch.stack(losses), torch.stack(norms))
