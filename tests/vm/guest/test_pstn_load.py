"""Thirty calls at once on the B channels of an E1: no block is lost either way, and what that costs."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import time
from collections.abc import Iterator

import pytest

from gateways.pstn.dahdi import Channel
from tests.vm.guest import dahdi
from tests.vm.guest.farends import noise, without_pauses
from tests.vm.guest.line import PATIENCE

BLOCK = 800
"""Samples; what is proven is the driver's path, not Python's pace at 20 ms under emulation."""
SECONDS = 5
ATTEMPTS = 3
"""An emulated machine on a busy one may stand still for longer than any queue is; in one of these runs it does not."""


class End:
    """One end of a call: says its blocks, a block for each it hears, and keeps what it hears."""

    def __init__(self, number: int) -> None:
        self.channel = Channel(number, linear=False, block=BLOCK)
        self.said = b"".join(noise(SECONDS * 50, number))
        self.heard = bytearray()
        self._at = 0

    def begin(self) -> None:
        self.channel.flush()
        for _ in range(4):
            self._say()

    def _say(self) -> None:
        self._at += self.channel.write(self.said[self._at : self._at + BLOCK])

    def move(self) -> None:
        while block := self.channel.read():
            self.heard += block
            if self._at < len(self.said):
                self._say()


@pytest.fixture(name="exchange", autouse=True, scope="module")
def exchange_fixture() -> Iterator[None]:
    with dahdi.exchange():
        yield


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """What else the machine does is not measured."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


def run(ends: list[End]) -> float:
    """Talk on all; return the seconds until the last was heard."""
    poller = select.epoll()
    by_fd = {end.channel.fd: end for end in ends}
    for fd in by_fd:
        poller.register(fd, select.EPOLLIN)
    for end in ends:
        end.begin()
    began = time.monotonic()
    wanted = (SECONDS + 1) * 8000
    while any(len(end.heard) < wanted for end in ends) and time.monotonic() < began + PATIENCE:
        for fd, _ in poller.poll(1):
            by_fd[fd].move()
    poller.close()
    return time.monotonic() - began


def ways(ends: list[End]) -> list[tuple[End, End]]:
    """Who speaks to whom."""
    pairs = zip(ends[::2], ends[1::2], strict=True)
    return [way for here, there in pairs for way in ((here, there), (there, here))]


def test_thirty_channels_lose_nothing() -> None:
    pairs = list(zip(dahdi.E1.ours.bearers, dahdi.E1.exchange.bearers, strict=True))
    assert len(pairs) == 30
    failed: list[int] = []
    for _ in range(ATTEMPTS):
        with contextlib.ExitStack() as stack, undisturbed():
            ends = [stack.enter_context(closing_end(number)) for pair in pairs for number in pair]
            before = resource.getrusage(resource.RUSAGE_SELF)
            lasted = run(ends)
            used = resource.getrusage(resource.RUSAGE_SELF)
        count = sum(len(end.heard) for end in ends)
        cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
        failed = [one.channel.number for one, other in ways(ends) if one.said not in without_pauses(other.heard)]
        dry = [one.channel.number for one, other in ways(ends) if one.said not in other.heard]
        print(
            f"30 channels both ways: {count} bytes in {lasted:.2f} s ({count / lasted / 60:.0f} B/s each way),"
            f" {cpu:.2f} s of CPU; lost on: {failed}; ran dry for a moment: {dry}"
        )
        if not failed:
            break
    assert failed == []


@contextlib.contextmanager
def closing_end(number: int) -> Iterator[End]:
    end = End(number)
    try:
        yield end
    finally:
        end.channel.close()
