"""Handlers that only say something, for the command tables of all families."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .commandline import Command, Kind
from .interpreter import CmeError

if TYPE_CHECKING:
    from .modem import Handler, Modem

Text = Callable[["Modem"], str]


def says(text: str | Text) -> "Handler":
    """One line of information, whatever the kind of the command; a test command only OK."""

    def handler(modem: "Modem", command: Command) -> None:
        if command.kind is not Kind.TEST:
            modem.say(text if isinstance(text, str) else text(modem))

    return handler


def from_sim(text: Text) -> "Handler":
    """The same from the SIM: CME 10, 11 or 14 without one that is ready."""

    def handler(modem: "Modem", command: Command) -> None:
        if command.kind is not Kind.TEST:
            need_sim(modem)
            modem.say(text(modem))

    return handler


def need_sim(modem: "Modem") -> None:
    need_card(modem)
    if modem.pin_locked:
        raise CmeError(11)


def need_card(modem: "Modem") -> None:
    if not modem.sim_present:
        raise CmeError(10)
    if not modem.sim_up or modem.faults.sim_busy:
        raise CmeError(14)


def nothing(_modem: "Modem", _: Command) -> None:
    """Accepted, without effect here (&C, &D, &W, …)."""
