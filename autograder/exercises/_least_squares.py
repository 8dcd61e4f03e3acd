"""Linear regression: PyTorch's answers, and known wrong ones."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.compare import UnreadableError
from autograder.checking.exercise import Misconception, Tolerance
from autograder.checking.values import Inputs, Value, describe, map_tensors

Weights = tuple[Tensor, Tensor]


def wrong(name: str, says: str, look: str, answer: Callable[..., Any]) -> Misconception:
    """A misconception in one line."""
    return Misconception(name, says, look, answer)


# --- predictions and their loss -----------------------------------------------------------------


def torch_predict(X: Tensor, w: Tensor, b: float) -> Tensor:
    """`torch.nn.functional.linear` with one output, as (N,)."""
    return functional.linear(X, w[None], X.new_tensor([b]))[:, 0]


PREDICT = (
    wrong("bias_missing", "The bias b is missing.", "X w + b.",
          lambda X, w, b: torch_predict(X, w, 0.0)),
    wrong("bias_subtracted", "b is subtracted.", "X w + b.",
          lambda X, w, b: torch_predict(X, w, -b)),
    wrong("bias_per_feature", "b was added once for every feature.", "Once for every row.",
          lambda X, w, b: torch_predict(X, w, b * X.shape[1])),
    wrong("products_not_added", "These are the products; each row's are to be added up.",
          "`X @ w` adds them.", lambda X, w, b: X * w + b),
    wrong("averaged", "The products are averaged over the features.", "Add them.",
          lambda X, w, b: torch_predict(X, w / X.shape[1], b)),
    wrong("a_column", "The numbers are right, but they stand in a column, (N, 1).",
          "w is (D,), so `X @ w` is (N,).", lambda X, w, b: torch_predict(X, w, b)[:, None]),
    wrong("bias_multiplied", "b was multiplied, not added.", "X w + b.",
          lambda X, w, b: torch_predict(X, w, 0.0) * b),
    wrong("weights_summed", "The weights were added up first.", "Each feature has its own weight.",
          lambda X, w, b: X.sum(1) * w.sum() + b),
)  # fmt: skip


def torch_mse(X: Tensor, w: Tensor, b: float, y: Tensor) -> Tensor:
    """`torch.nn.functional.mse_loss` of the predictions."""
    return functional.mse_loss(torch_predict(X, w, b), y)


def _residual(X: Tensor, w: Tensor, b: float, y: Tensor) -> Tensor:
    return torch.sub(torch_predict(X, w, b), y)


def _every_pair(X: Tensor, w: Tensor, b: float, y: Tensor) -> Tensor:
    """(N, 1) against (N,): N times N residuals."""
    return torch_predict(X, w, b)[:, None] - y


_PAIRS = "(N, 1) minus (N,) is (N, N): every prediction against every y."
MSE = (
    wrong("sum_for_mean", "This is the sum of the squares; the mean was asked for.",
          "Divide by N.", lambda X, w, b, y: torch_mse(X, w, b, y) * len(y)),
    wrong("half", "There is a half in front.", "The mean of the squares, without a half.",
          lambda X, w, b, y: torch_mse(X, w, b, y) / 2),
    wrong("half_of_the_sum", "This is half of the sum of the squares.", "Their mean.",
          lambda X, w, b, y: torch_mse(X, w, b, y) * len(y) / 2),
    wrong("rooted", "The root was taken: that is the RMSE.", "The mean of the squares.",
          lambda X, w, b, y: torch_mse(X, w, b, y).sqrt()),
    wrong("absolute_for_square", "The residuals' sizes were averaged, not their squares.",
          "Square them.", lambda X, w, b, y: functional.l1_loss(torch_predict(X, w, b), y)),
    wrong("not_squared", "The residuals were averaged without a square: they cancel.",
          "Square them.", lambda X, w, b, y: _residual(X, w, b, y).mean()),
    wrong("mean_squared", "The mean residual was squared.", "First square, then average.",
          lambda X, w, b, y: _residual(X, w, b, y).mean().square()),
    wrong("every_pair", "Every prediction was compared with every y.", _PAIRS,
          lambda X, w, b, y: _every_pair(X, w, b, y).square().mean()),
    wrong("bias_missing", "The bias b is missing.", "Use your `predict`.",
          lambda X, w, b, y: torch_mse(X, w, 0.0, y)),
    wrong("divided_by_features", "The sum was divided by D.", "There are N rows.",
          lambda X, w, b, y: torch_mse(X, w, b, y) * len(y) / X.shape[1]),
    wrong("one_less", "The sum was divided by N - 1.", "By N.",
          lambda X, w, b, y: torch_mse(X, w, b, y) * len(y) / max(len(y) - 1, 1)),
    wrong("not_reduced", "These are the squares; their mean was asked for.", "One number.",
          lambda X, w, b, y: _residual(X, w, b, y).square()),
)  # fmt: skip


def torch_gradients(
    X: Tensor, w: Tensor, b: float, y: Tensor, loss: Callable[..., Tensor] = functional.mse_loss
) -> Weights:
    """Autograd's (dw, db) of the mean squared error."""
    leaves = w.clone().requires_grad_(), X.new_tensor([b]).requires_grad_()
    found = loss(functional.linear(X, leaves[0][None], leaves[1])[:, 0], y)
    dw, db = torch.autograd.grad(found, leaves)
    return dw, db[0]


def _scaled(w_factor: Callable[[Tensor], float], b_factor: Callable[[Tensor], float]) -> Any:
    def answer(X: Tensor, w: Tensor, b: float, y: Tensor) -> Weights:
        dw, db = torch_gradients(X, w, b, y)
        return dw * w_factor(X), db * b_factor(X)

    return answer


def _n(X: Tensor) -> float:
    return float(len(X))


def _all_pairs_gradient(X: Tensor, w: Tensor, b: float, y: Tensor) -> Weights:
    return torch_gradients(X, w, b, y, lambda p, y: (p[:, None] - y).square().mean())


_TWO = "The slope of r² is 2 r."
MSE_GRAD = (
    wrong("factor_two_missing", "Both gradients lack the factor 2.", _TWO,
          _scaled(lambda X: 0.5, lambda X: 0.5)),
    wrong("sum_for_mean", "Both gradients are those of the sum.", "Divide by N.",
          _scaled(_n, _n)),
    wrong("half_of_the_sum", "Both gradients lack the 2 and the division by N.",
          "2 / N times the sum.", _scaled(lambda X: _n(X) / 2, lambda X: _n(X) / 2)),
    wrong("only_db_averaged", "dw is a sum over the rows; db is a mean.", "Both are means.",
          _scaled(_n, lambda X: 1.0)),
    wrong("only_dw_averaged", "db is a sum over the rows; dw is a mean.", "Both are means.",
          _scaled(lambda X: 1.0, _n)),
    wrong("negated", "The sign is wrong.", "Prediction minus y, not y minus prediction.",
          _scaled(lambda X: -1.0, lambda X: -1.0)),
    wrong("dw_negated", "dw has the wrong sign.", "Prediction minus y in both.",
          _scaled(lambda X: -1.0, lambda X: 1.0)),
    wrong("db_negated", "db has the wrong sign.", "Prediction minus y in both.",
          _scaled(lambda X: 1.0, lambda X: -1.0)),
    wrong("db_factor_missing", "db lacks the factor 2.", _TWO,
          _scaled(lambda X: 1.0, lambda X: 0.5)),
    wrong("dw_factor_missing", "dw lacks the factor 2.", _TWO,
          _scaled(lambda X: 0.5, lambda X: 1.0)),
    wrong("every_pair", "Every prediction was compared with every y.", _PAIRS,
          _all_pairs_gradient),
    wrong("bias_missing", "The predictions lack the bias b.", "Use your `predict`.",
          lambda X, w, b, y: torch_gradients(X, w, 0.0, y)),
    wrong("divided_twice", "Both gradients are divided by N twice.", "Once.",
          _scaled(lambda X: 1 / _n(X), lambda X: 1 / _n(X))),
    wrong("absolute_loss", "These are the gradients of the mean absolute error.", _TWO,
          lambda X, w, b, y: torch_gradients(X, w, b, y, functional.l1_loss)),
)  # fmt: skip

#: Solving with XᵀX squares the condition number: a right answer may be off by 1e-8 and more.
LEAST_SQUARES = {torch.float64: Tolerance(rtol=1e-6, atol=1e-7)}

# --- closed forms -------------------------------------------------------------------------------


def weights_of(inputs: Inputs, value: Value) -> Weights:
    """W (D,) and b, a number, from what came back. Raises UnreadableError."""
    D = inputs["X"].shape[1]
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise UnreadableError("wrong_type", f"Two things are asked for, (w, b); yours is "
                              f"{describe(value, 'numpy')}.")  # fmt: skip
    w, b = value
    if not isinstance(w, Tensor) or tuple(w.shape) != (D,):
        raise UnreadableError("wrong_shape", f"`w` should have shape ({D},); yours is "
                              f"{describe(w, 'numpy')}.")  # fmt: skip
    if isinstance(b, Tensor) and b.numel() == 1:
        b = b.reshape(())
    if type(b) in (int, float):
        b = torch.tensor(b, dtype=torch.float64)
    if not isinstance(b, Tensor) or b.dim():
        raise UnreadableError("wrong_shape", f"`b` should be one number; yours is "
                              f"{describe(b, 'numpy')}.")  # fmt: skip
    return w.double(), b.double()


def only_w(inputs: Inputs, value: Value) -> Tensor:
    """The w of the (w, b) that came back."""
    return weights_of(inputs, value)[0]


def only_b(inputs: Inputs, value: Value) -> Tensor:
    """The b of the (w, b) that came back."""
    return weights_of(inputs, value)[1]


def predictions(inputs: Inputs, value: Value) -> Tensor:
    """X w + b for the (w, b) that came back: the same for all that are right."""
    w, b = weights_of(inputs, value)
    return torch_predict(inputs["X"], w, float(b))


def torch_ridge(X: Tensor, y: Tensor, lam: float, free: int | None = -1) -> Weights:
    """`torch.linalg.lstsq` of X beside ones, with a row of sqrt(lam) for each penalised weight.

    `free` is the column that is not penalised: the last one, the bias; None penalises all.
    """
    N, D = X.shape
    A = torch.cat([X, X.new_ones(N, 1)], 1)
    penalty = torch.full((D + 1,), lam, dtype=X.dtype).sqrt()
    if free is not None:
        penalty[free] = 0.0
    A, target = torch.cat([A, torch.diag(penalty)]), torch.cat([y, X.new_zeros(D + 1)])
    found = torch.linalg.lstsq(A, target[:, None], driver="gelsd").solution[:, 0]
    return found[:-1], found[-1]


def torch_least_squares(X: Tensor, y: Tensor) -> Weights:
    """The same without a penalty: the shortest of the best (w, b)."""
    return torch_ridge(X, y, 0.0)


def _no_intercept(X: Tensor, y: Tensor, lam: float = 0.0) -> Weights:
    D = X.shape[1]
    A = torch.cat([X, lam**0.5 * torch.eye(D, dtype=X.dtype)])
    target = torch.cat([y, y.new_zeros(D)])
    found = torch.linalg.lstsq(A, target[:, None], driver="gelsd").solution[:, 0]
    return found, y.new_zeros(())


def _mean_for_bias(X: Tensor, y: Tensor, lam: float = 0.0) -> Weights:
    """W without an intercept, and b the mean of y."""
    return _no_intercept(X, y, lam)[0], y.mean()


def _half_centred(X: Tensor, y: Tensor, lam: float = 0.0) -> Weights:
    """Centred X and y, and b forgets the mean of X."""
    return _no_intercept(X - X.mean(0), y - y.mean(), lam)[0], y.mean()


def _inverted(X: Tensor, y: Tensor) -> Weights:
    """`inv(A.T A) A.T y`: raises where columns depend on one another."""
    A = torch.cat([X, X.new_ones(len(X), 1)], 1)
    found = torch.linalg.solve(torch.mm(A.T, A), torch.mv(A.T, y))
    if torch.linalg.matrix_rank(A) < A.shape[1]:
        raise RuntimeError("singular matrix")
    return found[:-1], found[-1]


def _other_end(first: bool, X: Tensor, y: Tensor) -> Weights:
    """B and w of someone who took the weight at the wrong end of θ for the bias."""
    w, b = torch_least_squares(X, y)
    return (torch.cat([b[None], w[:-1]]), w[-1]) if first else (torch.cat([w[1:], b[None]]), w[0])


def _padded(lam: float, X: Tensor, y: Tensor) -> Weights:
    return torch_ridge(X, y, lam, free=None)


def _lam_everywhere(ones: bool, X: Tensor, y: Tensor, lam: float) -> Weights:
    """`A.T @ A + lam`: with a column of ones beside X, or with centred X and y."""
    A = torch.cat([X, X.new_ones(len(X), 1)], 1) if ones else X - X.mean(0)
    target = y if ones else y - y.mean()
    M = torch.mm(A.T, A) + lam
    if torch.linalg.matrix_rank(M) < len(M):
        raise RuntimeError("singular matrix")
    found = torch.linalg.solve(M, torch.mv(A.T, target))
    return (found[:-1], found[-1]) if ones else (found, y.mean() - X.mean(0) @ found)


def _one_mean(own: bool, X: Tensor, y: Tensor, lam: float) -> Weights:
    """X minus the mean of all its entries; b with each column's `own` mean, or with that one."""
    w = _no_intercept(X - X.mean(), y - y.mean(), lam)[0]
    return w, y.mean() - (X.mean(0) @ w if own else X.mean() * w.sum())


NORMAL_EQUATION = (
    wrong("inverse_of_a_singular_matrix", "Where columns of X depend on one another, AᵀA has no "
          "inverse.", "`np.linalg.lstsq` or `np.linalg.pinv` work for every X.", _inverted),
    wrong("no_intercept", "There is no bias: the line was forced through 0.",
          "A column of ones beside X makes b one more weight.", _no_intercept),
    wrong("mean_for_bias", "w was found without a bias, and b is the mean of y.",
          "Find w and b together: a column of ones beside X.", _mean_for_bias),
    wrong("mean_of_X_forgotten", "b is the mean of y; the mean of X w is missing in it.",
          "b = mean(y) - mean(X) w, or a column of ones beside X.", _half_centred),
    wrong("only_the_mean", "The same number, y's mean, is predicted for every row.", "w is 0.",
          lambda X, y: (X.new_zeros(X.shape[1]), y.mean())),
    *(wrong("bias_at_the_other_end", says, f"The bias is the weight of the column of ones: {look}.",
            functools.partial(_other_end, first))
      for first, says, look in (
          (True, "The last of the weights came back as b, but the column of ones is the first.",
           "θ[0] there"),
          (False, "The first of the weights came back as b, but the column of ones is the last.",
           "θ[-1] there"))),
    *(wrong("diagonal_padded", "Nearly. Something small was added to the diagonal, it seems.",
            "`np.linalg.lstsq` and `np.linalg.pinv` need no help where there is no inverse.",
            functools.partial(_padded, lam)) for lam in (1e-3, 1e-4, 1e-5, 1e-6)),
    wrong("penalised", "There is a penalty on w.", "That is ridge, the next exercise.",
          lambda X, y: torch_ridge(X, y, 1.0)),
    wrong("negated", "w and b have the wrong sign.", "A w = y, not A w = -y.",
          lambda X, y: tuple(-part for part in torch_least_squares(X, y))),
    wrong("bias_twice", "b is twice what it should be.", "One column of ones.",
          lambda X, y: (torch_least_squares(X, y)[0], 2 * torch_least_squares(X, y)[1])),
    wrong("bias_dropped", "w is right, but b came back as 0.", "Return the last weight as b.",
          lambda X, y: (torch_least_squares(X, y)[0], y.new_zeros(()))),
)  # fmt: skip
RIDGE = (
    wrong("bias_penalised", "The bias is penalised as well.",
          "Only w is: shifting all of y should shift b, and nothing else.",
          lambda X, y, lam: torch_ridge(X, y, lam, free=None)),
    wrong("another_weight_spared", "The first weight is free of the penalty, and b is not.",
          "Which column holds the ones? Its place on the diagonal gets no lam.",
          lambda X, y, lam: torch_ridge(X, y, lam, free=0)),
    *(wrong("lam_everywhere", "lam was added to every entry of the matrix.",
            "λI has λ on the diagonal and 0 beside it: `lam * np.eye(D)`.",
            functools.partial(_lam_everywhere, ones)) for ones in (True, False)),
    *(wrong("one_mean_for_all", "One mean was taken out of all columns of X; each has its own.",
            "A mean over the rows is `X.mean(axis=0)`, D numbers.",
            functools.partial(_one_mean, own)) for own in (True, False)),
    wrong("bias_dropped", "w is right, but b came back as 0.", "b = mean(y) - mean(X) w.",
          lambda X, y, lam: (torch_ridge(X, y, lam)[0], y.new_zeros(()))),
    wrong("penalty_times_rows", "lam was multiplied by N.",
          "The sum of squares here has no 1 / N, and so lam has none.",
          lambda X, y, lam: torch_ridge(X, y, lam * len(y))),
    wrong("penalty_over_rows", "lam was divided by N.", "lam as it is.",
          lambda X, y, lam: torch_ridge(X, y, lam / len(y))),
    wrong("penalty_squared", "lam was squared.", "lam on the diagonal of XᵀX; its root beside X.",
          lambda X, y, lam: torch_ridge(X, y, lam**2)),
    wrong("penalty_rooted", "The root of lam was taken.", "lam on the diagonal of XᵀX.",
          lambda X, y, lam: torch_ridge(X, y, lam**0.5)),
    wrong("penalty_halved", "lam was halved.", "‖X w + b - y‖² + lam ‖w‖², no half.",
          lambda X, y, lam: torch_ridge(X, y, lam / 2)),
    wrong("penalty_doubled", "lam was doubled.", "‖X w + b - y‖² + lam ‖w‖².",
          lambda X, y, lam: torch_ridge(X, y, lam * 2)),
    wrong("penalty_missing", "This is plain least squares.", "Add lam to the diagonal.",
          lambda X, y, lam: torch_least_squares(X, y)),
    wrong("no_intercept", "There is no bias.", "Center X and y, or add a column of ones.",
          _no_intercept),
    wrong("mean_for_bias", "w was found without a bias, and b is the mean of y.",
          "Center X as well, or add a column of ones.", _mean_for_bias),
    wrong("mean_of_X_forgotten", "b is the mean of y; the mean of X w is missing in it.",
          "b = mean(y) - mean(X) w.", _half_centred),
)  # fmt: skip

# --- one step -----------------------------------------------------------------------------------

Container = Mapping[str, Tensor] | Sequence[Tensor]


def _torch_step(values: list[Tensor], grads: list[Tensor], lr: float) -> list[Tensor]:
    leaves = [value.clone().requires_grad_() for value in values]
    for leaf, grad in zip(leaves, grads, strict=True):
        leaf.grad = grad.clone()
    torch.optim.SGD(leaves, lr).step()
    return [leaf.detach() for leaf in leaves]


def torch_sgd(params: Any, grads: Any, lr: float) -> Any:
    """`torch.optim.SGD`'s step, in the container that came."""
    if isinstance(params, Mapping):
        stepped = _torch_step(list(params.values()), [grads[name] for name in params], lr)
        return dict(zip(params, stepped, strict=True))
    return type(params)(_torch_step(list(params), list(grads), lr))


def _number(value: Value) -> Value:
    """A plain number as float64, not as the float32 of torch's default; all else as it is."""
    return torch.tensor(value, dtype=torch.float64) if type(value) in (int, float) else value


def flat(inputs: Inputs, value: Value) -> Tensor:
    """All params in one row, where they came back as they went in. Raises UnreadableError."""
    before = inputs["params"]
    if type(value) is not type(before):
        kinds = f"a {type(before).__name__} went in; yours is {describe(value, 'numpy')}"
        raise UnreadableError("wrong_container", f"The same container is asked for: {kinds}.")
    if isinstance(before, Mapping):
        if set(value) != set(before):
            raise UnreadableError("wrong_keys", "The keys are not those that went in.")
        pairs = [(before[name], value[name]) for name in before]
    else:
        if len(value) != len(before):
            raise UnreadableError("wrong_length", f"{len(before)} arrays went in.")
        pairs = list(zip(before, value, strict=True))
    row = []
    for old, new in pairs:
        new = _number(new)
        if not isinstance(new, Tensor) or new.shape != old.shape:
            raise UnreadableError("wrong_shape", f"An array of shape {tuple(old.shape)} went in; "
                                  f"{describe(new, 'numpy')} came back.")  # fmt: skip
        row.append(new.double().flatten())
    return torch.cat(row)


def _stepping(rate: Callable[[float], float]) -> Callable[..., Any]:
    """A step at another rate: PyTorch's, along gradients that are scaled."""
    return lambda params, grads, lr: torch_sgd(
        params, map_tensors(grads, lambda grad: grad * rate(lr) / lr), lr
    )


SGD_STEP = (
    wrong("climbs", "The step goes up the gradient.", "Minus: the gradient points uphill.",
          _stepping(lambda lr: -lr)),
    wrong("rate_missing", "The whole gradient was subtracted.", "Times the learning rate.",
          _stepping(lambda lr: 1.0)),
    wrong("nothing_moves", "The params came back as they were.", "Return the new ones.",
          _stepping(lambda lr: 0.0)),
    wrong("rate_squared", "The learning rate was multiplied in twice.", "Once.",
          _stepping(lambda lr: lr * lr)),
    wrong("rate_halved", "Half a step was taken.", "lr times the gradient.",
          _stepping(lambda lr: lr / 2)),
    wrong("rate_divides", "The gradient was divided by the learning rate.", "Times it.",
          _stepping(lambda lr: 1 / lr)),
    wrong("two_steps", "Two steps were taken.", "One.", _stepping(lambda lr: 2 * lr)),
)  # fmt: skip
