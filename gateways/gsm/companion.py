"""What lives on a modem besides calls (its messages and USSD), and when it is told that the modem serves."""

from __future__ import annotations

from typing import Protocol

from gateways.gsm.dialects import (
    Identity,
    NeutralEvent,
    Operator,
    SmsMemoryFull,
    SmsPdu,
    SmsRef,
    SmsStored,
    SmsText,
    Ussd,
)

HEARS = (SmsStored, SmsPdu, SmsText, SmsMemoryFull, SmsRef, Ussd, Operator, Identity)


class Companion(Protocol):
    """Driven in the hardware loop's thread."""

    def on(self, event: NeutralEvent) -> None: ...
    def in_service(self, iccid: str | None) -> None: ...
    def out_of_service(self) -> None:
        """What was sent will not be answered any more."""

    def deadline(self) -> float | None: ...
    def tick(self, now: float) -> None: ...


class Seat:
    """A modem's place for a companion; without one, nothing happens."""

    def __init__(self) -> None:
        self.companion: Companion | None = None
        self._serving: tuple[str | None] | None = None

    def hear(self, event: NeutralEvent) -> None:
        if self.companion is not None and isinstance(event, HEARS):
            self.companion.on(event)

    def serving(self, iccid: str | None) -> None:
        """The modem is in service with this SIM. A network lost and found again is no new service."""
        if self.companion is not None and (iccid,) != self._serving:
            self._serving = (iccid,)
            self.companion.in_service(iccid)

    def not_serving(self) -> None:
        self._serving = None
        if self.companion is not None:
            self.companion.out_of_service()

    def deadline(self) -> float | None:
        return None if self.companion is None else self.companion.deadline()

    def tick(self, now: float) -> None:
        if self.companion is not None:
            self.companion.tick(now)
