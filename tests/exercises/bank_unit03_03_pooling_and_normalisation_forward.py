"""Answers to max and average pooling."""

from __future__ import annotations

import math
from typing import Any

import torch

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_03_pooling_and_normalisation_parts import (
    LOW,
    all_sides,
    around,
    largest,
    mean,
    pooling,
    two,
)

bank = Bank()

# --- right ----------------------------------------------------------------------------------------


def windows(x: Any, kernel: Any, stride: Any, padding: Any, fill: float) -> Any:
    """All windows as a view (N, C, rows, columns, kh, kw)."""
    k, s, padded = two(kernel), two(stride), around(x, fill, *all_sides(two(padding)))
    return padded.unfold(2, k[0], s[0]).unfold(3, k[1], s[1])


def strided(x: Any, kernel: Any, stride: Any, padding: Any, fill: float) -> Any:
    """The same by `as_strided`."""
    (kh, kw), (sh, sw), padded = two(kernel), two(stride), around(x, fill, *all_sides(two(padding)))
    N, C, H, W = padded.shape
    a, b, c, d = padded.stride()
    shape = (N, C, (H - kh) // sh + 1, (W - kw) // sw + 1, kh, kw)
    return padded.as_strided(shape, (a, b, c * sh, d * sw, c, d))


def corners(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """For each window: rows and columns of x that it sees, cut off at the border."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    H, W = x.shape[2:]
    rows = [slice(max(0, r), min(H, r + kh)) for r in range(-ph, H + ph - kh + 1, sh)]
    columns = [slice(max(0, c), min(W, c + kw)) for c in range(-pw, W + pw - kw + 1, sw)]
    return rows, columns


def cut_off(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    rows, columns = corners(x, kernel, stride, padding)
    return torch.stack(
        [torch.stack([x[:, :, r, c].amax((2, 3)) for c in columns], -1) for r in rows], -2
    )


def cut_off_sums(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    rows, columns = corners(x, kernel, stride, padding)
    area = math.prod(two(kernel))
    sums = [torch.stack([x[:, :, r, c].sum((2, 3)) for c in columns], -1) for r in rows]
    return torch.stack(sums, -2) / area


def edge_repeated(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """The border's own pixels as padding: for a maximum they change nothing."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    H, W = x.shape[2:]
    r = torch.arange((H + 2 * ph - kh) // sh + 1, device=x.device)[:, None] * sh
    c = torch.arange((W + 2 * pw - kw) // sw + 1, device=x.device)[:, None] * sw
    r = (r + torch.arange(kh, device=x.device) - ph).clamp(0, H - 1)
    c = (c + torch.arange(kw, device=x.device) - pw).clamp(0, W - 1)
    return x[:, :, r[:, None, :, None], c[None, :, None, :]].amax((-2, -1))


def by_offsets(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """One place of all windows after the other."""
    (kh, kw), (sh, sw) = two(kernel), two(stride)
    padded = around(x, LOW, *all_sides(two(padding)))
    H, W = padded.shape[2:]
    y = None
    for i in range(kh):
        for j in range(kw):
            seen = padded[:, :, i : H - kh + i + 1 : sh, j : W - kw + j + 1 : sw]
            y = seen if y is None else torch.maximum(y, seen)
    return y.clone()


def number_by_number(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """Plain Python, and prints what it does."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    H, W = x.shape[2:]

    def best(image: Any, top: int, left: int) -> float:
        seen = [image[r][c] for r in range(max(0, top), min(H, top + kh))
                for c in range(max(0, left), min(W, left + kw))]  # fmt: skip
        return max(seen)

    print("pooling", tuple(x.shape))
    return x.new_tensor([
        [[[best(channel, top, left) for left in range(-pw, W + pw - kw + 1, sw)]
          for top in range(-ph, H + ph - kh + 1, sh)] for channel in image]
        for image in x.tolist()
    ])  # fmt: skip


def rows_then_columns(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """The largest of each row of a window, then of those; comes back as a turned view."""
    (kh, kw), (sh, sw) = two(kernel), two(stride)
    padded = around(x, LOW, *all_sides(two(padding)))
    inner = padded.unfold(3, kw, sw).max(-1).values
    return inner.mT.contiguous().unfold(3, kh, sh).max(-1).values.mT


bank.right_ones(
    "max_pool2d",
    loops=pooling(largest, LOW),
    unfold=lambda x, k, s, p: windows(x, k, s, p, LOW).amax((-2, -1)),
    as_strided=lambda x, k, s, p: strided(x, k, s, p, LOW).flatten(-2).max(-1).values,
    cut_off=cut_off,
    edge_repeated=edge_repeated,
    by_offsets=by_offsets,
    number_by_number=number_by_number,
    rows_then_columns=rows_then_columns,
    channels_last=lambda x, *rest: pooling(largest, LOW)(
        x.to(memory_format=torch.channels_last), *rest
    ),
    smallest_as_padding=lambda x, k, s, p: windows(x, k, s, p, -1e30).amax((-2, -1)),
    below_the_smallest=lambda x, k, s, p: pooling(largest, float(x.min()) - 1)(x, k, s, p),
    smallest_of_its_dtype=lambda x, k, s, p: windows(x, k, s, p, torch.finfo(x.dtype).min).amax(
        (-2, -1)
    ),
    nested=lambda x, k, s, p: torch.stack(
        [
            torch.stack([pooling(largest, LOW)(c[None, None], k, s, p)[0, 0] for c in image])
            for image in x
        ]
    ),
    sorted=pooling(lambda w, *_: w.flatten(2).sort(2).values[..., -1], LOW),
)


def mean_by_offsets(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    (kh, kw), (sh, sw) = two(kernel), two(stride)
    padded = around(x, 0.0, *all_sides(two(padding)))
    H, W = padded.shape[2:]
    return sum(
        padded[:, :, i : H - kh + i + 1 : sh, j : W - kw + j + 1 : sw]
        for i in range(kh) for j in range(kw)
    ) / (kh * kw)  # fmt: skip


def by_two_matrices(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """A matrix that averages rows from the left, one for columns from the right."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)

    def averaging(n: int, k: int, s: int, p: int) -> Any:
        count = (n + 2 * p - k) // s + 1
        first = torch.arange(count, device=x.device)[:, None] * s - p
        place = torch.arange(n, device=x.device)
        return ((place >= first) & (place < first + k)).to(x.dtype) / k

    H, W = x.shape[2:]
    return averaging(H, kh, sh, ph) @ x @ averaging(W, kw, sw, pw).T


def by_fourier(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """A product of Fourier transforms, which PyTorch pads."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    size = x.shape[2] + 2 * ph, x.shape[3] + 2 * pw
    seen = torch.fft.rfft2(around(x, 0.0, *all_sides((ph, pw))))
    equal = torch.fft.rfft2(x.new_full((kh, kw), 1 / (kh * kw)), s=size)
    y = torch.fft.irfft2(seen * equal.conj(), s=size)
    return y[:, :, : size[0] - kh + 1 : sh, : size[1] - kw + 1 : sw]


bank.right_ones(
    "avg_pool2d",
    by_fourier=by_fourier,
    loops=pooling(mean, 0.0),
    unfold=lambda x, k, s, p: windows(x, k, s, p, 0.0).mean((-2, -1)),
    as_strided=lambda x, k, s, p: strided(x, k, s, p, 0.0).sum((-2, -1)) / math.prod(two(k)),
    cut_off_sums=cut_off_sums,
    by_offsets=mean_by_offsets,
    two_matrices=by_two_matrices,
    einsum=lambda x, k, s, p: torch.einsum(
        "ncrsij,ij->ncrs", windows(x, k, s, p, 0.0), x.new_full(two(k), 1 / math.prod(two(k)))
    ),
    mean_of_means=lambda x, k, s, p: windows(x, k, s, p, 0.0).mean(-1).mean(-1),
)

# --- wrong ----------------------------------------------------------------------------------------


def places(say: Any, fill: float) -> list[tuple[str, str, str, Any]]:
    """What goes wrong with windows in either pool."""
    plain = pooling(say, fill)

    def of(**parts: Any) -> Any:
        return pooling(say, fill, **parts)

    return [
        ("no_stride", "stride_ignored", "Forgets the stride.", of(stride=lambda s, k: (1, 1))),
        ("default_stride", "stride_is_the_kernel", "Knows nn.MaxPool2d's default.",
         of(stride=lambda s, k: k)),
        ("kernel_width_first", "kernel_turned", "Thinks of (width, height).",
         of(kernel=lambda k: k[::-1])),
        ("stride_width_first", "stride_turned", "The same, for the stride.",
         of(stride=lambda s, k: s[::-1])),
        ("padding_width_first", "padding_turned", "As F.pad wants it.",
         of(sides=lambda p: (p[1], p[1], p[0], p[0]))),
        ("square_kernel", "kernel_square", "Reads k[0] only.", of(kernel=lambda k: (k[0], k[0]))),
        ("square_stride", "stride_of_the_rows_twice", "Reads s[0] only.",
         of(stride=lambda s, k: (s[0], s[0]))),
        ("square_padding", "padding_of_the_rows_twice", "Reads p[0] only.",
         of(sides=lambda p: (p[0],) * 4)),
        ("unpadded", "padding_ignored", "Forgets the padding.", of(sides=lambda p: (0,) * 4)),
        ("padded_once", "padding_at_the_start_only", "Above and left.",
         of(sides=lambda p: (p[0], 0, p[1], 0))),
        ("padded_behind", "padding_at_the_end_only", "Below and right.",
         of(sides=lambda p: (0, p[0], 0, p[1]))),
        ("no_plus_one", "one_window_too_few", "Counts without + 1.",
         of(count=lambda n, k, s: (n - k) // s)),
        ("from_the_end", "left_over_rows_at_the_start", "Turns the image round.",
         lambda x, k, s, p: plain(x.flip(2, 3), k, s, p).flip(2, 3)),
        ("turned", "image_turned", "Loops over columns first.",
         lambda *given: plain(*given).transpose(2, 3)),
        ("rounds_up", "wrong_shape", "Counts the rows n / s.",
         of(count=lambda n, k, s: max(1, math.ceil(n / s)))),
        ("no_batch", "wrong_shape", "The first image alone.",
         lambda x, *rest: plain(x[:1], *rest)),
        ("channels_gone", "wrong_shape", "Pools the channels, too.",
         lambda *given: plain(*given).amax(1)),
        ("spread_again", "wrong_shape", "As large as x.",
         lambda x, *rest: plain(x, *rest).mean((2, 3), keepdim=True).expand_as(x)),
        ("half_precision", "wrong_dtype", "Makes float32 whatever comes.",
         lambda x, *rest: plain(x.float(), *rest)),
        ("double", "wrong_dtype", "Makes float64 whatever comes.",
         lambda x, *rest: plain(x.double(), *rest)),
        ("to_numpy", "wrong_type", "Comes from unit 2.",
         lambda *given: plain(*given).numpy()),
        ("a_list", "wrong_type", "Returns rows.", lambda *given: list(plain(*given))),
        ("nothing", "nothing_returned", "No return.", lambda x, k, s, p: None),
        ("stub", "not_started", "Nothing yet.", stub),
        ("one_less", "wrong_signature", "Leaves out the padding.", lambda x, k, s: x),
        ("from_the_cpu", "wrong_device", "Makes its padding on the CPU.", _on_cpu(plain)),
        ("adds_up", "not_repeatable", "Noise against ties.",
         lambda x, *rest: plain(x, *rest) + torch.rand(1).to(x) * 1e-12),
        ("writes_into_x", "input_changed", "Scales x on its way.", _in_place(plain)),
    ]  # fmt: skip


def stub(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    raise NotImplementedError


def _on_cpu(plain: Any) -> Any:
    def answer(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
        y = plain(x, kernel, stride, padding)
        mine = torch.zeros(y.shape, dtype=y.dtype)
        mine[:] = y
        return mine

    return answer


def _in_place(plain: Any) -> Any:
    def answer(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
        y = plain(x, kernel, stride, padding)
        x += 1
        return y

    return answer


def first_value(window: Any, *_: Any) -> Any:
    return window[:, :, 0, 0]


bank.wrong_ones(
    "max_pool2d",
    ("zeros_around", "padded_with_zeros", "Pads as a convolution does.", pooling(largest, 0.0)),
    ("starts_at_zero", "not_below_zero", "best = 0.", pooling(
        lambda w, *_: largest(w).clamp(min=0), LOW)),
    ("means", "average_for_maximum", "The other pooling.", pooling(mean, 0.0)),
    ("smallest", "minimum_for_maximum", "amin.", pooling(
        lambda w, *_: w.amin((2, 3)), float("inf"))),
    ("magnitudes", "largest_magnitude", "abs for safety.",
     lambda *given: pooling(largest, 0.0)(given[0].abs(), *given[1:])),
    ("subsamples", "first_of_the_window", "Takes x[::s].", pooling(first_value, 0.0)),
    ("all_channels", "channels_mixed", "amax over the channels as well.",
     pooling(lambda w, *_: w.amax((1, 2, 3))[:, None].expand(w.shape[:2]), LOW)),
    ("ceil", "left_over_rows_used", "ceil_mode.", lambda x, k, s, p: _ceil(x, k, s, p)),
    ("with_indices", "wrong_type", "return_indices, too.",
     lambda *given: (pooling(largest, LOW)(*given), None)),
    ("rows_only", "different", "amax over rows, a mean over columns.",
     pooling(lambda w, *_: w.amax(2).mean(-1), LOW)),
    *places(largest, LOW),
)  # fmt: skip


def _ceil(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    H, W = x.shape[2:]
    rows = list(range(0, math.ceil((H + 2 * ph - kh) / sh) * sh + 1, sh))
    columns = list(range(0, math.ceil((W + 2 * pw - kw) / sw) * sw + 1, sw))
    rows = [r for r in rows if r < H + ph]
    columns = [c for c in columns if c < W + pw]
    padded = around(x, LOW, ph, ph + sh, pw, pw + sw)
    return torch.stack(
        [torch.stack([padded[:, :, r : r + kh, c : c + kw].amax((2, 3)) for c in columns], -1)
         for r in rows], -2)  # fmt: skip


def _over(by: Any) -> Any:
    return pooling(lambda w, k, s: w.sum((2, 3)) / by(k, s), 0.0)


def real_pixels(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    rows, columns = corners(x, kernel, stride, padding)
    means = [torch.stack([x[:, :, r, c].mean((2, 3)) for c in columns], -1) for r in rows]
    return torch.stack(means, -2)


def edge_as_padding(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    (ph, pw), (H, W) = two(padding), x.shape[2:]
    r = torch.arange(-ph, H + ph, device=x.device).clamp(0, H - 1)
    c = torch.arange(-pw, W + pw, device=x.device).clamp(0, W - 1)
    return pooling(mean, 0.0)(x[:, :, r][:, :, :, c], kernel, stride, 0)


bank.wrong_ones(
    "avg_pool2d",
    ("only_real_pixels", "padding_not_counted", "mean() of a slice cut at the border.",
     real_pixels),
    ("sums", "sum_for_average", "Forgets to divide.", _over(lambda k, s: 1)),
    ("by_rows", "divided_by_one_side", "Divides by kh.", _over(lambda k, s: k[0])),
    ("by_columns", "divided_by_the_columns", "Divides by kw.", _over(lambda k, s: k[1])),
    ("by_square", "divided_by_a_square", "kernel ** 2.", _over(lambda k, s: k[0] ** 2)),
    ("by_perimeter", "divided_by_the_sum_of_sides", "kh + kw.", _over(lambda k, s: sum(k))),
    ("by_stride", "divided_by_the_stride", "sh * sw.", _over(lambda k, s: s[0] * s[1])),
    ("not_nought", "zeros_not_counted", "Counts what is not zero.",
     pooling(lambda w, *_: w.sum((2, 3)) / (w != 0).sum((2, 3)), 0.0)),
    ("maxima", "maximum_for_average", "The other pooling.", pooling(largest, LOW)),
    ("edges", "padded_with_the_edge", "Repeats the border.", edge_as_padding),
    ("infinities", "padded_with_infinity", "Copies the padding of exercise 1.",
     pooling(mean, LOW)),
    ("all_channels", "channels_mixed", "mean over the channels as well.",
     pooling(lambda w, *_: w.mean((1, 2, 3))[:, None].expand(w.shape[:2]), 0.0)),
    ("medians", "different", "Another kind of middle.",
     pooling(lambda w, *_: w.flatten(2).median(-1).values, 0.0)),
    *places(mean, 0.0),
)  # fmt: skip
