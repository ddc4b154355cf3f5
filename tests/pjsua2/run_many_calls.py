"""Hold many calls at once in one process: two accounts call each other over loopback UDP. Argument: number of pairs."""

import sys
import time

from tests.pjsua2.endpoint import Leg, Subscriber, add_udp, audio_only, poll, report, running_endpoint

PACE = 20  # calls set up at a time


def main(pairs: int) -> None:
    begin = time.monotonic()
    with running_endpoint(max_calls=2 * pairs + 10) as endpoint:
        port = add_udp(endpoint)
        caller, callee = Subscriber("caller", port), Subscriber("callee", port)
        legs = []
        for number in range(1, pairs + 1):
            legs.append(caller.dial(callee.uri))
            poll(endpoint, lambda number=number: Leg.confirmed >= 2 * (number - PACE), 10)  # type: ignore[misc]
        poll(endpoint, lambda: Leg.confirmed >= 2 * pairs, 20)
        confirmed, active = Leg.confirmed, sum(leg.isActive() for leg in (*legs, *callee.answered))
        for leg in legs:
            leg.hangup(audio_only())
            endpoint.libHandleEvents(1)
        poll(endpoint, lambda: Leg.ended >= 2 * pairs, 20)
        report(confirmed=confirmed, active=active, ended=Leg.ended, seconds=time.monotonic() - begin)
        legs.clear()
        callee.answered.clear()


if __name__ == "__main__":
    main(int(sys.argv[1]))
