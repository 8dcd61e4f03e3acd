"""Answers to `ablation`."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "ablation"
Report = dict[str, Any]


def report(whole: Any, ablated: Any, **other: Any) -> Report:
    """What is asked for, of two rows of scores."""
    a, b = np.array(whole), np.array(ablated)
    error = np.std(a - b, ddof=1) / np.sqrt(len(a))
    found = {"whole": a, "ablated": b, "difference": a - b, "mean": np.mean(a - b)}
    return {**found, "standard_error": error, **other}


def runs(train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any) -> Any:
    """Scores of both models."""
    return [
        [score(train(x, y, seed, ablated)(x_new), y_new) for seed in seeds]
        for ablated in (False, True)
    ]


@bank.right(EXERCISE)
def lists_and_statistics(
    train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any
) -> Report:
    rows = []
    for seed in seeds:
        a = score(train(x, y, seed, ablated=False)(x_new), y_new)
        b = score(train(x, y, seed, ablated=True)(x_new), y_new)
        rows.append((a, b, a - b))
        print(seed, a, b)
    whole, ablated, gaps = (list(column) for column in zip(*rows, strict=True))
    return {
        "whole": whole,
        "ablated": ablated,
        "difference": gaps,
        "mean": statistics.mean(gaps),
        "standard_error": statistics.stdev(gaps) / len(gaps) ** 0.5,
    }


@bank.right(EXERCISE)
def one_table(train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any) -> Report:
    """And a key more than asked."""
    table = np.array(runs(train, score, x, y, x_new, y_new, seeds))
    return report(*table, seeds=seeds, n=len(seeds))


@bank.right(EXERCISE)
def by_hand(train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any) -> Report:
    whole, ablated = runs(train, score, x, y, x_new, y_new, seeds)
    gaps = [a - b for a, b in zip(whole, ablated, strict=True)]
    mean = sum(gaps) / len(gaps)
    variance = sum((gap - mean) ** 2 for gap in gaps) / (len(gaps) - 1)
    found = report(whole, ablated, difference=tuple(gaps), mean=mean)
    return {**found, "standard_error": (variance / len(gaps)) ** 0.5}


@bank.right(EXERCISE)
def numbers_as_arrays(
    train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any
) -> Report:
    """Numbers without axes, lists of NumPy's numbers; the ablated models first."""
    ablated = [np.float64(score(train(x, y, s, True)(x_new), y_new)) for s in seeds]
    whole = [np.float64(score(train(x, y, s, False)(x_new), y_new)) for s in seeds]
    found = report(whole, ablated)
    return {**found, "whole": whole, "ablated": ablated, "mean": np.array(found["mean"])}


Twist = Callable[..., Report]


def _swap(change: Callable[..., Any]) -> Twist:
    """A wrong answer that reports other arguments than it is given."""

    def answer(
        train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any
    ) -> Report:
        return report(*runs(*change(train, score, x, y, x_new, y_new, seeds)))

    return answer


def _after(change: Callable[[Any, Any], Report]) -> Twist:
    """A wrong answer that has the right scores."""

    def answer(
        train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any
    ) -> Report:
        scores = runs(train, score, x, y, x_new, y_new, seeds)
        return change(*(np.array(row) for row in scores))

    return answer


def _stub(train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any) -> Report:
    raise NotImplementedError


def _unpaired(train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any) -> Report:
    whole, _ = runs(train, score, x, y, x_new, y_new, seeds)
    _, ablated = runs(train, score, x, y, x_new, y_new, [seed + 1 for seed in seeds])
    return report(whole, ablated)


def _made_up(train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any) -> Report:
    rng = np.random.default_rng(1)
    return report(0.9 + 0.01 * rng.normal(size=len(seeds)), 0.8 + 0 * np.array(seeds))


def _functions(
    train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any
) -> Report:
    return report(*[[score(train(x, y, s, a), y_new) for s in seeds] for a in (False, True)])


def _no_key(train: Any, score: Any, x: Any, y: Any, x_new: Any, y_new: Any, seeds: Any) -> Report:
    found = report(*runs(train, score, x, y, x_new, y_new, seeds))
    del found["standard_error"]
    return found


bank.wrong_ones(
    EXERCISE,
    ("stub", "not_started", "nothing yet", _stub),
    ("training_rows", "scored_on_training_rows", "asks for the rows at hand",
     _swap(lambda t, s, x, y, a, b, seeds: (t, s, x, y, x, y, seeds))),
    ("trains_on_new", "trained_on_new_rows", "mixes the two pairs up",
     _swap(lambda t, s, x, y, a, b, seeds: (t, s, a, b, a, b, seeds))),
    ("own_range", "own_seeds", "for seed in range(len(seeds))",
     _swap(lambda t, s, x, y, a, b, seeds: (t, s, x, y, a, b, range(len(seeds))))),
    ("first_seed", "one_seed_for_all", "seeds[0] in the loop",
     _swap(lambda t, s, x, y, a, b, seeds: (t, s, x, y, a, b, [seeds[0]] * len(seeds)))),
    ("flag_the_wrong_way", "arms_swapped", "True for the whole model",
     _swap(lambda t, s, x, y, a, b, seeds: (lambda *g: t(*g[:3], not g[3]), s, x, y, a, b, seeds))),
    ("flag_forgotten", "nothing_ablated", "False in both calls",
     _swap(lambda t, s, x, y, a, b, seeds: (lambda *g: t(*g[:3], False), s, x, y, a, b, seeds))),
    ("unpaired", "seeds_not_paired", "fresh seeds for the second model", _unpaired),
    ("made_up", "different", "a table that looks good", _made_up),
    ("scores_the_function", "raised", "forgets to ask the model", _functions),
    ("no_error", "wrong_type", "no standard error", _no_key),
    ("torch_tensors", "wrong_type", "tensors, as in the rest of the notebook",
     _after(lambda a, b: {name: torch.as_tensor(one) for name, one in report(a, b).items()})),
    ("ddof", "divided_by_s", "NumPy's std as it is",
     _after(lambda a, b: report(a, b, standard_error=np.std(a - b) / len(a) ** 0.5))),
    ("deviation", "deviation_for_error", "the spread of the seeds",
     _after(lambda a, b: report(a, b, standard_error=np.std(a - b, ddof=1)))),
    ("by_s", "root_of_s_missing", "over S",
     _after(lambda a, b: report(a, b, standard_error=np.std(a - b, ddof=1) / len(a)))),
    ("variance", "variance_for_error", "no root",
     _after(lambda a, b: report(a, b, standard_error=np.var(a - b, ddof=1) / len(a)))),
    ("two_errors", "errors_not_paired", "errors of both columns added",
     _after(lambda a, b: report(a, b, standard_error=np.hypot(a.std(ddof=1), b.std(ddof=1))
                                / len(a) ** 0.5))),
    ("error_of_whole", "error_of_one_column", "the whole model's error",
     _after(lambda a, b: report(a, b, standard_error=a.std(ddof=1) / len(a) ** 0.5))),
    ("backwards", "difference_backwards", "ablated less whole",
     _after(lambda a, b: report(a, b, difference=b - a, mean=np.mean(b - a)))),
    ("no_sign", "difference_without_sign", "how far apart",
     _after(lambda a, b: report(a, b, difference=abs(a - b), mean=abs(a - b).mean(),
                                standard_error=abs(a - b).std(ddof=1) / len(a) ** 0.5))),
    ("median", "median_for_mean", "robust",
     _after(lambda a, b: report(a, b, mean=np.median(a - b)))),
    ("best", "best_for_mean", "the best run of each",
     _after(lambda a, b: report(a, b, mean=a.max() - b.max()))),
    ("sorted", "scores_sorted", "tidies up", _after(lambda a, b: report(np.sort(a), np.sort(b)))),
    ("per_cent", "in_per_cent", "as in a newspaper",
     _after(lambda a, b: report(100 * a, 100 * b))),
    ("mean_of_whole", "mean_of_whole", "the mean that one is used to",
     _after(lambda a, b: report(a, b, mean=a.mean()))),
)  # fmt: skip
