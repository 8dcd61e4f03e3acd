"""Known wrong answers to conv2d_backward: autograd's, with something exchanged."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.exercises._conv_backward import (
    CUT_TO_NOTHING,
    WRAPPED_ROUND,
    IntOrPair,
    both,
    cut_from_the_end,
    framed,
    last_one_wins,
    only_ints,
    only_pairs,
    torch_backward,
    wrapped_round,
)
from autograder.exercises._layers_torch import changed, gradients, reordered, wrong

Gradients = tuple[Tensor, ...]
Forward = Callable[..., Tensor]
DX, DW, DB = 0, 1, 2


def _through(place: int, forward: Forward) -> Callable[..., Gradients]:
    """Autograd's three, one of them through `forward(x, w, stride, padding)` instead."""

    def instead(grad: Tensor, dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair
                ) -> Tensor:  # fmt: skip
        return gradients(lambda x, w: forward(x, w, s, p), dy, (x, w))[place]

    return changed(torch_backward, place, instead)


def _of_part(place: int, part: Callable[..., tuple[Tensor, Tensor, Tensor]]
             ) -> Callable[..., Gradients]:  # fmt: skip
    """Autograd's three, one of them of only `part(dy, x, w)`."""

    def instead(grad: Tensor, dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair
                ) -> Tensor:  # fmt: skip
        return torch_backward(*part(dy, x, w), s, p)[place]

    return changed(torch_backward, place, instead)


def _divided(place: int, by: Callable[[Tensor], int]) -> Callable[..., Gradients]:
    return changed(torch_backward, place, lambda grad, dy, *rest: grad / by(dy))


# --- db -------------------------------------------------------------------------------------------


def _bias_of_shape(shape: Callable[[Tensor], tuple[int, ...]]) -> Callable[..., Gradients]:
    """Autograd's, db as if there were a bias of this shape."""

    def instead(grad: Tensor, dy: Tensor, *rest: Any) -> Tensor:
        return gradients(lambda b: b.expand_as(dy), dy, (dy.new_zeros(shape(dy)),))[0]

    return changed(torch_backward, DB, instead)


def _db_per_image(*inputs: Any) -> Gradients:
    dx, dw, db = _bias_of_shape(lambda dy: (*dy.shape[:2], 1, 1))(*inputs)
    return dx, dw, db.flatten(1)


_DB = (
    wrong("db_over_the_batch_only", "db was added up over the batch only.",
          "One bias serves every place of the picture too: which axes of dy are left at the end?",
          _bias_of_shape(lambda dy: tuple(dy.shape[1:]))),
    wrong("db_over_the_places_only", "db was added up over rows and columns, not over the batch.",
          "One bias serves all pictures.", _db_per_image),
    wrong("db_averaged", "db is a mean; a sum was asked for.",
          "Any mean belongs to the loss, and dy carries it already.",
          _divided(DB, lambda dy: dy[:, 0].numel())),
    wrong("db_averaged", "db is a mean over the batch; a sum was asked for.",
          "Any mean belongs to the loss, and dy carries it already.", _divided(DB, len)),
    wrong("db_averaged", "db is a mean over the places; a sum was asked for.",
          "Any mean belongs to the loss, and dy carries it already.",
          _divided(DB, lambda dy: dy[0, 0].numel())),
    wrong("db_of_one_picture", "db is made of one picture's dy.", "One bias serves all pictures.",
          _of_part(DB, lambda dy, x, w: (dy[:1], x[:1], w))),
    wrong("db_of_one_picture", "db is made of the last picture's dy alone.",
          "One bias serves all pictures: in a loop, `+=`.",
          _of_part(DB, lambda dy, x, w: (dy[-1:], x[-1:], w))),
)  # fmt: skip

# --- dw -------------------------------------------------------------------------------------------


def _windows_side_by_side(x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair) -> Tensor:
    """The convolution at stride 1, as many of its first outputs as there should be."""
    rows, columns = functional.conv2d(x, w, None, s, p).shape[2:]
    return functional.conv2d(x, w, None, 1, p)[:, :, :rows, :columns]


def _padded_after(x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair) -> Tensor:
    rows, columns = both(p)
    return functional.conv2d(functional.pad(x, (0, 2 * columns, 0, 2 * rows)), w, None, s)


def _padded_from_the_end(x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair) -> Tensor:
    """Above and to the left not zeros: what a negative index reads."""
    for axis, border in ((2, both(p)[0]), (3, both(p)[1])):
        if border > x.shape[axis]:
            raise IndexError("a negative index beyond the beginning")
        before = x.narrow(axis, x.shape[axis] - border, border)
        x = torch.cat([before, x, torch.zeros_like(before)], axis)
    return functional.conv2d(x, w, None, s)


def _last_place(dy: Tensor) -> Tensor:
    only = torch.zeros_like(dy)
    only[:, :, -1, -1] = dy[:, :, -1, -1]
    return only


def _left_over(dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair) -> tuple[int, int]:
    """How many rows and columns of the padded x lie in no window."""
    reached = functional.conv_transpose2d(dy, w, None, s)
    (rows, columns), (H, W) = both(p), x.shape[2:]
    return H + 2 * rows - reached.shape[2], W + 2 * columns - reached.shape[3]


def _dw_with_left_over(grad: Tensor, dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair
                       ) -> Tensor:  # fmt: skip
    """The gradient of a kernel that is larger by what the stride leaves over."""
    rows, columns = _left_over(dy, x, w, s, p)
    larger = functional.pad(w, (0, columns, 0, rows))
    return gradients(lambda w: functional.conv2d(x, w, None, s, p), dy, (larger,))[0]


_PLUS = "A weight is used at every place of every picture: what comes from each is added, `+=`."
_DW = (
    wrong("dw_averaged", "dw is divided by the number of pictures.",
          "Any mean belongs to the loss, and dy carries it already.", _divided(DW, len)),
    wrong("dw_averaged", "dw is divided by the number of places.",
          "Any mean belongs to the loss, and dy carries it already.",
          _divided(DW, lambda dy: dy[0, 0].numel())),
    wrong("dw_flipped", "dw is upside down and back to front.",
          "The layer slides its kernel unflipped, so dw is a plain correlation of x with dy.",
          _through(DW, lambda x, w, s, p: functional.conv2d(x, w.flip(2, 3), None, s, p))),
    wrong("dw_channels_exchanged", "dw has its input and output channels exchanged.",
          "A gradient has the shape of what it belongs to: w is (O, C, kh, kw).",
          changed(torch_backward, DW, lambda dw, *rest: dw.transpose(0, 1))),
    wrong("dw_transposed", "dw has rows and columns exchanged.", "w is (O, C, kh, kw).",
          changed(torch_backward, DW, lambda dw, *rest: dw.mT)),
    wrong("dw_stride_ignored", "dw was made with windows that lie at stride 1.",
          "Output (p, q) read the window that begins at row p sh, column q sw of the padded x.",
          _through(DW, _windows_side_by_side)),
    wrong("dw_overwritten", "dw keeps only the last picture's share.", _PLUS,
          _of_part(DW, lambda dy, x, w: (dy[-1:], x[-1:], w))),
    wrong("dw_overwritten", "dw keeps only the last place's share.", _PLUS,
          _of_part(DW, lambda dy, x, w: (_last_place(dy), x, w))),
    wrong("dw_overwritten", "dw keeps only the share of the last picture's last place.", _PLUS,
          _of_part(DW, lambda dy, x, w: (_last_place(dy[-1:]), x[-1:], w))),
    wrong("dw_padding_on_one_side", "For dw the whole padding was put below and to the right.",
          "Forward, x got `padding` zeros on each of its four sides; dw needs the same x.",
          _through(DW, _padded_after)),
    wrong(*WRAPPED_ROUND, _through(DW, _padded_from_the_end)),
    wrong("dw_too_large", "dw has more rows or columns than w has.",
          "Sliding a dilated dy over the padded x, you went on into the rows that are left over.",
          changed(torch_backward, DW, _dw_with_left_over)),
)  # fmt: skip

# --- dx -------------------------------------------------------------------------------------------


def _dx_overwritten(last_first: bool) -> Callable[..., Gradients]:
    def instead(grad: Tensor, dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair
                ) -> Tensor:  # fmt: skip
        def place(mask: Tensor) -> tuple[Tensor, Tensor]:
            def share(dy: Tensor, w: Tensor) -> Tensor:
                return gradients(lambda x: functional.conv2d(x, w, None, s, p), dy, (x,))[0]

            mask = mask.to(w)
            return share(dy, w * mask), share(torch.ones_like(dy), mask.expand_as(w))

        return last_one_wins((w.shape[2], w.shape[3]), place, last_first)

    return changed(torch_backward, DX, instead)


def _padded_gradient(dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair) -> Tensor:
    """The gradient of the padded x."""
    padded = functional.pad(x, framed(p))
    return gradients(lambda x: functional.conv2d(x, w, None, s), dy, (padded,))[0]


def _undilated(grad: Tensor, dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair
               ) -> Tensor:  # fmt: skip
    return functional.conv_transpose2d(dy, w, None, 1, p)


def _without_left_over(grad: Tensor, dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair
                       ) -> Tensor:  # fmt: skip
    return functional.conv_transpose2d(dy, w, None, s, p)


def _reached_and_cut(grad: Tensor, dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair
                     ) -> Tensor:  # fmt: skip
    """As much of x as there is in a frame that ends with the last window."""
    (rows, columns), (H, W) = both(p), x.shape[2:]
    reached = functional.conv_transpose2d(dy, w, None, s)
    return reached[:, :, rows : rows + H, columns : columns + W]


def _left_over_first(grad: Tensor, dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair
                     ) -> Tensor:  # fmt: skip
    rows, columns = _left_over(dy, x, w, s, p)
    return functional.pad(functional.conv_transpose2d(dy, w, None, s, p), (columns, 0, rows, 0))


def _cropped(grad: Tensor, dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair
             ) -> Tensor:  # fmt: skip
    return _padded_gradient(dy, x, w, s, p)[:, :, : x.shape[2], : x.shape[3]]


_LEFT_OVER = (
    "Where the stride does not divide H + 2 padding - kh, the last rows (or columns) are in no "
    "window. They are still rows of x, and their gradient is 0."
)
_DX = (
    wrong("dx_kernel_not_flipped", "dx was made with the kernel the wrong way round.",
          "Each number of dy stamps the kernel as it stands. If you correlate with a dilated dy "
          "instead, the kernel is flipped first, in both axes. Worked example: which weight takes "
          "x[0] to y[0], and which takes x[2] there?",
          _through(DX, lambda x, w, s, p: functional.conv2d(x, w.flip(2, 3), None, s, p))),
    wrong("stride_not_dilated", "dx was made as if the stride were 1.",
          "Neighbours in dy belong to windows that lie a whole stride apart in x.",
          _through(DX, _windows_side_by_side)),
    wrong("stride_not_dilated", "dx was made from dy as it is, with no zeros between.",
          "Neighbours in dy belong to windows that lie a whole stride apart in x.",
          changed(torch_backward, DX, _undilated)),
    wrong("overlaps_overwritten", "Where windows overlap, dx keeps one share only.",
          "An element that several windows have read gets the sum of what they send back: `+=`.",
          _dx_overwritten(last_first=False)),
    wrong("overlaps_overwritten", "Where windows overlap, dx keeps the last window's share only.",
          "An element that several windows have read gets the sum of what they send back: `+=`.",
          _dx_overwritten(last_first=True)),
    wrong("padding_not_stripped", "dx still has the padding around it.",
          "x had no padding when it came in. The padding's own gradient is thrown away.",
          changed(torch_backward, DX, lambda dx, *inputs: _padded_gradient(*inputs))),
    wrong("padding_stripped_at_the_end", "The padding was taken off below and to the right only.",
          "x[0] lies `padding` rows inside the padded x, so half of it goes at each side.",
          changed(torch_backward, DX, _cropped)),
    wrong(*CUT_TO_NOTHING, changed(torch_backward, DX, lambda dx, *inputs: cut_from_the_end(
        _padded_gradient(*inputs), inputs[-1]))),
    wrong(*WRAPPED_ROUND, changed(torch_backward, DX, lambda dx, *inputs: wrapped_round(
        _padded_gradient(*inputs), inputs[-1], (dx.shape[2], dx.shape[3])))),
    wrong("left_over_rows_missing", "dx is too small: rows or columns that no window reached are "
          "missing.", _LEFT_OVER, changed(torch_backward, DX, _reached_and_cut)),
    wrong("left_over_rows_missing", "dx is too small: rows or columns that no window reached are "
          "missing.", _LEFT_OVER, changed(torch_backward, DX, _without_left_over)),
    wrong("left_over_rows_first", "The rows that no window reached were put first; they are last.",
          _LEFT_OVER, changed(torch_backward, DX, _left_over_first)),
    wrong("dx_channels_exchanged", "For dx, w's input and output channels are exchanged.",
          "w is (O, C, kh, kw): O is the axis it shares with dy, and the one that is summed.",
          _through(DX, lambda x, w, s, p: functional.conv2d(x, w.transpose(0, 1), None, s, p))),
    wrong("dx_kernel_transposed", "For dx, the kernel's rows and columns are exchanged.",
          "Flipping is not transposing: row i goes to row kh - 1 - i.",
          _through(DX, lambda x, w, s, p: functional.conv2d(x, w.mT, None, s, p))),
    wrong("dx_averaged", "dx is divided by the number of pictures.",
          "Any mean belongs to the loss, and dy carries it already.", _divided(DX, len)),
    wrong("dx_of_one_filter", "dx holds the last output channel's share only.",
          "Every output channel has read x: their shares are added.",
          _of_part(DX, lambda dy, x, w: (dy[:, -1:], x, w[-1:]))),
    wrong("dx_added_over_the_batch", "dx was added up over the batch.",
          "Each picture has a gradient of its own; only what pictures share is added up.",
          changed(torch_backward, DX, lambda dx, *rest: dx.sum(0))),
)  # fmt: skip

# --- all three ------------------------------------------------------------------------------------


def _no_padding(dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair) -> Gradients:
    return torch_backward(dy, x, w, s, 0)  # raises where there is padding: dy does not fit


def _ints(dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair) -> Gradients:
    only_ints(s, p)
    return torch_backward(dy, x, w, s, p)


def _pairs(dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair) -> Gradients:
    only_pairs(s, p)
    return torch_backward(dy, x, w, s, p)


def _exchanged(dy: Tensor, x: Tensor, w: Tensor, s: IntOrPair, p: IntOrPair) -> Gradients:
    return torch_backward(dy, x, w, both(s)[::-1], both(p)[::-1])


def _zeroed(places: tuple[int, ...]) -> Callable[..., Gradients]:
    """Autograd's three, with zeros at `places`."""

    def answer(*inputs: Any) -> Gradients:
        found = torch_backward(*inputs)
        return tuple(torch.zeros_like(g) if n in places else g for n, g in enumerate(found))

    return answer


def _named(places: tuple[int, ...]) -> str:
    names = [("dx", "dw", "db")[place] for place in places]
    return f"{' and '.join(names)} {'are' if len(names) > 1 else 'is'}"


_ZERO = "That is fine while you go step by step: what is right already has its points."
BACKWARD = (
    *_DB,
    *_DW,
    *_DX,
    *(wrong("gradient_still_zero", f"{_named(places)} still all zeros.", _ZERO, _zeroed(places))
      for places in itertools.chain(*(itertools.combinations(range(3), n) for n in (1, 2, 3)))),
    wrong("order_changed", "dw came first, then dx.", "Return dx, dw, db, in this order.",
          reordered(torch_backward, (DW, DX, DB))),
    wrong("order_changed", "db came first.", "Return dx, dw, db, in this order.",
          reordered(torch_backward, (DB, DW, DX))),
    wrong("padding_forgotten", "It goes wrong wherever there is padding.",
          "Forward, the windows were cut from the padded x. Pad first, strip at the end.",
          _no_padding),
    wrong("pair_not_expected", "It fails where stride or padding is a pair.",
          "Each may be an int or a pair (rows, columns): make a pair of it in your first lines.",
          _ints),
    wrong("int_not_expected", "It fails where stride or padding is a single int.",
          "Each may be an int or a pair (rows, columns): make a pair of it in your first lines.",
          _pairs),
    wrong("pair_exchanged", "The pairs were read as (columns, rows).",
          "Stride and padding are (rows, columns), as H comes before W.", _exchanged),
)  # fmt: skip
