"""Unit 6, notebook 02_capstone: one project of three, an ablation, a model card."""

from __future__ import annotations

import torch

from autograder.checking.exercise import CaseSpec, Exercise
from autograder.exercises import _ablation, _capstone, _capstone_data

ASSIGNMENT, NOTEBOOK = "06_closing", "02_capstone"

CAPSTONE = Exercise(
    name="capstone",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=10,
    arguments=("project", "x", "y", "seed", "ablated"),
    outputs=(),
    cases=(
        CaseSpec(
            {"M": _capstone_data.NEW, "F": _capstone_data.FEW},
            dtype=torch.float32,
            title=f"each project that is answered: one training, {_capstone_data.NEW} new rows, "
            f"and four trainings on {_capstone_data.FEW} rows",
        ),
    ),
    draw=_capstone_data.draw_projects,
    oracle=_capstone.oracle,
    misconceptions=(),
    guard=_capstone.GUARD,
    driver="capstone",
    drawn=("digits", "names", "spaces", "seed", "few"),
    properties=_capstone.PROPERTIES,
    repeats=False,
)


def _experiment(N: int, M: int, D: int, S: int, scale: float = 1.0) -> CaseSpec:
    return CaseSpec({"N": N, "M": M, "D": D, "S": S}, scale=scale)


ABLATION = Exercise(
    name="ablation",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=6,
    arguments=("train", "score", "x", "y", "x_new", "y_new", "seeds"),
    outputs=_ablation.OUTPUTS,
    cases=(
        _experiment(40, 60, 4, 5),
        _experiment(50, 33, 3, 7, 1.3),
        _experiment(30, 71, 1, 6),
        _experiment(45, 90, 5, 3),
    ),
    draw=_ablation.draw_experiment,
    oracle=_ablation.oracle,
    misconceptions=_ablation.MISCONCEPTIONS,
    library="numpy",
    driver="experiment",
    drawn=("x", "y", "x_new", "y_new", "seeds"),
    reference="the same experiment done by the checker",
)

EXERCISES = (CAPSTONE, ABLATION)
