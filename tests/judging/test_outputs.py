"""What a sandbox says a cell put out, made into a notebook's outputs."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.judging.outputs import MOST_PIECES, Collected


def collect(*said: Any, limit: int = 10_000) -> list[Any]:
    collected = Collected(limit)
    for piece in said:
        collected.add(piece)
    collected.number(7)
    cell = new_code_cell("x", id="x", outputs=collected.outputs, execution_count=7)
    nbformat.validate(new_notebook(cells=[cell]))
    return collected.outputs


def stream(text: Any, name: Any = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def test_streams_are_joined() -> None:
    said = collect(stream("a"), stream("b\r"), stream("c", "stderr"), stream("d", "nonsense"))
    assert [(o.name, o.text) for o in said] == [
        ("stdout", "ab\r"),
        ("stderr", "c"),
        ("stdout", "d"),
    ]


def test_results_displays_and_errors() -> None:
    result, display, error = collect(
        {"output_type": "execute_result", "data": {"text/plain": "4"}, "execution_count": 99},
        {"output_type": "display_data", "data": {"text/html": ["<b>", "x"]}, "metadata": {"a": 1}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["1", "2"]},
    )
    assert (result.data, result.execution_count) == ({"text/plain": "4"}, 7)
    assert (display.data, display.metadata) == ({"text/html": "<b>x"}, {})
    assert (error.ename, error.evalue, error.traceback) == ("E", "v", ["1", "2"])


def test_clearing() -> None:
    assert [o.text for o in collect(stream("a"), {"output_type": "clear"}, stream("b"))] == ["b"]


@pytest.mark.parametrize(
    "said",
    [
        None, 3, "x", [], {}, {"output_type": "input_request"}, {"output_type": []},
        {"output_type": "update_display_data", "data": {}},
        {"output_type": "execute_result"}, {"output_type": "display_data", "data": "x"},
    ],
)  # fmt: skip
def test_what_is_no_output_is_left_out(said: Any) -> None:
    assert collect(said) == []


@pytest.mark.parametrize(
    "said",
    [
        stream(5), stream(["a"]), stream("x", {"a": 1}), {"output_type": "stream"},
        {"output_type": "error"},
        {"output_type": "error", "ename": 1, "evalue": [], "traceback": [1, {}, "x"]},
        {"output_type": "error", "ename": "x", "evalue": "y", "traceback": "z"},
        {"output_type": "display_data", "data": {"text/plain": 5, "image/png": {}, "a/b": [1]}},
        {"output_type": "display_data", "data": {"application/vnd.x+json": {"a": 1}}},
        {"output_type": "execute_result", "data": {str(i): "x" for i in range(1000)}},
    ],
)  # fmt: skip
def test_what_is_half_an_output_is_a_valid_one(said: Any) -> None:
    (output,) = collect(said)
    assert len(output.get("data", {})) <= 20


def test_it_stays_within_its_limit() -> None:
    many = [stream("x" * 900, name) for name in ("stdout", "stderr") * 30]
    assert sum(len(o.text) for o in collect(*many)) == 10_000
    rich = {"output_type": "display_data", "data": {"text/plain": "x" * 9_000}}
    assert sum(len(o.data["text/plain"]) for o in collect(rich, rich, rich)) == 10_000
    error = {"output_type": "error", "ename": "e", "evalue": "v" * 10**6, "traceback": ["t"]}
    assert len(collect(*[error] * 10)) == 1


def test_it_is_in_a_limited_number_of_pieces() -> None:
    pieces = [stream("a"), stream("b", "stderr")] * MOST_PIECES
    said = collect(*pieces)
    assert len(said) == MOST_PIECES + 1
    assert "was cut" in said[-1].text
