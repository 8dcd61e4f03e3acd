"""How a solution is called: all that the process which runs it has to know of its exercise."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from autograder.checking.guard import Guard

Library = Literal["torch", "numpy"]


@dataclass(frozen=True)
class Calling:
    """A solution's arguments, what it may not call, whose arrays it is given, and by which driver.

    `driver` names one of `autograder.checking.drivers`; `once` calls the solution with the inputs.
    """

    arguments: tuple[str, ...]
    guard: Guard = field(default_factory=Guard)
    library: Library = "torch"
    driver: str = "once"

    def unguarded(self) -> Calling:
        """The same without a guard, for answers that may call everything, such as an oracle."""
        return replace(self, guard=Guard())

    def to_dict(self) -> dict[str, Any]:
        """Plain data for the wire."""
        guard = self.guard
        return {
            "arguments": list(self.arguments),
            "library": self.library,
            "driver": self.driver,
            "guard": {
                "names": list(guard.names),
                "modules": list(guard.modules),
                "operators": sorted(guard.operators),
                "says": guard.says,
                "own": list(guard.own),
            },
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calling:
        """What `to_dict` made plain."""
        guard = data["guard"]
        return cls(
            arguments=tuple(data["arguments"]),
            library=data["library"],
            driver=data["driver"],
            guard=_shared(
                Guard(
                    names=tuple(guard["names"]),
                    modules=tuple(guard["modules"]),
                    operators=frozenset(guard["operators"]),
                    says=guard["says"],
                    own=tuple(guard["own"]),
                )
            ),
        )


@functools.lru_cache(maxsize=64)
def _shared(guard: Guard) -> Guard:
    """The first of equal guards: it has found what its names stand for."""
    return guard
