from __future__ import annotations

import socket
import threading
import time

import pytest

from autograder.judging.wire import (
    HEADER,
    MAGIC,
    MOST_BYTES,
    MOST_JSON,
    Wire,
    WireClosed,
    WireError,
    WireTimeout,
    pack,
)


@pytest.fixture
def ends():
    one, other = socket.socketpair()
    yield Wire(one), Wire(other)
    one.close()
    other.close()


def test_a_frame_crosses(ends) -> None:
    one, other = ends
    data = bytes(range(256)) * 5000
    sender = threading.Thread(target=one.send, args=({"op": "x", "n": [1, "é"]}, data))
    sender.start()
    frame = other.receive(time.monotonic() + 10)
    sender.join()
    assert frame.message == {"op": "x", "n": [1, "é"]}
    assert bytes(frame.data) == data


@pytest.mark.parametrize(
    "raw",
    [
        HEADER.pack(MAGIC + 1, 2, 0) + b"{}",
        HEADER.pack(MAGIC, MOST_JSON + 1, 0),
        HEADER.pack(MAGIC, 2, MOST_BYTES + 1),
        HEADER.pack(MAGIC, 2**63, 2**63),
        HEADER.pack(MAGIC, 2, 0) + b"[]",
        HEADER.pack(MAGIC, 4, 0) + b"\xff{}\x00",
        HEADER.pack(MAGIC, 100_000, 0) + b"[" * 100_000,
    ],
)
def test_what_is_no_frame_is_refused(ends, raw: bytes) -> None:
    one, other = ends
    one.socket.setblocking(True)
    one.socket.sendall(raw)
    with pytest.raises(WireError) as caught:
        other.receive(time.monotonic() + 5)
    assert not isinstance(caught.value, WireTimeout | WireClosed)


def test_a_frame_that_breaks_off(ends) -> None:
    one, other = ends
    one.socket.send(pack({"a": 1}, b"1234")[:-2])
    with pytest.raises(WireTimeout):
        other.receive(time.monotonic() + 0.05)
    one.close()
    with pytest.raises(WireClosed):
        other.receive(time.monotonic() + 1)


def test_sending_to_nobody_and_to_one_who_does_not_read(ends) -> None:
    one, other = ends
    with pytest.raises(WireTimeout):
        one.send({}, bytes(50 * 2**20), time.monotonic() + 0.05)
    other.close()
    with pytest.raises(WireClosed):
        one.send({}, b"", time.monotonic() + 1)


def test_waiting(ends) -> None:
    one, other = ends
    assert not other.waiting()
    one.send({"a": 1})
    assert other.waiting()
