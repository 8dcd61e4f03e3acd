"""What the exercises of unit 3 share: the guards, and how their inputs are drawn.

`GUARD` closes PyTorch's convolutions, poolings, norms and paddings by every road; sliding views
(`Tensor.unfold`, `as_strided`), matrix products and indexing stay open. `GUARD_PADDING` sees
PyTorch's padding operator as well. The way back has a guard of its own, in `_conv_backward`.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from autograder.checking.exercise import Sizes
from autograder.checking.guard import Guard

Pair = tuple[int, int]

#: Operators by the name the tracer sees, where one name stands for 1, 2 and 3 dimensions.
_OF_ANY_DIMENSION = (
    "adaptive_avg_pool{}d",
    "_adaptive_avg_pool{}d",
    "adaptive_max_pool{}d",
    "avg_pool{}d",
    "conv{}d",
    "conv_depthwise{}d",
    "_conv_depthwise{}d",
    "conv_transpose{}d",
    "fractional_max_pool{}d",
    "fractional_max_pool{}d_with_indices",
    "lp_pool{}d",
    "max_pool{}d",
    "max_pool{}d_with_indices",
    "max_unpool{}d",
    "mkldnn_adaptive_avg_pool{}d",
    "mkldnn_max_pool{}d",
    "quantized_max_pool{}d",
    "reflection_pad{}d",
    "replication_pad{}d",
    "slow_conv{}d",
    "slow_conv{}d_forward",
    "_slow_conv{}d",
    "_slow_conv{}d_forward",
    "slow_conv_dilated{}d",
    "slow_conv_transpose{}d",
    "thnn_conv{}d",
)
_CONVOLUTIONS = (
    "convolution",
    "_convolution",
    "_convolution_mode",
    "convolution_overrideable",
    "convolution_backward",
    "convolution_backward_overrideable",
    "_convolution_double_backward",
    "_convolution_pointwise",
    "_convolution_transpose_pointwise",
    "conv2d_prepack",
    "conv2d_run",
    "conv_tbc",
    "conv_tbc_backward",
    "cudnn_convolution",
    "cudnn_convolution_relu",
    "cudnn_convolution_add_relu",
    "cudnn_convolution_transpose",
    "miopen_convolution",
    "miopen_convolution_relu",
    "miopen_convolution_add_relu",
    "miopen_convolution_transpose",
    "miopen_depthwise_convolution",
    "mkldnn_convolution",
    "_nnpack_spatial_convolution",
    "_mps_convolution",
    "_mps_convolution_transpose",
    "mps_convolution_backward",
    "mps_convolution_transpose_backward",
    "im2col",
    "col2im",
)
_PADDING = ("pad", "_pad_enum", "_pad_circular")
_NORMS = (
    "batch_norm",
    "_batch_norm_impl_index",
    "_batch_norm_no_update",
    "_batch_norm_with_update",
    "_batch_norm_with_update_functional",
    "batch_norm_elemt",
    "batch_norm_gather_stats",
    "batch_norm_gather_stats_with_counts",
    "batch_norm_reduce",
    "batch_norm_stats",
    "batch_norm_update_stats",
    "batch_norm_backward_elemt",
    "batch_norm_backward_reduce",
    "cudnn_batch_norm",
    "instance_norm",
    "miopen_batch_norm",
    "native_batch_norm",
    "_native_batch_norm_legit",
    "_native_batch_norm_legit_functional",
    "_native_batch_norm_legit_no_training",
    "quantized_batch_norm",
)
_LAYERS = (
    *(name.format(n) for name in _OF_ANY_DIMENSION for n in (1, 2, 3)),
    *_CONVOLUTIONS,
    *_NORMS,
)
OPERATORS = frozenset({*_LAYERS, *(f"{name}_backward" for name in _LAYERS), *_PADDING})
_PUBLIC = sorted(name for name in OPERATORS if hasattr(torch, name))

GUARD = Guard(
    names=(
        # No operator of GUARD: torch.fft calls it, and a Fourier transform is a right road.
        "torch.constant_pad_nd",
        "torch.ops.aten.constant_pad_nd",
        *(f"torch.{name}" for name in _PUBLIC),
        *(f"torch.ops.aten.{name}" for name in sorted(OPERATORS)),
        "numpy.convolve",
        "numpy.correlate",
    ),
    modules=(
        "torch.nn",
        "torch.ao",
        "torch._C._nn",
        "torch._VF",
        "torch._decomp",
        "torch._refs",
        "torchvision",
        "scipy",
        "skimage",
        "cv2",
    ),
    operators=OPERATORS,
    says="PyTorch's own convolution, pooling, padding and normalisation may not be called here "
    "(nothing of torch.nn): they are what you write.",
)

#: For what is itself a border of zeros.
GUARD_PADDING = replace(GUARD, operators=OPERATORS | {"constant_pad_nd"})


def draw_normal(generator: torch.Generator, *shape: int) -> Tensor:
    """Standard normal float64 numbers of this shape."""
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def as_pair(value: int | Pair) -> Pair:
    """(rows, columns) of what may be given as one number for both."""
    return (value, value) if isinstance(value, int) else value


def int_or_pair(sizes: Sizes, rows: str, columns: str) -> int | Pair:
    """What a case's sizes say under these two names, as an int or as a pair (rows, columns).

    Unequal ones are a pair. Equal ones are an int, except where the image is higher than wide.
    """
    if sizes[rows] == sizes[columns] and sizes["H"] <= sizes["W"]:
        return sizes[rows]
    return sizes[rows], sizes[columns]
