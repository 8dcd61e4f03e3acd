"""Right answers to the pools' backward passes."""

from __future__ import annotations

from typing import Any

import torch

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_03_pooling_and_normalisation_parts import (
    LOW,
    all_sides,
    around,
    going_back,
    to_all,
    to_first,
    two,
)

bank = Bank()


def by_scatter(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """The places of all maxima at once, then one scatter_add_."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    padded = around(x, LOW, ph, ph, pw, pw)
    place = padded.unfold(2, kh, sh).unfold(3, kw, sw).flatten(-2).argmax(-1)
    r = torch.arange(dy.shape[2], device=x.device)[:, None] * sh + place // kw
    c = torch.arange(dy.shape[3], device=x.device) * sw + place % kw
    flat = torch.zeros_like(padded).flatten(2)
    flat.scatter_add_(2, (r * padded.shape[3] + c).flatten(2), dy.flatten(2))
    H, W = x.shape[2:]
    return flat.view(padded.shape)[:, :, ph : ph + H, pw : pw + W]


def number_by_number(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """Four loops, divmod, and no padding at all."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    N, C, H, W = x.shape
    dx = torch.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(dy.shape[2]):
                for j in range(dy.shape[3]):
                    top, left = i * sh - ph, j * sw - pw
                    rows, columns = range(max(0, top), min(H, top + kh)), range(
                        max(0, left), min(W, left + kw))  # fmt: skip
                    seen = x[n, c, rows.start : rows.stop, columns.start : columns.stop]
                    a, b = divmod(int(seen.argmax()), len(columns))
                    dx[n, c, rows.start + a, columns.start + b] += dy[n, c, i, j]
    return dx


def tensor_by_tensor(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """Six loops that compare tensors: as slow as a right answer gets."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    N, C, H, W = x.shape
    dx = torch.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(dy.shape[2]):
                for j in range(dy.shape[3]):
                    best, at = None, (0, 0)
                    for r in range(i * sh - ph, i * sh - ph + kh):
                        for q in range(j * sw - pw, j * sw - pw + kw):
                            inside = 0 <= r < H and 0 <= q < W
                            if inside and (best is None or x[n, c, r, q] > best):
                                best, at = x[n, c, r, q], (r, q)
                    dx[(n, c, *at)] += dy[n, c, i, j]
    return dx


def for_each_channel(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """One channel of one image after the other."""

    def one(dy_: Any, x_: Any) -> Any:
        back = going_back(to_first_flat, LOW)
        return back(dy_[None, None], x_[None, None], kernel, stride, padding)[0, 0]

    return torch.stack([
        torch.stack([one(dy[n, c], x[n, c]) for c in range(x.shape[1])]) for n in range(len(x))
    ])  # fmt: skip


def to_first_flat(window: Any, dy: Any) -> Any:
    """The first largest one as the one with the smallest number among the largest."""
    flat = window.flatten(2)
    number = torch.arange(flat.shape[2], device=flat.device).expand(flat.shape)
    hit = flat == flat.amax(2, keepdim=True)
    first = torch.where(hit, number, flat.shape[2]).amin(2, keepdim=True)
    return (number == first).view(window.shape) * dy


def with_tensor_places(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """Places stay tensors: index_put_ with accumulate; and torch.no_grad around it."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    padded = around(x, LOW, ph, ph, pw, pw)
    d = torch.zeros_like(padded)
    N, C, H, W = x.shape
    n = torch.arange(N, device=x.device)[:, None].expand(N, C)
    c = torch.arange(C, device=x.device).expand(N, C)
    with torch.no_grad():
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                window = padded[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
                place = window.reshape(N, C, -1).argmax(-1)
                d.index_put_(
                    (n, c, i * sh + place // kw, j * sw + place % kw), dy[:, :, i, j], True
                )
    return d[..., ph : ph + H, pw : pw + W].clone()


def by_offsets(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """One place of all windows after the other; a window that has been paid is closed."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    padded = around(x, LOW, ph, ph, pw, pw)
    d, best = torch.zeros_like(padded), padded.unfold(2, kh, sh).unfold(3, kw, sw).amax((-2, -1))
    is_open = torch.ones_like(dy)
    rows, columns = dy.shape[2:]
    for a in range(kh):
        for b in range(kw):
            here = (..., slice(a, a + (rows - 1) * sh + 1, sh),
                    slice(b, b + (columns - 1) * sw + 1, sw))  # fmt: skip
            hit = (padded[here] == best) * is_open
            d[here] += hit * dy
            is_open = is_open * (1 - hit)
    H, W = x.shape[2:]
    return d[:, :, ph : ph + H, pw : pw + W]


def first_by_cumsum(window: Any, dy: Any) -> Any:
    hit = (window == window.amax((2, 3), keepdim=True)).flatten(2)
    return (hit & (hit.cumsum(2) == 1)).view(window.shape) * dy


bank.right_ones(
    "max_pool2d_backward",
    loops=going_back(to_first, LOW),
    by_scatter=by_scatter,
    number_by_number=number_by_number,
    tensor_by_tensor=tensor_by_tensor,
    for_each_channel=for_each_channel,
    with_tensor_places=with_tensor_places,
    by_offsets=by_offsets,
    by_cumsum=going_back(first_by_cumsum, LOW),
    from_the_last_window=going_back(to_first, LOW, order=lambda cells: cells[::-1]),
)


def outer(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """Two matrices of zeros and ones, as for the forward pass, transposed."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)

    def sees(n: int, count: int, k: int, s: int, p: int) -> Any:
        first = torch.arange(count, device=x.device)[:, None] * s - p
        place = torch.arange(n, device=x.device)
        return ((place >= first) & (place < first + k)).to(dy.dtype)

    rows = sees(x.shape[2], dy.shape[2], kh, sh, ph)
    columns = sees(x.shape[3], dy.shape[3], kw, sw, pw)
    return torch.einsum("ncij,ir,js->ncrs", dy, rows, columns) / (kh * kw)


def collected(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """For each pixel the sum of the windows that see it."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    dx = torch.zeros_like(x)
    for r in range(x.shape[2]):
        for c in range(x.shape[3]):
            top = [i for i in range(dy.shape[2]) if i * sh <= r + ph < i * sh + kh]
            left = [j for j in range(dy.shape[3]) if j * sw <= c + pw < j * sw + kw]
            if top and left:
                seen = dy[:, :, top[0] : top[-1] + 1, left[0] : left[-1] + 1]
                dx[:, :, r, c] = seen.sum((2, 3)) / (kh * kw)
    return dx


def transposed(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """Each window alone, all of them added at the end; rows through `repeat_interleave`."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    shares = (dy / (kh * kw)).repeat_interleave(kh, 2).repeat_interleave(kw, 3)
    rows, columns = dy.shape[2:]
    r = torch.arange(rows, device=x.device)[:, None] * sh + torch.arange(kh, device=x.device)
    c = torch.arange(columns, device=x.device)[:, None] * sw + torch.arange(kw, device=x.device)
    d = torch.zeros_like(around(x, 0.0, ph, ph, pw, pw))
    wide = d.new_zeros(*dy.shape[:2], d.shape[2], shares.shape[3])
    wide.index_add_(2, r.flatten(), shares)
    d.index_add_(3, c.flatten(), wide)
    return d.narrow(2, ph, x.shape[2]).narrow(3, pw, x.shape[3])


def average_by_offsets(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    d = around(torch.zeros_like(x), 0.0, *all_sides((ph, pw)))
    rows, columns = dy.shape[2:]
    for a in range(kh):
        for b in range(kw):
            d[..., a : a + (rows - 1) * sh + 1 : sh, b : b + (columns - 1) * sw + 1 : sw] += dy
    H, W = x.shape[2:]
    return d[:, :, ph : ph + H, pw : pw + W] / kh / kw


bank.right_ones(
    "avg_pool2d_backward",
    loops=going_back(to_all, 0.0),
    outer=outer,
    collected=collected,
    transposed=transposed,
    by_offsets=average_by_offsets,
    from_the_last_window=going_back(to_all, 0.0, order=lambda cells: cells[::-1]),
)
