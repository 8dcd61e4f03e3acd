"""Known wrong answers to one step of an RNN, in both forms: PyTorch's step, perturbed."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.exercises._layers_torch import wrong
from autograder.exercises._rnn import before_tanh, torch_step

Step = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]
Entry = tuple[str, str, str, Step]


def _instead_of_tanh(squash: Callable[[Tensor], Tensor]) -> Step:
    return lambda *inputs: squash(before_tanh(*inputs))


def _without_bias(step: Step = torch_step) -> Step:
    return lambda x_t, h_prev, U, W, b: step(x_t, h_prev, U, W, torch.zeros_like(b))


def _quotient_of_powers(z: Tensor) -> Tensor:
    """The tanh from its definition: infinity over infinity where |z| is large."""
    return (z.exp() - (-z).exp()) / (z.exp() + (-z).exp())


def _one_share(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return torch_step(x_t, torch.zeros_like(h_prev), U, W, b)


def _other_share(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return torch_step(torch.zeros_like(x_t), h_prev, U, W, b)


def _squashed_apart(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    none = torch.zeros_like(b)
    return _one_share(x_t, h_prev, U, W, none) + _other_share(x_t, h_prev, U, W, none) + b


def _squashed_apart_with_bias(*inputs: Tensor) -> Tensor:
    x_t, h_prev, U, W, b = inputs
    return _one_share(x_t, h_prev, U, W, torch.zeros_like(b)) + _other_share(*inputs)


def _squashed_apart_bias_with_input(*inputs: Tensor) -> Tensor:
    x_t, h_prev, U, W, b = inputs
    return _one_share(*inputs) + _other_share(x_t, h_prev, U, W, torch.zeros_like(b))


def _state_after_tanh(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return _one_share(x_t, h_prev, U, W, b) + torch.nn.functional.linear(h_prev, W.mT)


_FORM = "The step is: a matrix product of the input, one of the state, the bias, and one tanh."

#: What both forms and the layer share: these do not touch the way the weights are stored.
ABOUT_THE_STEP: tuple[Entry, ...] = (
    ("sigmoid_for_tanh", "The sum goes through a sigmoid; it should go through tanh.",
     "Your states lie between 0 and 1. A plain RNN's lie between -1 and 1.",
     _instead_of_tanh(torch.sigmoid)),
    ("no_activation", "The sum comes back as it is: the tanh is missing.",
     "Every state of a plain RNN lies between -1 and 1.", _instead_of_tanh(lambda z: z)),
    ("relu_for_tanh", "The sum goes through a ReLU; it should go through tanh.",
     "nn.RNN can do that too, but tanh is its standard, and ours.",
     _instead_of_tanh(torch.relu)),
    ("softmax_for_tanh", "The sum goes through a softmax; it should go through tanh.",
     "A state is no probability: every unit is squashed for itself.",
     _instead_of_tanh(lambda z: z.softmax(-1))),
    ("squashed_twice", "The sum goes through tanh twice.", "One tanh, around the whole sum.",
     lambda *inputs: torch_step(*inputs).tanh()),
    ("tanh_overflows", "tanh from its definition gives infinity over infinity for large numbers.",
     "Use torch.tanh, which knows what to do there.", _instead_of_tanh(_quotient_of_powers)),
    ("no_bias", "The bias is left out.", _FORM, _without_bias()),
    ("bias_after_tanh", "The bias is added after the tanh; it belongs inside.", _FORM,
     lambda x_t, h_prev, U, W, b: _without_bias()(x_t, h_prev, U, W, b) + b),
    ("bias_subtracted", "The bias is subtracted; it should be added.", _FORM,
     lambda x_t, h_prev, U, W, b: torch_step(x_t, h_prev, U, W, -b)),
    ("bias_twice", "The bias is added twice.",
     "PyTorch keeps two biases; here there is one.",
     lambda x_t, h_prev, U, W, b: torch_step(x_t, h_prev, U, W, 2 * b)),
    ("state_ignored", "The previous state plays no part.", _FORM, _one_share),
    ("input_ignored", "The input plays no part.", _FORM, _other_share),
    ("state_added_after_tanh", "The state's share is added after the tanh; it belongs inside.",
     "Both shares are added first, and squashed together.", _state_after_tanh),
    ("state_kept", "h_prev is added to the result.",
     "The new state takes the old one's place; it reaches it only through W.",
     lambda *inputs: torch_step(*inputs) + inputs[1]),
    *(("squashed_apart", "Input and state are squashed one by one, and added afterwards.",
       "Add first; then one tanh around the sum.", answer)
      for answer in (_squashed_apart, _squashed_apart_with_bias, _squashed_apart_bias_with_input)),
)  # fmt: skip


def _weights_swapped(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """U and W exchanged; they only fit where D = H (which PyTorch's kernel does not mind)."""
    linear = torch.nn.functional.linear
    return (linear(x_t, W.mT, b) + linear(h_prev, U.mT)).tanh()


def _transposed(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    linear = torch.nn.functional.linear
    return (linear(x_t, U, b) + linear(h_prev, W)).tanh()


def _input_transposed(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    linear = torch.nn.functional.linear
    return (linear(x_t, U, b) + linear(h_prev, W.mT)).tanh()


def _by_element(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return (x_t * U + h_prev * W + b).tanh()


#: How the weights are used where they come as U and W.
ABOUT_THE_WEIGHTS: tuple[Entry, ...] = (
    ("weights_swapped", "U and W have changed places.",
     "U (D, H) multiplies the input, W (H, H) the previous state.", _weights_swapped),
    ("w_transposed", "W is transposed.",
     "Rows are examples here: `h_prev @ W` needs no transpose.",
     lambda x_t, h_prev, U, W, b: torch_step(x_t, h_prev, U, W.mT, b)),
    ("u_transposed", "U is transposed.", "Rows are examples here: `x_t @ U` needs no transpose.",
     _input_transposed),
    ("u_and_w_transposed", "Both U and W are transposed.",
     "Rows are examples here: the weights stand on the right, as they are.", _transposed),
    ("element_wise_product", "The weights are multiplied element by element.",
     "U and W are matrices, and what is asked for are matrix products: `@`.", _by_element),
)  # fmt: skip

CELL = tuple(wrong(*entry) for entry in (*ABOUT_THE_STEP, *ABOUT_THE_WEIGHTS))

# --- the concatenated form ------------------------------------------------------------------------


def _stacked(step: Step) -> Callable[..., Tensor]:
    """`step`, with its weights in one piece."""

    def answer(x_t: Tensor, h_prev: Tensor, V: Tensor, b: Tensor) -> Tensor:
        D = x_t.shape[1]
        return step(x_t, h_prev, V[:D], V[D:], b)

    return answer


def _state_first(x_t: Tensor, h_prev: Tensor, V: Tensor, b: Tensor) -> Tensor:
    joined = torch.cat([h_prev, x_t], 1)
    return torch.nn.functional.linear(joined, V.mT, b).tanh()


def _split_after_units(x_t: Tensor, h_prev: Tensor, V: Tensor, b: Tensor) -> Tensor:
    """V cut after H rows, the state multiplied by the second part: it fits only where D = H."""
    H = V.shape[1]
    linear = torch.nn.functional.linear
    return (linear(x_t, V[:H].mT, b) + linear(h_prev, V[H:].mT)).tanh()


def _added_then_multiplied(x_t: Tensor, h_prev: Tensor, V: Tensor, b: Tensor) -> Tensor:
    """Input and state added in place of set side by side: it fits only where D = H."""
    D = x_t.shape[1]
    return torch.nn.functional.linear(x_t + h_prev, V[:D].mT, b).tanh()


def _joined_with_output(x_t: Tensor, h_prev: Tensor, V: Tensor, b: Tensor) -> Tensor:
    h_t = _stacked(torch_step)(x_t, h_prev, V, b)
    return torch.cat([x_t, h_t], 1)


_ORDER = "V's first D rows belong to the input, its last H rows to the state."

CONCAT = (
    *(wrong(name, says, look, _stacked(answer)) for name, says, look, answer in ABOUT_THE_STEP),
    wrong("state_first", "The state stands before the input.", _ORDER, _state_first),
    wrong("w_transposed", "The state's part of V is transposed.",
          "V is used as it is: `[x_t, h_prev] @ V`.",
          _stacked(lambda x_t, h_prev, U, W, b: torch_step(x_t, h_prev, U, W.mT, b))),
    wrong("split_after_units", "V is cut after H rows; the input's part has D rows.",
          f"{_ORDER} In this form you need not cut it at all.", _split_after_units),
    wrong("added_not_joined", "Input and state are added; they should stand side by side.",
          "`torch.cat` along the features makes (N, D + H).", _added_then_multiplied),
    wrong("input_joined_to_output", "What comes back holds the input as well as the new state.",
          "The concatenation is what goes in; out comes h_t alone, (N, H).", _joined_with_output),
)  # fmt: skip
