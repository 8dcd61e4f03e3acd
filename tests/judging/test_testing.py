"""Plain tests through handles: what works as in one process, and what an attacker gets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.judging.limits import Limits
from autograder.judging.outputs import Collected
from autograder.judging.plan import NotebookPlan, SourceCell
from autograder.judging.remote import Student
from autograder.judging.running import Clock, Run
from autograder.judging.sandbox import Warm
from autograder.judging.testing import TestOutcome, TestSpace, forbidden_operators, run_test

pytestmark = pytest.mark.xdist_group("hostile-grading")
STUDENT = """
import numpy as np, torch
from torch import nn

def square(x): return x * x
def shout(text): return text.upper() + "!"
def pair(a, b): return {"sum": a + b, "both": (a, [b])}
def rows(X): return X.mean(axis=1)
def fails(x):
    if x < 0: raise ValueError("negative")
    return x
def squares(n):
    for i in range(n): yield i * i
def numerical_gradient(f, x):
    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
def apply(f, *values): return f(*values)

class Value:
    def __init__(self, data): self.data = data; self.grad = 0.0
    def __add__(self, other): return Value(self.data + getattr(other, "data", other))
    def __radd__(self, other): return self + other
    def __mul__(self, other): return Value(self.data * getattr(other, "data", other))
    def __neg__(self): return self * -1
    def __repr__(self): return f"Value({self.data})"
    def __getitem__(self, key): return (self.data, key)
    def __len__(self): return 7
    def __enter__(self): return self
    def __exit__(self, *error): self.data = 0
    def __eq__(self, other): return True
    __hash__ = None

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2, bias=False)
        nn.init.ones_(self.linear.weight)
    def forward(self, x): return self.linear(x)

class Liar(float):
    def __eq__(self, other): return True
    def __float__(self): return 9.0
    def __array__(self, *a, **k): return np.array(9.0)
    def __bool__(self): return True
def lies(x): return Liar(3)
check = np = lambda *a: True
helper = lambda x: 1
"""
CONTEXT = (
    "import numpy as np\nimport torch\nfrom autograder import check",
    "LIMIT = 5\ndef twice(x): return 2 * x\nhelper = None\ntrain()",
)


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with Warm() as process:
        yield process


@pytest.fixture(scope="module")
def space(warm: Warm) -> Iterator[TestSpace]:
    with Run(warm, Limits(call_seconds=3), {}, Clock(120)) as run:
        collected = Collected(10_000)
        assert run.run_cell(STUDENT, collected), collected.outputs
        asked = "class Value:\n    ...\nclass Net(nn.Module):\n    ..."
        cell = SourceCell("v", "code", asked, None, False, False, True, False, None)
        plan = NotebookPlan(
            "book", (cell,), CONTEXT, frozenset({"helper", "square", "Value", "Net"})
        )
        yield TestSpace(plan, Student(run.ask), 1, None)


def error_of(outcome: TestOutcome) -> str:
    return " ".join(o.evalue for o in outcome.outputs if o.output_type == "error")


@pytest.mark.parametrize(
    "test",
    [
        "assert square(3) == 9 and square(1.5) == 2.25 and square(10**30) == 10**60",
        "assert shout('é') == 'É!'",
        "assert pair(1, 'x' == 'x') == {'sum': 2, 'both': (1, [True])}",
        "assert np.allclose(rows(np.ones((2, 3))), [1, 1])",
        "assert torch.equal(square(torch.arange(3)), torch.tensor([0, 1, 4]))",
        "assert list(squares(4)) == [0, 1, 4, 9] and next(iter(squares(2))) == 0",
        "try:\n    fails(-1)\nexcept ValueError as error:\n    assert 'negative' in str(error)\n"
        "else:\n    raise AssertionError",
        "import pytest\nwith pytest.raises(ValueError, match='negative'):\n    fails(-1)",
        "v = Value(2) + Value(3) * 4\nassert v.data == 14 and (1 + v).data == 15\n"
        "assert (-v).data == -14 and v['k'] == (14, 'k') and len(v) == 7\n"
        "assert isinstance(v, Value) and not isinstance(3, Value)",
        "v.grad = 2.5\nassert v.grad == 2.5",  # `v` is the cell's above
        "with Value(3) as w:\n    assert w.data == 3\nassert w.data == 0",
        "net = Net()\nassert torch.equal(net(torch.ones(1, 3)), torch.full((1, 2), 3.0))\n"
        "assert sum(p.numel() for p in net.parameters()) == 6\n"
        "assert 'linear.weight' in dict(net.named_parameters())",
        "assert abs(numerical_gradient(lambda x: x ** 3, 2.0) - 12) < 1e-4",
        "assert apply(lambda a, b: a - b, 5, 3) == 2",
        "assert LIMIT == 5 and twice(square(2)) == 8",
        "assert helper(1) == 1",  # the student's: a solution cell binds it
        "assert [square(i) for i in range(3)] == [0, 1, 4]",
        "assert all(map(lambda i: square(i) == i * i, range(5)))",
        "for a, b in ((2, 4), (3, 9)):\n    assert square(a) == b, a",
    ],
)  # fmt: skip
def test_plain_tests_work(space: TestSpace, test: str) -> None:
    outcome = run_test(test, "t", space, 1)
    assert outcome.outputs == [], outcome.outputs


@pytest.mark.parametrize("wrong", [
    "assert square(3) == 8", "assert list(squares(3)) == [0, 1]", "fails(-1)", "missing(1)",
    "assert Value(1).data == 2", "square()", "assert isinstance(square(2), float)",
])  # fmt: skip
def test_wrong_answers_fail(space: TestSpace, wrong: str) -> None:
    outcome = run_test(wrong, "t", space, 1)
    assert [o.output_type for o in outcome.outputs] == ["error"]
    assert not outcome.for_instructor


@pytest.mark.parametrize("lie", [
    "assert lies(1) == 9", "assert lies(1)", "assert float(lies(1)) == 9",
    "assert np.allclose(lies(1), 9)", "assert Value(1) == 9", "assert not (Value(1) != 1)",
    "assert 9 in Value(1)", "assert Value(1) in [9]", "assert abs(lies(1) - 9) < 1",
    "assert torch.tensor(lies(1)) == 9", "assert {lies(1): 1}[9]", "assert max(lies(1), 9) == 9",
])  # fmt: skip
def test_a_lying_object_gains_nothing(space: TestSpace, lie: str) -> None:
    outcome = run_test(lie, "t", space, 1)
    assert [o.output_type for o in outcome.outputs] == ["error"], lie


def test_the_instructor_is_told_what_cannot_be_tested(space: TestSpace) -> None:
    assert "was compared" in run_test("Value(1) == 2", "t", space, 1).for_instructor
    assert "module" in run_test("nn.Linear", "t", space, 1).for_instructor
    assert "object of type" in run_test("square(object())", "t", space, 1).for_instructor


def test_the_last_expression_is_shown_and_printing_kept(space: TestSpace) -> None:
    outcome = run_test("print('hi')\nsquare(2) / 8", "t", space, 7)
    assert outcome.outputs[0].text == "hi\n"
    assert outcome.outputs[1].data["text/plain"] == "0.5"
    assert outcome.outputs[1].execution_count == 7
    assert run_test("square(2);", "t", space, 1).outputs == []


def test_errors_show_the_tests_line_and_nothing_of_the_judge(space: TestSpace) -> None:
    (error,) = run_test("x = 1\nassert square(3) == 8", "t", space, 1).outputs
    text = "\n".join(error.traceback)
    assert "assert square(3) == 8" in text
    assert "autograder" not in text


def test_a_dead_sandbox_is_filled_again_and_old_objects_are_gone(warm: Warm) -> None:
    with Run(warm, Limits(call_seconds=1), {}, Clock(120)) as run:
        run.run_cell(
            "class A:\n    n = 1\ndef die(): import os; os._exit(3)\nold = A()", Collected(9)
        )
        space = TestSpace(NotebookPlan("b", ()), Student(run.ask), 1, None)
        assert run_test("held = old", "a", space, 1).outputs == []
        run.begin_test()
        outcome = run_test("try:\n    die()\nexcept Exception: pass", "b", space, 1)
        assert outcome.ended is not None
        assert outcome.ended.kind == "died"
        run.begin_test()
        assert run_test("assert old.n == 1", "c", space, 1).outputs == []
        assert "is gone" in error_of(run_test("held.n", "d", space, 1))


def test_operators_that_every_guarded_exercise_forbids() -> None:
    cell = SourceCell("t", "code", "check.lstm_cell(lstm_cell)", None, True, True, False, False, 1)
    operators = forbidden_operators(NotebookPlan("b", (cell,)))
    assert {"lstm", "lstm_cell"} <= set(operators)
    assert forbidden_operators(NotebookPlan("b", ())) == ()
