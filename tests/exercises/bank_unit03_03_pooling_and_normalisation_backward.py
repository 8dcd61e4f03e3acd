"""Wrong answers to the pools' backward passes."""

from __future__ import annotations

import math
from typing import Any

import torch

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_03_pooling_and_normalisation_parts import (
    LOW,
    first_place,
    going_back,
    to_all,
    to_first,
    two,
)

bank = Bank()


def is_largest(window: Any) -> Any:
    return (window == window.amax((2, 3), keepdim=True)).to(window.dtype)


def corner(window: Any, dy: Any) -> Any:
    paid = torch.zeros_like(window)
    paid[:, :, :1, :1] = dy
    return paid


def middle(window: Any, dy: Any) -> Any:
    paid, a, b = torch.zeros_like(window), window.shape[2] // 2, window.shape[3] // 2
    paid[:, :, a : a + 1, b : b + 1] = dy
    return paid


def whole(dpadded: Any, H: int, W: int, p: Any) -> Any:
    return dpadded


def from_the_start(dpadded: Any, H: int, W: int, p: Any) -> Any:
    return dpadded[:, :, :H, :W]


def where_paid(old: Any, new: Any) -> Any:
    return torch.where(new != 0, new, old)


def backwards(cells: Any) -> Any:
    return cells[::-1]


def changed(right: Any, change: Any) -> Any:
    return lambda dy, x, *rest: change(right(dy, x, *rest), dy, x, *rest)


def stub(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    raise NotImplementedError


def on_cpu(right: Any) -> Any:
    def answer(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
        dx = torch.zeros(x.shape, dtype=x.dtype)
        dx += right(dy, x, kernel, stride, padding)
        return dx

    return answer


def scales_dy(right: Any) -> Any:
    def answer(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
        dx = right(dy, x, kernel, stride, padding)
        dy /= 2
        return dx

    return answer


def averaged(pay: Any, fill: float) -> Any:
    """Divides by how many windows paid."""
    right, count = going_back(pay, fill), going_back(lambda w, d: (pay(w, d) != 0).to(w), fill)
    return changed(right, lambda dx, dy, *rest: dx / count(
        torch.ones_like(dy), *rest).clamp(min=1))  # fmt: skip


def beside(pay: Any, fill: float, dy: Any, x: Any, kernel: Any, padding: Any) -> Any:
    """Window (i, j) begins at (i * kh, j * kw)."""
    (kh, kw), (ph, pw), (H, W) = kernel, padding, x.shape[2:]
    wide = x.new_full((*x.shape[:2], H + 2 * ph, W + 2 * pw), fill)
    wide[:, :, ph : ph + H, pw : pw + W] = x
    paid = torch.zeros_like(wide)
    for i in range(dy.shape[2]):
        for j in range(dy.shape[3]):
            at = (..., slice(i * kh, i * kh + kh), slice(j * kw, j * kw + kw))
            if fill == 0:
                paid[at] += dy[:, :, i : i + 1, j : j + 1] / (kh * kw)
            else:
                paid[at] += pay(wide[at], dy[:, :, i : i + 1, j : j + 1])
    return paid[:, :, ph : ph + H, pw : pw + W]


def places(pay: Any, fill: float) -> list[tuple[str, str, str, Any]]:
    """What goes wrong with windows in either pool's backward pass."""
    right = going_back(pay, fill)
    return [
        ("overwrites", "overwritten_where_windows_overlap", "`=` for `+=`.",
         going_back(pay, fill, put=where_paid)),
        ("overwrites_backwards", "overwritten_where_windows_overlap", "`=`, from the last window.",
         going_back(pay, fill, put=where_paid, order=backwards)),
        ("keeps_the_padding", "padding_not_stripped", "Returns all of it.",
         going_back(pay, fill, strip=whole)),
        ("cuts_the_end", "padding_stripped_at_the_end", "Cuts to x's size.",
         going_back(pay, fill, strip=from_the_start)),
        ("no_stride", "stride_ignored", "Forgets the stride.",
         going_back(pay, fill, step=lambda s: (1, 1))),
        ("side_by_side", "stride_is_the_kernel", "Windows side by side.",
         lambda dy, x, k, s, p: beside(pay, fill, dy, x, two(k), two(p))),
        ("no_dy", "upstream_gradient_missing", "The mask alone.",
         lambda dy, *rest: right(torch.ones_like(dy), *rest)),
        ("minus", "negated", "Descends already.", changed(right, lambda dx, *_: -dx)),
        ("shared_by_windows", "averaged_over_windows", "Thinks of a mean.", averaged(pay, fill)),
        ("channels_alike", "channels_mixed", "One mask for all channels.", changed(
            right, lambda dx, *_: dx.mean(1, keepdim=True).expand(dx.shape))),
        ("like_dy", "wrong_shape", "As large as dy.", lambda dy, x, *rest: dy.clone()),
        ("summed_up", "wrong_shape", "Adds over the batch.", changed(
            right, lambda dx, *_: dx.sum(0))),
        ("halved", "input_changed", "Scales dy on its way.", scales_dy(right)),
        ("from_the_cpu", "wrong_device", "Makes dx on the CPU.", on_cpu(right)),
        ("single", "wrong_dtype", "Makes float32 whatever comes.",
         changed(right, lambda dx, *_: dx.float())),
        ("noisy", "not_repeatable", "Breaks ties by chance.", changed(
            right, lambda dx, *_: dx + torch.rand(1).to(dx) * 1e-12)),
        ("twice", "different", "Adds it twice.", changed(right, lambda dx, *_: 2 * dx)),
        ("a_pair", "wrong_type", "Returns dy, too.", lambda dy, *rest: (right(dy, *rest), dy)),
        ("nothing", "nothing_returned", "No return.", lambda dy, x, k, s, p: None),
        ("no_x", "wrong_signature", "Leaves x out.", lambda dy, kernel, stride, padding: dy),
        ("stub", "not_started", "Nothing yet.", stub),
    ]  # fmt: skip


def tied_last(window: Any, dy: Any) -> Any:
    return first_place(window.flip(2, 3)).flip(2, 3) * dy


def down_the_columns(window: Any, dy: Any) -> Any:
    return first_place(window.mT).mT * dy


def at_or_above(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """Four loops, and `>=` where `>` belongs."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    N, C, H, W = x.shape
    numbers, dx = x.tolist(), torch.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(dy.shape[2]):
                for j in range(dy.shape[3]):
                    best, at = LOW, (0, 0)
                    for r in range(max(0, i * sh - ph), min(H, i * sh - ph + kh)):
                        for q in range(max(0, j * sw - pw), min(W, j * sw - pw + kw)):
                            if numbers[n][c][r][q] >= best:
                                best, at = numbers[n][c][r][q], (r, q)
                    dx[(n, c, *at)] += dy[n, c, i, j]
    return dx


RIGHT_MAX = going_back(to_first, LOW)
bank.wrong_ones(
    "max_pool2d_backward",
    ("writes_windows", "window_overwritten", "Assigns mask * dy to the whole window.",
     going_back(to_first, LOW, put=lambda old, new: new)),
    ("writes_windows_backwards", "window_overwritten", "The same from the last window.",
     going_back(to_first, LOW, put=lambda old, new: new, order=backwards)),
    ("all_ties", "all_ties_credited", "The mask x == max.",
     going_back(lambda w, dy: is_largest(w) * dy, LOW)),
    ("ties_share", "ties_split", "As autograd does for amax.",
     going_back(lambda w, dy: is_largest(w) / is_largest(w).sum((2, 3), True) * dy, LOW)),
    ("last_tie", "tie_goes_to_the_last", "The last of the equal ones.",
     going_back(tied_last, LOW)),
    ("last_by_comparison", "tie_goes_to_the_last", "Compares with >=.", at_or_above),
    ("columns_first", "tie_goes_down_the_columns", "Searches column by column.",
     going_back(down_the_columns, LOW)),
    ("evenly", "average_routing", "The other pooling's gradient.", going_back(to_all, LOW)),
    ("everyone", "whole_window_credited", "Spreads dy over the window.",
     going_back(lambda w, dy: dy.expand(w.shape), LOW)),
    ("corners", "first_of_the_window", "Puts dy at the window's start.", going_back(corner, LOW)),
    ("smallest", "minimum_credited", "argmin.",
     going_back(lambda w, dy: first_place(-w) * dy, float("inf"))),
    ("zeros_around", "padded_with_zeros", "Pads as a convolution does.",
     going_back(to_first, 0.0)),
    ("over_area", "divided_by_the_area", "Divides as for the mean.",
     changed(RIGHT_MAX, lambda dx, dy, x, k, *_: dx / math.prod(two(k)))),
    ("maxima", "maximum_for_gradient", "Puts the maximum back.", lambda dy, x, *rest: (
        going_back(to_first, LOW)(torch.ones_like(dy), x, *rest) != 0) * x),
    ("unpadded", "padding_ignored", "Windows of x as it is.",
     going_back(to_first, LOW, sides=lambda p: (0, 2 * p[0], 0, 2 * p[1]), strip=from_the_start)),
    *places(to_first, LOW),
)  # fmt: skip


def paid(by: Any) -> Any:
    """Pays dy over something else than the area; k is the kernel."""
    return lambda w, dy: dy / by(w.shape[2:]) * torch.ones_like(w)


def over_stride(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    area = math.prod(two(stride))
    return going_back(paid(lambda k: area), 0.0)(dy, x, kernel, stride, padding)


def only_real(window: Any, dy: Any) -> Any:
    real = window.isfinite().to(window.dtype)
    return dy / real.sum((2, 3), True) * real


def to_the_largest(dy: Any, x: Any, *rest: Any) -> Any:
    return RIGHT_MAX(dy, x, *rest)


bank.wrong_ones(
    "avg_pool2d_backward",
    ("undivided", "not_divided", "Forgets to divide.", going_back(paid(lambda k: 1), 0.0)),
    ("real_pixels", "padding_not_counted", "Divides by the real pixels.",
     going_back(only_real, LOW)),
    ("by_rows", "divided_by_one_side", "Divides by kh.", going_back(paid(lambda k: k[0]), 0.0)),
    ("by_columns", "divided_by_the_columns", "Divides by kw.",
     going_back(paid(lambda k: k[1]), 0.0)),
    ("by_square", "divided_by_a_square", "kernel ** 2.",
     going_back(paid(lambda k: k[0] ** 2), 0.0)),
    ("by_perimeter", "divided_by_the_sum_of_sides", "kh + kw.",
     going_back(paid(lambda k: sum(k)), 0.0)),
    ("by_stride", "divided_by_the_stride", "sh * sw.", over_stride),
    ("twice_divided", "divided_twice", "Once more for luck.",
     going_back(paid(lambda k: (k[0] * k[1]) ** 2), 0.0)),
    ("to_the_largest", "maximum_routing", "The other pooling's gradient.", to_the_largest),
    ("corners", "corner_credited", "Undoes a subsampling.", going_back(corner, 0.0)),
    ("middles", "centre_credited", "Pays the middle pixel.", going_back(middle, 0.0)),
    ("times_x", "multiplied_by_the_input", "As if x were a weight.",
     changed(going_back(to_all, 0.0), lambda dx, dy, x, *_: dx * x)),
    ("writes_windows", "overwritten_where_windows_overlap", "Assigns to the window.",
     going_back(to_all, 0.0, put=lambda old, new: new)),
    ("unpadded", "padding_stripped_at_the_end", "Windows of x as it is.",
     going_back(to_all, 0.0, sides=lambda p: (0, 2 * p[0], 0, 2 * p[1]), strip=from_the_start)),
    *places(to_all, 0.0),
)  # fmt: skip
