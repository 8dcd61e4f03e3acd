"""The references of unit 4's last notebook against what is known of them by other means."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch.nn import functional

from autograder.checking.properties import Trial, find_failures
from autograder.checking.recipes import Seeded
from autograder.exercises import EXERCISES
from autograder.exercises import _sequence_sampling as sampling
from autograder.exercises._sequence_search import margin, walk
from autograder.exercises._sequence_search_wrong import searched


def _table(V: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(V, V, dtype=torch.float64, generator=generator).log_softmax(-1)


def _sequences(V: int, end: int, max_len: int):
    """Every sequence that ends at its first `end` or has max_len ids."""
    for length in range(1, max_len + 1):
        for ids in itertools.product(range(V), repeat=length):
            if end not in ids[:-1] and (ids[-1] == end or length == max_len):
                yield ids


def _score(table: torch.Tensor, start: int, ids: tuple[int, ...]) -> float:
    """PyTorch's own sum of the log-probabilities of a path."""
    rows = table[[start, *ids[:-1]]]
    return -float(functional.nll_loss(rows, torch.tensor(ids), reduction="sum"))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("V", "max_len"), [(3, 5), (4, 4), (5, 3), (4, 1)])
def test_a_beam_that_is_wide_enough_finds_the_best_of_all_sequences(V, max_len, seed) -> None:
    table, start, end = _table(V, seed), seed % V, (seed + 1) % V
    every = {ids: _score(table, start, ids) for ids in _sequences(V, end, max_len)}
    ids, score = searched(table, start, end, max_len, V**max_len)
    assert tuple(ids.tolist()) == max(every, key=every.get)
    assert float(score) == pytest.approx(max(every.values()))


def _frozen(table: torch.Tensor, start: int, end: int, max_len: int, width: int):
    """The same beam in tensors: `end` is followed by itself alone, at no cost."""
    V, frozen = len(table), table.clone()
    frozen[end], frozen[end, end] = -torch.inf, 0.0
    ids, score = torch.tensor([[start]]), table.new_zeros(1)
    for _ in range(max_len):
        total = (score[:, None] + frozen[ids[:, -1]]).flatten()
        score, place = total.topk(min(width, int(total.isfinite().sum())))
        ids = torch.cat([ids[place // V], (place % V)[:, None]], 1)
    found = ids[0, 1:].tolist()
    return found[: found.index(end) + 1] if end in found else found, float(score[0])


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("V", "max_len", "width"), [(6, 5, 1), (6, 5, 2), (5, 6, 3), (7, 4, 4)])
def test_a_narrow_beam_is_that_of_a_table_with_an_absorbing_end(V, max_len, width, seed) -> None:
    table, start, end = _table(V, 100 + seed), seed % V, (seed + 2) % V
    ids, score = searched(table, start, end, max_len, width)
    wanted, wanted_score = _frozen(table, start, end, max_len, width)
    assert ids.tolist() == wanted
    assert float(score) == pytest.approx(wanted_score)


@pytest.mark.parametrize("seed", range(8))
def test_a_beam_of_one_is_greedy_decoding(seed) -> None:
    for case in EXERCISES["greedy_decode"].draw_cases(seed):
        wanted = EXERCISES["greedy_decode"].oracle(*case.inputs.values())
        assert searched(*case.inputs.values(), 1)[0].tolist() == wanted.tolist()


@pytest.mark.parametrize("seed", range(8))
def test_no_case_of_beam_search_hangs_on_a_near_tie(seed) -> None:
    for case in EXERCISES["beam_search"].draw_cases(seed):
        assert margin(*case.inputs.values()) > 1e-3
        assert walk(*case.inputs.values()).ids


def test_the_example_of_the_notebook() -> None:
    table = torch.tensor(
        [[1e-9, 0.5, 0.4, 0.1], [1e-9, 0.4, 0.3, 0.3], [1e-9, 0.05, 0.05, 0.9], [0.25] * 4]
    ).log()
    assert EXERCISES["greedy_decode"].oracle(table, 0, 3, 2).tolist() == [1, 1]
    ids, score = searched(table, 0, 3, 2, 2)
    assert ids.tolist() == [2, 3]
    assert math.exp(score) == pytest.approx(0.36)


# --- the test of a distribution -------------------------------------------------------------------


def _exact_tail(p: list[float], n: int, level: float) -> float:
    """The exact chance that half of G exceeds `level`, over all counts of n draws from p."""
    total = 0.0
    for counts in itertools.product(range(n + 1), repeat=len(p) - 1):
        rest = n - sum(counts)
        if rest < 0:
            continue
        every = [*counts, rest]
        half = sum(o * math.log(o / (n * q)) for o, q in zip(every, p, strict=True) if o)
        if half > level:
            log_chance = math.lgamma(n + 1) + sum(
                o * math.log(q) - math.lgamma(o + 1) for o, q in zip(every, p, strict=True)
            )
            total += math.exp(log_chance)
    return total


@pytest.mark.parametrize("p", [[0.5, 0.3, 0.2], [0.9, 0.09, 0.01], [0.998, 0.001, 0.001]])
@pytest.mark.parametrize("n", [5, 40])
@pytest.mark.parametrize("false_alarm", [0.05, 1e-4, 1e-8])
def test_the_threshold_keeps_its_promise_for_few_draws_and_rare_ids(p, n, false_alarm) -> None:
    assert _exact_tail(p, n, sampling.threshold(len(p) - 1, false_alarm)) <= false_alarm


def test_the_surprise_is_half_of_g() -> None:
    ids = torch.tensor([0, 1, 0, 1, 0, 2])
    p = torch.tensor([[0.5, 0.25, 0.25]], dtype=torch.float64).expand(6, 3)
    wanted = 3 * math.log(3 / 3) + 2 * math.log(2 / 1.5) + 1 * math.log(1 / 1.5)
    assert sampling.surprise(ids, p, 1) == pytest.approx(wanted)
    never = torch.tensor([[1.0, 0.0, 0.0]], dtype=torch.float64).expand(6, 3)
    assert sampling.surprise(ids, never, 1) > 1e9


def test_two_hundred_right_draws_pass() -> None:
    exercise = EXERCISES["sample"]
    for seed in range(200):
        cases = exercise.draw_cases(seed)
        trials = [Trial(case.inputs, exercise.oracle(*case.inputs.values())) for case in cases]
        assert find_failures(exercise.properties, trials) == (), seed


def test_a_draw_that_is_slightly_off_is_seen() -> None:
    exercise = EXERCISES["sample"]
    for seed in range(10):
        trials = []
        for case in exercise.draw_cases(seed):
            logits, temperature, top_k, generator = case.inputs.values()
            assert isinstance(generator, Seeded)
            ids = exercise.oracle(logits, 1.5 * temperature, top_k, generator)
            trials.append(Trial(case.inputs, ids))
        assert find_failures(exercise.properties, trials), seed
