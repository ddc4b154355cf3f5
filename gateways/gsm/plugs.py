"""Gives the lines that are known by IMEI or USB path their modem's ports, as modems come and go.

Runs in the hardware loop's thread. Few modems of one hub are opened at a time, since together they would brown it out.
A modem that is in no line's place is asked for its IMEI: it may be a line's that was plugged in elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gateways.gsm.device import LineSpec
from gateways.gsm.discovery.binding import Bindings, Bound, LineKey, bind
from gateways.gsm.discovery.found import FoundModem
from gateways.gsm.discovery.sequence import Sequence as Turns
from gateways.gsm.discovery.sysfs import Discovery
from gateways.gsm.imeis import Imeis
from gateways.gsm.modem import Modem
from gateways.line import LineEvent, LineIdentity, LineReady, LineRecovery
from gateways.loop import HardwareLoop

log = logging.getLogger(__name__)
ASK_AGAIN = 600.0
"""Seconds after which a modem is asked anew that did not tell its IMEI."""


class Plugs:
    """Give ``on_line_event`` the lines' events. ``specs`` are all lines: those with fixed ports keep theirs."""

    def __init__(self, loop: HardwareLoop, specs: Sequence[LineSpec], modems: Mapping[str, Modem]) -> None:
        self._loop = loop
        self._specs = {spec.name: spec for spec in specs if not spec.at_port}
        self._fixed = [Path(spec.at_port) for spec in specs if spec.at_port]
        self._modems = modems
        self._keys = [LineKey(spec.name, spec.imei, spec.usb_path) for spec in self._specs.values()]
        self._found: dict[str, FoundModem] = {}  # by USB path
        self._imeis: dict[str, str] = {}  # by USB path
        self._places: dict[str, FoundModem] = {}  # by line
        self._spare: dict[str, FoundModem] = {}  # that wait to be asked, by the name of their turn
        self._ask_at: dict[str, float] = {}  # by USB path, of those that did not tell
        self._said: set[str] = set()
        self._turns = Turns()
        self._asked = Imeis(loop, self._imei_told)
        self._discovery = Discovery(self._changed, loop)
        loop.add(self)
        self._changed(self._discovery.snapshot())

    def close(self) -> None:
        self._asked.close()
        self._discovery.close()

    def on_line_event(self, event: LineEvent) -> None:
        """Learn IMEIs, and end the turn of a modem that is up or has failed."""
        place = self._places.get(event.line)
        if isinstance(event, LineIdentity) and event.imei is not None and place is not None:
            self._learn(place, event.imei)
        elif isinstance(event, LineReady | LineRecovery):
            self._turns.done(event.line)

    def _imei_told(self, modem: FoundModem, imei: str | None) -> None:
        self._turns.done(_turn(modem))
        if imei is not None:
            self._learn(modem, imei)
        else:
            self._ask_at[modem.usb_path] = self._loop.now() + ASK_AGAIN

    def _learn(self, modem: FoundModem, imei: str) -> None:
        if self._imeis.get(modem.usb_path) != imei:
            self._imeis[modem.usb_path] = imei
            self._bind()

    def _changed(self, found: list[FoundModem]) -> None:
        fixed = {path.resolve() for path in self._fixed}
        ours = [modem for modem in found if not any(Path(port.path) in fixed for port in modem.ports)]
        # Another number, another plugging: what was told before need not be true of it.
        same = {m.usb_path for m in ours if m.usb_path in self._found and self._found[m.usb_path].devnum == m.devnum}
        self._imeis = {path: imei for path, imei in self._imeis.items() if path in same}
        self._ask_at = {path: at for path, at in self._ask_at.items() if path in same}
        self._found = {modem.usb_path: modem for modem in ours}
        self._asked.keep(ours)
        self._bind()

    def _bind(self) -> None:
        bindings = bind(self._keys, list(self._found.values()), self._imeis)
        self._say(bindings)
        self._ask(bindings)
        for name, why in bindings.absent.items():
            self._leave(name, why)
        for name, bound in bindings.lines.items():
            self._bound(name, bound)

    def _ask(self, bindings: Bindings) -> None:
        spare = [one.modem for one in bindings.proposals if one.imei is None and one.modem.at_port is not None]
        wanted = {_turn(modem): modem for modem in spare if modem.usb_path not in self._ask_at}
        for turn in self._spare.keys() - wanted.keys():
            self._turns.done(turn)
        self._spare = wanted
        for turn, modem in wanted.items():
            self._turns.ask(turn, modem.usb_path)

    def _bound(self, name: str, bound: Bound) -> None:
        modem = bound.modem
        if modem.at_port is None:
            self._leave(name, modem.problem or f"the modem at USB {modem.usb_path} shows no AT port yet: wait")
        elif self._places.get(name) != modem:
            self._leave(name, "its modem is at another place")
            self._places[name] = modem
            self._turns.ask(name, modem.usb_path)

    def _leave(self, name: str, why: str) -> None:
        self._places.pop(name, None)
        self._turns.done(name)
        self._modems[name].move(None, why)

    def _say(self, bindings: Bindings) -> None:
        """Log what somebody should know, once each."""
        news = [*bindings.clashes]
        for one in bindings.proposals:
            if one.imei is not None or one.modem.usb_path in self._ask_at:
                what = f"{one.modem.usb_id} {one.modem.model}, IMEI {one.imei or 'not told'}"
                news.append(f"a modem without a line at USB {one.modem.usb_path} ({what}): describe it as {one.name}")
        for text in news:
            if text not in self._said:
                log.warning("%s", text)
        self._said = set(news)

    def deadline(self) -> float | None:
        times = [self._turns.deadline(), *self._ask_at.values()]
        return min((at for at in times if at is not None), default=None)

    def tick(self, now: float) -> None:
        late = [path for path, at in self._ask_at.items() if now >= at]
        if late:
            for path in late:
                del self._ask_at[path]
            self._bind()
        for name in self._turns.due(now):
            if name in self._spare:
                self._asked.ask(self._spare[name])
            else:
                self._open(name)

    def _open(self, name: str) -> None:
        place, spec = self._places[name], self._specs[name]
        # A modem that shows a sound card was set to USB Audio, and its tty carries no voice then.
        audio = place.pcm_port if place.alsa_card is None else f"alsa:plughw:{place.alsa_card}"
        self._modems[name].move(replace(spec, at_port=place.at_port or "", pcm_port=spec.pcm_port or audio))


def _turn(modem: FoundModem) -> str:
    """Return the name of a spare modem's turn; no line is called so."""
    return f"? {modem.usb_path}"
