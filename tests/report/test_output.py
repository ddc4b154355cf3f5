"""Tables people can read, CSV no spreadsheet runs, JSON programs can stream."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.report.output import harmless, width, write_csv, write_json, write_table

TOKYO = ZoneInfo("Asia/Tokyo")
NINE = datetime(2026, 8, 3, 0, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "+"])
def test_a_formula_becomes_text(cell: str) -> None:
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "+818012345678", "-1.5", "20", "gsm-1", "花子", "a=b"])
def test_numbers_and_plain_texts_stay(cell: str) -> None:
    assert harmless(cell) == cell


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_csv_reads_back_as_written_but_for_the_guard(cells: list[str]) -> None:
    out = io.StringIO(newline="")
    columns = [str(index) for index in range(len(cells))]
    write_csv([dict(zip(columns, cells, strict=True))], columns, TOKYO, out)
    header, row = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert header == columns
    assert row == [harmless(cell) for cell in cells]


def test_csv_has_site_times_and_empty_cells_for_what_is_unknown() -> None:
    out = io.StringIO()
    assert write_csv([{"a": NINE, "b": None, "c": 1.25}], ["a", "b", "c"], TOKYO, out) == 1
    assert out.getvalue().splitlines() == ["a,b,c", "2026-08-03 09:00:05,,1.2"]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_json_is_a_list_of_objects_with_times_in_utc(count: int) -> None:
    out = io.StringIO()
    assert write_json([{"at": NINE.astimezone(TOKYO), "name": "花子"}] * count, out) == count
    assert json.loads(out.getvalue()) == [{"at": "2026-08-03T00:00:05+00:00", "name": "花子"}] * count


def test_a_table_is_aligned_also_with_wide_characters() -> None:
    out = io.StringIO()
    rows = [{"name": "花子", "n": 5}, {"name": "Taro", "n": 12}]
    assert write_table(rows, {"name": "name", "n": "calls"}, TOKYO, out) == 2
    assert out.getvalue() == "name  calls\n花子      5\nTaro     12\n"
    assert width("花子") == width("Taro") == width("カナ") == 4
    assert width("ﾀﾛ") == 2


def test_a_callers_control_characters_do_not_reach_the_terminal() -> None:
    out = io.StringIO()
    write_table([{"caller": "\x1b[2Jhi\n"}], {"caller": "caller"}, TOKYO, out)
    assert out.getvalue() == "caller\n?[2Jhi?\n"


def test_a_table_without_rows_is_nothing() -> None:
    out = io.StringIO()
    assert write_table([], {"a": "a"}, TOKYO, out) == 0
    assert out.getvalue() == ""
