"""Results survive the way through a notebook's outputs."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook, new_output

from autograder import check
from autograder.checking.result import MIME, Result
from autograder.notebooks.results import graded_results, result_from, result_of
from tests.commands.cells import grading


def wrong() -> Result:
    return check.cell_state(lambda f_t, c_prev, i_t, c_bar: i_t * c_prev + f_t * c_bar, seed=3)


def output(data: Any) -> Any:
    return new_output("execute_result", {"text/plain": "0.0", MIME: data}, execution_count=1)


def test_a_result_comes_back_as_it_was() -> None:
    result = wrong()
    assert result_from(json.loads(json.dumps(result.to_dict()))) == result
    assert result.findings
    assert result.outputs[0].patch is not None


def test_numbers_that_are_not_finite_come_back() -> None:
    result = check.hidden_state(lambda o_t, c_t: o_t / 0 * torch.inf, seed=3)
    data = json.loads(json.dumps(result.to_dict()).replace("Infinity", '"inf"'))
    patch = result_from(data).outputs[0].patch
    assert patch is not None
    assert patch.got[0][0] == float("inf")


@pytest.mark.parametrize(
    "data", [None, 3, [], {}, {"exercise": "a"}, {**wrong().to_dict(), "findings": [{"name": "x"}]}]
)
def test_what_is_no_result_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="plain data"):
        result_from(data)


def test_a_cell_without_a_proper_result_has_none() -> None:
    assert result_of(new_code_cell()) is None
    assert result_of(new_code_cell(outputs=[output({"exercise": 1})])) is None
    assert result_of(new_code_cell(outputs=[output(wrong().to_dict()), output(7)])) == wrong()


def test_only_graded_cells_count() -> None:
    mine = new_code_cell(outputs=[output(wrong().to_dict())])
    graded = new_code_cell(
        outputs=[output(wrong().to_dict())],
        metadata=grading("test_cell_state", grade=True, points=3),
    )
    notebook = new_notebook(cells=[mine, graded])
    assert [result.exercise for result in graded_results(notebook)] == ["cell_state"]
