"""AT+CUSD in one modem (3GPP TS 27.007 §7.15), and how the families code its string.

dcs 15 (7-bit)  text in the set of AT+CSCS; Huawei: packed 7-bit octets as hexadecimal until AT^USSDMODE=0
dcs 72 (UCS-2)  UCS-2 as hexadecimal whatever the set
dcs 68 (8-bit)  octets as hexadecimal
"""

from typing import TYPE_CHECKING

from .commandline import Command, Kind, LineError
from .interpreter import CmeError
from .moment import Moment
from .smsalphabet import from_septets, pack_ussd, to_septets, unpack_ussd
from .smscharset import from_te, to_te
from .smsdevice import Sms
from .ussd import EIGHT_BIT, UCS2, Answer, Ussd

if TYPE_CHECKING:
    from .modem import Handler, Modem


class UssdDevice:
    """The USSD side of a modem; settings are read through its message side."""

    def __init__(self, sms: Sms, server: Ussd) -> None:
        self._sms = sms
        self._modem = sms.modem
        self._server = server
        self._packed = sms.traits.ussd_packed
        self._modem.watchers.append(self._watch)
        server.attach(self._modem.number, self.told)

    def handlers(self) -> dict[str, "Handler"]:
        every: dict[str, Handler] = {"+CUSD": self._cusd}
        return every | ({"^USSDMODE": self._ussdmode} if self._sms.traits.ussd_packed else {})

    def told(self, answer: Answer) -> None:
        modem = self._modem
        if not modem.registered or modem.faults.sms.ussd_silent or not self._sms.flag("+CUSD"):
            return
        if answer.text is None:
            modem.say(f"+CUSD: {answer.m}")
        else:
            modem.say(f'+CUSD: {answer.m},"{self._coded(answer.text, answer.dcs)}",{answer.dcs}')

    def _cusd(self, modem: "Modem", command: Command) -> None:
        if command.kind is Kind.TEST:
            modem.say("+CUSD: (0-2)")
            return
        if command.kind is Kind.READ:
            modem.say(f"+CUSD: {self._sms.flag('+CUSD')}")
            return
        n = command.args[0] if command.kind is Kind.SET else "0"
        if n not in {"", "0", "1", "2"}:
            raise CmeError(50)
        if n == "2":
            self._server.cancel(modem.number)
            return
        self._sms.kept("+CUSD")[0] = n or "0"
        if command.args[1:] and command.args[1]:
            self._request(command)

    def _request(self, command: Command) -> None:
        modem = self._modem
        if not modem.registered:
            raise CmeError(30)
        given = command.args[2] if command.args[2:] else ""
        try:
            text = self._decoded(command.args[1], int(given) if given.isdigit() else 15)
        except ValueError as error:
            raise CmeError(50) from error
        self._server.request(modem.number, text)

    def _decoded(self, text: str, dcs: int) -> str:
        if dcs == UCS2 or self._sms.charset == "UCS2":
            return bytes.fromhex(text).decode("utf-16-be")
        if dcs == EIGHT_BIT:
            return bytes.fromhex(text).decode("latin-1")
        if self._packed:
            return from_septets(unpack_ussd(bytes.fromhex(text)))
        return from_te(text, self._sms.charset)

    def _coded(self, text: str, dcs: int) -> str:
        if dcs == UCS2:
            return to_te(text, "UCS2")
        if dcs == EIGHT_BIT:
            return text.encode("latin-1").hex().upper()
        if self._packed and self._sms.charset != "UCS2":
            return pack_ussd(to_septets(text) or []).hex().upper()
        return to_te(text, self._sms.charset)

    def _ussdmode(self, modem: "Modem", command: Command) -> None:
        """AT^USSDMODE=<n>: 0 text in the TE's set, 1 as the network has it (hexadecimal)."""
        if command.kind is Kind.TEST:
            modem.say("^USSDMODE: (0,1)")
        elif command.kind is Kind.READ:
            modem.say(f"^USSDMODE: {int(self._packed)}")
        elif command.kind is Kind.SET and command.args[0] in {"0", "1"}:
            self._packed = command.args[0] == "1"
        else:
            raise LineError(command.name)

    def _watch(self, moment: Moment) -> None:
        if moment is Moment.DOWN:
            self._packed = self._sms.traits.ussd_packed
            self._server.cancel(self._modem.number)
