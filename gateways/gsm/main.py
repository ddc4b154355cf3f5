"""The GSM gateway's service: modems, their SIMs and messages, behind what all gateways share (``gateways.service``).

Threads besides: the writers of messages and of SIM use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import select

from appliance.bus import topics
from appliance.bus_payloads import GsmEventMessage, SimStatus
from appliance.settings import Settings
from appliance.store import Store, models
from appliance.store.message_models import SimBalance
from gateways.gsm.bank import GsmBank
from gateways.gsm.buscommands import BusCommands
from gateways.gsm.device import LineSpec
from gateways.gsm.messages import Balance, MessageEvent
from gateways.linecommands import LineCommands
from gateways.loop import HardwareLoop
from gateways.service import GatewayService, run


def main(settings: Settings) -> int:
    """Run the gateway; return the exit status."""
    return run(settings, lambda store: Gateway(settings, store, _lines(store)))


def _lines(store: Store) -> list[LineSpec]:
    """Return the enabled GSM lines of the store."""
    query = select(models.Line).where(models.Line.gateway == "gsm", models.Line.enabled).order_by(models.Line.name)
    with store.session() as session:
        rows = session.scalars(query).all()
    return [
        LineSpec(row.name, row.number, row.family, row.at_port or "", row.pcm_port, row.pin, row.imei, row.usb_path)
        for row in rows
    ]


class Gateway(GatewayService):
    """All parts of the running service. ``store`` is closed with it."""

    def __init__(self, settings: Settings, store: Store, specs: list[LineSpec]) -> None:
        self._loop = HardwareLoop()
        super().__init__("gsm", settings, store, {"hardware": self._loop})
        self._balances: dict[str, Balance] = {}  # by ICCID
        self._bank = GsmBank(settings, store, specs, self._loop, self._heard, self._message, self._sim_changed)
        tests = self._take_lines(self._bank, self._post)
        common = LineCommands(self._bus, self._bank.guards, self._post, self._statuses, tests)
        BusCommands(common, self._bus, self._bank, settings.site.country)

    def start(self) -> None:
        self._balances = self._known_balances()
        super().start()

    def _known_balances(self) -> dict[str, Balance]:
        """Return what earlier runs were told."""
        query = select(SimBalance).where(SimBalance.amount.is_not(None), SimBalance.at.is_not(None))
        with self._store.session() as session:
            rows = session.scalars(query).all()
        return {
            row.iccid: Balance(row.line, row.iccid, row.at or row.tried_at, row.amount, row.currency) for row in rows
        }

    def _post(self, _line: str, what: Callable[[], None]) -> None:
        self._loop.call(what)

    def _message(self, event: MessageEvent) -> None:
        if isinstance(event, Balance) and event.amount is not None:  # else the last one stays, with its time
            self._balances[event.iccid] = event
            self._sim_changed(event.line)
        self._bus.publish(topics.GSM_EVENTS, _on_the_bus(event))

    def _sim_changed(self, line: str) -> None:
        self._statuses.show_sim(line, self._sim(line))

    def _sim(self, line: str) -> SimStatus | None:
        view = self._bank.policy.view(line, datetime.now(UTC))
        if view is None:
            return None
        balance = self._balances.get(view.iccid)
        return SimStatus(
            iccid=view.iccid,
            carrier=view.carrier,
            label=view.label,
            used_seconds=view.used_seconds,
            blocked=view.blocked,
            blocked_until=view.blocked_until,
            alarm="\n".join(view.alarms) or None,
            balance=f"{balance.amount:g} {balance.currency or ''}".strip() if balance is not None else None,
            balance_at=balance.at if balance is not None else None,
        )


def _on_the_bus(event: MessageEvent) -> GsmEventMessage:
    """``MessageReceived`` is told as ``message-received``, with what it says as plain data."""
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(event).__name__).lower()
    data = {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(event).items()
        if key != "line"
    }
    return GsmEventMessage(line=event.line, at=datetime.now(UTC), kind=kind, data=data)
