"""The five architectures as PyTorch's kernels give them, each with what may be done otherwise."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.exercises._architectures import (
    TORCH,
    Net,
    Params,
    linear_read,
    no_state,
    own_last,
    tanh_cell,
)

Answer = Callable[..., Tensor]
Build = Callable[[Net], Answer]

# --- the five -------------------------------------------------------------------------------------


def one_to_one(net: Net = TORCH) -> Answer:
    """(x, params) -> (N, O): one step from no state."""
    return lambda x, params: net.read(net.cell(x, no_state(len(x), params), params), params)


def first_only(x: Tensor, steps: int) -> Tensor:
    """The inputs (steps, N, D) of a network that sees x at its first step."""
    return torch.cat([x[None], x.new_zeros(steps - 1, *x.shape)])


def one_to_many(net: Net = TORCH, *, carry: bool = True,
                inputs: Callable[[Tensor, int], Tensor] = first_only) -> Answer:  # fmt: skip
    """(x, steps, params) -> (steps, N, O)."""

    def answer(x: Tensor, steps: int, params: Params) -> Tensor:
        start = no_state(len(x), params)
        return net.read(net.states(inputs(x, steps), start, params, carry=carry), params)

    return answer


def many_to_one(net: Net = TORCH, *, carry: bool = True,
                last: Callable[[Tensor, Tensor], Tensor] = own_last) -> Answer:  # fmt: skip
    """(x, lengths, params) -> (N, O); `last` goes to each row's step."""

    def answer(x: Tensor, lengths: Tensor, params: Params) -> Tensor:
        states = net.states(x, no_state(x.shape[1], params), params, carry=carry)
        return net.read(last(states, lengths), params)

    return answer


def many_to_many(net: Net = TORCH, *, carry: bool = True) -> Answer:
    """(x, params) -> (T, N, O)."""

    def answer(x: Tensor, params: Params) -> Tensor:
        start = no_state(x.shape[1], params)
        return net.read(net.states(x, start, params, carry=carry), params)

    return answer


def encoder_decoder(
    net: Net = TORCH,
    *,
    source: Callable[[Tensor], Tensor] = lambda x: x,
    carry_source: bool = True,
    meet: Callable[[Tensor, Params], Tensor] = lambda states, decoder: states[-1],
    begin: Callable[[Tensor, Tensor, Params, Params], Tensor] = lambda x, h, encoder, decoder: (
        x.new_zeros(len(h), len(decoder["U"]))
    ),
    feed: Callable[[Tensor, Tensor], Tensor] = lambda y, h: y,
    carry: bool = True,
) -> Answer:
    """(x, steps, encoder, decoder) -> (steps, N, O).

    `source(x)` is what the encoder reads, `meet` makes the decoder's state of the encoder's states,
    `begin` its first input, `feed(y, h)` its next input of an output and a state.
    """

    def answer(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Tensor:
        start = no_state(x.shape[1], encoder)
        h = meet(net.states(source(x), start, encoder, carry=carry_source), decoder)
        y, found = begin(x, h, encoder, decoder), []
        for _ in range(steps):
            new = net.cell(y, h, decoder)
            found.append(net.read(new, decoder))
            y, h = feed(found[-1], new), new if carry else h
        return torch.stack(found)

    return answer


# --- what all of them may do otherwise ------------------------------------------------------------


def altered(params: Params, **changes: Tensor) -> Params:
    """The weights with some of them replaced."""
    return {**params, **changes}


def _before(x_t: Tensor, h: Tensor, params: Params) -> Tensor:
    """What goes into the activation, by PyTorch's linear layer of [x_t, h]."""
    both = torch.cat([params["U"], params["W"]])
    return functional.linear(torch.cat([x_t, h], -1), both.mT, params["b"])


def _bare(x_t: Tensor, h: Tensor, params: Params) -> Tensor:
    return tanh_cell(x_t, h, altered(params, b=torch.zeros_like(params["b"])))


def _swapped(x_t: Tensor, h: Tensor, params: Params) -> Tensor:
    """U and W in each other's place; raises where their shapes do not fit, as `@` would."""
    if params["U"].shape != params["W"].shape:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
    return tanh_cell(x_t, h, altered(params, U=params["W"], W=params["U"]))


def _no_output_bias(h: Tensor, params: Params) -> Tensor:
    return functional.linear(h, params["V"].mT)


_CELL = "The state is tanh(x_t U + h W + b)."
_READ = "The output is h V + d, with nothing behind it: these are logits, or plain numbers."
#: Name, what to say, where to look, the network.
ANY: tuple[tuple[str, str, str, Net], ...] = (
    ("bias_forgotten", "b is not added.", _CELL, Net(_bare)),
    ("output_bias_forgotten", "d is not added.", _READ, Net(read=_no_output_bias)),
    ("no_activation", "There is no tanh.", _CELL, Net(_before)),
    ("sigmoid_for_tanh", "The state goes through a sigmoid.", _CELL,
     Net(lambda *a: _before(*a).sigmoid())),
    ("relu_for_tanh", "The state goes through a ReLU.", _CELL,
     Net(lambda *a: _before(*a).relu())),
    ("bias_after_tanh", "b is added behind the tanh.", _CELL,
     Net(lambda x_t, h, params: _bare(x_t, h, params) + params["b"])),
    ("input_and_state_weights_swapped", "U multiplies the state, W the input.",
     "U (D, H) is for the input, W (H, H) for the previous state.", Net(_swapped)),
    ("hidden_returned", "The state itself comes back.", _READ, Net(read=lambda h, params: h)),
    ("output_activated", "The output goes through a tanh.", _READ,
     Net(read=lambda *a: linear_read(*a).tanh())),
    ("output_softmaxed", "The output goes through a softmax.", _READ,
     Net(read=lambda *a: linear_read(*a).softmax(-1))),
)  # fmt: skip
#: The same for what has a recurrence.
RECURRENT: tuple[tuple[str, str, str, Net], ...] = (
    *ANY,
    ("state_weights_transposed", "W is transposed.",
     "Row vectors: h W, with W as it comes.",
     Net(lambda x_t, h, params: tanh_cell(x_t, h, altered(params, W=params["W"].mT)))),
    ("state_not_multiplied", "The previous state is added without W.",
     _CELL,
     Net(lambda x_t, h, params: (
         _before(x_t, torch.zeros_like(h), params) + h).tanh())),
    ("bias_added_twice", "b is added twice at each step.",
     "PyTorch's own layer has two biases; here there is one.",
     Net(lambda x_t, h, params: tanh_cell(x_t, h, altered(params, b=2 * params["b"])))),
)  # fmt: skip


def each(build: Build, ways: tuple[tuple[str, str, str, Net], ...]) -> tuple[Misconception, ...]:
    """A misconception for every network that steps or is read otherwise."""
    return tuple(Misconception(name, says, look, build(net)) for name, says, look, net in ways)


def after(answer: Answer, change: Callable[[Tensor], Tensor]) -> Answer:
    """The right answer, changed at the end."""
    return lambda *inputs: change(answer(*inputs))


def over_the_batch(join: int) -> Callable[[Tensor, Params], Tensor]:
    """States of a loop over axis 1 of x (T, N, D), stacked along `join`."""

    def states(x: Tensor, params: Params) -> Tensor:
        found = TORCH.states(x.transpose(0, 1), no_state(len(x), params), params)  # (N, T, H)
        return found if join == 0 else found.transpose(0, 1)

    return states


def state_sized_by_time(x: Tensor, params: Params) -> Tensor:
    """States (T, rows, H) of a loop over time whose first state has T rows for N.

    PyTorch's + stretches one row, and raises for other numbers that differ.
    """
    rows = max(len(x), x.shape[1])
    if {len(x), x.shape[1]} - {1, rows}:
        raise RuntimeError("the size of tensor a must match the size of tensor b")
    return TORCH.states(x.expand(-1, rows, -1), no_state(rows, params), params)
