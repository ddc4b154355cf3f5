from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

import appliance.panel
from appliance.bus.topics import SERVICES
from appliance.bus_payloads import AgentStateName, CallStateName, LineStateName, SpanStateName
from appliance.panel.catalogue import CATALOGUES
from appliance.store.sim_models import SimPolicy

FOLDER = Path(appliance.panel.__file__).parent
ENGLISH = CATALOGUES["en"]
ALARMS = ("red", "yellow", "blue", "loopback", "recovering", "not-open", "los", "lfa", "lmfa")  # dahdi/user.h
NOT_FOR_CALLS = {"subject", "month_reset_day", "sms_per_hour", "sms_per_day", "longest_call", "warn_before",
                 "billing_minimum", "billing_unit", "short_seconds", "lock_minutes"}  # fmt: skip
RULES = ("enabled", "sim_unknown", *(set(SimPolicy.__table__.columns.keys()) - NOT_FOR_CALLS))
TABLES = re.compile(r'table\("(\w+)", \[(.*?)\], t\)')


def used_keys() -> set[str]:
    """Every key that stands whole in a template, a script or the code."""
    found: set[str] = set()
    for file in [*FOLDER.rglob("*.html"), *FOLDER.rglob("*.js"), *FOLDER.rglob("view.py")]:
        text = file.read_text()
        found |= set(re.findall(r"""\bt\(["']([\w.-]+)["']""", text))
        found |= set(re.findall(r"""words\(chosen\(\)\)\["([\w.]+)"\]""", text))
        found |= set(re.findall(r'"(feed\.\w+)"', text))
        for name, columns in TABLES.findall(text):
            found |= {f"table.{name}", f"empty.{name}"}
            found |= {f"col.{column.rstrip('#')}" for column in re.findall(r'"([\w#]+)"', columns)}
    return {key for key in found if "." in key and not key.endswith(".")}


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_language_has_every_string_and_its_blanks(language: str) -> None:
    strings = CATALOGUES[language]  # type: ignore[index]
    assert strings.keys() == ENGLISH.keys()
    for key, text in strings.items():
        assert text.strip(), key
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", ENGLISH[key])), key


def test_what_the_page_uses_is_there() -> None:
    used = used_keys()
    assert len(used) > 70
    assert used <= ENGLISH.keys(), used - ENGLISH.keys()


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("line", get_args(LineStateName)),
        ("span", get_args(SpanStateName)),
        ("span_alarm", ALARMS),
        ("span_alarm_name", ("red", "yellow", "blue", "loopback", "recovering", "not-open")),
        ("advice_span", ("down", "absent", "unknown")),
        ("advice_pstn", ("absent", "booting", "fault", "unknown")),
        ("agent", get_args(AgentStateName)),
        ("call", get_args(CallStateName)),
        ("service", SERVICES),
        ("service_state", ("starting", "online", "offline")),
        ("direction", ("inbound", "outbound", "internal")),
        ("result", ("connected", "abandoned", "overflow", "busy", "no-answer", "failed", "interrupted")),
        ("answer", ("claimed", "reported", "heard")),
        ("answer_help", ("claimed", "reported", "heard")),
        ("rule", RULES),
        ("ended_by", ("caller", "agent", "callee", "core", "line")),
    ],
)
def test_every_word_of_the_bus_and_the_ledger_is_there(kind: str, names: tuple[str, ...]) -> None:
    assert {f"{kind}.{name}" for name in names} <= ENGLISH.keys()


def test_japanese_is_japanese() -> None:
    plain = {key for key, text in CATALOGUES["ja"].items() if not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text)}
    assert plain == {"signal.dbm"}
