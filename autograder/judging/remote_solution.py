"""A student's function as a check calls it: the handle that crosses to the sandbox."""

from __future__ import annotations

import functools
import json
from typing import Any

from autograder.checking.exercise import Exercise
from autograder.checking.handle import Raised, Reply
from autograder.checking.recipes import Recipe
from autograder.checking.run import MOST_REMEMBERED
from autograder.checking.settle import Opaque
from autograder.checking.values import Given, Inputs
from autograder.judging.remote import Ask, Remote, number_of, raised_of
from autograder.judging.sandbox import SandboxEnded
from autograder.judging.values_wire import CannotCrossError, Decoder, Encoder


class RemoteSolution:
    """A student's function as a check calls it. What the sandbox says of itself is not believed."""

    def __init__(self, ask: Ask, remote: Remote, exercise: Exercise) -> None:
        self._ask = ask
        number = number_of(remote)
        self._name = f"{number}/{exercise.name}"
        self._introduction = {"h": number, "calling": _calling(exercise)}
        self._introduced = False
        self._ended: SandboxEnded | None = None

    def problem(self) -> tuple[str, str] | None:
        """What the sandbox sees wrong without a call, such as a forbidden name; or None."""
        try:
            answer = self._ask(self._request("problem"))
        except SandboxEnded as ended:
            self._ended = ended
            return None
        problem = answer.message.get("problem")
        if type(problem) is list and len(problem) == 2:
            return str(problem[0])[:80], str(problem[1])[:2000]
        return None

    def call(self, inputs: Inputs, elsewhere: bool = False) -> Reply:
        """Calls the solution in the sandbox; where that is gone, a reply that says how."""
        if self._ended is not None:
            return _ended_reply(self._ended)
        form, data = _sent(inputs)
        request = self._request("probe") | {"elsewhere": elsewhere, "inputs": form}
        try:
            answer = self._ask(request, data)
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

    def _request(self, operation: str) -> dict[str, Any]:
        """A request about this solution; the first one says which it is and how it is called."""
        told = {} if self._introduced else self._introduction
        self._introduced = True
        return {"op": operation, "solution": self._name, **told}


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def _calling(exercise: Exercise) -> str:
    """How it is called, as JSON."""
    return json.dumps(exercise.calling.to_dict())


def _ended_reply(ended: SandboxEnded) -> Reply:
    names = {"timeout": "Timeout", "memory": "MemoryLimit"}
    return Reply(raised=Raised(names.get(ended.kind, "ProcessEnded"), f"your code {ended.says}"))


def _sent(inputs: Inputs) -> tuple[Any, bytes]:
    """How inputs cross: their JSON and their bytes. A case's own are encoded once for a class."""
    if isinstance(inputs, Given) and inputs.sent is not None:
        return inputs.sent
    encoder = Encoder(_recipe)
    sent = encoder.encode(dict(inputs)), bytes(encoder.data)
    if isinstance(inputs, Given):
        inputs.sent = sent
    return sent


def _recipe(value: Any) -> dict[str, Any]:
    """The form of an input that is made anew in the sandbox."""
    if isinstance(value, Recipe):
        return {"h": "recipe", "recipe": value.to_dict()}
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
