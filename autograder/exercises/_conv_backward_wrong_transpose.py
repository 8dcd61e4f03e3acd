"""Known wrong answers to conv_transpose2d: PyTorch's, with something exchanged."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.exercises._conv_backward import (
    CUT_TO_NOTHING,
    WRAPPED_ROUND,
    IntOrPair,
    both,
    cut_from_the_end,
    framed,
    last_one_wins,
    only_ints,
    only_pairs,
    torch_transpose,
    wrapped_round,
)
from autograder.exercises._layers_torch import wrong

Bias = Tensor | None
Answer = Callable[[Tensor, Tensor, Bias, IntOrPair, IntOrPair], Tensor]


def _with(change: Callable[[Tensor], Tensor]) -> Answer:
    """With another kernel."""
    return lambda x, w, b, s, p: torch_transpose(x, change(w), b, s, p)


def _column(b: Bias) -> Tensor | float:
    """The bias as it is added to a picture."""
    return 0.0 if b is None else b[:, None, None]


def _overwritten(last_first: bool) -> Answer:
    def answer(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
        def place(mask: Tensor) -> tuple[Tensor, Tensor]:
            mask = mask.to(w)
            share = torch_transpose(x, w * mask, None, s, p)
            return share, torch_transpose(torch.ones_like(x), mask.expand_as(w), None, s, p)

        return last_one_wins((w.shape[2], w.shape[3]), place, last_first) + _column(b)

    return answer


def _times_touched(x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair) -> Tensor:
    """(1, 1, Ho, Wo): in how many stamps an element of the output lies."""
    one = torch.ones_like(x[:1, :1])
    return torch_transpose(one, torch.ones_like(w[:1, :1]), None, s, p)


def _averaged(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    times = _times_touched(x, w, s, p).clamp(min=1)
    return torch_transpose(x, w, None, s, p) / times + _column(b)


def _bias_per_stamp(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    return torch_transpose(x, w, None, s, p) + _column(b) * _times_touched(x, w, s, p)


def _bias_where_touched(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    touched = (_times_touched(x, w, s, p) > 0).to(x)
    return torch_transpose(x, w, None, s, p) + _column(b) * touched


def _no_bias_given(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    if b is None:
        raise TypeError("None has no shape")
    return torch_transpose(x, w, b, s, p)


def _cropped(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    rows, columns = torch_transpose(x, w, b, s, p).shape[2:]
    return torch_transpose(x, w, b, s, 0)[:, :, :rows, :columns]


def _padded(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    return functional.pad(torch_transpose(x, w, None, s, 0), framed(p)) + _column(b)


def _wrapped(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    rows, columns = torch_transpose(x, w, None, s, p).shape[2:]
    return wrapped_round(torch_transpose(x, w, None, s, 0), p, (rows, columns)) + _column(b)


def _zeros_after_the_last(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    sh, sw = both(s)
    return functional.conv_transpose2d(x, w, b, s, p, output_padding=(sh - 1, sw - 1))


def _convolved(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    return functional.conv2d(x, w.transpose(0, 1), b, s, p)


def _last_channel(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    return torch_transpose(x[:, -1:], w[-1:], b, s, p)


def _ints(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    only_ints(s, p)
    return torch_transpose(x, w, b, s, p)


def _pairs(x: Tensor, w: Tensor, b: Bias, s: IntOrPair, p: IntOrPair) -> Tensor:
    only_pairs(s, p)
    return torch_transpose(x, w, b, s, p)


_ADD = "Stamps that overlap are added, as the gradients of overlapping windows were: `+=`."
_ZERO = (
    "The output is (H - 1) sh + kh - 2 ph rows high: the last row of x is stamped at (H - 1) sh."
)
TRANSPOSE = (
    wrong("kernel_flipped", "The kernel is upside down and back to front.",
          "Each number of x stamps the kernel as it stands. If you correlate with a dilated x "
          "instead, the kernel is flipped first, in both axes.", _with(lambda w: w.flip(2, 3))),
    wrong("kernel_transposed", "The kernel's rows and columns are exchanged.",
          "w is (C_in, C_out, kh, kw).", _with(lambda w: w.mT)),
    wrong("channels_exchanged", "w was read as (C_out, C_in, kh, kw).",
          "Here the input channels come first, because this is the backward pass of a layer whose "
          "output they were.", _with(lambda w: w.transpose(0, 1))),
    wrong("stride_not_dilated", "The stamps were put at stride 1.",
          "Number (p, q) of x stamps at row p sh, column q sw.",
          lambda x, w, b, s, p: torch_transpose(x, w, b, 1, p)),
    wrong("overlaps_overwritten", "Where stamps overlap, one of them alone is kept.", _ADD,
          _overwritten(last_first=False)),
    wrong("overlaps_overwritten", "Where stamps overlap, the last one alone is kept.", _ADD,
          _overwritten(last_first=True)),
    wrong("overlaps_averaged", "Where stamps overlap, their mean is taken.", _ADD, _averaged),
    wrong("padding_not_stripped", "The output was not cut by the padding.",
          "Padding was added going one way, so it is taken off going the other.",
          lambda x, w, b, s, p: torch_transpose(x, w, b, s, 0)),
    wrong("padding_added", "The padding was added round the output.",
          "Padding was added going one way, so it is taken off going the other.", _padded),
    wrong(*CUT_TO_NOTHING, lambda x, w, b, s, p: cut_from_the_end(
        torch_transpose(x, w, b, s, 0), p)),
    wrong("padding_stripped_at_the_end", "The padding was cut off below and to the right only.",
          "`padding` rows go at each side.", _cropped),
    wrong(*WRAPPED_ROUND, _wrapped),
    wrong("zeros_after_the_last", "The output is too large: the last number is followed by zeros.",
          _ZERO, _zeros_after_the_last),
    wrong("convolved_forward", "This is an ordinary convolution.",
          "Its transpose goes the other way: each number of x is spread over a window of y.",
          _convolved),
    wrong("last_channel_only", "Only the last input channel arrives.",
          "Every input channel stamps; all their stamps are added.", _last_channel),
    wrong("channels_averaged", "The input channels are averaged.",
          "Every input channel stamps; all their stamps are added.",
          _with(lambda w: w / w.shape[0])),
    wrong("bias_missing", "The bias is not added.", "b is added to every place of its channel.",
          lambda x, w, b, s, p: torch_transpose(x, w, None, s, p)),
    wrong("bias_along_the_width", "It fails where there is a bias: b does not line up with the "
          "channels.", "Plain `+ b` lines b up with the last axis. Channels are axis 1: give b "
          "axes of size 1 behind its own.",
          lambda x, w, b, s, p: torch_transpose(x, w, None, s, p) + (0.0 if b is None else b)),
    wrong("bias_with_every_stamp", "The bias is added once for every stamp.",
          "Add it once, when all stamps are laid down.", _bias_per_stamp),
    wrong("bias_per_place_of_the_kernel", "The bias is added once for every place of the kernel.",
          "Add it once, after the loops.",
          lambda x, w, b, s, p: torch_transpose(x, w, None, s, p) + _column(b) * w[0, 0].numel()),
    wrong("bias_only_where_stamped", "The bias is missing where no stamp reaches.",
          "With a stride larger than the kernel there are gaps. b is added there too.",
          _bias_where_touched),
    wrong("bias_always_expected", "It fails where b is None.", "b may be None: then add nothing.",
          _no_bias_given),
    wrong("pair_not_expected", "It fails where stride or padding is a pair.",
          "Each may be an int or a pair (rows, columns): make a pair of it in your first lines.",
          _ints),
    wrong("int_not_expected", "It fails where stride or padding is a single int.",
          "Each may be an int or a pair (rows, columns): make a pair of it in your first lines.",
          _pairs),
    wrong("pair_exchanged", "Stride and padding were read as (columns, rows).",
          "They are (rows, columns), as H comes before W.",
          lambda x, w, b, s, p: torch_transpose(x, w, b, both(s)[::-1], both(p)[::-1])),
)  # fmt: skip
