"""A released assignment and its gradebook, on SQLite and on a PostgreSQL server of our own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory

from autograder.judging.plan import AssignmentPlan
from autograder.judging.planning import read_plan
from autograder.judging.sandbox import Warm
from tests.judging.postgres_server import PostgresServer, postgres_server
from tests.judging.tiny_course import ASSIGNMENT, generate, write_source

_databases = count()


@pytest.fixture(scope="session")
def released_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder with source/, release/ and gradebook.db; do not change it."""
    course = tmp_path_factory.mktemp("released")
    write_source(course)
    generate(course, f"sqlite:///{course}/gradebook.db")
    return course


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(released_course: Path, postgres: PostgresServer) -> str:
    """The name of a database that nbgrader made; copy it, do not change it."""
    generate(released_course, postgres.create("released"))
    return "released"


@pytest.fixture
def sqlite_url(released_course: Path, tmp_path: Path) -> str:
    """A gradebook with the assignment and no submission, on SQLite."""
    copy = tmp_path / "gradebook.db"
    shutil.copyfile(released_course / "gradebook.db", copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The same on PostgreSQL."""
    name = f"gradebook_{next(_databases)}"
    yield postgres.create(name, postgres_template)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def gradebook_url(request: pytest.FixtureRequest) -> str:
    """The same on each of them."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture
def coursedir(released_course: Path) -> CourseDirectory:
    """What nbgrader knows of the released course."""
    return CourseDirectory(
        root=str(released_course), db_url=f"sqlite:///{released_course}/gradebook.db"
    )


@pytest.fixture(scope="session")
def plan(released_course: Path) -> AssignmentPlan:
    """The assignment's plan."""
    url = f"sqlite:///{released_course}/gradebook.db"
    return read_plan(CourseDirectory(root=str(released_course), db_url=url), ASSIGNMENT)


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """A warm process inside the walls; a test has its sandbox until another is spawned."""
    with Warm() as process:
        yield process
