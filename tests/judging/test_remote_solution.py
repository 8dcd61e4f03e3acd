"""Solutions behind the walls, called by a check: what crosses, and how."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

import pytest

from autograder.checking.exercise import Exercise
from autograder.checking.guard import Guard
from autograder.checking.result import Result
from autograder.checking.run import run_check
from autograder.checking.values import same_bits
from autograder.judging.limits import Limits
from autograder.judging.outputs import Collected
from autograder.judging.remote import Student
from autograder.judging.remote_solution import RemoteSolution
from autograder.judging.sandbox import Session, Warm
from autograder.judging.values_wire import Decoder
from tests.checking.numpy_toy import CENTER, SHUFFLE, SLOPE
from tests.checking.toy import TOY

pytestmark = pytest.mark.xdist_group("sandbox")
STUDENT = """
import numpy as np

def center(x, k): return k * (x - x.mean(0)), np.linalg.norm(x)
def by_row(x, k): return k * (x - x.mean(1, keepdims=True)), np.linalg.norm(x)
def shuffle(x, rng): return x[rng.permutation(len(x))]
def loose(x, rng): return x[np.random.permutation(len(x))]
def slope(f, x): return f(x)
def spoil(f, x):
    x *= 2
    return f(x / 2)
def stub(x, rng):
    raise NotImplementedError
"""


@pytest.fixture
def session(warm: Warm) -> Iterator[Session]:
    session = warm.spawn(Limits(), {})
    answer = session.ask({"op": "cell", "code": STUDENT}, seconds=10, output=Collected(1000).add)
    assert answer.message["ok"]
    yield session
    session.end()


def check(session: Session, exercise: Exercise, name: str) -> Result:
    student = Student(lambda request, data=b"": session.ask(request, data, seconds=10))
    handle = RemoteSolution(student.ask, student.lookup(name), exercise)
    return run_check(exercise, handle, seed=7)


def test_a_case_is_encoded_once_and_means_the_same_to_all(session: Session) -> None:
    probes = []

    def ask(request, data=b""):
        if request["op"] == "probe":
            probes.append((json.dumps(request["inputs"]), data))
        return session.ask(request, data, seconds=10)

    student = Student(ask)
    given = CENTER.draw_cases(3)[0].on("cpu")
    for name, inputs in (("center", given), ("spoil", given), ("by_row", dict(given))):
        RemoteSolution(ask, student.lookup(name), CENTER).call(inputs)
    assert len(probes) == 3
    assert len(set(probes)) == 1
    assert given.sent is not None
    form, data = given.sent
    assert same_bits(Decoder(data, lambda _: None).decode(form), dict(given))


@pytest.mark.parametrize(
    ("exercise", "name"), [(CENTER, "center"), (SHUFFLE, "shuffle"), (SLOPE, "slope")]
)
def test_arrays_generators_and_functions_cross(session, exercise, name) -> None:
    result = check(session, exercise, name)
    assert result.passed, str(result)


@pytest.mark.parametrize(
    ("exercise", "name", "diagnosis"),
    [
        (CENTER, "by_row", "by_row"),
        (SHUFFLE, "loose", "generator_ignored"),
        (SHUFFLE, "stub", "not_started"),
        (SLOPE, "spoil", "input_changed"),
        (SLOPE, "shuffle", "unknown_attribute"),
    ],
)
def test_what_is_wrong_is_told_as_in_a_notebook(session, exercise, name, diagnosis) -> None:
    assert diagnosis in check(session, exercise, name).diagnoses


HIDING = """
import torch

def honest(x, k): return k * x, (k * x).sum(0)
def hidden(x, k):
    with torch._C.DisableTorchFunction():
        try:
            torch.ops.aten.einsum("nh->nh", [x])
        except RuntimeError:
            pass
    return honest(x, k)
"""


@pytest.mark.parametrize(("name", "seen"), [("honest", ()), ("hidden", ("forbidden_call",))])
def test_what_is_switched_off_tells_that_it_was_called(warm: Warm, name, seen) -> None:
    session = warm.spawn(Limits(), {}, operators=("einsum",))
    session.ask({"op": "cell", "code": HIDING}, seconds=10)
    guard = Guard(operators=frozenset({"einsum"}), says="No einsum here.")
    assert check(session, dataclasses.replace(TOY, guard=guard), name).diagnoses == seen
    session.end()


def test_two_solutions_of_one_sandbox_are_not_taken_for_each_other(session) -> None:
    student = Student(lambda request, data=b"": session.ask(request, data, seconds=10))
    first = RemoteSolution(student.ask, student.lookup("center"), CENTER)
    second = RemoteSolution(student.ask, student.lookup("slope"), SLOPE)
    assert first.problem() is None
    assert second.problem() is None
    assert run_check(CENTER, first, seed=7).passed
    assert run_check(SLOPE, second, seed=7).passed
