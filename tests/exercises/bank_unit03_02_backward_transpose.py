"""Answers to conv_transpose2d."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_02_backward_parts import (
    dilated,
    folded,
    padded,
    pair,
    slid,
    stamped,
    unframed,
)

bank = Bank()
wrong, right = bank.wrong, bank.right
EXERCISE = "conv_transpose2d"
Bias = Tensor | None


def whole_size(x: Tensor, w: Tensor, stride: Any) -> tuple[int, int]:
    sh, sw = pair(stride)
    return (x.shape[2] - 1) * sh + w.shape[2], (x.shape[3] - 1) * sw + w.shape[3]


def whole(x: Tensor, w: Tensor, stride: Any) -> Tensor:
    return stamped(x, w, whole_size(x, w, stride), stride)


def plus(y: Tensor, b: Bias) -> Tensor:
    return y if b is None else y + b.view(1, -1, 1, 1)


def plain(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    return plus(unframed(whole(x, w, stride), padding), b)


def kernel_as(change: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda x, w, b, s, p: plain(x, change(w), b, s, p)


def assigned(by_window: bool) -> Callable[..., Tensor]:
    def answer(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
        (sh, sw), (kh, kw), (H, W) = pair(stride), w.shape[2:], x.shape[2:]
        y = x.new_zeros(len(x), w.shape[1], *whole_size(x, w, stride))
        stamps = torch.einsum("ncpq,cdij->ndpqij", x, w)
        if by_window:
            for p in range(H):
                for q in range(W):
                    rows, columns = slice(p * sh, p * sh + kh), slice(q * sw, q * sw + kw)
                    y[:, :, rows, columns] = stamps[:, :, p, q]
        else:
            for i in range(kh):
                for j in range(kw):
                    rows, columns = slice(i, i + sh * H, sh), slice(j, j + sw * W, sw)
                    y[:, :, rows, columns] = stamps[..., i, j]
        return plus(unframed(y, padding), b)

    return answer


def times(x: Tensor, w: Tensor, stride: Any) -> Tensor:
    return whole(torch.ones_like(x[:, :1]), torch.ones_like(w[:1]), stride)


@wrong(EXERCISE, "overlaps_averaged")
def mean_of_stamps(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Does not want the chessboard."""
    y = whole(x, w, stride) / times(x, w, stride).clamp(min=1)
    return plus(unframed(y, padding), b)


@wrong(EXERCISE, "bias_with_every_stamp")
def bias_in_the_stamp(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Adds the bias inside the loop."""
    y = whole(x, w, stride)
    if b is not None:
        y = y + b[:, None, None] * times(x, w, stride)
    return unframed(y, padding)


@wrong(EXERCISE, "bias_per_place_of_the_kernel")
def bias_in_the_loop(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Adds the bias to the whole output in the loop over the kernel."""
    y = unframed(whole(x, w, stride), padding)
    return plus(y, None if b is None else b * w.shape[2] * w.shape[3])


@wrong(EXERCISE, "bias_only_where_stamped")
def bias_where_something_is(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Adds the bias where the output is not zero."""
    y = whole(x, w, stride)
    if b is not None:
        y = torch.where(times(x, w, stride) > 0, y + b[:, None, None], y)
    return unframed(y, padding)


@wrong(EXERCISE, "bias_always_expected")
def always_adds(x: Tensor, w: Tensor, b: Any, stride: Any, padding: Any) -> Tensor:
    """Does not think of None."""
    return unframed(whole(x, w, stride), padding) + b[None, :, None, None]


@wrong(EXERCISE, "negative_index_wraps")
def guarded_above_only(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Stamps into the small output; looks at its far end only."""
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), w.shape[2:]
    y = torch.zeros_like(unframed(whole(x, w, stride), padding))
    for p, q in itertools.product(*map(range, x.shape[2:])):
        for i, j in itertools.product(range(kh), range(kw)):
            row, column = p * sh + i - ph, q * sw + j - pw
            if row < y.shape[2] and column < y.shape[3]:
                y[:, :, row, column] += x[:, :, p, q] @ w[:, :, i, j]
    return plus(y, b)


@wrong(EXERCISE, "padding_added")
def frame_of_zeros(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Pads, as forward."""
    return plus(padded(whole(x, w, stride), padding), b)


@wrong(EXERCISE, "padding_stripped_at_the_end")
def first_rows(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Takes as many rows as there should be, from the top."""
    (rows, columns), (ph, pw) = whole_size(x, w, stride), pair(padding)
    return plus(whole(x, w, stride)[:, :, : rows - 2 * ph, : columns - 2 * pw], b)


@wrong(EXERCISE, "zeros_after_the_last")
def zeros_behind_each(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Dilates to H sh rows, with zeros behind the last number too."""
    (sh, sw), (rows, columns) = pair(stride), whole_size(x, w, stride)
    y = stamped(x, w, (rows + sh - 1, columns + sw - 1), stride)
    return plus(unframed(y, padding), b)


@wrong(EXERCISE, "convolved_forward")
def ordinary(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Slides w over x."""
    (sh, sw), (kh, kw) = pair(stride), w.shape[2:]
    seen = padded(x, padding).unfold(2, kh, sh).unfold(3, kw, sw)
    return plus(torch.einsum("ncpqij,cdij->ndpq", seen, w), b)


@wrong(EXERCISE, "last_channel_only")
def equals_by_channel(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """`=` in a loop over input channels."""
    for c in range(len(w)):
        y = whole(x[:, c : c + 1], w[c : c + 1], stride)
    return plus(unframed(y, padding), b)


@wrong(EXERCISE, "pair_not_expected")
def ints_only(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Computes with stride and padding as they come."""
    rows = (x.shape[2] - 1) * stride + w.shape[2] - 2 * padding
    y = plain(x, w, b, stride, padding)
    return y[:, :, :rows]


@wrong(EXERCISE, "int_not_expected")
def pairs_only(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Unpacks stride and padding as they come."""
    (sh, sw), (ph, pw) = stride, padding
    return plain(x, w, b, (sh, sw), (ph, pw))


@wrong(EXERCISE, "padding_zero_cuts_all")
def empty_without_padding(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Cuts with ph:-ph, empty for 0."""
    ph, pw = pair(padding)
    return plus(whole(x, w, stride)[:, :, ph:-ph, pw:-pw], b)


@wrong(EXERCISE, "wrong_dtype")
def in_default_dtype(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Always answers in float32."""
    return plain(x, w, b, stride, padding).float()


@wrong(EXERCISE, "input_changed")
def kernel_in_place(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Flips w in place on the way."""
    y = plain(x, w, b, stride, padding)
    w.copy_(w.flip(2, 3) + 1)
    return y


bank.wrong_ones(
    EXERCISE,
    ("stamps_flipped", "kernel_flipped", "Flips although it stamps.",
     kernel_as(lambda w: w.flip(2, 3))),
    ("slides_unflipped", "kernel_flipped", "Slides w as it is over the dilated x.",
     lambda x, w, b, s, p: plus(
         unframed(slid(x, w, whole_size(x, w, s), s, flip=False), p), b)),
    ("turned", "kernel_transposed", "It is called transposed.", kernel_as(lambda w: w.mT)),
    ("output_channels_first", "channels_exchanged", "Reads w as (C_out, C_in, kh, kw).",
     kernel_as(lambda w: w.permute(1, 0, 2, 3))),
    ("at_stride_one", "stride_not_dilated", "Stamps side by side.",
     lambda x, w, b, s, p: plain(x, w, b, 1, p)),
    ("equals_by_window", "overlaps_overwritten", "`=` in a loop over x.", assigned(True)),
    ("equals_by_position", "overlaps_overwritten", "`=` over positions.", assigned(False)),
    ("uncut", "padding_not_stripped", "Does not use `padding`.",
     lambda x, w, b, s, p: plain(x, w, b, s, 0)),
    ("channels_mean", "channels_averaged", "Averages over the input channels.",
     kernel_as(lambda w: w / len(w))),
    ("no_bias", "bias_missing", "Forgets b.", lambda x, w, b, s, p: plain(x, w, None, s, p)),
    ("columns_before_rows", "pair_exchanged", "Unpacks sw, sh = stride.",
     lambda x, w, b, s, p: plain(x, w, b, pair(s)[::-1], pair(p)[::-1])),
)  # fmt: skip

# --- right ----------------------------------------------------------------------------------------


@right(EXERCISE)
def by_columns(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """One matrix product makes the columns, which are folded."""
    (rows, columns), (ph, pw) = whole_size(x, w, stride), pair(padding)
    cols = w.flatten(1).T @ x.flatten(2)
    shape = (len(x), w.shape[1], rows - 2 * ph, columns - 2 * pw)
    y = folded(cols, shape, tuple(w.shape[2:]), stride, padding)
    return plus(unframed(y, padding), b)


@right(EXERCISE)
def by_sliding(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Dilates x, pads it by kh - 1 - ph, and correlates with the flipped kernel."""
    y = slid(x, w, whole_size(x, w, stride), stride)
    return plus(unframed(y, padding), b)


@right(EXERCISE)
def number_by_number(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Begins with the bias everywhere, then stamps."""
    (sh, sw), (kh, kw) = pair(stride), w.shape[2:]
    y = x.new_zeros(len(x), w.shape[1], *whole_size(x, w, stride))
    if b is not None:
        y += b[:, None, None]
    for p in range(x.shape[2]):
        for q in range(x.shape[3]):
            stamp = torch.tensordot(x[:, :, p, q], w, dims=1)
            y[:, :, p * sh : p * sh + kh, q * sw : q * sw + kw] += stamp
    return unframed(y, padding)


@right(EXERCISE)
def by_fourier(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Dilates, then multiplies the Fourier transforms; these are padded by PyTorch."""
    size = whole_size(x, w, stride)
    seen, kernels = torch.fft.rfft2(dilated(x, stride), s=size), torch.fft.rfft2(w, s=size)
    y = torch.fft.irfft2(torch.einsum("nchw,cdhw->ndhw", seen, kernels), s=size)
    return plus(unframed(y, padding), b)


@right(EXERCISE)
def dilated_first(x: Tensor, w: Tensor, b: Bias, stride: Any, padding: Any) -> Tensor:
    """Dilates, then stamps at stride 1."""
    y = stamped(dilated(x, stride), w, whole_size(x, w, stride), 1)
    return plus(unframed(y, padding), b).permute(0, 1, 3, 2).contiguous().mT


bank.right_ones(EXERCISE, plain=plain)
