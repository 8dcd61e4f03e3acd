"""The judge's end of a sandbox: start it, ask it, kill it. All that it answers is an attacker's."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.judging.isolation import (
    NOBODY,
    Isolation,
    NoIsolationError,
    bubblewrap_command,
    environment,
)
from autograder.judging.limits import Limits
from autograder.judging.values_wire import Decoder, Encoder
from autograder.judging.wire import Frame, Wire, WireClosed, WireError, WireTimeout

START_SECONDS = 120.0
SPAWN_SECONDS = 30.0
#: Messages of output that one request may send before it counts as a flood.
MOST_OUTPUTS = 5_000
MOST_SEEN = 50


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
    """What a sandbox answered: its message, and the decoder of the values in it."""

    message: dict[str, Any]
    data: bytes | bytearray


class Warm:
    """The warm process of one judge, started when first needed."""

    def __init__(self, isolation: Isolation = "bubblewrap") -> None:
        self.isolation = isolation
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder = ""

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
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        user = NOBODY if walled and os.getuid() == 0 else -1
        words = ["walled" if walled else "open", str(user)]
        module = "autograder.judging.inside.zygote"
        command = [sys.executable, "-m", module, str(theirs.fileno()), *words]
        variables = environment(walled)
        if not walled:
            self._folder = tempfile.mkdtemp(prefix="autograder-")
            variables["HOME"] = variables["TMPDIR"] = self._folder
        with tempfile.TemporaryFile() as errors:
            self._process = subprocess.Popen(
                bubblewrap_command(command) if walled else command,
                pass_fds=[theirs.fileno()],
                env=variables,
                cwd=self._folder or "/",
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )
            theirs.close()
            self._control = ours
            ours.settimeout(START_SECONDS)
            try:
                ready = ours.recv(65536)
            except TimeoutError:
                ready = b""
            if not ready:
                self._process.kill()
                self._process.wait()
                errors.seek(0)
                says = errors.read()[-400:].decode("utf-8", "replace").strip()
                self.close()
                raise NoIsolationError(f"The sandbox could not be started: {says}")

    def spawn(
        self,
        limits: Limits,
        files: dict[str, bytes],
        first: int = 0,
        operators: Sequence[str] = (),
    ) -> Session:
        """A new sandbox with `files` in its folder; what was there before is gone.

        The handles that it gives are numbered from `first`; `operators` are switched off in it.
        Raises NoIsolationError, SandboxEnded.
        """
        self.start()
        assert self._control is not None
        ours, theirs = socket.socketpair()
        request = {"op": "spawn", "limits": dataclasses.asdict(limits)}
        self._control.settimeout(SPAWN_SECONDS)
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], [theirs.fileno()])
            theirs.close()
            if not self._control.recv(65536):
                raise ConnectionResetError
        except OSError as error:
            self.close()
            raise NoIsolationError(f"The sandbox could not be started: {error}") from None
        session = Session(self, Wire(ours), limits)
        session.begin(files, first, operators)
        return session

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
        if self._control is not None:
            self._control.close()
            self._control = None
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
        encoder = Encoder(_no_handle)
        forms = [[name, encoder.encode(data)] for name, data in files.items()]
        request = {"op": "begin", "files": forms, "first": first, "operators": list(operators)}
        self.ask(request, bytes(encoder.data), SPAWN_SECONDS)

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
        request["id"] = self._number
        deadline = time.monotonic() + seconds
        outputs = 0
        try:
            if self._wire.waiting():
                raise WireError("it spoke before it was asked")
            self._wire.send(request, data, deadline)
            while True:
                frame = self._wire.receive(deadline)
                if "out" in frame.message:
                    outputs += 1
                    if outputs > MOST_OUTPUTS:
                        raise WireError("it flooded the wire")
                    output(frame.message["out"])
                elif "callback" in frame.message and callback is not None:
                    self._wire.send(*callback(Answer(frame.message, frame.data)), deadline)
                else:
                    return self._answer(frame)
        except WireError as error:
            raise self._gone(error, seconds) from None

    def _answer(self, frame: Frame) -> Answer:
        message = frame.message
        if message.get("re") != self._number:
            raise WireError("it answered something that was not asked")
        seen = message.get("seen")
        if type(seen) is list and len(self.seen) < MOST_SEEN:
            self.seen += [str(says)[:200] for says in seen[:MOST_SEEN] if type(says) is str]
        return Answer(message, frame.data)

    def protocol_error(self) -> SandboxEnded:
        """Ends a sandbox whose answer was none."""
        return self._gone(WireError("it answered with something that is no value"), 0)

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
        self.alive = False
        with contextlib.suppress(OSError):
            self._wire.close()
        return self._warm.end()

    def decoder(self, answer: Answer, handle: Callable[[dict[str, Any]], Any]) -> Decoder:
        """A decoder of the values in an answer."""
        return Decoder(answer.data, handle)


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
