"""Described rows found in the machine; what is not there is told in one sentence with the cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateways.pstn.config.resolve import Resolved, resolve
from gateways.pstn.config.scan import scan
from tests.pstn.config.machine import BEARER, FXO, FXS, KERNEL, NO_MODULE, Machine
from tests.pstn.config.rows import rows

GOLDEN = Path(__file__).with_name("golden")
ANALOG = (GOLDEN / "analog.toml").read_text()
E1 = (GOLDEN / "e1.toml").read_text()
NFAS = (GOLDEN / "nfas.toml").read_text()
TE = 'card "te" (wcte13xp, pci:0000:05:00.0)'
A8A = 'card "analog" (wcaxx, A8A-1)'


def resolved(machine: Machine, text: str) -> Resolved:
    found = resolve(rows(text), scan(machine.root, KERNEL))
    assert all("\n" not in reason for reason in found.problems.values())
    return found


def test_ports_and_timeslots_become_channels(machine: Machine) -> None:
    machine.dahdi()
    machine.span(machine.card("0000:03:05.0", "wcaxx", "A8A-1"), 1, "FXO", [FXO] * 8)
    machine.span(machine.card("0000:05:00.0", "wcte13xp"), 1, "E1", [BEARER] * 31)
    found = resolved(machine, ANALOG + E1)
    assert found.problems == {}
    assert [(name, port.channel.number) for name, port in found.ports.items()] == [
        ("fxo-1", 1),
        ("fxo-2", 2),
        ("fxo-4", 4),
    ]
    span = found.spans["e1-1"]
    assert span.d is not None
    assert (span.span.number, span.d.number) == (2, 8 + 16)
    assert [channel.number for channel in span.bearers.values()] == [*range(9, 24), *range(25, 40)]
    assert list(span.bearers)[14:16] == [15, 17]


@pytest.mark.parametrize("place", ["A8A-1", "pci:0000:03:05.0", "PCI Bus 03 Slot 06"])
def test_a_card_is_known_by_serial_number_or_place(machine: Machine, place: str) -> None:
    machine.dahdi()
    machine.span(machine.card("0000:03:05.0", "wcaxx", "A8A-1"), 1, "FXO", [FXO] * 8)
    assert resolved(machine, ANALOG.replace("A8A-1", place)).problems == {}


@pytest.mark.parametrize(
    ("source", "built", "loaded", "reason"),
    [
        (False, False, False, "DAHDI is not installed: `apt install dahdi linux-headers-$(uname -r)`"),
        (
            True,
            False,
            False,
            f"DAHDI's driver is not built for the running kernel {KERNEL}: "
            "`apt install linux-headers-$(uname -r) && dkms autoinstall`, then `callfloor pstn apply`",
        ),
        (True, True, False, "DAHDI's driver is not loaded: `callfloor pstn apply`"),
    ],
)
def test_without_dahdi_every_line_says_so(
    machine: Machine, source: bool, built: bool, loaded: bool, reason: str
) -> None:
    machine.dahdi(source=source, built=built, loaded=loaded)
    assert resolved(machine, E1).problems == {"card te": reason, "e1-1": reason}


def test_a_card_that_is_gone(machine: Machine) -> None:
    machine.dahdi()
    assert resolved(machine, E1).problems["e1-1"] == (
        f"{TE} is not in the machine: fit it, or look at `callfloor pstn scan` for where it is now"
    )


def test_a_card_that_was_swapped_for_another_of_its_kind(machine: Machine) -> None:
    machine.dahdi()
    machine.span(machine.card("0000:03:05.0", "wcaxx", "A8A-2", "Wildcard A8A"), 1, "FXO", [FXO] * 8)
    assert resolved(machine, ANALOG).problems["fxo-1"] == (
        f"{A8A} was swapped: another of its kind is there, Wildcard A8A at pci:0000:03:05.0 (A8A-2); put it back, or"
        ' describe the new one (location = "A8A-2")'
    )


def test_a_card_in_whose_place_is_one_of_another_kind(machine: Machine) -> None:
    machine.dahdi()
    machine.span(machine.card("0000:05:00.0", "wcaxx", "A8A-2", "Wildcard A8A"), 1, "FXO", [FXO] * 8)
    assert resolved(machine, E1).problems["e1-1"] == (
        f"{TE} was swapped: in its place is Wildcard A8A at pci:0000:05:00.0 (A8A-2); put it back, or describe what is"
        ' there (driver = "wcaxx")'
    )


def test_two_cards_of_a_kind_are_not_taken_for_each_other(machine: Machine) -> None:
    machine.dahdi()
    machine.span(machine.card("0000:05:00.0", "wcte13xp", "TE-1"), 1, "E1", [BEARER] * 31)
    second = E1.replace('"te"', '"te2"').replace("pci:0000:05:00.0", "TE-9").replace("e1-1", "e1-2")
    found = resolved(machine, E1 + second)
    assert list(found.spans) == ["e1-1"]
    assert "is not in the machine" in found.problems["e1-2"]


@pytest.mark.parametrize(
    ("bound", "loaded", "reason"),
    [
        ("", False, "has no driver loaded: `callfloor pstn apply` loads wcte13xp"),
        ("", True, "is refused by its driver: `dmesg | grep wcte13xp` says why, mostly firmware that is not there"),
        (
            "netjet",
            False,
            "is in the hands of another driver, netjet: `echo blacklist netjet >"
            " /etc/modprobe.d/callfloor-blacklist.conf`, then reboot",
        ),
    ],
)
def test_a_card_that_its_driver_does_not_serve(machine: Machine, bound: str, loaded: bool, reason: str) -> None:
    machine.dahdi()
    machine.pci("0000:05:00.0", "wcte13xp", bound, loaded=loaded)
    assert resolved(machine, E1).problems["e1-1"] == f"{TE} {reason}"


def test_a_card_known_by_its_number_is_any_of_its_kind_that_tells_none(machine: Machine) -> None:
    machine.dahdi()
    machine.pci("0000:03:05.0", "wcaxx")
    assert resolved(machine, ANALOG).problems["fxo-1"] == (
        f"{A8A} has no driver loaded: `callfloor pstn apply` loads wcaxx"
    )


@pytest.mark.parametrize(
    ("modules", "reason"),
    [
        (
            [FXO, FXO, FXO, FXS],
            'port 4 of card "analog" has an FXS module, for phones: fit an FXO module, or describe a port that has one',
        ),
        (
            [FXO, FXO, FXO, NO_MODULE],
            'port 4 of card "analog" has no FXO module: fit an FXO module, or describe a port that has one',
        ),
        (
            [FXO, FXO],
            'port 4 of card "analog" is not there, it has 2 ports: put the right port into its description',
        ),
    ],
)
def test_a_port_without_its_module(machine: Machine, modules: list[str], reason: str) -> None:
    machine.dahdi()
    machine.span(machine.card("0000:03:05.0", "wcaxx", "A8A-1"), 1, "FXO", modules)
    found = resolved(machine, ANALOG)
    assert found.problems == {"fxo-4": reason}
    assert list(found.ports) == ["fxo-1", "fxo-2"]


def test_a_span_that_is_of_the_other_kind_or_not_there(machine: Machine) -> None:
    machine.dahdi()
    machine.span(machine.card("0000:05:00.0", "wcte13xp"), 1, "T1", [BEARER] * 24)
    quad = machine.card("0000:04:00.0", "wct4xxp", spans=2)
    for port in (1, 2):
        machine.span(quad, port, "T1", [BEARER] * 24)
    found = resolved(machine, E1 + NFAS)
    assert found.problems["e1-1"] == (
        'span 1 of card "te" is T1 and no E1: `callfloor pstn apply`, then reboot, so that its driver is loaded as'
        " described"
    )
    assert found.problems["t1-3"] == (
        'span 3 of card "quad" is not there, it has 2: put the right port into its description'
    )
    assert list(found.spans) == ["pbx", "t1-1"]


def test_spans_that_have_no_numbers_yet(machine: Machine) -> None:
    machine.dahdi()
    machine.card("0000:05:00.0", "wcte13xp", spans=1)
    assert resolved(machine, E1).problems == {
        "e1-1": 'card "te" has spans without numbers: `callfloor pstn apply` gives them some'
    }


def test_a_dynamic_span_that_is_too_small_or_not_made(machine: Machine) -> None:
    machine.dahdi()
    text = (GOLDEN / "dynamic.toml").read_text()
    machine.dynamic("1:0", 12)
    found = resolved(machine, text)
    assert found.problems["mixed"].startswith('span 1 of card "loc-a" is of 12 channels and no T1: ')
    assert list(found.ports) == ["fxo-1", "fxo-8"]
    assert (
        found.problems["e1-1"]
        == 'card "loc-b" (dahdi_dynamic_loc, DYN/loc/2:0) is not made yet: `callfloor pstn apply`'
    )
