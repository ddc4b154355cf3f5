"""What the scripts beside the tests share: an endpoint set up like the product's, a call's life, PCM made by rule."""

import json
import os
import random
import resource
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pjsua2 as pj

FRAME = 320
Frames = list[bytes]


@contextmanager
def running_endpoint(max_calls: int = 32) -> Iterator[pj.Endpoint]:
    """An endpoint polled by the caller's thread, with the null device as its conference clock."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.maxCalls = max_calls
    config.logConfig.level = 1
    config.logConfig.consoleLevel = 1
    config.medConfig.clockRate = 8000
    config.medConfig.sndClockRate = 8000
    config.medConfig.audioFramePtime = 20
    config.medConfig.noVad = True
    config.medConfig.sndAutoCloseTime = -1  # else the conference's clock stops while nothing is connected
    endpoint.libInit(config)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    try:
        yield endpoint
    finally:
        endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)  # nothing to unregister: saves a second


def poll(endpoint: pj.Endpoint, until: Callable[[], bool], seconds: float) -> bool:
    """Handle events until the condition holds; False when it did not within the time."""
    deadline = time.monotonic() + seconds
    while not until():
        if time.monotonic() > deadline:
            return False
        endpoint.libHandleEvents(5)
    return True


def add_udp(endpoint: pj.Endpoint) -> int:
    """A UDP transport on a free loopback port, which is returned."""
    config = pj.TransportConfig()
    config.boundAddress = "127.0.0.1"
    config.publicAddress = "127.0.0.1"
    transport = endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, config)
    return int(endpoint.transportGetInfo(transport).localName.rsplit(":", 1)[1])


def audio_only() -> pj.CallOpParam:
    """Parameters of a call or an answer with one audio stream."""
    param = pj.CallOpParam(True)
    param.opt.audioCount = 1
    param.opt.videoCount = 0
    param.opt.textCount = 0
    return param


class Leg(pj.Call):
    """One side of a call; the class counts what the scripts look at."""

    confirmed = 0
    ended = 0
    tap = ""

    def __init__(self, account: pj.Account, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, call_id)
        self.audio: pj.AudioMedia | None = None
        self.offer = ""

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802
        state = self.getInfo().state
        if state == pj.PJSIP_INV_STATE_CONFIRMED:
            Leg.confirmed += 1
        elif state == pj.PJSIP_INV_STATE_DISCONNECTED:
            Leg.ended += 1

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        if self.getInfo().media[0].status == pj.PJSUA_CALL_MEDIA_ACTIVE:
            self.audio = self.getAudioMedia(0)

    def onCallSdpCreated(self, prm: pj.OnCallSdpCreatedParam) -> None:  # noqa: N802
        self.offer = prm.sdp.wholeSdp

    def onCreateMediaTransport(self, prm: pj.OnCreateMediaTransportParam) -> None:  # noqa: N802
        if Leg.tap:
            pj.RtpTap.wrap(prm, f"{Leg.tap}.{self.getId()}")


class Subscriber(pj.Account):
    """An account without registration that answers every call."""

    def __init__(self, name: str, port: int, srtp: bool = False) -> None:
        super().__init__()
        self.answered: list[Leg] = []
        self.uri = f"sip:{name}@127.0.0.1:{port}"
        config = pj.AccountConfig()
        config.idUri = self.uri
        config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
        config.mediaConfig.transportConfig.port = 0  # any free pair
        # Otherwise each outgoing call asks the resolver for an IPv6 address of this host, and waits if DNS is away.
        config.mediaConfig.ipv6Use = pj.PJSUA_IPV6_DISABLED
        if srtp:
            config.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
            config.mediaConfig.srtpSecureSignaling = 0
        self.create(config)

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802
        leg = Leg(self, prm.callId)
        self.answered.append(leg)
        answer = audio_only()
        answer.statusCode = 200
        leg.answer(answer)

    def dial(self, uri: str) -> Leg:
        """Start a call to `uri`."""
        leg = Leg(self)
        leg.makeCall(uri, audio_only())
        return leg


def noise_frames(count: int, seed: int) -> Frames:
    """Frames of PCM that can be told apart from each other and from silence."""
    source = random.Random(seed)
    return [struct.pack("<160h", *(source.randint(1, 12000) for _ in range(160))) for _ in range(count)]


def split_frames(pcm: bytes) -> Frames:
    """Cut PCM into frames and leave the silent ones out."""
    frames = [pcm[at : at + FRAME] for at in range(0, len(pcm) - FRAME + 1, FRAME)]
    return [frame for frame in frames if any(frame)]


def read_all(fd: int) -> bytes:
    """What can be read from a non-blocking descriptor now."""
    parts: Frames = []
    while True:
        try:
            part = os.read(fd, 65536)
        except BlockingIOError:
            return b"".join(parts)
        if not part:
            return b"".join(parts)
        parts.append(part)


def play(endpoint: pj.Endpoint, writes: list[tuple[int, Frames]], each_tick: Callable[[], None] = lambda: None) -> None:
    """Write one frame of every (descriptor, frames) pair each 20 ms, like a line does."""
    begin = time.monotonic()
    for number in range(max(len(frames) for _, frames in writes)):
        poll(endpoint, lambda due=begin + number * 0.02: time.monotonic() >= due, 1)  # type: ignore[misc]
        for fd, frames in writes:
            if number < len(frames):
                os.write(fd, frames[number])
        each_tick()


def report(**findings: object) -> None:
    """Print what the script found; the test reads this last line."""
    print(json.dumps(findings), flush=True)
