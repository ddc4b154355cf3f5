from __future__ import annotations

import logging
import subprocess
import sys
import time
from datetime import UTC, datetime

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from appliance.bus import Bus, topics
from appliance.bus_payloads import AgentStatus, CallEventMessage, LineStatus, Payload, ServiceStatus
from tests.bus.broker import Broker, eventually


class Heard:
    """What a bus heard, latest payload a topic and all in order."""

    def __init__(self, bus: Bus, pattern: str, model: type[Payload]) -> None:
        self.latest: dict[str, Payload | None] = {}
        self.all: list[Payload | None] = []
        bus.subscribe(pattern, model, self._note)

    def _note(self, topic: str, payload: Payload | None) -> None:
        self.latest[topic] = payload
        self.all.append(payload)

    def state(self, topic: str) -> str | None:
        return getattr(self.latest.get(topic), "state", None)


def line(name: str, state: str = "idle") -> LineStatus:
    return LineStatus.model_validate({"line": name, "gateway": "gsm", "state": state, "since": datetime.now(UTC)})


def agent(number: str, state: str = "available") -> AgentStatus:
    return AgentStatus.model_validate({"agent": number, "name": "A", "state": state, "since": datetime.now(UTC)})


def raw_publish(broker: Broker, service: str, topic: str, body: bytes, retain: bool = False) -> str:
    """Publish with paho alone; return the broker's reason."""
    reasons: list[str] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set(service, broker.passwords[service])
    client.on_publish = lambda _c, _d, _mid, code, _p: reasons.append(str(code))
    client.connect(broker.host, broker.port)
    client.loop_start()
    client.publish(topic, body, 1, retain)
    assert eventually(lambda: bool(reasons))
    client.disconnect()
    client.loop_stop()
    return reasons[0]


def test_a_late_reader_gets_the_present_state(broker: Broker) -> None:
    gsm = broker.bus("gsm")
    for state in ("booting", "searching", "idle"):
        gsm.publish(topics.line("gsm-1"), line("gsm-1", state), retain=True)
    time.sleep(0.3)
    panel = broker.bus("panel")
    heard = Heard(panel, topics.EVERY_LINE, LineStatus)
    assert eventually(lambda: heard.state(topics.line("gsm-1")) == "idle")
    late = Heard(panel, topics.EVERY_LINE, LineStatus)
    assert eventually(lambda: late.state(topics.line("gsm-1")) == "idle")


def test_a_cleared_topic_is_heard_as_none(broker: Broker) -> None:
    pbx, panel = broker.bus("pbx"), broker.bus("panel")
    heard = Heard(panel, topics.EVERY_AGENT, AgentStatus)
    pbx.publish(topics.agent("2001"), agent("2001"), retain=True)
    assert eventually(lambda: heard.state(topics.agent("2001")) == "available")
    pbx.publish(topics.agent("2001"), None, retain=True)
    assert eventually(lambda: heard.latest[topics.agent("2001")] is None)


def test_status_is_starting_then_online_then_offline(broker: Broker) -> None:
    panel = broker.bus("panel")
    heard = Heard(panel, topics.EVERY_SERVICE, ServiceStatus)
    pbx = broker.bus("pbx", start=False)
    pbx.start(ready=False)
    assert eventually(lambda: heard.state(topics.service("pbx")) == "starting")
    pbx.ready()
    assert eventually(lambda: heard.state(topics.service("pbx")) == "online")
    pbx.stop()
    assert eventually(lambda: heard.state(topics.service("pbx")) == "offline")


def test_the_last_will_of_a_killed_service_says_offline(broker: Broker) -> None:
    panel = broker.bus("panel")
    heard = Heard(panel, topics.EVERY_SERVICE, ServiceStatus)
    lines = Heard(panel, topics.EVERY_LINE, LineStatus)
    arguments = [sys.executable, "-m", "tests.bus.dying_service", str(broker.port), broker.passwords["gsm"]]
    with subprocess.Popen(arguments) as service:
        try:
            assert eventually(lambda: lines.state(topics.line("gsm-1")) == "idle")
            assert heard.state(topics.service("gsm")) == "online"
        finally:
            service.kill()
    assert eventually(lambda: heard.state(topics.service("gsm")) == "offline", 2)
    # Its next life clears what it does not know of.
    gsm = broker.bus("gsm", start=False)
    gsm.own(topics.EVERY_LINE)
    gsm.publish(topics.line("gsm-2"), line("gsm-2"), retain=True)
    gsm.start()
    assert eventually(lambda: topics.line("gsm-1") in lines.latest and lines.latest[topics.line("gsm-1")] is None)
    assert lines.state(topics.line("gsm-2")) == "idle"


def test_a_late_last_will_of_a_former_process_does_not_stand(broker: Broker) -> None:
    broker.bus("gsm")
    panel = broker.bus("panel")
    heard = Heard(panel, topics.EVERY_SERVICE, ServiceStatus)
    assert eventually(lambda: heard.state(topics.service("gsm")) == "online")
    will = ServiceStatus(service="gsm", state="offline", since=datetime.now(UTC), pid=1, version="0")
    raw_publish(broker, "gsm", topics.service("gsm"), will.model_dump_json().encode(), retain=True)
    assert eventually(lambda: "offline" in [getattr(p, "state", None) for p in heard.all])
    assert eventually(lambda: heard.state(topics.service("gsm")) == "online")


def test_a_restarted_empty_broker_gets_the_state_again(broker: Broker) -> None:
    gsm, panel = broker.bus("gsm"), broker.bus("panel")
    gsm.publish(topics.line("gsm-1"), line("gsm-1", "idle"), retain=True)
    gsm.publish(topics.line("gsm-2"), line("gsm-2", "idle"), retain=True)
    heard = Heard(panel, topics.EVERY_LINE, LineStatus)
    assert eventually(lambda: len(heard.latest) == 2)
    broker.kill()
    assert eventually(lambda: not gsm.connected)
    gsm.publish(topics.line("gsm-1"), line("gsm-1", "incoming"), retain=True)
    gsm.publish(topics.line("gsm-1"), line("gsm-1", "active"), retain=True)
    gsm.publish(topics.line("gsm-2"), None, retain=True)
    broker.start()
    assert eventually(lambda: heard.state(topics.line("gsm-1")) == "active")
    late = Heard(broker.bus("watch"), topics.EVERY_LINE, LineStatus)
    assert eventually(lambda: late.state(topics.line("gsm-1")) == "active")
    # The reader missed the clearing; it learns of it when the topic does not come back.
    assert eventually(lambda: heard.latest[topics.line("gsm-2")] is None)


def test_events_of_an_outage_are_delivered_up_to_the_limit(broker: Broker) -> None:
    pbx, panel = broker.bus("pbx"), broker.bus("panel")
    heard = Heard(panel, topics.CALL_EVENTS, CallEventMessage)
    assert eventually(lambda: pbx.connected and panel.connected)
    broker.kill()
    assert eventually(lambda: not pbx.connected and not panel.connected)
    began = time.monotonic()
    for n in range(1100):
        pbx.publish(topics.CALL_EVENTS, CallEventMessage(call=str(n), at=datetime.now(UTC), kind="ringing"))
    assert time.monotonic() - began < 1.0
    assert pbx.dropped == 100
    broker.start()
    # Which side is back first is open; what is published after both are is heard for certain.
    assert eventually(lambda: pbx.connected and panel.connected)
    pbx.publish(topics.CALL_EVENTS, CallEventMessage(call="last", at=datetime.now(UTC), kind="ended"))
    assert eventually(lambda: getattr(heard.all[-1] if heard.all else None, "call", "") == "last")
    calls = [int(p.call) for p in heard.all[:-1] if isinstance(p, CallEventMessage)]
    assert calls == sorted(calls)
    assert all(call >= 100 for call in calls)


def test_a_bus_without_broker_neither_blocks_nor_raises() -> None:
    bus = Bus("127.0.0.1", 1, "pbx", "secret")
    bus.start()
    began = time.monotonic()
    bus.publish(topics.agent("2001"), agent("2001"), retain=True)
    bus.stop()
    assert time.monotonic() - began < 3


def test_bad_payloads_are_logged_once_and_dropped(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    panel = broker.bus("panel")
    heard = Heard(panel, topics.EVERY_LINE, LineStatus)
    assert eventually(lambda: panel.connected)
    with caplog.at_level(logging.ERROR):
        for body in (b"\xff\x00", b"[]", b'{"line": 3}', b'{"state": "flying"}'):
            raw_publish(broker, "gsm", topics.line("gsm-9"), body)
        raw_publish(broker, "gsm", topics.line("gsm-9"), line("gsm-9").model_dump_json().encode())
        assert eventually(lambda: heard.state(topics.line("gsm-9")) == "idle")
    assert len([r for r in caplog.records if "bad payload" in r.message]) == 1
    assert len(heard.all) == 1


def test_what_a_handler_raises_is_logged_with_its_topic(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    gsm, panel = broker.bus("gsm"), broker.bus("panel")

    def fail(topic: str, payload: LineStatus | None) -> None:
        raise RuntimeError("broken handler")

    with caplog.at_level(logging.ERROR):
        panel.subscribe(topics.EVERY_LINE, LineStatus, fail)
        heard = Heard(panel, topics.EVERY_LINE, LineStatus)
        gsm.publish(topics.line("gsm-1"), line("gsm-1"), retain=True)
        assert eventually(lambda: heard.state(topics.line("gsm-1")) == "idle")
    assert any(topics.line("gsm-1") in r.getMessage() and r.exc_info for r in caplog.records)
