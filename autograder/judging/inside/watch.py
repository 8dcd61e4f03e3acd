"""Notes what a student's code reaches for outside its own folder.

An audit hook (PEP 578) of Python's own: nothing is decided by it, the walls hold without it. It
lets an instructor read what a submission tried; one that hides its tracks gains nothing by it.
"""

from __future__ import annotations

import os
import sys
from typing import Any

MOST = 20
OWN = tuple({"/tmp", "/sandbox", sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", "/bin",
             "/dev/null", "/dev/urandom", "/dev/shm", "/etc/ssl", "/etc/fonts", "/etc/localtime",
             "/etc/mime.types", "/proc/self/", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
             "/sys/devices/system/cpu", "<", "/etc/os-release", "/etc/nsswitch.conf",
             "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/etc/ld.so",
             "/etc/apache2/mime.types", "/var/lib/", "/var/cache/fontconfig"})  # fmt: skip

PATH_WORDS = {
    "open": "open", "os.listdir": "list", "os.scandir": "list", "os.remove": "remove",
    "os.rename": "rename", "os.symlink": "link",
}  # fmt: skip


class Watch:
    """The attempts seen since they were last taken."""

    def __init__(self) -> None:
        self._seen: list[str] = []
        self._all = 0

    def start(self) -> None:
        """Begins to look; there is no end to it in this process."""
        note = self._note
        events = {*PATH_WORDS, "socket.connect", "socket.bind", "socket.getaddrinfo", "os.kill",
                  "os.killpg"}  # fmt: skip

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event in events:
                note(event, arguments)

        sys.addaudithook(hook)

    def take(self) -> list[str]:
        """What was seen since the last time."""
        seen, self._seen = self._seen, []
        return seen

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        try:
            says = _describe(event, arguments)
        except Exception:
            return
        if says and says not in self._seen and self._all < MOST:
            self._all += 1
            self._seen.append(says.encode("utf-8", "replace").decode()[:200])


def _describe(event: str, arguments: tuple[Any, ...]) -> str:
    if event in PATH_WORDS:
        path = arguments[0]
        if not isinstance(path, str | bytes | os.PathLike):
            return ""
        full = os.path.abspath(os.fsdecode(path))
        if full.startswith(OWN) or full in ("/", "/dev", "/proc"):
            return ""
        return f"{PATH_WORDS[event]} {full}"
    if event in ("socket.connect", "socket.bind"):
        return f"{'connect to' if event == 'socket.connect' else 'listen at'} {arguments[1]!r}"
    if event == "socket.getaddrinfo":
        return f"look up the host {arguments[0]!r}"
    if event in ("os.kill", "os.killpg"):
        return f"send signal {arguments[1]} to process {arguments[0]}"
    return ""
