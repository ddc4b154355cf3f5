"""B channels that are out of service: by hand, or because the network said so (SERVICE, ANSI T1.607 §5.9)."""

from __future__ import annotations

from collections.abc import Mapping

from gateways.pstn import libpri_h as h
from gateways.pstn.bchannel import BChannel
from gateways.pstn.spanlinks import SpanLinks


class ChannelService:
    """Of one span. A call on a channel that goes out of service goes on to its end."""

    def __init__(self, lines: Mapping[str, BChannel], links: SpanLinks) -> None:
        self._lines, self._links = lines, links
        self._out: dict[str, str] = {}

    def why_out(self, line: str) -> str | None:
        """Return why a line is out of service and what to do; None: it is in service."""
        return self._out.get(line)

    def take_out(self, line: str) -> None:
        self._out[line] = f"taken out of service: `callfloor pstn put-back {line}`"
        self._links.service(self._lines[line].slot, h.OUT_OF_SERVICE)

    def put_back(self, line: str) -> None:
        """Put a line back, also one that the network took out."""
        self._out.pop(line, None)
        self._links.service(self._lines[line].slot, h.IN_SERVICE)

    def told(self, channel: BChannel | None, status: int) -> None:
        """The network sent SERVICE for a channel."""
        if channel is not None and status == h.IN_SERVICE:
            self._out.pop(channel.name, None)
        elif channel is not None:
            self._out[channel.name] = "the network has taken the channel out of service: call the carrier"
