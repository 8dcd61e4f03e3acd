"""Handles on what a student defined, for test cells: calls cross to the sandbox, values come back.

`Remote` is what a test cell holds where the student's name stands for a function, a class or an
object: it is called, its attributes are read, it is iterated and added as the object itself would
be, in the sandbox. It is never *compared* there: a student's object does not get to say that it
equals the expected value. `RemoteSolution` is the same for a check (`checking.handle.Handle`).
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

from autograder.checking.exercise import Exercise, Inputs
from autograder.checking.handle import Raised, Reply
from autograder.checking.settle import Opaque
from autograder.checking.values import move, same_bits
from autograder.judging.sandbox import Answer, SandboxEnded
from autograder.judging.values_wire import CannotCrossError, Encoder
from autograder.judging.wire import WireError

MOST_ITERATED = 100_000
BY_VALUE = (
    "Numbers, strings, lists, tuples, dicts, sets, NumPy arrays and torch tensors cross between a "
    "test and a student's code"
)


class CannotTestError(TypeError):
    """A test asks for something that cannot cross from the sandbox: the instructor has to know."""


class StudentError(Exception):
    """What a student's code raised while a test called it; the class's name is the error's own."""


Ask = Callable[..., Answer]


class Student:
    """All names that a student's notebook has defined, reached through `ask(request, data)`.

    `ask` raises SandboxEnded where the sandbox is gone, or had to go.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._errors: dict[str, type[StudentError]] = {}
        self._callbacks: list[Callable[..., Any]] = []

    def lookup(self, name: str) -> Any:
        """What `name` stands for. Raises NameError, and CannotTestError for a module."""
        answer = self._ask({"op": "name", "name": name})
        if answer.message.get("missing") is True:
            raise NameError(f"name {name!r} is not defined")
        if "module" in answer.message:
            raise CannotTestError(
                f"`{name}` is a module in the student's notebook. A test uses its own: import it "
                "in the test cell, or in a cell of yours before it."
            )
        return self._value(answer)

    def call(self, number: int, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Calls a handle. Raises StudentError where the student's code raised."""
        encoder = Encoder(self._form)
        request = {"op": "call", "h": number, "args": self._encode(encoder, list(arguments))}
        request["kwargs"] = self._encode(encoder, named)
        return self._value(self._ask(request, bytes(encoder.data), callback=self._call_back))

    def operate(self, name: str, *arguments: Any) -> Any:
        """Does one of the operations that the sandbox offers. Raises StudentError."""
        encoder = Encoder(self._form)
        form = self._encode(encoder, list(arguments))
        request = {"op": "operate", "do": name, "args": form}
        return self._value(self._ask(request, bytes(encoder.data), callback=self._call_back))

    def solution(self, remote: Remote, exercise: Exercise) -> RemoteSolution:
        """The handle through which a check reaches a student's function."""
        return RemoteSolution(self._ask, remote, exercise)

    def _encode(self, encoder: Encoder, value: Any) -> Any:
        try:
            return encoder.encode(value)
        except CannotCrossError as error:
            raise CannotTestError(f"{error}. {BY_VALUE}; nothing else does.") from None

    def _form(self, value: Any) -> dict[str, Any]:
        """How an argument crosses that is no plain value: a handle, or a function of the test's."""
        if isinstance(value, Remote):
            return {"h": object.__getattribute__(value, "_number")}
        if isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType):
            self._callbacks.append(value)
            return {"h": 0, "callback": len(self._callbacks) - 1}
        raise CannotCrossError(f"an object of type {type(value).__name__}")

    def _call_back(self, answer: Answer) -> tuple[dict[str, Any], bytes]:
        """A student's code calls a function that the test gave it: values in, values out."""
        from autograder.judging.values_wire import Decoder

        number = answer.message["callback"]
        if type(number) is not int or not 0 <= number < len(self._callbacks):
            raise WireError("it called a function that it was never given")
        arguments = Decoder(answer.data, self._remote).decode(answer.message.get("args"))
        encoder = Encoder(self._form)
        try:
            return {"value": encoder.encode(self._callbacks[number](*arguments))}, bytes(
                encoder.data
            )
        except SandboxEnded:
            raise
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"[:400]}, b""

    def _value(self, answer: Answer) -> Any:
        from autograder.judging.values_wire import Decoder

        message = answer.message
        if "cannot" in message:
            says = str(message["cannot"])[:300]
            raise CannotTestError(f"The student's code gave back {says}. {BY_VALUE}.")
        if message.get("raised") is not None:
            raise self._error(raised_of(message["raised"]))
        return Decoder(answer.data, self._remote).decode(message.get("value"))

    def _error(self, raised: Raised) -> StudentError:
        kind = raised.kind if raised.kind.isidentifier() else "Error"
        made = self._errors.get(kind)
        if made is None:
            own = getattr(__import__("builtins"), kind, None)
            plain = isinstance(own, type) and issubclass(own, Exception)
            bases = (StudentError, own) if plain and own is not None else (StudentError,)
            try:
                made = type(kind, bases, {})
            except TypeError:
                made = type(kind, (StudentError,), {})
            self._errors[kind] = made
        where = f" (line {raised.line}: {raised.code})" if raised.code else ""
        return made(f"{raised.message}{where}")

    def _remote(self, form: dict[str, Any]) -> Remote:
        number = form.get("h")
        if type(number) is not int or number < 0:
            raise WireError("a handle that is none")
        kind, name = str(form.get("type"))[:80], str(form.get("name"))[:80]
        return Remote(self, number, kind, name)


def raised_of(form: Any) -> Raised:
    """An exception as the sandbox tells it. Raises WireError where it tells none."""
    if type(form) is not dict:
        raise WireError("an exception that is none")
    line = form.get("line")
    return Raised(
        kind=str(form.get("kind"))[:200],
        message=str(form.get("message"))[:4000],
        line=line if type(line) is int else None,
        code=str(form.get("code") or "")[:400],
        function=str(form.get("function") or "")[:200],
        own=form.get("own") is True,
    )


def _forward(name: str, swapped: bool = False) -> Callable[..., Any]:
    def method(self: Remote, *arguments: Any) -> Any:
        student = object.__getattribute__(self, "_student")
        if swapped:
            return student.operate(name, *arguments, self)
        return student.operate(name, self, *arguments)

    return method


def _refuse(what: str) -> Callable[..., Any]:
    def method(self: Remote, *_: Any) -> Any:
        kind = object.__getattribute__(self, "_type")
        raise CannotTestError(
            f"The student's object of type {kind} was {what}. Only plain values are: the student's "
            "own code could answer as it likes. Let the test take a number, an array or an "
            f"attribute out of it first. ({BY_VALUE}.)"
        )

    return method


class Remote:
    """A student's function, class or object, in the sandbox."""

    __slots__ = ("_name", "_number", "_student", "_type")

    def __init__(self, student: Student, number: int, kind: str, name: str) -> None:
        object.__setattr__(self, "_student", student)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_type", kind)
        object.__setattr__(self, "_name", name)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Calls it, in the sandbox. Raises StudentError, CannotTestError, SandboxEnded."""
        student, number = (object.__getattribute__(self, n) for n in ("_student", "_number"))
        return student.call(number, arguments, named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__array") or name in (
            "__torch_function__",
            "__index__",
            "__deepcopy__",
        ):
            raise AttributeError(name)
        return object.__getattribute__(self, "_student").operate("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__getattribute__(self, "_student").operate("setattr", self, name, value)

    def __iter__(self) -> Iterator[Any]:
        student = object.__getattribute__(self, "_student")
        iterator = student.operate("iter", self)
        for _ in range(MOST_ITERATED):
            try:
                yield student.operate("next", iterator)
            except StopIteration:
                return
        raise CannotTestError(f"The student's iterator gives more than {MOST_ITERATED} items.")

    def __len__(self) -> int:
        length = object.__getattribute__(self, "_student").operate("len", self)
        return length if type(length) is int else _refuse("measured")(self)

    def __contains__(self, item: Any) -> bool:
        return bool(_refuse("searched")(self))

    def __instancecheck__(self, instance: Any) -> bool:
        student = object.__getattribute__(self, "_student")
        return (
            isinstance(instance, Remote) and student.operate("isinstance", instance, self) is True
        )

    def __repr__(self) -> str:
        kind, name = (object.__getattribute__(self, n) for n in ("_type", "_name"))
        return f"<student's {kind} {name}>" if name else f"<student's object of type {kind}>"

    __hash__ = object.__hash__
    __next__ = _forward("next")
    __getitem__ = _forward("getitem")
    __setitem__ = _forward("setitem")
    __delitem__ = _forward("delitem")
    __enter__ = _forward("enter")

    def __exit__(self, *_: object) -> None:
        object.__getattribute__(self, "_student").operate("exit", self)


for _name, _method in (
    ("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "truediv"), ("mod", "mod"),
    ("floordiv", "floordiv"), ("pow", "pow"), ("matmul", "matmul"), ("and_", "and"), ("or_", "or"),
    ("xor", "xor"), ("lshift", "lshift"), ("rshift", "rshift"),
):  # fmt: skip
    setattr(Remote, f"__{_method}__", _forward(_name))
    setattr(Remote, f"__r{_method}__", _forward(_name, swapped=True))
for _name in ("neg", "pos", "abs", "invert"):
    setattr(Remote, f"__{_name}__", _forward(_name))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Remote, f"__{_name}__", _refuse("compared"))
for _name, _what in (("bool", "asked for its truth"), ("float", "taken for a number"),
                     ("int", "taken for a number"), ("complex", "taken for a number")):  # fmt: skip
    setattr(Remote, f"__{_name}__", _refuse(_what))
Remote.__array__ = _refuse("taken for an array")  # type: ignore[attr-defined]


class RemoteSolution:
    """A student's function as a check calls it. What the sandbox says of itself is not believed."""

    def __init__(self, ask: Ask, remote: Remote, exercise: Exercise) -> None:
        self._ask = ask
        self._request = {
            "h": object.__getattribute__(remote, "_number"),
            "arguments": list(exercise.arguments),
            "guard": {
                "names": list(exercise.guard.names),
                "modules": list(exercise.guard.modules),
                "operators": sorted(exercise.guard.operators),
                "says": exercise.guard.says,
            },
        }
        self._ended: SandboxEnded | None = None

    def problem(self) -> tuple[str, str] | None:
        """What the sandbox sees wrong without a call, such as a forbidden name; or None."""
        try:
            answer = self._ask({"op": "problem", **self._request})
        except SandboxEnded as ended:
            self._ended = ended
            return None
        problem = answer.message.get("problem")
        if type(problem) is list and len(problem) == 2:
            return str(problem[0])[:80], str(problem[1])[:2000]
        return None

    def call(self, inputs: Inputs) -> Reply:
        """Calls the solution in the sandbox; where that is gone, a reply that says how."""
        from autograder.judging.values_wire import Decoder

        if self._ended is not None:
            return _ended_reply(self._ended)
        encoder = Encoder(_no_handle)
        request = {"op": "probe", **self._request}
        request["inputs"] = encoder.encode(inputs)
        try:
            answer = self._ask(request, bytes(encoder.data))
        except SandboxEnded as ended:
            self._ended = ended
            return _ended_reply(ended)
        message = answer.message
        if "cannot" in message:
            return Reply(value=Opaque(str(message["cannot"])[:200]))
        value = Decoder(answer.data, _opaque).decode(message.get("value"))
        raised = message.get("raised")
        return Reply(
            value=value,
            raised=None if raised is None else raised_of(raised),
            changed=_names(message.get("changed"), inputs),
            forbidden=_words(message.get("forbidden")),
            printed=str(message.get("printed") or "")[:2000],
            last_call=str(message.get("last_call") or "")[:80],
        )


def _ended_reply(ended: SandboxEnded) -> Reply:
    names = {"timeout": "Timeout", "memory": "MemoryLimit"}
    return Reply(raised=Raised(names.get(ended.kind, "ProcessEnded"), f"your code {ended.says}"))


def _no_handle(value: Any) -> dict[str, Any]:
    raise CannotCrossError(f"an input of type {type(value).__name__}")


def _opaque(form: dict[str, Any]) -> Opaque:
    return Opaque(str(form.get("opaque") or form.get("type") or "something else")[:200])


def _names(said: Any, inputs: Inputs) -> tuple[str, ...]:
    """Those of the inputs' names that the sandbox named."""
    return tuple(name for name in inputs if name in said) if type(said) is list else ()


def _words(said: Any) -> tuple[str, ...]:
    if type(said) is not list:
        return ()
    return tuple(str(word)[:80] for word in said[:20])


__all__ = [
    "CannotTestError",
    "Remote",
    "RemoteSolution",
    "Student",
    "StudentError",
    "move",
    "same_bits",
]
