"""A bare TS 27.007 modem: RING, +CLIP, NO CARRIER, and +CLCC for whoever asks. Its audio is wired to a sound card."""

from typing import TYPE_CHECKING

from ..answers import need_sim
from ..commandline import Command, Kind
from ..interpreter import CmeError
from ..usb import UsbIdentity
from .base import Traits

if TYPE_CHECKING:
    from ..modem import Modem

READ_BINARY, EF_ICCID = "176", str(0x2FE2)


def _crsm(modem: "Modem", command: Command) -> None:
    """AT+CRSM=<command>,<fileid>,<P1>,<P2>,<P3>: EF-ICCID alone may be read without a PIN (TS 31.102 §4.2.2)."""
    if command.kind is not Kind.SET or len(command.args) != 5:
        raise CmeError(50)
    need_sim(modem)
    if command.args[:4] != (READ_BINARY, EF_ICCID, "0", "0"):
        modem.say("+CRSM: 106,130")  # 6A 82: file not found (TS 102 221 §10.2.1.5)
        return
    padded = modem.identity.iccid + "F" * (len(modem.identity.iccid) % 2)
    octets = [padded[at + 1] + padded[at] for at in range(0, len(padded), 2)][: int(command.args[4])]
    modem.say(f'+CRSM: 144,0,"{"".join(octets)}"')


GENERIC = Traits(
    name="generic",
    family="generic",
    manufacturer="Generic",
    model="GSM Modem",
    revision="R1.0",
    usb=UsbIdentity("1199", "68a3", at=3),
    boot=("+CPIN: READY",),
    handlers={"+CRSM": _crsm},
    without=frozenset({"+CEREG", "+CTZU", "+CTZR"}),
)
