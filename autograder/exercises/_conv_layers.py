"""PyTorch's answers to the convolution layers, and the known wrong ones in each one's form."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.exercises._cnn import Pair, as_pair
from autograder.exercises._conv_wrong import (
    BIAS,
    DILATION,
    KERNEL,
    ONE,
    ONLY_IN_TWO,
    PADDING,
    RESULT,
    STRIDE,
    Bias,
    Conv,
    Wrong,
    conv,
)

Either = int | Pair


def conv2d(x: Tensor, w: Tensor, b: Bias, stride: Either, padding: Either, dilation: Either
           ) -> Tensor:  # fmt: skip
    """`torch.nn.functional.conv2d`."""
    return functional.conv2d(x, w, b, stride, padding, dilation)


def conv1d(x: Tensor, w: Tensor, b: Bias, stride: int, padding: int) -> Tensor:
    """`torch.nn.functional.conv1d`: x (N, C, L), w (O, C, k)."""
    return functional.conv1d(x, w, b, stride, padding)


def conv2d_undilated(x: Tensor, w: Tensor, b: Bias, stride: Either, padding: Either) -> Tensor:
    """`torch.nn.functional.conv2d` without a dilation."""
    return functional.conv2d(x, w, b, stride, padding)


def _in_two(answer: Conv) -> Callable[..., Tensor]:
    return lambda x, w, b, s, p, d: answer(x, w, b, as_pair(s), as_pair(p), as_pair(d))


def _undilated(answer: Conv) -> Callable[..., Tensor]:
    return lambda x, w, b, s, p: answer(x, w, b, as_pair(s), as_pair(p), ONE)


def _in_one(answer: Conv) -> Callable[..., Tensor]:
    """A sequence as an image of one row."""

    def answer_in_one(x: Tensor, w: Tensor, b: Bias, stride: int, padding: int) -> Tensor:
        wide = answer(x[:, :, None], w[:, :, None], b, (1, stride), (0, padding), ONE)
        return wide[:, :, 0]

    return answer_in_one


def _last_missing_in_one(x: Tensor, w: Tensor, b: Bias, s: Pair, p: Pair, d: Pair) -> Tensor:
    return conv(x, w, b, s, p, d)[..., :-1]


IN_ONE: tuple[Wrong, ...] = (
    ("last_window_missing", "The last window is missing.",
     "Does your output's size have its + 1? `range(n)` ends at n - 1.", _last_missing_in_one),
    ("stride_and_padding_exchanged", "Stride and padding have taken each other's place.",
     "Look at the order of the arguments: stride, then padding.",
     lambda x, w, b, s, p, d: conv(x, w, b, (1, p[1]), (0, s[1]), d)),
    ("sequence_reversed", "The sequence is read from its end.", "Slide from left to right.",
     lambda x, w, b, s, p, d: conv(x.flip(3), w, b, s, p, d)),
    ("causal_padding", "All the padding stands at the start.",
     "`padding` zeros on each side.",
     lambda x, w, b, s, p, d: conv(functional.pad(x, (2 * p[1], 0)), w, b, s, (0, 0), d)),
)  # fmt: skip


def _reordered(w: Tensor, *order: int) -> Tensor:
    """The weights as they stand when their axes behind the first are flattened in another order."""
    return w.permute(0, *order).reshape(w.shape)


def _folded_by_column(y: Tensor) -> Tensor:
    return y.flatten(2).reshape(y.mT.shape).mT


def _biased_by_place(y: Tensor, b: Bias) -> Tensor:
    return (y.flatten(2) + (0 if b is None else b)).reshape(y.shape)


def _counted_off(y: Tensor, *order: int) -> Tensor:
    """The result's axes in another order, and then reshaped as if they were in the right one."""
    return y.permute(order).reshape(y.shape)


FLATTENED: tuple[Wrong, ...] = (
    ("weights_in_another_order", "The weights are flattened with the channels last.",
     "The rows of the columns' matrix go by (c, i, j), and so do the weights of w.flatten(1).",
     lambda x, w, b, s, p, d: conv(x, _reordered(w, 2, 3, 1), b, s, p, d)),
    ("weights_in_another_order", "The weights are flattened column by column.",
     "The rows of the columns' matrix go by (c, i, j), and so do the weights of w.flatten(1).",
     lambda x, w, b, s, p, d: conv(x, _reordered(w, 1, 3, 2), b, s, p, d)),
    ("filters_flattened_with_channels", "The weights are reshaped across the filters.",
     "Each filter is one row: w.flatten(1) is (O, C kh kw). A reshape is no transpose.",
     lambda x, w, b, s, p, d: conv(
         x, w.flatten(1).reshape(w[0].numel(), len(w)).T.reshape(w.shape), b, s, p, d)),
    ("bias_along_the_width", "The bias is added along the last axis, the places.",
     "Plain `+ b` lines b up with the last axis. Give it axes of size 1 behind its own.",
     lambda x, w, b, s, p, d: _biased_by_place(conv(x, w, None, s, p, d), b)),
    ("reshaped_without_exchange", "The numbers are those of (N, L, O), counted off anew.",
     "A reshape does not exchange axes: permute first.",
     lambda x, w, b, s, p, d: _counted_off(conv(x, w, b, s, p, d), 0, 2, 3, 1)),
    ("reshaped_without_exchange", "The numbers are those of (O, N, L), counted off anew.",
     "A reshape does not exchange axes: permute first.",
     lambda x, w, b, s, p, d: _counted_off(conv(x, w, b, s, p, d), 1, 0, 2, 3)),
    ("positions_folded_by_column", "The positions are folded back column by column.",
     "Positions go row by row: position l is row l // W_out, column l % W_out.",
     lambda x, w, b, s, p, d: _folded_by_column(conv(x, w, b, s, p, d))),
    ("positions_not_folded", "The positions still lie in one line.",
     "Fold the last axis, L, back into H_out rows of W_out.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, d).flatten(2)),
    ("rows_and_columns_folded_wrongly", "Height and width are exchanged where L is folded back.",
     "L = H_out W_out: fold into H_out rows of W_out.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, d).flatten(2).unflatten(
         2, conv(x, w, b, s, p, d).mT.shape[2:])),
)  # fmt: skip


def _misconceptions(
    wrong: Iterable[Wrong], form: Callable[[Conv], Callable[..., Tensor]]
) -> tuple[Misconception, ...]:
    return tuple(
        Misconception(name, says, look, form(answer)) for name, says, look, answer in wrong
    )


_LAYER = (*KERNEL, *BIAS, *PADDING, *STRIDE, *RESULT)
_OWN = {name for name, *_ in IN_ONE}
CONV2D = _misconceptions((*_LAYER, *DILATION), _in_two)
CONV2D_IM2COL = _misconceptions((*_LAYER, *FLATTENED), _undilated)
CONV1D = _misconceptions(
    [
        *(one for one in _LAYER if one[0] not in ONLY_IN_TWO | _OWN),
        *IN_ONE,
    ],
    _in_one,
)
