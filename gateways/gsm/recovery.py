"""How long to wait for a modem, and what to tell people of one that fails: pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateways.gsm.atcommand import Finished
from gateways.gsm.ladder import Pace


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds, for the whole of a line's recovery; tests shorten them."""

    pace: Pace = field(default_factory=Pace)
    settle: float = 0.2  # what an ESC that ends a message's prompt brings forth must not answer our first command
    probe: float = 1.0  # one AT during bring-up
    probes: int = 15  # a modem that has just been plugged in takes some 12 s to boot
    sim_retry: float = 10.0
    sim_busy_retry: float = 2.0
    registration_poll: float = 5.0  # while there is no network
    signal_poll: float = 30.0
    setup_poll: float = 1.0  # AT+CLCC while a call is not answered: some modems tell of an answer in no other way
    call_poll: float = 3.0  # the same while there is a call
    hang_up_retry: float = 1.0


def no_answer(device: str, heard: int) -> str:
    """Return why a modem is out of service that does not answer AT; ``heard``: bytes that came though."""
    if heard:
        return (
            f"{device} sends {heard} bytes that are no answer to AT: "
            "check that at_port is the modem's AT port, or power the modem off and on"
        )
    return f"{device} does not answer AT: power the modem off and on, or check that at_port is its AT port"


def refused(command: str, answer: str, purpose: str) -> str:
    """Return why a modem is out of service that refuses a setting."""
    return f"the modem answers {answer} to {command} ({purpose}): power it off and on, or update its firmware"


def other_modem(found: str, wanted: str) -> str:
    """Return why a line is out of service in whose place another modem is."""
    return f"the modem here has IMEI {found}, not {wanted}: plug the right one in, or give the line the new IMEI"


def disobeys(answer: Finished) -> str | None:
    """Return why a modem is of no use that refuses a bare AT, None where it does not."""
    return refused("AT", str(answer.final), "it obeys no command") if answer.final.kind == "ERROR" else None


def stuck_call() -> str:
    return "the modem has a call that it does not hang up: power it off and on"
