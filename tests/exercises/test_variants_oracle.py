"""The variants' oracles against their equations in NumPy; PyTorch has no kernel for two of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograder.exercises import EXERCISES, _variants


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _drawn(name: str, seed: int = 3):
    """The inputs of the first case, as NumPy arrays."""
    inputs = EXERCISES[name].draw_cases(seed)[0].inputs
    *states, params = inputs.values()
    return [s.numpy() for s in states], {k: w.numpy() for k, w in params.items()}, inputs


def _sum(gate, x, h, p):
    return x @ p[f"U_{gate}"] + h @ p[f"W_{gate}"]


def test_peepholes() -> None:
    (x, h, c), p, inputs = _drawn("peephole_lstm_cell")
    f = _sigmoid(_sum("f", x, h, p) + p["P_f"] * c)
    i = _sigmoid(_sum("i", x, h, p) + p["P_i"] * c)
    new = f * c + i * np.tanh(_sum("c", x, h, p))
    o = _sigmoid(_sum("o", x, h, p) + p["P_o"] * new)
    h_t, c_t = _variants.torch_peephole(*inputs.values())
    assert c_t.numpy() == pytest.approx(new, abs=1e-12)
    assert h_t.numpy() == pytest.approx(o * np.tanh(new), abs=1e-12)


def test_coupled() -> None:
    (x, h, c), p, inputs = _drawn("coupled_lstm_cell")
    i, o = (_sigmoid(_sum(gate, x, h, p)) for gate in "io")
    new = (1 - i) * c + i * np.tanh(_sum("c", x, h, p))
    h_t, c_t = _variants.torch_coupled(*inputs.values())
    assert c_t.numpy() == pytest.approx(new, abs=1e-12)
    assert h_t.numpy() == pytest.approx(o * np.tanh(new), abs=1e-12)


def test_gru() -> None:
    (x, h), p, inputs = _drawn("gru_cell")
    r, z = (_sigmoid(_sum(gate, x, h, p) + p[f"b_{gate}"]) for gate in "rz")
    n = np.tanh(x @ p["U_n"] + p["b_in"] + r * (h @ p["W_n"] + p["b_hn"]))
    h_t = _variants.torch_gru(*inputs.values())
    assert h_t.numpy() == pytest.approx((1 - z) * n + z * h, abs=1e-12)


def test_packed_rows_are_the_rows_by_themselves() -> None:
    case = EXERCISES["packed_lstm"].draw_cases(3)[-1]
    x, lengths, params = case.inputs.values()
    assert lengths.max() < len(x), "the longest row is shorter than T"
    assert lengths.tolist() != sorted(lengths.tolist())
    h, h_last, c_last = _variants.torch_packed(x, lengths, params)
    for n, length in enumerate(lengths.tolist()):
        zeros = x.new_zeros(1, 1, h.shape[2])
        own = _variants.torch_stacked(x[:length, n : n + 1], zeros, zeros, [params])
        torch.testing.assert_close(h[:length, n], own[0][:, 0])
        torch.testing.assert_close(h_last[n], own[1][0, 0])
        torch.testing.assert_close(c_last[n], own[2][0, 0])
        assert not h[length:, n].any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_widths_that_do_not_fit_are_seen_in_every_dtype(dtype) -> None:
    case = EXERCISES["stacked_lstm"].draw_cases(3)[0]
    x, h0, c0, layers = case.inputs.values()
    given = [{k: w.to(dtype) for k, w in params.items()} for params in layers]
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        _variants.torch_stacked(x.to(dtype), h0.to(dtype), c0.to(dtype), given[::-1])
