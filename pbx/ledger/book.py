"""Turns what happens to calls and agents into ledger rows and bus events, in the same words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from appliance import q850
from appliance.bus_payloads import CallEventMessage
from appliance.store.models import new_id
from pbx.acd.agents import Agent
from pbx.calls import Call
from pbx.ledger.writer import Row, Writer
from pbx.sip import Finished

Publish = Callable[[CallEventMessage], None]


class Book:
    """The ledger as the switch writes it."""

    def __init__(self, writer: Writer, core: str, publish: Publish) -> None:
        self._writer = writer
        self._core = core
        self._publish = publish

    def event(self, call: Call, at: datetime, kind: str, **data: Any) -> None:
        """Write a step of a call with the columns known so far, and tell the bus at once."""
        self._writer.write(self._call_row(call, "open"), self._event_row(call, at, kind, data))
        self._publish(CallEventMessage(call=call.id, at=at, kind=kind, data=data))

    def ended(
        self, call: Call, at: datetime, by: str, cause: int, talk_seconds: float | None, why: str | None = None
    ) -> None:
        """Write a call's end. The bus hears of it after the commit: what is reported is in the ledger."""
        words, result = why or q850.text(cause), call.result(cause)
        data = {"by": by, "cause": cause, "cause_text": words, "result": result}
        columns = {
            "ended_by": by, "cause": cause, "cause_text": words, "result": result, "talk_seconds": talk_seconds,
        }  # fmt: skip
        self._write_then_publish(call, self._call_row(call, "ended", **columns), at, "ended", data)

    def recording_started(self, call: Call, at: datetime, path: str) -> str:
        """Write the row of a recording that has begun; return its id."""
        recording = new_id()
        values = {"id": recording, "call": call.id, "path": path, "state": "open", "channels": 2, "started_at": at}
        self._writer.write(Row("recording", values))
        return recording

    def recording_ended(self, call: Call, recording: str, at: datetime, finished: Finished) -> None:
        """Write a recording's end; one whose writing failed is marked interrupted."""
        values = {
            "id": recording, "call": call.id, "state": "interrupted" if finished.error else "complete", "ended_at": at,
            "seconds": finished.seconds, "lost_frames": finished.lost_frames,
        }  # fmt: skip
        data = {"recording": recording, "seconds": round(finished.seconds, 3), "error": finished.error or None}
        self._write_then_publish(call, Row("recording", values), at, "recorded", data)

    def _write_then_publish(self, call: Call, row: Row, at: datetime, kind: str, data: dict[str, Any]) -> None:
        message = CallEventMessage(call=call.id, at=at, kind=kind, data=data)
        event = self._event_row(call, at, kind, data)
        self._writer.write(row, Row(event.table, event.values, then=lambda: self._publish(message)))

    def agent_changed(self, agent: Agent, at: datetime) -> None:
        """Write an agent's new state."""
        values = {
            "id": new_id(), "at": at, "agent": agent.number, "extension": agent.extension, "state": agent.state,
            "reason": agent.reason, "call": agent.call,
        }  # fmt: skip
        self._writer.write(Row("agent_event", values))

    def _call_row(self, call: Call, state: str, **columns: Any) -> Row:
        return Row("call", {"id": call.id, "core": self._core, "state": state, **call.row(), **columns})

    def _event_row(self, call: Call, at: datetime, kind: str, data: dict[str, Any]) -> Row:
        call.seq += 1
        return Row("call_event", {"call": call.id, "seq": call.seq, "at": at, "kind": kind, "data": data})
