"""System calls that no submission needs, refused by the kernel: seccomp(2), a filter for good.

They are those that make namespaces and mounts, in which a process could get what the walls took
from it, those that hold memory that no process is charged for, and those that look into others.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
#: Where a filter finds the number of the call, the machine, and the call's first argument.
NUMBER, MACHINE, FIRST = 0, 4, 16
NEW_NAMESPACES = 0x7E020000
OTHER_ABI = 0x40000000

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435
#: open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr, io_uring_setup,
#: memfd_secret.
EVERYWHERE = (428, 429, 430, 431, 432, 433, 442, 425, 447)
#: unshare, setns, mount, umount2, pivot_root, chroot, ptrace, process_vm_readv, process_vm_writev,
#: memfd_create, shmget, bpf, userfaultfd, perf_event_open, add_key, request_key, keyctl.
REFUSED = {
    "x86_64": (272, 308, 165, 166, 155, 161, 101, 310, 311, 319, 29, 321, 323, 298, 248, 249, 250),
    "aarch64": (97, 268, 40, 39, 41, 51, 117, 270, 271, 279, 194, 280, 282, 241, 217, 218, 219),
}


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _program(machine: str) -> bytes:
    """The filter: each step decides, or goes on to the next; `yes` and `no` count steps to skip."""
    refuse, unknown = REFUSE | errno.EPERM, REFUSE | errno.ENOSYS
    steps = [
        _step(LOAD, MACHINE),
        _step(EQUAL, MACHINES[machine], yes=1),
        _step(RETURN, refuse),
        _step(LOAD, NUMBER),
        _step(AT_LEAST, OTHER_ABI, no=1),
        _step(RETURN, refuse),
        _step(EQUAL, CLONE3, no=1),  # its flags lie in memory: the C library then takes clone(2)
        _step(RETURN, unknown),
    ]
    for number in (*EVERYWHERE, *REFUSED[machine]):
        steps += [_step(EQUAL, number, no=1), _step(RETURN, refuse)]
    steps += [
        _step(EQUAL, CLONE[machine], no=3),
        _step(LOAD, FIRST),
        _step(ANY_BIT, NEW_NAMESPACES, no=1),
        _step(RETURN, refuse),
        _step(RETURN, ALLOW),
    ]
    return b"".join(steps)


def refuse_system_calls() -> None:
    """From now on, for this process and all it starts. Needs no_new_privs. Raises OSError."""
    program = _program(os.uname().machine)
    steps = ctypes.create_string_buffer(program, len(program))
    head = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    )
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, head, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"seccomp: {os.strerror(error)}")
