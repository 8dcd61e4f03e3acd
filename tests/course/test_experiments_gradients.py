"""Gradient through time, and the initialisation it depends on."""

import copy

import pytest
import torch
from torch import nn

from course.experiments.gradients import (
    gradient_of_layer,
    gradient_through_time,
    per_step_factor,
)
from course.experiments.initialisation import set_forget_bias


def _noise(steps: int = 12, sequences: int = 3, width: int = 4) -> torch.Tensor:
    return torch.randn(steps, sequences, width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_the_gradient_has_length_one_at_the_last_step(kind: str) -> None:
    norms = gradient_through_time(kind, _noise(), hidden=5, seed=0)  # type: ignore[arg-type]
    assert norms.shape == (12,)
    assert norms.dtype == torch.float64
    assert norms[-1] == pytest.approx(1.0)


def test_the_rnn_gradient_agrees_with_the_jacobian() -> None:
    x = _noise(sequences=1)
    norms = gradient_through_time("rnn", x, hidden=5, seed=3)
    torch.manual_seed(3)
    cell = nn.RNNCell(4, 5, dtype=torch.float64)
    direction = nn.functional.normalize(torch.randn(5, dtype=torch.float64), dim=0)
    h, states = torch.zeros(1, 5, dtype=torch.float64), []
    for x_t in x.double():
        h = cell(x_t, h)
        states.append(h.detach()[0])
    for t in reversed(range(12)):
        assert norms[t] == pytest.approx(direction.norm().item())
        direction = ((1 - states[t] ** 2) * direction) @ cell.weight_hh.detach()


def test_a_larger_forget_bias_carries_the_gradient_further() -> None:
    reach = [gradient_through_time("lstm", _noise(40), 8, 0, bias)[0] for bias in (0.0, 1.0, 3.0)]
    assert reach[0] < reach[1] < reach[2]


@pytest.mark.parametrize(("layer", "cell"), [(nn.RNN, nn.RNNCell), (nn.LSTM, nn.LSTMCell)])
@pytest.mark.parametrize("bias", [True, False])
def test_the_gradient_of_a_layer_is_that_of_its_cell(
    layer: type[nn.RNNBase], cell: type[nn.RNNCell | nn.LSTMCell], bias: bool
) -> None:
    torch.manual_seed(4)
    network = layer(4, 5, bias=bias)
    before = copy.deepcopy(network.state_dict())
    norms = gradient_of_layer(network, _noise(sequences=1), seed=6)
    step = cell(4, 5, bias=bias)
    step.load_state_dict({name.removesuffix("_l0"): value for name, value in before.items()})
    torch.manual_seed(6)
    direction = nn.functional.normalize(torch.randn(5, dtype=torch.float64), dim=0).float()
    states, state = [], None
    for x_t in _noise(sequences=1):
        state = step(x_t, state)
        states.append(state[0] if cell is nn.LSTMCell else state)
    expected = torch.autograd.grad((states[-1] @ direction).sum(), states)
    torch.testing.assert_close(norms.float(), torch.stack(expected).norm(dim=-1)[:, 0])
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize(
    "layer", [nn.GRU(4, 5), nn.RNN(4, 5, num_layers=2), nn.RNN(4, 5, nonlinearity="relu")]
)
def test_the_gradient_of_another_kind_of_layer_is_refused(layer: nn.RNNBase) -> None:
    with pytest.raises(ValueError, match="one layer, one direction"):
        gradient_of_layer(layer, _noise(), seed=0)


def test_per_step_factor_of_a_geometric_sequence() -> None:
    norms = 0.8 ** torch.arange(20, 0, -1, dtype=torch.float64)  # shrinks by 0.8 a step, backwards
    assert per_step_factor(norms, 2, 17) == pytest.approx(0.8)


@pytest.mark.parametrize(("first", "last"), [(5, 5), (7, 3), (-1, 4), (0, 20)])
def test_per_step_factor_needs_two_steps_in_order(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="per_step_factor"):
        per_step_factor(torch.ones(20), first, last)


@pytest.mark.parametrize("layers", [1, 2])
def test_set_forget_bias_sets_the_sum_and_nothing_else(layers: int) -> None:
    torch.manual_seed(0)
    lstm = nn.LSTM(3, 4, num_layers=layers)
    before = {name: parameter.detach().clone() for name, parameter in lstm.named_parameters()}
    set_forget_bias(lstm, 1.5)
    for layer in range(layers):
        total = lstm.get_parameter(f"bias_ih_l{layer}") + lstm.get_parameter(f"bias_hh_l{layer}")
        assert total[4:8].tolist() == [1.5] * 4
    for name, parameter in lstm.named_parameters():
        rows = [0, 1, 2, 3, *range(8, 16)] if "bias" in name else slice(None)
        assert torch.equal(parameter[rows], before[name][rows])


def test_set_forget_bias_opens_the_gate_of_a_cell() -> None:
    cell = nn.LSTMCell(3, 4)
    set_forget_bias(cell, 30.0)
    _, c = cell(torch.zeros(1, 3), (torch.zeros(1, 4), torch.full((1, 4), 5.0)))
    _, none = cell(torch.zeros(1, 3), (torch.zeros(1, 4), torch.zeros(1, 4)))
    assert torch.allclose(c - none, torch.full((1, 4), 5.0))


def test_set_forget_bias_needs_biases() -> None:
    with pytest.raises(ValueError, match="bias=False"):
        set_forget_bias(nn.LSTM(3, 4, bias=False), 1.0)
