"""The call handle: the only way a check reaches a solution.

A check says `handle.call(inputs)` and gets a `Reply` of plain data. Here the handle calls the
student's function in this process; a judge may put another handle in its place that crosses to a
sandbox, and the check will not know.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from autograder.checking.exercise import Inputs
from autograder.checking.guard import Guard, Tracer, read_source
from autograder.checking.values import Value, clone, map_tensors, same_bits

PRINTED_LIMIT = 2_000


@dataclass(frozen=True)
class Raised:
    """An exception that a solution raised, and the place in the student's code it came from."""

    kind: str
    message: str
    line: int | None = None
    code: str = ""
    function: str = ""
    own: bool = True

    @property
    def is_stub(self) -> bool:
        """Whether this is the stub's own error."""
        return self.kind == "NotImplementedError"


@dataclass(frozen=True)
class Reply:
    """What came of one call: a value or an exception, and what else was seen."""

    value: Value = None
    raised: Raised | None = None
    changed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    printed: str = ""


class Handle(Protocol):
    """Anything that can be called for a solution."""

    def problem(self) -> tuple[str, str] | None:
        """A diagnosis (name, sentence) that needs no call, such as a wrong signature; or None."""

    def call(self, inputs: Inputs) -> Reply:
        """Calls the solution with `inputs` in their order; never raises for what it does."""


class LocalHandle:
    """Calls a function in this process, for the check in a student's own notebook."""

    def __init__(self, function: Callable[..., Value], arguments: tuple[str, ...], guard: Guard):
        self._function = function
        self._arguments = arguments
        self._guard = guard

    def problem(self) -> tuple[str, str] | None:
        """`forbidden_call` seen in the source, or `wrong_signature`; None where all is well."""
        sighting = read_source(self._function, self._guard)
        if sighting is not None:
            where = f"line {sighting.line} of `{sighting.function}`"
            says = self._guard.sentence(sighting.name)
            return "forbidden_call", f"{says} Found `{sighting.name}` in {where}."
        try:
            inspect.signature(self._function).bind(*self._arguments)
        except TypeError:
            yours = inspect.signature(self._function)
            wanted = ", ".join(self._arguments)
            return "wrong_signature", f"It is called as ({wanted}); yours takes {yours}."
        except ValueError:
            pass  # a builtin without a signature: calling it will tell
        return None

    def call(self, inputs: Inputs) -> Reply:
        """Calls the function on a copy of `inputs`; output is captured, not shown."""
        given = {name: clone(value) for name, value in inputs.items()}
        printed = io.StringIO()
        value, raised = None, None
        with _quiet(printed), Tracer(self._guard) as tracer:
            try:
                value = self._function(*given.values())
            except (Exception, SystemExit) as error:
                raised = _describe_error(error, self._function)
        changed = tuple(name for name in inputs if not same_bits(inputs[name], given[name]))
        return Reply(
            value=map_tensors(value, _settled),
            raised=raised,
            changed=changed,
            forbidden=tuple(tracer.seen),
            printed=printed.getvalue()[:PRINTED_LIMIT],
        )


def _settled(tensor: Tensor) -> Tensor:
    """A plain dense tensor without gradient history."""
    tensor = tensor.detach()
    return tensor if tensor.layout == torch.strided else tensor.to_dense()


@contextlib.contextmanager
def _quiet(sink: io.StringIO) -> Any:
    """Sends what a solution prints, and its warnings, to `sink` instead of the notebook."""
    with (
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")
        warnings.showwarning = lambda message, category, *_, **__: print(
            f"{category.__name__}: {message}", file=sink
        )
        yield


def _describe_error(error: BaseException, function: Any) -> Raised:
    """The exception as plain data, with the deepest line that lies in the student's own file."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if code is not None
        and (frame.filename == code.co_filename or "ipykernel" in frame.filename)
    ]
    kind, message = type(error).__name__, str(error)
    if not own:
        return Raised(kind, message)
    line = own[-1].lineno or 0
    text = own[-1].line or linecache.getline(own[-1].filename, line)
    name = own[-1].name
    inside = name == getattr(code, "co_name", name)
    return Raised(kind, message, line, text.strip(), name, inside)
