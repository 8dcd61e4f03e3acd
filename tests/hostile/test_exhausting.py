"""Submissions that use up what there is, beside honest ones, with small limits."""

from __future__ import annotations

import re

import pytest

from tests.hostile.exhausting import EXHAUSTING
from tests.hostile.hostile_class import HONEST, Attack, GradedClass, graded_class

pytestmark = [pytest.mark.nbgrader, pytest.mark.xdist_group("hostile-exhausting")]
LIMITS = (
    "--cell-seconds=3", "--call-seconds=2", "--submission-seconds=40", "--memory=600", "--disk=32",
    "--output=64",
)  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    return graded_class(tmp_path_factory.mktemp("hostile") / "exhausting", EXHAUSTING, *LIMITS)


@pytest.mark.parametrize("attack", EXHAUSTING, ids=lambda attack: attack.name)
def test_a_dead_cell_costs_its_own_question_only(course: GradedClass, attack: Attack) -> None:
    assert course.mark(attack.name) == attack.expected, course.incidents(attack.name)
    assert attack.incident in course.incidents(attack.name)


@pytest.mark.parametrize("attack", EXHAUSTING, ids=lambda attack: attack.name)
def test_what_is_kept_of_its_output_is_small(course: GradedClass, attack: Attack) -> None:
    for data in course.autograded(attack.name).values():
        assert len(data) < 600_000
        assert not re.search(rb"\\u0000|\\u0008|\\u001b\]", data)


@pytest.mark.parametrize("student", HONEST)
def test_the_honest_are_judged_as_without_attackers(
    course: GradedClass, honest: GradedClass, student: str
) -> None:
    assert course.verdict(student) == honest.verdict(student)
    assert course.autograded(student) == honest.autograded(student)
