"""Answers to batch and layer normalisation, both ways."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()

# --- batch norm, forward --------------------------------------------------------------------------


def plain(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    if not t:
        return gamma * (x - rm) / np.sqrt(rv + eps) + beta, rm.copy(), rv.copy()
    mean, var = x.mean(0), x.var(0)
    y = gamma * (x - mean) / np.sqrt(var + eps) + beta
    unbiased = var * len(x) / (len(x) - 1)
    return y, (1 - m) * rm + m * mean, (1 - m) * rv + m * unbiased


def by_sums(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    n, new_mean, new_var = len(x), rm, rv
    mean, var = rm, rv
    if t:
        mean = np.sum(x, 0) / n
        squares = np.sum((x - mean) ** 2, 0)
        var, new_mean = squares / n, rm + m * (mean - rm)
        new_var = rv + m * (squares / (n - 1) - rv)
    scale = gamma / (var + eps) ** 0.5
    return [x * scale + (beta - mean * scale), new_mean, new_var]


def columns(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    y, rm, rv = np.zeros_like(x), rm.copy(), rv.copy()
    for j in range(x.shape[1]):
        mean, var = (x[:, j].mean(), x[:, j].var()) if t else (rm[j], rv[j])
        y[:, j] = (x[:, j] - mean) / np.sqrt(var + eps) * gamma[j] + beta[j]
        if t:
            rm[j] += m * (mean - rm[j])
            rv[j] += m * (x[:, j].var(ddof=1) - rv[j])
    return y, rm, rv


def _running_after_the_update(
    x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
) -> Any:
    _, mean, var = plain(x, gamma, beta, rm, rv, m, eps, t)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, mean, var


def changed(
    normal: Any = None, store: Any = None, scale: Any = None, live: bool = False,
    update: bool = False, train_on_running: bool = False,
) -> Any:  # fmt: skip
    """Batch norm with one of its parts exchanged."""
    normal = normal or (lambda x, mean, var, eps: (x - mean) / np.sqrt(var + eps))
    store = store or (lambda old, new, m: (1 - m) * old + m * new)
    scale = scale or (lambda z, gamma, beta: gamma * z + beta)

    def answer(
        x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
    ) -> Any:
        batch = live or (t and not train_on_running)
        mean, var = (x.mean(0), x.var(0)) if batch else (rm, rv)
        y = scale(normal(x, mean, var, eps), gamma, beta)
        if not t and not update:
            return y, rm.copy(), rv.copy()
        return y, store(rm, x.mean(0), m), store(rv, x.var(0, ddof=1), m)

    return answer


bank.right_ones("batchnorm_forward", plain=plain, by_sums=by_sums, columns=columns,
                parts=changed())  # fmt: skip
bank.wrong_ones(
    "batchnorm_forward",
    ("sample", "normalised_with_a_samples_variance", "ddof=1.",
     changed(lambda x, mean, var, eps: (x - mean) / np.sqrt(
         (var * len(x) / (len(x) - 1) if np.allclose(mean, x.mean(0)) else var) + eps))),
    ("biased", "running_variance_biased", "Stores what it used.",
     lambda x, g, b, rm, rv, m, eps, t: (
         *plain(x, g, b, rm, rv, m, eps, t)[:2], (1 - m) * rv + m * x.var(0) if t else rv)),
    ("upside_down", "correction_upside_down", "(N - 1) / N.",
     lambda x, g, b, rm, rv, m, eps, t: (
         *plain(x, g, b, rm, rv, m, eps, t)[:2],
         (1 - m) * rv + m * x.var(0) * (len(x) - 1) / len(x) if t else rv)),
    ("reversed", "momentum_reversed", "momentum weighs the old.",
     changed(store=lambda old, new, m: m * old + (1 - m) * new)),
    ("outside", "epsilon_outside_the_root", "Epsilon on the root.",
     changed(lambda x, mean, var, eps: (x - mean) / (np.sqrt(var) + eps))),
    ("no_epsilon", "epsilon_missing", "Forgets epsilon.",
     changed(lambda x, mean, var, eps: (x - mean) / np.sqrt(var))),
    ("no_centre", "not_centred", "Forgets the mean.",
     changed(lambda x, mean, var, eps: x / np.sqrt(var + eps))),
    ("no_root", "variance_for_deviation", "Forgets the root.",
     changed(lambda x, mean, var, eps: (x - mean) / (var + eps))),
    ("live", "batch_statistics_in_evaluation", "Always the batch's.", changed(live=True)),
    ("running", "running_statistics_in_training", "Always the running ones.",
     changed(train_on_running=True)),
    ("running_after_the_update", "running_statistics_in_training",
     "Brings them up to date, and uses them.", _running_after_the_update),
    ("updates", "updated_in_evaluation", "Learns in evaluation.", changed(update=True)),
    ("frozen", "never_updated", "Never learns.", changed(store=lambda old, new, m: old.copy())),
    ("replaced", "replaced_by_the_batch", "Forgets the old.",
     changed(store=lambda old, new, m: new)),
    ("no_gamma", "gamma_missing", "Forgets gamma.", changed(scale=lambda z, gamma, beta: z + beta)),
    ("no_beta", "beta_missing", "Forgets beta.", changed(scale=lambda z, gamma, beta: gamma * z)),
    ("exchanged", "gamma_and_beta_swapped", "Exchanges the two.",
     changed(scale=lambda z, gamma, beta: beta * z + gamma)),
    ("three_turned", "statistics_in_the_wrong_order", "Another order.",
     lambda *given: tuple(plain(*given)[i] for i in (0, 2, 1))),
    ("only_y", "wrong_type", "Forgets the statistics.", lambda *given: plain(*given)[0]),
    ("in_place", "input_changed", "Writes into the caller's statistics.",
     lambda x, g, b, rm, rv, m, eps, t: _in_place(x, g, b, rm, rv, m, eps, t)),
)  # fmt: skip


def _in_place(x: Any, g: Any, b: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    y, new_mean, new_var = plain(x, g, b, rm, rv, m, eps, t)
    rm[:], rv[:] = new_mean, new_var
    return y, rm.copy(), rv.copy()


# --- layer norm, forward --------------------------------------------------------------------------


def rows(x: Any, eps: float) -> Any:
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)


bank.right_ones(
    "layernorm_forward",
    plain=lambda x, gamma, beta, eps: gamma * rows(x, eps) + beta,
    turned=lambda x, gamma, beta, eps: (
        (((x.T - x.mean(1)) / np.sqrt(x.var(1) + eps)).T * gamma) + beta
    ),
    row_by_row=lambda x, gamma, beta, eps: np.stack(
        [gamma * (row - row.mean()) / np.sqrt(row.var() + eps) + beta for row in x]
    ),
    squares=lambda x, gamma, beta, eps: (
        gamma
        * (x - x.mean(1)[:, None])
        * (((x - x.mean(1)[:, None]) ** 2).sum(1)[:, None] / x.shape[1] + eps) ** -0.5
        + beta
    ),
)
bank.wrong_ones(
    "layernorm_forward",
    ("batch", "columns_for_rows", "Axis 0.",
     lambda x, gamma, beta, eps: gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta),
    ("everything", "one_mean_for_all", "No axis.",
     lambda x, gamma, beta, eps: gamma * (x - x.mean()) / np.sqrt(x.var() + eps) + beta),
    ("sample", "variance_of_a_sample", "ddof=1.",
     lambda x, gamma, beta, eps: gamma * (x - x.mean(1, keepdims=True))
     / np.sqrt(x.var(1, ddof=1, keepdims=True) + eps) + beta),
    ("outside", "epsilon_outside_the_root", "Epsilon on the root.",
     lambda x, gamma, beta, eps: gamma * (x - x.mean(1, keepdims=True))
     / (x.std(1, keepdims=True) + eps) + beta),
    ("no_epsilon", "epsilon_missing", "Forgets epsilon.",
     lambda x, gamma, beta, eps: gamma * rows(x, 0) + beta),
    ("no_gamma", "gamma_missing", "Forgets gamma.",
     lambda x, gamma, beta, eps: rows(x, eps) + beta),
    ("no_beta", "beta_missing", "Forgets beta.", lambda x, gamma, beta, eps: gamma * rows(x, eps)),
    ("bare", "gamma_and_beta_missing", "Forgets both.", lambda x, gamma, beta, eps: rows(x, eps)),
    ("exchanged", "gamma_and_beta_swapped", "Exchanges them.",
     lambda x, gamma, beta, eps: beta * rows(x, eps) + gamma),
    ("no_centre", "not_centred", "Forgets the mean.",
     lambda x, gamma, beta, eps: gamma * x / np.sqrt(x.var(1, keepdims=True) + eps) + beta),
    ("no_root", "variance_for_deviation", "Forgets the root.",
     lambda x, gamma, beta, eps: gamma * (x - x.mean(1, keepdims=True))
     / (x.var(1, keepdims=True) + eps) + beta),
)  # fmt: skip

# --- backward, both -------------------------------------------------------------------------------


def backward(axis: int) -> Any:
    """The three gradients of a normalisation along `axis`, each term on its own."""

    def answer(dy: Any, x: Any, gamma: Any, eps: float) -> Any:
        size = np.sqrt(x.var(axis, keepdims=True) + eps)
        z = (x - x.mean(axis, keepdims=True)) / size
        dz = dy * gamma
        dx = dz - dz.mean(axis, keepdims=True) - z * (dz * z).mean(axis, keepdims=True)
        return dx / size, (dy * z).sum(0), dy.sum(0)

    return answer


def step_by_step(axis: int) -> Any:
    """The same along the graph, node by node."""

    def answer(dy: Any, x: Any, gamma: Any, eps: float) -> Any:
        n = x.shape[axis]
        centred = x - x.mean(axis, keepdims=True)
        var = (centred**2).sum(axis, keepdims=True) / n
        inverse = (var + eps) ** -0.5
        dz = dy * gamma
        dvar = (dz * centred).sum(axis, keepdims=True) * -0.5 * inverse**3
        dcentred = dz * inverse + 2 / n * centred * dvar
        dx = dcentred - dcentred.sum(axis, keepdims=True) / n
        return [dx, np.einsum("nd,nd->d", dy, centred * inverse), np.ones(len(dy)) @ dy]

    return answer


def exchanged(axis: int, **parts: Any) -> Any:
    """The right three with some exchanged; each is made of (dy, z, size, gamma, x, right)."""

    def answer(dy: Any, x: Any, gamma: Any, eps: float) -> Any:
        size = np.sqrt(x.var(axis, keepdims=True) + eps)
        z = (x - x.mean(axis, keepdims=True)) / size
        right = dict(zip(("dx", "dg", "db"), backward(axis)(dy, x, gamma, eps), strict=True))
        right |= {k: make(dy, z, size, gamma, x, right) for k, make in parts.items()}
        return tuple(right.values())

    return answer


def with_epsilon(axis: int, change: Any) -> Any:
    return lambda dy, x, gamma, eps: backward(axis)(dy, x, gamma, change(eps))


def _mean(axis: int) -> Any:
    return lambda part: part.mean(axis, keepdims=True)


def _left_at_zero(axis: int) -> list[Any]:
    """Layer norm's backward, copied from batch norm's, with some of its means left as they were."""

    def made(first: Any, second: Any) -> Any:
        return exchanged(1, dx=lambda dy, z, size, gamma, x, right: (
            dy * gamma - first(dy * gamma) - z * second(dy * gamma * z)) / size)  # fmt: skip

    zero, one, name = _mean(0), _mean(1), "axis_left_at_zero"
    rows = (("first", zero, one), ("second", one, zero), ("both", zero, zero))
    return [(f"{which}_left", name, "Copied.", made(*two)) for which, *two in rows if axis == 1]


def gamma_last(dy: Any, x: Any, gamma: Any, eps: float) -> Any:
    dx = backward(1)(dy, x, np.ones_like(gamma), eps)[0]
    return gamma * dx, *backward(1)(dy, x, gamma, eps)[1:]


for exercise, axis in (("batchnorm_backward", 0), ("layernorm_backward", 1)):
    mean = _mean(axis)
    bank.right_ones(
        exercise,
        short=backward(axis),
        node_by_node=step_by_step(axis),
        parts=exchanged(axis),
        fortran=lambda dy, x, gamma, eps, axis=axis: tuple(
            np.asfortranarray(part) for part in backward(axis)(dy, x, gamma, eps)
        ),
    )
    bank.wrong_ones(
        exercise,
        ("constants", "statistics_taken_as_constants", "dy gamma over the root, and no more.",
         exchanged(axis, dx=lambda dy, z, size, gamma, x, right: dy * gamma / size)),
        ("mean_only_constant", "mean_taken_as_constant", "Forgets the way through the mean.",
         exchanged(axis, dx=lambda dy, z, size, gamma, x, right, mean=mean: (
             dy * gamma - z * mean(dy * gamma * z)) / size)),
        ("variance_only_constant", "variance_taken_as_constant",
         "Forgets the way through the variance.",
         exchanged(axis, dx=lambda dy, z, size, gamma, x, right, mean=mean: (
             dy * gamma - mean(dy * gamma)) / size)),
        ("product_of_means", "variance_taken_as_constant", "Mean times mean.",
         exchanged(axis, dx=lambda dy, z, size, gamma, x, right, mean=mean: (
             dy * gamma - mean(dy * gamma) - z * mean(dy * gamma) * mean(z)) / size)),
        ("sums_in_dx", "sum_for_mean", "Sums for means.",
         exchanged(axis, dx=lambda dy, z, size, gamma, x, right, axis=axis: (
             dy * gamma - (dy * gamma).sum(axis, keepdims=True)
             - z * (dy * gamma * z).sum(axis, keepdims=True)) / size)),
        ("no_axis_in_dx", "mean_over_everything", "Forgets the axis.",
         exchanged(axis, dx=lambda dy, z, size, gamma, x, right: (
             dy * gamma - (dy * gamma).mean() - z * (dy * gamma * z).mean()) / size)),
        *_left_at_zero(axis),
        *([("gamma_last", "gamma_taken_out", "As in batch norm.", gamma_last)] * axis),
        ("no_epsilon", "epsilon_missing", "Forgets epsilon.",
         with_epsilon(axis, lambda eps: 0.0)),
        ("dg_from_x", "dgamma_from_x", "x for the normalised x.",
         exchanged(axis, dg=lambda dy, z, size, gamma, x, right: (dy * x).sum(0))),
        ("dg_is_db", "dgamma_without_x", "Forgets the normalised x.",
         exchanged(axis, dg=lambda dy, z, size, gamma, x, right: dy.sum(0))),
        ("means", "parameters_averaged", "Means for sums.",
         exchanged(axis, dg=lambda dy, z, size, gamma, x, right: (dy * z).mean(0),
                   db=lambda dy, z, size, gamma, x, right: dy.mean(0))),
        ("swapped", "dgamma_and_dbeta_swapped", "Another order.",
         exchanged(axis, dg=lambda dy, z, size, gamma, x, right: dy.sum(0),
                   db=lambda dy, z, size, gamma, x, right: (dy * z).sum(0))),
        ("gamma_twice", "gamma_in_dgamma", "Multiplies dgamma with gamma.",
         exchanged(axis, dg=lambda dy, z, size, gamma, x, right: gamma * (dy * z).sum(0))),
        ("sign", "negated", "A sign.",
         lambda dy, x, gamma, eps, axis=axis: tuple(
             -part for part in backward(axis)(dy, x, gamma, eps))),
        ("no_gamma", "gamma_missing", "dy for dy gamma.",
         lambda dy, x, gamma, eps, axis=axis: (
             backward(axis)(dy, x, np.ones_like(gamma), eps)[0],
             *backward(axis)(dy, x, gamma, eps)[1:])),
        ("kept_axis", "wrong_shape", "keepdims.",
         exchanged(axis, db=lambda dy, z, size, gamma, x, right: dy.sum(0, keepdims=True))),
        ("only_dx", "wrong_type", "Forgets two.",
         lambda dy, x, gamma, eps, axis=axis: backward(axis)(dy, x, gamma, eps)[0]),
    )  # fmt: skip
