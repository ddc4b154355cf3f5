"""What the tests of a modem over real ptys share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateways.line import (
    Answered,
    AudioStarted,
    Ended,
    IncomingCall,
    LineEvent,
)
from tests.gsm.scripted import HEALTHY, Bench, Reply, ScriptedModem

Make = Callable[..., tuple[ScriptedModem, Bench]]
NUMBER = "08011112222"


@pytest.fixture(name="make")
def make_fixture(tmp_path: Path) -> Iterator[Make]:
    """Makes a scripted modem and a line on it; both are closed at the end."""
    made: list[tuple[ScriptedModem, Bench]] = []

    def make(
        script: dict[str, Reply] | None = None, default: Reply = "OK", **options: Any
    ) -> tuple[ScriptedModem, Bench]:
        far = ScriptedModem(tmp_path, HEALTHY | (script or {}), default)
        made.append((far, Bench(far, **options)))
        return made[-1]

    yield make
    for far, bench in made:
        for event in bench.events:
            if isinstance(event, AudioStarted):
                os.close(event.fd)
        bench.close()
        far.close()


def is_a(kind: type[LineEvent]) -> Callable[[LineEvent], bool]:
    return lambda event: isinstance(event, kind)


def in_call(make: Make) -> tuple[ScriptedModem, Bench]:
    far, bench = make()
    bench.wait_state("idle")
    far.say("+CRING: VOICE")
    far.say(f'+CLIP: "{NUMBER}",129,,,,0')
    bench.wait(is_a(IncomingCall))
    bench.do(lambda modem: modem.answer())
    bench.wait(is_a(Answered))
    far.script["AT+CLCC"] = f'+CLCC: 1,1,0,0,0,"{NUMBER}",129\r\n\r\nOK'
    return far, bench


def ends(bench: Bench) -> list[tuple[int, str]]:
    return [(event.cause, event.who) for event in bench.events if isinstance(event, Ended)]


def after(delay: float, far: ScriptedModem, *lines: str) -> str:
    """Say OK now and more later, from the modem's own thread."""
    far.say("OK")
    for line in lines:
        time.sleep(delay)
        far.say(line)
    return ""
