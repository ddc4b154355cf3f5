"""What a span needs of its hardware: DAHDI's channels; tests give ports of their own."""

from __future__ import annotations

from typing import Protocol

from gateways.pstn.dahdi import Channel, DChannel
from gateways.pstn.dahdierror import DahdiError
from gateways.pstn.dahdievents import HardwareEvent
from gateways.pstn.g711 import Law


class Port(Protocol):
    """See ``gateways.pstn.handle.Handle``; all raise DahdiError."""

    fd: int

    def event(self) -> HardwareEvent | None: ...
    def close(self) -> None: ...


class SignallingPort(Port, Protocol):
    """A D channel: see ``DChannel``."""

    def read(self) -> bytes: ...
    def write(self, data: bytes) -> int: ...


class AudioPort(Port, Protocol):
    """A B channel: see ``Channel``."""

    def set_law(self, law: Law) -> None: ...
    def set_linear(self, linear: bool) -> None: ...
    def echo_cancel(self, taps: int) -> None: ...
    def dial(self, digits: str, pulse: bool = False) -> None: ...
    def flush(self, reading: bool = True, writing: bool = True) -> None: ...
    def duplicate(self) -> int: ...
    def alarms(self) -> frozenset[str]:
        """The alarms of its span."""


class Hardware(Protocol):
    """Opens ports by DAHDI's channel numbers; both raise DahdiError."""

    def signalling(self, number: int) -> SignallingPort: ...
    def audio(self, number: int) -> AudioPort: ...


class _Audio(Channel):
    def alarms(self) -> frozenset[str]:
        return self.info().alarms


class Dahdi:
    """The real one."""

    def signalling(self, number: int) -> SignallingPort:
        return DChannel(number)

    def audio(self, number: int) -> AudioPort:
        return _Audio(number)


__all__ = ["AudioPort", "Dahdi", "DahdiError", "Hardware", "Port", "SignallingPort"]
