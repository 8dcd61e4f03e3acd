"""Answers to `numerical_gradient` and `relative_error`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()


def quotient(difference: Any) -> Any:
    """Nudges one entry at a time; difference(g, h), g the function of the nudge."""

    def answer(f: Any, x: Any, h: float) -> Any:
        out = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            nudge = np.zeros_like(x)
            nudge[index] = 1
            out[index] = difference(lambda by, nudge=nudge: f(x + by * nudge), h)
        return out

    return answer


def set_back(f: Any, x: Any, h: float) -> Any:
    out = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        old = x[index]
        x[index] = old + h
        up = f(x)
        x[index] = old - h
        down = f(x)
        x[index] = old
        out[index] = (up - down) / (2 * h)
    return out


def flattened(f: Any, x: Any, h: float) -> Any:
    flat = x.flatten()
    slopes = []
    for i in range(len(flat)):
        up, down = flat.copy(), flat.copy()
        up[i], down[i] = up[i] + h, down[i] - h
        slopes.append((f(up.reshape(x.shape)) - f(down.reshape(x.shape))) / (2 * h))
    return np.array(slopes).reshape(x.shape)


def by_addition(f: Any, x: Any, h: float) -> Any:
    """`x[i] += h`, `x[i] -= 2 h`, `x[i] += h`: not back where it was, to the last bit."""
    x = np.array(x)
    out = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        x[index] += h
        up = f(x)
        x[index] -= 2 * h
        down = f(x)
        x[index] += h
        out[index] = (up - down) / (2 * h)
    return out


def rows_at_once(f: Any, x: Any, h: float) -> Any:
    out = np.zeros_like(x)
    for row in range(len(x)):
        nudge = np.zeros_like(x)
        nudge[row] = h
        out[row] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return out


def drifts(f: Any, x: Any, h: float) -> Any:
    slopes = set_back(f, x, h)
    x += 1e-9
    return slopes


def one_axis(f: Any, x: Any, h: float) -> Any:
    out = np.zeros(len(x))
    for i in range(len(x)):
        nudge = np.zeros(len(x))
        nudge[i] = h
        out[i] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return out


def hands_on_a_row(f: Any, x: Any, h: float) -> Any:
    return flattened(f, x.flatten(), h).reshape(x.shape)


def left_low(f: Any, x: Any, h: float) -> Any:
    """Nudges up and down a copy, and leaves the entry down."""
    now, out = x.copy(), np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        up, down = now.copy(), now.copy()
        up[index] += h
        down[index] -= h
        out[index] = (f(up) - f(down)) / (2 * h)
        now = down
    return out


bank.right_ones(
    "numerical_gradient",
    one_at_a_time=quotient(lambda g, h: (g(h) - g(-h)) / (2 * h)),
    set_back=set_back,
    flattened=flattened,
    by_addition_on_a_copy=by_addition,
)
bank.wrong_ones(
    "numerical_gradient",
    ("one_axis", "axes_of_x_forgotten", "Thinks that x has one axis.", one_axis),
    ("hands_on_a_row", "axes_of_x_forgotten", "Flattens x, and f gets it so.", hands_on_a_row),
    ("no_brackets", "brackets_missing", "/ 2 * h.",
     quotient(lambda g, h: (g(h) - g(-h)) / 2 * h)),
    ("forward", "forward_difference", "One side.", quotient(lambda g, h: (g(h) - g(0)) / h)),
    ("backward", "backward_difference", "The other side.",
     quotient(lambda g, h: (g(0) - g(-h)) / h)),
    ("over_h", "two_missing", "Over h.", quotient(lambda g, h: (g(h) - g(-h)) / h)),
    ("undivided", "not_divided", "Forgets to divide.", quotient(lambda g, h: g(h) - g(-h))),
    ("halves", "half_steps", "h / 2.", quotient(lambda g, h: (g(h / 2) - g(-h / 2)) / h)),
    ("over_two", "two_alone", "Over 2.", quotient(lambda g, h: (g(h) - g(-h)) / 2)),
    ("minus", "negated", "Down minus up.", quotient(lambda g, h: (g(-h) - g(h)) / (2 * h))),
    ("together", "all_at_once", "Nudges everything.",
     lambda f, x, h: np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))),
    ("doubled", "double_steps", "2 h.", quotient(lambda g, h: (g(2 * h) - g(-2 * h)) / (4 * h))),
    ("own_step", "h_not_used", "A step of its own.",
     lambda f, x, h: quotient(lambda g, h: (g(h) - g(-h)) / (2 * h))(f, x, 1e-6)),
    ("rows_at_once", "whole_rows", "Nudges x[i] for i in range(len(x)).",
     lambda f, x, h: rows_at_once(f, x, h) if x.ndim == 2 else set_back(f, x, h)),
    ("left_low", "nudge_left_standing", "Leaves the last nudge.", left_low),
    ("drifts", "input_changed", "Leaves x a little off.", drifts),
    ("flat", "wrong_shape", "Returns one axis.",
     lambda f, x, h: np.append(flattened(f, x, h).ravel(), 0.0)),
)  # fmt: skip


def sizes(a: Any, b: Any) -> Any:
    return np.max(np.abs(a) + np.abs(b))


bank.right_ones(
    "relative_error",
    plain=lambda a, b: np.max(np.abs(a - b)) / max(1e-8, sizes(a, b)),
    as_float=lambda a, b: float(np.abs(b - a).max() / np.maximum(1e-8, sizes(a, b))),
    norms=lambda a, b: (
        np.linalg.norm((a - b).ravel(), np.inf)
        / max(np.linalg.norm((abs(a) + abs(b)).ravel(), np.inf), 1e-8)
    ),
    loop=lambda a, b: (
        max(abs(p - q) for p, q in zip(a.flat, b.flat, strict=True))
        / max([1e-8] + [abs(p) + abs(q) for p, q in zip(a.flat, b.flat, strict=True)])
    ),
)
bank.wrong_ones(
    "relative_error",
    ("larger", "larger_for_sum", "The larger of the two.",
     lambda a, b: np.max(np.abs(a - b)) / max(1e-8, np.max(np.maximum(np.abs(a), np.abs(b))))),
    ("undivided", "absolute", "Forgets to divide.", lambda a, b: np.max(np.abs(a - b))),
    ("mean", "mean_for_max", "A mean.",
     lambda a, b: np.mean(np.abs(a - b)) / max(1e-8, sizes(a, b))),
    ("each", "place_by_place", "Divides place by place.",
     lambda a, b: np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))),
    ("a_only", "only_a", "|a|.", lambda a, b: np.max(np.abs(a - b)) / max(1e-8, np.abs(a).max())),
    ("b_only", "only_b", "|b|.", lambda a, b: np.max(np.abs(a - b)) / max(1e-8, np.abs(b).max())),
    ("signed", "signs_kept", "Forgets a pair of bars.",
     lambda a, b: np.max(a - b) / max(1e-8, sizes(a, b))),
    ("floorless", "floor_missing", "Forgets the floor.",
     lambda a, b: np.max(np.abs(a - b)) / sizes(a, b)),
    ("added", "floor_added", "Adds the floor.",
     lambda a, b: np.max(np.abs(a - b)) / (sizes(a, b) + 1e-8)),
    ("signed_sizes", "sum_of_signed", "|a + b|.",
     lambda a, b: np.max(np.abs(a - b)) / max(1e-8, np.abs(a + b).max())),
    ("sum_of_largest", "largest_apart", "Adds two maxima.",
     lambda a, b: np.max(np.abs(a - b)) / max(1e-8, np.abs(a).max() + np.abs(b).max())),
    ("at_the_worst", "size_at_the_difference", "Takes the size where the difference is.",
     lambda a, b: np.max(np.abs(a - b))
     / max(1e-8, (np.abs(a) + np.abs(b)).flat[np.argmax(np.abs(a - b))])),
    ("lengths", "norms", "Euclid.",
     lambda a, b: np.linalg.norm(a - b) / max(1e-8, np.linalg.norm(a) + np.linalg.norm(b))),
    ("all_of_them", "wrong_shape", "Forgets the maximum.",
     lambda a, b: np.abs(a - b) / max(1e-8, sizes(a, b))),
)  # fmt: skip
