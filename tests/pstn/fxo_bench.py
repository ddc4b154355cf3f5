"""An FXO line's state machine with a clock, and lines of several kinds to try it with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from gateways.line import (
    Ended,
    LineStateChanged,
)
from gateways.pstn.callerid import CallerIdentity
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.fxoactions import Hook, Output
from gateways.pstn.fxocall import FxoCall
from gateways.pstn.fxodial import dial_plan
from gateways.pstn.fxostate import Phase
from gateways.pstn.fxotimings import Timings
from gateways.pstn.hearing import Sound

TIMES = Timings()
SPEC = FxoSpec("fxo-1", 159, caller_id="none")
BELL = replace(SPEC, caller_id="bell202")
UK = replace(SPEC, caller_id="v23", caller_id_start="polarity")
DTMF = replace(SPEC, caller_id="dtmf", caller_id_start="dtmf")
INDIA = replace(SPEC, caller_id="dtmf", caller_id_start="polarity-india")
JAPAN = replace(SPEC, caller_id="v23-japan", caller_id_start="polarity")
BLIND = replace(SPEC, wait_dial_tone=0, answer_on_polarity=True)
STRICT = replace(BELL, hang_up_on_polarity=True, silence_hang_up=20, distinctive_ring={(400, 200, 400): "+1"})
WHO = CallerIdentity(number="0312345678", name="OFFICE")
NUMBER = "0312345678"
PLAN = dial_plan(NUMBER, "JP")
NO_BATTERY = "no battery"
Kind = TypeVar("Kind")


class Bench:
    """A line with a clock; collects what it wants done and told."""

    def __init__(self, spec: FxoSpec = SPEC) -> None:
        self.call = FxoCall(spec, TIMES)
        self.now = 1000.0
        self.outputs: list[Output] = []
        self._closed = True  # until the line says otherwise
        self.take(self.call.opened(self.now))
        self.wait(TIMES.cooling)
        assert self.call.phase is Phase.IDLE

    def take(self, outputs: Iterable[Output]) -> list[Output]:
        new = list(outputs)
        for output in new:
            if isinstance(output, Hook):
                self._closed = output.off
        self.outputs += new
        return new

    def wait(self, seconds: float) -> None:
        """Let time pass, with a tick at each deadline."""
        ends = self.now + seconds
        while (at := self.call.deadline()) is not None and at <= ends:
            self.now = max(at, self.now)
            self.take(self.call.tick(self.now))
        self.now = ends

    def burst(self, seconds: float, begin: bool = True) -> None:
        """It rings once; the driver tells of the end 50 ms late."""
        if begin:
            self.take(self.call.ring_begun(self.now))
        self.wait(seconds + 0.05)
        self.take(self.call.ring_ended(self.now))

    def ring(self) -> None:
        self.take(self.call.ring_begun(self.now))

    def hear(self, *sounds: Sound) -> None:
        for sound in sounds:
            self.take(self.call.heard(sound, self.now))

    def dial(self) -> None:
        self.take(self.call.dial(PLAN, self.now))

    def dialled(self) -> None:
        """Up to where digits are out."""
        self.dial()
        self.hear(Sound.DIAL)
        self.wait(1.0)
        self.take(self.call.dialled(self.now))
        self.wait(2.0)

    def talking(self) -> None:
        """In a call that came in."""
        self.ring()
        self.take(self.call.answer(self.now))
        assert self.call.phase is Phase.TALKING

    def told(self, kind: type[Kind]) -> list[Kind]:
        return [output for output in self.outputs if isinstance(output, kind)]

    def end(self) -> Ended:
        (ended,) = self.told(Ended)
        return ended

    def loop_closed(self) -> bool:
        return self._closed

    @property
    def shown(self) -> str:
        return self.told(LineStateChanged)[-1].state
