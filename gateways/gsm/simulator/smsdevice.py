"""Messages in one modem: what it keeps, and where an arriving one goes (3GPP TS 27.005 §3.4.1, AT+CNMI).

    offered ─► direct (+CMT, +CDS) ─► AT+CNMA when AT+CSMS=1 ─► taken
       └─────► memory ─► taken, +CMTI / +CDSI            (no room: refused as "memory full", offered again later)

With AT+CSMS=1 nothing more is routed before AT+CNMA; if that does not come in time <mt> and <ds> become 0 (§3.4.4).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .interpreter import Busy, FinalResult
from .moment import Moment
from .network import Cancellable
from .smsc import Receipt, SmsCentre
from .smscharset import to_te
from .smsfamily import sms_traits
from .smspdu import PduError, read_deliver, sca
from .smsstorage import Full, Memory, Stat, Stored
from .smstextmode import described

if TYPE_CHECKING:
    from .modem import Modem

ACK_WAIT = 15.0  # seconds for AT+CNMA; TS 24.011 §10 leaves the network some 20 to 30 s
CMS_TEXT = {38: "Network out of order", 302: "Operation not allowed", 304: "Invalid PDU mode parameter",
            305: "Invalid text mode parameter", 310: "SIM not inserted", 311: "SIM PIN required", 314: "SIM busy",
            321: "Invalid memory index", 322: "Memory full", 331: "No network service",
            340: "No +CNMA acknowledgement expected"}  # fmt: skip
DEFAULTS = {"+CMGF": ["0"], "+CNMI": ["2", "1", "0", "0", "0"], "+CSMS": ["0", "1", "1", "1"], "+CSDH": ["0"],
            "+CSMP": ["17", "167", "0", "0"], "+CSCS": ['"GSM"'], "+CUSD": ["0"], "+CMMS": ["0"]}  # fmt: skip


class Sms:
    """The message side of a modem; `memories` by name. Only the loop's thread may touch it."""

    def __init__(self, modem: "Modem", centre: SmsCentre) -> None:
        self.modem = modem
        self.centre = centre
        self.traits = sms_traits(modem.family)
        self.memories = {name: Memory(name, size, self.traits.first) for name, size in self.traits.sizes.items()}
        self.ack_wait = ACK_WAIT
        self.service_centre = centre.number
        self.reference = 0
        self.was_full = False
        self._held: list[str] = []
        self._waiting: list[tuple[str, ...]] = []  # indications that come when <mode> or a prompt allows them
        self._unacknowledged: Callable[[Receipt], None] | None = None
        self._ack_timer: Cancellable | None = None
        self.restart()
        modem.watchers.append(self._watch)
        centre.attach(modem.number, self)

    def restart(self) -> None:
        """As after power-on: the memories stay."""
        self.chosen = [self.traits.preferred] * 3
        self._waiting.clear()
        self._held.clear()
        self.acknowledge(Receipt.ABSENT)

    # --- settings ----------------------------------------------------------------------------------------------------

    def kept(self, name: str) -> list[str]:
        """The printed values of a setting, which AT&F and a restart put back."""
        return self.modem.values.plain.setdefault(name, list(DEFAULTS[name]))

    def flag(self, name: str, position: int = 0) -> int:
        return int(self.kept(name)[position])

    @property
    def charset(self) -> str:
        return self.kept("+CSCS")[0].strip('"')

    @property
    def text_mode(self) -> bool:
        return self.flag("+CMGF") == 1

    def string(self, text: str) -> str:
        return f'"{to_te(text, self.charset)}"'

    def memory(self, role: int) -> Memory:
        """<mem1>, <mem2>, <mem3> by 0, 1, 2. "MT" is "ME"."""
        return self.memories["ME" if self.chosen[role] == "MT" else self.chosen[role]]

    def error(self, number: int) -> FinalResult:
        """+CMS ERROR (TS 27.005 §3.2.5), in words with AT+CMEE=2."""
        verbose = self.modem.at.error_mode == 2
        return FinalResult(f"+CMS ERROR: {CMS_TEXT.get(number, 'Unknown error') if verbose else number}")

    def next_reference(self) -> int:
        """TP-MR, §9.2.3.6: the modem counts."""
        self.reference = (self.reference + 1) % 256
        return self.reference

    # --- arriving ----------------------------------------------------------------------------------------------------

    def sms_offered(self, tpdu: bytes, answer: Callable[[Receipt], None]) -> None:
        modem = self.modem
        if not (modem.registered and modem.booted):
            answer(Receipt.ABSENT)
        elif tpdu[0] & 3 == 2:
            self._report_arrives(tpdu, answer)
        elif self._direct(tpdu):
            self._route("+CMT", tpdu, answer)
        else:
            place = "SM" if self._class(tpdu) == 2 else ""
            self._store(tpdu, answer, "+CMTI" if self.flag("+CNMI", 1) else "", place)

    def _direct(self, tpdu: bytes) -> bool:
        """TS 27.005 table 3.4.1-2. Class 0 is not stored when it is routed; class 2 belongs on the SIM."""
        routing, message_class = self.flag("+CNMI", 1), self._class(tpdu)
        if routing == 2:
            return message_class != 2
        if routing == 3 and message_class == 3:
            return True
        return routing == 1 and message_class == 0 and self.traits.flash_direct

    def _class(self, tpdu: bytes) -> int | None:
        try:
            return read_deliver(tpdu).body.message_class
        except PduError:
            return None

    def _report_arrives(self, tpdu: bytes, answer: Callable[[Receipt], None]) -> None:
        routing = self.flag("+CNMI", 3)
        if routing == 1:
            self._route("+CDS", tpdu, answer)
        elif routing == 2 and self.traits.report_ghost:
            self.indicate('+CDSI: "SM",0')  # EC25: nothing lies there
            answer(Receipt.TAKEN)
        elif routing == 2:
            self._store(tpdu, answer, "+CDSI", self.traits.report_memory)
        else:
            answer(Receipt.TAKEN)

    def _store(self, tpdu: bytes, answer: Callable[[Receipt], None], told: str, memory: str = "") -> None:
        place = self.memories[memory] if memory in self.memories else self.memory(2)
        try:
            if self.modem.faults.sms.full:
                raise Full(place.name)
            index = place.add(Stored(Stat.UNREAD, tpdu, sca(self.centre.number)))
        except Full:
            self._tell_full(place)
            answer(Receipt.FULL)
            return
        answer(Receipt.TAKEN)
        if told:
            self._announce(f'{told}: "{place.name}",{index}')
        if place.full:
            self._tell_full(place)

    def _tell_full(self, place: Memory) -> None:
        wanted = self.modem.values.named.get("+QINDCFG", {}).get("smsfull", "1") == "1"
        if self.traits.full and wanted and not self.was_full:
            self.indicate(self.traits.full.format(memory=place.name))
        self.was_full = True

    def freed(self) -> None:
        """Something was deleted: RP-SMMA tells the network (TS 24.011 §7.3.2)."""
        if self.was_full and not self.modem.faults.sms.full:
            self.was_full = False
            self.modem.scheduler.after(self.centre.delay, lambda: self.centre.alert(self.modem.number))

    def _announce(self, line: str) -> None:
        faults = self.modem.faults.sms
        self._held += [line] * (2 if faults.repeat else 1)
        if len(self._held) >= faults.burst:
            lines, self._held = self._held, []
            self.indicate(*_frames(lines))

    def _route(self, name: str, tpdu: bytes, answer: Callable[[Receipt], None]) -> None:
        header, body = described(self, name, tpdu, sca(self.centre.number))
        inside = self.modem.faults.sms.urc_inside
        if self.flag("+CSMS"):
            self._unacknowledged = answer
            self._ack_timer = self.modem.scheduler.after(self.ack_wait, self._not_acknowledged)
        self.indicate(header, *(("", inside, "") if inside else ()), *body)
        if self._unacknowledged is None:
            answer(Receipt.TAKEN)

    def acknowledge(self, receipt: Receipt) -> bool:
        """AT+CNMA; False when none is expected."""
        answer, self._unacknowledged = self._unacknowledged, None
        if self._ack_timer is not None:
            self._ack_timer.cancel()
            self._ack_timer = None
        if answer is not None:
            answer(receipt)
        return answer is not None

    def _not_acknowledged(self) -> None:
        kept = self.kept("+CNMI")
        kept[1], kept[3] = "0", "0"
        self.acknowledge(Receipt.REFUSED)

    # --- telling -----------------------------------------------------------------------------------------------------

    def indicate(self, *lines: str) -> None:
        """An indication, kept back while <mode> is 0 or text is entered at the prompt (TS 27.005 §3.4.4 note)."""
        self._waiting.append(lines)
        self.flush()

    def flush(self) -> None:
        if self.flag("+CNMI", 0) == 0 or self.modem.at.prompting:
            return
        waiting, self._waiting = self._waiting, []
        for lines in waiting:
            self.modem.say(*lines)

    def forget_indications(self) -> None:
        self._waiting.clear()

    # --- power -------------------------------------------------------------------------------------------------------

    def _watch(self, moment: Moment) -> None:
        if moment is Moment.DOWN:
            self.restart()
        elif self.modem.registered:
            self.centre.alert(self.modem.number)

    def later(self, seconds: float, token: Busy, run: Callable[[], None]) -> None:
        """Run if the command of `token` is still the one at work then."""

        def due() -> None:
            if self.modem.at.at_work is token:
                run()

        self.modem.scheduler.after(seconds, due)


def _frames(lines: list[str]) -> list[str]:
    """Several result codes in one burst: each keeps its own CR LF on both sides."""
    return [part for place, line in enumerate(lines) for part in (["", line] if place else [line])]
