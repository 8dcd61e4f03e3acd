"""A forbidden call is seen by every road, and nothing else is."""

from __future__ import annotations

import concurrent.futures
import functools
import importlib
import linecache
import threading
from collections import Counter
from dataclasses import replace

import pytest
import torch
import torch.nn as network
from torch import einsum as quietly_renamed
from torch import nn
from torch.utils import _python_dispatch

from autograder.checking.calling import Calling
from autograder.checking.guard import COMPILERS, SWITCHES, Absent, Guard, Tracer, read_source
from tests.checking.toy import right, run

GUARD = Guard(
    names=("torch.nn.LSTMCell", "torch.lstm_cell", "torch.no_such_thing"),
    modules=("torch.ao",),
    operators=frozenset({"lstm_cell"}),
    says="No.",
)
made_elsewhere = nn.LSTMCell(2, 3)


class MyCell(nn.LSTMCell):
    """A subclass is the thing itself."""


def helper(x):
    return nn.LSTMCell(2, 3)(x)


def by_name(x):
    return nn.LSTMCell(2, 3)(x)


def by_alias(x):
    return network.LSTMCell(2, 3)(x)


def by_instance(x):
    return made_elsewhere(x)


def by_subclass(x):
    return MyCell(2, 3)(x)


def by_helper(x):
    return helper(x)


def by_import(x):
    from torch.nn import LSTMCell as Innocent

    return Innocent(2, 3)(x)


def by_getattr(x):
    return getattr(nn, "LSTMCell")(2, 3)(x)  # noqa: B009


def by_switching_off(x):
    with torch._C.DisableTorchFunction():
        return x


def by_switching_off_the_modes(x):
    with _python_dispatch._disable_current_modes():
        return x


def by_jit(x):
    return torch.jit.script(helper)(x)


@pytest.mark.parametrize(
    "answer",
    [by_name, by_alias, by_instance, by_subclass, by_helper, by_import, by_getattr, by_jit],
)
def test_reading_the_source_sees(answer) -> None:
    sighting = read_source(answer, GUARD)
    assert sighting is not None
    assert sighting.name in (*GUARD.names, *COMPILERS)


@pytest.mark.parametrize("answer", [by_switching_off, by_switching_off_the_modes])
def test_switching_the_tracing_off_is_seen(answer) -> None:
    sighting = read_source(answer, GUARD)
    assert sighting is not None
    assert sighting.name in SWITCHES
    assert GUARD.sentence(sighting.name) != GUARD.says


def test_decorators_and_partials_are_looked_through() -> None:
    assert read_source(functools.partial(by_name, torch.zeros(1, 2)), GUARD)
    assert read_source(functools.lru_cache(by_name), GUARD)


def mentions_only(x):
    """Not nn.LSTMCell at all."""
    note = "nn.LSTMCell"  # nn.LSTMCell(2, 3)
    return x.sigmoid() if note else x


def test_words_in_strings_and_comments_are_not_calls() -> None:
    assert read_source(mentions_only, GUARD) is None


def test_a_line_is_named() -> None:
    sighting = read_source(by_import, GUARD)
    assert sighting is not None
    assert sighting.function == "by_import"
    assert sighting.line == by_import.__code__.co_firstlineno + 1


X, STATE = torch.zeros(1, 2), (torch.zeros(1, 3), torch.zeros(1, 3))
WEIGHTS = torch.zeros(12, 2), torch.zeros(12, 3)


def in_a_thread(function, *given):
    thread = threading.Thread(target=function, args=given)
    thread.start()
    thread.join()


def in_a_pool(function, *given):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(function, *given).result()


def test_threads_are_as_before_when_tracing_is_over() -> None:
    before = threading.Thread.start
    with Tracer(GUARD) as tracer:
        pass
    assert threading.Thread.start is before
    in_a_thread(torch.lstm_cell, X, STATE, *WEIGHTS)
    assert tracer.seen == []


@pytest.mark.parametrize(
    "call",
    [
        lambda: made_elsewhere(X),
        lambda: torch.lstm_cell(X, STATE, *WEIGHTS),
        lambda: torch._VF.lstm_cell(X, STATE, *WEIGHTS, None, None),
        lambda: torch.ops.aten.lstm_cell(X, STATE, *WEIGHTS),
        lambda: torch.ops.aten.lstm_cell.default(X, STATE, *WEIGHTS),
        lambda: getattr(torch, "lstm" + "_cell")(X, STATE, *WEIGHTS),
        lambda: eval("torch.lst" + "m_cell")(X, STATE, *WEIGHTS),
        lambda: importlib.import_module("torch").lstm_cell(X, STATE, *WEIGHTS),
        lambda: in_a_thread(torch.lstm_cell, X, STATE, *WEIGHTS),
        lambda: in_a_pool(torch.lstm_cell, X, STATE, *WEIGHTS),
    ],
)
def test_tracing_sees_what_reading_cannot(call) -> None:
    with Tracer(GUARD) as tracer:
        call()
    assert tracer.seen == ["lstm_cell"]


def test_what_is_gone_is_not_watched_for_it_tells() -> None:
    square, absent = torch.ones(2, 2), Absent(frozenset({"mm"}), frozenset({"backward"}))
    guard = Guard(operators=frozenset({"mm", "backward"}))
    with Tracer(replace(guard, operators=frozenset({"mm"})), absent, follow=False) as tracer:
        torch.mm(square, square)  # in this process it is there: nobody looks
        assert tracer.seen == []
        absent.called["mm"] += 1
    assert tracer.seen == ["mm"]
    with Tracer(guard, absent, follow=False) as tracer:  # a function of Python's is left
        square @ square  # its kernel is `mm`: kernels aren't watched
        square.clone().requires_grad_().sum().backward()
    assert tracer.seen == ["backward"]
    with Tracer(replace(guard, operators=frozenset({"mm", "addmm"})), absent, False) as tracer:
        square @ square
    assert tracer.seen == ["mm"], "kernels are watched where one is left"


def test_what_is_gone_for_other_exercises_is_not_forbidden_in_this_one() -> None:
    absent = Absent(frozenset({"mm"}))
    with Tracer(Guard(operators=frozenset({"lstm"})), absent) as tracer:
        absent.called["mm"] += 1
    assert tracer.seen == []


def test_what_was_called_before_is_not_this_calls() -> None:
    absent = Absent(frozenset({"mm"}), called=Counter(mm=2))
    with Tracer(Guard(operators=frozenset({"mm"})), absent) as tracer:
        pass
    assert tracer.seen == []


def cell(source: str, name: str):
    """The function `f` of a cell, whose source is kept as IPython keeps it."""
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    space = {"nn": nn, "__name__": "a_cell"}
    exec(compile(source, name, "exec"), space)
    return space["f"]


def test_a_cell_that_was_written_anew_is_read_anew() -> None:
    first = "def f(x):\n    return x\n"
    second = "def f(x):\n    return nn.LSTMCell(2, 3)(x)\n"
    assert read_source(cell(first, "<cell 1>"), GUARD) is None
    sighting = read_source(cell(second, "<cell 2>"), GUARD)
    assert sighting is not None
    assert sighting.line == 2
    assert read_source(cell(first, "<cell 3>"), GUARD) is None


def test_tracing_is_over_when_left() -> None:
    with Tracer(GUARD) as tracer:
        pass
    made_elsewhere(X)
    assert tracer.seen == []


def test_a_forbidden_call_scores_nothing_and_is_named_to_the_student() -> None:
    result = run(lambda x, k: (torch.einsum("nh->nh", x) * k, (k * x).sum(0)))
    assert result.diagnoses == ("forbidden_call",)
    assert result.score == 0
    assert "torch.einsum" in str(result)


def test_an_alias_of_a_forbidden_call_is_no_way_round() -> None:
    assert run(lambda x, k: (quietly_renamed("nh->nh", x) * k, (k * x).sum(0))).score == 0


def by_grad(x, k):
    x = x.clone().requires_grad_()
    return k * x, torch.autograd.grad((k * x).sum(), x)[0]


def by_backward(x, k):
    start = x.clone()
    start.requires_grad = True
    (k * start).sum().backward()
    return k * x, start.grad


@pytest.mark.parametrize("answer", [by_grad, by_backward])
def test_autograd_is_seen_where_it_is_forbidden(answer) -> None:
    assert run(answer).diagnoses == ("forbidden_call",)


def test_an_empty_guard_forbids_nothing() -> None:
    assert run(lambda x, k: (torch.einsum("nh->nh", x) * k, (k * x).sum(0)), guard=Guard()).passed
    assert run(right).passed


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is")
def test_kernels_called_by_compiled_code_are_traced() -> None:
    @torch.jit.script
    def product(a, b):
        return torch.mm(a, b)

    with Tracer(Guard(operators=frozenset({"mm"}))) as tracer:
        product(torch.ones(2, 2), torch.ones(2, 2))
    assert tracer.seen == ["mm"]


def conv2d(x):
    return x


def test_an_answer_of_ones_own_may_be_forbidden_to_do_the_work() -> None:
    guard = Guard(own=("conv2d",))

    def through_a_helper(x):
        return conv2d(x)

    def a_local_of_that_name(x):
        conv2d = abs
        return conv2d(x)

    found = read_source(through_a_helper, guard)
    assert found is not None
    assert "`conv2d`" in guard.sentence(found.name)
    assert read_source(a_local_of_that_name, guard) is None
    assert Calling.from_dict(Calling(("x",), guard).to_dict()).guard == guard
