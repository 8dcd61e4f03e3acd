"""The walls around one submission, built from the inside between fork and the first student line.

namespaces(7), user_namespaces(7), capabilities(7), mount(2), prctl(2). What the outer walls
(bubblewrap) give, no network, a read-only file system, nothing secret in it, stays in force.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys
from pathlib import Path

from autograder.judging.limits import Limits

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x8000000, 0x10000000, 0x20000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
MS_RDONLY, MS_MOVE = 1, 8192
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER = 4, 38, 24, 36
#: clone(2) by the machine's name; in both its first argument is the flags.
CLONE_NUMBERS = {"x86_64": 56, "aarch64": 220}
INSIDE_ID = 1000
PRIVATE = "/tmp"
WORK, HOME, SHARED_MEMORY = "/tmp/work", "/tmp/home", "/tmp/shm"
MOST_FILES, MOST_DESCRIPTORS = 20_000, 256

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def become_subreaper() -> None:
    """Orphans below this process become its children."""
    _call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def fork_into_namespaces(user: int | None) -> int:
    """Forks a child that is the first process of user, pid, mount and ipc namespaces of its own.

    Like `os.fork`: returns 0 in the child, the child's pid in the parent. One clone(2) where
    unshare(2) would take two forks. `user` is who the child is outside, where the parent is root.
    Raises OSError.
    """
    reading, writing = os.pipe()
    flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | signal.SIGCHLD
    number = CLONE_NUMBERS[os.uname().machine]
    python = ctypes.pythonapi
    python.PyOS_BeforeFork()
    pid = ctypes.PyDLL(None).syscall(number, ctypes.c_ulong(flags), None, None, None, None)
    if pid == 0:
        python.PyOS_AfterFork_Child()
        os.close(writing)
        mapped = os.read(reading, 1)
        os.close(reading)
        if not mapped:
            os._exit(1)
        os.setresgid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
        os.setresuid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
        _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)
        return 0
    python.PyOS_AfterFork_Parent()
    os.close(reading)
    if pid < 0:
        os.close(writing)
        raise OSError("clone: no namespaces of its own for a submission")
    try:
        _map_user(pid, user)
        os.write(writing, b"1")
    finally:
        os.close(writing)
    return int(pid)


def _map_user(pid: int, user: int | None) -> None:
    """Says who the only user in a new user namespace is outside."""
    outside = (os.getuid(), os.getgid()) if user is None else (user, user)
    if user is None:
        Path(f"/proc/{pid}/setgroups").write_text("deny")
    Path(f"/proc/{pid}/uid_map").write_text(f"{INSIDE_ID} {outside[0]} 1")
    Path(f"/proc/{pid}/gid_map").write_text(f"{INSIDE_ID} {outside[1]} 1")


def mount_private(limits: Limits) -> None:
    """A /tmp and /dev/shm of the submission's own, limited in size and files; its own /proc."""
    _mount(None, "/", None, MS_REC | MS_PRIVATE, None)
    options = f"size={limits.disk},nr_inodes={MOST_FILES},mode=0700"
    _mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, options)
    for prefix in _below_private():  # Python itself, where it lies below /tmp
        inside = f"/dev/shm{prefix.removeprefix(PRIVATE)}"
        os.makedirs(inside)
        _mount(prefix, inside, None, MS_BIND | MS_REC, None)
    _mount("/dev/shm", PRIVATE, None, MS_MOVE, None)
    for folder in (WORK, HOME, SHARED_MEMORY):
        os.mkdir(folder)
    _mount(SHARED_MEMORY, "/dev/shm", None, MS_BIND, None)
    try:
        _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None)
    except OSError:  # no new one may be mounted here: then none is seen
        _mount("tmpfs", "/proc", "tmpfs", MS_NOSUID | MS_RDONLY, "size=4k")
        return
    with contextlib.suppress(OSError):  # a further one would hold no more rights than this one
        Path("/proc/sys/user/max_user_namespaces").write_text("0")


def _below_private() -> list[str]:
    """The folders of Python and its packages that the new /tmp would hide, none within another."""
    prefixes = sorted({sys.prefix, sys.base_prefix, sys.exec_prefix}, key=len)
    found: list[str] = []
    for prefix in prefixes:
        within = any(prefix.startswith(f"{other}/") for other in found)
        if prefix.startswith(f"{PRIVATE}/") and not within:
            found.append(prefix)
    return found


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None) -> None:
    encoded = [None if part is None else part.encode() for part in (source, target, kind)]
    _call("mount", *encoded, ctypes.c_ulong(flags), None if data is None else data.encode())


def mapped() -> int:
    """Bytes of address space that this process has mapped; to be asked while there is a `/proc`."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def limit_resources(limits: Limits, mapped: int) -> None:
    """Rlimits of this process and all it starts. Address space: `mapped` bytes, and its memory."""
    space = mapped + limits.memory
    for kind, most in (
        (resource.RLIMIT_AS, space),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_NOFILE, MOST_DESCRIPTORS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 2**20),
        (resource.RLIMIT_MSGQUEUE, 2**16),
    ):
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(kind, (most, most))


def drop_rights() -> None:
    """No capability in any set, and no way to get one. Raises OSError."""
    for capability in range(64):
        if _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = struct.pack("=Ii", 0x20080522, 0)
    _call("capset", header, struct.pack("=6I", 0, 0, 0, 0, 0, 0))
