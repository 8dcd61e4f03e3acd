"""Known wrong answers of the GRU's step, as perturbations of PyTorch's cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.exercises._lstm import OPEN, Params
from autograder.exercises._variants import GRU_BIASES, GRU_ORDER, torch_gru

Answer = Callable[[Tensor, Tensor, Params], Any]
Entry = tuple[str, str, str, Answer]
GATES = {"r": "reset gate", "z": "update gate", "n": "new state"}


def _with(change: Callable[[Params], Mapping[str, Tensor]]) -> Answer:
    """PyTorch's cell with some of its parameters replaced."""
    return lambda x, h, p: torch_gru(x, h, {**p, **change(p)})


def _without(*names: str) -> Answer:
    return _with(lambda p: {name: torch.zeros_like(p[name]) for name in names})


def _held(gate: str, value: float) -> Answer:
    """A gate held open or shut."""
    return _with(
        lambda p: {
            f"U_{gate}": torch.zeros_like(p[f"U_{gate}"]),
            f"W_{gate}": torch.zeros_like(p[f"W_{gate}"]),
            f"b_{gate}": torch.full_like(p[f"b_{gate}"], value),
        }
    )


def _negated(gate: str) -> Answer:
    return _with(lambda p: {f"{kind}_{gate}": -p[f"{kind}_{gate}"] for kind in "UWb"})


def _sum(gate: str, x: Tensor, h: Tensor, p: Params) -> Tensor:
    """What goes into the sigmoid of r or z."""
    weights = torch.cat([p[f"U_{gate}"], p[f"W_{gate}"]]).mT
    return functional.linear(torch.cat([x, h], 1), weights, p[f"b_{gate}"])


def _new(x: Tensor, h: Tensor, p: Params) -> Tensor:
    """PyTorch's n: the update gate is shut, so that all of it comes through."""
    result: Tensor = _held("z", -OPEN)(x, h, p)
    return result


def _before_new(x: Tensor, h: Tensor, p: Params) -> tuple[Tensor, Tensor]:
    """The input's and the state's share of n, each with its bias."""
    return functional.linear(x, p["U_n"].mT, p["b_in"]), functional.linear(
        h, p["W_n"].mT, p["b_hn"]
    )


Mix = Callable[[Tensor, Tensor, Tensor], Tensor]


def _mixed(mix: Mix) -> Answer:
    """h_t becomes mix(n, z, h_prev)."""
    return lambda x, h, p: mix(_new(x, h, p), _sum("z", x, h, p).sigmoid(), h)


def _new_becomes(rule: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Answer:
    """The new state becomes rule(input's share, state's share, r)."""

    def answer(x: Tensor, h: Tensor, p: Params) -> Tensor:
        n = rule(*_before_new(x, h, p), _sum("r", x, h, p).sigmoid())
        return torch.lerp(n, h, _sum("z", x, h, p).sigmoid())

    return answer


def _gate_becomes(gate: str, activation: Callable[[Tensor], Tensor]) -> Answer:
    """The gate r or z with another activation."""

    def answer(x: Tensor, h: Tensor, p: Params) -> Tensor:
        gates = {g: _sum(g, x, h, p).sigmoid() for g in "rz"}
        for g in gate:
            gates[g] = activation(_sum(g, x, h, p))
        mine, state = _before_new(x, h, p)
        return torch.lerp(torch.addcmul(mine, gates["r"], state).tanh(), h, gates["z"])

    return answer


def _reset_first(bias_inside: bool) -> Answer:
    """The reset gate on h_prev before the product; its bias beside the product, or reset too."""

    def answer(x: Tensor, h: Tensor, p: Params) -> Tensor:
        r = _sum("r", x, h, p).sigmoid()
        state = functional.linear(r.mul(h), p["W_n"].mT)
        state = state + (r.mul(p["b_hn"]) if bias_inside else p["b_hn"])
        n = functional.linear(x, p["U_n"].mT, p["b_in"]).add(state).tanh()
        return torch.lerp(n, h, _sum("z", x, h, p).sigmoid())

    return answer


_N = "n = tanh(x U_n + b_in + r * (h W_n + b_hn)): r multiplies the bracket, and only that."
_MIX = "h_t = z * h_prev + (1 - z) * n: where z is 1 the old state stays."
_GATE = "r and z go through a sigmoid, n through tanh."


def _biases() -> list[Entry]:
    """One bias forgotten, or all of them, or two in one another's place."""
    look = "The four are b_r, b_z, b_in and b_hn."
    return [
        *(("bias_missing", f"{name} is not added.", look, _without(name)) for name in GRU_BIASES),
        ("all_biases_missing", "None of the four biases is added.", look, _without(*GRU_BIASES)),
        (
            "new_biases_missing",
            "Neither b_in nor b_hn is added.",
            "PyTorch's n has two biases: b_in beside the input, b_hn inside the bracket.",
            _without("b_in", "b_hn"),
        ),
        (
            "gate_biases_missing",
            "Neither b_r nor b_z is added.",
            "The two gates have a bias each, as n has.",
            _without("b_r", "b_z"),
        ),
        (
            "hidden_bias_outside",
            "b_hn stands outside the bracket: the reset gate does not reach it.",
            _N,
            _with(lambda p: {"b_in": p["b_in"] + p["b_hn"], "b_hn": torch.zeros_like(p["b_hn"])}),
        ),
        (
            "input_bias_inside",
            "b_in stands inside the bracket: the reset gate multiplies it too.",
            _N,
            _with(lambda p: {"b_hn": p["b_in"] + p["b_hn"], "b_in": torch.zeros_like(p["b_in"])}),
        ),
        (
            "new_biases_swapped",
            "b_in and b_hn have changed places.",
            _N,
            _with(lambda p: {"b_in": p["b_hn"], "b_hn": p["b_in"]}),
        ),
        (
            "gate_biases_swapped",
            "b_r and b_z have changed places.",
            "Each gate has a bias of its own name.",
            _with(lambda p: {"b_r": p["b_z"], "b_z": p["b_r"]}),
        ),
    ]


def _weights() -> list[Entry]:
    """U and W exchanged, transposed, of another gate, taken by position."""
    swap = {f"{a}_{g}": f"{b}_{g}" for g in GRU_ORDER for a, b in ("UW", "WU")}
    names = [f"{k}_{g}" for k in "UW" for g in GRU_ORDER] + list(GRU_BIASES)

    def renamed(to: Mapping[str, str]) -> Answer:
        return _with(lambda p: {name: p[to.get(name, name)] for name in p})

    return [
        ("weights_swapped", "The U_* and the W_* have changed places.",
         "U_* (D, H) multiplies x_t, W_* (H, H) multiplies h_prev.", renamed(swap)),
        ("previous_weights_transposed", "The weights W_* are transposed.",
         "h_prev (N, H) stands left, W_* (H, H) right, as it is.",
         _with(lambda p: {f"W_{g}": p[f"W_{g}"].mT for g in GRU_ORDER})),
        *(
            ("weights_of_another_gate", f"The {what} is computed with another gate's {kinds}.",
             "Was a line copied and one letter left as it was?",
             renamed({f"{k}_{gate}": f"{k}_{lender}" for k in kinds if k != "b" or gate != "n"}))
            for gate, what in GATES.items()
            for lender in GRU_ORDER
            for kinds in ("U", "W", "UW", "UWb")
            if lender != gate and (kinds != "UWb" or gate + lender == "rz")
        ),
        *(
            ("keys_by_position", "The parameters are taken by their position in the dict.",
             'Take each by its name: params["U_r"].', answer)
            for answer in (
                _with(lambda p: dict(zip(names, p.values(), strict=True))),
                _with(lambda p: dict(zip(names, [p[k] for k in sorted(p)], strict=True))),
            )
        ),
    ]  # fmt: skip


GRU: tuple[Misconception, ...] = tuple(
    Misconception(name, says, look, answer)
    for name, says, look, answer in (
        ("reset_before_product",
         "The reset gate multiplies h_prev before the product with W_n; here it comes after.",
         _N + " (The GRU's first paper has it your way, cuDNN and PyTorch this way.)",
         _reset_first(False)),
        ("reset_before_product",
         "The reset gate multiplies h_prev before the product with W_n; here it comes after.",
         _N, _reset_first(True)),
        ("update_complemented",
         "z and 1 - z have changed places: you keep the old state by 1 - z.",
         _MIX + " (Some books have it the other way round.)", _negated("z")),
        ("reset_update_swapped", "r and z have changed places.",
         "r resets the old state inside n; z mixes n with the old state at the end.",
         _with(lambda p: {f"{k}_{a}": p[f"{k}_{b}"] for k in "UWb" for a, b in ("rz", "zr")})),
        ("sigmoid_on_new", "n goes through a sigmoid; it should go through tanh.", _GATE,
         _new_becomes(lambda mine, state, r: torch.addcmul(mine, r, state).sigmoid())),
        ("no_activation_on_new", "n has no tanh.", _GATE,
         _new_becomes(lambda mine, state, r: torch.addcmul(mine, r, state))),
        ("reset_on_the_whole", "r multiplies the input's share of n too.", _N,
         _new_becomes(lambda mine, state, r: mine.add(state).mul(r).tanh())),
        ("reset_on_the_input", "r multiplies the input's share of n; it belongs on the state's.",
         _N, _new_becomes(lambda mine, state, r: torch.addcmul(state, r, mine).tanh())),
        ("reset_on_new", "r multiplies n after its tanh; it belongs inside, on the state's share.",
         _N, _new_becomes(lambda mine, state, r: mine.add(state).tanh().mul(r))),
        ("reset_unused", "The reset gate is not used: the old state enters n whole.", _N,
         _held("r", OPEN)),
        ("reset_complemented", "The old state enters n by 1 - r; it should enter by r.", _N,
         _negated("r")),
        ("reset_added", "r is added to the state's share of n; it should multiply it.", _N,
         _new_becomes(lambda mine, state, r: mine.add(state).add(r).tanh())),
        ("state_missing_in_new", "The old state does not enter n.", _N, _held("r", -OPEN)),
        *(("tanh_on_gates", f"{what} through tanh; gates go through a sigmoid.", _GATE,
           _gate_becomes(gates, torch.tanh))
          for gates, what in (("r", "r goes"), ("z", "z goes"), ("rz", "r and z go"))),
        *(("no_activation_on_gates", f"{what} no sigmoid.", _GATE,
           _gate_becomes(gates, lambda z: z))
          for gates, what in (("r", "r has"), ("z", "z has"), ("rz", "r and z have"))),
        ("update_missing", "What comes back is n: it is not mixed with the old state.", _MIX,
         _mixed(lambda n, z, h: n)),
        ("old_state_missing", "The old state is missing in the mixture: only (1 - z) * n is left.",
         _MIX, _mixed(lambda n, z, h: torch.lerp(n, torch.zeros_like(h), z))),
        ("new_state_missing", "The new content is missing in the mixture: only z * h_prev is left.",
         _MIX, _mixed(lambda n, z, h: z.mul(h))),
        ("complement_missing", "n enters whole, without its factor 1 - z.", _MIX,
         _mixed(lambda n, z, h: torch.addcmul(n, z, h))),
        ("old_state_whole", "The old state is kept whole, without its factor z.", _MIX,
         _mixed(lambda n, z, h: torch.lerp(n, torch.zeros_like(h), z).add(h))),
        ("tanh_on_the_mixture", "The mixture goes through a tanh once more.", _MIX,
         _mixed(lambda n, z, h: torch.lerp(n, h, z).tanh())),
        ("terms_subtracted", "z * h_prev is subtracted; it should be added.", _MIX,
         _mixed(lambda n, z, h: torch.lerp(n, -h, z))),
        ("mixed_by_the_reset_gate", "r mixes n with the old state; that is the update gate's work.",
         _MIX, lambda x, h, p: torch.lerp(_new(x, h, p), h, _sum("r", x, h, p).sigmoid())),
        ("input_missing", "The input x_t is not used.", "All three start with x_t @ U_*.",
         lambda x, h, p: torch_gru(torch.zeros_like(x), h, p)),
        ("previous_state_ignored", "h_prev is not used: the step starts from zeros.", _MIX,
         lambda x, h, p: torch_gru(x, torch.zeros_like(h), p)),
        ("state_missing_in_gates", "The old state does not reach r and z.",
         "Each gate adds two products and a bias.", _without("W_r", "W_z")),
        *_biases(),
        *_weights(),
    )
)  # fmt: skip
