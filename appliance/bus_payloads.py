"""What travels on the bus: one model a topic. Topics and their rules (retained, last will) stand in ``TOPICS``.

The bus carries live state and commands only; the ledger is in the store. All times are UTC (ISO 8601).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Payload(BaseModel):
    """Base of all payloads: an unknown field is an error, so that a typo shows at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)


LineStateName = Literal[
    "absent", "booting", "sim-missing", "sim-pin", "sim-puk", "searching", "denied", "idle", "incoming",
    "dialling", "alerting", "active", "ending", "cooling-down", "fault",
]  # fmt: skip
SpanStateName = Literal["up", "down", "alarm", "absent"]
AgentStateName = Literal["logged-out", "available", "ringing", "on-call", "wrap-up", "paused"]
CallStateName = Literal["ringing", "ivr", "queued", "offering", "connected", "ending"]


class ServiceStatus(Payload):
    """``callfloor/service/NAME`` retained; the last will says offline."""

    service: str
    state: Literal["starting", "online", "offline"]
    since: datetime
    pid: int
    version: str


class SimStatus(Payload):
    """The SIM in a line, its limits and its use. ``blocked`` says which rule keeps it from dialling."""

    iccid: str
    carrier: str | None = None
    label: str | None = None
    used_seconds: int = 0  # billed, of the limit's own period
    blocked: str | None = None
    blocked_until: datetime | None = None
    alarm: str | None = None  # ASR, ACD or answer delay are not what they were: a line each, "asr_low: …"
    balance: str | None = None
    balance_at: datetime | None = None


class LineStatus(Payload):
    """``callfloor/line/NAME`` retained."""

    line: str
    gateway: str
    state: LineStateName
    since: datetime
    number: str | None = None
    operator: str | None = None
    signal_dbm: int | None = None
    caller: str | None = None
    reason: str | None = None  # why it is out of service, and what to do
    answer: Literal["claimed", "reported", "heard"] | None = None  # how sure it is that the call was answered
    imei: str | None = None
    imsi: str | None = None
    model: str | None = None
    sim: SimStatus | None = None
    recoveries: int = 0  # rungs of the recovery ladder climbed since the gateway started
    recovery: str | None = None  # the last of them, and why


class SpanStatus(Payload):
    """``callfloor/span/NAME`` retained: an E1 or T1 with ISDN, as its driver and layer 2 see it."""

    span: str
    kind: Literal["e1", "t1"]
    state: SpanStateName
    since: datetime
    alarms: list[str] = []  # red, yellow, blue, loopback, recovering, not-open (ITU-T G.704, G.775; dahdi/user.h)
    layer2: bool = False  # is the D channel up (ITU-T Q.921)?
    channels: int = 0  # that carry calls
    calls: int = 0
    errors: int = 0  # bad frames and aborts on the D channel since the gateway started
    drops: int = 0  # times that layer 2 was lost since then
    reason: str | None = None  # why it is not up, and what to do


class AgentStatus(Payload):
    """``callfloor/agent/NUMBER`` retained."""

    agent: str
    name: str
    state: AgentStateName
    since: datetime
    extension: str | None = None
    reason: str | None = None
    queues: list[str] = []
    call: str | None = None


class WaitingCall(Payload):
    call: str
    caller: str | None
    since: datetime
    position: int


class QueueStatus(Payload):
    """``callfloor/queue/NAME`` retained."""

    queue: str
    label: str
    waiting: list[WaitingCall] = []
    logged_in: int = 0
    available: int = 0


class CallStatus(Payload):
    """``callfloor/call/ID`` retained while the call lives; an empty message clears it."""

    call: str
    direction: Literal["inbound", "outbound", "internal"]
    state: CallStateName
    since: datetime
    started: datetime
    line: str | None = None
    caller: str | None = None
    did: str | None = None
    queue: str | None = None
    agent: str | None = None
    extension: str | None = None


class CallEventMessage(Payload):
    """``callfloor/event/call`` not retained: a step of a call as it happens; same words as the ledger's call_event."""

    call: str
    at: datetime
    kind: str
    data: dict[str, Any] = {}


class GsmEventMessage(Payload):
    """``callfloor/event/gsm`` not retained: a message, a USSD answer or a balance, as it came; all are in the store."""

    line: str
    at: datetime
    kind: str  # message-received, message-sent, message-delivered, message-failed, ussd-answer, balance
    data: dict[str, Any] = {}


class PstnEventMessage(Payload):
    """``callfloor/event/pstn`` not retained: what happened on a line or a span as it happens."""

    at: datetime
    kind: str  # fax-heard, busy-tone-learned; span-up, span-down, span-alarm, span-absent
    line: str | None = None
    span: str | None = None
    data: dict[str, Any] = {}


class Command(Payload):
    """``callfloor/command/SERVICE/NAME``: answered on the response topic with the same correlation data (MQTT 5)."""

    arguments: dict[str, Any] = {}
    deadline: datetime  # a command read later than this is refused, never carried out late


class CommandError(Payload):
    id: str  # stable: unknown-agent, deadline-passed, …
    message: str  # says what to do


class CommandAnswer(Payload):
    ok: bool
    result: dict[str, Any] = {}
    error: CommandError | None = None
