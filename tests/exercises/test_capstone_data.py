"""What a capstone is tried on: rows of its own, in a code of its own, with answers that fit."""

from __future__ import annotations

import pytest
import torch

from autograder.checking.project_drivers import PROJECTS
from autograder.exercises import EXERCISES
from autograder.exercises._capstone import LINES
from autograder.exercises._capstone_data import (
    CLASSES,
    NEW,
    draw_projects,
    plain_answers,
    right_answers,
)
from course import projects

EVERY = pytest.mark.parametrize("project", PROJECTS)


def drawn(seed: int):
    return draw_projects({"F": 100, "M": NEW}, 1.0, torch.Generator().manual_seed(seed))


def rows(x) -> set[bytes]:
    return {row.numpy().tobytes() for row in x}


@EVERY
def test_new_rows_are_others_than_those_to_learn_from(project: str) -> None:
    part = drawn(1)[project]
    assert len(part["x"]) == projects.TRAINING[project]
    assert len(part["x_new"]) == NEW
    assert not rows(part["x"]) & rows(part["x_new"])


@EVERY
def test_another_seed_takes_other_rows_and_another_code(project: str) -> None:
    one, other = drawn(1)[project], drawn(2)[project]
    assert rows(one["x_new"]) != rows(other["x_new"])
    assert not torch.equal(one["codes"], other["codes"])


@EVERY
def test_the_answers_fit_the_new_rows(project: str) -> None:
    """Drawn as training rows, the new ones would have just these answers."""
    part = drawn(3)[project]
    turned = {**part, "x_new": part["x"]}
    assert torch.equal(right_answers(project, turned), part["y"])
    assert int(part["y"].max()) == CLASSES[project] - 1


def test_only_the_names_of_classes_are_coded() -> None:
    given = drawn(4)
    for project in ("digits", "names"):
        plain = plain_answers(project, given[project])
        assert not torch.equal(plain, right_answers(project, given[project]))
    spaces = given["spaces"]
    assert torch.equal(plain_answers("spaces", spaces), right_answers("spaces", spaces))
    assert spaces["codes"][[0, 27]].tolist() == [0, 27], "filling and space keep their ids"


@EVERY
def test_a_bar_lies_above_what_little_work_gets(project: str) -> None:
    line = LINES[project]
    assert line.guess < line.simple < line.bar < line.comfort < 1
    assert line.gets < line.simple


def test_the_points_of_the_capstone() -> None:
    assert (EXERCISES["capstone"].points, EXERCISES["ablation"].points) == (10, 6)
    assert sum(one.weight for one in EXERCISES["capstone"].properties) == 10
