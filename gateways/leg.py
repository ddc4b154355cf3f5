"""A SIP leg to the core and the audio that it carries. With ``gateways.sip`` the gateways' only importer of pjsua2."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from typing import Any, Protocol

import pjsua2 as pj

from appliance import q850
from appliance.sip_text import quoted
from gateways.callwatch import Counts
from gateways.digits import DigitMerge, Source
from gateways.line import ShownCaller

log = logging.getLogger(__name__)


class Agent(Protocol):
    """What a leg needs of the user agent."""

    account: Any
    user: str
    core: str
    listener: LegListener

    def leg_over(self, leg: Leg, cause: int) -> None: ...
    def guard(self, what: Callable[[], None]) -> None:
        """Run a handler; an exception must not pass into pjsua2's C++ code."""

    def watch(self, fd: int, ready: Callable[[], None]) -> None: ...
    def unwatch(self, fd: int) -> None: ...


class LegListener(Protocol):
    """Who hears of legs; always called in the SIP thread."""

    def on_invite(self, leg: Leg, called: str, line: str | None, caller: ShownCaller) -> None:
        """The core wants ``called`` dialled on ``line``; answer by the leg's methods."""

    def on_leg_ringing(self, leg: Leg) -> None: ...
    def on_leg_answered(self, leg: Leg) -> None: ...
    def on_leg_over(self, leg: Leg, cause: int) -> None:
        """The leg has ended by the core, or failed; ``cause`` is ITU-T Q.850."""

    def on_leg_digit(self, leg: Leg, digit: str) -> None: ...
    def on_tick(self, now: float) -> None: ...


def _options(status: int = 0, headers: dict[str, str] | None = None) -> pj.CallOpParam:
    options = pj.CallOpParam(True)
    options.opt.audioCount = 1
    options.opt.videoCount = 0
    options.opt.textCount = 0  # 2.17 offers real-time text by default: one port more for each call
    options.statusCode = status
    options.txOption.headers = _headers(headers or {})
    return options


def _headers(headers: dict[str, str]) -> pj.SipHeaderVector:
    vector = pj.SipHeaderVector()
    for name, value in headers.items():
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        vector.append(header)
    return vector


def _reason(cause: int, text: str) -> dict[str, str]:
    return {"Reason": q850.reason_header(cause, text or None)}


class Leg(pj.Call):
    """One call between us and the core. For the SIP thread only."""

    def __init__(self, agent: Agent, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(agent.account, call_id)
        self._agent = agent
        self._audio: pj.AudioMedia | None = None
        self._pcm: pj.PcmPort | None = None
        self._digits: int | None = None
        self._tone: pj.ToneGenerator | None = None
        self._merge = DigitMerge()
        self._closing = False
        self._cause: int | None = None  # from a Reason header of the core
        self.answered = False
        self.ringing = False
        self.over = False

    # What the trunk asks for

    def invite(self, called: str, caller: ShownCaller, headers: dict[str, str]) -> None:
        """Call the core; pj.Error when it cannot even be tried."""
        options = _options(headers=headers)
        number = caller.number or "anonymous"
        options.txOption.localUri = f"{quoted(caller.name or number)} <sip:{number}@{self._agent.user}>"
        self.makeCall(f"sip:{called}@{self._agent.core}", options)

    def ring(self) -> None:
        self._do(lambda: self.answer(_options(180)))

    def accept(self) -> None:
        self._do(lambda: self.answer(_options(200)))

    def refuse(self, status: int, cause: int, text: str = "") -> None:
        self._closing = True
        self._do(lambda: self.answer(_options(status, _reason(cause, text))))

    def hang_up(self, cause: int, text: str = "") -> None:
        """BYE, CANCEL or refuse, whichever the state calls for."""
        if not self._closing:
            self._closing = True
            self._do(lambda: self.hangup(_options(0, _reason(cause, text))))

    def send_digit(self, digit: str, source: Source) -> None:
        """Send on a digit of the line's party, unless the other source has told of it already."""
        if self._merge.fresh(digit, source, time.monotonic()):
            log.info("digit %s heard from the line", digit)
            self._do(lambda: self.dialDtmf(digit))

    def report_fax(self, tone: str) -> None:
        """Tell the core that a fax machine was heard (INFO, RFC 6086)."""
        info = pj.CallSendRequestParam()
        info.method = "INFO"
        info.txOption.headers = _headers({"X-Callfloor-Fax": tone})
        self._do(lambda: self.sendRequest(info))

    def _do(self, what: Callable[[], object]) -> None:
        try:
            what()
        except pj.Error as error:
            log.warning("leg: %s", error.info())  # it ended meanwhile, on_leg_over tells

    # Audio

    def carry(self, fd: int) -> None:
        """Join the line's audio to the leg; takes ``fd`` over."""
        self.drop_audio()
        digits, events = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self._pcm = pj.PcmPort()
            self._pcm.open(fd, events)
        except pj.Error as error:
            log.error("no audio: %s", error.info())
            self._pcm = None
        finally:
            os.close(fd)
            os.close(events)
        self._digits = digits
        self._agent.watch(digits, self._heard_digits)
        self._join()

    def pause(self, paused: bool) -> None:
        if self._pcm is not None:
            self._pcm.pause(paused)

    def counts(self) -> Counts | None:
        """Return what the line's audio counted, None while there is none."""
        if self._pcm is None:
            return None
        stats = self._pcm.stats()
        return Counts(stats.frames_out, stats.dropped_out, stats.voice_frames)

    def warn(self) -> None:
        """Play a tone to the core's side: the call will be cut soon."""
        if self._audio is None:
            return
        try:
            self._tone = pj.ToneGenerator()
            self._tone.createToneGenerator(8000, 1)
            self._tone.startTransmit(self._audio)
            beep = pj.ToneDesc()
            beep.freq1, beep.freq2, beep.on_msec, beep.off_msec = 1400, 0, 250, 250  # ITU-T E.180 warning tones
            self._tone.play(pj.ToneDescVector([beep, beep]))
        except pj.Error as error:
            log.warning("no warning tone: %s", error.info())

    def drop_audio(self) -> None:
        """Let go of the line's audio."""
        self._tone = None
        if self._pcm is not None:
            self._log_audio(self._pcm.stats())
            self._pcm.close()
            self._pcm = None
        if self._digits is not None:
            self._agent.unwatch(self._digits)
            os.close(self._digits)
            self._digits = None

    def _log_audio(self, counts: pj.PcmPortStats) -> None:
        """Leave in the log what a technician asks first when somebody complains of the sound."""
        log.info(
            "audio: %d frames in, %d out; %d underruns, %d dropped in, %d dropped out, %d dropped for drift",
            counts.frames_in, counts.frames_out, counts.underruns, counts.dropped_in, counts.dropped_out,
            counts.drift_drops,
        )  # fmt: skip
        try:
            statistics = self.getStreamStat(0)
        except pj.Error:
            return
        received, buffer = statistics.rtcp.rxStat, statistics.jbuf
        log.info(
            "from the core: %d packets, %d lost; jitter buffer: empty %d, discarded %d, lost %d, delay %d to %d ms",
            received.pkt, received.loss, buffer.empty, buffer.discard, buffer.lost, buffer.minDelayMsec,
            buffer.maxDelayMsec,
        )  # fmt: skip

    def _join(self) -> None:
        if self._audio is not None and self._pcm is not None:
            self._pcm.startTransmit(self._audio)
            self._audio.startTransmit(self._pcm)

    def _heard_digits(self) -> None:
        assert self._digits is not None
        for digit in os.read(self._digits, 64).decode("ascii"):
            if digit != "X":  # end of the audio: the line's own thread sees that too, and ends the call
                self.send_digit(digit, "audio")

    def packets(self) -> int:
        """Return how many RTP packets came from the core."""
        if self._audio is None:
            return 0
        try:
            statistics = self.getStreamStat(0)  # must outlive the reading: its parts belong to it
            return int(statistics.rtcp.rxStat.pkt)
        except pj.Error:
            return 0

    # What pjsua2 calls

    def onCallState(self, prm: Any) -> None:  # noqa: N802
        self._agent.guard(lambda: self._on_state(prm.e))

    def _on_state(self, event: Any) -> None:
        self._read_reason(event)  # of an answer that refuses; a BYE's or CANCEL's comes by onCallTsxState
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY and not self.ringing:
            self.ringing = True
            self._agent.listener.on_leg_ringing(self)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED and not self.answered:
            self.answered = True
            self._agent.listener.on_leg_answered(self)
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.over = True
            self.drop_audio()
            self._audio = None
            status = int(info.lastStatusCode)
            self._agent.leg_over(self, self._cause or (16 if self.answered else q850.from_sip(status)))

    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802
        self._agent.guard(lambda: self._read_reason(prm.e))

    def _read_reason(self, event: Any) -> None:
        state = event.body.tsxState
        if event.type == pj.PJSIP_EVENT_TSX_STATE and state.type == pj.PJSIP_EVENT_RX_MSG:
            self._cause = q850.from_reason(state.src.rdata.wholeMsg) or self._cause

    def onCallMediaState(self, _prm: Any) -> None:  # noqa: N802
        self._agent.guard(self._on_media)

    def _on_media(self) -> None:
        active = {pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD}
        info = self.getInfo()  # must outlive the loop: SWIG's vector of media belongs to it
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status in active:
                self._audio = self.getAudioMedia(-1)
                self._join()

    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802
        digit = str(prm.digit)
        self._agent.guard(lambda: self._agent.listener.on_leg_digit(self, digit))
