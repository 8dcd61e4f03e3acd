"""Known wrong answers to max and average pooling: PyTorch's own pools, perturbed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.exercises._layers_torch import wrong
from autograder.exercises._pooling import (
    Pair,
    Pool,
    Slip,
    Window,
    avg_pool,
    max_pool,
    pair,
    slipping,
)

_WHERE = "Window (i, j) begins at row i * stride - padding; columns alike, each with its own pair."
_SIZE = "There are (n + 2 * padding - kernel) // stride + 1 windows along an axis."


def _flipped(pool: Pool) -> Pool:
    """The pool of the image seen from its other corner."""

    def answer(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        return pool(x.flip(2, 3), kernel, stride, padding).flip(2, 3)

    return answer


def _after(pool: Pool, change: Callable[[Tensor], Tensor]) -> Pool:
    """The pool's answer, changed."""
    return lambda *given: change(pool(*given))


def _placed(reduce: str, fill: float, start: Callable[[int, int, int], int]) -> Pool:
    """As many windows as there should be, from `start(place, stride, kernel)` on; cut short."""
    least: Any = (
        functional.adaptive_max_pool2d if reduce == "max" else functional.adaptive_avg_pool2d
    )

    def answer(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        (kh, kw), (sh, sw), (ph, pw) = map(pair, (kernel, stride, padding))
        wide = functional.pad(x, (pw, pw, ph, ph), value=fill)
        y = torch.full_like(avg_pool(x, kernel, stride, padding), torch.nan)
        for r in range(y.shape[2]):
            for c in range(y.shape[3]):
                top, left = start(r, sh, kh), start(c, sw, kw)
                seen = wide[:, :, top : top + kh, left : left + kw]
                if seen.numel() == 0 and reduce == "max":
                    raise IndexError("a maximum over nothing")
                if seen.numel():
                    y[:, :, r, c] = least(seen, 1)[:, :, 0, 0]
        return y

    return answer


def _sizes_and_places(reduce: str, fill: float) -> tuple[Misconception, ...]:
    """The mistakes that both pools know: which windows there are, and where."""
    plain = Slip(fill=fill)

    def of(**parts: object) -> Pool:
        return slipping(replace(plain, **parts), reduce)  # type: ignore[arg-type]

    def pool(*given: object) -> Tensor:
        return slipping(plain, reduce)(*given)  # type: ignore[arg-type]

    return (
        wrong("stride_ignored", "Every window was taken: the stride was not used.", _WHERE,
              of(stride=lambda s, k: (1, 1))),
        wrong("stride_ignored", "The windows begin one pixel apart: the stride was not used.",
              _WHERE, _placed(reduce, fill, lambda place, s, k: place)),
        wrong("stride_is_the_kernel", "Window i begins at i * kernel; it should begin at "
              "i * stride.", _WHERE, _placed(reduce, fill, lambda place, s, k: place * k)),
        wrong("stride_is_the_kernel", "The windows lie side by side: the kernel was used as "
              "stride.", "They may overlap, or leave gaps: step by `stride`.",
              of(stride=lambda s, k: k)),
        wrong("kernel_turned", "Rows and columns of the kernel are exchanged.",
              "A pair is (rows, columns).", of(kernel=lambda k: k[::-1])),
        wrong("stride_turned", "Rows and columns of the stride are exchanged.",
              "A pair is (rows, columns).", of(stride=lambda s, k: s[::-1])),
        wrong("padding_turned", "Rows and columns of the padding are exchanged.",
              "A pair is (rows, columns).", of(padding=lambda p: (p[1], p[1], p[0], p[0]))),
        wrong("kernel_square", "The kernel's rows were used for its columns, too.",
              "A pair is (rows, columns), and the two may differ.",
              of(kernel=lambda k: (k[0], k[0]))),
        wrong("stride_of_the_rows_twice", "The stride of the rows was used for the columns, too.",
              "A pair is (rows, columns), and the two may differ.",
              of(stride=lambda s, k: (s[0], s[0]))),
        wrong("padding_of_the_rows_twice", "The padding of the rows was used for the columns, "
              "too.", "A pair is (rows, columns), and the two may differ.",
              of(padding=lambda p: (p[0],) * 4)),
        wrong("padding_ignored", "There is no padding.", _WHERE, of(padding=lambda p: (0,) * 4)),
        wrong("padding_at_the_start_only", "The image was padded above and left only.",
              "Padding goes to all four sides.", of(padding=lambda p: (p[0], 0, p[1], 0))),
        wrong("padding_at_the_end_only", "The image was padded below and right only.",
              "Padding goes to all four sides.", of(padding=lambda p: (0, p[0], 0, p[1]))),
        wrong("left_over_rows_used", "Rows that fill no whole window got a window, too.", _SIZE,
              of(ceil=True)),
        wrong("left_over_rows_at_the_start", "What fills no window was left out at the start of "
              "the image.", "The first window begins at the first row; the end is left over.",
              _flipped(pool)),
        wrong("one_window_too_few", "The last window of each axis is missing.", _SIZE,
              _after(pool, lambda y: y[:, :, :-1, :-1])),
        wrong("channels_mixed", "All channels were pooled into one.",
              "Each channel is pooled on its own.",
              _after(pool, lambda y: (y.amax if reduce == "max" else y.mean)(
                  1, keepdim=True).expand_as(y))),
        wrong("image_turned", "Rows and columns of the answer are exchanged.",
              "y is (N, C, rows, columns).", _after(pool, lambda y: y.mT)),
    )  # fmt: skip


def _absolute(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
    return max_pool(x.abs(), kernel, stride, padding)


def _smallest(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
    return -max_pool(-x, kernel, stride, padding)


def _sampled(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
    """The first number of each window."""
    size = max_pool(x, kernel, stride, padding).shape
    (ph, pw) = pair(padding)
    wide = functional.pad(x, (pw, pw, ph, ph))
    return functional.max_pool2d(wide, 1, stride)[:, :, : size[2], : size[3]]


MAX_POOL = (
    wrong("padded_with_zeros", "The image was padded with zeros, which beat negative numbers.",
          "Padding must never win: pad with minus infinity.", slipping(Slip(), "max")),
    wrong("padded_with_a_number", "The image was padded with a number, which beat smaller ones.",
          "A number may be smaller than -1e9 is: `float(\"-inf\")` is below all of them.",
          slipping(Slip(fill=-1e9), "max")),
    wrong("average_for_maximum", "The average was taken.", "Of each window, the largest number.",
          avg_pool),
    wrong("minimum_for_maximum", "The smallest number was taken.",
          "Of each window, the largest number.", _smallest),
    wrong("largest_magnitude", "The largest magnitude was taken, without its sign.",
          "A large negative number is small.", _absolute),
    wrong("first_of_the_window", "The first number of each window was taken.",
          "Look at all of the window.", _sampled),
    wrong("not_below_zero", "Negative answers became 0.",
          "Begin the search with minus infinity, or with a number of the window.",
          _after(max_pool, lambda y: y.clamp(min=0.0))),
    *_sizes_and_places("max", -torch.inf),
)  # fmt: skip


def _divided(by: Callable[[Pair, Pair], float]) -> Pool:
    """The sum of each window over something else than the kernel's area."""

    def answer(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        return functional.avg_pool2d(
            x, kernel, stride, padding, divisor_override=1
        ) / by(pair(kernel), pair(stride))  # fmt: skip

    return answer


def _of_real_pixels(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
    return functional.avg_pool2d(x, kernel, stride, padding, count_include_pad=False)


def _of_what_is_not_zero(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
    counted = avg_pool((x != 0).to(x), kernel, stride, padding)
    return avg_pool(x, kernel, stride, padding) / counted


_AREA = "Every window is divided by kh * kw, padding counted, at the border too."
AVG_POOL = (
    wrong("padding_not_counted", "At the border the padding was not counted.",
          "PyTorch counts it by default: divide by the kernel's whole area, kh * kw, everywhere.",
          _of_real_pixels),
    wrong("sum_for_average", "The windows were added up, not averaged.", _AREA,
          _divided(lambda k, s: 1)),
    wrong("divided_by_one_side", "The sum was divided by kh alone.", _AREA,
          _divided(lambda k, s: k[0])),
    wrong("divided_by_the_columns", "The sum was divided by kw alone.", _AREA,
          _divided(lambda k, s: k[1])),
    wrong("divided_by_a_square", "The sum was divided by kh * kh.", _AREA,
          _divided(lambda k, s: k[0] ** 2)),
    wrong("divided_by_the_sum_of_sides", "The sum was divided by kh + kw.", _AREA,
          _divided(lambda k, s: k[0] + k[1])),
    wrong("divided_by_the_stride", "The sum was divided by the stride's area.", _AREA,
          _divided(lambda k, s: s[0] * s[1])),
    wrong("zeros_not_counted", "Numbers that are 0 were not counted.", _AREA,
          _of_what_is_not_zero),
    wrong("maximum_for_average", "The largest number was taken.", "The mean of each window.",
          max_pool),
    wrong("padded_with_the_edge", "The image was padded with its own edge.",
          "Padding is zeros here.", slipping(Slip(mode="replicate"), "avg")),
    wrong("padded_with_infinity", "The padding's minus infinity was averaged.",
          "Here padding is zeros: minus infinity is for the maximum.",
          slipping(Slip(fill=-torch.inf), "avg")),
    *_sizes_and_places("avg", 0.0),
)  # fmt: skip
