"""What must hold of an answer where no single one is right: shuffles, splits, random weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograder.checking.values import Inputs, Value


@dataclass(frozen=True)
class Trial:
    """One call of a solution: its inputs on the CPU, and what came back (arrays as tensors)."""

    inputs: Inputs
    value: Value


@dataclass(frozen=True)
class Known:
    """A known mistake behind a property that does not hold: name, sentences, what was seen."""

    name: str
    says: str
    look: str
    seen: str


@dataclass(frozen=True)
class Property:
    """One thing that must hold over all trials, with credit of its own.

    `title` names it in a result; `name` is the diagnosis where it does not hold, `says` and `look`
    its sentences. `fails(trials)` says what was seen where it does not hold, or which known mistake
    it was; else None. `tells(trials)` says what was seen where it holds. Where a `needed`
    property fails, those after it are not looked at: they fail without a word.
    """

    title: str
    name: str
    says: str
    look: str
    fails: Callable[[Sequence[Trial]], str | Known | None]
    weight: float = 1.0
    needed: bool = False
    tells: Callable[[Sequence[Trial]], str] | None = None


@dataclass(frozen=True)
class Failure:
    """A property that does not hold, what it is called, and what was seen.

    It is silent after one that was needed.
    """

    kept: Property
    found: Known
    silent: bool = False


def find_failures(properties: Sequence[Property], trials: Sequence[Trial]) -> tuple[Failure, ...]:
    """The properties that do not hold over `trials`. Never raises for what came back."""
    failures: list[Failure] = []
    blocked = False
    for kept in properties:
        if blocked:
            failures.append(Failure(kept, _known(kept, ""), silent=True))
            continue
        try:
            seen: str | Known | None = kept.fails(trials)
        except Exception:  # a value of a form that the property did not expect
            seen = "What came back is not in the form that is asked for."
        if seen is not None:
            found = _known(kept, seen) if isinstance(seen, str) else seen
            failures.append(Failure(kept, found))
            blocked = kept.needed
    return tuple(failures)


def tell(
    properties: Sequence[Property], failures: Sequence[Failure], trials: Sequence[Trial]
) -> dict[int, str]:
    """What was seen of the properties that hold and tell of it, by their id."""
    failed = {id(failure.kept) for failure in failures}
    return {
        id(kept): kept.tells(trials)
        for kept in properties
        if kept.tells is not None and id(kept) not in failed
    }


def elsewhere(
    properties: Sequence[Property], failures: Sequence[Failure], generator: str
) -> tuple[Failure, ...]:
    """The failures, and that `generator` does not decide: the same one gave another result.

    It is silent: a finding of its own says so.
    """
    failed = {id(failure.kept) for failure in failures}
    seen = f"The same `{generator}` does not give the same result again."
    return (
        *failures,
        *(
            Failure(kept, _known(kept, seen), silent=True)
            for kept in properties
            if kept.name == "generator_ignored" and id(kept) not in failed
        ),
    )


def _known(kept: Property, seen: str) -> Known:
    return Known(kept.name, kept.says, kept.look, seen)
