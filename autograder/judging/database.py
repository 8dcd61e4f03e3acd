"""Opening nbgrader's gradebook, with a sentence for everything that can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Base
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    SQLAlchemyError,
)

#: Seconds a connection may take, and seconds to wait while somebody else writes.
CONNECT_SECONDS, PATIENCE = 10, 30.0
#: PostgreSQL drivers that know libpq's settings.
LIBPQ = {"psycopg", "psycopg2", "psycopg2cffi"}
#: Two tables that every version of nbgrader made.
ITS_TABLES = {"assignment", "student"}


class GradingProblem(Exception):  # noqa: N818  (what it says is what is wrong)
    """Why grading cannot go on; its message is a paragraph for the person who started it."""


def open_gradebook(db_url: str, patience: float = PATIENCE) -> Engine:
    """The gradebook of nbgrader at that URL; nothing is made or changed there.

    `patience` is how many seconds to wait while another program writes to it. On SQLite each
    statement is its own transaction until `begin_writing`. Raises GradingProblem where there is no
    gradebook, it cannot be opened, or an older nbgrader made it.
    """
    url = _parsed(db_url)
    _require_file(url)
    engine = _engine(url, patience)
    try:
        with problems(engine.url):
            _require_schema(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def begin_writing(connection: Connection, patience: float) -> None:
    """Begins a transaction that will write, so that it waits for others now and not half-way."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(patience * 1000)}")


def shown(url: URL) -> str:
    """How a person is told of a database: never with its password."""
    return url.render_as_string(hide_password=True)


@contextmanager
def problems(url: URL) -> Iterator[None]:
    """Turns what the database says into a GradingProblem."""
    try:
        yield
    except (SQLAlchemyError, UnicodeError) as error:
        raise GradingProblem(_explained(url, error)) from error


def _parsed(db_url: str) -> URL:
    try:
        return make_url(db_url)
    except (ArgumentError, ValueError):  # what it says would quote a password
        raise GradingProblem(
            "The address of the gradebook (CourseDirectory.db_url in nbgrader_config.py) is not "
            "one: it has to look like sqlite:////path/to/gradebook.db or "
            "postgresql+psycopg://user:password@host/database."
        ) from None


def _require_file(url: URL) -> None:
    name = url.database
    if url.get_backend_name() != "sqlite" or (name and name.startswith("file:")):
        return
    if not name or name == ":memory:" or not Path(name).exists():
        raise GradingProblem(
            f"There is no gradebook at {shown(url)}. It is made when the first assignment is "
            "released: run `autograder release` (or `nbgrader generate_assignment NAME`) in the "
            "course's folder. Where the gradebook lies elsewhere, set CourseDirectory.db_url in "
            "nbgrader_config.py."
        )


def _engine(url: URL, patience: float) -> Engine:
    arguments: dict[str, Any] = {}
    try:
        sqlite = url.get_backend_name() == "sqlite"
        if sqlite:
            arguments = {"timeout": patience}
        elif url.get_driver_name() in LIBPQ and "connect_timeout" not in url.query:
            arguments = {"connect_timeout": CONNECT_SECONDS}
        engine = create_engine(url, connect_args=arguments, pool_pre_ping=not sqlite)
    except (NoSuchModuleError, ImportError) as error:
        raise GradingProblem(
            f"Python has no driver for the gradebook {shown(url)}: {error}. For PostgreSQL, "
            '`pip install "psycopg[binary]"` and let CourseDirectory.db_url begin with '
            "postgresql+psycopg://."
        ) from error
    if sqlite:
        event.listen(engine, "connect", _no_hidden_begin)
    return engine


def _no_hidden_begin(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _require_schema(engine: Engine) -> None:
    found = inspect(engine)
    tables = set(found.get_table_names())
    if tables and not tables >= ITS_TABLES:
        raise GradingProblem(
            f"{shown(engine.url)} is a database, but not a gradebook of nbgrader: it has no table "
            "of students and assignments. Is CourseDirectory.db_url in nbgrader_config.py right?"
        )
    if not tables:
        raise GradingProblem(
            f"The gradebook {shown(engine.url)} is empty: no assignment was released yet. Run "
            "`autograder release` (or `nbgrader generate_assignment NAME`) first."
        )
    columns = {(name, column["name"]) for name in tables for column in found.get_columns(name)}
    wanted = {(t.name, column.name) for t in Base.metadata.sorted_tables for column in t.columns}
    if not wanted <= columns:
        table, column = min(wanted - columns)
        raise GradingProblem(
            f"The gradebook {shown(engine.url)} was made by another version of nbgrader: it has "
            f"no {table}.{column}. Run `nbgrader db upgrade` in the course's folder; it keeps a "
            "copy of an SQLite gradebook before it changes anything."
        )


def _explained(url: URL, error: Exception) -> str:
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    said = " ".join(said.split())[:300]
    name, low = shown(url), said.lower()
    if "is locked" in low or "lock timeout" in low or "deadlock" in low:
        return (
            f"Another program keeps the gradebook {name} locked ({said}). Nothing was changed in "
            "it. Close the program, such as formgrader or another grading run, and grade again: "
            "what is already marked stays."
        )
    if "not a database" in low or "malformed" in low:
        return (
            f"{name} is not a gradebook: {said}. Is CourseDirectory.db_url in nbgrader_config.py "
            "right? A damaged gradebook has to be put back from a copy."
        )
    if "readonly" in low or "read-only" in low or "permission denied" in low:
        return f"You may not write to the gradebook {name}: {said}. Ask whoever owns it."
    if "disk is full" in low or "disk full" in low or "no space" in low:
        return f"There is no space left for the gradebook {name}: {said}. Make some, grade again."
    if url.get_backend_name() == "sqlite":
        return f"The gradebook {name} cannot be used: {said}."
    return (
        f"The gradebook {name} cannot be used: {said}. Is the server running, and do name, "
        "password and database in CourseDirectory.db_url (nbgrader_config.py) fit?"
    )
