"""Right answers to `Value`, and the parts that wrong ones exchange."""

from __future__ import annotations

import math
from typing import Any

from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "Value"


class Node:
    """A right Value, made of parts that wrong ones exchange."""

    def __init__(self, data: Any, parents: Any = (), slopes: Any = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.slopes = slopes

    @classmethod
    def of(cls, thing: Any) -> Any:
        return thing if isinstance(thing, Node) else cls(float(thing))

    def node(self, data: float, *pairs: Any) -> Any:
        parents, slopes = zip(*pairs, strict=True)
        return type(self)(data, parents, slopes)

    def __add__(self, other: Any) -> Any:
        other = self.of(other)
        return self.node(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other: Any) -> Any:
        other = self.of(other)
        return self.node(self.data * other.data, (self, other.data), (other, self.data))

    def __neg__(self) -> Any:
        return self * -1

    def __sub__(self, other: Any) -> Any:
        return self + (-self.of(other))

    def __rsub__(self, other: Any) -> Any:
        return self.of(other) - self

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Any:
        a, b = self.data, self.of(other).data
        return self.node(a / b, (self, 1 / b), (self.of(other), -a / b**2))

    def __rtruediv__(self, other: Any) -> Any:
        return self.of(other) / self

    def __pow__(self, other: Any) -> Any:
        if not isinstance(other, Node):
            return self.node(self.data**other, (self, other * self.data ** (other - 1)))
        a, b = self.data, other.data
        return self.node(a**b, (self, b * a ** (b - 1)), (other, a**b * math.log(a)))

    def __rpow__(self, other: Any) -> Any:
        return self.of(other) ** self

    def exp(self) -> Any:
        return self.node(math.exp(self.data), (self, math.exp(self.data)))

    def log(self) -> Any:
        return self.node(math.log(self.data), (self, 1 / self.data))

    def tanh(self) -> Any:
        return self.node(math.tanh(self.data), (self, 1 - math.tanh(self.data) ** 2))

    def relu(self) -> Any:
        return self.node(max(self.data, 0.0), (self, float(self.data > 0)))

    def order(self) -> list[Any]:
        seen: set[int] = set()
        found: list[Any] = []

        def visit(node: Any) -> None:
            if id(node) not in seen:
                seen.add(id(node))
                for parent in node.parents:
                    visit(parent)
                found.append(node)

        visit(self)
        return found[::-1]

    def give(self) -> None:
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.grad += slope * self.grad

    def backward(self) -> None:
        self.grad = 1.0
        for node in self.order():
            node.give()


@bank.right(EXERCISE)
class Sorted(Node):
    pass


@bank.right(EXERCISE)
class Counted(Node):
    """Passes on when all users have given: counts them first."""

    def backward(self) -> None:
        waiting: dict[int, int] = {}
        for node in self.order():
            for parent in node.parents:
                waiting[id(parent)] = waiting.get(id(parent), 0) + 1
        self.grad, ready = 1.0, [self]
        while ready:
            node = ready.pop()
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                parent.grad += slope * node.grad
                waiting[id(parent)] -= 1
                if not waiting[id(parent)]:
                    ready.append(parent)


@bank.right(EXERCISE)
class Numbered(Node):
    """Numbers its nodes as they are made, and goes back in that order."""

    made = 0

    def __init__(self, data: Any, parents: Any = (), slopes: Any = ()) -> None:
        super().__init__(float(data), parents, slopes)
        Numbered.made += 1
        self.number = Numbered.made

    def backward(self) -> None:
        self.grad = 1.0
        for node in sorted(self.order(), key=lambda node: -node.number):
            node.give()


@bank.right(EXERCISE)
class OfSmallerParts(Node):
    """Division and roots from powers; tanh from exp."""

    def __truediv__(self, other: Any) -> Any:
        return self * self.of(other) ** -1

    def tanh(self) -> Any:
        twice = (self * 2).exp()
        return (twice - 1) / (twice + 1)

    def __repr__(self) -> str:
        return f"Value({self.data}, grad={self.grad})"


@bank.right(EXERCISE)
class ZeroesWhatLiesBetween(Node):
    """Sets every gradient to 0 before it starts, but for the leaves'."""

    def backward(self) -> None:
        for node in self.order():
            node.grad = 0.0 if node.parents else node.grad
        super().backward()


@bank.right(EXERCISE)
class Closures(Node):
    """Each node holds a function that passes its gradient on."""

    def node(self, data: float, *pairs: Any) -> Any:
        made = super().node(data, *pairs)

        def give() -> None:
            for parent, slope in pairs:
                parent.grad += slope * made.grad

        made.give = give
        return made
