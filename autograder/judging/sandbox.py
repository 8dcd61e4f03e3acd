"""The judge's end of a sandbox: start it, ask it, kill it. All that it answers is an attacker's."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.judging.isolation import (
    NOBODY,
    Isolation,
    NoIsolationError,
    bubblewrap_command,
    environment,
    need_bubblewrap,
)
from autograder.judging.limits import Limits
from autograder.judging.values_wire import Encoder
from autograder.judging.wire import Frame, Wire, WireClosed, WireError, WireTimeout

START_SECONDS = 120.0
IMPORT_SECONDS = 60.0
SPAWN_SECONDS = 30.0
#: Messages of output that one request may send before it counts as a flood.
MOST_OUTPUTS = 5_000
#: Bytes that it may send with these, beside what the limit on output makes of them.
FLOOD = 16 * 2**20
MOST_SEEN = 50
#: Bytes of files in one request.
BATCH = 32 * 2**20


class SandboxEnded(BaseException):
    """The sandbox is gone, or had to go: `kind` is timeout, memory, died, or protocol.

    No `Exception`: a test that expects one of the student's code does not get this one.
    """

    def __init__(self, kind: str, says: str) -> None:
        super().__init__(says)
        self.kind = kind
        self.says = says


@dataclass(frozen=True)
class Answer:
    """What a sandbox answered: its message, and the bytes of the arrays in it."""

    message: dict[str, Any]
    data: bytes | bytearray


class Warm:
    """The warm process of one judge, started when first needed."""

    def __init__(self, isolation: Isolation = "bubblewrap") -> None:
        self.isolation = isolation
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder = ""
        self._session: Session | None = None
        self._imported: frozenset[str] | None = None

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The pid of bubblewrap, or of the warm process itself where there are no walls."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Starts it, unless it runs. Raises NoIsolationError where it cannot be walled in."""
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        walled = self.isolation == "bubblewrap"
        if walled:
            need_bubblewrap()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        variables = environment(walled)
        if not walled:
            self._folder = tempfile.mkdtemp(prefix="autograder-")
            variables["HOME"] = variables["TMPDIR"] = self._folder
        with tempfile.TemporaryFile() as errors, theirs:
            try:
                self._process = subprocess.Popen(
                    self._command(theirs.fileno()),
                    pass_fds=[theirs.fileno()],
                    env=variables,
                    cwd=self._folder or "/",
                    stdin=subprocess.DEVNULL,
                    stdout=errors,
                    stderr=errors,
                )
                theirs.close()
                ours.settimeout(START_SECONDS)
                if ours.recv(65536):
                    return
                says = "its warm process ended"
            except OSError as error:
                says = str(error)
            if self._process is not None:
                self._process.kill()
                self._process.wait()
            errors.seek(0)
            says = errors.read()[-400:].decode("utf-8", "replace").strip() or says
            self.close()
            raise NoIsolationError(f"The sandbox could not be started: {says}")

    def _command(self, control: int) -> list[str]:
        walled = self.isolation == "bubblewrap"
        user = NOBODY if walled and os.getuid() == 0 else -1
        module = "autograder.judging.inside.zygote"
        words = [str(control), "walled" if walled else "open", str(user)]
        command = [sys.executable, "-m", module, *words]
        return bubblewrap_command(command) if walled else command

    def spawn(
        self,
        limits: Limits,
        files: dict[str, bytes],
        first: int = 0,
        operators: Sequence[str] = (),
        modules: Sequence[str] = (),
    ) -> Session:
        """A new sandbox with `files` in its folder; what was there before is gone.

        The handles that it gives are numbered from `first`; `operators` are switched off in it.
        `modules` have been imported in it, if they can be, and no other ones.
        Raises NoIsolationError, SandboxEnded.
        """
        if self._session is not None:
            self._session.end()
        self._start_with(frozenset(modules))
        ours, theirs = socket.socketpair()
        session = Session(self, Wire(ours), limits)
        try:
            request = {"op": "spawn", "limits": dataclasses.asdict(limits)}
            self._tell(request, SPAWN_SECONDS, theirs)
        except OSError as error:
            ours.close()
            self.close()
            raise NoIsolationError(f"The sandbox could not be started: {error}") from None
        except BaseException:  # an alarm while it answers: what comes next fits no question
            ours.close()
            self.close()
            raise
        finally:
            theirs.close()
        self._session = session
        session.begin(files, first, operators)
        return session

    def _start_with(self, modules: frozenset[str]) -> None:
        """Starts it, and has it import `modules`: once, for all that it will spawn.

        One that holds other modules makes place for a new one, or what a sandbox finds would hang
        on what was graded before. Where the import ends the process or does not end, it goes on
        without: then it is each student's cell that fails. Raises NoIsolationError.
        """
        if self._imported is not None and self._imported != modules:
            self.close()
        self.start()
        if self._imported is None and modules:
            try:
                self._tell({"op": "import", "modules": sorted(modules)}, IMPORT_SECONDS)
            except OSError:
                self.close()
                self.start()
            except BaseException:
                self.close()
                raise
        self._imported = modules

    def _tell(self, request: dict[str, Any], seconds: float, *ends: socket.socket) -> None:
        """Tells the warm process something and waits until it is done. Raises OSError."""
        assert self._control is not None
        self._control.settimeout(seconds)
        descriptors = [end.fileno() for end in ends]
        socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
        if not self._control.recv(65536):
            raise ConnectionResetError("its warm process is gone")

    def end(self) -> tuple[int | None, str]:
        """Kills what was spawned, with all it started; its exit status, and why it was killed."""
        if self._control is None:
            return None, ""
        try:
            self._control.send(json.dumps({"op": "end"}).encode())
            message = json.loads(self._control.recv(65536))
        except (OSError, ValueError):
            self.close()
            return None, ""
        return message["status"], str(message["why"])

    def close(self) -> None:
        """Ends the warm process and everything in it."""
        if self._session is not None:
            self._session.hang_up()
            self._session = None
        if self._control is not None:
            self._control.close()
            self._control = None
            self._imported = None
        if self._process is not None:
            try:
                self._process.wait(timeout=2 if self.isolation == "none" else 0.2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""


class Session:
    """One sandbox, from its first cell to its end."""

    def __init__(self, warm: Warm, wire: Wire, limits: Limits) -> None:
        self._warm = warm
        self._wire = wire
        self._limits = limits
        self._number = 0
        self.alive = True
        self.seen: list[str] = []

    def begin(self, files: dict[str, bytes], first: int, operators: Sequence[str]) -> None:
        """Waits for its first word, and fills its folder. Raises SandboxEnded."""
        deadline = time.monotonic() + SPAWN_SECONDS
        try:
            if self._wire.receive(deadline).message != {"ready": True}:
                raise WireError("it did not say that it is ready")
        except WireError as error:
            raise self._gone(error, SPAWN_SECONDS) from None
        request = {"op": "begin", "first": first, "operators": list(operators)}
        self.ask(request, seconds=SPAWN_SECONDS)
        for pieces in _batches(files):
            encoder = Encoder(_no_handle)
            forms = [[name, start, encoder.encode(data)] for name, start, data in pieces]
            request = {"op": "files", "files": forms}
            answer = self.ask(request, bytes(encoder.data), SPAWN_SECONDS)
            if "raised" in answer.message:
                raise self._gone(WireError("its files do not fit into its folder"), 0)

    def ask(
        self,
        request: dict[str, Any],
        data: bytes = b"",
        seconds: float = 10.0,
        output: Callable[[dict[str, Any]], None] = lambda out: None,
        callback: Callable[[Answer], tuple[dict[str, Any], bytes]] | None = None,
    ) -> Answer:
        """Sends a request and returns its answer; what is put out meanwhile goes to `output`.

        Raises SandboxEnded; the sandbox is then gone.
        """
        if not self.alive:
            raise SandboxEnded("died", "the sandbox is gone")
        self._number += 1
        request["id"] = number = self._number
        deadline = time.monotonic() + seconds
        outputs, received = 0, self._wire.received
        most = 8 * self._limits.output + FLOOD
        try:
            if self._wire.waiting():
                raise WireError("it spoke before it was asked")
            self._wire.send(request, data, deadline)
            while True:
                frame = self._wire.receive(deadline)
                if "out" in frame.message:
                    outputs += 1
                    if outputs > MOST_OUTPUTS or self._wire.received - received > most:
                        raise WireError("it flooded the wire")
                    output(frame.message["out"])
                elif "callback" in frame.message and callback is not None:
                    self._wire.send(*callback(Answer(frame.message, frame.data)), deadline)
                else:
                    return self._answer(frame, number)
        except WireError as error:
            raise self._gone(error, seconds) from None
        except BaseException:  # an alarm in the middle of a frame: what follows fits no question
            self.end()
            raise

    def _answer(self, frame: Frame, number: int) -> Answer:
        message = frame.message
        if message.get("re") != number or type(message.get("re")) is not int:
            raise WireError("it answered something that was not asked")
        seen = message.get("seen")
        if type(seen) is list and len(self.seen) < MOST_SEEN:
            self.seen += [str(says)[:200] for says in seen[:MOST_SEEN] if type(says) is str]
        return Answer(message, frame.data)

    def _gone(self, error: WireError, seconds: float) -> SandboxEnded:
        self.alive = False
        status, why = self.end()
        if why == "memory":
            most = self._limits.memory // 2**20
            return SandboxEnded("memory", f"used more than {most} MiB of memory and was stopped")
        if isinstance(error, WireTimeout):
            return SandboxEnded("timeout", f"was still running after {seconds:g} s and was stopped")
        if isinstance(error, WireClosed):
            return SandboxEnded("died", f"ended the whole process{_status(status)}")
        return SandboxEnded("protocol", f"was stopped: {error}")

    def end(self) -> tuple[int | None, str]:
        """Kills it, with all it started. Its exit status, and why it had been killed, if it was."""
        if self._wire.closed:
            return None, ""
        self.hang_up()
        return self._warm.end()

    def hang_up(self) -> None:
        """Listens to it no more."""
        self.alive = False
        self._wire.close()


def _batches(files: dict[str, bytes]) -> Iterator[list[tuple[str, int, bytes]]]:
    """Files in pieces (name, where it starts, bytes), as many together as one request takes."""
    batch: list[tuple[str, int, bytes]] = []
    size = 0
    for name, data in files.items():
        for start in range(0, max(1, len(data)), BATCH):
            piece = data[start : start + BATCH]
            if batch and size + len(piece) > BATCH:
                yield batch
                batch, size = [], 0
            batch.append((name, start, piece))
            size += len(piece)
    if batch:
        yield batch


def _no_handle(value: Any) -> dict[str, Any]:
    raise TypeError(f"{type(value).__name__} cannot cross")


def _status(status: int | None) -> str:
    if status is None or status == 0:
        return ""
    if status < 0:
        import signal

        try:
            return f" ({signal.Signals(-status).name})"
        except ValueError:
            return f" (signal {-status})"
    return f" (exit status {status})"
