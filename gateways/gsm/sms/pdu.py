"""Decoding of the PDUs that a modem gives (3GPP TS 23.040 §9.2.2, TS 27.005 §3.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from gateways.gsm.sms.address import Address, has_service_centre, read_address, read_service_centre
from gateways.gsm.sms.content import Content, read_content
from gateways.gsm.sms.header import Concat
from gateways.gsm.sms.reader import Reader
from gateways.gsm.sms.timestamp import decode_relative, decode_timestamp

Outcome = Literal["delivered", "trying", "failed"]
_SUBMIT, _REPORT = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """What a message has in both directions. ``pdu``: all octets as they came; ``smsc``: service centre."""

    smsc: str | None
    pid: int
    content: Content
    pdu: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The text of this part; for data its hexadecimal digits (``content.binary``)."""
        return self.content.text

    @property
    def concat(self) -> Concat | None:
        return self.content.concat

    @property
    def flash(self) -> bool:
        return self.content.flash


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver(_Message):
    """A message received. ``scts``: when the service centre had it, in UTC; None if it gives no time."""

    origin: Address
    scts: datetime | None

    @property
    def sender(self) -> str:
        """Number (with ``+`` if international) or name; "" if unsaid."""
        return self.origin.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit(_Message):
    """A message to send, as storage keeps it. ``validity``: a period, or its end in UTC; None if it does not say."""

    reference: int
    destination: Address
    report: bool
    validity: timedelta | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """What became of the message sent as ``reference`` to ``recipient``. ``status`` is TP-ST (§9.2.3.15)."""

    smsc: str | None
    reference: int
    recipient: Address
    scts: datetime | None
    discharged: datetime | None
    status: int
    content: Content | None
    pdu: bytes = field(repr=False)

    @property
    def outcome(self) -> Outcome:
        """``trying``: the centre will report again. Reserved values count as failed, as §9.2.3.15 asks."""
        if self.status < 0x20:
            return "delivered"
        return "trying" if self.status < 0x40 else "failed"


def decode_pdu(
    pdu: bytes, *, from_modem: bool = True, report: bool = False, length: int | None = None
) -> Deliver | Submit | StatusReport:
    """Return what a PDU says; SmsError for one that is cut short or contradicts itself.

    ``from_modem``: it begins with the service centre's address, as in +CMT, +CMGR and +CMGL, though some modems leave
    that out: ``length``, that of the TPDU as the modem told it, or else the octets show it. ``report``: it came as
    +CDS.
    """
    reader = Reader(pdu)
    centre = from_modem and len(pdu) != length and has_service_centre(pdu)
    smsc = read_service_centre(reader) if centre else None
    first = reader.octet("the first octet of the TPDU")
    kind = _REPORT if report else first & 3
    if kind == _REPORT:
        return _report(reader, first, smsc, pdu)
    # TP-MTI 3 is reserved and to be taken for SMS-DELIVER (§9.2.3.1).
    return _submit(reader, first, smsc, pdu) if kind == _SUBMIT else _deliver(reader, first, smsc, pdu)


def _has_header(first: int) -> bool:
    return bool(first & 0x40)


def _deliver(reader: Reader, first: int, smsc: str | None, pdu: bytes) -> Deliver:
    origin = read_address(reader, "the sender's address")
    pid = reader.octet("TP-PID")
    dcs = reader.octet("TP-DCS")
    scts = decode_timestamp(reader.take(7, "the service centre's time stamp"))
    content = read_content(reader, dcs, _has_header(first))
    return Deliver(smsc=smsc, origin=origin, pid=pid, scts=scts, content=content, pdu=pdu)


def _submit(reader: Reader, first: int, smsc: str | None, pdu: bytes) -> Submit:
    reference = reader.octet("TP-MR")
    destination = read_address(reader, "the destination's address")
    pid = reader.octet("TP-PID")
    dcs = reader.octet("TP-DCS")
    validity = _validity(reader, first >> 3 & 3)
    content = read_content(reader, dcs, _has_header(first))
    return Submit(
        smsc=smsc,
        reference=reference,
        destination=destination,
        pid=pid,
        report=bool(first & 0x20),
        validity=validity,
        content=content,
        pdu=pdu,
    )


def _validity(reader: Reader, form: int) -> timedelta | datetime | None:
    if form == 0:
        return None
    if form == 2:
        return decode_relative(reader.octet("the validity period"))
    octets = reader.take(7, "the validity period")
    # The enhanced form (1) is not read: no modem stores it, and nothing here acts on it.
    return decode_timestamp(octets) if form == 3 else None


def _report(reader: Reader, first: int, smsc: str | None, pdu: bytes) -> StatusReport:
    reference = reader.octet("TP-MR")
    recipient = read_address(reader, "the recipient's address")
    scts = decode_timestamp(reader.take(7, "the service centre's time stamp"))
    discharged = decode_timestamp(reader.take(7, "the discharge time"))
    status = reader.octet("TP-ST")
    return StatusReport(
        smsc=smsc,
        reference=reference,
        recipient=recipient,
        scts=scts,
        discharged=discharged,
        status=status,
        content=_report_content(reader, first),
        pdu=pdu,
    )


def _report_content(reader: Reader, first: int) -> Content | None:
    """Read what TP-PI (§9.2.3.27) announces: bit 0 TP-PID, bit 1 TP-DCS, bit 2 TP-UDL, bit 7 another octet like it."""
    if not reader.left:
        return None
    announced = more = reader.octet("TP-PI")
    while more & 0x80 and reader.left:
        more = reader.octet("TP-PI")
    if announced & 1 and reader.left:
        reader.octet("TP-PID")
    dcs = reader.octet("TP-DCS") if announced & 2 and reader.left else 0
    return read_content(reader, dcs, _has_header(first)) if announced & 4 and reader.left else None
