"""What can go wrong with one modem, on demand: set, ended and cured. The kinds are in faultkinds.py and smsfaults.py.

Every kind takes, besides its own options, `lasts` (seconds, then it ends by itself) and `cured_by`: the step of a
recovery ladder that ends it ("cfun", "creset", "reauthorise", "power"; power.py says which step cures which). Without
a cure a fault outlives every restart, until `clear`.
"""

from dataclasses import dataclass, field, fields
from random import choices
from typing import TYPE_CHECKING, Any

from .faultkinds import KINDS as MODEM_KINDS
from .smsfaults import SMS_KINDS, SmsFaults

if TYPE_CHECKING:
    from .modem import Modem

KINDS = MODEM_KINDS | SMS_KINDS
STEPS = ("cfun", "creset", "reauthorise", "power")

__all__ = ["KINDS", "STEPS", "FaultError", "Faults", "apply", "clear", "heal"]


@dataclass(frozen=True, eq=False)
class Active:
    """One fault at work, and the step that cures it ("": only `clear`)."""

    cured_by: str


@dataclass
class Faults:
    """The faults as those that they touch ask for them. `active`: the kinds at work."""

    error: bool = False
    garbage: bool = False
    deaf: bool = False
    hung: bool = False
    away: bool = False
    force_echo: bool = False
    junk: bytes = b""
    urc_before: str = ""
    urc_after: str = ""
    missing_results: int = 0
    missing_ends: int = 0
    duplicate_end: bool = False
    clip_delay: float = 0.0
    false_answer: bool = False
    phantom_data_call: bool = False
    sim_busy: bool = False
    sms: SmsFaults = field(default_factory=SmsFaults)
    audio_degraded: bool = False
    active: dict[str, Active] = field(default_factory=dict)

    def instead_of_answer(self) -> bytes | None:
        """What to send in place of running a command line, or None to run it."""
        if self.error:
            return b"\r\nERROR\r\n"
        if self.garbage:
            return bytes(choices(range(0x80, 0x100), k=24))  # noqa: S311 - noise on a line
        return None

    def swallows_result(self) -> bool:
        if self.missing_results <= 0:
            return False
        self.missing_results -= 1
        return True

    def times_to_say_the_end(self) -> int:
        """How often the end of this call is said: once, twice or never."""
        if self.missing_ends > 0:
            self.missing_ends -= 1
            return 0
        return 2 if self.duplicate_end else 1

    def cures(self) -> set[str]:
        """The steps that would end something."""
        return {one.cured_by for one in self.active.values()}

    def default(self, name: str) -> None:
        """Put one field back."""
        setattr(self, name, next(one.default for one in fields(self) if one.name == name))


class FaultError(ValueError):
    """No such fault, or options it does not know."""


def apply(
    modem: "Modem", kind: str, /, *, lasts: float | None = None, cured_by: str | None = None, **options: Any
) -> None:
    """Set one fault. FaultError when the kind or an option is unknown."""
    if kind not in KINDS:
        raise FaultError(f"no fault {kind!r}; there are {', '.join(KINDS)}")
    if cured_by not in {None, *STEPS}:
        raise FaultError(f"{kind}: cured_by is one of {', '.join(STEPS)}, not {cured_by!r}")
    what = KINDS[kind]
    before = modem.visible_stat
    try:
        what.begin(modem, **options)
    except (TypeError, ValueError) as error:
        raise FaultError(f"{kind}: {error}") from error
    if what.end is not None:
        active = modem.faults.active[kind] = Active(what.cured_by if cured_by is None else cured_by)
        if lasts is not None:
            modem.scheduler.after(lasts, lambda: _expire(modem, kind, active))
    _announce(modem, before)


def clear(modem: "Modem", kind: str | None = None) -> None:
    """End one fault, or all: the ports are back, the SIM in, the network found. Nothing when it is not set."""
    before = modem.visible_stat
    for one in [kind] if kind is not None else list(modem.faults.active):
        if modem.faults.active.pop(one, None) is not None:
            end = KINDS[one].end
            assert end is not None
            end(modem)
    _announce(modem, before)


def heal(modem: "Modem", steps: set[str]) -> None:
    """End the faults that one of these steps cures."""
    for kind, active in list(modem.faults.active.items()):
        if active.cured_by in steps:
            clear(modem, kind)


def _expire(modem: "Modem", kind: str, active: Active) -> None:
    """Its time is over, unless it ended before and the kind was set anew."""
    if modem.faults.active.get(kind) is active:
        clear(modem, kind)


def _announce(modem: "Modem", before: int) -> None:
    if modem.visible_stat != before:
        modem.radio_changed()
