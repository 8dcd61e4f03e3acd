from __future__ import annotations

import contextlib
import socket
import threading
import time
import tracemalloc

import pytest

from autograder.judging.wire import (
    CHUNK,
    HEADER,
    MAGIC,
    MOST_BYTES,
    MOST_JSON,
    FrameTooLargeError,
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
        *(
            HEADER.pack(MAGIC, len(text), 0) + text
            for text in (
                b"",
                b'{"a": NaN}',
                b'{"a": -Infinity}',
                b'{"a": "\\ud800"}',
                b'{"\\uDFFF": 1}',
                b'{"a": "\xed\xa0\x80"}',
                b'{"a": "\xff"}',
                '{"a": 1}'.encode("utf-16"),
                b'{"a": ' + b"1" * 10_000 + b"}",
                b'{"a": 1} {}',
                b"null",
            )
        ),
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


def test_lone_surrogates_become_question_marks(ends) -> None:
    one, other = ends
    one.send({"a": "\ud800 \U0001f600 \\ud800 \x00", "\udfff": 1})
    assert other.receive(time.monotonic() + 1).message == {"a": "? \U0001f600 \\ud800 \x00", "?": 1}


def test_what_is_too_large_to_send_is_not_begun(ends) -> None:
    one, other = ends
    for message, data in (({"a": "x" * MOST_JSON}, b""), ({}, bytes(MOST_BYTES + 1))):
        with pytest.raises(FrameTooLargeError):
            one.send(message, data)
    assert not other.waiting()
    one.send({"still": "works"})
    assert other.receive(time.monotonic() + 1).message == {"still": "works"}


def test_a_length_that_lies_takes_no_memory(ends) -> None:
    one, other = ends
    one.socket.send(HEADER.pack(MAGIC, 2, MOST_BYTES) + b"{}123")
    tracemalloc.start()
    with pytest.raises(WireTimeout):
        other.receive(time.monotonic() + 0.02)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * CHUNK


def test_dripping_is_no_way_to_stay(ends) -> None:
    one, other = ends
    one.socket.send(HEADER.pack(MAGIC, 2, MOST_BYTES) + b"{}")
    stop = threading.Event()

    def drip() -> None:
        while not stop.is_set():
            with contextlib.suppress(BlockingIOError):
                one.socket.send(b"x" * 100)

    thread = threading.Thread(target=drip)
    thread.start()
    began = time.monotonic()
    try:
        with pytest.raises(WireTimeout):
            other.receive(began + 0.1)
        assert time.monotonic() - began < 1
    finally:
        stop.set()
        thread.join()


def test_a_closed_end(ends) -> None:
    one, other = ends
    assert not one.closed
    one.close()
    assert one.closed
    assert other.waiting()  # so that the end is noticed
