"""Other people's decoders, brought to one form: sender, text, UTC time, (reference, part, parts)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gsmmodem.pdu import Concatenation, decodeSmsPdu
from messaging.sms import SmsDeliver
from smspdudecoder.easy import read_incoming_sms

from gateways.gsm.sms import Deliver, decode_pdu


@dataclass(frozen=True)
class Verdict:
    """What a decoder makes of an SMS-DELIVER."""

    sender: str
    text: str
    utc: datetime | None
    concat: tuple[int, int, int] | None


def ours(pdu: bytes) -> Verdict:
    message = decode_pdu(pdu)
    assert isinstance(message, Deliver)
    concat = message.concat
    return Verdict(
        message.sender, message.text, message.scts, (concat.ref, concat.seq, concat.total) if concat else None
    )


def smspdudecoder(pdu: bytes) -> Verdict:
    told = read_incoming_sms(pdu.hex().upper())
    partial: Any = told["partial"]
    concat = (_reference(partial["reference"]), partial["part_number"], partial["parts_count"]) if partial else None
    return Verdict(_number(told["sender"]), told["content"], told["date"], concat)


def python_messaging(pdu: bytes) -> Verdict:
    told = SmsDeliver(pdu.hex().upper())
    utc = told.date.replace(tzinfo=UTC)
    udh = told.udh
    concat = (udh.concat.ref, udh.concat.seq, udh.concat.cnt) if udh and udh.concat else None
    return Verdict(_number(told.number), _joined(told.text), utc, concat)


def gsmmodem(pdu: bytes) -> Verdict:
    told = decodeSmsPdu(pdu.hex().upper())
    parts = [element for element in told.get("udh", ()) if isinstance(element, Concatenation)]
    concat = (parts[-1].reference, parts[-1].number, parts[-1].parts) if parts else None
    return Verdict(_number(told["number"]), _joined(told["text"]), told["time"].astimezone(UTC), concat)


JUDGES: dict[str, Callable[[bytes], Verdict]] = {
    "smspdudecoder": smspdudecoder,
    "python-messaging": python_messaging,
    "gsmmodem": gsmmodem,
}


def agreeing(pdu: bytes) -> list[str]:
    """Return the judges that see what we see; one that fails does not."""
    seen, mine = [], ours(pdu)
    for name, judge in JUDGES.items():
        try:
            if judge(pdu) == mine:
                seen.append(name)
        except Exception:  # noqa: BLE001 - a judge fails however it likes
            continue
    return seen


def _reference(told: str) -> int:
    """It gives the reference with the number of parts behind: 5-3."""
    return int(told.split("-", maxsplit=1)[0])


def _joined(text: str) -> str:
    """Two of the judges give UTF-16's halves one by one: that much is forgiven where the pair is whole."""
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def _number(number: str | None) -> str:
    return number or ""
