"""Answers to `adam_step` and `adamw_step`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()
ADAM, ADAMW = "adam_step", "adamw_step"


def moments(grads: Any, state: Any, beta1: float, beta2: float) -> Any:
    """t, m and v after these gradients."""
    t, m, v = state.get("t", 0) + 1, state.get("m", {}), state.get("v", {})
    m = {n: beta1 * m.get(n, 0.0) + (1 - beta1) * g for n, g in grads.items()}
    v = {n: beta2 * v.get(n, 0.0) + (1 - beta2) * g**2 for n, g in grads.items()}
    return t, m, v


def step(lr: float, m: Any, v: Any, t: int, beta1: float, beta2: float, eps: float) -> Any:
    return lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)


@bank.right(ADAM)
def textbook(
    params: Any, grads: Any, state: Any, lr: float,
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    t, m, v = moments(grads, state, beta1, beta2)
    new = {n: params[n] - step(lr, m[n], v[n], t, beta1, beta2, eps) for n in params}
    return new, {"t": t, "m": m, "v": v}


@bank.wrong(ADAMW, "hyperparameters_ignored")
def betas_not_passed_on(
    params: Any, grads: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999,
    eps: float = 1e-8, weight_decay: float = 0.01,
) -> Any:  # fmt: skip
    """Hands eps on to Adam, and not the betas."""
    shrunk = {name: value * (1 - lr * weight_decay) for name, value in params.items()}
    return textbook(shrunk, grads, state, lr, eps=eps)


@bank.wrong(ADAMW, "epsilon_missing")
def eps_not_passed_on(
    params: Any, grads: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999,
    eps: float = 1e-8, weight_decay: float = 0.01,
) -> Any:  # fmt: skip
    """Hands the betas on to Adam, and not eps."""
    shrunk = {name: value * (1 - lr * weight_decay) for name, value in params.items()}
    return textbook(shrunk, grads, state, lr, beta1, beta2)


@bank.right(ADAM)
def corrected_rate(
    params: Any, grads: Any, state: Any, lr: float,
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    t, m, v = moments(grads, state, beta1, beta2)
    rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    tiny = eps * np.sqrt(1 - beta2**t)
    return {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + tiny) for n in params}, {
        "t": t, "m": m, "v": v,
    }  # fmt: skip


@bank.right(ADAM)
def loops_and_tuples(
    params: Any, grads: Any, state: Any, lr: float,
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    new, kept = {}, {}
    for name, value in params.items():
        t, m, v = state.get(name, (0, np.zeros_like(value), np.zeros_like(value)))
        t, m = t + 1, m + (1 - beta1) * (grads[name] - m)
        v = v * beta2 + (1 - beta2) * np.square(grads[name])
        new[name] = value - step(lr, m, v, t, beta1, beta2, eps)
        kept[name] = (t, m, v)
    return new, kept


@bank.right(ADAM)
def running_powers(
    params: Any, grads: Any, state: Any, lr: float,
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    p1, p2 = beta1 * state.get("p1", 1.0), beta2 * state.get("p2", 1.0)
    _, m, v = moments(grads, state, beta1, beta2)
    new = {n: params[n] - lr * m[n] / (1 - p1) / (np.sqrt(v[n] / (1 - p2)) + eps) for n in params}
    return new, {"p1": p1, "p2": p2, "m": m, "v": v}


def decayed(adam: Any, name: str) -> Any:
    """AdamW from an Adam: shrink first."""

    def answer(
        params: Any, grads: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999,
        eps: float = 1e-8, weight_decay: float = 0.01,
    ) -> Any:  # fmt: skip
        shrunk = {n: value * (1 - lr * weight_decay) for n, value in params.items()}
        return adam(shrunk, grads, state, lr, beta1, beta2, eps)

    answer.__name__ = name
    return answer


for right_adam in (textbook, corrected_rate, loops_and_tuples, running_powers):
    bank.right(ADAMW)(decayed(right_adam, f"shrinks_then_{right_adam.__name__}"))

Changed = Callable[..., Any]


def slipping(
    name: str, diagnosis: str, why: str, moved: Changed = step, kept: Changed = moments
) -> None:
    """Keeps an Adam and an AdamW that slip alike."""

    def adam(
        params: Any, grads: Any, state: Any, lr: float,
        beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
    ) -> Any:  # fmt: skip
        t, m, v = kept(grads, state, beta1, beta2)
        new = {n: params[n] - moved(lr, m[n], v[n], t, beta1, beta2, eps) for n in params}
        return new, {"t": t, "m": m, "v": v}

    adamw = decayed(adam, name)
    adam.__name__, adam.__doc__, adamw.__doc__ = name, why, why
    bank.wrong(ADAM, diagnosis)(adam)
    bank.wrong(ADAMW, diagnosis)(adamw)


slipping("uncorrected", "no_bias_correction", "Leaves the correction out.",
         lambda lr, m, v, t, b1, b2, eps: lr * m / (np.sqrt(v) + eps))  # fmt: skip
slipping("only_v_corrected", "first_average_not_corrected", "Corrects v only.",
         lambda lr, m, v, t, b1, b2, eps: lr * m / (np.sqrt(v / (1 - b2**t)) + eps))  # fmt: skip
slipping("only_m_corrected", "second_average_not_corrected", "Corrects m only.",
         lambda lr, m, v, t, b1, b2, eps: lr * m / (1 - b1**t) / (np.sqrt(v) + eps))  # fmt: skip
slipping("inside", "epsilon_inside_the_root", "Epsilon under the root.",
         lambda lr, m, v, t, b1, b2, eps: lr * m / (1 - b1**t)
         / np.sqrt(v / (1 - b2**t) + eps))  # fmt: skip
slipping("rootless", "root_missing", "No root.",
         lambda lr, m, v, t, b1, b2, eps: lr * m / (1 - b1**t)
         / (v / (1 - b2**t) + eps))  # fmt: skip
slipping("uphill", "climbs", "Plus for minus.", lambda *a: -step(*a))
slipping("from_zero", "counts_from_zero", "t starts at 0.",
         lambda lr, m, v, t, *rest: step(lr, m, v, t - 1, *rest))  # fmt: skip
slipping("from_two", "counts_one_too_many", "Counts twice at first.",
         lambda lr, m, v, t, *rest: step(lr, m, v, t + 1, *rest))  # fmt: skip
slipping("never_counts", "does_not_count", "t stays 1.",
         lambda lr, m, v, t, *rest: step(lr, m, v, 1, *rest))  # fmt: skip
slipping("forgetful", "state_lost", "Starts anew at each step.",
         kept=lambda grads, state, b1, b2: moments(grads, {}, b1, b2))  # fmt: skip
slipping("forgets_m", "first_average_lost", "Keeps v only.",
         kept=lambda grads, state, b1, b2: moments(grads, {**state, "m": {}}, b1, b2))  # fmt: skip
slipping("forgets_v", "second_average_lost", "Keeps m only.",
         kept=lambda grads, state, b1, b2: moments(grads, {**state, "v": {}}, b1, b2))  # fmt: skip
slipping("no_epsilon", "epsilon_missing", "Nothing is ever exactly 0.",
         lambda lr, m, v, t, b1, b2, eps: step(lr, m, v, t, b1, b2, 0.0))  # fmt: skip
slipping("short_form", "epsilon_before_the_correction", "The paper's short form.",
         lambda lr, m, v, t, b1, b2, eps: lr * np.sqrt(1 - b2**t) / (1 - b1**t) * m
         / (np.sqrt(v) + eps))  # fmt: skip
slipping("product", "beta_times_t", "A product for the power.",
         lambda lr, m, v, t, b1, b2, eps: lr * m / (1 - b1 * t)
         / (np.sqrt(v / (1 - b2 * t)) + eps))  # fmt: skip
slipping("numbers_written_in", "hyperparameters_ignored", "Writes the defaults into the formulas.",
         lambda lr, m, v, t, *rest: step(lr, m, v, t, 0.9, 0.999, 1e-8),
         lambda grads, state, *betas: moments(grads, state, 0.9, 0.999))  # fmt: skip
slipping("exchanged_betas", "betas_swapped", "Reads the betas the other way round.",
         lambda lr, m, v, t, b1, b2, eps: step(lr, m, v, t, b2, b1, eps),
         lambda grads, state, b1, b2: moments(grads, state, b2, b1))  # fmt: skip
slipping("exchanged_weights", "weights_of_the_averages_exchanged", "1 - beta weighs the old.",
         lambda lr, m, v, t, b1, b2, eps: step(lr, m, v, t, 1 - b1, 1 - b2, eps),
         lambda grads, state, b1, b2: moments(grads, state, 1 - b1, 1 - b2))  # fmt: skip


@bank.wrong(ADAM, "gradient_not_squared")
def g_for_g2(
    params: Any, grads: Any, state: Any, lr: float,
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    """Forgets the square; the root of a negative number is NaN."""
    t, m, _ = moments(grads, state, beta1, beta2)
    v = {n: beta2 * state.get("v", {}).get(n, 0) + (1 - beta2) * g for n, g in grads.items()}
    new = {n: params[n] - step(lr, m[n], v[n], t, beta1, beta2, eps) for n in params}
    return new, {"t": t, "m": m, "v": v}


def whole(name: str, diagnosis: str, why: str) -> Callable[[Any], Any]:
    """Keeps an Adam, and the AdamW made of it."""

    def register(adam: Any) -> Any:
        adam.__doc__ = why
        both = decayed(adam, name)
        both.__doc__ = why
        bank.wrong(ADAM, diagnosis)(adam)
        bank.wrong(ADAMW, diagnosis)(both)
        return adam

    return register


@whole("counts_in_the_loop", "counts_every_param", "t += 1 inside the loop over the params.")
def counts_in_the_loop(
    params: Any, grads: Any, state: Any, lr: float,
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    _, m, v = moments(grads, state, beta1, beta2)
    t, new = state.get("t", 0), {}
    for name in params:
        t += 1
        new[name] = params[name] - step(lr, m[name], v[name], t, beta1, beta2, eps)
    return new, {"t": t, "m": m, "v": v}


@whole("keeps_corrected", "corrected_average_kept", "Corrects in place.")
def keeps_corrected(
    params: Any, grads: Any, state: Any, lr: float,
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    t, m, v = moments(grads, state, beta1, beta2)
    m = {n: value / (1 - beta1**t) for n, value in m.items()}
    v = {n: value / (1 - beta2**t) for n, value in v.items()}
    new = {n: params[n] - lr * m[n] / (np.sqrt(v[n]) + eps) for n in params}
    return new, {"t": t, "m": m, "v": v}


@whole("one_for_all", "one_state_for_all", "One m and one v in the state, whatever the param.")
def one_for_all(
    params: Any, grads: Any, state: Any, lr: float,
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    t, new, m, v = state.get("t", 0) + 1, {}, 0.0, 0.0
    for name, g in grads.items():
        m = beta1 * state.get("m", 0.0) + (1 - beta1) * g
        v = beta2 * state.get("v", 0.0) + (1 - beta2) * g**2
        new[name] = params[name] - step(lr, m, v, t, beta1, beta2, eps)
    return new, {"t": t, "m": m, "v": v}


@bank.wrong(ADAM, "input_changed")
def in_place(
    params: Any, grads: Any, state: Any, lr: float,
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    """Writes into the caller's dict."""
    new, state = textbook(params, grads, state, lr, beta1, beta2, eps)
    params.update(new)
    return params, state


def adamw(
    name: str, diagnosis: str, why: str, change: Changed, after: Changed | None = None
) -> None:
    """Keeps an AdamW whose decay is another: `change(params, grads, lr, decay)` comes before."""

    def answer(
        params: Any, grads: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999,
        eps: float = 1e-8, weight_decay: float = 0.01,
    ) -> Any:  # fmt: skip
        params, grads = change(params, grads, lr, weight_decay)
        new, state = textbook(params, grads, state, lr, beta1, beta2, eps)
        return (after(new, lr, weight_decay) if after else new), state

    answer.__name__, answer.__doc__ = name, why
    bank.wrong(ADAMW, diagnosis)(answer)


adamw("l2", "l2_for_decay", "Adds the decay to the gradient.",
      lambda p, g, lr, wd: (p, {n: g[n] + wd * p[n] for n in p}))  # fmt: skip
adamw("no_lr", "decay_without_lr", "Shrinks by weight_decay alone.",
      lambda p, g, lr, wd: ({n: p[n] * (1 - wd) for n in p}, g))  # fmt: skip
adamw("afterwards", "decay_after_the_step", "Shrinks what came out.",
      lambda p, g, lr, wd: (p, g),
      lambda new, lr, wd: {n: new[n] * (1 - lr * wd) for n in new})  # fmt: skip
adamw("adam", "decay_missing", "Plain Adam.", lambda p, g, lr, wd: (p, g))
adamw("decays_twice", "decayed_twice", "Shrinks, and adds the decay to the gradient.",
      lambda p, g, lr, wd: ({n: p[n] * (1 - lr * wd) for n in p},
                            {n: g[n] + wd * p[n] for n in p}))  # fmt: skip
adamw("spares_biases", "matrices_alone_decay", "A bias should not decay.",
      lambda p, g, lr, wd: ({n: p[n] * (1 - lr * wd * (np.ndim(p[n]) > 1)) for n in p},
                            g))  # fmt: skip
adamw("grows", "decay_grows", "The wrong sign.",
      lambda p, g, lr, wd: ({n: p[n] * (1 + lr * wd) for n in p}, g))  # fmt: skip


@bank.wrong(ADAMW, "no_decay_by_default")
def adams_default(
    params: Any, grads: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999,
    eps: float = 1e-8, weight_decay: float = 0.0,
) -> Any:  # fmt: skip
    """0, as torch.optim.Adam has it."""
    shrunk = {n: value * (1 - lr * weight_decay) for n, value in params.items()}
    return textbook(shrunk, grads, state, lr, beta1, beta2, eps)


@bank.wrong(ADAM, "forbidden_call")
def by_torch(
    params: Any, grads: Any, state: Any, lr: float,
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    """Lets PyTorch do it."""
    import torch

    return torch.optim.Adam(params), state
