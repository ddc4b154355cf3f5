"""A modem's view of a call, and who a modem is."""

import time
from dataclasses import dataclass, field
from enum import IntEnum

from .network import Call, Cancellable


class Stat(IntEnum):
    """TS 27.007 §7.18: <stat> of +CLCC."""

    ACTIVE = 0
    HELD = 1
    DIALING = 2
    ALERTING = 3
    INCOMING = 4
    WAITING = 5


@dataclass(frozen=True)
class Identity:
    """What is printed on the modem and on its SIM. `number` is the SIM's own, international form.

    `family`: a name of families.TRAITS. `audio`: "tty" or "external", None as the family has it (an EC25 with USB
    audio is external). `usb_path`: where it is plugged ("1-1.4"), "" for the place in the bank.
    """

    name: str
    number: str
    imei: str
    imsi: str
    iccid: str
    pin: str | None = None
    family: str = "quectel"
    audio: str | None = None
    usb_path: str = ""


@dataclass(eq=False)
class Leg:
    """A call as this modem has it: `index`, `direction` (0 from us, 1 to us), `stat`, `number` as in +CLCC."""

    call: Call
    index: int
    direction: int
    stat: Stat
    number: str
    rings: int = 0
    timer: Cancellable | None = None
    connected_at: float | None = None  # time.monotonic()
    told: set[Stat] = field(default_factory=set)  # the states a family has said that are said once a call

    @property
    def toa(self) -> int:
        """Type of address, TS 24.008 §10.5.4.7: 145 international, 128 none (withheld), else 129."""
        return 145 if self.number.startswith("+") else 129 if self.number else 128

    @property
    def seconds(self) -> int:
        """How long it has been through, whole seconds; 0 when it never was."""
        return 0 if self.connected_at is None else int(time.monotonic() - self.connected_at)
