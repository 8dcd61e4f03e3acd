"""The data that a capstone is tried on, and the answers to it, which never leave the judge.

`course.projects` holds the rows. A check takes some for training and others as new ones, and writes
them in a code of its own: what number stands for which digit, language or letter is drawn. So an
answer that learnt from other data than it was given shows.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Sizes
from autograder.checking.project_drivers import PROJECTS
from autograder.checking.values import Inputs
from course import projects

NEW = 600
FEW = 100  # rows on which the seed is tried
CLASSES: Mapping[str, int] = {"digits": 10, "names": 6, "spaces": 2}
LETTERS = 26  # ids 1 to 26 change places in `spaces`
Part = Mapping[str, Any]


def draw_projects(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """For each project rows to learn from, new rows, and the code they are written in; a seed."""
    given: Inputs = {project: _draw(project, g) for project in PROJECTS}
    seed = int(torch.randint(2**31 - 2000, (1,), generator=g))
    return {**given, "seed": seed, "few": sizes["F"]}


def _draw(project: str, g: torch.Generator) -> dict[str, Tensor]:
    x, y = projects.load(project)
    order = torch.randperm(len(x), generator=g)
    count = projects.TRAINING[project]
    rows, new = order[:count], order[count : count + NEW]
    if project == "spaces":
        codes = torch.arange(len(projects.LETTERS))
        codes[1 : LETTERS + 1] = 1 + torch.randperm(LETTERS, generator=g)
        x = codes[x]
    else:
        codes = torch.randperm(CLASSES[project], generator=g)
        y = codes[y]
    return {"x": x[rows], "y": y[rows], "x_new": x[new], "codes": codes}


@functools.cache
def _answers(project: str) -> Mapping[bytes, Tensor]:
    """The answer to every row, by what the row holds."""
    x, y = projects.load(project)
    return {row.numpy().tobytes(): answer for row, answer in zip(x, y, strict=True)}


def right_answers(project: str, part: Part) -> Tensor:
    """The answers to the new rows, in the code of this check."""
    return (
        plain_answers(project, part)
        if project == "spaces"
        else part["codes"][plain_answers(project, part)]
    )


def plain_answers(project: str, part: Part) -> Tensor:
    """The answers to the new rows as `course.projects` has them."""
    rows = part["x_new"]
    if project == "spaces":
        rows = part["codes"].argsort()[rows]
    known = _answers(project)
    return torch.stack([known[row.contiguous().numpy().tobytes()] for row in rows])
