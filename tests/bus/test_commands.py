from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from appliance.bus import Bus, CommandRefused, Reply, topics
from appliance.bus.outbox import publish_properties
from appliance.bus_payloads import CallStatus, CommandAnswer, ServiceStatus
from tests.bus.broker import Broker, eventually


class Asking:
    """A client at the wire, on the panel's account: sends command messages as they must not be, hears the answers."""

    response = "callfloor/response/panel/raw"

    def __init__(self, broker: Broker) -> None:
        self.answers: list[CommandAnswer] = []
        self._ready = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.username_pw_set("panel", broker.passwords["panel"])
        self._client.on_message = lambda _c, _d, m: self.answers.append(CommandAnswer.model_validate_json(m.payload))
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        self._client.subscribe(self.response, 1)
        assert self._ready.wait(5)

    def send(self, command: str, body: bytes, **properties: str | bytes) -> None:
        values: dict[str, str | bytes | int] = {"ResponseTopic": self.response, **properties}
        self._client.publish(topics.command("pbx", command), body, 1, properties=publish_properties(**values))

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def asking(broker: Broker) -> Iterator[Asking]:
    client = Asking(broker)
    yield client
    client.close()


def body(seconds: float = 5, **arguments: Any) -> bytes:
    """A command's body with its deadline in so many seconds."""
    deadline = datetime.now(UTC) + timedelta(seconds=seconds)
    return json.dumps({"arguments": arguments, "deadline": deadline.isoformat()}).encode()


def served(broker: Broker) -> list[dict[str, Any]]:
    """Start a pbx that serves ``dial``; return the list of what it carried out."""
    done: list[dict[str, Any]] = []

    def dial(arguments: dict[str, Any]) -> dict[str, Any]:
        done.append(arguments)
        return {"n": len(done)}

    pbx, watch = broker.bus("pbx"), broker.bus("watch")
    pbx.serve("dial", dial)
    states: dict[str, ServiceStatus | None] = {}
    watch.subscribe(topics.service("pbx"), ServiceStatus, states.__setitem__)
    # Its subscriptions go out before its status, so who sees the status may ask.
    assert eventually(lambda: bool(states))
    return done


def refusal(bus: Bus, command: str, timeout: float = 5.0, service: str = "pbx") -> CommandRefused:
    with pytest.raises(CommandRefused) as caught:
        bus.ask(service, command, {}, timeout)
    return caught.value


def test_a_command_is_answered_with_its_result(broker: Broker) -> None:
    pbx = broker.bus("pbx", start=False)
    pbx.serve("agent.login", lambda arguments: {"echo": arguments})
    pbx.start()
    panel = broker.bus("panel")
    assert panel.ask("pbx", "agent.login", {"agent": "2001"}) == {"echo": {"agent": "2001"}}
    began = time.monotonic()
    for _ in range(20):
        panel.ask("pbx", "agent.login", {})
    assert (time.monotonic() - began) / 20 < 0.05


def test_an_answer_may_come_later_from_another_thread(broker: Broker) -> None:
    pbx = broker.bus("pbx")

    def dial(arguments: dict[str, Any], reply: Reply) -> None:
        threading.Timer(0.1, reply, [{"call": "1"}]).start()

    def pause(arguments: dict[str, Any], reply: Reply) -> None:
        threading.Timer(0.1, reply.refuse, ["unknown-agent", "no such agent"]).start()

    pbx.serve_async("call.dial", dial)
    pbx.serve_async("agent.pause", pause)
    panel = broker.bus("panel")
    assert panel.ask("pbx", "call.dial", {}) == {"call": "1"}
    assert refusal(panel, "agent.pause").id == "unknown-agent"


def test_many_threads_ask_at_once_and_each_gets_its_own_answer(broker: Broker) -> None:
    pbx, panel = broker.bus("pbx"), broker.bus("panel")
    pbx.serve("echo", lambda arguments: arguments)
    results: dict[int, dict[str, Any]] = {}
    threads = [
        threading.Thread(target=lambda n=n: results.update({n: panel.ask("pbx", "echo", {"n": n})})) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert results == {n: {"n": n} for n in range(20)}


def test_refusals_have_stable_ids(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    pbx = broker.bus("pbx")

    def refuse(arguments: dict[str, Any]) -> dict[str, Any]:
        raise CommandRefused("bad-arguments", "agent is missing")

    pbx.serve("refuses", refuse)
    pbx.serve("fails", lambda arguments: {"x": 1 / 0})
    pbx.serve("unwritable", lambda arguments: {"x": object()})
    panel = broker.bus("panel")
    assert refusal(panel, "refuses").id == "bad-arguments"
    assert refusal(panel, "no-such").id == "unknown-command"
    with caplog.at_level(logging.CRITICAL, "appliance.bus.commands"):
        assert refusal(panel, "fails").id == "internal-error"
        assert refusal(panel, "unwritable").id == "internal-error"


def test_an_offline_service_is_refused_at_once(broker: Broker) -> None:
    panel = broker.bus("panel")
    began = time.monotonic()
    assert refusal(panel, "agent.login", timeout=10).id == "service-offline"
    assert time.monotonic() - began < 2
    pbx = broker.bus("pbx")
    pbx.serve("agent.login", lambda arguments: {})
    assert panel.ask("pbx", "agent.login", {}) == {}
    pbx.stop()
    assert refusal(panel, "agent.login", timeout=10).id == "service-offline"


def test_a_service_that_stops_before_it_answers_is_reported_at_once(broker: Broker) -> None:
    pbx, panel = broker.bus("pbx"), broker.bus("panel")
    pbx.serve_async("hangs", lambda arguments, reply: threading.Thread(target=pbx.stop).start())
    began = time.monotonic()
    assert refusal(panel, "hangs", timeout=20).id == "service-offline"
    assert time.monotonic() - began < 5


def test_no_answer_in_time_is_deadline_passed(broker: Broker) -> None:
    pbx, panel = broker.bus("pbx"), broker.bus("panel")
    pbx.serve_async("silent", lambda arguments, reply: None)
    assert refusal(panel, "silent", timeout=0.5).id == "deadline-passed"


def test_asking_without_a_broker_is_refused(broker: Broker) -> None:
    panel = broker.bus("panel")
    broker.kill()
    assert eventually(lambda: not panel.connected)
    assert refusal(panel, "agent.login").id == "service-offline"


def test_asking_in_a_handler_is_an_error_not_a_deadlock(broker: Broker) -> None:
    pbx, panel = broker.bus("pbx"), broker.bus("panel")
    pbx.serve("asks", lambda arguments: pbx.ask("gsm", "line.reset", {}))
    assert refusal(panel, "asks").id == "internal-error"


def test_a_command_past_its_deadline_is_not_carried_out(broker: Broker, asking: Asking) -> None:
    done = served(broker)
    asking.send("dial", body(seconds=-1), CorrelationData=b"late")
    assert eventually(lambda: len(asking.answers) == 1)
    assert asking.answers[0].error is not None
    assert asking.answers[0].error.id == "deadline-passed"
    assert done == []


def test_a_command_delivered_twice_is_carried_out_once(broker: Broker, asking: Asking) -> None:
    served(broker)
    for _ in range(3):
        asking.send("dial", body(), CorrelationData=b"same")
    asking.send("dial", body(), CorrelationData=b"other")
    assert eventually(lambda: len(asking.answers) == 4)
    assert [a.result["n"] for a in asking.answers] == [1, 1, 1, 2]


def test_a_malformed_command_is_refused_or_dropped(broker: Broker, asking: Asking) -> None:
    done = served(broker)
    asking.send("dial", b"{not json", CorrelationData=b"1")
    asking.send("dial", b'{"arguments": {}}', CorrelationData=b"2")
    asking.send("dial", body())  # without correlation data
    asking.send("dial", body(), CorrelationData=b"4")
    assert eventually(lambda: len(asking.answers) == 3)
    assert [a.error.id if a.error else "ok" for a in asking.answers] == ["bad-arguments", "bad-arguments", "ok"]
    assert len(done) == 1


def test_an_asker_cannot_borrow_the_right_to_write_a_state(broker: Broker, asking: Asking) -> None:
    served(broker)
    panel = broker.bus("panel")
    heard: list[CallStatus | None] = []
    panel.subscribe(topics.EVERY_CALL, CallStatus, lambda topic, payload: heard.append(payload))
    assert eventually(lambda: panel.connected)
    asking.send("dial", body(), ResponseTopic="callfloor/call/1", CorrelationData=b"1")
    asking.send("dial", body(), CorrelationData=b"2")
    assert eventually(lambda: len(asking.answers) == 1)
    assert heard == []
