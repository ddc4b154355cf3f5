"""The machine: Python, memory, clock, disk, sound."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil

from appliance.doctor.finding import Finding, fail, ok, warn

GIB = 1 << 30
RECORDING_BYTES_A_SECOND = 8000 * 2 * 2  # 8 kHz, 16 bit, caller and agent
LEAST_DISK, ENOUGH_DISK = 1 * GIB, 10 * GIB
LEAST_MEMORY, ENOUGH_MEMORY = GIB // 4, GIB
CARDS = Path("/proc/asound/cards")
STA_UNSYNC = 0x40  # adjtimex(2)


class _Timex(ctypes.Structure):
    """The beginning of ``struct timex`` (adjtimex(2)); the rest is room for the kernel to fill."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """At least 3.11."""
    found = ".".join(map(str, version))
    if version < (3, 11):
        return fail("python", found, "install Python 3.11 or later: `apt install python3` on Debian 12 or 13")
    return ok("python", f"{found} at {sys.executable}")


def memory(available: int | None = None) -> Finding:
    """Memory that programs can still get, in bytes."""
    free = psutil.virtual_memory().available if available is None else available
    text = f"{free / GIB:.1f} GiB available"
    if free < LEAST_MEMORY:
        return fail(
            "memory", text, "end other programs or fit more memory; `ps aux --sort=-rss | head` shows who has it"
        )
    if free < ENOUGH_MEMORY:
        return warn("memory", text, "1 GiB is enough for 500 calls; `ps aux --sort=-rss | head` shows who has the rest")
    return ok("memory", text)


def clock(now: datetime | None = None, synchronised: bool | None = None) -> Finding:
    """Ledger and reports are worth what the clock is worth."""
    now = now or datetime.now(UTC)
    text = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if not 2025 <= now.year < 2100:
        return fail("clock", text, "the year is wrong: `timedatectl set-time …`, and change the board's battery")
    if not (clock_synchronised() if synchronised is None else synchronised):
        return warn(
            "clock", f"{text}, not synchronised", "`timedatectl set-ntp true`, or point chrony at your NTP server"
        )
    return ok("clock", f"{text}, synchronised")


def clock_synchronised() -> bool:
    """Ask the kernel whether something disciplines its clock (adjtimex(2)); needs neither systemd nor root."""
    timex = _Timex()
    result = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    return result >= 0 and not timex.status & STA_UNSYNC


def disk(about: str, folder: Path, free: int | None = None) -> Finding:
    """Room and right to write at a folder; ``free`` in bytes is for tests of small disks."""
    if not folder.is_dir():
        return fail(
            about, f"{folder} doesn't exist", f"`make setup`, or `install -d {folder}` owned by the services' user"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        return fail(
            about, f"{folder} can't be written", f"see `ls -ld {folder}` and `findmnt -T {folder}`: owner, read-only"
        )
    free = shutil.disk_usage(folder).free if free is None else free
    hours = free / (RECORDING_BYTES_A_SECOND * 3600)
    text = f"{free / GIB:.1f} GiB free at {folder}: {hours:.0f} hours of recorded calls"
    if free < LEAST_DISK:
        return fail(about, text, "free space or move `paths.recordings` to a bigger disk")
    if free < ENOUGH_DISK:
        return warn(about, text, "at 10 agents this is little: watch it, or move `paths.recordings` to a bigger disk")
    return ok(about, text)


def sound(cards: Path = CARDS) -> Finding:
    """Sound cards; only gateways with ALSA audio need one."""
    try:
        lines = [line.strip() for line in cards.read_text().splitlines() if "]: " in line]
    except OSError:
        lines = []
    if not lines:
        return ok("sound", "no sound card; none is needed for modems with audio on their serial port")
    return ok("sound", "; ".join(line.split("]: ", 1)[1] for line in lines))
