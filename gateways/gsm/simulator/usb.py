"""A modem's USB plug: its two serial interfaces, where they are, and how they come and go."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .loop import Loop
from .ports import Port


@dataclass(frozen=True)
class UsbIdentity:
    """USB ids (hexadecimal) and bInterfaceNumber of the AT and the audio interface; None: it has no audio interface.

    `bridge`: a serial line behind a USB converter, which stays when the modem restarts.
    """

    vendor: str
    product: str
    at: int
    audio: int | None = None
    bridge: bool = False


class Usb:
    """The AT and the audio interface of one modem, watched by the loop while plugged.

    Besides the lasting links DIR/NAME-at and DIR/NAME-pcm there is, as under /sys/bus/usb/devices while it is plugged,
    a directory DIR/usb/PATH with idVendor, idProduct and a link ifNN for each interface. `path` may be changed while
    it is away: it comes back at the other socket. An external audio port has no interface there.
    """

    def __init__(self, loop: Loop, directory: Path, name: str, identity: UsbIdentity, path: str) -> None:
        self._loop = loop
        self.identity = identity
        self.path = path
        self._root = directory / "usb"
        self.at = Port(directory / f"{name}-at")
        self.pcm = Port(directory / f"{name}-pcm")
        self._readers: tuple[Callable[[], None], Callable[[], None]] | None = None
        self._pauses: set[str] = set()
        self._publish()

    @property
    def directory(self) -> Path:
        return self._root / self.path

    def where(self) -> dict[str, Any]:
        """Where it is now: {"path": "1-1.4", "vendor", "product", "at": "/dev/pts/7", "pcm", "plugged"}."""
        return {
            "path": self.path,
            "vendor": self.identity.vendor,
            "product": self.identity.product,
            "at": self.at.name,
            "pcm": self.pcm.name,
            "plugged": self.at.plugged,
        }

    def watch(self, at_readable: Callable[[], None], pcm_readable: Callable[[], None]) -> None:
        self._readers = (at_readable, pcm_readable)
        self._loop.watch(self.at.fd, at_readable)
        if not self._pauses:
            self._loop.watch(self.pcm.fd, pcm_readable)

    def pause_pcm(self, reason: str, paused: bool) -> None:
        """While paused for any reason the modem takes nothing from the host's PCM: the host's writes pile up."""
        (self._pauses.add if paused else self._pauses.discard)(reason)
        if not self.pcm.plugged or self._readers is None:
            return
        self._loop.unwatch(self.pcm.fd)
        if not self._pauses:
            self._loop.watch(self.pcm.fd, self._readers[1])

    def unplug(self) -> None:
        for port in (self.at, self.pcm):
            if port.plugged:
                self._loop.unwatch(port.fd)
            port.unplug()
        for name in ("idVendor", "idProduct"):
            (self.directory / name).unlink(missing_ok=True)
        for place in (self.directory, self._root):
            with suppress(OSError):  # not there, or another modem's is in it
                place.rmdir()

    def replug(self) -> None:
        if self.at.plugged or self._readers is None:
            return
        for port in (self.at, self.pcm):
            port.replug()
        self._publish()
        self.watch(*self._readers)

    def close(self) -> None:
        self.unplug()
        for port in (self.at, self.pcm):
            port.close()

    def _publish(self) -> None:
        self.at.place = self.directory / f"if{self.identity.at:02}"
        audio = self.identity.audio
        self.pcm.place = None if audio is None else self.directory / f"if{audio:02}"
        for port in (self.at, self.pcm):
            port.publish()
        (self.directory / "idVendor").write_text(self.identity.vendor + "\n")
        (self.directory / "idProduct").write_text(self.identity.product + "\n")
