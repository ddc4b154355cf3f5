"""What must hold after a soak of the GSM gateway: calls against the ledger, messages against store and phones."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from appliance.store import Store
from appliance.store.message_models import Message
from tests.load.gsm_calls import Trip, monotonic
from tests.load.gsm_faults import PLANS, Fault
from tests.load.gsm_texts import MARK, Asked, Texts

SLACK = 4.0  # seconds between the network's times and the ledger's
Of = Callable[[str | None, float, float], list[Fault]]  # the faults that touched a line in a time
UNHEARD = frozenset({"error", "garbage", "silence", "hang", "reboot", "vanish", "coverage", "sim", "registration"})
"""Faults under which a call may ring in the modem without a word to the gateway."""


@dataclass
class Verdict:
    """``wrong`` makes the run fail; ``counts`` are for the table."""

    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def must(self, right: bool, what: str) -> None:
        if not right:
            self.wrong.append(what)


def calls(verdict: Verdict, trips: Iterable[Trip], rows: list[dict[str, Any]], faults: Of) -> None:
    """Every call that the network or a phone saw is in the ledger once, with its number, line and times."""
    left = {row["id"]: row for row in rows}
    verdict.must(len(left) == len(rows), "the ledger tells a call twice under one id")
    for trip in trips:
        found = _rows_of(trip, left)
        for row in found:
            left.pop(row["id"])
        _call(verdict, trip, found, faults)
    for row in left.values():
        _stranger(verdict, row, faults)
    for row in rows:
        verdict.must(row["state"] == "ended", f"row {row['id']} is {row['state']}: {_short(row)}")


def _rows_of(trip: Trip, left: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    if trip.direction == "outbound":
        return [row for row in left.values() if row["did"] == trip.number]
    rows = [row for row in left.values() if row["direction"] == "inbound" and row["line"] == trip.line]
    if trip.shown:
        named = [row for row in rows if row["caller"] == trip.number]
        if named:
            return named
    # Withheld, or it rang without +CLIP: told apart by line and time.
    since, until = trip.began - 0.5, trip.ended
    return [row for row in rows if row["caller"] is None and since <= _at(row, "ringing_at") <= until]


def _call(verdict: Verdict, trip: Trip, rows: list[dict[str, Any]], faults: Of) -> None:
    touched = faults(trip.line, trip.began - 1, trip.ended + 1)
    what = f"{trip} with {[one.name for one in touched]}: rows {[_short(row) for row in rows]}"
    verdict.counts[f"calls {trip.direction}"] += 1
    verdict.counts["calls answered"] += trip.answered is not None
    verdict.counts["calls under a fault"] += bool(touched)
    verdict.must("did not end" not in " ".join(trip.notes), f"call left over at the phone: {what}")
    verdict.must(trip.offers <= 1, f"rang twice at the called subscriber: {what}")
    if not rows:
        heard = trip.direction == "outbound" or trip.answered is not None
        unheard = not trip.rang or any(one.kind in UNHEARD for one in touched)
        verdict.counts["calls the modem never told of"] += not heard and unheard and trip.rang
        verdict.must(not heard and unheard, f"not in the ledger: {what}")
        return
    if len(rows) > 1:
        verdict.counts["calls told of anew after the line came back"] += 1
        verdict.must(any(PLANS[one.kind].hard for one in touched), f"more than once in the ledger: {what}")
    _times(verdict, trip, rows, what)
    if all(PLANS[one.kind].calls for one in touched):
        _clean(verdict, trip, rows[0], what)


def _times(verdict: Verdict, trip: Trip, rows: list[dict[str, Any]], what: str) -> None:
    began, ended = _at(rows[0], "ringing_at"), _at(rows[-1], "ended_at")
    verdict.must(trip.began - SLACK <= began <= trip.ended + SLACK, f"wrong time in the ledger: {what}")
    verdict.must(ended >= began, f"ends before it begins: {what}")
    if trip.over is not None and trip.answered is not None and ended > trip.over + SLACK:
        verdict.counts["calls whose end was told late"] += 1


def _clean(verdict: Verdict, trip: Trip, row: dict[str, Any], what: str) -> None:
    """No fault that a call may feel: all of it must be as if there were none."""
    verdict.counts["calls undisturbed"] += 1
    if trip.direction == "inbound":
        right = trip.number if trip.shown else None
        verdict.must(row["caller"] == right, f"its caller is told as {row['caller']}: {what}")
    ended = _at(row, "ended_at")
    if trip.over is not None:
        verdict.must(abs(ended - trip.over) < SLACK, f"its end is {ended - trip.over:+.1f} s off: {what}")
    if trip.direction == "inbound" and trip.rang and trip.answered is None:
        verdict.must(trip.over is not None and trip.over - trip.began < 10, f"not answered: {what}")
    if trip.answered is not None and row["answered_at"] is not None and trip.direction == "inbound":
        off = _at(row, "answered_at") - trip.answered
        verdict.must(abs(off) < SLACK, f"its answer is {off:+.1f} s off: {what}")
    if trip.direction == "outbound" and trip.talked:
        verdict.must(row["result"] == "connected", f"the phones talked, the ledger does not know: {what}")


def _stranger(verdict: Verdict, row: dict[str, Any], faults: Of) -> None:
    since, until = _at(row, "ringing_at"), _at(row, "ended_at")
    names = [one.name for one in faults(row["line"], since - 1, until + 1)]
    verdict.must(False, f"in the ledger, but nobody called: {_short(row)} with {names}")


def _at(row: dict[str, Any], key: str) -> float:
    return monotonic(datetime.fromisoformat(row[key])) if row[key] else float("nan")


def _short(row: dict[str, Any]) -> str:
    keys = ("id", "direction", "line", "caller", "did", "state", "result", "cause", "cause_text", "ended_by")
    times = {key[:-3]: round(_at(row, key), 1) for key in ("ringing_at", "answered_at", "connected_at", "ended_at")}
    return " ".join(f"{key}={value}" for key, value in {**{key: row.get(key) for key in keys}, **times}.items())


def texts(verdict: Verdict, texts: Texts, store: Store, faults: Of) -> None:
    """Every message went through once, and reads the same at both ends."""
    with store.session() as session:
        rows = session.scalars(select(Message)).all()
        outbound = {row.id: row for row in rows if row.direction == "outbound"}
        inbound = [row for row in rows if row.direction == "inbound"]
        _outbound(verdict, texts, outbound, faults)
        _inbound(verdict, texts, inbound, faults)


def _outbound(verdict: Verdict, texts: Texts, rows: dict[str, Message], faults: Of) -> None:
    received = texts.received()
    sent = {one.mark for one in texts.outbound.values()}
    for mark, read in received.items():
        verdict.must(mark in sent or mark.startswith("incomplete"), f"nobody sent {mark}: {read}")
    for key, order in texts.outbound.items():
        row, read = rows.get(key), received.get(order.mark, Counter())
        if row is None:
            verdict.must(False, f"the order {key} is not in the store: {order}")
            continue
        times = sum(read.values())
        names = [one.name for one in faults(order.line, order.at - 1, order.at + 1200)]
        what = f"{order.mark} {row.state} ({row.error}), received {times} times, {row.attempts} tries of {row.parts} "
        what += f"parts, to {row.peer} over {row.line} with {names}"
        verdict.counts[f"sms out {row.state}"] += 1
        verdict.counts["sms out parts"] += row.parts
        verdict.must(times <= 1, f"delivered more than once: {what}")
        verdict.must(not read or set(read) == {order.text}, f"garbled: {what}: {dict(read)!r} for {order.text!r}")
        if row.state in {"sent", "delivered"}:
            verdict.must(times == 1, f"never delivered: {what}")
        if row.state == "sent":  # its report was lost
            verdict.must(bool(names), f"no report: {what}")
        verdict.must(row.state not in {"queued", "sending"}, f"not done: {what}")
        if row.state in {"failed", "unknown"}:
            verdict.must(bool(row.error), f"no reason: {what}")
            verdict.counts[f"sms out {row.state}, received all the same"] += times == 1
            verdict.must(row.state == "unknown" or times == 0, f"failed, yet received: {what}")
            verdict.must(bool(names), f"without a fault: {what}")


def _inbound(verdict: Verdict, texts: Texts, rows: list[Message], faults: Of) -> None:
    by_mark: dict[str, list[Message]] = {}
    for row in rows:
        mark = MARK.search(row.text)
        key = mark[0] if mark else f"without mark: {row.text!r} from {row.peer} {row.data}"
        by_mark.setdefault(key, []).append(row)
    known = {one.mark for one in texts.inbound}
    for key in by_mark.keys() - known:
        verdict.must(False, f"nobody sent {key} to a line: {[row.line for row in by_mark[key]]}")
    for sent in texts.inbound:
        found = by_mark.get(sent.mark, [])
        first, last = sent.times
        names = [one.name for one in faults(sent.line, first - 1, last + 5)]
        what = f"{sent.mark} to {sent.line}, {len(sent.items)} parts, flash {sent.flash}, with {names}: "
        what += f"{[(row.state, row.text, row.error) for row in found]!r} for {sent.text!r}"
        verdict.must(sent.delivered, f"waits at the service centre: {what}")
        verdict.counts["sms in"] += 1
        if not found and sent.flash and names:
            verdict.counts["sms in, flash lost in the modem"] += 1  # told once and nowhere stored (TS 27.005 §3.4.1)
            continue
        verdict.must(len(found) == 1, f"in the store {len(found)} times: {what}")
        right = all(row.text == sent.text and row.line == sent.line and row.state == "received" for row in found)
        verdict.must(right or (sent.flash and bool(names)), f"not as it was sent: {what}")


def ussd(verdict: Verdict, asked: Iterable[Asked], faults: Of) -> None:
    """Each dialogue ended, and as it should where no fault was at work."""
    for one in asked:
        names = [fault.name for fault in faults(one.line, one.began - 1, one.ended + 1)]
        verdict.counts["ussd"] += 1
        verdict.counts["ussd right"] += one.right
        verdict.counts["ussd busy"] += one.answer in {"!ussd-busy", "!busy"}
        verdict.must(one.ended > 0, f"never answered: {one}")
        fine = one.right or one.answer in {"!ussd-busy", "!busy"} or bool(names)
        verdict.must(fine, f"{one.answer!r} without a fault: {one}")


def longest(faults: list[Fault]) -> dict[str, float]:
    """The longest recovery of each kind, seconds."""
    found: dict[str, float] = {}
    for one in faults:
        if one.recovery is not None:
            found[one.name] = round(max(found.get(one.name, 0.0), one.recovery), 1)
    return found


def median(faults: list[Fault]) -> float:
    """The median recovery of those that took the line out of service, seconds."""
    return round(statistics.median([one.recovery for one in faults if one.recovery] or [0.0]), 1)
