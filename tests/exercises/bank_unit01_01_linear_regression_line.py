"""Answers to `predict`, `mse` and `mse_grad`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()


def residual(X: Any, w: Any, b: Any, y: Any) -> Any:
    return X @ w + b - y


def stub(*_: Any) -> Any:
    raise NotImplementedError("write this")


def shifts_y(X: Any, w: Any, b: Any, y: Any) -> Any:
    y -= X @ w + b
    return (y**2).mean()


bank.right_ones(
    "predict",
    matmul=lambda X, w, b: X @ w + b,
    einsum=lambda X, w, b: np.einsum("nd,d->n", X, w) + b,
    summed=lambda X, w, b: (X * w).sum(axis=1) + b,
    loop=lambda X, w, b: np.array([np.dot(row, w) + b for row in X]),
    with_ones=lambda X, w, b: np.column_stack([X, np.ones(len(X))]) @ np.append(w, b),
)
bank.wrong_ones(
    "predict",
    ("no_bias", "bias_missing", "Forgets b.", lambda X, w, b: X @ w),
    ("minus", "bias_subtracted", "A sign.", lambda X, w, b: X @ w - b),
    ("inside_the_sum", "bias_per_feature", "Adds b to every product.",
     lambda X, w, b: (X * w + b).sum(1)),
    ("products", "products_not_added", "Forgets the sum.", lambda X, w, b: X * w + b),
    ("mean", "averaged", "A mean for the sum.", lambda X, w, b: (X * w).mean(1) + b),
    ("column", "a_column", "Keeps an axis.", lambda X, w, b: (X @ w + b)[:, None]),
    ("times", "bias_multiplied", "Multiplies.", lambda X, w, b: X @ w * b),
    ("w_summed", "weights_summed", "Adds up first.", lambda X, w, b: X.sum(1) * w.sum() + b),
    ("turned", "sizes_do_not_fit", "X transposed.", lambda X, w, b: X.T @ w + b),
    ("a_list", "wrong_type", "A list.", lambda X, w, b: [row @ w + b for row in X]),
    ("single", "wrong_dtype", "float32.", lambda X, w, b: (X @ w + b).astype(np.float32)),
    ("stub", "not_started", "Nothing yet.", stub),
)  # fmt: skip

bank.right_ones(
    "mse",
    mean=lambda X, w, b, y: (residual(X, w, b, y) ** 2).mean(),
    dot=lambda X, w, b, y: residual(X, w, b, y) @ residual(X, w, b, y) / len(y),
    loop=lambda X, w, b, y: sum((x @ w + b - t) ** 2 for x, t in zip(X, y, strict=True)) / len(y),
    norm=lambda X, w, b, y: np.linalg.norm(residual(X, w, b, y)) ** 2 / y.size,
    average=lambda X, w, b, y: float(np.average(np.square(y - b - X @ w))),
)
bank.wrong_ones(
    "mse",
    ("sum", "sum_for_mean", "Forgets N.", lambda X, w, b, y: (residual(X, w, b, y) ** 2).sum()),
    ("half", "half", "A half, as in books.",
     lambda X, w, b, y: (residual(X, w, b, y) ** 2).mean() / 2),
    ("half_sum", "half_of_the_sum", "A half of the sum.",
     lambda X, w, b, y: (residual(X, w, b, y) ** 2).sum() / 2),
    ("root", "rooted", "RMSE.", lambda X, w, b, y: np.sqrt((residual(X, w, b, y) ** 2).mean())),
    ("absolute", "absolute_for_square", "MAE.",
     lambda X, w, b, y: np.abs(residual(X, w, b, y)).mean()),
    ("no_square", "not_squared", "Forgets the square.",
     lambda X, w, b, y: residual(X, w, b, y).mean()),
    ("square_last", "mean_squared", "Squares the mean.",
     lambda X, w, b, y: residual(X, w, b, y).mean() ** 2),
    ("pairs", "every_pair", "(N, 1) minus (N,).",
     lambda X, w, b, y: ((X @ w[:, None] + b - y) ** 2).mean()),
    ("no_bias", "bias_missing", "Forgets b.", lambda X, w, b, y: ((X @ w - y) ** 2).mean()),
    ("by_features", "divided_by_features", "Divides by D.",
     lambda X, w, b, y: (residual(X, w, b, y) ** 2).sum() / X.shape[1]),
    ("each", "not_reduced", "Forgets the mean.", lambda X, w, b, y: residual(X, w, b, y) ** 2),
    ("in_place", "input_changed", "Writes into y.", shifts_y),
)  # fmt: skip


def gradients(X: Any, w: Any, b: Any, y: Any, dw: float = 1.0, db: float = 1.0) -> Any:
    r = residual(X, w, b, y)
    return dw * 2 * X.T @ r / len(y), db * 2 * r.mean()


def scaled(dw: Any, db: Any) -> Any:
    """The right two, each times a factor that may depend on N."""
    return lambda X, w, b, y: gradients(X, w, b, y, dw(len(y)), db(len(y)))


def pairs_gradient(X: Any, w: Any, b: Any, y: Any) -> Any:
    r = (X @ w + b)[:, None] - y  # (N, N)
    return 2 * (r[:, :, None] * X[:, None, :]).mean((0, 1)), 2 * r.mean()


def residual_in_y(X: Any, w: Any, b: Any, y: Any) -> Any:
    found = gradients(X, w, b, y)
    y -= X @ w + b
    return found


def autograd(X: Any, w: Any, b: Any, y: Any) -> Any:
    import torch

    leaves = torch.tensor(w, requires_grad=True), torch.tensor(float(b), requires_grad=True)
    loss = ((torch.tensor(X) @ leaves[0] + leaves[1] - torch.tensor(y)) ** 2).mean()
    return [grad.numpy() for grad in torch.autograd.grad(loss, leaves)]


def one(n: int) -> float:
    return 1.0


bank.right_ones(
    "mse_grad",
    matmul=gradients,
    means=lambda X, w, b, y: (
        (2 * residual(X, w, b, y)[:, None] * X).mean(0),
        np.array(2 * residual(X, w, b, y).mean()),
    ),
    loop=lambda X, w, b, y: [
        sum(2 * (x @ w + b - t) * x for x, t in zip(X, y, strict=True)) / len(y),
        sum(2 * (x @ w + b - t) for x, t in zip(X, y, strict=True)) / len(y),
    ],
    row_vector=lambda X, w, b, y: (
        2 / len(y) * residual(X, w, b, y) @ X,
        2 / len(y) * float(residual(X, w, b, y).sum()),
    ),
)
bank.wrong_ones(
    "mse_grad",
    ("no_two", "factor_two_missing", "Forgets the 2.", scaled(lambda n: 0.5, lambda n: 0.5)),
    ("sums", "sum_for_mean", "Forgets N.", scaled(float, float)),
    ("no_two_sums", "half_of_the_sum", "Forgets both.", scaled(lambda n: n / 2, lambda n: n / 2)),
    ("dw_sum", "only_db_averaged", "Averages db only.", scaled(float, one)),
    ("db_sum", "only_dw_averaged", "Averages dw only.", scaled(one, float)),
    ("turned", "negated", "y minus prediction.", scaled(lambda n: -1.0, lambda n: -1.0)),
    ("dw_sign", "dw_negated", "One sign.", scaled(lambda n: -1.0, one)),
    ("db_sign", "db_negated", "The other sign.", scaled(one, lambda n: -1.0)),
    ("db_no_two", "db_factor_missing", "One 2.", scaled(one, lambda n: 0.5)),
    ("twice_divided", "divided_twice", "Divides twice.", scaled(lambda n: 1 / n, lambda n: 1 / n)),
    ("no_bias", "bias_missing", "Forgets b.", lambda X, w, b, y: gradients(X, w, 0.0, y)),
    ("dw_no_two", "dw_factor_missing", "The other 2.", scaled(lambda n: 0.5, one)),
    ("pairs", "every_pair", "(N, 1) minus (N,), and loops until the shapes fit.", pairs_gradient),
    ("in_place", "input_changed", "Keeps the residuals in y.", residual_in_y),
    ("autograd", "forbidden_call", "Lets PyTorch do it.", autograd),
    ("mae", "absolute_loss", "Another loss.",
     lambda X, w, b, y: (X.T @ np.sign(residual(X, w, b, y)) / len(y),
                         np.sign(residual(X, w, b, y)).mean())),
    ("column", "wrong_shape", "(D, 1).",
     lambda X, w, b, y: (gradients(X, w, b, y)[0][:, None], gradients(X, w, b, y)[1])),
    ("one_thing", "wrong_type", "Joins the two.",
     lambda X, w, b, y: np.append(*gradients(X, w, b, y))),
)  # fmt: skip
