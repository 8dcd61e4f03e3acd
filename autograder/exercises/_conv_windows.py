"""Sizes, borders and one kernel on one image: PyTorch's answers and known wrong ones."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.exercises._cnn import Pair, as_pair
from autograder.exercises._conv_wrong import filled, one_sided
from autograder.exercises._layers_torch import wrong

# --- out_size -------------------------------------------------------------------------------------


def out_size(n: int, k: int, stride: int, padding: int, dilation: int) -> Tensor:
    """How long `torch.nn.functional.conv1d` makes its result: one int64."""
    x, w = torch.empty(1, 1, n, device="meta"), torch.empty(1, 1, k, device="meta")
    return torch.tensor(functional.conv1d(x, w, None, stride, padding, dilation).shape[2])


def _divided(n: int, k: int, s: int, p: int, d: int) -> float:
    """The quotient before it is rounded: PyTorch's size at stride 1, less one, over the stride."""
    return (int(out_size(n, k, 1, p, d)) - 1) / s


def _transposed(n: int, k: int, s: int, p: int, d: int) -> int:
    x, w = torch.empty(1, 1, n, device="meta"), torch.empty(1, 1, k, device="meta")
    return functional.conv_transpose1d(x, w, None, s, p, 0, 1, d).shape[2]


_SIZE = "The first window starts at 0; how many more steps of `stride` fit?"
OUT_SIZE = (
    wrong("one_missing", "The + 1 is missing.", "Steps are counted; windows are one more.",
          lambda n, k, s, p, d: out_size(n, k, s, p, d) - 1),
    wrong("one_too_many", "This is one window too many.", _SIZE,
          lambda n, k, s, p, d: out_size(n, k, s, p, d) + 1),
    wrong("rounded_up", "The quotient is rounded up.",
          "A window that does not fit entirely is no window: round down.",
          lambda n, k, s, p, d: out_size(n + s - 1, k, s, p, d)),
    wrong("rounded_to_nearest", "The quotient is rounded to the nearest whole number.",
          "A window that does not fit entirely is no window: round down.",
          lambda n, k, s, p, d: torch.tensor(round(_divided(n, k, s, p, d)) + 1)),
    wrong("not_rounded", "The quotient is not rounded.", "`//` divides and rounds down.",
          lambda n, k, s, p, d: torch.tensor(_divided(n, k, s, p, d) + 1, dtype=torch.float64)),
    wrong("padding_once", "The padding is counted once.", "It stands on both sides: 2 padding.",
          lambda n, k, s, p, d: out_size(n + p, k, s, 0, d)),
    wrong("padding_ignored", "The padding is not counted.", "It makes the axis longer.",
          lambda n, k, s, p, d: out_size(n, k, s, 0, d)),
    wrong("padding_subtracted", "The padding is subtracted.", "It makes the axis longer.",
          lambda n, k, s, p, d: out_size(n - 2 * p, k, s, 0, d)),
    wrong("stride_ignored", "The stride is not in it.", "Only every stride-th window counts.",
          lambda n, k, s, p, d: out_size(n, k, 1, p, d)),
    wrong("dilation_ignored", "The dilation is not in it.", "It makes the kernel wider.",
          lambda n, k, s, p, d: out_size(n, k, s, p, 1)),
    wrong("dilation_off_by_one", "The spread kernel is taken one step of dilation too wide.",
          "Between k weights lie k - 1 gaps. How far is it from the first weight to the last?",
          lambda n, k, s, p, d: out_size(n, d * k, s, p, 1)),
    wrong("dilation_counted_as_gaps", "The kernel is spread by one more than the dilation.",
          "Dilation 1 is the plain kernel.",
          lambda n, k, s, p, d: out_size(n, k, s, p, d + 1)),
    wrong("kernel_not_subtracted", "The kernel's size is not in it.",
          "A window has to fit with its far end too.",
          lambda n, k, s, p, d: out_size(n, 1, s, p, d)),
    wrong("one_not_subtracted", "The spread kernel is taken one pixel too narrow.",
          "It covers d (k - 1) + 1 pixels, its first one too.",
          lambda n, k, s, p, d: out_size(n + 1, k, s, p, d)),
    wrong("one_added_before_dividing", "The + 1 is inside the division.",
          "Divide and round first, then add 1.",
          lambda n, k, s, p, d: torch.tensor(int(out_size(n, k, 1, p, d)) // s)),
    wrong("stride_and_dilation_exchanged", "Stride and dilation have taken each other's place.",
          "Stride moves the kernel; dilation spreads it.",
          lambda n, k, s, p, d: out_size(n, k, d, p, s)),
    wrong("transposed_convolution", "This is the size that a transposed convolution gives.",
          "A stride makes the result smaller, not larger.",
          lambda n, k, s, p, d: torch.tensor(_transposed(n, k, s, p, d))),
    wrong("divided_before_subtracting", "The size is divided by the stride before the kernel is "
          "taken off.", "Take off the kernel first; then divide.",
          lambda n, k, s, p, d: out_size((n + 2 * p) // s, k, 1, 0, d)),
)  # fmt: skip

# --- pad2d ----------------------------------------------------------------------------------------

Either = int | Pair


def pad2d(x: Tensor, padding: Either) -> Tensor:
    """`torch.nn.functional.pad` with zeros on all four sides."""
    return filled(x, as_pair(padding), "constant")


def _padded(change: Callable[[Tensor, Pair], Tensor]) -> Callable[[Tensor, Either], Tensor]:
    return lambda x, padding: change(x, as_pair(padding))


def _around(x: Tensor, *sides: int) -> Tensor:
    """Put so many zeros round x: left, right, above, below, and so on."""
    return functional.pad(x, sides)


_SIDES = "`padding` zeros on each side: the picture stays in the middle."
_PAIR = "A pair is (rows, columns): the first is added above and below, the second left and right."
PAD2D = (
    wrong("padding_before_only", "Zeros are added above and to the left only.", _SIDES,
          _padded(lambda x, p: one_sided(x, p, True))),
    wrong("padding_after_only", "Zeros are added below and to the right only.", _SIDES,
          _padded(lambda x, p: one_sided(x, p, False))),
    wrong("image_in_the_first_corner", "The size is right, but the picture lies in the corner.",
          _SIDES, _padded(lambda x, p: _around(x, 0, 2 * p[1], 0, 2 * p[0]))),
    wrong("image_in_the_last_corner", "The size is right, but the picture lies in the corner.",
          _SIDES, _padded(lambda x, p: _around(x, 2 * p[1], 0, 2 * p[0], 0))),
    wrong("padding_doubled", "Twice as much is added as was asked for.", _SIDES,
          _padded(lambda x, p: filled(x, (2 * p[0], 2 * p[1]), "constant"))),
    wrong("padding_exchanged", "Rows and columns of the padding are exchanged.", _PAIR,
          _padded(lambda x, p: filled(x, (p[1], p[0]), "constant"))),
    wrong("padding_of_rows_for_both", "The first number is used for both axes.", _PAIR,
          _padded(lambda x, p: filled(x, (p[0], p[0]), "constant"))),
    wrong("padding_of_columns_for_both", "The second number is used for both axes.", _PAIR,
          _padded(lambda x, p: filled(x, (p[1], p[1]), "constant"))),
    wrong("padding_of_rows_only", "Only rows are added, no columns.", _PAIR,
          _padded(lambda x, p: filled(x, (p[0], 0), "constant"))),
    wrong("padding_of_columns_only", "Only columns are added, no rows.", _PAIR,
          _padded(lambda x, p: filled(x, (0, p[1]), "constant"))),
    wrong("pair_read_as_before_and_after", "The pair was read as (before, after).", _PAIR,
          _padded(lambda x, p: _around(x, p[0], p[1], p[0], p[1]))),
    wrong("padding_of_edges", "The border repeats the picture's edge.", "The border is zeros.",
          _padded(lambda x, p: filled(x, p, "replicate"))),
    wrong("padding_reflected", "The border mirrors the picture.", "The border is zeros.",
          _padded(lambda x, p: filled(x, p, "reflect"))),
    wrong("padding_wrapped", "The border goes on at the picture's other side.",
          "The border is zeros.", _padded(lambda x, p: filled(x, p, "circular"))),
    wrong("padding_of_ones", "The border is ones.", "The border is zeros.",
          _padded(lambda x, p: filled(x, p, "constant", 1.0))),
    wrong("channels_padded", "Channels are added too.", "N and C stay as they are.",
          _padded(lambda x, p: _around(x, p[1], p[1], p[0], p[0], p[0], p[0]))),
    wrong("axes_in_front_padded", "The wrong axes were padded: images and channels.",
          "Rows and columns are the last two axes.",
          _padded(lambda x, p: _around(x, 0, 0, 0, 0, p[1], p[1], p[0], p[0]))),
    wrong("nothing_added", "x came back as it was.", "Put a border round it.",
          _padded(lambda x, p: x.clone())),
    wrong("picture_missing", "The size is right; the picture is not in it.",
          "Copy x into the middle of the zeros.",
          _padded(lambda x, p: filled(x, p, "constant") * 0)),
)  # fmt: skip

# --- corr2d ---------------------------------------------------------------------------------------


def corr2d(x: Tensor, k: Tensor) -> Tensor:
    """`torch.nn.functional.conv2d` of one image (H, W) with one kernel (kh, kw)."""
    return functional.conv2d(x[None, None], k[None, None])[0, 0]


def _framed(x: Tensor, k: Tensor, full: bool) -> Tensor:
    rows, columns = (size - 1 for size in k.shape)
    if full:
        return functional.pad(x, (columns, columns, rows, rows))
    return functional.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))


def _largest_product(x: Tensor, k: Tensor) -> Tensor:
    windows = functional.unfold(x[None, None], k.shape)[0]  # (kh kw, L)
    return (windows * k.reshape(-1, 1)).amax(0).reshape(corr2d(x, k).shape)


_FLIP = "Lay the kernel on the image as it is: nothing is turned round."
_ALL = "The kernel fits at H - kh + 1 heights and W - kw + 1 places along a row."
CORR2D = (
    wrong("true_convolution", "The kernel is turned round before it slides.", _FLIP,
          lambda x, k: corr2d(x, k.flip(0, 1))),
    wrong("kernel_upside_down", "The kernel's rows are in reverse order.", _FLIP,
          lambda x, k: corr2d(x, k.flip(0))),
    wrong("kernel_mirrored", "The kernel's columns are in reverse order.", _FLIP,
          lambda x, k: corr2d(x, k.flip(1))),
    wrong("kernel_transposed", "The kernel's rows and columns are exchanged.",
          "k[i, j] goes with the pixel i rows down and j columns to the right.",
          lambda x, k: corr2d(x, k.T)),
    wrong("last_window_missing", "The last row and the last column of the result are missing.",
          _ALL, lambda x, k: corr2d(x, k)[:-1, :-1]),
    wrong("last_row_missing", "The last row of the result is missing.", _ALL,
          lambda x, k: corr2d(x, k)[:-1]),
    wrong("last_column_missing", "The last column of the result is missing.", _ALL,
          lambda x, k: corr2d(x, k)[:, :-1]),
    wrong("last_window_not_filled", "The last row and the last column of the result are still 0.",
          f"{_ALL} `range(n)` ends at n - 1.",
          lambda x, k: functional.pad(corr2d(x, k)[:-1, :-1], (0, 1, 0, 1))),
    wrong("last_window_not_filled", "The last row of the result is still 0.",
          f"{_ALL} `range(n)` ends at n - 1.",
          lambda x, k: functional.pad(corr2d(x, k)[:-1], (0, 0, 0, 1))),
    wrong("last_window_not_filled", "The last column of the result is still 0.",
          f"{_ALL} `range(n)` ends at n - 1.",
          lambda x, k: functional.pad(corr2d(x, k)[:, :-1], (0, 1))),
    wrong("padded_to_same", "The image was padded: the result has the image's size.",
          "Valid means that the kernel never leaves the image.",
          lambda x, k: corr2d(_framed(x, k, False), k)),
    wrong("padded_to_full", "The image was padded: the result is larger than the image.",
          "Valid means that the kernel never leaves the image.",
          lambda x, k: corr2d(_framed(x, k, True), k)),
    wrong("window_averaged", "The products are averaged; they should be added.",
          "A sum, not a mean.", lambda x, k: corr2d(x, k / k.numel())),
    wrong("weights_ignored", "The windows are added up without their weights.",
          "Multiply each window with k before you add.", lambda x, k: corr2d(x, k * 0 + 1)),
    wrong("weights_sum_to_one", "The kernel is divided by its sum.", "Use k as it is.",
          lambda x, k: corr2d(x, k / k.sum())),
    wrong("largest_product", "The largest product is kept; they should be added.",
          "A sum, not a maximum: that is pooling.", _largest_product),
    wrong("image_transposed", "The image's rows and columns are exchanged.",
          "x[r, c]: rows first.", lambda x, k: corr2d(x.T, k)),
    wrong("result_transposed", "The result's rows and columns are exchanged.",
          "Rows of the result are rows of the image.", lambda x, k: corr2d(x, k).T),
    wrong("windows_do_not_overlap", "The kernel moves on by its own size.",
          "It moves on by one pixel.",
          lambda x, k: functional.conv2d(x[None, None], k[None, None], stride=k.shape)[0, 0]),
    wrong("sign_reversed", "The sign is wrong.", "Add the products.",
          lambda x, k: -corr2d(x, k)),
    wrong("absolute_value", "The result lost its sign.", "Negative results are right here.",
          lambda x, k: corr2d(x, k).abs()),
    wrong("kernel_centred_on_zero", "The kernel's mean was taken off.", "Use k as it is.",
          lambda x, k: corr2d(x, k - k.mean())),
    wrong("difference_for_product", "The window is compared with the kernel: squared differences.",
          "Multiply window and kernel place by place.",
          lambda x, k: corr2d(x.square(), k * 0 + 1) - 2 * corr2d(x, k) + k.square().sum()),
)  # fmt: skip
