"""The data of the closing projects: the same each time, each row once, and a score that is fair."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from course import projects
from course.projects import CREDITS, LETTERS, PROJECTS, TRAINING, load, plain_features, score

EVERY = pytest.mark.parametrize("project", PROJECTS)


@EVERY
def test_rows_come_each_once_and_the_same_each_time(project: str) -> None:
    x, y = load(project)
    again, _ = load(project)
    assert torch.equal(x, again)
    assert len(x) == len(y)
    assert len({row.numpy().tobytes() for row in x}) == len(x)
    assert len(x) >= TRAINING[project] + 600  # what a check takes


@EVERY
def test_what_is_done_to_a_copy_stays_there(project: str) -> None:
    x, y = load(project)
    x[:], y[:] = 1, 0
    assert not torch.equal(load(project)[0], x)
    assert load(project)[1].any()


def test_digits_stand_whole_somewhere_on_their_sheet() -> None:
    x, y = load("digits")
    assert x.shape == (1797, 1, projects.CANVAS, projects.CANVAS)
    assert x.dtype == torch.float32
    assert 0 <= float(x.min()) < float(x.max()) <= 1
    assert y.tolist() == load_digits().target.tolist()
    assert torch.equal(x * 256, (x * 256).round())  # the same in every precision
    darkest = x.flatten(1).argmax(1)
    assert len(set((darkest // projects.CANVAS).tolist())) > 8, "at many heights"


def test_names_are_words_with_their_language() -> None:
    x, y = load("names")
    assert x.shape == (1920, projects.LONGEST)
    assert torch.bincount(y).tolist() == [320] * 6
    assert int(x.max()) < len(LETTERS)
    filled = (x > 0).long().diff(dim=1)
    assert int(filled.max()) <= 0, "no letter after the filling"
    assert set(projects.read_letters(x[0])) <= set(LETTERS[1:])


def test_spaces_can_be_put_back() -> None:
    x, y = load("spaces")
    assert x.shape == y.shape
    assert 0.15 < float(y.double().mean()) < 0.25
    text = projects.read_letters(x[0])
    cuts = [0, *[place for place in y[0].nonzero().flatten().tolist() if place], len(text)]
    words = [text[a:b] for a, b in pairwise(cuts)]
    assert words[:5] == ["the", "statement", "assert", "statements", "are"]


@EVERY
def test_the_credits_name_a_licence(project: str) -> None:
    assert any(word in CREDITS[project] for word in ("License", "CC BY"))


def test_scores_count_what_is_right() -> None:
    y = torch.tensor([0, 1, 1, 0])
    assert score("names", torch.tensor([0, 1, 0, 1]), y) == 0.5
    assert (
        score("spaces", torch.tensor([0, 1, 0, 1]), y) == 0.5
    )  # one found, one missed, one made up
    assert score("spaces", torch.tensor([False, True, True, False]), y) == 1.0
    assert score("spaces", torch.zeros(4), y) == 0.0
    assert score("spaces", torch.zeros(2), torch.zeros(2)) == 1.0


@pytest.mark.parametrize("project", PROJECTS)
def test_a_linear_model_gets_a_row_for_each_answer(project: str) -> None:
    x, y = (rows[:7] for rows in load(project))
    features = plain_features(project, x)
    assert features.shape[0] == y.numel()
    assert features.dtype == torch.float32
    if project == "names":
        assert np.array_equal(features.sum(1), (x > 0).sum(1))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="photos"):
        load("photos")
    with pytest.raises(ValueError, match="photos"):
        score("photos", torch.zeros(1), torch.zeros(1))
    with pytest.raises(ValueError, match="photos"):
        plain_features("photos", torch.zeros(1))
    with pytest.raises(ValueError, match=r"\(2,\)"):
        score("names", torch.zeros(2), torch.zeros(3))
