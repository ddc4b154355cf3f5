"""Owns pjsua2: its endpoint, its legs and what they hear. All methods run on the core's one thread.

Legs are named by number. An order to a leg that is already gone raises ``DeadLeg``; its ``LegEnded`` is on its way.
"""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pjsua2 as pj

from appliance import q850
from appliance.sip_text import quoted
from pbx import events
from pbx.loop import Loop, guarded
from pbx.sip.audio import Music, Prompts, Resting, Take, player, quietly
from pbx.sip.config import (
    SipSettings,
    account_config,
    call_parameters,
    choose_codecs,
    endpoint_config,
    header_vector,
)
from pbx.sip.leg import Leg, callback
from pbx.sip.log import PjLog
from pbx.sip.message import read_invite

log = logging.getLogger(__name__)

TURN_SECONDS = 0.01  # how long an order from another thread may wait
SILENCE_CHECK_SECONDS = 2.0
SILENCE_SECONDS = 10.0


class DeadLeg(Exception):
    """The leg is gone, or its dialog is past the point where the order makes sense."""


class _Account(pj.Account):
    """Receives INVITEs; refuses those that do not come from the edge or a gateway."""

    def __init__(self, core: SipCore) -> None:
        super().__init__()
        self._core = core

    @callback
    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802
        self._core.arrived(prm)


class SipCore:
    """The core's SIP user agent. ``run`` serves until the loop is stopped."""

    def __init__(self, settings: SipSettings, loop: Loop) -> None:
        self._settings = settings
        self._loop = loop
        self._numbers = itertools.count(1)
        self._legs: dict[int, Leg] = {}
        self._happened: deque[events.Event] = deque()
        self._prompts = Prompts(settings.prompts)
        self._music: dict[str, Music] = {}
        self._resting = Resting(loop)
        self._endpoint = pj.Endpoint()
        self._endpoint.libCreate()
        self._log = PjLog()
        self._endpoint.libInit(endpoint_config(self._log))
        self._endpoint.audDevManager().setNullDev()
        transport = pj.TransportConfig()
        transport.boundAddress, transport.port = settings.host, settings.port
        self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        self._endpoint.libStart()
        choose_codecs(self._endpoint)
        self._account = _Account(self)
        self._account.create(account_config(settings))

    def run(self, handle: Callable[[events.Event], None], on_turn: Callable[[], None]) -> None:
        """Serve until the loop is stopped: each event goes to ``handle``; ``on_turn`` is called in each turn."""
        self._loop.later(SILENCE_CHECK_SECONDS, self._check_silence)
        while self._loop.running:
            self._serve_once(handle)
            on_turn()

    def _serve_once(self, handle: Callable[[events.Event], None]) -> None:
        wait = 0.0 if self._happened else self._loop.wait_time(TURN_SECONDS)
        self._endpoint.libHandleEvents(int(wait * 1000))
        while self._happened:
            event = self._happened.popleft()
            guarded(lambda event=event: handle(event))  # type: ignore[misc]
            if isinstance(event, events.LegEnded):
                self._forget(event.leg)
        self._loop.turn()

    def close(self, handle: Callable[[events.Event], None], grace: float = 3.0) -> None:
        """End all legs, give their BYEs ``grace`` seconds, and destroy the endpoint."""
        for number in list(self._legs):
            self.end(number, q850.Cause.NORMAL_UNSPECIFIED)
        until = self._loop.now() + grace
        while self._legs and self._loop.now() < until:
            self._serve_once(handle)
        for leg in self._legs.values():
            self._resting.add(leg.prompt, None)
        self._legs.clear()
        self._resting.close()
        self._music.clear()
        self._account.shutdown()
        self._endpoint.libDestroy()

    # ---- calls in and out

    def arrived(self, prm: pj.OnIncomingCallParam) -> None:
        """Take an INVITE: note it for the switch, or refuse it where its sender is a stranger."""
        leg = Leg(next(self._numbers), self._account, self._happened.append, prm.callId)
        self._legs[leg.number] = leg
        sender = self._settings.sender(prm.rdata.srcAddress)
        leg.from_gateway = sender == "gateway"
        invite = read_invite(prm.rdata.wholeMsg, leg.getInfo().remoteUri, sender)
        if invite.line is None and invite.extension is None:
            log.warning("an INVITE from %s is refused: neither the edge's nor a gateway's", prm.rdata.srcAddress)
            leg.ended_by_us = True
            self._answer(leg, 403)
            return
        self._happened.append(events.LegArrived(leg.number, **asdict(invite)))

    def dial(
        self, uri: str, caller: str | None, headers: dict[str, str], to_gateway: bool, name: str | None = None
    ) -> int:
        """Send an INVITE; return the leg's number. ``name`` is the caller's. Raises DeadLeg where it can't be sent."""
        leg = Leg(next(self._numbers), self._account, self._happened.append)
        leg.from_gateway = to_gateway
        prm = call_parameters()
        prm.txOption.headers = header_vector(headers)
        number = caller or "anonymous"
        prm.txOption.localUri = f"{quoted(name or number)} <sip:{number}@{self._settings.host}:{self._settings.port}>"
        self._legs[leg.number] = leg
        try:
            leg.makeCall(uri, prm)
        except pj.Error as error:
            del self._legs[leg.number]
            raise DeadLeg(f"INVITE {uri}: {error.reason}") from None
        return leg.number

    def ring(self, number: int) -> None:
        """Tell the far end that it rings (180)."""
        self._answer(self._leg(number), 180)

    def accept(self, number: int) -> None:
        """Answer an incoming leg (200)."""
        self._answer(self._leg(number), 200)

    def end(self, number: int, cause: int) -> None:
        """End a leg in whatever state it is (refusal, CANCEL or BYE) with a Q.850 Reason. Gone already: nothing."""
        leg = self._legs.get(number)
        if leg is None or leg.ended:
            return
        leg.ended_by_us = True
        prm = pj.CallOpParam()
        prm.statusCode = q850.to_sip(cause)
        prm.txOption.headers = header_vector({"Reason": q850.reason_header(cause)})
        try:
            leg.hangup(prm)
        except pj.Error as error:
            log.debug("leg %d: hang-up: %s", number, error.reason)

    def digits(self, number: int, digits: str) -> None:
        """Send telephone-event digits (RFC 4733)."""
        prm = pj.CallSendDtmfParam()
        prm.method, prm.digits = pj.PJSUA_DTMF_METHOD_RFC2833, digits
        self._try(number, lambda leg: leg.sendDtmf(prm))

    # ---- what a leg hears

    def play(self, number: int, prompt: str) -> float:
        """Play a prompt to a leg instead of what it heard; return its seconds. Raises OSError where it is missing."""
        leg = self._leg(number)
        self.hear_nothing(number)
        seconds = self._prompts.seconds(prompt)
        leg.prompt = player(self._prompts.path(prompt))
        if leg.media is not None:
            leg.prompt.startTransmit(leg.media)
        return seconds

    def play_music(self, number: int, name: str) -> None:
        """Let a leg hear music until something else."""
        self.hear_nothing(number)
        music = self._music.setdefault(name, Music(self._prompts.path(name)))
        self._connect(music, self._leg(number))

    def hear_nothing(self, number: int) -> None:
        """Stop prompts, music and speech to a leg."""
        leg = self._leg(number)
        for source in leg.sources:
            if source.media is not None and leg.media is not None:
                quietly(lambda source=source: source.media.stopTransmit(leg.media))  # type: ignore[misc]
        leg.sources.clear()
        self._resting.add(leg.prompt, leg.media)
        leg.prompt = None

    def bridge(self, one: int, other: int) -> None:
        """Let two legs hear each other, and nothing else."""
        a, b = self._leg(one), self._leg(other)
        self.hear_nothing(one)
        self.hear_nothing(other)
        self._connect(a, b)
        self._connect(b, a)

    def record(self, caller: int, agent: int, path: Path) -> Take:
        """Record two legs into a stereo file until the take is detached; raises OSError where it can't be made."""
        left, right = self._leg(caller), self._leg(agent)
        take = Take(path)
        for leg, sink in ((left, take.left), (right, take.right)):
            leg.sinks = [sink]
            if leg.media is not None:
                leg.media.startTransmit(sink)
        return take

    def _connect(self, source: Music | Leg, leg: Leg) -> None:
        leg.sources.add(source)
        if source.media is not None and leg.media is not None:
            source.media.startTransmit(leg.media)

    def media_ready(self, number: int) -> None:
        """Connect again what belongs together: a re-INVITE may have made a new conference port."""
        ready = self._legs.get(number)
        if ready is None or ready.media is None:
            return
        for source in ready.sources:
            if source.media is not None:
                source.media.startTransmit(ready.media)
        if ready.prompt is not None:
            ready.prompt.startTransmit(ready.media)
        for sink in ready.sinks:
            ready.media.startTransmit(sink)
        for leg in self._legs.values():
            if ready in leg.sources and leg.media is not None:
                ready.media.startTransmit(leg.media)

    # ---- inside

    def _leg(self, number: int) -> Leg:
        leg = self._legs.get(number)
        if leg is None or leg.ended:
            raise DeadLeg(f"leg {number} is gone")
        return leg

    def _try(self, number: int, order: Callable[[Leg], None]) -> None:
        try:
            order(self._leg(number))
        except pj.Error as error:
            raise DeadLeg(f"leg {number}: {error.reason}") from None

    def _answer(self, leg: Leg, status: int) -> None:
        prm = call_parameters()
        prm.statusCode = status
        try:
            leg.answer(prm)
        except pj.Error as error:
            raise DeadLeg(f"leg {leg.number}: answer {status}: {error.reason}") from None

    def _forget(self, number: int) -> None:
        leg = self._legs.pop(number, None)
        if leg is None:
            return
        for other in self._legs.values():
            other.sources.discard(leg)
        self._resting.add(leg.prompt, None)
        leg.prompt = leg.media = None
        leg.sources.clear()
        leg.sinks = []

    def _check_silence(self) -> None:
        """Find answered legs whose far end died without a BYE, or that never got audio."""
        self._loop.later(SILENCE_CHECK_SECONDS, self._check_silence)
        now = self._loop.now()
        for leg in list(self._legs.values()):
            if not leg.answered or leg.ended:
                continue
            packets = leg.packets_received()
            if packets != leg.packets or leg.silent_since is None:
                leg.packets, leg.silent_since = packets, now
            elif now - leg.silent_since >= SILENCE_SECONDS:
                self._too_silent(leg, now - leg.silent_since)

    def _too_silent(self, leg: Leg, seconds: float) -> None:
        """A gateway sends RTP all the time, so its silence is death. A phone may be muted or on hold: it is asked."""
        if leg.media is None and not leg.had_media:  # an INVITE without SDP whose ACK had none either
            self.end(leg.number, q850.Cause.INCOMPATIBLE_DESTINATION)
        elif leg.from_gateway:
            self._happened.append(events.LegSilent(leg.number, seconds))
        else:
            leg.silent_since = None  # ask again after as long a silence
            leg.ask_alive()
