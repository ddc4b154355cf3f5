"""What the B channels of a span ask of its signalling."""

from __future__ import annotations

from collections.abc import Callable

from gateways.line import ShownCaller
from gateways.loop import HardwareLoop
from gateways.pstn.bchannel import BChannel
from gateways.pstn.config.spec import SpanSpec
from gateways.pstn.libprilibrary import PriError
from gateways.pstn.prievents import Call, Setup
from gateways.pstn.prinumbers import shown, written
from gateways.pstn.spanlinks import SpanLinks


class SpanSignals:
    """A ``bchannel.Signalling``. ``began`` and ``over`` are told of calls that we make, and of those over at once.

    ``alarmed``: a channel's alarms have changed; ``lost``: a port does not work any more, and why.
    """

    def __init__(
        self,
        spec: SpanSpec,
        loop: HardwareLoop,
        links: SpanLinks,
        alarmed: Callable[[], None],
        lost: Callable[[str], None],
    ) -> None:
        self._spec, self._loop, self._links = spec, loop, links
        self.alarmed, self._lost = alarmed, lost
        self.began: Callable[[Call, BChannel], None]
        self.over: Callable[[Call], None]

    def place(self, channel: BChannel, number: str, caller: ShownCaller | None) -> Call:
        pri, spec = self._links.pri, self._spec
        if pri is None:
            raise PriError("the span is not open")
        called = written(number, spec.country, spec.numbers)
        calling = shown(caller, spec.number, spec.country, spec.numbers)
        call = pri.setup(Setup(channel.slot, called, spec.exclusive, calling, alaw=spec.law == "alaw"))
        self.began(call, channel)
        return call

    def alert(self, call: Call) -> None:
        if self._links.pri is not None:
            self._links.pri.alert(call)

    def connect(self, call: Call, slot: int) -> None:
        if self._links.pri is not None:
            self._links.pri.answer(call, slot)

    def clear(self, call: Call, cause: int) -> bool:
        over = self._links.pri is None or self._links.pri.hang_up(call, cause)
        if over:
            self.over(call)
        return over

    def drop(self, call: Call) -> None:
        if self._links.pri is not None:
            self._links.pri.drop(call)
        self.over(call)

    def port_lost(self, reason: str) -> None:
        """Soon: whoever tells it is not done yet."""
        self._loop.call(lambda: self._lost(reason))
