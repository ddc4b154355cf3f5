"""Makes the product's prompts with espeak-ng and sox, and the music on hold: ``python -m image.prompts FOLDER``.

Each prompt is ``FOLDER/<language>/<name>.wav``: 8 kHz, mono, 16 bit, about -20 dBFS RMS. The same tools make the same
bytes. A stamp file names what was made of what; nothing is made again while it holds.
"""

from __future__ import annotations

import argparse
import array
import hashlib
import math
import shutil
import subprocess
import sys
import tempfile
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from image import prompt_music
from image.prompt_texts import TEXTS, TONES, VOICES

RATE = 8000  # samples a second
LEVEL = 32768 * 10 ** (-20 / 20)  # RMS
PEAK = 30000  # no sample beyond, whatever the level asks
VERSION = 1  # raise when the making changes, so that old prompts are made again
STAMP = ".made-of"


class PromptError(Exception):
    """A prompt could not be made; the message says what to install or look at."""


def required_prompts() -> list[str]:
    """Return the names every language must have, without ``.wav``."""
    return [*TEXTS["en"], *TONES, "music"]


def generate(folder: Path, languages: tuple[str, ...] = tuple(TEXTS)) -> list[str]:
    """Make what is missing or out of date under ``folder``; return the languages made (none: all were up to date).

    Raises PromptError when espeak-ng or sox are absent or fail.
    """
    return [language for language in languages if _generate_language(folder / language, language)]


def _generate_language(folder: Path, language: str) -> bool:
    stamp, wanted = folder / STAMP, _recipe(language)
    complete = all((folder / f"{name}.wav").is_file() for name in required_prompts())
    if complete and stamp.is_file() and stamp.read_text() == wanted:
        return False
    for tool in ("espeak-ng", "sox"):
        if shutil.which(tool) is None:
            raise PromptError(f"{tool} is not installed; run: apt-get install {tool}")
    folder.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda item: _speak(folder / f"{item[0]}.wav", item[1], language), TEXTS[language].items()))
    for name, notes in TONES.items():
        _write(folder / f"{name}.wav", [sample for hertz, seconds in notes for sample in _tone(hertz, seconds)])
    _write(folder / "music.wav", prompt_music.loop(RATE))
    stamp.write_text(wanted)
    return True


def _recipe(language: str) -> str:
    """A digest of all that decides the bytes."""
    tables = (VERSION, VOICES[language], TEXTS[language], TONES, Path(prompt_music.__file__).read_text())
    return hashlib.sha256(repr(tables).encode()).hexdigest() + "\n"


def _speak(path: Path, text: str, language: str) -> None:
    """Say a text: espeak-ng at its own rate, sox to the telephone's (``-R``: the same dither each time)."""
    voice, speed, pitch = VOICES[language]
    with tempfile.TemporaryDirectory() as folder:
        raw, phone = Path(folder, "raw.wav"), Path(folder, "phone.raw")
        _run(["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(raw), text])
        form = ["-r", str(RATE), "-b", "16", "-c", "1", "-e", "signed-integer", "-t", "raw"]
        trim = ["silence", "1", "0.01", "0.2%", "reverse", "silence", "1", "0.01", "0.2%", "reverse"]
        _run(["sox", "-R", str(raw), *form, str(phone), "gain", "-6", "sinc", "150-3600", *trim, "pad", "0.05", "0.1"])
        samples = array.array("h", phone.read_bytes())
    _write(path, [float(sample) for sample in samples])


def _tone(hertz: float, seconds: float) -> list[float]:
    """A sine with soft ends; 0 Hz is silence."""
    count, ramp = round(seconds * RATE), RATE // 200
    return [
        math.sin(2 * math.pi * hertz * i / RATE) * min(1.0, i / ramp, (count - i) / ramp) if hertz else 0.0
        for i in range(count)
    ]


def _write(path: Path, samples: list[float]) -> None:
    """Write at the common level; the file appears whole or not at all."""
    power = sum(sample * sample for sample in samples) / max(1, len(samples))
    if not power:
        raise PromptError(f"{path.name}: espeak-ng made no sound; try: espeak-ng --voices")
    gain = LEVEL / math.sqrt(power)
    data = array.array("h", (round(max(-PEAK, min(PEAK, sample * gain))) for sample in samples))
    if sys.byteorder == "big":
        data.byteswap()
    part = path.with_suffix(".part")
    with wave.open(str(part), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(data.tobytes())
    part.replace(path)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise PromptError(f"{command[0]} failed: {done.stderr.strip() or done.returncode}")


def main() -> int:
    """Make the prompts; exit status 1 with one line when that cannot be."""
    parser = argparse.ArgumentParser(
        prog="python -m image.prompts", description="Make the spoken prompts and the music on hold."
    )
    parser.add_argument("folder", type=Path)
    try:
        made = generate(parser.parse_args().folder)
    except PromptError as error:
        print(f"prompts: {error}", file=sys.stderr)
        return 1
    print(f"prompts: {'made ' + ' '.join(made) if made else 'up to date'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
