"""Known wrong answers to jacobian_norms: autograd's Jacobians, measured or multiplied otherwise."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.exercises._layers_torch import wrong
from autograder.exercises._rnn_backward import (
    in_double,
    jacobians,
    slope_of_tanh,
    torch_jacobian_norms,
)
from autograder.exercises._rnn_wrong_step_back import SLOPES

Answer = Callable[[Tensor, Tensor], Tensor]


def _measured(size: Callable[[Tensor], Tensor]) -> Answer:
    """The right Jacobians, with another number for their size."""
    return in_double(lambda h, W: torch.stack([size(J) for J in jacobians(h, W)]))


def _one_step(h: Tensor, W: Tensor, t: int) -> Tensor:
    """Autograd's Jacobian from state t to state t + 1."""
    return jacobians(h[t : t + 2], W)[0]


def _chained(
    factor: Callable[[Tensor, Tensor, int], Tensor], after: Callable[[int], bool] = lambda t: True
) -> Answer:
    """The norms of products of `factor(h, W, t)`, from the last step back."""

    @in_double
    def answer(h: Tensor, W: Tensor) -> Tensor:
        product, norms = torch.eye(len(W), dtype=W.dtype), [W.new_ones(())]
        for t in range(len(h) - 2, -1, -1):
            product = product @ factor(h, W, t)
            norms.append(torch.linalg.matrix_norm(product, 2))
        return torch.stack(norms).flip(0)

    return answer


def _other_slope(slope: Callable[[Tensor], Tensor], shift: int = 1) -> Answer:
    return _chained(lambda h, W, t: slope(h[t + shift])[:, None] * W.mT)


def _in_reversed_order(h: Tensor, W: Tensor) -> Tensor:
    product, norms = torch.eye(len(W), dtype=W.dtype), [W.new_ones(())]
    for t in range(len(h) - 2, -1, -1):
        product = _one_step(h, W, t) @ product
        norms.append(torch.linalg.matrix_norm(product, 2))
    return torch.stack(norms).flip(0)


def _bounded(h: Tensor, W: Tensor) -> Tensor:
    norms = [W.new_ones(())]
    for t in range(len(h) - 2, -1, -1):
        norms.append(norms[-1] * torch.linalg.matrix_norm(_one_step(h, W, t), 2))
    return torch.stack(norms).flip(0)


def _each_step_alone(h: Tensor, W: Tensor) -> Tensor:
    norms = [torch.linalg.matrix_norm(_one_step(h, W, t), 2) for t in range(len(h) - 1)]
    return torch.stack([*norms, W.new_ones(())])


def _from_the_start(h: Tensor, W: Tensor) -> Tensor:
    norms = [torch.linalg.matrix_norm(jacobians(h[: t + 1], W)[0], 2) for t in range(len(h))]
    return torch.stack(norms)


def _one_factor_more(h: Tensor, W: Tensor) -> Tensor:
    factor = slope_of_tanh(h)
    return torch.stack(
        [
            torch.linalg.matrix_norm(J @ (factor[t][:, None] * W.mT), 2)
            for t, J in enumerate(jacobians(h, W))
        ]
    )


def _one_factor_short(h: Tensor, W: Tensor) -> Tensor:
    norms = torch_jacobian_norms(h, W)
    return torch.cat([norms[1:], norms[-1:]])


_CHAIN = "From h[T - 1] back to h[t] the road passes steps T - 1, T - 2, ... t + 1: for each, "
_CHAIN += "tanh's slope at the state that it produced, and W."
_SIZE = "The spectral norm is the largest singular value: `torch.linalg.matrix_norm(J, 2)`."
_LAST = "Entry t is about the road from the last state back to h[t]; the last entry is 1."

JACOBIAN = (
    *(wrong(name, says, look, _other_slope(slope)) for name, says, look, slope in SLOPES),
    wrong("slope_of_earlier_state", "tanh's slope is taken from the state before the step.", _CHAIN,
          _other_slope(slope_of_tanh, 0)),
    wrong("w_transposed", "W is transposed, while the slopes stand where they do without.",
          "Row j of a Jacobian belongs to unit j of what came out, and W's columns do.",
          _chained(lambda h, W, t: slope_of_tanh(h[t + 1])[:, None] * W)),
    wrong("slope_on_wrong_side", "tanh's slope stands on the wrong side of W.",
          "Forward: W first, then tanh. Each slope belongs to a unit that comes out.",
          _chained(lambda h, W, t: W.mT * slope_of_tanh(h[t + 1]))),
    wrong("order_reversed", "The steps' matrices are multiplied in the wrong order.", _CHAIN,
          in_double(_in_reversed_order)),
    wrong("product_of_norms", "The norms of the single steps are multiplied.",
          "Multiply the matrices, then take the norm: the product of norms is only a bound.",
          in_double(_bounded)),
    wrong("each_step_alone", "Each entry holds one step only.", _CHAIN,
          in_double(_each_step_alone)),
    wrong("from_the_start", "Entry t is about the road from h[t] back to h[0].", _LAST,
          in_double(_from_the_start)),
    wrong("outputs_reversed", "The norms are in reversed order.", _LAST,
          lambda h, W: torch_jacobian_norms(h, W).flip(0)),
    wrong("one_factor_too_many", "Each product has one factor too many.", _LAST,
          in_double(_one_factor_more)),
    wrong("one_factor_missing", "Each product has one factor too few.", _LAST,
          _one_factor_short),
    wrong("frobenius_norm", "The norm is Frobenius's, the root of all squares.", _SIZE,
          _measured(torch.linalg.matrix_norm)),
    wrong("frobenius_norm", "The norm is Frobenius's, and the norms are in reversed order.",
          f"{_SIZE} {_LAST}",
          lambda h, W: _measured(torch.linalg.matrix_norm)(h, W).flip(0)),
    wrong("nuclear_norm", "The singular values are added up.", _SIZE,
          _measured(lambda J: torch.linalg.svdvals(J).sum())),
    wrong("smallest_singular_value", "The norm is the smallest singular value.", _SIZE,
          _measured(lambda J: torch.linalg.svdvals(J)[-1])),
    wrong("largest_entry", "The norm is the largest entry.", _SIZE,
          _measured(lambda J: J.abs().max())),
    wrong("spectral_radius", "The norm is the largest eigenvalue's size.",
          f"For a product of matrices that is another thing. {_SIZE}",
          _measured(lambda J: torch.linalg.eigvals(J).abs().max())),
    wrong("column_sums", "The norm is the largest sum of a column.", _SIZE,
          _measured(lambda J: torch.linalg.matrix_norm(J, 1))),
    wrong("row_sums", "The norm is the largest sum of a row.", _SIZE,
          _measured(lambda J: torch.linalg.matrix_norm(J, float("inf")))),
    wrong("squared", "The norm is squared.", "It is a singular value, not its square.",
          _measured(lambda J: torch.linalg.matrix_norm(J, 2) ** 2)),
    wrong("last_left_out", "The last entry is missing.", _LAST,
          lambda h, W: torch_jacobian_norms(h, W)[:-1]),
)  # fmt: skip
