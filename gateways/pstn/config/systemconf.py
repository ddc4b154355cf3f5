"""The text of /etc/dahdi/system.conf: the spans, what each channel is, tone zones. Pure.

Grammar: system.conf.sample and dahdi_cfg.c of dahdi-tools 3.1.0, which reads lines of up to 255 characters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from appliance.pstn_countries import zone
from appliance.pstn_drivers import DRIVERS, DYNAMIC_CHANNELS
from appliance.store.pstn_defaults import coding, crc4, framing
from appliance.store.pstn_models import PstnCard, PstnSpan
from gateways.pstn.config.described import Described
from gateways.pstn.config.resolve import Resolved
from gateways.pstn.config.wanted import wanted

HEAD = "# Written by `callfloor pstn apply` from the store: what is changed here by hand is lost."
LONGEST = 200


def system_conf(found: Resolved) -> str:
    """The whole file, for what is described and there."""
    channels = sorted(wanted(found), key=lambda one: one.channel.number)
    lines = [HEAD, *dynamic_lines(found.described), *_spans(found)]
    for keyword in ("fxsks", "fxsls", "fxsgs", "bchan", "dchan"):
        lines += listed(f"{keyword}=", (one.channel.number for one in channels if one.keyword == keyword))
    for echo in sorted({one.echo for one in channels} - {""}):
        lines += listed(f"echocanceller={echo},", (one.channel.number for one in channels if one.echo == echo))
    for law in ("alaw", "mulaw"):
        lines += listed(f"{law}=", (one.channel.number for one in channels if one.law == law))
    return "\n".join([*lines, *_zones(found.described), ""])


def dynamic_lines(rows: Described) -> list[str]:
    """The spans that the kernel is to make by itself, in the order of their cards."""
    return [_dynamic(card, rows) for card in rows.cards if DRIVERS[card.driver].dynamic]


def timing(span: PstnSpan, rows: Iterable[PstnSpan]) -> int:
    """A span's choice as its card's clock; without one the customer's spans follow each other by port."""
    if span.timing is not None:
        return span.timing
    if span.role == "net":  # the far side follows our clock
        return 0
    mates = sorted((row for row in rows if row.card == span.card), key=lambda row: row.port)
    taken = {row.timing for row in mates}
    free = (choice for choice in range(1, len(mates) + 1) if choice not in taken)
    own = [row.name for row in mates if row.timing is None and row.role == "cpe"]
    return dict(zip(own, free, strict=False)).get(span.name, 0)


def listed(head: str, numbers: Iterable[int]) -> Iterator[str]:
    """Lines of a keyword and channels written as ranges, none too long for dahdi_cfg; nothing without channels."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    line = ""
    for first, last in runs:
        part = str(first) if first == last else f"{first}-{last}"
        if line and len(line) + len(part) + 1 > LONGEST:
            yield line
            line = ""
        line = f"{line},{part}" if line else head + part
    if line:
        yield line


def _dynamic(card: PstnCard, rows: Described) -> str:
    kind = next((span.kind for span in rows.spans if span.card == card.name), None)
    size = {"e1": 31, "t1": 24, None: DYNAMIC_CHANNELS}[kind]
    address = card.location.removeprefix("DYN/loc/")
    return f"dynamic=loc,{address},{card.options.get('channels', size)},0"


def _spans(found: Resolved) -> Iterator[str]:
    """Digital spans of cards; an analog one needs no line, a dynamic one has got its own."""
    for resolved in sorted(found.spans.values(), key=lambda one: one.span.number):
        row = resolved.row
        card = found.described.card(row.card)
        if DRIVERS[card.driver].dynamic:
            continue
        yield f"# {row.name}: span {row.port} of {row.card}"
        values = [resolved.span.number, timing(row, found.described.spans), row.lbo, framing(row), coding(row)]
        yield f"span={','.join(str(value) for value in values)}{',crc4' if crc4(row) else ''}"


def _zones(rows: Described) -> Iterator[str]:
    """Of all ports; the default is the one that most cards have."""
    counted: dict[str, int] = defaultdict(int)
    for card in rows.cards:
        counted[zone(card.country)] += 1
    for port in rows.ports:
        if port.country is not None:
            counted[zone(port.country)] += 0
    for name in sorted(counted):
        yield f"loadzone={name}"
    if counted:
        yield f"defaultzone={max(sorted(counted), key=lambda name: counted[name])}"
