"""Reading an assignment from the gradebook and the instructor's notebooks.

The gradebook decides what a cell holds and is worth: it has the tests as they were released. The
notebooks say what it does not know: the order of the cells, and what else the instructor wrote.
"""

from __future__ import annotations

import ast
import itertools
import json
import os
import symtable
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbgrader import utils as nbgrader_files
from nbgrader.api import Assignment, GradeCell, Notebook, SolutionCell, SourceCell, TaskCell
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import Connection, select

from autograder.judging.database import GradingProblem, open_gradebook, problems
from autograder.judging.plan import AssignmentPlan, NotebookPlan
from autograder.judging.plan import SourceCell as PlannedCell
from autograder.notebooks.cells import grade_id, is_run, is_solution, is_test
from autograder.notebooks.reading import UnusableNotebook, read_notebook

__all__ = ["GradingProblem", "read_plan"]

#: Cell magics that run the rest of the cell among the notebook's own names.
TRANSPARENT = {"%%time", "%%capture", "%%prun"}


def read_plan(coursedir: CourseDirectory, assignment: str) -> AssignmentPlan:
    """What the gradebook and `source/` know of an assignment; both are only read.

    Where `source/` lacks a notebook, `release/` gives the order and the context, and where that
    lacks it too, cells stand in the order of their names. Raises GradingProblem.
    """
    engine = open_gradebook(coursedir.db_url)
    try:
        with problems(engine.url), engine.connect() as connection:
            stored = _read_stored(connection, assignment)
    finally:
        engine.dispose()
    folders = [
        _folder(coursedir, step, assignment)
        for step in (coursedir.source_directory, coursedir.release_directory)
    ]
    files = _files(folders[0], coursedir.ignore)
    books = [_instructors(each.name, folders) for each in stored]
    modules = _modules(books, files)
    return AssignmentPlan(
        name=assignment,
        notebooks=tuple(map(_notebook_plan, stored, books, itertools.repeat(modules))),
        files=files,
    )


@dataclass(frozen=True)
class _Stored:
    """A notebook as the gradebook has it; its cells are in no order."""

    name: str
    kernelspec: dict[str, str] | None
    cells: dict[str, PlannedCell]


def _read_stored(connection: Connection, assignment: str) -> list[_Stored]:
    found = connection.execute(select(Assignment.id).where(Assignment.name == assignment)).scalar()
    if found is None:
        raise GradingProblem(
            f"The gradebook knows no assignment called {assignment!r}. Run `nbgrader "
            f"generate_assignment {assignment}` or `autograder release` in the course's folder "
            "first; it puts the assignment's tests and points into the gradebook."
        )
    notebooks = connection.execute(
        select(Notebook.id, Notebook.name, Notebook.kernelspec)
        .where(Notebook.assignment_id == found)
        .order_by(Notebook.name)
    ).all()
    if not notebooks:
        raise GradingProblem(
            f"The assignment {assignment!r} has no notebook in the gradebook. Run `nbgrader "
            f"generate_assignment {assignment}` or `autograder release` again: the last time it "
            "did not get to its end."
        )
    cells = _read_cells(connection, [notebook.id for notebook in notebooks])
    return [_Stored(n.name, _kernelspec(n.kernelspec), cells[n.id]) for n in notebooks]


def _read_cells(
    connection: Connection, notebooks: list[str]
) -> defaultdict[str, dict[str, PlannedCell]]:
    """Notebook id to grade id to cell."""

    def rows(model: Any, *columns: Any) -> Iterable[Any]:
        chosen = select(model.notebook_id, model.name, *columns)
        return connection.execute(chosen.where(model.notebook_id.in_(notebooks)))

    grades = {(r.notebook_id, r.name): r.max_score for r in rows(GradeCell, GradeCell.max_score)}
    tasks = {(r.notebook_id, r.name): r.max_score for r in rows(TaskCell, TaskCell.max_score)}
    solutions = {(r.notebook_id, r.name) for r in rows(SolutionCell)}
    cells: defaultdict[str, dict[str, PlannedCell]] = defaultdict(dict)
    columns = (SourceCell.cell_type, SourceCell.source, SourceCell.checksum, SourceCell.locked)
    for row in rows(SourceCell, *columns):
        key = (row.notebook_id, row.name)
        cells[row.notebook_id][row.name] = PlannedCell(
            grade_id=row.name,
            cell_type=row.cell_type,
            source=row.source or "",
            checksum=row.checksum,
            locked=row.locked,
            grade=key in grades,
            solution=key in solutions,
            task=key in tasks,
            points=grades.get(key, tasks.get(key)),
        )
    return cells


def _kernelspec(stored: str | None) -> dict[str, str] | None:
    return (json.loads(stored) or None) if stored else None


def _folder(coursedir: CourseDirectory, step: str, assignment: str) -> Path:
    return Path(coursedir.format_path(step, ".", assignment))


def _notebook_plan(
    stored: _Stored, notebook: NotebookNode | None, modules: tuple[str, ...]
) -> NotebookPlan:
    cells = [] if notebook is None else notebook.cells
    order = {name: index for index, name in enumerate(map(grade_id, cells))}
    ordered = sorted(
        stored.cells.values(), key=lambda c: (order.get(c.grade_id, len(order)), c.grade_id)
    )
    if notebook is None:
        solutions = [c.source for c in ordered if c.solution and c.cell_type == "code"]
    else:
        solutions = [c.source for c in cells if c.cell_type == "code" and is_solution(c)]
    return NotebookPlan(
        name=stored.name,
        cells=tuple(ordered),
        context=tuple(c.source for c in cells if _is_context(c)),
        student_names=frozenset().union(*map(_bound_names, solutions)),
        kernelspec=stored.kernelspec,
        modules=modules,
    )


def _is_context(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and not is_solution(cell) and not is_test(cell)


def _instructors(name: str, folders: list[Path]) -> NotebookNode | None:
    """The instructor's notebook from the first folder that has it."""
    for folder in folders:
        path = folder / f"{name}.ipynb"
        if path.exists():
            try:
                return read_notebook(path)
            except UnusableNotebook as problem:
                raise GradingProblem(
                    f"The instructor's own notebook cannot be read. {problem}"
                ) from problem
    return None


def _modules(
    notebooks: Iterable[NotebookNode | None], files: Iterable[tuple[str, Path]]
) -> tuple[str, ...]:
    """What the notebooks begin by importing, but not from the files that lie beside them."""
    beside = {name.partition("/")[0].removesuffix(".py") for name, _ in files} | {"autograder"}
    found = {name for book in notebooks if book for name in _first_imports(book)}
    return tuple(sorted(name for name in found if name.partition(".")[0] not in beside))


def _first_imports(notebook: NotebookNode) -> Iterator[str]:
    """The dotted names of the modules that are imported before anything else is done.

    What comes later may depend on it, such as on a path or on a variable of the environment.
    """
    for cell in filter(is_run, notebook.cells):
        if is_solution(cell):
            return
        for node in _parsed(cell.source):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module
            else:
                return


def _parsed(source: str) -> list[ast.stmt]:
    """A cell's statements; where it is no Python, one that does nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as an invalid escape in a string
        try:
            return ast.parse(_python(source)).body
        except (SyntaxError, ValueError):
            return [ast.Pass()]


def _python(source: str) -> str:
    """A cell as IPython runs it, without the magic in its first line. Raises SyntaxError."""
    first, _, rest = source.lstrip().partition("\n")
    magic = first.split(" ")[0].strip() in TRANSPARENT
    return TransformerManager().transform_cell(rest if magic else source)


def _bound_names(source: str) -> set[str]:
    """The names that a cell binds at top level; none where it is no Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as an invalid escape in a string
        try:
            symbols = symtable.symtable(_python(source), "<cell>", "exec").get_symbols()
        except (SyntaxError, ValueError):
            return set()
    return {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}


def _files(folder: Path, ignored: list[str]) -> tuple[tuple[str, Path], ...]:
    """The instructor's files beside the notebooks, as nbgrader finds them."""
    found = nbgrader_files.find_all_files(str(folder), [*ignored, "*.ipynb"])
    named = ((Path(os.path.relpath(path, folder)).as_posix(), Path(path)) for path in found)
    return tuple(sorted(named))
