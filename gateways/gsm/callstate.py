"""One line's state and its call, kept from what the modem says in many words: pure, the time is an argument.

A modem tells one thing several times and in any order: RING, +CLIP, a call-info URC and AT+CLCC all announce the same
call; NO CARRIER, a call-info URC and an empty AT+CLCC all end it. ``LineCall`` makes one event of each:

* an incoming call is told once, when its number is known or ``GRACE`` seconds after the first sign of it;
* the first end counts, the others find no call any more;
* AT+CLCC moves a call forward and ends one that it no longer lists (asked twice), but it never makes a call again
  of what has ended: while cooling down, rows are looked at for calls to hang up only.
"""

from __future__ import annotations

from collections.abc import Iterable

from appliance.bus_payloads import LineStateName
from gateways.gsm.dialects import CallInfo
from gateways.gsm.linestate import CALL_STATES, SERVICE, TALKING_STATES, Input, after
from gateways.line import Alerting, Answered, Ended, IncomingCall, LineEvent, LineStateChanged, Who

GRACE = 0.3
"""Seconds to wait for the caller's number: +CLIP follows RING by up to 200 ms on the modems seen."""
SETTLE = 1.0
"""Seconds of cooling down."""


class LineCall:
    """See the module. Each method returns the events to tell, in order."""

    def __init__(self, line: str, *, early_answer: bool = False) -> None:
        self.line = line
        self._early_answer = early_answer
        self.state: LineStateName = "absent"
        self.reason: str | None = None
        self.caller: str | None = None
        self.outgoing = False
        self.index: int | None = None
        self.cause = 16  # why our side hung up
        self.told = False  # the incoming call has been told of
        self.answering = False  # the modem was told to answer
        self._service = Input.SEARCHING
        self._service_reason: str | None = None
        self._alerted = False
        self._missing = 0
        self._number_by: float | None = None
        self._settled_at: float | None = None

    @property
    def talking(self) -> bool:
        """True while there is a call that our side has not given up."""
        return self.state in TALKING_STATES

    def _move(self, happened: Input, reason: str | None = None) -> list[LineEvent]:
        state = after(self.state, happened)
        if state == self.state and reason == self.reason:
            return []
        self.state, self.reason = state, reason
        if state not in CALL_STATES:
            self.caller = None
        return [LineStateChanged(self.line, state, reason, self.caller)]

    # The device

    def opened(self) -> list[LineEvent]:
        self._service, self._service_reason = Input.SEARCHING, None
        return self._move(Input.OPENED)

    def broken(self, happened: Input, reason: str | None, text: str) -> list[LineEvent]:
        """The device vanished, failed or restarted: a call on it ends with cause 27 (destination out of order)."""
        events: list[LineEvent] = []
        if self.state in CALL_STATES:
            events = [*self._over(), Ended(self.line, 27, "line", text)]
        self._settled_at = None
        if happened is Input.RESTARTED:
            self._service, self._service_reason = Input.SEARCHING, None
        return [*events, *self._move(happened, reason)]

    def service(self, happened: Input, reason: str | None = None) -> list[LineEvent]:
        """SIM or network changed; shown at once, or after the call."""
        self._service, self._service_reason = happened, reason
        if self.state in CALL_STATES or self.state in {"cooling-down", "absent", "fault"}:
            return []
        return self._move(happened, reason)

    @property
    def service_state(self) -> LineStateName:
        """The state that the line has or will have without a call."""
        return SERVICE[self._service]

    # Calls

    def dial(self) -> list[LineEvent]:
        events = self._move(Input.DIAL)
        self._begin(outgoing=True)
        return events

    def ring(self, now: float) -> list[LineEvent]:
        """Any sign of an incoming call; IllegalInputError is not raised, since signs come late and repeat."""
        if self.state not in {"idle", "searching"}:
            return []
        events = self._move(Input.RING)
        self._begin(outgoing=False)
        self._number_by = now + GRACE
        return events

    def caller_id(self, number: str | None, withheld: bool, now: float) -> list[LineEvent]:
        """The caller's number, or that it will not come. It also announces the call: some firmwares never say RING."""
        events = self.ring(now)
        if self.state != "incoming" or self.told or (number is None and not withheld):
            return events
        self.caller = number
        return [*events, *self._tell()]

    def _tell(self) -> list[LineEvent]:
        self.told, self._number_by = True, None
        return [
            LineStateChanged(self.line, self.state, self.reason, self.caller),
            IncomingCall(self.line, self.caller),
        ]

    def info(self, call: CallInfo, now: float) -> list[LineEvent]:
        """A call-info URC or a row of AT+CLCC of a call that lives; see ``ends`` for one that does not."""
        if not call.voice:
            return []
        if call.state in {"incoming", "waiting"}:
            events = self.ring(now)
            if self.state == "incoming":
                self._learn_index(call)
            return [*events, *(self.caller_id(call.number, False, now) if call.number else [])]
        if not self.talking or not self._same_way(call):
            return []
        self._learn_index(call)
        if call.state == "alerting" and self.state == "dialling":
            self._alerted = True
            return [*self._move(Input.ALERTING), Alerting(self.line)]
        if call.state in {"active", "held"} and (self.outgoing or self.answering):
            return self.connected()
        return []

    def ends(self, call: CallInfo) -> bool:
        """True if a call-info URC says that the line's call has ended (and not one before it)."""
        same = self.index is None or call.index in {None, self.index}
        return call.state == "ended" and self.state in CALL_STATES and self._same_way(call) and same

    def _same_way(self, call: CallInfo) -> bool:
        """Many families' lines do not say which way a call goes; then it is the one there is."""
        return call.outgoing is None or call.outgoing == self.outgoing

    def _learn_index(self, call: CallInfo) -> None:
        self.index = self.index if call.index is None else call.index

    def connected(self) -> list[LineEvent]:
        """The call is through; nothing if that was known."""
        if self.state not in {"incoming", "dialling", "alerting"}:
            return []
        sure = not self.outgoing or (self._alerted and not self._early_answer)
        return [*self._move(Input.CONNECTED), Answered(self.line, "reported" if sure else "claimed")]

    def hang_up(self, cause: int) -> list[LineEvent]:
        """Our side gives the call up, for that Q.850 cause; nothing if there is none."""
        if not self.talking:
            return []
        self.cause = cause
        self._number_by = None
        return self._move(Input.HANG_UP)

    def ended(self, cause: int, who: Who, now: float, text: str = "") -> list[LineEvent]:
        """The call is over, by whatever sign; nothing if that was known. An end we asked for is the near side's."""
        if self.state not in CALL_STATES:
            return []
        who = "near" if self.state == "ending" and who == "far" else who
        events = self._over()
        self._settled_at = now + SETTLE
        return [*events, Ended(self.line, cause, who, text), *self._move(Input.ENDED)]

    def settle_again(self, now: float) -> None:
        """A call was found that should not be: cool down until it is gone."""
        if self.state == "cooling-down":
            self._settled_at = now + SETTLE

    def listed(self, calls: Iterable[CallInfo], now: float) -> list[LineEvent]:
        """Bring the call into line with the rows of AT+CLCC."""
        rows = [call for call in calls if call.voice]
        events: list[LineEvent] = []
        if self.state == "cooling-down":
            return []
        for row in rows:
            events += self.info(row, now)
        if self.state not in CALL_STATES:
            return events
        if any(self._same_way(row) and row.state != "ended" for row in rows):
            self._missing = 0
            return events
        self._missing += 1
        # Once may be a row that is not there yet (just dialled); the second time the end was missed.
        if self.state == "ending":
            events += self.ended(self.cause, "near", now)
        elif self._missing >= 2:
            events += self.ended(31, "far", now, "the modem no longer lists the call")
        return events

    def strays(self, calls: Iterable[CallInfo]) -> bool:
        """True if rows of AT+CLCC show a call that is under way though none should be."""
        if self.state in CALL_STATES:
            return False
        return any(row.voice and row.state not in {"incoming", "waiting", "ended"} for row in calls)

    # Time

    def deadline(self) -> float | None:
        return min((at for at in (self._number_by, self._settled_at) if at is not None), default=None)

    def tick(self, now: float) -> list[LineEvent]:
        if self._number_by is not None and now >= self._number_by:
            return self._tell()
        if self._settled_at is not None and now >= self._settled_at:
            self._settled_at = None
            return self._move(self._service, self._service_reason)
        return []

    def _begin(self, outgoing: bool) -> None:
        self.outgoing, self.index = outgoing, None
        self.told = self.answering = self._alerted = False
        self._missing = 0

    def _over(self) -> list[LineEvent]:
        """Forget the call; one that was never told of is told now, so that its end has a beginning."""
        events: list[LineEvent] = []
        if not self.outgoing and not self.told and self.state == "incoming":
            events = self._tell()
        self._number_by = None
        return events
