"""Spans and FXO ports on the live page: a row and a strip of channels each, alarms in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from appliance.bus import Bus
from appliance.store.pstn_models import PstnCard, PstnSpan
from tests.bus.broker import Broker
from tests.panel import scene
from tests.panel.browser import CHROMIUM
from tests.panel.test_browser import Floor, browser, running_floor, watch
from tests.panel.test_browser_lines import row

__all__ = ["browser"]  # fixture

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium isn't installed: apt-get install chromium")

CALLS: dict[int, dict[str, Any]] = {
    1: {"state": "active", "caller": "+819011112222", "answer": "reported"},
    2: {"state": "incoming", "caller": "+819033334444"},
    31: {"state": "alerting"},
}


@pytest.fixture
def floor(tmp_path: Path, broker: Broker) -> Iterator[Floor]:
    card = PstnCard(name="a", driver="wcte43x", location="pci:0000:03:05.0", country="JP")
    span = PstnSpan(name="e1-1", card="a", port=1, kind="e1", number="+81312345678")
    with running_floor(tmp_path, broker, card, span) as running:
        yield running


@pytest.fixture(name="pstn")
def pstn_fixture(floor: Floor) -> Bus:
    return floor.broker.bus("pstn")


def channels(page: Page) -> list[str]:
    """The class of each channel's cell but for the word that all have."""
    cells = row(page, "e1-1/channels").locator("li").all()
    return [str(cell.get_attribute("class")).removeprefix("channel ") for cell in cells]


@pytest.mark.parametrize(
    ("language", "state", "used", "signalling", "talking"),
    [
        ("en", "Up", "3 in use", "D channel up", "e1-1.01: In call 090-1111-2222"),
        ("ja", "正常", "使用中 3", "Dチャネル正常", "e1-1.01: 通話中 090-1111-2222"),
    ],
)
def test_a_span_is_one_row_and_a_strip_of_channels(
    browser: Browser, floor: Floor, pstn: Bus, language: str, state: str, used: str, signalling: str, talking: str
) -> None:
    page = browser.new_page(locale=language)
    problems = watch(page)
    page.goto(floor.panel.url)
    scene.span(pstn, "e1-1", busy=CALLS)
    span = row(page, "e1-1")
    expect(span.locator(".pill")).to_have_text(state)
    for text in ("03-1234-5678", "E1 · 30", used, signalling):
        expect(span).to_contain_text(text)
    expect(row(page, "e1-1/channels").locator("li")).to_have_count(30)
    expect(row(page, "e1-1/channels").locator("li").first).to_have_attribute("title", talking)
    shown = channels(page)
    assert shown[:3] == ["use-busy line-active", "use-busy line-incoming", "use-idle line-idle"]
    assert (shown[-1], set(shown[2:-1])) == ("use-busy line-alerting", {"use-idle line-idle"})
    expect(page.locator("#table-lines .count")).to_have_text("32")  # with two GSM lines of the store
    assert not problems
    page.close()


@pytest.mark.parametrize(
    ("language", "state", "alarm", "advice"),
    [
        ("en", "Alarm", "red", "nothing usable comes from the network; check the cable"),
        ("ja", "警報", "赤警報", "網から正常な信号が届いていません"),
    ],
)
def test_an_alarm_says_what_to_do(
    browser: Browser, floor: Floor, pstn: Bus, language: str, state: str, alarm: str, advice: str
) -> None:
    page = browser.new_page(locale=language)
    problems = watch(page)
    page.goto(floor.panel.url)
    scene.span(pstn, "e1-1", busy=CALLS)
    expect(row(page, "e1-1/channels").locator(".use-busy")).to_have_count(3)
    scene.span(pstn, "e1-1", "alarm", out="span e1-1: red alarm", alarms=["red"], drops=2)
    expect(row(page, "e1-1").locator(".pill")).to_have_text(state)
    expect(row(page, "e1-1").locator(".alarmed")).to_have_text(alarm)
    expect(row(page, "e1-1/why")).to_contain_text(advice)
    expect(row(page, "e1-1/why")).to_contain_text("span e1-1: red alarm")
    expect(row(page, "e1-1/channels").locator(".use-out")).to_have_count(30)
    expect(page.locator("#tile-lines .of")).to_contain_text("32")
    page.get_by_role("button", name="e1-1").click()
    expect(row(page, "e1-1/more").locator("dd").nth(1)).to_have_text("2")
    assert not problems
    page.close()


def test_ports_and_spans_stand_by_name_and_a_silent_gateway_is_missed(
    browser: Browser, floor: Floor, pstn: Bus
) -> None:
    page = browser.new_page(locale="en")
    problems = watch(page)
    scene.line(floor.gsm, "gsm-1")
    scene.port(pstn, "fxo-2", "fault", reason="no battery: is the line plugged in?")
    scene.port(pstn, "fxo-10", "active", caller="+819055556666", answer="heard")
    page.goto(floor.panel.url)
    expect(row(page, "fxo-2/why")).to_have_text(
        "The line does not work: check its cable. — no battery: is the line plugged in?"
    )
    expect(row(page, "fxo-10").locator(".pill")).to_have_text("In call")
    expect(row(page, "e1-1").locator(".pill")).to_have_text("Not reported")
    keys = page.locator("#table-lines tbody tr:not(.note)").evaluate_all("rows => rows.map((row) => row.dataset.key)")
    assert keys == ["e1-1", "fxo-2", "fxo-10", "gsm-1", "gsm-2"]
    expect(page.locator("#services")).to_contain_text("PSTN gateway")
    pstn.stop()
    expect(page.locator("#bar")).to_contain_text("PSTN gateway is offline.")
    assert not problems
    page.close()


def test_four_spans_with_all_that_can_be_said_of_them_are_drawn_at_once(
    browser: Browser, floor: Floor, pstn: Bus
) -> None:
    page = browser.new_page(locale="en")
    for number in range(1, 5):
        scene.span(pstn, f"e1-{number}", busy={slot: CALLS[1] for slot in range(1, 31) if slot != 16})
    page.goto(floor.panel.url)
    expect(page.locator("#table-lines .channel")).to_have_count(120)
    fastest: float = page.evaluate(
        """() => Math.min(...Array.from({ length: 8 }, () => {
          const began = performance.now();
          document.querySelector('#table-lines .fold').click();
          document.body.offsetHeight; // lays the page out
          return performance.now() - began;
        }))"""
    )
    assert fastest < 150, f"{fastest:.0f} ms"
    page.close()
