"""Answers in NumPy: what they are given, what they may return, what is said of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from autograder.checking.guard import Guard
from autograder.checking.handle import AnswerHandle
from autograder.checking.run import run_check
from tests.checking.numpy_toy import CENTER, SHUFFLE, SLOPE, run

#: The same without a guard: `torch` may be used, and is not what is asked for.
FREE = dataclasses.replace(CENTER, guard=Guard())


def right(x, k):
    return k * (x - x.mean(0)), np.linalg.norm(x)


def test_a_right_answer_passes_and_says_nothing_of_devices() -> None:
    result = run(CENTER, right)
    assert result.passed, str(result)
    assert result.devices == ()


def test_it_is_given_arrays_and_plain_numbers() -> None:
    seen = []

    def look(x, k):
        seen.append((type(x), x.dtype, type(k)))
        return right(x, k)

    assert run(CENTER, look).passed
    assert set(seen) == {(np.ndarray, np.dtype("float64"), float)}


@pytest.mark.parametrize(
    "number", [float, np.float64, np.array, lambda n: np.array(n)[()]], ids=["float", "np.float64",
                                                                         "0-d array", "scalar"]
)  # fmt: skip
def test_a_number_may_be_of_any_kind(number) -> None:
    assert run(CENTER, lambda x, k: (right(x, k)[0], number(right(x, k)[1]))).passed


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda y, n: (y.astype(np.float32), n), "wrong_dtype"),
        (lambda y, n: (torch.from_numpy(y), n), "wrong_type"),
        (lambda y, n: (y.tolist(), n), "wrong_type"),
        (lambda y, n: (y, np.array([n])), "wrong_shape"),
        (lambda y, n: (y, str(n)), "wrong_type"),
        (lambda y, n: (y, None), "nothing_returned"),
        (lambda y, n: (y > 0, n), "wrong_dtype"),
        (lambda y, n: (y.astype(object), n), "wrong_type"),
        (lambda y, n: (y.astype(complex), n), "wrong_dtype"),
        (lambda y, n: (y + 1e-3, n), "different"),
        (lambda y, n: (y / 0, n), "not_finite"),
        (lambda y, n: y, "wrong_type"),
        (lambda y, n: None, "nothing_returned"),
    ],
)
def test_what_is_wrong_is_named(change, name) -> None:
    result = run(FREE, lambda x, k: change(*right(x, k)))
    assert result.diagnoses == (name,)
    assert result.score < result.max_score


def test_a_torch_tensor_is_called_by_its_name() -> None:
    result = run(FREE, lambda x, k: (torch.from_numpy(right(x, k)[0]), 0.0))
    assert "should be a NumPy array" in str(result)
    assert "torch tensor of shape" in str(result)


def test_whole_numbers_are_numbers() -> None:
    result = run(CENTER, lambda x, k: (np.zeros(x.shape, int), right(x, k)[1]))
    assert "wrong_dtype" not in result.diagnoses


def test_a_misconception_in_torch_names_an_answer_in_numpy() -> None:
    result = run(CENTER, lambda x, k: (k * (x - x.mean(1, keepdims=True)), np.linalg.norm(x)))
    assert result.diagnoses == ("by_row",)


def test_an_input_changed_in_place_costs_half() -> None:
    def careless(x, k):
        norm = np.linalg.norm(x)
        x -= x.mean(0)
        return k * x, norm

    result = run(CENTER, careless)
    assert result.diagnoses == ("input_changed",)
    assert result.score == CENTER.points / 2


def test_a_forbidden_library_is_seen() -> None:
    result = run(CENTER, lambda x, k: (torch.from_numpy(x).numpy(), 0.0))
    assert result.diagnoses == ("forbidden_call",)
    assert result.score == 0


def test_the_errors_of_numpy_are_explained() -> None:
    assert run(CENTER, lambda x, k: x + np.ones((7, 9))).diagnoses == ("elementwise_sizes_differ",)
    assert run(CENTER, lambda x, k: x @ np.ones((7, 9))).diagnoses == ("sizes_do_not_fit",)


def test_a_warning_is_no_mistake() -> None:
    def loud(x, k):
        np.exp(np.array(1e4))
        return right(x, k)

    assert run(CENTER, loud).passed


# --- judged by properties ---------------------------------------------------------------------


def test_any_shuffle_is_right() -> None:
    assert run(SHUFFLE, lambda x, rng: x[rng.permutation(len(x))]).passed
    assert run(SHUFFLE, lambda x, rng: rng.permuted(x[::-1].copy(), axis=0)).score < 3
    assert run_check(SHUFFLE, AnswerHandle(SHUFFLE.oracle, "numpy"), 3).passed


def test_each_property_is_a_line_and_a_name() -> None:
    result = run(SHUFFLE, lambda x, rng: x)
    assert result.diagnoses == ("not_shuffled",)
    assert result.score == 2
    assert [(line.name, line.passed) for line in result.outputs] == [
        ("form", True), ("each row once", True), ("another order", False),
    ]  # fmt: skip
    assert "The rows stand as they came." in str(result)


def test_after_a_needed_property_the_rest_is_silent() -> None:
    result = run(SHUFFLE, lambda x, rng: "all of them")
    assert result.diagnoses == ("wrong_form",)
    assert result.score == 0


def test_a_property_that_cannot_read_what_came_back_does_not_hold() -> None:
    result = run(SHUFFLE, lambda x, rng: x.astype(np.float32))
    assert not result.passed


def test_the_global_generator_in_place_of_the_one_given_is_named() -> None:
    def loose(x, rng):
        return x[np.random.permutation(len(x))]

    result = run(SHUFFLE, loose)
    assert result.diagnoses == ("generator_ignored",)
    assert result.score == 1.5
    assert "Draw from `rng`" in str(result)


def test_a_generator_of_ones_own_is_not_repeatable() -> None:
    def loose(x, rng):
        return x[np.random.default_rng().permutation(len(x))]

    result = run(SHUFFLE, loose)
    assert "not_repeatable" in result.diagnoses
    assert "drawn from `rng`" in str(result)


def test_an_answer_that_raises_gets_nothing_for_its_properties() -> None:
    result = run(SHUFFLE, lambda x, rng: 1 / 0)
    assert (result.score, result.diagnoses) == (0, ("raised",))


def test_a_formula_is_a_function_to_the_student() -> None:
    assert run(SLOPE, lambda f, x: f(x)).passed
    assert run(SLOPE, lambda f, x: f(x + 0.1)).diagnoses == ("different",)
