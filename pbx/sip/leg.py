"""One SIP dialog as pjsua2 sees it: turns call-backs into events.

A call-back runs in the middle of pjsua2's work, so it only notes what happened; the switch acts after
``libHandleEvents`` has returned.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import pjsua2 as pj

from appliance import q850
from pbx import events
from pbx.sip.message import fax_tone

if TYPE_CHECKING:
    from pbx.sip.audio import Source

log = logging.getLogger(__name__)

_DIGITS = frozenset("0123456789*#ABCD")


P = TypeVar("P")
L = TypeVar("L")


def callback(method: Callable[[L, P], None]) -> Callable[[L, P], None]:
    """Keep an exception out of pjsua2's C++ code, which would end the process: log it."""

    @functools.wraps(method)
    def called_by_pjsua2(self: L, prm: P) -> None:
        try:
            method(self, prm)
        except Exception:
            log.exception("a call-back of pjsua2 failed")

    return called_by_pjsua2


class Leg(pj.Call):
    """A dialog with a phone or a gateway. ``number`` is the core's name for it."""

    def __init__(
        self,
        number: int,
        account: pj.Account,
        notify: Callable[[events.Event], None],
        call_id: int = pj.PJSUA_INVALID_ID,
    ) -> None:
        super().__init__(account, call_id)
        self.number = number
        self._notify = notify
        self._cause: int | None = None  # from a Reason header of the far end, and its words
        self._text = ""
        self.ended_by_us = False
        self.answered = False
        self.rings = False
        self.ended = False
        self.media: pj.AudioMedia | None = None
        self.sources: set[Source] = set()  # what this leg hears
        self.sinks: list[pj.AudioMedia] = []  # the recorder that hears this leg
        self.prompt: pj.AudioMediaPlayer | None = None
        self.had_media = False
        self.packets = 0
        self.silent_since: float | None = None
        self.from_gateway = False

    @callback
    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY and not self.rings and info.role == pj.PJSIP_ROLE_UAC:
            self.rings = True
            self._notify(events.LegRinging(self.number))
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED and not self.answered:
            self.answered = True
            self._notify(events.LegAnswered(self.number))
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED and not self.ended:
            self.ended = True
            self._read_reason(prm.e)  # a refusal ends the call before its transaction's call-back comes
            status = int(info.lastStatusCode)
            cause = self._cause if self._cause is not None else (16 if self.answered else q850.from_sip(status))
            self._notify(events.LegEnded(self.number, status, cause, self.ended_by_us, self._text))

    @callback
    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802, ARG002
        info = self.getInfo()  # must outlive the loop: the list of media belongs to it
        for index, media in enumerate(info.media):
            active = media.status in (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)
            if media.type == pj.PJMEDIA_TYPE_AUDIO and active:
                self.media, self.had_media = self.getAudioMedia(index), True
                self._notify(events.LegMediaReady(self.number))
                return
        self.media = None

    @callback
    def onStreamDestroyed(self, prm: pj.OnStreamDestroyedParam) -> None:  # noqa: N802
        """Leave in the log what a technician asks first when somebody complains of the sound."""
        try:
            statistics = self.getStreamStat(prm.streamIdx)
        except pj.Error:
            return
        received, buffer = statistics.rtcp.rxStat, statistics.jbuf
        log.info(
            "leg %d: %d packets received, %d lost, %d sent; jitter buffer: "
            "empty %d, discarded %d, lost %d, delay %d to %d ms",
            self.number, received.pkt, received.loss, statistics.rtcp.txStat.pkt, buffer.empty, buffer.discard,
            buffer.lost, buffer.minDelayMsec, buffer.maxDelayMsec,
        )  # fmt: skip

    def packets_received(self) -> int:
        """Return how many RTP packets have come; 0 while there is no audio."""
        if self.media is None:
            return 0
        statistics = self.getStreamStat(0)  # must outlive the reading: its parts belong to it
        return int(statistics.rtcp.rxStat.pkt)

    @callback
    def onDtmfDigit(self, prm: pj.OnDtmfDigitParam) -> None:  # noqa: N802
        if prm.digit in _DIGITS:
            self._notify(events.LegDigit(self.number, prm.digit))

    @callback
    def onCallTsxState(self, prm: pj.OnCallTsxStateParam) -> None:  # noqa: N802
        self._read_reason(prm.e)
        if self.from_gateway and (tone := fax_tone(_received(prm.e))) is not None:
            self._notify(events.LegFaxHeard(self.number, tone))

    def ask_alive(self) -> None:
        """Send an OPTIONS within the dialog; no answer, or 481, ends the call (RFC 3261 §12.2.1.2)."""
        prm = pj.CallSendRequestParam()
        prm.method = "OPTIONS"
        try:
            self.sendRequest(prm)
        except pj.Error as error:
            log.debug("leg %d: OPTIONS: %s", self.number, error.reason)

    def _read_reason(self, event: pj.SipEvent) -> None:
        """Keep the cause of a message's Reason header (RFC 3326), where the event is a message received."""
        message = _received(event)
        cause = q850.from_reason(message)
        if cause is not None:
            self._cause, self._text = cause, q850.reason_text(message)


def _received(event: pj.SipEvent) -> str:
    """Return the message whose arrival the event tells of, '' where it tells of something else."""
    if event.type != pj.PJSIP_EVENT_TSX_STATE or event.body.tsxState.type != pj.PJSIP_EVENT_RX_MSG:
        return ""
    return str(event.body.tsxState.src.rdata.wholeMsg)
