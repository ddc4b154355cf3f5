"""AT+CMGS, AT+CMGW and AT+CMSS: sending and writing messages, PDU and text mode (3GPP TS 27.005 §3.5, §4.3)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from .commandline import Command, Kind
from .interpreter import Busy, FinalResult
from .smsalphabet import pack, to_septets
from .smsc import SmsRefused
from .smscharset import from_te
from .smsdevice import Sms
from .smspdu import PduError, Submit, address, alphabet, read_submit, sca, split_sca
from .smsreading import need_service
from .smsstorage import STAT_TEXT, Full, Stat, Stored

ON_THE_AIR = 0.08  # seconds to send one message; a real network takes 2 to 5


@dataclass(frozen=True)
class Entry:
    """A message as entered at the prompt: the service centre's octets and the TPDU."""

    sca: bytes
    tpdu: bytes


def _prompt(sms: Sms, command: Command, then: Callable[[Busy, Entry], None]) -> Busy:
    """ESC at the prompt gives OK and nothing is sent."""
    token = Busy()
    read = _text_reader(sms, command) if sms.text_mode else _pdu_reader(sms, command)
    at = sms.modem.at

    def entered(data: bytes | None) -> None:
        try:
            if data is None:
                at.proceed()
            else:
                then(token, read(data))
        except FinalResult as result:
            at.finish(result.code)
        sms.flush()

    at.prompt(entered)
    return token


def _pdu_reader(sms: Sms, command: Command) -> Callable[[bytes], Entry]:
    """AT+CMGS=<length>: octets of the TPDU, without the service centre address."""
    length = int(command.args[0]) if command.args[0].isdigit() else 0
    if not 7 <= length <= 164:
        raise sms.error(304)

    def read(data: bytes) -> Entry:
        try:
            octets = bytes.fromhex(b"".join(data.split()).decode("ascii"))
            _, tpdu = split_sca(octets)
            if len(tpdu) != length:
                raise PduError("not as long as announced")
            if tpdu[0] & 3 == 1:
                read_submit(tpdu)
        except (ValueError, UnicodeDecodeError) as error:
            raise sms.error(304) from error
        return Entry(octets[: len(octets) - len(tpdu)], tpdu)

    return read


def _text_reader(sms: Sms, command: Command) -> Callable[[bytes], Entry]:
    """AT+CMGS=<da>[,<toda>]: the text in the TE's character set, coded as AT+CSMP says."""
    try:
        number = from_te(command.args[0], sms.charset)
    except ValueError as error:
        raise sms.error(305) from error
    if command.args[1:2] == ("145",) and not number.startswith("+"):
        number = f"+{number}"
    if not number:
        raise sms.error(305)

    def read(data: bytes) -> Entry:
        try:
            text = from_te(data.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n").lstrip("\n"), sms.charset)
            return Entry(sca(sms.service_centre), _submit(sms, number, text))
        except ValueError as error:
            raise sms.error(305) from error

    return read


def _submit(sms: Sms, number: str, text: str) -> bytes:
    """ValueError: too long for one message, or not in the alphabet of <dcs>."""
    first, validity, pid, dcs = (sms.kept("+CSMP")[place].strip('"') for place in range(4))
    kind, flags = alphabet(int(dcs)), int(first) & 0xE7 | 1
    if kind == "gsm7":
        septets = to_septets(text)
        if septets is None or len(septets) > 160:
            raise ValueError("not one message")
        data, length = pack(septets), len(septets)
    else:
        data = text.encode("utf-16-be", "surrogatepass") if kind == "ucs2" else bytes.fromhex(text)
        length = len(data)
    if len(data) > 140:
        raise ValueError("not one message")
    head = bytes([flags | 0x10, 0]) + address(number) + bytes([int(pid), int(dcs), int(validity or 167)])
    return head + bytes([length]) + data


def _cmgs(sms: Sms, command: Command) -> Busy | None:
    if command.kind is Kind.TEST:
        return None
    if command.kind is not Kind.SET:
        raise sms.error(304)
    need_service(sms)
    return _prompt(sms, command, lambda token, entry: _send(sms, token, entry, "+CMGS"))


def _send(sms: Sms, token: Busy, entry: Entry, name: str, sent: Callable[[], None] = lambda: None) -> None:
    if entry.tpdu[0] & 3 != 1:
        raise sms.error(304)
    faults = sms.modem.faults.sms
    if not sms.modem.registered:
        raise sms.error(331)
    centre = split_sca(entry.sca)[0] or sms.service_centre
    if centre != sms.centre.number:
        raise sms.error(330)
    sms.later(faults.slow or ON_THE_AIR, token, lambda: _on_the_air(sms, entry, name, sent))


def _on_the_air(sms: Sms, entry: Entry, name: str, sent: Callable[[], None]) -> None:
    modem, faults, reference = sms.modem, sms.modem.faults.sms, sms.next_reference()
    try:
        sms.centre.submit(modem.number, replace(read_submit(entry.tpdu), reference=reference), reference)
    except SmsRefused as refusal:
        modem.at.finish(sms.error(refusal.cause).code)
        return
    sent()
    if faults.take("lost_answers"):
        modem.at.finish("")
    elif faults.take("false_errors"):
        modem.at.finish(sms.error(faults.false_error).code)
    else:
        modem.say(f"{name}: {reference}")
        modem.at.proceed()


def _cmgw(sms: Sms, command: Command) -> Busy | None:
    """AT+CMGW=<length>[,<stat>] or =<da>[,<toda>[,<stat>]]."""
    if command.kind is Kind.TEST:
        return None
    need_service(sms)
    place = 2 if sms.text_mode else 1
    given = command.args[place] if command.args[place:] else ""
    words = {text: stat for stat, text in STAT_TEXT.items()} | {str(int(stat)): stat for stat in Stat}

    def write(_token: Busy, entry: Entry) -> None:
        own = entry.tpdu[0] & 3 == 1
        stat = words.get(given, Stat.UNSENT if own else Stat.UNREAD)
        if own != (stat in {Stat.UNSENT, Stat.SENT}):
            raise sms.error(304)
        try:
            index = sms.memory(1).add(Stored(stat, entry.tpdu, entry.sca))
        except Full as error:
            raise sms.error(322) from error
        sms.modem.say(f"+CMGW: {index}")
        sms.modem.at.proceed()

    return _prompt(sms, command, write)


def _cmss(sms: Sms, command: Command) -> Busy | None:
    """AT+CMSS=<index>[,<da>[,<toda>]]."""
    if command.kind is Kind.TEST:
        return None
    need_service(sms)
    index = int(command.args[0]) if command.args[0].isdigit() else -1
    message = sms.memory(1).messages.get(index)
    if message is None or message.stat not in {Stat.UNSENT, Stat.SENT}:
        raise sms.error(321)
    tpdu = message.tpdu
    if command.args[1:] and command.args[1]:
        tpdu = _readdressed(tpdu, read_submit(tpdu), command.args[1])
    token = Busy()
    _send(sms, token, Entry(message.sca, tpdu), "+CMSS", lambda: setattr(message, "stat", Stat.SENT))
    return token


def _readdressed(tpdu: bytes, message: Submit, number: str) -> bytes:
    old = len(address(message.to))
    return tpdu[:2] + address(number) + tpdu[2 + old :]


SENDING: dict[str, Callable[[Sms, Command], object | None]] = {"+CMGS": _cmgs, "+CMGW": _cmgw, "+CMSS": _cmss}
