"""What each channel is to be, for DAHDI's configuration and for seeing whether it is in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.pstn_drivers import DRIVERS, ECHO_CANCELLERS
from gateways.pstn.config.resolve import Resolved
from gateways.pstn.config.scan import FoundChannel

# The words are crossed: an FXO port is run with FXS signalling. How /sys shows them: sigstr() in dahdi-base.c.
_STARTS = {"kewl": ("fxsks", "FXSKS"), "loop": ("fxsls", "FXSLS"), "ground": ("fxsgs", "FXSGS")}
_LAWS = {"e1": "alaw", "t1": "mulaw"}
"""Of ITU-T G.711, by kind of span; card drivers know it, dynamic spans don't."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a channel is to be: the word of system.conf, and how /sys shows it. ``law`` "": the driver's."""

    channel: FoundChannel
    keyword: str
    shown: str
    echo: str
    law: str = ""

    @property
    def done(self) -> bool:
        """Is it so already? A hardware canceller may stand in for the one that was asked for."""
        return self.channel.signalling == self.shown and bool(self.channel.echo) == bool(self.echo)


def wanted(found: Resolved) -> Iterator[Wanted]:
    """Each channel that is described and there."""
    for port in found.ports.values():
        yield Wanted(port.channel, *_STARTS[port.row.start], ECHO_CANCELLERS[port.row.echo_canceller])
    for span in found.spans.values():
        dynamic = DRIVERS[found.described.card(span.row.card).driver].dynamic
        law = _LAWS[span.row.kind] if dynamic else ""
        for bearer in span.bearers.values():
            yield Wanted(bearer, "bchan", "Clear", ECHO_CANCELLERS[span.row.echo_canceller], law)
        if span.d is not None:
            yield Wanted(span.d, "dchan", "HDLCFCS", "")
