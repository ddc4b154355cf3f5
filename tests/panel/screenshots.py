"""Makes the pictures of docs/operator.md: ``python -m tests.panel.screenshots FOLDER`` (needs pngquant)."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser

from appliance.bus import Bus
from appliance.store import Store, open_store
from tests.bus.broker import Broker
from tests.panel import scene
from tests.panel.browser import chromium
from tests.panel.running import RunningPanel

NAMES = {
    "en": {"support": "Support", "sales": "Sales", "agent": "Agent", "lunch": "Lunch", "training": "Training"},
    "ja": {"support": "サポート", "sales": "営業", "agent": "担当", "lunch": "昼休み", "training": "研修"},
}
LOOKS: tuple[tuple[str, int, Literal["light", "dark"]], ...] = (("", 1920, "light"),)
OPERATORS = ("NTT DOCOMO", "KDDI", "SoftBank", "Rakuten")
SIMS: dict[int, dict[str, Any]] = {
    4: {"blocked": "calls_per_day: all 80 calls of today are used", "blocked_until": scene.ago(-4 * 3600)},
    3: {"alarm": "asr_low: 31% of calls are answered, usual are 64%; look at the numbers that are called"},
}


def main(folder: Path) -> None:
    """Take one picture in each language at the size of a TV."""
    with chromium() as browser:
        for language in NAMES:
            with tempfile.TemporaryDirectory() as directory:
                picture(browser, Path(directory), language, folder)


def picture(browser: Browser, directory: Path, language: str, folder: Path) -> None:
    """Start broker, store and panel with a busy floor, and take the pictures."""
    broker = Broker(directory)
    store = open_store(f"sqlite:///{directory / 'callfloor.db'}")
    store.migrate()
    panel = RunningPanel(directory, broker, f"sqlite:///{directory / 'callfloor.db'}", language, "Asia/Tokyo")
    try:
        history(store, panel.recordings, NAMES[language])
        panel.wait()
        floor(broker.bus("pbx"), broker.bus("gsm"), NAMES[language])
        telephone_lines(broker.bus("pstn"))
        for name, width, scheme in LOOKS:
            page = browser.new_page(
                viewport={"width": width, "height": 1080}, locale=language, color_scheme=scheme, device_scale_factor=1
            )
            page.goto(panel.url)
            page.wait_for_selector("#table-last .play")
            page.wait_for_selector(".feed-state.live")
            page.wait_for_timeout(1500)
            file = folder / f"panel-{language}{name}.png"
            page.screenshot(path=file, full_page=width < 1900)
            page.close()
            subprocess.run(["pngquant", "--force", "--ext", ".png", "64", str(file)], check=True)
    finally:
        panel.stop()
        store.close()
        broker.close()


def floor(pbx: Bus, gsm: Bus, names: dict[str, str]) -> None:
    """A busy moment: callers past each threshold, agents in each state, lines in and out of service."""
    for n in range(1, 9):
        more: dict[str, Any] = {
            "number": f"+8180123456{n:02d}",
            "operator": OPERATORS[n % 4],
            "signal_dbm": -57 - 7 * n,
        }
        sim = scene.sim(n, carrier=OPERATORS[n % 4].lower().replace(" ", "-"), **SIMS.get(n, {}))
        doing: scene.LineState = "active" if n in (1, 2, 3, 5) else "idle"
        answer = {1: "heard", 2: "heard", 3: "heard", 5: "claimed"}.get(n)
        more |= {"model": "EC25", "imei": f"8612340000000{n:02d}", "sim": sim, "answer": answer}
        if n == 2:
            more |= {"recoveries": 3, "recovery": "reopen: no answer to AT"}
        scene.line(gsm, f"gsm-{n}", doing, since=scene.ago(40 * n), **more)
    scene.line(gsm, "gsm-6", "sim-missing", operator=None, signal_dbm=None, number=None, since=scene.ago(5400))
    scene.line(gsm, "gsm-8", "searching", operator=None, signal_dbm=-111, number="+818012345608", since=scene.ago(95))
    scene.queue(pbx, "support", names["support"], [318, 74, 21, 4], logged_in=7, available=0)
    scene.queue(pbx, "sales", names["sales"], [33], logged_in=4, available=2)
    calls = [
        scene.call(pbx, 412, line="gsm-1", did="+818012345601", queue="support", agent="2001", caller="+819011112222"),
        scene.call(pbx, 95, line="gsm-2", did="+818012345602", queue="support", agent="2002", caller=None),
        scene.call(pbx, 58, line="gsm-3", did="+818012345603", queue="sales", agent="2003", caller="+81312345678"),
        scene.call(pbx, 11, line="gsm-5", did="+815031234567", direction="outbound", agent="2004", caller="104"),
        scene.call(pbx, 9, line="gsm-7", did="+818012345607", queue="sales", state="offering", caller="+815012345678"),
        scene.call(pbx, 3, line="gsm-4", did="+818012345604", state="ivr", caller="+66812345678"),
    ]
    states = [
        ("on-call", 408, calls[0], None), ("on-call", 91, calls[1], None), ("on-call", 50, calls[2], None),
        ("on-call", 11, calls[3], None), ("ringing", 5, calls[4], None), ("available", 37, None, None),
        ("available", 214, None, None), ("wrap-up", 8, None, None), ("paused", 1260, None, names["lunch"]),
        ("paused", 3120, None, names["training"]), ("available", 612, None, None),
        ("logged-out", 9000, None, None), ("logged-out", 12000, None, None),
    ]  # fmt: skip
    for n, (state, seconds, call, reason) in enumerate(states, 1):
        name, extension = f"{names['agent']} {n:02d}", f"1{n:02d}" if state != "logged-out" else None
        scene.agent(pbx, f"20{n:02d}", name, state, seconds, call=call, reason=reason, extension=extension)


def telephone_lines(pstn: Bus) -> None:
    """A span with calls, one in alarm, and FXO ports."""
    chance = random.Random(3)
    slots = chance.sample([slot for slot in range(1, 32) if slot != 16], 11)
    busy: dict[int, dict[str, Any]] = {
        slot: {"state": "active", "caller": f"+8190{chance.randrange(10**7, 10**8)}"} for slot in slots
    }
    busy[slots[0]], busy[slots[1]] = {"state": "incoming", "caller": "+819055551234"}, {"state": "alerting"}
    scene.span(pstn, "e1-1", busy=busy)
    why = "no signal comes on the span: check its cable"
    scene.span(pstn, "e1-2", "alarm", out=why, alarms=["red"], since=scene.ago(340), drops=1)
    scene.port(pstn, "fxo-1", number="+81312345690")
    scene.port(pstn, "fxo-2", "fault", number="+81312345691", reason="no battery: is the line plugged in?")


def history(store: Store, recordings: Path, names: dict[str, str]) -> None:
    """A day of calls in the ledger."""
    agents = {f"20{n:02d}": f"{names['agent']} {n:02d}" for n in range(1, 14)}
    scene.configure(store, {name: names[name] for name in ("support", "sales")}, agents, lines=8)
    chance = random.Random(7)
    for n in range(160):
        abandoned = chance.random() < 0.11
        more = {
            "queue": chance.choice(["support", "support", "sales"]),
            "caller": None if chance.random() < 0.1 else f"+8190{chance.randrange(10**7, 10**8)}",
            "did": f"+8180123456{chance.randint(1, 8):02d}",
            "ended_by": "caller" if abandoned else chance.choice(["caller", "caller", "agent"]),
        }
        more |= {} if abandoned else {"agent": f"20{chance.randint(1, 11):02d}"}
        wait, talk = chance.expovariate(1 / 14), None if abandoned else 30 + chance.expovariate(1 / 90)
        call = scene.ended_call(store, 30 + wait + (talk or 0) + 55 * n, wait, talk, **more)
        if talk is not None and n < 40:
            scene.recording(store, recordings, call, seconds=talk)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
