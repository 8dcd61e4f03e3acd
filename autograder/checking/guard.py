"""Which calls an exercise forbids, and how they are seen.

Two looks, because each misses what the other sees: the source is read (names are resolved to the
objects they stand for, so an alias or an instance made elsewhere is recognised), and torch's calls
are traced while the solution runs (so `getattr`, `eval` and `torch.ops` are recognised too).
"""

from __future__ import annotations

import ast
import contextlib
import dis
import functools
import importlib
import inspect
import sys
import threading
import types
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from unittest import mock

from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from autograder.checking.trees import MOST_READ, tree_of

#: Compiled code shows neither source nor calls, so no guarded answer may hold any.
COMPILERS = ("torch.jit", "torch._dynamo", "torch._C._jit")
#: PyTorch's switches for what the tracer stands on; by these names no answer needs them.
SWITCHES = (
    "torch._C.DisableTorchFunction",
    "torch._C._DisableTorchDispatch",
    "torch.utils._python_dispatch._disable_current_modes",
)
SWITCHED_OFF = "What hides an answer's calls from its check may not be used here."
GRADER = "autograder"
#: So many operators are named where all are forbidden.
MOST_SEEN = 3
GRADERS_OWN = "The grader itself may not be used in an answer."
OWN = "Your own `{}` may not do the work here: write it the way the text describes."
COMPILED = (
    "Compiled code (torch.jit, torch.compile) hides what it calls, so it may not be used here."
)


@dataclass(frozen=True)
class Guard:
    """The forbidden things of an exercise.

    `names` are dotted names of classes and functions (`torch.nn.LSTM`, `torch.lstm`); `modules` of
    modules of which nothing may be used (`torch.autograd`); `operators` are names of torch
    operators as the tracer sees them (`lstm`, `lstm_cell`); `own` are names of the student's own
    functions, of earlier exercises; `says` is the sentence a student reads.
    """

    names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    operators: frozenset[str] = frozenset()
    says: str = ""
    own: tuple[str, ...] = ()

    @functools.cached_property
    def objects(self) -> tuple[tuple[str, object], ...]:
        """The forbidden names that this PyTorch has, each with the object it stands for."""
        found = ((name, _known(name)) for name in (*self.names, "torch.compile", *SWITCHES))
        return tuple((name, thing) for name, thing in found if thing is not None)

    @functools.cached_property
    def _names(self) -> dict[int, str]:
        """The first name of each forbidden object, by its id."""
        return {id(thing): name for name, thing in reversed(self.objects)}

    @functools.cached_property
    def _types(self) -> tuple[type, ...]:
        return tuple(thing for _, thing in self.objects if isinstance(thing, type))

    def recognise(self, thing: object) -> str | None:
        """The forbidden name that `thing` is, is an instance of, or lives in; or None."""
        if isinstance(thing, types.ModuleType):
            return next((m for m in self._closed if _below(thing.__name__, m)), None)
        if id(thing) in self._names:
            return self._names[id(thing)]
        tests: list[Any] = [isinstance, issubclass] if inspect.isclass(thing) else [isinstance]
        for is_one in tests:
            if is_one(thing, self._types):
                return next(self._names[id(one)] for one in self._types if is_one(thing, one))
        homes = (getattr(thing, "__module__", None), type(thing).__module__)
        return next((m for m in self._closed for home in homes if _below(home, m)), None)

    @property
    def forbids(self) -> bool:
        """Whether anything is forbidden at all."""
        return bool(self.names or self.modules or self.operators or self.own)

    def sentence(self, name: str) -> str:
        """What to tell a student who used the forbidden `name`."""
        if name == GRADER:
            return GRADERS_OWN
        if name in self.own:
            return OWN.format(name)
        if name in SWITCHES:
            return SWITCHED_OFF
        return COMPILED if name in COMPILERS or name == "torch.compile" else self.says

    @property
    def _closed(self) -> tuple[str, ...]:
        return (*self.modules, *COMPILERS, GRADER)


@dataclass
class Absent:
    """Operators that are gone from this process, and how often each was called all the same.

    `functions` are forbidden, too, but they are Python's: no kernel has these names.
    """

    operators: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    called: Counter[str] = field(default_factory=Counter)


class Tracer:
    """Records the forbidden torch operators called while it is entered, by any road.

    Where all that is forbidden is `absent` nothing is watched, which takes time: what is gone tells
    when it is called. `last` is the last public function called, or the last kernel where kernels
    are watched; `follow` has it known in any case.
    """

    def __init__(self, guard: Guard, absent: Absent | None = None, follow: bool = True) -> None:
        self.seen: list[str] = []
        self.last = ""
        self._guard, self._absent = guard, absent or Absent()
        self._any = "torch" in guard.modules  # then no operator of PyTorch's is right
        left = guard.operators - self._absent.operators
        self._kernels = self._any or bool(left - self._absent.functions)
        self._functions = self._any or bool(left) or follow
        self._told = Counter(self._absent.called)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Tracer:
        if self._functions:
            start = mock.patch.object(threading.Thread, "start", self._starter())
            self._open.enter_context(start)
            self._open.enter_context(self._modes())
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.close()
        for name in self._absent.called - self._told:
            self._see(name)

    @contextlib.contextmanager
    def _modes(self) -> Iterator[None]:
        kernels = _DispatchTrace(self._note) if self._kernels else contextlib.nullcontext()
        with _FunctionTrace(self._note), kernels:
            yield

    def _starter(self) -> Callable[[threading.Thread], None]:
        """`Thread.start` with the tracing in the new thread: PyTorch's modes are a thread's own."""
        start = threading.Thread.start

        def traced(thread: threading.Thread) -> None:
            run = thread.run

            def run_traced() -> None:
                with self._modes():
                    run()

            thread.run = run_traced  # type: ignore[method-assign]
            start(thread)

        return traced

    def _note(self, function: Any) -> None:
        name = getattr(function, "__name__", function)
        if type(name) is not str or "." in name:
            name = str(name).partition(".")[0]
        self.last = name
        self._see(name)

    def _see(self, name: str) -> None:
        wanted = self._any or name in self._guard.operators
        if wanted and name not in self.seen and len(self.seen) < MOST_SEEN:
            self.seen.append(name)


class _FunctionTrace(TorchFunctionMode):
    """Sees every public torch call, composite ones such as `torch.lstm_cell` included."""

    def __init__(self, note: Callable[[Any], None]) -> None:
        super().__init__()
        self._note = note

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._note(func)
        return func(*args, **(kwargs or {}))


class _DispatchTrace(TorchDispatchMode):
    """Sees every kernel, so also what compiled or scripted code calls."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Otherwise the first call imports torch's compiler: nearly two seconds of the student's.
        return False

    def __init__(self, note: Callable[[Any], None]) -> None:
        super().__init__()
        self._note = note

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._note(func)
        return func(*args, **(kwargs or {}))


@dataclass(frozen=True)
class Sighting:
    """A forbidden name in a student's source: what, in which function and line of its cell."""

    name: str
    function: str
    line: int


def read_source(function: Any, guard: Guard) -> Sighting | None:
    """The first forbidden name in `function` or in the student's own functions it uses."""
    if not guard.forbids:
        return None
    whole = guard.recognise(_plain(function))
    if whole is not None:
        return Sighting(whole, str(getattr(function, "__name__", "your answer")), 1)
    for piece in _reachable(function):
        sighting = _Reader(piece, guard).look()
        if sighting is not None:
            return sighting
    return None


def _imported(dotted: str) -> object | None:
    """The object a dotted name stands for, or None where this PyTorch has no such thing."""
    module_name, _, attribute = dotted.rpartition(".")
    parent = sys.modules.get(module_name)
    if isinstance(parent, types.ModuleType) and attribute in vars(parent):
        return cast(object, vars(parent)[attribute])  # to look for a module takes far longer
    try:
        return importlib.import_module(dotted)
    except ImportError:
        pass
    try:
        return getattr(importlib.import_module(module_name), attribute, None)
    except ImportError:
        owner = _imported(module_name) if module_name else None
        return getattr(owner, attribute, None)


@functools.cache
def _known(dotted: str) -> object | None:
    """The same for a name of a guard's: many exercises forbid it, and PyTorch stays what it is."""
    return _imported(dotted)


def _below(home: object, module: str) -> bool:
    """Whether `home`, a module's name, is `module` or lies below it."""
    return isinstance(home, str) and f"{home}.".startswith(f"{module}.")


def _plain(function: Any) -> Any:
    """The function under decorators, `functools.partial` and bound methods."""
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif inspect.ismethod(function):
            function = function.__func__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            return function


@functools.lru_cache(maxsize=MOST_READ)  # a helper is read for each exercise that it serves
def _globals_used(code: types.CodeType) -> frozenset[str]:
    """The names that code looks up outside itself, those of its inner functions included."""
    names = {
        step.argval
        for step in dis.get_instructions(code)
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF")
    }
    inner = (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return frozenset(names).union(*map(_globals_used, inner))


def _surroundings(function: types.FunctionType) -> dict[str, object]:
    """What a function's outside names stand for: its globals and its closure."""
    try:
        enclosed = dict(inspect.getclosurevars(function).nonlocals)
    except (TypeError, ValueError):  # a cell that is still empty
        enclosed = {}
    places = (enclosed, function.__globals__)
    used = _globals_used(function.__code__)
    return {name: place[name] for place in reversed(places) for name in used if name in place}


def _reachable(function: Any) -> Iterator[types.FunctionType]:
    """`function`, then the functions of the same module that it names, each once.

    For an object that can be called, and for a class, all its methods.
    """
    home = getattr(_plain(function), "__module__", None)
    waiting, seen = [_plain(function)], set()
    while waiting:
        piece = waiting.pop(0)
        if id(piece) in seen or getattr(piece, "__module__", None) != home:
            continue
        seen.add(id(piece))
        if not isinstance(piece, types.FunctionType):
            owner = piece if inspect.isclass(piece) else type(piece)
            waiting += [_plain(method) for method in vars(owner).values() if callable(method)]
            continue
        yield piece
        waiting += [_plain(thing) for thing in _surroundings(piece).values() if callable(thing)]


class _Reader(ast.NodeVisitor):
    """Reads one function; resolves its dotted names to objects through its globals."""

    def __init__(self, function: types.FunctionType, guard: Guard) -> None:
        self._function = function
        self._guard = guard
        # Only what the function looks up outside itself: a local may have the same name.
        self._names = _surroundings(function)
        self._found: Sighting | None = None

    def look(self) -> Sighting | None:
        try:
            tree = tree_of(self._function)
        except (OSError, SyntaxError, TypeError):
            return self._look_at_names()
        self.visit(tree)
        return self._found

    def _look_at_names(self) -> Sighting | None:
        """Where the source cannot be read, as a lambda's in the middle of a line: its names."""
        for thing in self._names.values():
            self._check(thing, self._function.__code__.co_firstlineno)
        return self._found

    def _check(self, thing: object, line: int) -> None:
        name = None if thing is None else self._guard.recognise(thing)
        if name is not None and self._found is None:
            self._found = Sighting(name, self._function.__name__, line)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for part in [*node.body, *node.args.defaults]:  # an annotation calls nothing
            self.visit(part)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            bound = alias.name if alias.asname else alias.name.split(".")[0]
            self._names[alias.asname or bound] = _imported(bound)
            self._check(_imported(alias.name), node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            thing = _imported(f"{node.module}.{alias.name}")
            self._names[alias.asname or alias.name] = thing
            self._check(thing, node.lineno)

    def visit_Name(self, node: ast.Name) -> None:
        thing = self._names.get(node.id)
        self._check(thing, node.lineno)
        names = {node.id}
        if type(thing) is types.FunctionType:  # others may answer with student code
            names.add(thing.__name__)  # under another name it is the same
        for name in names.intersection(self._guard.own):
            if callable(thing) and self._found is None:
                self._found = Sighting(name, self._function.__name__, node.lineno)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._check(self._resolve(node), node.lineno)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
            owner, wanted = node.args[0], node.args[1]
            if isinstance(wanted, ast.Constant) and isinstance(wanted.value, str):
                self._check(getattr(self._resolve(owner), wanted.value, None), node.lineno)
        self.generic_visit(node)

    def _resolve(self, node: ast.expr) -> object | None:
        """The object that a chain such as `nn.LSTM` stands for; only modules are looked into."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._resolve(node.value)
            if isinstance(owner, types.ModuleType):
                return getattr(owner, node.attr, None)
        return None
