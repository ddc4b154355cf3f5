"""The kinds of faults: what each does when it begins, and what ends it.

error               every command line is answered ERROR                        {}
garbage             every command line is answered with bytes that are no text  {}
silence             the AT port neither hears nor speaks                        {}
hang                the modem answers nothing and its audio stops               {} cured by "reauthorise"
reboot              it restarts by itself, in mid-call too                      {}
vanish              both ports go, and come back under other device names       {seconds: null = stay away, power: true,
                                                                                 path: null = the same USB path}
urc_inside          a URC line before or after the information response         {line: the family's, where: "after"}
split               output comes a few bytes at a time                          {size: 1}
glue                output is held back and comes in one read                   {seconds: 0.05}
echo                commands are echoed whatever ATE says                       {}
junk                bytes that are no text before all that is said              {hex: "fffe80"}
late_clip           +CLIP comes that long after RING                            {seconds: 0.3}
missing_ok          the next n final result codes are lost                      {count: 1}
missing_end         the next n calls end without a word                         {count: 1}
duplicate_end       the end of a call is said twice                             {}
no_carrier_storm    NO CARRIER again and again, without a call                  {count: 50, interval: 0.0}
false_answer        the modem says "answered" when the far end only rings       {}
phantom_data_call   +CLCC lists the LTE bearer first                            {}
qpcmv_pause         +QPCMV: 0,0, nothing is taken from the host, +QPCMV: 1,0    {seconds: 0.5}
pcm_pause           the same without a word, for all families                   {seconds: 0.5}
audio_degraded      nothing is taken from the host; AT+CPCMREG=1 needs retries  {} cured by "creset"
registration        the registration state of +CREG; calls go on                {stat: 0}
coverage            no network: calls end, +CREG and +CSQ say so                {stat: 2}
signal              the RSSI of +CSQ                                            {rssi: 99}
sim                 the SIM is out (present: false) or back                     {present: false}
sim_busy            whatever needs the SIM is answered with CME 14              {}

Those of messages and USSD are in smsfaults.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .modem import Modem


@dataclass(frozen=True)
class Kind:
    """`end` None: it is over at once, or ends by itself."""

    begin: Callable[..., None]
    end: Callable[["Modem"], None] | None = None
    cured_by: str = ""


def _vanish(modem: "Modem", seconds: float | None = None, power: bool = True, path: str | None = None) -> None:
    modem.faults.away = seconds is None
    modem.power.unplug(power, seconds)
    if path is not None:
        modem.usb.path = path


def _return(modem: "Modem") -> None:
    modem.faults.away = False
    modem.power.replug()


def _reboot(modem: "Modem") -> None:
    modem.power.restart("cfun", after=0)


def _qpcmv_pause(modem: "Modem", seconds: float = 0.5) -> None:
    modem.usb.pause_pcm("qpcmv", True)
    modem.say("+QPCMV: 0,0")
    modem.scheduler.after(seconds, lambda: _resume(modem))


def _resume(modem: "Modem") -> None:
    modem.usb.pause_pcm("qpcmv", False)
    if modem.usb.at.plugged:
        modem.say("+QPCMV: 1,0")


def _pcm_pause(modem: "Modem", seconds: float = 0.5) -> None:
    modem.usb.pause_pcm("pause", True)
    modem.scheduler.after(seconds, lambda: modem.usb.pause_pcm("pause", False))


def _degraded(modem: "Modem", on: bool) -> None:
    modem.faults.audio_degraded = on
    modem.usb.pause_pcm("degraded", on)


def _hang(modem: "Modem", on: bool) -> None:
    modem.faults.deaf = modem.faults.hung = on


def _urc_inside(modem: "Modem", line: str | None = None, where: str = "after") -> None:
    if where not in {"before", "after"}:
        raise ValueError(f"where: {where!r}")
    setattr(modem.faults, f"urc_{where}", modem.urc.stray if line is None else line)


def _no_urc_inside(modem: "Modem") -> None:
    modem.faults.urc_before = modem.faults.urc_after = ""


def _split(modem: "Modem", size: int = 1) -> None:
    modem.output.chunk = size


def _glue(modem: "Modem", seconds: float = 0.05) -> None:
    modem.output.glue = seconds


def _junk(modem: "Modem", hex: str = "fffe80") -> None:  # noqa: A002 - the option's name on the control socket
    modem.faults.junk = bytes.fromhex(hex)


def _storm(modem: "Modem", count: int = 50, interval: float = 0.0) -> None:
    for number in range(count):
        modem.scheduler.after(number * interval, lambda: modem.at.result("NO CARRIER"))


def _registration(modem: "Modem", stat: int = 0) -> None:
    modem.stat = stat


def _coverage(modem: "Modem", stat: int = 2) -> None:
    _registration(modem, stat)
    _signal(modem)
    modem.scheduler.after(modem.network.timing.radio_loss, modem.drop_calls)


def _covered(modem: "Modem") -> None:
    _registration(modem, 1)
    _signal(modem, 23)


def _signal(modem: "Modem", rssi: int = 99) -> None:
    modem.csq = rssi
    modem.urc.signal()


def _sim(modem: "Modem", present: bool = False) -> None:
    modem.sim_present = present
    modem.urc.sim(present)


def _field(name: str, value: object, option: str | None = None) -> Kind:
    """A fault that is one field of `Faults`; `option` names the field's value in the request."""

    def begin(modem: "Modem", **options: Any) -> None:
        given = options.pop(option, value) if option else value
        if options:
            raise TypeError(f"unknown: {', '.join(options)}")
        setattr(modem.faults, name, given)

    return Kind(begin, lambda modem: modem.faults.default(name))


def _switch(work: Callable[["Modem", bool], None], cured_by: str) -> Kind:
    """A fault without options that is on or off."""

    def begin(modem: "Modem") -> None:
        work(modem, True)

    return Kind(begin, lambda modem: work(modem, False), cured_by)


KINDS: dict[str, Kind] = {
    "error": _field("error", True),
    "garbage": _field("garbage", True),
    "silence": _field("deaf", True),
    "hang": _switch(_hang, "reauthorise"),
    "reboot": Kind(_reboot),
    "vanish": Kind(_vanish, _return),
    "urc_inside": Kind(_urc_inside, _no_urc_inside),
    "split": Kind(_split, lambda modem: _split(modem, 0)),
    "glue": Kind(_glue, lambda modem: _glue(modem, 0.0)),
    "echo": _field("force_echo", True),
    "junk": Kind(_junk, lambda modem: _junk(modem, "")),
    "late_clip": _field("clip_delay", 0.3, "seconds"),
    "missing_ok": _field("missing_results", 1, "count"),
    "missing_end": _field("missing_ends", 1, "count"),
    "duplicate_end": _field("duplicate_end", True),
    "no_carrier_storm": Kind(_storm),
    "false_answer": _field("false_answer", True),
    "phantom_data_call": _field("phantom_data_call", True),
    "qpcmv_pause": Kind(_qpcmv_pause),
    "pcm_pause": Kind(_pcm_pause),
    "audio_degraded": _switch(_degraded, "creset"),
    "registration": Kind(_registration, lambda modem: _registration(modem, 1)),
    "coverage": Kind(_coverage, _covered),
    "signal": Kind(_signal, lambda modem: _signal(modem, 23)),
    "sim": Kind(_sim, lambda modem: _sim(modem, True)),
    "sim_busy": _field("sim_busy", True),
}
