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


def same_container(params: Any, grads: Any, lr: float) -> Any:
    if isinstance(params, tuple):
        return tuple(p - lr * g for p, g in zip(params, grads, strict=True))
    for name in params if isinstance(params, dict) else range(len(params)):
        params[name] = params[name] - lr * grads[name]
    return params


def scales_the_grads(params: Any, grads: Any, lr: float) -> Any:
    for name in grads if isinstance(grads, dict) else range(len(grads)):
        grads[name][...] *= lr
    return recursive(params, grads, 1.0)


def optim(params: Any, grads: Any, lr: float) -> Any:
    import torch

    leaves = {name: torch.tensor(value) for name, value in params.items()}
    for name, leaf in leaves.items():
        leaf.grad = torch.tensor(grads[name])
    torch.optim.SGD(leaves.values(), lr).step()
    return {name: leaf.numpy() for name, leaf in leaves.items()}


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
    plain_number=stepped(lambda p, g, lr: float(p - lr * g) if p.ndim == 0 else p - lr * g),
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
    ("same_dict", "input_changed", "New arrays, but in the caller's dict.", same_container),
    ("scales_the_grads", "input_changed", "Writes into the grads.", scales_the_grads),
    ("list_for_tuple", "wrong_container", "Knows dicts and lists.",
     lambda params, grads, lr: recursive(params, grads, lr) if isinstance(params, dict)
     else list(recursive(params, grads, lr))),
    ("optim", "forbidden_call", "Lets PyTorch do it.", optim),
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


def evenly(X: Any, y: Any, batch_size: int, rng: Any) -> Any:
    parts = np.array_split(rng.permutation(len(X)), -(-len(X) // batch_size))
    return [(X[rows], y[rows]) for rows in parts]


def inside_batches(n: int, rng: Any, size: int) -> Any:
    parts = [rng.permutation(np.arange(i, min(i + size, n))) for i in range(0, n, size)]
    return np.concatenate(parts)


def first_as_it_is(n: int, rng: Any, size: int) -> Any:
    first = min(size, n)
    return np.concatenate([np.arange(first), first + rng.permutation(n - first)])


def loader(X: Any, y: Any, batch_size: int, rng: Any) -> Any:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    rows = TensorDataset(torch.tensor(X), torch.tensor(y))
    return [(a.numpy(), b.numpy()) for a, b in DataLoader(rows, batch_size, shuffle=True)]


def joined(X: Any, y: Any, batch_size: int, rng: Any) -> Any:
    together = np.column_stack([X, y])
    rng.shuffle(together)
    for i in range(0, len(together), batch_size):
        yield together[i : i + batch_size, :-1], together[i : i + batch_size, -1]


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
    joined=joined,
    choice=batches(lambda n, rng, size: rng.choice(n, n, replace=False)),
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
    ("one_large_batch", "wrong_sizes", "Shuffles, and forgets to cut.",
     batches(shuffled, lambda size: 1000)),
    ("row_by_row", "wrong_sizes", "Yields single rows.", batches(shuffled, lambda size: 1)),
    ("even", "wrong_sizes", "Cuts into equal parts.", evenly),
    ("rotated", "not_shuffled", "Starts at a random row.",
     batches(lambda n, rng, size: np.roll(np.arange(n), int(rng.integers(n))))),
    ("backwards", "not_shuffled generator_ignored", "Turns the rows round.",
     batches(lambda n, rng, size: np.arange(n)[::-1])),
    ("inside_batches", "not_shuffled", "Cuts first, then shuffles each batch.",
     batches(inside_batches)),
    ("sorted", "not_shuffled generator_ignored", "Sorts what it has shuffled.",
     batches(lambda n, rng, size: np.sort(rng.permutation(n)))),
    ("first_as_it_is", "generator_ignored", "Shuffles only from the second batch on.",
     batches(first_as_it_is)),
    ("loader", "forbidden_call", "Lets PyTorch do it.", loader),
    ("own_seed", "generator_ignored", "A seed of its own.",
     batches(lambda n, rng, size: np.random.default_rng(0).permutation(n))),
    ("global_one", "generator_ignored", "The global generator.",
     batches(lambda n, rng, size: np.random.permutation(n))),
    ("only_X", "wrong_form", "Forgets y.",
     lambda X, y, batch_size, rng: [X_b for X_b, _ in as_list(X, y, batch_size, rng)]),
    ("in_place", "input_changed", "Shuffles the caller's arrays.", shuffles_the_callers),
)  # fmt: skip
