"""Attackers among honest students, through the real command: nobody gains, learns or hurts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.forging import DAMAGE, FORGING, SHORTCUT, STEALING
from tests.hostile.hostile_class import HONEST, QUESTIONS, SECRET, Attack, GradedClass, graded_class

pytestmark = [pytest.mark.nbgrader, pytest.mark.xdist_group("hostile-attacks")]
ATTACKS = (*FORGING, *SHORTCUT, *STEALING, *DAMAGE)
HELPER = b"import torch\ncell = torch.lstm_cell\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    def with_helper(attack: Attack) -> Attack:
        if attack.name != "shortcut_helper":
            return attack

        def change(submission) -> None:
            attack.change(submission)
            submission.files["shortcut.py"] = HELPER

        return Attack(attack.name, change, attack.answered, attack.mark, attack.incident)

    root = tmp_path_factory.mktemp("hostile") / "attacks"
    return graded_class(root, [with_helper(a) for a in ATTACKS], "--call-seconds=5")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_earns_what_its_honest_answers_earn(course: GradedClass, attack: Attack) -> None:
    assert course.mark(attack.name) == attack.expected, course.incidents(attack.name)
    assert attack.incident in course.incidents(attack.name)


@pytest.mark.parametrize("student", HONEST)
def test_the_honest_are_judged_as_without_attackers(
    course: GradedClass, honest: GradedClass, student: str
) -> None:
    assert course.verdict(student) == honest.verdict(student)
    assert course.autograded(student) == honest.autograded(student)
    assert course.mark(student) == sum(QUESTIONS[name][3] for name in HONEST[student])


@pytest.mark.parametrize("attack", [*STEALING, *FORGING], ids=lambda attack: attack.name)
def test_nothing_secret_is_in_what_an_attacker_put_out(course: GradedClass, attack: Attack) -> None:
    secret = SECRET.encode()
    assert secret not in course.verdict(attack.name)
    for name, data in course.autograded(attack.name).items():
        text = data.replace(b'secret = \\"' + secret, b"")  # the instructor's own test cell
        assert secret not in text, name
        assert b"SENT" not in text.replace(b'print(\\"SENT\\")', b"").replace(b', \\"SENT\\")', b"")


def test_nothing_is_left_running() -> None:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            assert b"sleep-hostile-daemon" not in words
