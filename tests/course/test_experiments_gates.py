"""Gates read from the outside, held against what PyTorch itself computes."""

import pytest
import torch
from torch import nn

from course.experiments.gates import read_gates

T, N, D, H = 6, 3, 4, 5


def _read(bias: bool = True, scale: float = 1.0) -> tuple[nn.LSTM, torch.Tensor, dict]:
    torch.manual_seed(0)
    lstm = nn.LSTM(D, H, bias=bias)
    x = scale * torch.randn(T, N, D)
    return lstm, x, read_gates(lstm, x)


@pytest.mark.parametrize("bias", [True, False])
def test_states_are_those_of_the_lstm(bias: bool) -> None:
    lstm, x, gates = _read(bias)
    with torch.no_grad():
        output, (_, c_last) = lstm(x)
    assert all(value.shape == (T, N, H) for value in gates.values())
    torch.testing.assert_close(gates["h"], output)
    torch.testing.assert_close(gates["c"][-1:], c_last)


@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_gates_and_states_agree(scale: float) -> None:
    _, _, gates = _read(scale=scale)
    before = torch.cat([torch.zeros(1, N, H), gates["c"][:-1]])
    kept, written = torch.mul(gates["f"], before), torch.mul(gates["i"], gates["c_bar"])
    torch.testing.assert_close(kept + written, gates["c"])
    torch.testing.assert_close(torch.mul(gates["o"], torch.tanh(gates["c"])), gates["h"])


def test_each_gate_follows_its_own_block_of_weights() -> None:
    x = torch.randn(T, N, D, generator=torch.Generator().manual_seed(1))
    for block, (name, silent) in enumerate((("i", 0.5), ("f", 0.5), ("c_bar", 0.0), ("o", 0.5))):
        torch.manual_seed(2)
        lstm = nn.LSTM(D, H, bias=False)
        with torch.no_grad():
            for weight in lstm.parameters():
                weight[block * H : (block + 1) * H] = 0
        gates = read_gates(lstm, x)
        for other in ("i", "f", "c_bar", "o"):
            level = 0.0 if other == "c_bar" else 0.5
            constant = bool(((gates[other] - level).abs() < 1e-6).all())
            assert constant == (other == name), (name, other)
        assert gates[name].flatten()[0] == pytest.approx(silent)


def test_the_lstm_is_left_as_it_was() -> None:
    torch.manual_seed(0)
    fresh = nn.LSTM(D, H)
    lstm, _, gates = _read()
    assert all(
        torch.equal(a, b) for a, b in zip(fresh.parameters(), lstm.parameters(), strict=True)
    )
    assert not any(value.requires_grad for value in gates.values())


@pytest.mark.parametrize(
    "options", [{"num_layers": 2}, {"bidirectional": True}, {"proj_size": 2}, {"batch_first": True}]
)
def test_other_kinds_of_lstm_are_refused(options: dict) -> None:
    with pytest.raises(ValueError, match="one layer and one direction"):
        read_gates(nn.LSTM(D, H, **options), torch.zeros(T, N, D))


@pytest.mark.parametrize("shape", [(T, D), (T, N, D + 1)])
def test_a_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"x must be \(T, N, 4\)"):
        read_gates(nn.LSTM(D, H), torch.zeros(shape))
