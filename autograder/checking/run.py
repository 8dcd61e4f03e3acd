"""Running a check: draw the cases, call the solution, compare, diagnose, score."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch

from autograder.checking.advice import advise
from autograder.checking.compare import Miss, compare, count_misses
from autograder.checking.devices import choose_devices, exact_arithmetic
from autograder.checking.diagnose import diagnose
from autograder.checking.exercise import Case, Exercise, Inputs
from autograder.checking.handle import Handle, Raised, Reply
from autograder.checking.result import DeviceLine, Finding, OutputLine, Result
from autograder.checking.values import move, same_bits, tensors

#: Broken promises that are not about the numbers: each answer that breaks one keeps this share.
BROKEN_PROMISE_SHARE = 0.5
HALF = "That costs half of the points."
#: How PyTorch complains when a tensor was made on, or moved to, a device the inputs aren't on.
DEVICE_ERRORS = re.compile(
    r"same device|different devices|not on the expected device|device type tensor to numpy",
)
#: The same where numbers should be written into a tensor that lies elsewhere. Elsewhere this error
#: proves nothing: printing a tensor needs its numbers too.
WRITES = frozenset({"__setitem__", "copy_", "index_put_", "slice_scatter", "select_scatter"})
NO_NUMBERS = "copy out of meta tensor"
_ONE_AT_A_TIME = threading.RLock()


@dataclass
class _Record:
    """What was seen while a solution ran over the cases of one device."""

    replies: list[Reply] = field(default_factory=list)
    repeated: Reply | None = None
    misses: list[tuple[Case, Miss]] = field(default_factory=list)


def run_check(exercise: Exercise, handle: Handle, seed: int, device: str | None = None) -> Result:
    """Checks the solution behind `handle` against the oracle, on cases drawn from `seed`.

    Raises ValueError where `device` is unknown or not on this machine, and nothing for what the
    solution does.
    """
    with _ONE_AT_A_TIME, exact_arithmetic():  # both reach beyond this call
        return _run_check(exercise, handle, seed, choose_devices(device))


def _run_check(exercise: Exercise, handle: Handle, seed: int, devices: Sequence[str]) -> Result:
    problem = handle.problem()
    if problem is not None:
        return _refused(exercise, seed, Finding(*problem))
    cases = exercise.draw_cases(seed)
    records = {place: _run_on(exercise, handle, cases, place) for place in devices}
    promises = _promises(handle, cases, records[devices[0]], devices[0])
    forbidden = {name for r in records.values() for reply in r.replies for name in reply.forbidden}
    if forbidden:
        seen = ", ".join(f"`{name}`" for name in sorted(forbidden))
        says = f"{exercise.guard.says} While it ran, your answer called {seen}."
        return _refused(exercise, seed, Finding("forbidden_call", says))
    return _judge(exercise, cases, seed, records, promises)


def _refused(exercise: Exercise, seed: int, finding: Finding) -> Result:
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


def _run_on(exercise: Exercise, handle: Handle, cases: Sequence[Case], device: str) -> _Record:
    record = _Record()
    for case in cases:
        inputs: Inputs = move(case.inputs, device, case.spec.dtype)
        reply = handle.call(inputs)
        record.replies.append(reply)
        if len(record.replies) == 1 and reply.raised is not None and reply.raised.is_stub:
            break
        if record.repeated is None:
            record.repeated = handle.call(inputs)
        if reply.raised is None:
            record.misses += [(case, miss) for miss in _compare_all(exercise, case, inputs, reply)]
    return record


def _compare_all(exercise: Exercise, case: Case, inputs: Inputs, reply: Reply) -> list[Miss]:
    expected = exercise.oracle(*move(inputs, "cpu").values())
    tolerance = exercise.tolerances[case.spec.dtype]
    place = next((t.device for t in tensors(tuple(inputs.values()))), torch.device("cpu"))
    uncounted = count_misses(exercise.outputs, reply.value)
    if uncounted:
        return uncounted
    found = [compare(o, expected, reply.value, tolerance, place) for o in exercise.outputs]
    return [miss for miss in found if miss is not None]


def _promises(handle: Handle, cases: Sequence[Case], record: _Record, device: str) -> list[Finding]:
    """What an answer promises beside its numbers: inputs untouched, no memory, any device."""
    first = record.replies[0]
    if first.raised is not None:
        return []
    findings = []
    changed = sorted({name for reply in record.replies for name in reply.changed})
    if changed:
        names = ", ".join(f"`{name}`" for name in changed)
        look = "Assigning into an input, operations that end in `_`, and `pop` change it."
        findings.append(Finding("input_changed", f"Your answer changes its input {names}.", look))
    again = handle.call(move(cases[0].inputs, device, cases[0].spec.dtype))
    if any(_another(first, reply) for reply in (record.repeated, again)):
        says = "Called twice with the same inputs, your answer returns different values."
        look = "Something is kept between calls: a global, a default argument, random numbers."
        findings.append(Finding("not_repeatable", says, look))
    raised = any(reply.raised is not None for reply in record.replies)
    wrong_device = None if record.misses or raised else _wrong_device(handle, cases[0])
    return findings if wrong_device is None else [*findings, wrong_device]


def _another(first: Reply, again: Reply | None) -> bool:
    """Whether the same call gave something else the second time."""
    if again is None:
        return False
    return again.raised is not None or not same_bits(first.value, again.value)


def _wrong_device(handle: Handle, case: Case) -> Finding | None:
    """Shows without a GPU a tensor made on the wrong device: `meta` tensors hold no numbers."""
    reply = handle.call(move(case.inputs, "meta", case.spec.dtype))
    raised = reply.raised
    if raised is None:
        bad = any(tensor.device.type != "meta" for tensor in tensors(reply.value))
    else:
        written = NO_NUMBERS in raised.message and reply.last_call in WRITES
        bad = written or DEVICE_ERRORS.search(raised.message) is not None
    if not bad:
        return None
    says = "On a GPU this answer would fail: it makes a tensor on the CPU, or moves one there."
    look = (
        "Make new tensors where the inputs are, `x.new_zeros(...)` or `device=x.device`, and stay "
        "with torch: NumPy functions, `.numpy()` and `.cpu()` lead to the CPU."
    )
    if raised is not None and raised.code:
        look += f" It would fail in the line `{raised.code}`."
    return Finding("wrong_device", says, look)


def _judge(
    exercise: Exercise,
    cases: Sequence[Case],
    seed: int,
    records: dict[str, _Record],
    promises: list[Finding],
) -> Result:
    """Points, findings and lines from all that was seen."""
    first = next(iter(records))
    record = records[first]
    findings = _findings(exercise, cases, record)
    promises = promises + _other_devices(records, first)
    if promises and [finding.name for finding in findings] == ["different"]:
        findings = []  # wrong numbers are no riddle where a broken promise explains them
    lines = _output_lines(exercise, record)
    said = {finding.says for finding in findings}
    lines = tuple(replace(line, says="") if line.says in said else line for line in lines)
    score = sum(line.points for line in lines)
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
        devices=_device_lines(records, promises),
        cases=len(cases),
        printed=next((reply.printed for reply in record.replies if reply.printed), ""),
    )


def _findings(exercise: Exercise, cases: Sequence[Case], record: _Record) -> list[Finding]:
    """The diagnosis: a known misconception by name, else what is plainly wrong, else where."""
    case, raised = next(
        ((c, r.raised) for c, r in zip(cases, record.replies, strict=False) if r.raised),
        (cases[0], None),
    )
    first = record.replies[0].raised
    if first is not None and first.is_stub:
        return [_stub_finding(exercise, first)]
    missed = list(dict.fromkeys(miss.output for _, miss in record.misses))
    if not missed and raised is None:
        return []
    matches = diagnose(exercise, cases, record.replies, missed)
    if matches:
        return [
            Finding(
                match.misconception.name,
                match.misconception.says,
                match.misconception.look
                if match.whole
                else f"{match.misconception.look} (Seen in {', '.join(match.outputs)}.)",
            )
            for match in matches
        ]
    if raised is not None:
        forgetful = record.replies[0].raised is None and _another(
            record.replies[0], record.repeated
        )
        return [] if forgetful else [_raised_finding(case, raised)]
    return [_unknown_finding(*record.misses[0])]


def _unknown_finding(case: Case, miss: Miss) -> Finding:
    """What is plainly wrong; the output's own line says where."""
    if miss.name == "different":
        says = f"`{miss.output}` is not what PyTorch gives, and no known mistake explains it."
        look = "Compare the numbers below; try your function on inputs small enough to do by hand."
        return Finding(miss.name, says, look)
    return Finding(miss.name, miss.says, f"Sizes of this case: {case.label}.")


def _stub_finding(exercise: Exercise, raised: Raised) -> Finding:
    """The stub itself, or an answer that calls another exercise's stub."""
    if raised.own:
        says = "This is still the stub: write your answer, and delete the line with `raise`."
        return Finding("not_started", says)
    says = f"Your `{exercise.name}` calls `{raised.function}`, which is not written yet."
    return Finding("calls_unwritten_function", says, f"Write `{raised.function}` first.")


def _raised_finding(case: Case, raised: Raised) -> Finding:
    """The error as Python words it, the student's line, and what it means here if it is common."""
    where = f" in `{raised.function}`, line {raised.line}, `{raised.code}`" if raised.code else ""
    says = f"Your code raised {raised.kind}{where}: {raised.message[:400]}"
    advice = advise(raised)
    look = f"{advice.look if advice else ''} Sizes of this case: {case.label}.".strip()
    return Finding(advice.name if advice else "raised", says, look)


def _output_lines(exercise: Exercise, record: _Record) -> tuple[OutputLine, ...]:
    total = sum(output.weight for output in exercise.outputs)
    failed = any(reply.raised is not None for reply in record.replies)
    lines = []
    for output in exercise.outputs:
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


def _other_devices(records: dict[str, _Record], first: str) -> list[Finding]:
    """What goes wrong on a second device and not on the first."""
    base = records[first]
    if base.misses or any(reply.raised for reply in base.replies):
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


def _device_lines(records: dict[str, _Record], promises: list[Finding]) -> tuple[DeviceLine, ...]:
    lines = []
    for device, record in records.items():
        failed = bool(record.misses) or any(reply.raised for reply in record.replies)
        lines.append(DeviceLine(device.upper(), not failed, "wrong" if failed else "right"))
    if "cuda" not in {device.split(":")[0] for device in records}:
        tied = any(finding.name == "wrong_device" for finding in promises)
        says = "no GPU here; this answer would fail on one" if tied else "not tried, no GPU here"
        if not tied and all(line.passed for line in lines):
            says = "no GPU here; it should run on one too"
        lines.append(DeviceLine("CUDA", False if tied else None, says))
    return tuple(lines)
