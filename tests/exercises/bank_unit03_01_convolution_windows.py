"""Answers to out_size, pad2d and corr2d."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from tests.exercises.answer_bank import Bank

bank = Bank()


def pair(value: Any) -> Any:
    return (value, value) if isinstance(value, int) else tuple(value)


def stub(*_: Any) -> Any:
    raise NotImplementedError("write this")


def nothing(*_: Any) -> Any:
    return None


# --- out_size -------------------------------------------------------------------------------------


def counted(n: int, k: int, stride: int, padding: int, dilation: int) -> int:
    places, start = 0, -padding
    while start + dilation * (k - 1) <= n - 1 + padding:
        places, start = places + 1, start + stride
    return places


bank.right_ones(
    "out_size",
    formula=lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s + 1,
    counted=counted,
    ceiling_of_the_places=lambda n, k, s, p, d: math.ceil((n + 2 * p - d * (k - 1)) / s),
    floor_of_the_quotient=lambda n, k, s, p, d: int((n + 2 * p - d * k + d - 1) / s + 1),
    length_of_a_range=lambda n, k, s, p, d: len(range(0, n + 2 * p - d * (k - 1), s)),
    number_of_numpy=lambda n, k, s, p, d: np.int64((n + 2 * p - d * (k - 1) - 1) // s + 1),
    zero_axis_tensor=lambda n, k, s, p, d: (torch.tensor(n) + 2 * p - d * (k - 1) - 1) // s + 1,
)
bank.wrong_ones(
    "out_size",
    ("no_plus_one", "one_missing", "Counts steps.",
     lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s),
    ("kernel_one_short", "one_not_subtracted", "Takes off d (k - 1), not d (k - 1) + 1.",
     lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) // s + 1),
    ("both_ends", "one_too_many", "Counts one more.",
     lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s + 2),
    ("ceiling", "rounded_up", "Keeps a window that hangs over.",
     lambda n, k, s, p, d: math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1),
    ("rounding", "rounded_to_nearest", "`round`.",
     lambda n, k, s, p, d: round((n + 2 * p - d * (k - 1) - 1) / s) + 1),
    ("true_division", "not_rounded", "A slash for two.",
     lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1),
    ("floor_as_float", "float_for_int", "Rounds down, and keeps a float.",
     lambda n, k, s, p, d: (n + 2.0 * p - d * (k - 1) - 1) // s + 1),
    ("numpy_floor", "float_for_int", "NumPy's floor makes NumPy's float.",
     lambda n, k, s, p, d: np.floor((n + 2 * p - d * (k - 1) - 1) / s) + 1),
    ("one_p", "padding_once", "Adds the padding once.",
     lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) // s + 1),
    ("no_p", "padding_ignored", "Leaves the padding out.",
     lambda n, k, s, p, d: (n - d * (k - 1) - 1) // s + 1),
    ("minus_p", "padding_subtracted", "A sign.",
     lambda n, k, s, p, d: (n - 2 * p - d * (k - 1) - 1) // s + 1),
    ("no_s", "stride_ignored", "Leaves the stride out.",
     lambda n, k, s, p, d: n + 2 * p - d * (k - 1)),
    ("no_d", "dilation_ignored", "The formula of a plain kernel.",
     lambda n, k, s, p, d: (n + 2 * p - k) // s + 1),
    ("d_times_k", "dilation_off_by_one", "A kernel of d k pixels.",
     lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1),
    ("gaps", "dilation_counted_as_gaps", "d pixels between the weights.",
     lambda n, k, s, p, d: (n + 2 * p - k - d * (k - 1)) // s + 1),
    ("no_k", "kernel_not_subtracted", "Windows hang over the end.",
     lambda n, k, s, p, d: (n + 2 * p - 1) // s + 1),
    ("one_inside", "one_added_before_dividing", "A bracket too late.",
     lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) // s),
    ("exchanged", "stride_and_dilation_exchanged", "Two letters exchanged.",
     lambda n, k, s, p, d: (n + 2 * p - s * (k - 1) - 1) // d + 1),
    ("of_the_transposed", "transposed_convolution", "Found in the wrong row of the documentation.",
     lambda n, k, s, p, d: (n - 1) * s - 2 * p + d * (k - 1) + 1),
    ("divided_first", "divided_before_subtracting", "No brackets.",
     lambda n, k, s, p, d: (n + 2 * p) // s - d * (k - 1)),
    ("guessed", "different", "Halves it.", lambda n, k, s, p, d: n // 2),
    ("a_pair", "wrong_type", "Two axes for one.",
     lambda n, k, s, p, d: 2 * ((n + 2 * p - d * (k - 1) - 1) // s + 1,)),
    ("stub", "not_started", "Nothing yet.", stub),
    ("forgot_to_return", "nothing_returned", "No return.", nothing),
)  # fmt: skip

# --- pad2d ----------------------------------------------------------------------------------------


def padded(x: Any, padding: Any) -> Any:
    rows, columns = pair(padding)
    N, C, H, W = x.shape
    y = x.new_zeros(N, C, H + 2 * rows, W + 2 * columns)
    y[:, :, rows : rows + H, columns : columns + W] = x
    return y


def joined(x: Any, padding: Any) -> Any:
    rows, columns = pair(padding)
    N, C, H, W = x.shape
    side = x.new_zeros(N, C, H, columns)
    wide = torch.cat([side, x, side], 3)
    above = x.new_zeros(N, C, rows, W + 2 * columns)
    return torch.cat([above, wide, above], dim=2)


def by_matrices(x: Any, padding: Any) -> Any:
    rows, columns = pair(padding)
    H, W = x.shape[2:]
    down = torch.zeros(H + 2 * rows, H, dtype=x.dtype, device=x.device)
    right = torch.zeros(W, W + 2 * columns, dtype=x.dtype, device=x.device)
    down[range(rows, rows + H), range(H)] = 1
    right[range(W), range(columns, columns + W)] = 1
    return down @ x @ right


def pixel_by_pixel(x: Any, padding: Any) -> Any:
    rows, columns = pair(padding)
    y = torch.zeros_like(padded(x, padding))
    for r in range(x.shape[2]):
        for c in range(x.shape[3]):
            y[:, :, r + rows, c + columns] = x[:, :, r, c]
    return y


def not_contiguous(x: Any, padding: Any) -> Any:
    rows, columns = pair(padding)
    return padded(x.mT, (columns, rows)).mT


bank.right_ones("pad2d", zeros=padded, joined=joined, by_matrices=by_matrices,
                pixel_by_pixel=pixel_by_pixel, not_contiguous=not_contiguous)  # fmt: skip


def framed(x: Any, top: int, bottom: int, left: int, right: int, fill: float = 0.0) -> Any:
    N, C, H, W = x.shape
    y = x.new_full((N, C, H + top + bottom, W + left + right), fill)
    y[:, :, top : top + H, left : left + W] = x
    return y


def repeated(x: Any, rows: Any, columns: Any) -> Any:
    """The picture with these rows and columns of it, in this order."""
    return x[:, :, rows][:, :, :, columns]


def around(size: int, p: int, place: Any) -> list[int]:
    return [place(i, size) for i in range(-p, size + p)]


def edge(i: int, size: int) -> int:
    return min(max(i, 0), size - 1)


def mirror(i: int, size: int) -> int:
    if not -size < i < 2 * size - 1:
        raise ValueError("too much to mirror")
    return size - 1 - abs(size - 1 - abs(i))


def wrap(i: int, size: int) -> int:
    if not -size <= i < 2 * size:
        raise ValueError("too far to wrap")
    return i % size


def bordered(place: Any) -> Any:
    def answer(x: Any, padding: Any) -> Any:
        (rows, columns), (H, W) = pair(padding), x.shape[2:]
        return repeated(x, around(H, rows, place), around(W, columns, place))

    return answer


def negative_slice(x: Any, padding: Any) -> Any:
    rows, columns = pair(padding)
    y = torch.zeros_like(padded(x, padding))
    y[:, :, rows:-rows, columns:-columns] = x
    return y


def changed(x: Any, padding: Any) -> Any:
    y = padded(x, padding)
    x.zero_()
    return y


bank.wrong_ones(
    "pad2d",
    ("top_left", "padding_before_only", "Adds rows above and columns to the left.",
     lambda x, p: framed(x, pair(p)[0], 0, pair(p)[1], 0)),
    ("bottom_right", "padding_after_only", "Adds them at the end.",
     lambda x, p: framed(x, 0, pair(p)[0], 0, pair(p)[1])),
    ("not_moved", "image_in_the_first_corner", "Lays x at (0, 0).",
     lambda x, p: framed(x, 0, 2 * pair(p)[0], 0, 2 * pair(p)[1])),
    ("moved_too_far", "image_in_the_last_corner", "Lays x at the far end.",
     lambda x, p: framed(x, 2 * pair(p)[0], 0, 2 * pair(p)[1], 0)),
    ("doubled", "padding_doubled", "2 p on each side.",
     lambda x, p: padded(x, (2 * pair(p)[0], 2 * pair(p)[1]))),
    ("width_first", "padding_exchanged", "Reads it as (columns, rows), as F.pad does.",
     lambda x, p: padded(x, pair(p)[::-1])),
    ("first_for_both", "padding_of_rows_for_both", "Uses padding[0] twice.",
     lambda x, p: padded(x, pair(p)[0])),
    ("second_for_both", "padding_of_columns_for_both", "Uses padding[1] twice.",
     lambda x, p: padded(x, pair(p)[1])),
    ("rows_only", "padding_of_rows_only", "Forgets the columns.",
     lambda x, p: padded(x, (pair(p)[0], 0))),
    ("columns_only", "padding_of_columns_only", "Forgets the rows.",
     lambda x, p: padded(x, (0, pair(p)[1]))),
    ("before_and_after", "pair_read_as_before_and_after", "A pair for one axis.",
     lambda x, p: framed(x, *pair(p), *pair(p))),
    ("edges", "padding_of_edges", "Repeats the edge.", bordered(edge)),
    ("mirrored", "padding_reflected", "Mirrors at the edge.", bordered(mirror)),
    ("wrapped", "padding_wrapped", "As on a torus.", bordered(wrap)),
    ("ones", "padding_of_ones", "new_ones for new_zeros.",
     lambda x, p: framed(x, *2 * (pair(p)[0],), *2 * (pair(p)[1],), fill=1.0)),
    ("mean", "different", "A border of the mean brightness.",
     lambda x, p: padded(x - x.mean(), p) + x.mean()),
    ("channels_too", "channels_padded", "Pads three axes.",
     lambda x, p: torch.cat([padded(x, p)[:, :1] * 0] * pair(p)[0] + [padded(x, p)]
                            + [padded(x, p)[:, :1] * 0] * pair(p)[0], 1)),
    ("front_axes", "axes_in_front_padded", "Pads axes 0 and 1.",
     lambda x, p: padded(x.permute(2, 3, 0, 1), p).permute(2, 3, 0, 1)),
    ("untouched", "nothing_added", "Gives x back.", lambda x, p: x),
    ("empty_frame", "picture_missing", "Forgets to copy x.", lambda x, p: padded(x, p) * 0),
    ("negative_slice", "elementwise_sizes_differ", "Counts from the end: -0 is 0.",
     negative_slice),
    ("pairs_only", "int_or_pair", "padding[0], always.",
     lambda x, p: padded(x, (p[0], p[1]))),
    ("numbers_only", "int_or_pair", "Takes it for an int.",
     lambda x, p: padded(x, p)[:, :, : x.shape[2] + p + p]),
    ("single_precision", "wrong_dtype", "torch.zeros is float32.",
     lambda x, p: torch.zeros(padded(x, p).shape).add(padded(x.float(), p))),
    ("changed", "input_changed", "Empties x.", changed),
    ("on_the_cpu", "wrong_device", "A border made on the CPU.",
     lambda x, p: torch.cat([torch.zeros(padded(x, p)[:, :, : pair(p)[0]].shape, dtype=x.dtype),
                             padded(x, (0, pair(p)[1])),
                             torch.zeros(padded(x, p)[:, :, : pair(p)[0]].shape, dtype=x.dtype)],
                            2)),
    ("stub", "not_started", "Nothing yet.", stub),
    ("forgot_to_return", "nothing_returned", "No return.", nothing),
)  # fmt: skip

# --- corr2d ---------------------------------------------------------------------------------------


def by_places(x: Any, k: Any) -> Any:
    rows, columns = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    y = x.new_empty(rows, columns)
    for r in range(rows):
        for c in range(columns):
            y[r, c] = (x[r : r + k.shape[0], c : c + k.shape[1]] * k).sum()
    return y


def by_weights(x: Any, k: Any) -> Any:
    rows, columns = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    return sum(
        k[i, j] * x[i : i + rows, j : j + columns]
        for i in range(k.shape[0])
        for j in range(k.shape[1])
    )


def by_views(x: Any, k: Any) -> Any:
    return torch.einsum("rcij,ij->rc", x.unfold(0, k.shape[0], 1).unfold(1, k.shape[1], 1), k)


def by_strides(x: Any, k: Any) -> Any:
    x = x.contiguous()
    rows, columns = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    windows = x.as_strided((rows, columns, *k.shape), x.stride() + x.stride())
    return torch.tensordot(windows, k, dims=2)


def scalar_by_scalar(x: Any, k: Any) -> Any:
    rows = range(x.shape[0] - k.shape[0] + 1)
    columns = range(x.shape[1] - k.shape[1] + 1)
    return torch.stack(
        [
            torch.stack(
                [torch.dot(x[r:, c:][: len(k), : k.shape[1]].flatten(), k.flatten())
                 for c in columns]
            )
            for r in rows
        ]
    )  # fmt: skip


def by_fourier(x: Any, k: Any) -> Any:
    """The correlation theorem; double precision in between."""
    product = torch.fft.rfft2(x.double()) * torch.fft.rfft2(k.double(), s=x.shape).conj()
    whole = torch.fft.irfft2(product, s=x.shape)
    return whole[: x.shape[0] - k.shape[0] + 1, : x.shape[1] - k.shape[1] + 1].to(x.dtype)


bank.right_ones("corr2d", by_places=by_places, by_weights=by_weights, by_views=by_views,
                by_strides=by_strides, scalar_by_scalar=scalar_by_scalar,
                by_fourier=by_fourier)  # fmt: skip


def in_frame(x: Any, rows: int, columns: int, far: int = 1) -> Any:
    return framed(x[None, None], rows, rows * far, columns, columns * far)[0, 0]


def same_size(x: Any, k: Any) -> Any:
    rows, columns = k.shape[0] - 1, k.shape[1] - 1
    top, left = rows // 2, columns // 2
    return by_views(framed(x[None, None], top, rows - top, left, columns - left)[0, 0], k)


def windows_cut_short(x: Any, k: Any) -> Any:
    y = torch.zeros_like(x)
    for r in range(x.shape[0]):
        for c in range(x.shape[1]):
            y[r, c] = (x[r : r + k.shape[0], c : c + k.shape[1]] * k).sum()
    return y


def maximum(x: Any, k: Any) -> Any:
    return (x.unfold(0, k.shape[0], 1).unfold(1, k.shape[1], 1) * k).amax((2, 3))


def squared_differences(x: Any, k: Any) -> Any:
    return (x.unfold(0, k.shape[0], 1).unfold(1, k.shape[1], 1) - k).square().sum((2, 3))


def in_blocks(x: Any, k: Any) -> Any:
    kh, kw = k.shape
    return torch.einsum("rcij,ij->rc", x.unfold(0, kh, kh).unfold(1, kw, kw), k)


bank.wrong_ones(
    "corr2d",
    ("turned", "true_convolution", "A convolution as in mathematics.",
     lambda x, k: by_views(x, k.flip((0, 1)))),
    ("turned_by_negative_steps", "true_convolution", "The index runs backwards.",
     lambda x, k: by_views(x.flip((0, 1)), k).flip((0, 1))),
    ("rows_turned", "kernel_upside_down", "Flips one axis.", lambda x, k: by_views(x, k.flip(0))),
    ("columns_turned", "kernel_mirrored", "Flips the other.",
     lambda x, k: by_views(x, k.flip(1))),
    ("transposed", "kernel_transposed", "k.T for k.", lambda x, k: by_views(x, k.T)),
    ("no_plus_one", "last_window_missing", "range(H - kh).",
     lambda x, k: by_places(x, k)[:-1, :-1]),
    ("no_plus_one_in_rows", "last_row_missing", "A + 1 forgotten once.",
     lambda x, k: by_places(x, k)[:-1]),
    ("no_plus_one_in_columns", "last_column_missing", "A + 1 forgotten once.",
     lambda x, k: by_places(x, k)[:, :-1]),
    ("same", "padded_to_same", "Pads to keep the size.", same_size),
    ("full", "padded_to_full", "Pads by the kernel's size less one.",
     lambda x, k: by_views(in_frame(x, k.shape[0] - 1, k.shape[1] - 1), k)),
    ("averaged", "window_averaged", "mean for sum.", lambda x, k: by_views(x, k) / k.numel()),
    ("summed_windows", "weights_ignored", "Forgets the kernel.",
     lambda x, k: by_views(x, torch.ones_like(k))),
    ("normalised", "weights_sum_to_one", "As image editors do.",
     lambda x, k: by_views(x, k) / k.sum()),
    ("pooled", "largest_product", "max for sum.", maximum),
    ("image_turned", "image_transposed", "x.T for x.", lambda x, k: by_views(x.T, k)),
    ("result_turned", "result_transposed", "Appends columns as rows.",
     lambda x, k: by_views(x, k).T),
    ("blocks", "windows_do_not_overlap", "Steps by the kernel's size.", in_blocks),
    ("minus", "sign_reversed", "A sign.", lambda x, k: -by_views(x, k)),
    ("magnitude", "absolute_value", "Brightness cannot be negative, it was thought.",
     lambda x, k: by_views(x, k).abs()),
    ("centred", "kernel_centred_on_zero", "Takes the kernel's mean off.",
     lambda x, k: by_views(x, k - k.mean())),
    ("distance", "difference_for_product", "Template matching.", squared_differences),
    ("listed_numbers", "wrong_device", "float() of each sum.",
     lambda x, k: torch.tensor([[float(one) for one in row] for row in by_views(x, k)],
                               dtype=x.dtype)),
    ("hanging_over", "elementwise_sizes_differ", "A place at every pixel.", windows_cut_short),
    ("rectified", "different", "A ReLU.", lambda x, k: by_views(x, k).relu()),
    ("flat", "wrong_shape", "Forgets to fold the places.", lambda x, k: by_views(x, k).flatten()),
    ("lists", "wrong_type", "Lists of numbers.", lambda x, k: [list(r) for r in by_views(x, k)]),
    ("single_precision", "wrong_dtype", "float32 whatever comes.",
     lambda x, k: by_views(x, k).float()),
    ("stub", "not_started", "Nothing yet.", stub),
    ("forgot_to_return", "nothing_returned", "No return.", nothing),
)  # fmt: skip
