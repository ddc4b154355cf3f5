from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from appliance.panel import create_app
from appliance.panel.live import Live
from appliance.settings import Settings
from appliance.settings_sections import PanelSettings
from appliance.store import open_store
from tests.panel.events import events


@pytest.mark.parametrize(
    ("query", "cookie", "wish", "language"),
    [
        ("", None, None, "en"),
        ("", None, "ja,en;q=0.5", "ja"),
        ("", None, "fr", "en"),
        ("", "ja", "en", "ja"),
        ("?lang=en", "ja", "ja", "en"),
        ("?lang=xx", "yy", "ja", "ja"),
    ],
)
def test_language_by_query_cookie_browser_site(
    client: FlaskClient, query: str, cookie: str | None, wish: str | None, language: str
) -> None:
    if cookie:
        client.set_cookie("callfloor_language", cookie)
    answer = client.get(f"/{query}", headers={"Accept-Language": wish} if wish else {})
    assert f'<html lang="{language}">' in answer.text
    assert ("オペレーター" in answer.text) is (language == "ja")
    assert "Cookie" in answer.headers["Vary"]


def test_a_chosen_language_is_kept(client: FlaskClient) -> None:
    client.get("/?lang=ja")
    assert '<html lang="ja">' in client.get("/").text
    kept = client.get("/?lang=ja").headers["Set-Cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept


def test_the_page_loads_nothing_from_outside_and_carries_no_inline_code(client: FlaskClient) -> None:
    page = client.get("/").text
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    assert not re.search(r"\son\w+=|style=|<style", page)
    assert re.findall(r"<script(?! type=\"application/json\")[^>]*>", page) == [
        '<script type="module" src="/static/floor.js">'
    ]
    assert page.count("<caption>") == page.count("<table") == 6
    assert page.count('role="status"') == 2


def test_words_for_the_script_can_not_end_it(client: FlaskClient) -> None:
    page = client.get("/?lang=ja").text
    found = re.search(r'<script type="application/json" id="setup">(.*?)</script>', page, re.DOTALL)
    assert found
    setup = json.loads(found[1])
    assert setup["timezone"] == "Asia/Tokyo"
    assert setup["words"]["agent.paused"] == "離席"
    assert "<" not in found[1]


@pytest.mark.parametrize("address", ["/", "/healthz", "/static/panel.css", "/nothing", "/recordings/x"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, address: str) -> None:
    headers = client.get(address, headers={"Origin": "http://stranger.example"}, buffered=True).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert not [name for name in headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118


@pytest.mark.parametrize("host", ["stranger.example", "localhost.stranger.example", "10.1.2.3", "", "a b", "[::2]:80"])
@pytest.mark.parametrize("address", ["/", "/stream", "/healthz", "/static/panel.css", "/recordings/x"])
def test_a_strangers_host_name_is_refused(client: FlaskClient, host: str, address: str) -> None:
    assert client.get(address, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1", socket.gethostname()])
def test_its_own_names_are_accepted(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_the_address_it_listens_on_is_accepted(live: Live, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'callfloor.db'}")
    app = create_app(Settings(panel=PanelSettings(host="10.1.2.3")), store, live)
    assert app.test_client().get("/healthz", headers={"Host": "10.1.2.3:8080"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/", "/stream", "/healthz"])
def test_nothing_can_be_changed(client: FlaskClient, method: str, address: str) -> None:
    assert client.open(address, method=method).status_code == 405


def test_an_unknown_page_is_a_clean_404_in_the_readers_language(client: FlaskClient) -> None:
    answer = client.get("/nothing?lang=ja")
    assert answer.status_code == 404
    assert "見つかりません" in answer.text


def test_health_says_what_is_away(client: FlaskClient, live: Live) -> None:
    assert client.get("/healthz").json is not None
    health = client.get("/healthz").json or {}
    assert (health["status"], health["bus"], health["database"], health["streams"]) == ("degraded", False, False, 0)
    live.bus_is(True)
    live.ledger_is({})
    assert (client.get("/healthz").json or {})["status"] == "ok"


def test_the_stream_opens_with_the_snapshot_and_gives_its_place_back(client: FlaskClient, live: Live) -> None:
    answer = client.get("/stream")
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    feed = events(answer.iter_encoded())
    first = {next(feed)[0], next(feed)[0]}
    assert first == {"snapshot", "beat"}
    live.bus_is(True)
    event, data = next(feed)
    assert (event, data["bus"]) == ("sources", True)
    assert live.streams() == 1
    live.close()
    assert next(feed)[0] == "reconnect"
    answer.close()
    assert live.streams() == 0


def test_streams_beyond_the_limit_are_refused(client: FlaskClient, live: Live) -> None:
    answers = [client.get("/stream") for _ in range(3)]
    refused = client.get("/stream")
    assert refused.status_code == 503
    assert "Retry-After" in refused.headers
    for answer in answers:
        answer.close()
    assert live.streams() == 0


def test_a_head_request_keeps_no_place(client: FlaskClient, live: Live) -> None:
    client.head("/stream").close()
    assert live.streams() == 0
