"""The recall task and its networks."""

from typing import get_args

import pytest
import torch
from torch import nn

from course.experiments.memory import (
    Kind,
    RecallNetwork,
    marked_symbols,
    recall_by_delay,
    train_recall,
)


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_target_is_the_symbol_at_the_latest_mark() -> None:
    x, target = marked_symbols(30, 7, 5, 0.2, _generator())
    assert x.shape == (30, 7, 6)
    assert target.shape == (30, 7)
    symbol, marked = x[..., :5].argmax(-1), x[..., 5] > 0
    for n in range(7):
        latest = 0
        for t in range(30):
            latest = t if marked[t, n] else latest
            assert target[t, n] == symbol[latest, n]


def test_the_first_step_is_marked_and_marks_are_as_frequent_as_asked() -> None:
    x, _ = marked_symbols(200, 100, 8, 0.1, _generator())
    assert bool((x[0, :, 8] == 1).all())
    assert x[1:, :, 8].mean() == pytest.approx(0.1, abs=0.01)


def test_without_marks_the_first_symbol_stays_wanted() -> None:
    x, target = marked_symbols(9, 4, 8, 0.0, _generator())
    assert torch.equal(target, x[0, :, :8].argmax(-1).expand(9, 4))


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_gives_logits_for_every_step(kind: Kind) -> None:
    network = RecallNetwork(kind, n_symbols=5, hidden=6)
    assert network(torch.zeros(4, 3, 6)).shape == (4, 3, 5)


def test_recall_by_delay_of_an_untrained_network_is_near_guessing() -> None:
    torch.manual_seed(0)
    accuracy = recall_by_delay(RecallNetwork("rnn", 8, 16), steps=20)
    assert accuracy.shape == (20,)
    assert accuracy[5:].mean() == pytest.approx(1 / 8, abs=0.06)


def test_training_teaches_the_shortest_delays_and_repeats_itself() -> None:
    short = {"n_symbols": 4, "steps": 20, "updates": 120}
    first = train_recall("lstm", 16, seed=0, **short)
    again = train_recall("lstm", 16, seed=0, **short)
    accuracy = recall_by_delay(first, steps=10)
    assert accuracy[:3].min() > 0.9
    assert torch.equal(accuracy, recall_by_delay(again, steps=10))


def test_forget_bias_reaches_the_lstm() -> None:
    network = train_recall("lstm", 4, seed=0, forget_bias=2.0, updates=0)
    assert isinstance(network.recurrent, nn.LSTM)
    assert (network.recurrent.bias_ih_l0 + network.recurrent.bias_hh_l0)[4:8].tolist() == [2.0] * 4
