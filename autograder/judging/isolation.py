"""The outer walls: bubblewrap around the warm process (https://github.com/containers/bubblewrap)."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path
from typing import Literal

import autograder

Isolation = Literal["bubblewrap", "none"]
PACKAGE = "/sandbox/autograder"
#: All of this package that goes into a sandbox: no exercise, no oracle, no judge.
INSIDE = (
    "__init__.py", "checking", "judging/__init__.py", "judging/wire.py", "judging/values_wire.py",
    "judging/limits.py", "judging/inside",
)  # fmt: skip
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/opt/conda")
SETTINGS = (
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/fonts",
    "/etc/localtime", "/etc/mime.types",
)  # fmt: skip
#: From root, each sandbox becomes this user, who owns nothing.
NOBODY = 64_000
INSTALL = (
    "install it (Debian, Ubuntu: `apt install bubblewrap`; Fedora: `dnf install bubblewrap`), or "
    "say `--isolation none` to run student code without walls"
)


class NoIsolationError(Exception):
    """Submissions cannot be walled in on this machine; the message says what to do."""


def need_bubblewrap() -> str:
    """The path of a bubblewrap that works here. Raises NoIsolationError, in one sentence."""
    path = shutil.which("bwrap")
    if path is None:
        raise NoIsolationError(
            f"Submissions are graded inside bubblewrap, which is not on this machine: {INSTALL}."
        )
    trial = [path, *_unshare(), "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    # What each sandbox does within: namespaces of its own.
    probe = [sys.executable, "-I", "-c", PROBE]
    done = subprocess.run(
        [*trial, *probe], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        says = (done.stderr.strip().splitlines() or ["no reason given"])[-1][:200]
        raise NoIsolationError(
            f"bubblewrap is installed, but this machine does not let it make user namespaces "
            f"({says}): allow them (`sysctl kernel.unprivileged_userns_clone=1`, or "
            "`sysctl kernel.apparmor_restrict_unprivileged_userns=0` on Ubuntu; in a container, "
            "run it with `--security-opt seccomp=unconfined`), or say `--isolation none` to run "
            "student code without walls."
        )
    return path


PROBE = """
import ctypes, os, sys
if os.getuid() == 0:
    os.setgroups([]); os.setresgid(64000, 64000, 64000); os.setresuid(64000, 64000, 64000)
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x10000000 | 0x20000000 | 0x20000 | 0x8000000):
    sys.exit('unshare: ' + os.strerror(ctypes.get_errno()))
"""


def _unshare() -> list[str]:
    if os.getuid() == 0:
        rights = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL")
        user = [part for right in rights for part in ("--cap-add", right)]
    else:
        user = ["--unshare-user"]
    spaces = ["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    return [*user, *spaces, "--die-with-parent", "--new-session", "--hostname", "sandbox"]


def bubblewrap_command(command: list[str]) -> list[str]:
    """`command` inside the outer walls; `need_bubblewrap` says whether there are any."""
    call = [
        shutil.which("bwrap") or "bwrap",
        *_unshare(),
        *("--tmpfs", "/tmp"),  # first: Python itself may lie below it
        *_folders([*SETTINGS, *_prefixes(), f"{PACKAGE}/judging/x"]),
    ]
    bound: list[str] = []
    for path in (*SYSTEM, *SETTINGS, *_prefixes()):
        if os.path.islink(path) and Path(path).parent == Path("/"):
            call += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path) and not any(_below(path, other) for other in bound):
            call += ["--ro-bind", path, path]
            bound.append(path)
    for hidden in _hidden(bound):
        call += ["--tmpfs", hidden, "--remount-ro", hidden]
    home = Path(autograder.__file__).parent
    for part in INSIDE:
        call += ["--ro-bind", str(home / part), f"{PACKAGE}/{part}"]
    course = home.parent / "course"
    if (course / "__init__.py").is_file():
        call += ["--ro-bind", str(course), "/sandbox/course"]
    call += ["--proc", "/proc", "--dev", "/dev", "--chdir", "/tmp"]
    return [*call, "--remount-ro", "/", *command]


def _folders(paths: list[str]) -> list[str]:
    """The folders above `paths`, for all to enter: bubblewrap would make them for root only."""
    above = {str(parent) for path in paths for parent in Path(path).parents} - {"/"}
    return [part for path in sorted(above) for part in ("--perms", "0755", "--dir", path)]


def _prefixes() -> list[str]:
    """Where this Python and its packages lie, outermost first."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages()}
    real = {os.path.realpath(sys.executable).rpartition("/bin/")[0], *prefixes}
    return sorted((path for path in real if path and path != "/"), key=len)


def _hidden(bound: list[str]) -> list[str]:
    """What must not be seen though it lies below something bound.

    This package as it is installed, the checkout it is from, and the course that is graded.
    """
    home = Path(autograder.__file__).parent
    secret = [home, Path.cwd()]
    if (home.parent / "source").is_dir():
        secret.append(home.parent)
    prefixes = _prefixes()
    return [
        str(path)
        for path in dict.fromkeys(secret)
        if any(_below(str(path), other) for other in bound)
        and not any(_below(prefix, str(path)) for prefix in prefixes)
    ]


def _below(path: str, other: str) -> bool:
    return path == other or path.startswith(other.rstrip("/") + "/")


def environment(walled: bool) -> dict[str, str]:
    """All that a sandbox's environment holds: nothing of the instructor's."""
    own = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin:/usr/bin:/bin"]),
        "LANG": "C.UTF-8",
        "HOME": "/tmp",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OMP_THREAD_LIMIT": "4",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "IPYTHONDIR": "/tmp/.ipython",
        "MPLCONFIGDIR": "/tmp/.matplotlib",
        "PYTHONWARNINGS": "",
    }
    if walled:
        own["PYTHONPATH"] = "/sandbox"
    else:
        own["PYTHONPATH"] = str(Path(autograder.__file__).parent.parent)
    return own
