"""PyTorch's sums and products on `meta` without its Python, where nothing has to be worked out.

Every answer is tried on `meta` once, to see whether it would run on a GPU. PyTorch works out the
form of each sum there in Python, some 80 µs of it (`torch/_refs`). For floats of one dtype that lie
in memory as they are, the result has the form of the larger operand (but that an axis of one may
keep a stride of its own, which says nothing); all else is left to PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.judging.inside.kernels import replace_kernels

TWO = ("add.Tensor", "sub.Tensor", "mul.Tensor", "div.Tensor", "tanh_backward", "sigmoid_backward")
ONE = ("tanh", "sigmoid", "rsub.Scalar", "pow.Tensor_Scalar")


def quicken() -> None:
    """Puts the short way before PyTorch's own, for the rest of this process's life."""
    replace_kernels(
        (f"aten::{name}", "Meta", short_way(own))
        for names, short_way in ((TWO, _of_two), (ONE, _of_one))
        for name in names
        if (own := _python_kernel(name)) is not None
    )


def _python_kernel(name: str) -> Callable[..., Any] | None:
    """PyTorch's own in Python; None where it has none, for then it is quick already."""
    packet, _, overload = name.partition(".")
    operator = getattr(getattr(torch.ops.aten, packet), overload or "default")
    kernel: Callable[..., Any] | None = operator.py_kernels.get(torch._C.DispatchKey.Meta)
    return kernel


def _of_two(own: Callable[..., Any]) -> Callable[..., Any]:
    def kernel(a: Tensor, b: Any, **more: Any) -> Any:
        if not more and _is_plain(a) and type(b) is Tensor:
            if _is_plain(b) and a.dtype is b.dtype:
                if _covers(a, b):
                    return a.clone()  # nothing is copied: there are no numbers
                if _covers(b, a):
                    return b.clone()
            if a.dim() and not b.dim() and (b.is_meta or b.is_cpu) and not b.is_complex():
                return a.clone()  # a number: `2.0 * x`
        return own(a, b, **more)

    return kernel


def _of_one(own: Callable[..., Any]) -> Callable[..., Any]:
    def kernel(a: Tensor, *numbers: Any, **more: Any) -> Any:
        if not more and _is_plain(a) and all(type(n) in (int, float) for n in numbers):
            return a.clone()
        return own(a, *numbers, **more)

    return kernel


def _is_plain(a: Any) -> bool:
    return type(a) is Tensor and a.is_meta and a.is_floating_point() and a.is_contiguous()


def _covers(a: Tensor, b: Tensor) -> bool:
    """Whether `a` keeps its shape when it meets `b`."""
    return a.shape == b.shape or (a.shape[1:] == b.shape and a.dim() > 0)
