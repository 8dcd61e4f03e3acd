"""Puts a submitted notebook in order: every cell that carries marks stands once, as released.

nbgrader's own steps (DeduplicateIds, OverwriteKernelspec, OverwriteCells) do this for a notebook
that was only edited; this one also brings back what was deleted, moved or turned into something
else. Of a student's metadata only the grade id is believed, and only to find a cell by.
"""

from __future__ import annotations

import copy
from typing import Any

from nbformat import NotebookNode
from nbgrader.nbgraderformat import SCHEMA_VERSION

from autograder.judging.plan import NotebookPlan, SourceCell
from autograder.judging.verdict import Incident
from autograder.notebooks.cells import SKIP_TAG, grading_data


def mend(notebook: NotebookNode, plan: NotebookPlan) -> tuple[NotebookNode, tuple[Incident, ...]]:
    """A new notebook in the plan's order of things, and what had to be changed for it."""
    mending = _Mending(copy.deepcopy(notebook), plan)
    mending.link()
    mending.place()
    book = mending.book
    if plan.kernelspec:
        book.metadata["kernelspec"] = NotebookNode(plan.kernelspec)
    return book, tuple(mending.incidents)


class _Mending:
    def __init__(self, book: NotebookNode, plan: NotebookPlan) -> None:
        self.book, self.plan = book, plan
        self.incidents: list[Incident] = []
        self._known = {cell.grade_id: cell for cell in plan.cells}
        self._links: dict[int, SourceCell] = {}

    def _say(self, kind: str, where: str, says: str) -> None:
        self.incidents.append(Incident(kind, where, says))

    def link(self) -> None:
        """Finds the plan's cells among the student's; the last of several is the one."""
        taken: set[str] = set()
        doubled: set[int] = set()
        for index in reversed(range(len(self.book.cells))):
            cell = self.book.cells[index]
            data = grading_data(cell)
            name = data.get("grade_id")
            source = self._known.get(name) if type(name) is str else None
            if source is None or name in taken:
                if source is not None and source.locked:
                    doubled.add(index)
                    self._say("cell_duplicated", str(name), "It was there twice; one was kept.")
                cell.metadata.pop("nbgrader", None)
                continue
            taken.add(source.grade_id)
            self._links[index] = source
            self._restore(cell, source, dict(data))
        self._links = {
            index - sum(d < index for d in doubled): s for index, s in self._links.items()
        }
        self.book.cells = [c for i, c in enumerate(self.book.cells) if i not in doubled]
        self._used = {cell.get("id") for cell in self.book.cells}

    def _restore(self, cell: NotebookNode, source: SourceCell, data: dict[str, Any]) -> None:
        """Gives a student's cell the gradebook's type, points, metadata and, if locked, text."""
        name = source.grade_id
        if cell.cell_type != source.cell_type:
            says = f"It had been made a {cell.cell_type} cell; it is a {source.cell_type} cell."
            self._say("type_changed", name, says)
            _retype(cell, source.cell_type)
        if source.points is not None and _number(data.get("points")) != source.points:
            given = str(data.get("points"))[:40]
            says = f"Its points had been changed to {given}; it is worth {source.points:g}."
            self._say("points_changed", name, says)
        kinds = (source.grade, source.solution, source.locked, source.task)
        told = tuple(data.get(k) is True for k in ("grade", "solution", "locked", "task"))
        if kinds != told:
            self._say("metadata_changed", name, "What nbgrader knows of it had been changed.")
        if source.locked and _lines(cell.source) != _lines(_released(source)):
            kind = "test_cell_edited" if source.is_test else "locked_cell_edited"
            self._say(kind, name, "It had been edited; the instructor's own text was used.")
        if source.locked:
            cell.source = source.source
        tags = cell.metadata.get("tags")
        if source.locked and tags and SKIP_TAG in tags:
            cell.metadata.tags = [tag for tag in tags if tag != SKIP_TAG]
            self._say("test_cell_skipped", name, "It had been tagged not to be run; it was run.")
        cell.metadata["nbgrader"] = _metadata(source)

    def place(self) -> None:
        """Brings back missing cells, and moves tests that stand before the answers they test."""
        cells: list[tuple[NotebookNode, SourceCell | None]] = [
            (cell, self._links.get(index)) for index, cell in enumerate(self.book.cells)
        ]
        found = {source.grade_id for source in self._links.values()}
        answers = [s for s in self.plan.cells if s.solution]
        lost = bool(answers) and not any(s.grade_id in found for s in answers)
        for number, source in enumerate(self.plan.cells):
            if source.solution and not source.grade:
                continue  # a student's own cell: where it is gone, there is nothing to bring back
            here = _position(cells, source)
            after = -1 if not lost else len(cells) - 1
            for before in self.plan.cells[:number]:
                spot = _position(cells, before)
                needed = here is None or (source.is_test and before.solution)
                if spot is not None and needed:
                    after = max(after, spot)
            if here is None:
                self._bring_back(cells, source, after)
            elif source.is_test and here < after:
                entry = cells.pop(here)
                cells.insert(after, entry)
                says = "It stood before the answer it tests; it was run after it."
                self._say("test_cell_moved", source.grade_id, says)
        self.book.cells = [cell for cell, _ in cells]

    def _bring_back(
        self, cells: list[tuple[NotebookNode, SourceCell | None]], source: SourceCell, after: int
    ) -> None:
        name = source.grade_id
        kind = "test_cell_missing" if source.is_test else "cell_missing"
        self._say(kind, name, "It was missing and was put back.")
        identity = name if name not in self._used else f"{name[:50]}-again"
        cell = NotebookNode(
            id=identity[:64].replace(" ", "-"),
            cell_type=source.cell_type,
            metadata=NotebookNode(nbgrader=_metadata(source)),
            source=source.source,
        )
        if source.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        cells.insert(after + 1, (cell, source))


def _position(
    cells: list[tuple[NotebookNode, SourceCell | None]], source: SourceCell
) -> int | None:
    return next((i for i, (_, link) in enumerate(cells) if link is source), None)


def _metadata(source: SourceCell) -> NotebookNode:
    """What nbgrader knows of a cell, made from the gradebook."""
    data = NotebookNode(
        cell_type=source.cell_type,
        checksum=source.checksum,
        grade=source.grade,
        grade_id=source.grade_id,
        locked=source.locked,
        schema_version=SCHEMA_VERSION,
        solution=source.solution,
        task=source.task,
    )
    if source.points is not None and (source.grade or source.task):
        data.points = source.points
    return data


def _retype(cell: NotebookNode, kind: str) -> None:
    cell.cell_type = kind
    if kind == "code":
        cell.outputs, cell.execution_count = [], None
        cell.pop("attachments", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]


def _released(source: SourceCell) -> str:
    """The text that students were given: the source without its hidden tests."""
    begin, end = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
    kept, hidden = [], False
    for line in source.source.splitlines():
        if begin in line:
            hidden = True
        if not hidden:
            kept.append(line)
        if end in line:
            hidden = False
    return "\n".join(kept)


def _number(value: Any) -> float | None:
    try:
        return float(value) if type(value) in (int, float) else None
    except OverflowError:  # a whole number of hundreds of digits
        return None
