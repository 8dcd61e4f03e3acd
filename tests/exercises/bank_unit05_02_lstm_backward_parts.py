"""A right way back through the LSTM with handles on every quantity, for the bank's answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Params = dict[str, Tensor]
V = dict[str, Any]
Quantity = Callable[[V], Any]
GATES = ("f", "i", "c", "o")


def forward_into(v: V) -> None:
    """Puts a step's values beside x, h, c_prev and the weights: f i c o (the layers), ct, ht."""
    for g in GATES:
        v[f"z_{g}"] = v["x"] @ v[f"U_{g}"] + v["h"] @ v[f"W_{g}"]
        v[g] = torch.tanh(v["z_c"]) if g == "c" else torch.sigmoid(v[f"z_{g}"])
    v["ct"] = v["f"] * v["c_prev"] + v["i"] * v["c"]
    v["tanh"] = torch.tanh(v["ct"])
    v["ht"] = v["o"] * v["tanh"]


def gate_weights(v: V, g: str, put: Callable[[str, Any], None]) -> None:
    """The two weights' gradients of one layer, from dz and what stood left of them."""
    put(f"dU_{g}", v["x"].T @ v[f"dz_{g}"])
    put(f"dW_{g}", v["h"].T @ v[f"dz_{g}"])


def cell(**instead: Quantity) -> Callable[..., Any]:
    """lstm_cell_backward, each quantity of `instead` made by its function of all that came before.

    In order: do by_h dct (the sum at c_t) df dc_prev_ di dc dz_f dz_i dz_c dz_o dx dh_prev, each
    gate's dU and dW, grads, ret. `v["right"]` is the right value of the quantity.
    """

    def lstm_cell_backward(
        dh_t: Tensor, dc_t: Tensor, x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
    ) -> Any:
        v: V = {"dh": dh_t, "dc_in": dc_t, "x": x_t, "h": h_prev, "c_prev": c_prev, **params}
        v["params"] = params

        def put(name: str, right: Any) -> None:
            v["right"] = right
            v[name] = instead[name](v) if name in instead else right

        forward_into(v)
        put("do", v["dh"] * v["tanh"])
        put("by_h", v["dh"] * v["o"] * (1 - v["tanh"] ** 2))
        put("dct", v["dc_in"] + v["by_h"])
        put("df", v["dct"] * v["c_prev"])
        put("dc_prev_", v["dct"] * v["f"])
        put("di", v["dct"] * v["c"])
        put("dc", v["dct"] * v["i"])
        for g in GATES:
            slope = 1 - v["c"] ** 2 if g == "c" else v[g] * (1 - v[g])
            put(f"dz_{g}", v[f"d{g}"] * slope)
        put("dx", sum(v[f"dz_{g}"] @ v[f"U_{g}"].T for g in GATES))
        put("dh_prev", sum(v[f"dz_{g}"] @ v[f"W_{g}"].T for g in GATES))
        for g in GATES:
            gate_weights(v, g, put)
        put("grads", {name: v[f"d{name}"] for name in params})
        put("ret", (v["dx"], v["dh_prev"], v["dc_prev_"], v["grads"]))
        return v["ret"]

    return lstm_cell_backward


right_cell = cell()


def states(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> tuple[list[Tensor], list[Tensor]]:
    """h and c before the first step and after every one: T + 1 each."""
    hs, cs = [h0], [c0]
    for x_t in x:
        v: V = {"x": x_t, "h": hs[-1], "c_prev": cs[-1], **params}
        forward_into(v)
        hs.append(v["ht"])
        cs.append(v["ct"])
    return hs, cs


def loop(
    *,
    step: Callable[..., Any] = right_cell,
    order: Callable[[int], Any] = lambda T: reversed(range(T)),
    arrives: Callable[[Tensor, int, Tensor], Tensor] = lambda dh, t, carry: dh[t] + carry,
    carry: Callable[..., tuple[Tensor, Tensor]] = lambda dh_prev, dc_prev, *old: (dh_prev, dc_prev),
    before: Callable[..., tuple[Tensor, Tensor]] = lambda hs, cs, t: (hs[t], cs[t]),
    add: Callable[[Any, Tensor], Any] = lambda total, new: new if total is None else total + new,
    start: Callable[[Tensor], Tensor] = lambda dh: torch.zeros_like(dh[0]),
    end: Callable[..., Any] = lambda dx, dh0, dc0, grads, *rest: (dx, dh0, dc0, grads),
) -> Callable[..., Any]:
    """lstm_backward with each of its decisions open.

    before(hs, cs, t): the states step t started from (lists of T + 1). carry(dh_prev, dc_prev,
    dh_carry, dc_carry): what is handed on. end(dx, dh0, dc0, grads, dh): what is returned.
    """

    def lstm_backward(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Any:
        hs, cs = states(x, h0, c0, params)
        dh_carry, dc_carry = start(dh), torch.zeros_like(c0)
        dx = torch.zeros_like(x)
        grads: dict[str, Any] = dict.fromkeys(params)
        for t in order(len(x)):
            dx[t], dh_prev, dc_prev, new = step(
                arrives(dh, t, dh_carry), dc_carry, x[t], *before(hs, cs, t), params
            )
            dh_carry, dc_carry = carry(dh_prev, dc_prev, dh_carry, dc_carry)
            grads = {name: add(grads[name], new[name]) for name in params}
        grads = {n: torch.zeros_like(params[n]) if g is None else g for n, g in grads.items()}
        return end(dx, dh_carry, dc_carry, grads, dh)

    return lstm_backward
