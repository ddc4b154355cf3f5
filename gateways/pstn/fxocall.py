"""One FXO line and its call: pure, the time is an argument. Each method returns what to do and to tell, in order.

``fxostate`` has the table, ``Machine`` follows it; this makes one event of the many signs that an analogue line gives.
"""

from __future__ import annotations

from appliance.q850 import Cause
from gateways.line import Alerting, Answered, DialRefused, FaxHeard, LineLost
from gateways.pstn.callerid import CallerIdentity
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.fxoactions import Hook, Output
from gateways.pstn.fxodial import DialPlan
from gateways.pstn.fxoheard import FAX, HANGING_UP, SETTING_UP, Connected, End
from gateways.pstn.fxomachine import Machine
from gateways.pstn.fxostate import PHASES, Input, Phase
from gateways.pstn.fxotimings import Timings
from gateways.pstn.hearing import Sound

NO_DIAL_TONE = "no dial tone: is the line connected?"
_RINGS = frozenset({Phase.RINGING, Phase.REFUSED})
_THROUGH = frozenset({Phase.TALKING, Phase.HELD})
_AWAITING_ANSWER = frozenset({Phase.PROGRESS, Phase.ALERTING})


class FxoCall(Machine):
    """See the module. ``patient``: neither tones nor silence end a call (one is being recorded to learn from)."""

    def __init__(self, spec: FxoSpec, timings: Timings) -> None:
        super().__init__(spec, timings)
        self.patient = False

    # The channel

    def opened(self, now: float) -> list[Output]:
        """The channel is there. The line is left first, whatever it was before."""
        outputs = self.go(Input.OPENED, now)
        return [Hook(False), *outputs] if outputs else []

    def lost(self, reason: str, now: float, cause: int = Cause.DESTINATION_OUT_OF_ORDER) -> list[Output]:
        """The channel is gone, or was let go; ``reason`` says why and what to do."""
        return self._out_of_service(Input.GONE, reason, cause, now)

    def alarm(self, reason: str | None, now: float) -> list[Output]:
        """The line has no battery, for that reason, or has it again (None)."""
        if reason is None:
            return self.go(Input.RESTORED, now)
        return self._out_of_service(Input.ALARM, reason, Cause.DESTINATION_OUT_OF_ORDER, now)

    def _out_of_service(self, happened: Input, reason: str, cause: int, now: float) -> list[Output]:
        self.reason = reason
        outputs = self.go(happened, now, self.end_of_call(cause, "line", reason))
        if outputs and self.serving:
            self.serving = False
            outputs.append(LineLost(self._line, reason))
        return outputs

    # What the trunk asks for

    def dial(self, plan: DialPlan, now: float) -> list[Output]:
        if self.phase is not Phase.IDLE:
            return [DialRefused(self._line, Cause.NO_CIRCUIT_AVAILABLE, f"the line is {PHASES[self.phase].shown}")]
        self.plan = plan
        return self.go(Input.DIAL, now)

    def answer(self, now: float) -> list[Output]:
        """Take the call that was told of; nothing if there is none."""
        return self.go(Input.ANSWER, now, then=[Answered(self._line, "reported")]) if self.arrival.told else []

    def hang_up(self, cause: int, now: float) -> list[Output]:
        """Our side gives the call up; nothing if there is none."""
        return self.go(Input.HANG_UP, now, self.end_of_call(cause, "near", "")) if self.in_call else []

    # What the line does

    def ring_begun(self, now: float) -> list[Output]:
        return self._rings(now, begun=True)

    def ring_ended(self, now: float) -> list[Output]:
        return self._rings(now, begun=False)

    def _rings(self, now: float, begun: bool) -> list[Output]:
        if self.phase is Phase.SEIZING:
            return self._glare(now) if now < self.since + self._timings.glare else []
        if self.phase is Phase.COOLING and not begun and now < self.since + self._timings.stale:
            return []
        outputs = self.go(Input.RING, now)
        if self.phase not in _RINGS:
            return outputs
        cadence = self.arrival.cadence
        (cadence.begun if begun else cadence.ended)(now)
        if self.phase is Phase.REFUSED:
            return outputs
        if not begun and self.arrival.is_car():
            return outputs + self.go(Input.CAR, now)
        return outputs + (self.tell_if_due(now) or self.listen())

    def _glare(self, now: float) -> list[Output]:
        """It rings while we take the line: the exchange has put the caller through to us, so ours cannot be."""
        ended = self.end_of_call(Cause.REQUESTED_CHANNEL_UNAVAILABLE, "line", "a call came in first")
        return [*self.go(Input.RING, now, ended), *self.tell_of_call()]

    def polarity(self, now: float) -> list[Output]:
        """The line is reversed: the announcement of a call, an answer, or a hang-up."""
        spec = self._spec
        if self.phase is Phase.IDLE:
            announced = spec.caller_id == "v23-japan" or spec.caller_id_start in {"polarity", "polarity-india"}
            return self.go(Input.PRELUDE, now) if announced and spec.caller_id != "none" else []
        if self.phase in _AWAITING_ANSWER and spec.answer_on_polarity:
            return self.connected("reported", now)
        guarded = now < self.since + self._timings.polarity_guard
        if self.phase in _THROUGH and spec.hang_up_on_polarity and not guarded:
            return self._hung_up("polarity reversal", now)
        return []

    def battery_dropped(self, now: float) -> list[Output]:
        """The exchange took the battery away for a moment: the far end has hung up."""
        return self._hung_up("battery drop", now)

    def _hung_up(self, sign: str, now: float) -> list[Output]:
        through = self.phase in _THROUGH
        return self.ended(Cause.NORMAL_CLEARING if through else Cause.NORMAL_UNSPECIFIED, "far", sign, now)

    def dialled(self, now: float) -> list[Output]:
        """The digits have been sent."""
        return self.go(Input.DIALLED, now)

    # What is heard

    def identified(self, identity: CallerIdentity, now: float) -> list[Output]:
        """The caller's number, or that it is withheld, has come."""
        outputs: list[Output] = []
        if self.phase is Phase.IDLE:
            outputs = self.go(Input.PRELUDE, now)
        if PHASES[self.phase].listening != "caller-id" or self.arrival.told:
            return outputs
        self.arrival.identity = identity
        if self.phase is Phase.RECEIVING:
            return self.go(Input.RECEIVED, now)
        if self.phase is Phase.PRELUDE:
            self.until = now + self._timings.prelude
            return outputs + self.listen()
        return self.tell_if_due(now) or self.listen()

    def heard(self, sound: Sound, now: float) -> list[Output]:
        """A sound became sure."""
        fax: list[Output] = []
        tone = FAX.get(sound)
        if tone is not None and not self.fax_told and self.phase in _AWAITING_ANSWER | {Phase.TALKING}:
            self.fax_told = True
            fax = [FaxHeard(self._line, tone)]
        if self.phase in _THROUGH:
            return fax + self._heard_in_call(sound, now)
        return self._heard_setting_up(sound, now) + fax

    def _heard_setting_up(self, sound: Sound, now: float) -> list[Output]:
        if sound is Sound.DIAL and self.phase is Phase.PROGRESS and now < self.since + self._timings.dial_tone_after:
            return []
        match SETTING_UP.get((self.phase, sound)):
            case End(cause, text):
                return self.ended(cause, "far", text, now)
            case Connected(confidence) if not self._spec.answer_on_polarity:
                return self.connected(confidence, now)
            case Input.RINGBACK:
                return self.go(Input.RINGBACK, now, then=[Alerting(self._line)])
            case Input() as happened:
                return self.go(happened, now)
        return []

    def _heard_in_call(self, sound: Sound, now: float) -> list[Output]:
        text = HANGING_UP.get(sound)
        if text is None or self.patient:
            return []
        if sound is not Sound.SILENCE:
            return self._hung_up(text, now) if self._spec.busy != "off" else []
        if self._spec.silence_hang_up <= 0 or self.phase is Phase.HELD:  # who hears ring-back says nothing
            return []
        return self._hung_up(f"{text} for {self._spec.silence_hang_up} s", now)

    # Time

    def deadline(self) -> float | None:
        if self.phase not in _RINGS:
            return self.until
        times = [self.arrival.cadence.gone_at(), self.arrival.tell_at() if self.phase is Phase.RINGING else None]
        return min(at for at in times if at is not None)

    def tick(self, now: float) -> list[Output]:
        """Do what has become due."""
        at = self.deadline()
        if at is None or now < at:
            return []
        if self.phase in _RINGS:
            return self._caller_gone(now) if now >= self.arrival.cadence.gone_at() else self.tell_if_due(now)
        if self.phase is not Phase.SEIZING:
            return self.go(Input.EXPIRED, now)
        if self._spec.wait_dial_tone <= 0:
            return self.go(Input.PROCEED, now)
        return self.ended(Cause.DESTINATION_OUT_OF_ORDER, "line", NO_DIAL_TONE, now)

    def _caller_gone(self, now: float) -> list[Output]:
        # A call that was never told of is told now, so that its end has a beginning.
        outputs = self.tell_of_call() if self.phase is Phase.RINGING else []
        return outputs + self.go(Input.EXPIRED, now, self.end_of_call(Cause.NORMAL_CLEARING, "far", "it rings no more"))
