import os
import subprocess
import wave
from pathlib import Path

from tests.pjsua2.endpoint import noise_frames, split_frames
from tests.pjsua2.scripts import ROOT, command, run_script

HERE = Path(__file__).parent
HEADER = 44


def read_channels(path: Path) -> tuple[bytes, bytes]:
    with wave.open(str(path)) as recording:
        assert (recording.getnchannels(), recording.getsampwidth(), recording.getframerate()) == (2, 2, 8000)
        pcm = memoryview(recording.readframes(recording.getnframes())).cast("h")
    return pcm[::2].tobytes(), pcm[1::2].tobytes()


def test_both_channels_are_bit_exact_and_aligned(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"

    found = run_script("run_recorder", "channels", path)

    left, right = read_channels(path)
    assert split_frames(left) == noise_frames(50, 1) + noise_frames(30, 3)
    assert split_frames(right) == noise_frames(50, 2) + noise_frames(30, 3)
    both = noise_frames(30, 3)[0]
    assert left.index(both) == right.index(both)
    assert not found["failed"]
    assert found["lost"] == 0
    assert found["seconds"] == found["after_close"] == found["again"] == len(left) / 16000
    assert path.stat().st_size == HEADER + 2 * len(left)
    assert found["ports"] == 3  # the null device and the two lines


def test_a_killed_recorder_leaves_a_playable_file(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    with subprocess.Popen(
        command("run_recorder", "forever", path), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as script:
        assert script.stdout
        said = 0.0
        for line in script.stdout:
            said = float(line) if line[:1].isdigit() and ":" not in line else 0.0
            if said >= 2.3:
                break
        script.kill()

    left, _ = read_channels(path)
    assert said - 1 <= len(left) / 16000 <= said + 0.5


def test_a_refused_write_ends_the_file_but_not_the_call(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"

    found = run_script("run_recorder", "full_disk", path)

    left, _ = read_channels(path)
    assert found["failed"]
    assert found["error"] == os.strerror(27)  # EFBIG
    assert found["seconds"] > 1.7
    assert found["lost"] > 20
    assert len(left) == (40_000 - HEADER) // 4 * 2
    assert path.stat().st_size == HEADER + 2 * len(left)


def test_a_stalled_disk_costs_only_what_does_not_fit_the_queue(tmp_path: Path) -> None:
    path, shim = tmp_path / "call.wav", tmp_path / "stall.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", shim, HERE / "stall.c", "-ldl"], check=True)
    stalling = {**os.environ, "LD_PRELOAD": str(shim), "STALL_WHILE": str(tmp_path / "stalled")}

    found = run_script("run_recorder", "stalled_disk", path, env=stalling)

    left, _ = read_channels(path)
    frames = [left[at] | left[at + 1] << 8 for at in range(0, len(left), 320)]
    starts = {place - number for place, number in enumerate(frames) if number}
    assert 50 < found["lost"] < 150
    assert not found["failed"]
    assert found["seconds"] == len(frames) / 50
    assert max(frames) == 400
    # Frames before and after the gap stand where they were heard; the few shifts are late frames of a busy machine.
    assert max(starts) - min(starts) <= 5
