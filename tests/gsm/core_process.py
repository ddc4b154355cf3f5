"""The core's place in SIP, for tests: a pjsua2 agent of its own process, driven by JSON lines.

``python -m tests.gsm.core_process PORT RTP_PORT``: reads commands, writes events. A call's audio goes straight back
(echo), so that the far subscriber hears itself through both directions of the gateway.
"""

from __future__ import annotations

import contextlib
import gc
import json
import queue
import sys
import threading
from typing import Any

import pjsua2 as pj

Json = dict[str, Any]


def tell(**event: Any) -> None:
    print(json.dumps(event), flush=True)


def options(status: int = 0, headers: dict[str, str] | None = None) -> pj.CallOpParam:
    made = pj.CallOpParam(True)
    made.statusCode = status
    made.opt.textCount = made.opt.videoCount = 0
    for name, value in (headers or {}).items():
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        made.txOption.headers.append(header)
    return made


class CoreCall(pj.Call):
    def onCallState(self, prm: Any) -> None:  # noqa: N802
        self._reason(prm.e)
        info = self.getInfo()
        tell(event="state", call=info.id, state=info.stateText, status=int(info.lastStatusCode))

    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802
        self._reason(prm.e)

    def _reason(self, event: Any) -> None:
        state = event.body.tsxState
        if event.type == pj.PJSIP_EVENT_TSX_STATE and state.type == pj.PJSIP_EVENT_RX_MSG:
            for line in state.src.rdata.wholeMsg.splitlines():
                if line.lower().startswith("reason:"):
                    tell(event="reason", call=self.getInfo().id, reason=line.partition(":")[2].strip())

    def onCallMediaState(self, _prm: Any) -> None:  # noqa: N802
        info = self.getInfo()  # must outlive the loop: SWIG's vector belongs to it
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                audio = self.getAudioMedia(-1)
                audio.startTransmit(audio)

    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802
        tell(event="digit", call=self.getInfo().id, digit=prm.digit)


class CoreAccount(pj.Account):
    def __init__(self, core: Core) -> None:
        super().__init__()
        self.core = core

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802
        call = CoreCall(self, prm.callId)
        self.core.calls[prm.callId] = call
        tell(event="invite", call=prm.callId, message=prm.rdata.wholeMsg)
        call.answer(options(180))


class Core:
    def __init__(self, port: int, rtp: int) -> None:
        self.calls: dict[int, CoreCall] = {}
        self.commands: queue.SimpleQueue[Json] = queue.SimpleQueue()
        self.endpoint = pj.Endpoint()
        config = pj.EpConfig()
        config.uaConfig.threadCnt, config.uaConfig.mainThreadOnly = 0, True
        config.logConfig.level = config.logConfig.consoleLevel = 0
        config.medConfig.clockRate = config.medConfig.sndClockRate = 8000
        config.medConfig.audioFramePtime, config.medConfig.noVad, config.medConfig.ecTailLen = 20, True, 0
        self.endpoint.libCreate()
        self.endpoint.libInit(config)
        transport = pj.TransportConfig()
        transport.port, transport.boundAddress = port, "127.0.0.1"
        self.endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        self.endpoint.libStart()
        self.endpoint.audDevManager().setNullDev()
        account = pj.AccountConfig()
        account.idUri = f"sip:core@127.0.0.1:{port}"
        account.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
        account.mediaConfig.transportConfig.port = rtp
        self.account: Any = CoreAccount(self)
        self.account.create(account)

    def run(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()
        tell(event="ready")
        while True:
            self.endpoint.libHandleEvents(10)
            with contextlib.suppress(queue.Empty):
                command = self.commands.get_nowait()
                if command["op"] == "quit":
                    break
                try:
                    self._do(command)
                except pj.Error as error:
                    tell(event="error", text=error.info())
        self.calls.clear()
        self.account.shutdown()
        self.account = None
        gc.collect()
        self.endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)

    def _read(self) -> None:
        for line in sys.stdin:
            self.commands.put(json.loads(line))
        self.commands.put({"op": "quit"})

    def _do(self, command: Json) -> None:
        headers = command.get("headers", {})
        match command["op"]:
            case "call":
                call = CoreCall(self.account)
                call.makeCall(command["uri"], options(headers=headers))
                self.calls[call.getInfo().id] = call
            case "answer":
                self.calls[command["call"]].answer(options(command["status"], headers))
            case "hangup":
                self.calls[command["call"]].hangup(options(0, headers))
            case "digits":
                self.calls[command["call"]].dialDtmf(command["digits"])


if __name__ == "__main__":
    Core(int(sys.argv[1]), int(sys.argv[2])).run()
