"""Runs test cells on the judge's side: the instructor's code, and handles on the student's."""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import importlib
import io
import linecache
import re
import traceback
import types
import warnings
import zlib
from collections.abc import Callable
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from autograder.checking.exercise import Exercise
from autograder.checking.result import MIME, Result
from autograder.checking.run import run_check
from autograder.exercises import EXERCISES
from autograder.judging.outputs import new_output
from autograder.judging.plan import NotebookPlan
from autograder.judging.remote import CannotTestError, Remote, Student, StudentError
from autograder.judging.remote_solution import RemoteSolution
from autograder.judging.sandbox import SandboxEnded
from autograder.judging.wire import WireError

MOST_PRINTED = 100_000
CLASS = re.compile(r"^class\s+(\w+)", re.MULTILINE)
CHECKED = re.compile(r"\bcheck\.(\w+)")
#: What a test cell may use without an import, where the instructor's notebook is not at hand.
USUAL = {
    "np": "numpy", "numpy": "numpy", "torch": "torch", "math": "math", "nn": "torch.nn",
    "F": "torch.nn.functional", "plt": "matplotlib.pyplot", "random": "random",
}  # fmt: skip


class JudgeChecks:
    """`check` in a test cell: the same checks, whose solutions are handles."""

    def __init__(self, student: Student, seed: int, device: str | None) -> None:
        self._student, self._seed, self._device = student, seed, device

    def __getattr__(self, name: str) -> Callable[..., Result]:
        exercise = EXERCISES.get(name)
        if exercise is None:
            raise AttributeError(f"There is no exercise called {name!r}.")
        return lambda solution, seed=None, device=None: self._run(exercise, solution, seed, device)

    def _run(self, exercise: Exercise, solution: Any, seed: int | None, device: Any) -> Result:
        if type(solution) is not Remote:
            raise TypeError(
                f"check.{exercise.name} is given the student's function itself; it was given a "
                f"{type(solution).__name__}."
            )
        handle = RemoteSolution(self._student.ask, solution, exercise)
        return run_check(
            exercise,
            handle,
            self._seed_of(exercise, seed),
            self._device if device is None else device,
        )

    def _seed_of(self, exercise: Exercise, named: int | None) -> int:
        """The run's secret, the exercise and the seed that the test names, mixed.

        A seed that stands in a test cell is known to whoever has read `source/` or a feedback page;
        the answers to its cases could be handed in as a table.
        """
        words = f"{self._seed}/{exercise.name}" + ("" if named is None else f"/{named}")
        return zlib.crc32(words.encode()) & 0x7FFFFFFF


class TestSpace(dict[str, Any]):
    """The names of the test cells of one notebook; what they lack is asked of the student."""

    __test__ = False

    def __init__(self, plan: NotebookPlan, student: Student, seed: int, device: str | None) -> None:
        super().__init__(__name__="__main__", __builtins__=builtins)
        self._student = student
        self._student_names = plan.student_names
        asked = (cell.source for cell in plan.cells if cell.solution and not cell.is_test)
        student.classes = frozenset(name for source in asked for name in CLASS.findall(source))
        self["check"] = JudgeChecks(student, seed, device)
        if plan.context:
            for source in plan.context:
                self._define(source, plan.student_names)
        else:
            for name, module in USUAL.items():
                if name not in plan.student_names:
                    self[name] = importlib.import_module(module)

    def __missing__(self, name: str) -> Any:
        if name.startswith("__"):
            raise KeyError(name)
        if hasattr(builtins, name) and name not in self._student_names:
            return getattr(builtins, name)
        return self._student.lookup(name)

    def _define(self, source: str, student_names: frozenset[str]) -> None:
        """The imports, functions, classes and constants of a cell of the instructor's."""
        for names, code in _definitions(source):
            if names & student_names or "check" in names:
                continue  # the student's, or the judge's own, stands there
            with contextlib.suppress(Exception):  # what cannot be had here, the test will say
                exec(code, self)


@functools.lru_cache(maxsize=1024)  # the same cells for every submission
def _definitions(source: str) -> tuple[tuple[set[str], types.CodeType], ...]:
    """What a cell of the instructor's defines, statement by statement: the names, the code."""
    try:
        tree = ast.parse(TransformerManager().transform_cell(source))
    except SyntaxError:
        return ()
    return tuple(
        (_binds(node), compile(ast.Module([node], []), "<instructor's cell>", "exec"))
        for node in tree.body
        if _is_definition(node)
    )


def _is_definition(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
        return True
    if not isinstance(node, ast.Assign):
        return False
    try:
        ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _binds(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def forbidden_operators(plan: NotebookPlan) -> tuple[str, ...]:
    """The PyTorch operators that all guarded exercises of a notebook forbid."""
    names = {name for cell in plan.tests for name in CHECKED.findall(cell.source)}
    sets = [EXERCISES[name].guard.operators for name in names if name in EXERCISES]
    guarded = [operators for operators in sets if operators]
    return tuple(sorted(frozenset.intersection(*guarded))) if guarded else ()


class TestOutcome:
    """What running a test cell left: outputs, a check's result, what went wrong with it."""

    __test__ = False

    def __init__(self) -> None:
        self.outputs: list[NotebookNode] = []
        self.result: Result | None = None
        self.for_instructor = ""
        self.ended: SandboxEnded | None = None


def run_test(source: str, name: str, space: TestSpace, count: int) -> TestOutcome:
    """Runs one test cell of the instructor's as IPython would: its last expression is shown."""
    outcome = TestOutcome()
    printed = io.StringIO()
    filename = f"<test {name}>"
    try:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = _execute(source, filename, space)
        if value is not None:
            outcome.outputs.append(_shown(value, count))
            outcome.result = value if isinstance(value, Result) else None
    except CannotTestError as error:
        outcome.for_instructor = str(error)
        outcome.outputs.append(_error(error, filename, "CannotTest"))
    except SandboxEnded as ended:
        outcome.ended = ended
        says = f"The student's code {ended.says}."
        outcome.outputs.append(new_output("error", ename=ended.kind, evalue=says, traceback=[says]))
    except WireError as error:
        says = f"The student's process answered with something that is no value: {error}."
        outcome.outputs.append(new_output("error", ename="protocol", evalue=says, traceback=[says]))
        outcome.ended = SandboxEnded("protocol", f"was stopped: {error}")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # `pytest.raises` fails with one that is no Exception
        outcome.outputs.append(_error(error, filename, type(error).__name__))
    text = printed.getvalue()[:MOST_PRINTED]
    if text:
        outcome.outputs.insert(0, new_output("stream", name="stdout", text=text))
    return outcome


def _execute(source: str, filename: str, space: TestSpace) -> Any:
    """Runs the cell; the value of its last expression, or None.

    A check whose result nothing uses is left out: it has no effect.
    """
    statements, last, shown = _compiled(source, filename)
    if statements is not None:
        exec(statements, space)
    if last is None:
        return None
    value = eval(last, space)
    return value if shown else None


@functools.lru_cache(maxsize=1024)  # the same tests for every submission
def _compiled(
    source: str, filename: str
) -> tuple[types.CodeType | None, types.CodeType | None, bool]:
    """A test's statements, its last expression, and whether that is shown. Raises SyntaxError."""
    code = TransformerManager().transform_cell(source)
    linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
    body = _without_idle_checks(ast.parse(code, filename).body)
    last = body[-1] if body and isinstance(body[-1], ast.Expr) else None
    body = body[:-1] if last is not None else body
    return (
        compile(ast.Module(body, []), filename, "exec") if body else None,
        None if last is None else compile(ast.Expression(last.value), filename, "eval"),
        not code.rstrip().endswith(";"),
    )


def _without_idle_checks(body: list[ast.stmt]) -> list[ast.stmt]:
    """`body` without `result = check.x(x)` right before another `result = check.…`."""
    kept: list[ast.stmt] = []
    for node, following in zip(body, [*body[1:], None], strict=True):
        target = _checked(node)
        if target is not None and following is not None and _checked(following) == target:
            continue
        kept.append(node)
    return kept


def _checked(node: ast.stmt | None) -> str | None:
    """`result` for `result = check.x(x, …)` with plain arguments, else None."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
        return None
    call, targets = node.value, node.targets
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    plain = all(isinstance(part, ast.Name | ast.Constant) for part in call.args) and all(
        isinstance(word.value, ast.Name | ast.Constant) for word in call.keywords
    )
    if not plain or not isinstance(owner, ast.Name) or owner.id != "check":
        return None
    used = {part.id for part in call.args if isinstance(part, ast.Name)}
    if len(targets) != 1 or not isinstance(targets[0], ast.Name) or targets[0].id in used:
        return None
    return targets[0].id


def _shown(value: Any, count: int) -> NotebookNode:
    if isinstance(value, Result):
        data = dict(value._repr_mimebundle_())
        return new_output("execute_result", data=data, execution_count=count)
    try:
        text = repr(value)[:MOST_PRINTED]
    except Exception as error:
        text = f"(no repr: {type(error).__name__})"
    return new_output("execute_result", data={"text/plain": text}, execution_count=count)


def _error(error: BaseException, filename: str, name: str) -> NotebookNode:
    """An error as a test cell shows it: the lines of the cell, never the judge's own."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == filename]
    lines = [f"{name}: {error}"]
    for frame in frames[-3:]:
        lines.insert(0, f"line {frame.lineno} of this cell:\n    {frame.line}")
    if isinstance(error, StudentError) and error.where:
        lines.append(f"in the student's code, {error.where}")
    return new_output("error", ename=name, evalue=str(error)[:4000], traceback=lines)


__all__ = ["MIME", "JudgeChecks", "TestOutcome", "TestSpace", "run_test"]
