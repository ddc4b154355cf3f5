"""What follows from a span's row: its timeslots, its lines' names, and what its kind mostly has."""

from __future__ import annotations

import re

from appliance.store.pstn_models import PstnSpan

TIMESLOTS = {"e1": 31, "t1": 24}
"""Timeslots that carry 64 kbit/s: ITU-T G.704 §2.3 (of an E1, slot 0 is the frame's), ANSI T1.403."""
_B_SLOTS = {("e1", True): "1-15,17-31", ("e1", False): "1-31", ("t1", True): "1-23", ("t1", False): "1-24"}
_D_SLOT = {"e1": 16, "t1": 24}


def parse_timeslots(text: str) -> tuple[int, ...]:
    """Timeslots written as ``1-15,17``, ascending. Raises ValueError unless each is there once and above 0."""
    slots: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"([0-9]{1,2})(?:-([0-9]{1,2}))?", part)
        if found is None:
            raise ValueError(f"no timeslots: {part!r}")
        first, last = int(found[1]), int(found[2] or found[1])
        if first < 1 or last < first:
            raise ValueError(f"no timeslots: {part!r}")
        slots += range(first, last + 1)
    if len(set(slots)) != len(slots):
        raise ValueError(f"timeslots twice: {text!r}")
    return tuple(sorted(slots))


def d_timeslot(span: PstnSpan) -> int | None:
    """The timeslot of its D channel; None: another span of its NFAS group has it."""
    if span.nfas == "member":
        return None
    return span.d_channel or _D_SLOT[span.kind]


def b_timeslots(span: PstnSpan) -> tuple[int, ...]:
    """The timeslots of its B channels, ascending."""
    return parse_timeslots(span.timeslots or _B_SLOTS[span.kind, span.nfas != "member"])


def line_name(span: str, timeslot: int) -> str:
    """The name of a B channel's line; two digits, so that names sort."""
    return f"{span}.{timeslot:02d}"


def line_names(span: PstnSpan) -> dict[int, str]:
    """Timeslot → line of its B channels, ascending."""
    return {slot: line_name(span.name, slot) for slot in b_timeslots(span)}


def framing(span: PstnSpan) -> str:
    """As dahdi_cfg knows it."""
    return span.framing or {"e1": "ccs", "t1": "esf"}[span.kind]


def coding(span: PstnSpan) -> str:
    """As dahdi_cfg knows it."""
    return span.coding or {"e1": "hdb3", "t1": "b8zs"}[span.kind]


def crc4(span: PstnSpan) -> bool:
    """An E1 has it unless its row says no."""
    return span.kind == "e1" if span.crc4 is None else span.crc4


def switch(span: PstnSpan) -> str:
    """The variant of ISDN."""
    return span.switch or {"e1": "euroisdn", "t1": "ni2"}[span.kind]
