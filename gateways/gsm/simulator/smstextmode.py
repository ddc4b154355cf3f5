"""How a message is shown on the AT port: header and body lines, PDU and text mode (3GPP TS 27.005 §3.1, §3.4, §4.1)."""

from datetime import datetime
from typing import TYPE_CHECKING

from .smscharset import to_te
from .smspdu import Body, Deliver, Report, Submit, read_deliver, read_report, read_submit
from .smsstorage import STAT_TEXT, Stat, Stored

if TYPE_CHECKING:
    from .smsdevice import Sms


def type_of(number: str) -> int:
    """TS 24.011 §8.2.5.1: 145 international, 208 alphanumeric, else 129."""
    if number.startswith("+"):
        return 145
    return 129 if set(number.lower()) <= set("0123456789*#abc") else 208


def clock(at: datetime) -> str:
    """<scts>: "yy/MM/dd,hh:mm:ss±zz", zone in quarters of an hour."""
    offset = at.utcoffset()
    quarters = int(offset.total_seconds()) // 900 if offset is not None else 0
    return f'"{at.strftime("%y/%m/%d,%H:%M:%S")}{"-" if quarters < 0 else "+"}{abs(quarters):02}"'


def data(sms: "Sms", body: Body) -> str:
    """<data>: text of the default alphabet in the TE's set, all else (also with a header) as hexadecimal."""
    if body.has_header or body.alphabet == "8bit":
        return body.data.hex().upper()
    return to_te(body.text, "UCS2" if body.alphabet == "ucs2" else sms.charset)


def described(sms: "Sms", name: str, tpdu: bytes, sca: bytes) -> tuple[str, list[str]]:
    """+CMT or +CDS with what follows."""
    if not sms.text_mode:
        return f"{name}: {',' if name == '+CMT' else ''}{len(tpdu)}", [(sca + tpdu).hex().upper()]
    if tpdu[0] & 3 == 2:
        return f"{name}: {_report(sms, read_report(tpdu))}", []
    message = read_deliver(tpdu)
    head = f"{name}: {sms.string(message.sender)},,{clock(message.at)}"
    if sms.flag("+CSDH"):
        body = message.body
        coding = f"{type_of(message.sender)},{tpdu[0]},{body.pid},{body.dcs}"
        head += f",{coding},{sms.string(sms.centre.number)},145,{body.length}"
    return head, [data(sms, message.body)]


def stored(sms: "Sms", message: Stored, listing: bool) -> tuple[str, list[str]]:
    """The fields of +CMGR, or with `listing` those of +CMGL after the index; and the lines after them."""
    if not sms.text_mode:
        pdu = (message.sca + message.tpdu).hex().upper()
        return f"{message.stat:d},,{len(message.tpdu)}", [pdu]
    stat = f'"{STAT_TEXT[message.stat]}"'
    if message.stat in {Stat.UNSENT, Stat.SENT}:
        return f"{stat},{_submit(sms, read_submit(message.tpdu), message, listing)}", [
            data(sms, read_submit(message.tpdu).body)
        ]
    if message.tpdu[0] & 3 == 2:
        return f"{stat},{_report(sms, read_report(message.tpdu))}", []
    deliver = read_deliver(message.tpdu)
    return f"{stat},{_deliver(sms, deliver, message.tpdu[0], listing)}", [data(sms, deliver.body)]


def _deliver(sms: "Sms", message: Deliver, first: int, listing: bool) -> str:
    head = f"{sms.string(message.sender)},,{clock(message.at)}"
    if not sms.flag("+CSDH"):
        return head
    body = message.body
    if listing:
        return f"{head},{type_of(message.sender)},{body.length}"
    coding = f"{type_of(message.sender)},{first},{body.pid},{body.dcs}"
    return f"{head},{coding},{sms.string(sms.centre.number)},145,{body.length}"


def _submit(sms: "Sms", message: Submit, kept: Stored, listing: bool) -> str:
    head = f"{sms.string(message.to)},{',' if listing else ''}"
    if not sms.flag("+CSDH"):
        return head
    body = message.body
    if listing:
        return f"{head},{type_of(message.to)},{body.length}"
    coding = f"{type_of(message.to)},{kept.tpdu[0]},{body.pid},{body.dcs}"
    validity = int.from_bytes(message.validity, "big") if len(message.validity) == 1 else 0
    return f"{head},{coding},{validity},{sms.string(sms.service_centre)},145,{body.length}"


def _report(sms: "Sms", report: Report) -> str:
    """<fo>,<mr>,<ra>,<tora>,<scts>,<dt>,<st>; <fo> 6 is STATUS-REPORT with no more to come."""
    return (
        f"6,{report.reference},{sms.string(report.to)},{type_of(report.to)},"
        f"{clock(report.submitted)},{clock(report.done)},{report.status}"
    )
