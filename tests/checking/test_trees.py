"""A function's tree is the one that its own piece of the source has."""

from __future__ import annotations

import ast
import functools
import linecache
import types
import warnings

import pytest

from autograder.checking import trees
from autograder.checking.trees import tree_of


def twice(function):
    @functools.wraps(function)
    def called(*given):
        return function(*given), function(*given)

    return called


@twice
@functools.lru_cache
def decorated(x):
    return x + 1


def plain(x, y=2):
    """With a docstring."""

    def inner(z):
        return z * x

    return inner(y)


class Held:
    @property
    def value(self):
        return 3

    def method(self):
        return self.value


async def later(x):
    return x


one, other = (lambda x: x + 1), (lambda x: x - 1)


@pytest.mark.parametrize(
    "function",
    [
        decorated.__wrapped__.__wrapped__,
        plain,
        Held.method,
        Held.value.fget,
        later,
        twice(plain).__closure__[0].cell_contents,
    ],
)
def test_it_is_found_in_its_file(function) -> None:
    found, alone = trees._in_its_file(function.__code__), trees._alone(function)
    assert found is not None
    assert ast.dump(found) == ast.dump(alone)
    node, same = found.body[0], alone.body[0]
    assert (node.lineno, node.body[-1].lineno) == (same.lineno, same.body[-1].lineno)
    assert ast.dump(tree_of(function)) == ast.dump(alone)


def test_what_has_no_name_is_looked_for_alone() -> None:
    assert trees._in_its_file(one.__code__) is None
    assert any(isinstance(node, ast.Lambda) for node in ast.walk(tree_of(one)))


def test_a_line_that_lies_is_not_believed() -> None:
    """A code object may be made to say that it begins where another function does."""
    lies = plain.__code__.replace(co_firstlineno=later.__code__.co_firstlineno)
    with pytest.raises(OSError, match="plain is not where"):
        tree_of(types.FunctionType(lies, globals()))


def test_a_relative_name_is_no_module_of_pythons_own() -> None:
    space: dict = {}
    line = ast.dump.__code__.co_firstlineno
    exec(compile("\n" * (line - 1) + "def dump(x):\n    return x\n", "ast.py", "exec"), space)
    with pytest.raises(OSError, match="source"):
        tree_of(space["dump"])


def test_what_stands_beside_a_function_is_warned_of_only_when_it_runs(recwarn) -> None:
    name, source = "/tmp/beside.py", "s = '\\d'\ndef f(x):\n    return x\n"
    space: dict = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, name, "exec"), space)
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    assert trees._in_its_file(space["f"].__code__) is not None
    assert not recwarn.list


def test_a_source_that_is_gone_raises() -> None:
    space: dict = {}
    exec(compile("def gone(x):\n    return x\n", "/nowhere/gone.py", "exec"), space)
    with pytest.raises(OSError, match="source"):
        tree_of(space["gone"])
