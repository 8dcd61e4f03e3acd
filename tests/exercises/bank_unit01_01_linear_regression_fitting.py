"""Answers to `normal_equation` and `ridge`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()


def ones(X: Any) -> Any:
    return np.column_stack([X, np.ones(len(X))])


def split(found: Any) -> Any:
    return found[:-1], found[-1]


def lstsq(X: Any, y: Any) -> Any:
    return split(np.linalg.lstsq(ones(X), y, rcond=None)[0])


def centred(X: Any, y: Any) -> Any:
    mean_X, mean_y = X.mean(0), y.mean()
    w = np.linalg.pinv(X - mean_X) @ (y - mean_y)
    return w, mean_y - mean_X @ w


def by_svd(X: Any, y: Any) -> Any:
    U, s, Vt = np.linalg.svd(ones(X), full_matrices=False)
    keep = s > 1e-10 * s[0]
    return split(Vt[keep].T @ (U[:, keep].T @ y / s[keep]))


def theta(X: Any, y: Any) -> Any:
    return np.linalg.lstsq(ones(X), y, rcond=None)[0]


def ones_first(X: Any, y: Any) -> Any:
    return np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), y, rcond=None)[0]


def without_ones(X: Any, y: Any) -> Any:
    return np.linalg.lstsq(X, y, rcond=None)[0]


def _scipy(X: Any, y: Any) -> Any:
    from scipy import linalg  # type: ignore[import-untyped]

    return split(linalg.lstsq(ones(X), y)[0])


bank.right_ones(
    "normal_equation",
    pinv_of_the_square=lambda X, y: split(np.linalg.pinv(ones(X).T @ ones(X)) @ (ones(X).T @ y)),
    b_as_one_entry=lambda X, y: (lstsq(X, y)[0], np.array([lstsq(X, y)[1]])),
    lstsq=lstsq,
    pinv=lambda X, y: split(np.linalg.pinv(ones(X)) @ y),
    centred=centred,
    svd=by_svd,
    ones_first=lambda X, y: [
        np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), y, rcond=None)[0][1:],
        float(np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), y, rcond=None)[0][0]),
    ],
)
bank.wrong_ones(
    "normal_equation",
    ("inverse", "inverse_of_a_singular_matrix", "inv(AᵀA).",
     lambda X, y: split(np.linalg.inv(ones(X).T @ ones(X)) @ ones(X).T @ y)),
    ("solve", "inverse_of_a_singular_matrix", "A solver, but for square matrices.",
     lambda X, y: split(np.linalg.solve(ones(X).T @ ones(X), ones(X).T @ y))),
    ("ones_first_b_last", "bias_at_the_other_end", "Forgets that the ones came first.",
     lambda X, y: split(ones_first(X, y))),
    ("ones_last_b_first", "bias_at_the_other_end", "Thinks that the ones came first.",
     lambda X, y: (theta(X, y)[1:], theta(X, y)[0])),
    ("jitter", "diagonal_padded", "A very little on the diagonal.",
     lambda X, y: split(np.linalg.solve(
         ones(X).T @ ones(X) + 1e-6 * np.eye(X.shape[1] + 1), ones(X).T @ y))),
    ("some_ridge", "diagonal_padded", "A little on the diagonal, so that it has an inverse.",
     lambda X, y: split(np.linalg.solve(
         ones(X).T @ ones(X) + 1e-3 * np.eye(X.shape[1] + 1), ones(X).T @ y))),
    ("one_ridge", "penalised", "lam = 1, to be safe.", lambda X, y: ridge(X, y, 1.0)),
    ("two_columns", "bias_twice", "Doubles b.", lambda X, y: (lstsq(X, y)[0], 2 * lstsq(X, y)[1])),
    ("scipy", "forbidden_call", "Lets SciPy do it.", _scipy),
    ("no_intercept", "no_intercept", "Forgets the ones.", lambda X, y: (without_ones(X, y), 0.0)),
    ("mean_y", "mean_for_bias", "b from the mean of y.",
     lambda X, y: (without_ones(X, y), y.mean())),
    ("half_centred", "mean_of_X_forgotten", "Forgets the mean of X.",
     lambda X, y: (centred(X, y)[0], y.mean())),
    ("constant", "only_the_mean", "Gives up.", lambda X, y: (np.zeros(X.shape[1]), y.mean())),
    ("dropped", "bias_dropped", "Returns 0 for b.", lambda X, y: (lstsq(X, y)[0], 0.0)),
    ("minus", "negated", "A sign.", lambda X, y: tuple(-part for part in lstsq(X, y))),
    ("whole", "wrong_type", "Returns one array.",
     lambda X, y: np.linalg.lstsq(ones(X), y, rcond=None)[0]),
    ("b_in_w", "wrong_shape", "Leaves b in w.",
     lambda X, y: (np.linalg.lstsq(ones(X), y, rcond=None)[0], 0.0)),
    ("turned", "wrong_type", "Predictions for weights.", lambda X, y: X @ lstsq(X, y)[0]),
    ("forgets", "nothing_returned", "Forgets to return.", lambda X, y: None),
)  # fmt: skip


def ridge(X: Any, y: Any, lam: float) -> Any:
    mean_X, mean_y = X.mean(0), y.mean()
    A = X - mean_X
    w = np.linalg.solve(A.T @ A + lam * np.eye(X.shape[1]), A.T @ (y - mean_y))
    return w, mean_y - mean_X @ w


def with_ones(X: Any, y: Any, lam: float) -> Any:
    A, penalty = ones(X), lam * np.eye(X.shape[1] + 1)
    penalty[-1, -1] = 0
    return split(np.linalg.solve(A.T @ A + penalty, A.T @ y))


def longer(X: Any, y: Any, lam: float) -> Any:
    D = X.shape[1]
    below = np.column_stack([np.sqrt(lam) * np.eye(D), np.zeros(D)])
    A = np.concatenate([ones(X), below])
    return split(np.linalg.lstsq(A, np.append(y, np.zeros(D)), rcond=None)[0])


def first_corner(X: Any, y: Any, lam: float) -> Any:
    A, penalty = ones(X), lam * np.eye(X.shape[1] + 1)
    penalty[0, 0] = 0
    return split(np.linalg.solve(A.T @ A + penalty, A.T @ y))


def centres_in_place(X: Any, y: Any, lam: float) -> Any:
    mean = X.mean(0)
    w = ridge(X, y, lam)[0]
    X -= mean
    return w, y.mean() - mean @ w


def dual(X: Any, y: Any, lam: float) -> Any:
    A, mean_X = X - X.mean(0), X.mean(0)
    w = A.T @ np.linalg.solve(A @ A.T + lam * np.eye(len(X)), y - y.mean())
    return [w, float(y.mean() - mean_X @ w)]


def everywhere(X: Any, y: Any, lam: float) -> Any:
    A, mean_X = X - X.mean(0), X.mean(0)
    w = np.linalg.solve(A.T @ A + lam, A.T @ (y - y.mean()))
    return w, y.mean() - mean_X @ w


def everywhere_with_ones(X: Any, y: Any, lam: float) -> Any:
    A = ones(X)
    return split(np.linalg.solve(A.T @ A + lam, A.T @ y))


def one_mean(X: Any, y: Any, lam: float) -> Any:
    A, mean_X = X - X.mean(), X.mean()
    w = np.linalg.solve(A.T @ A + lam * np.eye(X.shape[1]), A.T @ (y - y.mean()))
    return w, y.mean() - (mean_X * w).sum()


def one_mean_for_w(X: Any, y: Any, lam: float) -> Any:
    w = one_mean(X, y, lam)[0]
    return w, (y - X @ w).mean()


def uncentred(X: Any, y: Any, lam: float) -> Any:
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)


bank.right_ones("ridge", centred=ridge, with_ones=with_ones, longer=longer, dual=dual)
bank.wrong_ones(
    "ridge",
    ("everywhere", "lam_everywhere", "`A.T @ A + lam`.", everywhere),
    ("everywhere_with_ones", "lam_everywhere", "The same beside ones.", everywhere_with_ones),
    ("one_mean", "one_mean_for_all", "`X.mean()`.", one_mean),
    ("one_mean_for_w", "one_mean_for_all", "The same, and b from what is left.", one_mean_for_w),
    ("all_penalised", "bias_penalised", "Penalises the ones, too.",
     lambda X, y, lam: split(np.linalg.solve(
         ones(X).T @ ones(X) + lam * np.eye(X.shape[1] + 1), ones(X).T @ y))),
    ("first_corner", "another_weight_spared", "Clears the wrong corner.", first_corner),
    ("dropped", "bias_dropped", "Centres, and forgets b.",
     lambda X, y, lam: (ridge(X, y, lam)[0], 0.0)),
    ("in_place", "input_changed", "Centres the caller's X.", centres_in_place),
    ("whole", "wrong_type", "Returns one array.",
     lambda X, y, lam: np.append(*ridge(X, y, lam))),
    ("times_n", "penalty_times_rows", "A mean in mind.",
     lambda X, y, lam: ridge(X, y, lam * len(y))),
    ("over_n", "penalty_over_rows", "A mean in mind.",
     lambda X, y, lam: ridge(X, y, lam / len(y))),
    ("squared", "penalty_squared", "lam².", lambda X, y, lam: ridge(X, y, lam**2)),
    ("rooted", "penalty_rooted", "The root.", lambda X, y, lam: ridge(X, y, lam**0.5)),
    ("halved", "penalty_halved", "A half.", lambda X, y, lam: ridge(X, y, lam / 2)),
    ("doubled", "penalty_doubled", "Twice.", lambda X, y, lam: ridge(X, y, 2 * lam)),
    ("plain", "penalty_missing", "Forgets lam.", lambda X, y, lam: lstsq(X, y)),
    ("no_intercept", "no_intercept", "Forgets b.", lambda X, y, lam: (uncentred(X, y, lam), 0.0)),
    ("mean_y", "mean_for_bias", "b from the mean of y.",
     lambda X, y, lam: (uncentred(X, y, lam), y.mean())),
    ("half_centred", "mean_of_X_forgotten", "Forgets the mean of X.",
     lambda X, y, lam: (ridge(X, y, lam)[0], y.mean())),
    ("scikit", "forbidden_call", "Lets scikit-learn do it.", lambda X, y, lam: _scikit(X, y, lam)),
)  # fmt: skip


def _scikit(X: Any, y: Any, lam: float) -> Any:
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=lam).fit(X, y)
    return model.coef_, model.intercept_
