"""The soak's verdict finds what is wrong: lost, double and left-over calls, and faults that nobody planned."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateways.gsm.simulator.faults import KINDS
from tests.load import gsm_verdict
from tests.load.gsm_calls import Trip
from tests.load.gsm_faults import PLANS, Fault, table
from tests.load.gsm_verdict import Verdict

NUMBER = "+819010000001"


def _trip(**changes: Any) -> Trip:
    now = time.monotonic()
    values: dict[str, Any] = {
        "direction": "inbound", "number": NUMBER, "line": "gsm-1", "began": now - 10, "ended": now, "rang": True,
        "answered": now - 9, "over": now, "cause": 16,
    }  # fmt: skip
    return Trip(**{**values, **changes})


def _row(**changes: Any) -> dict[str, Any]:
    def at(seconds: float) -> str:
        return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()

    row = {
        "id": "1", "direction": "inbound", "line": "gsm-1", "caller": NUMBER, "did": "+818000000001", "state": "ended",
        "result": "connected", "ringing_at": at(10), "answered_at": at(9), "connected_at": at(8), "ended_at": at(0),
    }  # fmt: skip
    return {**row, **changes}


def _fault(kind: str) -> Fault:
    now = time.monotonic()
    return Fault("gsm-1", kind, "", now - 9, now - 5, {}, now - 5, now - 3, over=True)


def _judged(trips: list[Trip], rows: list[dict[str, Any]], *faults: str) -> list[str]:
    verdict = Verdict()
    gsm_verdict.calls(verdict, trips, rows, lambda _line, _since, _until: [_fault(kind) for kind in faults])
    return verdict.wrong


CASES: list[tuple[str, list[Trip], list[dict[str, Any]], tuple[str, ...], str]] = [
    ("well", [_trip()], [_row()], (), ""),
    ("not in the ledger", [_trip()], [], (), "not in the ledger"),
    ("answered by a line that was deaf", [_trip()], [], ("silence",), "not in the ledger"),
    ("rang in a modem that was deaf", [_trip(answered=None)], [], ("silence",), ""),
    ("rang", [_trip(answered=None)], [], ("split",), "not in the ledger"),
    ("twice", [_trip()], [_row(), _row(id="2")], (), "more than once"),
    ("from nobody", [], [_row()], (), "nobody called"),
    ("left open", [_trip()], [_row(state="open", ended_at=None)], ("vanish",), "is open"),
    ("the wrong number", [_trip()], [_row(caller=None)], ("split",), "told as None"),
    ("withheld", [_trip(shown=False)], [_row(caller=None)], (), ""),
    ("an hour late", [_trip()], [_row(ended_at=datetime.now(UTC).replace(year=2099).isoformat())], (), "its end is"),
    ("rang twice", [_trip(direction="outbound", offers=2)], [_row(did=NUMBER, direction="outbound")], (), "rang twice"),
]


@pytest.mark.parametrize(("trips", "rows", "faults", "wrong"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_calls(trips: list[Trip], rows: list[dict[str, Any]], faults: tuple[str, ...], wrong: str) -> None:
    found = _judged(trips, rows, *faults)
    assert bool(found) == bool(wrong), found
    assert wrong in "".join(found)


def test_every_fault_of_the_simulator_is_planned() -> None:
    assert set(PLANS) == set(KINDS)


def test_the_table_shows_how_long_a_line_took() -> None:
    slow = _fault("vanish")
    assert slow.recovery == pytest.approx(2.0)
    assert table([slow]).splitlines()[1].split() == ["vanish", "1", "1", "2.0", "2.0"]
