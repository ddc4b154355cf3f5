"""Alarms on spans that the kernel joins: what a cut or noisy cable would do to a card (DAHDI 3.1; 2.11 cannot).

    with alarm(3, "red"):            # our span 3 hears nothing: red there, and the far span hears of it: yellow
        ...
    with alarm(4, "red"): ...        # the exchange hears us no more: yellow on ours
    with alarm(3, "blue"): ...       # all ones come: somebody between us and the exchange has lost the signal
    with cut(3, 4): ...              # neither hears the other

Only the alarm is simulated: frames and audio still pass, so a test of a dead D channel must make that silent itself.
"""

from __future__ import annotations

import array
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Name = Literal["red", "yellow", "blue", "recovering", "none"]
BITS: dict[Name, int] = {"none": 0, "recovering": 1 << 0, "yellow": 1 << 2, "red": 1 << 3, "blue": 1 << 4}
"""DAHDI_ALARM_* of <dahdi/user.h>."""
_SIMULATE_ALARM = 0x40000000 | 8 << 16 | 0xDA << 8 | 82  # struct dahdi_simulate_alarm: span, alarms


def set_alarm(span: int, name: Name) -> None:
    """Raise an alarm on a span, or take it away. Raises OSError."""
    control = os.open("/dev/dahdi/ctl", os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.ioctl(control, _SIMULATE_ALARM, array.array("i", [span, BITS[name]]))
    finally:
        os.close(control)


@contextmanager
def alarm(span: int, name: Name) -> Iterator[None]:
    """Have an alarm for a with block."""
    set_alarm(span, name)
    try:
        yield
    finally:
        set_alarm(span, "none")


@contextmanager
def cut(one: int, other: int) -> Iterator[None]:
    """Have a cable cut for a with block."""
    with alarm(one, "red"), alarm(other, "red"):
        yield
