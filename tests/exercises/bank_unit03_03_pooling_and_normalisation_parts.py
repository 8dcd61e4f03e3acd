"""Pools written by hand, as a student would, with a place for every mistake."""

from __future__ import annotations

from typing import Any

import torch

LOW = float("-inf")


def two(size: Any) -> Any:
    return size if isinstance(size, tuple) else (size, size)


def around(x: Any, fill: float, top: int, bottom: int, left: int, right: int) -> Any:
    """The image with a border of `fill`."""
    N, C, H, W = x.shape
    padded = x.new_full((N, C, H + top + bottom, W + left + right), fill)
    padded[:, :, top : top + H, left : left + W] = x
    return padded


def floor(n: int, k: int, s: int) -> int:
    return (n - k) // s + 1


def all_sides(p: Any) -> Any:
    return p[0], p[0], p[1], p[1]


def pooling(
    say: Any,
    fill: float,
    kernel: Any = lambda k: k,
    stride: Any = lambda s, k: s,
    sides: Any = all_sides,
    count: Any = floor,
) -> Any:
    """A pool that says `say(window, k, s)` of each window (N, C, kh, kw), with loops."""

    def answer(x: Any, kernel_: Any, stride_: Any, padding: Any) -> Any:
        k, s = kernel(two(kernel_)), stride(two(stride_), two(kernel_))
        padded = around(x, fill, *sides(two(padding)))
        rows, columns = (count(padded.shape[2 + a], k[a], s[a]) for a in (0, 1))
        y = x.new_empty(*x.shape[:2], rows, columns)
        for i in range(rows):
            for j in range(columns):
                top, left = i * s[0], j * s[1]
                window = padded[:, :, top : top + k[0], left : left + k[1]]
                y[:, :, i, j] = say(window, k, s)
        return y

    return answer


def largest(window: Any, *_: Any) -> Any:
    return window.amax((2, 3))


def mean(window: Any, *_: Any) -> Any:
    return window.mean((2, 3))


def going_back(
    pay: Any,
    fill: float,
    step: Any = lambda s: s,
    put: Any = lambda old, new: old + new,
    order: Any = list,
    strip: Any = lambda d, H, W, p: d[:, :, p[0] : p[0] + H, p[1] : p[1] + W],
    sides: Any = all_sides,
) -> Any:
    """A pool's backward pass with loops: `pay(window, dy)` is what one window pays its pixels."""

    def answer(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
        (kh, kw), (sh, sw), p = two(kernel), step(two(stride)), two(padding)
        padded = around(x, fill, *sides(p))
        d = torch.zeros_like(padded)
        cells = [(i, j) for i in range(dy.shape[2]) for j in range(dy.shape[3])]
        for i, j in order(cells):
            here = (..., slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw))
            paid = pay(padded[here], dy[:, :, i, j, None, None])
            d[here] = put(d[here], paid)
        return strip(d, x.shape[2], x.shape[3], p)

    return answer


def first_place(window: Any) -> Any:
    """1 at the first largest number, row by row."""
    flat = window.flatten(2)
    place = flat.argmax(2, keepdim=True)
    return torch.zeros_like(flat).scatter(2, place, 1.0).view(window.shape)


def to_first(window: Any, dy: Any) -> Any:
    return first_place(window) * dy


def to_all(window: Any, dy: Any) -> Any:
    return dy / (window.shape[2] * window.shape[3]) * torch.ones_like(window)
