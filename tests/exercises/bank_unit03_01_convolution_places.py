"""Answers of the right size whose windows lie at the wrong places, and windows reshaped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_01_convolution_windows import padded, pair

bank = Bank()
Cut = Callable[..., slice]


def count(n: int, k: int, s: int, p: int, d: int = 1) -> int:
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


def right_place(at: int, s: int, d: int, k: int, s_rows: int) -> slice:
    return slice(at * s, at * s + d * (k - 1) + 1, d)


def windows(rows: Cut = right_place, columns: Cut | None = None, pads: bool = True) -> Any:
    """A convolution by places, each window cut by `rows` and `columns`."""
    columns = columns or rows

    def answer(x: Any, w: Any, b: Any, stride: Any, padding: Any, dilation: Any = 1) -> Any:
        (sr, sc), (dr, dc), (pr, pc) = pair(stride), pair(dilation), pair(padding)
        (kh, kw), (H, W) = w.shape[2:], x.shape[2:]
        seen = padded(x, padding) if pads else x
        y = x.new_zeros(len(x), len(w), count(H, kh, sr, pr, dr), count(W, kw, sc, pc, dc))
        for r in range(y.shape[2]):
            for c in range(y.shape[3]):
                window = seen[:, :, rows(r, sr, dr, kh, sr), columns(c, sc, dc, kw, sr)]
                y[:, :, r, c] = torch.einsum("ncij,ocij->no", window, w)
        return y if b is None else y + b.view(-1, 1, 1)

    return answer


def in_one(answer: Any) -> Any:
    def sequence(x: Any, w: Any, b: Any, stride: int, padding: int) -> Any:
        return answer(x[:, :, None], w[:, :, None], b, (1, stride), (0, padding))[:, :, 0]

    return sequence


def step_forgotten(at: int, s: int, d: int, k: int, s_rows: int) -> slice:
    return slice(at, at + d * (k - 1) + 1, d)


def neighbours(at: int, s: int, d: int, k: int, s_rows: int) -> slice:
    return slice(at * s, at * s + k)


def cut_short(at: int, s: int, d: int, k: int, s_rows: int) -> slice:
    return slice(at * s, at * s + k, d)


def exchanged(at: int, s: int, d: int, k: int, s_rows: int) -> slice:
    return slice(at * d, at * d + s * k, s)


def by_the_rows(at: int, s: int, d: int, k: int, s_rows: int) -> slice:
    return slice(at * s_rows, at * s_rows + d * k, d)


def every_second(x: Any, w: Any, b: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    (sr, sc), (dr, dc), (pr, pc) = pair(stride), pair(dilation), pair(padding)
    (kh, kw), (H, W) = w.shape[2:], x.shape[2:]
    rows, columns = count(H, kh, sr, pr, dr), count(W, kw, sc, pc, dc)
    y, seen = x.new_zeros(len(x), len(w), rows, columns), padded(x, padding)
    for i in range(kh):
        for j in range(kw):
            part = seen[:, :, i::sr, j::sc][:, :, :rows, :columns]
            y = y + torch.einsum("ncpq,oc->nopq", part, w[:, :, i, j])
    return y if b is None else y + b.view(-1, 1, 1)


STEPS = (
    ("step_forgotten", "stride_ignored", "x[r : r + kh].", windows(step_forgotten)),
    ("from_x_itself", "padding_ignored", "xp = x.", windows(pads=False)),
    ("columns_by_the_rows", "stride_of_rows_for_both", "c * sr.",
     windows(right_place, by_the_rows)),
)  # fmt: skip
bank.right_ones("conv2d", windows=windows())
bank.wrong_ones("conv1d", *((n, d, why, in_one(answer)) for n, d, why, answer in STEPS[:2]))
bank.wrong_ones("conv2d_im2col", *STEPS)
bank.wrong_ones(
    "conv2d", *STEPS,
    ("neighbours", "dilation_ignored", "x[r * sr : r * sr + kh].", windows(neighbours)),
    ("every_second", "dilation_ignored", "i::sr.", every_second),
    ("cut_short", "window_cut_short", "x[r * sr : r * sr + kh : dr].", windows(cut_short)),
    ("exchanged", "stride_and_dilation_exchanged", "x[r * dr : … : sr].", windows(exchanged)),
)  # fmt: skip


def plus_b(x: Any, w: Any, b: Any, stride: Any, padding: Any) -> Any:
    y = windows()(x, w, None, stride, padding)
    return y if b is None else (y.flatten(2) + b).reshape(y.shape)


def if_b(x: Any, w: Any, b: Any, stride: int, padding: int) -> Any:
    y = in_one(windows())(x, w, None, stride, padding)
    if b:
        y = y + b[:, None]
    return y


def of_four_axes(x: Any, w: Any, b: Any, stride: int, padding: int) -> Any:
    N, C, H, W = x.shape
    return x.reshape(N, C, H, W)


bank.wrong_ones("conv2d_im2col", ("plus_b", "bias_along_the_width", "+ b.", plus_b))
bank.wrong_ones("conv1d", ("if_b", "array_as_truth", "if b.", if_b),
                ("of_four_axes", "wrong_number_of_values", "Calls pad2d.", of_four_axes),
                )  # fmt: skip


def views(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    (kh, kw), (sr, sc) = pair(kernel), pair(stride)
    return padded(x, padding).unfold(2, kh, sr).unfold(3, kw, sc)


def reshaped(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    seen = views(x, kernel, stride, padding)
    N, C, rows, columns, kh, kw = seen.shape
    return seen.reshape(N, C * kh * kw, rows * columns)


def reshaped_and_turned(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    seen = views(x, kernel, stride, padding)
    return seen.reshape(len(x), seen.shape[2] * seen.shape[3], -1).mT


def at_every_pixel(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    rows, columns = views(x, kernel, stride, padding).shape[2:4]
    seen = views(x, kernel, 1, padding)[:, :, :rows, :columns]
    return seen.permute(0, 1, 4, 5, 2, 3).flatten(1, 3).flatten(2)


bank.wrong_ones(
    "im2col",
    ("reshaped_at_once", "reshaped_without_exchange", "unfold, unfold, reshape.", reshaped),
    (
        "reshaped_and_turned",
        "reshaped_without_exchange",
        "reshape(N, L, -1).mT.",
        reshaped_and_turned,
    ),
    ("at_every_pixel", "stride_ignored", "Forgets the stride in the index.", at_every_pixel),
)


def a_place_short(rows_short: int, columns_short: int) -> Any:
    def answer(x: Any, k: Any) -> Any:
        (H, W), (kh, kw) = x.shape, k.shape
        y = x.new_zeros(H - kh + 1, W - kw + 1)
        for r in range(H - kh + 1 - rows_short):
            for c in range(W - kw + 1 - columns_short):
                y[r, c] = (x[r : r + kh, c : c + kw] * k).sum()
        return y

    return answer


bank.wrong_ones(
    "corr2d",
    ("a_place_short", "last_window_not_filled", "range(H - kh).", a_place_short(1, 1)),
    ("a_row_short", "last_window_not_filled", "range(H - kh).", a_place_short(1, 0)),
    ("a_column_short", "last_window_not_filled", "range(W - kw).", a_place_short(0, 1)),
)
