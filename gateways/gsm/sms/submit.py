"""Encoding of messages to send: SMS-SUBMIT (3GPP TS 23.040 §9.2.2.2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from gateways.gsm.sms.address import write_address, write_service_centre
from gateways.gsm.sms.coding import FLASH, Alphabet, encode_coding
from gateways.gsm.sms.content import septets_for
from gateways.gsm.sms.errors import SmsError
from gateways.gsm.sms.header import Concat
from gateways.gsm.sms.segments import MOST_PARTS, Writing, choose
from gateways.gsm.sms.septets import pack
from gateways.gsm.sms.timestamp import encode_relative

_SUBMIT = 0x01
_REJECT_DUPLICATES = 0x04
_RELATIVE_VALIDITY = 0x10
_REPORT = 0x20
_HEADER = 0x40


@dataclass(frozen=True, slots=True)
class Part:
    """One PDU: ``pdu`` begins with the service centre's address, ``tpdu_length`` (for AT+CMGS) does not count that.

    ``concat`` is None where the message has a single part; ``text`` is what this part carries.
    """

    pdu: bytes
    tpdu_length: int
    text: str
    alphabet: Alphabet
    concat: Concat | None = None


def encode_submit(
    number: str,
    text: str,
    *,
    reference: int,
    report: bool = True,
    flash: bool = False,
    wide: bool = False,
    languages: Collection[int] = (),
    validity: timedelta | None = None,
    reject_duplicates: bool = False,
    message_reference: int = 0,
    smsc: str | None = None,
) -> list[Part]:
    """Return the PDUs that carry a text to a number; SmsError for what cannot be sent.

    ``reference`` marks the parts of one message (0 to 255, to 65535 if ``wide``) and must differ from that of recent
    messages to the number. ``report`` asks for a status report, of each part. ``languages``: national alphabets the
    receiver's phone is known to have. ``validity``: how long the network tries. ``message_reference``: TP-MR of the
    first part; most modems put their own. ``smsc``: None takes the SIM's.
    """
    references = 0x10000 if wide else 0x100
    if not 0 <= reference < references:
        raise SmsError(f"reference {reference} is not in 0 to {references - 1}: take it modulo {references}")
    writing, texts = choose(text, languages, concat=6 if wide else 5)
    if len(texts) > MOST_PARTS:
        raise SmsError(f"the text needs {len(texts)} parts, a message has at most {MOST_PARTS}: send it in several")
    destination = write_address(number)
    centre = write_service_centre(smsc)
    period = b"" if validity is None else bytes((encode_relative(validity),))
    flags = _SUBMIT | _REPORT * report | _REJECT_DUPLICATES * reject_duplicates | _RELATIVE_VALIDITY * bool(period)
    coding = encode_coding(writing.alphabet, FLASH if flash else None)
    parts = []
    for seq, piece in enumerate(texts, 1):
        concat = Concat(reference, seq, len(texts), wide) if len(texts) > 1 else None
        has_header, user_data = _user_data(writing, piece, concat)
        head = bytes((flags | _HEADER * has_header, (message_reference + seq - 1) & 0xFF))
        tpdu = head + destination + bytes((0, coding)) + period + user_data
        parts.append(Part(centre + tpdu, len(tpdu), piece, writing.alphabet, concat))
    return parts


def _user_data(writing: Writing, text: str, concat: Concat | None) -> tuple[bool, bytes]:
    """Return whether there is a header, and TP-UDL with TP-UD."""
    elements = (concat.octets() if concat else b"") + writing.elements()
    header = bytes((len(elements),)) + elements if elements else b""
    body = writing.octets(text)
    if writing.alphabet == "ucs2":
        return bool(header), bytes((len(header) + len(body),)) + header + body
    skipped = septets_for(len(header))
    packed = pack(body, skipped * 7 - len(header) * 8)
    return bool(header), bytes((skipped + len(body),)) + header + packed
