"""A floor for the panel to show: the core's and the gateway's state on a real broker, and rows in a real store."""

from __future__ import annotations

import math
import struct
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from appliance.bus import Bus, topics
from appliance.bus_payloads import (
    AgentStatus,
    CallStatus,
    LineStatus,
    QueueStatus,
    SimStatus,
    SpanStateName,
    SpanStatus,
    WaitingCall,
)
from appliance.store import Store
from appliance.store.models import Agent, Call, Line, Queue, Recording, new_id

LineState = Literal["idle", "active", "incoming", "alerting", "searching", "sim-missing", "absent", "fault"]


def ago(seconds: float) -> datetime:
    """The time that many seconds before now."""
    return datetime.now(UTC) - timedelta(seconds=seconds)


def line(gsm: Bus, name: str, state: LineState = "idle", **more: Any) -> None:
    """Publish a line's state as the gateway does."""
    fields: dict[str, Any] = {
        "since": ago(75),
        "number": "+818012345678",
        "operator": "NTT DOCOMO",
        "signal_dbm": -71,
    } | more
    gsm.publish(topics.line(name), LineStatus(line=name, gateway="gsm", state=state, **fields), retain=True)


def port(pstn: Bus, name: str, state: LineState = "idle", **more: Any) -> None:
    """Publish the state of an FXO port, or of a B channel, as the gateway does."""
    fields: dict[str, Any] = {"since": ago(75), "number": "+81312345678"} | more
    pstn.publish(topics.line(name), LineStatus(line=name, gateway="pstn", state=state, **fields), retain=True)


def span(
    pstn: Bus,
    name: str,
    state: SpanStateName = "up",
    *,
    busy: dict[int, dict[str, Any]] | None = None,
    out: str | None = None,
    **more: Any,
) -> None:
    """Publish an E1 with its 30 channels; ``busy``: timeslot → what of it differs from idle; ``out``: why all are."""
    slots = [slot for slot in range(1, 32) if slot != 16]
    for slot in slots:
        fault: dict[str, Any] = {"state": "fault", "reason": out} if out else {}
        port(pstn, f"{name}.{slot:02d}", **(fault or (busy or {}).get(slot, {})))
    fields: dict[str, Any] = {"kind": "e1", "since": ago(86_400), "layer2": state == "up"} | more
    calls = 0 if out else len(busy or {})
    status = SpanStatus(span=name, state=state, channels=len(slots), calls=calls, reason=out, **fields)
    pstn.publish(topics.span(name), status, retain=True)


def sim(number: int, **more: Any) -> SimStatus:
    """The SIM with this number, topped up and free to call."""
    fields: dict[str, Any] = {
        "iccid": f"89811000000000000{number:02d}",
        "carrier": "docomo",
        "label": f"SIM {number}",
        "used_seconds": 4_000 + 777 * number,
        "balance": f"{3_500 - 210 * number} JPY",
        "balance_at": ago(5400),
    } | more
    return SimStatus(**fields)


def queue(pbx: Bus, name: str, label: str, waited: list[float], **more: Any) -> None:
    """Publish a queue's state with callers who have waited so many seconds."""
    waiting = [
        WaitingCall(call=new_id(), caller=f"+8190123450{n:02d}", since=ago(seconds), position=n)
        for n, seconds in enumerate(waited, 1)
    ]
    pbx.publish(topics.queue(name), QueueStatus(queue=name, label=label, waiting=waiting, **more), retain=True)


def agent(pbx: Bus, number: str, name: str, state: Any, seconds: float, **more: Any) -> None:
    """Publish an agent's state as the core does."""
    status = AgentStatus(agent=number, name=name, state=state, since=ago(seconds), **more)
    pbx.publish(topics.agent(number), status, retain=True)


def call(pbx: Bus, seconds: float, **more: Any) -> str:
    """Publish a call in progress; returns its id."""
    fields = {"call": new_id(), "direction": "inbound", "state": "connected", "caller": "+818098765432"} | more
    status = CallStatus(since=ago(seconds), started=ago(seconds), **fields)
    pbx.publish(topics.call(status.call), status, retain=True)
    return status.call


def ended_call(store: Store, seconds: float, wait: float = 8.0, talk: float | None = 60.0, **more: Any) -> str:
    """Write the ledger row of a call that came in so many seconds ago; ``talk`` None: it was abandoned."""
    began = ago(seconds)
    queued = began + timedelta(seconds=4)
    gone = queued + timedelta(seconds=wait)
    fields: dict[str, Any] = {
        "core": "core-1",
        "direction": "inbound",
        "state": "ended",
        "result": "connected" if talk is not None else "abandoned",
        "line": "gsm-1",
        "caller": "+818098765432",
        "did": "+818012345678",
        "queue": "support",
        "agent": "2001" if talk is not None else None,
        "ringing_at": began,
        "answered_at": began + timedelta(seconds=2),
        "queued_at": queued,
        "connected_at": gone if talk is not None else None,
        "ended_at": gone + timedelta(seconds=talk or 0),
        "ended_by": "caller",
        "cause": 16,
        "wait_seconds": wait,
        "talk_seconds": talk,
    }
    row = Call(id=new_id(), **(fields | more))
    with store.session() as session:
        session.add(row)
    return row.id


def recording(store: Store, folder: Path, call_id: str, path: str | None = None, **more: Any) -> str:
    """Write a recording's row, and a stereo WAV of 1 s unless ``path`` is given."""
    name = path or f"{call_id}.wav"
    if path is None:
        tone(folder / name)
    fields: dict[str, Any] = {"state": "complete", "started_at": ago(60), "seconds": 1.0}
    row = Recording(id=new_id(), call=call_id, path=name, **(fields | more))
    with store.session() as session:
        session.add(row)
    return row.id


def tone(file: Path) -> None:
    """A second of 440 Hz left and 880 Hz right, 8 kHz, 16 bit."""
    file.parent.mkdir(parents=True, exist_ok=True)
    frames = b"".join(
        struct.pack("<hh", *(round(8000 * math.sin(2 * math.pi * hertz * n / 8000)) for hertz in (440, 880)))
        for n in range(8000)
    )
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(frames)


def configure(store: Store, queues: dict[str, str], agents: dict[str, str], lines: int = 1) -> None:
    """Write queues (name: label), agents (number: name) and lines gsm-1 …"""
    with store.session() as session:
        session.add_all(Queue(name=name, label=label) for name, label in queues.items())
        session.add_all(Agent(number=number, name=name) for number, name in agents.items())
        session.add_all(
            Line(name=f"gsm-{n}", gateway="gsm", number=f"+8180123456{n:02d}", family="quectel", at_port=f"/dev/at{n}")
            for n in range(1, lines + 1)
        )
