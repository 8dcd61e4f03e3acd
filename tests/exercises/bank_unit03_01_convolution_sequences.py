"""Answers to conv1d."""

from __future__ import annotations

from typing import Any

import torch

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_01_convolution_windows import nothing, stub

bank = Bank()


def framed(x: Any, before: int, after: int, fill: float = 0.0) -> Any:
    N, C, L = x.shape
    y = x.new_full((N, C, before + L + after), fill)
    y[:, :, before : before + L] = x
    return y


def slide(x: Any, w: Any, stride: int) -> Any:
    """What the filters see at every place of a padded sequence."""
    return torch.einsum("ncli,oci->nol", x.unfold(2, w.shape[2], stride), w)


def add(y: Any, b: Any) -> Any:
    return y if b is None else y + b[:, None]


def right(x: Any, w: Any, b: Any, s: int, p: int) -> Any:
    return add(slide(framed(x, p, p), w, s), b)


def by_places(x: Any, w: Any, b: Any, stride: int, padding: int) -> Any:
    x, k = framed(x, padding, padding), w.shape[2]
    places = [
        torch.einsum("nci,oci->no", x[:, :, start : start + k], w)
        for start in range(0, x.shape[2] - k + 1, stride)
    ]
    return add(torch.stack(places, dim=2), b)


def by_weights(x: Any, w: Any, b: Any, stride: int, padding: int) -> Any:
    x, k = framed(x, padding, padding), w.shape[2]
    size = (x.shape[2] - k) // stride + 1
    y = x.new_zeros(x.shape[0], w.shape[0], size)
    for i in range(k):
        y = y + w[:, :, i] @ x[:, :, i::stride][:, :, :size]
    return add(y, b)


def by_numbers(x: Any, w: Any, b: Any, stride: int, padding: int) -> Any:
    x, k = framed(x, padding, padding), w.shape[2]
    N, filters, size = len(x), len(w), (x.shape[2] - k) // stride + 1
    y = torch.zeros((N, filters, size), dtype=x.dtype, device=x.device)
    for n in range(N):
        for o in range(filters):
            for place in range(size):
                y[n, o, place] = (x[n, :, place * stride : place * stride + k] * w[o]).sum()
                if b is not None:
                    y[n, o, place] += b[o]
    return y


def by_matmul(x: Any, w: Any, b: Any, stride: int, padding: int) -> Any:
    windows = framed(x, padding, padding).unfold(-1, w.shape[-1], stride)
    columns = windows.permute(0, 2, 1, 3).flatten(2)  # (N, L_out, C k)
    y = columns @ w.flatten(1).mT
    y = y if b is None else y + b
    return y.mT


bank.right_ones("conv1d", views=right, by_places=by_places, by_weights=by_weights,
                by_numbers=by_numbers, by_matmul=by_matmul)  # fmt: skip


def edges(x: Any, p: int) -> Any:
    first, last = x[:, :, :1].repeat(1, 1, p), x[:, :, -1:].repeat(1, 1, p)
    return torch.cat([first, x, last], 2)


def overwritten(x: Any, w: Any, b: Any, s: int, p: int) -> Any:
    y = None
    for c in range(x.shape[1]):
        y = slide(framed(x[:, c : c + 1], p, p), w[:, c : c + 1], s)
    return add(y, b)


def bias_at_every_channel(x: Any, w: Any, b: Any, s: int, p: int) -> Any:
    channels = range(x.shape[1])
    return sum(right(x[:, c : c + 1], w[:, c : c + 1], b, s, p) for c in channels)


def bias_unasked(x: Any, w: Any, b: Any, s: int, p: int) -> Any:
    return slide(framed(x, p, p), w, s) + b[:, None]


bank.wrong_ones(
    "conv1d",
    ("turned", "true_convolution", "As np.convolve does.",
     lambda x, w, b, s, p: right(x, w.flip(2), b, s, p)),
    ("channels_backwards", "channels_reversed", "Flips the wrong axis.",
     lambda x, w, b, s, p: right(x, w.flip(1), b, s, p)),
    ("mean_of_channels", "channels_averaged", "mean for sum.",
     lambda x, w, b, s, p: right(x, w / x.shape[1], b, s, p)),
    ("channel_0", "first_channel_only", "x[:, 0].",
     lambda x, w, b, s, p: right(x[:, :1], w[:, :1], b, s, p)),
    ("overwritten", "last_channel_only", "`=` in the loop over channels.", overwritten),
    ("w_0_everywhere", "one_kernel_for_all_channels", "w[:, 0] for all.",
     lambda x, w, b, s, p: right(x, w[:, :1].expand_as(w), b, s, p)),
    ("mixed_first", "channels_mixed_first", "Sums each by itself.",
     lambda x, w, b, s, p: right(x.sum(1, keepdim=True), w.sum(1, keepdim=True), b, s, p)),
    ("filters_backwards", "filters_reversed", "Appends at the front.",
     lambda x, w, b, s, p: right(x, w, b, s, p).flip(1)),
    ("w_0_for_all", "one_filter_for_all", "w[0] in the loop over filters.",
     lambda x, w, b, s, p: right(x, w[:1].expand_as(w), b, s, p)),
    ("mean_of_window", "window_averaged", "mean for sum.",
     lambda x, w, b, s, p: right(x, w / w.shape[2], b, s, p)),
    ("no_weights", "weights_ignored", "A moving sum.",
     lambda x, w, b, s, p: right(x, torch.ones_like(w), b, s, p)),
    ("no_bias", "bias_missing", "Forgets b.",
     lambda x, w, b, s, p: right(x, w, None, s, p)),
    ("bias_in_the_loop", "bias_per_channel", "Adds b for every channel.", bias_at_every_channel),
    ("bias_in_the_loop_over_the_kernel", "bias_per_place_of_the_kernel", "b with every weight's.",
     lambda x, w, b, s, p: add(right(x, w, None, s, p), None if b is None else b * w.shape[2])),
    ("minus_bias", "bias_subtracted", "A sign.",
     lambda x, w, b, s, p: right(x, w, None if b is None else -b, s, p)),
    ("bias_along_l", "bias_along_the_width", "`+ b`.",
     lambda x, w, b, s, p: right(x, w, None, s, p) + (0 if b is None else b)),
    ("bias_0", "first_bias_for_all", "b[0].",
     lambda x, w, b, s, p: right(x, w, None, s, p) + (0 if b is None else b[0])),
    ("bias_not_asked", "none_used", "b is None, and is used.", bias_unasked),
    ("no_padding", "padding_ignored", "Forgets it.",
     lambda x, w, b, s, p: right(x, w, b, s, 0)),
    ("before_only", "padding_before_only", "Pads at the start.",
     lambda x, w, b, s, p: right(framed(x, p, 0), w, b, s, 0)),
    ("after_only", "padding_after_only", "Pads at the end.",
     lambda x, w, b, s, p: right(framed(x, 0, p), w, b, s, 0)),
    ("all_before", "causal_padding", "A causal convolution.",
     lambda x, w, b, s, p: right(framed(x, 2 * p, 0), w, b, s, 0)),
    ("edges", "padding_of_edges", "Repeats the edge.",
     lambda x, w, b, s, p: right(edges(x, p), w, b, s, 0)),
    ("twice", "padding_doubled", "2 p on each side.",
     lambda x, w, b, s, p: right(x, w, b, s, 2 * p)),
    ("pads_the_result", "padding_after_convolving", "The wrong order.",
     lambda x, w, b, s, p: framed(right(x, w, b, s, 0), p, p)),
    ("always_same", "padding_to_same", "k // 2, whatever is asked for.",
     lambda x, w, b, s, p: right(x, w, b, s, w.shape[2] // 2)),
    ("ones", "padding_of_ones", "A border of ones.",
     lambda x, w, b, s, p: right(framed(x, p, p, 1.0), w, b, s, 0)),
    ("no_stride", "stride_ignored", "Moves on by one.",
     lambda x, w, b, s, p: right(x, w, b, 1, p)),
    ("starts_late", "stride_starts_late", "[s - 1 :: s].",
     lambda x, w, b, s, p: right(x, w, b, 1, p)[:, :, s - 1 :: s]),
    ("no_overlap", "windows_do_not_overlap", "Steps by k.",
     lambda x, w, b, s, p: right(x, w, b, w.shape[2], p)),
    ("no_plus_one", "last_window_missing", "A window short.",
     lambda x, w, b, s, p: right(x, w, b, s, p)[:, :, :-1]),
    ("backwards", "sequence_reversed", "Reads from the end.",
     lambda x, w, b, s, p: right(x.flip(2), w, b, s, p)),
    ("first_row", "first_image_for_all", "x[0].",
     lambda x, w, b, s, p: right(x[:1].expand_as(x), w, b, s, p)),
    ("rectified", "relu_applied", "The activation too.",
     lambda x, w, b, s, p: right(x, w, b, s, p).relu()),
    ("exchanged", "images_and_filters_exchanged", "(O, N, L).",
     lambda x, w, b, s, p: right(x, w, b, s, p).transpose(0, 1)),
    ("channels_kept", "wrong_shape", "Does not add the channels.",
     lambda x, w, b, s, p: torch.einsum(
         "ncli,oci->nocl", framed(x, p, p).unfold(2, w.shape[2], s), w)),
    ("squared", "different", "Something else.",
     lambda x, w, b, s, p: right(x, w.square(), b, s, p)),
    ("changes_the_bias", "input_changed", "Adds in place, into b.",
     lambda x, w, b, s, p: (right(x, w, b, s, p), None if b is None else b.mul_(2))[0]),
    ("double_precision", "wrong_dtype", "float64 whatever comes.",
     lambda x, w, b, s, p: right(x, w, b, s, p).double()),
    ("stub", "not_started", "Nothing yet.", stub),
    ("forgot_to_return", "nothing_returned", "No return.", nothing),
)  # fmt: skip
