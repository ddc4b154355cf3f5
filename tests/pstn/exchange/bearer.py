"""Elements that say what is carried and where: bearer, high layer, channel, restart and change of its status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tests.pstn.exchange.coding import CodingError, first_group
from tests.pstn.exchange.elements import Element, octets, reads

Capability = Literal["speech", "3.1 kHz audio", "unrestricted digital"]
Law = Literal["alaw", "ulaw"]
Selection = Literal["none", "indicated", "any"]
BEARER_CAPABILITY, CHANNEL_IDENTIFICATION, RESTART_INDICATOR, CHANGE_STATUS = 0x04, 0x18, 0x79, 0x01
HIGH_LAYER = 0x7D
MAINTENANCE_CODESET = 0x103
"""Not a codeset of the standard: where we keep elements of messages with protocol discriminator 3."""
_CAPABILITIES: dict[int, Capability] = {0x00: "speech", 0x10: "3.1 kHz audio", 0x08: "unrestricted digital"}
_CAPABILITY_CODES = {name: code for code, name in _CAPABILITIES.items()}
_LAWS: dict[int, Law] = {0x22: "ulaw", 0x23: "alaw"}
_LAW_CODES = {name: code for code, name in _LAWS.items()}


@dataclass(frozen=True, slots=True)
class Bearer:
    """Bearer capability (Q.931 §4.5.5): 64 kbit/s circuit mode; ``law`` is layer 1, None when not given."""

    capability: Capability
    law: Law | None
    NUMBER: ClassVar[int] = BEARER_CAPABILITY

    def element(self) -> Element:
        body = bytes((0x80 | _CAPABILITY_CODES[self.capability], 0x90))
        return Element(BEARER_CAPABILITY, body + (bytes((0x80 | _LAW_CODES[self.law],)) if self.law else b""))

    @classmethod
    def parse(cls, body: bytes) -> Bearer:
        octets(body, 2, "bearer capability")
        kind, rest = first_group(body)
        rate, rest = first_group(rest)
        capability = _CAPABILITIES.get(kind[0] & 0x1F)
        if kind[0] & 0x60 or capability is None or rate[0] & 0x7F != 0x10:
            raise CodingError(f"bearer capability {body.hex(' ')}: neither speech nor audio nor data at 64 kbit/s")
        law = _LAWS.get(rest[0] & 0x7F) if rest else None
        if rest and law is None and capability != "unrestricted digital":
            raise CodingError(f"bearer capability {body.hex(' ')}: layer 1 is neither A-law nor µ-law")
        return cls(capability, law)


@dataclass(frozen=True, slots=True)
class ChannelId:
    """Channel identification of a primary rate interface (Q.931 §4.5.13), by channel number, no slot map.

    ``channels`` are time slots; ``interface`` is an interface identifier (NFAS), None: implicit.
    """

    channels: tuple[int, ...] = ()
    exclusive: bool = True
    selection: Selection = "indicated"
    interface: int | None = None

    def __str__(self) -> str:
        which = " ".join(map(str, self.channels)) or self.selection
        interface = f" of interface {self.interface}" if self.interface is not None else ""
        return f"Channel({which}{interface} {'exclusive' if self.exclusive else 'preferred'})"

    def element(self) -> Element:
        first = 0xA0 | self.exclusive << 3 | ("none", "indicated", "", "any").index(self.selection)
        body = bytes((first | (0x40 if self.interface is not None else 0),))
        if self.interface is not None:
            body += bytes((0x80 | self.interface,))
        if self.channels:
            numbers = bytes(self.channels)
            body += b"\x83" + numbers[:-1] + bytes((numbers[-1] | 0x80,))
        return Element(CHANNEL_IDENTIFICATION, body)

    @classmethod
    def parse(cls, body: bytes) -> ChannelId:
        octets(body, 1, "channel identification")
        first, rest = body[0], body[1:]
        if not first & 0x80 or not first & 0x20 or first & 0x14 or first & 3 == 2:
            raise CodingError(f"channel identification {body.hex(' ')}: not of a primary rate B channel")
        selection: Selection = {0: "none", 1: "indicated", 3: "any"}[first & 3]  # type: ignore[assignment]
        interface = None
        if first & 0x40:
            group, rest = first_group(rest)
            interface = group[0] & 0x7F
        return cls(_channels(rest, selection), bool(first & 8), selection, interface)


def _channels(rest: bytes, selection: Selection) -> tuple[int, ...]:
    if not rest:
        if selection == "indicated":
            raise CodingError("channel identification: a channel is indicated, but none follows")
        return ()
    if selection != "indicated":
        raise CodingError(f"channel identification: {selection} channel, yet {rest.hex(' ')} follows")
    if rest[0] != 0x83 or len(rest) < 2:
        raise CodingError(f"channel identification: {rest.hex(' ')} is no list of B channel numbers")
    # The last number has bit 8 set; in lists many leave it out elsewhere, and some set it on each (§4.5.13 note 5).
    return tuple(octet & 0x7F for octet in rest[1:])


@dataclass(frozen=True, slots=True)
class RestartIndicator:
    """Restart indicator (Q.931 §4.5.25): ``scope`` of what is to be restarted."""

    scope: Literal["channels", "interface", "all interfaces"] = "channels"

    def element(self) -> Element:
        code = {"channels": 0, "interface": 6, "all interfaces": 7}[self.scope]
        return Element(RESTART_INDICATOR, bytes((0x80 | code,)))

    @classmethod
    def parse(cls, body: bytes) -> RestartIndicator:
        octets(body, 1, "restart indicator")
        code = body[0] & 0x7F
        if not body[0] & 0x80 or code not in (0, 6, 7):
            raise CodingError(f"restart indicator {body.hex(' ')}")
        return cls({0: "channels", 6: "interface", 7: "all interfaces"}[code])  # type: ignore[arg-type]


ServiceStatus = Literal["in service", "maintenance", "out of service"]


@dataclass(frozen=True, slots=True)
class ChangeStatus:
    """Change status of SERVICE and SERVICE ACKNOWLEDGE (AT&T TR 41459 §; NI-2 SR-4994): for a channel."""

    status: ServiceStatus

    def element(self) -> Element:
        code = ("in service", "maintenance", "out of service").index(self.status)
        return Element(CHANGE_STATUS, bytes((0xC0 | code,)), MAINTENANCE_CODESET)

    @classmethod
    def parse(cls, body: bytes) -> ChangeStatus:
        octets(body, 1, "change status")
        if body[0] & 0xF8 != 0xC0 or body[0] & 7 > 2:
            raise CodingError(f"change status {body.hex(' ')}")
        return cls(("in service", "maintenance", "out of service")[body[0] & 7])


@dataclass(frozen=True, slots=True)
class HighLayer:
    """High layer compatibility (Q.931 §4.5.17): ITU-T coding; 1 is telephony, 4 fax of group 2/3."""

    characteristics: int

    def element(self) -> Element:
        return Element(HIGH_LAYER, bytes((0x91, 0x80 | self.characteristics)))

    @classmethod
    def parse(cls, body: bytes) -> HighLayer:
        octets(body, 2, "high layer compatibility")
        if body[0] != 0x91:
            raise CodingError(f"high layer compatibility {body.hex(' ')}")
        return cls(body[1] & 0x7F)


reads(BEARER_CAPABILITY, Bearer.parse)
reads(HIGH_LAYER, HighLayer.parse)
reads(CHANNEL_IDENTIFICATION, ChannelId.parse)
reads(RESTART_INDICATOR, RestartIndicator.parse)
reads(CHANGE_STATUS, ChangeStatus.parse, MAINTENANCE_CODESET)
reads(CHANNEL_IDENTIFICATION, ChannelId.parse, MAINTENANCE_CODESET)
