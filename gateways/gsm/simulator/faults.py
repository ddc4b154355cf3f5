"""What can go wrong with one modem, on demand. Each kind is a function of `KINDS`; `clear` takes all faults away.

error               every command line is answered ERROR                        {}
garbage             every command line is answered with bytes that are no text  {}
silence             the AT port neither hears nor speaks                        {}
vanish              both ports go, and come back under other device names       {seconds: null = stay away, power: true}
urc_inside          a URC line before or after the information response         {line, where: "after"}
split               output comes a few bytes at a time                          {size: 1}
glue                output is held back and comes in one read                   {seconds: 0.05}
echo                commands are echoed whatever ATE says                       {}
late_clip           +CLIP comes that long after RING                            {seconds: 0.3}
missing_ok          the next n final result codes are lost                      {count: 1}
qpcmv_pause         +QPCMV: 0,0, nothing is taken from the host, +QPCMV: 1,0    {seconds: 0.5}
false_answer        the modem says "answered" when the far end only rings       {}
phantom_data_call   +CLCC lists the LTE bearer first                            {}
registration        the registration state of +CREG                             {stat: 0}
signal              the RSSI of +CSQ                                            {rssi: 99}
sim                 the SIM is out (present: false) or back                     {present: false}
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .modem import Modem

URC_INSIDE = '+QIND: "csq",23,99'


@dataclass
class Faults:
    """The faults that bend the AT dialogue; what they touch asks here."""

    error: bool = False
    garbage: bool = False
    deaf: bool = False
    force_echo: bool = False
    urc_before: str = ""
    urc_after: str = ""
    missing_results: int = 0
    clip_delay: float = 0.0
    false_answer: bool = False
    phantom_data_call: bool = False

    def instead_of_answer(self) -> bytes | None:
        """What to send in place of running a command line, or None to run it."""
        if self.error:
            return b"\r\nERROR\r\n"
        if self.garbage:
            return bytes(random.choices(range(0x80, 0x100), k=24))  # noqa: S311 - noise on a line
        return None

    def swallows_result(self) -> bool:
        if self.missing_results <= 0:
            return False
        self.missing_results -= 1
        return True

    def reset(self) -> None:
        for one in fields(self):
            setattr(self, one.name, one.default)


class FaultError(ValueError):
    """No such fault, or options it does not know."""


def _vanish(modem: "Modem", seconds: float | None = None, power: bool = True) -> None:
    modem.unplug(power, seconds)


def _qpcmv_pause(modem: "Modem", seconds: float = 0.5) -> None:
    modem.usb.pause_pcm(True)
    modem.say("+QPCMV: 0,0")
    modem.scheduler.after(seconds, lambda: _resume(modem))


def _resume(modem: "Modem") -> None:
    modem.usb.pause_pcm(False)
    if modem.usb.at.plugged:
        modem.say("+QPCMV: 1,0")


def _urc_inside(modem: "Modem", line: str = URC_INSIDE, where: str = "after") -> None:
    if where not in {"before", "after"}:
        raise TypeError(f"where: {where!r}")
    setattr(modem.faults, f"urc_{where}", line)


def _split(modem: "Modem", size: int = 1) -> None:
    modem.output.chunk = size


def _glue(modem: "Modem", seconds: float = 0.05) -> None:
    modem.output.glue = seconds


def _registration(modem: "Modem", stat: int = 0) -> None:
    modem.stat = stat
    modem.urc.registration()


def _signal(modem: "Modem", rssi: int = 99) -> None:
    modem.csq = rssi
    modem.urc.signal()


def _sim(modem: "Modem", present: bool = False) -> None:
    modem.sim_present = present
    modem.say("+CPIN: READY" if present else "+CPIN: NOT READY")
    modem.urc.registration()


def _setter(name: str, default: object, option: str | None = None) -> Callable[..., None]:
    """A fault that is one field of `Faults`; `option` names the field's value in the request."""

    def apply(modem: "Modem", **options: Any) -> None:
        value = options.pop(option, default) if option else default
        if options:
            raise TypeError(f"unknown: {', '.join(options)}")
        setattr(modem.faults, name, value)

    return apply


KINDS: dict[str, Callable[..., None]] = {
    "error": _setter("error", True),
    "garbage": _setter("garbage", True),
    "silence": _setter("deaf", True),
    "vanish": _vanish,
    "urc_inside": _urc_inside,
    "split": _split,
    "glue": _glue,
    "echo": _setter("force_echo", True),
    "late_clip": _setter("clip_delay", 0.3, "seconds"),
    "missing_ok": _setter("missing_results", 1, "count"),
    "qpcmv_pause": _qpcmv_pause,
    "false_answer": _setter("false_answer", True),
    "phantom_data_call": _setter("phantom_data_call", True),
    "registration": _registration,
    "signal": _signal,
    "sim": _sim,
}


def apply(modem: "Modem", kind: str, /, **options: Any) -> None:
    """Set one fault. FaultError when the kind or an option is unknown."""
    if kind not in KINDS:
        raise FaultError(f"no fault {kind!r}; there are {', '.join(KINDS)}")
    try:
        KINDS[kind](modem, **options)
    except TypeError as error:
        raise FaultError(f"{kind}: {error}") from error


def clear(modem: "Modem") -> None:
    """All faults away: the ports are back, the SIM in, the network found."""
    modem.faults.reset()
    modem.output.chunk, modem.output.glue = 0, 0.0
    modem.usb.pause_pcm(False)
    modem.sim_present = True
    modem.csq = 23
    if modem.stat != 1:
        _registration(modem, 1)
    modem.replug()
