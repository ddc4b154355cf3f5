"""A line of ours and the exchange's end of it, for a test; what was measured is printed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from gateways.line import AudioStarted, IncomingCall
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.fxotimings import Timings
from tests.pstn.exchange.fxs import FxsLine
from tests.vm.guest import dahdi, reversal
from tests.vm.guest.fxo_line import Line

OURS, THEIRS = dahdi.ANALOGUE.ours.analogue[6:18], dahdi.ANALOGUE.exchange.analogue[6:18]
Pair = tuple[Line, FxsLine]
Make = Callable[..., Pair]
Say = Callable[[str], None]


@pytest.fixture(name="exchange", autouse=True, scope="module")
def exchange_fixture() -> Iterator[None]:
    with dahdi.exchange():
        yield


@pytest.fixture(name="say")
def say_fixture(capsys: pytest.CaptureFixture[str]) -> Say:
    """Prints what was measured, also where all goes well."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n    fxo: {text}", end="", flush=True)

    return say


@pytest.fixture(name="make")
def make_fixture(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes a line of ours, idle, and the exchange's end of it; another channel for each test."""
    at = zlib.crc32(request.node.name.encode()) % len(OURS)
    with ExitStack() as stack:

        def make(country: str = "us", timings: Timings | None = None, **spec: object) -> Pair:
            far = stack.enter_context(FxsLine(THEIRS[at], country))
            reversal.learn(far._port.fd)
            far.reverse(False)  # the test before may have left it otherwise
            plain = FxoSpec("fxo-1", OURS[at], country=country.upper(), caller_id="none", echo_taps=32)
            # One emulated processor may take its time to give a dial tone, and to hear it.
            given = replace(plain, **{"wait_dial_tone": 10.0, **spec})  # type: ignore[arg-type]
            return stack.enter_context(Line(given, timings)), far

        yield make


def in_call(near: Line, far: FxsLine) -> None:
    """A caller and we are talking."""
    far.ring()
    near.wait(IncomingCall)
    near.do(near.line.answer)
    far.wait_off_hook(5)
    near.wait(AudioStarted)
