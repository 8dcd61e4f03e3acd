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
class Answer:
    T = real = property(lambda self: self)
    def _self(self, *a, **k): return self
    def _zero(self, *a, **k): return 0.0
    def _true(self, *a, **k): return True
    __sub__ = __rsub__ = __add__ = __radd__ = __truediv__ = __pow__ = __neg__ = _self
    __matmul__ = __rmatmul__ = __mod__ = __mul__ = _self
    sum = abs = max = mean = norm = _self
    __abs__ = item = __float__ = __round__ = __index__ = _zero
    allclose = equal = eq = __eq__ = __contains__ = _true
    __hash__ = None
    def __iter__(self): return iter([0.0])
    def __len__(self): return 1
    def __getitem__(self, key): return 0.0
    def __torch_function__(self, *a, **k): return torch.tensor(True)
def answers(x): return Answer()
class class_answers:
    def __new__(cls, x): return Answer()
def stops(x): raise StopIteration
def gives_model(): return nn.Linear(2, 2)
def pow(x, n): return "the student's"
def abs(x): return 0.0
def all(xs): return True
def decode(): b"\\xff".decode("utf-8")
def look(d): return d["key"]
def calls_named(f): return f(1, b=2)
def catches(f):
    try: return f(1)
    except KeyError: return "caught"
class NotOurs(Exception): pass
def own_error(): raise NotOurs("mine")
def deep(n): return deep(n + 1)
def quits(): raise SystemExit(3)
def interrupts(): raise KeyboardInterrupt
class Odd:
    def __getattr__(self, name): return {}[name]
    def __repr__(self): return "0.5"
def odd(): return Odd()
def counted(text):
    from collections import Counter
    return Counter(text)
def huge(): return torch.zeros(1).expand(10**8)
def keeps(x, kept=[]): kept.append(x); return kept
class Stack:
    def __init__(self): self.items = []
    def push(self, x): self.items.append(x)
    def pop(self): return self.items.pop()
check = np = lambda *a: True
helper = lambda x: 1
"""
CONTEXT = (
    "import numpy as np\nimport torch\nfrom autograder import check",
    "LIMIT = 5\ndef twice(x): return 2 * x\nhelper = None\ntrain()",
)


@pytest.fixture(scope="module")
def own_warm() -> Iterator[Warm]:
    """For the sandbox that all these tests share."""
    with Warm() as process:
        yield process


@pytest.fixture(scope="module")
def space(own_warm: Warm) -> Iterator[TestSpace]:
    with Run(own_warm, Limits(call_seconds=3), {}, Clock(120)) as run:
        collected = Collected(10_000)
        assert run.run_cell(STUDENT, collected), collected.outputs
        asked = "class Value:\n    ...\nclass Net(nn.Module):\n    ..."
        cell = SourceCell("v", "code", asked, None, False, False, True, False, None)
        plan = NotebookPlan(
            "book", (cell,), CONTEXT, frozenset({"helper", "square", "Value", "Net", "pow"})
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
        "assert pow(1, 2) == \"the student's\"",  # a solution cell binds it
        "assert abs(-2) == 2 and not all([0])",  # none binds these: they are Python's
        "import torch.nn as layers\nassert isinstance(gives_model(), layers.Linear)\n"
        "assert isinstance(Net(), layers.Module) and not isinstance(Net(), layers.Linear)\n"
        "assert not isinstance(odd(), layers.Module)",
        "try:\n    decode()\nexcept UnicodeError as error:\n"
        "    assert \"can't decode\" in str(error)\nelse:\n    raise AssertionError",
        "try:\n    look({})\nexcept KeyError as error:\n    assert str(error) == \"'key'\"",
        "try:\n    fails(-1)\nexcept ValueError as error:\n    assert str(error) == 'negative'",
        "try:\n    own_error()\nexcept Exception as error:\n"
        "    assert type(error).__name__ == 'NotOurs' and str(error) == 'mine'",
        "try:\n    deep(0)\nexcept RecursionError:\n    deepest = True\nassert deepest",
        "for ends in (quits, interrupts):\n    try:\n        ends()\n    except Exception as e:\n"
        "        last = type(e).__name__\nassert last == 'KeyboardInterrupt'",
        "assert counted('aab') == {'a': 2, 'b': 1}",
        "assert calls_named(lambda a, b: a + b) == 3",
        "def lookup(key): return {}[key]\nassert catches(lookup) == 'caught'",
        "assert apply(lambda x: square(x) + 1, 3) == 10",  # the student's, out of the test's
        "assert apply(lambda x: apply(lambda y: square(y), x), 3) == 9",
        "assert numerical_gradient(square, 3.0) - 6 < 1e-4",
        "assert apply(max, 3, 5) == 5 and apply(np.hypot, 3, 4) == 5",
        "import torch\nassert apply(torch.nn.ReLU(), torch.tensor(-1.0)) == 0",
        "import copy\ns = Stack()\ns.push(1)\nother = copy.deepcopy(s)\nother.push(2)\n"
        "assert s.items == [1] and other.items == [1, 2] and other.pop() == 2",
        "assert Value(1)[0:2] == (1, slice(0, 2, None))",
        "w = Value(1) + 1\nw += 2\ndel w.grad\nassert w.data == 4 and not hasattr(w, 'grad')",
        "assert keeps(1) == [1] and keeps(2) == [1, 2]",
        "def mine(x):\n    return square(x) + LIMIT\nassert mine(2) == 9",
        "assert mine(1) == 6 and __name__ == '__main__'",  # of the cell above
    ],
)  # fmt: skip
def test_plain_tests_work(space: TestSpace, test: str) -> None:
    outcome = run_test(test, "t", space, 1)
    assert outcome.outputs == [], outcome.outputs


@pytest.mark.parametrize("wrong", [
    "assert square(3) == 8", "assert list(squares(3)) == [0, 1]", "fails(-1)", "missing(1)",
    "assert Value(1).data == 2", "square()", "assert isinstance(square(2), float)",
    "import pytest\nwith pytest.raises(KeyError):\n    square(2)",
    "import pytest\npytest.fail('x')",
    "raise SystemExit", "quits()", "interrupts()", "own_error()", "assert counted('a') == {'b': 1}",
    "assert all(map(lambda i: stops(i) == i, range(5)))", "assert not list(map(stops, [1, 2]))",
    "for i in map(stops, range(3)):\n    raise ValueError\nassert True",
    "def f(:", "assert mine(1) == 7",
])  # fmt: skip
def test_wrong_answers_fail(space: TestSpace, wrong: str) -> None:
    outcome = run_test(wrong, "t", space, 1)
    assert [o.output_type for o in outcome.outputs] == ["error"]
    assert not outcome.for_instructor


@pytest.mark.parametrize("lie", [
    "assert lies(1) == 9", "assert lies(1)", "assert float(lies(1)) == 9",
    "assert np.allclose(lies(1), 9)", "assert Value(1) == 9", "assert not (Value(1) != 1)",
    "assert 9 in Value(1)", "assert Value(1) in [9]", "assert abs(lies(1) - 9) < 1",
    "assert abs(answers(2) - 4) < 1e-6", "assert abs(4 - answers(2)) < 1e-6",
    "assert not any(answers(2) - 4)", "assert (answers(2) - 4)[0] == 0",
    "assert max(answers(2) - 4) == 0", "assert (answers(2) - 4).item() == 0",
    "assert (answers(2) - torch.ones(2)).abs().max() < 1e-6", "assert answers(2).allclose(4)",
    "assert (torch.ones(2) - answers(2)).abs().max().item() < 1e-6", "assert answers(2).equal(4)",
    "assert (np.ones(2) - answers(2)).sum() == 0", "assert answers(2).eq(4)",
    "assert np.abs(answers(2) - np.ones(2)).max() < 1", "assert answers(2).__eq__(4)",
    "assert round(answers(2)) == 0", "assert [5][answers(2)]", "assert np.isclose(answers(2), 4)",
    "assert torch.allclose(answers(2), torch.ones(2))", "assert answers(2) in (4,)",
    "assert torch.equal(answers(2), torch.ones(2))", "assert 4 in answers(2)",
    "import math\nassert math.isclose(answers(2), 4)", "assert answers(2) % 4 == 0",
    "assert abs(class_answers(2) - 4) < 1e-6", "assert sorted([answers(2), 1])",
    "assert f'{odd()}' == '0.5'", "assert str(odd()) == '0.5'", "assert not answers(2)",
    "assert ((answers(2) - 4) ** 2).mean() < 1e-6", "assert abs((answers(2) - 4).T) == 0",
    "assert np.testing.assert_allclose(answers(2), 4) is None",
    "assert torch.testing.assert_close(answers(2), torch.ones(1)) is None",
    "assert torch.tensor(lies(1)) == 9", "assert {lies(1): 1}[9]", "assert max(lies(1), 9) == 9",
])  # fmt: skip
def test_a_lying_object_gains_nothing(space: TestSpace, lie: str) -> None:
    outcome = run_test(lie, "t", space, 1)
    assert [o.output_type for o in outcome.outputs] == ["error"], lie


def test_the_instructor_is_told_what_cannot_be_tested(space: TestSpace) -> None:
    assert "was compared" in run_test("Value(1) == 2", "t", space, 1).for_instructor
    assert "module" in run_test("nn.Linear", "t", space, 1).for_instructor
    assert "object of type" in run_test("square(object())", "t", space, 1).for_instructor
    inside = "apply(lambda x: square(object()), 1)"
    assert "object of type" in run_test(inside, "t", space, 1).for_instructor
    assert "10000" in run_test("huge()", "t", space, 1).for_instructor
    assert "computes with" in run_test("abs(answers(2) - 4)", "t", space, 1).for_instructor


def test_an_objects_own_words_are_no_mark(space: TestSpace) -> None:
    (shown,) = run_test("odd()", "t", space, 1).outputs
    assert shown.data["text/plain"] == "<student's object of type Odd>"


def test_a_handle_is_never_pickled(space: TestSpace) -> None:
    says = run_test("import pickle\npickle.dumps(odd())", "t", space, 1).for_instructor
    assert "pickled" in says


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
