"""The service as a process: store, bus, signals, and what a ``kill -9`` leaves behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.bus import CommandRefused, topics
from appliance.bus_payloads import LineStatus
from tests.gsm.conftest import until
from tests.gsm.gateway_service import CALLER, LINE, Service


@pytest.fixture(name="service")
def service_fixture(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    try:
        yield service
    finally:
        service.close()


def test_lines_on_the_bus_and_reset(service: Service) -> None:
    stale = LineStatus(line="gsm-9", gateway="gsm", state="idle", since=datetime.now(UTC))
    former = service.broker.bus("gsm")
    former.publish(topics.line("gsm-9"), stale, retain=True)
    service.wait_state("gsm-9", "idle")
    former.stop()
    service.start()
    first = service.wait_state("gsm-1", "idle")
    assert first.number == LINE
    assert first.gateway == "gsm"
    assert until(lambda: service.lines["gsm-1"].signal_dbm is not None and bool(service.lines["gsm-1"].operator))
    service.wait_state("gsm-2", "idle")
    assert until(lambda: set(service.lines) == {"gsm-1", "gsm-2"}), "neither the disabled nor the forgotten line"
    before = service.lines["gsm-2"].since
    assert service.panel.ask("gsm", "line.reset", {"line": "gsm-2"}) == {}
    assert until(lambda: service.lines["gsm-2"].since > before and service.lines["gsm-2"].state == "idle")
    with pytest.raises(CommandRefused, match="unknown-line"):
        service.panel.ask("gsm", "line.reset", {"line": "gsm-7"})
    assert service.end(signal.SIGTERM) == 0
    assert until(lambda: {status.state for status in service.lines.values()} == {"absent"})
    assert "start callfloor-gsm" in str(service.lines["gsm-1"].reason)


def test_kill_in_a_call_and_restart(service: Service) -> None:
    service.start()
    service.wait_state("gsm-1", "idle")
    call = service.bank.subscriber(CALLER).dial(LINE)
    invite = service.core.wait_invite()
    service.core.do(op="answer", call=invite["call"], status=200)
    assert call.wait_answered(5)
    assert service.wait_state("gsm-1", "active").caller == CALLER
    assert service.end(signal.SIGKILL) == -signal.SIGKILL
    assert not call.wait_ended(0.5), "the modem knows nothing of our death"
    service.start()
    assert call.wait_ended(10)
    service.wait_state("gsm-1", "idle")
    again = service.bank.subscriber(CALLER).dial(LINE)
    mark = len(service.core.events)
    service.core.wait_invite(since=mark)
    again.hang_up()


def test_stop_in_a_call_ends_it_cleanly(service: Service) -> None:
    service.start()
    service.wait_state("gsm-1", "idle")
    call = service.bank.subscriber(CALLER).dial(LINE)
    invite = service.core.wait_invite()
    service.core.do(op="answer", call=invite["call"], status=200)
    assert call.wait_answered(5)
    assert service.end(signal.SIGTERM) == 0
    assert call.wait_ended(1)
    assert service.core.wait_reason().startswith("Q.850;cause=41")
    service.core.wait_state("DISCONNECTED")
