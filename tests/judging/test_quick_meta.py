"""Sums on `meta` by the short way have the form that PyTorch gives them."""

from __future__ import annotations

import itertools
import operator
import subprocess
import sys
from pathlib import Path

import torch

from autograder.judging.inside.quick_meta import ONE, TWO, _of_one, _of_two, quicken

SHAPES = ((2, 3), (3,), (1, 3), (2, 1), (), (1,), (0, 3), (4, 2, 3))
DTYPES = (torch.float32, torch.float64, torch.int64, torch.bool)


def operands():
    for shape, dtype in itertools.product(SHAPES, DTYPES):
        yield torch.empty(shape, dtype=dtype, device="meta")
    yield torch.empty(3, 2, device="meta").T
    yield torch.nn.Parameter(torch.empty(2, 3, device="meta"))
    yield torch.empty(2, 3, device="meta", requires_grad=True)
    yield torch.empty(2, 3)  # on another device
    yield torch.tensor(2.0, dtype=torch.float64)
    yield torch.tensor(1j)
    yield from (2, 2.5, 1j, True)


def form(function, *operands):
    """What comes of a call, in all that a tensor without numbers has; or that it raises."""
    try:
        made = function(*operands)
    except Exception as error:
        return type(error).__name__
    place = (made.device.type, made.dtype, tuple(made.shape), made.stride(), made.requires_grad)
    return *place, type(made).__name__


def is_meta(operand) -> bool:
    return isinstance(operand, torch.Tensor) and operand.is_meta


def forms() -> dict[str, object]:
    found = {}
    two = {name: getattr(torch, name) for name in ("add", "sub", "mul", "div")}
    two |= {"-": operator.sub, "**": operator.pow}
    for (m, a), (n, b) in itertools.product(enumerate(operands()), repeat=2):
        if is_meta(a) or is_meta(b):
            found |= {f"{name} {m} {n}": form(function, a, b) for name, function in two.items()}
        if is_meta(a) and is_meta(b):
            found[f"tanh back {m} {n}"] = form(torch.ops.aten.tanh_backward, a, b)
            found[f"sigmoid back {m} {n}"] = form(torch.ops.aten.sigmoid_backward, a, b)
    for m, a in enumerate(operands()):
        found |= {f"tanh {m}": form(torch.tanh, a), f"sigmoid {m}": form(torch.sigmoid, a)}
    return found


def compare() -> None:
    """In a process of its own, for there is no way back."""
    before = forms()
    quicken()
    after = forms()
    other = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    print(len(before), other)
    sys.exit(bool(other))


def test_the_short_way_changes_no_form(root: Path) -> None:
    command = "from tests.judging.test_quick_meta import compare; compare()"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", command],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert int(done.stdout.split()[0]) > 5000


def test_the_usual_case_takes_the_short_way() -> None:
    def own(*_, **__):
        raise AssertionError("the long way")

    h, b = torch.empty(2, 3, device="meta"), torch.empty(3, device="meta")
    for a, other in ((h, h), (h, b), (b, h), (h, torch.tensor(2.0))):
        assert _of_two(own)(a, other).shape == (2, 3)
    assert _of_one(own)(h).shape == _of_one(own)(h, 1.0).shape == (2, 3)


def test_pytorch_has_what_is_shortened() -> None:
    for name in (*TWO, *ONE):
        packet, _, overload = name.partition(".")
        assert hasattr(getattr(torch.ops.aten, packet), overload or "default")
