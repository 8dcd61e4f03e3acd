"""Every wrong answer of the bank is rejected and named; every right one gets full marks."""

from __future__ import annotations

import functools
from collections import Counter

import pytest
import torch

from autograder import check
from autograder.checking.result import Result
from autograder.exercises import EXERCISES, of_notebook
from tests.exercises.answer_bank import Answer
from tests.exercises.bank_unit05_01_gates import RIGHT, WRONG

pytestmark = pytest.mark.xdist_group("bank_unit05_01_gates")  # the share reuses what was found

SEED, ANOTHER_SEED = 20, 4057
#: The exercises, and how many wrong and right answers the bank must hold for each, at least.
EXERCISE_NAMES = [exercise.name for exercise in of_notebook("05_lstm", "01_gates")]
LEAST_WRONG, LEAST_RIGHT = 12, 6
#: Diagnoses that say where an answer goes wrong and not what was misunderstood.
UNNAMED = {"different", "not_finite", "raised"}

#: C_t and H_t of known mistakes, to about three places, at f, i, o, C̄, C_{t-1} = .9, .2, .7, .5, 2.
LINES = {
    "input_and_forget_swapped": (0.850, 0.484),
    "forget_and_output_swapped": (1.500, 0.815),
    "input_and_output_swapped": (2.150, 0.195),
    "tanh_on_the_forget_gate": (2.051, 0.677),
    "tanh_on_the_input_gate": (1.359, 0.613),
    "tanh_on_the_output_gate": (1.900, 0.660),
    "sigmoid_for_all_four": (1.927, 0.671),
    "cell_shown_without_tanh": (1.900, 1.330),
    "cell_shown_through_a_sigmoid": (1.900, 0.609),
    "tanh_kept_in_the_cell": (0.956, 0.669),
    "shows_the_old_cell": (1.900, 0.675),
    "shows_the_candidate": (1.900, 0.324),
    "input_is_what_is_not_kept": (1.850, 0.666),
    "candidate_and_output_blocks_exchanged": (1.938, 0.608),
}


@functools.cache
def found(answer: Answer, seed: int = SEED) -> Result:
    """What the answer's check finds."""
    result: Result = getattr(check, answer.exercise)(answer.function, seed=seed)
    return result


@pytest.mark.parametrize("answer", WRONG, ids=lambda answer: answer.id)
def test_wrong_answer_is_rejected_and_named(answer: Answer) -> None:
    result = found(answer)
    assert not result.passed
    assert result.score < result.max_score
    assert result.diagnoses == answer.diagnosis, str(result)


@pytest.mark.parametrize("seed", [SEED, ANOTHER_SEED])
@pytest.mark.parametrize("answer", RIGHT, ids=lambda answer: answer.id)
def test_right_answer_gets_full_marks(answer: Answer, seed: int) -> None:
    result = found(answer, seed)
    assert result.passed, str(result)
    assert result.score == result.max_score == EXERCISES[answer.exercise].points


def test_nineteen_of_twenty_wrong_answers_are_named() -> None:
    unnamed = [answer.id for answer in WRONG if not set(found(answer).diagnoses) - UNNAMED]
    named = 1 - len(unnamed) / len(WRONG)
    assert named >= 0.95, f"named: {named:.1%}; not named: {', '.join(unnamed)}"


def test_forbidden_calls_score_nothing() -> None:
    forbidden = [answer for answer in WRONG if answer.diagnosis == ("forbidden_call",)]
    assert len(forbidden) >= 12
    assert {answer.id: found(answer).score for answer in forbidden if found(answer).score} == {}


def test_bank_holds_enough_of_each_exercise() -> None:
    wrong = Counter(answer.exercise for answer in WRONG)
    right = Counter(answer.exercise for answer in RIGHT)
    assert set(wrong) == set(right) == set(EXERCISE_NAMES)
    assert {name: wrong[name] for name in EXERCISE_NAMES if wrong[name] < LEAST_WRONG} == {}
    assert {name: right[name] for name in EXERCISE_NAMES if right[name] < LEAST_RIGHT} == {}


@pytest.mark.parametrize("answers", [WRONG, RIGHT], ids=["wrong", "right"])
def test_every_answer_has_a_name_of_its_own(answers: list[Answer]) -> None:
    assert [name for name, n in Counter(answer.id for answer in answers).items() if n > 1] == []


def test_every_wrong_answer_says_what_its_writer_thought() -> None:
    assert [answer.id for answer in WRONG if not answer.why] == []


@pytest.mark.parametrize("name", LINES)
def test_known_mistake_gives_its_known_numbers(name: str) -> None:
    (answer,) = (a for a in WRONG if (a.exercise, a.name) == ("lstm_cell", name))
    given = {"U_f": 0.9, "U_i": 0.2, "U_o": 0.7}
    params = {key: torch.tensor([[value]]).logit() for key, value in given.items()}
    params["U_c"] = torch.tensor([[0.5]]).atanh()
    params |= {f"W_{gate}": torch.zeros(1, 1) for gate in "fico"}
    h_t, c_t = answer.function(torch.ones(1, 1), torch.zeros(1, 1), torch.tensor([[2.0]]), params)
    assert (c_t.item(), h_t.item()) == pytest.approx(LINES[name], abs=1e-3)
