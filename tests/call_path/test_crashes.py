"""Each service killed in the middle of a call: the call goes on, or ends cleanly, and is in the ledger."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import numpy as np

from tests.call_path.calls import GAP, OWN, connected, kinds, queued, row, settled
from tests.call_path.process import wait_until
from tests.call_path.stack import Stack
from tests.fakes.phone import Phone
from tests.measure import wav
from tests.measure.align import align, channel_match
from tests.measure.latency import joined
from tests.measure.track import lost_frames

SECONDS = 2 * 8000  # bytes a second of speech


def test_the_broker(stack: Stack, one: Phone, caller_speech: bytes) -> None:
    call = connected(stack, one)
    said = call.subscriber.play(caller_speech[: 4 * SECONDS])
    stack.kill("bus")
    time.sleep(1)
    stack.restart("bus")
    assert said.wait(6)
    assert call.subscriber.cause is None
    call.subscriber.hang_up()
    one.wait("ended", 5)
    time.sleep(0.3)
    spoken = np.frombuffer(caller_speech[: 4 * SECONDS], "<i2")
    assert lost_frames(spoken, joined(one.heard(call.tap))).lost < GAP
    assert row(stack, call.id)["result"] == "connected"
    stack.watch.wait_state("agent", "2001", "available", 10)  # told again to the new broker
    stack.watch.wait_state("line", "gsm-1", "idle", 10)


def test_the_edge(stack: Stack, one: Phone, caller_speech: bytes) -> None:
    call = connected(stack, one)
    said = call.subscriber.play(caller_speech[: 4 * SECONDS])
    stack.kill("edge")
    time.sleep(1)
    stack.restart("edge")
    assert said.wait(6)
    call.subscriber.hang_up()
    one.wait("ended", 10)  # the BYE passes the new edge
    time.sleep(0.3)
    spoken = np.frombuffer(caller_speech[: 4 * SECONDS], "<i2")
    assert lost_frames(spoken, joined(one.heard(call.tap))).lost < GAP
    assert row(stack, call.id)["result"] == "connected"
    again = connected(stack, one)  # the phone is still registered: contacts outlive the edge
    again.subscriber.hang_up()
    row(stack, again.id)


def test_the_gateway(stack: Stack, one: Phone) -> None:
    call = connected(stack, one)
    time.sleep(1)
    stack.kill("gsm")
    stack.restart("gsm")
    one.wait("ended", 40)
    ledger = row(stack, call.id)
    assert ledger["result"] == "connected"
    assert ledger["ended_by"] in ("line", "core", "caller")
    assert ledger["recording"]["state"] == "complete", ledger
    stack.watch.wait_state("agent", "2001", "available", 10)
    settled(stack)
    again = connected(stack, one)
    again.subscriber.hang_up()
    assert row(stack, again.id)["result"] == "connected"


def test_the_core(stack: Stack, one: Phone, caller_speech: bytes) -> None:
    call = connected(stack, one)
    call.subscriber.play(caller_speech)
    time.sleep(4)
    killed = time.monotonic_ns()
    stack.kill("pbx")
    stack.restart("pbx")
    ledger = row(stack, call.id)
    assert ledger["state"] == "interrupted"
    assert ledger["ended_at"] is not None
    recording = ledger["recording"]
    assert recording["state"] == "interrupted"
    (left, right), _ = wav.read(Path(recording["path"]))
    talked = (killed - call.since_ns) / 1e9
    assert talked - 1.2 < len(left) / 8000 < talked + 0.5  # at most the last second is missing
    assert channel_match(np.frombuffer(caller_speech, "<i2")[: len(left)], left) > OWN
    assert channel_match(joined(one.spoke(call.tap))[: len(right)], right) > OWN
    call.subscriber.hang_up()
    one.tell("hangup")
    one.wait("ended", 40)
    settled(stack)
    stack.watch.wait_state("agent", "2001", "available", 30)  # back as they were
    again = connected(stack, one)
    again.subscriber.hang_up()
    assert row(stack, again.id)["result"] == "connected"


def test_the_core_while_a_caller_waits(stack: Stack, one: Phone) -> None:
    one.tell("answer_after", seconds=None)
    call, call_id = queued(stack)
    stack.kill("pbx")
    stack.restart("pbx")
    assert row(stack, call_id)["state"] == "interrupted"
    assert call.wait_ended(40)  # the gateway finds its leg dead and frees the line
    settled(stack, timeout=40)


def test_an_agents_phone_loses_power(stack: Stack, one: Phone) -> None:
    call = connected(stack, one)
    one.kill()
    try:
        assert call.subscriber.wait_ended(30)  # ten seconds of silence, then the phone is asked in vain
        assert row(stack, call.id)["result"] == "connected"
    finally:
        one.start().wait("registered")


def test_the_store_is_locked_for_a_while(stack: Stack, one: Phone) -> None:
    database = sqlite3.connect(stack.settings.paths.state / "callfloor.db", isolation_level=None)
    try:
        call = connected(stack, one)
        database.execute("BEGIN EXCLUSIVE")
        time.sleep(0.5)
        call.subscriber.hang_up()
        one.wait("ended", 5)  # nobody waits for the disk
        time.sleep(7)  # longer than busy_timeout
        database.execute("ROLLBACK")
        ledger = row(stack, call.id, 15)
    finally:
        database.close()
    assert ledger["result"] == "connected"
    assert "ended" in kinds(ledger)


def test_the_modem_vanishes_in_mid_call(stack: Stack, one: Phone) -> None:
    call = connected(stack, one)
    time.sleep(1)
    stack.bank.fault("gsm-1", "vanish", seconds=6.0)
    stack.watch.wait_state("line", "gsm-1", ("absent", "fault"), 5)
    ended = one.wait("ended", 15)
    assert ended.data["reason"].startswith("Q.850;")
    time.sleep(0.3)
    tone = wav.read(stack.settings.prompt("caller-gone"))[0][0]
    assert align(tone[:4000], joined(one.heard(call.tap)))[1] > OWN
    ledger = row(stack, call.id)
    assert ledger["ended_by"] == "line"
    assert ledger["cause"] not in (None, 16)
    stack.watch.wait_state("agent", "2001", "available", 10)
    stack.watch.wait_state("line", "gsm-1", "idle", 30)
    again = connected(stack, one)
    again.subscriber.hang_up()
    assert row(stack, again.id)["result"] == "connected"


def test_the_panel_and_the_broker_away_while_a_call_begins(stack: Stack, one: Phone) -> None:
    stack.kill("bus")
    call = stack.bank.subscriber("+819066667777").dial(stack.number("gsm-1"))
    stack.dialled.append(call)
    try:
        assert call.wait_answered(10)
        time.sleep(0.5)
        call.send_digits("1")
        one.wait("connected", 15)
    finally:
        call.hang_up()
        stack.restart("bus")
    wait_until(
        lambda: any(r["caller"] == "+819066667777" and r["result"] == "connected" for r in stack.ledger()),
        10, "the call is in the ledger", step=0.3,
    )  # fmt: skip
