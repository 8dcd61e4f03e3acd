"""The last lecture's two drawings."""

import pytest
from matplotlib.text import Text

from course.figures.closing import ONWARD, QUESTIONS, choice_map, onward_map
from course.figures.roadmap import ARCHITECTURES, LEARNING


def test_there_is_a_question_for_every_box_of_the_map() -> None:
    assert list(QUESTIONS) == list(ARCHITECTURES)


def test_the_choice_shows_every_question_and_its_evidence(misplaced) -> None:
    evidence = {name: f"measured for {name}:\n99% against 9%" for name in QUESTIONS}
    fig = choice_map(evidence)
    assert misplaced(fig) == []
    texts = [text.get_text() for text in fig.findobj(Text)]
    for name, question in QUESTIONS.items():
        assert question in texts
        assert evidence[name] in texts
        assert ARCHITECTURES[name][0] in texts
    assert (texts.count("yes"), texts.count("no")) == (5, 4)


@pytest.mark.parametrize("evidence", [{}, {"MLP": "a"}, dict.fromkeys([*QUESTIONS, "GAN"], "a")])
def test_evidence_for_every_box_and_no_other(evidence) -> None:
    with pytest.raises(ValueError, match="choice_map"):
        choice_map(evidence)


def test_the_way_onward_names_all_its_fields(misplaced) -> None:
    fig = onward_map()
    assert misplaced(fig) == []
    texts = [text.get_text() for text in fig.findobj(Text)]
    for (known, _), fields in ONWARD.items():
        assert known in texts
        for field, begin in fields:
            assert field in texts
            assert begin in texts


def test_a_box_has_the_same_colour_as_on_the_map_it_comes_from() -> None:
    for known, role in ONWARD:
        if known in LEARNING:
            assert role == LEARNING[known][1]
        if known in ARCHITECTURES:
            assert role == ARCHITECTURES[known][2]
