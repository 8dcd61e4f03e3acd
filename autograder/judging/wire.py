"""The wire between judge and sandbox: frames of JSON and raw arrays, never code, never pickles.

A frame is a header of three unsigned 64-bit numbers (magic, bytes of JSON, bytes of arrays), then
the JSON, then the arrays one after another. Sizes are checked before anything is read, dtypes and
shapes before anything is built. Both sides use this module; the judge takes every frame for an
attacker's.
"""

from __future__ import annotations

import json
import math
import re
import select
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

HEADER = struct.Struct("<QQQ")
MAGIC = 0x0000_4A55_4447_4531
MOST_JSON = 8 * 2**20
MOST_BYTES = 128 * 2**20
CHUNK = 2**20
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class WireError(Exception):
    """A frame that is not one, or is too large."""


class FrameTooLargeError(WireError):
    """What was to be sent is more than one frame holds; nothing of it was sent."""


class WireClosed(WireError):  # noqa: N818  (the name says it)
    """The other side is gone."""


class WireTimeout(WireError):  # noqa: N818  (the name says it)
    """Nothing came in time."""


@dataclass(frozen=True)
class Frame:
    """One message: a JSON object, and the bytes that its arrays lie in."""

    message: dict[str, Any]
    data: bytes | bytearray = b""


def pack(message: dict[str, Any], data: bytes | bytearray = b"") -> bytes:
    """The bytes of one frame; lone surrogates become question marks. Raises FrameTooLargeError."""
    words = json.dumps(message, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    text = words.encode("utf-8", "replace")
    if len(text) > MOST_JSON or len(data) > MOST_BYTES:
        raise FrameTooLargeError("a message too large for this wire")
    return HEADER.pack(MAGIC, len(text), len(data)) + text + data


class Wire:
    """One end of a connected stream socket."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        self.received = 0
        end.setblocking(False)
        self._poll_in = select.poll()
        self._poll_in.register(end, select.POLLIN)
        self._poll_out = select.poll()
        self._poll_out.register(end, select.POLLOUT)

    def send(
        self, message: dict[str, Any], data: bytes | bytearray = b"", deadline: float | None = None
    ) -> None:
        """Sends one frame; `deadline` is of `time.monotonic`.

        Raises FrameTooLargeError, WireClosed, WireTimeout.
        """
        left = memoryview(pack(message, data))
        while left:
            try:
                left = left[self.socket.send(left, socket.MSG_NOSIGNAL) :]
            except BlockingIOError:
                _wait(self._poll_out, deadline)
            except OSError:
                raise WireClosed("the other side is gone") from None

    def receive(self, deadline: float | None = None) -> Frame:
        """The next frame. Raises WireClosed, WireTimeout, and WireError where it is not a frame."""
        magic, text_size, data_size = HEADER.unpack(self._exactly(HEADER.size, deadline))
        if magic != MAGIC or text_size > MOST_JSON or data_size > MOST_BYTES:
            raise WireError("what came is not a message of this wire, or too large for it")
        message = _object(self._exactly(text_size, deadline))
        return Frame(message, self._exactly(data_size, deadline))

    def waiting(self) -> bool:
        """Whether something lies there unread, or the other side is gone."""
        return bool(self._poll_in.poll(0))

    @property
    def closed(self) -> bool:
        """Whether this end was closed."""
        return self.socket.fileno() < 0

    def close(self) -> None:
        """Closes this end."""
        self.socket.close()

    def _exactly(self, size: int, deadline: float | None) -> bytes | bytearray:
        got = bytearray()
        while len(got) < size:
            try:
                piece = self.socket.recv(min(CHUNK, size - len(got)))
            except BlockingIOError:
                _wait(self._poll_in, deadline)
                continue
            except OSError:
                raise WireClosed("the other side is gone") from None
            if not piece:
                raise WireClosed("the other side is gone")
            got += piece
            self.received += len(piece)
            if deadline is not None and time.monotonic() > deadline:
                raise WireTimeout("no answer in time")  # one who never pauses is late all the same
        return got


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_JSON = json.JSONDecoder(parse_constant=_constant)


def _object(text: bytes | bytearray) -> dict[str, Any]:
    """The JSON object that `text` is. Raises WireError."""
    try:
        message = _JSON.decode(text.decode("utf-8"))
        if SURROGATE.search(text):  # no file could hold a lone one
            json.dumps(message, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise WireError("a message that is not JSON") from None
    if type(message) is not dict:
        raise WireError("a message that is not an object")
    return message


def _wait(poll: Any, deadline: float | None) -> None:
    left = None if deadline is None else deadline - time.monotonic()
    if left is not None and left <= 0:
        raise WireTimeout("no answer in time")
    if not poll.poll(None if left is None else math.ceil(left * 1000)):
        raise WireTimeout("no answer in time")
