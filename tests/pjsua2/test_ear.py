"""What a PcmPort hears from a line: voices, and digits."""

from itertools import product
from pathlib import Path
from typing import Any

from tests.pjsua2 import dtmf, sounds
from tests.pjsua2.scripts import run_script

DIGITS = "".join(dtmf.KEYS)
ENOUGH = 15
"""Frames that tell a voice: `gateways.callwatch.VOICE_FRAMES`."""
LONG_TEXT = 6
"""Minutes of speech, at least, in which no digit may be heard."""


def hear(folder: Path, heard: dict[str, bytes]) -> dict[str, Any]:
    """Name -> {"digits": …, "voice": frames}."""
    files = {str(folder / f"{number}.pcm"): name for number, name in enumerate(heard)}
    for path, name in files.items():
        Path(path).write_bytes(heard[name])
    found = run_script("run_ear", *files, seconds=90)
    return {name: found[path] for path, name in files.items()}


def test_speech_is_a_voice_also_quiet_and_on_a_noisy_line(tmp_path: Path) -> None:
    spoken = {voice: sounds.speak(voice, text) for voice, text in sounds.VOICES}
    spoken["quiet"] = sounds.speak("en-us", sounds.ENGLISH, -35)
    noisy = sounds.speak("en-us+f3", sounds.ENGLISH)
    spoken["noisy"] = noisy + sounds.noise(len(noisy) / sounds.RATE, -32)
    spoken |= {f"{name} (GSM)": sounds.through_gsm(sound) for name, sound in spoken.items()}

    found = hear(tmp_path, {name: sounds.pcm(sound) for name, sound in spoken.items()})

    assert {name: one["voice"] for name, one in found.items() if one["voice"] < ENOUGH} == {}


def test_what_a_network_makes_by_itself_is_no_voice(tmp_path: Path) -> None:
    made = sounds.not_voices()
    made |= {f"{name} (GSM)": sounds.through_gsm(sound) for name, sound in made.items()}
    heard = {name: sounds.pcm(sound) for name, sound in made.items()}
    heard["DTMF"] = dtmf.dial(DIGITS * 3, ms=50)

    found = hear(tmp_path, heard)

    assert {name: one["voice"] for name, one in found.items() if one["voice"]} == {}


def test_all_digits_at_all_levels_with_twist_either_way(tmp_path: Path) -> None:
    levels = list(product((-6, -15, -25), (-6, 0, 6)))
    heard = {
        f"{level} dBm0, twist {twist}": dtmf.dial(DIGITS, level - max(twist, 0), level + min(twist, 0), 50)
        for level, twist in levels
    }

    found = hear(tmp_path, heard)

    assert {name: one["digits"] for name, one in found.items()} == dict.fromkeys(heard, DIGITS)


def test_no_digit_is_heard_in_minutes_of_speech(tmp_path: Path) -> None:
    heard = {voice: sounds.pcm(sounds.speak(voice, text * 10, -12)) for voice, text in sounds.VOICES}
    assert sum(map(len, heard.values())) > LONG_TEXT * 60 * 2 * sounds.RATE

    found = hear(tmp_path, heard)

    assert {name: one["digits"] for name, one in found.items()} == dict.fromkeys(heard, "")
