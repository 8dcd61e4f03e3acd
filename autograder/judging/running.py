"""A notebook's cells in a sandbox that is filled anew when one of them kills it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from autograder.judging.limits import Limits
from autograder.judging.outputs import Collected
from autograder.judging.sandbox import Answer, SandboxEnded, Session, Warm

#: Handles of one sandbox and the next must never be taken for each other.
HANDLES_EACH = 1_000_000


class Clock:
    """The time that a whole submission has left."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def allow(self, seconds: float) -> float:
        """`seconds`, or what is left if that is less. Raises SandboxEnded when nothing is."""
        left = self._end - time.monotonic()
        if left <= 0:
            says = f"was still running after the {self.seconds:g} s that a submission has"
            raise SandboxEnded("submission_timeout", says)
        return min(seconds, left)


class Run:
    """One notebook being run. A cell that ends the process costs itself: the others are run again.

    Calls inside one test cell share the fate of the first that ended the process.
    """

    def __init__(
        self,
        warm: Warm,
        limits: Limits,
        files: dict[str, bytes],
        clock: Clock,
        operators: Sequence[str] = (),
        modules: Sequence[str] = (),
    ) -> None:
        self._warm, self._limits, self._files, self._clock = warm, limits, files, clock
        self._operators, self._modules = operators, modules
        self._session: Session | None = None
        self._history: list[str] = []
        self._fills = 0
        self._ended: SandboxEnded | None = None
        self.seen: list[str] = []

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *error: object) -> None:
        if self._session is not None and self._session.alive:
            self._session.end()

    def run_cell(self, code: str, collected: Collected) -> bool:
        """Runs one of the student's cells; whether it ran without an error.

        Raises SandboxEnded where it ended the process, or there is no time left.
        """
        session = self._filled()
        request = {"op": "cell", "code": code}
        seconds = self._clock.allow(self._limits.cell_seconds)
        try:
            answer = session.ask(request, seconds=seconds, output=collected.add)
        finally:
            self._note(session)
        self._history.append(code)
        return answer.message.get("ok") is True

    def begin_test(self) -> None:
        """A new test cell: what ended the one before is over."""
        self._ended = None

    @property
    def broken(self) -> SandboxEnded | None:
        """What ended the process in this test, where it was a lie on the wire; else None.

        A check takes any end for a wrong answer, and says so to the student; this one is for a
        person to see.
        """
        ended = self._ended
        return ended if ended is not None and ended.kind == "protocol" else None

    def ask(
        self,
        request: dict[str, Any],
        data: bytes = b"",
        callback: Callable[[Answer], tuple[dict[str, Any], bytes]] | None = None,
    ) -> Answer:
        """One question of a test cell's. Raises SandboxEnded."""
        if self._ended is not None:
            raise self._ended
        try:
            session = self._filled()
            seconds = self._clock.allow(self._limits.call_seconds)
            try:
                return session.ask(request, data, seconds, callback=callback)
            finally:
                self._note(session)
        except SandboxEnded as ended:
            self._ended = ended
            raise

    def _note(self, session: Session) -> None:
        self.seen += session.seen
        session.seen.clear()

    def _filled(self) -> Session:
        """The living sandbox, filled with what the student's cells had defined."""
        if self._session is not None and self._session.alive:
            return self._session
        if self._fills > self._limits.refills:
            says = f"could not be run: {self._fills} sandboxes of this notebook were ended before"
            raise SandboxEnded("refills", says)
        first = self._fills * HANDLES_EACH
        self._fills += 1
        session = self._warm.spawn(self._limits, self._files, first, self._operators, self._modules)
        for code in self._history:
            seconds = self._clock.allow(self._limits.cell_seconds)
            session.ask({"op": "cell", "code": code}, seconds=seconds)
        session.seen.clear()
        self._session = session
        return session
