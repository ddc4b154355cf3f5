"""Telephone lines: cards, spans and ports against what the store says of them. Nothing where it says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from appliance.doctor.finding import Finding, fail, ok, warn
from appliance.store import Store, StoreError
from gateways.pstn.config import cards
from gateways.pstn.config.apply import Machine, difference
from gateways.pstn.config.described import Described, described
from gateways.pstn.config.resolve import Resolved, resolve
from gateways.pstn.config.scan import Hardware, scan

ALARMS = {
    "red": (
        "no signal from the far end",
        "check the cable, and that it is in this span's socket; else ask the operator",
    ),
    "yellow": (
        "the far end does not hear us",
        "check the transmitting pair, framing, coding and crc4 with the operator",
    ),
    "blue": ("equipment before the far end has failed", "ask the operator"),
    "loopback": ("it is looped back for a test", "take the loop away: `dahdi_maint -s SPAN -l off`"),
}
"""What an alarm means and what to do (ITU-T G.775, ANSI T1.231), the worst first."""


def findings(store: Store, root: Path = Path("/")) -> Iterator[Finding]:
    """A finding for each card, and one for each span or port where something is wrong. ``root`` is for tests."""
    try:
        with store.session() as session:
            rows = described(session)
    except StoreError:  # the database's own line says so
        return
    if not rows.cards:
        return
    hardware = scan(root)
    problem = cards.driver_problem(hardware)
    if problem is not None:
        yield _fail("dahdi", problem)
        return
    yield ok("dahdi", f"loaded, {len(hardware.cards)} cards, {len(hardware.channels)} channels")
    found = resolve(rows, hardware)
    yield from _cards(found)
    yield from _others(rows, hardware)
    yield from _lines(found)
    yield _configuration(found, Machine(root))


def _cards(found: Resolved) -> Iterator[Finding]:
    for row in found.described.cards:
        card = found.cards.get(row.name)
        about = f"card {row.name}"
        yield ok(about, cards.told(card)) if card else _fail(about, found.problems[about])


def _others(rows: Described, hardware: Hardware) -> Iterator[Finding]:
    for card in cards.strangers(rows.cards, hardware):
        yield warn("card", f"{cards.told(card)} is not described", cards.describe(card))
    places = {row.location for row in rows.cards}
    for idle in hardware.idle:
        if idle.place not in places:
            text, advice = _parts(cards.unserved(idle))
            yield warn("card", f"{idle.model} at {idle.place} {text}", advice)


def _lines(found: Resolved) -> Iterator[Finding]:
    """Spans and ports whose card is there: what they lack, and alarms."""
    known = {reason for about, reason in found.problems.items() if about.startswith("card ")}
    for name, reason in found.problems.items():
        if reason not in known:
            yield _fail(f"line {name}", reason)
    for span in found.spans.values():
        for alarm, (text, advice) in ALARMS.items():
            if span.row.enabled and alarm in span.span.alarms:
                cure = advice.replace("SPAN", str(span.span.number))
                yield fail(f"span {span.row.name}", f"{alarm} alarm: {text}", cure)
                break
    for port in found.ports.values():
        if port.row.enabled and port.channel.red:
            place = f"port {port.row.port} of card {port.row.card}"
            yield fail(f"line {port.row.name}", "no line voltage", f"check the cable from the exchange to {place}")


def _configuration(found: Resolved, machine: Machine) -> Finding:
    if not difference(found, machine):
        return ok("dahdi configuration", f"{machine.system_conf} is as the store says, and in force")
    text = f"{machine.system_conf} differs from the store, or is not in force"
    return fail("dahdi configuration", text, "`callfloor pstn apply`; with --dry-run it shows what differs")


def _fail(about: str, reason: str) -> Finding:
    return fail(about, *_parts(reason))


def _parts(reason: str) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    text, _, advice = reason.partition("; " if "; " in reason else ": ")
    return text, advice
