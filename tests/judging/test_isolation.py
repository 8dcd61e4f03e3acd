"""The outer walls: what the command binds, and what it says where there are none."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograder
from autograder.judging import isolation
from autograder.judging.isolation import (
    INSIDE,
    NoIsolationError,
    bubblewrap_command,
    environment,
    need_bubblewrap,
)
from autograder.judging.sandbox import Warm

HOME = Path(autograder.__file__).parent


@pytest.fixture(scope="module")
def command() -> list[str]:
    return bubblewrap_command(["true"])


def bound(command: list[str]) -> list[tuple[str, str]]:
    """All that is bound: (outside, inside)."""
    return [
        (command[at + 1], command[at + 2])
        for at, word in enumerate(command)
        if word.endswith("bind")
    ]


def hidden(command: list[str]) -> list[str]:
    return [command[at + 1] for at, word in enumerate(command) if word == "--tmpfs"]


def seen(command: list[str], path: Path) -> bool:
    """Whether what lies at `path` outside can be seen inside, anywhere."""
    over = [Path(outside) for outside, _ in bound(command)]
    return any(path.is_relative_to(part) for part in over) and not any(
        path.is_relative_to(part) for part in hidden(command)
    )


def test_nothing_is_bound_to_be_written(command: list[str]) -> None:
    assert {word for word in command if word.endswith("bind")} == {"--ro-bind"}
    assert not [word for word in command if word.startswith(("--dev-bind", "--share"))]
    for space in ("net", "pid", "ipc", "uts"):
        assert f"--unshare-{space}" in command
    assert "--die-with-parent" in command
    assert command[-3:] == ["--remount-ro", "/", "true"]


#: Where the administrator of this machine lives, whoever runs the tests.
ROOT_HOME = Path(pwd.getpwuid(0).pw_dir)


@pytest.mark.parametrize(
    "secret",
    [
        HOME.parent / "source" / "x.ipynb", HOME.parent / "gradebook.db", HOME.parent / "submitted",
        HOME.parent / ".git", HOME.parent / "tests", HOME / "exercises", HOME / "judging/judge.py",
        HOME / "judging/remote.py", HOME / "judging/gradebook.py", Path.home() / ".ssh",
        Path.home() / ".bashrc", Path.cwd() / "gradebook.db", Path("/etc/passwd"),
        Path("/etc/ssh"), Path("/var/lib"), ROOT_HOME / ".netrc", Path("/run/secrets"),
    ],
    ids=str,
)  # fmt: skip
def test_no_secret_is_bound(command: list[str], secret: Path) -> None:
    assert not seen(command, secret)


def test_of_this_package_only_what_runs_inside(command: list[str]) -> None:
    inside = {there for _, there in bound(command) if there.startswith("/sandbox")}
    assert inside - {"/sandbox/course"} == {f"/sandbox/autograder/{part}" for part in INSIDE}
    assert all((HOME / part).exists() for part in INSIDE)


def test_a_package_that_is_installed_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_prefixes", lambda: ["/usr"])
    monkeypatch.setattr(autograder, "__file__", "/usr/lib/python3/site-packages/autograder/a.py")
    monkeypatch.chdir("/usr/lib")
    assert isolation._hidden(["/usr"]) == ["/usr/lib/python3/site-packages/autograder", "/usr/lib"]
    assert isolation._hidden(["/lib"]) == []


def test_the_environment_holds_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setenv("PYTHONPATH", "/secret/path")
    monkeypatch.setenv("LD_PRELOAD", "/secret/lib.so")
    for walled in (True, False):
        given = environment(walled)
        assert "hunter2" not in str(given)
        assert "/secret" not in str(given)
        assert given["HOME"] == "/tmp"
        assert not {"USER", "LOGNAME", "SSH_AUTH_SOCK", "LD_PRELOAD"} & set(given)
    assert environment(True)["PYTHONPATH"] == "/sandbox"


def test_without_bubblewrap_one_sentence_refuses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoIsolationError) as caught:
        need_bubblewrap()
    says = str(caught.value)
    assert says.startswith("Submissions are graded inside bubblewrap, which is not on this machine")
    assert "apt install bubblewrap" in says
    assert "--isolation none" in says
    assert says.count(". ") == 0
    assert says.endswith(".")
    with Warm() as warm, pytest.raises(NoIsolationError):
        warm.start()


def test_where_it_may_not_make_namespaces_it_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(NoIsolationError, match="setting up uid map: Permission denied") as caught:
        need_bubblewrap()
    assert "unprivileged_userns_clone" in str(caught.value)


def test_a_sandbox_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with Warm("none") as warm, pytest.raises(NoIsolationError, match="nonexistent"):
        warm.start()
    assert warm.pid is None


AS_ANOTHER = """
import os, sys
from autograder.judging.sandbox import Warm
from autograder.judging.limits import Limits
with Warm() as warm:
    session = warm.spawn(Limits(), {})
    said = []
    code = "import os; print(os.getuid(), os.listdir('.'))"
    session.ask({"op": "cell", "code": code}, output=said.append)
    print(said[0]["text"])
"""


def test_an_ordinary_user_has_the_same_walls(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("this is an ordinary user, whose walls all the other tests try")
    if shutil.which("setpriv") is None:
        pytest.skip("no setpriv to become another user with")
    become = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    variables = {**os.environ, "HOME": "/nonexistent", "PYTHONPATH": str(HOME.parent)}
    probe = [*become, sys.executable, "-c", "import torch, autograder"]
    if subprocess.run(probe, cwd="/", env=variables, capture_output=True).returncode != 0:
        pytest.skip("this Python or this checkout cannot be read by other users")
    done = subprocess.run(
        [*become, sys.executable, "-c", AS_ANOTHER],
        cwd="/", env=variables, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    if "execvp" in done.stderr:
        pytest.skip("inside the walls this Python cannot be read by other users")
    if "does not let it make user namespaces" in done.stderr:
        pytest.skip("ordinary users may not make user namespaces on this machine")
    assert done.stdout == "1000 []\n\n", done.stderr
