"""Handles whose sandbox is a forger: what comes is a value, an error for people, or refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from autograder.checking.settle import Opaque
from autograder.exercises import EXERCISES
from autograder.judging.remote import CannotTestError, Remote, Student, StudentError, Trust
from autograder.judging.remote_solution import RemoteSolution
from autograder.judging.sandbox import Answer, SandboxEnded
from autograder.judging.wire import WireError

HANDLE = {"h": 3, "type": "Thing", "name": "thing", "module": ""}


class Forger:
    """Answers each question with the next of its messages."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages = list(messages)
        self.asked: list[dict[str, Any]] = []

    def __call__(
        self, request: dict[str, Any], data: bytes = b"", callback: Callable[..., Any] | None = None
    ) -> Answer:
        self.asked.append(request)
        return Answer(self.messages.pop(0), b"12345678")


def thing(*messages: dict[str, Any]) -> Remote:
    found = Student(Forger({"value": HANDLE}, *messages)).lookup("thing")
    assert type(found) is Remote
    return found


@pytest.mark.parametrize(
    "message",
    [
        {"value": {"h": -1}}, {"value": {"h": "3"}}, {"value": {"h": True}}, {"value": {"h": None}},
        {"value": {"x": "float64", "shape": [9], "at": [0, 72]}}, {"raised": 5}, {"raised": []},
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        Student(Forger(message)).lookup("x")


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        ("ValueError", ValueError), ("KeyError", LookupError), ("UnicodeDecodeError", UnicodeError),
        ("OSError", OSError), ("ImportError", ImportError), ("SyntaxError", SyntaxError),
        ("ZeroDivisionError", ArithmeticError), ("ExceptionGroup", Exception),
        ("RecursionError", RuntimeError), ("Exception", Exception),
    ],
)  # fmt: skip
def test_errors_are_of_the_type_that_they_say(kind: str, builtin: type[Exception]) -> None:
    with pytest.raises(builtin) as caught:
        thing({"raised": {"kind": kind, "message": "what it says"}})()
    assert isinstance(caught.value, StudentError)
    assert (type(caught.value).__name__, str(caught.value)) == (kind, "what it says")


@pytest.mark.parametrize(
    "kind",
    [
        "SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException", "StopIteration",
        "StopAsyncIteration", "CannotTestError", "SandboxEnded", "WireError", "print", "a b", "",
        "x" * 500, "__import__", 5, None,
    ],
)  # fmt: skip
def test_no_error_gets_out_of_a_test_or_ends_a_loop(kind: Any) -> None:
    with pytest.raises(StudentError) as caught:
        thing({"raised": {"kind": kind, "message": 5, "line": "x", "code": []}})()
    for outside in (CannotTestError, SandboxEnded, WireError, StopIteration, StopAsyncIteration):
        assert not isinstance(caught.value, outside)


def test_only_an_iterator_ends() -> None:
    stop = {"raised": {"kind": "StopIteration", "message": ""}}
    items = thing({"value": {**HANDLE, "h": 4}}, {"value": 7}, stop)
    assert [item + 1 for item in items] == [8]
    with pytest.raises(StudentError):
        list(map(thing(stop), [1]))


def test_an_endless_iterator_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.judging.remote.MOST_ITERATED", 5)
    with pytest.raises(CannotTestError, match="more than 5"):
        assert [item for item in thing({"value": HANDLE}, *[{"value": 1}] * 9)] == []  # noqa: C416
    with pytest.raises(CannotTestError, match="iterated"):
        next(iter(thing({"value": 5})))


@pytest.mark.parametrize("length", [10**9, -1, 2.0, "3", True, None, HANDLE])
def test_a_length_is_a_number(length: Any) -> None:
    with pytest.raises(CannotTestError, match="measured"):
        len(thing({"value": length}))


@pytest.mark.parametrize(
    "look",
    [
        lambda it: it == 3, lambda it: it != 3, lambda it: it < 3, lambda it: it <= 3, bool, float,
        int, complex, round, lambda it: 3 in it, lambda it: it in [3], lambda it: [1, 2][it],
        np.asarray, lambda it: np.allclose(it, 3), lambda it: torch.ones(1) == it, hex,
        lambda it: it.allclose(3), lambda it: it.__eq__(3), lambda it: divmod(7, 2) == it,
    ],
)  # fmt: skip
def test_an_object_is_never_asked_what_it_equals(look: Callable[[Remote], Any]) -> None:
    forger = Forger({"value": HANDLE}, *[{"value": True}] * 9)
    found = Student(forger).lookup("thing")
    with pytest.raises(CannotTestError):
        look(found)
    assert len(forger.asked) == 1


def test_libraries_find_none_of_their_protocols() -> None:
    found = thing()
    for name in ("__array_interface__", "__torch_function__", "__dlpack__", "__buffer__"):
        assert not hasattr(found, name)
    with pytest.raises(TypeError):
        torch.add(found, 1)


def test_arithmetic_with_a_tests_own_value_gives_no_plain_value() -> None:
    for steps, compute in (
        (0, lambda it: it - 4),
        (0, lambda it: 4 - it),
        (1, lambda it: abs(it - 4)),
        (1, lambda it: -(4 @ it)),
        (1, lambda it: (it - 4)[0]),
        (1, lambda it: len(it / 4) == 0),
        (2, lambda it: (it - 4) ** it + 1),
        (2, lambda it: list(it - 4)),
    ):
        with pytest.raises(CannotTestError, match="computes with"):
            compute(thing(*[{"value": HANDLE}] * steps, {"value": 0}))
    assert thing({"value": 7}) + thing() == 7  # both are the student's


def test_attributes_of_what_was_computed_are_told_but_no_calls() -> None:
    mixed = thing({"value": HANDLE}, {"value": 5}, {"value": HANDLE}, {"value": 0.0}) - 4
    assert mixed.data == 5
    method = mixed.item
    with pytest.raises(CannotTestError, match="computes with"):
        method()


def test_a_class_that_the_notebook_asks_for_computes_as_it_likes() -> None:
    student = Student(Forger(*[{"value": HANDLE}] * 2, {"value": 5.0}))
    student.classes = frozenset({"Vector"})
    assert student.lookup("Vector")(1, 2) * 3 == 5.0


def test_handles_are_shown_without_asking() -> None:
    assert repr(thing()) == str(thing()) == f"{thing()}" == "<student's Thing thing>"
    assert hash(thing()) is not None


def test_copies_are_made_in_the_sandbox() -> None:
    forger = Forger(
        {"value": HANDLE}, {"value": {**HANDLE, "h": 9}}, {"value": {**HANDLE, "h": 10}}
    )
    found = Student(forger).lookup("thing")
    for made in (copy.copy(found), copy.deepcopy(found)):
        assert type(made) is Remote
        assert made is not found
    assert [asked.get("do") for asked in forger.asked] == [None, "copy", "deepcopy"]


@pytest.mark.parametrize("module", ["", "Parameter", "functional", "__doc__", "Module2", "init"])
def test_it_is_of_no_class_but_a_module_of_torch(module: str) -> None:
    found = Remote(Student(Forger()), 1, ("Thing", "", module), Trust.NONE)
    assert not isinstance(found, torch.nn.Module | torch.Tensor | int | list)
    model = Remote(Student(Forger()), 1, ("Net", "", "Linear"), Trust.NONE)
    assert isinstance(model, torch.nn.Linear)
    assert not isinstance(model, torch.nn.Conv2d)


def call_back(message: dict[str, Any]) -> dict[str, Any]:
    """What the judge says to a sandbox that calls back with `message`."""
    said: list[dict[str, Any]] = []

    def ask(
        request: dict[str, Any], data: bytes = b"", callback: Callable[..., Any] | None = None
    ) -> Answer:
        if request["op"] == "call":
            assert callback is not None
            said.append(callback(Answer(message, b""))[0])
        return Answer({"value": HANDLE}, b"")

    Student(ask).lookup("f")(lambda a, b=1: a / b)
    return said[0]


def test_a_call_back() -> None:
    named = {"d": [["b", 4]]}
    assert call_back({"callback": 0, "args": [8], "kwargs": named}) == {"value": 2.0}
    said = call_back({"callback": 0, "args": [8, 0], "kwargs": {"d": []}})
    assert said == {"error": "division by zero", "kind": "ZeroDivisionError"}
    assert call_back({"callback": 0, "args": [], "kwargs": {"d": []}})["kind"] == "TypeError"


@pytest.mark.parametrize(
    "message",
    [
        {"callback": 1, "args": [], "kwargs": {"d": []}}, {"callback": -1, "args": []},
        {"callback": "0", "args": []}, {"callback": True, "args": [], "kwargs": {"d": []}},
        {"callback": 0}, {"callback": 0, "args": 5, "kwargs": {"d": []}},
        {"callback": 0, "args": [], "kwargs": []}, {"callback": 0, "args": [{"h": -4}]},
    ],
)  # fmt: skip
def test_a_forged_call_back(message: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        call_back(message)


def solution(message: dict[str, Any]) -> RemoteSolution:
    forger = Forger({"value": HANDLE}, message)
    return RemoteSolution(forger, Student(forger).lookup("f"), next(iter(EXERCISES.values())))


def test_a_reply_to_a_check_is_taken_apart() -> None:
    message = {
        "value": [{"h": 5, "opaque": "a thing"}, 3], "raised": None, "changed": ["x", "y", 5],
        "forbidden": ["a", 5], "printed": ["x"], "last_call": None,
    }  # fmt: skip
    reply = solution(message).call({"x": torch.ones(2)})
    assert reply.value == [Opaque("a thing"), 3]
    assert (reply.changed, reply.forbidden, reply.last_call) == (("x",), ("a", "5"), "")


@pytest.mark.parametrize("problem", [None, 5, "ab", ["a"], {"a": 1}, ["a", "b", "c"]])
def test_what_is_no_problem(problem: Any) -> None:
    assert solution({"problem": problem}).problem() is None


def test_a_value_for_a_check_that_is_none() -> None:
    with pytest.raises(WireError):
        solution({"value": {"x": "float64", "shape": [2**30], "at": [0, 8]}}).call({})
    assert solution({"cannot": "a thing"}).call({}).value == Opaque("a thing")


def test_a_sandbox_that_ends_ends_the_check() -> None:
    asked: list[int] = []
    found = thing()

    def ask(*_: Any) -> Answer:
        asked.append(1)
        raise SandboxEnded("timeout", "was still running")

    handle = RemoteSolution(ask, found, next(iter(EXERCISES.values())))
    assert handle.problem() is None
    for _ in range(2):
        raised = handle.call({}).raised
        assert raised is not None
        assert (raised.kind, raised.message) == ("Timeout", "your code was still running")
    assert len(asked) == 1
