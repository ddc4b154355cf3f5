"""The B channels of a span: who has which, and which are in service."""

from __future__ import annotations

from typing import Protocol

from tests.pstn.exchange.bearer import ServiceStatus


class Holder(Protocol):
    """A call, as far as its channel goes."""

    channel: int | None


class Channels:
    """Channels by time slot; ``users`` has those that are taken."""

    def __init__(self, slots: tuple[int, ...]) -> None:
        self.slots = slots
        self.users: dict[int, Holder] = {}
        self.service: dict[int, ServiceStatus] = dict.fromkeys(slots, "in service")

    def is_free(self, slot: int) -> bool:
        """Can a new call have it?"""
        return slot not in self.users and self.service.get(slot) == "in service"

    def free(self) -> int | None:
        """The lowest that is free."""
        return next((slot for slot in self.slots if self.is_free(slot)), None)

    def take(self, slot: int, call: Holder) -> bool:
        """Give a channel to a call, which lets go of any other; False when another has it or it is not there."""
        if self.users.get(slot, call) is not call or slot not in self.slots:
            return False
        self.release(call)
        self.users[slot] = call
        call.channel = slot
        return True

    def release(self, call: Holder) -> None:
        """The call has no channel any more; ``call.channel`` still tells which it had."""
        for slot in [slot for slot, user in self.users.items() if user is call]:
            del self.users[slot]
