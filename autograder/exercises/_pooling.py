"""What the pooling and batch-norm exercises share: guards, cases, PyTorch's pools, perturbed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import CaseSpec, Sizes
from autograder.checking.guard import Guard
from autograder.checking.values import Inputs

Pair = tuple[int, int]
Window = int | Pair
Pool = Callable[[Tensor, Window, Window, Window], Tensor]
Back = Callable[[Tensor, Tensor, Window, Window, Window], Tensor]

IMAGE_AXES = ("image", "channel", "row", "column")

# --- what may not be called -----------------------------------------------------------------------

_POOLS = """
    max_pool1d max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d
    max_pool3d_with_indices adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d
    fractional_max_pool2d fractional_max_pool3d max_unpool1d max_unpool2d max_unpool3d
    avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d
    _adaptive_avg_pool2d _adaptive_avg_pool3d lp_pool1d lp_pool2d lp_pool3d
    max_pool2d_backward max_pool2d_with_indices_backward avg_pool2d_backward
    max_pool3d_with_indices_backward avg_pool3d_backward _adaptive_avg_pool2d_backward
    _adaptive_avg_pool3d_backward adaptive_max_pool2d_backward adaptive_max_pool3d_backward
    mkldnn_max_pool2d mkldnn_max_pool2d_backward mkldnn_max_pool3d mkldnn_max_pool3d_backward
    mkldnn_adaptive_avg_pool2d mkldnn_adaptive_avg_pool2d_backward quantized_max_pool1d
    quantized_max_pool2d quantized_max_pool3d interpolate upsample upsample_bilinear2d
    upsample_linear1d upsample_trilinear3d _upsample_bilinear2d_aa
"""
_CONVOLUTIONS = """
    conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d convolution
    _convolution _convolution_mode convolution_overrideable convolution_backward
    convolution_backward_overrideable mkldnn_convolution cudnn_convolution
    cudnn_convolution_transpose miopen_convolution miopen_depthwise_convolution
    _slow_conv2d_forward _slow_conv2d_backward thnn_conv2d slow_conv_dilated2d
    slow_conv_transpose2d slow_conv3d slow_conv3d_forward _conv_depthwise2d conv_depthwise3d
    conv_tbc _nnpack_spatial_convolution im2col col2im fold
    pad _pad_enum _pad_circular reflection_pad2d replication_pad2d
"""
_NORMS = """
    batch_norm native_batch_norm native_batch_norm_backward _native_batch_norm_legit
    _native_batch_norm_legit_no_training _native_batch_norm_legit_functional
    _batch_norm_impl_index _batch_norm_impl_index_backward _batch_norm_with_update
    _batch_norm_with_update_functional _batch_norm_no_update batch_norm_backward batch_norm_stats
    batch_norm_elemt batch_norm_gather_stats batch_norm_gather_stats_with_counts
    batch_norm_update_stats quantized_batch_norm cudnn_batch_norm miopen_batch_norm instance_norm
    group_norm native_group_norm layer_norm native_layer_norm rms_norm _fused_rms_norm
"""
_AUTOGRAD = "requires_grad_ backward grad _make_dual _unpack_dual"
_TRANSFORMS = "vjp jvp grad grad_and_value jacrev jacfwd hessian linearize"
_OPERATORS = frozenset((_POOLS + _CONVOLUTIONS + _NORMS).split())
_MODULES = (
    "torch.nn", "torch._C._nn", "torch.ao", "torch._decomp", "torch._refs", "torch._inductor",
    "torchvision", "scipy", "skimage", "sklearn", "cv2",
)  # fmt: skip
_FUNCTIONS = """
    max_pool1d max_pool1d_with_indices max_pool2d max_pool3d adaptive_max_pool1d avg_pool1d
    adaptive_avg_pool1d mkldnn_max_pool2d conv1d conv2d conv3d convolution batch_norm
    native_batch_norm instance_norm group_norm layer_norm native_layer_norm rms_norm constant_pad_nd
"""
#: `constant_pad_nd` by its name only: torch.fft calls it, and a Fourier transform is a right road.
_NAMES = (*(f"torch.{name}" for name in _FUNCTIONS.split()), "torch.ops.aten.constant_pad_nd")
_SAYS = (
    "PyTorch's own pooling, convolution, padding and normalisation may not be called here, nor "
    "anything else of torch.nn: they are what you write."
)
GUARD = Guard(names=_NAMES, modules=_MODULES, operators=_OPERATORS, says=_SAYS)
#: Not all of `torch.autograd` and `torch.func`: `torch.no_grad` and `torch.vmap` lie there, too.
BACKWARD_GUARD = Guard(
    names=(
        *_NAMES,
        "torch.autograd.grad",
        "torch.autograd.backward",
        "torch.autograd.Function",
        "torch.Tensor.backward",
        "torch.Tensor.requires_grad_",
        *(f"torch.func.{name}" for name in _TRANSFORMS.split()),
    ),
    modules=(
        *_MODULES,
        "torch.autograd.functional",
        "torch.autograd.forward_ad",
    ),
    operators=_OPERATORS | frozenset(_AUTOGRAD.split()),
    says="A backward pass is written by hand here: no autograd, torch.func or torch.nn, and none "
    "of PyTorch's own pooling.",
)

# --- what is drawn --------------------------------------------------------------------------------


def draw_normal(g: torch.Generator, *shape: int) -> Tensor:
    """Standard normal float64 numbers of this shape."""
    return torch.randn(*shape, dtype=torch.float64, generator=g)


def _window(sizes: Sizes, whole: str, rows: str, columns: str) -> Window:
    """An int where the sizes hold one for both axes, else a pair (rows, columns)."""
    return sizes[whole] if whole in sizes else (sizes[rows], sizes[columns])


#: Below what someone may take for minus infinity, such as -1e9.
FAR = 1e20


def draw_image(sizes: Sizes, g: torch.Generator) -> Tensor:
    """An image (N, C, H, W): all negative, of small whole numbers (many ties), or neither."""
    shape = tuple(sizes[letter] for letter in "NCHW")
    if "ties" in sizes:
        x = torch.randint(-1, 2, shape, generator=g).double()
        x[0, 0, 0, 0] = 1.0  # not all zeros, however few there are
        return x
    x = draw_normal(g, *shape)
    x = -0.5 - x.abs() if "negative" in sizes else x
    return x * FAR if "far" in sizes else x


def draw_pool(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """x, kernel, stride, padding of one forward case."""
    return {
        "x": draw_image(sizes, g),
        "kernel": _window(sizes, "kernel", "kh", "kw"),
        "stride": _window(sizes, "stride", "sh", "sw"),
        "padding": _window(sizes, "padding", "ph", "pw"),
    }


def draw_pool_back(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """dy, x, kernel, stride, padding of one backward case."""
    given = draw_pool(sizes, scale, g)
    y = functional.avg_pool2d(*given.values())
    return {"dy": draw_normal(g, *y.shape), **given}


def _spec(kind: torch.dtype = torch.float64, **sizes: int) -> CaseSpec:
    return CaseSpec(sizes, kind)


#: Overlap and padding on one axis only; a left-over row; ints; nothing but negative numbers, far
#: below zero, beside padding; ties; gaps between windows; one pixel; a stride that leaves out most
#: of a 1x1 kernel's.
POOL_CASES = (
    _spec(N=2, C=3, H=5, W=6, kh=3, kw=2, sh=2, sw=1, ph=1, pw=0),
    _spec(N=3, C=2, H=5, W=7, kernel=2, stride=2, padding=0),
    _spec(N=1, C=2, H=7, W=6, kernel=3, stride=2, padding=1, negative=1, far=1),
    _spec(N=2, C=2, H=4, W=5, kh=2, kw=3, sh=1, sw=2, ph=1, pw=1, ties=1),
    _spec(torch.float32, N=2, C=3, H=8, W=7, kh=1, kw=4, sh=5, sw=6, ph=0, pw=1),
    _spec(torch.float32, N=2, C=1, H=6, W=4, kernel=3, sh=1, sw=2, padding=1, ties=1),
    _spec(N=1, C=1, H=3, W=4, kernel=1, stride=1, padding=0),
    _spec(torch.float32, N=2, C=3, H=4, W=7, kernel=1, sh=2, sw=3, padding=0, negative=1),
)

# --- PyTorch's own answers ------------------------------------------------------------------------


def max_pool(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
    """`torch.nn.functional.max_pool2d`."""
    return functional.max_pool2d(x, kernel, stride, padding)


def avg_pool(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
    """`torch.nn.functional.avg_pool2d`, which counts the padding."""
    return functional.avg_pool2d(x, kernel, stride, padding)


def backward(pool: Pool) -> Back:
    """Autograd's dx for a pool.

    Where several numbers of a window are the largest, PyTorch's `max_pool2d` on the CPU sends the
    gradient to the first of them, row by row: its search keeps a number until a larger one comes
    (seen on 400 tied inputs of all strides and paddings, float32 and float64).
    """

    def answer(dy: Tensor, x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        leaf = x.detach().clone().requires_grad_()
        return torch.autograd.grad(pool(leaf, kernel, stride, padding), leaf, dy)[0]

    return answer


max_pool_backward = backward(max_pool)
avg_pool_backward = backward(avg_pool)

# --- and perturbed --------------------------------------------------------------------------------


def pair(window: Window) -> Pair:
    """(rows, columns) of an int or a pair."""
    return window if isinstance(window, tuple) else (window, window)


@dataclass(frozen=True)
class Slip:
    """What someone does otherwise on the way to the windows; at their defaults: nothing."""

    kernel: Callable[[Pair], Pair] = lambda k: k
    stride: Callable[[Pair, Pair], Pair] = lambda s, k: s
    #: (rows above, rows below, columns left, columns right) from (rows, columns).
    padding: Callable[[Pair], tuple[int, int, int, int]] = lambda p: (p[0], p[0], p[1], p[1])
    fill: float = 0.0
    mode: str = "constant"
    ceil: bool = False


def slipping(slip: Slip, reduce: str) -> Pool:
    """PyTorch's `max` or `avg` pool on an image padded by hand, of someone who makes this slip."""

    def answer(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        k, s = slip.kernel(pair(kernel)), slip.stride(pair(stride), pair(kernel))
        above, below, left, right = slip.padding(pair(padding))
        value = slip.fill if slip.mode == "constant" else None
        wide = functional.pad(x, (left, right, above, below), slip.mode, value)
        pool: Any = functional.max_pool2d if reduce == "max" else functional.avg_pool2d
        found: Tensor = pool(wide, k, s, ceil_mode=slip.ceil)
        return found

    return answer


def unfolded(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
    """All windows (N, C, rows, columns, kh, kw) of an image padded with -inf."""
    (kh, kw), (sh, sw), (ph, pw) = map(pair, (kernel, stride, padding))
    wide = functional.pad(x, (pw, pw, ph, ph), value=-torch.inf)
    return wide.unfold(2, kh, sh).unfold(3, kw, sw)


def shared_by(weights: Callable[[Tensor], Tensor]) -> Pool:
    """A pool whose window's answer is the sum of its numbers times `weights` of its numbers.

    The weights are constants to autograd, so they say where the gradient goes.
    """

    def answer(x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        found = unfolded(x, kernel, stride, padding)
        shares = weights(found.detach())
        return torch.where(shares != 0, found * shares, 0.0).sum((-2, -1))

    return answer


def overwritten(oracle: Back, cover: Back, *, last: bool) -> Back:
    """Autograd's dx of one window after the other, each written over what was there.

    `cover` tells by its non-zero gradients which places a window writes to; `last` is False for
    those who walk so that the first window is the last to write.
    """

    def answer(dy: Tensor, x: Tensor, kernel: Window, stride: Window, padding: Window) -> Tensor:
        dx, where = torch.zeros_like(x), (kernel, stride, padding)
        cells = [(i, j) for i in range(dy.shape[2]) for j in range(dy.shape[3])]
        for i, j in cells if last else cells[::-1]:
            alone = torch.zeros_like(dy)
            alone[:, :, i, j] = 1.0
            touched = cover(alone, x, *where) != 0
            dx = torch.where(touched, oracle(alone * dy, x, *where), dx)
        return dx

    return answer
