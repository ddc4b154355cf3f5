"""An exchange on a socket pair with a raw user at the other end, and timers short enough for tests."""

from __future__ import annotations

from tests.pstn.exchange.bearer import Bearer, ChannelId
from tests.pstn.exchange.calltypes import CallTimers
from tests.pstn.exchange.elements import Typed
from tests.pstn.exchange.lapdevents import LinkTimers
from tests.pstn.exchange.party import CalledNumber
from tests.pstn.exchange.ports import SocketPort, socket_pair
from tests.pstn.exchange.prinet import Exchange
from tests.pstn.exchange.profiles import SpanPlan
from tests.pstn.exchange.rawuser import RawUser

SHORT = CallTimers(t303=0.4, t305=0.4, t308=0.4, t309=0.6, t310=2.0, t301=2.0, t302=0.6, t316=0.4, t322=0.4)
LINK = LinkTimers(t200=0.3, t203=1.0)
AGENT = "+81312345678"


class Rig:
    """An exchange, and a raw user on its only span."""

    def __init__(self, plan: SpanPlan) -> None:
        port, theirs = socket_pair()
        self.exchange = Exchange(timers=SHORT, link=LINK)
        self.span = self.exchange.add_span(plan, port)
        self.user = RawUser(SocketPort(theirs), LINK)
        self.user.establish()
        self.span.wait_up()
        self.exchange.subscriber(AGENT)

    def setup(self, reference: int = 1, *said: Typed, channel: int = 3, to: str = "0312345678") -> None:
        """A right SETUP."""
        bearer = Bearer("speech", self.span.plan.law)
        self.user.say("SETUP", reference, bearer, ChannelId((channel,)), CalledNumber(to), *said)

    def answer(self, reference: int = 1, channel: int = 1) -> None:
        """The user takes the exchange's call."""
        self.user.expect("SETUP")
        self.user.say("CALL PROCEEDING", reference, ChannelId((channel,)), answer=True)
        self.user.say("ALERTING", reference, answer=True)
        self.user.say("CONNECT", reference, answer=True)
        self.user.expect("CONNECT ACKNOWLEDGE")

    def violated(self, part: str) -> None:
        """Exactly one violation, of that kind."""
        violations = self.exchange.violations
        assert len(violations) == 1, violations
        assert part in violations[0]

    def close(self) -> None:
        self.exchange.close()
        self.user.close()
