"""Lines on one side, SIP legs to the core on the other: what happens on one is done on the other.

Incoming: the line rings → INVITE; the core answers 200 → the line answers. Outgoing: INVITE naming a line → it dials;
alerting → 180, answered → 200. Whichever side ends, the other is ended with the same Q.850 cause (RFC 3326 Reason).
Runs in the SIP thread; commands go to a line through ``post``, which runs them in the thread that drives it.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from appliance.numbers import to_e164
from gateways.callwatch import CallWatch
from gateways.leg import Leg
from gateways.line import (
    Alerting,
    Answered,
    AnswerHeard,
    AudioFlow,
    AudioStarted,
    CallWarning,
    DialRefused,
    Digit,
    Ended,
    FaxHeard,
    IncomingCall,
    Line,
    LineEvent,
    LineStateChanged,
    ShownCaller,
)
from gateways.sip import SipAgent

log = logging.getLogger(__name__)
CORE_REPLIES_WITHIN = 5.0
"""Seconds for the core to say 180 or more to an INVITE: on loopback it is dead otherwise."""
RTP_SILENCE = 5.0
"""Seconds without a packet from the core, which always sends, after which it is taken for dead."""
STATUS = {1: 404, 2: 404, 3: 404, 28: 404, 17: 486, 16: 480, 18: 480, 19: 480, 20: 480, 21: 480, 22: 404, 31: 480}
"""SIP status for the Q.850 cause of a call that was never answered; 503 for the rest: the line or network failed."""
Progress = Alerting | Answered | AudioFlow | Digit | FaxHeard | CallWarning


def e164(number: str | None, country: str) -> str | None:
    """Return a caller's number as E.164 where it can be one in ``country`` (ISO 3166), else as it is."""
    if number is None or number.startswith("+"):
        return number
    return to_e164(number, country) or number


@dataclass(slots=True, eq=False)
class Path:
    """A call through the gateway: a line and its leg."""

    line: str
    leg: Leg
    incoming: bool
    began: float
    packets: int = 0
    heard_at: float = 0.0
    watch: CallWatch = field(default_factory=CallWatch)


class Trunk:
    """See the module; a ``LegListener``. Feed it every line event by ``on_line_event``; ``tell`` gets its own."""

    def __init__(
        self,
        agent: SipAgent,
        lines: Mapping[str, Line],
        post: Callable[[str, Callable[[], None]], None],
        country: str,
        tell: Callable[[LineEvent], None],
    ) -> None:
        self._agent = agent
        self._lines = lines
        self._post = post
        self._country = country
        self._tell = tell
        self._tests: dict[str, Callable[[LineEvent], bool]] = {}
        self._states: dict[str, str] = {}
        self._paths: dict[str, Path] = {}

    # From the lines

    def on_line_event(self, event: LineEvent) -> None:
        """Take an event of a line, in the SIP thread."""
        if isinstance(event, LineStateChanged):
            self._states[event.line] = event.state
        test = self._tests.get(event.line)
        if test is not None and test(event):
            return
        match event:
            case IncomingCall():
                self._incoming(event)
            case AudioStarted():
                self._audio(event)
            case Ended():
                self._ended(event)
            case DialRefused():
                self._refused(event)
            case Alerting() | Answered() | AudioFlow() | Digit() | FaxHeard() | CallWarning():
                if (path := self._paths.get(event.line)) is not None:
                    self._progress(path, event)
            case _:
                pass

    def _incoming(self, event: IncomingCall) -> None:
        if (old := self._paths.pop(event.line, None)) is not None:
            # We were about to dial when the line rang: the caller goes first (glare).
            old.leg.refuse(503, 44, "the line has an incoming call")
        line = self._lines[event.line]
        caller = e164(event.number, self._country)
        log.info("%s: call from %s", event.line, caller or "an unknown number")
        headers = {"X-Callfloor-Line": line.name}
        if event.redirected_from is not None:
            headers["Diversion"] = f"<tel:{e164(event.redirected_from, self._country)}>"  # RFC 5806
        called = e164(event.called, self._country) or line.number or line.name
        leg = self._agent.call(called, ShownCaller(caller, event.name), headers)
        if leg is None or leg.over:
            self._post(line.name, lambda: line.hang_up(41))
            return
        self._paths[event.line] = Path(event.line, leg, True, time.monotonic())

    def _audio(self, event: AudioStarted) -> None:
        path = self._paths.get(event.line)
        if path is None:
            os.close(event.fd)  # the call ended meanwhile
        else:
            path.leg.carry(event.fd)

    def _progress(self, path: Path, event: Progress) -> None:
        if isinstance(event, AudioFlow):
            path.leg.pause(not event.ready)
        elif isinstance(event, CallWarning):
            path.leg.warn()
        elif isinstance(event, Digit):
            path.leg.send_digit(event.digit, "line")
        elif isinstance(event, FaxHeard):
            path.leg.report_fax(event.tone)
        elif path.incoming:
            log.info("%s: answered", path.line)
        elif isinstance(event, Alerting):
            path.leg.ring()
        else:
            log.info("%s: answered (%s)", path.line, event.confidence)
            path.leg.accept()

    def _ended(self, event: Ended) -> None:
        log.info("%s: call ended by the %s side, cause %d %s", event.line, event.who, event.cause, event.text)
        path = self._paths.pop(event.line, None)
        if path is None:
            return
        path.leg.drop_audio()
        if path.incoming or path.leg.answered:
            path.leg.hang_up(event.cause, event.text)
        else:
            path.leg.refuse(STATUS.get(event.cause, 503), event.cause, event.text)

    def _refused(self, event: DialRefused) -> None:
        path = self._paths.get(event.line)
        if path is not None and not path.incoming:
            del self._paths[event.line]
            path.leg.refuse(STATUS.get(event.cause, 503), event.cause, event.text)

    # Tests by a technician

    def borrow(self, line: str, events: Callable[[LineEvent], bool]) -> bool:
        """Give an idle line to a test, which gets its events until ``give_back``; False when it is not free.

        ``events`` returns False of an event that is not the test's: it goes the usual way.
        """
        if not self.is_free(line):
            return False
        self._tests[line] = events
        return True

    def is_free(self, line: str) -> bool:
        """True while the line is idle and nobody is about to use it."""
        return line not in self._paths and line not in self._tests and self._states.get(line) == "idle"

    def give_back(self, line: str) -> None:
        """The test is over."""
        self._tests.pop(line, None)

    # From the core

    def on_invite(self, leg: Leg, called: str, line: str | None, caller: ShownCaller) -> None:
        wanted = self._lines.get(line or "")
        if wanted is None:
            leg.refuse(503, 34, f"no line {line!r}: name one of this gateway's in X-Callfloor-Line")
        elif not self.is_free(wanted.name):
            leg.refuse(503, 34, f"line {wanted.name} is {self._states.get(wanted.name, 'absent')}")
        else:
            self._paths[wanted.name] = Path(wanted.name, leg, False, time.monotonic())
            self._post(wanted.name, lambda: wanted.dial(called, caller))

    def on_leg_ringing(self, leg: Leg) -> None:
        """The core has the call; nothing to do on a line that rings already."""

    def on_leg_answered(self, leg: Leg) -> None:
        path = self._path(leg)
        if path is None:
            return
        path.heard_at = time.monotonic()
        if path.incoming:
            self._post(path.line, self._lines[path.line].answer)

    def on_leg_over(self, leg: Leg, cause: int) -> None:
        path = self._path(leg)
        if path is not None:
            self._give_up(path, cause)

    def on_leg_digit(self, leg: Leg, digit: str) -> None:
        if (path := self._path(leg)) is not None:
            line = self._lines[path.line]
            self._post(path.line, lambda: line.send_dtmf(digit))

    def _path(self, leg: Leg) -> Path | None:
        return next((path for path in self._paths.values() if path.leg is leg), None)

    def _give_up(self, path: Path, cause: int) -> None:
        """End the line's side. To be done before the leg is ended, which tells of its end at once."""
        del self._paths[path.line]
        path.leg.drop_audio()
        line = self._lines[path.line]
        self._post(path.line, lambda: line.hang_up(cause))

    # Watching the core

    def on_tick(self, now: float) -> None:
        for path in list(self._paths.values()):
            self._listen(path, now)
            trouble = self._trouble(path, now)
            if trouble is not None:
                log.warning("%s: %s", path.line, trouble)
                self._give_up(path, 41)
                path.leg.hang_up(41, trouble)

    def _listen(self, path: Path, now: float) -> None:
        counts = path.leg.counts()
        if counts is None or not path.leg.answered:
            return
        if path.watch.uplink_dead(counts, now):
            log.warning("%s: the line takes no audio: its audio is set up anew", path.line)
            self._post(path.line, self._lines[path.line].mend_audio)
        if path.watch.heard(counts) and not path.incoming:
            self._tell(AnswerHeard(path.line))

    def _trouble(self, path: Path, now: float) -> str | None:
        if not path.leg.answered:
            silent = path.incoming and not path.leg.ringing and now >= path.began + CORE_REPLIES_WITHIN
            return "the core does not reply" if silent else None
        packets = path.leg.packets()
        if packets != path.packets:
            path.packets, path.heard_at = packets, now
        return "the core sends no audio any more" if now >= path.heard_at + RTP_SILENCE else None

    def end_all(self) -> None:
        """End every call on both sides: the gateway is stopping."""
        for path in list(self._paths.values()):
            self._give_up(path, 41)
            path.leg.hang_up(41, "the gateway is stopping")
