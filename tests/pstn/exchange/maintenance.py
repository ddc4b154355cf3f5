"""Restart (ITU-T Q.931 §5.5) and service messages (AT&T TR 41459, NI-2 SR-4994) of one span."""

from __future__ import annotations

from typing import Protocol

from tests.pstn.exchange.bearer import ChangeStatus, ChannelId, RestartIndicator, ServiceStatus
from tests.pstn.exchange.calltypes import CallTimers
from tests.pstn.exchange.channels import Channels
from tests.pstn.exchange.profiles import SpanPlan
from tests.pstn.exchange.q931 import MAINTENANCE, NATIONAL_MAINTENANCE, Message, message
from tests.pstn.exchange.timetable import Alarm, Timetable


class Interface(Protocol):
    """What is needed of the span."""

    plan: SpanPlan
    clock: Timetable
    timers: CallTimers
    channels: Channels

    def send(self, what: Message) -> None: ...
    def violation(self, text: str, of: Message | None = None) -> None: ...
    def complaint(self, text: str, of: Message) -> None: ...
    def restarted(self, slots: tuple[int, ...]) -> None:
        """Clear the calls on these channels, without a word."""


class Maintenance:
    """``done`` lists the channels that either side restarted; ``deaf``: RESTART and SERVICE are not acknowledged."""

    def __init__(self, span: Interface) -> None:
        self.done: list[int] = []
        self.deaf = False
        self._span = span
        self._asked: list[tuple[ChannelId | None, RestartIndicator]] = []
        self._alarm: Alarm | None = None

    def restart(self, *channels: int) -> None:
        """Restart channels one message each, or the whole interface when none is named."""
        if channels:
            self._asked += [(ChannelId((channel,)), RestartIndicator("channels")) for channel in channels]
        else:
            self._asked.append((None, RestartIndicator("interface")))
        if self._alarm is None or not self._alarm.pending:
            self._ask(again=False)

    def forget(self) -> None:
        """The link is gone: what was asked is asked no more."""
        self._asked.clear()
        if self._alarm is not None:
            self._alarm.cancel()

    def _ask(self, again: bool) -> None:
        if not self._asked:
            return
        channel, indicator = self._asked[0]
        self._span.restarted(self._slots(channel, indicator))
        self._span.send(message("RESTART", 0, False, channel, indicator))
        what = self._unanswered if again else lambda: self._ask(again=True)
        self._alarm = self._span.clock.after(self._span.timers.t316, what)

    def _unanswered(self) -> None:
        self._span.violation("no answer to RESTART (T316 twice)")
        self._asked.pop(0)
        self._ask(again=False)

    def _slots(self, channel: ChannelId | None, indicator: RestartIndicator) -> tuple[int, ...]:
        return channel.channels if channel is not None and indicator.scope == "channels" else self._span.plan.channels

    def take_global(self, came: Message) -> None:
        """A message with the global call reference."""
        channel, indicator = came.get(ChannelId), came.get(RestartIndicator)
        if came.kind == "RESTART" and indicator is not None:
            self._restarted(came, channel, indicator)
        elif came.kind == "RESTART ACKNOWLEDGE" and indicator is not None:
            self._acknowledged(came, channel, indicator)
        elif came.kind == "STATUS":
            self._span.complaint(f"the gateway says cause {came.cause} of the global reference", came)
        elif came.kind not in ("RESTART", "RESTART ACKNOWLEDGE"):
            self._span.violation(f"{came.kind} with the global call reference", came)

    def _restarted(self, came: Message, channel: ChannelId | None, indicator: RestartIndicator) -> None:
        if came.to_originator:
            self._span.violation("RESTART with the flag of an answer", came)
        if indicator.scope == "channels" and channel is None:
            self._span.violation("RESTART of channels that names none", came)
            return
        slots = self._slots(channel, indicator)
        self._span.restarted(slots)
        if not self.deaf:
            self.done.extend(slots)
            self._span.send(message("RESTART ACKNOWLEDGE", 0, True, channel, indicator))

    def _acknowledged(self, came: Message, channel: ChannelId | None, indicator: RestartIndicator) -> None:
        if not came.to_originator or not self._asked:
            self._span.violation("RESTART ACKNOWLEDGE that nobody asked for", came)
            return
        wanted, asked = self._asked.pop(0)
        if indicator != asked or (channel.channels if channel else ()) != (wanted.channels if wanted else ()):
            self._span.violation("RESTART ACKNOWLEDGE of something else than was restarted (§5.5.2)", came)
        self.done.extend(self._slots(wanted, asked))
        if self._alarm is not None:
            self._alarm.cancel()
        self._ask(again=False)

    def change_service(self, channel: int, status: ServiceStatus) -> None:
        """Take a channel out of service or put it back, by SERVICE (NI-2, DMS-100, 4ESS, 5ESS)."""
        self._span.channels.service[channel] = status
        said = ChangeStatus(status), ChannelId((channel,))
        national = self._span.plan.switch == "ni2"
        discriminator = NATIONAL_MAINTENANCE if national else MAINTENANCE
        self._span.send(message("SERVICE", 0, False, *said, discriminator=discriminator))

    def take_service(self, came: Message) -> None:
        """A message with a protocol discriminator of maintenance."""
        if not self._span.plan.profile.service:
            self._span.violation(f"{came.kind} to a switch that does not know it", came)
        status, channel = came.get(ChangeStatus), came.get(ChannelId)
        if status is None or channel is None or self.deaf:
            return
        for slot in channel.channels:
            self._span.channels.service[slot] = status.status
        if came.kind == "SERVICE":
            answer = message("SERVICE ACKNOWLEDGE", 0, True, status, channel, discriminator=came.discriminator)
            self._span.send(answer)
