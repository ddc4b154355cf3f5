"""Which card of the machine a described one is; and where it is none, why, in one sentence with the cure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from appliance.store.pstn_models import PstnCard
from gateways.pstn.config.scan import FoundCard, Hardware, IdleCard

APPLY = "`callfloor pstn apply`"
NOT_INSTALLED = "DAHDI is not installed: `apt install dahdi linux-headers-$(uname -r)`"
NOT_LOADED = f"DAHDI's driver is not loaded: {APPLY}"


def driver_problem(hardware: Hardware) -> str | None:
    """Why no card can be there at all; None: DAHDI is in the kernel."""
    if hardware.loaded:
        return None
    if hardware.built:
        return NOT_LOADED
    if not hardware.source:
        return NOT_INSTALLED
    return (
        f"DAHDI's driver is not built for the running kernel {hardware.kernel}:"
        f" `apt install linux-headers-$(uname -r) && dkms autoinstall`, then {APPLY}"
    )


def find(rows: Iterable[PstnCard], hardware: Hardware) -> dict[str, FoundCard]:
    """Name of a described card → the one in the machine."""
    return {row.name: card for row in rows for card in hardware.cards if _is(row, card)}


def strangers(rows: Iterable[PstnCard], hardware: Hardware) -> list[FoundCard]:
    """Cards of the machine that no row describes; spans that tests have made are no cards."""
    mine = list(find(rows, hardware).values())
    return [card for card in hardware.cards if card not in mine and not card.driver.startswith("dahdi_dynamic")]


def missing(row: PstnCard, rows: Sequence[PstnCard], hardware: Hardware) -> str:
    """Why a described card is not found: it is gone, swapped, or its driver does not serve it."""
    what = f'card "{row.name}" ({row.driver}, {row.location})'
    problem = driver_problem(hardware)
    if problem is not None:
        return problem
    if row.driver.startswith("dahdi_dynamic"):
        return f"{what} is not made yet: {APPLY}"
    for card in hardware.cards:
        if row.location in _names(card):
            return (
                f"{what} was swapped: in its place is {told(card)}; put it back, or describe what is there"
                f' (driver = "{card.driver}")'
            )
    for idle in hardware.idle:
        if idle.driver == row.driver and row.location in (idle.place, _serial(row)):
            return f"{what} {unserved(idle)}"
    others = [card for card in strangers(rows, hardware) if card.driver == row.driver]
    if others:
        return (
            f"{what} was swapped: another of its kind is there, {told(others[0])}; put it back, or describe the new one"
            f' (location = "{others[0].hardware_id or others[0].place}")'
        )
    return f"{what} is not in the machine: fit it, or look at `callfloor pstn scan` for where it is now"


def unserved(card: IdleCard) -> str:
    """What keeps a card on the PCI bus from its driver, and the cure; goes on after the card's name."""
    if card.bound and card.bound != card.driver:
        return (
            f"is in the hands of another driver, {card.bound}: `echo blacklist {card.bound} >"
            f" /etc/modprobe.d/callfloor-blacklist.conf`, then reboot"
        )
    if card.present:
        return f"is refused by its driver: `dmesg | grep {card.driver}` says why, mostly firmware that is not there"
    return f"has no driver loaded: {APPLY} loads {card.driver}"


def told(card: FoundCard) -> str:
    """A card of the machine, in words."""
    return f"{card.model or card.driver} at {card.place}" + (f" ({card.hardware_id})" if card.hardware_id else "")


def describe(card: FoundCard) -> str:
    """How a card that is there is described."""
    return f'describe it as [[pstn_card]] with driver = "{card.driver}", location = "{card.hardware_id or card.place}"'


def by_place(cards: Mapping[str, FoundCard]) -> dict[str, str]:
    """Place of a card → its name in the store."""
    return {card.place: name for name, card in cards.items()}


def _is(row: PstnCard, card: FoundCard) -> bool:
    return row.driver == card.driver and row.location in _names(card)


def _names(card: FoundCard) -> tuple[str, ...]:
    return tuple(name for name in (card.hardware_id, card.place, card.location) if name)


def _serial(row: PstnCard) -> str:
    """A card that no driver serves tells no serial number: by that it is any of its kind."""
    return "" if row.location.startswith(("pci:", "PCI")) else row.location
