"""Discovery on a machine that umockdev makes up: real pyudev, libudev and code on a /sys of its own.

Runs under ``umockdev-wrapper`` (LD_PRELOAD). Reads one JSON command a line, prints one JSON object a line:
``{"modems": […]}`` at the start and on each change, ``{"done": op}`` after a command.
"""

from __future__ import annotations

import ctypes
import dataclasses
import json
import select
import sys
from pathlib import Path
from typing import Any

from gateways.gsm.discovery import FoundModem
from gateways.gsm.discovery.sysfs import Discovery
from gateways.loop import HardwareLoop

Row = list[Any]  # path, subsystem, properties


class Machine:
    """The made-up /sys, through libumockdev's C interface (umockdev.h)."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libumockdev.so.0")
        self._library.umockdev_testbed_new.restype = ctypes.c_void_p
        self._bed = ctypes.c_void_p(self._library.umockdev_testbed_new())
        self._library.umockdev_testbed_get_root_dir.restype = ctypes.c_void_p
        root = self._library.umockdev_testbed_get_root_dir(self._bed)
        self.root = Path(ctypes.string_at(root).decode())
        """Where its /dev and /sys are."""

    def add(self, row: Row) -> None:
        """Make a device; umockdev sends its ``add`` event."""
        path, subsystem, properties = row
        lines = [f"P: {path}", f"E: SUBSYSTEM={subsystem}", *(f"E: {key}={value}" for key, value in properties.items())]
        error = ctypes.c_void_p()
        text = "\n".join(lines) + "\n"
        if not self._library.umockdev_testbed_add_from_string(self._bed, text.encode(), ctypes.byref(error)):
            raise ValueError(f"umockdev refuses {text}")

    def event(self, path: str, action: str) -> None:
        self._library.umockdev_testbed_uevent(self._bed, f"/sys{path}".encode(), action.encode())

    def remove(self, path: str) -> None:
        """Take a device out of /sys; its children must have gone before."""
        self._library.umockdev_testbed_remove_device(self._bed, f"/sys{path}".encode())


def told(modems: list[FoundModem]) -> None:
    print(json.dumps({"modems": [dataclasses.asdict(modem) for modem in modems]}), flush=True)


def main() -> None:
    machine, loop = Machine(), HardwareLoop()
    discovery = Discovery(told, loop)
    told(discovery.snapshot())

    def command(_bits: int) -> None:
        nonlocal discovery
        line = sys.stdin.readline()
        if not line:
            loop.stop()
            return
        asked = json.loads(line)
        if asked["op"] == "plug":
            for row in asked["rows"]:
                machine.add(row)
        elif asked["op"] == "unplug":
            for path, *_ in asked["rows"]:
                machine.event(path, "remove")
                machine.remove(path)
        elif asked["op"] == "vanish":  # its events get lost
            for path, *_ in asked["rows"]:
                machine.remove(path)
        elif asked["op"] == "begin-anew":  # as a gateway that was restarted
            discovery.close()
            discovery = Discovery(told, loop)
            told(discovery.snapshot())
        print(json.dumps({"done": asked["op"]}), flush=True)

    loop.watch(sys.stdin.fileno(), select.EPOLLIN, command)
    loop.run()


if __name__ == "__main__":
    main()
