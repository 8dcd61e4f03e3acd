"""Answers to im2col."""

from __future__ import annotations

from typing import Any

import torch

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_01_convolution_windows import (
    bordered,
    edge,
    framed,
    mirror,
    nothing,
    padded,
    pair,
    stub,
)

bank = Bank()


def windows_of(x: Any, k: Any, s: Any) -> Any:
    """(N, C, rows, columns, kh, kw) of padded images."""
    (kh, kw), (sr, sc) = pair(k), pair(s)
    return x.unfold(2, kh, sr).unfold(3, kw, sc)


def right(x: Any, k: Any, s: Any, p: Any) -> Any:
    windows = windows_of(padded(x, p), k, s)
    return windows.permute(0, 1, 4, 5, 2, 3).flatten(1, 3).flatten(2)


def by_places(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    x, (kh, kw), (sr, sc) = padded(x, padding), pair(kernel), pair(stride)
    columns = [
        x[:, :, r : r + kh, c : c + kw].reshape(len(x), -1)
        for r in range(0, x.shape[2] - kh + 1, sr)
        for c in range(0, x.shape[3] - kw + 1, sc)
    ]
    return torch.stack(columns, dim=2)


def by_rows(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    x, (kh, kw), (sr, sc) = padded(x, padding), pair(kernel), pair(stride)
    rows, columns = (x.shape[2] - kh) // sr + 1, (x.shape[3] - kw) // sc + 1
    y = x.new_empty(len(x), x.shape[1] * kh * kw, rows * columns)
    for c in range(x.shape[1]):
        for i in range(kh):
            for j in range(kw):
                seen = x[:, c, i::sr, j::sc][:, :rows, :columns]
                y[:, (c * kh + i) * kw + j] = seen.reshape(len(x), -1)
    return y


def by_strides(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    x, (kh, kw), (sr, sc) = padded(x, padding), pair(kernel), pair(stride)
    rows, columns = (x.shape[2] - kh) // sr + 1, (x.shape[3] - kw) // sc + 1
    n, c, h, w = x.stride()
    shape = (*x.shape[:2], kh, kw, rows, columns)
    view = torch.as_strided(x, shape, (n, c, h, w, h * sr, w * sc))
    return view.reshape(len(x), -1, rows * columns)


def by_gather(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """The numbers of the pixels, laid out as the pixels will be."""
    x = padded(x, padding)
    numbers = torch.arange(x[0].numel(), device=x.device).reshape(1, *x.shape[1:])
    return x.flatten(1)[:, right(numbers, kernel, stride, 0)[0]]


bank.right_ones("im2col", views=right, by_places=by_places, by_rows=by_rows,
                by_strides=by_strides, by_gather=by_gather)  # fmt: skip


def ordered(*order: int) -> Any:
    """The axes (N, C, rows, columns, kh, kw) in another order, then flattened."""

    def answer(x: Any, k: Any, s: Any, p: Any) -> Any:
        windows = windows_of(padded(x, p), k, s).permute(*order)
        return windows.reshape(right(x, k, s, p).shape)

    return answer


def flipped(*axes: int) -> Any:
    def answer(x: Any, k: Any, s: Any, p: Any) -> Any:
        windows = windows_of(padded(x, p), k, s).flip(axes)
        return windows.permute(0, 1, 4, 5, 2, 3).flatten(1, 3).flatten(2)

    return answer


def on(border: Any) -> Any:
    return lambda x, k, s, p: right(border(x, pair(p)), k, s, 0)


def back(value: Any) -> Any:
    return pair(value)[::-1]


bank.wrong_ones(
    "im2col",
    ("channels_last", "channels_last", "As a colour image is stored.", ordered(0, 4, 5, 1, 2, 3)),
    ("by_column", "kernel_by_column", "(c, j, i).", ordered(0, 1, 5, 4, 2, 3)),
    ("in_the_middle", "channels_in_the_middle", "(i, c, j).", ordered(0, 4, 1, 5, 2, 3)),
    ("fortran", "channels_last_by_column", "(j, i, c).", ordered(0, 5, 4, 1, 2, 3)),
    ("places_by_column", "positions_by_column", "The loop over columns outside.",
     ordered(0, 1, 4, 5, 3, 2)),
    ("reshaped", "reshaped_without_exchange", "A reshape of (N, rows, columns, C, kh, kw).",
     ordered(0, 2, 3, 1, 4, 5)),
    ("reshaped_as_it_is", "reshaped_without_exchange", "A reshape of what unfold gives.",
     ordered(0, 1, 2, 3, 4, 5)),
    ("bgr", "channels_reversed", "Channels as another library has them.", flipped(1)),
    ("turned", "window_turned_round", "For a true convolution.", flipped(4, 5)),
    ("rows_turned", "window_upside_down", "flip(4).", flipped(4)),
    ("columns_turned", "window_mirrored", "flip(5).", flipped(5)),
    ("a_grid", "positions_not_flattened", "Forgets to flatten the places.",
     lambda x, k, s, p: right(x, k, s, p).unflatten(
         2, windows_of(padded(x, p), k, s).shape[2:4])),
    ("rows_for_columns", "positions_before_rows", "Each window a row.",
     lambda x, k, s, p: right(x, k, s, p).mT),
    ("channel_0", "first_channel_only", "x[:, 0].",
     lambda x, k, s, p: right(x[:, :1], k, s, p)),
    ("grey", "channels_added", "Adds the channels.",
     lambda x, k, s, p: right(x.sum(1, keepdim=True), k, s, p)),
    ("image_0", "first_image_for_all", "x[0].",
     lambda x, k, s, p: right(x[[0] * len(x)], k, s, p)),
    ("kernel_backwards", "kernel_exchanged", "(columns, rows).",
     lambda x, k, s, p: right(x, back(k), s, p)),
    ("no_padding", "padding_ignored", "Forgets it.", lambda x, k, s, p: right(x, k, s, 0)),
    ("before_only", "padding_before_only", "Above and to the left.",
     on(lambda x, p: framed(x, p[0], 0, p[1], 0))),
    ("after_only", "padding_after_only", "Below and to the right.",
     on(lambda x, p: framed(x, 0, p[0], 0, p[1]))),
    ("edges", "padding_of_edges", "Repeats the edge.", on(bordered(edge))),
    ("mirrored", "padding_reflected", "Mirrors.", on(bordered(mirror))),
    ("padding_backwards", "padding_exchanged", "(columns, rows).",
     lambda x, k, s, p: right(x, k, s, back(p))),
    ("padding_0_twice", "padding_of_rows_for_both", "padding[0] twice.",
     lambda x, k, s, p: right(x, k, s, pair(p)[0])),
    ("no_stride", "stride_ignored", "A window at every pixel.",
     lambda x, k, s, p: right(x, k, 1, p)),
    ("stride_backwards", "stride_exchanged", "(columns, rows).",
     lambda x, k, s, p: right(x, k, back(s), p)),
    ("stride_0_twice", "stride_of_rows_for_both", "stride[0] twice.",
     lambda x, k, s, p: right(x, k, pair(s)[0], p)),
    ("stride_1_twice", "stride_of_columns_for_both", "stride[1] twice.",
     lambda x, k, s, p: right(x, k, pair(s)[1], p)),
    ("stride_down", "stride_of_rows_only", "Columns move by one.",
     lambda x, k, s, p: right(x, k, (pair(s)[0], 1), p)),
    ("stride_along", "stride_of_columns_only", "Rows move by one.",
     lambda x, k, s, p: right(x, k, (1, pair(s)[1]), p)),
    ("patches", "windows_do_not_overlap", "Steps by the kernel's size.",
     lambda x, k, s, p: right(x, k, k, p)),
    ("no_plus_one", "last_window_missing", "A row and a column of places short.",
     lambda x, k, s, p: right(x, k, s, p).unflatten(
         2, windows_of(padded(x, p), k, s).shape[2:4])[..., :-1, :-1].flatten(2)),
    ("one_image", "wrong_shape", "The batch beside one another.",
     lambda x, k, s, p: torch.cat(list(right(x, k, s, p)), 1)),
    ("a_list", "wrong_type", "A list of columns.",
     lambda x, k, s, p: list(right(x, k, s, p).unbind(2))),
    ("single_precision", "wrong_dtype", "float32 whatever comes.",
     lambda x, k, s, p: right(x, k, s, p).float()),
    ("numbers_on_the_cpu", "wrong_device", "Collects in a tensor of the CPU.",
     lambda x, k, s, p: torch.zeros(right(x, k, s, p).shape, dtype=x.dtype).copy_(
         right(x, k, s, p))),
    ("stub", "not_started", "Nothing yet.", stub),
    ("forgot_to_return", "nothing_returned", "No return.", nothing),
)  # fmt: skip
