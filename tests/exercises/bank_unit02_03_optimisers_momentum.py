"""Answers to `momentum_step` and `rmsprop_step`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()
MOMENTUM, RMSPROP = "momentum_step", "rmsprop_step"


def zeros(params: Any) -> Any:
    return {name: np.zeros_like(value) for name, value in params.items()}


@bank.right(MOMENTUM)
def velocity(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    v = {name: momentum * state.get(name, 0.0) + grads[name] for name in params}
    return {name: params[name] - lr * v[name] for name in params}, v


@bank.right(MOMENTUM)
def lr_in_the_velocity(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0) -> Any:
    v = state or zeros(params)
    v = {name: momentum * v[name] - lr * grads[name] for name in params}
    return {name: params[name] + v[name] for name in params}, v


@bank.right(MOMENTUM)
def own_state_changed_in_place(
    params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0
) -> Any:
    state.setdefault("v", zeros(params))
    new = {}
    for name in params:
        state["v"][name] *= momentum
        state["v"][name] += grads[name]
        new[name] = params[name] - lr * state["v"][name]
    return new, state


@bank.right(MOMENTUM)
def list_of_two(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    print("step", state.get("t", 0))
    new, v = velocity(params, grads, state.get("v", {}), lr, momentum)
    return [new, {"v": v, "t": state.get("t", 0) + 1}]


@bank.wrong(MOMENTUM, "momentum_missing")
def plain_sgd(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """Forgets the velocity."""
    return {name: params[name] - lr * grads[name] for name in params}, state


@bank.wrong(MOMENTUM, "momentum_missing")
def velocity_not_returned(
    params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0
) -> Any:
    """Makes a velocity and does not return it."""
    return velocity(params, grads, state, lr, momentum)[0], {}


@bank.wrong(MOMENTUM, "dampened")
def moving_average(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """An average in place of a sum."""
    v = {n: momentum * state.get(n, 0.0) + (1 - momentum) * grads[n] for n in params}
    return {name: params[name] - lr * v[name] for name in params}, v


@bank.wrong(MOMENTUM, "state_empty_at_first")
def velocity_from_nowhere(
    params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0
) -> Any:
    """Reads a velocity that is not there before the first step."""
    v = {name: momentum * state[name] + grads[name] for name in params}
    return {name: params[name] - lr * v[name] for name in params}, v


@bank.wrong(MOMENTUM, "arithmetic_on_a_container")
def dicts_as_arrays(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """Calculates with the dicts themselves."""
    return params - lr * grads, state


@bank.wrong(MOMENTUM, "looks_ahead")
def nesterov(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """Nesterov's form."""
    v = {name: momentum * state.get(name, 0.0) + grads[name] for name in params}
    return {n: params[n] - lr * (grads[n] + momentum * v[n]) for n in params}, v


@bank.wrong(MOMENTUM, "old_velocity_used")
def one_step_late(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """Steps before it updates."""
    old = state or zeros(params)
    new = {name: params[name] - lr * old[name] for name in params}
    return new, {name: momentum * old[name] + grads[name] for name in params}


@bank.wrong(MOMENTUM, "climbs")
def uphill(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """Plus for minus."""
    v = {name: momentum * state.get(name, 0.0) + grads[name] for name in params}
    return {name: params[name] + lr * v[name] for name in params}, v


@bank.wrong(MOMENTUM, "learning_rate_twice")
def lr_twice(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """In the velocity and in the step."""
    v = {name: momentum * state.get(name, 0.0) + lr * grads[name] for name in params}
    return {name: params[name] - lr * v[name] for name in params}, v


@bank.wrong(MOMENTUM, "momentum_by_default")
def another_default(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.9) -> Any:
    """0.9, as everyone uses it."""
    return velocity(params, grads, state, lr, momentum)


@bank.wrong(MOMENTUM, "hyperparameters_ignored")
def its_own_momentum(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """Writes 0.9 into the formula."""
    return velocity(params, grads, state, lr, 0.9)


@bank.wrong(MOMENTUM, "one_state_for_all")
def one_velocity(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """One velocity in the state, whatever the param."""
    new, v = {}, 0.0
    for name in params:
        v = momentum * state.get("v", 0.0) + grads[name]
        new[name] = params[name] - lr * v
    return new, {"v": v}


@bank.wrong(MOMENTUM, "raised")
def only_params(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """Returns one thing."""
    return velocity(params, grads, state, lr, momentum)[0]


@bank.wrong(MOMENTUM, "input_changed")
def in_place(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """`-=` on the caller's params."""
    v = {name: momentum * state.get(name, 0.0) + grads[name] for name in params}
    for name in params:
        params[name] -= lr * v[name]
    return params, v


@bank.wrong(MOMENTUM, "keys_missing")
def weights_only(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """Forgets the biases."""
    new, v = velocity(params, grads, state, lr, momentum)
    return {"w": new["w"]}, v


@bank.wrong(MOMENTUM, "not_repeatable")
def global_velocity(params: Any, grads: Any, state: Any, lr: float, momentum: float = 0.0) -> Any:
    """Keeps the velocity in a global."""
    for name in params:
        old = KEPT.get((name, params[name].shape), 0.0)
        KEPT[name, params[name].shape] = momentum * old + grads[name]
    return {n: params[n] - lr * KEPT[n, params[n].shape] for n in params}, {}


KEPT: dict[Any, Any] = {}


@bank.right(RMSPROP)
def mean_square(
    params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> Any:
    s = {n: alpha * state.get(n, 0.0) + (1 - alpha) * grads[n] ** 2 for n in params}
    return {n: params[n] - lr * grads[n] / (np.sqrt(s[n]) + eps) for n in params}, s


@bank.right(RMSPROP)
def by_differences(
    params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> Any:
    s = state.get("s") or zeros(params)
    s = {n: s[n] + (1 - alpha) * (np.square(grads[n]) - s[n]) for n in params}
    rates = {n: lr / (eps + s[n] ** 0.5) for n in params}
    return {n: params[n] - rates[n] * grads[n] for n in params}, {"s": s}


@bank.right(RMSPROP)
def as_keywords(params: Any, grads: Any, state: Any, lr: float, **hyper: float) -> Any:
    return mean_square(params, grads, state, lr, **hyper)


@bank.right(RMSPROP)
def loop(
    params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> Any:
    new, kept = {}, {}
    for name, value in params.items():
        kept[name] = (1 - alpha) * grads[name] * grads[name]
        if name in state:
            kept[name] = kept[name] + alpha * state[name]
        new[name] = value - lr * np.divide(grads[name], np.sqrt(kept[name]) + eps)
    return new, kept


def rms(step: Any, average: Any) -> Any:
    """An answer from how it averages and how it steps."""

    def answer(
        params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.99, eps: float = 1e-8
    ) -> Any:
        s = {n: average(state.get(n, 0.0), grads[n], alpha) for n in params}
        return {n: params[n] - lr * step(grads[n], s[n], eps, state.get(n, 0.0)) for n in params}, s

    return answer


def average(old: Any, g: Any, alpha: float) -> Any:
    return alpha * old + (1 - alpha) * g**2


def step(g: Any, s: Any, eps: float, old: Any) -> Any:
    return g / (np.sqrt(s) + eps)


WRONG_RMS = (
    ("epsilon_in_the_root", "epsilon_inside_the_root", "As in batch norm.",
     lambda g, s, eps, old: g / np.sqrt(s + eps), average),
    ("no_epsilon", "epsilon_missing", "Nothing is ever exactly 0.",
     lambda g, s, eps, old: g / np.sqrt(s), average),
    ("epsilon_on_the_fraction", "epsilon_outside_the_fraction", "Forgets the brackets.",
     lambda g, s, eps, old: g / np.sqrt(s) + eps, average),
    ("no_root", "root_missing", "Divides by the mean square.",
     lambda g, s, eps, old: g / (s + eps), average),
    ("no_square", "gradient_not_squared", "Averages the gradient.", step,
     lambda old, g, alpha: alpha * old + (1 - alpha) * g),
    ("exchanged", "weights_of_the_average_exchanged", "Old and new exchanged.", step,
     lambda old, g, alpha: (1 - alpha) * old + alpha * g**2),
    ("summed", "squares_summed", "Weighs the new square with 1.", step,
     lambda old, g, alpha: alpha * old + g**2),
    ("forgets", "state_lost", "Uses this gradient alone.", step,
     lambda old, g, alpha: (1 - alpha) * g**2),
    ("late", "old_average_used", "Divides by the old average.",
     lambda g, s, eps, old: g / (np.sqrt(old) + eps), average),
    ("uphill_rms", "climbs", "Plus for minus.",
     lambda g, s, eps, old: -step(g, s, eps, old), average),
)  # fmt: skip
for name, diagnosis, why, stepping, averaging in WRONG_RMS:
    wrong_answer = rms(stepping, averaging)
    wrong_answer.__name__, wrong_answer.__doc__ = name, why
    bank.wrong(RMSPROP, diagnosis)(wrong_answer)


@bank.wrong(RMSPROP, "epsilon_outside_the_fraction")
def epsilon_on_the_step(
    params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> Any:
    """lr g / sqrt(s) + eps."""
    s = {n: average(state.get(n, 0.0), grads[n], alpha) for n in params}
    return {n: params[n] - lr * grads[n] / np.sqrt(s[n]) + eps for n in params}, s


@bank.wrong(RMSPROP, "starts_from_the_first_square")
def first_square_for_zero(
    params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> Any:
    """No zeros to begin with: the first square is there."""
    v = {}
    for name, g in grads.items():
        v[name] = alpha * state.get(name, g * g) + (1 - alpha) * g * g
    return {name: params[name] - lr * grads[name] / (v[name] ** 0.5 + eps) for name in params}, v


@bank.wrong(RMSPROP, "size_for_square")
def sizes_averaged(
    params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> Any:
    """|g| for its square."""
    v = {name: alpha * state.get(name, 0) + (1 - alpha) * abs(g) for name, g in grads.items()}
    return {name: params[name] - lr * grads[name] / (v[name] ** 0.5 + eps) for name in params}, v


@bank.wrong(RMSPROP, "bias_corrected")
def corrected(
    params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> Any:
    """Corrects as Adam does."""
    t = state.get("t", 0) + 1
    s = {n: average(state.get(n, 0.0), grads[n], alpha) for n in params}
    fixed = {n: s[n] / (1 - alpha**t) for n in params}
    new = {n: params[n] - lr * grads[n] / (np.sqrt(fixed[n]) + eps) for n in params}
    return new, {**s, "t": t}


@bank.wrong(RMSPROP, "another_alpha_by_default")
def lecture_default(
    params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.9, eps: float = 1e-8
) -> Any:
    """0.9, as in Hinton's lecture."""
    return mean_square(params, grads, state, lr, alpha, eps)


@bank.wrong(RMSPROP, "hyperparameters_ignored")
def numbers_written_in(params: Any, grads: Any, state: Any, lr: float, **hyper: float) -> Any:
    """Takes the hyperparameters and forgets them."""
    return mean_square(params, grads, state, lr)


@bank.wrong(RMSPROP, "one_state_for_all")
def one_average(
    params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> Any:
    """One average in the state, whatever the param."""
    new, s = {}, 0.0
    for name in params:
        s = average(state.get("s", 0.0), grads[name], alpha)
        new[name] = params[name] - lr * step(grads[name], s, eps, 0.0)
    return new, {"s": s}


@bank.wrong(RMSPROP, "nothing_moves")
def returns_the_old(
    params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> Any:
    """Returns the old params."""
    return dict(params), mean_square(params, grads, state, lr, alpha, eps)[1]


@bank.wrong(RMSPROP, "forbidden_call")
def by_torch(
    params: Any, grads: Any, state: Any, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> Any:
    """Lets PyTorch do it."""
    import torch

    leaves = {n: torch.tensor(v, requires_grad=True) for n, v in params.items()}
    torch.optim.RMSprop(list(leaves.values()), lr, alpha, eps).step()
    return {n: leaf.detach().numpy() for n, leaf in leaves.items()}, {}
