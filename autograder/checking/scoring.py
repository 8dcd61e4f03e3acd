"""Points, findings and lines from all that was seen of a solution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from autograder.checking.advice import advise
from autograder.checking.advice_windows import advise_windows
from autograder.checking.compare import Miss
from autograder.checking.diagnose import Match, diagnose
from autograder.checking.drivers import MisuseError
from autograder.checking.exercise import Case, Exercise
from autograder.checking.handle import Raised, Reply
from autograder.checking.properties import Failure
from autograder.checking.result import DeviceLine, Finding, OutputLine, Result
from autograder.checking.values import same_bits

#: Broken promises that are not about the numbers: each answer that breaks one keeps this share.
BROKEN_PROMISE_SHARE = 0.5
HALF = "That costs half of the points."
TOO_SLOW = "too_slow"


@dataclass
class Record:
    """What was seen while a solution ran over the cases of one device."""

    replies: list[Reply] = field(default_factory=list)
    repeated: Reply | None = None
    misses: list[tuple[Case, Miss]] = field(default_factory=list)
    failures: tuple[Failure, ...] = ()
    told: dict[int, str] = field(default_factory=dict)


def refused(exercise: Exercise, seed: int, finding: Finding) -> Result:
    """A result of 0 points for an answer that is not looked at further."""
    return Result(
        exercise=exercise.name,
        signature=exercise.signature,
        passed=False,
        score=0.0,
        max_score=exercise.points,
        seed=seed,
        findings=(finding,),
    )


def is_another(first: Reply, again: Reply | None) -> bool:
    """Whether the same call gave something else the second time."""
    if again is None:
        return False
    return again.raised is not None or not same_bits(first.value, again.value)


def judge(
    exercise: Exercise,
    cases: Sequence[Case],
    seed: int,
    records: dict[str, Record],
    promises: list[Finding],
) -> Result:
    """Points, findings and lines from all that was seen."""
    first = next(iter(records))
    record = records[first]
    findings = _findings(exercise, cases, record)
    promises = promises + _other_devices(records, first)
    if promises and [finding.name for finding in findings] == ["different"]:
        findings = []  # wrong numbers are no riddle where a broken promise explains them
    lines = (*_output_lines(exercise, record), *_property_lines(exercise, record))
    said = {finding.says for finding in findings}
    lines = tuple(replace(line, says="") if line.says in said else line for line in lines)
    whole = all(line.passed for line in lines)
    score = exercise.points if whole else sum(line.points for line in lines)
    if any(promise.name == TOO_SLOW for promise in promises):
        score = 0.0
    if promises and score:
        score *= BROKEN_PROMISE_SHARE
        promises[0] = replace(promises[0], says=f"{promises[0].says} {HALF}")
    findings += promises
    return Result(
        exercise=exercise.name,
        signature=exercise.signature,
        passed=not findings,
        score=score,
        max_score=exercise.points,
        seed=seed,
        findings=tuple(findings),
        outputs=lines,
        devices=_device_lines(records, promises) if exercise.devices is None else (),
        cases=len(cases) if exercise.enough is None else len(record.replies),
        printed=next((reply.printed for reply in record.replies if reply.printed), ""),
    )


def _findings(exercise: Exercise, cases: Sequence[Case], record: Record) -> list[Finding]:
    """The diagnosis: a known misconception by name, else what is plainly wrong, else where."""
    case, raised = next(
        ((c, r.raised) for c, r in zip(cases, record.replies, strict=False) if r.raised),
        (cases[0], None),
    )
    first = record.replies[0].raised
    if first is not None and first.is_stub:
        return [_stub_finding(exercise, first)]
    missed = list(dict.fromkeys(miss.output for _, miss in record.misses))
    broken = _property_findings(record)
    if not missed and raised is None:
        return broken
    matches = diagnose(exercise, cases, record.replies, missed)
    if matches:
        return [_known_finding(match, raised) for match in matches] + broken
    if raised is not None:
        forgetful = record.replies[0].raised is None and is_another(
            record.replies[0], record.repeated
        )
        return [] if forgetful else [_raised_finding(exercise, case, raised)]
    return broken or [_unknown_finding(exercise, *record.misses[0])]


def _known_finding(match: Match, raised: Raised | None) -> Finding:
    """A misconception's sentences, and where it was seen: in which line, or in which outputs."""
    known = match.misconception
    if raised is not None:
        where = f" (Your code raised {raised.kind}{_line_of(raised)}.)" if raised.code else ""
    else:
        where = "" if match.whole else f" (Seen in {', '.join(match.outputs)}.)"
    return Finding(known.name, known.says, known.look + where)


def _unknown_finding(exercise: Exercise, case: Case, miss: Miss) -> Finding:
    """What is plainly wrong; the output's own line says where."""
    if miss.name == "different":
        reference = exercise.reference
        says = f"`{miss.output}` is not what {reference} gives, and no known mistake explains it."
        look = (
            "Compare the numbers below; try your function on inputs small enough to do by hand. "
            "Two mistakes at once may look like this."
        )
        if miss.zeros:
            says = f"`{miss.output}` is not what {reference} gives: it is all zeros."
            look = "Is it not written yet, or is what is computed never put there?"
        return Finding(miss.name, says, look)
    return Finding(miss.name, miss.says, case.sentence)


def _stub_finding(exercise: Exercise, raised: Raised) -> Finding:
    """The stub itself, or an answer that calls another exercise's stub."""
    if raised.own:
        says = "This is still the stub: write your answer, and delete the line with `raise`."
        return Finding("not_started", says)
    says = f"Your `{exercise.name}` calls `{raised.function}`, which is not written yet."
    return Finding("calls_unwritten_function", says, f"Write `{raised.function}` first.")


def _raised_finding(exercise: Exercise, case: Case, raised: Raised) -> Finding:
    """The error as Python words it, the student's line, and what it means here if it is common."""
    says = f"Your code raised {raised.kind}{_line_of(raised)}: {raised.message[:400]}"
    if raised.kind == MisuseError.__name__:  # nothing of theirs raised: it cannot be used as asked
        says = f"{raised.message[:1].upper()}{raised.message[1:400].rstrip('.')}."
    advice = advise_windows(raised, exercise) or advise(raised, exercise, case.inputs)
    look = f"{advice.look if advice else ''} {case.sentence}".strip()
    return Finding(advice.name if advice else "raised", says, look)


def _line_of(raised: Raised) -> str:
    """The student's own line, where one is known."""
    return f" in `{raised.function}`, line {raised.line}, `{raised.code}`" if raised.code else ""


def _output_lines(exercise: Exercise, record: Record) -> tuple[OutputLine, ...]:
    total = _total_weight(exercise)
    raised = [number for number, reply in enumerate(record.replies) if reply.raised is not None]
    stopped = len(record.replies) < len(exercise.cases)
    lines = []
    for output in exercise.outputs:
        failed = stopped or any(output.concerns(number) for number in raised)
        missed = next(((c, m) for c, m in record.misses if m.output == output.name), None)
        passed = missed is None and not failed
        points = exercise.points * output.weight / total if passed else 0.0
        case, miss = missed if missed else (None, None)
        lines.append(
            OutputLine(
                name=output.name,
                passed=passed,
                points=points,
                says=miss.says if miss and not failed else "",
                case=case.label if case and not failed else "",
                patch=miss.patch if miss and not failed else None,
            )
        )
    return tuple(lines)


def _total_weight(exercise: Exercise) -> float:
    kept = sum(one.weight for one in exercise.properties)
    return sum(output.weight for output in exercise.outputs) + kept


def _property_lines(exercise: Exercise, record: Record) -> tuple[OutputLine, ...]:
    raised = any(reply.raised is not None for reply in record.replies)
    failed = {id(failure.kept): failure for failure in record.failures}
    lines = []
    for one in exercise.properties:
        failure = failed.get(id(one))
        passed = failure is None and not raised
        points = exercise.points * one.weight / _total_weight(exercise) if passed else 0.0
        seen = failure.found.seen if failure else record.told.get(id(one), "")
        looked_at = not raised and (failure is None or bool(seen))
        lines.append(OutputLine(one.title, passed, points, seen, looked_at=looked_at))
    return tuple(lines)


def _property_findings(record: Record) -> list[Finding]:
    """What does not hold, one finding for each diagnosis name."""
    named: dict[str, Finding] = {}
    for failure in record.failures:
        if not failure.silent:
            found = failure.found
            named.setdefault(found.name, Finding(found.name, found.says, found.look))
    return list(named.values())


def _other_devices(records: dict[str, Record], first: str) -> list[Finding]:
    """What goes wrong on a second device and not on the first."""
    base = records[first]
    if base.misses or base.failures or any(reply.raised for reply in base.replies):
        return []
    findings = []
    for device, record in records.items():
        raised = next((reply.raised for reply in record.replies if reply.raised), None)
        if device == first or not (record.misses or raised):
            continue
        says = raised.message if raised else record.misses[0][1].says
        text = f"Right on {first.upper()}, not on {device.upper()}: {says}"
        findings.append(Finding("differs_on_gpu", text, "Make new tensors with `device=x.device`."))
    return findings


def _device_lines(records: dict[str, Record], promises: list[Finding]) -> tuple[DeviceLine, ...]:
    lines = []
    for device, record in records.items():
        raised = any(reply.raised for reply in record.replies)
        failed = bool(record.misses or record.failures) or raised
        lines.append(DeviceLine(device.upper(), not failed, "wrong" if failed else "right"))
    if "cuda" not in {device.split(":")[0] for device in records}:
        tied = any(finding.name == "wrong_device" for finding in promises)
        says = "no GPU here; this answer would fail on one" if tied else "not tried, no GPU here"
        if not tied and all(line.passed for line in lines):
            says = "no GPU here; it should run on one too"
        lines.append(DeviceLine("CUDA", False if tied else None, says))
    return tuple(lines)
