"""Answers that lie, cheat or go on for ever get no marks, and no check raises for them."""

from __future__ import annotations

import logging
import sys
import threading

import pytest
import torch
from torch import Tensor, nn

from autograder import check
from autograder.checking.handle import PRINTED_LIMIT
from tests.checking.toy import TOY, right, run


class Liar(Tensor):
    """A tensor that says it is whatever it is compared with."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        with torch._C.DisableTorchFunctionSubclass():
            if func.__name__ in {"sub", "__sub__", "rsub"}:
                return torch.zeros_like(args[0])
            if func.__name__ in {"detach", "to", "clone"}:
                return args[0]
            return func(*args, **(kwargs or {}))


def test_a_tensor_that_lies_is_looked_at_without_its_help() -> None:
    result = run(lambda x, k: tuple(torch.zeros_like(t).as_subclass(Liar) for t in right(x, k)))
    assert result.score == 0


def test_a_parameter_is_a_tensor() -> None:
    assert run(lambda x, k: tuple(nn.Parameter(t) for t in right(x, k))).passed


class OwnHandle:
    """An object that plays the check's own handle."""

    def problem(self):
        return None

    def call(self, inputs):
        raise AssertionError("the check let an answer answer for itself")


def test_an_answer_cannot_be_its_own_handle() -> None:
    with pytest.raises(TypeError, match="takes your function itself"):
        check.forget_gate(OwnHandle())


def test_the_grader_is_no_answer_book() -> None:
    def answer(params):
        return check.slides_to_torch._exercise.oracle(params)

    result = check.slides_to_torch(answer, seed=1)
    assert (result.score, result.diagnoses) == (0, ("forbidden_call",))
    assert "The grader itself" in str(result)


def test_a_kept_buffer_does_not_hide_an_answer_that_changes() -> None:
    kept = {}

    def answer(x, k):
        y = kept.setdefault(x.shape, torch.zeros_like(x))
        y.copy_(k * x if y.any() else 2 * k * x)
        return y, (k * x).sum(0)

    assert "not_repeatable" in run(answer).diagnoses


cell = nn.LSTMCell(4, 5)


def test_a_local_name_is_not_the_global_of_that_name() -> None:
    def forget_gate(x_t, h_prev, U_f, W_f):
        cell = x_t @ U_f
        return torch.sigmoid(cell + h_prev @ W_f)

    assert check.forget_gate(forget_gate, seed=1).passed


def test_an_annotation_is_not_a_call() -> None:
    def forget_gate(x_t, h_prev, U_f, W_f, like: nn.LSTM | None = None):
        total: nn.LSTM | Tensor = x_t @ U_f + h_prev @ W_f
        return torch.sigmoid(total)

    assert check.forget_gate(forget_gate, seed=1).passed


class Callable:
    """Calls what is forbidden from a method."""

    def __call__(self, x_t, h_prev, c_prev, params):
        return self.step(x_t)

    def step(self, x_t):
        return cell(x_t)


def test_methods_of_a_callable_object_are_read() -> None:
    assert check.lstm_cell(Callable(), seed=1).diagnoses == ("forbidden_call",)


def test_names_inside_comprehensions_are_read() -> None:
    def lstm_cell(x_t, h_prev, c_prev, params):
        (states,) = [cell(x_t, (h_prev, c_prev)) for _ in (0,)]
        return states

    assert check.lstm_cell(lstm_cell, seed=1).diagnoses == ("forbidden_call",)


def test_a_list_that_holds_itself_is_told() -> None:
    def answer(x, k):
        states: list = []
        states.append(states)
        return states, states

    assert run(answer).diagnoses == ("wrong_type",)


def test_errors_in_some_cases_only_are_told() -> None:
    def answer(x, k):
        if len(x) == 3:
            raise ValueError("three")
        if len(x) == 1:
            raise NotImplementedError("one")
        return right(x, k)

    assert run(answer).diagnoses == ("raised",)


def test_output_is_cut_while_it_is_made_and_odd_characters_survive() -> None:
    def answer(x, k):
        print("\ud800" + "x" * 10**6)
        sys.stdout.buffer.write(b"bytes")
        return right(x, k)

    result = run(answer)
    assert result.passed
    assert len(result.printed) <= PRINTED_LIMIT
    assert result._repr_mimebundle_()["text/html"].encode()


def test_checks_in_threads_leave_stdout_as_it_was() -> None:
    before = sys.stdout
    threads = [threading.Thread(target=run, args=(right,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sys.stdout is before


def test_a_default_device_elsewhere_does_no_harm() -> None:
    torch.set_default_device("meta")
    try:
        assert run(right).passed
    finally:
        torch.set_default_device(None)


def test_figures_made_in_an_answer_are_closed() -> None:
    import matplotlib.pyplot as plt

    def answer(x, k):
        plt.figure()
        return right(x, k)

    before = plt.get_fignums()
    assert run(answer).passed
    assert plt.get_fignums() == before


def test_logging_set_up_inside_an_answer_is_quiet(capfd) -> None:
    def answer(x, k):
        logging.getLogger("answer").addHandler(logging.StreamHandler())
        logging.getLogger("answer").warning("careful")
        return right(x, k)

    assert run(answer).passed
    assert capfd.readouterr().err == ""


def test_the_toy_is_guarded() -> None:
    assert TOY.guard.forbids
