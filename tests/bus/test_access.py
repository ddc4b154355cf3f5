from __future__ import annotations

import base64
import logging
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from appliance import mosquitto
from appliance.bus import Bus, topics
from appliance.bus_payloads import AgentStatus
from tests.bus.broker import Broker, eventually
from tests.bus.test_state import Heard, agent, line, raw_publish


@pytest.mark.parametrize(
    ("service", "topic"),
    [
        ("gsm", "callfloor/agent/2001"),
        ("gsm", "callfloor/service/pbx"),
        ("gsm", "callfloor/command/pbx/agent.login"),
        ("pbx", "callfloor/line/gsm-1"),
        ("panel", "callfloor/queue/sales"),
        ("panel", "callfloor/response/panel/x"),
        ("edge", "callfloor/event/call"),
        ("report", "callfloor/command/pbx/call.hangup"),
        ("watch", "callfloor/command/gsm/line.reset"),
        ("technician", "callfloor/line/gsm-1"),
        ("technician", "callfloor/event/gsm"),
        ("gsm", "callfloor/span/e1-1"),
        ("gsm", "callfloor/event/pstn"),
        ("pstn", "callfloor/event/gsm"),
        ("pstn", "callfloor/command/gsm/line.reset"),
        ("watch", "callfloor/command/pstn/line.dial"),
        ("technician", "callfloor/span/e1-1"),
        ("pbx", "callfloor/event/gsm"),
        ("watch", "elsewhere"),
    ],
)
def test_a_service_cannot_write_what_is_not_its_own(broker: Broker, service: str, topic: str) -> None:
    assert raw_publish(broker, service, topic, b"{}") == "Not authorized"


def test_each_service_may_write_its_own(broker: Broker) -> None:
    for service, topic in [
        *((service, topics.service(service)) for service in topics.SERVICES),
        ("gsm", topics.line("gsm-1")),
        ("pbx", topics.call("1")),
        ("panel", topics.command("pbx", "agent.login")),
        ("pbx", topics.command("gsm", "line.reset")),
        ("gsm", topics.response("panel", "x")),
        ("gsm", topics.GSM_EVENTS),
        ("pstn", topics.line("e1-1.07")),
        ("pstn", topics.span("e1-1")),
        ("pstn", topics.PSTN_EVENTS),
        ("pstn", topics.response("technician", "x")),
        ("technician", topics.command("pstn", "line.dial")),
        ("technician", topics.command("pbx", "site.reload")),
        ("technician", topics.command("gsm", "site.reload")),
    ]:
        assert raw_publish(broker, service, topic, b"") in ("Success", "No matching subscribers")


def test_a_service_does_not_hear_the_commands_of_another(broker: Broker) -> None:
    panel, watch = broker.bus("panel"), broker.bus("watch")
    heard = Heard(watch, "callfloor/#", AgentStatus)
    assert eventually(lambda: watch.connected and panel.connected)
    raw_publish(broker, "panel", topics.command("pbx", "call.dial"), b"{}")
    raw_publish(broker, "pbx", topics.agent("2001"), agent("2001").model_dump_json().encode())
    assert eventually(lambda: topics.agent("2001") in heard.latest)
    assert list(heard.latest) == [topics.agent("2001")]


def test_a_refused_publication_is_logged_once(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    panel = broker.bus("panel")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            panel.publish(topics.line("gsm-1"), line("gsm-1"))
        assert eventually(lambda: any("may not publish" in r.message for r in caplog.records))
    assert len([r for r in caplog.records if "may not publish" in r.message]) == 1


def test_a_wrong_password_and_no_account_stay_out(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        bus = Bus(broker.host, broker.port, "pbx", "wrong")
        bus.start()
        assert eventually(lambda: any("refused account pbx" in r.getMessage() for r in caplog.records))
        bus.stop()
    assert not bus.connected
    anonymous = subprocess.run(
        ["mosquitto_pub", "-p", str(broker.port), "-t", "callfloor/event/call", "-m", "x"],
        check=False,
        capture_output=True,
        timeout=10,
    )
    assert anonymous.returncode != 0


def test_the_broker_listens_on_loopback_only(broker: Broker) -> None:
    listening = [str(c.laddr) for c in psutil.net_connections("tcp") if c.status == "LISTEN"]
    assert [address for address in listening if f"port={broker.port})" in address] == [
        f"addr(ip='127.0.0.1', port={broker.port})"
    ]


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "bus-passwords.json"
    made = mosquitto.ensure_passwords(path)
    assert set(made) == set(topics.SERVICES)
    assert len(set(made.values())) == len(made)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert mosquitto.ensure_passwords(path) == made
    config = mosquitto.render("127.0.0.1", 1883, path, tmp_path / "mosquitto")
    for file in config.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert not any(secret in file.read_text() for secret in made.values())


def test_password_lines_are_what_mosquitto_itself_writes() -> None:
    # By mosquitto_passwd 2.0.11: mosquitto_passwd -b -c FILE pbx secret
    salt = "+K3zNzheaCCpiWU3"
    digest = "mOAQYG/q7B1UcdJKfkkyd+GBVGeYGQWRDjcMGNvF3Yv9k9TsngWXzgQeuM2n0c+hGD1YCAKYivu2F/k5Gb/STQ=="
    assert mosquitto.password_line("pbx", "secret", base64.b64decode(salt)) == f"pbx:$7$101${salt}${digest}"


def test_the_page_of_docs_names_every_topic_and_account() -> None:
    page = (Path(mosquitto.__file__).parents[1] / "docs" / "bus.md").read_text()
    for topic in topics.TOPICS:
        assert f"`{topic.pattern.replace('%u', 'NAME')}`".replace("+", "NAME") in page, topic.pattern
        assert f"`{topic.model.__name__}`" in page
    for service in topics.SERVICES:
        assert f"`{service}`" in page


def test_times_on_the_bus_are_utc(broker: Broker) -> None:
    panel = broker.bus("panel")
    heard = Heard(panel, topics.EVERY_AGENT, AgentStatus)
    broker.bus("pbx").publish(topics.agent("2001"), agent("2001"), retain=True)
    assert eventually(lambda: topics.agent("2001") in heard.latest)
    status = heard.latest[topics.agent("2001")]
    assert isinstance(status, AgentStatus)
    assert status.since.utcoffset() == datetime.now(UTC).utcoffset()
