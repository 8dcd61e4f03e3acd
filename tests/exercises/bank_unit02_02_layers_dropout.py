"""Answers to dropout, both ways."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()


def dropout(draw: Any = None, show: Any = None, evaluate: Any = None) -> Any:
    """An answer from how it draws its mask, makes y, and evaluates."""
    draw = draw or (lambda x, p, rng: (rng.random(x.shape) >= p).astype(float))
    show = show or (lambda x, mask, p: (x * mask / (1 - p), mask))
    evaluate = evaluate or (lambda x, p, rng: (x.copy(), np.ones_like(x)))

    def answer(x: Any, p: float, rng: Any, training: bool) -> Any:
        if not training:
            return evaluate(x, p, rng)
        return show(x, draw(x, p, rng), p)

    return answer


bank.right_ones(
    "dropout_forward",
    uniform=dropout(),
    boolean_mask=dropout(lambda x, p, rng: rng.random(x.shape) > p),
    binomial=dropout(lambda x, p, rng: rng.binomial(1, 1 - p, x.shape)),
    no_mask_in_evaluation=dropout(evaluate=lambda x, p, rng: (x, None)),
    where=dropout(show=lambda x, mask, p: [np.where(mask, x / (1 - p), 0), mask]),
)
bank.wrong_ones(
    "dropout_forward",
    ("kept_with_p", "keep_and_drop_swapped", "p as the chance to keep.",
     dropout(lambda x, p, rng: (rng.random(x.shape) < p).astype(float))),
    ("unscaled", "not_scaled", "Forgets the scale.",
     dropout(show=lambda x, mask, p: (x * mask, mask))),
    ("by_p", "scaled_by_p", "Divides by p.", dropout(show=lambda x, mask, p: (x * mask / p, mask))),
    ("down", "scaled_down", "Multiplies.",
     dropout(show=lambda x, mask, p: (x * mask * (1 - p), mask))),
    ("times_p", "scaled_by_drop", "Multiplies by p.",
     dropout(show=lambda x, mask, p: (x * mask * p, mask))),
    ("scaled_mask", "mask_scaled", "The scale in the mask.",
     dropout(show=lambda x, mask, p: (x * mask / (1 - p), mask / (1 - p)))),
    ("always_on", "live_in_evaluation", "Drops in evaluation.",
     lambda x, p, rng, training: dropout()(x, p, rng, True)),
    ("scaled_in_evaluation", "live_in_evaluation", "Scales in evaluation.",
     dropout(evaluate=lambda x, p, rng: (x * (1 - p), np.ones_like(x)))),
    ("whole_rows", "dropped_together", "One number for each row.",
     dropout(lambda x, p, rng: np.repeat(rng.random((len(x), 1)) >= p, x.shape[1], 1))),
    ("half", "wrong_share", "Ignores p.", dropout(lambda x, p, rng: rng.random(x.shape) >= 0.5)),
    ("another_mask", "y_does_not_fit_the_mask", "Draws twice.",
     dropout(show=lambda x, mask, p: (x * mask / (1 - p), mask[::-1].copy()))),
    ("own_seed", "generator_ignored", "A seed of its own.",
     dropout(lambda x, p, rng: np.random.default_rng(0).random(x.shape) >= p)),
    ("global_one", "generator_ignored", "The global generator.",
     dropout(lambda x, p, rng: np.random.random(x.shape) >= p)),
    ("only_y", "wrong_form", "Forgets the mask.",
     lambda x, p, rng, training: dropout()(x, p, rng, training)[0]),
    ("zeroes_x", "input_changed", "Writes into x.",
     lambda x, p, rng, training: _zeroing(x, p, rng, training)),
)  # fmt: skip


def _zeroing(x: Any, p: float, rng: Any, training: bool) -> Any:
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= p).astype(float)
    y = x * mask / (1 - p)
    x[mask == 0] = 0
    return y, mask


bank.right_ones(
    "dropout_backward",
    plain=lambda dy, mask, p: dy * mask / (1 - p),
    where=lambda dy, mask, p: np.where(mask > 0, dy / (1 - p), 0),
    scaled_first=lambda dy, mask, p: (mask * (1 / (1 - p))) * dy,
    einsum=lambda dy, mask, p: np.einsum("nd,nd->nd", dy, mask) / (1.0 - p),
)
bank.wrong_ones(
    "dropout_backward",
    ("unscaled", "not_scaled", "Forgets the scale.", lambda dy, mask, p: dy * mask),
    ("no_mask", "mask_missing", "Forgets the mask.", lambda dy, mask, p: dy / (1 - p)),
    ("as_it_came", "untouched", "Passes all.", lambda dy, mask, p: dy.copy()),
    ("by_p", "keep_and_drop_swapped", "Divides by p.", lambda dy, mask, p: dy * mask / p),
    ("dropped", "mask_reversed", "The other half.", lambda dy, mask, p: dy * (1 - mask) / (1 - p)),
    ("down", "scaled_down", "Multiplies.", lambda dy, mask, p: dy * mask * (1 - p)),
    ("twice", "scaled_twice", "Scales twice.", lambda dy, mask, p: dy * mask / (1 - p) ** 2),
    ("no_dy", "mask_alone", "Forgets dy.", lambda dy, mask, p: mask / (1 - p)),
    ("redrawn_from_a_seed", "mask_drawn_anew", "Draws the mask again, with a seed of its own.",
     lambda dy, mask, p: dy * (np.random.default_rng(42).random(dy.shape) >= p) / (1 - p)),
    ("redrawn", "not_repeatable", "Draws a new mask.",
     lambda dy, mask, p: dy * (np.random.random(dy.shape) >= p) / (1 - p)),
    ("a_pair", "wrong_type", "Returns the mask, too.", lambda dy, mask, p: (dy * mask, mask)),
)  # fmt: skip
