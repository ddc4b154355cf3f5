"""The ports of a span: opened and closed together."""

from __future__ import annotations

from collections.abc import Mapping

from gateways.pstn.bchannel import BChannel
from gateways.pstn.config.spec import SpanSpec
from gateways.pstn.spanhardware import Dahdi, Hardware
from gateways.pstn.spanlinks import SpanLinks

LOOK_EVERY = 5.0
"""Seconds between two looks at the alarms, beside their events."""


class SpanPorts:
    """B channels of the span, and its D channels or those of its NFAS group. All raise DahdiError.

    ``look_at``: when to look at the alarms next.
    """

    def __init__(
        self, spec: SpanSpec, lines: Mapping[str, BChannel], links: SpanLinks, hardware: Hardware | None
    ) -> None:
        self._channels = dict(zip(spec.b_channels, lines.values(), strict=True))
        self._links, self._interface = links, spec.interface or 0
        self._hardware = hardware or Dahdi()
        self.look_at: float | None = None

    def open(self, now: float) -> frozenset[str]:
        """Return the span's alarms. Also raises PriError; nothing is open then."""
        try:
            for number, channel in self._channels.items():
                channel.take_port(self._hardware.audio(number))
            self._links.open(self._interface, self._hardware)
            return self.look(now)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.look_at = None
        for channel in self._channels.values():
            channel.drop_port()
        self._links.close(self._interface)

    def look(self, now: float) -> frozenset[str]:
        """Return the span's alarms, which each of its channels tells.

        DAHDI has events for the first alarm and for the end of the last, but none for one beside another.
        """
        self.look_at = now + LOOK_EVERY
        return next(iter(self._channels.values())).alarms()
