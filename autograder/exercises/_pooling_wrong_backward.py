"""Known wrong answers to the pools' backward passes: autograd through perturbed pools."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.exercises._conv_backward import CUT_TO_NOTHING, cut_from_the_end
from autograder.exercises._layers_torch import wrong
from autograder.exercises._pooling import (
    Back,
    Pool,
    Slip,
    Window,
    avg_pool,
    avg_pool_backward,
    backward,
    max_pool,
    max_pool_backward,
    overwritten,
    pair,
    shared_by,
    slipping,
)

_ADD = "Where windows overlap, a pixel is paid by each of them: add, `+=`."
_FIRST = "Of equal numbers only the first counts, row by row, as PyTorch does it."
_PADDING = "Padding goes away again: dx has the shape of x, and x begins `padding` rows further in."
_AREA = "Each pixel of a window had the weight 1 / (kh * kw), at the border too."


def _changed(oracle: Back, change: Callable[..., Tensor]) -> Back:
    """The oracle's dx as `change(dx, dy, x, kernel, stride, padding)` leaves it."""
    return lambda *given: change(oracle(*given), *given)


def _cut(pool: Pool) -> Pool:
    """A pool that has as many windows as it should, whatever their places."""

    def answer(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        rows, columns = avg_pool(x, kernel, stride, padding).shape[2:]
        return pool(x, kernel, stride, padding)[:, :, :rows, :columns]

    return answer


def _wide(pool: Pool, fill: float, keep: str) -> Back:
    """The gradient of the padded image: all of it, or as much from its start as x has."""

    def answer(dy: Tensor, x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        ph, pw = pair(padding)
        wide = functional.pad(x, (pw, pw, ph, ph), value=fill)
        dx = backward(pool)(dy, wide, kernel, stride, 0)
        return dx if keep == "all" else dx[:, :, : x.shape[2], : x.shape[3]]

    return answer


def _cut_from_the_end(pool: Pool, fill: float) -> Back:
    """The padding taken off as `p:-p`."""
    back = _wide(pool, fill, "all")
    return lambda *given: cut_from_the_end(back(*given), given[-1])


def _elsewhere(slip: Slip, reduce: str) -> Back:
    """The gradient of as many windows as there should be, with this slip in their places."""
    return backward(_cut(slipping(slip, reduce)))


def _at_the_kernel(reduce: str, fill: float) -> Back:
    """Window i begins at i * kernel; what hangs over the end is cut off."""

    def pool(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        (kh, kw), (ph, pw) = pair(kernel), pair(padding)
        wide, y = functional.pad(x, (pw, pw, ph, ph), value=fill), []
        rows, columns = avg_pool(x, kernel, stride, padding).shape[2:]
        for r, c in itertools.product(range(rows), range(columns)):
            seen = wide[:, :, r * kh : r * kh + kh, c * kw : c * kw + kw]
            if reduce == "avg":
                y.append(seen.sum((2, 3)) / (kh * kw))
            elif seen.numel() == 0:
                raise IndexError("a maximum over nothing")
            else:
                y.append(functional.adaptive_max_pool2d(seen, 1)[:, :, 0, 0])
        return torch.stack(y, 2).unflatten(2, (rows, columns))

    return backward(pool)


def _without_dy(oracle: Back) -> Back:
    return lambda dy, *rest: oracle(torch.ones_like(dy), *rest)


def _averaged(oracle: Back, reduce: str) -> Back:
    """Dx over the number of windows that pay a pixel."""

    def answer(dy: Tensor, x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        where = (x, kernel, stride, padding)
        area = 1 if reduce == "max" else pair(kernel)[0] * pair(kernel)[1]
        payers = oracle(torch.ones_like(dy), *where) * area
        return oracle(dy, *where) / payers.clamp(min=1.0)

    return answer


def _places(reduce: str, pool: Pool, oracle: Back, fill: float) -> tuple[Misconception, ...]:
    """The mistakes that both pools know."""
    return (
        wrong("padding_not_stripped", "dx is as large as the padded image.", _PADDING,
              _wide(pool, fill, "all")),
        wrong(*CUT_TO_NOTHING, _cut_from_the_end(pool, fill)),
        wrong("padding_stripped_at_the_end", "dx is shifted: the padding was cut off at the end "
              "only, or the windows were placed as if there were none.", _PADDING,
              _wide(pool, fill, "start")),
        wrong("stride_ignored", "The windows were placed one beside the other, at every row.",
              "Window (i, j) begins at row i * stride - padding.",
              _elsewhere(Slip(stride=lambda s, k: (1, 1), fill=fill), reduce)),
        wrong("stride_is_the_kernel", "The windows were placed side by side: the kernel was used "
              "as stride.", "Window (i, j) begins at row i * stride - padding.",
              _at_the_kernel(reduce, fill)),
        wrong("stride_is_the_kernel", "The windows lie side by side: the kernel was used as "
              "stride.", "They may overlap, or leave gaps: step by `stride`.",
              _elsewhere(Slip(stride=lambda s, k: k, fill=fill), reduce)),
        wrong("upstream_gradient_missing", "dx does not know dy.",
              "Each window passes on its own dy.", _without_dy(oracle)),
        wrong("negated", "dx has the wrong sign.", "No minus here: that is the optimiser's.",
              _changed(oracle, lambda dx, *_: -dx)),
        wrong("averaged_over_windows", "A pixel's gradient was averaged over the windows that "
              "pay it.", _ADD, _averaged(oracle, reduce)),
        wrong("channels_mixed", "All channels got the same gradient.",
              "Each channel is pooled on its own.",
              _changed(oracle, lambda dx, *_: dx.mean(1, keepdim=True).expand_as(dx))),
    )  # fmt: skip


def _is_largest(windows: Tensor) -> Tensor:
    return (windows == windows.amax((-2, -1), keepdim=True)).to(windows)


def _one_of(windows: Tensor, turn: Callable[[Tensor], Tensor]) -> Tensor:
    """1 at the first largest number of the turned windows; 0 elsewhere."""
    turned = turn(_is_largest(windows))
    flat = turned.flatten(-2)
    first = torch.zeros_like(flat).scatter(-1, flat.argmax(-1, keepdim=True), 1.0)
    return turn(first.view_as(turned))


def _corner(windows: Tensor) -> Tensor:
    """1 at the first place of each window, unless that is padding."""
    shares = torch.zeros_like(windows)
    shares[..., 0, 0] = windows[..., 0, 0].isfinite().to(windows)
    return shares


def _from_zeros(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
    return slipping(Slip(), "max")(x, kernel, stride, padding)


_BY_ONE = overwritten(max_pool_backward, max_pool_backward, last=True)
MAX_POOL_BACKWARD = (
    wrong("overwritten_where_windows_overlap", "Where two windows have the same maximum, only one "
          "of them paid it.", _ADD, _BY_ONE),
    wrong("overwritten_where_windows_overlap", "Where two windows have the same maximum, only one "
          "of them paid it.", _ADD, overwritten(max_pool_backward, max_pool_backward, last=False)),
    wrong("window_overwritten", "Each window wiped out what the windows before it had paid.", _ADD,
          overwritten(max_pool_backward, avg_pool_backward, last=True)),
    wrong("window_overwritten", "Each window wiped out what the windows before it had paid.", _ADD,
          overwritten(max_pool_backward, avg_pool_backward, last=False)),
    wrong("all_ties_credited", "All numbers that tie for the maximum got the whole gradient.",
          _FIRST, backward(shared_by(_is_largest))),
    wrong("ties_split", "Numbers that tie for the maximum shared the gradient.", _FIRST,
          backward(shared_by(lambda w: _is_largest(w) / _is_largest(w).sum((-2, -1), True)))),
    wrong("tie_goes_to_the_last", "Of equal numbers the last got the gradient.", _FIRST,
          backward(shared_by(lambda w: _one_of(w, lambda v: v.flip(-2, -1))))),
    wrong("tie_goes_down_the_columns", "Of equal numbers the first was looked for column by "
          "column.", _FIRST, backward(shared_by(lambda w: _one_of(w, lambda v: v.mT)))),
    wrong("average_routing", "The gradient was spread evenly over the window.",
          "Only the maximum had a say in y, so only it is paid.", avg_pool_backward),
    wrong("whole_window_credited", "Every pixel of a window got all of its gradient.",
          "Only the maximum had a say in y, so only it is paid.",
          backward(shared_by(lambda w: w.isfinite().to(w)))),
    wrong("first_of_the_window", "The gradient went to the corner of each window.",
          "It goes to where the maximum is.", backward(shared_by(_corner))),
    wrong("minimum_credited", "The smallest number of each window got the gradient.",
          "It goes to where the maximum is.",
          backward(lambda x, k, s, p: -max_pool(-x, k, s, p))),
    wrong("padded_with_zeros", "The image was padded with zeros: their gradient is lost.",
          "Padding must never win: pad with minus infinity.", backward(_from_zeros)),
    wrong("padded_with_a_number", "The image was padded with a number, which beat smaller ones.",
          "A number may be smaller than -1e9 is: `float(\"-inf\")` is below all of them.",
          backward(slipping(Slip(fill=-1e9), "max"))),
    wrong("divided_by_the_area", "The gradient was divided by the kernel's area.",
          "The maximum alone made y: it gets all of dy.",
          _changed(max_pool_backward,
                   lambda dx, dy, x, k, *_: dx / (pair(k)[0] * pair(k)[1]))),
    wrong("maximum_for_gradient", "dx holds the maxima, not their gradient.",
          "Where the maximum was, put dy.",
          _changed(_without_dy(max_pool_backward), lambda dx, dy, x, *_: (dx != 0) * x)),
    wrong("padding_ignored", "The windows were placed as if there were no padding.",
          "Window (i, j) begins at row i * stride - padding.",
          _elsewhere(Slip(padding=lambda p: (0, 2 * p[0], 0, 2 * p[1]), fill=-torch.inf), "max")),
    *_places("max", max_pool, max_pool_backward, -torch.inf),
)  # fmt: skip


def _real_pixels(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
    return functional.avg_pool2d(x, kernel, stride, padding, count_include_pad=False)


def _over(by: Callable[..., float]) -> Back:
    """Dx with another divisor than the kernel's area."""

    def pool(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        total = functional.avg_pool2d(x, kernel, stride, padding, divisor_override=1)
        return total / by(pair(kernel), pair(stride))

    return backward(pool)


def _centre(windows: Tensor) -> Tensor:
    shares = torch.zeros_like(windows)
    middle = windows.shape[-2] // 2, windows.shape[-1] // 2
    shares[(..., *middle)] = windows[(..., *middle)].isfinite().to(windows)
    return shares


AVG_POOL_BACKWARD = (
    wrong("overwritten_where_windows_overlap", "Where windows overlap, only one of them paid.",
          _ADD, overwritten(avg_pool_backward, avg_pool_backward, last=True)),
    wrong("overwritten_where_windows_overlap", "Where windows overlap, only one of them paid.",
          _ADD, overwritten(avg_pool_backward, avg_pool_backward, last=False)),
    wrong("not_divided", "dy was not divided by the area.", _AREA, _over(lambda k, s: 1)),
    wrong("padding_not_counted", "At the border dy was divided by fewer pixels.", _AREA,
          backward(_real_pixels)),
    wrong("divided_by_one_side", "dy was divided by kh alone.", _AREA, _over(lambda k, s: k[0])),
    wrong("divided_by_the_columns", "dy was divided by kw alone.", _AREA,
          _over(lambda k, s: k[1])),
    wrong("divided_by_a_square", "dy was divided by kh * kh.", _AREA,
          _over(lambda k, s: k[0] ** 2)),
    wrong("divided_by_the_sum_of_sides", "dy was divided by kh + kw.", _AREA,
          _over(lambda k, s: k[0] + k[1])),
    wrong("divided_by_the_stride", "dy was divided by the stride's area.", _AREA,
          _over(lambda k, s: s[0] * s[1])),
    wrong("divided_twice", "dy was divided by the area twice.", _AREA,
          _over(lambda k, s: (k[0] * k[1]) ** 2)),
    wrong("maximum_routing", "All of the gradient went to the maximum: that is max pooling.",
          "Every pixel had a say in the mean.", max_pool_backward),
    wrong("corner_credited", "All of the gradient went to the corner of each window.",
          "Every pixel had a say in the mean.", backward(shared_by(_corner))),
    wrong("centre_credited", "All of the gradient went to the middle of each window.",
          "Every pixel had a say in the mean.", backward(shared_by(_centre))),
    wrong("multiplied_by_the_input", "dx was multiplied with x.",
          "The slope of a mean is 1 / area, whatever x is.",
          _changed(avg_pool_backward, lambda dx, dy, x, *_: dx * x)),
    *_places("avg", avg_pool, avg_pool_backward, 0.0),
)  # fmt: skip
