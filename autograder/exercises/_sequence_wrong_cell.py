"""Known wrong answers inside the step of an RNN layer, as perturbations of PyTorch's kernels."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.exercises._sequence import Layer, flatten, torch_layer

LayerAnswer = Callable[[Tensor, Tensor, Layer], Tensor]
Row = tuple[str, str, str, LayerAnswer]


def _with_weights(change: Callable[[Tensor, Tensor, Tensor], Layer]) -> LayerAnswer:
    return lambda x, h0, layer: torch_layer(x, h0, change(*layer))


def _relu(x: Tensor, h0: Tensor, layer: Layer) -> Tensor:
    h: Tensor = torch.rnn_relu(x, h0[None], flatten([layer]), True, 1, 0.0, False, False, False)[0]
    return h


def _sigmoid(x: Tensor, h0: Tensor, layer: Layer) -> Tensor:
    """PyTorch's tanh of half of the sum, moved into 0 … 1."""
    U, W, b = (0.5 * part for part in layer)
    state, seen = h0, []
    for x_t in x:
        state = (torch_layer(x_t[None], state, (U, W, b))[0] + 1) / 2
        seen.append(state)
    return torch.stack(seen)


def _linear(x: Tensor, h0: Tensor, layer: Layer) -> Tensor:
    U, W, b = layer
    state, seen = h0, []
    for x_t in x:
        state = torch.addmm(torch.addmm(b, x_t, U), state, W)
        seen.append(state)
    return torch.stack(seen)


def _not_carried(x: Tensor, h0: Tensor, layer: Layer) -> Tensor:
    return torch.cat([torch_layer(x_t[None], h0, layer) for x_t in x])


CELL: tuple[Row, ...] = (
    ("no_bias", "The bias b is left out.", "b is added to the sum, before the tanh.",
     _with_weights(lambda U, W, b: (U, W, torch.zeros_like(b)))),
    ("sigmoid_for_tanh", "The sum is squashed by a sigmoid; it should be tanh.",
     "A state lies between -1 and 1.", _sigmoid),
    ("relu_for_tanh", "The sum goes through a ReLU; it should be tanh.",
     "A state lies between -1 and 1.", _relu),
    ("no_activation", "The sum is not squashed.", "The tanh is missing.", _linear),
    ("hidden_weights_transposed", "W is transposed.", "`h_prev @ W`, as it is.",
     _with_weights(lambda U, W, b: (U, W.mT, b))),
    ("state_not_carried", "Every step starts from h0: the state is not carried on.",
     "What a step returns is the next step's h_prev.", _not_carried),
    ("state_ignored", "The previous state has no say: `h_prev @ W` is missing.",
     "A step reads its input and the state before it.",
     _with_weights(lambda U, W, b: (U, torch.zeros_like(W), b))),
    ("input_ignored", "The input has no say: `x_t @ U` is missing.",
     "A step reads its input and the state before it.",
     _with_weights(lambda U, W, b: (torch.zeros_like(U), W, b))),
    ("weights_swapped", "U and W have changed places.",
     "U multiplies the input, W the previous state.",
     _with_weights(lambda U, W, b: (W, U, b))),
    ("initial_state_ignored", "h0 is ignored: the first step starts from zeros.",
     "The first step's h_prev comes from h0.",
     lambda x, h0, layer: torch_layer(x, torch.zeros_like(h0), layer)),
    ("states_before_each_step", "The states are one step late: the first one kept is h0.",
     "Step first, then keep.",
     lambda x, h0, layer: torch.cat([h0[None], torch_layer(x, h0, layer)[:-1]])),
)  # fmt: skip
