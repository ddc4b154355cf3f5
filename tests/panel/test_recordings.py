from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from appliance.panel import create_app
from appliance.panel.live import Live
from appliance.settings import Settings
from appliance.store import Store, open_store
from appliance.store.models import new_id
from tests.panel import scene


@pytest.fixture
def call(store: Store) -> str:
    return scene.ended_call(store, 60, queue=None)


def test_the_whole_file(client: FlaskClient, store: Store, settings: Settings, call: str) -> None:
    recording = scene.recording(store, settings.paths.recordings, call)
    answer = client.get(f"/recordings/{recording}", buffered=True)
    assert answer.status_code == 200
    assert answer.mimetype == "audio/wav"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "private" in answer.headers["Cache-Control"]
    assert answer.data == (settings.paths.recordings / f"{call}.wav").read_bytes()
    assert len(answer.data) == 44 + 32000


@pytest.mark.parametrize(
    ("wanted", "first", "last"), [("0-43", 0, 43), ("32000-", 32000, 32043), ("-4", 32040, 32043), ("9-9", 9, 9)]
)
def test_a_part(
    client: FlaskClient, store: Store, settings: Settings, call: str, wanted: str, first: int, last: int
) -> None:
    recording = scene.recording(store, settings.paths.recordings, call)
    answer = client.get(f"/recordings/{recording}", headers={"Range": f"bytes={wanted}"}, buffered=True)
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/32044"
    assert answer.data == (settings.paths.recordings / f"{call}.wav").read_bytes()[first : last + 1]


def test_a_part_beyond_the_end(client: FlaskClient, store: Store, settings: Settings, call: str) -> None:
    recording = scene.recording(store, settings.paths.recordings, call)
    assert client.get(f"/recordings/{recording}", headers={"Range": "bytes=40000-"}).status_code == 416


def test_in_a_subfolder_and_interrupted(client: FlaskClient, store: Store, settings: Settings, call: str) -> None:
    scene.tone(settings.paths.recordings / "2026" / "05" / "a.wav")
    recording = scene.recording(store, settings.paths.recordings, call, path="2026/05/a.wav", state="interrupted")
    assert client.get(f"/recordings/{recording}", buffered=True).status_code == 200


@pytest.mark.parametrize(
    "path", ["../secret.wav", "a/../../secret.wav", "{state}/secret.wav", "link.wav", "way/secret.wav"]
)
def test_nothing_outside_the_folder(
    client: FlaskClient, store: Store, settings: Settings, call: str, path: str
) -> None:
    folder = settings.paths.recordings
    scene.tone(settings.paths.state / "secret.wav")
    folder.mkdir()
    (folder / "link.wav").symlink_to(settings.paths.state / "secret.wav")
    (folder / "way").symlink_to(settings.paths.state)
    recording = scene.recording(store, folder, call, path=path.format(state=settings.paths.state))
    answer = client.get(f"/recordings/{recording}")
    assert answer.status_code == 404
    assert b"RIFF" not in answer.data


@pytest.mark.parametrize("path", ["gone.wav", "", ".", "loop.wav", "x" * 300 + ".wav"])
def test_no_such_file(client: FlaskClient, store: Store, settings: Settings, call: str, path: str) -> None:
    folder = settings.paths.recordings
    folder.mkdir()
    (folder / "loop.wav").symlink_to("loop.wav")
    recording = scene.recording(store, folder, call, path=path or ".")
    assert client.get(f"/recordings/{recording}").status_code == 404


@pytest.mark.parametrize("state", ["open", "missing"])
def test_an_unfinished_one_is_not_offered(
    client: FlaskClient, store: Store, settings: Settings, call: str, state: str
) -> None:
    recording = scene.recording(store, settings.paths.recordings, call, state=state)
    assert client.get(f"/recordings/{recording}").status_code == 404


@pytest.mark.parametrize("name", [new_id(), "x", "../secret.wav", "%2e%2e%2fsecret.wav"])
def test_an_unknown_one(client: FlaskClient, name: str) -> None:
    assert client.get(f"/recordings/{name}").status_code == 404


def test_an_absent_database_is_503(live: Live, settings: Settings, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'absent.db'}")
    client = create_app(settings, store, live).test_client()
    assert client.get(f"/recordings/{new_id()}").status_code == 503
