"""Which of the modems that are plugged in is which configured line: pure.

A modem is its IMEI: once that was read (AT+CGSN, 3GPP TS 27.007 §5.4), its line follows it to any port. Until then the
port says which line it probably is, and the line asks for the IMEI first. A port at which another modem turns up than
the line's is not given to the line by itself: the SIM in it may be another too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gateways.gsm.discovery.found import FoundModem

Ground = Literal["imei", "path"]


@dataclass(frozen=True, slots=True)
class LineKey:
    """How the store knows a line's modem: by IMEI, by USB path, or both."""

    name: str
    imei: str | None = None
    usb_path: str | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """``ground`` ``path``: not verified yet; read the IMEI before the line serves, and bind again."""

    modem: FoundModem
    ground: Ground


@dataclass(frozen=True, slots=True)
class Proposal:
    """A modem without a line, and the line to make of it; ``imei`` None: ask it first."""

    name: str
    modem: FoundModem
    imei: str | None


@dataclass(slots=True)
class Bindings:
    """``lines``: name → modem. ``absent``: name → why there is none. ``clashes``: sentences with what to do."""

    lines: dict[str, Bound] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    proposals: list[Proposal] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)


def bind(lines: Sequence[LineKey], found: Sequence[FoundModem], imeis: Mapping[str, str]) -> Bindings:
    """Match lines and modems. ``imeis``: USB path → IMEI read from the modem that is there now."""
    result = Bindings()
    result.clashes += _twice(lines, found, imeis)
    here = {modem.usb_path: modem for modem in found}
    for line in lines:
        _by_imei(line, here, imeis, result)
    taken = {bound.modem.usb_path for bound in result.lines.values()}
    for line in lines:
        if line.name not in result.lines:
            _by_path(line, lines, {path: modem for path, modem in here.items() if path not in taken}, imeis, result)
            if line.name in result.lines:
                taken.add(result.lines[line.name].modem.usb_path)
    spare = [modem for modem in found if modem.usb_path not in taken and modem.family is not None]
    names = _free_names({line.name for line in lines})
    result.proposals = [Proposal(next(names), modem, imeis.get(modem.usb_path)) for modem in spare]
    return result


def _by_imei(line: LineKey, here: Mapping[str, FoundModem], imeis: Mapping[str, str], result: Bindings) -> None:
    if line.imei is None:
        return
    taken = {bound.modem.usb_path for bound in result.lines.values()}
    places = [path for path, imei in imeis.items() if imei == line.imei and path in here and path not in taken]
    if places:  # clones: the one in the line's own port
        place = line.usb_path if line.usb_path in places else min(places)
        result.lines[line.name] = Bound(here[place], "imei")


def _by_path(
    line: LineKey,
    lines: Sequence[LineKey],
    free: Mapping[str, FoundModem],
    imeis: Mapping[str, str],
    result: Bindings,
) -> None:
    modem = free.get(line.usb_path or "")
    if modem is None:
        result.absent[line.name] = _missing(line)
        return
    imei = imeis.get(modem.usb_path)
    if imei is None:
        result.lines[line.name] = Bound(modem, "path")
    elif line.imei is not None:
        text = (
            f"{line.name} is the modem with IMEI {line.imei}, but at {modem.usb_path} there is {imei}: "
            "plug the right one in, or give the line the new IMEI"
        )
        result.absent[line.name] = text
        result.clashes.append(text)
    elif any(other.imei == imei for other in lines):
        result.absent[line.name] = f"the modem at {modem.usb_path} (IMEI {imei}) is another line's: plug in this one's"
    else:
        result.lines[line.name] = Bound(modem, "imei")


def _missing(line: LineKey) -> str:
    if line.imei and line.usb_path:
        return f"the modem with IMEI {line.imei} is not plugged in (it was at USB {line.usb_path}): plug it in"
    if line.imei:
        return f"the modem with IMEI {line.imei} is not plugged in, or has not told its IMEI yet: plug it in"
    if line.usb_path:
        return f"no modem at USB {line.usb_path}: plug it in there"
    return "neither imei nor usb_path is set: set one of them (see the proposals)"


def _twice(lines: Sequence[LineKey], found: Sequence[FoundModem], imeis: Mapping[str, str]) -> list[str]:
    """Return what says the same of two things."""
    clashes = []
    for imei in _repeated(line.imei for line in lines):
        names = ", ".join(line.name for line in lines if line.imei == imei)
        clashes.append(f"{names} have the same IMEI {imei}: correct all but one")
    for path in _repeated(line.usb_path for line in lines):
        names = ", ".join(line.name for line in lines if line.usb_path == path)
        clashes.append(f"{names} have the same USB path {path}: correct all but one")
    present = {modem.usb_path for modem in found}
    for imei in _repeated(imei for path, imei in imeis.items() if path in present):
        places = ", ".join(sorted(path for path, one in imeis.items() if one == imei and path in present))
        clashes.append(f"the modems at {places} have the same IMEI {imei}: keep one, networks bar clones")
    return clashes


def _repeated(values: Iterable[str | None]) -> list[str]:
    return sorted(value for value, count in Counter(v for v in values if v).items() if count > 1)


def _free_names(taken: set[str]) -> Iterator[str]:
    return (name for n in range(1, 10_000) if (name := f"gsm-{n}") not in taken)
