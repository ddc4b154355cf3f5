"""What went wrong at a DAHDI device, and what to do about it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MODULE = Path("/sys/module/dahdi")
MODULES = Path("/lib/modules")
DEVICES = Path("/dev/dahdi")
WHO_HAS_IT = "fuser -v /dev/dahdi/channel"


class DahdiError(OSError):
    """A call of the driver failed. ``str`` is one sentence with the cure; ``errno`` is the driver's."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(number, text)

    def __str__(self) -> str:
        return str(self.strerror)


@contextmanager
def told(what: str, cures: dict[int, str] | None = None) -> Iterator[None]:
    """Make an OSError in the block a DahdiError: ``what`` failed, and the cure of its errno if one is known."""
    try:
        yield
    except DahdiError:
        raise
    except OSError as error:
        number = error.errno or 0
        raise DahdiError(number, f"{what}: {_cure(number, cures or {})}") from error


def _cure(number: int, cures: dict[int, str]) -> str:
    usual = {
        errno.ENODEV: "its card or span is gone: look at `callfloor pstn scan`",
        errno.EACCES: "not permitted: the service's user must be in the group of /dev/dahdi/* (`ls -l /dev/dahdi`)",
        errno.EPERM: "not permitted: this needs root",
        errno.ENODATA: "no tone zone is loaded: name one by loadzone= in /etc/dahdi/system.conf and run `dahdi_cfg`",
    }
    return cures.get(number) or usual.get(number) or f"{os.strerror(number)} (errno {number})"


@contextmanager
def opening(device: str, cures: dict[int, str] | None = None) -> Iterator[None]:
    """Make an OSError of the opening of a device a DahdiError that says why it is not there."""
    missing = errno.ENOENT, errno.ENXIO, errno.ENODEV
    with told(device, {number: why_missing() for number in missing} | (cures or {})):
        yield


def why_missing(release: str | None = None) -> str:
    """Say why /dev/dahdi/* cannot be opened on this machine, and the command that helps."""
    release = release or os.uname().release
    if MODULE.exists():
        # The module alone makes channel, ctl and pseudo; a pseudo channel or timer needs something that ticks.
        if DEVICES.exists():
            return "DAHDI has no span that gives it a clock: look at `callfloor pstn scan`"
        return "the dahdi driver is loaded but /dev/dahdi is not there: run `udevadm trigger --subsystem-match=dahdi`"
    if any((MODULES / release).glob("updates/dkms/dahdi.ko*")) or any((MODULES / release).glob("**/dahdi/dahdi.ko*")):
        return "the dahdi driver is not loaded: run `modprobe dahdi`"
    return (
        f"the dahdi driver is not built for this kernel ({release}): run "
        f"`apt install dahdi-dkms linux-headers-{release} && dkms autoinstall -k {release} && modprobe dahdi`"
    )
