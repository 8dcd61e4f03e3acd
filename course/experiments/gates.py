"""What the gates of a trained LSTM do, read from the outside.

PyTorch returns h_t and c_t but not the gates. So we ask the cell questions it can only answer with
a gate. Hold two gates at 0 or 1 with a huge bias, choose the old cell state, and what comes out
*is* the third gate:

=========  =============================================  =================
wanted     held                                           then
=========  =============================================  =================
f_t        i_t at 0, old cell state 1                     c_t is f_t
i_t        f_t at 0, C̄_t at 1                             c_t is i_t
C̄_t        f_t at 0, i_t at 1                             c_t is C̄_t
o_t        f_t at 1, i_t at 0, old cell state huge        h_t is o_t
=========  =============================================  =================
"""

import copy

import torch
from torch import nn

__all__ = ["read_gates"]

_HUGE = 1e4  # sigmoid(1e4) is 1, sigmoid(-1e4) is 0 and tanh(1e4) is 1, all exactly, in float32
_ROWS = {"i": 0, "f": 1, "c_bar": 2, "o": 3}  # PyTorch's order of the four blocks of H rows


@torch.no_grad()
def read_gates(lstm: nn.LSTM, x: torch.Tensor) -> dict[str, torch.Tensor]:
    """Run an LSTM from a zero state and read its gates at every step.

    Args:
        lstm: one layer, one direction, with or without biases.
        x: inputs, (T, N, D).

    Returns:
        ``f``, ``i``, ``c_bar``, ``o``, ``c`` and ``h``, each (T, N, H), in the slides' letters.

    Raises:
        ValueError: the LSTM has several layers, two directions or a projection, is batch-first,
            or x is not (T, N, D).

    """
    if lstm.num_layers != 1 or lstm.bidirectional or lstm.proj_size or lstm.batch_first:
        raise ValueError("read_gates: needs a time-major nn.LSTM of one layer and one direction")
    if x.dim() != 3 or x.shape[-1] != lstm.input_size:
        raise ValueError(f"read_gates: x must be (T, N, {lstm.input_size}), got {tuple(x.shape)}")
    cell = _one_step_of(lstm)
    h_prev, c, h = _run(cell, x)
    zeros, ones = torch.zeros_like(c), torch.ones_like(c)
    return {
        "f": _ask(_hold(cell, i=-_HUGE), x, h_prev, ones)[1],
        "i": _ask(_hold(cell, f=-_HUGE, c_bar=_HUGE), x, h_prev, zeros)[1],
        "c_bar": _ask(_hold(cell, f=-_HUGE, i=_HUGE), x, h_prev, zeros)[1],
        "o": _ask(_hold(cell, f=_HUGE, i=-_HUGE), x, h_prev, _HUGE * ones)[0],
        "c": c,
        "h": h,
    }


def _one_step_of(lstm: nn.LSTM) -> nn.LSTMCell:
    """Copy an ``nn.LSTM`` into an ``nn.LSTMCell``, with zero biases where it has none."""
    weight = lstm.weight_ih_l0
    cell = nn.LSTMCell(lstm.input_size, lstm.hidden_size, device=weight.device, dtype=weight.dtype)
    for name, parameter in cell.named_parameters():
        parameter.copy_(getattr(lstm, f"{name}_l0", torch.zeros_like(parameter)))
    return cell


def _run(cell: nn.LSTMCell, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Step through x (T, N, D); return the state before each step, c and h, each (T, N, H)."""
    h = c = x.new_zeros(x.shape[1], cell.hidden_size)
    before, cells, after = [], [], []
    for x_t in x:
        before.append(h)
        h, c = cell(x_t, (h, c))
        cells.append(c)
        after.append(h)
    return torch.stack(before), torch.stack(cells), torch.stack(after)


def _hold(cell: nn.LSTMCell, **pushes: float) -> nn.LSTMCell:
    """Copy the cell and push the named gates far up or down by their bias."""
    held = copy.deepcopy(cell)
    for gate, push in pushes.items():
        held.bias_ih.view(4, -1)[_ROWS[gate]] += push
    return held


def _ask(
    cell: nn.LSTMCell, x: torch.Tensor, h_prev: torch.Tensor, c_prev: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Take one step from every moment of the sequence at once; (T, N, H) in, h and c out."""
    together = [part.flatten(0, 1) for part in (x, h_prev, c_prev)]  # each (T * N, D or H)
    h, c = cell(together[0], (together[1], together[2]))
    return h.view_as(h_prev), c.view_as(c_prev)
