"""What the gateway is told of each line: rows of the store, resolved to DAHDI's channel numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gateways.pstn.tones import BusyTone

Start = Literal["loop", "ground", "kewl"]
CallerId = Literal["none", "bell202", "v23", "v23-japan", "dtmf"]
CallerIdStart = Literal["ring", "polarity", "polarity-india", "dtmf"]
Busy = Literal["country", "learned", "off"]
Kind = Literal["e1", "t1"]
Switch = Literal["euroisdn", "ni1", "ni2", "dms100", "4ess", "5ess", "qsig"]
Role = Literal["cpe", "net"]
Law = Literal["alaw", "ulaw"]
Numbers = Literal["national", "international", "unknown"]


@dataclass(frozen=True, slots=True)
class FxoSpec:
    """One FXO port: a line of ours on an exchange's subscriber loop. See ``appliance.store.pstn_models.Fxo``.

    ``channel`` is DAHDI's number. ``country`` (ISO 3166-1) chooses the tones that are listened for, ``zone`` is DAHDI's
    tone zone. ``dial_prefix``: digits and pauses (w 0.5 s, "," 2 s) before each number. ``wait_dial_tone`` in seconds,
    0 dials blind; ``silence_hang_up`` in seconds, 0 is off; gains in dB; ``echo_taps`` in samples of 125 µs, 0 is off.
    ``distinctive_ring``: cadence, ring and pause by turns in ms → number.
    """

    name: str
    channel: int
    number: str | None = None
    country: str = "US"
    zone: str = "us"
    start: Start = "kewl"
    caller_id: CallerId = "bell202"
    caller_id_start: CallerIdStart = "ring"
    answer_on_polarity: bool = False
    hang_up_on_polarity: bool = False
    wait_dial_tone: float = 3.0
    dial_prefix: str = ""
    pulse: bool = False
    busy: Busy = "country"
    busy_tone: BusyTone | None = None
    busy_count: int = 6
    silence_hang_up: int = 0
    rx_gain: float = 0.0
    tx_gain: float = 0.0
    echo_taps: int = 128
    distinctive_ring: Mapping[tuple[int, ...], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpanSpec:
    """One E1 or T1 with ISDN. See ``appliance.store.pstn_models.PstnSpan``. Channel numbers are DAHDI's.

    ``d_channel`` carries its signalling; of a span in an NFAS group (ANSI T1.607 §4.5.13) it may lie on another span,
    ``interface`` is then the span's interface identifier and ``backup_d_channel`` the group's second D channel.
    ``b_channels`` and ``lines`` are in the order of the timeslots; ``number`` is shown when a call brings none.
    ``restart_interval`` in seconds, 0: never. ``exclusive``: ask the network for exactly the channel chosen.
    ``numbers``: how numbers are written to the switch (type of number, Q.931 §4.5.8): the own ``country``'s as national
    and others as international, all as international, or as a phone would dial them, of unknown type.
    ``did_digits`` make a whole DID in overlap receiving, 0: unknown. ``layer2_hold``: T309 (Q.931 §9.2), in seconds.
    """

    name: str
    kind: Kind
    d_channel: int
    b_channels: tuple[int, ...]
    lines: Mapping[int, str]
    switch: Switch = "euroisdn"
    role: Role = "cpe"
    backup_d_channel: int | None = None
    interface: int | None = None
    number: str | None = None
    country: str = "US"
    numbers: Numbers = "national"
    overlap: bool = False
    did_digits: int = 0
    layer2_hold: int = 12
    restart_interval: int = 0
    exclusive: bool = True
    law: Law = "alaw"
    echo_taps: int = 128
    span: int = 0

    def channel_of(self, timeslot: int) -> int:
        """DAHDI's number of the B channel in a timeslot; KeyError when it is none of this span's."""
        return dict(zip(self.lines, self.b_channels, strict=True))[timeslot]
