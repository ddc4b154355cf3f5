"""The live page in Debian's Chromium: what a floor manager sees and hears of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from appliance.bus import Bus
from appliance.store import Store, open_store
from appliance.store.models import Base
from tests.bus.broker import Broker, eventually
from tests.panel import scene
from tests.panel.browser import CHROMIUM, chromium
from tests.panel.running import RunningPanel

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium isn't installed: apt-get install chromium")
expect.set_options(timeout=8000)


@dataclass
class Floor:
    """Everything the page looks at."""

    panel: RunningPanel
    broker: Broker
    store: Store
    pbx: Bus
    gsm: Bus


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def floor(tmp_path: Path, broker: Broker) -> Iterator[Floor]:
    with running_floor(tmp_path, broker) as running:
        yield running


@contextmanager
def running_floor(tmp_path: Path, broker: Broker, *more: Base) -> Iterator[Floor]:
    """The panel on a store with a queue, an agent, two GSM lines and ``more``.

    All rows are there before it starts, for it reads what is configured seldom."""
    url = f"sqlite:///{tmp_path / 'callfloor.db'}"
    store = open_store(url)
    store.migrate()
    scene.configure(store, {"support": "Support"}, {"2001": "A"}, lines=2)
    with store.session() as session:
        session.add_all(more)
    panel = RunningPanel(tmp_path, broker, url, zone="Asia/Tokyo")
    try:
        panel.wait()
        yield Floor(panel, broker, store, broker.bus("pbx"), broker.bus("gsm"))
    finally:
        panel.stop()
        store.close()


def seconds(text: str) -> int:
    minutes, rest = text.split(":")
    return int(minutes) * 60 + int(rest)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_lines_and_waiting_callers_in_both_languages(browser: Browser, floor: Floor, language: str) -> None:
    state, paused, silent = {"en": ("Idle", "Paused", "Not reported"), "ja": ("空き", "離席", "報告なし")}[language]
    page = browser.new_page(locale=language, timezone_id="America/New_York")
    problems = watch(page)
    page.goto(floor.panel.url)
    scene.line(floor.gsm, "gsm-1")
    scene.queue(floor.pbx, "support", "Support", [58.0], logged_in=1)
    scene.agent(floor.pbx, "2001", "A", "paused", 20, reason="Lunch", extension="101")
    row = page.locator("#table-lines tr", has_text="gsm-1")
    expect(row).to_contain_text("080-1234-5678")
    expect(row.locator(".pill")).to_have_text(state)
    expect(row.locator(".lit")).to_have_count(5)
    expect(page.locator("#table-lines tr", has_text="gsm-2").first).to_contain_text(silent)
    expect(page.locator("#table-agents")).to_contain_text(f"{paused}Lunch")
    waited = page.locator("#table-waiting [data-levels]")
    first = seconds(waited.inner_text())
    assert 58 <= first <= 70
    page.wait_for_timeout(2200)
    assert first + 1 <= seconds(waited.inner_text()) <= first + 5
    expect(waited).to_have_attribute("data-level", "2")  # over a minute
    expect(page.locator("#announce")).not_to_be_empty()
    expect(page.locator(".feed-state.live")).to_be_visible()
    expect(page.locator("#bar")).to_be_empty()
    assert page.locator("html").get_attribute("lang") == language
    assert not problems
    page.close()


def test_the_bar_when_the_bus_or_a_service_is_gone_and_back(browser: Browser, floor: Floor) -> None:
    page = browser.new_page(locale="en")
    page.goto(floor.panel.url)
    bar = page.locator("#bar")
    scene.line(floor.gsm, "gsm-1")
    expect(page.locator(".feed-state.live")).to_be_visible()
    expect(bar).to_be_hidden()
    floor.broker.kill()
    expect(bar).to_contain_text("Not live: The message bus is away")
    expect(bar).to_have_css("background-color", "rgb(201, 37, 31)")
    expect(page.locator("#table-lines")).to_contain_text("gsm-1")
    floor.broker.start()
    expect(bar).to_be_empty(timeout=15000)
    floor.gsm.stop()
    expect(bar).to_contain_text("GSM gateway is offline")
    page.close()


def test_the_bar_when_the_panel_is_gone_and_back(browser: Browser, floor: Floor, tmp_path: Path) -> None:
    page = browser.new_page(locale="en")
    page.clock.install()
    page.goto(floor.panel.url)
    expect(page.locator(".feed-state.live")).to_be_visible()
    floor.panel.stop()
    page.clock.run_for(20_000)
    expect(page.locator("#bar")).to_contain_text("No news from the panel")
    floor.panel.start()
    floor.panel.wait()
    for _ in range(20):  # the browser asks again by itself
        page.wait_for_timeout(250)
        page.clock.run_for(1000)
        if "live" in (page.locator("#feed-state").get_attribute("class") or "").split():
            break
    expect(page.locator("#bar")).to_be_empty()
    page.close()


def test_the_last_calls_and_their_player(browser: Browser, floor: Floor) -> None:
    page = browser.new_page(locale="en")
    problems = watch(page)
    page.goto(floor.panel.url)
    expect(page.locator("#table-last")).to_contain_text("No call yet")
    call_id = scene.call(floor.pbx, 30, queue="support", agent="2001")
    expect(page.locator("#table-calls")).to_contain_text("080-9876-5432")
    ended = scene.ended_call(floor.store, 40, talk=20)
    scene.recording(floor.store, floor.panel.recordings, ended)
    floor.pbx.publish(f"callfloor/call/{call_id}", None, retain=True)
    button = page.get_by_role("button", name="Play the recording of 080-9876-5432")
    expect(button).to_be_visible()
    expect(page.locator("#table-calls")).to_contain_text("No call in progress")
    expect(page.locator("#tile-rate .value")).to_have_text("100%")
    button.focus()
    page.keyboard.press("Enter")
    assert eventually(lambda: bool(page.evaluate("document.getElementById('audio').duration === 1")))
    scene.ended_call(floor.store, 20, talk=5)  # a new row above does not take the focus away
    floor.pbx.publish("callfloor/call/x", None, retain=True)
    scene.call(floor.pbx, 1)
    expect(page.locator("#table-last tbody tr")).to_have_count(2, timeout=20000)
    assert page.evaluate("document.activeElement.classList.contains('play')")
    assert not problems
    page.close()


def watch(page: Page) -> list[str]:
    """Collect what the browser complains of: script errors, policy violations, requests that failed."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    return problems
