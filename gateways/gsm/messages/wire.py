"""What messages and USSD need of the modem that carries them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gateways.gsm.at import Command, Finished


class Wire(Protocol):
    """Used in the hardware loop's thread only; nothing here blocks."""

    def now(self) -> float: ...
    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None: ...
    def quiet(self) -> bool:
        """Return whether a part may be begun: no call is being set up or taken down on the line."""

    def message_refusal(self, peer: str) -> str | None:
        """Return why the SIM's rules forbid a message to ``peer`` now, or None."""
