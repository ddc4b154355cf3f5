"""Every topic of the bus, its payload and who may write it. The broker's access list is made from this table."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.bus_payloads import (
    AgentStatus,
    CallEventMessage,
    CallStatus,
    Command,
    CommandAnswer,
    GsmEventMessage,
    LineStatus,
    Payload,
    PstnEventMessage,
    QueueStatus,
    ServiceStatus,
    SpanStatus,
)

ROOT = "callfloor"
COMMANDED = ("pbx", "gsm", "pstn")  # services that carry out commands
SERVICES = ("pbx", "gsm", "pstn", "panel", "edge", "report", "watch", "technician")  # one account each on the broker


# ``watch``: a technician's mosquitto_sub, and the demo; ``technician``: the command line
WATCHERS = ("panel", "watch", "technician")


@dataclass(frozen=True)
class Topic:
    """One kind of topic. In ``pattern`` ``+`` stands for any name, ``%u`` for the service's own."""

    pattern: str
    model: type[Payload]
    retained: bool
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    private: bool = False  # a reader reads only its own


TOPICS = (
    Topic(f"{ROOT}/service/%u", ServiceStatus, True, SERVICES, SERVICES),
    Topic(f"{ROOT}/line/+", LineStatus, True, ("gsm", "pstn"), ("gsm", "pstn", "pbx", *WATCHERS)),
    Topic(f"{ROOT}/span/+", SpanStatus, True, ("pstn",), ("pstn", *WATCHERS)),
    Topic(f"{ROOT}/agent/+", AgentStatus, True, ("pbx",), ("pbx", *WATCHERS)),
    Topic(f"{ROOT}/queue/+", QueueStatus, True, ("pbx",), ("pbx", *WATCHERS)),
    Topic(f"{ROOT}/call/+", CallStatus, True, ("pbx",), ("pbx", *WATCHERS)),
    Topic(f"{ROOT}/event/call", CallEventMessage, False, ("pbx",), WATCHERS),
    Topic(f"{ROOT}/event/gsm", GsmEventMessage, False, ("gsm",), WATCHERS),
    Topic(f"{ROOT}/event/pstn", PstnEventMessage, False, ("pstn",), WATCHERS),
    Topic(f"{ROOT}/command/pbx/+", Command, False, ("panel", "technician"), ("pbx",)),
    Topic(f"{ROOT}/command/gsm/+", Command, False, ("panel", "pbx", "technician"), ("gsm",)),
    Topic(f"{ROOT}/command/pstn/+", Command, False, ("panel", "pbx", "technician"), ("pstn",)),
    Topic(f"{ROOT}/response/+/+", CommandAnswer, False, COMMANDED, ()),
    Topic(f"{ROOT}/response/%u/+", CommandAnswer, False, (), SERVICES, private=True),
)


def _named(kind: str, name: str) -> str:
    if not name or any(c in name for c in "/+#\0"):
        raise ValueError(f"{name!r} can't be part of a bus topic: leave out / + #")
    return f"{ROOT}/{kind}/{name}"


def service(name: str) -> str:
    """Topic of a service's ``ServiceStatus``."""
    return _named("service", name)


def line(name: str) -> str:
    """Topic of a line's ``LineStatus``."""
    return _named("line", name)


def span(name: str) -> str:
    """Topic of a span's ``SpanStatus``."""
    return _named("span", name)


def agent(number: str) -> str:
    """Topic of an agent's ``AgentStatus``."""
    return _named("agent", number)


def queue(name: str) -> str:
    """Topic of a queue's ``QueueStatus``."""
    return _named("queue", name)


def call(call_id: str) -> str:
    """Topic of a living call's ``CallStatus``."""
    return _named("call", call_id)


def command(service_name: str, name: str) -> str:
    """Topic on which a service reads one of its commands."""
    return f"{_named('command', service_name)}/{_named('', name).rpartition('/')[2]}"


def every_command(service_name: str) -> str:
    """Pattern of all commands of a service."""
    return f"{_named('command', service_name)}/+"


def response(service_name: str, instance: str) -> str:
    """Topic on which one running instance of a service reads the answers to what it asked."""
    return f"{_named('response', service_name)}/{_named('', instance).rpartition('/')[2]}"


CALL_EVENTS = f"{ROOT}/event/call"
GSM_EVENTS = f"{ROOT}/event/gsm"
PSTN_EVENTS = f"{ROOT}/event/pstn"
EVERY_SERVICE = f"{ROOT}/service/+"
EVERY_LINE = f"{ROOT}/line/+"
EVERY_SPAN = f"{ROOT}/span/+"
EVERY_AGENT = f"{ROOT}/agent/+"
EVERY_QUEUE = f"{ROOT}/queue/+"
EVERY_CALL = f"{ROOT}/call/+"
