import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.pjsua2.scripts import run_script

HEAD = struct.Struct("<BQH")
RECEIVED, SENT = 0, 1


@dataclass(frozen=True)
class Packet:
    direction: int
    nanoseconds: int
    data: bytes

    @property
    def sequence(self) -> int:
        return int.from_bytes(self.data[2:4], "big")

    @property
    def payload_type(self) -> int:
        return self.data[1] & 0x7F


def read_log(path: Path) -> list[Packet]:
    log = path.read_bytes()
    packets = []
    at = 0
    while at < len(log):
        direction, nanoseconds, length = HEAD.unpack_from(log, at)
        at += HEAD.size
        packets.append(Packet(direction, nanoseconds, log[at : at + length]))
        at += length
    assert at == len(log)
    return packets


def test_every_packet_of_both_sides_is_logged_with_its_time(tmp_path: Path) -> None:
    found = run_script("run_call", "plain", tmp_path / "rtp")

    caller, callee = (read_log(tmp_path / f"rtp.{call}") for call in (0, 1))
    sent = {packet.sequence: packet for packet in caller if packet.direction == SENT}
    received = {packet.sequence: packet for packet in callee if packet.direction == RECEIVED}
    assert len(received) > 80
    assert found["codec"] == "PCMA"
    for sequence, packet in received.items():
        assert packet.data == sent[sequence].data
        assert packet.nanoseconds >= sent[sequence].nanoseconds
    assert {packet.payload_type for packet in received.values()} == {8}
    assert all(one.nanoseconds <= other.nanoseconds for one, other in pairwise(sent.values()))
    assert max(packet.nanoseconds for packet in caller) < found["monotonic_ns"]


def test_a_secured_call_is_logged_in_the_clear(tmp_path: Path) -> None:
    run_script("run_call", "srtp", tmp_path / "rtp")

    audio = [packet for packet in read_log(tmp_path / "rtp.0") if packet.payload_type == 8]
    # 12 bytes of header, 160 of A-law and no authentication tag.
    assert {len(packet.data) for packet in audio} == {172}
