"""A modem is told of when it is complete, and its going at once."""

from __future__ import annotations

from gateways.gsm.discovery import FoundModem, Port
from gateways.gsm.discovery.settle import Settled


def modem(*interfaces: int, devnum: int = 1, usb_path: str = "1-1") -> FoundModem:
    ports = tuple(Port(f"/dev/ttyUSB{n}", n) for n in interfaces)
    at = "/dev/ttyUSB2" if 2 in interfaces else None
    return FoundModem(usb_path, 0x1E0E, 0x9001, "simcom", at_port=at, ports=ports, devnum=devnum)


def test_not_before_it_is_complete() -> None:
    settled = Settled(0.25)
    for step in range(5):
        now = 10 + step / 8
        assert settled.see([modem(*range(step))], now) == ()
        assert settled.deadline() == now + 0.25
    whole = modem(0, 1, 2, 3)
    assert settled.see([whole], 10.625) == ()
    assert settled.see([whole], 10.75) == (whole,)
    assert settled.deadline() is None


def test_gone_at_once() -> None:
    settled = Settled(0.0)
    settled.see([modem(0, 1, 2)], 0)
    settled.quiet = 0.25
    assert settled.see([], 1) == ()
    assert settled.deadline() is None


def test_one_that_loses_ports_is_untold_until_it_rests() -> None:
    settled = Settled(0.0)
    settled.see([modem(0, 1, 2)], 0)
    settled.quiet = 0.25
    assert settled.see([modem(0, 1)], 1) == ()
    assert settled.see([modem()], 1.125) == ()
    assert settled.see([modem()], 1.375) == (modem(),)


def test_one_that_grows_keeps_its_picture() -> None:
    settled = Settled(0.0)
    before, after = modem(0, 1, 2), modem(0, 1, 2, 3)
    settled.see([before], 0)
    settled.quiet = 0.25
    assert settled.see([after], 1) == (before,)
    assert settled.see([after], 1.25) == (after,)


def test_a_replug_between_two_looks_is_another_modem() -> None:
    settled = Settled(0.0)
    settled.see([modem(0, 1, 2)], 0)
    settled.quiet = 0.25
    again = modem(0, 1, 2, devnum=2)
    assert settled.see([again], 1) == ()
    assert settled.see([again], 1.25) == (again,)


def test_each_for_itself() -> None:
    settled = Settled(0.25)
    first, second = modem(0, 2, usb_path="1-1"), modem(0, 2, usb_path="1-2")
    settled.see([first], 0)
    assert settled.see([first, second], 0.25) == (first,)
    assert settled.deadline() == 0.5
    assert settled.see([first, second], 0.5) == (first, second)
