"""The audio self-test: what it measures of a known way, and that it lets go of its descriptors."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from array import array

import pytest

from gateways import loopback
from gateways.loopback import FRAME_BYTES, LEVEL_DBM0, PITCHES, RATE, Exchange, Result, burst, level, measure
from tests.gsm.conftest import until

SLOT = 0.8


def heard(
    delay_ms: float, gain_db: float, *, lost: tuple[float, ...] = (), noise: float = 0.0
) -> list[tuple[float, bytes]]:
    """Return what comes back of all bursts: frames of 20 ms, each with the time at which it was complete."""
    made = random.Random(1)
    stream = array("h", bytes(2 * round(RATE * (SLOT * len(PITCHES) + 3))))
    for place, hertz in enumerate(PITCHES):
        start = round((place * SLOT + delay_ms / 1000) * RATE)
        for n, sample in enumerate(array("h", b"".join(burst(hertz)))):
            stream[start + n] = 0 if hertz in lost else round(sample * 10 ** (gain_db / 20))
    if noise:
        stream = array("h", (round(sample + made.gauss(0, noise)) for sample in stream))
    data = stream.tobytes()
    return [
        ((at + FRAME_BYTES) / 2 / RATE, data[at : at + FRAME_BYTES]) for at in range(0, len(data) - 319, FRAME_BYTES)
    ]


SENT = [(place * SLOT, hertz) for place, hertz in enumerate(PITCHES)]


@pytest.mark.parametrize("delay_ms", [0.0, 150.0, 333.0, 790.0, 1200.0])
@pytest.mark.parametrize("gain_db", [0.0, -6.0, -20.0, 3.0])
def test_level_and_delay(delay_ms: float, gain_db: float) -> None:
    result = measure(SENT, heard(delay_ms, gain_db))
    assert (result.sent, result.heard) == (5, 5)
    assert result.level_db == pytest.approx(gain_db, abs=0.5)
    assert result.delay_ms == pytest.approx(delay_ms + 20, abs=21)  # a frame is heard when it is complete


@pytest.mark.parametrize(
    ("delay_ms", "gain_db", "lost", "found"),
    [
        (150.0, 0.0, (PITCHES[1], PITCHES[3]), 3),
        (150.0, 0.0, PITCHES, 0),
        (150.0, -40.0, (), 0),
        (1800.0, 0.0, (), 0),
    ],
    ids=["some lost", "silence", "too soft", "too late"],
)
def test_what_is_not_heard(delay_ms: float, gain_db: float, lost: tuple[float, ...], found: int) -> None:
    result = measure(SENT, heard(delay_ms, gain_db, lost=lost))
    assert (result.sent, result.heard) == (5, found)
    assert (result.level_db is None, result.delay_ms is None) == (not found, not found)


def test_noise_of_a_bad_line_is_no_tone_and_hides_none() -> None:
    noise = 32767 * 10 ** ((-45 - 3.14) / 20)
    assert measure(SENT, heard(200.0, -10.0, noise=noise)).heard == 5
    assert measure(SENT, heard(200.0, 0.0, lost=PITCHES, noise=noise)).heard == 0


def test_nothing_at_all() -> None:
    assert measure([], []) == Result(0, 0, None, None)


def test_a_burst_has_the_level_it_should_and_its_pitch_only() -> None:
    for hertz in PITCHES:
        frame = burst(hertz)[2]
        assert level(frame, hertz) == pytest.approx(LEVEL_DBM0, abs=0.1)
        assert all(level(frame, other) < LEVEL_DBM0 - 40 for other in PITCHES if other != hertz)


def test_the_level_of_silence_and_of_less_than_a_frame() -> None:
    assert level(bytes(FRAME_BYTES), 1000.0) < -80


def echo(fd: socket.socket, delay: float) -> None:
    """Give back what comes, some time later, until the other end is closed."""
    began, waiting = time.monotonic(), b""
    while data := fd.recv(4096):
        waiting += data
        if time.monotonic() >= began + delay:
            at_once, waiting = waiting[: len(data)], waiting[len(data) :]
            fd.sendall(at_once)


def test_an_exchange_over_an_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "PITCHES", PITCHES[:2])
    near, far = socket.socketpair()
    near.setblocking(False)
    answerer = threading.Thread(target=echo, args=(far, 0.1))
    answerer.start()
    results: list[Result] = []
    done = threading.Event()

    def ended(result: Result) -> None:
        results.append(result)
        done.set()

    fd = near.detach()
    Exchange(fd, fd, ended)
    assert done.wait(10)
    answerer.join(5)
    far.close()
    [result] = results
    assert (result.sent, result.heard) == (2, 2)
    assert result.level_db == pytest.approx(0.0, abs=0.5)
    assert result.delay_ms == pytest.approx(120.0, abs=60.0)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


@pytest.mark.parametrize("how", ["the line goes", "stop"])
def test_an_exchange_that_ends_early_tells_what_it_has(how: str) -> None:
    near, far = socket.socketpair()
    near.setblocking(False)
    results: list[Result] = []
    exchange = Exchange(fd := near.detach(), fd, results.append)
    if how == "stop":
        exchange.stop()
    else:
        far.close()
    assert until(lambda: results == [Result(1, 0, None, None)], 1.0)
    far.close()
