"""How an FXO line goes from phase to phase: hook, audio and listening follow it. Pure, the time is an argument."""

from __future__ import annotations

from collections.abc import Sequence

from gateways.line import (
    Answered,
    Confidence,
    Ended,
    IncomingCall,
    LineEvent,
    LineReady,
    LineStateChanged,
    Who,
)
from gateways.pstn.callerid import CallerIdentity
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.fxoactions import Dial, Hook, Listen, Output, Ringback, StartAudio, StopAudio
from gateways.pstn.fxoarrival import Arrival
from gateways.pstn.fxodial import DialPlan
from gateways.pstn.fxostate import PHASES, Input, Listening, Phase, after
from gateways.pstn.fxotimings import Timings

_NOT_ARRIVING = frozenset({Phase.FAULT, Phase.COOLING, Phase.IDLE, Phase.SEIZING})
_ARRIVING = frozenset({Phase.PRELUDE, Phase.RINGING, Phase.HELD})
_AFRESH = frozenset({Phase.RECEIVING, Phase.TALKING})
"""What was heard before these began is not to count."""


class Machine:
    """What is known of the line and its call. Methods return what to do and to tell, in order; see ``FxoCall``."""

    def __init__(self, spec: FxoSpec, timings: Timings) -> None:
        self.phase = Phase.ABSENT
        self.since = 0.0
        self.until: float | None = None
        self.arrival = Arrival(spec, timings)
        self.plan: DialPlan | None = None
        self.reason: str | None = None
        self.serving = False
        self.fax_told = False
        self._spec = spec
        self._timings = timings
        self._line = spec.name
        self._shown: LineStateChanged | None = None
        self._listening: Listening = "nothing"

    @property
    def in_call(self) -> bool:
        """There is a call that was told of and has not ended."""
        if self.phase in {Phase.RINGING, Phase.HELD}:
            return self.arrival.told
        return PHASES[self.phase].outgoing or self.phase is Phase.TALKING

    def go(
        self, happened: Input, now: float, before: Sequence[LineEvent] = (), then: Sequence[LineEvent] = ()
    ) -> list[Output]:
        """Take an input, with what to tell before and after the new state; nothing if it means nothing now."""
        to = after(self.phase, happened)
        if to is None:
            return []
        was, self.phase = self.phase, to
        self.since, self.until = now, self._limit(now)
        self._keep_call(was)
        outputs = [*self._hook(was), *before, *self._show(), *self._audio(was), *then]
        if to is Phase.IDLE and not self.serving:
            self.serving = True
            outputs.append(LineReady(self._line))
        return [*outputs, *self.listen(afresh=to in _AFRESH)]

    def _limit(self, now: float) -> float | None:
        times = self._timings
        limits = {
            Phase.COOLING: times.cooling,
            Phase.PRELUDE: times.prelude,
            Phase.RECEIVING: times.receiving,
            Phase.SEIZING: self._spec.wait_dial_tone if self._spec.wait_dial_tone > 0 else times.blind,
            Phase.DIALLING: times.dialling_slack + (self.plan.seconds if self.plan is not None else 0.0),
        }
        return now + limits[self.phase] if self.phase in limits else None

    def _keep_call(self, was: Phase) -> None:
        if was in _NOT_ARRIVING and self.phase in _ARRIVING:
            self.arrival, self.plan = Arrival(self._spec, self._timings), None
        elif was is Phase.RECEIVING and self.phase is Phase.PRELUDE:
            self.arrival.left_again()
        if self.phase is Phase.SEIZING or was in _NOT_ARRIVING:
            self.fax_told = False

    def _hook(self, was: Phase) -> list[Output]:
        old, new = PHASES[was], PHASES[self.phase]
        outputs: list[Output] = []
        if new.off_hook != old.off_hook:
            outputs.append(Hook(new.off_hook, seize=self.phase is Phase.SEIZING))
        if old.audio and not new.audio:
            outputs.append(StopAudio())
        if was is Phase.HELD:
            outputs.append(Ringback(False))
        return outputs

    def _audio(self, was: Phase) -> list[Output]:
        if self.phase is Phase.DIALLING and self.plan is not None:
            return [Dial(self.plan)]
        if self.phase is Phase.HELD:
            return [Ringback(True)]
        return [StartAudio()] if PHASES[self.phase].audio and not PHASES[was].audio else []

    def _show(self) -> list[Output]:
        """Return the state if it is another than was shown last."""
        out_of_service = self.phase in {Phase.ABSENT, Phase.FAULT}
        caller = self.arrival.number if self.arrival.told and self.phase is not Phase.IDLE else None
        calling = PHASES[self.phase].shown in {"incoming", "active"}
        shown = LineStateChanged(
            self._line,
            PHASES[self.phase].shown,
            self.reason if out_of_service else None,
            caller if calling and self.plan is None else None,
        )
        if shown == self._shown:
            return []
        self._shown = shown
        return [shown]

    def listen(self, afresh: bool = False) -> list[Output]:
        """Return what to listen for if it is something else than before."""
        wanted = self._wanted()
        if wanted == self._listening and not afresh:
            return []
        self._listening = wanted
        return [Listen(wanted)]

    def _wanted(self) -> Listening:
        listening = PHASES[self.phase].listening
        if listening == "caller-id":
            return listening if self.arrival.listening else "nothing"
        if listening == "dial":
            return listening if self._spec.wait_dial_tone > 0 else "nothing"
        unannounced = self._spec.caller_id_start == "dtmf" and self._spec.caller_id != "none"
        return "caller-id" if self.phase is Phase.IDLE and unannounced else listening

    # The call

    def tell_of_call(self) -> list[Output]:
        """Tell of the incoming call, once."""
        arrival = self.arrival
        if arrival.told:
            return []
        arrival.told = True
        identity = arrival.identity or CallerIdentity()
        told = IncomingCall(self._line, identity.number, arrival.called, identity.name, identity.redirected_from)
        return [*self._show(), told, *self.listen()]

    def tell_if_due(self, now: float) -> list[Output]:
        """The same, if no more can be learned of it, or it has waited long enough."""
        at = self.arrival.tell_at()
        return self.tell_of_call() if at is not None and now >= at else []

    def connected(self, confidence: Confidence, now: float) -> list[Output]:
        return self.go(Input.CONNECTED, now, then=[Answered(self._line, confidence)])

    def ended(self, cause: int, who: Who, text: str, now: float) -> list[Output]:
        """Leave the line, if it is taken, and end the call, if there is one."""
        return self.go(Input.ENDED, now, self.end_of_call(cause, who, text))

    def end_of_call(self, cause: int, who: Who, text: str) -> list[LineEvent]:
        return [Ended(self._line, cause, who, text)] if self.in_call else []
