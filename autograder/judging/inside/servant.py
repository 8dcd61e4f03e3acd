"""Serves the judge from inside a sandbox: runs cells, calls what they defined.

This code shares a process with a student's, so the judge believes none of what it says; it only has
to be right for those who are honest.
"""

from __future__ import annotations

import builtins
import contextlib
import copy
import fcntl
import functools
import getpass
import json
import operator
import os
import random
import socket
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autograder.checking import recipes
from autograder.checking.calling import Calling
from autograder.checking.devices import warm_up_meta
from autograder.checking.guard import Absent
from autograder.checking.handle import LocalHandle, Raised, describe_error, quiet
from autograder.checking.settle import Opaque
from autograder.judging.inside import walls
from autograder.judging.inside.absent_check import install as install_absent_check
from autograder.judging.inside.quick_meta import quicken
from autograder.judging.inside.shell import CellShell, Output, Stream, make_shell, refuse_input
from autograder.judging.inside.switched_off import switch_off, warm_up_switches
from autograder.judging.inside.watch import Watch
from autograder.judging.limits import Limits
from autograder.judging.values_wire import CannotCrossError, Decoder, Encoder
from autograder.judging.wire import Frame, FrameTooLargeError, Wire, WireClosed, WireError

SEED = 0
MOST_HANDLES = 100_000
#: What a handle can be asked for by name, beside being called.
OPERATIONS: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name)
    for name in (
        "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos", "abs",
        "invert", "and_", "or_", "xor", "lshift", "rshift", "getitem", "setitem", "delitem",
        "contains", "eq", "ne", "lt", "le", "gt", "ge",
    )
} | {"getattr": getattr, "setattr": setattr, "len": len, "iter": iter, "next": next, "repr": repr,
     "isinstance": isinstance, "enter": lambda thing: thing.__enter__(),
     "exit": lambda thing: thing.__exit__(None, None, None), "delattr": delattr,
     "copy": copy.copy, "deepcopy": copy.deepcopy}  # fmt: skip

_shell: CellShell | None = None


def warm_up() -> None:
    """Imports and runs once what every submission needs, in the zygote, and leaves no trace."""
    global _shell
    torch.set_num_threads(1)
    install_absent_check()
    _shell = make_shell()
    sink = Output(lambda output: None, 2**20)
    _shell.output = sink
    _shell.run_cell(WARM_CELL)
    _shell.run_cell("1/0")
    _shell.reset(new_session=True)
    _shell.execution_count = 1
    warm_up_meta()
    quicken()
    warm_up_switches()
    LocalHandle(_warm, Calling(("x",))).call({"x": torch.ones(2, 2, dtype=torch.float64)})
    _warm_optimisers()


WARM_CELL = """
import numpy as np, torch, matplotlib.pyplot as plt
from IPython.display import display, HTML
plt.plot([0, 1]); plt.title('$x^2$'); plt.show()
display(HTML('<b>x</b>'))
torch.ones(3)
"""


def _warm(x: Any) -> Any:
    return torch.sigmoid(x @ x + x)


def _warm_optimisers() -> None:
    """One step of each usual optimiser: PyTorch imports some modules only then.

    Nothing is sent back through a graph: a process whose autograd has run may not be able to fork.
    Nor can one that has met a GPU, as an optimiser may: then each sandbox imports them for itself.
    """
    if torch.backends.cuda.is_built():
        return
    for make in (torch.optim.SGD, torch.optim.Adam):
        weight = torch.nn.Parameter(torch.ones(2, 2))
        weight.grad = torch.ones(2, 2)
        optimiser = make([weight], lr=0.1)
        torch.nn.utils.clip_grad_norm_([weight], 1.0)
        optimiser.step()
        optimiser.zero_grad()


def serve(end: socket.socket, limits: Limits, walled: bool) -> None:
    """Answers the judge's requests until it hangs up."""
    assert _shell is not None
    captured = _settle_in(end, walled)
    Servant(_shell, Wire(end), limits, captured).serve()


def _settle_in(end: socket.socket, walled: bool) -> int:
    """Descriptors, folder, environment and seeds of a new sandbox; the file of raw output."""
    folder = walls.WORK if walled else os.getcwd()
    os.chdir(folder)
    if walled:
        os.environ["HOME"], os.environ["TMPDIR"] = walls.HOME, walls.PRIVATE
    nothing = os.open("/dev/null", os.O_RDONLY)
    captured = _output_memory() if not walled else _output_file()
    keep = end.fileno()
    os.dup2(nothing, 0)
    os.dup2(captured, 1)
    os.dup2(captured, 2)
    held = sorted({keep, captured})
    first = 3
    for number in held:
        os.closerange(first, number)
        first = number + 1
    os.closerange(first, 4096)
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    return captured


def _output_memory() -> int:
    captured = os.memfd_create("output", 0)
    fcntl.fcntl(captured, fcntl.F_SETFL, os.O_APPEND)
    return captured


def _output_file() -> int:
    path = f"{walls.PRIVATE}/.output"
    captured = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    os.unlink(path)
    return captured


class Servant:
    """One sandbox's side of the wire."""

    def __init__(self, shell: CellShell, wire: Wire, limits: Limits, captured: int) -> None:
        self._shell, self._wire, self._limits, self._captured = shell, wire, limits, captured
        self._handles: dict[int, Any] = {}
        self._absent = Absent()
        self._solutions: dict[str, LocalHandle] = {}
        self._first = 0
        self._pid = os.getpid()
        self._calls = 0
        self._numbers: dict[int, int] = {}
        self._output = shell.output = Output(lambda out: wire.send({"out": out}), limits.output)
        self._watch = Watch()
        sys.stdout = Stream(self._output, "stdout", 1)
        sys.stderr = Stream(self._output, "stderr", 2)
        builtins.input = refuse_input
        getpass.getpass = refuse_input

    def serve(self) -> None:
        """Until the judge hangs up."""
        self._wire.send({"ready": True})
        self._watch.start()
        with contextlib.suppress(WireClosed):
            while True:
                self._serve_one(self._wire.receive())

    def _serve_one(self, frame: Frame) -> None:
        request = frame.message
        answer, data = self._answer(request, Decoder(frame.data, self._take, device=True))
        if os.getpid() != self._pid:  # a cell forked, and its copy came back here
            os._exit(0)
        about = {"re": request["id"], "seen": self._watch.take()}
        try:
            self._wire.send(answer | about, data)
        except FrameTooLargeError:
            self._wire.send({"cannot": "more than crosses at once"} | about)

    def _answer(self, request: dict[str, Any], decoder: Decoder) -> tuple[dict[str, Any], Any]:
        encoder = Encoder(self._give)
        try:
            method = getattr(self, f"_do_{request['op']}")
            return method(request, decoder, encoder), encoder.data
        except CannotCrossError as error:
            return {"cannot": str(error)[:500]}, b""
        except WireClosed:
            raise
        except WireError:
            gone = Raised("RuntimeError", "an object that the test held is gone: its process ended")
            return {"raised": _raised_form(gone)}, b""
        except BaseException as error:  # an object that fails when it is looked at
            return {"raised": _raised_form(describe_error(error, None))}, b""

    def _do_begin(self, request: dict[str, Any], decoder: Decoder, _: Encoder) -> dict[str, Any]:
        self._first = request["first"]
        self._absent = switch_off(request["operators"])
        return {}

    def _do_files(self, request: dict[str, Any], decoder: Decoder, _: Encoder) -> dict[str, Any]:
        for name, start, form in request["files"]:
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab" if start else "wb") as file:
                file.write(decoder.decode(form))
        return {}

    def _do_cell(self, request: dict[str, Any], _: Decoder, __: Encoder) -> dict[str, Any]:
        self._captured_text()  # what calls since the last cell put out is not this one's
        self._output.start()
        result = self._shell.run_cell(request["code"], store_history=True)
        text = self._captured_text()
        if text:
            self._output.write("stdout", text)
        self._output.stop()
        return {"ok": bool(result.success), "count": self._shell.execution_count - 1}

    def _captured_text(self) -> str:
        """What was written below Python, by C code or other programs, since the last look."""
        size = os.lseek(self._captured, 0, os.SEEK_END)
        if not size:
            return ""
        text = os.pread(self._captured, min(size, self._limits.output + 1), 0)
        os.ftruncate(self._captured, 0)
        return text.decode("utf-8", "replace")

    def _do_name(self, request: dict[str, Any], _: Decoder, encoder: Encoder) -> dict[str, Any]:
        space = self._shell.user_ns
        if request["name"] not in space:
            return {"missing": True}
        value = space[request["name"]]
        if isinstance(value, types.ModuleType):
            return {"module": str(value.__name__)}
        return {"value": encoder.encode(value)}

    def _do_call(self, request: dict[str, Any], decoder: Decoder, encoder: Encoder) -> Any:
        function = self._object(request["h"])
        arguments = decoder.decode(request["args"])
        named = decoder.decode(request["kwargs"])
        return self._run(lambda: function(*arguments, **named), function, encoder)

    def _do_operate(self, request: dict[str, Any], decoder: Decoder, encoder: Encoder) -> Any:
        operation = OPERATIONS[request["do"]]
        arguments = decoder.decode(request["args"])
        return self._run(lambda: operation(*arguments), None, encoder)

    def _run(self, action: Callable[[], Any], function: Any, encoder: Encoder) -> dict[str, Any]:
        """Runs a student's code for the judge; its output goes along, cut."""
        with quiet() as printed:
            self._calls += 1
            try:
                value = action()
            except WireClosed:
                raise
            except BaseException as error:
                raised = describe_error(error, function)
                return {"raised": _raised_form(raised), "printed": printed.text}
            finally:
                self._calls -= 1
        return {"value": encoder.encode(value), "printed": printed.text}

    def _do_problem(self, request: dict[str, Any], _: Decoder, __: Encoder) -> dict[str, Any]:
        problem = self._solution(request).problem()
        return {"problem": None if problem is None else list(problem)}

    def _do_probe(self, request: dict[str, Any], decoder: Decoder, encoder: Encoder) -> Any:
        inputs = decoder.decode(request["inputs"])
        reply = self._solution(request).call(inputs, request.get("elsewhere") is True)
        return {
            "value": encoder.encode(reply.value),
            "raised": None if reply.raised is None else _raised_form(reply.raised),
            "changed": list(reply.changed),
            "forbidden": list(reply.forbidden),
            "printed": reply.printed,
            "last_call": reply.last_call,
        }

    def _solution(self, request: dict[str, Any]) -> LocalHandle:
        """The solution that a request is about; the first of them says what it is."""
        name = request["solution"]
        if "calling" in request:
            calling = _calling(request["calling"])
            self._solutions[name] = LocalHandle(self._object(request["h"]), calling, self._absent)
        if name not in self._solutions:
            raise WireError("a solution of another sandbox")
        return self._solutions[name]

    def _give(self, value: Any) -> dict[str, Any]:
        """The form of a handle, for what does not cross by value."""
        if type(value) is Opaque:
            return {"h": -1, "opaque": value.text[:200]}
        number = self._numbers.get(id(value))
        if number is None:
            if len(self._handles) >= MOST_HANDLES:
                raise CannotCrossError("more objects than a test may hold")
            number = self._numbers[id(value)] = self._first + len(self._handles)
            self._handles[number] = value
        kind = type(value)
        return {
            "h": number,
            "type": str(kind.__name__)[:200],
            "name": _name_of(value),
            "module": _kind_of_module(kind),
        }

    def _take(self, form: dict[str, Any]) -> Any:
        """What a handle that the judge sends stands for: an object here, or a function of its."""
        if "callback" in form:
            return _Callback(self, form["callback"])
        if form["h"] == "recipe":
            return recipes.from_dict(form["recipe"])
        return self._object(form["h"])

    def _object(self, number: Any) -> Any:
        if number not in self._handles:
            raise WireError("a handle of another sandbox")
        return self._handles[number]

    def call_back(self, number: int, arguments: list[Any], named: dict[str, Any]) -> Any:
        """Asks the judge for a function of its own, with values, while a call of ours waits.

        The function may call the student's code in its turn.
        """
        if not self._calls:
            raise RuntimeError("a function of the test is called, and the test is over")
        encoder = Encoder(self._give)
        request = {"callback": number, "args": encoder.encode(arguments)}
        self._wire.send(request | {"kwargs": encoder.encode(named)}, encoder.data)
        while "op" in (frame := self._wire.receive()).message:
            self._serve_one(frame)
        if "error" in frame.message:
            kind = getattr(builtins, frame.message["kind"], RuntimeError)
            plain = isinstance(kind, type) and issubclass(kind, Exception)
            raise (kind if plain else RuntimeError)(frame.message["error"])
        return Decoder(frame.data, self._take).decode(frame.message["value"])


class _Callback:
    """A function of the judge's; only values cross to it and back."""

    def __init__(self, servant: Servant, number: int) -> None:
        self._servant, self._number = servant, number

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._servant.call_back(self._number, list(arguments), named)


def _name_of(value: Any) -> str:
    try:
        return str(getattr(value, "__name__", ""))[:200]
    except Exception:
        return ""


def _kind_of_module(kind: type) -> str:
    """The name in `torch.nn` of the nearest class there that `kind` is a kind of, or nothing."""
    for base in kind.__mro__:
        if issubclass(base, torch.nn.Module) and getattr(torch.nn, base.__name__, None) is base:
            return base.__name__
    return ""


@functools.cache
def _calling(text: str) -> Calling:
    """A calling from its plain data; made once: its guard finds what its names stand for."""
    return Calling.from_dict(json.loads(text))


def _raised_form(raised: Raised) -> dict[str, Any]:
    return {
        "kind": raised.kind[:200],
        "message": raised.message[:4000],
        "line": raised.line,
        "code": raised.code[:400],
        "function": raised.function[:200],
        "own": raised.own,
    }
