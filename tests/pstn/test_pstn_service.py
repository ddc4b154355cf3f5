"""The service on a machine without DAHDI: it runs, and every line says what is missing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.bus import CommandRefused, topics
from appliance.bus_payloads import LineStatus, SpanStatus
from appliance.store.pstn_models import Fxo, PstnSpan
from tests.bus.broker import eventually
from tests.pstn.gateway_service import NUMBER, Service

pytestmark = pytest.mark.skipif(Path("/dev/dahdi").exists(), reason="this machine has DAHDI")
CHANNELS = [f"e1-1.{slot:02d}" for slot in range(1, 32) if slot != 16]


@pytest.fixture(name="service")
def service_fixture(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    try:
        yield service
    finally:
        service.close()


def test_lines_and_spans_that_are_not_there_say_why(service: Service) -> None:
    former = service.broker.bus("pstn")
    gone = SpanStatus(span="e1-9", kind="e1", state="up", since=datetime.now(UTC))
    former.publish(topics.line("fxo-9"), LineStatus(line="fxo-9", gateway="pstn", state="idle", since=gone.since), True)
    former.publish(topics.span("e1-9"), gone, retain=True)
    service.wait_state("fxo-9", "idle")
    former.stop()
    service.start()
    for line in ("fxo-1", "fxo-2", *CHANNELS):
        status = service.wait_state(line, "absent")
        assert eventually(lambda line=line: bool(service.lines[line].reason)), line  # type: ignore[misc]
        assert status.gateway == "pstn"
    assert service.lines["e1-1.07"].number == NUMBER
    assert eventually(lambda: set(service.lines) == {"fxo-1", "fxo-2", *CHANNELS}), "no disabled, no forgotten line"
    assert eventually(lambda: set(service.spans) == {"e1-1"})
    span = service.spans["e1-1"]
    assert (span.kind, span.state, span.channels, span.calls, span.layer2) == ("e1", "absent", 30, 0, False)
    assert span.reason == service.lines["e1-1.07"].reason
    assert eventually(lambda: [(one.kind, one.span) for one in service.events] == [("span-absent", "e1-1")])
    service.wait_notified("WATCHDOG=1")
    assert service.end(signal.SIGTERM) == 0
    assert eventually(lambda: "start callfloor-pstn" in str(service.lines["fxo-1"].reason))
    assert eventually(lambda: "start callfloor-pstn" in str(service.lines["e1-1.31"].reason))


def test_commands(service: Service) -> None:
    service.start()
    service.wait_state("fxo-1", "absent")
    ask = service.panel.ask
    assert [row["line"] for row in ask("pstn", "line.list", {})["lines"]] == [*CHANNELS, "fxo-1", "fxo-2"]
    assert ask("pstn", "line.show", {"line": "fxo-2"})["state"] == "absent"
    assert [row["span"] for row in ask("pstn", "span.list", {})["spans"]] == ["e1-1"]
    assert ask("pstn", "site.reload", {}) == {}
    for command, arguments, refusal in (
        ("line.dial", {"line": "fxo-1", "number": "110"}, "busy: fxo-1 is not idle"),
        ("line.hangup", {"line": "e1-1.01"}, "no-call: there is no call on e1-1.01"),
        ("line.loopback", {"line": "fxo-1", "to": ""}, "no-second-line"),
        ("line.learn-busy", {"line": "fxo-1"}, "no-fxo: fxo-1 is no FXO port that is there"),
        ("line.busy-tone", {"line": "e1-1.01", "tone": None}, "no-fxo"),
        ("line.take-out", {"line": "e1-1.01"}, "no-span"),
        ("line.put-back", {"line": "fxo-1"}, "no-span"),
        ("span.trace", {"span": "e1-1", "on": True}, "unknown-span: no span e1-1 is there; this gateway has none"),
        ("span.trace", {}, "bad-arguments"),
        ("line.busy-tone", {"line": "fxo-1"}, "bad-arguments"),
        ("line.show", {"line": "fxo-3"}, "unknown-line"),
    ):
        with pytest.raises(CommandRefused, match=refusal):
            ask("pstn", command, arguments)


def test_a_store_without_lines_is_served_too(service: Service) -> None:
    with service.store.session() as session:
        for row in [*session.query(Fxo), *session.query(PstnSpan)]:
            session.delete(row)
    service.start()
    assert service.panel.ask("pstn", "line.list", {}) == {"lines": []}
    assert service.end(signal.SIGTERM) == 0
