"""Answers to `Value`."""

from __future__ import annotations

import math
from typing import Any

import torch

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


def wrong(*diagnosis: str) -> Any:
    return bank.wrong(EXERCISE, *diagnosis)


@wrong("gradient_overwritten")
class Overwrites(Node):
    """`=` for `+=`, at nodes that are used twice in one operation."""

    def give(self) -> None:
        fresh: dict[int, float] = {}
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            fresh[id(parent)] = slope * self.grad
        for parent in {id(p): p for p in self.parents}.values():
            parent.grad += fresh[id(parent)]


@wrong("gradient_overwritten")
class OverwritesAlways(Node):
    """`=` for `+=`."""

    def give(self) -> None:
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.grad = slope * self.grad


@wrong("passed_on_too_early")
class Breadth(Node):
    """Goes back level by level."""

    def backward(self) -> None:
        self.grad, waiting, seen = 1.0, [self], {id(self)}
        while waiting:
            node = waiting.pop(0)
            node.give()
            for parent in node.parents:
                if id(parent) not in seen:
                    seen.add(id(parent))
                    waiting.append(parent)


@wrong("passed_on_again")
class Recursive(Node):
    """Each node calls backward of its parents."""

    def backward(self, first: bool = True) -> None:
        if first:
            self.grad = 1.0
        self.give()
        for parent in self.parents:
            parent.backward(False)


@wrong("gradient_of_the_result_missing")
class NoSeed(Node):
    """Forgets that the result's gradient is 1."""

    def backward(self) -> None:
        for node in self.order():
            node.give()


@wrong("gradient_of_the_result_missing")
class WrongEnd(Node):
    """Goes through the graph from the leaves."""

    def backward(self) -> None:
        for node in self.order()[::-1]:
            node.give()
        self.grad = 1.0


def slope(name: str, change: Any) -> Any:
    """A Value whose operation `name` has other slopes: change(node, *operands' data)."""

    def operation(self: Any, *others: Any) -> Any:
        right = getattr(Node, name)(self, *others)
        right.slopes = change(*(parent.data for parent in right.parents))
        return right

    return type("Sloped", (Node,), {name: operation})


for title, diagnosis, why, made in (
    ("relu_at_zero", "relu_open_at_zero", ">= for >.", slope("relu", lambda a: (float(a >= 0),))),
    ("relu_open", "relu_always_open", "No mask.", slope("relu", lambda a: (1.0,))),
    ("tanh_input", "tanh_of_the_input", "1 - z².", slope("tanh", lambda a: (1 - a**2,))),
    ("tanh_line", "tanh_square_missing", "1 - tanh.",
     slope("tanh", lambda a: (1 - math.tanh(a),))),
    ("exp_input", "exp_of_the_input", "Times the input.", slope("exp", lambda a: (a,))),
    ("exp_flat", "exp_without_slope", "No slope.", slope("exp", lambda a: (1.0,))),
    ("log_output", "log_of_the_output", "1 / log.", slope("log", lambda a: (1 / math.log(a),))),
    ("log_times", "log_multiplied", "Times the input.", slope("log", lambda a: (a,))),
    ("mul_own", "mul_own_data", "Its own value.", slope("__mul__", lambda a, b: (a, b))),
    ("div_sign", "div_sign_missing", "No minus.",
     slope("__truediv__", lambda a, b: (1 / b, a / b**2))),
    ("div_square", "div_square_missing", "No square.",
     slope("__truediv__", lambda a, b: (1 / b, -a / b))),
    ("div_top_only", "divisor_without_gradient", "Forgets the divisor.",
     slope("__truediv__", lambda a, b: (1 / b, 0.0))),
):  # fmt: skip
    if title == "mul_own":
        made.__rmul__ = made.__mul__
    bank.wrong_ones(EXERCISE, (title, diagnosis, why, made))


@wrong("exponent_without_gradient")
class PlainExponent(Node):
    """Takes an exponent for a plain number."""

    def __pow__(self, other: Any) -> Any:
        power = other.data if isinstance(other, Node) else other
        return self.node(self.data**power, (self, power * self.data ** (power - 1)))

    def __rpow__(self, other: Any) -> Any:
        return self.node(other**self.data, (self, 0.0))


@wrong("right_hand_sub_turned")
class TurnedSub(Node):
    """`__rsub__ = __sub__`."""

    __rsub__ = Node.__sub__


@wrong("right_hand_div_turned")
class TurnedDiv(Node):
    """`__rtruediv__ = __truediv__`."""

    __rtruediv__ = Node.__truediv__


@wrong("operator_missing")
class NoRightHand(Node):
    """No operators for numbers on the left."""

    def __radd__(self, other: Any) -> Any:
        return NotImplemented

    __rmul__ = __rsub__ = __radd__


@wrong("unknown_attribute")
class NoTanh(Node):
    """Forgets tanh."""

    @property
    def tanh(self) -> Any:
        raise AttributeError("'Value' object has no attribute 'tanh'")


@wrong("relu_is_absolute")
class Absolute(Node):
    """abs for relu."""

    def relu(self) -> Any:
        sign = float(self.data > 0) - float(self.data < 0)
        return self.node(abs(self.data), (self, sign))


@wrong("forbidden_call")
class Torch(Node):
    """Lets PyTorch do it."""

    def exp(self) -> Any:
        value = torch.tensor(self.data).exp().item()
        return self.node(value, (self, value))


@wrong("not_started")
class Stub:
    """Nothing yet."""

    def __init__(self, data: float) -> None:
        raise NotImplementedError("write this")
