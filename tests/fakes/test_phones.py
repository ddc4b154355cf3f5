"""The two kinds of telephones talk to each other with nothing between: they measure right before they measure us."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.call_path.site import Ports, free_ports
from tests.fakes.baresip import Baresip, installed
from tests.fakes.phone import Phone
from tests.fakes.speech import speech
from tests.measure import wav
from tests.measure.latency import joined
from tests.measure.track import lost_frames

pytestmark = pytest.mark.skipif(not installed(), reason="baresip is not installed: apt-get install baresip-core")


@pytest.fixture
def sounds(tmp_path: Path) -> dict[str, Path]:
    paths = {who: tmp_path / f"{who}.wav" for who in ("caller", "agent")}
    for who, path in paths.items():
        wav.write(path, speech(who, 6))
    return paths


@pytest.fixture
def ports() -> Ports:
    return free_ports()


@pytest.fixture
def answering(tmp_path: Path, ports: Ports, sounds: dict[str, Path]) -> Iterator[Baresip]:
    nowhere = ("127.0.0.1", ports.spare(20))
    phone = Baresip(tmp_path / "b", "102", "secret", nowhere, (ports.spare(0), ports.spare(4)), speak=sounds["agent"])
    with phone:
        yield phone


def test_each_hears_every_frame_of_the_other(
    tmp_path: Path, ports: Ports, sounds: dict[str, Path], answering: Baresip
) -> None:
    registrar = ("127.0.0.1", ports.spare(0))  # baresip itself: it refuses the REGISTER and takes the call
    with Phone(tmp_path / "p", "101", "secret", registrar, speak=sounds["caller"]) as phone:
        phone.wait("unregistered")
        phone.tell("dial", target="102")
        tap = phone.wait("connected").data["tap"]
        time.sleep(3)
        phone.tell("hangup")
        phone.wait("ended", code=200)
        answering.wait("CALL_CLOSED")
        heard, spoke = joined(phone.heard(tap)), joined(phone.spoke(tap))
    assert len(heard) > 2.5 * 8000
    assert lost_frames(speech("agent", 6)[: len(heard)], heard).lost == 0
    assert lost_frames(speech("caller", 6)[: len(spoke)], spoke).lost == 0


def test_a_dead_phone_is_seen(tmp_path: Path, ports: Ports) -> None:
    with Phone(tmp_path / "p", "101", "secret", ("127.0.0.1", ports.spare(20))) as phone:
        phone.kill()
        with pytest.raises(TimeoutError, match="no registered"):
            phone.wait("registered", 0.2)
