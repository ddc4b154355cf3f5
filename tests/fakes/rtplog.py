"""Reads what ``pjsua2.RtpTap`` logs: every packet of a call's audio with the time it passed the phone's socket."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from tests.measure import g711
from tests.measure.latency import Timed

ENTRY = struct.Struct("<BQH")  # direction (0 received, 1 sent), CLOCK_MONOTONIC nanoseconds, length
AUDIO = (0, 8)  # PCMU, PCMA (RFC 3551 §6)


@dataclass(frozen=True)
class Packet:
    """One RTP packet (RFC 3550 §5.1); ``at_ns`` is CLOCK_MONOTONIC."""

    sent: bool
    at_ns: int
    payload_type: int
    sequence: int
    timestamp: int
    payload: bytes


def read(path: Path) -> list[Packet]:
    """Return the packets in the order they passed. An entry still being written at the end is left out."""
    data, place, packets = path.read_bytes() if path.exists() else b"", 0, []
    while place + ENTRY.size <= len(data):
        direction, at_ns, length = ENTRY.unpack_from(data, place)
        place += ENTRY.size
        raw = data[place : place + length]
        place += length
        packet = _parse(bool(direction), at_ns, raw)
        if len(raw) == length and packet is not None:
            packets.append(packet)
    return packets


def audio(packets: list[Packet], sent: bool) -> list[Timed]:
    """Return one direction's G.711 audio, each packet's samples with the time it passed."""
    return [
        (p.at_ns, g711.decode(p.payload, p.payload_type)) for p in packets if p.sent is sent and p.payload_type in AUDIO
    ]


def _parse(sent: bool, at_ns: int, raw: bytes) -> Packet | None:
    """Parse the header; None for what is no RTP (a STUN check, a keep-alive)."""
    if len(raw) < 12 or raw[0] >> 6 != 2:
        return None
    start = 12 + 4 * (raw[0] & 15)
    if raw[0] & 0x10 and len(raw) >= start + 4:  # header extension (RFC 3550 §5.3.1)
        start += 4 + 4 * int.from_bytes(raw[start + 2 : start + 4])
    end = len(raw) - (raw[-1] if raw[0] & 0x20 else 0)
    sequence, timestamp = struct.unpack_from(">HI", raw, 2)
    return Packet(sent, at_ns, raw[1] & 0x7F, sequence, timestamp, raw[start:end])
