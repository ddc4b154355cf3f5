"""A span of ours on real DAHDI, and the exchange on the pair's other end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateways.pstn.config.spec import SpanSpec
from gateways.pstn.span import PriSpan
from gateways.pstn.spanstatus import SpanStatus
from tests.pstn.exchange.digital import BearerChannel, d_channel
from tests.pstn.exchange.lapdevents import LinkTimers
from tests.pstn.exchange.prinet import Exchange
from tests.pstn.exchange.profiles import e1, t1
from tests.pstn.pririg import Turned
from tests.vm.guest import dahdi

TOKYO, DID = "+81312345678", "0398765432"
PATIENCE = 30.0
LINK = LinkTimers(t200=1.0, t203=3.0)


def spec_of(switch: str) -> SpanSpec:
    pair = dahdi.E1 if switch == "euroisdn" else dahdi.T1
    slots = [*range(1, 16), *range(17, 32)] if switch == "euroisdn" else list(range(1, 24))
    name = "e1-1" if switch == "euroisdn" else "t1-1"
    return SpanSpec(
        name,
        "e1" if switch == "euroisdn" else "t1",
        pair.ours.d,
        pair.ours.bearers,
        {slot: f"{name}.{slot:02}" for slot in slots},
        "euroisdn" if switch == "euroisdn" else "ni2",
        number="+81355550000",
        country="JP",
        law="alaw" if switch == "euroisdn" else "ulaw",
        restart_interval=3600,
        layer2_hold=4,
    )


class DahdiRig(Turned):
    """``span`` is ours, ``exchange`` on the pair's other end."""

    def __init__(self, switch: str) -> None:
        super().__init__()
        self.spec = spec_of(switch)
        self.pair = dahdi.E1 if switch == "euroisdn" else dahdi.T1
        self.exchange = Exchange(link=LINK)
        plan = e1("e1-1") if switch == "euroisdn" else t1("t1-1", "ni2")
        self.port = d_channel(self.pair.exchange.d)
        self.far = self.exchange.add_span(plan, self.port)
        self.statuses: list[SpanStatus] = []
        self.span = self.make()

    def make(self) -> PriSpan:
        return PriSpan(self.spec, self.loop, self.heard, self.statuses.append)

    def bearer(self, slot: int) -> BearerChannel:
        """The exchange's end of a B channel."""
        return BearerChannel(self.pair.exchange.bearers[list(self.spec.lines).index(slot)])

    def sound(self) -> None:
        """Nobody has anything to complain of, and nothing is left."""
        self.until(lambda: self.span.idle and self.exchange.open_calls == 0, PATIENCE)
        assert self.exchange.violations == []

    def close(self) -> None:
        self.drop_audio()
        self.span.close("the test is over")
        self.exchange.close()


@contextmanager
def rig(switch: str) -> Iterator[DahdiRig]:
    """A span that is up: ``euroisdn`` on the E1, ``ni2`` on the T1."""
    with dahdi.exchange():
        made = DahdiRig(switch)
        try:
            made.up(PATIENCE)
            yield made
        finally:
            made.close()
