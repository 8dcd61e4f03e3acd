"""The warm process: has imported what submissions need, and forks one sandbox for each.

Started by the judge inside bubblewrap. It never runs a line of a student's. On its control socket
come `import`, `spawn` (with the sandbox's end of a wire) and `end`; it watches the memory of what
it spawned.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.judging.inside import walls
from autograder.judging.inside.syscalls import refuse_system_calls
from autograder.judging.limits import Limits

LOOK_SECONDS = 0.05


@dataclass
class Sandbox:
    """The sandbox that lives now; `why` is said when the zygote had to kill it."""

    pid: int
    limits: Limits
    why: str = ""


class Zygote:
    """Serves one judge, one sandbox at a time."""

    def __init__(self, control: socket.socket, walled: bool, user: int | None) -> None:
        self._control = control
        self._walled = walled
        self._user = user
        self._sandbox: Sandbox | None = None
        self._own_memory = _memory(os.getpid())

    def serve(self) -> None:
        """Until the judge is gone."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        while True:
            wait = LOOK_SECONDS * 1000 if self._sandbox else None
            if not poll.poll(wait):
                self._look_at_memory()
                continue
            text, ends, _, _ = socket.recv_fds(self._control, 65536, 1)
            if not text:
                self._end()
                return
            request = json.loads(text)
            if request["op"] == "spawn":
                self._end()
                self._spawn(Limits(**request["limits"]), ends[0])
                self._answer({"spawned": True})
            elif request["op"] == "import":
                self._import(request["modules"])
                self._answer({"imported": True})
            else:
                self._answer(self._end())

    def _answer(self, message: dict[str, object]) -> None:
        self._control.sendall(json.dumps(message).encode())

    def _spawn(self, limits: Limits, end: int) -> None:
        pid = walls.fork_into_namespaces(self._user) if self._walled else os.fork()
        if pid == 0:
            self._control.close()
            _be_sandbox(limits, end, self._walled)
        os.close(end)
        self._sandbox = Sandbox(pid, limits)

    def _import(self, modules: list[str]) -> None:
        """Once for all, what cells will import; where one cannot be had, its cell will say so."""
        for name in modules:
            with contextlib.suppress(Exception, SystemExit):
                importlib.import_module(name)
        gc.collect()
        gc.freeze()
        self._own_memory = _memory(os.getpid())

    def _look_at_memory(self) -> None:
        sandbox = self._sandbox
        if sandbox is None or sandbox.why:
            return
        family = _family(sandbox.pid)
        most = sandbox.limits.memory
        if sum(_memory(pid) for pid in family) <= most:  # counts what they share for each of them
            return
        used = sum(_memory_share(pid, self._own_memory) for pid in family)
        if used > most:
            sandbox.why = "memory"
            self._kill(sandbox.pid)

    def _end(self) -> dict[str, object]:
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is None:
            return {"status": None, "why": ""}
        ended = _wait(sandbox.pid, os.WNOHANG)
        if ended is None:
            self._kill(sandbox.pid)
            ended = _wait(sandbox.pid, 0)
        self._reap()
        return {"status": ended, "why": sandbox.why}

    def _kill(self, pid: int) -> None:
        """Kills a sandbox: with the first process of its pid namespace all others go."""
        if not self._walled:
            for member in _family(pid):
                with contextlib.suppress(OSError):
                    os.kill(member, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        """Whatever was orphaned to the zygote: without walls, it has to be killed first."""
        for pid in () if self._walled else _family(os.getpid()):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _wait(pid: int, flags: int) -> int | None:
    try:
        found, status = os.waitpid(pid, flags)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if found else None


def _memory(pid: int) -> int:
    """Bytes of a process that lie in memory and in no file on disk; 0 where it is gone."""
    return _kilobytes(f"/proc/{pid}/status", (b"RssAnon:", b"RssShmem:"))


def _memory_share(pid: int, inherited: int) -> int:
    """The same, what it shares with others divided among them.

    Where the kernel does not tell, what it may have `inherited` is taken off.
    """
    share = _kilobytes(f"/proc/{pid}/smaps_rollup", (b"Pss_Anon:", b"Pss_Shmem:"))
    return share or max(0, _memory(pid) - inherited)


def _kilobytes(path: str, names: tuple[bytes, ...]) -> int:
    try:
        lines = Path(path).read_bytes().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(names))


def _family(pid: int) -> list[int]:
    """A process and all below it, as `/proc` has them now; never the zygote itself."""
    below: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                stat = Path(f"/proc/{entry}/stat").read_bytes()
            except OSError:
                continue
            below.setdefault(int(stat.rpartition(b")")[2].split()[1]), []).append(int(entry))
    waiting, family = [pid], []
    while waiting:
        member = waiting.pop()
        if member != os.getpid():
            family.append(member)
        waiting += below.get(member, [])
    return family


def _be_sandbox(limits: Limits, end: int, walled: bool) -> None:
    """In the sandbox's first process: the last walls, then the student's cells. Never returns."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        mapped = walls.mapped()
        if walled:
            walls.mount_private(limits)
        from autograder.judging.inside.servant import serve

        walls.limit_resources(limits, mapped)
        if walled:
            walls.drop_rights()
            refuse_system_calls()
        serve(socket.socket(fileno=end), limits, walled)
        code = 0
    except BaseException as error:
        sys.__stderr__.write(f"sandbox: {type(error).__name__}: {error}\n")  # type: ignore[union-attr]
    finally:
        os._exit(code)


def main() -> None:
    """`python -m autograder.judging.inside.zygote CONTROL_FD WALLED USER`."""
    gc.disable()  # nothing of what is imported goes; to look for it takes a tenth of the time
    control = socket.socket(fileno=int(sys.argv[1]))
    walled, user = sys.argv[2] == "walled", int(sys.argv[3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the judge's to handle
    walls.become_subreaper()
    if os.getuid() == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
    from autograder.judging.inside.servant import warm_up

    began = time.monotonic()
    warm_up()
    gc.freeze()
    gc.enable()
    control.sendall(json.dumps({"warm": time.monotonic() - began}).encode())
    Zygote(control, walled, user if user >= 0 else None).serve()


if __name__ == "__main__":
    main()
