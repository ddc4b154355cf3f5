"""In what the kinds of switches differ that an exchange can be: names, ranges, what they send where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.pstn.exchange import progress
from tests.pstn.exchange.bearer import Law
from tests.pstn.exchange.lapdevents import Role

SwitchName = Literal["euroisdn", "ni2", "ni1", "dms100", "4ess", "5ess", "qsig"]
NameStyle = Literal["display", "facility"]
NAME_MARK = 0xB1
"""Octet that Nortel's and National switches put in front of a name in Display: a calling name, from the network."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A switch. ``names`` is how it sends callers' names, ``display_mark`` what stands before one in Display.

    ``service``: it uses SERVICE messages; ``overlap``: digits may come one by one; ``display_from_user``: a user may
    send Display (QSIG has two sides alike, the switches' own variants take names by it; in the standards it goes from
    network to user only); ``network_numbers``: a user says that its numbers are screened by the network.
    """

    name: SwitchName
    names: NameStyle = "display"
    display_mark: int | None = None
    service: bool = False
    overlap: bool = True
    display_from_user: bool = False
    network_numbers: bool = False


PROFILES: dict[SwitchName, Profile] = {
    profile.name: profile
    for profile in (
        Profile("euroisdn"),
        Profile("ni2", "facility", NAME_MARK, service=True, overlap=False),
        Profile("ni1", "display", NAME_MARK, overlap=False),
        Profile("dms100", "display", NAME_MARK, True, overlap=False, display_from_user=True, network_numbers=True),
        Profile("4ess", "display", NAME_MARK, True, overlap=False, display_from_user=True, network_numbers=True),
        Profile("5ess", "display", NAME_MARK, True, overlap=False, display_from_user=True),
        Profile("qsig", "facility", display_from_user=True, network_numbers=True),
    )
}


@dataclass(frozen=True, slots=True)
class SpanPlan:
    """A span: its ``name`` for messages, its channels (time slots), the law of its audio, which side the exchange is.

    ``role`` "user": a telephone system, for a gateway that plays the network.
    """

    name: str
    switch: SwitchName = "euroisdn"
    channels: tuple[int, ...] = (*range(1, 16), *range(17, 32))
    law: Law = "alaw"
    role: Role = "network"

    @property
    def location(self) -> int:
        """Where our causes and progress come from (Q.850 Table 1)."""
        return progress.PUBLIC_LOCAL if self.role == "network" else progress.USER

    @property
    def profile(self) -> Profile:
        return PROFILES[self.switch]


def e1(name: str, switch: SwitchName = "euroisdn", role: Role = "network") -> SpanPlan:
    """30 channels, 1-15 and 17-31, D channel in slot 16, A-law (ITU-T G.704)."""
    return SpanPlan(name, switch, role=role)


def t1(name: str, switch: SwitchName = "ni2", role: Role = "network") -> SpanPlan:
    """23 channels, D channel in slot 24, µ-law."""
    return SpanPlan(name, switch, tuple(range(1, 24)), "ulaw", role)
