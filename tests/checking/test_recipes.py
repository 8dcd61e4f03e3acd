"""Inputs that are made anew for each call."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from autograder.checking import recipes
from autograder.checking.recipes import Formula, Seeded


def test_a_seed_makes_the_same_generator_each_time() -> None:
    first, again, other = (Seeded(n).make("numpy").random(4) for n in (3, 3, 4))
    assert first.tolist() == again.tolist() != other.tolist()
    assert isinstance(Seeded(3).make("torch"), torch.Generator)


def test_a_formula_is_the_same_function_in_both_libraries() -> None:
    formula = Formula("np.sum(a * np.sin(x)) + c", {"a": [1.0, -2.0], "c": 3.0})
    x = np.array([0.3, 0.7])
    assert formula.make("numpy")(x) == pytest.approx(np.sin(0.3) - 2 * np.sin(0.7) + 3)
    assert formula.make("torch")(torch.from_numpy(x)).item() == pytest.approx(
        formula.make("numpy")(x)
    )


@pytest.mark.parametrize("recipe", [Seeded(9), Formula("np.sum(x * a)", {"a": [0.1]})])
def test_a_recipe_survives_the_wire(recipe) -> None:
    assert recipes.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe
