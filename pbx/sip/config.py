"""How the core's pjsua2 is set up, and the small parameter objects that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pjsua2 as pj

from pbx.sip.message import Sender

MAX_CALLS = 1000


@dataclass(frozen=True, slots=True)
class SipSettings:
    """Where the core listens and whom it believes. Peers are ``host:port``."""

    host: str
    port: int
    media_host: str  # address in SDP; "" lets the system choose
    rtp_first: int
    rtp_last: int
    edge: str
    gateways: frozenset[str]
    prompts: Path

    def sender(self, source: str) -> Sender:
        """Say whose request this is, by the address that it comes from."""
        if source in self.gateways:
            return "gateway"
        return "edge" if source == self.edge else "stranger"


def endpoint_config(pj_log: pj.LogWriter) -> pj.EpConfig:
    config = pj.EpConfig()
    config.uaConfig.maxCalls = MAX_CALLS
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.userAgent = "Callfloor"
    config.logConfig.level = config.logConfig.consoleLevel = 2
    config.logConfig.writer = pj_log
    media = config.medConfig
    media.clockRate = media.sndClockRate = 8000
    media.audioFramePtime = media.ptime = 20
    media.channelCount = 1
    media.noVad = True
    media.ecTailLen = 0
    # 60 ms absorb two 20 ms clocks and a processor that is away for a moment. Static discard, as mended in
    # image/pjsua2/libraries.py, shortens the buffer only on drift and after a stall; progressive discard, the
    # default, cuts speech after each hiccup.
    media.jbInit, media.jbMinPre, media.jbMaxPre, media.jbMax = 60, 60, 160, 400
    media.jbDiscardAlgo = pj.PJMEDIA_JB_DISCARD_STATIC
    return config


def account_config(settings: SipSettings) -> pj.AccountConfig:
    config = pj.AccountConfig()
    config.idUri = f"sip:callfloor@{settings.host}:{settings.port}"
    config.mediaConfig.lockCodecEnabled = False  # else a re-INVITE right after answer, which drops first calls
    config.mediaConfig.ipv6Use = pj.PJSUA_IPV6_DISABLED  # else a blocking DNS query for each call we make
    config.mediaConfig.transportConfig.port = settings.rtp_first
    config.mediaConfig.transportConfig.portRange = settings.rtp_last - settings.rtp_first
    config.mediaConfig.transportConfig.boundAddress = settings.media_host
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
    return config


def choose_codecs(endpoint: pj.Endpoint) -> None:
    """G.711 first (no transcoding towards GSM and PSTN), then wideband; the rest is off."""
    wanted = {"PCMA/8000": 250, "PCMU/8000": 240, "G722/16000": 200, "opus/48000": 190}
    for codec in endpoint.codecEnum2():
        priority = next((p for name, p in wanted.items() if codec.codecId.startswith(name)), 0)
        endpoint.codecSetPriority(codec.codecId, priority)


def call_parameters() -> pj.CallOpParam:
    prm = pj.CallOpParam(True)
    prm.opt.audioCount, prm.opt.videoCount = 1, 0
    prm.opt.textCount = 0  # 2.17 offers a text stream by default: a port more a call, and set-up stalls under load
    return prm


def header_vector(values: dict[str, str]) -> pj.SipHeaderVector:
    vector = pj.SipHeaderVector()
    for name, value in values.items():
        one = pj.SipHeader()
        one.hName, one.hValue = name, value
        vector.append(one)
    return vector
