"""The process of a measuring telephone: one SIP account on pjsua2, one call at a time, G.711 A-law.

Commands come as JSON lines on stdin, events go as JSON lines to stdout, each with CLOCK_MONOTONIC nanoseconds.
The end of stdin ends the phone. All of pjsua2 runs on the main thread.
"""

from __future__ import annotations

import json
import os
import queue
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pjsua2 as pj

from appliance.priority import call_path_first

RATE = 8000
# The library writes lines of its own to descriptor 1 until it is set up: events get a copy of it, the library stderr.
_events = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def say(event: str, **data: Any) -> None:
    """Report an event on stdout."""
    print(json.dumps({"event": event, "at_ns": time.monotonic_ns(), **data}), file=_events, flush=True)


class PhoneCall(pj.Call):
    """The call in progress: taps its packets, speaks when connected, tells how it ended."""

    def __init__(self, phone: Telephone, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(phone.account, call_id)
        self.phone = phone
        self.player: Any = None
        self.sink: Any = None
        self.connected, self.reason = False, ""
        phone.calls_made += 1
        tap = Path(phone.config["folder"]) / f"call-{phone.calls_made}.rtp"
        tap.unlink(missing_ok=True)  # the tap appends, and a phone before this one may have had the folder
        self.tap = str(tap)

    def onCreateMediaTransport(self, prm: Any) -> None:  # noqa: N802
        pj.RtpTap.wrap(prm, self.tap)

    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802
        self.read_reason(prm.e)

    def read_reason(self, event: Any) -> None:
        """Keep the Reason header (RFC 3326) of a BYE or CANCEL, or of the answer that refused the call."""
        if event.type != pj.PJSIP_EVENT_TSX_STATE or event.body.tsxState.type != pj.PJSIP_EVENT_RX_MSG:
            return
        message = event.body.tsxState.src.rdata.wholeMsg
        found = re.search(r"^Reason:\s*(.+?)\s*$", message, re.MULTILINE | re.IGNORECASE)
        if found:
            self.reason = found.group(1)

    def onCallState(self, prm: Any) -> None:  # noqa: N802
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.read_reason(prm.e)  # a refusal ends the call before its transaction's call-back comes
        if info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self.connected = True
            self.speak()
            say("connected", tap=self.tap, far=info.remoteUri)
        elif info.state == pj.PJSIP_INV_STATE_EARLY and info.role == pj.PJSIP_ROLE_UAC:
            say("calling", code=info.lastStatusCode)
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            say("ended", code=info.lastStatusCode, text=info.lastReason, reason=self.reason, tap=self.tap)
            self.player = None
            self.phone.call = None
            self.phone.gone.append(self)  # deleted outside of its own callback

    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802
        info = self.getInfo()  # kept: its media list is only lent
        self.sink = None
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                self.sink = self.getAudioMedia(media.index)
        self.speak()

    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802
        say("digit", digit=prm.digit)

    def speak(self) -> None:
        """Play the sentences once both the call and its audio are there."""
        wav = self.phone.config["speak"]
        if self.connected and self.sink is not None and self.player is None and wav:
            self.player = pj.AudioMediaPlayer()
            self.player.createPlayer(wav, pj.PJMEDIA_FILE_NO_LOOP)
            self.player.startTransmit(self.sink)


class PhoneAccount(pj.Account):
    """The registration; hands incoming calls to the phone."""

    def __init__(self, phone: Telephone) -> None:
        super().__init__()
        self.phone = phone

    def onRegState(self, prm: Any) -> None:  # noqa: N802
        good = prm.code // 100 == 2 and prm.expiration > 0
        say("registered" if good else "unregistered", code=prm.code, text=prm.reason)

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802
        self.phone.rings(prm.callId)


class Telephone:
    """What the phone does with commands and calls."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.endpoint = _endpoint()
        self.account = PhoneAccount(self)
        self.call: PhoneCall | None = None
        self.gone: list[PhoneCall] = []
        self.answer_at: float | None = None
        self.calls_made = 0

    def register(self) -> None:
        """Create the account; the REGISTER goes out at once."""
        where = f"{self.config['host']}:{self.config['port']}"
        account = pj.AccountConfig()
        account.idUri = f"sip:{self.config['number']}@{where}"
        account.mediaConfig.ipv6Use = pj.PJSUA_IPV6_DISABLED  # else a blocking DNS query for each call we make
        account.regConfig.registrarUri = f"sip:{where}"
        account.regConfig.timeoutSec = 120
        account.regConfig.retryIntervalSec = account.regConfig.firstRetryIntervalSec = 1
        account.sipConfig.authCreds.append(
            pj.AuthCredInfo("digest", "*", self.config["number"], 0, self.config["password"])
        )
        account.mediaConfig.transportConfig.boundAddress = self.config["host"]
        account.mediaConfig.transportConfig.port = 0
        account.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
        self.account.create(account)

    def rings(self, call_id: int) -> None:
        """A call comes in: 486 when one is there already, else 180 and an answer in due time."""
        call = PhoneCall(self, call_id)
        if self.call is not None:
            call.answer(_call_op(486))
            self.gone.append(call)
            return
        self.call = call
        call.answer(_call_op(180))
        say("ringing", far=call.getInfo().remoteUri)
        delay = self.config["answer_after"]
        self.answer_at = None if delay is None else time.monotonic() + delay

    def obey(self, command: dict[str, Any]) -> None:
        """Carry out one command; see Phone.tell."""
        do = command["do"]
        if do == "dial":
            self.call = PhoneCall(self)
            target = command["target"].replace("#", "%23")
            self.call.makeCall(f"sip:{target}@{self.config['host']}:{self.config['port']}", _call_op(0))
        elif do in ("speak", "answer_after"):
            self.config[do] = command["wav" if do == "speak" else "seconds"]
            say("set")  # what comes from now on is treated so
        elif do == "register":
            self.account.setRegistration(True)
        elif do == "unregister":
            self.account.setRegistration(False)
        elif self.call is not None:
            self.in_call(do, command)

    def in_call(self, do: str, command: dict[str, Any]) -> None:
        """Commands that need a call; without one they mean nothing."""
        assert self.call is not None
        if do == "answer":
            self.call.answer(_call_op(200))
        elif do == "reject":
            self.call.answer(_call_op(command.get("code", 486)))
        elif do == "hangup":
            self.call.hangup(_call_op(0))
        elif do == "dtmf":
            self.call.dialDtmf(command["digits"])

    def run(self, commands: queue.Queue[dict[str, Any] | None]) -> None:
        """Serve until the commands end."""
        while True:
            self.endpoint.libHandleEvents(10)
            self.gone.clear()
            if self.answer_at is not None and time.monotonic() >= self.answer_at:
                self.answer_at = None
                if self.call is not None:
                    self.call.answer(_call_op(200))
            while not commands.empty():
                command = commands.get()
                if command is None:
                    return
                try:
                    self.obey(command)
                except pj.Error as error:
                    say("problem", command=command, text=error.info())

    def leave(self) -> None:
        """Hang up, unregister, and end the library."""
        self.endpoint.hangupAllCalls()
        end = time.monotonic() + 0.5
        while self.call is not None and time.monotonic() < end:
            self.endpoint.libHandleEvents(10)
        self.gone.clear()
        self.account.shutdown()
        self.endpoint.libDestroy()


def _call_op(code: int) -> Any:
    """Options of an action: audio only. 2.17 would offer a text stream."""
    prm = pj.CallOpParam(True)
    prm.statusCode = code
    prm.opt.audioCount, prm.opt.videoCount, prm.opt.textCount = 1, 0, 0
    return prm


def _endpoint() -> Any:
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt, config.uaConfig.mainThreadOnly = 0, True
    config.uaConfig.userAgent = "callfloor test phone"
    config.logConfig.level = config.logConfig.consoleLevel = 0
    config.logConfig.filename = ""
    media = config.medConfig
    media.clockRate = media.sndClockRate = RATE
    media.audioFramePtime, media.channelCount, media.ecTailLen, media.noVad = 20, 1, 0, True
    call_path_first()  # a phone's audio is its hardware's: a busy machine does not make it late
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress, transport.port = "127.0.0.1", 0
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, 255 if codec.codecId.startswith("PCMA/8000") else 0)
    return endpoint


def _read_commands(commands: queue.Queue[dict[str, Any] | None]) -> None:
    for line in sys.stdin:
        commands.put(json.loads(line))
    commands.put(None)


def main() -> int:
    """Run the phone described by the JSON object in the first argument."""
    telephone = Telephone(json.loads(sys.argv[1]))
    commands: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_read_commands, args=(commands,), daemon=True).start()
    telephone.register()
    try:
        telephone.run(commands)
    finally:
        telephone.leave()
    return 0


if __name__ == "__main__":
    sys.exit(main())
