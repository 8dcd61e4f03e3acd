"""The one initialisation choice an LSTM is known for: the bias of its forget gate."""

import torch
from torch import nn

__all__ = ["set_forget_bias"]


def set_forget_bias(lstm: nn.LSTM | nn.LSTMCell, value: float) -> None:
    """Set the forget gate's bias of every layer to ``value``, in place.

    PyTorch keeps two biases, ``bias_ih`` and ``bias_hh``, and adds them up: setting both to 1
    makes 2. Here the first becomes ``value`` and the second 0. Initialising to a positive value
    is the advice of Gers et al. (2000) and Jozefowicz et al. (2015).

    Args:
        lstm: an ``nn.LSTM`` or ``nn.LSTMCell`` with biases.
        value: the sum of the two biases; the gate starts near sigmoid(value).

    Raises:
        ValueError: the LSTM was made with ``bias=False``.

    """
    hidden = lstm.hidden_size
    biases = [(name, bias) for name, bias in lstm.named_parameters() if name.startswith("bias")]
    if not biases:
        raise ValueError("set_forget_bias: this LSTM has no biases (bias=False)")
    with torch.no_grad():
        for name, bias in biases:
            rows = bias[hidden : 2 * hidden]  # (H,) PyTorch's gate order is i, f, g, o
            rows.fill_(value if name.startswith("bias_ih") else 0.0)
