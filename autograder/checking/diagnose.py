"""Which known wrong answer is this? Compares a solution's outputs with each misconception's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from autograder.checking.compare import close
from autograder.checking.exercise import Case, Exercise, Misconception, Output, Tolerance
from autograder.checking.handle import Reply
from autograder.checking.values import Inputs, Value, move


@dataclass(frozen=True)
class Match:
    """A misconception that explains what was returned; `outputs` says which of it.

    `more` says that it would have changed other outputs, too, in a way that was not seen; `exact`
    that it gives NaN and infinity in the same places as well.
    """

    misconception: Misconception
    outputs: tuple[str, ...]
    whole: bool
    more: bool = False
    exact: bool = False


def diagnose(
    exercise: Exercise, cases: Sequence[Case], replies: Sequence[Reply], missed: Sequence[str]
) -> tuple[Match, ...]:
    """The misconceptions that give just these outputs on every case.

    One that explains the whole answer beats one that explains only some of the missed outputs.
    Where the student's code raised, a misconception matches if it raises there too.
    """
    expected = [answer_to(exercise.oracle, case) for case in cases]
    # What was right everywhere cannot be what a misconception explains, so it need not be followed.
    raised = any(reply.raised is not None for reply in replies)
    followed = [o for o in exercise.outputs if raised or o.name in missed] or exercise.outputs
    whole, partial = [], []
    for misconception in exercise.misconceptions:
        rows = _rows(exercise, followed, misconception, cases, expected, replies)
        if rows is None:
            continue
        agreeing = [o.name for o in exercise.outputs if _agrees(exercise, o, rows)]
        explained = [
            o.name for o in exercise.outputs if o.name in agreeing and _differs(exercise, o, rows)
        ]
        if explained and len(agreeing) == len(exercise.outputs):
            exact = all(_agrees(exercise, output, rows, exact=True) for output in exercise.outputs)
            whole.append(Match(misconception, tuple(missed), True, exact=exact))
        elif explained:
            rest = [o for o in exercise.outputs if o.name not in agreeing]
            both = raised and any(isinstance(row.answer, Exception) for row in rows)
            if both and any(_differs(exercise, output, rows, seen=True) for output in rest):
                continue  # both raise, and where they don't, they give other numbers
            more = any(_differs(exercise, output, rows) for output in rest)
            seen = [output for output in exercise.outputs if output.name in explained]
            exact = all(_agrees(exercise, output, rows, exact=True) for output in seen)
            partial.append(Match(misconception, tuple(explained), False, more, exact))
    found = [match for match in whole if match.exact] or whole or list(_narrowest(partial))
    # Several misconceptions may share a name: ways to the same mistake. One sentence is enough.
    return tuple({match.misconception.name: match for match in reversed(found)}.values())[::-1]


def _rows(
    exercise: Exercise,
    followed: Sequence[Output],
    misconception: Misconception,
    cases: Sequence[Case],
    expected: Sequence[Value],
    replies: Sequence[Reply],
) -> list[_Row] | None:
    """The misconception's answers beside the student's; None where none of `followed` agrees."""
    rows: list[_Row] = []
    alive = list(followed)
    for number, (case, want, reply) in enumerate(zip(cases, expected, replies, strict=True)):
        answer = answer_to(misconception.answer, case)
        rows.append(_Row(number, case, want, answer, reply))
        alive = [output for output in alive if _possible(exercise, output, rows[-1])]
        if not alive:
            return None
    return rows


def answer_to(answer: Callable[..., Value], case: Case) -> Value:
    """What `answer` returns on a case, on the CPU and in its dtype; the error where it raises.

    It is asked once: a class, or a bank of answers, meets the same cases many times.
    """
    if answer not in case.answers:
        inputs = move(case.inputs, "cpu", case.spec.dtype)
        try:
            case.answers[answer] = answer(*inputs.values())
        except (RuntimeError, LookupError, ValueError, TypeError, ArithmeticError) as error:
            case.answers[answer] = error
    return case.answers[answer]


@dataclass(frozen=True)
class _Row:
    """One case: PyTorch's answer, the misconception's, the student's."""

    number: int
    case: Case
    expected: Value
    answer: Value
    reply: Reply

    @property
    def inputs(self) -> Inputs:
        """The case's inputs, in its dtype."""
        return self.case.on("cpu")


def _possible(exercise: Exercise, output: Output, row: _Row, exact: bool = False) -> bool:
    """Whether one output equals the misconception's on one case; raising equals raising."""
    if not output.concerns(row.number):
        return True
    raised = row.reply.raised is not None
    if isinstance(row.answer, Exception) or raised:
        return isinstance(row.answer, Exception) and raised
    tolerance = exercise.tolerances[row.case.spec.dtype]
    return _equal(output, row, row.answer, row.reply.value, tolerance, exact)


def _agrees(exercise: Exercise, output: Output, rows: Sequence[_Row], exact: bool = False) -> bool:
    """Whether one output equals the misconception's on all cases, and on one by its values."""
    compared = any(row.reply.raised is None and output.concerns(row.number) for row in rows)
    return compared and all(_possible(exercise, output, row, exact) for row in rows)


def _differs(exercise: Exercise, output: Output, rows: Sequence[_Row], seen: bool = False) -> bool:
    """Whether the misconception's output is another than PyTorch's on some case.

    `seen`: only cases count in which neither it nor the student's code raised.
    """
    return any(
        isinstance(row.answer, Exception)
        or not _equal(
            output,
            row,
            row.expected,
            row.answer,
            exercise.tolerances[row.case.spec.dtype],
        )
        for row in rows
        if output.concerns(row.number)
        and not (seen and (row.reply.raised is not None or isinstance(row.answer, Exception)))
    )


def _equal(
    output: Output,
    row: _Row,
    answer: Value,
    value: Value,
    tolerance: Tolerance,
    exact: bool = False,
) -> bool:
    """Whether two answers are the same within tolerance; what is not finite is one, or `exact`."""
    inputs = row.inputs if output.view is not None else {}
    try:
        want, have = output.read(inputs, answer), output.read(inputs, value)
    except LookupError:
        return False
    if want.dim() == 0 and type(have) in (int, float):
        have = torch.tensor(have, dtype=torch.float64)
    if not isinstance(have, Tensor) or have.shape != want.shape:
        return False
    if have.is_complex():
        return False
    want = want if want.is_floating_point() else want.double()
    have = have.to(want)  # its device and dtype: those are not what a misconception is about
    if torch.allclose(have, want, rtol=tolerance.rtol, atol=tolerance.atol):
        return True
    if bool(want.isfinite().all()):
        return False  # nothing that is not finite can be meant
    both_bad = ~want.isfinite() & ~have.isfinite()
    if exact:
        both_bad &= (want == have) | (want.isnan() & have.isnan())
    return bool((close(want, have, tolerance) | both_bad).all())


def _doubt(match: Match) -> tuple[bool, bool]:
    """What speaks against a match; of two that explain the same, the lesser doubt is better."""
    return not match.exact, match.more


def _narrowest(matches: list[Match]) -> Iterator[Match]:
    """Partial matches, without those whose outputs another match explains with more, or better."""
    for match in matches:
        mine = set(match.outputs)
        better = (
            mine < set(other.outputs)
            or (mine == set(other.outputs) and _doubt(other) < _doubt(match))
            for other in matches
        )
        if not any(better):
            yield match
