"""Inputs that are made anew for each call, in the process that runs the solution.

A random generator and a function are no plain data. What crosses to a sandbox is how to make them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from autograder.checking.calling import Library

Constant = float | list[Any]


@dataclass(frozen=True)
class Seeded:
    """A random generator in the state that `seed` gives it."""

    seed: int

    def make(self, library: Library, device: str = "cpu") -> Any:
        """`numpy.random.default_rng(seed)`, or a `torch.Generator` on `device`.

        There is no generator for `meta` tensors: one on the CPU serves them.
        """
        if library == "numpy":
            return np.random.default_rng(self.seed)
        place = "cpu" if device == "meta" else device
        return torch.Generator(place).manual_seed(self.seed)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for the wire."""
        return {"seed": self.seed}


@dataclass(frozen=True)
class Formula:
    """A function of one array `x`, written with what NumPy and PyTorch call alike.

    `source` is an expression of `x`, `np` and the constants, e.g. `np.sum(a * np.sin(x))`;
    constants are numbers or nested lists of numbers.
    """

    source: str
    constants: Mapping[str, Constant] = field(default_factory=dict)

    def make(self, library: Library, device: str = "cpu") -> Callable[[Any], Any]:
        """The function on arrays of `library`, in float64; its constants lie on the CPU."""
        code = compile(self.source, "<the function f of this case>", "eval")
        names: dict[str, Any] = {"np": np if library == "numpy" else torch}
        for name, value in self.constants.items():
            names[name] = _array(value, library)
        return lambda x: eval(code, names, {"x": x})

    def to_dict(self) -> dict[str, Any]:
        """Plain data for the wire."""
        return {"source": self.source, "constants": dict(self.constants)}


Recipe = Seeded | Formula


def from_dict(data: Mapping[str, Any]) -> Recipe:
    """What `to_dict` made plain."""
    if "seed" in data:
        return Seeded(data["seed"])
    return Formula(data["source"], data["constants"])


def _array(value: Constant, library: Library) -> Any:
    if not isinstance(value, list):
        return value
    if library == "numpy":
        return np.array(value, dtype=np.float64)
    return torch.tensor(value, dtype=torch.float64)
