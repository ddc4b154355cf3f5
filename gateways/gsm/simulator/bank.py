"""A bank of simulated modems on one virtual network: the part that tests, the demo and `__main__` hold."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import commands, faults
from .control import Control
from .leg import Identity
from .loop import Lateness, Loop
from .modem import Modem
from .network import Network, Timing
from .subscriber import Subscriber
from .usb import Usb


def check_digit(digits: str) -> int:
    """ISO/IEC 7812 (Luhn), for IMEI (TS 23.003 annex B) and ICCID (ITU-T E.118)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return -total % 10


def identity(index: int, number: str, name: str = "") -> Identity:
    """The modem and SIM at that place (from 1): IMEI of the test allocation body, test IMSI 001 01, ICCID of Japan."""
    imei = f"00440100{index:06}"
    iccid = f"898100{index:013}"
    return Identity(
        name=name or f"gsm-{index}",
        number=number,
        imei=f"{imei}{check_digit(imei)}",
        imsi=f"00101{index:010}",
        iccid=f"{iccid}{check_digit(iccid)}",
    )


class Bank:
    """Modems gsm-1 … gsm-n with their ports under `directory`.

    `lines`: how many, or the numbers of their SIMs, or whole identities. Numbers not given are +818000000001 and on.
    """

    def __init__(
        self,
        directory: Path | str,
        lines: int | Sequence[str | Identity] = 4,
        timing: Timing | None = None,
        control: Path | str | None = None,
    ) -> None:
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.loop = Loop()
        self.network = Network(self.loop, timing)
        self.modems: dict[str, Modem] = {}
        wanted = [f"+8180{n:08}" for n in range(1, lines + 1)] if isinstance(lines, int) else lines
        for index, one in enumerate(wanted, 1):
            self._add(identity(index, one) if isinstance(one, str) else one)
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

    def fault(self, line: str, kind: str, /, **options: Any) -> None:
        """Set a fault, see faults.py. FaultError: no such fault or option."""
        self.loop.call(lambda: faults.apply(self.modems[line], kind, **options))

    def clear_faults(self, line: str) -> None:
        self.loop.call(lambda: faults.clear(self.modems[line]))

    @property
    def lateness(self) -> Lateness:
        return self.loop.lateness

    def state(self) -> dict[str, Any]:
        """All there is to see, as plain JSON values."""
        return self.loop.call(self._state)

    def _add(self, who: Identity) -> None:
        usb = Usb(self.loop, self.directory, who.name)
        self.modems[who.name] = Modem(who, self.network, usb, commands.run)

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
            "ticks": late.ticks,
            "late_ticks": late.late,
            "worst_late_ms": round(late.worst_ns / 1e6, 3),
        }


def _modem_state(modem: Modem) -> dict[str, Any]:
    return {
        "name": modem.identity.name,
        "number": modem.number,
        "imei": modem.identity.imei,
        "at": str(modem.usb.at.link),
        "pcm": str(modem.usb.pcm.link),
        "plugged": modem.usb.at.plugged,
        "registered": modem.registered,
        "voice_over_usb": modem.voice.enabled,
        "calls": [{"index": leg.index, "stat": leg.stat.name.lower(), "number": leg.number} for leg in modem.legs],
        "audio": vars(modem.voice.counts).copy(),
    }
