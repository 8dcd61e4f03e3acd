"""Known wrong answers to col2im: PyTorch's fold, with something exchanged."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.exercises._conv_backward import (
    CUT_TO_NOTHING,
    IntOrPair,
    Shape,
    both,
    cut_from_the_end,
    framed,
    last_one_wins,
    only_ints,
    only_pairs,
    stripped,
    torch_fold,
)
from autograder.exercises._layers_torch import wrong

Answer = Callable[[Tensor, Shape, IntOrPair, IntOrPair, IntOrPair], Tensor]


def _windows(shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> tuple[int, int]:
    """How many windows PyTorch finds below one another, and side by side."""
    probe = torch.empty(1, 1, *shape[2:], device="meta"), torch.empty(1, 1, *both(k), device="meta")
    found = functional.conv2d(*probe, None, s, p).shape
    return found[2], found[3]


def _with_frame(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    """The padded picture."""
    (left, _, top, _), (H, W) = framed(p), shape[2:]
    return functional.fold(cols, (H + 2 * top, W + 2 * left), k, 1, 0, s)


def _overwritten(last_first: bool) -> Answer:
    def answer(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
        def place(mask: Tensor) -> tuple[Tensor, Tensor]:
            rows = mask.to(cols).flatten().repeat(shape[1])[:, None]  # (C kh kw, 1)
            share = torch_fold(cols * rows, shape, k, s, p)
            return share, torch_fold(rows.expand_as(cols), shape, k, s, p)

        return last_one_wins(both(k), place, last_first)

    return answer


def _averaged(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    times = torch_fold(torch.ones_like(cols), shape, k, s, p)
    return torch_fold(cols, shape, k, s, p) / times.clamp(min=1)


def _rows_as(order: str) -> Answer:
    """With the rows of cols read in another order than (c, i, j)."""

    def answer(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
        size = dict(zip("cij", (shape[1], *both(k)), strict=True))
        seen = cols.unflatten(1, [size[letter] for letter in order])
        right = torch.einsum(f"n{order}l->ncijl", seen).flatten(1, 3)
        return torch_fold(right, shape, k, s, p)

    return answer


def _flipped(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    seen = cols.unflatten(1, (shape[1], *both(k))).flip(2, 3)
    return torch_fold(seen.flatten(1, 3), shape, k, s, p)


def _down_first(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    rows, columns = _windows(shape, k, s, p)
    return torch_fold(cols.unflatten(2, (columns, rows)).mT.flatten(2), shape, k, s, p)


def _counted_without_padding(
    cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair, strict: bool = False
) -> Tensor:
    """As many windows as a picture without padding has, counted off in its rows.

    `strict`: as a reshape does it, which fails where their number is another.
    """
    (kh, kw), (sh, sw) = both(k), both(s)
    rows, columns = max(0, (shape[2] - kh) // sh + 1), max(0, (shape[3] - kw) // sw + 1)
    found, wide = torch.zeros_like(cols), _windows(shape, k, s, p)[1]
    if strict and rows * columns != cols.shape[2]:
        raise RuntimeError("the windows do not fit the columns")
    for row in range(rows):
        for column in range(columns):
            found[..., row * wide + column] = cols[..., row * columns + column]
    return torch_fold(found, shape, k, s, p)


def _side_by_side(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    """Windows at stride 1 in the upper left of the padded picture."""
    (rows, columns), (kh, kw) = _windows(shape, k, s, p), both(k)
    small = functional.fold(cols, (rows + kh - 1, columns + kw - 1), k)
    (left, _, top, _), (H, W) = framed(p), shape[2:]
    room = (0, W + 2 * left - small.shape[3], 0, H + 2 * top - small.shape[2])
    return functional.pad(functional.pad(small, room), stripped(p))


def _reached(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    """A picture just as large as the windows reach."""
    (rows, columns), (kh, kw), (sh, sw) = _windows(shape, k, s, p), both(k), both(s)
    size = ((rows - 1) * sh + kh, (columns - 1) * sw + kw)
    return functional.fold(cols, size, k, 1, 0, s)


def _no_left_over(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    return functional.pad(_reached(cols, shape, k, s, p), stripped(p))


def _reached_and_cut(
    cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair
) -> Tensor:
    (left, _, top, _), (H, W) = framed(p), shape[2:]
    return _reached(cols, shape, k, s, p)[:, :, top : top + H, left : left + W]


def _cropped(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    return _with_frame(cols, shape, k, s, p)[:, :, : shape[2], : shape[3]]


def _windows_first(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    return torch_fold(cols.reshape(cols.shape[0], -1, cols.shape[1]).mT, shape, k, s, p)


def _windows_in_the_middle(
    cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair
) -> Tensor:
    kh, kw = both(k)
    moved = cols.reshape(cols.shape[0], shape[1], -1, kh * kw).mT
    return torch_fold(moved.flatten(1, 2), shape, k, s, p)


def _one_channel(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    picture = torch_fold(cols, shape, k, s, p)
    return picture.sum(1, keepdim=True).expand_as(picture)


def _no_padding(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    """The windows laid into a picture without padding, where they fit."""
    small = _reached(cols, shape, k, s, p)
    room = shape[2] - small.shape[2], shape[3] - small.shape[3]
    if min(room) < 0:
        raise RuntimeError("the windows of the padded picture do not fit into the plain one")
    return functional.pad(small, (0, room[1], 0, room[0]))


def _ints(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    only_ints(k, s, p)
    return torch_fold(cols, shape, k, s, p)


def _pairs(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    only_pairs(k, s, p)
    return torch_fold(cols, shape, k, s, p)


def _exchanged(cols: Tensor, shape: Shape, k: IntOrPair, s: IntOrPair, p: IntOrPair) -> Tensor:
    return torch_fold(cols, shape, k, both(s)[::-1], both(p)[::-1])


_ROWS = "Rows of cols count (c, i, j): all of one channel's kernel first, the column j fastest."
_ADD = "An element that lies in several windows gets the sum of what they hold: `+=`."
FOLD = (
    wrong("overlaps_overwritten", "Where windows overlap, one of them alone is kept.", _ADD,
          _overwritten(last_first=False)),
    wrong("overlaps_overwritten", "Where windows overlap, the last window alone is kept.", _ADD,
          _overwritten(last_first=True)),
    wrong("overlaps_averaged", "Where windows overlap, their mean is taken.", _ADD, _averaged),
    wrong("padding_not_stripped", "The picture still has its padding around it.",
          "x_shape is the shape before padding. Fold into a padded picture, then cut.",
          _with_frame),
    wrong("padding_stripped_at_the_end", "The padding was taken off below and to the right only.",
          "x[0] lies `padding` rows inside the padded picture.", _cropped),
    wrong(*CUT_TO_NOTHING, lambda cols, shape, k, s, p: cut_from_the_end(
        _with_frame(cols, shape, k, s, p), p)),
    wrong("left_over_rows_missing", "The picture is as large as the windows reach, not as x.",
          "Where the stride does not come out even, rows are left over. They are 0, and there.",
          _reached_and_cut),
    wrong("left_over_rows_missing", "The picture is as large as the windows reach, not as x.",
          "Where the stride does not come out even, rows are left over. They are 0, and there.",
          _no_left_over),
    wrong("rows_channel_last", "The rows of cols were read with the channel fastest, (i, j, c).",
          _ROWS, _rows_as("ijc")),
    wrong("kernel_transposed", "The rows of cols were read as (c, j, i).", _ROWS, _rows_as("cji")),
    wrong("kernel_flipped", "Each window was laid down upside down and back to front.",
          "col2im puts every number back where im2col took it from: nothing is flipped.", _flipped),
    wrong("windows_down_first", "The windows were counted column by column.",
          "Column l of cols is window (p, q) with l = p Wo + q: to the right first, then down.",
          _down_first),
    wrong("windows_without_padding", "The windows were counted without the padding.",
          "Ho = (H + 2 ph - kh) // sh + 1, as going forward; Wo likewise.",
          _counted_without_padding),
    wrong("windows_without_padding", "The windows were counted without the padding.",
          "Ho = (H + 2 ph - kh) // sh + 1, as going forward; Wo likewise.",
          functools.partial(_counted_without_padding, strict=True)),
    wrong("stride_ignored", "The windows were laid down at stride 1.",
          "Window (p, q) begins at row p sh, column q sw of the padded picture.", _side_by_side),
    wrong("columns_read_as_rows", "cols was reshaped as if it were (N, L, C kh kw).",
          "cols is (N, C kh kw, L). A reshape moves no axis.", _windows_first),
    wrong("columns_read_as_rows", "cols was reshaped as if it were (N, C, Ho, Wo, kh, kw).",
          "cols is (N, C kh kw, Ho Wo). A reshape moves no axis.", _windows_in_the_middle),
    wrong("channels_added", "Every channel holds the sum of all channels.",
          "Each channel has rows of its own in cols.", _one_channel),
    wrong("padding_forgotten", "It goes wrong wherever there is padding.",
          "The windows come from the padded picture. Fold into one, then cut.", _no_padding),
    wrong("pair_not_expected", "It fails where kernel, stride or padding is a pair.",
          "Each may be an int or a pair (rows, columns): make a pair of it in your first lines.",
          _ints),
    wrong("int_not_expected", "It fails where kernel, stride or padding is a single int.",
          "Each may be an int or a pair (rows, columns): make a pair of it in your first lines.",
          _pairs),
    wrong("pair_exchanged", "Stride and padding were read as (columns, rows).",
          "They are (rows, columns), as H comes before W.", _exchanged),
)  # fmt: skip
