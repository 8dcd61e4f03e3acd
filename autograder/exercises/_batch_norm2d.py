"""Batch norm of images: PyTorch's answer and known wrong ones."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Misconception, Sizes
from autograder.checking.values import Inputs
from autograder.exercises._layers_norm import batch_norm
from autograder.exercises._layers_torch import reordered, wrong
from autograder.exercises._pooling import draw_normal

Three = tuple[Tensor, Tensor, Tensor]
IMAGES = (0, 2, 3)


def draw_batch(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Images whose channels differ in mean and spread; an epsilon large enough to be seen."""
    C = sizes["C"]
    spread = 0.5 + torch.rand(1, C, 1, 1, dtype=torch.float64, generator=g)
    x = spread * draw_normal(g, sizes["N"], C, sizes["H"], sizes["W"])
    return {
        "x": x + draw_normal(g, 1, C, 1, 1),
        "gamma": 1 + 0.5 * draw_normal(g, C),
        "beta": draw_normal(g, C),
        "running_mean": draw_normal(g, C),
        "running_var": 0.5 + torch.rand(C, dtype=torch.float64, generator=g),
        "momentum": 0.1 + 0.2 * float(torch.rand((), dtype=torch.float64, generator=g)),
        "eps": 0.05 + 0.1 * float(torch.rand((), dtype=torch.float64, generator=g)),
        "training": sizes["evaluation"] == 0,
    }


#: Training and evaluation; one image; one channel; one pixel; an evaluation of one image.
BATCH_CASES = tuple(
    CaseSpec(dict(zip(("N", "C", "H", "W", "evaluation"), row, strict=True)), kind)
    for row, kind in (
        ((3, 2, 4, 5, 0), torch.float64),
        ((2, 3, 5, 4, 1), torch.float64),
        ((4, 4, 4, 4, 0), torch.float32),
        ((1, 3, 2, 5, 0), torch.float64),
        ((6, 3, 1, 1, 0), torch.float64),
        ((2, 1, 3, 4, 0), torch.float64),
        ((3, 4, 2, 3, 1), torch.float32),
        ((1, 2, 1, 3, 1), torch.float64),
    )
)


@dataclass(frozen=True)
class Slip:
    """What someone does otherwise than PyTorch's batch norm; all at their defaults: nothing."""

    normal_ddof: int = 0
    running_ddof: int = 1
    dims: tuple[int, ...] = IMAGES
    count: str = "pixels"
    eps: str = "inside"
    reversed_momentum: bool = False
    batch_in_evaluation: bool = False
    running_in_training: bool = False
    updated_before_use: bool = False
    updates: str = "training"
    replaces: bool = False
    accumulates: bool = False
    gamma: str = "gamma"
    beta: str = "beta"
    centres: bool = True
    spread: str = "root"
    stores: str = "variance"
    squares_for_variance: bool = False


def slipping(slip: Slip) -> Callable[..., Three]:
    """Batch norm by someone who makes this slip: PyTorch's, with other statistics put in."""

    def answer(
        x: Tensor, gamma: Tensor, beta: Tensor, running_mean: Tensor, running_var: Tensor,
        momentum: float, eps: float, training: bool,
    ) -> Three:  # fmt: skip
        stored = (running_mean, running_var)
        updates = slip.updates == "always" or (slip.updates == "training" and training)
        new = _updated(slip, x, stored, momentum) if updates else stored
        batch = slip.batch_in_evaluation or (training and not slip.running_in_training)
        kept = new if slip.updated_before_use else stored
        used = _of_batch(slip, x) if batch else (_wide(kept[0]), _wide(kept[1]))
        y = _normalised(slip, x, used, eps) * _which(slip.gamma, gamma, beta, 1.0)
        return y + _which(slip.beta, gamma, beta, 0.0), new[0].clone(), new[1].clone()

    return answer


def _wide(per_channel: Tensor) -> Tensor:
    return per_channel[:, None, None]


def _of_batch(slip: Slip, x: Tensor) -> tuple[Tensor, Tensor]:
    """The batch's mean and variance, with axes of size 1 kept."""
    mean = x.mean(slip.dims, keepdim=True)
    if slip.squares_for_variance:
        return mean, x.square().mean(slip.dims, keepdim=True)
    return mean, x.var(slip.dims, correction=slip.normal_ddof, keepdim=True)


def _updated(
    slip: Slip, x: Tensor, stored: tuple[Tensor, Tensor], momentum: float
) -> tuple[Tensor, Tensor]:
    """The running statistics after this batch."""
    var = x.var(IMAGES, correction=slip.running_ddof)
    if slip.count == "images":  # n / (n - 1) with the number of images for that of pixels
        var = x.var(IMAGES, correction=0) * len(x) / (len(x) - 1)
    var = var.sqrt() if slip.stores == "deviation" else var
    new = (x.mean(IMAGES), var)
    share = 1.0 if slip.replaces else (1 - momentum if slip.reversed_momentum else momentum)
    left = 1.0 if slip.accumulates else 1 - share
    mean, spread = (left * old + share * fresh for old, fresh in zip(stored, new, strict=True))
    return mean, spread


def _normalised(slip: Slip, x: Tensor, used: tuple[Tensor, Tensor], eps: float) -> Tensor:
    mean, var = used
    size = {
        "inside": lambda: (var + eps).sqrt(),
        "outside": lambda: var.sqrt() + eps,
        "missing": lambda: var.sqrt(),
        "squared": lambda: (var + eps**2).sqrt(),
    }[slip.eps]()
    size = size.square() if slip.spread == "variance" else size
    return ((x - mean) if slip.centres else x) / size


def _which(name: str, gamma: Tensor, beta: Tensor, nothing: float) -> Tensor | float:
    parts = {"gamma": gamma, "beta": beta}
    return _wide(parts[name]) if name in parts else nothing


_SCALE = "gamma times the normalised x, plus beta."
_EPS = "Epsilon is added to the variance, and the root is taken of both."
_AXES = "Each channel has one mean and one variance, over all images, rows and columns: N, H, W."
_SHARE = "(1 - momentum) * old + momentum * new."
_ROWS: tuple[tuple[str, str, str, Slip], ...] = (
    ("normalised_with_a_samples_variance", "x was normalised with the variance of a sample "
     "(`correction=1`).", "PyTorch normalises with the biased variance. `Tensor.var` is unbiased "
     "unless it is told otherwise.", Slip(normal_ddof=1)),
    ("running_variance_biased", "The running variance took in the biased variance.",
     "PyTorch normalises with the biased one and stores the unbiased one.", Slip(running_ddof=0)),
    ("variances_exchanged", "x was normalised with the unbiased variance, and the biased one was "
     "stored.", "It is the other way round.", Slip(normal_ddof=1, running_ddof=0)),
    ("unbiased_by_the_number_of_images", "The stored variance was corrected with the number of "
     "images.", "A channel's mean is over N * H * W numbers: all of them count.",
     Slip(count="images")),
    ("momentum_reversed", "The momentum weighs the old value.",
     f"In PyTorch momentum weighs the new one: {_SHARE}", Slip(reversed_momentum=True)),
    ("epsilon_outside_the_root", "Epsilon was added to the root.", _EPS, Slip(eps="outside")),
    ("epsilon_missing", "Epsilon is missing.", _EPS, Slip(eps="missing")),
    ("epsilon_squared", "Epsilon was squared.", _EPS, Slip(eps="squared")),
    ("each_image_on_its_own", "Each image was normalised on its own: that is instance norm.",
     _AXES, Slip(dims=(2, 3))),
    ("each_pixel_on_its_own", "Each place of the image has a mean of its own.", _AXES,
     Slip(dims=(0,))),
    ("over_the_channels", "Mean and variance were taken over the channels.", _AXES,
     Slip(dims=(1,))),
    ("each_image_as_a_whole", "Each image was normalised over channels, rows and columns: that is "
     "layer norm.", _AXES, Slip(dims=(1, 2, 3))),
    ("one_mean_for_all_channels", "One mean and one variance were used for all channels.", _AXES,
     Slip(dims=(0, 1, 2, 3))),
    ("columns_left_out", "Mean and variance were taken over images and rows only.", _AXES,
     Slip(dims=(0, 2))),
    ("rows_left_out", "Mean and variance were taken over images and columns only.", _AXES,
     Slip(dims=(0, 3))),
    ("batch_statistics_in_evaluation", "In evaluation the batch's own statistics are used.",
     "Evaluation uses the running ones, so that an image's answer depends on no other image.",
     Slip(batch_in_evaluation=True)),
    ("running_statistics_in_training", "In training the running statistics are used.",
     "Training normalises with the batch's own.", Slip(running_in_training=True)),
    ("training_for_evaluation", "Training and evaluation do the same: `training` was not looked "
     "at.", "Evaluation uses the running statistics, and leaves them as they are.",
     Slip(batch_in_evaluation=True, updates="always")),
    ("updated_statistics_in_training", "In training the running statistics were updated, and x "
     "was normalised with them.", "Training normalises with the batch's own.",
     Slip(running_in_training=True, updated_before_use=True)),
    ("updated_in_evaluation", "Evaluation changes the running statistics.",
     "They are learnt in training only.", Slip(updates="always")),
    ("never_updated", "The running statistics never change.",
     "In training each takes in a share of the batch's.", Slip(updates="never")),
    ("replaced_by_the_batch", "The running statistics became the batch's own.",
     f"A share of it: {_SHARE}", Slip(replaces=True)),
    ("added_to_the_old", "A share of the batch was added to all of the old value.", _SHARE,
     Slip(accumulates=True)),
    ("deviation_stored", "The running variance took in a standard deviation.",
     "Store the variance.", Slip(stores="deviation")),
    ("gamma_missing", "gamma is missing.", _SCALE, Slip(gamma="")),
    ("beta_missing", "beta is missing.", _SCALE, Slip(beta="")),
    ("gamma_and_beta_missing", "gamma and beta are missing.", _SCALE, Slip(gamma="", beta="")),
    ("gamma_and_beta_swapped", "gamma and beta are exchanged.", _SCALE,
     Slip(gamma="beta", beta="gamma")),
    ("not_centred", "The mean was not subtracted.", "First minus the mean.", Slip(centres=False)),
    ("variance_for_deviation", "x was divided by the variance.", "Take its root.",
     Slip(spread="variance")),
    ("mean_square_for_variance", "The mean of x * x was used as variance.",
     "The variance is the mean squared distance from the mean.",
     Slip(squares_for_variance=True)),
)  # fmt: skip


_AXIS = "A value for each channel belongs to axis 1: `{}[:, None, None]` has the shape (C, 1, 1)."
_OF_CHANNELS = ("mean", "variance", "gamma", "beta")


def _along_columns(names: tuple[str, ...], always: bool = True) -> Callable[..., Three]:
    """Those named stretched along the last axis, where broadcasting puts them by itself.

    Unless `always`, in evaluation only: a batch's own statistics may have kept their axes.
    """

    def answer(
        x: Tensor, gamma: Tensor, beta: Tensor, running_mean: Tensor, running_var: Tensor,
        momentum: float, eps: float, training: bool,
    ) -> Three:  # fmt: skip
        _, *new = batch_norm(
            x, gamma, beta, running_mean, running_var, momentum, eps, training
        )  # fmt: skip
        mean, var = x.mean(IMAGES), x.var(IMAGES, correction=0)
        used = (mean, var) if training else (running_mean, running_var)
        m, v, g, b = (
            value if name in names and (always or not training) else _wide(value)
            for name, value in zip(_OF_CHANNELS, (*used, gamma, beta), strict=True)
        )
        return (x - m) / (v + eps).sqrt() * g + b, new[0], new[1]

    return answer


def _laid(names: tuple[str, ...]) -> Misconception:
    """Some of them along the columns."""
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    says = f"Laid along the columns: {listed}."
    return wrong(f"{names[0]}_along_the_columns", says, _AXIS.format(names[0]),
                 _along_columns(names))  # fmt: skip


BATCH_NORM = (
    *(wrong(name, says, look, slipping(slip)) for name, says, look, slip in _ROWS),
    wrong("statistics_in_the_wrong_order", "running_var came before running_mean.",
          "Return y, running_mean, running_var.", reordered(batch_norm, (0, 2, 1))),
    wrong("running_mean_along_the_columns", "In evaluation, laid along the columns: running_mean "
          "and running_var.", _AXIS.format("running_mean"),
          _along_columns(("mean", "variance"), always=False)),
    *(_laid(names) for n in range(1, 5) for names in itertools.combinations(_OF_CHANNELS, n)),
)  # fmt: skip
