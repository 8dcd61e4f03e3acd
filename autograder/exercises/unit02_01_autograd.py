"""Unit 2, notebook 01_autograd: a scalar that knows its gradient, and broadcasting undone."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from autograder.checking.compare import UnreadableError
from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output, Sizes
from autograder.checking.guard import Guard
from autograder.checking.values import Inputs, Value
from autograder.exercises._graphs import evaluate, fixed, random_program
from autograder.exercises._graphs_wrong import MISCONCEPTIONS
from autograder.exercises._places import letter

ASSIGNMENT, NOTEBOOK = "02_deep_learning", "01_autograd"
GUARD = Guard(
    modules=("torch", "sklearn", "scipy", "jax", "autograd"),
    says="This one is written in plain Python and NumPy: PyTorch's autograd is what you write.",
)

# --- Value --------------------------------------------------------------------------------------

#: One program for each group of operations; the leaves' numbers are drawn anew each time.
TWICE = fixed("mul 0 0\nadd 1 1\nmul 2 3")
ORDER = fixed("mul 0 1\ntanh 2\nmul 2 3")
NUMBERS = fixed(
    """
    add #2 0\nadd 1 #3\nsub #1.5 2\nsub 3 #0.5\nmul #2 4\nmul 5 #3\nneg 6\nsub 8 7
    sub 7 1\nmul 9 10
    """,
)
#: The last leaf of this one is exactly 0, where relu has its corner.
FUNCTIONS = fixed(
    """
    exp 0\nlog 1\ntanh 2\nrelu 2\nrelu 3\nmul 4 5\nmul 6 7\nadd 9 10
    add 11 8\nneg 2\nrelu 13\nadd 12 14\nmul 15 4
    """,
)
#: One base is negative, with a plain number as exponent.
POWERS = fixed(
    """
    div 0 1\ndiv #2 1\ndiv 0 #4\npow 0 #2.5\npow #2 1\npow 0 1\npow 1 #-1\nmul 0 #-1
    pow 9 #3\nadd 2 3\nadd 11 4\nadd 12 5\nadd 13 6\nadd 14 7\nadd 15 8\nadd 16 10
    """,
)
#: Twice as many paths with every step: who goes along each of them is not done in a lifetime.
DOUBLED = fixed("\n".join(f"add {node} {node}" for node in range(40)))
PROGRAMS = (TWICE, ORDER, NUMBERS, FUNCTIONS, POWERS, DOUBLED)
LEAVES = (2, 2, 2, 4, 2, 1)


def _draw_graph(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    n = sizes["leaves"]
    if sizes["program"] >= len(PROGRAMS):
        leaves, program = random_program(g, n, sizes["steps"])
        return {"leaves": leaves, "program": program}
    numbers = 0.4 + 1.2 * torch.rand(n, dtype=torch.float64, generator=g)
    leaves = [round(float(number), 6) for number in numbers]
    program = PROGRAMS[sizes["program"]]
    if program is FUNCTIONS:
        leaves[-1] = 0.0
    return {"leaves": leaves, "program": [list(step) for step in program]}


def _part(name: str) -> Any:
    def view(inputs: Inputs, value: Value) -> Tensor:
        part = value.get(name) if isinstance(value, dict) else None
        if not isinstance(part, Tensor):
            raise UnreadableError("wrong_type", "Your Value gave no numbers.")
        return part

    return view


def _grads(title: str, *cases: int, weight: float = 2.0, part: str = "grads") -> Output:
    return Output(title, ("P",), weight=weight, view=_part(part), cases=cases, place=_of_leaf)


def _of_leaf(inputs: Inputs, index: tuple[int, ...]) -> str:
    return f"the gradient of `{letter(index[0])}`, of {len(inputs['leaves'])} inputs"


def _of_node(inputs: Inputs, index: tuple[int, ...]) -> str:
    step = index[0] - len(inputs["leaves"])
    if step < 0:
        return f"the input `{letter(index[0])}`"
    return f"step {step + 1}, `{inputs['program'][step][0]}`"


def _title(number: int, leaves: int, steps: int) -> str:
    """What is calculated; a program is too long to be written out."""
    kinds = ("c = a * a; d = b + b; e = c * d", "c = a * b; d = c.tanh(); e = c * d",
             "+, - and * with plain numbers on either side", "exp, log, tanh, relu and -",
             "/ and **, with plain numbers on either side",
             "a number added to itself, the sum to itself, and so on")  # fmt: skip
    if number < len(kinds):
        return f"{kinds[number]} ({steps} steps from {leaves} input{'s' * (leaves > 1)})"
    return f"a random graph, {steps} steps from {leaves} inputs and some that join them"


VALUE = Exercise(
    name="Value",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=13,
    arguments=("data",),
    outputs=(
        Output(
            "the numbers",
            ("P",),
            weight=1.0,
            view=_part("values"),
            place=_of_node,
            cases=(0, 1, 2, 3, 4, 6, 7),
        ),
        _grads("gradients: a node used twice", 0),
        _grads("gradients: in the right order", 1),
        _grads("gradients: + - * with numbers", 2),
        _grads("gradients: exp, log, tanh, relu", 3),
        _grads("gradients: / and **", 4),
        _grads("gradients: large graphs", 5, 6, 7, weight=1.0),
        _grads("gradients: a second graph", 0, weight=0.5, part="again"),
        _grads("gradients: another one on top", 0, weight=0.5, part="added"),
    ),
    cases=tuple(
        CaseSpec(
            {"program": number, "leaves": leaves, "steps": steps},
            title=_title(number, leaves, steps),
        )
        for number, (leaves, steps) in enumerate(
            [
                *((n, len(program)) for n, program in zip(LEAVES, PROGRAMS, strict=True)),
                (3, 9),
                (5, 18),
            ]
        )
    ),
    draw=_draw_graph,
    oracle=evaluate,
    misconceptions=MISCONCEPTIONS,
    guard=GUARD,
    library="numpy",
    driver="graph",
    drawn=("leaves", "program"),
)

# --- unbroadcast --------------------------------------------------------------------------------

SHAPES: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((3, 4), (4,)),
    ((3, 4), (3, 1)),
    ((2, 3, 4), (3, 1)),
    ((5, 2), (1, 2)),
    ((2, 5, 3), (1, 1, 3)),
    ((4, 3), ()),
    ((3, 5), (3, 5)),
    ((1, 4), (1, 1)),
    ((2, 1, 3), (1, 3)),
)


def _draw_broadcast(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    big, small = SHAPES[sizes["pair"]]
    return {"grad": torch.randn(big, dtype=torch.float64, generator=g), "shape": small}


def _broadcast_gradient(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Autograd through `expand`: what reaches a tensor of `shape` that was broadcast."""
    leaf = torch.zeros(shape, dtype=grad.dtype, requires_grad=True)
    return torch.autograd.grad(leaf.expand(grad.shape), leaf, grad)[0]


def _averaged(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    found = _broadcast_gradient(grad, shape)
    return found * found.numel() / grad.numel()


def _first(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    while grad.dim() > len(shape):
        grad = grad[0]
    for place, wanted in enumerate(shape):
        grad = grad.narrow(place, 0, wanted)
    return grad.clone()


def _leading_only(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Sums the axes that were added in front, and takes the first entry of those of size 1."""
    extra = grad.dim() - len(shape)
    return _first(grad.sum(tuple(range(extra))) if extra else grad, shape)


def _inner_only(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    while grad.dim() > len(shape):
        grad = grad[0]
    return _broadcast_gradient(grad, shape)


UNBROADCAST = Exercise(
    name="unbroadcast",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=5,
    arguments=("grad", "shape"),
    outputs=(
        Output("axes added in front", (), cases=(0, 5), weight=1.5),
        Output("axes of size 1", (), cases=(1, 3, 7), weight=1.5),
        Output("both, and neither", (), cases=(2, 4, 6, 8), weight=2.0),
    ),
    cases=tuple(
        CaseSpec(
            {"pair": pair, "from": 2 + len(big), "to": len(small)},
            title=f"grad of shape {big}, shape={small}",
        )
        for pair, (big, small) in enumerate(SHAPES)
    ),
    draw=_draw_broadcast,
    oracle=_broadcast_gradient,
    misconceptions=(
        Misconception(
            "mean_for_sum",
            "The gradient was averaged over the copies.",
            "Each copy was used on its own, so their gradients add.",
            _averaged,
        ),
        Misconception(
            "one_copy_for_all",
            "The gradient of the first copy was taken for all of them.",
            "Each copy was used on its own, so their gradients add.",
            _first,
        ),
        Misconception(
            "axes_of_size_one_not_summed",
            "Axes that were added in front are summed, but not those of size 1.",
            "Where `shape` has a 1 and the gradient has more, sum that axis and keep it.",
            _leading_only,
        ),
        Misconception(
            "leading_axes_not_summed",
            "Axes of size 1 are summed, but of those that were added in front the first was taken.",
            "While the gradient has more axes than `shape`, sum its first axis.",
            _inner_only,
        ),
        Misconception(
            "squares_summed",
            "The squares of the copies' gradients were added.",
            "Add the gradients themselves.",
            lambda grad, shape: _broadcast_gradient(grad.square(), shape),
        ),
        Misconception(
            "sign_changed",
            "The sign is wrong.",
            "Add the copies' gradients.",
            lambda grad, shape: -_broadcast_gradient(grad, shape),
        ),
        Misconception(
            "everything_everywhere",
            "Every entry holds the sum of the whole gradient.",
            "Sum only the axes along which there were copies.",
            lambda grad, shape: grad.sum().expand(shape).clone(),
        ),
        Misconception(
            "ones_for_the_gradient",
            "These are the numbers of copies.",
            "Add the gradients, do not count them.",
            lambda grad, shape: _broadcast_gradient(torch.ones_like(grad), shape),
        ),
    ),
    guard=GUARD,
    library="numpy",
)

EXERCISES = (VALUE, UNBROADCAST)
