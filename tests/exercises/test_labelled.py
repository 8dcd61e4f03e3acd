"""Exercises that ask for a label: what is drawn, remembered and said of unit 6's first notebook."""

from __future__ import annotations

import itertools
import json

import pytest

from autograder import check
from autograder.checking.properties import Trial
from autograder.exercises import EXERCISES, _briefs, _concept_map, _diagnosis, _diagnosis_words
from autograder.exercises._briefs_words import LOOK, OVERLOOKED, SITUATION, STORIES
from autograder.exercises._labelled import recall, remember
from course.experiments.sabotage import CONTROLS, SABOTAGES, load_runs
from course.figures.concepts import CONCEPT_LINKS


def test_what_was_not_drawn_here_has_no_label() -> None:
    remember({"run": [1, 2]}, "healthy")
    assert recall({"run": [1, 2]}) == "healthy"
    with pytest.raises(KeyError):
        recall({"run": [1, 3]})


def test_the_labels_are_those_of_the_script() -> None:
    assert set(_diagnosis.SABOTAGED) == set(SABOTAGES)
    assert set(_diagnosis.CONTROLS) == set(CONTROLS)
    assert set(_diagnosis_words.LOOK) == set(_diagnosis_words.WORDS) == set(_diagnosis.LABELS)
    pairs = {label for pair in _diagnosis_words.PAIRS for label in pair}
    assert pairs <= set(_diagnosis.LABELS)


def test_the_recorded_runs_are_none_of_those_that_are_marked() -> None:
    drawn = [case.inputs["run"] for case in EXERCISES["diagnose"].draw_cases(60101)]
    assert len(drawn) == 14
    assert not [run for run in load_runs() if run in drawn]


def test_a_run_is_plain_data_and_carries_no_label() -> None:
    for case in EXERCISES["diagnose"].draw_cases(20):
        text = json.dumps(case.inputs)
        assert not [label for label in _diagnosis.LABELS if label in text]


def test_every_confusion_of_two_labels_is_named_and_told_where_to_look() -> None:
    case = EXERCISES["diagnose"].draw_cases(20)
    names = set()
    for label, said in itertools.permutations(_diagnosis.LABELS, 2):
        answers = [said if _diagnosis.label_of(k) == label else "" for k in _diagnosis.KINDS]
        trials = [Trial(c.inputs, answer) for c, answer in zip(case, answers, strict=True)]
        kept = next(p for p in _diagnosis.PROPERTIES if p.title == label)
        found = kept.fails(trials)
        assert not isinstance(found, str)
        assert found is not None
        assert found.says
        assert found.look
        names.add(found.name)
    assert len(names) == 11 * 10


def test_a_brief_says_in_words_what_its_facts_say() -> None:
    for case in EXERCISES["choose_architecture"].draw_cases(20):
        brief = case.inputs["brief"]
        assert "{" not in brief["text"]
        assert str(brief["examples"]) in brief["text"]
        assert f"{brief['needed_accuracy']:.0%}" in brief["text"]
        assert f"{brief['linear_accuracy']:.0%}" in brief["text"]
        if brief["order_matters"]:
            assert f" {brief['steps_back']} " in brief["text"]


def test_every_other_label_is_told_of_in_every_kind_of_brief() -> None:
    assert set(STORIES) == set(SITUATION) == set(LOOK) == set(_briefs.KINDS)
    assert len({_briefs.label_of(kind) for kind in _briefs.KINDS}) == 6
    assert not [k for k in OVERLOOKED if _briefs.label_of(k[0]) == k[1]]
    named = {(kind, said) for kind, said in OVERLOOKED if said in _briefs.LABELS}
    assert len(named) == len(OVERLOOKED) >= 26


def test_each_blank_of_the_map_has_one_word_and_the_words_are_no_blanks_twice() -> None:
    words = _concept_map.tried(list(_concept_map.BLANKS))
    assert len(set(words)) == 12
    assert len(set(_concept_map.WORDS)) == 24
    drawn = {end for _, end, _, _ in CONCEPT_LINKS if len(end) == 1}
    assert drawn == set(_concept_map.BLANKS)


def test_no_finding_of_the_map_says_the_word() -> None:
    blanks = list(_concept_map.BLANKS)
    words = _concept_map.tried(blanks)
    for kept in _concept_map.PROPERTIES[2:]:
        answers = ["pooling"] * 11 + ["momentum"]
        found = kept.fails([Trial({"blanks": blanks}, answers)])
        word = words[blanks.index(kept.title.removeprefix("blank "))]
        assert word not in str(found).lower()
        assert word not in kept.says.lower()
        assert word not in kept.look.lower()


@pytest.mark.parametrize("name", ["diagnose", "choose_architecture"])
def test_an_answer_that_counts_its_calls_earns_little(name: str) -> None:
    """It knows all labels in the order of the definition, and that the first case comes twice."""
    exercise = EXERCISES[name]
    labels = [exercise.oracle(*case.inputs.values()) for case in exercise.draw_cases(3)]
    in_turn = iter([labels[0], *labels])
    result = getattr(check, name)(lambda _: next(in_turn), seed=3)
    assert not result.passed
    assert result.score < 0.4 * exercise.points
