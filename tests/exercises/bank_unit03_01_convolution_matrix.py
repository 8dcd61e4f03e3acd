"""Answers to conv_as_matrix."""

from __future__ import annotations

from typing import Any

import torch

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_01_convolution_windows import (
    by_views,
    by_weights,
    in_blocks,
    in_frame,
    nothing,
    same_size,
    stub,
    wrap,
)

bank = Bank()


def right(w: Any, in_shape: Any) -> Any:
    (H, W), (kh, kw) = in_shape, w.shape
    rows, columns = H - kh + 1, W - kw + 1
    A = w.new_zeros(rows, columns, H, W)
    for r in range(rows):
        for c in range(columns):
            A[r, c, r : r + kh, c : c + kw] = w
    return A.reshape(rows * columns, H * W)


def row_by_row(w: Any, in_shape: Any) -> Any:
    (H, W), (kh, kw) = in_shape, w.shape
    rows, columns = H - kh + 1, W - kw + 1
    A = torch.zeros(rows * columns, H * W, dtype=w.dtype, device=w.device)
    for place in range(rows * columns):
        for i in range(kh):
            start = (place // columns + i) * W + place % columns
            A[place, start : start + kw] = w[i]
    return A


def of_unit_images(w: Any, in_shape: Any, correlate: Any = by_weights) -> Any:
    """A column is what happens to a picture with a single 1."""
    H, W = in_shape
    pixels = torch.eye(H * W, dtype=w.dtype, device=w.device).reshape(H * W, H, W)
    return torch.stack([correlate(pixel, w).flatten() for pixel in pixels], dim=1)


def scattered(w: Any, in_shape: Any) -> Any:
    (H, W), (kh, kw) = in_shape, w.shape
    rows, columns = H - kh + 1, W - kw + 1
    numbers = torch.arange(H * W, device=w.device).reshape(H, W)
    seen = numbers.unfold(0, kh, 1).unfold(1, kw, 1).reshape(rows * columns, kh * kw)
    A = w.new_zeros(rows * columns, H * W)
    return A.scatter(1, seen, w.flatten().expand(rows * columns, -1))


def of_toeplitz_blocks(w: Any, in_shape: Any) -> Any:
    """Blocks on the diagonals: one for each row of the kernel."""
    (H, W), (kh, kw) = in_shape, w.shape
    rows, columns = H - kh + 1, W - kw + 1
    A = w.new_zeros(rows * columns, H * W)
    for i in range(kh):
        block = w.new_zeros(columns, W)
        for c in range(columns):
            block[c, c : c + kw] = w[i]
        shift = torch.ones(rows, H, dtype=w.dtype, device=w.device)
        A = A + torch.kron(shift.triu(i).tril(i), block)
    return A


def sparse(w: Any, in_shape: Any) -> Any:
    return right(w, in_shape).to_sparse()


bank.right_ones("conv_as_matrix", four_axes=right, row_by_row=row_by_row,
                of_unit_images=of_unit_images, scattered=scattered,
                of_toeplitz_blocks=of_toeplitz_blocks, sparse=sparse)  # fmt: skip


def by(correlate: Any) -> Any:
    return lambda w, shape: of_unit_images(w, shape, correlate)


def running_on(w: Any, in_shape: Any) -> Any:
    first = right(w, in_shape)
    return torch.stack([first[0].roll(place) for place in range(len(first))])


def in_one_line(w: Any, in_shape: Any) -> Any:
    (H, W), (kh, kw) = in_shape, w.shape
    columns = W - kw + 1
    A = torch.zeros_like(right(w, in_shape))
    for place in range(len(A)):
        start = place // columns * W + place % columns
        A[place, (start + torch.arange(kh * kw)) % (H * W)] = w.flatten()
    return A


def full(x: Any, k: Any) -> Any:
    return by_views(in_frame(x, k.shape[0] - 1, k.shape[1] - 1), k)


def on_a_torus(x: Any, k: Any) -> Any:
    down = [wrap(r, x.shape[0]) for r in range(x.shape[0] + k.shape[0] - 1)]
    along = [wrap(c, x.shape[1]) for c in range(x.shape[1] + k.shape[1] - 1)]
    return by_views(x[down][:, along], k)


def corner_only(w: Any, in_shape: Any) -> Any:
    corner = torch.zeros_like(w)
    corner[0, 0] = w[0, 0]
    return right(corner, in_shape)


def numbers_on_the_cpu(w: Any, in_shape: Any) -> Any:
    A = torch.zeros(right(w, in_shape).shape, dtype=w.dtype)
    for place, row in enumerate(right(w, in_shape)):
        for pixel, number in enumerate(row):
            A[place, pixel] = number.item()
    return A


def counted_narrow(w: Any, in_shape: Any) -> Any:
    (H, W), (kh, kw) = in_shape, w.shape
    rows, columns = H - kh + 1, W - kw + 1
    A = w.new_zeros(rows * columns, H * W)
    for place in range(rows * columns):
        for i in range(kh):
            start = (place // columns + i) * columns + place % columns
            A[place, start : start + kw] = w[i]
    return A


bank.wrong_ones(
    "conv_as_matrix",
    ("turned", "true_convolution", "Flips, as in mathematics.",
     lambda w, shape: right(w.flip((0, 1)), shape)),
    ("rows_turned", "kernel_upside_down", "flip(0).", lambda w, shape: right(w.flip(0), shape)),
    ("columns_turned", "kernel_mirrored", "flip(1).", lambda w, shape: right(w.flip(1), shape)),
    ("transposed_kernel", "kernel_transposed", "w.T.", lambda w, shape: right(w.T, shape)),
    ("transposed", "matrix_transposed", "A column for each output.",
     lambda w, shape: right(w, shape).T),
    ("outputs_by_column", "outputs_by_column", "The loop over columns outside.",
     by(lambda x, k: by_views(x, k).T)),
    ("pixels_by_column", "pixels_by_column", "Pixel (r, c) is number c H + r.",
     lambda w, shape: right(w, shape).unflatten(1, shape).mT.flatten(1)),
    ("width_first", "shape_exchanged", "W, H = in_shape.",
     lambda w, shape: right(w, shape[::-1])),
    ("running_on", "running_on", "Each row the one above, moved on by one.", running_on),
    ("in_one_line", "kernel_in_one_line", "Lays w.flatten() into the row.", in_one_line),
    ("one_row", "one_row_repeated", "Forgets to move on.",
     lambda w, shape: right(w, shape)[:1].repeat(len(right(w, shape)), 1)),
    ("pattern", "weights_ignored", "Ones where weights belong.",
     lambda w, shape: right(torch.ones_like(w), shape)),
    ("averaged", "window_averaged", "Divides by the kernel's size.",
     lambda w, shape: right(w, shape) / w.numel()),
    ("no_plus_one", "last_window_missing", "range(H - kh).",
     by(lambda x, k: by_views(x, k)[:-1, :-1])),
    ("full", "padded_to_full", "Windows that hang over.", by(full)),
    ("torus", "wrapped_round", "Rows rolled round.", by(on_a_torus)),
    ("blocks", "windows_do_not_overlap", "Steps by the kernel's size.", by(in_blocks)),
    ("corner", "one_pixel_a_window", "Sets one entry a row.", corner_only),
    ("same_size", "wrong_shape", "H W by H W.", by(same_size)),
    ("four_axes", "wrong_shape", "Forgets to flatten.",
     lambda w, shape: right(w, shape).unflatten(1, shape)),
    ("squared", "different", "Something else.", lambda w, shape: right(w, shape).square()),
    ("rows_as_lists", "wrong_type", "A list of rows.", lambda w, shape: list(right(w, shape))),
    ("single_precision", "wrong_dtype", "torch.zeros is float32.",
     lambda w, shape: right(w.float(), shape)),
    ("made_on_the_cpu", "wrong_device", "torch.zeros without a device.",
     lambda w, shape: torch.zeros(right(w, shape).shape, dtype=w.dtype).copy_(right(w, shape))),
    ("numbers_on_the_cpu", "wrong_device", "torch.zeros, filled with item().", numbers_on_the_cpu),
    ("columns_of_the_output", "rows_as_long_as_the_outputs", "(r + i) * W_out + c + j.",
     counted_narrow),
    ("changes_w", "input_changed", "Empties w.",
     lambda w, shape: (right(w, shape), w.zero_())[0]),
    ("stub", "not_started", "Nothing yet.", stub),
    ("forgot_to_return", "nothing_returned", "No return.", nothing),
)  # fmt: skip
