"""What cards, spans and channels there are, as a kernel shows them."""

from __future__ import annotations

import pytest

from gateways.pstn.config import pci
from gateways.pstn.config.scan import IdleCard, scan
from tests.pstn.config.machine import BEARER, FXO, FXS, KERNEL, NO_MODULE, Machine


def test_what_a_real_kernel_shows_of_a_dynamic_span(machine: Machine) -> None:
    machine.real()
    machine.dahdi()
    hardware = scan(machine.root, KERNEL)
    [card] = hardware.cards
    assert (card.place, card.driver, card.hardware_id) == ("dynamic:loc:0", "dahdi_dynamic_loc", "DYN/loc/1:0")
    [span] = card.spans
    assert (span.number, span.port, span.kind, span.alarms, span.framing) == (1, 1, "dynamic", frozenset(), "")
    ours, bearer, signalling = span.channels
    assert (ours.number, ours.position, ours.signalling, ours.echo) == (1, 1, "FXSKS", "MG2")
    assert ours.fxo
    assert not ours.in_use
    assert (bearer.number, bearer.signalling, bearer.echo) == (9, "Clear", "")
    assert (signalling.number, signalling.position, signalling.signalling) == (24, 24, "HDLCFCS")
    assert list(hardware.channels) == [1, 9, 24]


def test_cards_with_their_drivers_places_and_modules(machine: Machine) -> None:
    machine.dahdi()
    analog = machine.card("0000:03:05.0", "wcaxx", "A8A-1", "Wildcard A8A")
    machine.span(analog, 1, "ANALOG_MIXED", [FXO, FXS, NO_MODULE, FXO])
    quad = machine.card("0000:04:00.0", "wct4xxp", spans=2)
    machine.span(quad, 2, "T1", [BEARER] * 24, alarms=4, framing="B8ZS/ESF")
    machine.span(quad, 1, "E1", [BEARER] * 31)
    first, second = scan(machine.root, KERNEL).cards
    assert (first.place, first.driver, first.model) == ("pci:0000:03:05.0", "wcaxx", "Wildcard A8A")
    assert (first.hardware_id, first.location) == ("A8A-1", "PCI Bus 03 Slot 06")
    assert [channel.fxo for channel in first.spans[0].channels] == [True, False, False, True]
    assert (second.hardware_id, second.span_count) == ("", 2)
    assert [(span.port, span.kind, span.number, span.framing) for span in second.spans] == [
        (1, "e1", 3, ""),
        (2, "t1", 2, "B8ZS/ESF"),
    ]
    assert second.spans[1].alarms == {"yellow"}
    assert [channel.number for channel in second.spans[1].channels] == list(range(5, 29))


def test_cards_that_no_driver_of_dahdi_serves(machine: Machine) -> None:
    machine.dahdi()
    machine.pci("0000:05:00.0", "wcte13xp")
    machine.pci("0000:06:00.0", "wctdm", "netjet")
    machine.pci("0000:07:00.0", "wcaxx", loaded=True)
    machine.card("0000:08:00.0", "wctdm24xxp")
    assert scan(machine.root, KERNEL).idle == (
        IdleCard("pci:0000:05:00.0", "wcte13xp", "TE133", "", present=False),
        IdleCard("pci:0000:06:00.0", "wctdm", "TDM400P", "netjet", present=False),
        IdleCard("pci:0000:07:00.0", "wcaxx", "A8A", "", present=True),
    )


@pytest.mark.parametrize("source", [False, True])
@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize("loaded", [False, True])
def test_how_far_dahdi_has_come(machine: Machine, source: bool, built: bool, loaded: bool) -> None:
    machine.dahdi(source=source, built=built, loaded=loaded)
    hardware = scan(machine.root, KERNEL)
    assert (hardware.source, hardware.built, hardware.loaded) == (source, built, loaded)
    assert not scan(machine.root, "6.12.1-newer").built


def test_a_machine_with_nothing(machine: Machine) -> None:
    hardware = scan(machine.root, KERNEL)
    assert (hardware.cards, hardware.idle, hardware.channels) == ((), (), {})
    assert not hardware.loaded
    assert scan().kernel


def test_a_span_that_goes_while_it_is_looked_at_is_not_there(machine: Machine) -> None:
    machine.dahdi()
    machine.dynamic("1:0", 3)
    (machine.root / "sys/devices/dynamic:loc:0/span-1/local_spanno").unlink()
    [card] = scan(machine.root, KERNEL).cards
    assert (card.spans, card.span_count) == ((), 1)
    machine.dynamic("1:1", 3)
    (machine.channel(5) / "channo").unlink()
    assert list(scan(machine.root, KERNEL).channels) == [4, 6]


def test_cards_by_their_pci_ids() -> None:
    assert pci.card("d161", "800e", "d161") == ("wcte43x", "TE435/TE235")
    assert pci.card("10ee", "0314", "abcd") == ("wct4xxp", "TE410P/TE405P")
    assert pci.card("e159", "0001", "795e") == ("wcte11xp", "TE110P")
    assert pci.card("e159", "0001", "0001") is None
    assert pci.card("8086", "800e", "d161") is None
