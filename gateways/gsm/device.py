"""A modem's AT port and its audio, opened, watched and closed together: if one goes, the modem has gone."""

from __future__ import annotations

import select
from collections.abc import Callable
from dataclasses import dataclass, field

from gateways.gsm.audio import open_audio
from gateways.gsm.port import AtPort, PortAbsentError, PortLostError, PortRefusedError
from gateways.loop import HUNG_UP, HardwareLoop


@dataclass(frozen=True, slots=True)
class LineSpec:
    """What the store says of a line. ``pcm_port`` is a tty, or ``alsa:PCM`` for a sound card; see ``audio``.

    Without ``at_port`` the modem is found by ``imei`` or ``usb_path``. ``pin`` unlocks its SIM.
    """

    name: str
    number: str | None
    family: str
    at_port: str
    pcm_port: str | None
    pin: str | None = field(default=None, repr=False)
    imei: str | None = None
    usb_path: str | None = None


class Device:
    """An open modem. ``heard`` gets the bytes of the AT port; ``lost`` is told, once, that the modem has gone."""

    def __init__(
        self, spec: LineSpec, loop: HardwareLoop, heard: Callable[[bytes], None], lost: Callable[[PortLostError], None]
    ) -> None:
        """Open, or raise PortAbsentError or PortRefusedError."""
        if not spec.pcm_port:
            raise PortRefusedError("the line has no pcm_port: name the modem's PCM tty in it, or a sound card")
        self._loop = loop
        self._heard = heard
        self._lost = lost
        self._open = True
        self._at = AtPort(spec.at_port)
        try:
            self._pcm = open_audio(spec.pcm_port)
        except (PortAbsentError, PortRefusedError):
            self._at.close()
            raise
        loop.watch(self._at.fileno(), select.EPOLLIN, self._ready)
        # Samples are the media side's to read; an empty mask still tells of hang-up and error.
        loop.watch(self._pcm.fileno(), 0, lambda _: self._gone(PortLostError(f"{spec.pcm_port} has gone")))

    def _gone(self, error: PortLostError) -> None:
        if self._open:
            self.close()
            self._lost(error)

    def _ready(self, bits: int) -> None:
        try:
            data = self._at.read() if bits & (select.EPOLLIN | HUNG_UP) else b""
        except PortLostError as error:
            self._gone(error)
            return
        self._heard(data)

    def write(self, data: bytes) -> None:
        """Send, or keep to send when the port takes it."""
        if not self._open:
            return
        try:
            sent = self._at.write(data)
        except PortLostError as error:
            self._gone(error)
            return
        self._loop.watch(self._at.fileno(), select.EPOLLIN if sent else select.EPOLLIN | select.EPOLLOUT, self._flush)

    def _flush(self, bits: int) -> None:
        if bits & select.EPOLLOUT:
            self.write(b"")
        if self._open and bits & ~select.EPOLLOUT:
            self._ready(bits)

    def lend_audio(self) -> int:
        """Return a descriptor of the audio for one call, the borrower's to close; PortLostError when it has gone."""
        return self._pcm.lend()

    def close(self) -> None:
        if self._open:
            self._open = False
            for port in (self._at, self._pcm):
                self._loop.unwatch(port.fileno())
                port.close()
