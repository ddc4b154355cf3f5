"""The callers who wait: music, their position, the longest they may wait, and whose turn it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pbx.acd.choice import Choice, Waiting, choose, position
from pbx.acd.desk import AgentDesk
from pbx.calls import Call
from pbx.loop import Loop, Timer
from pbx.prompter import Prompter
from pbx.sip import DeadLeg, SipCore
from pbx.site import QueueSettings

LAST_SPOKEN_POSITION = 20


@dataclass(slots=True)
class _Place:
    """A call's place in a queue and the timers that belong to it."""

    waiting: Waiting
    call: Call
    queue: QueueSettings
    overflow: Timer
    announce: Timer | None = None


class QueueDesk:
    """All waiting calls of all queues."""

    def __init__(
        self,
        sip: SipCore,
        prompter: Prompter,
        loop: Loop,
        agents: AgentDesk,
        overflow: Callable[[Call, str], None],
    ) -> None:
        self._sip = sip
        self._prompter = prompter
        self._loop = loop
        self._agents = agents
        self._overflow = overflow
        self._places: dict[str, _Place] = {}

    @property
    def waiting(self) -> list[Waiting]:
        """All places, those being offered to an agent among them."""
        return [place.waiting for place in self._places.values()]

    def settings(self, call: Call) -> QueueSettings | None:
        """Return the queue in which a call has its place."""
        place = self._places.get(call.id)
        return place.queue if place else None

    def join(self, call: Call, queue: QueueSettings) -> None:
        """Give a call the last place. It hears music from now on."""
        now = self._loop.now()
        overflow = self._loop.later(queue.max_wait, lambda: self._overflow(call, "max-wait"))
        place = _Place(Waiting(call.id, queue.name, now), call, queue, overflow)
        self._places[call.id] = place
        self._music(place)
        if queue.announce_every:
            place.announce = self._loop.later(1.0, lambda: self._announce(place))

    def leave(self, call: Call) -> None:
        """The call is connected, overflowed or gone."""
        place = self._places.pop(call.id, None)
        if place is None:
            return
        place.overflow.cancel()
        if place.announce is not None:
            place.announce.cancel()
        self._prompter.stop(call.caller_leg)

    def place_of(self, call: Call) -> int:
        """Return a call's position, 1 for the next."""
        return position(self.waiting, call.id)

    def next_offer(self) -> Choice | None:
        """Return the next offer among the calls that nobody is being rung for."""
        free = [place.waiting for place in self._places.values() if place.call.state == "queued"]
        return choose(free, list(self._agents.agents.values()), self._loop.now())

    def call(self, call_id: str) -> Call:
        """Return a waiting call by its id."""
        return self._places[call_id].call

    def _announce(self, place: _Place) -> None:
        place.announce = self._loop.later(place.queue.announce_every, lambda: self._announce(place))
        if place.call.state != "queued":  # an agent's phone rings: don't talk into the connection
            return
        number = self.place_of(place.call)
        word = f"n{number}" if number <= LAST_SPOKEN_POSITION else "n20-plus"
        words = ["you-are-number", word, "in-queue"]
        self._prompter.say(place.call.caller_leg, words, lambda: self._music(place))

    def _music(self, place: _Place) -> None:
        try:
            self._sip.play_music(place.call.caller_leg, place.queue.music)
        except DeadLeg:
            return  # its end is on the way
