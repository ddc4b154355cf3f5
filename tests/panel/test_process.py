"""The panel as a process: it starts alone, finds bus and database when they come, and stops at once."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import psutil
import pytest

from appliance.store import open_store
from tests.bus.broker import Broker, eventually
from tests.panel import scene
from tests.panel.events import events
from tests.panel.running import RunningPanel


@pytest.fixture
def panel(tmp_path: Path, broker: Broker) -> Iterator[RunningPanel]:
    """A running panel without a database and with the broker down."""
    broker.kill()
    running = RunningPanel(tmp_path, broker, f"sqlite:///{tmp_path / 'callfloor.db'}")
    try:
        running.wait()
        yield running
    finally:
        running.stop()


def open_stream(panel: RunningPanel) -> HTTPResponse:
    answer: HTTPResponse = urllib.request.urlopen(f"{panel.url}/stream", timeout=10)
    return answer


def chunks(answer: HTTPResponse) -> Iterator[bytes]:
    while line := answer.readline():
        yield line


def test_it_starts_alone_and_finds_bus_and_database(panel: RunningPanel, broker: Broker, tmp_path: Path) -> None:
    health = panel.health()
    assert (health["status"], health["bus"], health["database"]) == ("degraded", False, False)
    with open_stream(panel) as answer:
        feed = events(chunks(answer))
        snapshot = dict([next(feed), next(feed)])["snapshot"]
        assert snapshot["sources"] == {"bus": False, "database": False}
        assert snapshot["ledger"] is None
        store = open_store(f"sqlite:///{tmp_path / 'callfloor.db'}")
        store.migrate()
        scene.configure(store, {"support": "Support"}, {"2001": "A"})
        store.close()
        assert next(data for event, data in feed if event == "ledger")["queues"][0]["label"] == "Support"
        broker.start()
        scene.line(broker.bus("gsm"), "gsm-1")
        change = next(data for event, data in feed if event == "change" and data["kind"] == "line")
        assert change["value"]["number_text"] == "080-1234-5678"
    assert eventually(lambda: panel.health()["status"] == "ok")
    assert eventually(lambda: panel.health()["streams"] == 0, 12)
    assert not list(tmp_path.glob(".gunicorn*"))  # no control socket that nobody asked for


def test_sigterm_with_open_streams_ends_within_3_seconds(panel: RunningPanel) -> None:
    ended: list[float] = []

    def reader() -> None:
        with open_stream(panel) as answer:
            for _ in chunks(answer):
                pass
        ended.append(time.monotonic())

    threads = [threading.Thread(target=reader) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert eventually(lambda: panel.health()["streams"] == 20)
    began = time.monotonic()
    panel.process.send_signal(signal.SIGTERM)
    assert panel.process.wait(5) == 0
    assert time.monotonic() - began < 3
    for thread in threads:
        thread.join(5)
    assert len(ended) == 20
    assert "Traceback" not in panel.log.read_text()


def test_sigterm_ends_with_a_reader_that_does_not_read(panel: RunningPanel, broker: Broker) -> None:
    broker.start()
    gsm = broker.bus("gsm")
    with open_stream(panel):
        reason = "x" * 20000
        for n in range(700):  # fills the socket's buffers, then the client's queue
            scene.line(gsm, f"gsm-{n}", "fault", reason=reason)
        assert eventually(lambda: panel.health()["streams"] == 1)
        began = time.monotonic()
        panel.process.send_signal(signal.SIGTERM)
        assert panel.process.wait(5) == 0
        assert time.monotonic() - began < 3.5


def test_a_reader_that_does_not_read_is_cut_off(panel: RunningPanel, broker: Broker) -> None:
    broker.start()
    gsm = broker.bus("gsm")
    with open_stream(panel):
        for n in range(1500):  # more than sockets (some 10 MB) and queue (512) take
            scene.line(gsm, f"gsm-{n}", "fault", reason="x" * 20000)
        assert eventually(lambda: panel.health()["streams"] == 0, 20)
    assert "Traceback" not in panel.log.read_text()


def test_a_killed_worker_is_replaced(panel: RunningPanel) -> None:
    [worker] = psutil.Process(panel.process.pid).children()
    worker.kill()
    assert eventually(lambda: worker.pid not in {p.pid for p in psutil.Process(panel.process.pid).children()})
    assert eventually(panel.answers, 10)


def test_a_killed_panel_leaves_no_worker_and_no_wrong_status(
    panel: RunningPanel, broker: Broker, tmp_path: Path
) -> None:
    broker.start()
    other = broker.bus("watch")
    assert eventually(lambda: panel.health()["bus"])
    [worker] = psutil.Process(panel.process.pid).children()
    panel.process.kill()
    panel.process.wait(5)
    assert eventually(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE, 6)
    assert other.connected


def test_recordings_over_the_wire(panel: RunningPanel, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'callfloor.db'}")
    store.migrate()
    recording = scene.recording(store, panel.recordings, scene.ended_call(store, 60, queue=None))
    store.close()
    request = urllib.request.Request(f"{panel.url}/recordings/{recording}", headers={"Range": "bytes=4-11"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 206
        assert answer.read()[4:] == b"WAVE"
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{panel.url}/recordings/{recording}x", timeout=5)
    assert error.value.code == 404
    error.value.close()


def test_systemd_is_told_when_it_is_ready(tmp_path: Path, broker: Broker) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(15)
        running = RunningPanel(tmp_path, broker, "", notify=str(tmp_path / "notify"))
        try:
            assert b"READY=1" in systemd.recv(4096)
        finally:
            running.stop()


def test_a_password_file_that_is_no_json_is_told_of(tmp_path: Path, broker: Broker) -> None:
    (tmp_path / "bus-passwords.json").write_text(json.dumps([]))
    running = RunningPanel(tmp_path, broker, f"sqlite:///{tmp_path / 'callfloor.db'}")
    try:
        running.wait()
        assert "no password of the panel for the bus" in running.log.read_text()
        assert running.health()["bus"] is False
    finally:
        running.stop()
    assert running.process.returncode == 0
