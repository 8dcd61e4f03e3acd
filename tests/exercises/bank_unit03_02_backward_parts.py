"""What answers to unit 3's second notebook are made of: one right way, in pieces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Pair = tuple[int, int]


def pair(value: Any) -> Pair:
    return (value[0], value[1]) if isinstance(value, tuple | list) else (value, value)


def padded(x: Tensor, padding: Any) -> Tensor:
    (ph, pw), (N, C, H, W) = pair(padding), x.shape
    out = x.new_zeros(N, C, H + 2 * ph, W + 2 * pw)
    out[:, :, ph : ph + H, pw : pw + W] = x
    return out


def windows(x: Tensor, kernel: Any, stride: Any, padding: Any) -> Tensor:
    (kh, kw), (sh, sw) = pair(kernel), pair(stride)
    return padded(x, padding).unfold(2, kh, sh).unfold(3, kw, sw)


def weight_gradient(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Tensor:
    seen = windows(x, tuple(w.shape[2:]), stride, padding)
    return torch.einsum("nopq,ncpqij->ocij", dy, seen)


def stamped(small: Tensor, w: Tensor, size: Pair, stride: Any) -> Tensor:
    """Each number of small (N, A, P, Q) stamps w (A, B, kh, kw): (N, B, *size)."""
    (sh, sw), (P, Q) = pair(stride), small.shape[2:]
    out = small.new_zeros(small.shape[0], w.shape[1], *size)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            share = torch.einsum("napq,ab->nbpq", small, w[:, :, i, j])
            out[:, :, i : i + sh * P : sh, j : j + sw * Q : sw] += share
    return out


def frame_of(x: Tensor, padding: Any) -> Pair:
    """Rows and columns of the padded x."""
    ph, pw = pair(padding)
    return x.shape[2] + 2 * ph, x.shape[3] + 2 * pw


def unframed(x: Tensor, padding: Any) -> Tensor:
    ph, pw = pair(padding)
    return x[:, :, ph : x.shape[2] - ph, pw : x.shape[3] - pw]


def input_gradient(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Tensor:
    return unframed(stamped(dy, w, frame_of(x, padding), stride), padding)


def backward(
    dx: Callable[..., Tensor] = input_gradient,
    dw: Callable[..., Tensor] = weight_gradient,
    db: Callable[[Tensor], Tensor] = lambda dy: dy.sum((0, 2, 3)),
) -> Callable[..., Any]:
    """An answer with one of its parts exchanged."""

    def conv2d_backward(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
        return dx(dy, x, w, stride, padding), dw(dy, x, w, stride, padding), db(dy)

    return conv2d_backward


def dilated(dy: Tensor, stride: Any) -> Tensor:
    (sh, sw), (N, O, P, Q) = pair(stride), dy.shape  # noqa: E741
    out = dy.new_zeros(N, O, (P - 1) * sh + 1, (Q - 1) * sw + 1)
    out[:, :, ::sh, ::sw] = dy
    return out


def slid(dy: Tensor, w: Tensor, size: Pair, stride: Any, flip: bool = True) -> Tensor:
    """The same as `stamped`, by sliding the flipped w over dy, dilated and padded."""
    kh, kw = w.shape[2:]
    spread = dilated(dy, stride)
    wide = dy.new_zeros(*dy.shape[:2], size[0] + kh - 1, size[1] + kw - 1)
    rows, columns = spread.shape[2:]
    wide[:, :, kh - 1 : kh - 1 + rows, kw - 1 : kw - 1 + columns] = spread
    kernel = w.flip(2, 3) if flip else w
    return torch.einsum("naxyij,abij->nbxy", wide.unfold(2, kh, 1).unfold(3, kw, 1), kernel)


def folded(
    cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any, order: str = "cijpq"
) -> Tensor:
    """The padded picture; `order` says how the packed axes are read."""
    (kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride), pair(padding)
    N, C, H, W = x_shape
    P, Q = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    size = {"c": C, "i": kh, "j": kw, "p": P, "q": Q}
    parts = cols.reshape(N, *(size[letter] for letter in order))
    parts = torch.einsum(f"n{order}->ncijpq", parts)
    out = cols.new_zeros(N, C, H + 2 * ph, W + 2 * pw)
    for p in range(P):
        for q in range(Q):
            top, left = p * sh, q * sw
            out[:, :, top : top + kh, left : left + kw] += parts[..., p, q]
    return out
