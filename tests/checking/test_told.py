"""A property that holds may tell what was seen of it."""

from __future__ import annotations

from dataclasses import replace

from autograder.checking.handle import AnswerHandle
from autograder.checking.run import run_check
from autograder.checking.text_view import to_text
from autograder.exercises import EXERCISES

SHUFFLE = EXERCISES["minibatches"]


def _telling(fails):
    first, *rest = SHUFFLE.properties
    told = replace(first, fails=fails, tells=lambda trials: f"{len(trials)} trials.", needed=False)
    return replace(SHUFFLE, properties=(told, *rest))


def test_what_was_seen_stands_beside_a_property_that_holds() -> None:
    exercise = _telling(lambda trials: None)
    result = run_check(exercise, AnswerHandle(exercise.oracle, exercise.library), 3)
    assert result.passed
    assert f"{len(exercise.cases)} trials." in to_text(result)


def test_where_it_does_not_hold_that_is_said_instead() -> None:
    exercise = _telling(lambda trials: "It is broken.")
    result = run_check(exercise, AnswerHandle(exercise.oracle, exercise.library), 3)
    assert not result.passed
    assert "It is broken." in to_text(result)
    assert "trials." not in to_text(result)
