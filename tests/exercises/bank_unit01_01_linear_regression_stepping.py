"""Answers to `sgd_step` and `minibatches`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()


def stepped(change: Any) -> Any:
    """A step in the container that came; change(param, grad, lr) is one of its arrays."""

    def answer(params: Any, grads: Any, lr: float) -> Any:
        if isinstance(params, dict):
            return {name: change(params[name], grads[name], lr) for name in params}
        return type(params)([change(p, g, lr) for p, g in zip(params, grads, strict=True)])

    return answer


def in_place(params: Any, grads: Any, lr: float) -> Any:
    for name in params if isinstance(params, dict) else range(len(params)):
        params[name][...] -= lr * grads[name]
    return params


def recursive(params: Any, grads: Any, lr: float) -> Any:
    if isinstance(params, dict):
        return dict(zip(params, recursive(list(params.values()), [grads[k] for k in params], lr),
                        strict=True))  # fmt: skip
    new = [np.subtract(p, np.multiply(lr, g)) for p, g in zip(params, grads, strict=True)]
    return new if isinstance(params, list) else tuple(new)


bank.right_ones(
    "sgd_step",
    plain=stepped(lambda p, g, lr: p - lr * g),
    added=stepped(lambda p, g, lr: p + -lr * g),
    recursive=recursive,
    copied=stepped(lambda p, g, lr: np.array(p.copy() - g * lr, order="F")),
)
bank.wrong_ones(
    "sgd_step",
    ("uphill", "climbs", "Plus.", stepped(lambda p, g, lr: p + lr * g)),
    ("no_rate", "rate_missing", "Forgets lr.", stepped(lambda p, g, lr: p - g)),
    ("stays", "nothing_moves", "Returns the old.", stepped(lambda p, g, lr: p.copy())),
    ("squared", "rate_squared", "lr twice.", stepped(lambda p, g, lr: p - lr * lr * g)),
    ("half", "rate_halved", "Half a step.", stepped(lambda p, g, lr: p - lr * g / 2)),
    ("divided", "rate_divides", "Divides.", stepped(lambda p, g, lr: p - g / lr)),
    ("double", "two_steps", "Twice.", stepped(lambda p, g, lr: p - 2 * lr * g)),
    ("always_a_list", "wrong_container", "Returns a list.",
     lambda params, grads, lr: list(recursive(params, grads, lr).values())
     if isinstance(params, dict) else list(recursive(params, grads, lr))),
    ("always_a_dict", "list_where_dict", "Only knows dicts.",
     lambda params, grads, lr: {n: p - lr * grads[n] for n, p in params.items()}),
    ("in_place", "input_changed", "Writes into the caller's arrays.", in_place),
    ("first_only", "wrong_keys", "Steps the first array only.",
     lambda params, grads, lr: {"w": params["w"] - lr * grads["w"]} if isinstance(params, dict)
     else type(params)([params[0] - lr * grads[0]])),
)  # fmt: skip


def batches(order: Any, size: Any = lambda n: n) -> Any:
    """A generator over an order of the rows."""

    def answer(X: Any, y: Any, batch_size: int, rng: Any) -> Any:
        rows, step = order(len(X), rng, batch_size), size(batch_size)
        for start in range(0, len(rows), step):
            yield X[rows[start : start + step]], y[rows[start : start + step]]

    return answer


def shuffled(n: int, rng: Any, size: int) -> Any:
    return rng.permutation(n)


def in_blocks(n: int, rng: Any, size: int) -> Any:
    """Whole batches in another order; the short one stays at the end."""
    full = [list(range(i, i + size)) for i in range(0, n - n % size, size)]
    order = [full[i] for i in rng.permutation(len(full))] if full else []
    return np.array([row for block in order for row in block] + list(range(n - n % size, n)))


def as_list(X: Any, y: Any, batch_size: int, rng: Any) -> Any:
    order = rng.permutation(len(X))
    cuts = range(batch_size, len(X), batch_size)
    return [(X[rows], y[rows]) for rows in np.split(order, cuts)]


def shuffled_copies(X: Any, y: Any, batch_size: int, rng: Any) -> Any:
    order = list(range(len(X)))
    rng.shuffle(order)
    X, y = X[order], y[order]
    while len(X):
        yield X[:batch_size], y[:batch_size]
        X, y = X[batch_size:], y[batch_size:]


def apart(X: Any, y: Any, batch_size: int, rng: Any) -> Any:
    X, y = rng.permutation(X), rng.permutation(y)
    for i in range(0, len(X), batch_size):
        yield X[i : i + batch_size], y[i : i + batch_size]


def drops_last(X: Any, y: Any, batch_size: int, rng: Any) -> Any:
    order = rng.permutation(len(X))
    for i in range(0, len(X) - batch_size + 1, batch_size):
        yield X[order[i : i + batch_size]], y[order[i : i + batch_size]]


def drawn_anew(X: Any, y: Any, batch_size: int, rng: Any) -> Any:
    for _ in range(-(-len(X) // batch_size)):
        rows = rng.choice(len(X), min(batch_size, len(X)), replace=False)
        yield X[rows], y[rows]


def one_batch(X: Any, y: Any, batch_size: int, rng: Any) -> Any:
    rows = rng.permutation(len(X))[:batch_size]
    return X[rows], y[rows]


def shuffles_the_callers(X: Any, y: Any, batch_size: int, rng: Any) -> Any:
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    for i in range(0, len(X), batch_size):
        yield X[i : i + batch_size].copy(), y[i : i + batch_size].copy()


bank.right_ones(
    "minibatches",
    generator=batches(shuffled),
    as_list=as_list,
    shuffled_copies=shuffled_copies,
    argsort=batches(lambda n, rng, size: np.argsort(rng.random(n))),
)
bank.wrong_ones(
    "minibatches",
    ("in_order", "not_shuffled generator_ignored", "Forgets the shuffle.",
     batches(lambda n, rng, size: np.arange(n))),
    ("blocks", "not_shuffled", "Shuffles the batches only.", batches(in_blocks)),
    ("apart", "rows_without_their_labels", "Shuffles X and y apart.", apart),
    ("drops_last", "rows_lost_or_repeated", "Leaves the short one out.", drops_last),
    ("drawn_anew", "rows_lost_or_repeated", "Draws every batch anew.", drawn_anew),
    ("replaced", "rows_lost_or_repeated", "Draws with replacement.",
     batches(lambda n, rng, size: rng.integers(n, size=n))),
    ("one_only", "wrong_form", "One batch.", one_batch),
    ("too_large", "wrong_sizes", "One row more.", batches(shuffled, lambda size: size + 1)),
    ("own_seed", "generator_ignored", "A seed of its own.",
     batches(lambda n, rng, size: np.random.default_rng(0).permutation(n))),
    ("global_one", "not_repeatable", "The global generator.",
     batches(lambda n, rng, size: np.random.permutation(n))),
    ("only_X", "wrong_form", "Forgets y.",
     lambda X, y, batch_size, rng: [X_b for X_b, _ in as_list(X, y, batch_size, rng)]),
    ("in_place", "input_changed", "Shuffles the caller's arrays.", shuffles_the_callers),
)  # fmt: skip
