"""Lines on the live page: their SIMs, what keeps these from calling, and all that is known of a line when opened."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.panel import scene
from tests.panel.browser import CHROMIUM
from tests.panel.test_browser import Floor, browser, floor, watch

__all__ = ["browser", "floor"]  # fixtures

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium isn't installed: apt-get install chromium")

CALLS = "calls_per_day: all 80 calls of today are used, until 2026-03-02 00:00"
RESTS = "cool_down: the SIM rests 30 s between calls, until 12:00:30"


ALARM = "asr_low: 31% of calls are answered, usual are 64%; call by hand"


def row(page: Page, line: str) -> Locator:
    return page.locator(f'#table-lines tr[data-key="{line}"]')


@pytest.mark.parametrize(
    ("language", "only_in", "blocked", "alarm", "unsure"),
    [
        (
            "en",
            "In only",
            "No outgoing calls: the calls of today are used up until",
            "Alarm: fewer calls are answered than usual; call by hand and look at the causes (31% ← 64%)",
            "unsure",
        ),
        (
            "ja",
            "着信のみ",
            "発信停止: 本日の発信数の上限に達しました",
            "警報: 応答率が通常より低下しています。手動で発信し、切断理由を確認してください (31% ← 64%)",
            "応答未確認",
        ),
    ],
)
def test_sims_in_both_languages(
    browser: Browser, floor: Floor, language: str, only_in: str, blocked: str, alarm: str, unsure: str
) -> None:
    page = browser.new_page(locale=language)
    problems = watch(page)
    page.goto(floor.panel.url)
    until = scene.ago(-7200)
    sim = scene.sim(1, label="drawer 1", balance="1200 JPY", blocked=CALLS, blocked_until=until)
    scene.line(floor.gsm, "gsm-1", sim=sim, recoveries=3, recovery="reopen: no answer to AT")
    scene.line(floor.gsm, "gsm-2", "active", sim=scene.sim(2, alarm=ALARM), answer="claimed")
    first, second = row(page, "gsm-1"), row(page, "gsm-2")
    expect(first.locator(".pill")).to_have_text(only_in)
    expect(first).to_contain_text("1200 JPY")
    expect(first).to_contain_text("drawer 1 · docomo")
    expect(first.locator(".recoveries")).to_contain_text("↻3")
    expect(first.locator(".recoveries")).to_have_attribute(
        "title", f"{recovered(language)}: 3 — reopen: no answer to AT"
    )
    expect(row(page, "gsm-1/blocked")).to_contain_text(blocked)
    expect(second.locator(".answer")).to_have_text(unsure)
    expect(row(page, "gsm-2/alarm")).to_contain_text(alarm)
    expect(page.locator("#tile-lines")).to_contain_text(f"{only_in} 1")
    expect(page.locator("#tile-lines .value")).to_have_text("2")  # it still takes calls
    assert not problems
    page.close()


def recovered(language: str) -> str:
    return {"en": "Recoveries", "ja": "復旧回数"}[language]


def test_a_line_is_opened_by_keyboard_and_keeps_the_focus(browser: Browser, floor: Floor) -> None:
    page = browser.new_page(locale="en")
    problems = watch(page)
    page.goto(floor.panel.url)
    known: dict[str, Any] = {"imei": "861234000000001", "imsi": "440100000000001", "model": "EC25"}
    scene.line(floor.gsm, "gsm-1", sim=scene.sim(1, used_seconds=4210), **known)
    button = page.get_by_role("button", name="gsm-1")
    expect(row(page, "gsm-1")).to_contain_text("SIM 1")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    more = row(page, "gsm-1/more")
    for text in ("EC25", "861234000000001", "440100000000001", "8981100000000000001", "1:10:10", "3290 JPY"):
        expect(more).to_contain_text(text)
    scene.line(floor.gsm, "gsm-1", "active", sim=scene.sim(1), answer="heard", **known)  # the row is drawn anew
    expect(row(page, "gsm-1").locator(".answer")).to_have_text("heard")
    expect(more).to_contain_text("Sound has come from the far end.")
    assert page.evaluate("document.activeElement.textContent") == "gsm-1"
    page.keyboard.press("Space")
    expect(more).to_have_count(0)
    button = page.get_by_role("button", name="gsm-2")  # a line that is only configured
    button.click()
    expect(row(page, "gsm-2/more")).to_contain_text("Nothing more is known of this line.")
    assert not problems
    page.close()


def test_a_sim_that_rests_for_a_moment_makes_no_remark(browser: Browser, floor: Floor) -> None:
    page = browser.new_page(locale="en")
    page.goto(floor.panel.url)
    scene.line(floor.gsm, "gsm-1", sim=scene.sim(1, blocked=RESTS, blocked_until=scene.ago(-30)))
    expect(row(page, "gsm-1").locator(".pill")).to_have_text("In only")
    expect(row(page, "gsm-1/blocked")).to_have_count(0)
    page.close()


def test_64_lines_with_all_that_can_be_said_of_them_are_drawn_at_once(browser: Browser, floor: Floor) -> None:
    page = browser.new_page(locale="en")
    for n in range(1, 65):
        sim = scene.sim(n, blocked=CALLS, blocked_until=scene.ago(-7200), alarm=ALARM)
        more = {"answer": "heard", "recoveries": n, "recovery": "reset: no answer to AT", "model": "EC25"}
        scene.line(floor.gsm, f"gsm-{n}", "active" if n % 2 else "idle", sim=sim, **more)
    page.goto(floor.panel.url)
    expect(page.locator("#table-lines .count")).to_have_text("64")
    assert page.locator("#table-lines *").count() < 64 * 40
    page.evaluate("document.querySelectorAll('#table-lines .fold').forEach((button) => button.click())")
    expect(page.locator("#table-lines .details")).to_have_count(64)
    fastest: float = page.evaluate(
        """() => Math.min(...Array.from({ length: 8 }, () => {
          const began = performance.now();
          document.querySelector('#table-lines .fold').click();
          document.body.offsetHeight; // lays the page out
          return performance.now() - began;
        }))"""
    )
    assert fastest < 150, f"{fastest:.0f} ms"  # 15 where nothing else runs
    page.close()
