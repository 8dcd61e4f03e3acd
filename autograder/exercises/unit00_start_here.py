"""The practice exercise of `course/00_start_here`: it is not marked, it shows what a check is."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output, Sizes
from autograder.checking.values import Inputs
from autograder.exercises._lstm import draw_normal


def _draw(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    return {"x": scale * draw_normal(g, sizes["N"], sizes["D"])}


def _oracle(x: Tensor) -> Tensor:
    return torch.mean(x, 1)


ROW_MEANS = Exercise(
    name="row_means",
    assignment="00_start_here",
    notebook="00_start_here",
    points=1,
    arguments=("x",),
    outputs=(Output("means", ("N",)),),
    cases=(
        CaseSpec({"N": 3, "D": 4}),
        CaseSpec({"N": 5, "D": 2}),
        CaseSpec({"N": 3, "D": 3}),
        CaseSpec({"N": 1, "D": 6}),
        CaseSpec({"N": 2, "D": 5}, dtype=torch.float32),
    ),
    draw=_draw,
    oracle=_oracle,
    misconceptions=(
        Misconception(
            "sum_for_mean",
            "You returned each row's sum; the mean divides it by the number of columns.",
            "`x.mean(…)` in place of `x.sum(…)`, or divide by `x.shape[1]`.",
            lambda x: torch.sum(x, 1),
        ),
        Misconception(
            "columns_for_rows",
            "These are the means of the columns; the rows' were asked for.",
            "`dim` names the axis that is averaged away: the columns are axis 1.",
            lambda x: torch.mean(x, 0),
        ),
        Misconception(
            "mean_of_everything",
            "This is one mean over the whole of x; one for each row was asked for.",
            "Give `mean` the axis: `dim=…`.",
            lambda x: torch.mean(x),
        ),
        Misconception(
            "axis_kept",
            "The means are right, but they stand in a column: (N, 1) where (N,) was asked for.",
            "Leave out `keepdim=True`.",
            lambda x: torch.mean(x, 1, keepdim=True),
        ),
    ),
)

EXERCISES = (ROW_MEANS,)
