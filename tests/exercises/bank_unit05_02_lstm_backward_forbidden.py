"""Answers that let PyTorch walk back, by many roads; their numbers are right (or nearly)."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_02_lstm_backward_parts import (
    Params,
    V,
    cell,
    forward_into,
    states,
)

bank = Bank()
wrong = bank.wrong
FORBIDDEN = "forbidden_call"


def _leaves(*values: Tensor) -> list[Tensor]:
    return [value.clone().requires_grad_() for value in values]


def _loss(dh: Tensor, dc: Tensor, x: Tensor, h: Tensor, c: Tensor, params: Params) -> Tensor:
    v: V = {"x": x, "h": h, "c_prev": c, **params}
    forward_into(v)
    return (dh * v["ht"]).sum() + (dc * v["ct"]).sum()


@wrong("hidden_state_backward", FORBIDDEN)
def kernel_of_tanh(dh: Tensor, o: Tensor, c: Tensor) -> Any:
    """The operator that autograd itself calls for a tanh."""
    return dh * c.tanh(), torch.ops.aten.tanh_backward(dh * o, c.tanh())


@wrong("hidden_state_backward", FORBIDDEN)
def by_autograd(dh: Tensor, o: Tensor, c: Tensor) -> Any:
    """The obvious way."""
    o, c = _leaves(o, c)
    return torch.autograd.grad(o * c.tanh(), (o, c), dh)


@wrong("cell_state_backward", FORBIDDEN)
def by_backward(dc: Tensor, *inputs: Tensor) -> Any:
    """`.backward()` and `.grad`."""
    f, c, i, g = _leaves(*inputs)
    (f * c + i * g).backward(dc)
    return f.grad, c.grad, i.grad, g.grad


@wrong("gate_backward", FORBIDDEN)
def kernel_of_sigmoid(d: Tensor, s: Tensor, x: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Any:
    """The operator under autograd, by getattr."""
    dz = getattr(torch.ops.aten, "sigmoid_" + "backward")(d, s)
    return dz @ U.T, dz @ W.T, x.T @ dz, h.T @ dz


@wrong("gate_backward", FORBIDDEN)
def by_vjp(d: Tensor, s: Tensor, *inputs: Tensor) -> Any:
    """Autograd under its functional name."""
    return torch.func.vjp(lambda x, h, U, W: torch.sigmoid(x @ U + h @ W), *inputs)[1](d)


@wrong("candidate_backward", FORBIDDEN)
def by_functional(d: Tensor, a: Tensor, *inputs: Tensor) -> Any:
    """torch.autograd.functional, found by its name at run time."""
    vjp = importlib.import_module("torch.autograd." + "functional").vjp
    return vjp(lambda x, h, U, W: torch.tanh(x @ U + h @ W), inputs, d)[1]


@wrong("lstm_cell_backward", FORBIDDEN)
def autograd_through_own_forward(dh: Tensor, dc: Tensor, *inputs: Any) -> Any:
    """Writes the forward pass and lets autograd walk back."""
    *states, params = inputs
    leaves = _leaves(*states, *params.values())
    loss = _loss(dh, dc, *leaves[:3], dict(zip(params, leaves[3:], strict=True)))
    dx, dh_prev, dc_prev, *rest = torch.autograd.grad(loss, leaves)
    return dx, dh_prev, dc_prev, dict(zip(params, rest, strict=True))


@wrong("lstm_cell_backward", FORBIDDEN)
def grad_of_torch_func(dh: Tensor, dc: Tensor, *inputs: Any) -> Any:
    """torch.func.grad of the loss."""
    return torch.func.grad(lambda *a: _loss(dh, dc, *a), argnums=(0, 1, 2, 3))(*inputs)


@wrong("lstm_cell_backward", FORBIDDEN)
def fused_kernel(dh: Tensor, dc: Tensor, x: Tensor, h: Tensor, c: Tensor, params: Params) -> Any:
    """Forward with PyTorch's cell, for the tanh of the new state; backward by hand."""
    U, W = (torch.cat([params[f"{k}_{g}"] for g in "ifco"], 1).T for k in "UW")
    torch.lstm_cell(x, (h, c), U, W)
    return cell()(dh, dc, x, h, c, params)


@wrong("lstm_cell_backward", FORBIDDEN)
def along_the_imaginary_axis(
    dh: Tensor, dc: Tensor, x: Tensor, h: Tensor, c: Tensor, params: Params
) -> Any:
    """A step of 1e-20 i: no subtraction, so no rounding."""

    def slopes(name: str, value: Tensor) -> Tensor:
        found = torch.zeros_like(value)
        if value.device.type == "meta":
            return found
        for place in range(value.numel()):
            moved = value.to(torch.complex128)
            moved.view(-1)[place] += 1e-20j
            given = {"x": x, "h": h, "c": c, **params} | {name: moved}
            v: V = {n: g.to(torch.complex128) for n, g in given.items() if n != "c"}
            v["c_prev"] = given["c"].to(torch.complex128)
            forward_into(v)
            found.view(-1)[place] = ((dh * v["ht"]).sum() + (dc * v["ct"]).sum()).imag / 1e-20
        return found

    grads = {name: slopes(name, w) for name, w in params.items()}
    return slopes("x", x), slopes("h", h), slopes("c", c), grads


@wrong("lstm_cell_backward", "different")
def by_difference_quotients(
    dh: Tensor, dc: Tensor, x: Tensor, h: Tensor, c: Tensor, params: Params
) -> Any:
    """Two forward passes for each number: near, and not a gradient worked out by hand."""
    given = {"x": x, "h": h, "c": c, **params}

    def loss(name: str, place: int, hair: float) -> Tensor:
        moved = given[name].clone()
        moved.view(-1)[place] += hair
        now = given | {name: moved}
        return _loss(dh, dc, now["x"], now["h"], now["c"], {n: now[n] for n in params})

    def slopes(name: str) -> Tensor:
        found = torch.zeros_like(given[name])
        for place in range(found.numel()):
            rise = loss(name, place, 1e-6) - loss(name, place, -1e-6)
            found.view(-1)[place] = rise / 2e-6
        return found

    return slopes("x"), slopes("h"), slopes("c"), {name: slopes(name) for name in params}


def _layer(x: Tensor, params: Params) -> Any:
    layer = nn.LSTM(x.shape[-1], params["W_f"].shape[0], bias=False, dtype=x.dtype).to(x.device)
    U, W = (torch.cat([params[f"{k}_{g}"] for g in "ifco"], 1).T for k in "UW")
    layer.load_state_dict({"weight_ih_l0": U, "weight_hh_l0": W})
    return layer


@wrong("lstm_backward", FORBIDDEN)
def module_of_torch(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """nn.LSTM, and its gradients taken apart."""
    layer = _layer(x, params)
    x, h0, c0 = _leaves(x, h0, c0)
    layer(x, (h0[None], c0[None]))[0].backward(dh)
    grads = {}
    for place, letter in enumerate("ifco"):
        grads[f"U_{letter}"] = layer.weight_ih_l0.grad.chunk(4)[place].T
        grads[f"W_{letter}"] = layer.weight_hh_l0.grad.chunk(4)[place].T
    return x.grad, h0.grad, c0.grad, grads


@wrong("lstm_backward", FORBIDDEN)
def autograd_through_own_loop(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """The attribute set by hand, autograd found in eval."""
    leaves = [value.clone() for value in (x, h0, c0, *params.values())]
    for leaf in leaves:
        leaf.requires_grad = True
    hs, _ = states(*leaves[:3], dict(zip(params, leaves[3:], strict=True)))
    run = eval("torch.auto" + "grad.grad")
    dx, dh0, dc0, *rest = run(torch.stack(hs[1:]), leaves, dh)
    return dx, dh0, dc0, dict(zip(params, rest, strict=True))


def _weighted(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Tensor:
    hs, _ = states(x, h0, c0, params)
    return (torch.stack(hs[1:]) * dh).sum()


@wrong("lstm_backward", FORBIDDEN)
def jacobians_of_torch_func(dh: Tensor, *inputs: Any) -> Any:
    """jacrev of the loss: it is a scalar, so its Jacobian is the gradient."""
    return torch.func.jacrev(lambda *a: _weighted(dh, *a), argnums=(0, 1, 2, 3))(*inputs)


@wrong("lstm_backward", FORBIDDEN)
def weights_by_forward_mode(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
    """Dual numbers in one place, and the rest by hand."""
    import torch.autograd.forward_ad as dual

    with dual.dual_level():
        moved = dual.make_dual(x, torch.ones_like(x))
        dual.unpack_dual(_weighted(dh, moved, h0, c0, params))
    from tests.exercises.bank_unit05_02_lstm_backward_parts import loop

    return loop()(dh, x, h0, c0, params)
