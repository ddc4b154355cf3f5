"""The prompts: complete, in the right form and level, the same each time, and not made twice."""

from __future__ import annotations

import time
import wave
from pathlib import Path

import pytest

from appliance.prompt_names import REQUIRED_PROMPTS
from image import prompts
from tests.call_path.site import MENU
from tests.measure import wav

USED_BY_THE_CORE = {
    "welcome", "invalid", "goodbye", "music", "you-are-number", "in-queue", "n20-plus", "no-agent", "line-busy",
    "agent-logged-in", "agent-logged-out", "agent-paused", "agent-unpaused", "wrong-code", "caller-gone",
    *(f"n{number}" for number in range(1, 21)),
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    assert prompts.generate(folder) == ["en", "ja"]
    return folder


def test_all_that_is_played_is_there() -> None:
    menu = MENU["steps"]["menu"]
    wanted = USED_BY_THE_CORE | {menu["prompt"], menu["invalid_prompt"], *REQUIRED_PROMPTS}
    assert wanted <= set(prompts.required_prompts())


@pytest.mark.parametrize("language", ["en", "ja"])
def test_form_and_level(made: Path, language: str) -> None:
    for name in prompts.required_prompts():
        path = made / language / f"{name}.wav"
        with wave.open(str(path)) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000), name
        samples = wav.read(path)[0][0]
        assert wav.level_dbfs(samples) == pytest.approx(-20, abs=0.5), name
        assert 0.2 * 8000 < len(samples) < 31 * 8000, name


def test_music_is_a_loop_of_some_length(made: Path) -> None:
    music = wav.read(made / "en" / "music.wav")[0][0].astype(int)
    assert 20 <= len(music) / 8000 <= 30
    steps = abs(music[1:] - music[:-1])
    assert abs(music[0] - music[-1]) <= steps.max()  # no click where it begins again


def test_a_second_time_makes_nothing_and_takes_no_time(made: Path) -> None:
    began = time.monotonic()
    assert prompts.generate(made) == []
    assert time.monotonic() - began < 0.5


def test_a_missing_prompt_is_made_again_with_the_same_bytes(made: Path) -> None:
    path = made / "ja" / "welcome.wav"
    before = path.read_bytes()
    path.unlink()
    assert prompts.generate(made) == ["ja"]
    assert path.read_bytes() == before
