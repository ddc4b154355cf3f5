"""A modem's USB plug: its two serial interfaces, and how they come and go."""

from collections.abc import Callable
from pathlib import Path

from .loop import Loop
from .ports import Port


class Usb:
    """The AT and the PCM interface of one modem, watched by the loop while plugged."""

    def __init__(self, loop: Loop, directory: Path, name: str) -> None:
        self._loop = loop
        self.at = Port(directory / f"{name}-at")
        self.pcm = Port(directory / f"{name}-pcm")
        self._readers: tuple[Callable[[], None], Callable[[], None]] | None = None
        self._paused = False

    def watch(self, at_readable: Callable[[], None], pcm_readable: Callable[[], None]) -> None:
        self._readers = (at_readable, pcm_readable)
        self._loop.watch(self.at.fd, at_readable)
        if not self._paused:
            self._loop.watch(self.pcm.fd, pcm_readable)

    def pause_pcm(self, paused: bool) -> None:
        """While paused the modem takes nothing from the host's PCM: the host's writes pile up."""
        self._paused = paused
        if not self.pcm.plugged or self._readers is None:
            return
        self._loop.unwatch(self.pcm.fd)
        if not paused:
            self._loop.watch(self.pcm.fd, self._readers[1])

    def unplug(self) -> None:
        for port in (self.at, self.pcm):
            if port.plugged:
                self._loop.unwatch(port.fd)
            port.unplug()

    def replug(self) -> None:
        if self.at.plugged or self._readers is None:
            return
        for port in (self.at, self.pcm):
            port.replug()
        self.watch(*self._readers)

    def close(self) -> None:
        self.unplug()
        for port in (self.at, self.pcm):
            port.close()
