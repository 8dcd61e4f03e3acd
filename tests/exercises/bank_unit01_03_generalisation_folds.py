"""Answers to `k_fold`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "k_fold"


def pairs(pieces: Any) -> list[Any]:
    return [
        (np.concatenate([*pieces[:i], *pieces[i + 1 :]]), pieces[i]) for i in range(len(pieces))
    ]


@bank.right(EXERCISE)
def split_and_join(n: int, k: int, rng: Any) -> Any:
    return pairs(np.array_split(rng.permutation(n), k))


@bank.right(EXERCISE)
def generator(n: int, k: int, rng: Any) -> Any:
    order = rng.permutation(n)
    for held in np.array_split(order, k):
        yield np.setdiff1d(order, held), held


@bank.right(EXERCISE)
def every_kth_of_a_shuffle(n: int, k: int, rng: Any) -> Any:
    order = rng.permutation(n)
    return tuple((order[np.arange(n) % k != i], order[i::k]) for i in range(k))


@bank.right(EXERCISE)
def lists(n: int, k: int, rng: Any) -> Any:
    order = [int(i) for i in rng.permutation(n)]
    return [[[row for row in order if row not in order[i::k]], order[i::k]] for i in range(k)]


@bank.wrong(EXERCISE, "not_shuffled", "generator_ignored")
def neighbours(n: int, k: int, rng: Any) -> Any:
    """Cuts the rows as they come."""
    return pairs(np.array_split(np.arange(n), k))


@bank.wrong(EXERCISE, "not_shuffled", "generator_ignored")
def modulo(n: int, k: int, rng: Any) -> Any:
    """Every k-th row."""
    rows = np.arange(n)
    return [(rows[rows % k != i], rows[rows % k == i]) for i in range(k)]


@bank.wrong(EXERCISE, "not_shuffled")
def rotated(n: int, k: int, rng: Any) -> Any:
    """Neighbours, counted from a random row."""
    return pairs(np.array_split(np.roll(np.arange(n), rng.integers(n)), k))


@bank.wrong(EXERCISE, "train_and_validation_swapped")
def held_out_first(n: int, k: int, rng: Any) -> Any:
    """Returns the held-out rows first."""
    return [(held, train) for train, held in split_and_join(n, k, rng)]


@bank.wrong(EXERCISE, "rows_not_held_out_once")
def k_random_splits(n: int, k: int, rng: Any) -> Any:
    """A new shuffle for every fold."""
    folds = []
    for _ in range(k):
        order = rng.permutation(n)
        folds.append((order[n // k :], order[: n // k]))
    return folds


@bank.wrong(EXERCISE, "rows_not_held_out_once")
def remainder_lost(n: int, k: int, rng: Any) -> Any:
    """`n // k` rows each; the rest are never held out."""
    order, size = rng.permutation(n), n // k
    return [
        (np.delete(order, slice(i * size, (i + 1) * size)), order[i * size : (i + 1) * size])
        for i in range(k)
    ]


@bank.wrong(EXERCISE, "uneven_folds")
def remainder_in_the_last(n: int, k: int, rng: Any) -> Any:
    """The last fold takes what is left."""
    order, size = rng.permutation(n), n // k
    return pairs(np.split(order, [size * i for i in range(1, k)]))


@bank.wrong(EXERCISE, "validation_rows_in_training")
def trains_on_everything(n: int, k: int, rng: Any) -> Any:
    """Forgets to leave the fold out."""
    order = rng.permutation(n)
    return [(order, held) for held in np.array_split(order, k)]


@bank.wrong(EXERCISE, "training_rows_lost")
def trains_on_the_next_fold(n: int, k: int, rng: Any) -> Any:
    """One fold to train on, one to validate."""
    pieces = np.array_split(rng.permutation(n), k)
    return [(np.concatenate([pieces[i - 1], pieces[i - 2]]), pieces[i]) for i in range(k)]


@bank.wrong(EXERCISE, "generator_ignored")
def own_seed(n: int, k: int, rng: Any) -> Any:
    """A seed of its own."""
    return split_and_join(n, k, np.random.default_rng(0))


@bank.wrong(EXERCISE, "generator_ignored")
def global_generator(n: int, k: int, rng: Any) -> Any:
    """The global generator."""
    return pairs(np.array_split(np.random.permutation(n), k))


@bank.wrong(EXERCISE, "uneven_folds")
def sizes_rounded_up(n: int, k: int, rng: Any) -> Any:
    """n / k rounded up, until there are none left: 9 rows in 4 folds are 3, 3, 3 and none."""
    order, size = rng.permutation(n), -(-n // k)
    return pairs([order[i * size : (i + 1) * size] for i in range(k)])


@bank.wrong(EXERCISE, "not_repeatable")
def a_generator_without_a_seed(n: int, k: int, rng: Any) -> Any:
    """A new generator, seeded by the machine."""
    return split_and_join(n, k, np.random.default_rng())


@bank.wrong(EXERCISE, "wrong_form")
def one_fold_too_few(n: int, k: int, rng: Any) -> Any:
    """`range(k - 1)`."""
    return split_and_join(n, k, rng)[:-1]


@bank.wrong(EXERCISE, "wrong_form")
def only_the_held_out(n: int, k: int, rng: Any) -> Any:
    """No training parts."""
    return np.array_split(rng.permutation(n), k)


@bank.wrong(EXERCISE, "wrong_form")
def counted_from_one(n: int, k: int, rng: Any) -> Any:
    """Rows 1 … n."""
    return [(train + 1, held + 1) for train, held in split_and_join(n, k, rng)]


@bank.wrong(EXERCISE, "wrong_form")
def masks(n: int, k: int, rng: Any) -> Any:
    """Boolean masks."""
    return [
        (~np.isin(np.arange(n), held), np.isin(np.arange(n), held))
        for _, held in split_and_join(n, k, rng)
    ]


@bank.wrong(EXERCISE, "forbidden_call")
def scikit_learn(n: int, k: int, rng: Any) -> Any:
    """Lets scikit-learn do it."""
    from sklearn.model_selection import KFold

    return list(KFold(k, shuffle=True, random_state=1).split(np.zeros((n, 1))))
