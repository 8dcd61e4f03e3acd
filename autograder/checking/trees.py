"""The syntax tree of a student's function, with the lines of its file."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import os
import textwrap
import types
import warnings

#: Functions of students, and sources as a whole, that are kept as read.
MOST_READ, MOST_SOURCES = 512, 64
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_TREES: dict[tuple[types.CodeType, str], ast.Module] = {}


def tree_of(function: types.FunctionType) -> ast.Module:
    """A function's source, parsed once, lines as in its file.

    Raises OSError, SyntaxError, TypeError.
    """
    key = (function.__code__, function.__code__.co_filename)  # equal code may lie in two files
    if key not in _TREES:
        if len(_TREES) >= MOST_READ:
            _TREES.clear()
        _TREES[key] = _in_its_file(function.__code__) or _alone(function)
    return _TREES[key]


def _in_its_file(code: types.CodeType) -> ast.Module | None:
    """The function with its name that begins in its line, if there is one such."""
    name = code.co_filename
    linecache.checkcache(name)
    if name not in linecache.cache and not os.path.isabs(name):
        return None  # it would be looked for where Python's own modules lie
    try:
        starts = _functions("".join(linecache.getlines(name)))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    here = [node for node in starts.get(code.co_firstlineno, ()) if node.name == code.co_name]
    return ast.Module(list(here), []) if len(here) == 1 else None


@functools.lru_cache(maxsize=MOST_SOURCES)
def _functions(text: str) -> dict[int, list[_Function]]:
    """All functions of a source, by the line in which each begins, with its decorators."""
    found: dict[int, list[_Function]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it was warned of when the cell ran
        tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min(part.lineno for part in (node, *node.decorator_list))
            found.setdefault(first, []).append(node)
    return found


def _alone(function: types.FunctionType) -> ast.Module:
    """Its piece of the source, which Python looks for token by token: a millisecond or more.

    Raises OSError where no function of its name is there.
    """
    code = function.__code__
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    names = [getattr(node, "name", "<lambda>") for node in ast.walk(tree)]
    if code.co_name not in names:
        raise OSError(f"{code.co_name} is not where its code says it begins")
    return ast.increment_lineno(tree, code.co_firstlineno - 1)
