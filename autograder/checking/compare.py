"""Comparing one output of a solution with the oracle's: shape before value, and where it differs.

Everything a `Miss` says may be shown to a student: it holds places, shapes and output values, never
an input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from autograder.checking.calling import Library
from autograder.checking.exercise import Output, Tolerance
from autograder.checking.values import Inputs, Value, describe, follow, tensors

#: What an axis letter counts, for messages.
AXES: Mapping[str, str] = {
    "T": "time step",
    "N": "batch row",
    "H": "unit",
    "D": "feature",
    "M": "output feature",
    "C": "class",
    "K": "predicted class",
    "S": "step",
    "P": "parameter",
    "4H": "row",
    "2H": "unit",
    "O": "filter",
    "C_in": "channel",
    "C kh kw": "row",
    "L": "position",
    "L_out": "position",
    "H_out": "row",
    "W_out": "column",
    "H_out W_out": "row",
    "H W": "column",
}
#: What NumPy's float64 may come back as where the values are right.
NUMBERS = frozenset({torch.float64, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8})
MOST_IDS = 20  # so many of a list of ids are shown
MOST_WHOLE = 1e7  # below it, whole numbers are shown in full
PATCH = 4  # at most this many rows and columns of an answer are shown beside the expected ones


@dataclass(frozen=True)
class Patch:
    """A small corner of an answer around its first wrong element, beside the expected one."""

    got: tuple[tuple[float, ...], ...]
    expected: tuple[tuple[float, ...], ...]
    wrong: tuple[tuple[bool, ...], ...]
    at: str

    def digits(self, least: int) -> int:
        """The number of digits, `least` or more, with which what is wrong looks different."""
        cells = (
            cell
            for rows in zip(self.got, self.expected, self.wrong, strict=True)
            for cell in zip(*rows, strict=True)
        )
        numbers = [number for rows in (self.got, self.expected) for row in rows for number in row]
        if all(abs(number) < MOST_WHOLE and number == int(number) for number in numbers):
            least = max(least, *(len(f"{abs(number):.0f}") for number in numbers))
        return max((apart(a, b, least) for a, b, wrong in cells if wrong), default=least)


@dataclass(frozen=True)
class Miss:
    """Why one output of one case is not right. `name`: its diagnosis; `zeros`: it is 0 all over."""

    name: str
    output: str
    says: str
    patch: Patch | None = None
    zeros: bool = False


class UnreadableError(LookupError):
    """Raised by an output's view where nothing can be compared: a diagnosis name, a sentence."""

    def __init__(self, name: str, says: str) -> None:
        super().__init__(says)
        self.name = name


@dataclass(frozen=True)
class Terms:
    """How two values are compared: how near, on which device, whose arrays."""

    tolerance: Tolerance
    device: torch.device
    library: Library


def compare(
    output: Output, inputs: Inputs, expected: Value, got: Value, terms: Terms
) -> Miss | None:
    """None where `got` is right; else the first thing that is wrong with it.

    `inputs` and `expected` lie on the CPU; `terms.device` is where the inputs were when `got` was
    made, so where `got` should be.
    """
    want = output.read(inputs, expected)
    if got is None:
        return Miss("nothing_returned", output.name, "Nothing came back. Is a `return` missing?")
    try:
        have = output.read(inputs, got)
    except UnreadableError as problem:
        return Miss(problem.name, output.name, str(problem))
    except LookupError as problem:
        return Miss("wrong_type", output.name, f"{_place(output)}: {problem}.")
    if output.view is not None and isinstance(have, Tensor) and _plain(got, output):
        have = have.to(terms.device)  # made of numbers, which lie on no device
    return compare_tensors(output, want, have, terms, inputs)


def _plain(got: Value, output: Output) -> bool:
    """Whether the part that a view reads holds no tensor."""
    return next(tensors(follow(got, output.path)), None) is None


def compare_tensors(
    output: Output, want: Tensor, have: Value, terms: Terms, inputs: Inputs | None = None
) -> Miss | None:
    """None where `have` is `want`; else the first of type, shape, dtype, device and value."""
    if want.dim() == 0 and type(have) in (int, float) and (output.number or _numpy(terms)):
        kind = torch.int64 if _whole(output, want) and type(have) is int else torch.float64
        have = torch.tensor(have, dtype=kind, device=terms.device)
    for look in (_type_miss, _shape_miss):
        miss = look(output, want, have, terms.library)
        if miss is not None:
            return miss
    miss = _dtype_miss(output, want, have, terms.library, inputs or {})
    if miss is not None:
        return miss
    if have.device.type != terms.device.type:
        says = (
            f"{_place(output)} lies on {have.device.type}; the inputs are on {terms.device.type}."
        )
        return Miss("wrong_device", output.name, says)
    have = have.to(want.device)
    if have.dtype != want.dtype:
        want, have = want.double(), have.double()
    return _value_miss(output, want, have, terms.tolerance, inputs or {})


def _whole(output: Output, want: Tensor) -> bool:
    """Whether the output is a whole number, such as a size: one that can count and index."""
    return output.number and want.dtype == torch.int64


def _numpy(terms: Terms) -> bool:
    return terms.library == "numpy"


def count_misses(outputs: Sequence[Output], got: Value, library: Library = "torch") -> list[Miss]:
    """A miss of every output where another number of values came back than is asked for."""
    places = [output.path[0] for output in outputs if output.path]
    if got is None or not places or not all(isinstance(place, int) for place in places):
        return []
    wanted = 1 + max(place for place in places if isinstance(place, int))
    named = {output.path[0]: output.part or output.name for output in outputs if output.path}
    names = ", ".join(named[place] for place in sorted(named))
    if isinstance(got, list | tuple):
        if len(got) == wanted:
            return []
        yours = f"You return {len(got)} value{'s' * (len(got) != 1)}"
    else:
        yours = f"You return one {describe(got, library)}"
    says = f"{yours}; {wanted} are asked for, with commas between them: `return {names}`."
    return [Miss("wrong_type", output.name, says) for output in outputs]


def _place(output: Output) -> str:
    """How a student finds the output in what they return: ``c_t (`[1]` of what you return)``."""
    if not output.path:
        return f"`{output.name}`"
    steps = "".join(f"[{step!r}]" for step in output.path)
    return f"`{output.name}` (what you return, at `{steps}`)"


def _type_miss(output: Output, want: Tensor, have: Value, library: Library) -> Miss | None:
    if have is None:
        return Miss(
            "nothing_returned", output.name, f"{_place(output)} is None. Is a `return` missing?"
        )
    if isinstance(have, Tensor):
        return None
    kind = {"numpy": "NumPy array", "torch": "torch tensor"}[library]
    if want.dim() == 0 and (library == "numpy" or output.number):
        says = f"{_place(output)} should be one number"
    else:
        says = f"{_place(output)} should be a {kind} of shape {tuple(want.shape)}"
    hint = ""
    if isinstance(have, tuple) and len(have) == 1:
        hint = " A comma at the end of a line makes a tuple."
    elif isinstance(have, list) and have and all(isinstance(t, Tensor) for t in have):
        stack = {"numpy": "np.stack` makes one array", "torch": "torch.stack` makes one tensor"}
        hint = f" `{stack[library]} of a list of {kind.split()[1]}s."
    return Miss("wrong_type", output.name, f"{says}; yours is {describe(have, library)}.{hint}")


def _shape_miss(output: Output, want: Tensor, have: Tensor, library: Library) -> Miss | None:
    if have.shape == want.shape:
        return None
    if not want.dim():
        says = f"{_place(output)} should be one number; yours has shape {tuple(have.shape)}."
        return Miss("wrong_shape", output.name, says)
    if output.axes == ("S",) and have.dim() == 1 and not want.is_floating_point():
        wanted, yours = want.tolist(), have.tolist()
        says = f"{_place(output)} should hold {len(wanted)}: {wanted}; yours has {len(yours)}: "
        return Miss("wrong_shape", output.name, f"{says}{yours[:MOST_IDS]}.")
    letters = ", ".join(output.axes) + ("," if len(output.axes) == 1 else "")
    named = f"({letters}) = " if len(output.axes) == want.dim() else ""
    says = f"{_place(output)} should have shape {named}{tuple(want.shape)}"
    hint = (
        " That is the transpose's shape." if want.dim() == 2 and have.shape == want.mT.shape else ""
    )
    return Miss("wrong_shape", output.name, f"{says}; yours has {tuple(have.shape)}.{hint}")


def _dtype_miss(
    output: Output, want: Tensor, have: Tensor, library: Library, inputs: Inputs
) -> Miss | None:
    if have.dtype == want.dtype:
        return None
    if _whole(output, want):
        if have.dtype in NUMBERS - {torch.float64}:
            return None
        says = f"{_place(output)} should be a whole number, an int; yours is a float."
        hint = "`//` divides whole numbers and rounds down; `/` makes a float."
        return Miss("float_for_int", output.name, f"{says} {hint}")
    if output.number and have.dtype.is_floating_point:
        return None
    if library == "numpy" and have.dtype in NUMBERS:
        return None  # whole numbers are numbers
    kinds = [str(kind).removeprefix("torch.") for kind in (want.dtype, have.dtype)]
    alike, advice = ", as the inputs are", "NumPy makes float64 unless it is told otherwise."
    if library == "torch":
        model = _named_like(inputs, want.dtype)
        alike = alike if model else ""
        advice = f"PyTorch guesses a dtype where none is said: say `dtype=torch.{kinds[0]}`."
        if model:
            advice = f"Make new tensors from an input: `{model}.new_zeros(...)`."
    says = f"{_place(output)} should be {kinds[0]}{alike}; yours is {kinds[1]}. {advice}"
    return Miss("wrong_dtype", output.name, says)


def _named_like(inputs: Inputs, dtype: torch.dtype) -> str:
    """How a student writes an input of this dtype: `x`, `params["W_f"]`, `state[0]`; or nothing."""
    for name, value in inputs.items():
        if isinstance(value, Tensor) and value.dtype == dtype:
            return name
    for name, value in inputs.items():
        parts: list[tuple[int | str, Value]] = []
        if isinstance(value, Mapping):
            parts = [(f'"{key}"', part) for key, part in sorted(value.items())]
        elif isinstance(value, list | tuple):
            parts = list(enumerate(value))
        for key, part in parts:
            if isinstance(part, Tensor) and part.dtype == dtype:
                return f"{name}[{key}]"
    return ""


def close(want: Tensor, have: Tensor, tolerance: Tolerance) -> Tensor:
    """Element by element: is `have` within tolerance of `want`? NaN and inf never are."""
    off = (have - want).abs() - tolerance.rtol * want.abs()  # NaN, or inf, where one of them is
    return off <= tolerance.atol


def apart(a: float, b: float, least: int = 4) -> int:
    """The number of digits, `least` or more, with which two numbers look different."""
    return next((n for n in range(least, 17) if f"{a:.{n}g}" != f"{b:.{n}g}"), least)


def _value_miss(
    output: Output, want: Tensor, have: Tensor, tolerance: Tolerance, inputs: Inputs
) -> Miss | None:
    right = close(want, have, tolerance)
    if bool(right.all()):
        return None
    wrong = ~right
    first = tuple(int(i) for i in wrong.nonzero()[0])
    where = output.place(inputs, first) if output.place else _where(output, first, want)
    if not bool(have.isfinite().all()):
        bad = "nan" if bool(have.isnan().any()) else "inf"
        says = f"{_place(output)} holds {bad}; first at {where}."
        return Miss("not_finite", output.name, says, _patch(want, have, right, first, where))
    a, b = float(want[first].item()), float(have[first].item())
    digits = apart(a, b)
    says = f"expected {a:.{digits}g}, got {b:.{digits}g}."
    if wrong.numel() > 1:
        says = f"{int(wrong.sum())} of {wrong.numel()} elements differ; first at {where}: {says}"
    says = says[:1].upper() + says[1:]
    zeros = have.numel() > 1 and not bool(have.any())
    return Miss("different", output.name, says, _patch(want, have, right, first, where), zeros)


def _where(output: Output, index: tuple[int, ...], want: Tensor) -> str:
    """The place of an element in words: `time step 2, batch row 0, unit 3`."""
    if not index:
        return "its only element"
    if len(index) != len(output.axes):
        return f"index {index}"
    names = [AXES.get(axis, axis) for axis in output.axes]
    if len(set(names)) < len(names):
        names = [*names[:-2], "row", "column"]
    words = [f"{name} {i}" for name, i in zip(names, index, strict=True)]
    if output.blocks:
        block = output.blocks[index[0] * len(output.blocks) // want.shape[0]]
        words[0] += f" (block {block})"
    return ", ".join(words)


def _patch(want: Tensor, have: Tensor, right: Tensor, first: tuple[int, ...], at: str) -> Patch:
    """The corner of the last two axes that holds the first wrong element."""
    lead = first[:-2]
    planes = [torch.atleast_2d(plane[lead] if lead else plane) for plane in (want, have, right)]
    row, column = (first[-2] if len(first) > 1 else 0), (first[-1] if first else 0)
    rows = slice(row // PATCH * PATCH, row // PATCH * PATCH + PATCH)
    columns = slice(column // PATCH * PATCH, column // PATCH * PATCH + PATCH)
    expected, got, good = (plane[rows, columns].tolist() for plane in planes)
    return Patch(
        got=tuple(map(tuple, got)),
        expected=tuple(map(tuple, expected)),
        wrong=tuple(tuple(not cell for cell in line) for line in good),
        at=at,
    )
