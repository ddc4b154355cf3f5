"""What tests of DAHDI channels share: waiting for what a channel tells, moving audio."""

from __future__ import annotations

import errno
import select
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest

from gateways.pstn.dahdi import Channel, DahdiError, Event, HardwareEvent, Monitor
from gateways.pstn.handle import Handle
from tests.vm.guest.line import PATIENCE

BLOCK = 160


def wait_event(channel: Channel, kind: Event, seconds: float = PATIENCE) -> tuple[float, HardwareEvent]:
    """Return after how many seconds the event came, and the event; others before it are dropped."""
    began = time.monotonic()
    poller = select.poll()
    poller.register(channel.fd, select.POLLPRI)
    seen = []
    while (left := began + seconds - time.monotonic()) > 0:
        if poller.poll(1000 * left):
            event = channel.event()
            if event is not None and event.kind is kind:
                return time.monotonic() - began, event
            seen.append(event)
    pytest.fail(f"no {kind} on {channel.number} in {seconds} s; seen: {seen}")


def events(*channels: Handle) -> list[HardwareEvent]:
    """Take all that wait."""
    taken = []
    for channel in channels:
        while (event := channel.event()) is not None:
            taken.append(event)
    return taken


@contextmanager
def opened(*numbers: int, linear: bool = True) -> Iterator[list[Channel]]:
    """Channels for a with block; on-hook and free after it."""
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Channel(number, linear=linear))) for number in numbers]


def lift(channel: Channel) -> None:
    """Go off-hook; an exchange's end that was in a call a moment ago is busy with the drop of its battery."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return channel.off_hook()
        except DahdiError as error:
            if error.errno != errno.EBUSY or time.monotonic() > until:
                raise
        time.sleep(0.02)


@contextmanager
def call(ours: int, far: int, linear: bool = True) -> Iterator[tuple[Channel, Channel]]:
    """Two ends of an analogue line, both off-hook and settled, nothing waiting on them."""
    with opened(ours, far, linear=linear) as (one, other):
        lift(one)
        lift(other)
        time.sleep(0.8)
        events(one, other)
        yield one, other


def carried(source: Channel, sinks: list[Channel | Monitor], audio: bytes) -> list[bytes]:
    """Return what each sink hears while ``audio`` and half a second more go by; paced by what the first hears."""
    heard = [bytearray() for _ in sinks]
    for sink in sinks:
        sink.flush()
    source.flush()
    left, ends = audio, time.monotonic() + PATIENCE
    quiet = None
    while (quiet is None or time.monotonic() < quiet) and time.monotonic() < ends:
        while left and (taken := source.write(left)):
            left = left[taken:]
        if not left and quiet is None:
            quiet = time.monotonic() + 0.7
        for sink, sound in zip(sinks, heard, strict=True):
            while block := sink.read():
                sound.extend(block)
        time.sleep(0.005)
    return [bytes(sound) for sound in heard]
