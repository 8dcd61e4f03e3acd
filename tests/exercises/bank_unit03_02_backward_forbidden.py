"""Answers that let PyTorch do the work, by many roads; their numbers are right."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_02_backward_parts import backward, pair, unframed, windows

bank = Bank()
wrong = bank.wrong
FORBIDDEN = "forbidden_call"


def own_forward(x: Tensor, w: Tensor, stride: Any, padding: Any) -> Tensor:
    seen = windows(x, tuple(w.shape[2:]), stride, padding)
    return torch.einsum("ncpqij,ocij->nopq", seen, w)


@wrong("conv2d_backward", FORBIDDEN)
def autograd_through_torch(dy: Tensor, x: Tensor, w: Tensor, stride: Any, padding: Any) -> Any:
    """The obvious way."""
    x, w = x.clone().requires_grad_(), w.clone().requires_grad_()
    functional.conv2d(x, w, None, stride, padding).backward(dy)
    return x.grad, w.grad, dy.sum((0, 2, 3))


@wrong("conv2d_backward", FORBIDDEN)
def autograd_through_own_forward(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Any:
    """Writes the forward pass and lets autograd walk back."""
    x, w = x.clone().requires_grad_(), w.clone().requires_grad_()
    dx, dw = torch.autograd.grad(own_forward(x, w, s, p), (x, w), dy)
    return dx, dw, dy.sum((0, 2, 3))


@wrong("conv2d_backward", FORBIDDEN)
def backward_of_own_forward(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Any:
    """The same with `.backward()`, and the attribute set by hand."""
    x, w = x.clone(), w.clone()
    x.requires_grad = w.requires_grad = True
    with torch.enable_grad():
        own_forward(x, w, s, p).backward(dy)
    return x.grad, w.grad, dy.sum((0, 2, 3))


@wrong("conv2d_backward", FORBIDDEN)
def by_vjp(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Any:
    """Autograd under its functional name."""
    _, pull = torch.func.vjp(lambda x, w: own_forward(x, w, s, p), x, w)
    return (*pull(dy), dy.sum((0, 2, 3)))


@wrong("conv2d_backward", FORBIDDEN)
def by_jvp(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Any:
    """Forward mode, one pixel and one weight at a time, found by its name at run time."""
    jvp = importlib.import_module("torch." + "func").jvp

    def slopes(at: Tensor, forward: Any) -> Tensor:
        units = torch.eye(at.numel(), dtype=at.dtype, device=at.device).view(-1, *at.shape)
        found = [(jvp(forward, (at,), (unit,))[1] * dy).sum() for unit in units]
        return torch.stack(found).view_as(at)

    dx = slopes(x, lambda x: own_forward(x, w, s, p))
    return dx, slopes(w, lambda w: own_forward(x, w, s, p)), dy.sum((0, 2, 3))


@wrong("conv2d_backward", FORBIDDEN)
def kernel_of_torch(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Any:
    """The operator that autograd itself calls."""
    wanted = [True, True, True]
    return torch.ops.aten.convolution_backward(
        dy, x, w, [len(w)], list(pair(s)), list(pair(p)), [1, 1], False, [0, 0], 1, wanted
    )


@wrong("conv2d_backward", FORBIDDEN)
def ready_made(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Any:
    """torch.nn.grad, found by its name at run time."""
    grad = importlib.import_module("torch.nn." + "grad")
    dx = grad.conv2d_input(x.shape, w, dy, s, p)
    return dx, grad.conv2d_weight(x, w.shape, dy, s, p), dy.sum((0, 2, 3))


@wrong("conv2d_backward", FORBIDDEN)
def padded_by_torch(dy: Tensor, x: Tensor, w: Tensor, s: Any, p: Any) -> Any:
    """Pads with the library; padding is an exercise too."""
    ph, pw = pair(p)
    _, dw, db = backward()(dy, functional.pad(x, (pw, pw, ph, ph)), w, s, 0)
    return backward()(dy, x, w, s, p)[0], dw, db


@wrong("col2im", FORBIDDEN)
def fold_of_torch(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """F.fold."""
    return functional.fold(cols, x_shape[2:], kernel, 1, padding, stride)


@wrong("col2im", FORBIDDEN)
def module_of_torch(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """nn.Fold."""
    return nn.Fold(x_shape[2:], kernel, 1, padding, stride)(cols)


@wrong("col2im", FORBIDDEN)
def aten_col2im(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """The kernel under F.fold, by getattr."""
    operator = getattr(torch.ops.aten, "col" + "2im")
    k, s, p = (list(pair(value)) for value in (kernel, stride, padding))
    return operator(cols, list(x_shape[2:]), k, [1, 1], p, s)


@wrong("col2im", FORBIDDEN)
def backward_of_unfold(cols: Tensor, x_shape: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """The kernel with which autograd goes back through Tensor.unfold, where it fits."""
    (kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride), pair(padding)
    N, C, H, W = x_shape
    rows, columns = H + 2 * ph, W + 2 * pw
    parts = cols.view(N, C, kh, kw, (rows - kh) // sh + 1, (columns - kw) // sw + 1)
    parts = parts.permute(0, 1, 4, 5, 2, 3)
    half = torch.ops.aten.unfold_backward(
        parts.transpose(3, 4), [N, C, parts.shape[2], kh, columns], 4, kw, sw
    ).transpose(3, 4)
    whole = torch.ops.aten.unfold_backward(half.mT, [N, C, rows, columns], 2, kh, sh)
    return unframed(whole, padding)


@wrong("conv_transpose2d", FORBIDDEN)
def function_of_torch(x: Tensor, w: Tensor, b: Any, stride: Any, padding: Any) -> Any:
    """F.conv_transpose2d."""
    return functional.conv_transpose2d(x, w, b, stride, padding)


@wrong("conv_transpose2d", FORBIDDEN)
def top_level_function(x: Tensor, w: Tensor, b: Any, stride: Any, padding: Any) -> Any:
    """torch.conv_transpose2d needs no torch.nn."""
    return torch.conv_transpose2d(x, w, b, stride, padding)


@wrong("conv_transpose2d", FORBIDDEN)
def general_convolution(x: Tensor, w: Tensor, b: Any, stride: Any, padding: Any) -> Any:
    """torch.convolution with transposed=True, called by a string."""
    call = eval("torch." + "convolution")
    return call(x, w, b, list(pair(stride)), list(pair(padding)), [1, 1], True, [0, 0], 1)


@wrong("conv_transpose2d", FORBIDDEN)
def folded_by_torch(x: Tensor, w: Tensor, b: Any, stride: Any, padding: Any) -> Any:
    """Its own columns, PyTorch's fold."""
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), w.shape[2:]
    size = ((x.shape[2] - 1) * sh + kh - 2 * ph, (x.shape[3] - 1) * sw + kw - 2 * pw)
    y = torch._C._nn.col2im(
        w.flatten(1).T @ x.flatten(2), list(size), [kh, kw], [1, 1], [ph, pw], [sh, sw]
    )
    return y if b is None else y + b[:, None, None]


@wrong("col2im", "forbidden_call")
def checked_by_the_grader(cols: Tensor, x_shape: Any, k: Any, s: Any, p: Any) -> Any:
    """Asks the grader for its own oracle."""
    from autograder.exercises._conv_backward import torch_fold

    return torch_fold(cols, x_shape, k, s, p)
