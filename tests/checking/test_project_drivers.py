"""What is done with a capstone and with an ablation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograder.checking import project_drivers
from autograder.checking.project_drivers import PROJECTS, accuracy, capstone, experiment, learner
from autograder.exercises import EXERCISES

PART = {
    "x": torch.arange(8.0)[:, None],
    "y": torch.arange(8) % 2,
    "x_new": torch.arange(5.0)[:, None],
}
GIVEN = {**dict.fromkeys(PROJECTS, PART), "seed": 3, "few": 4}


def parity(project, x, y, seed, ablated):
    if project != "names":
        raise NotImplementedError
    return lambda x_new: (x_new[:, 0].long() + seed + ablated) % 2


def test_a_capstone_is_asked_in_every_way() -> None:
    found = capstone(parity, GIVEN)
    assert list(found) == ["names"]
    asked = found["names"]
    assert asked["answers"].tolist() == asked["again"].tolist() == [1, 0, 1, 0, 1]
    assert asked["turned"].tolist() == asked["answers"].flip(0).tolist()
    assert [one.tolist() for one in asked["alone"]] == [[1], [0], [1], [0], [1]]
    first, again, other, ablated = asked["few"]
    assert first.tolist() == again.tolist() != other.tolist()
    assert ablated.tolist() == other.tolist()


def test_an_error_for_one_row_is_kept_as_words() -> None:
    def squeezed(project, x, y, seed, ablated):
        return lambda x_new: torch.stack(list(x_new.squeeze())).long()

    asked = capstone(squeezed, GIVEN)["digits"]
    assert asked["alone"].startswith("TypeError")


def test_what_is_no_function_comes_back_as_it_is() -> None:
    assert capstone(lambda *_: None, GIVEN)["digits"] == {"predict": None}
    odd = capstone(lambda *_: lambda x_new: "yes", GIVEN)
    assert odd["names"] == {"answers": "yes"}


def test_an_error_is_raised_only_where_nothing_was_answered() -> None:
    def broken(project, x, y, seed, ablated):
        if project == "spaces":
            raise NotImplementedError("not mine")
        raise ValueError(project)

    with pytest.raises(ValueError, match="digits"):
        capstone(broken, GIVEN)
    with pytest.raises(NotImplementedError, match="later"):
        capstone(lambda *_: (_ for _ in ()).throw(NotImplementedError("later")), GIVEN)


def rows() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    y, y_new = np.arange(60) % 3, np.arange(90) % 3
    centres = 2 * rng.normal(size=(3, 4))
    return {
        "x": centres[y] + rng.normal(size=(60, 4)),
        "y": y,
        "x_new": centres[y_new] + rng.normal(size=(90, 4)),
        "y_new": y_new,
    }


def test_the_learner_learns_and_is_worse_ablated() -> None:
    x, y, x_new, y_new = rows().values()
    whole, ablated = (
        [accuracy(learner(x, y, seed, gone)(x_new), y_new) for seed in range(20)]
        for gone in (False, True)
    )
    assert np.mean(whole) > np.mean(ablated) + 0.05
    assert np.mean(whole) > 0.7
    assert len(set(whole)) > 3, "seeds change the score"
    assert whole[:2] == [accuracy(learner(x, y, s, False)(x_new), y_new) for s in (0, 1)]


def test_an_experiment_hands_the_learner_in() -> None:
    seen = experiment(lambda *given: given, {**rows(), "seeds": [1, 2]})
    assert seen[:2] == (learner, accuracy)
    assert seen[-1] == [1, 2]
    with pytest.raises(ValueError, match=r"\(2,\) answers for \(3,\) rows"):
        accuracy(np.zeros(2), np.zeros(3))
    assert set(project_drivers.PROJECTS) == {"digits", "names", "spaces"}


def test_a_training_from_given_weights_and_numpy_stay_on_the_cpu() -> None:
    for name in ("train_language_model", "ablation"):
        assert EXERCISES[name].devices == ("cpu",)
    assert EXERCISES["capstone"].devices is None
