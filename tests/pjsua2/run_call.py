"""One call of two seconds between two accounts, logged by RtpTap. Arguments: plain or srtp, the log's path."""

import sys
import time

import pjsua2 as pj

from tests.pjsua2.endpoint import Leg, Subscriber, add_udp, audio_only, poll, report, running_endpoint


def main(kind: str, tap: str) -> None:
    Leg.tap = tap
    with running_endpoint() as endpoint:
        port = add_udp(endpoint)
        for codec in endpoint.codecEnum2():
            endpoint.codecSetPriority(codec.codecId, 255 if codec.codecId.startswith("PCMA") else 0)
        caller = Subscriber("caller", port, srtp=kind == "srtp")
        callee = Subscriber("callee", port, srtp=kind == "srtp")
        leg = caller.dial(callee.uri)
        poll(endpoint, lambda: Leg.confirmed >= 2 and bool(leg.audio) and bool(callee.answered[0].audio), 10)
        tone = pj.ToneGenerator()
        tone.createToneGenerator()
        assert leg.audio
        assert callee.answered[0].audio
        tone.startTransmit(leg.audio)
        begin = time.monotonic()
        poll(endpoint, lambda: time.monotonic() > begin + 2, 3)
        stream = leg.getStreamInfo(0)
        received = leg.getStreamStat(0).rtcp.rxStat.pkt
        leg.hangup(audio_only())
        poll(endpoint, lambda: Leg.ended >= 2, 5)
        report(
            offer=leg.offer,
            secured=bool(stream.proto & pj.PJMEDIA_TP_PROFILE_SRTP),
            codec=stream.codecName,
            received=received,
            monotonic_ns=time.monotonic_ns(),
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
