"""Answers to conv2d_backward."""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_02_backward_parts import (
    backward,
    dilated,
    frame_of,
    input_gradient,
    padded,
    pair,
    slid,
    stamped,
    unframed,
    weight_gradient,
    windows,
)

bank = Bank()
wrong, right = bank.wrong, bank.right
EXERCISE = "conv2d_backward"

# --- db and dw ------------------------------------------------------------------------------------


def only_last_picture(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    for n in range(len(dy)):
        dw = weight_gradient(dy[n : n + 1], x[n : n + 1], w, s, p)
    return dw


def only_last_place(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    seen = windows(x, tuple(w.shape[2:]), s, p)
    for row in range(dy.shape[2]):
        for column in range(dy.shape[3]):
            dw = torch.einsum("no,ncij->ocij", dy[:, :, row, column], seen[:, :, row, column])
    return dw


def windows_at_stride_one(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    seen = windows(x, tuple(w.shape[2:]), 1, p)[:, :, : dy.shape[2], : dy.shape[3]]
    return torch.einsum("nopq,ncpqij->ocij", dy, seen)


def padding_below_only(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    (ph, pw), (N, C, H, W) = pair(p), x.shape
    out = x.new_zeros(N, C, H + 2 * ph, W + 2 * pw)
    out[:, :, :H, :W] = x
    return weight_gradient(dy, out, w, s, 0)


def dw_flipped(*inputs: Any) -> Tensor:
    return weight_gradient(*inputs).flip(-1).flip(-2)


def dy_over_x(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    spread, big = dilated(dy, s), padded(x, p)
    seen = big.unfold(2, spread.shape[2], 1).unfold(3, spread.shape[3], 1)
    return torch.einsum("nopq,ncijpq->ocij", spread, seen)


bank.wrong_ones(
    EXERCISE,
    ("dw_by_sliding_dy", "dw_too_large", "Slides the dilated dy over all of the padded x.",
     backward(dw=dy_over_x)),
    ("db_of_linear", "db_over_the_batch_only", "As in the linear layer: sum over axis 0.",
     backward(db=lambda dy: dy.sum(0))),
    ("db_each_picture", "db_over_the_places_only", "Adds up rows and columns.",
     backward(db=lambda dy: dy.sum((2, 3)))),
    ("db_mean", "db_averaged", "Averages over everything.",
     backward(db=lambda dy: dy.mean((0, 2, 3)))),
    ("db_mean_of_batch", "db_averaged", "Sums the places, averages the pictures.",
     backward(db=lambda dy: dy.sum((2, 3)).mean(0))),
    ("db_mean_of_places", "db_averaged", "Averages the places, sums the pictures.",
     backward(db=lambda dy: dy.mean((2, 3)).sum(0))),
    ("db_first_picture", "db_of_one_picture", "Forgets that there is a batch.",
     backward(db=lambda dy: dy[0].sum((1, 2)))),
    ("db_kept_as_column", "wrong_shape", "Keeps the axes it has summed.",
     backward(db=lambda dy: dy.sum((0, 2, 3), keepdim=True))),
    ("dw_mean_of_batch", "dw_averaged", "The gradient of a mean loss, one thinks.",
     backward(dw=lambda dy, *rest: weight_gradient(dy, *rest) / len(dy))),
    ("dw_mean_of_places", "dw_averaged", "Averages over the windows.",
     backward(dw=lambda dy, *rest: weight_gradient(dy, *rest) / dy[0, 0].numel())),
    ("dw_of_true_convolution", "dw_flipped", "Flips, because a convolution flips.",
     backward(dw=dw_flipped)),
    ("dw_channels_first", "dw_channels_exchanged", "einsum ends in cijo's order.",
     backward(dw=lambda *inputs: weight_gradient(*inputs).permute(1, 0, 2, 3))),
    ("dw_columns_first", "dw_transposed", "Writes ocji.",
     backward(dw=lambda *inputs: weight_gradient(*inputs).transpose(2, 3))),
    ("dw_windows_side_by_side", "dw_stride_ignored", "Cuts the windows at stride 1.",
     backward(dw=windows_at_stride_one)),
    ("dw_of_last_picture", "dw_overwritten", "A loop over the batch with `=`.",
     backward(dw=only_last_picture)),
    ("dw_of_last_place", "dw_overwritten", "A loop over the places with `=`.",
     backward(dw=only_last_place)),
    ("dw_of_last_of_all", "dw_overwritten", "A loop over batch and places with `=`.",
     backward(dw=lambda dy, x, w, s, p: only_last_place(dy[-1:], x[-1:], w, s, p))),
    ("dw_padding_below", "dw_padding_on_one_side", "Copies x into the corner of the zeros.",
     backward(dw=padding_below_only)),
)  # fmt: skip

# --- dx -------------------------------------------------------------------------------------------


def assigned_by_position(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    (sh, sw), (P, Q) = pair(s), dy.shape[2:]
    out = x.new_zeros(*x.shape[:2], *frame_of(x, p))
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            share = torch.einsum("nopq,oc->ncpq", dy, w[:, :, i, j])
            out[:, :, i : i + sh * P : sh, j : j + sw * Q : sw] = share
    return unframed(out, p)


def assigned_by_window(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    (sh, sw), (kh, kw) = pair(s), w.shape[2:]
    out = x.new_zeros(*x.shape[:2], *frame_of(x, p))
    for row in range(dy.shape[2]):
        for column in range(dy.shape[3]):
            share = torch.einsum("no,ocij->ncij", dy[:, :, row, column], w)
            top, left = row * sh, column * sw
            out[:, :, top : top + kh, left : left + kw] = share
    return unframed(out, p)


def assigned_by_filter(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    for o in range(len(w)):
        dx = input_gradient(dy[:, o : o + 1], x, w[o : o + 1], s, p)
    return dx


def unflipped(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    return unframed(slid(dy, w, frame_of(x, p), s, flip=False), p)


def stamps_side_by_side(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    return unframed(stamped(dy, w, frame_of(x, p), 1), p)


def slid_undilated(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    size = (dy.shape[2] + w.shape[2] - 1, dy.shape[3] + w.shape[3] - 1)
    return unframed(slid(dy, w, size, 1), p)


def unstripped(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    return stamped(dy, w, frame_of(x, p), s)


def cut_at_the_end(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    return stamped(dy, w, frame_of(x, p), s)[:, :, : x.shape[2], : x.shape[3]]


def as_far_as_windows_reach(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    sh, sw = pair(s)
    size = ((dy.shape[2] - 1) * sh + w.shape[2], (dy.shape[3] - 1) * sw + w.shape[3])
    return unframed(slid(dy, w, size, s), p)


def filled_up_in_front(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    small, dx = as_far_as_windows_reach(dy, x, w, s, p), torch.zeros_like(x)
    dx[:, :, x.shape[2] - small.shape[2] :, x.shape[3] - small.shape[3] :] = small
    return dx


def slice_with_minus(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    ph, pw = pair(p)
    return stamped(dy, w, frame_of(x, p), s)[:, :, ph:-ph, pw:-pw]


def valid_only(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Tensor:
    kh, kw = w.shape[2:]
    over = padded(dy, (kh // 2, kw // 2)).unfold(2, kh, 1).unfold(3, kw, 1)
    return torch.einsum("noxyij,ocij->ncxy", over, w.flip(2, 3))


bank.wrong_ones(
    EXERCISE,
    ("dx_unflipped", "dx_kernel_not_flipped", "Slides w as it is.", backward(dx=unflipped)),
    ("dx_stamps_flipped", "dx_kernel_not_flipped", "Flips although it stamps.",
     backward(dx=lambda dy, x, w, s, p: input_gradient(dy, x, w.flip(2, 3), s, p))),
    ("dx_stamps_at_stride_one", "stride_not_dilated", "Stamps side by side.",
     backward(dx=stamps_side_by_side)),
    ("dx_slid_undilated", "stride_not_dilated", "Pads dy without dilating it.",
     backward(dx=slid_undilated)),
    ("dx_equals_by_position", "overlaps_overwritten", "`=` in a loop over kernel positions.",
     backward(dx=assigned_by_position)),
    ("dx_equals_by_window", "overlaps_overwritten", "`=` in a loop over windows.",
     backward(dx=assigned_by_window)),
    ("dx_equals_by_filter", "dx_of_one_filter", "`=` in a loop over filters.",
     backward(dx=assigned_by_filter)),
    ("dx_with_frame", "padding_not_stripped", "Returns the padded gradient.",
     backward(dx=unstripped)),
    ("dx_cut_at_the_end", "padding_stripped_at_the_end", "Takes the first H rows.",
     backward(dx=cut_at_the_end)),
    ("dx_too_small", "left_over_rows_missing", "Full correlation has the right size, surely.",
     backward(dx=as_far_as_windows_reach)),
    ("dx_filled_up", "left_over_rows_first", "Puts the missing zeros in front.",
     backward(dx=filled_up_in_front)),
    ("dx_channels_the_other_way", "dx_channels_exchanged", "Sums over C instead of O.",
     backward(dx=lambda dy, x, w, s, p: input_gradient(dy, x, w.transpose(0, 1), s, p))),
    ("dx_mean_of_batch", "dx_averaged", "Divides by the number of pictures.",
     backward(dx=lambda dy, *rest: input_gradient(dy, *rest) / len(dy))),
    ("dx_summed", "dx_added_over_the_batch", "Adds up the batch here too.",
     backward(dx=lambda *inputs: input_gradient(*inputs).sum(0))),
    ("dx_empty", "padding_zero_cuts_all", "Cuts with ph:-ph, empty for 0.",
     backward(dx=slice_with_minus)),
    ("dx_like_forward", "wrong_shape", "Pads dy by half a kernel.", backward(dx=valid_only)),
)  # fmt: skip

# --- all of it ------------------------------------------------------------------------------------


@wrong(EXERCISE, "gradient_still_zero")
def two_steps_done(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Has still to write dx."""
    return torch.zeros_like(x), weight_gradient(dy, x, w, stride, padding), dy.sum((0, 2, 3))


@wrong(EXERCISE, "gradient_still_zero")
def one_step_done(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Has written db only."""
    return torch.zeros_like(x), torch.zeros_like(w), dy.sum((0, 2, 3))


@wrong(EXERCISE, "gradient_still_zero")
def no_step_done(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Has only got the shapes right."""
    return torch.zeros_like(x), torch.zeros_like(w), w.new_zeros(len(w))


@wrong(EXERCISE, "db_over_the_batch_only", "dx_kernel_not_flipped")
def two_mistakes(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Two mistakes at once; dw is right."""
    dx = unflipped(dy, x, w, stride, padding)
    return dx, weight_gradient(dy, x, w, stride, padding), dy.sum(0)


@wrong(EXERCISE, "negative_index_wraps")
def guarded_above_only(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Looks at the far end only; below 0 Python counts from the end."""
    (sh, sw), (ph, pw), (_, _, H, W) = pair(stride), pair(padding), x.shape
    dx, dw = torch.zeros_like(x), torch.zeros_like(w)
    for p, q in itertools.product(*map(range, dy.shape[2:])):
        for i, j in itertools.product(*map(range, w.shape[2:])):
            row, column = p * sh + i - ph, q * sw + j - pw
            if row < H and column < W:
                dx[:, :, row, column] += dy[:, :, p, q] @ w[:, :, i, j]
                dw[:, :, i, j] += dy[:, :, p, q].T @ x[:, :, row, column]
    return dx, dw, dy.sum((0, 2, 3))


@wrong(EXERCISE, "order_changed")
def weights_first(*inputs: Any) -> Any:
    """Returns dw, dx, db."""
    dx, dw, db = backward()(*inputs)
    return dw, dx, db


@wrong(EXERCISE, "order_changed")
def bias_first(*inputs: Any) -> Any:
    """Returns db, dw, dx."""
    return backward()(*inputs)[::-1]


@wrong(EXERCISE, "padding_forgotten")
def never_padded(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Does not use `padding` at all."""
    return backward()(dy, x, w, stride, 0)


@wrong(EXERCISE, "pair_not_expected")
def ints_only(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Computes with stride and padding as they come."""
    big = x.new_zeros(*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding)
    big[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]] = x
    dx, dw, db = backward()(dy, big, w, stride // 1, 0)
    return dx[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]], dw, db


@wrong(EXERCISE, "int_not_expected")
def pairs_only(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Unpacks stride and padding as they come."""
    (sh, sw), (ph, pw) = stride, padding
    return backward()(dy, x, w, (sh, sw), (ph, pw))


@wrong(EXERCISE, "pair_exchanged")
def columns_before_rows(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Unpacks sw, sh = stride."""
    return backward()(dy, x, w, pair(stride)[::-1], pair(padding)[::-1])


@wrong(EXERCISE, "nothing_returned")
def forgets_return(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Computes and says nothing."""
    backward()(dy, x, w, stride, padding)


@wrong(EXERCISE, "wrong_type")
def without_bias(*inputs: Any) -> Any:
    """Returns two gradients of three."""
    return backward()(*inputs)[:2]


@wrong(EXERCISE, "wrong_dtype")
def always_double(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Computes in float64, whatever comes in."""
    return backward()(dy.double(), x.double(), w.double(), stride, padding)


@wrong(EXERCISE, "input_changed")
def scales_in_place(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Tidies up dy in place."""
    found = backward()(dy, x, w, stride, padding)
    dy.mul_(0)
    return found


# --- right ----------------------------------------------------------------------------------------


@right(EXERCISE)
def by_windows(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Loops over the outputs, and makes dw on the way."""
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), w.shape[2:]
    big, dw = padded(x, padding), torch.zeros_like(w)
    dx = torch.zeros_like(big)
    for p in range(dy.shape[2]):
        for q in range(dy.shape[3]):
            place = (
                slice(None),
                slice(None),
                slice(p * sh, p * sh + kh),
                slice(q * sw, q * sw + kw),
            )
            dw += torch.einsum("no,ncij->ocij", dy[:, :, p, q], big[place])
            dx[place] += torch.einsum("no,ocij->ncij", dy[:, :, p, q], w)
    H, W = x.shape[2:]
    return dx[:, :, ph : H + ph, pw : W + pw], dw, dy.flatten(2).sum(-1).sum(0)


@right(EXERCISE)
def by_sliding(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Dilates, pads, and correlates with the flipped kernel."""
    dx = unframed(slid(dy, w, frame_of(x, padding), stride), padding)
    return [dx, weight_gradient(dy, x, w, stride, padding), torch.einsum("nopq->o", dy)]


@right(EXERCISE)
def mapped_over_pictures(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """torch.vmap over the batch: no automatic differentiation."""

    def of_one(dy: Tensor, windows: Tensor) -> Tensor:
        return torch.einsum("opq,cpqij->ocij", dy, windows)

    (kh, kw), (sh, sw) = w.shape[2:], pair(stride)
    windows = padded(x, padding).unfold(2, kh, sh).unfold(3, kw, sw)
    dx = unframed(slid(dy, w, frame_of(x, padding), stride), padding)
    return dx, torch.vmap(of_one)(dy, windows).sum(0), dy.sum((0, 2, 3))


@right(EXERCISE)
def by_columns(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """im2col, two matrix products, and index_add_ for the way back."""
    (H, W), (N, C), (kh, kw) = frame_of(x, padding), x.shape[:2], w.shape[2:]
    index = torch.arange(H * W, device=x.device).view(1, 1, H, W)
    places = windows(index, (kh, kw), stride, 0)[0, 0].permute(2, 3, 0, 1).reshape(kh * kw, -1)
    flat = padded(x, padding).flatten(2)  # (N, C, H W)
    cols = flat[:, :, places].flatten(1, 2)  # (N, C kh kw, L)
    out = dy.flatten(2)
    dw = (out @ cols.mT).sum(0).view_as(w)
    back = (w.flatten(1).T @ out).view(N, C, -1)
    big = flat.new_zeros(N, C, H * W).index_add_(2, places.flatten(), back)
    return unframed(big.view(N, C, H, W), padding), dw, out.sum((0, 2))


@right(EXERCISE)
def picture_by_picture(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Loops over the batch, prints, and returns views that are not contiguous."""
    dxs = [input_gradient(a[None], b[None], w, stride, padding) for a, b in zip(dy, x, strict=True)]
    dw = sum(
        weight_gradient(a[None], b[None], w, stride, padding) for a, b in zip(dy, x, strict=True)
    )
    print("done", dw.shape)
    dx = torch.cat(dxs).permute(1, 0, 3, 2).contiguous().permute(1, 0, 3, 2)
    return dx, dw, dy.transpose(0, 1).reshape(dy.shape[1], -1).sum(1)


@right(EXERCISE)
def as_a_matrix(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Builds the layer's matrix by sending a one through every place, and transposes it."""
    (_, C, H, W), kernel = x.shape, tuple(w.shape[2:])
    ones = torch.eye(C * H * W, dtype=x.dtype, device=x.device).view(-1, C, H, W)
    rows = torch.einsum("ncpqij,ocij->nopq", windows(ones, kernel, stride, padding), w)
    dx = (dy.flatten(1) @ rows.flatten(1).T).view_as(x)
    return dx, weight_gradient(dy, x, w, stride, padding), dy.sum(3).sum(2).sum(0)


@right(EXERCISE)
def one_number_at_a_time(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """Loops over everything but the batch."""
    (sh, sw), (ph, pw), (_, C, H, W) = pair(stride), pair(padding), x.shape
    dx, dw = torch.zeros_like(x), torch.zeros_like(w)
    for o, p, q in itertools.product(*map(range, dy.shape[1:])):
        for i, j in itertools.product(*map(range, w.shape[2:])):
            row, column = p * sh + i - ph, q * sw + j - pw
            if 0 <= row < H and 0 <= column < W:
                for c in range(C):
                    dx[:, c, row, column] += dy[:, o, p, q] * w[o, c, i, j]
                    dw[o, c, i, j] += (dy[:, o, p, q] * x[:, c, row, column]).sum()
    return dx, dw, dy.sum((0, 2, 3))
