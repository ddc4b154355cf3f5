"""The far end of a load that is not the gateway: answers every call at once and sends back the audio it hears.

``python -m tests.vm.guest.pstn_load_peer e1|t1`` runs until its standard input ends.
"""

from __future__ import annotations

import select
import sys

from tests.pstn.exchange.behaviour import AT_ONCE
from tests.pstn.exchange.call import Call
from tests.pstn.exchange.digital import BearerChannel, d_channel
from tests.pstn.exchange.player import Player, Talk
from tests.pstn.exchange.prinet import Exchange
from tests.pstn.exchange.profiles import SpanPlan
from tests.pstn.exchange.rules import CallState
from tests.vm.guest.pstn_load import LEAD, PAIRS, UNIT, bearers, come_first, plan

PERIOD = 0.05


class Echoes:
    """The calls' audio: begun when a call is through, ended with it."""

    def __init__(self, plan_: SpanPlan, numbers: dict[int, int]) -> None:
        self._plan, self._numbers = plan_, numbers
        self._player = Player()
        self._talks: dict[Call, Talk] = {}
        self._carriers: dict[Call, BearerChannel] = {}

    def look(self, calls: list[Call]) -> None:
        """Begin and end what is due."""
        for call in calls:
            if call.state is CallState.ACTIVE and call not in self._talks and call.channel is not None:
                carrier = self._carriers[call] = BearerChannel(self._numbers[call.channel], UNIT)
                self._talks[call] = self._player.begin(Talk(carrier, self._plan.law, 0, call.channel, True, LEAD))
        for call in [call for call in self._talks if call.end is not None]:
            self._player.end(self._talks.pop(call))
            self._carriers.pop(call).close()

    def close(self) -> None:
        self._player.close()


def main(arguments: list[str]) -> int:
    """See the module."""
    pair = PAIRS[arguments[0]]
    mine = plan(pair, "user")
    come_first()
    with Exchange() as peer:
        span = peer.add_span(mine, d_channel(pair.ours.d))
        peer.subscriber("*").behaves(AT_ONCE)
        span.establish()
        echoes = Echoes(mine, bearers(pair.ours, mine))
        while not select.select([sys.stdin], [], [], PERIOD)[0]:
            echoes.look(list(peer.calls))
        echoes.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
