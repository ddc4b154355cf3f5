"""A stand-in for the kernel's USB files, so that the gateway's ladder can re-authorise simulated modems.

The gateway runs in a mount namespace of its own in which ``/sys/bus`` and ``/sys/class/tty`` are folders of ours: there
it finds the USB path of a modem's tty and the file ``authorized``, and what it writes there is done to the modem. That
takes root; without it the gateway has no USB to reset, as on a machine with serial converters.
"""

from __future__ import annotations

import os
import shlex
import threading
from pathlib import Path

from gateways.gsm.simulator import Bank

EVERY = 0.1  # seconds; the gateway leaves a device unauthorised for longer than that


def possible() -> bool:
    """May this process make mount namespaces?"""
    return os.geteuid() == 0


def namespaced(folder: Path, command: list[str]) -> list[str]:
    """Return the command that runs ``command`` with the folder's files in the kernel's place."""
    (folder / "tty").mkdir(parents=True, exist_ok=True)
    (folder / "devices").mkdir(exist_ok=True)
    devices, ttys = shlex.quote(str(folder / "devices")), shlex.quote(str(folder / "tty"))
    script = " && ".join(
        (
            "mount -t tmpfs none /sys/bus",
            "mkdir -p /sys/bus/usb/devices",
            f"mount --bind {devices} /sys/bus/usb/devices",
            f"mount --bind {ttys} /sys/class/tty",
            f"exec {shlex.join(command)}",
        )
    )
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script]


class UsbFiles:
    """Keeps the files like the bank, and resets the modems that are de-authorised."""

    def __init__(self, folder: Path, bank: Bank) -> None:
        self._folder = folder
        self._bank = bank
        self._ttys: dict[str, str] = {}  # line -> name of the tty it is at
        self._off: set[str] = set()
        self.resets = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="usb-files", daemon=True)

    def start(self) -> None:
        """Begin; the files are there when this returns."""
        self._follow()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            self._follow()
            self._obey()

    def _follow(self) -> None:
        bank = self._bank
        places = bank.loop.call(lambda: {name: modem.usb.where() for name, modem in bank.modems.items()})
        now = {line: Path(place["at"]).name for line, place in places.items() if place["plugged"]}
        for line, tty in self._ttys.items():
            if now.get(line) != tty and tty not in now.values():
                (self._folder / "tty" / tty / "device").unlink(missing_ok=True)
        for line, tty in now.items():
            if self._ttys.get(line) != tty:
                self._publish(line, tty, places[line]["path"])
        self._ttys = now

    def _publish(self, line: str, tty: str, path: str) -> None:
        device = self._folder / "devices" / path
        interface = device / f"{path}:1.2" / f"tty-{line}"
        interface.mkdir(parents=True, exist_ok=True)
        if not (device / "authorized").exists():
            (device / "authorized").write_text("1")
        link = self._folder / "tty" / tty / "device"
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(interface)

    def _obey(self) -> None:
        for line, modem in self._bank.modems.items():
            switch = self._folder / "devices" / modem.usb.path / "authorized"
            off = switch.exists() and switch.read_text() == "0"
            if off and line not in self._off:
                self.resets += 1
                self._bank.reauthorise(line)
            (self._off.add if off else self._off.discard)(line)
