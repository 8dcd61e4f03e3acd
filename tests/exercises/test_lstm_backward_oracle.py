"""The oracles of the LSTM's way back against nn.LSTM, differences and a pocket calculator."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from autograder.checking.values import tensors
from autograder.exercises import EXERCISES, _lstm
from autograder.exercises._lstm_backward_graph import of_cell, through_time
from autograder.exercises._lstm_backward_wrong_time import TIME


def _cases(name: str, seed: int = 6):
    return [c for c in EXERCISES[name].draw_cases(seed) if c.spec.dtype == torch.float64]


def _same(got, want) -> None:
    for a, b in zip(tensors(got), tensors(want), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12)


def test_the_layer_oracle_is_nn_lstm_with_autograd() -> None:
    for case in _cases("lstm_backward"):
        dh, x, h0, c0, params = case.inputs.values()
        D, H = params["U_f"].shape
        layer = torch.nn.LSTM(D, H, bias=False, dtype=torch.float64)
        weight_ih, weight_hh = _lstm.lay_out(params)
        layer.load_state_dict({"weight_ih_l0": weight_ih, "weight_hh_l0": weight_hh})
        leaves = [value.clone().requires_grad_() for value in (x, h0, c0)]
        layer(leaves[0], (leaves[1][None], leaves[2][None]))[0].backward(dh)
        grads = _lstm.take_apart(layer.weight_ih_l0.grad, layer.weight_hh_l0.grad)
        want = *(leaf.grad for leaf in leaves), {name: grads[name] for name in params}
        _same(EXERCISES["lstm_backward"].oracle(*case.inputs.values()), want)


def test_the_graph_of_the_misconceptions_is_right_where_nothing_is_changed() -> None:
    for case in _cases("lstm_cell_backward"):
        inputs = case.inputs.values()
        _same(of_cell({})(*inputs), EXERCISES["lstm_cell_backward"].oracle(*inputs))
    for case in _cases("lstm_backward"):
        inputs = case.inputs.values()
        _same(through_time()(*inputs), EXERCISES["lstm_backward"].oracle(*inputs))


def test_the_step_oracle_is_what_differences_say() -> None:
    case = _cases("lstm_cell_backward")[1]
    dh, dc, x, h, c, params = case.inputs.values()
    _, _, dc_prev, grads = EXERCISES["lstm_cell_backward"].oracle(dh, dc, x, h, c, params)

    def loss(c: Tensor, params: dict[str, Tensor]) -> float:
        h_t, c_t = _lstm.torch_cell(x, h, c, params)
        return float((dh * h_t).sum() + (dc * c_t).sum())

    hair = torch.zeros_like(c)
    hair[0, 1] = 1e-6
    rise = (loss(c + hair, params) - loss(c - hair, params)) / 2e-6
    assert rise == pytest.approx(float(dc_prev[0, 1]), abs=1e-8)
    hair = torch.zeros_like(params["W_i"])
    hair[2, 0] = 1e-6
    up, down = ({**params, "W_i": params["W_i"] + sign * hair} for sign in (1, -1))
    assert (loss(c, up) - loss(c, down)) / 2e-6 == pytest.approx(
        float(grads["W_i"][2, 0]), abs=1e-8
    )


def test_the_pocket_calculators_numbers() -> None:
    one = torch.ones(1, 1, dtype=torch.float64)
    z = {"f": 0.9, "i": 0.2, "o": 0.7}
    before = {gate: (one * value).logit() for gate, value in z.items()} | {"c": (one / 2).atanh()}
    W = {"f": 0.4, "i": -0.3, "c": 0.8, "o": 0.2}
    params = {f"U_{g}": (before[g] - 0.5 * W[g]) / 2 for g in "fico"}
    params |= {f"W_{g}": one * W[g] for g in "fico"}
    oracle = EXERCISES["lstm_cell_backward"].oracle
    _, dh, dc, grads = oracle(one, one / 2, 2 * one, one / 2, 2 * one, params)
    assert (round(dh.item(), 4), round(dc.item(), 4)) == (0.1342, 0.5039)
    dz = [round(grads[f"U_{g}"].item() / 2, 4) for g in "fico"]
    assert dz == [0.1008, 0.0448, 0.0840, 0.2008]


#: What one step cannot show: the bank of the exercise must have a case of several.
UNSEEN_AT_ONE_STEP = {
    "dh_carry_dropped",
    "dc_carry_dropped",
    "nothing_carried",
    "upstream_only_at_last_step",
    "last_upstream_repeated",
    "time_walked_forwards",
    "grads_overwritten",
    "grads_of_last_step_only",
    "averaged_over_time",
    "dx_in_reversed_order",
    "initial_states_at_every_step",
}


@pytest.mark.parametrize("name", sorted(UNSEEN_AT_ONE_STEP))
def test_some_mistakes_are_right_at_one_step_and_wrong_at_several(name: str) -> None:
    answer = next(m.answer for m in TIME if m.name == name)
    oracle = EXERCISES["lstm_backward"].oracle
    first, *rest = _cases("lstm_backward")
    assert first.spec.sizes["T"] == 1
    _same(answer(*first.inputs.values()), oracle(*first.inputs.values()))
    for case in rest:
        pairs = zip(
            tensors(answer(*case.inputs.values())),
            tensors(oracle(*case.inputs.values())),
            strict=True,
        )
        assert not all(a.shape == b.shape and torch.allclose(a, b) for a, b in pairs)
