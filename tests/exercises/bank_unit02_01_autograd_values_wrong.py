"""Wrong answers to `Value`."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import torch

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit02_01_autograd_values import EXERCISE, Node

bank = Bank()


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


@wrong("backward_of_every_node")
class BeginsAnew(Node):
    """Calls backward of its parents, which sets each one's gradient to 1."""

    def backward(self) -> None:
        self.grad = 1.0
        self.give()
        for parent in self.parents:
            parent.backward()


@wrong("number_not_wrapped")
class NotWrapped(Node):
    """Takes every operand for a Value."""

    @classmethod
    def of(cls, thing: Any) -> Any:
        return thing


@wrong("attribute_not_set")
class NoGradient(Node):
    """Forgets `self.grad`."""

    def __init__(self, data: Any, parents: Any = (), slopes: Any = ()) -> None:
        super().__init__(data, parents, slopes)
        del self.grad

    def give(self) -> None:
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.grad += slope * self.grad


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


@wrong("gradient_of_the_result_not_one")
class OwnDataFirst(Node):
    """Starts from its own value."""

    def backward(self) -> None:
        self.grad = self.data
        for node in self.order():
            node.give()


@wrong("gradients_set_to_zero")
class ZeroesFirst(Node):
    """Sets every gradient to 0 before it starts."""

    def backward(self) -> None:
        for node in self.order():
            node.grad = 0.0
        super().backward()


@bank.wrong_with_memory(EXERCISE, "gradients_set_to_zero")
def tape_wiped() -> Any:
    """All nodes on one tape, all gradients on it 0 before it is played back."""
    taped = tape_of_the_class()

    class Wiped(taped):
        def backward(self) -> None:
            for node in self.tape:
                node.grad = 0.0
            super().backward()

    return Wiped


@wrong("every_path_walked")
class EveryPath(Node):
    """Hands each node a share for every path that leads to it: right, and without end."""

    def backward(self, share: float = 1.0) -> None:
        self.grad += share
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.backward(share * slope)


@wrong("every_path_walked")
class LevelByLevel(Node):
    """The same, a level at a time."""

    def backward(self) -> None:
        level: list[tuple[Any, float]] = [(self, 1.0)]
        while level:
            for node, share in level:
                node.grad += share
            level = [
                (parent, share * slope)
                for node, share in level
                for parent, slope in zip(node.parents, node.slopes, strict=True)
            ]


@bank.wrong_with_memory(EXERCISE, "earlier_graph_walked_again")
def list_as_default() -> Any:
    """Keeps the order in a default argument."""

    class Kept(Node):
        def backward(self, order: list[Any] = [], seen: set[int] = set()) -> None:  # noqa: B006
            def visit(node: Any) -> None:
                if id(node) not in seen:
                    seen.add(id(node))
                    for parent in node.parents:
                        visit(parent)
                    order.append(node)

            visit(self)
            self.grad = 1.0
            for node in reversed(order):
                node.give()

    return Kept


@bank.wrong_with_memory(EXERCISE, "earlier_graph_walked_again")
def tape_of_the_class() -> Any:
    """Writes all nodes on one tape and plays it back from its end."""

    class Taped(Node):
        tape: ClassVar[list[Any]] = []

        def __init__(self, *parts: Any) -> None:
            super().__init__(*parts)
            self.tape.append(self)

        def backward(self) -> None:
            self.grad = 1.0
            for node in reversed(self.tape):
                node.give()

    return Taped


@wrong("log_of_a_negative_base")
class LogOfEveryBase(Node):
    """Makes a Value of every exponent, and takes the log for its slope."""

    def __pow__(self, other: Any) -> Any:
        other = self.of(other)
        value = self.data**other.data
        to_base = other.data * self.data ** (other.data - 1)
        return self.node(value, (self, to_base), (other, value * math.log(self.data)))


@wrong("operator_missing")
class FloatsOnly(Node):
    """Asks for a float, where a whole number may come."""

    @classmethod
    def of(cls, thing: Any) -> Any:
        if isinstance(thing, Node | float):
            return super().of(thing)
        raise TypeError("unsupported operand type(s)")

    def __neg__(self) -> Any:
        return self * -1.0


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
    ("tanh_flat", "tanh_without_slope", "No slope.", slope("tanh", lambda a: (1.0,))),
    ("log_flat", "log_without_slope", "No slope.", slope("log", lambda a: (1.0,))),
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


@wrong("power_factor_missing")
class FactorLeftOut(Node):
    """n left out of n aⁿ⁻¹, where the exponent is a plain number; quotients are made of powers."""

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, Node):
            return super().__pow__(other)
        return self.node(self.data**other, (self, self.data ** (other - 1)))

    def __truediv__(self, other: Any) -> Any:
        return self * self.of(other) ** -1


@wrong("power_factor_missing")
class FactorLeftOutOfPlainPowers(Node):
    """The same, with quotients of their own."""

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, Node):
            return super().__pow__(other)
        return self.node(self.data**other, (self, self.data ** (other - 1)))


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


@wrong("method_missing")
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
