"""`check`: the names, and what it refuses."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

import autograder
from autograder import Result, check
from autograder.exercises import EXERCISES


def test_every_exercise_has_its_check() -> None:
    assert set(dir(check)) == set(EXERCISES)
    assert check.forget_gate.__doc__ is not None
    assert "forget_gate(x_t, h_prev, U_f, W_f)" in check.forget_gate.__doc__


def test_the_package_root_offers_two_names() -> None:
    assert autograder.__all__ == ["Result", "check"]
    assert isinstance(check.forget_gate(lambda *a: None, seed=0), Result)
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        _ = autograder.chek


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(AttributeError, match=r"Did you mean check\.forget_gate"):
        _ = check.forgt_gate


@pytest.mark.parametrize("thing", [torch.zeros(2, 3), None, 3, "forget_gate"])
def test_something_that_is_no_solution_raises_a_clear_type_error(thing) -> None:
    with pytest.raises(TypeError, match=r"write check\.forget_gate\(forget_gate\)"):
        check.forget_gate(thing)


@pytest.mark.parametrize("seed", ["1", 1.5, True])
def test_a_seed_is_a_whole_number(seed) -> None:
    with pytest.raises(TypeError, match="seed is a whole number"):
        check.forget_gate(lambda *a: None, seed=seed)


def test_a_seed_lies_in_its_range() -> None:
    with pytest.raises(ValueError, match="seed lies in"):
        check.forget_gate(lambda *a: None, seed=-1)


def test_seeds_differ_when_none_is_given() -> None:
    assert len({check.forget_gate(lambda *a: None).seed for _ in range(4)}) > 1


@pytest.mark.parametrize("device", ["gpu", "meta", "tpu:0"])
def test_an_unknown_device_is_a_clear_error(device) -> None:
    with pytest.raises(ValueError, match="use 'cpu' or 'cuda'"):
        check.forget_gate(lambda *a: None, device=device)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_asking_for_a_missing_gpu_is_a_clear_error(monkeypatch) -> None:
    with pytest.raises(ValueError, match="finds no CUDA device"):
        check.forget_gate(lambda *a: None, device="cuda")
    monkeypatch.setenv("AUTOGRADER_DEVICE", "cuda")
    with pytest.raises(ValueError, match="unset AUTOGRADER_DEVICE"):
        check.forget_gate(lambda *a: None)


def test_importing_the_package_does_not_import_torch() -> None:
    code = "import sys, autograder; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
