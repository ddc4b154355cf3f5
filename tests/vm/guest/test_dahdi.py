"""The exchange without hardware is one: a ring is seen, hooks are, and blocks of audio pass both ways unchanged."""

from __future__ import annotations

import array
import contextlib
import errno
import fcntl
import os
import random
import select
import time
from collections.abc import Iterator

import pytest

from tests.vm.guest import dahdi
from tests.vm.guest.line import PATIENCE

# <dahdi/user.h>: numbers of ioctls with an int, with a struct dahdi_bufferinfo; of DAHDI_HOOK's states; of events.
SPECIFY, HOOK, AUDIOMODE = (0x40040000 | 0xDA << 8 | number for number in (38, 7, 32))
SET_BUFINFO = 0x40180000 | 0xDA << 8 | 27
GETEVENT = 0x80040000 | 0xDA << 8 | 8
ON_HOOK, OFF_HOOK, RING = 0, 1, 5
EVENT_ONHOOK, EVENT_RINGOFFHOOK = 1, 2
BLOCK = 160
BLOCKS = 25
SILENCE = bytes([0xFF]) * BLOCK * 100
WHOLE = 20
"""So many of the blocks at least come whole: when the machine gets no time, the driver drops some."""


class Channel:
    """An open channel, which reads and writes its law's bytes."""

    def __init__(self, fd: int, number: int) -> None:
        self.fd = fd
        self.control(SPECIFY, number)
        # At once, not only when full; as many buffers as there can be: the machine is slow.
        self.control(SET_BUFINFO, 0, 0, 32, BLOCK, 0, 0)

    def control(self, request: int, *values: int) -> None:
        try:
            fcntl.ioctl(self.fd, request, array.array("i", values))
        except OSError as error:
            if error.errno != errno.EINPROGRESS:  # DAHDI_HOOK does not wait
                raise

    def wait_event(self, wanted: int) -> float:
        """Return after how many seconds the event came."""
        began = time.monotonic()
        poller = select.poll()
        poller.register(self.fd, select.POLLPRI)
        seen = []
        while time.monotonic() - began < PATIENCE:
            if poller.poll(1000):
                event = array.array("i", [0])
                fcntl.ioctl(self.fd, GETEVENT, event)
                seen.append(event[0])
                if event[0] == wanted:
                    return time.monotonic() - began
        pytest.fail(f"no event {wanted}; seen: {seen}")


@pytest.fixture(name="exchange", autouse=True, scope="module")
def exchange_fixture() -> Iterator[None]:
    with dahdi.exchange():
        yield


@contextlib.contextmanager
def opened(*numbers: int) -> Iterator[list[Channel]]:
    with contextlib.ExitStack() as stack:  # an open one keeps the drivers
        fds = [os.open("/dev/dahdi/channel", os.O_RDWR | os.O_NONBLOCK) for _ in numbers]
        for fd in fds:
            stack.callback(os.close, fd)
        yield [Channel(fd, number) for fd, number in zip(fds, numbers, strict=True)]


def carried(source: Channel, sink: Channel, seed: int) -> int:
    """How many of BLOCKS blocks said into ``source`` come whole out of ``sink``."""
    speech = random.Random(seed).randbytes(BLOCK * BLOCKS)
    left, heard = speech + SILENCE, bytearray()
    ends = time.monotonic() + PATIENCE
    while left and time.monotonic() < ends:
        ready, writable, _ = select.select([sink.fd], [source.fd], [], 1)
        if ready:
            with contextlib.suppress(OSError):  # an event waits
                heard += os.read(sink.fd, BLOCK)
        if writable:
            with contextlib.suppress(OSError):
                left = left[os.write(source.fd, left[:BLOCK]) :]
    return sum(speech[at : at + BLOCK] in heard for at in range(0, len(speech), BLOCK))


@pytest.mark.parametrize("pair", [dahdi.MIXED, dahdi.E1, dahdi.T1])
def test_bearer_channels_carry_bytes_both_ways(pair: dahdi.Pair) -> None:
    with opened(pair.ours.bearers[0], pair.exchange.bearers[0]) as (ours, far):
        for channel in (ours, far):
            channel.control(AUDIOMODE, 1)
        assert carried(ours, far, seed=1) >= WHOLE
        assert carried(far, ours, seed=2) >= WHOLE


@pytest.mark.parametrize("pair", [dahdi.MIXED, dahdi.ANALOGUE])
def test_a_ring_is_answered_and_ended(pair: dahdi.Pair) -> None:
    with opened(pair.ours.analogue[-1], pair.exchange.analogue[-1]) as (ours, far):
        far.control(HOOK, RING)
        ours.wait_event(EVENT_RINGOFFHOOK)
        ours.control(HOOK, OFF_HOOK)
        far.wait_event(EVENT_RINGOFFHOOK)
        far.control(HOOK, OFF_HOOK)
        assert carried(ours, far, seed=1) >= WHOLE
        assert carried(far, ours, seed=2) >= WHOLE
        far.control(HOOK, ON_HOOK)
        ours.wait_event(EVENT_ONHOOK)
        ours.control(HOOK, ON_HOOK)
        far.wait_event(EVENT_ONHOOK)
