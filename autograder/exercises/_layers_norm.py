"""Batch and layer normalisation: PyTorch's answers and known wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.exercises._layers_torch import changed, gradients, reordered, wrong

Three = tuple[Tensor, Tensor, Tensor]


def batch_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, running_mean: Tensor, running_var: Tensor,
    momentum: float, eps: float, training: bool,
) -> Three:  # fmt: skip
    """`torch.nn.functional.batch_norm` on x (N, D) or (N, C, H, W); new running statistics."""
    mean, var = running_mean.clone(), running_var.clone()
    y = functional.batch_norm(x, mean, var, gamma, beta, training, momentum, eps)
    return y, mean, var


@dataclass(frozen=True)
class Slip:
    """What someone does otherwise than PyTorch's batch norm; all at their defaults: nothing."""

    normal_ddof: int = 0
    running_ddof: int = 1
    dim: int | None = 0
    eps: str = "inside"
    reversed_momentum: bool = False
    batch_in_evaluation: bool = False
    running_in_training: bool = False
    updated_in_training: bool = False
    updates: str = "training"
    replaces: bool = False
    gamma: str = "gamma"
    beta: str = "beta"
    centres: bool = True
    spread: str = "root"
    stores: str = "variance"
    shrinks: bool = False


def _statistics(x: Tensor, dim: int | None, ddof: int) -> tuple[Tensor, Tensor]:
    if dim is None:
        return x.mean().expand(x.shape[1]), x.var(correction=ddof).expand(x.shape[1])
    return x.mean(dim, keepdim=dim == 1), x.var(dim, correction=ddof, keepdim=dim == 1)


def slipping(slip: Slip) -> Callable[..., Three]:
    """Batch norm by someone who makes this slip: PyTorch's, with other statistics put in."""

    def answer(
        x: Tensor, gamma: Tensor, beta: Tensor, running_mean: Tensor, running_var: Tensor,
        momentum: float, eps: float, training: bool,
    ) -> Three:  # fmt: skip
        mean, var = _statistics(x, slip.dim, slip.normal_ddof)
        stored = x.var(0, correction=slip.running_ddof)
        stored = stored.sqrt() if slip.stores == "deviation" else stored
        stored = stored * ((len(x) - 1) / len(x)) ** 2 if slip.shrinks else stored
        share = 1.0 if slip.replaces else (1 - momentum if slip.reversed_momentum else momentum)
        if slip.updates == "never" or (slip.updates == "training" and not training):
            share, stored = 0.0, torch.zeros_like(stored)
        new_mean = (1 - share) * running_mean + share * x.mean(0)
        new_var = (1 - share) * running_var + share * stored
        batch = slip.batch_in_evaluation or (training and not slip.running_in_training)
        used = (mean, var) if batch else (running_mean, running_var)
        used = (new_mean, new_var) if slip.updated_in_training else used
        y = _normalised(slip, x, used, eps) * _which(slip.gamma, gamma, beta, 1.0)
        return y + _which(slip.beta, gamma, beta, 0.0), new_mean, new_var

    return answer


def _normalised(slip: Slip, x: Tensor, used: tuple[Tensor, Tensor], eps: float) -> Tensor:
    mean, var = used
    size = {
        "inside": lambda: (var + eps).sqrt(),
        "outside": lambda: var.sqrt() + eps,
        "missing": lambda: var.sqrt(),
    }[slip.eps]()
    size = size.square() if slip.spread == "variance" else size
    return ((x - mean) if slip.centres else x) / size


def _which(name: str, gamma: Tensor, beta: Tensor, nothing: float) -> Tensor | float:
    return {"gamma": gamma, "beta": beta}.get(name, nothing)


def _named(rows: Any, make: Callable[[Any], Callable[..., Any]]) -> tuple[Misconception, ...]:
    return tuple(wrong(name, says, look, make(slip)) for name, says, look, slip in rows)


_SCALE = "gamma times the normalised x, plus beta."
_EPS = "Epsilon is added to the variance, and the root is taken of both."
BATCHNORM_FORWARD = (
    *_named(
        (
            ("normalised_with_a_samples_variance", "x was normalised with the variance of a sample "
             "(ddof=1).", "PyTorch normalises with the biased variance, over N.",
             Slip(normal_ddof=1)),
            ("running_variance_biased", "The running variance took in the biased variance.",
             "PyTorch normalises with the biased one, and stores the unbiased one, over N - 1.",
             Slip(running_ddof=0)),
            ("variances_exchanged", "x was normalised with the unbiased variance, and the biased "
             "one was stored.", "It is the other way round.", Slip(normal_ddof=1, running_ddof=0)),
            ("correction_upside_down", "The running variance took in the biased variance times "
             "(N - 1) / N.", "The unbiased one is the larger: times N / (N - 1).",
             Slip(shrinks=True)),
            ("momentum_reversed", "The momentum weighs the old value.",
             "In PyTorch momentum weighs the new one: (1 - momentum) * old + momentum * new.",
             Slip(reversed_momentum=True)),
            ("epsilon_outside_the_root", "Epsilon was added to the root.", _EPS,
             Slip(eps="outside")),
            ("epsilon_missing", "Epsilon is missing.", _EPS, Slip(eps="missing")),
            ("rows_for_columns", "Each row was normalised: that is layer norm.",
             "Batch norm looks at each feature over the batch: axis 0.", Slip(dim=1)),
            ("one_mean_for_all", "One mean and one variance were used for all features.",
             "Each feature has its own: axis 0.", Slip(dim=None)),
            ("batch_statistics_in_evaluation", "In evaluation the batch's own statistics are used.",
             "Evaluation uses the running ones, so that a row's answer depends on no other row.",
             Slip(batch_in_evaluation=True)),
            ("running_statistics_in_training", "In training the running statistics are used.",
             "Training normalises with the batch's own.", Slip(running_in_training=True)),
            ("running_statistics_in_training", "In training the running statistics are used, after "
             "they were brought up to date.", "Training normalises with the batch's own.",
             Slip(updated_in_training=True)),
            ("updated_in_evaluation", "Evaluation changes the running statistics.",
             "They are learnt in training only.", Slip(updates="always")),
            ("never_updated", "The running statistics never change.",
             "In training each takes in a share of the batch's.", Slip(updates="never")),
            ("replaced_by_the_batch", "The running statistics became the batch's own.",
             "A share of it: (1 - momentum) * old + momentum * new.", Slip(replaces=True)),
            ("deviation_stored", "The running variance took in a standard deviation.",
             "Store the variance.", Slip(stores="deviation")),
            ("gamma_missing", "gamma is missing.", _SCALE, Slip(gamma="")),
            ("beta_missing", "beta is missing.", _SCALE, Slip(beta="")),
            ("gamma_and_beta_missing", "gamma and beta are missing.", _SCALE,
             Slip(gamma="", beta="")),
            ("gamma_and_beta_swapped", "gamma and beta are exchanged.", _SCALE,
             Slip(gamma="beta", beta="gamma")),
            ("not_centred", "The mean was not subtracted.", "First minus the mean.",
             Slip(centres=False)),
            ("variance_for_deviation", "x was divided by the variance.", "Take its root.",
             Slip(spread="variance")),
        ),
        slipping,
    ),
    wrong("statistics_in_the_wrong_order", "running_var came before running_mean.",
          "Return y, running_mean, running_var.", reordered(batch_norm, (0, 2, 1))),
)  # fmt: skip


def _batch(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    return functional.batch_norm(x, None, None, gamma, beta, True, 0.0, eps)


def _layer(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    return functional.layer_norm(x, x.shape[1:], gamma, beta, eps)


def layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    """`torch.nn.functional.layer_norm` over the last axis of x (N, D)."""
    return _layer(x, gamma, beta, eps)


def _backward(forward: Callable[..., Tensor]) -> Callable[..., tuple[Tensor, ...]]:
    """Autograd's (dx, dgamma, dbeta); beta's value does not matter."""

    def oracle(dy: Tensor, x: Tensor, gamma: Tensor, eps: float) -> tuple[Tensor, ...]:
        beta = torch.zeros_like(gamma)
        return gradients(lambda *leaves: forward(*leaves, eps), dy, (x, gamma, beta))

    return oracle


batch_norm_gradients = _backward(_batch)
layer_norm_gradients = _backward(_layer)


@dataclass(frozen=True)
class Cut:
    """Where someone's gradient of a normalisation along `dim` is cut off, or goes another way."""

    dim: int
    mean: bool = False
    variance: bool = False
    eps: str = "inside"
    ddof: int = 0
    gamma: bool = True


def cut(where: Cut) -> Callable[..., tuple[Tensor, ...]]:
    """Autograd's gradients with parts of the graph detached."""

    def forward(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
        mean = x.mean(where.dim, keepdim=True)
        var = x.var(where.dim, correction=where.ddof, keepdim=True)
        mean, var = mean.detach() if where.mean else mean, var.detach() if where.variance else var
        size = (var + eps).sqrt() if where.eps == "inside" else var.sqrt() + eps
        size = var.sqrt() if where.eps == "missing" else size
        normal = (x - mean) / size
        return normal * gamma + beta if where.gamma else normal + 0 * gamma + beta

    return _backward(forward)


def _roads(
    dy: Tensor, x: Tensor, gamma: Tensor, eps: float, dim: int
) -> tuple[Tensor, Tensor, Tensor]:
    """What reaches x straight, what goes off through the mean, and what through the variance."""

    def dx(mean: bool, variance: bool) -> Tensor:
        return cut(Cut(dim, mean, variance))(dy, x, gamma, eps)[0]

    straight = dx(True, True)
    return straight, straight - dx(False, True), straight - dx(True, False)


def _averaged_otherwise(
    oracle: Callable[..., tuple[Tensor, ...]],
    dim: int,
    average: Callable[[Tensor], Tensor],
    mean: bool = True,
    variance: bool = True,
) -> Callable[..., tuple[Tensor, ...]]:
    """The gradients of someone who averages in another way on the roads through the statistics."""

    def change(dx: Tensor, dy: Tensor, x: Tensor, gamma: Tensor, eps: float) -> Tensor:
        straight, by_mean, by_variance = _roads(dy, x, gamma, eps, dim)
        size = (x.var(dim, correction=0, keepdim=True) + eps).sqrt()
        normal = (x - x.mean(dim, keepdim=True)) / size
        through = straight * size
        by_mean = average(through) / size if mean else by_mean
        by_variance = normal * average(through * normal) / size if variance else by_variance
        return straight - by_mean - by_variance

    return changed(oracle, 0, change)


def _backward_misconceptions(
    oracle: Callable[..., tuple[Tensor, ...]], forward: Callable[..., Tensor], dim: int
) -> tuple[Misconception, ...]:
    """The mistakes that both normalisations know; `dim` is the axis of the statistics."""

    def normal(x: Tensor, gamma: Tensor, eps: float) -> Tensor:
        return forward(x, torch.ones_like(gamma), torch.zeros_like(gamma), eps)

    def without_gamma(dy: Tensor, x: Tensor, gamma: Tensor, eps: float) -> tuple[Tensor, ...]:
        dx = oracle(dy, x, torch.ones_like(gamma), eps)[0]
        return (dx, *oracle(dy, x, gamma, eps)[1:])

    both = "Mean and variance are made of x: the gradient goes back through them, too."
    return (
        wrong("statistics_taken_as_constants", "Mean and variance were taken as constants.", both,
              cut(Cut(dim, mean=True, variance=True))),
        wrong("mean_taken_as_constant", "The mean was taken as a constant.", both,
              cut(Cut(dim, mean=True))),
        wrong("variance_taken_as_constant", "The variance was taken as a constant, or two means "
              "were multiplied, of which the mean of z is 0.", f"{both} The bar in the last term "
              "stands over the whole product: the mean of dz z, not mean times mean.",
              cut(Cut(dim, variance=True))),
        wrong("gamma_missing", "dx does not know gamma.", "dy times gamma goes back into the "
              "normalisation.", without_gamma),
        wrong("epsilon_outside_the_root", "Epsilon was added to the root.", _EPS,
              cut(Cut(dim, eps="outside"))),
        wrong("epsilon_missing", "Epsilon is missing.", _EPS, cut(Cut(dim, eps="missing"))),
        wrong("variance_of_a_sample", "The variance was divided by one less (ddof=1).",
              "Normalisation uses the biased variance.", cut(Cut(dim, ddof=1))),
        wrong("other_axis", "Mean and variance were taken along the other axis.",
              "Batch norm: over the rows. Layer norm: over the features.", cut(Cut(1 - dim))),
        wrong("dgamma_from_x", "dgamma was made from x as it came.", "gamma multiplies the "
              "normalised x.",
              changed(oracle, 1, lambda dg, dy, x, gamma, eps: (dy * x).sum(0))),
        wrong("dgamma_without_x", "dgamma is the sum of dy: that is dbeta.",
              "gamma multiplies the normalised x: it is in dgamma.",
              changed(oracle, 1, lambda dg, dy, x, gamma, eps: dy.sum(0))),
        wrong("parameters_averaged", "dgamma and dbeta are means over the rows.",
              "All rows use the same gamma and beta, so the rows' gradients are added.",
              changed(changed(oracle, 1, lambda dg, dy, *_: dg / len(dy)), 2,
                      lambda db, dy, *_: db / len(dy))),
        wrong("dgamma_and_dbeta_swapped", "dgamma and dbeta are exchanged.",
              "Return dx, dgamma, dbeta.", reordered(oracle, (0, 2, 1))),
        wrong("gamma_in_dgamma", "dgamma was multiplied with gamma.",
              "The slope of gamma times something, along gamma, is the something.",
              changed(oracle, 1, lambda dg, dy, x, gamma, eps: dg * gamma)),
        wrong("negated", "All three have the wrong sign.", "No minus here: that is the "
              "optimiser's.", lambda *given: tuple(-part for part in oracle(*given))),
        wrong("normalised_dy", "dx is the normalised dy.", "dx comes from dy and x together.",
              changed(oracle, 0, lambda dx, dy, x, gamma, eps: normal(dy, gamma, eps))),
    )  # fmt: skip


BATCHNORM_BACKWARD = (
    *_backward_misconceptions(batch_norm_gradients, _batch, 0),
    wrong("sum_for_mean", "The two terms that are taken away are sums; means belong there.",
          "A bar is the mean over the rows.",
          _averaged_otherwise(batch_norm_gradients, 0, lambda part: part.sum(0, keepdim=True))),
    wrong("mean_over_everything", "The two means were taken over the whole matrix.",
          "Each feature has its own: `axis=0`.",
          _averaged_otherwise(batch_norm_gradients, 0, torch.mean)),
)  # fmt: skip


def _gamma_taken_out(
    dy: Tensor, x: Tensor, gamma: Tensor, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    dx = layer_norm_gradients(dy, x, torch.ones_like(gamma), eps)[0]
    _, dgamma, dbeta = layer_norm_gradients(dy, x, gamma, eps)
    return gamma * dx, dgamma, dbeta


LAYERNORM_BACKWARD = (
    *_backward_misconceptions(layer_norm_gradients, _layer, 1),
    wrong("gamma_taken_out", "gamma was multiplied in last, outside of the brackets, where batch "
          "norm may have it.", "Here the means run over the features, and each feature has another "
          "gamma: dz = gamma dy comes before the means.", _gamma_taken_out),
    *(wrong("axis_left_at_zero", f"In dx, {which} taken along axis 0, as in batch norm.",
            "Every mean that makes z and dx is along axis 1; only dgamma and dbeta are sums over "
            "the rows.",
            _averaged_otherwise(layer_norm_gradients, 1, lambda part: part.mean(0, keepdim=True),
                                mean, variance))
      for which, mean, variance in (("both means are", True, True),
                                    ("the mean of dz is", True, False),
                                    ("the mean of dz z is", False, True))),
    wrong("sum_for_mean", "The two terms that are taken away are sums; means belong there.",
          "A bar is the mean over the features.",
          _averaged_otherwise(layer_norm_gradients, 1, lambda part: part.sum(1, keepdim=True))),
    wrong("mean_over_everything", "The two means were taken over the whole matrix.",
          "Each row has its own: `axis=1`.",
          _averaged_otherwise(layer_norm_gradients, 1, torch.mean)),
)  # fmt: skip


def _layered(slip: Slip) -> Callable[..., Tensor]:
    """The same slips along the last axis."""

    def answer(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
        used = _statistics(x, slip.dim, slip.normal_ddof)
        y = _normalised(slip, x, used, eps) * _which(slip.gamma, gamma, beta, 1.0)
        return y + _which(slip.beta, gamma, beta, 0.0)

    return answer


LAYERNORM_FORWARD = _named(
    (
        ("variance_of_a_sample", "The variance was divided by D - 1 (ddof=1).",
         "Layer norm uses the biased variance, over D.", Slip(dim=1, normal_ddof=1)),
        ("columns_for_rows", "Each feature was normalised over the rows: that is batch norm.",
         "Layer norm looks at each row on its own: the last axis.", Slip(dim=0)),
        ("one_mean_for_all", "One mean and one variance were used for all rows.",
         "Each row has its own: the last axis.", Slip(dim=None)),
        ("epsilon_outside_the_root", "Epsilon was added to the root.", _EPS,
         Slip(dim=1, eps="outside")),
        ("epsilon_missing", "Epsilon is missing.", _EPS, Slip(dim=1, eps="missing")),
        ("gamma_missing", "gamma is missing.", _SCALE, Slip(dim=1, gamma="")),
        ("beta_missing", "beta is missing.", _SCALE, Slip(dim=1, beta="")),
        ("gamma_and_beta_missing", "gamma and beta are missing.", _SCALE,
         Slip(dim=1, gamma="", beta="")),
        ("gamma_and_beta_swapped", "gamma and beta are exchanged.", _SCALE,
         Slip(dim=1, gamma="beta", beta="gamma")),
        ("not_centred", "The mean was not subtracted.", "First minus the mean.",
         Slip(dim=1, centres=False)),
        ("variance_for_deviation", "x was divided by the variance.", "Take its root.",
         Slip(dim=1, spread="variance")),
    ),
    _layered,
)  # fmt: skip
