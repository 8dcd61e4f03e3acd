"""Answers that let PyTorch do the work, by many roads; their numbers are right."""

from __future__ import annotations

import functools
import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812
from torch.nn.functional import max_pool2d as pool_of_torch

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_03_pooling_and_normalisation_parts import (
    LOW,
    largest,
    mean,
    pooling,
    two,
)

bank = Bank()
FORBIDDEN = "forbidden_call"
ALIAS = torch.max_pool2d
PART = functools.partial(F.avg_pool2d, ceil_mode=False)
MAXIMA, MEANS = pooling(largest, LOW), pooling(mean, 0.0)


def padded(x: Any, padding: Any, value: float) -> Any:
    ph, pw = two(padding)
    return F.pad(x, (pw, pw, ph, ph), value=value)


def columns(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """F.unfold, then a maximum."""
    N, C = x.shape[:2]
    size = MAXIMA(x, kernel, stride, padding).shape
    found = F.unfold(padded(x, padding, -1e9), two(kernel), stride=two(stride))
    return found.view(N, C, math.prod(two(kernel)), -1).amax(2).view(size)


def as_convolution(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    k, C = two(kernel), x.shape[1]
    w = x.new_full((C, 1, *k), 1 / math.prod(k))
    return torch.conv2d(x, w, None, two(stride), two(padding), groups=C)


def by_name(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    return getattr(torch.ops.aten, "max_" + "pool2d")(x, two(kernel), two(stride), two(padding))


def inside(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    from torch._C import _nn

    return _nn.avg_pool2d(x, kernel, stride, padding)


def in_three_axes(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    k, s, p = two(kernel), two(stride), two(padding)
    return torch.max_pool3d(x[:, None], (1, *k), (1, *s), (0, *p))[:, 0]


def axis_by_axis(x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """Two one-dimensional pools."""
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    rows = torch.max_pool1d(x.flatten(0, 1), kw, sw, pw).mT
    y = torch.max_pool1d(rows.contiguous(), kh, sh, ph).mT
    return y.reshape(*x.shape[:2], *y.shape[1:])


bank.wrong_ones(
    "max_pool2d",
    ("functional", FORBIDDEN, "The obvious way.", lambda *given: F.max_pool2d(*given)),
    ("imported", FORBIDDEN, "Under another name.", lambda *given: pool_of_torch(*given)),
    ("alias", FORBIDDEN, "torch.max_pool2d by an alias.", lambda *given: ALIAS(*given)),
    ("module", FORBIDDEN, "nn.MaxPool2d.", lambda x, k, s, p: nn.MaxPool2d(k, s, p)(x)),
    ("by_name", FORBIDDEN, "A name of two strings.", by_name),
    ("unfolded", FORBIDDEN, "F.unfold.", columns),
    ("in_three_axes", FORBIDDEN, "max_pool3d.", in_three_axes),
    ("axis_by_axis", FORBIDDEN, "max_pool1d twice.", axis_by_axis),
    ("padded_by_torch", FORBIDDEN, "F.pad.",
     lambda x, k, s, p: MAXIMA(padded(x, p, LOW), k, s, 0)),
    ("constant_pad", FORBIDDEN, "torch.constant_pad_nd.", lambda x, k, s, p: MAXIMA(
        torch.constant_pad_nd(x, (*[two(p)[1]] * 2, *[two(p)[0]] * 2), LOW), k, s, 0)),
)  # fmt: skip
bank.wrong_ones(
    "avg_pool2d",
    ("functional", FORBIDDEN, "The obvious way.", lambda *given: F.avg_pool2d(*given)),
    ("partial", FORBIDDEN, "functools.partial.", lambda *given: PART(*given)),
    ("module", FORBIDDEN, "nn.AvgPool2d.", lambda x, k, s, p: nn.AvgPool2d(k, s, p)(x)),
    ("convolution", FORBIDDEN, "A convolution with equal weights.", as_convolution),
    ("inside", FORBIDDEN, "torch._C._nn.", inside),
    ("aten", FORBIDDEN, "torch.ops.", lambda x, k, s, p: torch.ops.aten.avg_pool2d(
        x, two(k), two(s), two(p))),
    ("powers", FORBIDDEN, "lp_pool2d with power 1, where nothing is negative.",
     lambda x, k, s, p: MEANS(x, k, s, p) + 0 * F.lp_pool2d(x.abs(), 1, 1)[:, :, :1, :1]),
)  # fmt: skip


def by_autograd(pool: Any) -> Any:
    def answer(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
        leaf = x.clone()
        leaf.requires_grad = True
        return torch.autograd.grad(pool(leaf, kernel, stride, padding), leaf, dy)[0]

    return answer


def by_backward(pool: Any) -> Any:
    def answer(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
        leaf = x.clone().requires_grad_()
        pool(leaf, kernel, stride, padding).backward(dy)
        return leaf.grad

    return answer


def by_vjp(pool: Any) -> Any:
    def answer(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
        return torch.func.vjp(lambda z: pool(z, kernel, stride, padding), x)[1](dy)[0]

    return answer


def by_functional(pool: Any) -> Any:
    def answer(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
        return torch.autograd.functional.vjp(lambda z: pool(z, kernel, stride, padding), x, dy)[1]

    return answer


def unpooled(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """The kernel behind autograd."""
    k, s, p = two(kernel), two(stride), two(padding)
    places = torch.ops.aten.max_pool2d_with_indices(x, k, s, p)[1]
    return torch.ops.aten.max_pool2d_with_indices_backward(
        dy, x, k, s, p, (1, 1), False, places
    )  # fmt: skip


def folded(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    k = two(kernel)
    share = dy.flatten(2)[:, :, None] / math.prod(k)  # (N, C, 1, L)
    cols = share.expand(-1, -1, math.prod(k), -1).flatten(1, 2)
    return F.fold(cols, x.shape[2:], k, padding=two(padding), stride=two(stride))


def kernel_of_torch(dy: Any, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    return torch.ops.aten.avg_pool2d_backward(
        dy, x, two(kernel), two(stride), two(padding), False, True, None
    )


for exercise, own in (("max_pool2d_backward", MAXIMA), ("avg_pool2d_backward", MEANS)):
    torchs = F.max_pool2d if own is MAXIMA else F.avg_pool2d
    bank.wrong_ones(
        exercise,
        ("autograd_of_torchs", FORBIDDEN, "autograd through torch's pool.", by_autograd(torchs)),
        ("autograd_of_own", FORBIDDEN, "autograd through the student's own.", by_autograd(own)),
        ("backward_of_own", FORBIDDEN, "loss.backward().", by_backward(own)),
        ("vjp_of_own", FORBIDDEN, "torch.func.", by_vjp(own)),
        ("functional_of_own", FORBIDDEN, "torch.autograd.functional.", by_functional(own)),
    )
bank.wrong_ones("max_pool2d_backward", ("aten", FORBIDDEN, "Its kernel.", unpooled))
bank.wrong_ones(
    "avg_pool2d_backward",
    ("aten", FORBIDDEN, "Its kernel.", kernel_of_torch),
    ("folded", FORBIDDEN, "F.fold.", folded),
)


def module(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    layer = nn.BatchNorm2d(x.shape[1], eps, m).to(x)
    layer.load_state_dict({"weight": gamma, "bias": beta, "running_mean": rm, "running_var": rv,
                           "num_batches_tracked": torch.tensor(0)})  # fmt: skip
    return layer.train(t)(x).detach(), layer.running_mean, layer.running_var


def statistics(x: Any, rm: Any, rv: Any, m: float, t: bool) -> Any:
    if not t:
        return rm, rv
    return (1 - m) * rm + m * x.mean((0, 2, 3)), (1 - m) * rv + m * x.var((0, 2, 3))


def function(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    rm, rv = rm.clone(), rv.clone()
    return F.batch_norm(x, rm, rv, gamma, beta, t, m, eps), rm, rv


def native(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    rm, rv = rm.clone(), rv.clone()
    return torch.native_batch_norm(x, gamma, beta, rm, rv, t, m, eps)[0], rm, rv


def as_groups(
    x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
) -> Any:
    """All images laid side by side: then a group is a channel."""
    row = x.transpose(0, 1).reshape(1, x.shape[1], -1)
    y = torch.group_norm(row, x.shape[1], gamma, beta, eps)
    y = y.view(x.shape[1], x.shape[0], *x.shape[2:]).transpose(0, 1)
    if not t:
        y = torch.batch_norm(x, gamma, beta, rm, rv, False, m, eps, False)
    return y, *statistics(x, rm, rv, m, t)


def as_layers(
    x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
) -> Any:
    row = x.transpose(0, 1).reshape(x.shape[1], -1)
    z = torch.layer_norm(row, row.shape[1:], eps=eps) if t else row
    y = (gamma[:, None] * z + beta[:, None]).view(x.shape[1], x.shape[0], *x.shape[2:])
    return y.transpose(0, 1), *statistics(x, rm, rv, m, t)


bank.wrong_ones(
    "batch_norm2d",
    ("module", FORBIDDEN, "nn.BatchNorm2d.", module),
    ("function", FORBIDDEN, "F.batch_norm.", function),
    ("native", FORBIDDEN, "torch.native_batch_norm.", native),
    ("as_groups", FORBIDDEN, "Group norm of the images side by side.", as_groups),
    ("as_layers", FORBIDDEN, "Layer norm of the channels.", as_layers),
)
