"""Windows as columns, a correlation as a matrix: PyTorch's answers and known wrong ones."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.exercises._cnn import Pair, as_pair
from autograder.exercises._conv_wrong import ONE, cropped, filled, one_sided
from autograder.exercises._layers_torch import wrong

Either = int | Pair
Columns = Callable[[Tensor, Pair, Pair, Pair], Tensor]

# --- im2col ---------------------------------------------------------------------------------------


def im2col(x: Tensor, kernel: Either, stride: Either, padding: Either) -> Tensor:
    """`torch.nn.functional.unfold`: x (N, C, H, W) -> (N, C kh kw, L)."""
    return functional.unfold(x, kernel, 1, padding, stride)


def _in_pairs(answer: Columns) -> Callable[[Tensor, Either, Either, Either], Tensor]:
    return lambda x, k, s, p: answer(x, as_pair(k), as_pair(s), as_pair(p))


def _reordered(*order: int) -> Columns:
    """The rows as if channel, kernel row and kernel column (1, 2, 3) came in another order."""

    def answer(x: Tensor, k: Pair, s: Pair, p: Pair) -> Tensor:
        rows = im2col(x, k, s, p).unflatten(1, (x.shape[1], *k))  # (N, C, kh, kw, L)
        return rows.permute(0, *order, 4).flatten(1, 3)

    return answer


def _flipped(*axes: int) -> Columns:
    """The rows with channel, kernel row or kernel column (1, 2, 3) backwards."""

    def answer(x: Tensor, k: Pair, s: Pair, p: Pair) -> Tensor:
        rows = im2col(x, k, s, p).unflatten(1, (x.shape[1], *k))
        return rows.flip(axes).flatten(1, 3)

    return answer


def _grid(x: Tensor, k: Pair, s: Pair, p: Pair) -> Tensor:
    """The columns with their positions in rows and columns: (N, C kh kw, H_out, W_out)."""
    height = functional.unfold(x[:, :1, :, : k[1]], k, 1, (p[0], 0), s).shape[2]
    return im2col(x, k, s, p).unflatten(2, (height, -1))


def _counted_off(rows_first: bool) -> Columns:
    """The windows (N, C, H_out, W_out, kh, kw), reshaped as they are."""

    def answer(x: Tensor, k: Pair, s: Pair, p: Pair) -> Tensor:
        grid = _grid(x, k, s, p).unflatten(1, (x.shape[1], *k)).permute(0, 1, 4, 5, 2, 3)
        want = im2col(x, k, s, p)
        return grid.reshape(want.shape) if rows_first else grid.reshape(want.mT.shape).mT

    return answer


_ORDER = "Row (c, i, j): channel by channel, within one row by row, within a row column by column."
_ZEROS = "Pad with zeros on both sides of both axes: your `pad2d` does it."
_PAIR = "A pair is (rows, columns)."
IM2COL = tuple(
    wrong(name, says, look, _in_pairs(answer))
    for name, says, look, answer in (
        ("channels_last", "The rows go by (i, j, c): pixel by pixel, with the channels inside.",
         _ORDER, _reordered(2, 3, 1)),
        ("kernel_by_column", "The rows go by (c, j, i): each window is read column by column.",
         _ORDER, _reordered(1, 3, 2)),
        ("channels_in_the_middle", "The rows go by (i, c, j).", _ORDER, _reordered(2, 1, 3)),
        ("channels_last_by_column", "The rows go by (j, i, c).", _ORDER, _reordered(3, 2, 1)),
        ("channels_reversed", "The channels are in reverse order.", _ORDER, _flipped(1)),
        ("window_turned_round", "Each window is turned round.",
         "A window is copied as it lies in the picture.", _flipped(2, 3)),
        ("window_upside_down", "Each window's rows are in reverse order.",
         "A window is copied as it lies in the picture.", _flipped(2)),
        ("window_mirrored", "Each window's columns are in reverse order.",
         "A window is copied as it lies in the picture.", _flipped(3)),
        ("positions_by_column", "The windows are taken column by column.",
         "Windows go row by row, as you read: the position along the row changes fastest.",
         lambda x, k, s, p: _grid(x, k, s, p).mT.flatten(2)),
        ("positions_not_flattened", "The windows' positions still have two axes.",
         "Flatten H_out and W_out into one axis, L.", _grid),
        ("positions_before_rows", "Rows and positions are exchanged: (N, L, C kh kw).",
         "Each window is a column.", lambda x, k, s, p: im2col(x, k, s, p).mT),
        ("reshaped_without_exchange", "The numbers are those of (N, L, C kh kw), counted off anew.",
         "A reshape does not exchange axes: permute first.",
         lambda x, k, s, p: im2col(x, k, s, p).mT.reshape(im2col(x, k, s, p).shape)),
        *(("reshaped_without_exchange", "The windows (N, C, H_out, W_out, kh, kw) were reshaped as "
           "they stand.", "A reshape does not exchange axes: permute first, so that C, kh, kw are "
           "neighbours, and so are H_out and W_out.", _counted_off(rows_first))
          for rows_first in (True, False)),
        ("first_channel_only", "Only the first channel is there.", "All channels, one by one.",
         lambda x, k, s, p: im2col(x[:, :1], k, s, p)),
        ("channels_added", "The channels are added up.", "All channels, one by one.",
         lambda x, k, s, p: im2col(x.sum(1, True), k, s, p)),
        ("first_image_for_all", "Every image has the first one's windows.",
         "Use every image of the batch.", lambda x, k, s, p: im2col(x[:1].expand_as(x), k, s, p)),
        ("kernel_exchanged", "Rows and columns of the kernel are exchanged.", _PAIR,
         lambda x, k, s, p: im2col(x, (k[1], k[0]), s, p)),
        ("padding_ignored", "The padding is ignored.", _ZEROS,
         lambda x, k, s, p: im2col(x, k, s, 0)),
        ("padding_before_only", "Zeros are added above and to the left only.", _ZEROS,
         lambda x, k, s, p: im2col(one_sided(x, p, True), k, s, 0)),
        ("padding_after_only", "Zeros are added below and to the right only.", _ZEROS,
         lambda x, k, s, p: im2col(one_sided(x, p, False), k, s, 0)),
        ("padding_of_edges", "The border repeats the picture's edge.", _ZEROS,
         lambda x, k, s, p: im2col(filled(x, p, "replicate"), k, s, 0)),
        ("padding_reflected", "The border mirrors the picture.", _ZEROS,
         lambda x, k, s, p: im2col(filled(x, p, "reflect"), k, s, 0)),
        ("padding_exchanged", "Rows and columns of the padding are exchanged.", _PAIR,
         lambda x, k, s, p: im2col(x, k, s, (p[1], p[0]))),
        ("padding_of_rows_for_both", "The padding for rows is used for columns too.", _PAIR,
         lambda x, k, s, p: im2col(x, k, s, (p[0], p[0]))),
        ("stride_ignored", "There is a window at every pixel, whatever the stride.",
         "Neighbouring windows start `stride` pixels apart.",
         lambda x, k, s, p: im2col(x, k, ONE, p)),
        ("stride_ignored", "The windows lie one pixel apart, whatever the stride.",
         "The size is right. Where does window r begin? The stride belongs there too.",
         lambda x, k, s, p: cropped(_grid(x, k, ONE, p), _grid(x, k, s, p)).flatten(2)),
        ("stride_exchanged", "Rows and columns of the stride are exchanged.", _PAIR,
         lambda x, k, s, p: im2col(x, k, (s[1], s[0]), p)),
        ("stride_of_rows_for_both", "The stride for rows is used for columns too.", _PAIR,
         lambda x, k, s, p: im2col(x, k, (s[0], s[0]), p)),
        ("stride_of_columns_for_both", "The stride for columns is used for rows too.", _PAIR,
         lambda x, k, s, p: im2col(x, k, (s[1], s[1]), p)),
        ("stride_of_rows_only", "The stride is used for rows only.", _PAIR,
         lambda x, k, s, p: im2col(x, k, (s[0], 1), p)),
        ("stride_of_columns_only", "The stride is used for columns only.", _PAIR,
         lambda x, k, s, p: im2col(x, k, (1, s[1]), p)),
        ("stride_and_padding_exchanged", "Stride and padding have taken each other's place.",
         "Look at the order of the arguments: stride, then padding.",
         lambda x, k, s, p: im2col(x, k, p, s)),
        ("windows_do_not_overlap", "The windows lie side by side: the step is the kernel's size.",
         "Neighbouring windows start `stride` pixels apart.",
         lambda x, k, s, p: im2col(x, k, k, p)),
        ("last_window_missing", "The last window along each axis is missing.",
         "Does your output's size have its + 1?",
         lambda x, k, s, p: _grid(x, k, s, p)[..., :-1, :-1].flatten(2)),
    )
)  # fmt: skip

# --- conv_as_matrix -------------------------------------------------------------------------------

Correlate = Callable[[Tensor, Tensor], Tensor]


def _correlate(images: Tensor, w: Tensor) -> Tensor:
    """PyTorch's correlation of images (N, 1, H, W) with w (kh, kw)."""
    return functional.conv2d(images, w[None, None])


def _matrix(w: Tensor, in_shape: Pair, correlate: Correlate = _correlate) -> Tensor:
    """What `correlate` makes of each image that has a single 1: the columns of its matrix."""
    H, W = in_shape
    pixels = torch.eye(H * W, dtype=w.dtype, device=w.device).reshape(H * W, 1, H, W)
    return correlate(pixels, w).flatten(1).T


def conv_as_matrix(w: Tensor, in_shape: Pair) -> Tensor:
    """The matrix (H_out W_out, H W) of PyTorch's correlation with w (kh, kw)."""
    return _matrix(w, in_shape)


def _by(correlate: Correlate) -> Callable[[Tensor, Pair], Tensor]:
    return lambda w, in_shape: _matrix(w, in_shape, correlate)


def _shifted(row: Tensor, places: Tensor) -> Tensor:
    return torch.stack([row.roll(place) for place in places.tolist()])


def _running_on(w: Tensor, in_shape: Pair) -> Tensor:
    """Each row is the one above it, moved on by one."""
    right = conv_as_matrix(w, in_shape)
    return _shifted(right[0], torch.arange(len(right)))


def _as_narrow_as_the_output(w: Tensor, in_shape: Pair) -> Tensor:
    """Pixel (r, c) taken for number r W_out + c."""
    right, there = (conv_as_matrix(kernel, in_shape) for kernel in (w, torch.ones_like(w)))
    found, W = torch.zeros_like(right), in_shape[1]
    for pixel in range(right.shape[1]):
        row, column = divmod(pixel, W)
        place = row * (W - w.shape[1] + 1) + column
        found[:, place] = torch.where(there[:, pixel] > 0, right[:, pixel], found[:, place])
    return found


def _kernel_in_one_line(w: Tensor, in_shape: Pair) -> Tensor:
    starts = conv_as_matrix(torch.ones_like(w), in_shape).argmax(1)
    line = functional.pad(w.flatten(), (0, in_shape[0] * in_shape[1] - w.numel()))
    return _shifted(line, starts)


_WINDOW = "Row (r, c) of A holds the kernel where it lies when it is placed at (r, c); 0 elsewhere."
_READING = "flatten() reads row by row: pixel (r, c) is number r W + c."
CONV_AS_MATRIX = (
    wrong("true_convolution", "The kernel is turned round.", "A @ x is a correlation.",
          lambda w, shape: _matrix(w.flip(0, 1), shape)),
    wrong("kernel_upside_down", "The kernel's rows are in reverse order.", _WINDOW,
          lambda w, shape: _matrix(w.flip(0), shape)),
    wrong("kernel_mirrored", "The kernel's columns are in reverse order.", _WINDOW,
          lambda w, shape: _matrix(w.flip(1), shape)),
    wrong("kernel_transposed", "The kernel's rows and columns are exchanged.", _WINDOW,
          lambda w, shape: _matrix(w.T, shape)),
    wrong("matrix_transposed", "A is transposed.", "One row for each output, a column a pixel.",
          lambda w, shape: _matrix(w, shape).T),
    wrong("outputs_by_column", "The rows of A go through the outputs column by column.", _READING,
          _by(lambda x, w: _correlate(x, w).mT)),
    wrong("pixels_by_column", "The columns of A go through the pixels column by column.", _READING,
          lambda w, shape: _matrix(w, (shape[1], shape[0]), lambda x, w: _correlate(x.mT, w))),
    wrong("shape_exchanged", "Height and width of the image are exchanged.",
          "in_shape is (H, W).", lambda w, shape: _matrix(w, (shape[1], shape[0]))),
    wrong("running_on", "Each row is the row above it, moved on by one, over the line's end too.",
          "At the end of a line the kernel jumps to the start of the next.", _running_on),
    wrong("rows_as_long_as_the_outputs", "The pixels are counted as if a row of the picture had "
          "W_out of them.", _READING + " It has W of them; W_out counts the rows of A.",
          _as_narrow_as_the_output),
    wrong("kernel_in_one_line", "The kernel's rows stand one behind the other in each row of A.",
          "The pixel below is W places further on: between the kernel's rows there is a gap.",
          _kernel_in_one_line),
    wrong("one_row_repeated", "Every row of A is the first.", "The kernel moves on.",
          lambda w, shape: _matrix(w, shape)[:1].expand(len(_matrix(w, shape)), -1)),
    wrong("weights_ignored", "A holds ones where the kernel's weights belong.", _WINDOW,
          lambda w, shape: _matrix(torch.ones_like(w), shape)),
    wrong("window_averaged", "The weights are divided by their number.", "A sum, not a mean.",
          lambda w, shape: _matrix(w / w.numel(), shape)),
    wrong("last_window_missing", "The last window along each axis is missing.",
          "There are (H - kh + 1) (W - kw + 1) of them.",
          _by(lambda x, w: _correlate(x, w)[..., :-1, :-1])),
    wrong("padded_to_full", "There are rows for windows that leave the image.",
          "Valid: (H - kh + 1) (W - kw + 1) rows.",
          _by(lambda x, w: _correlate(filled(x, (w.shape[0] - 1, w.shape[1] - 1), "constant"), w))),
    wrong("wrapped_round", "The kernel goes on at the image's other side.",
          "Valid: (H - kh + 1) (W - kw + 1) rows.",
          _by(lambda x, w: _correlate(torch.cat([torch.cat([x, x], 2)] * 2, 3)
                                      [..., : x.shape[2] + w.shape[0] - 1,
                                       : x.shape[3] + w.shape[1] - 1], w))),
    wrong("windows_do_not_overlap", "The kernel moves on by its own size.",
          "It moves on by one pixel.",
          _by(lambda x, w: functional.conv2d(x, w[None, None], stride=w.shape))),
    wrong("one_pixel_a_window", "Each row holds a single weight.", _WINDOW,
          lambda w, shape: _matrix(w, shape)
          * (_matrix(torch.ones_like(w), shape).cumsum(1) == 1)),
)  # fmt: skip
