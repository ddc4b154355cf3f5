"""A line that is described and whose port or span is not in the machine: it says why, and takes no call."""

from __future__ import annotations

from collections.abc import Callable

from appliance.bus_payloads import LineStateName
from appliance.q850 import Cause
from gateways.line import DialRefused, LineEvent, LineStateChanged, ShownCaller


class AbsentLine:
    """A ``gateways.line.Line`` in the place of one that may come. ``reason``: what is wrong, and what to do."""

    state: LineStateName = "absent"
    in_call = False
    idle = True

    def __init__(self, name: str, number: str | None, reason: str, tell: Callable[[LineEvent], None]) -> None:
        self.name, self.number, self.reason = name, number, reason
        self._tell = tell

    def tell(self) -> None:
        """Tell why it is not there."""
        self._tell(LineStateChanged(self.name, "absent", self.reason))

    def dial(self, number: str, caller: ShownCaller | None = None) -> None:  # noqa: ARG002
        self._tell(DialRefused(self.name, Cause.NO_CIRCUIT_AVAILABLE, self.reason))

    def answer(self) -> None: ...
    def hang_up(self, cause: int = 16) -> None: ...
    def send_dtmf(self, digits: str) -> None: ...
    def mend_audio(self) -> None: ...
