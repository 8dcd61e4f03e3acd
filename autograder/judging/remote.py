"""Handles on what a student defined, for test cells: calls cross to the sandbox, values come back.

`Remote` is what a test cell holds where the student's name stands for a function, a class or an
object: it is called, its attributes are read, it is iterated and added as the object itself would
be, in the sandbox. It is never *compared* there: a student's object does not get to say that it
equals the expected value. For a check there is `remote_solution`.
"""

from __future__ import annotations

import builtins
import enum
import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch

from autograder.checking.handle import Raised
from autograder.judging.sandbox import Answer, SandboxEnded
from autograder.judging.values_wire import CannotCrossError, Decoder, Encoder
from autograder.judging.wire import WireError

MOST_ITERATED = 100_000
MOST_LENGTH = 10_000_000
BY_VALUE = (
    "Numbers, strings, lists, tuples, dicts, sets, NumPy arrays and torch tensors cross between a "
    "test and a student's code"
)
#: Attributes that libraries look for; a handle never has them.
NOT_ASKED = (
    "__torch_function__",
    "__index__",
    "__buffer__",
    "__dlpack__",
    "__cuda_array_interface__",
)
#: Methods by which an answer would be its own judge.
COMPARING = frozenset(
    {
        "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__bool__",
        "__float__", "__int__", "__subclasscheck__", "eq", "ne", "equal", "allclose", "isclose",
        "dist", "sub", "subtract",
    }
)  # fmt: skip


class CannotTestError(TypeError):
    """A test asks for something that cannot cross from the sandbox: the instructor has to know."""


class StudentError(Exception):
    """What a student's code raised while a test called it; the class's name is the error's own.

    `where` is the line of the student's code, if the sandbox told one.
    """

    where = ""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


Ask = Callable[..., Answer]


class Student:
    """All names that a student's notebook has defined, reached through `ask(request, data)`.

    `ask` raises SandboxEnded where the sandbox is gone, or had to go. `classes` are the names that
    the notebook asks for as classes: arithmetic on their objects is taken at its word.
    """

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.classes: frozenset[str] = frozenset()
        self._errors: dict[str, type[StudentError]] = {}
        self._callbacks: list[Callable[..., Any]] = []
        self._cannot: CannotTestError | None = None

    def lookup(self, name: str) -> Any:
        """What `name` stands for. Raises NameError, and CannotTestError for a module."""
        answer = self.ask({"op": "name", "name": name})
        if answer.message.get("missing") is True:
            raise NameError(f"name {name!r} is not defined")
        if "module" in answer.message:
            raise CannotTestError(
                f"`{name}` is a module in the student's notebook. A test uses its own: import it "
                "in the test cell, or in a cell of yours before it."
            )
        return self._value(answer, Trust.OWN if name in self.classes else Trust.NONE)

    def call(
        self, remote: Remote, arguments: tuple[Any, ...], named: dict[str, Any], trust: Trust
    ) -> Any:
        """Calls a handle. Raises StudentError where the student's code raised."""
        encoder = Encoder(self._form)
        request = {"op": "call", "h": number_of(remote)}
        request["args"] = self._encode(encoder, list(arguments))
        request["kwargs"] = self._encode(encoder, named)
        return self._asked(request, encoder, trust)

    def operate(self, name: str, *arguments: Any, trust: Trust) -> Any:
        """Does one of the operations that the sandbox offers. Raises StudentError."""
        encoder = Encoder(self._form)
        form = self._encode(encoder, list(arguments))
        return self._asked({"op": "operate", "do": name, "args": form}, encoder, trust)

    def _asked(self, request: dict[str, Any], encoder: Encoder, trust: Trust) -> Any:
        self._cannot = None
        answer = self.ask(request, bytes(encoder.data), callback=self._call_back)
        if self._cannot is not None:
            raise self._cannot
        return self._value(answer, trust, request.get("do") == "next")

    def _encode(self, encoder: Encoder, value: Any) -> Any:
        try:
            return encoder.encode(value)
        except CannotCrossError as error:
            raise CannotTestError(f"{error}. {BY_VALUE}; nothing else does.") from None

    def _form(self, value: Any) -> dict[str, Any]:
        """How an argument crosses that is no plain value: a handle, or a function of the test's."""
        if type(value) is Remote:
            return {"h": number_of(value)}
        if callable(value) and not isinstance(value, type):
            self._callbacks.append(value)
            return {"h": 0, "callback": len(self._callbacks) - 1}
        raise CannotCrossError(f"an object of type {type(value).__name__}")

    def _call_back(self, answer: Answer) -> tuple[dict[str, Any], bytes]:
        """A student's code calls a function that the test gave it: values in, values out."""
        number = answer.message["callback"]
        if type(number) is not int or not 0 <= number < len(self._callbacks):
            raise WireError("it called a function that it was never given")
        decoder = Decoder(answer.data, lambda form: self._remote(form, Trust.NONE))
        arguments = decoder.decode(answer.message.get("args"))
        named = decoder.decode(answer.message.get("kwargs"))
        if type(arguments) is not list or type(named) is not dict:
            raise WireError("it called a function with what are no arguments")
        encoder = Encoder(self._form)
        try:
            value = self._callbacks[number](*arguments, **named)
            return {"value": self._encode(encoder, value)}, bytes(encoder.data)
        except (SandboxEnded, WireError):
            raise
        except Exception as error:
            if isinstance(error, CannotTestError):
                self._cannot = error
            return {"error": str(error)[:400], "kind": type(error).__name__}, b""

    def _value(self, answer: Answer, trust: Trust, ends: bool = False) -> Any:
        message = answer.message
        if "cannot" in message:
            says = str(message["cannot"])[:300]
            raise CannotTestError(f"The student's code gave back {says}. {BY_VALUE}.")
        if message.get("raised") is not None:
            raise self._error(raised_of(message["raised"]), ends)
        value = Decoder(answer.data, lambda form: self._remote(form, trust)).decode(
            message.get("value")
        )
        if trust is Trust.MIXED and type(value) is not Remote and value is not None:
            raise CannotTestError(
                "A test computes with an object of the student's, and takes the outcome for a "
                "plain value: the student's own code could answer as it likes. Let the test take "
                f"a number, an array or an attribute out of it first. ({BY_VALUE}.)"
            )
        return value

    def _error(self, raised: Raised, ends: bool) -> StudentError:
        """The error, also of the builtin type that it says; StopIteration only where one ends."""
        kind = raised.kind if raised.kind.isidentifier() else "Error"
        made = self._errors.get(f"{kind} {ends}")
        if made is None:
            made = self._errors[f"{kind} {ends}"] = _error_class(kind, ends)
        error = made(raised.message)
        error.where = f"line {raised.line}: {raised.code}" if raised.code else ""
        return error

    def _remote(self, form: dict[str, Any], trust: Trust) -> Remote:
        number = form.get("h")
        if type(number) is not int or number < 0:
            raise WireError("a handle that is none")
        kind, name, module = (str(form.get(key) or "")[:80] for key in ("type", "name", "module"))
        return Remote(self, number, (kind, name, module), trust)


def _error_class(kind: str, ends: bool) -> type[StudentError]:
    own = getattr(builtins, kind, None)
    if isinstance(own, type) and issubclass(own, Exception):
        stops = issubclass(own, StopIteration | StopAsyncIteration)
        for base in own.__mro__ if not stops or ends else ():
            try:
                made = type(kind, (StudentError, base), {})
                made("")
            except TypeError:  # one that needs more than a message: then what it is a kind of
                continue
            return made
    return type(kind, (StudentError,), {})


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


class Trust(enum.Enum):
    """What a plain value is worth that a student's object gives.

    OWN: an object of a class that the notebook asks for; its arithmetic is what is tested. NONE:
    what a function gave back; it may say what it is. MIXED: such a thing after a test computed with
    it and a value of its own, as in `abs(f(2) - 4) < 1e-6`: an object could answer that by itself,
    whatever the test expects, so nothing but an attribute is taken from it.
    """

    OWN = enum.auto()
    NONE = enum.auto()
    MIXED = enum.auto()


def number_of(remote: Remote) -> int:
    """The number of a handle."""
    return object.__getattribute__(remote, "_number")


def _operate(remote: Remote, name: str, *arguments: Any, trust: Trust | None = None) -> Any:
    student, own = (object.__getattribute__(remote, n) for n in ("_student", "_trust"))
    return student.operate(name, *arguments, trust=own if trust is None else trust)


def _forward(name: str) -> Callable[..., Any]:
    return lambda self, *arguments: _operate(self, name, self, *arguments)


def _arithmetic(name: str, swapped: bool = False) -> Callable[..., Any]:
    def method(self: Remote, *others: Any) -> Any:
        trust = object.__getattribute__(self, "_trust")
        for other in others:
            theirs = object.__getattribute__(other, "_trust") if type(other) is Remote else None
            if trust is Trust.NONE and theirs is not Trust.NONE:
                trust = Trust.OWN if theirs is Trust.OWN else Trust.MIXED
        arguments = (*others, self) if swapped else (self, *others)
        return _operate(self, name, *arguments, trust=trust)

    return method


def _refuse(what: str) -> Callable[..., Any]:
    def method(self: Remote, *_: Any) -> Any:
        kind = object.__getattribute__(self, "_says")[0]
        raise CannotTestError(
            f"The student's object of type {kind} was {what}. Only plain values are: the student's "
            "own code could answer as it likes. Let the test take a number, an array or an "
            f"attribute out of it first. ({BY_VALUE}.)"
        )

    return method


class Remote:
    """A student's function, class or object, in the sandbox."""

    __slots__ = ("_number", "_says", "_student", "_trust")

    def __init__(
        self, student: Student, number: int, says: tuple[str, str, str], trust: Trust
    ) -> None:
        object.__setattr__(self, "_student", student)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_says", says)
        object.__setattr__(self, "_trust", trust)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Calls it, in the sandbox. Raises StudentError, CannotTestError, SandboxEnded."""
        student, trust = (object.__getattribute__(self, n) for n in ("_student", "_trust"))
        return student.call(self, arguments, named, trust)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """For `isinstance(model, nn.Module)`: the class of `torch.nn` that it says it is."""
        return _class_of(*object.__getattribute__(self, "_says"))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__array") or name in NOT_ASKED:
            raise AttributeError(name)
        if name in COMPARING:
            _refuse(f"asked to compare itself, with `{name}`")(self)
        trust = object.__getattribute__(self, "_trust")
        value = _operate(
            self, "getattr", self, name, trust=Trust.NONE if trust is Trust.MIXED else trust
        )
        if trust is Trust.MIXED and type(value) is Remote:
            object.__setattr__(value, "_trust", trust)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        _operate(self, "setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        _operate(self, "delattr", self, name)

    def __iter__(self) -> Iterator[Any]:
        iterator = _operate(self, "iter", self)
        for _ in range(MOST_ITERATED):
            try:
                yield next(iterator) if type(iterator) is Remote else _refuse("iterated")(self)
            except StopIteration:
                return
        raise CannotTestError(f"The student's iterator gives more than {MOST_ITERATED} items.")

    def __len__(self) -> int:
        length = _operate(self, "len", self)
        plain = type(length) is int and 0 <= length <= MOST_LENGTH  # `list` makes room for it
        return length if plain else _refuse("measured")(self)

    def __instancecheck__(self, instance: Any) -> bool:
        return type(instance) is Remote and _operate(self, "isinstance", instance, self) is True

    def __repr__(self) -> str:
        kind, name, _ = object.__getattribute__(self, "_says")
        return f"<student's {kind} {name}>" if name else f"<student's object of type {kind}>"

    __hash__ = object.__hash__
    __contains__ = _refuse("searched")
    __next__ = _forward("next")
    __getitem__ = _forward("getitem")
    __setitem__ = _forward("setitem")
    __delitem__ = _forward("delitem")
    __enter__ = _forward("enter")
    __copy__ = _forward("copy")
    __reduce_ex__ = _refuse("pickled")
    #: NumPy leaves arithmetic to the object.
    __array_ufunc__ = None

    def __deepcopy__(self, memo: Any) -> Any:
        return _operate(self, "deepcopy", self)

    def __exit__(self, *_: object) -> None:
        _operate(self, "exit", self)


@functools.lru_cache(maxsize=1000)
def _class_of(kind: str, name: str, module: str) -> type:
    base = getattr(torch.nn, module, None)
    if isinstance(base, type) and issubclass(base, torch.nn.Module) and not name:
        return type(kind, (base,), {})
    return Remote


for _name, _method in (
    ("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "truediv"), ("mod", "mod"),
    ("floordiv", "floordiv"), ("pow", "pow"), ("matmul", "matmul"), ("and_", "and"), ("or_", "or"),
    ("xor", "xor"), ("lshift", "lshift"), ("rshift", "rshift"),
):  # fmt: skip
    setattr(Remote, f"__{_method}__", _arithmetic(_name))
    setattr(Remote, f"__r{_method}__", _arithmetic(_name, swapped=True))
for _name in ("neg", "pos", "abs", "invert"):
    setattr(Remote, f"__{_name}__", _forward(_name))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Remote, f"__{_name}__", _refuse("compared"))
for _name in ("float", "int", "complex", "round", "trunc", "floor", "ceil", "index"):
    setattr(Remote, f"__{_name}__", _refuse("taken for a number"))
Remote.__bool__ = _refuse("asked for its truth")  # type: ignore[attr-defined]
Remote.__array__ = _refuse("taken for an array")  # type: ignore[attr-defined]
