"""The call handle: the only way a check reaches a solution.

A check says `handle.call(inputs)` and gets a `Reply` of plain data. Here the handle calls the
student's function in this process; a judge may put another handle in its place that crosses to a
sandbox, and the check will not know.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import linecache
import random
import sys
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch

from autograder.checking.calling import Calling, Library
from autograder.checking.drivers import DRIVERS
from autograder.checking.guard import Absent, Tracer, read_source
from autograder.checking.recipes import Seeded
from autograder.checking.settle import settle
from autograder.checking.values import (
    Inputs,
    Value,
    clone,
    give,
    same_bits,
    take,
    tensors,
)

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
        """Whether this is the error that a stub raises, and not one of PyTorch's own."""
        return self.kind == "NotImplementedError" and self.code.startswith("raise ")


@dataclass(frozen=True)
class Reply:
    """What came of one call: a value or an exception, and what else was seen.

    `changed` names the inputs that are not what they were; a generator stands there, too, where
    numbers were drawn from the global one in its place. `last_call` is the last torch function
    called, which is the one that failed if any did; `seconds` how long it took, where one knows.
    """

    value: Value = None
    raised: Raised | None = None
    changed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    printed: str = ""
    last_call: str = ""
    seconds: float = 0.0


class Handle(Protocol):
    """Anything that can be called for a solution."""

    def problem(self) -> tuple[str, str] | None:
        """A diagnosis (name, sentence) that needs no call, such as a wrong signature; or None."""

    def call(self, inputs: Inputs, elsewhere: bool = False) -> Reply:
        """Calls the solution with `inputs` in their order; never raises for what it does.

        `elsewhere`: tensors that it makes without saying where are `meta`, which the inputs aren't.
        """


class LocalHandle:
    """Calls a function in this process, for the check in a student's own notebook.

    `absent`: the operators that are gone from this process, if any are.
    """

    def __init__(
        self, function: Callable[..., Value], calling: Calling, absent: Absent | None = None
    ):
        self._function = function
        self._absent = absent
        self._calling = calling
        self._drive = DRIVERS[calling.driver]

    def problem(self) -> tuple[str, str] | None:
        """`forbidden_call` seen in the source, or `wrong_signature`; None where all is well."""
        guard = self._calling.guard
        sighting = read_source(self._function, guard)
        if sighting is not None:
            where = f"line {sighting.line} of `{sighting.function}`"
            says = guard.sentence(sighting.name)
            return "forbidden_call", f"{says} Found `{sighting.name}` in {where}."
        try:
            yours = inspect.signature(self._function)
        except Exception:  # a builtin, or a signature made up: calling it will tell
            return None
        try:
            yours.bind(*self._calling.arguments)
        except TypeError:
            wanted = ", ".join(self._calling.arguments)
            return "wrong_signature", f"It is called as ({wanted}); yours takes {yours}."
        return None

    def call(self, inputs: Inputs, elsewhere: bool = False) -> Reply:
        """Calls the function on a copy of `inputs`; output is captured, not shown."""
        library = self._calling.library
        given = give(inputs, library)
        returned, raised = None, None
        generators = [name for name, value in inputs.items() if isinstance(value, Seeded)]
        dice, start = _dice() if generators else None, _clocks()
        place = torch.device("meta") if elsewhere else contextlib.nullcontext()
        follow = elsewhere or any(t.is_meta for t in tensors(tuple(inputs.values())))
        tracer = Tracer(self._calling.guard, self._absent, follow)
        with quiet() as sink, tracer, place:
            try:
                returned = self._drive(self._function, given)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                raised = describe_error(error, self._function)
        seconds = min(now - then for now, then in zip(_clocks(), start, strict=True))
        value, after = settle(returned), take(settle(given), library)
        changed = [n for n in inputs if n not in after or not same_bits(inputs[n], after[n])]
        if generators and _dice() != dice:
            changed += [name for name in generators if name not in changed]
        return Reply(
            value=value,
            raised=raised,
            changed=tuple(changed),
            forbidden=tuple(tracer.seen),
            printed=_printable(sink.text),
            last_call=tracer.last,
            seconds=seconds,
        )


#: Taken here, before anything of a solution's could take their place.
_NUMPYS, _PYTHONS = np.random.get_state, random.getstate


def _dice() -> tuple[Any, ...]:
    """Where the global generators stand, NumPy's and Python's: drawing from one moves it."""
    try:
        state: Any = _NUMPYS(legacy=True)
        name, keys, *rest = state  # as text these 624 keys would take a millisecond or two
        return (str(name), np.asarray(keys).tobytes(), *map(str, rest), _PYTHONS())
    except Exception:  # another kind of generator was put there
        return ()


class AnswerHandle:
    """Gives an oracle's or a misconception's answers, as if they were a solution's."""

    def __init__(self, answer: Callable[..., Value], library: Library = "torch"):
        self._answer = answer
        self._library = library

    def problem(self) -> tuple[str, str] | None:
        """None: what it calls is its own business."""
        return None

    def call(self, inputs: Inputs, elsewhere: bool = False) -> Reply:
        """The answer to `inputs`, which are tensors in any library, or its error."""
        given = clone(inputs)
        try:
            value = self._answer(*given.values())
        except Exception as error:
            raised = describe_error(error, self._answer)
            return Reply(raised=raised)
        if self._library == "numpy":
            value = give(value, "numpy")
        changed = tuple(name for name in inputs if not same_bits(inputs[name], given[name]))
        return Reply(value=settle(value), changed=changed)


def _clocks() -> tuple[float, float]:
    """The wall's clock and this process's own: a busy machine is not the answer's fault."""
    return time.perf_counter(), time.process_time()


class Sink(io.TextIOBase):
    """Keeps the beginning of what is written to it."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Keeps what there is room for."""
        self.text += text[: PRINTED_LIMIT - len(self.text)]
        return len(text)

    @property
    def buffer(self) -> _SinkBytes:
        """The bytes below."""
        return _SinkBytes(self)


class _SinkBytes(io.RawIOBase):
    """The bytes below a `Sink`, for those who write there."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: Any) -> int:
        return self._sink.write(bytes(data[:PRINTED_LIMIT]).decode("utf-8", "replace"))


def _printable(text: str) -> str:
    """`text` without lone surrogates, which no notebook can hold."""
    return text.encode("utf-8", "replace").decode()


@contextlib.contextmanager
def quiet() -> Iterator[Sink]:
    """Keeps what a solution prints and warns of in a `Sink`; its displays and figures go."""
    sink = Sink()
    pyplot = sys.modules.get("matplotlib.pyplot")
    figures = set(pyplot.get_fignums()) if pyplot else set()
    with (
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
        _no_display(),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")
        warnings.showwarning = lambda message, category, *_, **__: print(
            f"{category.__name__}: {message}", file=sink
        )
        yield sink
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        for number in set(pyplot.get_fignums()) - figures:
            pyplot.close(number)


@contextlib.contextmanager
def _no_display() -> Iterator[None]:
    """Keeps `display` and shown figures out of the notebook while entered.

    As IPython's `capture_output` does, which makes a publisher each time: half a millisecond.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        yield
        return
    from IPython.core.displayhook import CapturingDisplayHook

    publisher = _no_publisher()
    before = shell.display_pub, sys.displayhook
    shell.display_pub = publisher
    sys.displayhook = CapturingDisplayHook(shell=shell, outputs=publisher.outputs)
    try:
        yield
    finally:
        shell.display_pub, sys.displayhook = before
        publisher.outputs.clear()


@functools.cache
def _no_publisher() -> Any:
    """What publishes nothing: it keeps what it is given until it is cleared."""
    from IPython.core.displaypub import CapturingDisplayPublisher

    return CapturingDisplayPublisher()


def describe_error(error: BaseException, function: Any) -> Raised:
    """The exception as plain data, with the deepest line that lies in the student's own file."""
    codes = _codes_of(function)
    files = {code.co_filename for code in codes}
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename in files or (codes and "ipykernel" in frame.filename)
    ]
    kind = type(error).__name__
    try:
        message = _printable(str(error))
    except Exception:
        message = "(its message cannot be read)"
    if not own:
        return Raised(kind, message)
    line = own[-1].lineno or 0
    text = own[-1].line or linecache.getline(own[-1].filename, line)
    name = own[-1].name
    inside = name in {code.co_name for code in codes}
    return Raised(kind, message, line, _printable(text.strip())[:200], name, inside)


def _codes_of(function: Any) -> list[types.CodeType]:
    """The code of a function, or of a class's own methods."""
    try:
        plain = inspect.unwrap(function)
        pieces = [plain, *vars(plain).values()] if inspect.isclass(plain) else [plain]
    except Exception:  # an object made to confuse
        return []
    codes = [getattr(piece, "__code__", None) for piece in pieces]
    return [code for code in codes if isinstance(code, types.CodeType)]
