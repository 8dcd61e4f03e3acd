"""Answers to col2im."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_02_backward_parts import folded, pair, unframed, windows

bank = Bank()
wrong, right = bank.wrong, bank.right
EXERCISE = "col2im"


def counts(x_shape: Any, kernel: Any, stride: Any, padding: Any) -> tuple[int, int]:
    (kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride), pair(padding)
    return (x_shape[2] + 2 * ph - kh) // sh + 1, (x_shape[3] + 2 * pw - kw) // sw + 1


def read_as(order: str) -> Callable[..., Tensor]:
    return lambda cols, x, k, s, p: unframed(folded(cols, x, k, s, p, order), p)


def assigned(by_window: bool) -> Callable[..., Tensor]:
    def answer(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
        (kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride), pair(padding)
        (N, C, H, W), (P, Q) = x_shape, counts(x_shape, kernel, stride, padding)
        parts = cols.view(N, C, kh, kw, P, Q)
        out = cols.new_zeros(N, C, H + 2 * ph, W + 2 * pw)
        if by_window:
            for p in range(P):
                for q in range(Q):
                    rows, columns = slice(p * sh, p * sh + kh), slice(q * sw, q * sw + kw)
                    out[:, :, rows, columns] = parts[..., p, q]
        else:
            for i in range(kh):
                for j in range(kw):
                    rows, columns = slice(i, i + sh * P, sh), slice(j, j + sw * Q, sw)
                    out[:, :, rows, columns] = parts[:, :, i, j]
        return unframed(out, padding)

    return answer


@wrong(EXERCISE, "overlaps_averaged")
def divides_by_the_counts(cols: Tensor, x: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Wants the picture back that im2col was given."""
    times = folded(torch.ones_like(cols), x, kernel, stride, padding).clamp(min=1)
    return unframed(folded(cols, x, kernel, stride, padding) / times, padding)


@wrong(EXERCISE, "padding_stripped_at_the_end")
def first_rows(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Takes the first H rows and W columns."""
    whole = folded(cols, x_shape, kernel, stride, padding)
    return whole[:, :, : x_shape[2], : x_shape[3]]


@wrong(EXERCISE, "left_over_rows_missing")
def as_far_as_windows_reach(cols: Tensor, x: Any, k: Any, s: Any, padding: Any) -> Tensor:
    """Works the size out from L."""
    (kh, kw), (sh, sw), (P, Q) = pair(k), pair(s), counts(x, k, s, padding)
    whole = folded(cols, x, k, s, padding)
    return unframed(whole[:, :, : (P - 1) * sh + kh, : (Q - 1) * sw + kw], padding)


@wrong(EXERCISE, "left_over_rows_missing")
def cut_from_what_windows_reach(cols: Tensor, x: Any, k: Any, s: Any, padding: Any) -> Tensor:
    """The same, cut as if the frame were whole."""
    (kh, kw), (sh, sw), (ph, pw) = pair(k), pair(s), pair(padding)
    P, Q = counts(x, k, s, padding)
    reached = folded(cols, x, k, s, padding)[:, :, : (P - 1) * sh + kh, : (Q - 1) * sw + kw]
    return reached[:, :, ph : ph + x[2], pw : pw + x[3]]


@wrong(EXERCISE, "padding_zero_cuts_all")
def empty_without_padding(cols: Tensor, x: Any, k: Any, s: Any, padding: Any) -> Tensor:
    """Cuts with ph:-ph, empty for 0."""
    ph, pw = pair(padding)
    return folded(cols, x, k, s, padding)[:, :, ph:-ph, pw:-pw]


@wrong(EXERCISE, "columns_read_as_rows")
def counted_off(cols: Tensor, x: Any, k: Any, s: Any, padding: Any) -> Tensor:
    """Reshapes to (N, C, Ho, Wo, kh, kw) at once."""
    parts = cols.reshape(x[0], x[1], *counts(x, k, s, padding), *pair(k))
    parts = parts.permute(0, 1, 4, 5, 2, 3).reshape(cols.shape)
    return unframed(folded(parts, x, k, s, padding), padding)


@wrong(EXERCISE, "stride_ignored")
def side_by_side(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Puts window (p, q) at row p, column q."""
    (N, C, H, W), (kh, kw), (ph, pw) = x_shape, pair(kernel), pair(padding)
    P, Q = counts(x_shape, kernel, stride, padding)
    parts = cols.view(N, C, kh, kw, P, Q)
    out = cols.new_zeros(N, C, H + 2 * ph, W + 2 * pw)
    for p in range(P):
        for q in range(Q):
            out[:, :, p : p + kh, q : q + kw] += parts[..., p, q]
    return unframed(out, padding)


@wrong(EXERCISE, "kernel_flipped")
def upside_down(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Has read that going back the kernel is flipped."""
    parts = cols.view(len(cols), x_shape[1], -1, cols.shape[2]).flip(2).reshape_as(cols)
    return unframed(folded(parts, x_shape, kernel, stride, padding), padding)


@wrong(EXERCISE, "columns_read_as_rows")
def reshaped_for_transposed(cols: Tensor, x: Any, k: Any, s: Any, padding: Any) -> Tensor:
    """Reshapes to (N, L, C kh kw) where a transpose was needed."""
    L, rows = cols.shape[2], cols.shape[1]
    return unframed(folded(cols.reshape(-1, L, rows).mT, x, k, s, padding), padding)


@wrong(EXERCISE, "columns_read_as_rows")
def reshaped_as_windows(cols: Tensor, x_shape: Any, k: Any, s: Any, padding: Any) -> Tensor:
    """Reshapes to (N, C, Ho, Wo, kh, kw), the order that unfold leaves."""
    kh, kw = pair(k)
    parts = cols.reshape(len(cols), x_shape[1], -1, kh * kw).mT.flatten(1, 2)
    return unframed(folded(parts, x_shape, k, s, padding), padding)


@wrong(EXERCISE, "channels_added")
def one_plane(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Adds into a picture without a channel axis."""
    picture = unframed(folded(cols, x_shape, kernel, stride, padding), padding)
    return picture.sum(1, keepdim=True).repeat(1, x_shape[1], 1, 1)


@wrong(EXERCISE, "padding_forgotten")
def never_padded(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Folds into x_shape at once."""
    (N, C, _, _), (kh, kw), (sh, sw) = x_shape, pair(kernel), pair(stride)
    P, Q = counts(x_shape, kernel, stride, padding)
    out, parts = cols.new_zeros(x_shape), cols.view(N, C, kh, kw, P, Q)
    for i in range(kh):
        for j in range(kw):
            rows, columns = slice(i, i + sh * P, sh), slice(j, j + sw * Q, sw)
            out[:, :, rows, columns] += parts[:, :, i, j]
    return out


def without_padding(x_shape: Any, kernel: Any, stride: Any) -> tuple[int, int]:
    (kh, kw), (sh, sw) = pair(kernel), pair(stride)
    return (x_shape[2] - kh) // sh + 1, (x_shape[3] - kw) // sw + 1


@wrong(EXERCISE, "windows_without_padding")
def too_few_windows(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Counts the windows of x as it is, and goes through them."""
    (kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride), pair(padding)
    (N, C, H, W), (P, Q) = x_shape, without_padding(x_shape, kernel, stride)
    out = cols.new_zeros(N, C, H + 2 * ph, W + 2 * pw)
    for p in range(P):
        for q in range(Q):
            window = cols[:, :, p * Q + q].view(N, C, kh, kw)
            out[:, :, p * sh : p * sh + kh, q * sw : q * sw + kw] += window
    return unframed(out, padding)


@wrong(EXERCISE, "windows_without_padding")
def reshaped_to_too_few(cols: Tensor, x: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Counts the windows of x as it is, and reshapes."""
    cols.reshape(len(cols), x[1], *pair(kernel), *without_padding(x, kernel, stride))
    return unframed(folded(cols, x, kernel, stride, padding), padding)


@wrong(EXERCISE, "pair_not_expected")
def ints_only(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Computes with kernel, stride and padding as they come."""
    rows = (x_shape[2] + 2 * padding - kernel) // stride
    assert rows >= 0
    return unframed(folded(cols, x_shape, kernel, stride, padding), padding)


@wrong(EXERCISE, "int_not_expected")
def pairs_only(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Unpacks kernel, stride and padding as they come."""
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride, padding
    return unframed(folded(cols, x_shape, (kh, kw), (sh, sw), (ph, pw)), padding)


@wrong(EXERCISE, "pair_exchanged")
def columns_before_rows(cols: Tensor, x: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Unpacks sw, sh = stride and pw, ph = padding."""
    stride, padding = pair(stride)[::-1], pair(padding)[::-1]
    return unframed(folded(cols, x, kernel, stride, padding), padding)


@wrong(EXERCISE, "wrong_dtype")
def in_default_dtype(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Makes its zeros with torch.zeros."""
    whole = folded(cols, x_shape, kernel, stride, padding)
    out = torch.zeros(whole.shape, device=cols.device)
    out += whole
    return unframed(out, padding)


@wrong(EXERCISE, "wrong_device")
def zeros_on_the_cpu(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Makes its zeros with torch.zeros, in the right dtype at least."""
    out = torch.zeros(x_shape, dtype=cols.dtype)
    out += unframed(folded(cols, x_shape, kernel, stride, padding), padding)
    return out


bank.wrong_ones(
    EXERCISE,
    ("equals_by_window", "overlaps_overwritten", "`=` in a loop over windows.", assigned(True)),
    ("equals_by_position", "overlaps_overwritten", "`=` in a loop over positions.",
     assigned(False)),
    ("with_frame", "padding_not_stripped", "Returns the padded picture.", folded),
    ("channel_last", "rows_channel_last", "Reads the rows as (i, j, c).", read_as("ijcpq")),
    ("columns_of_the_kernel_first", "kernel_transposed", "Reads the rows as (c, j, i).",
     read_as("cjipq")),
    ("down_first", "windows_down_first", "Reads l = q Ho + p.", read_as("cijqp")),
    ("flat", "wrong_shape", "Leaves rows and columns packed.",
     lambda cols, x, k, s, p: unframed(folded(cols, x, k, s, p), p).flatten(2)),
)  # fmt: skip

# --- right ----------------------------------------------------------------------------------------


@right(EXERCISE)
def by_index(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Cuts windows out of a picture of numbers that say where each came from."""
    (N, C, H, W), (ph, pw), (kh, kw) = x_shape, pair(padding), pair(kernel)
    rows, columns = H + 2 * ph, W + 2 * pw
    number = torch.arange(rows * columns, device=cols.device).view(1, 1, rows, columns)
    places = windows(number, (kh, kw), stride, 0).permute(0, 1, 4, 5, 2, 3).reshape(1, 1, -1)
    out = cols.new_zeros(N, C, rows * columns)
    out.scatter_add_(2, places.expand(N, C, -1), cols.reshape(N, C, -1))
    return unframed(out.view(N, C, rows, columns), padding)


@right(EXERCISE)
def one_number_at_a_time(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, p: Any) -> Tensor:
    """Asks for each number whether it lies in the padding."""
    (_, C, H, W), (kh, kw), (sh, sw), (ph, pw) = x_shape, pair(kernel), pair(stride), pair(p)
    P, Q = counts(x_shape, kernel, stride, p)
    out = torch.zeros(x_shape, dtype=cols.dtype, device=cols.device)
    for row in range(C * kh * kw):
        c, i, j = row // (kh * kw), row // kw % kh, row % kw
        for l in range(P * Q):  # noqa: E741
            y, x = l // Q * sh + i - ph, l % Q * sw + j - pw
            if 0 <= y < H and 0 <= x < W:
                out[:, c, y, x] += cols[:, row, l]
    return out


@right(EXERCISE)
def two_matrices(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    """Rows and columns by a matrix of zeros and ones each."""
    (kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride), pair(padding)
    P, Q = counts(x_shape, kernel, stride, padding)

    def places(size: int, k: int, s: int, p: int, count: int) -> Tensor:
        at = torch.arange(size, device=cols.device) + p
        begin = s * torch.arange(count, device=cols.device)
        offset = torch.arange(k, device=cols.device)
        return (at[:, None, None] == begin + offset[:, None]).to(cols.dtype)  # (size, k, count)

    down, along = places(x_shape[2], kh, sh, ph, P), places(x_shape[3], kw, sw, pw, Q)
    parts = cols.view(len(cols), -1, kh, kw, P, Q)
    return torch.einsum("ncijpq,yip,xjq->ncyx", parts, down, along)


bank.right_ones(
    EXERCISE,
    by_windows=lambda cols, x, k, s, p: unframed(folded(cols, x, k, s, p), p),
    not_contiguous=lambda cols, x, k, s, p: (
        unframed(folded(cols, list(x), k, s, p), p).permute(3, 1, 0, 2).contiguous()
        .permute(2, 1, 3, 0)
    ),
)  # fmt: skip
