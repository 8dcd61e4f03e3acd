"""Mistakes that are made alike in all four of forget_gate, input_gate, candidate, output_gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
Squash = Callable[[Tensor], Tensor]
SQUASH: dict[str, Squash] = {
    "forget_gate": torch.sigmoid,
    "input_gate": torch.sigmoid,
    "candidate": torch.tanh,
    "output_gate": torch.sigmoid,
}


def wrong_in_each(
    *diagnosis: str,
) -> Callable[[Callable[[Squash], Callable[..., Any]]], Callable[..., Any]]:
    """Keep what the decorated factory makes of each gate's squashing function."""

    def register(factory: Callable[[Squash], Callable[..., Any]]) -> Callable[..., Any]:
        for exercise, squash in SQUASH.items():
            gate = factory(squash)
            gate.__name__, gate.__doc__ = factory.__name__, factory.__doc__
            bank.wrong(exercise, *diagnosis)(gate)
        return factory

    return register


@wrong_in_each("no_activation")
def nothing_squashed(squash: Squash) -> Callable[..., Any]:
    """Stops at the sum."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return x_t @ U + h_prev @ W

    return gate


@wrong_in_each("previous_state_missing")
def input_only(squash: Squash) -> Callable[..., Any]:
    """A dense layer on the input: the state is forgotten."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(x_t @ U)

    return gate


@wrong_in_each("input_missing")
def state_only(squash: Squash) -> Callable[..., Any]:
    """A layer on the state: the input is forgotten."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(torch.matmul(h_prev, W))

    return gate


@wrong_in_each("previous_weights_transposed")
def state_weights_transposed(squash: Squash) -> Callable[..., Any]:
    """PyTorch's x W^T habit on W; U's shape would not have it."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(x_t @ U + torch.nn.functional.linear(h_prev, W))

    return gate


@wrong_in_each("weights_transposed")
def input_weights_transposed(squash: Squash) -> Callable[..., Any]:
    """PyTorch's x W^T habit on both matrices."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(x_t @ U.T + h_prev @ W.T)

    return gate


@wrong_in_each("weights_swapped")
def weights_swapped(squash: Squash) -> Callable[..., Any]:
    """W for the input, because a layer's weights are usually called W."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(x_t @ W + h_prev @ U)

    return gate


@wrong_in_each("elementwise_for_matrix_product")
def every_star_element_wise(squash: Squash) -> Callable[..., Any]:
    """The slides' star, typed as it stands."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(x_t * U + h_prev * W)

    return gate


@wrong_in_each("activation_per_term")
def squashed_separately(squash: Squash) -> Callable[..., Any]:
    """Squashes each share, then adds."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(x_t @ U) + squash(h_prev @ W)

    return gate


@wrong_in_each("activation_on_input_term")
def bracket_closed_early(squash: Squash) -> Callable[..., Any]:
    """A bracket closed before the plus."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(x_t @ U) + h_prev @ W

    return gate


@wrong_in_each("activation_on_previous_term")
def bracket_opened_late(squash: Squash) -> Callable[..., Any]:
    """A bracket opened behind the plus."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return x_t @ U + squash(h_prev @ W)

    return gate


@wrong_in_each("terms_subtracted")
def difference(squash: Squash) -> Callable[..., Any]:
    """A minus typed for the plus."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(x_t @ U - h_prev @ W)

    return gate


@wrong_in_each("terms_multiplied")
def shares_multiplied(squash: Squash) -> Callable[..., Any]:
    """Takes the two shares' product for their sum."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash((x_t @ U) * (h_prev @ W))

    return gate


@wrong_in_each("activation_twice")
def squashed_twice(squash: Squash) -> Callable[..., Any]:
    """Squashes while making z, and again when returning it."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        z = squash(x_t @ U + h_prev @ W)
        return squash(z)

    return gate


@wrong_in_each("bias_added")
def bias_of_one(squash: Squash) -> Callable[..., Any]:
    """Has read about the forget bias and adds it where the slides have none."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        b = torch.ones(U.shape[1], dtype=x_t.dtype, device=x_t.device)
        return squash(x_t @ U + h_prev @ W + b)

    return gate


@wrong_in_each("nothing_returned")
def returns_nothing(squash: Squash) -> Callable[..., Any]:
    """Computes all of it and forgets the return."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> None:
        g = squash(x_t @ U + h_prev @ W)  # noqa: F841

    return gate


@wrong_in_each("wrong_shape")
def column_vectors(squash: Squash) -> Callable[..., Any]:
    """Works with columns, as most books do, and hands the columns back."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(U.T @ x_t.T + W.T @ h_prev.T)

    return gate


@wrong_in_each("wrong_shape")
def rows_averaged(squash: Squash) -> Callable[..., Any]:
    """One gate for the whole batch."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(x_t @ U + h_prev @ W).mean(dim=0)

    return gate


@wrong_in_each("wrong_dtype")
def single_precision(squash: Squash) -> Callable[..., Any]:
    """Casts everything, because an error message once said float expected."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(x_t.float() @ U.float() + h_prev.float() @ W.float())

    return gate


@wrong_in_each("wrong_type")
def numpy_returned(squash: Squash) -> Callable[..., Any]:
    """Leaves torch on the last line, to print more nicely."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Any:
        return squash(x_t @ U + h_prev @ W).detach().cpu().numpy()

    return gate


@wrong_in_each("not_started")
def still_the_stub(squash: Squash) -> Callable[..., Any]:
    """Nothing written yet."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        raise NotImplementedError("write your answer in place of this line")

    return gate


@wrong_in_each("concatenated_crosswise")
def concatenated_crosswise(squash: Squash) -> Callable[..., Any]:
    """The concatenated form, with x first on one side and W first on the other: the shapes fit."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(torch.cat([x_t, h_prev], dim=1) @ torch.cat([W, U], dim=0))

    return gate


@wrong_in_each("concatenated_crosswise")
def concatenated_as_the_lecture_says(squash: Squash) -> Callable[..., Any]:
    """The lecture has h first; U still stands above W."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        return squash(torch.cat([h_prev, x_t], dim=1) @ torch.cat([U, W], dim=0))

    return gate


@wrong_in_each("input_changed")
def state_overwritten(squash: Squash) -> Callable[..., Any]:
    """Keeps the state's share in h_prev itself to save memory."""

    def gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
        h_prev[:] = h_prev @ W
        return squash(x_t @ U + h_prev)

    return gate
