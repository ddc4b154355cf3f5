"""The PSTN gateway's service: FXO ports and PRI spans on DAHDI, behind what all gateways share (``gateways.service``).

Two hardware loops: one for FXO ports and what is heard on them, one for libpri. It serves without DAHDI as well: then
every line says what is missing, and comes when it has come.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import select

from appliance.bus import topics
from appliance.bus_payloads import PstnEventMessage
from appliance.settings import Settings
from appliance.store import Store
from appliance.store.pstn_models import PstnSpan
from gateways.line import FaxHeard, LineEvent
from gateways.linecommands import LineCommands
from gateways.loop import HardwareLoop
from gateways.pstn.bank import PstnBank
from gateways.pstn.buscommands import BusCommands
from gateways.pstn.spanboard import SpanBoard
from gateways.service import GatewayService, run
from gateways.sip import Law


def main(settings: Settings) -> int:
    """Run the gateway; return the exit status."""
    return run(settings, lambda store: Gateway(settings, store))


class Gateway(GatewayService):
    """All parts of the running service. ``store`` is closed with it."""

    def __init__(self, settings: Settings, store: Store) -> None:
        hardware, pri = HardwareLoop(), HardwareLoop()
        super().__init__("pstn", settings, store, {"hardware": hardware, "pri": pri}, _law(store))
        self._board = SpanBoard(self._bus, self._event)
        self._bank = PstnBank(store, hardware, pri, self._heard, self._board.told)
        tests = self._take_lines(self._bank, self._post)
        common = LineCommands(self._bus, self._bank.lines, self._post, self._statuses, tests)
        BusCommands(common, self._bus, self._bank, self._board, store, self._event)

    def start(self) -> None:
        self._board.start(self._bank.absent_spans())
        super().start()

    def look_after(self) -> None:
        self._bank.look()

    def _post(self, line: str, what: Callable[[], None]) -> None:
        self._bank.loop_of(line).call(what)

    def _told(self, event: LineEvent) -> None:
        super()._told(event)
        if isinstance(event, FaxHeard):
            data = {"tone": event.tone}
            self._event(PstnEventMessage(at=datetime.now(UTC), kind="fax-heard", line=event.line, data=data))

    def _event(self, event: PstnEventMessage) -> None:
        self._bus.publish(topics.PSTN_EVENTS, event)


def _law(store: Store) -> Law:
    """Return the law of most channels: A-law on E1, µ-law on T1 (ITU-T G.711), and on analogue cards (DAHDI)."""
    with store.session() as session:
        kinds = list(session.scalars(select(PstnSpan.kind).where(PstnSpan.enabled)))
    return "alaw" if kinds.count("e1") > kinds.count("t1") else "ulaw"
