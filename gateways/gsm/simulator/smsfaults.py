"""What can go wrong with SMS and USSD in one modem, on demand: the kinds are part of `faults.KINDS`.

sms_busy           the next n message commands fail with this +CMS ERROR     {error: 314, count: 1}
sms_answer_lost    the next n messages are sent, and nothing is answered     {count: 1}
sms_false_error    the next n messages are sent, and +CMS ERROR is answered  {error: 500, count: 1}
sms_slow           sending a message takes so long                           {seconds: 35}
sms_full           no message can be stored                                  {}
cmti_burst         +CMTI is held back until n can come in one frame          {count: 2}
cmti_repeat        each +CMTI comes twice                                    {}
sms_urc_inside     a URC line between a message's header and its PDU         {line}
ussd_silent        the modem never tells what the network answers            {}
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .faultkinds import Kind

if TYPE_CHECKING:
    from .modem import Modem


@dataclass
class SmsFaults:
    """`busy`, `false_errors`, `lost_answers`: how many are still to come; `…_error`: their +CMS ERROR."""

    busy: int = 0
    busy_error: int = 314
    lost_answers: int = 0
    false_errors: int = 0
    false_error: int = 500
    slow: float = 0.0
    full: bool = False
    burst: int = 1
    repeat: bool = False
    urc_inside: str = ""
    ussd_silent: bool = False

    def take(self, counter: str) -> bool:
        """One less of `counter`; False when none was left."""
        left: int = getattr(self, counter)
        setattr(self, counter, max(0, left - 1))
        return left > 0


def _kind(**options: tuple[str, Any]) -> Kind:
    """Option name to (field, its value when not given); an option that starts with "_" cannot be given."""

    def begin(modem: "Modem", **given: Any) -> None:
        unknown = set(given) - {name for name in options if not name.startswith("_")}
        if unknown:
            raise TypeError(f"unknown: {', '.join(sorted(unknown))}")
        for name, (field, value) in options.items():
            setattr(modem.faults.sms, field, given.get(name, value))

    def end(modem: "Modem") -> None:
        fresh = SmsFaults()
        for field, _ in options.values():
            setattr(modem.faults.sms, field, getattr(fresh, field))

    return Kind(begin, end)


SMS_KINDS: dict[str, Kind] = {
    "sms_busy": _kind(count=("busy", 1), error=("busy_error", 314)),
    "sms_answer_lost": _kind(count=("lost_answers", 1)),
    "sms_false_error": _kind(count=("false_errors", 1), error=("false_error", 500)),
    "sms_slow": _kind(seconds=("slow", 35.0)),
    "sms_full": _kind(_on=("full", True)),
    "cmti_burst": _kind(count=("burst", 2)),
    "cmti_repeat": _kind(_on=("repeat", True)),
    "sms_urc_inside": _kind(line=("urc_inside", "^RSSI:18")),
    "ussd_silent": _kind(_on=("ussd_silent", True)),
}
