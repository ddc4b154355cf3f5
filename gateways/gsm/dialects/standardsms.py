"""Messages and USSD as TS 27.005 (§ is of it) and TS 27.007 §7.15 write them.

``text`` is what follows the colon; where the line has a body (a PDU or the message's text), it comes after a line feed.
"""

from __future__ import annotations

import re

from gateways.gsm.dialects import (
    Chatter,
    NeutralEvent,
    SmsMemoryFull,
    SmsPdu,
    SmsRef,
    SmsReportText,
    SmsStored,
    SmsText,
    Ussd,
)
from gateways.gsm.dialects.values import field, fields, number, ucs2, unquote, whole

_UCS2_DIGITS = re.compile(r"(?:00[23][0-9A-Fa-f]){2,}")
# Four characters or more of the scripts that messages are written in, two of the most used, or a surrogate pair; no
# word, and no number, has this look.
_ANY = r"(?:0[03-9E]|2[0-7]|3[0-3]|[4-9][0-9A-F]|A[C-F]|[BC][0-9A-F]|F[EF])[0-9A-F]{2}"
_MOST_USED = r"(?:0[0469]|30|4[EF]|[5-9][0-9A-F])[0-9A-F]{2}"
_PAIR = r"D[89AB][0-9A-F]{2}D[C-F][0-9A-F]{2}"
_UCS2_TEXT = re.compile(
    rf"(?=.*[A-F]|00)(?:(?:{_ANY}|{_PAIR}){{4,}}|(?:{_MOST_USED}|{_PAIR}){{2,3}}|{_PAIR})", re.IGNORECASE | re.ASCII
)


def cmti(text: str) -> NeutralEvent:
    """§3.4.1: ``mem,index``."""
    mem, index = fields(text)[:2]
    return SmsStored(mem, int(index))


def cdsi(text: str) -> NeutralEvent:
    """§3.4.1: a status report."""
    mem, index = fields(text)[:2]
    return SmsStored(mem, int(index), report=True)


def cmgs(text: str) -> NeutralEvent:
    """§3.5.1, §3.5.2, §4.3: ``mr[,scts]``, ``mr[,ackpdu]``."""
    return SmsRef(int(fields(text)[0]))


def cmt(text: str) -> NeutralEvent:
    """§3.4.1: PDU mode ``[alpha],length``; text mode ``oa,[alpha],scts[,tooa,fo,pid,dcs,sca,tosca,length]``."""
    values, body = _parts(text)
    if len(values) <= 2:
        return SmsPdu(_pdu(body), whole(values[-1]))
    return _text(values[0], field(values, 3), field(values, 2), body, dcs=whole(field(values, 6)))


def cds(text: str) -> NeutralEvent:
    """§3.4.1: PDU mode ``length``; text mode, without a body, ``fo,mr,[ra],[tora],scts,dt,st``."""
    values, body = _parts(text)
    if values == [""] and body:  # some modems write text mode's fields in a line of their own
        values = fields(body)
    if len(values) > 2:
        return _report(values)
    return SmsPdu(_pdu(body), whole(values[-1]), report=True)


def cmgr(text: str) -> NeutralEvent:
    """§4.2 PDU mode ``stat,[alpha],length``; §3.4.3 text mode ``"stat",oa,[alpha],[scts]…`` or as ``cds``."""
    values, body = _parts(text)
    stat = whole(values[0])
    if stat is not None:
        return SmsPdu(_pdu(body), whole(values[-1]), stat=stat)
    if body is None:
        return _report(values[1:])
    dcs = whole(field(values, 7)) if len(values) > 10 else None
    return _text(values[1], field(values, 4), field(values, 3), body, stat=values[0], dcs=dcs)


def cmgl(text: str) -> NeutralEvent:
    """§4.1 PDU mode ``index,stat,[alpha],length``; §3.4.2 text mode ``index`` and the rest as in ``cmgr``."""
    values, body = _parts(text)
    index, stat = int(values[0]), whole(values[1])
    if stat is not None:
        return SmsPdu(_pdu(body), whole(values[-1]), index=index, stat=stat)
    if body is None:
        return _report(values[2:], index)
    return _text(values[2], field(values, 5), field(values, 4), body, index, values[1])


def _parts(text: str) -> tuple[list[str], str | None]:
    head, feed, body = text.partition("\n")
    return fields(head), body if feed else None


def _pdu(body: str | None) -> bytes:
    if not body:
        raise ValueError("a header without its PDU")
    return bytes.fromhex(body)


def _report(values: list[str], index: int | None = None) -> NeutralEvent:
    _, reference, recipient, kind, scts, discharge, status = values[:7]
    return SmsReportText(int(reference), number(recipient, kind), scts or None, discharge or None, int(status), index)


def _text(
    sender: str,
    kind: str,
    scts: str,
    body: str | None,
    index: int | None = None,
    stat: str = "",
    dcs: int | None = None,
) -> NeutralEvent:
    if body is None:
        raise ValueError("a header without its text")
    # With AT+CSCS="UCS2" sender and text are hexadecimal; some modems write UCS-2 messages so whatever +CSCS says.
    coded = dcs is not None and dcs & 0xEC == 0x08
    if coded or _UCS2_DIGITS.fullmatch(sender) or _UCS2_TEXT.fullmatch(body):
        body = ucs2(body, known=True)
    return SmsText(number(sender, kind) or ucs2(sender) or None, scts or None, body, index, stat or None)


def cusd(text: str) -> NeutralEvent:
    """TS 27.007 §7.15: ``m[,str,dcs]``; the string may span lines, hold quotes, and lack its own."""
    m, _, rest = text.partition(",")
    rest = rest.strip(" ")
    if rest.startswith('"'):
        raw, closed, dcs = rest[1:].rpartition('"')
        if not closed:
            raw, dcs = dcs, ""
    else:
        raw, _, dcs = rest.rpartition(",")
        if whole(dcs) is None:
            raw, dcs = rest, ""
    return Ussd(int(m), raw or None, whole(dcs.strip(" ,")))


def smsfull(text: str) -> NeutralEvent:
    """A vendor's "no more room" line that names the storage."""
    return SmsMemoryFull(unquote(text) or None)


def chatter(_: str) -> NeutralEvent:
    return Chatter()
