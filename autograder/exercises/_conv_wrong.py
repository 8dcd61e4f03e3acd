"""Known wrong answers of a convolution layer, as perturbations of PyTorch's.

All are written for two axes, with stride, padding and dilation as pairs; the exercises on one axis
and on im2col take those that make sense there.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.exercises._cnn import Pair

Bias = Tensor | None
Conv = Callable[[Tensor, Tensor, Bias, Pair, Pair, Pair], Tensor]
Wrong = tuple[str, str, str, Conv]

Cut = Callable[[Pair, Pair, Pair, Pair], tuple[slice, slice]]

ONE, NONE = (1, 1), (0, 0)


def conv(x: Tensor, w: Tensor, b: Bias, s: Pair, p: Pair, d: Pair) -> Tensor:
    """`torch.nn.functional.conv2d`: x (N, C, H, W), w (O, C, kh, kw), b (O,) or None."""
    return functional.conv2d(x, w, b, s, p, d)


def _biased(b: Bias, change: Callable[[Tensor], Tensor]) -> Bias:
    return None if b is None else change(b)


def _back(pair: Pair) -> Pair:
    return pair[1], pair[0]


def cropped(y: Tensor, size: Tensor) -> Tensor:
    """The first rows and columns of y, as many as another result has."""
    return y[..., : size.shape[-2], : size.shape[-1]]


def filled(x: Tensor, p: Pair, mode: str, value: float = 0.0) -> Tensor:
    """Put a border of this mode round x."""
    return functional.pad(x, (p[1], p[1], p[0], p[0]), mode, value if mode == "constant" else None)


def placed(cut: Cut, padded: bool = True, loose: bool = True) -> Conv:
    """As many windows as there should be, each cut where `cut(place, s, d, k)` says.

    A window that comes out too small raises; or, if `loose`, one of a single row or column stands
    for all of them, as where it is multiplied with w, and an empty one counts nothing.
    """

    def answer(x: Tensor, w: Tensor, b: Bias, s: Pair, p: Pair, d: Pair) -> Tensor:
        k, (height, width) = (w.shape[2], w.shape[3]), conv(x, w, b, s, p, d).shape[2:]
        wide = filled(x, p, "constant") if padded else x
        lines = [
            torch.cat(
                [
                    conv(_whole(wide[(..., *cut((r, c), s, d, k))], k, loose), w, b, ONE, NONE, ONE)
                    for c in range(width)
                ],
                3,
            )
            for r in range(height)
        ]
        return torch.cat(lines, 2)

    return answer


def _whole(window: Tensor, k: Pair, loose: bool) -> Tensor:
    """The window in the kernel's size. Raises ValueError where multiplying would."""
    size = tuple(window.shape[2:])
    fits = (n in (1, m) or n < m == 1 for n, m in zip(size, k, strict=True))
    if size != k and not (loose and all(fits)):
        raise ValueError(f"a window of {size} under a kernel of {k}")
    return (
        window.expand(*window.shape[:2], *k)
        if 0 not in size
        else window.new_zeros(*window.shape[:2], *k)
    )


def _along(at: int, size: int, step: int = 1) -> slice:
    """`size` pixels from `at` on, `step` apart."""
    return slice(at, at + step * (size - 1) + 1, step)


def one_sided(x: Tensor, p: Pair, before: bool) -> Tensor:
    """Put zeros above and to the left of x only, or below and to the right only."""
    around = (p[1], 0, p[0], 0) if before else (0, p[1], 0, p[0])
    return functional.pad(x, around)


_FLIP = "Slide w as it is: deep learning's convolution is a correlation and turns nothing round."
_CHANNELS = "Each filter looks at all channels; what it sees in them is added."
_BIAS = "Each filter has one number of b; it is added once, to all of that filter's outputs."
_PAIR = "A pair is (rows, columns): the first belongs to the height, the second to the width."

KERNEL: tuple[Wrong, ...] = (
    ("true_convolution", "The kernel is turned round before it slides.", _FLIP,
     lambda x, w, b, s, p, d: conv(x, w.flip(2, 3), b, s, p, d)),
    ("kernel_upside_down", "The kernel's rows are in reverse order.", _FLIP,
     lambda x, w, b, s, p, d: conv(x, w.flip(2), b, s, p, d)),
    ("kernel_mirrored", "The kernel's columns are in reverse order.", _FLIP,
     lambda x, w, b, s, p, d: conv(x, w.flip(3), b, s, p, d)),
    ("kernel_transposed", "The kernel's rows and columns are exchanged.",
     "w[o, c, i, j] goes with the pixel i rows down and j columns to the right.",
     lambda x, w, b, s, p, d: conv(x, w.mT, b, s, p, d)),
    ("channels_reversed", "The channels of w are in reverse order.",
     "Channel c of the kernel goes with channel c of the image.",
     lambda x, w, b, s, p, d: conv(x, w.flip(1), b, s, p, d)),
    ("channels_averaged", "The channels are averaged.", _CHANNELS,
     lambda x, w, b, s, p, d: conv(x, w / w.shape[1], b, s, p, d)),
    ("first_channel_only", "Only the first channel is looked at.", _CHANNELS,
     lambda x, w, b, s, p, d: conv(x[:, :1], w[:, :1], b, s, p, d)),
    ("last_channel_only", "Only the last channel is left.",
     "`=` in the loop over channels overwrites what was there: add.",
     lambda x, w, b, s, p, d: conv(x[:, -1:], w[:, -1:], b, s, p, d)),
    ("one_kernel_for_all_channels", "One channel of the kernel is used for every channel.",
     "w[o, c] is a kernel of its own for each c.",
     lambda x, w, b, s, p, d: conv(x, w[:, :1].expand_as(w), b, s, p, d)),
    ("channels_mixed_first", "The image's channels are added up before the kernel sees them.",
     "Each channel meets its own kernel first; then add.",
     lambda x, w, b, s, p, d: conv(x.sum(1, True), w.sum(1, True), b, s, p, d)),
    ("filters_reversed", "The filters are in reverse order.", "Output o is made by w[o].",
     lambda x, w, b, s, p, d: conv(x, w.flip(0), _biased(b, lambda v: v.flip(0)), s, p, d)),
    ("one_filter_for_all", "The first filter makes every output.", "Output o is made by w[o].",
     lambda x, w, b, s, p, d: conv(x, w[:1].expand_as(w), b, s, p, d)),
    ("filters_and_channels_exchanged", "The first two axes of w are exchanged.",
     "w is (O, C, …): filters first, then channels.",
     lambda x, w, b, s, p, d: conv(x, w.transpose(0, 1), b, s, p, d)),
    ("window_averaged", "The products are averaged over the window; they should be added.",
     "A sum, not a mean.",
     lambda x, w, b, s, p, d: conv(x, w / (w.shape[2] * w.shape[3]), b, s, p, d)),
    ("everything_averaged", "The products are averaged over window and channels.",
     "A sum, not a mean.",
     lambda x, w, b, s, p, d: conv(x, w / w[0].numel(), b, s, p, d)),
    ("weights_ignored", "The windows are added up without their weights.",
     "Multiply each window with the kernel before you add.",
     lambda x, w, b, s, p, d: conv(x, w * 0 + 1, b, s, p, d)),
)  # fmt: skip

BIAS: tuple[Wrong, ...] = (
    ("bias_missing", "The bias is not added.", _BIAS,
     lambda x, w, b, s, p, d: conv(x, w, None, s, p, d)),
    ("bias_per_channel", "The bias is added once for every channel.", _BIAS,
     lambda x, w, b, s, p, d: conv(x, w, _biased(b, lambda v: v * w.shape[1]), s, p, d)),
    ("bias_per_weight", "The bias is added once for every weight of the filter.", _BIAS,
     lambda x, w, b, s, p, d: conv(x, w, _biased(b, lambda v: v * w[0].numel()), s, p, d)),
    ("bias_per_place_of_the_kernel", "The bias is added once for every place of the kernel.",
     "A loop over the kernel's places adds up products only; b is added once, after it.",
     lambda x, w, b, s, p, d: conv(x, w, _biased(b, lambda v: v * w[0, 0].numel()), s, p, d)),
    ("bias_subtracted", "The bias is subtracted.", _BIAS,
     lambda x, w, b, s, p, d: conv(x, w, _biased(b, lambda v: -v), s, p, d)),
    ("bias_twice", "The bias is added twice.", _BIAS,
     lambda x, w, b, s, p, d: conv(x, w, _biased(b, lambda v: 2 * v), s, p, d)),
    ("first_bias_for_all", "Every filter gets the bias of the first.", _BIAS,
     lambda x, w, b, s, p, d: conv(x, w, _biased(b, lambda v: v[:1].expand_as(v)), s, p, d)),
    ("bias_along_the_width", "The bias is added along the last axis.",
     "Plain `+ b` lines b up with the last axis. Give it axes of size 1 behind its own.",
     lambda x, w, b, s, p, d: conv(x, w, None, s, p, d) + (0 if b is None else b)),
    ("bias_summed", "The sum of all biases is added to every filter.", _BIAS,
     lambda x, w, b, s, p, d: conv(x, w, _biased(b, lambda v: v.sum().expand_as(v)), s, p, d)),
)  # fmt: skip

PADDING: tuple[Wrong, ...] = (
    ("padding_ignored", "The padding is ignored.", "Put the border of zeros round x first.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, (0, 0), d)),
    *(("padding_ignored", "The windows are cut from x itself: the padding is ignored.",
       "Size and padding are right for the padded x. Cut the windows from that one.",
       placed(lambda at, s, d, k: (_along(at[0] * s[0], k[0], d[0]),
                                   _along(at[1] * s[1], k[1], d[1])), False, loose))
      for loose in (True, False)),
    ("padding_before_only", "Zeros are added on one side of each axis only, at its start.",
     "Padding is added on both sides of an axis.",
     lambda x, w, b, s, p, d: conv(one_sided(x, p, True), w, b, s, (0, 0), d)),
    ("padding_after_only", "Zeros are added on one side of each axis only, at its end.",
     "Padding is added on both sides of an axis.",
     lambda x, w, b, s, p, d: conv(one_sided(x, p, False), w, b, s, (0, 0), d)),
    ("padding_doubled", "Twice as much padding is added as was asked for.",
     "`padding` zeros on each side: not 2 padding on each.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, (2 * p[0], 2 * p[1]), d)),
    ("padding_of_edges", "The border repeats the image's edge.", "The border is zeros.",
     lambda x, w, b, s, p, d: conv(filled(x, p, "replicate"), w, b, s, (0, 0), d)),
    ("padding_reflected", "The border mirrors the image.", "The border is zeros.",
     lambda x, w, b, s, p, d: conv(filled(x, p, "reflect"), w, b, s, (0, 0), d)),
    ("padding_wrapped", "The border goes on at the image's other side.", "The border is zeros.",
     lambda x, w, b, s, p, d: conv(filled(x, p, "circular"), w, b, s, (0, 0), d)),
    ("padding_of_ones", "The border is ones.", "The border is zeros.",
     lambda x, w, b, s, p, d: conv(filled(x, p, "constant", 1.0), w, b, s, (0, 0), d)),
    ("padding_after_convolving", "The border was put round the result, not round x.",
     "Pad x, then slide the kernel over it.",
     lambda x, w, b, s, p, d: filled(conv(x, w, b, s, (0, 0), d), p, "constant")),
    ("padding_to_same", "The padding is chosen from the kernel; the one given is ignored.",
     "Use `padding` as it is given.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, (w.shape[2] // 2, w.shape[3] // 2), d)),
    ("padding_exchanged", "Rows and columns of the padding are exchanged.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, s, _back(p), d)),
    ("padding_of_rows_for_both", "The padding for rows is used for columns too.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, s, (p[0], p[0]), d)),
    ("padding_of_columns_for_both", "The padding for columns is used for rows too.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, s, (p[1], p[1]), d)),
    ("padding_of_rows_only", "Only rows are padded.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, s, (p[0], 0), d)),
    ("padding_of_columns_only", "Only columns are padded.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, s, (0, p[1]), d)),
)  # fmt: skip

STRIDE: tuple[Wrong, ...] = (
    ("stride_ignored", "The kernel moves on by one each time, whatever the stride.",
     "Neighbouring outputs lie `stride` pixels apart in x.",
     lambda x, w, b, s, p, d: conv(x, w, b, ONE, p, d)),
    ("stride_ignored", "The windows lie side by side, one pixel apart, whatever the stride.",
     "The size is right. Where does window r begin? The stride belongs there too.",
     lambda x, w, b, s, p, d: cropped(conv(x, w, b, ONE, p, d), conv(x, w, b, s, p, d))),
    ("stride_starts_late", "The first window is not at the start: the stride was taken first.",
     "The first window starts at pixel 0, the next at `stride`.",
     lambda x, w, b, s, p, d: conv(x, w, b, ONE, p, d)[..., s[0] - 1 :: s[0], s[1] - 1 :: s[1]]),
    ("windows_do_not_overlap", "The kernel moves on by its own size.",
     "The step is `stride`, not the kernel's size.",
     lambda x, w, b, s, p, d: conv(x, w, b, (w.shape[2], w.shape[3]), p, d)),
    ("last_window_missing", "The last window along each axis is missing.",
     "Does your output's size have its + 1? `range(n)` ends at n - 1.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, d)[..., :-1, :-1]),
    ("stride_of_rows_only", "The stride is used for rows only; columns move by one.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, (s[0], 1), p, d)),
    ("stride_of_columns_only", "The stride is used for columns only; rows move by one.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, (1, s[1]), p, d)),
    ("stride_exchanged", "Rows and columns of the stride are exchanged.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, _back(s), p, d)),
    ("stride_of_rows_for_both", "The stride for rows is used for columns too.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, (s[0], s[0]), p, d)),
    *(("stride_of_rows_for_both", "The windows move along a row by the stride for rows.", _PAIR,
       placed(lambda at, s, d, k: (_along(at[0] * s[0], k[0], d[0]),
                                   _along(at[1] * s[0], k[1], d[1])), True, loose))
      for loose in (True, False)),
    ("stride_of_columns_for_both", "The stride for columns is used for rows too.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, (s[1], s[1]), p, d)),
    ("stride_and_padding_exchanged", "Stride and padding have taken each other's place.",
     "Look at the order of the arguments: stride, then padding.",
     lambda x, w, b, s, p, d: conv(x, w, b, p, s, d)),
)  # fmt: skip

DILATION: tuple[Wrong, ...] = (
    ("dilation_ignored", "The kernel's weights look at neighbouring pixels, whatever the dilation.",
     "Weight i looks at the pixel i times `dilation` further on.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, ONE)),
    ("dilation_ignored", "The kernel's weights look at neighbouring pixels, whatever the dilation.",
     "The size is right. Weight i looks at the pixel i times `dilation` further on.",
     lambda x, w, b, s, p, d: cropped(conv(x, w, b, s, p, ONE), conv(x, w, b, s, p, d))),
    *(("window_cut_short", "With a dilation the windows hold too few pixels.",
       "`start : start + k : dilation` ends too soon: the spread kernel covers more than k pixels.",
       placed(lambda at, s, d, k: (slice(at[0] * s[0], at[0] * s[0] + k[0], d[0]),
                                   slice(at[1] * s[1], at[1] * s[1] + k[1], d[1])), True, loose))
      for loose in (True, False)),
    ("dilation_off_by_one", "There is one pixel too many between the kernel's weights.",
     "Dilation 1 is the plain kernel: `dilation` is the step, not the number of gaps.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, (d[0] + 1, d[1] + 1))),
    ("dilation_one_short", "There is one pixel too few between the kernel's weights.",
     "With dilation 2 the weights are 2 pixels apart, with one between them.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, (max(1, d[0] - 1), max(1, d[1] - 1)))),
    ("dilation_exchanged", "Rows and columns of the dilation are exchanged.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, _back(d))),
    ("dilation_of_rows_for_both", "The dilation for rows is used for columns too.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, (d[0], d[0]))),
    ("dilation_of_columns_for_both", "The dilation for columns is used for rows too.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, (d[1], d[1]))),
    ("dilation_of_rows_only", "Only rows are dilated.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, (d[0], 1))),
    ("dilation_of_columns_only", "Only columns are dilated.", _PAIR,
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, (1, d[1]))),
    ("stride_and_dilation_exchanged", "Stride and dilation have taken each other's place.",
     "Stride moves the kernel; dilation spreads its weights.",
     lambda x, w, b, s, p, d: conv(x, w, b, d, p, s)),
    *(("stride_and_dilation_exchanged", "Stride and dilation have taken each other's place.",
       "Stride moves the kernel; dilation spreads its weights.",
       placed(lambda at, s, d, k: (_along(at[0] * d[0], k[0], s[0]),
                                   _along(at[1] * d[1], k[1], s[1])), True, loose))
      for loose in (True, False)),
    ("image_dilated", "The picture was thinned out instead of the kernel being spread.",
     "Windows still start at every pixel; only the weights inside one lie apart.",
     lambda x, w, b, s, p, d: conv(x[..., :: d[0], :: d[1]], w, b, s, p, ONE)),
)  # fmt: skip

RESULT: tuple[Wrong, ...] = (
    ("result_transposed", "Rows and columns of the result are exchanged.",
     "(N, O, H_out, W_out): rows before columns.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, d).mT),
    ("image_transposed", "Rows and columns of the image are exchanged.",
     "x is (N, C, H, W): rows are axis 2, columns axis 3.",
     lambda x, w, b, s, p, d: conv(x.mT, w, b, s, p, d)),
    ("images_and_filters_exchanged", "The first two axes of the result are exchanged.",
     "(N, O, …): images first, then filters.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, d).transpose(0, 1)),
    ("first_image_for_all", "Every result is the first image's.", "Use every image of the batch.",
     lambda x, w, b, s, p, d: conv(x[:1].expand_as(x), w, b, s, p, d)),
    ("batch_averaged", "The images of the batch are mixed.", "Each image gives its own result.",
     lambda x, w, b, s, p, d: conv(x.mean(0, True).expand_as(x), w, b, s, p, d)),
    ("relu_applied", "There is a ReLU around it.", "The layer is linear; the activation comes "
     "after it.",
     lambda x, w, b, s, p, d: conv(x, w, b, s, p, d).clamp(min=0)),
)  # fmt: skip

#: What there is no telling apart, or no doing, on one axis.
ONLY_IN_TWO = frozenset(
    {
        "kernel_upside_down", "kernel_mirrored", "kernel_transposed", "padding_exchanged",
        "padding_of_rows_for_both", "padding_of_columns_for_both", "padding_of_rows_only",
        "padding_of_columns_only", "stride_of_rows_only", "stride_of_columns_only",
        "stride_exchanged", "stride_of_rows_for_both", "stride_of_columns_for_both",
        "result_transposed", "image_transposed",
    }
)  # fmt: skip
