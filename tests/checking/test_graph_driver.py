"""The driver that builds expressions with a class of scalars."""

from __future__ import annotations

import pytest

from autograder.checking.drivers import MisuseError, graph


class Node:
    """A number that knows its gradient, for sums and products."""

    def __init__(self, data, *pairs):
        self.data, self.grad, self.pairs = data, 0.0, pairs

    def __add__(self, other):
        return Node(self.data + other.data, (self, 1.0), (other, 1.0))

    def __rmul__(self, number):
        return Node(number * self.data, (self, number))

    def backward(self, upstream=1.0):
        self.grad += upstream
        for parent, slope in self.pairs:
            parent.backward(upstream * slope)


#: 3 a + b, and then that sum with itself: 6 a + 2 b.
GIVEN = {"leaves": [2.0, 5.0], "program": [["mul", [3], 0], ["add", 2, 1], ["add", 3, 3]]}


def test_graph_gives_the_values_of_all_nodes_and_the_gradients_of_the_leaves() -> None:
    found = graph(Node, GIVEN)
    assert found["values"].tolist() == [2, 5, 6, 11, 22]
    assert found["grads"].tolist() == [6, 2]


def test_graph_builds_the_expression_again_from_leaves_whose_gradients_are_0() -> None:
    assert graph(Node, GIVEN)["again"].tolist() == [6, 2]

    tape = []

    class Taped(Node):
        def __add__(self, other):
            tape.append(super().__add__(other))
            tape[-1].backward = lambda: play(tape[-1])
            return tape[-1]

    def play(last):
        last.grad = 1.0
        for node in reversed(tape):
            for parent, slope in node.pairs:
                parent.grad += slope * node.grad

    found = graph(Taped, {"leaves": [2.0, 5.0], "program": [["add", 0, 1]]})
    assert found["grads"].tolist() == [1, 1]
    assert found["again"].tolist() == [2, 2]


def test_graph_builds_it_once_more_with_nothing_set_to_0() -> None:
    assert graph(Node, GIVEN)["added"].tolist() == [12, 4]


def test_graph_stops_a_walk_along_every_path_before_it_takes_long() -> None:
    doubled = [["add", node, node] for node in range(40)]
    with pytest.raises(MisuseError, match="on a graph of 40 nodes"):
        graph(Node, {"leaves": [2.0], "program": doubled})
    assert graph(Node, {"leaves": [2.0], "program": doubled[:10]})["grads"].tolist() == [1024]


def test_graph_passes_plain_numbers_as_they_are() -> None:
    seen = []

    class Noting(Node):
        def __rmul__(self, number):
            seen.append(number)
            return super().__rmul__(number)

    graph(Noting, {"leaves": [1.0], "program": [["mul", [2], 0]]})
    graph(Noting, {"leaves": [1.0], "program": [["mul", [2.5], 0]]})
    assert [(n, type(n)) for n in seen] == [(2, int)] * 3 + [(2.5, float)] * 3


@pytest.mark.parametrize("name", ["data", "grad"])
def test_graph_says_what_is_no_number(name) -> None:
    class Odd(Node):
        def backward(self, upstream=1.0):
            for parent, _ in self.pairs:
                parent.grad = "much" if name == "grad" else 1.0

        def __rmul__(self, number):
            return Odd("much" if name == "data" else number * self.data, (self, number))

    with pytest.raises(MisuseError, match=rf"`\.{name}` is a number; yours is a str"):
        graph(Odd, {"leaves": [1.0], "program": [["mul", [2], 0]]})
