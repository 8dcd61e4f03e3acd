"""The guards of unit 3: every road to PyTorch's layers is seen, and no right answer is caught."""

from __future__ import annotations

import re

import pytest
import torch
from torch.nn import functional

from autograder.checking.guard import Tracer, read_source
from autograder.exercises._cnn import GUARD, GUARD_PADDING, OPERATORS
from autograder.exercises._conv_backward import GUARD as GUARD_BACKWARD

X = torch.randn(2, 3, 6, 5, generator=torch.Generator().manual_seed(1))
W = torch.randn(4, 3, 2, 3, generator=torch.Generator().manual_seed(2))
#: Kernels that need weights or tensors of another kind, or that change no layer's answer.
OTHERS = re.compile(
    r"prepack|unpack|pack_padded|pad_packed|padded_|_padded|pad_sequence|convert_|_from_pool|"
    r"reorder|pointwise|qbatch_norm|constant_pad_nd|unfold|fold_in|"
    r"_(relu|dynamic|run|add|dilation|groups|output_padding|padding|stride|transpose)(_|$)|"
    r"batch_norm\dd$"
)


def seen(guard, function):
    with Tracer(guard) as tracer:
        function()
    return tracer.seen


def test_no_layer_of_this_pytorch_is_missing() -> None:
    layer = re.compile(r"conv|pool|batch_norm|instance_norm|im2col|col2im|_?pad(\d|_|$)")
    names = {schema.name.split("::")[-1] for schema in torch._C._jit_get_all_schemas()}
    layers = {name for name in names if layer.search(name) and not OTHERS.search(name)}
    assert len(layers) > 90
    assert layers - OPERATORS == set()


@pytest.mark.parametrize(
    "call",
    [
        lambda: functional.conv2d(X, W),
        lambda: torch.ops.aten.convolution(X, W, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
        lambda: torch.nn.LazyConv2d(3, 2)(X),
        lambda: torch.vmap(lambda one: functional.conv2d(one, W))(X),
        lambda: functional.unfold(X, 2),
        lambda: functional.fold(torch.ones(1, 4, 1), 2, 2),
        lambda: functional.pad(X, (1, 1)),
        lambda: functional.pad(X, (1, 1, 1, 1), mode="reflect"),
        lambda: functional.max_pool2d(X, 2),
        lambda: functional.avg_pool2d(X, 2),
        lambda: functional.adaptive_avg_pool2d(X, 2),
        lambda: functional.lp_pool2d(X, 2, 2),
        lambda: functional.batch_norm(X, None, None, training=True),
        lambda: functional.conv_transpose2d(X, W.transpose(0, 1)),
    ],
)  # fmt: skip
def test_a_layer_of_pytorchs_is_seen(call) -> None:
    assert seen(GUARD, call)


def _windows():
    windows = X.unfold(2, 2, 1).unfold(3, 3, 1)
    torch.einsum("nchwij,ocij->nohw", windows, W)
    torch.tensordot(windows, W, ([1, 4, 5], [1, 2, 3]))
    windows.amax((-2, -1))
    windows.mean((-2, -1))
    X.contiguous().as_strided((2, 2), (1, 1))


def _sums():
    X.new_zeros(3).index_add_(0, torch.tensor([1, 1]), torch.ones(2))
    X.new_zeros(3).scatter_add_(0, torch.tensor([1]), torch.ones(1))
    X.new_zeros(3).index_put_((torch.tensor([1, 1]),), torch.ones(2), accumulate=True)
    torch.bmm(X[0], X[0].mT)


def _shapes():
    torch.kron(W[0, 0], W[0, 0])
    torch.block_diag(W[0, 0], W[0, 0])
    torch.cat([X, X.flip(2)], 1)
    torch.stack([X, X.roll(1, 3)])
    X.repeat(1, 1, 2, 2)
    torch.fft.rfft2(X, s=(8, 8))


def _statistics():
    X.mean((0, 2, 3))
    torch.var_mean(X, dim=(0, 2, 3), correction=0)
    X.argmax(3)
    torch.take_along_dim(X, X.argmax(2, keepdim=True), 2)


@pytest.mark.parametrize("guard", [GUARD, GUARD_BACKWARD], ids=["forward", "backward"])
@pytest.mark.parametrize("call", [_windows, _sums, _shapes, _statistics])
def test_what_a_right_answer_may_use_is_not_caught(guard, call) -> None:
    assert seen(guard, call) == []
    assert read_source(call, guard) is None


def test_a_block_without_gradients_is_no_gradient() -> None:
    def answer():
        with torch.no_grad():
            return X * 2

    assert read_source(answer, GUARD_BACKWARD) is None
    assert seen(GUARD_BACKWARD, answer) == []


def _by_backward():
    leaf = X.clone().requires_grad_()
    leaf.square().sum().backward()


def _by_grad():
    leaf = X.clone()
    leaf.requires_grad = True
    torch.autograd.grad(leaf.square().sum(), leaf)


def _by_jvp():
    torch.func.jvp(lambda one: one.square().sum(), (X,), (X,))


def _by_vjp():
    torch.func.vjp(lambda one: one.square().sum(), X)[1](torch.tensor(1.0))


def _by_jacobian():
    torch.autograd.functional.jacobian(lambda one: one.square().sum(), X)


def _by_the_views_own_gradient():
    torch.ops.aten.unfold_backward(X.unfold(2, 2, 1), X.shape, 2, 2, 1)


def _by_the_layers_own_gradient():
    torch.ops.aten.avg_pool2d_backward(
        X[:, :, :3, :2], X, [2, 2], [2, 2], [0, 0], False, True, None
    )


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # torch's own, in jvp
@pytest.mark.parametrize(
    "call",
    [_by_backward, _by_grad, _by_jvp, _by_vjp, _by_jacobian, _by_the_views_own_gradient,
     _by_the_layers_own_gradient],
)  # fmt: skip
def test_automatic_differentiation_is_seen(call) -> None:
    assert seen(GUARD_BACKWARD, call)


def test_the_padding_operator_is_seen_where_padding_is_the_exercise() -> None:
    assert seen(GUARD_PADDING, lambda: torch.constant_pad_nd(X, (1, 1))) == ["constant_pad_nd"]
