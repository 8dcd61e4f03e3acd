"""Inputs that are made anew for each call."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from autograder.checking import recipes
from autograder.checking.recipes import Formula, Seeded
from autograder.checking.values import give


def test_a_seed_makes_the_same_generator_each_time() -> None:
    first, again, other = (Seeded(n).make("numpy").random(4) for n in (3, 3, 4))
    assert first.tolist() == again.tolist() != other.tolist()
    assert isinstance(Seeded(3).make("torch"), torch.Generator)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_a_generator_draws_for_tensors_on_their_device(device) -> None:
    made = give({"p": torch.ones(3, 4, device=device), "generator": Seeded(3)}, "torch")
    assert torch.multinomial(made["p"], 1, generator=made["generator"]).device.type == device


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_a_generator_lies_on_the_gpu_where_the_tensors_do() -> None:
    made = give({"p": torch.ones(3, 4, device="cuda"), "generator": Seeded(3)}, "torch")
    assert made["generator"].device.type == "cuda"


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
