"""A bank of simulated modems on one virtual network: the part that tests, the demo and `__main__` hold."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import commands, faults, messaging
from .control import Control
from .families import traits
from .leg import Identity
from .loop import Lateness, Loop
from .modem import Modem
from .network import Network, Timing
from .smsc import SmsCentre
from .smsdevice import Sms
from .subscriber import Subscriber
from .usb import Usb
from .ussd import Ussd


def check_digit(digits: str) -> int:
    """ISO/IEC 7812 (Luhn), for IMEI (TS 23.003 annex B) and ICCID (ITU-T E.118)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return -total % 10


def identity(index: int, number: str, name: str = "", family: str = "quectel") -> Identity:
    """The modem and SIM at that place (from 1): IMEI of the test allocation body, test IMSI 001 01, ICCID of Japan."""
    imei = f"00440100{index:06}"
    iccid = f"898100{index:013}"
    return Identity(
        name=name or f"gsm-{index}",
        number=number,
        imei=f"{imei}{check_digit(imei)}",
        imsi=f"00101{index:010}",
        iccid=f"{iccid}{check_digit(iccid)}",
        family=family,
    )


class Bank:
    """Modems gsm-1 … gsm-n with their ports under `directory`.

    `lines`: how many, or the numbers of their SIMs, or whole identities. Numbers not given are +818000000001 and on.
    `families`: names of families.TRAITS, dealt out in turn to the lines that are no identities. ValueError: no such.
    """

    def __init__(
        self,
        directory: Path | str,
        lines: int | Sequence[str | Identity] = 4,
        timing: Timing | None = None,
        control: Path | str | None = None,
        families: Sequence[str] = ("quectel",),
    ) -> None:
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.loop = Loop()
        self.network = Network(self.loop, timing)
        self.modems: dict[str, Modem] = {}
        self.sms: dict[str, Sms] = {}  # the message side of each modem; touch it only through `loop.call`
        wanted = [f"+8180{n:08}" for n in range(1, lines + 1)] if isinstance(lines, int) else lines
        for index, one in enumerate(wanted, 1):
            family = families[(index - 1) % len(families)]
            self._add(identity(index, one, family=family) if isinstance(one, str) else one)
        self._subscribers: dict[str, Subscriber] = {}
        self.loop.on_tick = self._tick
        self._control = Control(self, Path(control)) if control is not None else None

    def start(self) -> None:
        self.loop.start()
        if self._control is not None:
            self._control.start()

    def stop(self) -> None:
        """Ports and links are gone afterwards. A second stop does nothing."""
        if self._control is not None:
            self._control.stop()
        self.loop.call(self._close_ports)
        self.loop.stop()

    def __enter__(self) -> "Bank":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def modem(self, line: str) -> Modem:
        """By name ("gsm-1"). KeyError: no such line. Touch it only through `loop.call`, save for reading counters."""
        return self.modems[line]

    def at_path(self, line: str) -> Path:
        return self.modems[line].usb.at.link

    def pcm_path(self, line: str) -> Path:
        return self.modems[line].usb.pcm.link

    def subscriber(self, number: str) -> Subscriber:
        """The subscriber with this number, made when new. ValueError: the number is a modem's."""
        if number not in self._subscribers:
            self._subscribers[number] = Subscriber(self.loop, self.network, number)
        return self._subscribers[number]

    @property
    def smsc(self) -> SmsCentre:
        """The service centre: what it accepted and delivered, its counts and faults."""
        return self.network.smsc

    @property
    def ussd(self) -> Ussd:
        """The USSD server. Its methods go through `loop.call`."""
        return self.network.ussd

    def fault(self, line: str, kind: str, /, **options: Any) -> None:
        """Set a fault, see faults.py. FaultError: no such fault or option."""
        self.loop.call(lambda: faults.apply(self.modems[line], kind, **options))

    def clear_faults(self, line: str, kind: str | None = None) -> None:
        """End one fault, or all."""
        self.loop.call(lambda: faults.clear(self.modems[line], kind))

    def reauthorise(self, line: str) -> None:
        """The USB device is deauthorised and authorised again: the ports go at once and come back under other names."""
        self.loop.call(lambda: self.modems[line].power.restart("reauthorise", after=0))

    def power_cycle(self, line: str) -> None:
        """Its hub port is switched off and on."""
        self.loop.call(lambda: self.modems[line].power.restart("power", after=0))

    def where(self, line: str) -> dict[str, Any]:
        """Where it is plugged and what its devices are called now, see `Usb.where`."""
        return self.loop.call(self.modems[line].usb.where)

    @property
    def lateness(self) -> Lateness:
        return self.loop.lateness

    def state(self) -> dict[str, Any]:
        """All there is to see, as plain JSON values."""
        return self.loop.call(self._state)

    def _add(self, who: Identity) -> None:
        kind = traits(who.family)
        usb = Usb(self.loop, self.directory, who.name, kind.usb, who.usb_path or f"1-1.{len(self.modems) + 1}")
        modem = Modem(who, kind, self.network, usb, commands.table(kind), commands.run)
        self.modems[who.name] = modem
        self.sms[who.name] = messaging.install(modem)

    def _tick(self, _: int) -> None:
        self.network.tick()
        for modem in self.modems.values():
            modem.tick()

    def _close_ports(self) -> None:
        for modem in self.modems.values():
            modem.usb.close()

    def _state(self) -> dict[str, Any]:
        late = self.loop.lateness
        return {
            "lines": [_modem_state(modem) for modem in self.modems.values()],
            "calls": [{"from": c.caller.number, "to": c.dialled, "state": str(c.state)} for c in self.network.calls],
            "subscribers": [{"number": s.number, "in_call": s.current is not None} for s in self._subscribers.values()],
            "messages": dict(self.smsc.counts) | {"waiting": self.smsc.waiting},
            "ticks": late.ticks,
            "late_ticks": late.late,
            "worst_late_ms": round(late.worst_ns / 1e6, 3),
        }


def _modem_state(modem: Modem) -> dict[str, Any]:
    return {
        "name": modem.identity.name,
        "number": modem.number,
        "family": modem.family,
        "variant": modem.traits.name,
        "audio_medium": str(modem.audio.medium),
        "faults": sorted(modem.faults.active),
        "usb": modem.usb.where(),
        "imei": modem.identity.imei,
        "at": str(modem.usb.at.link),
        "pcm": str(modem.usb.pcm.link),
        "plugged": modem.usb.at.plugged,
        "registered": modem.registered,
        "voice_over_usb": modem.voice.enabled,
        "calls": [{"index": leg.index, "stat": leg.stat.name.lower(), "number": leg.number} for leg in modem.legs],
        "audio": vars(modem.voice.counts).copy(),
    }
