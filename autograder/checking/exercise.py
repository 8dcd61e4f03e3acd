"""What is known about an exercise, said once: everything else is made from these."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from autograder.checking.calling import Calling, Library
from autograder.checking.guard import Guard
from autograder.checking.properties import Property, Trial
from autograder.checking.values import Given, Inputs, Path, Value, follow, move

Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Tolerance:
    """How far an answer may be from the oracle: |got - want| <= atol + rtol |want|."""

    rtol: float
    atol: float


#: float64: two correct orders of summation over a few dozen terms differ by about 1e-15; an answer
#: off by 1e-7 is another formula. float32: the same sums differ by about 1e-6.
TOLERANCES: Mapping[torch.dtype, Tolerance] = {
    torch.float64: Tolerance(rtol=1e-7, atol=1e-9),
    torch.float32: Tolerance(rtol=1e-4, atol=1e-5),
}


@dataclass(frozen=True)
class Output:
    """One thing a solution returns, with credit of its own.

    `path` leads to it in the returned value: `()` the value itself, `(1,)` the second of a tuple,
    `("U_f",)` or `(3, "U_f")` an entry of a dict. `axes` names its axes by their letters
    (`T`, `N`, `H` …), so that a message can say "time step 2, row 0, unit 3". `blocks` names equal
    parts of the first axis. `view(inputs, value)` gives the tensor to compare where that is not
    simply a part of the value; it raises LookupError, or `Unreadable`, where there is none.
    `number` accepts a plain number of any precision in place of a tensor without axes; where the
    oracle's is int64, a whole one. `cases` are the numbers of the cases in which it is looked at,
    where that is not all of them. `part` is what the first step of `path` leads to, where that is
    not yet the output: `grads` for `(1, "W1")`. `place(inputs, index)` says where an element is,
    where the axes' letters say too little.
    """

    name: str
    axes: tuple[str, ...]
    path: Path = ()
    weight: float = 1.0
    blocks: tuple[str, ...] = ()
    view: Callable[[Inputs, Value], Tensor] | None = None
    number: bool = False
    cases: tuple[int, ...] | None = None
    part: str = ""
    place: Callable[[Inputs, tuple[int, ...]], str] | None = None

    def concerns(self, case: int) -> bool:
        """Whether it is looked at in the case of this number."""
        return self.cases is None or case in self.cases

    def read(self, inputs: Inputs, value: Value) -> Value:
        """The part of what came back that is compared. Raises LookupError where it is missing."""
        if self.view is not None:
            return self.view(inputs, value)
        return follow(value, self.path)


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer: its name, a sentence for the student, and how PyTorch would give it.

    `answer` takes the exercise's inputs in their order and returns what someone with this
    misconception returns; it may raise where that person's code would. `twins` names misconceptions
    that no input of this exercise can tell apart from it.
    """

    name: str
    says: str
    look: str
    answer: Callable[..., Value]
    twins: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseSpec:
    """The sizes of one case, its dtype, and a factor on its input's magnitude.

    `title` says what it is, for a message, where the sizes' names would mean nothing to a student.
    """

    sizes: Sizes
    dtype: torch.dtype = torch.float64
    scale: float = 1.0
    title: str = ""


@dataclass(frozen=True)
class Case:
    """One drawn set of inputs, in the order of the exercise's arguments.

    `answers` remembers what the oracle and the misconceptions say to it, by their functions, and
    `given` its inputs by their device: a class is asked the same.
    """

    spec: CaseSpec
    inputs: Inputs
    answers: dict[Callable[..., Value], Value] = field(
        default_factory=dict, compare=False, repr=False
    )
    given: dict[str, Given] = field(default_factory=dict, compare=False, repr=False)

    def on(self, device: str) -> Given:
        """The inputs on `device`, in the case's dtype."""
        if device not in self.given:
            self.given[device] = Given(move(self.inputs, device, self.spec.dtype))
        return self.given[device]

    @property
    def sentence(self) -> str:
        """The label as a sentence."""
        return f"{'This case' if self.spec.title else 'Sizes of this case'}: {self.label}."

    @property
    def label(self) -> str:
        """Its sizes, for a message: never the inputs themselves."""
        if self.spec.title:
            return self.spec.title
        sizes = ", ".join(f"{name}={size}" for name, size in self.spec.sizes.items())
        kind = str(self.spec.dtype).removeprefix("torch.")
        large = ", large inputs" if self.spec.scale > 10 else ""
        return f"{sizes}, {kind}{large}"


@dataclass(frozen=True, eq=False)
class Exercise:
    """One thing a student implements.

    `draw(sizes, scale, generator)` returns float64 CPU inputs by argument name, in order;
    `oracle(*inputs)` is PyTorch's own answer to them, in the form a solution returns it.
    A solution of a `numpy` exercise is given and returns NumPy arrays; definitions are in torch.
    `driver` and `drawn`, the names of the inputs where they are not the arguments, serve what is
    not called once; `properties` what has no single right answer; `repeats` is False for what
    takes so long that it is called only once. `shuffled`: cases are asked in an order of the
    seed's, so that an answer cannot go by the number of the call. `enough(trials)`: from where on
    no further case is asked, so that bad luck gets another draw. `seconds` is how long a call may
    take, its trainings together. `on_cpu`: it is tried on the CPU alone, as NumPy's arrays are.
    `reference` is whose answer the oracle's is.
    """

    name: str
    assignment: str
    notebook: str
    points: float
    arguments: tuple[str, ...]
    outputs: tuple[Output, ...]
    cases: tuple[CaseSpec, ...]
    draw: Callable[[Sizes, float, torch.Generator], Inputs]
    oracle: Callable[..., Value]
    misconceptions: tuple[Misconception, ...]
    guard: Guard = field(default_factory=Guard)
    tolerances: Mapping[torch.dtype, Tolerance] = field(default_factory=lambda: TOLERANCES)
    library: Library = "torch"
    driver: str = "once"
    drawn: tuple[str, ...] | None = None
    properties: tuple[Property, ...] = ()
    repeats: bool = True
    shuffled: bool = False
    enough: Callable[[Sequence[Trial]], bool] | None = None
    seconds: float = 10.0
    on_cpu: bool = False
    reference: str = "PyTorch"

    @property
    def devices(self) -> tuple[str, ...] | None:
        """The only devices it is tried on; None: on all that are there."""
        return ("cpu",) if self.on_cpu or self.library == "numpy" else None

    @property
    def signature(self) -> str:
        """How it is called, e.g. `forget_gate(x_t, h_prev, U_f, W_f)`."""
        return f"{self.name}({', '.join(self.arguments)})"

    @property
    def calling(self) -> Calling:
        """What the process that runs a solution has to know."""
        return Calling(self.arguments, self.guard, self.library, self.driver)

    def draw_cases(self, seed: int) -> tuple[Case, ...]:
        """All cases for `seed`: equal seeds give equal cases on every machine."""
        return tuple(self.draw_case(spec, seed, index) for index, spec in enumerate(self.cases))

    def draw_case(self, spec: CaseSpec, seed: int, index: int) -> Case:
        """The case of these sizes for `seed` that is number `index`."""
        words = [seed, zlib.crc32(self.name.encode()), index]
        state = np.random.SeedSequence(words).generate_state(1, np.uint64)[0]
        generator = torch.Generator().manual_seed(int(state >> np.uint64(1)))
        inputs = self.draw(spec.sizes, spec.scale, generator)
        wanted = self.arguments if self.drawn is None else self.drawn
        if tuple(inputs) != wanted:
            raise ValueError(f"{self.name}: draw() gave {tuple(inputs)}, not {wanted}")
        return Case(spec, inputs)
