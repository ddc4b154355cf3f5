"""A gateway that is killed in the midst of a call keeps what its SIMs were used for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from appliance.store import Store
from appliance.store.sim_models import SimPolicy as PolicyRow
from appliance.store.sim_models import SimSms, SimUse
from gateways.gsm.policy.rules import Refusal
from gateways.gsm.policy.service import SimPolicy
from tests.gsm.policy.use_process import ICCID, MINUTE, NOW


def kill_after(lines: int, url: str, spool: Path, kind: str) -> int:
    """Run the process, kill it once it has said so many lines, and return what the last one said."""
    command = [sys.executable, "-m", "tests.gsm.policy.use_process", url, str(spool), kind]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None
            for _ in range(lines):
                said = process.stdout.readline()
        finally:
            process.kill()
        rest = process.stdout.read().split()
        return int(rest[-1] if rest else said)


@contextmanager
def restarted(store: Store, spool: Path, now: datetime) -> Iterator[SimPolicy]:
    policy = SimPolicy(store, spool, ZoneInfo("Asia/Tokyo"), "JP")
    policy.start(now)
    try:
        policy.sim_seen("gsm-1", ICCID, None, now)
        yield policy
    finally:
        policy.stop()


@pytest.mark.parametrize("calls", [1, 7])
def test_use_survives_a_kill_between_any_two_calls(store: Store, store_url: str, tmp_path: Path, calls: int) -> None:
    spool = tmp_path / "spool.json"
    made = kill_after(calls, store_url, spool, "busy")
    now = NOW + 2 * (made + 2) * MINUTE
    with restarted(store, spool, now) as policy:
        view = policy.view("gsm-1", now)
    assert view is not None
    assert made * 60 <= view.used_seconds <= (made + 1) * 60
    with store.session() as session:
        assert session.scalar(select(func.count()).where(SimUse.state == "open")) == 0
        parts = session.scalar(select(func.sum(SimSms.parts)))
        assert parts is not None
        assert made <= parts <= made + 1


@pytest.mark.parametrize(("down", "seconds"), [(10, 70.0), (3600, 90.0)])
def test_a_call_cut_off_by_a_kill_counts_as_long_as_it_is_known_to_have_lasted(
    store: Store, store_url: str, tmp_path: Path, down: int, seconds: float
) -> None:
    with store.session() as session:
        session.add(PolicyRow(subject=f"sim:{ICCID}", billing_unit=60, day_minutes=2))
    spool = tmp_path / "spool.json"
    kill_after(1, store_url, spool, "steady")
    now = NOW + MINUTE + timedelta(seconds=down)
    with restarted(store, spool, now) as policy:
        refusal = policy.may_dial("gsm-1", "+818011112222", now)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "day_minutes"
    with store.session() as session:
        (row,) = session.scalars(select(SimUse))
        assert (row.state, row.seconds, row.billed_seconds, row.cause) == ("interrupted", seconds, 120, 41)
