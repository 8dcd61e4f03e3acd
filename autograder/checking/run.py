"""Running a check: draw the cases, call the solution, compare with the oracle."""

from __future__ import annotations

import functools
import random
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from autograder.checking.compare import Miss, Terms, compare, count_misses
from autograder.checking.devices import choose_devices, exact_arithmetic
from autograder.checking.diagnose import answer_to
from autograder.checking.exercise import Case, Exercise, Output
from autograder.checking.handle import Handle, Reply
from autograder.checking.properties import Trial, elsewhere, find_failures, tell
from autograder.checking.recipes import Seeded
from autograder.checking.result import Finding, Result
from autograder.checking.scoring import Record, is_another, judge, refused
from autograder.checking.values import Inputs, move, take, tensors

#: How PyTorch complains when a tensor was made on, or moved to, a device the inputs aren't on.
DEVICE_ERRORS = re.compile(
    r"same device|different devices|not on the expected device|device type tensor to numpy",
)
#: The same where numbers should be written into a tensor that lies elsewhere. Elsewhere this error
#: proves nothing: printing a tensor needs its numbers too.
WRITES = frozenset({"__setitem__", "copy_", "index_put_", "slice_scatter", "select_scatter"})
NO_NUMBERS = "copy out of meta tensor"
NEEDS_NUMBERS = re.compile(f"{NO_NUMBERS}|cannot be called on meta tensors")
#: Exercises of an assignment, each with the seeds of its visible and its hidden check.
MOST_REMEMBERED = 128
#: Sizes that a loop in Python walks through: times, the lengths of a start and of what follows it.
WALKED = ("T", "S", "length", "steps")
_ONE_AT_A_TIME = threading.RLock()


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
        return refused(exercise, seed, Finding(*problem))
    cases = _cases(exercise, seed)
    devices = exercise.devices or devices
    order = list(range(len(cases)))
    if exercise.shuffled:
        random.Random(seed).shuffle(order)
    records = {place: _run_on(exercise, handle, cases, order, place) for place in devices}
    promises = _promises(exercise, handle, cases, records[devices[0]], devices[0])
    forbidden = {name for r in records.values() for reply in r.replies for name in reply.forbidden}
    if forbidden:
        seen = ", ".join(f"`{name}`" for name in sorted(forbidden))
        says = f"{exercise.guard.says} While it ran, your answer called {seen}."
        return refused(exercise, seed, Finding("forbidden_call", says))
    return judge(exercise, cases, seed, records, promises)


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def _cases(exercise: Exercise, seed: int) -> tuple[Case, ...]:
    """The cases, with what was found out about them: a class is judged on the same ones."""
    return exercise.draw_cases(seed)


def _run_on(
    exercise: Exercise, handle: Handle, cases: Sequence[Case], order: Sequence[int], device: str
) -> Record:
    """What the solution answers to the cases, asked in this order; the record has theirs."""
    record = Record()
    replies: dict[int, Reply] = {}
    for number in order:
        case = cases[number]
        inputs = case.on(device)
        reply = replies[number] = _call(exercise, handle, inputs)
        if len(replies) == 1 and reply.raised is not None and reply.raised.is_stub:
            break
        if number == 0 and exercise.repeats:
            record.repeated = _call(exercise, handle, inputs)
        if reply.raised is None:
            outputs = [output for output in exercise.outputs if output.concerns(number)]
            misses = _compare_all(exercise, outputs, case, inputs, reply)
            record.misses += [(case, miss) for miss in misses]
        if exercise.enough is not None and _is_enough(exercise.enough, cases, replies):
            break
    asked = sorted(replies)
    record.replies = [replies[number] for number in asked]
    if not any(reply.raised for reply in record.replies):
        trials = [_trial(cases[number], replies[number]) for number in asked]
        record.failures = find_failures(exercise.properties, trials)
        record.told = tell(exercise.properties, record.failures, trials)
        if _drawn_elsewhere(record, cases) or _forgot(record, cases):
            record.failures = elsewhere(exercise.properties, record.failures, _generators(cases)[0])
    return record


def _trial(case: Case, reply: Reply) -> Trial:
    return Trial(case.on("cpu"), reply.value)


def _is_enough(
    enough: Callable[[Sequence[Trial]], bool], cases: Sequence[Case], replies: dict[int, Reply]
) -> bool:
    """Whether no further case is asked: it is settled, or an answer is not what can be tried."""
    if any(reply.raised is not None for reply in replies.values()):
        return True
    try:
        return enough([_trial(cases[number], reply) for number, reply in replies.items()])
    except Exception:  # what came back has another form: the properties will say so
        return True


def _call(exercise: Exercise, handle: Handle, inputs: Inputs, elsewhere: bool = False) -> Reply:
    """A call's reply, with its arrays as tensors."""
    reply = handle.call(inputs, True) if elsewhere else handle.call(inputs)
    return replace(reply, value=take(reply.value, exercise.library))


def _compare_all(
    exercise: Exercise, outputs: Sequence[Output], case: Case, inputs: Inputs, reply: Reply
) -> list[Miss]:
    if not outputs:
        return []
    expected = answer_to(exercise.oracle, case)
    if isinstance(expected, Exception):
        raise expected
    tolerance = exercise.tolerances[case.spec.dtype]
    place = next((t.device for t in tensors(tuple(inputs.values()))), torch.device("cpu"))
    there = inputs if place.type == "cpu" else move(inputs, "cpu")
    uncounted = count_misses(exercise.outputs, reply.value, exercise.library)
    if uncounted:
        return uncounted
    terms = Terms(tolerance, place, exercise.library)
    found = [compare(o, there, expected, reply.value, terms) for o in outputs]
    return [miss for miss in found if miss is not None]


def _promises(
    exercise: Exercise, handle: Handle, cases: Sequence[Case], record: Record, device: str
) -> list[Finding]:
    """What an answer promises beside its numbers: inputs untouched, no memory, any device."""
    first = record.replies[0]
    if first.raised is not None:
        return []
    findings = []
    changed = sorted({name for reply in record.replies for name in reply.changed})
    changed = [name for name in changed if not isinstance(cases[0].inputs[name], Seeded)]
    if changed:
        if exercise.driver == "module":  # x_new is an x of another call
            changed = list(dict.fromkeys(name.removesuffix("_new") for name in changed))
        names = ", ".join(f"`{name}`" for name in changed)
        names = "`x` or `y`" if exercise.driver == "capstone" else names  # it is drawn by project
        look = "Assigning into it, operations that end in `_`, `pop`, `sort`, `append` change it."
        findings.append(Finding("input_changed", f"Your answer changes its input {names}.", look))
    own = _drawn_elsewhere(record, cases)
    if own:
        findings.append(Finding("generator_ignored", *_own_dice(exercise, _generators(cases)[0])))
    elif exercise.repeats and _forgets(exercise, handle, cases[0], record, device):
        says = "Called twice with the same inputs, your answer returns different values."
        look = "Something is kept between calls: a global, a default argument, random numbers."
        given = _generators(cases)
        if given:
            look = f"Is every random number drawn from `{given[0]}`, and from nothing else? {look}"
        findings.append(Finding("not_repeatable", says, look))
    seconds = max(reply.seconds for reply in record.replies)
    if seconds > exercise.seconds:
        says, it = f"One call took {seconds:.1f} s.", "It"
        if exercise.driver in (
            "train",
            "train_model",
            "capstone",
        ):  # they call the answer several times
            says, it = f"The calls of your function took {seconds:.1f} s in all.", "Together they"
        most = f"{it} may take {exercise.seconds:g} s."
        look = f"{most} When it is marked it is stopped, and earns nothing."
        if exercise.driver == "capstone":
            look += " Four of the five trainings have 100 rows: short, if you train in epochs."
        findings.append(Finding("too_slow", says, look))
    raised = any(reply.raised is not None for reply in record.replies)
    placed = next(tensors(tuple(cases[0].inputs.values())), None) is not None  # else: no device
    tried = exercise.library == "torch" and exercise.repeats and placed
    if record.misses or raised or not tried:
        return findings
    wrong_device = _wrong_device(exercise, handle, _short(exercise))
    return findings if wrong_device is None else [*findings, wrong_device]


def _own_dice(exercise: Exercise, name: str) -> tuple[str, str]:
    """That the generator passed in, the argument `name`, was left aside, and what to do."""
    says = f"Random numbers come from a global generator, not from the `{name}` that is passed in."
    if exercise.library == "numpy":
        return (
            says,
            f"Draw from `{name}`: `{name}.permutation(n)`, `{name}.normal(…)`, not `np.random`.",
        )
    return says, f"Draw with torch, and hand it on: `torch.multinomial(p, 1, generator={name})`."


def _generators(cases: Sequence[Case]) -> list[str]:
    """The names of the inputs that are random generators."""
    return [name for name, value in cases[0].inputs.items() if isinstance(value, Seeded)]


def _drawn_elsewhere(record: Record, cases: Sequence[Case]) -> bool:
    """Whether numbers were drawn from a global generator where one was passed in."""
    changed = {name for reply in record.replies for name in reply.changed}
    return not changed.isdisjoint(_generators(cases))


def _forgot(record: Record, cases: Sequence[Case]) -> bool:
    """Whether a solution with a generator gave something else at once when it was repeated."""
    return bool(_generators(cases)) and is_another(record.replies[0], record.repeated)


def _forgets(exercise: Exercise, handle: Handle, case: Case, record: Record, device: str) -> bool:
    """Whether the first call, repeated at once or after the others, gave something else."""
    again = _call(exercise, handle, case.on(device))
    return any(is_another(record.replies[0], reply) for reply in (record.repeated, again))


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def _short(exercise: Exercise) -> Case:
    """A case like the first one, of two steps: PyTorch's arithmetic on `meta` is slow."""
    spec = exercise.cases[0]
    sizes = {name: min(size, 2) if name in WALKED else size for name, size in spec.sizes.items()}
    return exercise.draw_case(replace(spec, sizes=sizes), 0, 0)


def _gives_tensors(exercise: Exercise) -> bool:
    """Whether tensors are asked for, which have a place, and not a list or plain numbers."""
    return not any(output.number or output.view is not None for output in exercise.outputs)


def _wrong_device(exercise: Exercise, handle: Handle, case: Case) -> Finding | None:
    """Shows without a GPU a tensor made on the wrong device: `meta` tensors hold no numbers."""
    reply = _call(exercise, handle, case.on("meta"))
    raised = reply.raised
    if raised is None:
        bad = any(tensor.device.type != "meta" for tensor in tensors(reply.value))
    else:
        written = NO_NUMBERS in raised.message and reply.last_call in WRITES
        bad = written or DEVICE_ERRORS.search(raised.message) is not None
        if not bad and NEEDS_NUMBERS.search(raised.message) and _gives_tensors(exercise):
            # It may read a number. The other way round it can: what it makes lies on `meta`.
            reply = _call(exercise, handle, case.on("cpu"), True)
            bad, raised = any(tensor.device.type == "meta" for tensor in tensors(reply.value)), None
    if not bad:
        return None
    says = "On a GPU this answer would fail: it makes a tensor on the CPU, or moves one there."
    look = (
        "Make new tensors where the inputs are, `x.new_zeros(...)` or `device=x.device`, and stay "
        "with torch: NumPy functions, `.numpy()` and `.cpu()` lead to the CPU."
    )
    if raised is not None and raised.code:
        look += (
            f" It would fail in the line `{raised.code}`: look where the tensors in it were made."
        )
    return Finding("wrong_device", says, look)
