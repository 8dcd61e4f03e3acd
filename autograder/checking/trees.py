"""The syntax tree of a student's function, with the lines of its file."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import textwrap
import types

#: Functions of students that are kept as read.
MOST_READ = 512
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
    linecache.checkcache(code.co_filename)
    try:
        starts = _functions("".join(linecache.getlines(code.co_filename)))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    here = [node for node in starts.get(code.co_firstlineno, ()) if node.name == code.co_name]
    return ast.Module(list(here), []) if len(here) == 1 else None


@functools.lru_cache(maxsize=MOST_READ)
def _functions(text: str) -> dict[int, list[_Function]]:
    """All functions of a source, by the line in which each begins, with its decorators."""
    found: dict[int, list[_Function]] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min(part.lineno for part in (node, *node.decorator_list))
            found.setdefault(first, []).append(node)
    return found


def _alone(function: types.FunctionType) -> ast.Module:
    """Its piece of the source, which Python looks for token by token: a millisecond or more."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return ast.increment_lineno(tree, function.__code__.co_firstlineno - 1)
