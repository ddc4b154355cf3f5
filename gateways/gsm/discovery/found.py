"""What discovery tells of a modem."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Port:
    """A tty: its device path, USB interface number and driver (as the kernel names it: ``option1``, ``cdc_acm``)."""

    path: str
    interface: int
    driver: str = ""


@dataclass(frozen=True, slots=True)
class FoundModem:
    """A modem that is plugged in now.

    ``usb_path`` is its place, as the kernel writes it: bus, then the port of each hub (``1-1.4.2``).
    ``family`` names the dialect; None: a serial adapter, behind which may be anything.
    ``at_port`` is None while the modem shows no AT port: it is a disc still (``mode_switch``), its driver is not there
    yet or does not know it; ``problem`` says so and what to do, when there is more to do than to wait.
    ``alsa_card`` is the number of its sound card, for voice over USB Audio.
    ``devnum`` changes with each plugging: another number, another attachment, and the IMEI has to be asked again.
    ``serial`` is what the device says; clones share one, so it identifies nothing.
    """

    usb_path: str
    vid: int
    pid: int
    family: str | None
    model: str = ""
    at_port: str | None = None
    pcm_port: str | None = None
    alsa_card: int | None = None
    serial: str = ""
    mode_switch: bool = False
    ports: tuple[Port, ...] = ()
    problem: str | None = None
    devnum: int = 0

    @property
    def usb_id(self) -> str:
        """As lsusb writes it: ``2c7c:0125``."""
        return f"{self.vid:04x}:{self.pid:04x}"
