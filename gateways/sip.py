"""A gateway's SIP user agent: one leg to the core for each call on a line.

One thread owns every pjsua2 object; everything else hands it work by ``submit``. Audio runs in pjsua2's own C threads,
clocked by its null sound device at 20 ms. Loopback UDP, G.711 and telephone-event (RFC 4733).
"""

from __future__ import annotations

import contextlib
import gc
import logging
import queue
import select
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import pjsua2 as pj

from gateways.leg import Leg, LegListener
from gateways.line import ShownCaller
from gateways.sipmessage import SipMessage

log = logging.getLogger(__name__)
HANDLE_EVENTS_MS = 10
TICK = 0.25
"""Seconds between calls of ``LegListener.on_tick``."""
Law = Literal["alaw", "ulaw"]
CODECS: dict[Law, dict[str, int]] = {
    "alaw": {"PCMA/8000": 255, "PCMU/8000": 254},
    "ulaw": {"PCMU/8000": 255, "PCMA/8000": 254},
}
"""Priorities: the law of the lines first, so that their bytes pass as they are where the far end has the same.
Whoever is called takes the first of what is offered that it knows."""


@dataclass(frozen=True, slots=True)
class SipSettings:
    """Our address and RTP ports, the only peer: the core, and the law of our lines (ITU-T G.711)."""

    user: str
    host: str
    port: int
    rtp_first: int
    rtp_last: int
    core_host: str
    core_port: int
    law: Law = "alaw"


class _Account(pj.Account):
    def __init__(self, agent: SipAgent) -> None:
        super().__init__()
        self._agent = agent

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802
        call_id, source, message = prm.callId, prm.rdata.srcAddress, prm.rdata.wholeMsg
        self._agent.guard(lambda: self._agent.invited(call_id, source, SipMessage(message)))


class _Log(pj.LogWriter):
    def write(self, entry: Any) -> None:
        level = logging.WARNING if entry.level <= 2 else logging.DEBUG
        logging.getLogger("pjsip").log(level, "%s", entry.msg.strip())


class SipAgent:
    """Start with a listener, then ``submit`` what is to be done in the SIP thread."""

    def __init__(self, settings: SipSettings) -> None:
        self.settings = settings
        self.user = settings.user
        self.core = f"{settings.core_host}:{settings.core_port}"
        self.listener: LegListener
        self.account: Any = None
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._poll = select.epoll()
        self._watched: dict[int, Callable[[], None]] = {}
        self._legs: set[Leg] = set()
        self._running = True
        self._started = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="sip")

    def start(self, listener: LegListener) -> None:
        """Listen; RuntimeError when the addresses cannot be used."""
        self.listener = listener
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            self._thread.join()
            raise RuntimeError(f"the SIP agent cannot start: {self._failure}") from self._failure

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def submit(self, what: Callable[[], None]) -> None:
        """Have ``what`` called in the SIP thread, within 10 ms."""
        self._work.put(what)

    def stop(self) -> None:
        """End all legs and the thread."""
        self.submit(self._end)
        self._thread.join()

    def _end(self) -> None:
        self._running = False

    @property
    def legs(self) -> int:
        """How many legs there are."""
        return len(self._legs)

    # For the SIP thread only

    def call(self, called: str, caller: ShownCaller, headers: dict[str, str]) -> Leg | None:
        """Begin a leg to the core; None when it cannot even be tried."""
        leg = Leg(self)
        try:
            leg.invite(called, caller, headers)
        except pj.Error as error:
            log.error("no leg to the core: %s", error.info())
            return None
        self._legs.add(leg)
        return leg

    def invited(self, call_id: int, source: str, message: SipMessage) -> None:
        """Take an INVITE: only the core may call."""
        leg = Leg(self, call_id)
        self._legs.add(leg)
        if source != self.core:
            log.warning("call from %s refused: it is not the core", source)
            leg.refuse(403, 21, "only the core may call")
            return
        self.listener.on_invite(leg, message.called, message.header("X-Callfloor-Line"), message.caller)

    def leg_over(self, leg: Leg, cause: int) -> None:
        self.listener.on_leg_over(leg, cause)
        self.submit(lambda: self._legs.discard(leg))  # pjsua2 still uses it until this callback returns

    def watch(self, fd: int, ready: Callable[[], None]) -> None:
        self._watched[fd] = ready
        self._poll.register(fd, select.EPOLLIN)

    def unwatch(self, fd: int) -> None:
        self._watched.pop(fd)
        self._poll.unregister(fd)

    def guard(self, what: Callable[[], None]) -> None:
        try:
            what()
        except Exception:
            log.exception("a fault in a SIP handler")

    def _run(self) -> None:
        endpoint = pj.Endpoint()
        try:
            writer = self._open(endpoint)
        except Exception as error:  # noqa: BLE001  # whatever it is, who waits in start() must hear of it
            self._failure = RuntimeError(error.info()) if isinstance(error, pj.Error) else error
            endpoint.libDestroy()
            return
        finally:
            self._started.set()
        next_tick = 0.0
        while self._running:
            endpoint.libHandleEvents(HANDLE_EVENTS_MS)
            self._turn()
            if (now := time.monotonic()) >= next_tick:
                next_tick = now + TICK
                self.guard(partial(self.listener.on_tick, now))
        self._close(endpoint)
        del writer

    def _turn(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self.guard(self._work.get_nowait())
        for fd, _ in self._poll.poll(0):
            if fd in self._watched:
                self.guard(self._watched[fd])

    def _open(self, endpoint: Any) -> _Log:
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = 256
        config.uaConfig.userAgent = f"callfloor-{self.settings.user}"
        writer = _Log()
        config.logConfig.level, config.logConfig.consoleLevel = 2, 0
        config.logConfig.writer = writer
        media = config.medConfig
        media.clockRate = media.sndClockRate = 8000
        media.audioFramePtime = media.ptime = 20
        media.noVad = True  # silence from the core would look like its death
        media.ecTailLen = 0  # echo is the modem's and the phone's matter
        # The core sends over loopback by the same clock as ours, so a packet in hand besides the one that plays is
        # enough (docs/adr/0009). Static discard, as mended in image/pjsua2/libraries.py, shortens the buffer only on
        # drift and after a stall; progressive discard, the default, cuts speech after each hiccup.
        media.jbInit, media.jbMinPre, media.jbMaxPre, media.jbMax = 40, 20, 160, 400
        media.jbDiscardAlgo = pj.PJMEDIA_JB_DISCARD_STATIC
        endpoint.libCreate()
        endpoint.libInit(config)
        self._listen(endpoint)
        endpoint.libStart()
        endpoint.audDevManager().setNullDev()
        for codec in endpoint.codecEnum2():
            wanted = (
                priority for name, priority in CODECS[self.settings.law].items() if codec.codecId.startswith(name)
            )
            priority = next(wanted, 0)
            endpoint.codecSetPriority(codec.codecId, priority)
            if priority:  # concealment holds all audio back 5 ms, for packets that loopback does not lose
                parameters = endpoint.codecGetParam(codec.codecId)
                parameters.setting.plc = False
                endpoint.codecSetParam(codec.codecId, parameters)
        return writer

    def _listen(self, endpoint: Any) -> None:
        settings = self.settings
        transport = pj.TransportConfig()
        transport.port, transport.boundAddress = settings.port, settings.host
        transport_id = endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        account = pj.AccountConfig()
        account.idUri = f"sip:{settings.user}@{settings.host}:{settings.port}"
        account.sipConfig.transportId = transport_id
        account.mediaConfig.lockCodecEnabled = False
        account.mediaConfig.ipv6Use = pj.PJSUA_IPV6_DISABLED  # else a blocking DNS query for each call we make
        account.mediaConfig.transportConfig.boundAddress = settings.host
        account.mediaConfig.transportConfig.port = settings.rtp_first
        account.mediaConfig.transportConfig.portRange = settings.rtp_last - settings.rtp_first
        self.account = _Account(self)
        self.account.create(account)

    def _close(self, endpoint: Any) -> None:
        for leg in list(self._legs):
            leg.hang_up(41, "the gateway is stopping")
        ends = time.monotonic() + 2.0
        while self._legs and time.monotonic() < ends:
            endpoint.libHandleEvents(HANDLE_EVENTS_MS)
            self._turn()
        self._legs.clear()
        self.account.shutdown()
        self.account = None
        gc.collect()  # every pjsua2 object must be gone before the library
        endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)  # the legs have had their time
        self._poll.close()
