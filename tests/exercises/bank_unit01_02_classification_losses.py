"""Answers to `sigmoid`, `bce_with_logits`, `log_softmax` and `softmax_cross_entropy`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tests.exercises.answer_bank import Bank

bank = Bank()


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def by_sign(z: Any) -> Any:
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small))


def masked(z: Any) -> Any:
    out = np.empty_like(z)
    up = z >= 0
    out[up] = 1 / (1 + np.exp(-z[up]))
    out[~up] = np.exp(z[~up]) / (1 + np.exp(z[~up]))
    return out


bank.right_ones(
    "sigmoid",
    textbook=sigmoid,
    by_sign=by_sign,
    masked=masked,
    half_tanh=lambda z: 0.5 * (1 + np.tanh(z / 2)),
    clipped_far_out=lambda z: 1 / (1 + np.exp(-np.clip(z, -500, 500))),
)
bank.wrong_ones(
    "sigmoid",
    ("clipped_at_20", "clipped_coarsely", "Clips at ±20.", lambda z: sigmoid(np.clip(z, -20, 20))),
    ("no_minus", "sign_missing", "Forgets the minus.", lambda z: 1 / (1 + np.exp(z))),
    ("exp_over", "overflows", "exp(z) / (1 + exp(z)).", lambda z: np.exp(z) / (1 + np.exp(z))),
    ("tanh", "tanh_for_sigmoid", "Another one.", np.tanh),
    ("exp", "one_missing", "exp alone.", lambda z: np.exp(z)),
    ("slope", "slope_for_value", "The slope.", lambda z: by_sign(z) * (1 - by_sign(z))),
    ("clipped", "clipped_coarsely", "Clips near.", lambda z: sigmoid(np.clip(z, -10, 10))),
    ("halved", "half_for_scale", "z / 2.", lambda z: by_sign(z / 2)),
    ("doubled", "double_scale", "2 z.", lambda z: by_sign(2 * z)),
    ("step", "hard", "A step.", lambda z: (z > 0).astype(float)),
    ("upside_down", "reciprocal_missing", "Forgets the fraction.", lambda z: 1 + np.exp(-z)),
    ("math", "number_function_on_tensor", "math.exp on an array.", lambda z: 1 / (1 + _exp(-z))),
    ("torch", "forbidden_call", "Lets PyTorch do it.",
     lambda z: torch.sigmoid(torch.tensor(z)).numpy()),
)  # fmt: skip


def _exp(z: Any) -> Any:
    import math

    return math.exp(z)


def bce(z: Any, y: Any) -> Any:
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


def textbook(z: Any, y: Any, eps: float = 0.0) -> Any:
    p = by_sign(z)
    return -np.mean(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps))


def clipped(z: Any, y: Any, eps: float) -> Any:
    p = np.clip(by_sign(z), eps, 1 - eps)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


bank.right_ones(
    "bce_with_logits",
    stable=bce,
    logaddexp=lambda z, y: np.mean(np.logaddexp(0, z) - z * y),
    by_label=lambda z, y: float(np.mean(np.where(y == 1, np.logaddexp(0, -z), np.logaddexp(0, z)))),
    signs=lambda z, y: np.logaddexp(0, -(2 * y - 1) * z).sum() / len(z),
)
bank.wrong_ones(
    "bce_with_logits",
    ("exp_of_the_size", "sign_in_the_exponent", "exp(+|z|).",
     lambda z, y: (np.maximum(z, 0) - z * y + np.log1p(np.exp(np.abs(z)))).mean()),
    ("sum", "sum_for_mean", "Forgets N.", lambda z, y: bce(z, y) * len(y)),
    ("log_zero", "log_of_zero", "The textbook's formula.", textbook),
    ("padded", "log_padded", "1e-8 in the log.", lambda z, y: textbook(z, y, 1e-8)),
    ("padded_less", "log_padded", "1e-12 in the log.", lambda z, y: textbook(z, y, 1e-12)),
    ("clipped", "log_padded", "Keeps p in 1e-7 … 1 - 1e-7.",
     lambda z, y: clipped(z, y, 1e-7)),
    ("clipped_less", "log_padded", "1e-15.", lambda z, y: clipped(z, y, 1e-15)),
    ("twice", "sigmoid_twice", "A sigmoid first.", lambda z, y: bce(by_sign(z), y)),
    ("minus", "negated", "Forgets the minus.", lambda z, y: -bce(z, y)),
    ("turned", "labels_exchanged", "y and 1 - y.", lambda z, y: bce(z, 1 - y)),
    ("ones", "only_ones", "One half of it.", lambda z, y: np.mean(y * np.logaddexp(0, -z))),
    ("zeros", "only_zeros", "The other half.", lambda z, y: np.mean((1 - y) * np.logaddexp(0, z))),
    ("squares", "squared_error", "Squares.", lambda z, y: np.mean((by_sign(z) - y) ** 2)),
    ("each", "not_reduced", "Forgets the mean.",
     lambda z, y: np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))),
    ("signs", "labels_of_both_signs", "Labels -1 and 1.",
     lambda z, y: np.mean(np.logaddexp(0, -z * y))),
    ("bits", "base_two", "log2.", lambda z, y: bce(z, y) / np.log(2)),
    ("an_axis_for_zero", "max_over_the_rows", "np.max for np.maximum.",
     lambda z, y: np.mean(np.max(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))),
    ("no_bars", "size_missing", "exp(-z) for exp(-|z|).",
     lambda z, y: np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-z)))),
    ("pythons_max", "array_as_truth", "The formula to the letter.",
     lambda z, y: np.mean(max(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))),
)  # fmt: skip


def log_softmax(z: Any) -> Any:
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def shifted_by(z: Any, shift: Any) -> Any:
    moved = z - np.asarray(shift)[..., None]
    return moved - np.log(np.exp(moved).sum(-1, keepdims=True))


def softmax(z: Any, axis: int = -1) -> Any:
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


bank.right_ones(
    "log_softmax",
    shifted=log_softmax,
    logaddexp=lambda z: z - np.logaddexp.reduce(z, axis=-1, keepdims=True),
    rows=lambda z: np.apply_along_axis(
        lambda row: row - row.max() - np.log(np.exp(row - row.max()).sum()), -1, z
    ),
    einsum=lambda z: (
        (z - z.max(-1)[..., None])
        - np.log(np.einsum("...c->...", np.exp(z - z.max(-1)[..., None])))[..., None]
    ),
)
bank.wrong_ones(
    "log_softmax",
    ("axis_one", "second_axis", "axis=1, right for two axes.",
     lambda z: z - z.max(1, keepdims=True) - np.log(
         np.exp(z - z.max(1, keepdims=True)).sum(1, keepdims=True))),
    ("shifted_outside_only", "shift_not_undone", "Forgets the shift in the sum.",
     lambda z: z - z.max(-1, keepdims=True) - np.log(np.exp(z).sum(-1, keepdims=True))),
    ("shifted_inside_only", "shift_not_undone", "Forgets the shift outside the sum.",
     lambda z: z - np.log(np.exp(z - z.max(-1, keepdims=True)).sum(-1, keepdims=True))),
    ("dropped_axis", "axis_dropped", "Forgets keepdims.",
     lambda z: z - z.max(axis=-1)),
    ("bare", "no_max_shift", "No shift.",
     lambda z: z - np.log(np.exp(z).sum(-1, keepdims=True))),
    ("bare_quotient", "no_max_shift", "No shift, and a quotient.",
     lambda z: np.log(np.exp(z) / np.exp(z).sum(-1, keepdims=True))),
    ("mean_shift", "mean_for_max", "Subtracts the mean.", lambda z: shifted_by(z, z.mean(-1))),
    ("largest_of_all", "max_of_everything", "One shift for all.",
     lambda z: z - z.max() - np.log(np.exp(z - z.max()).sum(-1, keepdims=True))),
    ("log_last", "log_of_softmax", "log(softmax).", lambda z: np.log(softmax(z))),
    ("padded", "log_padded", "1e-8 in the log.", lambda z: np.log(softmax(z) + 1e-8)),
    ("padded_less", "log_padded", "1e-12 in the log.", lambda z: np.log(softmax(z) + 1e-12)),
    ("columns", "first_axis", "Axis 0.",
     lambda z: z - np.logaddexp.reduce(z, axis=0, keepdims=True)),
    ("no_log", "softmax_without_log", "Forgets the log.", softmax),
    ("minus", "negated", "A sign.", lambda z: -log_softmax(z)),
    ("all_rows", "over_everything", "One sum for all.",
     lambda z: z - np.logaddexp.reduce(z, axis=None)),
    ("half_shift", "shift_not_undone", "Subtracts the largest twice.",
     lambda z: log_softmax(z) - z.max(-1, keepdims=True)),
    ("only_shift", "shift_alone", "Forgets the sum.", lambda z: z - z.max(-1, keepdims=True)),
)  # fmt: skip


def delta(z: Any, y: Any) -> Any:
    dz = softmax(z)
    dz[np.arange(len(y)), y] -= 1
    return dz / len(y)


def loss(z: Any, y: Any) -> Any:
    return -log_softmax(z)[np.arange(len(y)), y].mean()


def softmax_again(z: Any, y: Any) -> Any:
    p = softmax(z)
    dp = delta(p, y)
    return loss(p, y), p * (dp - (dp * p).sum(1, keepdims=True))


def whole_columns(z: Any, y: Any) -> Any:
    dz = softmax(z)
    dz[:, y] -= 1
    return loss(z, y), dz / len(y)


def of_logs(log_p: Any, y: Any) -> Any:
    return -log_p[np.arange(len(y)), y].mean(), (np.exp(log_p) - np.eye(log_p.shape[1])[y]) / len(y)


def unshifted(z: Any, y: Any) -> Any:
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    value = -np.log(p[np.arange(len(y)), y]).mean()
    p[np.arange(len(y)), y] -= 1
    return value, p / len(y)


def loop(z: Any, y: Any) -> Any:
    total, dz = 0.0, np.zeros_like(z)
    for n, label in enumerate(y):
        logs = z[n] - np.logaddexp.reduce(z[n])
        total -= logs[label]
        dz[n] = np.exp(logs)
        dz[n, label] -= 1
    return total / len(y), dz / len(y)


bank.right_ones(
    "softmax_cross_entropy",
    plain=lambda z, y: (loss(z, y), delta(z, y)),
    one_hot=lambda z, y: (
        -(np.eye(z.shape[1])[y] * log_softmax(z)).sum() / len(y),
        (np.exp(log_softmax(z)) - np.eye(z.shape[1])[y]) / len(y),
    ),
    loop=loop,
    a_list=lambda z, y: [float(loss(z, y)), np.asfortranarray(delta(z, y))],
)
bank.wrong_ones(
    "softmax_cross_entropy",
    ("columns_in_the_loss", "whole_columns", "log_p[:, y].",
     lambda z, y: (-log_softmax(z)[:, y].mean(), delta(z, y) / len(y))),
    ("columns_in_both", "whole_columns", "log_p[:, y], and dz[:, y] -= 1.",
     lambda z, y: (-log_softmax(z)[:, y].mean(), whole_columns(z, y)[1])),
    ("logs_left", "logs_in_the_gradient", "Forgets exp.",
     lambda z, y: (loss(z, y), (log_softmax(z) - np.eye(z.shape[1])[y]) / len(y))),
    ("mean_of_all_places", "mean_over_everything", "np.mean of the one-hot product.",
     lambda z, y: (loss(z, y) / z.shape[1], delta(z, y))),
    ("mean_of_all_places_and_a_sum", "gradient_not_averaged mean_over_everything",
     "np.mean of the one-hot product, and no N in dz.",
     lambda z, y: (loss(z, y) / z.shape[1], delta(z, y) * len(y))),
    ("sums", "sum_for_mean", "Forgets N.",
     lambda z, y: (loss(z, y) * len(y), delta(z, y) * len(y))),
    ("dz_sum", "gradient_not_averaged", "Averages the loss only.",
     lambda z, y: (loss(z, y), delta(z, y) * len(y))),
    ("loss_sum", "loss_not_averaged", "Averages dz only.",
     lambda z, y: (loss(z, y) * len(y), delta(z, y))),
    ("no_one_hot", "one_hot_missing", "Forgets the minus one.",
     lambda z, y: (loss(z, y), softmax(z) / len(y))),
    ("bare_softmax", "softmax_for_gradient", "Forgets both.",
     lambda z, y: (loss(z, y), softmax(z))),
    ("twice", "softmax_twice", "A softmax first.", softmax_again),
    ("columns", "whole_columns", "`dz[:, y] -= 1`.", whole_columns),
    ("unshifted", "no_max_shift", "No shift.", unshifted),
    ("largest_of_all", "max_of_everything", "One shift for all.",
     lambda z, y: of_logs(shifted_by(z, z.max()), y)),
    ("log_last", "log_of_softmax", "log(softmax).",
     lambda z, y: of_logs(np.log(softmax(z)), y)),
    ("columns_of_z", "first_axis", "Axis 0.",
     lambda z, y: of_logs(np.log(softmax(z, 0)), y)),
    ("padded", "log_padded", "1e-8 in the log.",
     lambda z, y: (-np.log(softmax(z)[np.arange(len(y)), y] + 1e-8).mean(), delta(z, y))),
    ("dz_minus", "gradient_negated", "One-hot minus softmax.",
     lambda z, y: (loss(z, y), -delta(z, y))),
    ("loss_minus", "loss_negated", "Forgets the minus.", lambda z, y: (-loss(z, y), delta(z, y))),
    ("by_classes", "divided_by_classes", "Divides by C.",
     lambda z, y: (loss(z, y), delta(z, y) * len(y) / z.shape[1])),
    ("dz_first", "order_changed", "Another order.", lambda z, y: (delta(z, y), loss(z, y))),
    ("only_loss", "wrong_type", "Forgets dz.", loss),
)  # fmt: skip
