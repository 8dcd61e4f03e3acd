"""The plan of an assignment is what the gradebook and the instructor's notebooks say."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import compute_checksum
from sqlalchemy import create_engine, text

from autograder.judging.plan import AssignmentPlan
from autograder.judging.planning import GradingProblem, _bound_names, _first_imports, read_plan
from tests.judging.tiny_course import ASSIGNMENT, first

pytestmark = pytest.mark.xdist_group("gradebook")


@pytest.fixture
def course(released_course: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(released_course, tmp_path / "course"))


def _plan(course: Path, db_url: str = "") -> AssignmentPlan:
    db_url = db_url or f"sqlite:///{course}/gradebook.db"
    return read_plan(CourseDirectory(root=str(course), db_url=db_url), ASSIGNMENT)


def _problem(db_url: str, assignment: str = ASSIGNMENT) -> str:
    with pytest.raises(GradingProblem) as caught:
        read_plan(CourseDirectory(db_url=db_url), assignment)
    return str(caught.value)


def test_cells_stand_in_the_order_of_the_source(plan) -> None:
    assert [n.name for n in plan.notebooks] == ["first", "second"]
    ids = [[cell.grade_id for cell in n.cells] for n in plan.notebooks]
    assert ids == [["double", "a_limit", "test_double", "why"], ["triple", "test_triple", "essay"]]


def test_what_a_cell_is(plan) -> None:
    said = {
        c.grade_id: (c.cell_type, c.locked, c.grade, c.solution, c.task, c.points)
        for n in plan.notebooks
        for c in n.cells
    }
    assert said == {
        "double": ("code", False, False, True, False, None),
        "a_limit": ("code", True, False, False, False, None),
        "test_double": ("code", True, True, False, False, 2.0),
        "why": ("markdown", False, True, True, False, 3.0),
        "triple": ("code", False, False, True, False, None),
        "test_triple": ("code", True, True, False, False, 1.5),
        "essay": ("markdown", True, False, False, True, 4.0),
    }
    assert [[c.grade_id for c in n.tests] for n in plan.notebooks] == [
        ["test_double"],
        ["test_triple"],
    ]


def test_a_test_has_its_hidden_part_and_a_solution_is_gone(plan) -> None:
    cells = {cell.grade_id: cell for cell in plan.notebooks[0].cells}
    assert "assert double(5) == TEN" in cells["test_double"].source
    assert "raise NotImplementedError" in cells["double"].source
    assert "2 * x" not in cells["double"].source


def test_the_checksum_is_that_of_the_stored_cell(plan) -> None:
    node = next(cell for cell in first().cells if cell.id == "test_double")
    cell = next(cell for cell in plan.notebooks[0].cells if cell.grade_id == "test_double")
    node.source = cell.source
    assert cell.checksum == compute_checksum(node)


def test_context_and_names_come_from_the_source(plan) -> None:
    one, two = plan.notebooks
    assert one.context == ("import math", "TEN = 10", "print(double(1))")
    assert two.context == ()
    assert one.student_names == {"double", "π"}
    assert two.student_names == {"triple"}
    assert one.kernelspec == {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }


def test_what_the_notebooks_begin_by_importing_is_known(course) -> None:
    path = course / "source" / ASSIGNMENT / "second.ipynb"
    book = nbformat.read(path, as_version=4)
    lines = "import json.decoder as d, made\nfrom autograder import check\nfrom data import x"
    book.cells.insert(0, nbformat.v4.new_code_cell(lines, id="imports"))
    nbformat.write(book, path)
    for one in _plan(course).notebooks:
        assert one.modules == ("json.decoder", "math")  # `made` and `data` lie beside it


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["%%time\nimport a.b", "from c import d\nimport e\nx = 1\nimport f"], ["a.b", "c", "e"]),
        (["import a", "import os; os.environ['X'] = '1'", "import b"], ["a", "os"]),
        (["import a", "%%html\n<b>import this</b>", "import b"], ["a"]),
        (["import a", "import (", "import b"], ["a"]),
        (["import a", "def f():\n    import b"], ["a"]),
        (["import a\nfrom . import b"], ["a"]),
    ],
)
def test_imports_count_until_something_else_is_done(cells: list[str], names: list[str]) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    skipped = nbformat.v4.new_code_cell("import s", metadata={"tags": ["skip-execution"]})
    book.cells.insert(0, skipped)
    assert list(_first_imports(book)) == names
    own = {"nbgrader": {"solution": True, "grade": False}}
    book.cells.insert(0, nbformat.v4.new_code_cell("import a", metadata=own))
    assert list(_first_imports(book)) == []


def test_the_instructors_files_without_what_is_ignored(plan, released_course) -> None:
    assert [name for name, _ in plan.files] == ["data/numbers.csv", "made.py"]
    assert plan.files[1][1].read_text() == "answer = 42\n"
    assert plan.files[1][1].resolve().is_relative_to(released_course.resolve())


def test_release_gives_the_order_where_source_is_missing(course, plan) -> None:
    shutil.rmtree(course / "source")
    found = _plan(course)
    assert [n.cells for n in found.notebooks] == [n.cells for n in plan.notebooks]
    assert found.notebooks[0].context == plan.notebooks[0].context
    assert found.files == ()


def test_cells_are_found_without_any_notebook(course, plan) -> None:
    shutil.rmtree(course / "source")
    shutil.rmtree(course / "release")
    found = _plan(course)
    assert [set(n.cells) for n in found.notebooks] == [set(n.cells) for n in plan.notebooks]
    assert [c.grade_id for c in found.notebooks[0].cells] == sorted(
        c.grade_id for c in plan.notebooks[0].cells
    )
    assert found.notebooks[0].context == ()


def test_the_gradebook_decides_and_not_the_source(course, plan) -> None:
    path = course / "source" / ASSIGNMENT / "first.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.id == "test_double":
            cell.source, cell.metadata.nbgrader.points = "assert True", 99
    notebook.cells.reverse()
    nbformat.write(notebook, path)
    found = _plan(course).notebooks[0]
    assert set(found.cells) == set(plan.notebooks[0].cells)
    assert [cell.grade_id for cell in found.cells] == ["why", "test_double", "a_limit", "double"]


def test_a_notebook_only_in_source_is_no_part_of_it(course) -> None:
    folder = course / "source" / ASSIGNMENT
    shutil.copy(folder / "first.ipynb", folder / "third.ipynb")
    assert [n.name for n in _plan(course).notebooks] == ["first", "second"]


def test_nothing_is_written(course) -> None:
    before = {p: p.read_bytes() for p in course.rglob("*") if p.is_file()}
    _plan(course)
    assert {p: p.read_bytes() for p in course.rglob("*") if p.is_file()} == before


def test_postgresql_says_the_same(released_course, postgres_url, plan) -> None:
    assert _plan(released_course, postgres_url) == plan


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(): local = 1", {"f"}),
        ("class A:\n    inside = 1", {"A"}),
        ("a, (b, *c) = x = 1, (2, 3)", {"a", "b", "c", "x"}),
        ("import os.path\nfrom math import sin as s, cos", {"os", "s", "cos"}),
        ("for i in []:\n    with open('f') as g: pass", {"i", "g"}),
        ("x.y = 1\nx['k'] = 2\nprint(x)", set()),
        ("if (n := 3) and [q for q in []]: pass", {"n"}),
        ("if True:\n    deep = 1\nasync def later(): await x", {"deep", "later"}),
        ("here = !ls\n%matplotlib inline\nmagic = %pwd", {"here", "magic"}),
        ("%%time\nt = 1", {"t"}),
        ("%%bash\nx=1", set()),
        ("s = '\\d'\nif 1 is 1: u = 2", {"s", "u"}),
        ("def broken(:", set()),
        ("nul = '\0'", set()),
        ("value = await later()", {"value"}),
    ],
)
def test_the_names_a_cell_binds(source, names) -> None:
    assert _bound_names(source) == names


def test_an_unknown_assignment(coursedir) -> None:
    said = _problem(coursedir.db_url, "ps'; DROP TABLE student; --")
    assert "knows no assignment called" in said
    assert "`nbgrader generate_assignment" in said
    assert "`autograder release`" in said
    with Gradebook(coursedir.db_url) as gradebook:
        assert gradebook.find_assignment(ASSIGNMENT).name == ASSIGNMENT


def test_an_assignment_without_notebooks(sqlite_url) -> None:
    with Gradebook(sqlite_url) as gradebook:
        gradebook.add_assignment("hollow")
    assert "has no notebook" in _problem(sqlite_url, "hollow")


def test_no_gradebook_and_none_is_made(tmp_path) -> None:
    assert "There is no gradebook" in _problem(f"sqlite:///{tmp_path}/gradebook.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "is empty"), (b"no database at all\n" * 99, "is not a gradebook")],
)
def test_a_file_that_is_no_gradebook(tmp_path, content, says) -> None:
    path = tmp_path / "gradebook.db"
    path.write_bytes(content)
    assert says in _problem(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_a_folder_in_the_gradebooks_place(tmp_path) -> None:
    assert "cannot be used: unable to open" in _problem(f"sqlite:///{tmp_path}")


def test_somebody_elses_database(tmp_path) -> None:
    connection = sqlite3.connect(tmp_path / "gradebook.db")
    connection.execute("CREATE TABLE recipe (id INTEGER)")
    connection.close()
    assert "not a gradebook of nbgrader" in _problem(f"sqlite:///{tmp_path}/gradebook.db")


@pytest.mark.parametrize(
    "change",
    ["ALTER TABLE student DROP COLUMN lms_user_id", "DROP TABLE task_cells"],
)
def test_an_older_gradebook_has_to_be_upgraded(gradebook_url, change) -> None:
    engine = create_engine(gradebook_url)
    with engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()
    assert "`nbgrader db upgrade`" in _problem(gradebook_url)


def test_a_server_that_does_not_answer_keeps_the_password(tmp_path) -> None:
    url = f"postgresql+psycopg://teacher:open-sesame@/gradebook?host={tmp_path}"
    said = _problem(url)
    assert "Is the server running" in said
    assert "open-sesame" not in said


def test_a_database_that_the_server_does_not_have(postgres) -> None:
    assert 'database "nowhere" does not exist' in _problem(postgres.url("nowhere"))


def test_an_empty_database_on_a_server(postgres) -> None:
    url = postgres.create("empty")
    assert "no assignment was released yet" in _problem(url)


@pytest.mark.parametrize(
    "url", ["secret-word", "sqlite+nothing:///x", "oracle://u:secret-word@h/d"]
)
def test_an_address_that_leads_nowhere(url) -> None:
    said = _problem(url)
    assert "CourseDirectory.db_url" in said
    assert "secret-word" not in said


def test_an_instructors_notebook_that_cannot_be_read(course) -> None:
    (course / "source" / ASSIGNMENT / "first.ipynb").write_text("{")
    with pytest.raises(GradingProblem, match=r"own notebook cannot be read\. .*first\.ipynb"):
        _plan(course)
