"""All GSM lines of the store: modems, their SIMs' policy, messages, and where they are plugged in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from appliance.settings import Settings, SettingsError
from appliance.store import Store
from gateways.gsm.device import LineSpec
from gateways.gsm.guard import Guard
from gateways.gsm.messages import Balance, MessageEvent, Messages, MessageStore
from gateways.gsm.modem import Modem
from gateways.gsm.pins import PinBook
from gateways.gsm.plugs import Plugs
from gateways.gsm.policy.service import SimPolicy
from gateways.gsm.power import UsbPower
from gateways.line import Line, LineEvent
from gateways.loop import HardwareLoop

log = logging.getLogger(__name__)
POLICY_TICK = 1.0


class GsmBank:
    """``guards`` are the lines for the trunk. ``tell`` gets their events, ``message`` those of messages and USSD, and
    ``sim_changed`` the line of which ``policy.view`` has changed: all in the hardware loop's thread.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        specs: Sequence[LineSpec],
        loop: HardwareLoop,
        tell: Callable[[LineEvent], None],
        message: Callable[[MessageEvent], None],
        sim_changed: Callable[[str], None],
    ) -> None:
        state, site = settings.paths.state, settings.site
        self._loop = loop
        self._message = message
        self._policy_tick_at = 0.0
        self.policy = SimPolicy(
            store, state / "gsm-use-spool.jsonl", ZoneInfo(site.timezone), site.country, sim_changed
        )
        self.power = UsbPower(loop)
        self.store = MessageStore(store, loop.call, self._on_message)
        pins = PinBook(state / "gsm-pins.json")
        self.guards: dict[str, Guard] = {}
        self.messages: dict[str, Messages] = {}
        self._plugs: Plugs | None = None
        for spec in specs:
            self._add(spec, pins, tell)
        if any(not spec.at_port for spec in specs):
            self._plugs = Plugs(loop, specs, {name: guard.modem for name, guard in self.guards.items()})
        loop.add(self)

    def _add(self, spec: LineSpec, pins: PinBook, tell: Callable[[LineEvent], None]) -> None:
        def heard(event: LineEvent) -> None:
            if self._plugs is not None:
                self._plugs.on_line_event(event)
            tell(event)

        guard = Guard(self.policy, heard)
        try:
            guard.modem = Modem(spec, self._loop, guard.heard, pins=pins, power=self.power)
        except ValueError as error:
            raise SettingsError(f"store: line {spec.name}: {error}") from None
        self._loop.add(guard)
        self.guards[spec.name] = guard
        messages = Messages(spec.name, guard.modem.dialect, guard, self.store, self._on_message)
        self.messages[spec.name] = guard.modem.seat.companion = messages

    def start(self) -> None:
        """Read what the store knows of SIMs and messages; StoreError."""
        self.policy.start(datetime.now(UTC))
        self.store.start()

    def reload(self) -> None:
        """Read anew what is configured of SIMs; any thread. StoreError."""
        config = self.policy.read()
        self._loop.call(lambda: self.policy.configure(config, datetime.now(UTC)))

    def stop(self) -> None:
        """Write what is left to write. After the loop has ended."""
        self.power.close()
        self.store.stop()
        self.policy.stop()

    @property
    def idle(self) -> bool:
        """True when no call is left on any line, nor a message half sent, of which nobody would know what became."""
        calls = any(not guard.modem.idle for guard in self.guards.values())
        return not calls and not any(messages.sending for messages in self.messages.values())

    @property
    def lines(self) -> Mapping[str, Line]:
        return self.guards

    def wind_down(self) -> None:
        """Hang up, and begin no more messages; any thread."""
        self._loop.call(self._wind_down)

    def _wind_down(self) -> None:
        for messages in self.messages.values():
            messages.hold()
        for guard in self.guards.values():
            guard.modem.hang_up(41)

    def close_all(self, reason: str) -> None:
        """Let go of the modems; any thread."""
        self._loop.call(lambda: self._close_all(reason))

    def _close_all(self, reason: str) -> None:
        if self._plugs is not None:  # first: a late event would open a modem again
            self._plugs.close()
            self._plugs = None
        for guard in self.guards.values():
            guard.modem.close(reason)

    def _on_message(self, event: MessageEvent) -> None:
        if isinstance(event, Balance) and event.amount is not None:
            self.policy.balance_told(event.iccid, event.amount, event.at)
        self._message(event)

    def deadline(self) -> float | None:
        return self._policy_tick_at

    def tick(self, now: float) -> None:
        self._policy_tick_at = now + POLICY_TICK
        self.policy.tick(datetime.now(UTC))
