"""Neutral events as the JSON objects that ``callfloor gsm decode`` prints; what is not known is left out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import singledispatch
from typing import Any

from gateways.gsm.dialects import (
    CallerId,
    CallInfo,
    CallResult,
    Identity,
    NeutralEvent,
    Operator,
    Ready,
    Registration,
    Ring,
    Signal,
    Sim,
    SmsPdu,
    SmsRef,
    SmsReportText,
    SmsStored,
    SmsText,
    Tone,
    Ussd,
)
from gateways.gsm.sms import Deliver, SmsError, StatusReport, Submit, decode_pdu
from gateways.gsm.ussdtext import decode_ussd

Json = dict[str, Any]

# TS 27.005 §3.1 <scts>: local time and its distance from UTC in quarters of an hour
_TIME = re.compile(
    r"(?:20)?([0-9]{2})/([0-9]{2})/([0-9]{2})[, ]([0-9]{2}):([0-9]{2}):([0-9]{2})([+-][0-9]{1,2})?", re.ASCII
)


@singledispatch
def form(event: NeutralEvent) -> Json | None:
    """Return an event's object, or None for those that have none."""
    del event
    return None


@form.register
def _(event: Ring) -> Json | None:
    del event
    return {"call": {"dir": "in", "state": "incoming"}}


@form.register
def _(event: CallerId) -> Json | None:
    return {"call": _known(dir="in", state="incoming", number=event.number)}


@form.register
def _(event: CallResult) -> Json | None:
    return {"call": _known(state="ended", cc_cause=event.cause, reason=event.text)}


@form.register
def _(event: CallInfo) -> Json | None:
    if not event.voice:
        return None
    direction = None if event.outgoing is None else "out" if event.outgoing else "in"
    said = _known(
        idx=event.index,
        dir=direction,
        state=event.state,
        number=event.number,
        duration=event.duration,
        cc_cause=event.cause,
        reason=event.reason,
        answered=event.answered,
    )
    return {"call": said}


@form.register
def _(event: Registration) -> Json | None:
    return {"reg": _known(stat=event.stat, lac=event.lac, ci=event.ci, act=event.act)}


@form.register
def _(event: Signal) -> Json | None:
    return {"signal": _known(csq=event.csq, dbm=event.dbm)}


@form.register
def _(event: Operator) -> Json | None:
    return {"operator": _known(mccmnc=event.mccmnc, name=event.name)}


@form.register
def _(event: Sim) -> Json | None:
    return {"sim": event.state}


@form.register
def _(event: Identity) -> Json | None:
    if event.kind == "imsi":
        return None
    if event.kind in {"imei", "iccid"}:
        return {event.kind: event.value}
    return {"identity": {event.kind: event.value}}


@form.register
def _(event: Tone) -> Json | None:
    return {"dtmf": event.digit}


@form.register
def _(event: Ready) -> Json | None:
    return {"ready": event.kind}


@form.register
def _(event: SmsStored) -> Json | None:
    return {"sms_stored": {"mem": event.mem, "index": event.index}}


@form.register
def _(event: SmsRef) -> Json | None:
    return {"sms_ref": event.ref}


@form.register
def _(event: SmsText) -> Json | None:
    scts = _text_time(event.scts)
    # TS 27.005 §3.4.2: what is stored for sending has a destination there
    party = "recipient" if (event.stat or "").startswith("STO") else "sender"
    return {"sms": _known(**{party: event.sender}, text=event.text, scts_utc=_utc(scts) if scts else None)}


@form.register
def _(event: SmsReportText) -> Json | None:
    scts, discharged = _text_time(event.scts), _text_time(event.discharge)
    said = _known(
        ref=event.ref,
        recipient=event.recipient,
        scts_utc=_utc(scts) if scts else None,
        discharge_utc=_utc(discharged) if discharged else None,
        status=event.status,
        delivered=event.status < 0x20,  # TS 23.040 §9.2.3.15
    )
    return {"status_report": said}


@form.register
def _(event: Ussd) -> Json | None:
    text = None if event.raw is None else decode_ussd(event.raw, event.dcs)
    return {"ussd": _known(m=event.m, text=text)}


@form.register
def _(event: SmsPdu) -> Json | None:
    try:
        message = decode_pdu(event.pdu, report=event.report, length=event.length)
    except SmsError:
        return None
    if isinstance(message, StatusReport):
        return {"status_report": _report(message)}
    return {"sms": _message(message)}


def _message(message: Deliver | Submit) -> Json:
    concat = message.concat
    said = _known(
        sender=message.sender or None if isinstance(message, Deliver) else None,
        recipient=message.destination.number if isinstance(message, Submit) else None,
        text=message.text,
        scts_utc=_utc(message.scts) if isinstance(message, Deliver) and message.scts else None,
    )
    if concat is not None:
        said["concat"] = {"ref": concat.ref, "seq": concat.seq, "total": concat.total}
    return said


def _report(report: StatusReport) -> Json:
    return _known(
        ref=report.reference,
        recipient=report.recipient.number or None,
        scts_utc=_utc(report.scts) if report.scts else None,
        discharge_utc=_utc(report.discharged) if report.discharged else None,
        status=report.status,
        delivered=report.outcome == "delivered",
    )


def _known(**values: object) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def _utc(moment: datetime) -> str:
    """ISO 8601, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text_time(scts: str | None) -> datetime | None:
    match = _TIME.fullmatch(scts.strip()) if scts else None
    if match is None:
        return None
    year, *rest = (int(number) for number in match.groups()[:6])
    try:
        zone = timezone(timedelta(minutes=15 * int(match[7] or 0)))
        return datetime(2000 + year, *rest, tzinfo=zone)  # type: ignore[arg-type,misc]
    except ValueError:
        return None
