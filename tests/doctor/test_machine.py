"""What the doctor says of the machine and of Debian's programs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.doctor import machine
from appliance.doctor.programs import Program, program

GIB = 1 << 30


def test_python() -> None:
    assert machine.python().state == "ok"
    old = machine.python((3, 9, 2))
    assert (old.state, old.text) == ("fail", "3.9.2")
    assert "3.11" in old.advice


@pytest.mark.parametrize(("available", "state"), [(GIB // 8, "fail"), (GIB // 2, "warn"), (8 * GIB, "ok")])
def test_memory(available: int, state: str) -> None:
    assert machine.memory(available).state == state


@pytest.mark.parametrize(
    ("year", "synchronised", "state"),
    [(1970, True, "fail"), (2026, False, "warn"), (2026, True, "ok"), (2170, True, "fail")],
)
def test_the_clock(year: int, synchronised: bool, state: str) -> None:
    finding = machine.clock(datetime(year, 8, 1, tzinfo=UTC), synchronised)
    assert finding.state == state
    assert bool(finding.advice) == (state != "ok")


def test_the_kernel_answers_about_its_clock() -> None:
    assert machine.clock_synchronised() in (True, False)
    assert machine.clock().state in ("ok", "warn")


@pytest.mark.parametrize(
    ("free", "state", "hours"), [(GIB // 2, "fail", 5), (5 * GIB, "warn", 47), (115_200_000_000, "ok", 1000)]
)
def test_the_disk_is_told_in_hours_of_recording(tmp_path: Path, free: int, state: str, hours: int) -> None:
    finding = machine.disk("disk", tmp_path, free)
    assert finding.state == state
    assert f"{hours} hours of recorded calls" in finding.text


def test_a_missing_folder_and_a_file_in_its_place(tmp_path: Path) -> None:
    assert machine.disk("disk", tmp_path / "none").state == "fail"
    (tmp_path / "file").touch()
    assert machine.disk("disk", tmp_path / "file").state == "fail"
    assert machine.disk("disk", tmp_path).text.endswith("hours of recorded calls")


def test_sound_cards_are_named_and_none_is_well(tmp_path: Path) -> None:
    cards = tmp_path / "cards"
    cards.write_text(" 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA Intel PCH at 0xf7\n")
    assert machine.sound(cards).text == "HDA-Intel - HDA Intel PCH"
    cards.write_text("--- no soundcards ---\n")
    assert machine.sound(cards).state == "ok"
    assert machine.sound(tmp_path / "none").text.startswith("no sound card")


def script(folder: Path, text: str) -> Program:
    file = folder / "phone"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return Program(str(file), ("-V",), "phone", (5, 6))


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ('echo "version: phone 5.6.3 (x86_64/linux)"', "ok"),
        ('echo "phone 5.7" >&2; exit 3', "ok"),
        ('echo "phone 5.5.9"', "fail"),
        ('echo "phone"', "fail"),
    ],
)
def test_a_program_is_asked_for_its_version(tmp_path: Path, text: str, state: str) -> None:
    assert program(script(tmp_path, text)).state == state


def test_a_missing_program_is_a_fail_unless_only_the_tests_want_it(tmp_path: Path) -> None:
    missing = program(Program("no-such-program", ("-V",), "phone", (1, 0)))
    assert (missing.state, missing.advice) == ("fail", "`apt install phone`")
    assert program(Program("no-such-program", ("-V",), "phone", (1, 0), needed=False)).state == "warn"
    (tmp_path / "phone").write_text("#!/no/such/interpreter\n")
    (tmp_path / "phone").chmod(0o755)
    assert "doesn't run" in program(Program(str(tmp_path / "phone"), (), "phone", (1, 0))).text
