"""Puts the store's description into force: the drivers' options, their modules, DAHDI's configuration.

In this order, and undone from the point where it fails: modprobe.d, modules, numbers for spans, dynamic spans (of
tests), system.conf tried by ``dahdi_cfg -t``, system.conf in its place, ``dahdi_cfg``, a look whether it took.
"""

from __future__ import annotations

import difflib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from appliance.pstn_drivers import DRIVERS
from gateways.pstn.config import cards
from gateways.pstn.config.described import Described, described
from gateways.pstn.config.modprobe import modprobe_conf, modules
from gateways.pstn.config.resolve import Resolved, resolve
from gateways.pstn.config.scan import Hardware, scan
from gateways.pstn.config.systemconf import dynamic_lines, system_conf
from gateways.pstn.config.tools import ApplyError, Machine, ProgramError, alone, read, replace
from gateways.pstn.config.wanted import wanted

__all__ = ["Applied", "ApplyError", "Machine", "apply", "difference"]


@dataclass(frozen=True)
class Applied:
    """What was done, a line each; ``changed`` False: all was in force already."""

    changed: bool
    lines: list[str]


def apply(session: Session, *, force: bool = False, dry_run: bool = False, machine: Machine | None = None) -> Applied:
    """Do it. ``force``: also when channels are open, whose calls end; ``dry_run``: only tell what would be written.

    Raises ApplyError; then all is as it was before.
    """
    machine = machine or Machine()
    rows = described(session)
    if not rows.cards:
        return Applied(False, ["nothing to change: no card is described as [[pstn_card]]"])
    if dry_run:
        return _difference(rows, machine)
    with alone(machine.system_conf):
        return _Run(rows, machine, force).run()


def difference(found: Resolved, machine: Machine) -> list[str]:
    """What of the files and channels is not as described, a line each; the files' lines as in a unified diff."""
    lines = []
    for path, text in (
        (machine.modprobe_conf, modprobe_conf(found.described)),
        (machine.system_conf, system_conf(found)),
    ):
        present = (read(path) or "").splitlines()
        lines += list(difflib.unified_diff(present, text.splitlines(), str(path), str(path), lineterm="", n=0))
    return lines + [f"channel {number} is not configured" for number in _undone(found)]


def _difference(rows: Described, machine: Machine) -> Applied:
    found = resolve(rows, scan(machine.root))
    lines = difference(found, machine)
    return Applied(bool(lines), [*(lines or ["nothing to change"]), *_left_out(found)])


def _undone(found: Resolved) -> list[int]:
    """Channels that the kernel has otherwise, and those of spans whose framing was never set."""
    numbers = [one.channel.number for one in wanted(found) if not one.done]
    for span in found.spans.values():
        if span.span.kind != "dynamic" and not span.span.framing:
            numbers += [channel.number for channel in span.bearers.values()]
    return sorted(set(numbers))


def _left_out(found: Resolved) -> list[str]:
    return [f"left out: {reason}" for reason in dict.fromkeys(found.problems.values())]


class _Run:
    """One run, with what is to be put back if it fails."""

    def __init__(self, rows: Described, machine: Machine, force: bool) -> None:
        self._rows = rows
        self._machine = machine
        self._force = force
        self._remarks: list[str] = []
        self._stale = False  # a driver was loaded before its options were written
        self._had = {path: read(path) for path in (machine.modprobe_conf, machine.system_conf)}

    def run(self) -> Applied:
        options = modprobe_conf(self._rows)
        try:
            fresh = self._write(self._machine.modprobe_conf, options)
            self._load()
            found = self._look()
            text = system_conf(found)
            if self._had[self._machine.system_conf] == text and not _undone(found):
                done = self._later(fresh) or ["nothing to change"]
                return Applied(fresh, [*done, *self._remarks, *_left_out(found)])
            self._refuse_busy(found.hardware)
            self._configure(text)
        except ApplyError:
            self._restore(self._machine.modprobe_conf)
            raise
        return Applied(True, [*self._told(fresh, found), *self._remarks, *_left_out(found)])

    def _write(self, path: Path, text: str) -> bool:
        if self._had[path] == text:
            return False
        replace(path, text)
        return True

    def _restore(self, path: Path) -> None:
        if read(path) != self._had[path]:
            replace(path, self._had[path])

    def _load(self) -> None:
        """Without DAHDI nothing goes; without the driver of one card the others do."""
        for module in modules(self._rows):
            if (self._machine.root / "sys/module" / module).is_dir():
                self._stale |= module in DRIVERS and not DRIVERS[module].dynamic
                continue
            try:
                self._machine.load(module)
            except ProgramError as error:
                reason = f"module {module} can't be loaded: {_module_cure(str(error), self._scan())}"
                if module == "dahdi":
                    raise ApplyError(reason) from None
                self._remarks.append(reason)
        numbering = self._machine.root / "sys/module/dahdi/parameters/auto_assign_spans"
        if read(numbering) == "0\n":  # it was loaded before our options were there
            self._tell_kernel(numbering)

    def _scan(self) -> Hardware:
        return scan(self._machine.root)

    def _look(self) -> Resolved:
        """See what is there, after spans have got numbers and dynamic ones were made."""
        hardware = self._scan()
        for card in hardware.cards:
            if card.span_count > len(card.spans):
                self._tell_kernel(self._machine.root / "sys/bus/dahdi_devices/devices" / card.place / "auto_assign")
        if any(DRIVERS[row.driver].dynamic and row.name not in cards.find([row], hardware) for row in self._rows.cards):
            self._refuse_busy(hardware)
            with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
                file.write("\n".join([*dynamic_lines(self._rows), ""]))
                file.flush()
                self._try("-c", file.name)
        return resolve(self._rows, self._scan())

    def _tell_kernel(self, file: Path) -> None:
        try:
            file.write_text("1")
        except OSError as error:
            raise ApplyError(f"{file} can't be written: {error.strerror}; run it as root") from None

    def _refuse_busy(self, hardware: Hardware) -> None:
        mine = cards.find(self._rows.cards, hardware).values()
        channels = [one for card in mine for span in card.spans for one in span.channels]
        used = sum(one.in_use for one in channels)
        if used and not self._force:
            raise ApplyError(
                f"{used} of {len(channels)} channels are open: stop the gateway (`systemctl stop callfloor-pstn`), or"
                " give --force, which may end their calls",
                busy=True,
            )

    def _configure(self, text: str) -> None:
        """Try the file, put it in its place and have it carried out; else the one before is in force again."""
        path = self._machine.system_conf
        try:
            self._carry_out(text, "-t")
            replace(path, text)
            self._carry_out(text)
            self._took()
        except ApplyError as error:
            raise ApplyError(f"{error}{self._back(path, text)}", busy=error.busy) from None

    def _carry_out(self, text: str, *options: str) -> None:
        """Give it to dahdi_cfg, which would make dynamic spans anew, with other numbers: these are there already."""
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.writelines(line for line in text.splitlines(keepends=True) if not line.startswith("dynamic="))
            file.flush()
            self._try(*options, "-c", file.name)

    def _try(self, *options: str) -> None:
        try:
            self._machine.configure(*options)
        except ProgramError as error:
            busy = "resource busy" in str(error) or "File exists" in str(error)
            why = " (a channel is open: `systemctl stop callfloor-pstn`)" if busy else ""
            raise ApplyError(f"dahdi_cfg: {error}{why}", busy=busy) from None

    def _took(self) -> None:
        left = _undone(resolve(self._rows, self._scan()))
        if left:
            raise ApplyError(f"dahdi_cfg ended well, but channel {left[0]} is not as described: `dmesg` may say why")

    def _back(self, path: Path, text: str) -> str:
        """Undo; return what is to be said of it."""
        before = self._had[path]
        if read(path) != text or before == text:
            return "; system.conf is as it was"
        replace(path, before)
        if before is None:
            return "; the new system.conf was removed"
        try:
            self._carry_out(before)
        except ApplyError as error:
            return f"; the system.conf of before is in its place, but dahdi_cfg does not take it either: {error}"
        return "; the configuration of before is in force again"

    def _told(self, fresh: bool, found: Resolved) -> list[str]:
        count = sum(1 for _ in wanted(found))
        return [f"{count} channels configured, as in {self._machine.system_conf}", *self._later(fresh)]

    def _later(self, fresh: bool) -> list[str]:
        if not fresh:
            return []
        stale = "reboot: drivers take over options when they are loaded"
        when = stale if self._stale else "the drivers were loaded with it"
        return [f"{self._machine.modprobe_conf} written; {when}"]


def _module_cure(said: str, hardware: Hardware) -> str:
    if "Key was rejected" in said or "Required key not available" in said:
        return "Secure Boot wants it signed: `mokutil --import /var/lib/dkms/mok.pub`, reboot and enrol the key"
    if not hardware.built:
        return cards.driver_problem(hardware) or said
    if "not found" in said:
        return "this version of DAHDI has no such driver: see docs/installer.md, PSTN cards"
    return f"{said}; `dmesg | tail` may say more"
