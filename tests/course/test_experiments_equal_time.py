"""Networks that race on a text, and the counts they are compared with."""

import itertools
import math

import pytest
import torch

from course.experiments import equal_time
from course.experiments.equal_time import KINDS, Recurrent, bigram_bits, race, train_for

PATTERN = torch.arange(4).repeat(200)  # 0 1 2 3 0 1 2 3 ...


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock by which every update takes four milliseconds, on any machine."""
    ticks = itertools.count()
    monkeypatch.setattr(equal_time.time, "perf_counter", lambda: 0.004 * next(ticks))


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_learns_a_pattern(kind: str) -> None:
    done = train_for(kind, 0.6, PATTERN, PATTERN[:400], 4, hidden=16, embedding=4, lanes=4, steps=8)
    assert done.bits[-1] < 1.0  # two bits without knowing anything
    assert 149 <= done.updates <= 151
    assert len(done.bits) == len(done.seconds) == 5
    assert done.seconds == sorted(done.seconds)
    assert done.seconds[-1] == pytest.approx(0.6, abs=0.005)


@pytest.mark.usefixtures("clock")
def test_a_race_has_one_run_for_each_kind_and_seed() -> None:
    runs = race(0.02, PATTERN.repeat(5), PATTERN, 4, seeds=2)
    assert {kind: len(mine) for kind, mine in runs.items()} == dict.fromkeys(KINDS, 2)
    assert runs["RNN"][0].weights < runs["GRU"][0].weights < runs["LSTM"][0].weights


def test_the_forget_gate_starts_open_and_the_other_kinds_have_none() -> None:
    lstm = Recurrent("LSTM", 4, 3, 5).recurrent
    assert torch.equal(lstm.bias_ih_l0[5:10], torch.ones(5))
    with pytest.raises(KeyError):
        Recurrent("MLP", 4, 3, 5)


def test_a_network_that_knows_nothing_needs_the_uniform_bits() -> None:
    model = Recurrent("GRU", 8, 4, 4)
    with torch.no_grad():
        model.read_out.weight.zero_()
        model.read_out.bias.zero_()
    assert model.bits(torch.arange(200) % 8, lanes=5) == pytest.approx(math.log2(8))


def test_a_text_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fill 32 lanes"):
        train_for("RNN", 1.0, torch.zeros(100, dtype=torch.int64), torch.zeros(100), 2)


def test_bigram_bits_of_known_pairs() -> None:
    ids = torch.tensor([0, 1] * 500)
    assert bigram_bits(ids, ids, 2) < 0.01
    mixed = torch.tensor([0, 0, 1, 1] * 1000)  # after either, each half of the time
    assert bigram_bits(mixed, mixed, 2) == pytest.approx(1.0, abs=0.01)
