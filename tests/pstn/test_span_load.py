"""Many calls: thirty at once, and ten thousand one after another without growing."""

from __future__ import annotations

import gc
import resource
import time
from pathlib import Path

from gateways.line import Answered, Ended, IncomingCall
from gateways.pstn.libpri import Pri
from gateways.pstn.prievents import Disconnecting, PriEvent, Ring
from tests.pstn.exchange.behaviour import ANSWERS
from tests.pstn.prifar import FarRig, far_rig
from tests.pstn.pririg import TOKYO, rig

CALLS = 10_000


def test_thirty_calls_go_out_at_once() -> None:
    with rig() as made:
        made.up()
        made.exchange.subscriber(TOKYO).behaves(ANSWERS)
        for line in made.span.lines.values():
            line.dial(TOKYO)
        made.until(lambda: len(made.of(Answered)) == 30, 20)
        assert made.span.status.calls == 30
        for line in made.span.lines.values():
            line.hang_up()
        made.sound()
        assert len(made.of(Ended)) == 30


def test_thirty_calls_come_in_at_once_and_the_next_is_refused() -> None:
    with rig() as made:
        made.up()
        calls = [
            made.exchange.call(to=f"03{slot:08}", number=f"+8190{slot:08}", channel=slot)
            for slot in made.span.spec.lines
        ]
        made.until(lambda: len(made.of(IncomingCall)) == 30, 20)
        by_line = {event.line: event.called for event in made.of(IncomingCall)}
        assert by_line == {name: f"03{slot:08}" for slot, name in made.span.spec.lines.items()}
        for line in made.span.lines.values():
            line.answer()
        for call in calls:
            made.answered(call)  # a CONNECT ACKNOWLEDGE that crosses our DISCONNECT is told as a wrong message (§5.8.4)
        for call in calls[:15]:
            call.hang_up(16)
        for line in list(made.span.lines.values())[15:]:
            line.hang_up(16)
        made.quiet(20)
        assert len(made.of(Ended)) == 30
        made.sound()


def resident() -> int:
    """Return the process's memory in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def take(pri: Pri, event: PriEvent) -> None:
    """Answer every call, and release it with the caller."""
    if isinstance(event, Ring):
        assert event.slot is not None
        pri.proceed(event.call, event.slot)
        pri.alert(event.call)
        pri.answer(event.call, event.slot)
    elif isinstance(event, Disconnecting):
        pri.hang_up(event.call, 16)


def one_call_each(made: FarRig) -> None:
    """Make a call on each of thirty channels, and end it."""
    made.events.clear()
    made.far.heard.clear()
    for line in made.span.lines.values():
        line.dial(TOKYO)
    made.until(lambda: len(made.of(Answered)) == 30, 30)
    for line in made.span.lines.values():
        line.hang_up()
    made.until(lambda: made.span.idle, 30)
    assert len(made.of(Ended)) == 30


def test_ten_thousand_calls_leave_nothing_behind() -> None:
    with far_rig() as made:
        made.far.answer = take
        for _ in range(20):
            one_call_each(made)
        gc.collect()
        before, began = resident(), time.process_time()
        for _ in range(CALLS // 30 + 1):
            one_call_each(made)
        gc.collect()
        spent = time.process_time() - began
        grown = resident() - before
        print(f"\n{CALLS} calls: {grown / 1024:.0f} KiB more, {spent / CALLS * 1000:.2f} ms of CPU a call, both sides")
        made.until(lambda: made.pri.calls == made.far.pri.calls == 0)
        assert grown < 1 << 20
