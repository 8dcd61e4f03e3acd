"""The oracles of the RNN against nn.RNN itself, and against autograd with the bias known."""

from __future__ import annotations

import pytest
import torch

from autograder.exercises import _rnn, _rnn_backward
from autograder.exercises._layers_torch import gradients

SIZES = {"T": 6, "N": 3, "D": 4, "H": 5}


def _drawn(seed: int):
    g = torch.Generator().manual_seed(seed)
    inputs = _rnn_backward.draw_back(SIZES, 1.0, g)
    again = torch.Generator().manual_seed(seed)
    _, _, b = _rnn.draw_weights(SIZES, again)
    return list(inputs.values()), b


def _near(found, wanted) -> bool:
    return all(
        torch.allclose(a, c, rtol=1e-9, atol=1e-11) for a, c in zip(found, wanted, strict=True)
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_bias_is_found_again(seed) -> None:
    (_, x, h0, h, U, W), b = _drawn(seed)
    before = _rnn_backward.before_each_step(h0, h)
    assert torch.allclose(_rnn_backward.find_bias(x, before, h, U, W), b, rtol=0, atol=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_the_way_back_is_autograds_with_the_bias_known(seed) -> None:
    inputs, b = _drawn(seed)
    dh, x, h0, _, U, W = inputs
    wanted = gradients(_rnn.torch_layer, dh, (x, h0, U, W, b))
    assert _near(_rnn_backward.torch_back(*inputs), wanted)
    assert _near(_rnn_backward.Road().walk(*inputs), wanted)


@pytest.mark.parametrize("k", [1, 2, 4, 9])
def test_a_cut_graph_is_autograd_window_by_window(k) -> None:
    inputs, _ = _drawn(3)
    cut = _rnn_backward.Road().truncated(*inputs, k)
    assert _near(_rnn_backward.torch_truncated(*inputs, k), cut)


def test_the_states_are_those_of_the_loaded_module() -> None:
    (_, x, h0, h, U, W), b = _drawn(8)
    rnn = torch.nn.RNN(*U.shape, dtype=U.dtype)
    rnn.load_state_dict(_rnn.state_dict(U, W, b))
    with torch.no_grad():
        assert torch.allclose(rnn(x, h0[None])[0], h, rtol=0, atol=1e-12)
        last = _rnn.torch_step(x[-1], h[-2], U, W, b)
    assert torch.allclose(last, h[-1], rtol=0, atol=1e-12)
