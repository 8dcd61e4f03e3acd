"""Results read back from the outputs of a notebook, where each check left its plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nbformat import NotebookNode

from autograder.checking.compare import Patch
from autograder.checking.result import MIME, DeviceLine, Finding, OutputLine, Result
from autograder.notebooks.cells import is_test


def result_from(data: object) -> Result:
    """The result whose `to_dict()` is `data`. Raises ValueError where it is not one."""
    if not isinstance(data, Mapping):
        raise ValueError("a result's plain data is a mapping")
    try:
        return Result(
            exercise=str(data["exercise"]),
            signature=str(data["signature"]),
            passed=data["passed"] is True,
            score=float(data["score"]),
            max_score=float(data["max_score"]),
            seed=int(data["seed"]),
            findings=tuple(
                Finding(str(f["name"]), str(f["says"]), str(f["look"])) for f in data["findings"]
            ),
            outputs=tuple(map(_output_line, data["outputs"])),
            devices=tuple(
                DeviceLine(
                    str(d["device"]),
                    None if d["passed"] is None else d["passed"] is True,
                    str(d["says"]),
                )
                for d in data["devices"]
            ),
            cases=int(data["cases"]),
            printed=str(data["printed"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"not the plain data of a result: {error!r}") from None


def result_of(cell: NotebookNode) -> Result | None:
    """The last result among a cell's outputs, or None where there is none."""
    found = None
    for output in cell.get("outputs", ()):
        data = output.get("data", {}).get(MIME)
        if data is not None:
            try:
                found = result_from(data)
            except ValueError:
                continue
    return found


def graded_results(notebook: NotebookNode) -> Iterator[Result]:
    """The results in the graded test cells of an autograded notebook, in its order."""
    for cell in notebook.cells:
        result = result_of(cell) if is_test(cell) else None
        if result is not None:
            yield result


def _output_line(data: Mapping[str, Any]) -> OutputLine:
    patch = data["patch"]
    return OutputLine(
        name=str(data["name"]),
        passed=data["passed"] is True,
        points=float(data["points"]),
        says=str(data["says"]),
        case=str(data["case"]),
        patch=None if patch is None else _patch(patch),
        looked_at=data.get("looked_at", True) is True,
    )


def _patch(data: Mapping[str, Any]) -> Patch:
    return Patch(
        got=_rows(data["got"]),
        expected=_rows(data["expected"]),
        wrong=tuple(tuple(cell is True for cell in row) for row in data["wrong"]),
        at=str(data["at"]),
    )


def _rows(rows: Any) -> tuple[tuple[float, ...], ...]:
    """Numbers; what is not finite crosses JSON as a word ("nan", "inf")."""
    return tuple(tuple(float(cell) for cell in row) for row in rows)
