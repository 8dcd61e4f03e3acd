"""Answers to conv2d and conv2d_im2col, written in a dozen ways."""

from __future__ import annotations

from collections.abc import Callable
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
    wrap,
)

bank = Bank()


def slide(x: Any, w: Any, s: Any, d: Any = 1) -> Any:
    """What the filters see at every place of padded images."""
    (sr, sc), (dr, dc) = pair(s), pair(d)
    kh, kw = w.shape[2:]
    x = x.unfold(2, dr * (kh - 1) + 1, sr).unfold(3, dc * (kw - 1) + 1, sc)
    return torch.einsum("nchwij,ocij->nohw", x[..., ::dr, ::dc], w)


def add(y: Any, b: Any) -> Any:
    return y if b is None else y + b[:, None, None]


def right(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any = 1) -> Any:
    return add(slide(padded(x, p), w, s, d), b)


def by_weights(x: Any, w: Any, b: Any, stride: Any, padding: Any, dilation: Any = 1) -> Any:
    (sr, sc), (dr, dc), x = pair(stride), pair(dilation), padded(x, padding)
    rows = (x.shape[2] - dr * (w.shape[2] - 1) - 1) // sr + 1
    columns = (x.shape[3] - dc * (w.shape[3] - 1) - 1) // sc + 1
    y = x.new_zeros(x.shape[0], w.shape[0], rows, columns)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            down = slice(i * dr, i * dr + sr * (rows - 1) + 1, sr)
            along = slice(j * dc, j * dc + sc * (columns - 1) + 1, sc)
            y += torch.tensordot(w[:, :, i, j], x[:, :, down, along], ([1], [1])).transpose(0, 1)
    return add(y, b)


def by_places(x: Any, w: Any, b: Any, stride: Any, padding: Any, dilation: Any = 1) -> Any:
    (sr, sc), (dr, dc), x = pair(stride), pair(dilation), padded(x, padding)
    far = dr * (w.shape[2] - 1) + 1, dc * (w.shape[3] - 1) + 1
    rows = []
    for r in range(0, x.shape[2] - far[0] + 1, sr):
        row = []
        for c in range(0, x.shape[3] - far[1] + 1, sc):
            window = x[:, :, r : r + far[0] : dr, c : c + far[1] : dc]
            row.append(window.flatten(1) @ w.flatten(1).T)  # (N, O)
        rows.append(torch.stack(row, dim=-1))
    return add(torch.stack(rows, dim=-2), b)


def by_numbers(x: Any, w: Any, b: Any, stride: Any, padding: Any, dilation: Any = 1) -> Any:
    (sr, sc), (dr, dc) = pair(stride), pair(dilation)
    x = padded(x, padding)
    y = torch.zeros_like(slide(x, w, stride, dilation))
    far = dr * (w.shape[2] - 1) + 1, dc * (w.shape[3] - 1) + 1
    for n, o in ((n, o) for n in range(len(x)) for o in range(len(w))):
        for r in range(y.shape[2]):
            for c in range(y.shape[3]):
                window = x[n, :, r * sr : r * sr + far[0] : dr, c * sc : c * sc + far[1] : dc]
                y[n, o, r, c] = (window * w[o]).sum() + (b[o] if b is not None else 0)
    return y


def by_indices(x: Any, w: Any, b: Any, stride: Any, padding: Any, dilation: Any = 1) -> Any:
    (sr, sc), (dr, dc), x = pair(stride), pair(dilation), padded(x, padding)
    kh, kw = w.shape[2:]
    rows = torch.arange((x.shape[2] - dr * (kh - 1) - 1) // sr + 1, device=x.device)
    columns = torch.arange((x.shape[3] - dc * (kw - 1) - 1) // sc + 1, device=x.device)
    down = rows[:, None] * sr + torch.arange(kh, device=x.device) * dr  # (rows, kh)
    along = columns[:, None] * sc + torch.arange(kw, device=x.device) * dc  # (columns, kw)
    windows = x[:, :, down[:, None, :, None], along[None, :, None, :]]
    return add(torch.tensordot(windows, w, ([1, 4, 5], [1, 2, 3])).permute(0, 3, 1, 2), b)


def spread(x: Any, w: Any, b: Any, stride: Any, padding: Any, dilation: Any = 1) -> Any:
    """A dilated kernel is a larger kernel with zeros in it."""
    (dr, dc), (kh, kw) = pair(dilation), w.shape[2:]
    wide = w.new_zeros(*w.shape[:2], dr * (kh - 1) + 1, dc * (kw - 1) + 1)
    wide[:, :, ::dr, ::dc] = w
    return right(x, wide, b, stride, padding)


def columns_of(x: Any, w: Any, stride: Any, padding: Any) -> Any:
    (sr, sc), (kh, kw) = pair(stride), w.shape[2:]
    return padded(x, padding).unfold(2, kh, sr).unfold(3, kw, sc)  # (N, C, rows, columns, kh, kw)


def product(x: Any, w: Any, b: Any, stride: Any, padding: Any) -> Any:
    windows = columns_of(x, w, stride, padding)
    columns = windows.permute(0, 1, 4, 5, 2, 3).flatten(1, 3).flatten(2)
    return add((w.flatten(1) @ columns).unflatten(2, windows.shape[2:4]), b)


def product_of_rows(x: Any, w: Any, b: Any, stride: Any, padding: Any) -> Any:
    windows = columns_of(x, w, stride, padding)
    rows = windows.permute(0, 2, 3, 1, 4, 5).flatten(3)  # (N, rows, columns, C kh kw)
    y = rows @ w.reshape(len(w), -1).T
    return (y if b is None else y + b).permute(0, 3, 1, 2)


def product_with_ones(x: Any, w: Any, b: Any, stride: Any, padding: Any) -> Any:
    """The bias as one more weight, on a row of ones."""
    windows = columns_of(x, w, stride, padding)
    columns = windows.permute(0, 1, 4, 5, 2, 3).flatten(1, 3).flatten(2)
    if b is None:
        return (w.flatten(1) @ columns).unflatten(2, windows.shape[2:4])
    both = torch.cat([columns, torch.ones_like(columns[:, :1])], 1)
    y = torch.cat([w.flatten(1), b[:, None]], 1) @ both
    return y.unflatten(2, windows.shape[2:4])


bank.right_ones("conv2d", views=right, by_weights=by_weights, by_places=by_places,
                by_numbers=by_numbers, by_indices=by_indices, spread=spread)  # fmt: skip
bank.right_ones("conv2d_im2col", product=product, product_of_rows=product_of_rows,
                product_with_ones=product_with_ones, by_places=by_places, views=right)  # fmt: skip

Rows = list[tuple[str, str, str, Callable[..., Any]]]


def back(value: Any) -> Any:
    return pair(value)[::-1]


def changed_bias(b: Any, change: Callable[[Any], Any]) -> Any:
    return None if b is None else change(b)


def bias_unasked(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any = 1) -> Any:
    return slide(padded(x, p), w, s, d) + b[:, None, None]


def overwritten(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any = 1) -> Any:
    y = None
    for c in range(x.shape[1]):
        y = right(x[:, c : c + 1], w[:, c : c + 1], b, s, p, d)
    return y


def channel_by_channel(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any = 1) -> Any:
    channels = range(x.shape[1])
    return sum(right(x[:, c : c + 1], w[:, c : c + 1], b, s, p, d) for c in channels)


def on(border: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, w, b, s, p, d=1: right(border(x, pair(p)), w, b, s, 0, d)


KERNELS: Rows = [
    ("turned", "true_convolution", "Flips, as in mathematics.",
     lambda x, w, b, s, p, d=1: right(x, w.flip((2, 3)), b, s, p, d)),
    ("turned_twice_and_once", "true_convolution", "rot90, twice.",
     lambda x, w, b, s, p, d=1: right(x, torch.rot90(w, 2, (2, 3)), b, s, p, d)),
    ("rows_turned", "kernel_upside_down", "flip(2).",
     lambda x, w, b, s, p, d=1: right(x, w.flip(2), b, s, p, d)),
    ("columns_turned", "kernel_mirrored", "flip(3).",
     lambda x, w, b, s, p, d=1: right(x, w.flip(3), b, s, p, d)),
    ("transposed", "kernel_transposed", "w[..., j, i].",
     lambda x, w, b, s, p, d=1: right(x, w.transpose(2, 3), b, s, p, d)),
    ("bgr", "channels_reversed", "Channels as another library has them.",
     lambda x, w, b, s, p, d=1: right(x.flip(1), w, b, s, p, d)),
    ("mean_of_channels", "channels_averaged", "mean for sum.",
     lambda x, w, b, s, p, d=1: right(x, w / w.shape[1], b, s, p, d)),
    ("channel_0", "first_channel_only", "x[:, 0].",
     lambda x, w, b, s, p, d=1: right(x[:, :1], w[:, :1], b, s, p, d)),
    ("overwritten", "last_channel_only", "`=` for `+=`.", overwritten),
    ("one_kernel", "one_kernel_for_all_channels", "w[:, 0].",
     lambda x, w, b, s, p, d=1: right(x, w[:, [0] * w.shape[1]], b, s, p, d)),
    ("grey_first", "channels_mixed_first", "Makes the image grey.",
     lambda x, w, b, s, p, d=1: right(x.sum(1, True), w.sum(1, True), b, s, p, d)),
    ("filters_backwards", "filters_reversed", "insert(0, …).",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, p, d).flip(1)),
    ("filter_0", "one_filter_for_all", "w[0].",
     lambda x, w, b, s, p, d=1: right(x, w[[0] * len(w)], b, s, p, d)),
    ("axes_of_w", "filters_and_channels_exchanged", "Reads w as (C, O, kh, kw).",
     lambda x, w, b, s, p, d=1: right(x, w.transpose(0, 1), b, s, p, d)),
    ("mean_of_window", "window_averaged", "mean over the window.",
     lambda x, w, b, s, p, d=1: right(x, w / (w.shape[2] * w.shape[3]), b, s, p, d)),
    ("mean_of_all", "everything_averaged", "mean for sum.",
     lambda x, w, b, s, p, d=1: right(x, w / w[0].numel(), b, s, p, d)),
    ("no_weights", "weights_ignored", "A moving sum.",
     lambda x, w, b, s, p, d=1: right(x, torch.ones_like(w), b, s, p, d)),
]  # fmt: skip
BIASES: Rows = [
    ("no_bias", "bias_missing", "Forgets b.",
     lambda x, w, b, s, p, d=1: right(x, w, None, s, p, d)),
    ("bias_in_the_loop", "bias_per_channel", "Adds b at every channel.", channel_by_channel),
    ("bias_in_the_loop_over_the_kernel", "bias_per_place_of_the_kernel",
     "Adds b with every y = y + …, as the loop over the kernel invites to.",
     lambda x, w, b, s, p, d=1: right(
         x, w, changed_bias(b, lambda v: v * w.shape[2] * w.shape[3]), s, p, d)),
    ("bias_in_the_innermost_loop", "bias_per_weight", "Adds b to every product.",
     lambda x, w, b, s, p, d=1: right(
         x, w, changed_bias(b, lambda v: v * w[0].numel()), s, p, d)),
    ("minus_bias", "bias_subtracted", "A sign.",
     lambda x, w, b, s, p, d=1: right(x, w, changed_bias(b, torch.neg), s, p, d)),
    ("bias_twice", "bias_twice", "Adds b here and there.",
     lambda x, w, b, s, p, d=1: right(x, w, changed_bias(b, lambda v: v + v), s, p, d)),
    ("bias_0", "first_bias_for_all", "b[0].",
     lambda x, w, b, s, p, d=1: right(x, w, None, s, p, d) + (0 if b is None else b[0])),
    ("bias_at_the_end", "bias_along_the_width", "`+ b`.",
     lambda x, w, b, s, p, d=1: right(x, w, None, s, p, d) + (0 if b is None else b)),
    ("bias_sum", "bias_summed", "b.sum().",
     lambda x, w, b, s, p, d=1: right(x, w, None, s, p, d) + (0 if b is None else b.sum())),
    ("bias_not_asked", "none_used", "b is None, and is used.", bias_unasked),
]  # fmt: skip
BORDERS: Rows = [
    ("no_padding", "padding_ignored", "Forgets it.",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, 0, d)),
    ("before_only", "padding_before_only", "Above and to the left.",
     on(lambda x, p: framed(x, p[0], 0, p[1], 0))),
    ("after_only", "padding_after_only", "Below and to the right.",
     on(lambda x, p: framed(x, 0, p[0], 0, p[1]))),
    ("twice", "padding_doubled", "2 p on each side.",
     on(lambda x, p: padded(x, (2 * p[0], 2 * p[1])))),
    ("edges", "padding_of_edges", "Repeats the edge.", on(bordered(edge))),
    ("mirrored", "padding_reflected", "Mirrors.", on(bordered(mirror))),
    ("torus", "padding_wrapped", "Wraps round.", on(bordered(wrap))),
    ("ones", "padding_of_ones", "new_ones.",
     on(lambda x, p: framed(x, p[0], p[0], p[1], p[1], 1.0))),
    ("pads_the_result", "padding_after_convolving", "The wrong order.",
     lambda x, w, b, s, p, d=1: padded(right(x, w, b, s, 0, d), p)),
    ("always_same", "padding_to_same", "k // 2.",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, (w.shape[2] // 2, w.shape[3] // 2), d)),
    ("padding_backwards", "padding_exchanged", "(columns, rows).",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, back(p), d)),
    ("padding_0_twice", "padding_of_rows_for_both", "padding[0] twice.",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, pair(p)[0], d)),
    ("padding_1_twice", "padding_of_columns_for_both", "padding[1] twice.",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, pair(p)[1], d)),
    ("rows_padded", "padding_of_rows_only", "Forgets the columns.",
     on(lambda x, p: padded(x, (p[0], 0)))),
    ("columns_padded", "padding_of_columns_only", "Forgets the rows.",
     on(lambda x, p: padded(x, (0, p[1])))),
]  # fmt: skip
STEPS: Rows = [
    ("no_stride", "stride_ignored", "Moves on by one.",
     lambda x, w, b, s, p, d=1: right(x, w, b, 1, p, d)),
    ("starts_late", "stride_starts_late", "[s - 1 :: s].",
     lambda x, w, b, s, p, d=1: right(x, w, b, 1, p, d)[
         :, :, pair(s)[0] - 1 :: pair(s)[0], pair(s)[1] - 1 :: pair(s)[1]]),
    ("no_overlap", "windows_do_not_overlap", "Steps by the kernel's size.",
     lambda x, w, b, s, p, d=1: right(x, w, b, tuple(w.shape[2:]), p, d)),
    ("no_plus_one", "last_window_missing", "A row and a column short.",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, p, d)[:, :, :-1, :-1]),
    ("stride_down", "stride_of_rows_only", "Columns move by one.",
     lambda x, w, b, s, p, d=1: right(x, w, b, (pair(s)[0], 1), p, d)),
    ("stride_along", "stride_of_columns_only", "Rows move by one.",
     lambda x, w, b, s, p, d=1: right(x, w, b, (1, pair(s)[1]), p, d)),
    ("stride_backwards", "stride_exchanged", "(columns, rows).",
     lambda x, w, b, s, p, d=1: right(x, w, b, back(s), p, d)),
    ("stride_0_twice", "stride_of_rows_for_both", "stride[0] twice.",
     lambda x, w, b, s, p, d=1: right(x, w, b, pair(s)[0], p, d)),
    ("stride_1_twice", "stride_of_columns_for_both", "stride[1] twice.",
     lambda x, w, b, s, p, d=1: right(x, w, b, pair(s)[1], p, d)),
]  # fmt: skip
RESULTS: Rows = [
    ("turned_result", "result_transposed", "(N, O, W, H).",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, p, d).mT),
    ("turned_image", "image_transposed", "(N, C, W, H).",
     lambda x, w, b, s, p, d=1: right(x.mT, w, b, s, p, d)),
    ("filters_first", "images_and_filters_exchanged", "(O, N, …).",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, p, d).transpose(0, 1)),
    ("image_0", "first_image_for_all", "x[0].",
     lambda x, w, b, s, p, d=1: right(x[[0] * len(x)], w, b, s, p, d)),
    ("rectified", "relu_applied", "The activation too.",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, p, d).clamp(min=0)),
    ("channels_last", "wrong_shape", "(N, H, W, O), as elsewhere.",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, p, d).permute(0, 2, 3, 1)),
    ("squared", "different", "Something else.",
     lambda x, w, b, s, p, d=1: right(x, w.square(), b, s, p, d)),
    ("single_precision", "wrong_dtype", "float32 whatever comes.",
     lambda x, w, b, s, p, d=1: right(x, w, b, s, p, d).float()),
    ("bias_in_place", "input_changed", "Scales w where it is.",
     lambda x, w, b, s, p, d=1: (right(x, w, b, s, p, d), w.mul_(0.5))[0]),
    ("stub", "not_started", "Nothing yet.", stub),
    ("forgot_to_return", "nothing_returned", "No return.", nothing),
]  # fmt: skip
DILATIONS: Rows = [
    ("no_dilation", "dilation_ignored", "Forgets it.",
     lambda x, w, b, s, p, d: right(x, w, b, s, p)),
    ("gaps_of_d", "dilation_off_by_one", "d zeros between the weights.",
     lambda x, w, b, s, p, d: right(x, w, b, s, p, (pair(d)[0] + 1, pair(d)[1] + 1))),
    ("a_gap_short", "dilation_one_short", "d - 1, and at least 1.",
     lambda x, w, b, s, p, d: right(x, w, b, s, p, tuple(max(1, one - 1) for one in pair(d)))),
    ("dilation_backwards", "dilation_exchanged", "(columns, rows).",
     lambda x, w, b, s, p, d: right(x, w, b, s, p, back(d))),
    ("dilation_0_twice", "dilation_of_rows_for_both", "dilation[0] twice.",
     lambda x, w, b, s, p, d: right(x, w, b, s, p, pair(d)[0])),
    ("dilation_1_twice", "dilation_of_columns_for_both", "dilation[1] twice.",
     lambda x, w, b, s, p, d: right(x, w, b, s, p, pair(d)[1])),
    ("dilated_down", "dilation_of_rows_only", "Columns are forgotten.",
     lambda x, w, b, s, p, d: right(x, w, b, s, p, (pair(d)[0], 1))),
    ("dilated_along", "dilation_of_columns_only", "Rows are forgotten.",
     lambda x, w, b, s, p, d: right(x, w, b, s, p, (1, pair(d)[1]))),
    ("order_of_arguments", "stride_and_dilation_exchanged", "Two names exchanged.",
     lambda x, w, b, s, p, d: right(x, w, b, d, p, s)),
    ("thinned_image", "image_dilated", "Takes every d-th pixel of the image.",
     lambda x, w, b, s, p, d: right(x[:, :, :: pair(d)[0], :: pair(d)[1]], w, b, s, p)),
]  # fmt: skip


def flattened(w: Any, *order: int) -> Any:
    return w.permute(0, *order).reshape(w.shape)


FOLDS: Rows = [
    ("channels_last_in_w", "weights_in_another_order", "w as (O, kh, kw, C).",
     lambda x, w, b, s, p: product(x, flattened(w, 2, 3, 1), b, s, p)),
    ("w_by_column", "weights_in_another_order", "w as (O, C, kw, kh).",
     lambda x, w, b, s, p: product(x, flattened(w, 1, 3, 2), b, s, p)),
    ("w_reshaped", "filters_flattened_with_channels", "reshape(C kh kw, O).T.",
     lambda x, w, b, s, p: product(x, w.reshape(-1, len(w)).T.reshape(w.shape), b, s, p)),
    ("folded_by_column", "positions_folded_by_column", "(W_out, H_out), then transposed.",
     lambda x, w, b, s, p: product(x, w, b, s, p).flatten(2).reshape(
         product(x, w, b, s, p).mT.shape).mT),
    ("filters_last", "reshaped_without_exchange", "columns.mT @ W.T, reshaped to (N, O, …).",
     lambda x, w, b, s, p: product(x, w, b, s, p).permute(0, 2, 3, 1).reshape(
         product(x, w, b, s, p).shape)),
    ("filters_before_images", "reshaped_without_exchange", "(O, N L), reshaped to (N, O, …).",
     lambda x, w, b, s, p: product(x, w, b, s, p).transpose(0, 1).reshape(
         product(x, w, b, s, p).shape)),
    ("not_folded", "positions_not_folded", "Leaves L as it is.",
     lambda x, w, b, s, p: product(x, w, b, s, p).flatten(2)),
    ("folded_wrongly", "rows_and_columns_folded_wrongly", "(W_out, H_out).",
     lambda x, w, b, s, p: product(x, w, b, s, p).reshape(product(x, w, b, s, p).mT.shape)),
]  # fmt: skip


def pairs_only(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any = 1) -> Any:
    return right(x, w, b, (s[0], s[1]), (p[0], p[1]), d)


def unpacked(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any = 1) -> Any:
    sr, sc = s
    return right(x, w, b, (sr, sc), p, d)


def numbers_only(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any = 1) -> Any:
    rows = (x.shape[2] + 2 * p - w.shape[2]) // s + 1
    return right(x, w, b, s, p, d)[:, :, :rows]


FORMS: Rows = [
    ("pairs_only", "int_or_pair", "stride[0], always.", pairs_only),
    ("unpacked", "int_or_pair", "sr, sc = stride.", unpacked),
    ("numbers_only", "int_or_pair", "Takes them for ints.", numbers_only),
]

BOTH = (*FORMS, *KERNELS, *BIASES, *BORDERS, *STEPS, *RESULTS)
bank.wrong_ones("conv2d", *BOTH, *DILATIONS)
bank.wrong_ones("conv2d_im2col", *BOTH, *FOLDS)
